from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pqrnn_tf.runtime import load
from pqrnn_tf.runtime.metadata import read_model
from pqrnn_tf.tasks.training import build_model
from recipes.recovered_weights import equal_parses, read_products, recover
from tests.tiny_models import DEV, TINY, TRAIN

HEADS = ("intent", "pooling", "slots", "slots, pooled", "nested", "nested, pooled")


@pytest.fixture(scope="module")
def recovered(tiny):
    return recover(tiny[2], TINY, [row.text for row in TRAIN[:100]])


def test_a_recovered_model_parses_as_the_file_does(tiny, recovered):
    texts, parser = [row.text for row in DEV], load(tiny[2])
    theirs = [parser(text).tree for text in texts]
    assert [parse.tree for parse in recovered.predict(texts)] == theirs
    fresh = build_model(TINY, recovered.labels).predict(texts)
    assert [parse.tree for parse in fresh] != theirs


@pytest.mark.large
def test_a_recovered_model_exported_again_parses_as_the_file_does(tiny, recovered):
    texts = [row.text for row in DEV]
    assert equal_parses(recovered, tiny[2], texts) == (len(texts), len(texts))


def test_kernels_are_those_of_the_file_in_eight_bits(tiny, recovered):
    kernel = np.asarray(tiny[0].intent_head.kernel)
    step = np.abs(kernel).max(axis=0) / 127
    assert np.all(np.abs(np.asarray(recovered.intent_head.kernel) - kernel) <= 0.51 * step)


def test_statistics_of_the_normalisation_are_measured_not_left_at_their_start(recovered):
    norm = recovered.encoder.bottleneck.normalization_layer
    gamma, _, mean, variance = norm.get_weights()
    assert np.std(mean) > 0.01
    assert np.allclose(gamma, np.sqrt(variance + norm.epsilon))


def test_a_file_of_another_configuration_is_refused(tiny):
    with pytest.raises(ValueError, match="must be a model of this configuration"):
        recover(tiny[2], dataclasses.replace(TINY, units=16), ["wake me"])


def test_products_of_the_projection_are_left_out(tiny):
    content, metadata = read_model(tiny[2])
    shapes = [product.kernel.shape for product in read_products(content)]
    assert shapes[0] == (metadata.spec.features, TINY.bottleneck_units)
    assert len(shapes) == 1 + 2 * TINY.layers + len(HEADS)
