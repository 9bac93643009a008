"""Batches: bucketed, repeatable, complete."""

from __future__ import annotations

import collections

import numpy as np
import pytest

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.projection import project
from pqrnn_tf.tasks.label_collection import collect_labels
from pqrnn_tf.tasks.pipeline import BUCKET_STEP, batches, token_spans
from pqrnn_tf.tasks.tagging import encode_nested, encode_tags
from tests.tiny_models import DEV, TINY_SPEC

LABELS = collect_labels(DEV)


def test_features_and_targets_are_those_of_the_definition():
    inputs, targets = next(iter(batches(DEV[:8], LABELS, TINY_SPEC, batch_size=8)))
    for k, row in enumerate(DEV[:8]):
        projected = project(row.text, TINY_SPEC)
        length = int(inputs["lengths"][k])
        assert length == len(projected.spans)
        assert inputs["features"][k, :length].numpy().tolist() == projected.features
        assert not inputs["features"][k, length:].numpy().any()
        tags = encode_tags(projected.spans, row.slots, LABELS)
        assert targets["slots"][k, :length].numpy().tolist() == tags
        assert set(targets["slots"][k, length:].numpy().tolist()) <= {-1}
        assert LABELS.intents[int(targets["intent"][k])] == row.intent
        nested = encode_nested(projected.spans, row, LABELS)
        assert targets["nested"][k, :length].numpy().tolist() == nested
        assert set(targets["nested"][k, length:].numpy().tolist()) <= {-1}


def test_targets_have_nested_tags_only_where_the_labels_do():
    plain = collect_labels(DEV, nested=False)
    assert LABELS.nested
    _, targets = next(iter(batches(DEV[:8], plain, TINY_SPEC, batch_size=8)))
    assert set(targets) == {"intent", "slots"}


def test_training_batches_hold_every_row_once_in_another_order_each_epoch():
    data = batches(DEV, LABELS, TINY_SPEC, batch_size=16, training=True, with_text=True)
    first, second = ([t for x, _ in data for t in x["text"].numpy()] for _ in range(2))
    assert first != second
    expected = collections.Counter(row.text.encode() for row in DEV)
    assert collections.Counter(first) == collections.Counter(second) == expected


def test_training_batches_are_padded_little():
    data = list(batches(DEV, LABELS, TINY_SPEC, batch_size=8, training=True))
    assert len({x["features"].shape[1] for x, _ in data}) > 1
    for inputs, _ in data:
        assert inputs["features"].shape[1] % BUCKET_STEP == 0
    padded = sum(x["features"].shape[0] * x["features"].shape[1] for x, _ in data)
    real = sum(int(np.sum(x["lengths"])) for x, _ in data)
    assert padded < 1.5 * real


def test_an_epoch_number_decides_what_is_drawn():
    def texts(epoch):
        data = batches(
            DEV, LABELS, TINY_SPEC, training=True, with_text=True, epoch=lambda: epoch, seed=5
        )
        return [t for x, _ in data for t in x["text"].numpy()]

    assert texts(3) == texts(3) != texts(4)


def test_the_number_of_batches_is_known():
    assert int(batches(DEV, LABELS, TINY_SPEC, batch_size=32).cardinality()) == -(-len(DEV) // 32)


def test_the_end_of_a_pass_waits_for_no_tuning():
    data = batches(DEV, LABELS, TINY_SPEC, batch_size=4)
    assert data.options().autotune.enabled is False


def test_a_row_without_slots_teaches_its_intent_only():
    row = Example("wake me", DEV[0].intent, None, problem="words not found")
    _, targets = next(iter(batches([row], LABELS, TINY_SPEC)))
    assert int(targets["intent"][0]) == LABELS.intents.index(row.intent)
    assert (targets["slots"].numpy() == -1).all()


def test_an_unknown_intent_is_ignored():
    row = Example("wake me", "NEVER_SEEN", ())
    _, targets = next(iter(batches([row], LABELS, TINY_SPEC)))
    assert int(targets["intent"][0]) == -1


def test_spans_are_those_of_the_callers_string():
    assert token_spans(["ab \ud800c", ""], TINY_SPEC) == [[(0, 2), (3, 4), (4, 5)], []]


def test_no_examples_are_refused():
    with pytest.raises(ValueError, match="at least one example"):
        batches([], LABELS, TINY_SPEC)
