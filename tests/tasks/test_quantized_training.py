"""A model trained on with rounding is a model like any other, that rounding costs nothing."""

from __future__ import annotations

import dataclasses
import json

import keras
import numpy as np
import pytest

from pqrnn_tf.files import ResumeError
from pqrnn_tf.runtime.labels import LabelError
from pqrnn_tf.tasks.parsing import score_model
from pqrnn_tf.tasks.quantized import calibrate, rounded_activations
from pqrnn_tf.tasks.quantized_training import train_quantized
from tests.tiny_models import DEV, TINY, TRAIN

CONFIG = dataclasses.replace(TINY, epochs=1, learning_rate=1e-3)


def loaded(tiny):
    return keras.models.load_model(tiny[1] / "model.keras", compile=False)


@pytest.fixture(scope="module")
def trained(tiny, tmp_path_factory):
    folder = tmp_path_factory.mktemp("quantized")
    return train_quantized(loaded(tiny), CONFIG, TRAIN, DEV, folder, verbose=0), folder


def test_weights_go_on_from_the_model(trained, tiny):
    before, after = (m.encoder.bottleneck.kernel.numpy() for m in (tiny[0], trained[0]))
    assert 0 < np.abs(after - before).mean() < 0.2 * np.abs(before).mean()


def test_what_is_saved_has_no_quantizers(trained):
    model = keras.models.load_model(trained[1] / "model.keras", compile=False)
    layers = model.encoder.layers_with_kernels().values()
    assert all(layer.kernel_quantizer is None for layer in layers)
    assert score_model(model, DEV) == score_model(trained[0], DEV)


def test_the_log_has_the_scores_of_the_rounded_model(trained):
    model, folder = trained
    (line,) = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert line["dev"]["flat_exact_match"] > 70
    ranges = calibrate(model, [row.text for row in TRAIN])
    with rounded_activations(model, ranges):
        rounded = score_model(model, DEV)
    # Ranges and kernels differ a little from those of the training; a row is 1.25 %.
    assert abs(rounded.flat_exact_match - line["dev"]["flat_exact_match"]) < 4


def test_a_finished_training_is_not_repeated(trained, tiny):
    again = train_quantized(loaded(tiny), CONFIG, TRAIN, DEV, trained[1], verbose=0)
    np.testing.assert_array_equal(
        again.encoder.bottleneck.kernel.numpy(), trained[0].encoder.bottleneck.kernel.numpy()
    )
    assert len((trained[1] / "log.jsonl").read_text().splitlines()) == 1


def test_another_start_is_another_training(trained, tiny):
    other = loaded(tiny)
    other.encoder.bottleneck.kernel.assign_add(
        0.01 * np.ones(other.encoder.bottleneck.kernel.shape)
    )
    with pytest.raises(ResumeError, match="quantized_from"):
        train_quantized(other, CONFIG, TRAIN, DEV, trained[1], verbose=0)


def test_a_model_whose_labels_say_nothing_of_edges_was_refused(tiny, tmp_path):
    """It was trained before labels had them; its heads are the same."""
    model = loaded(tiny)
    assert model.labels.edges
    model.labels = dataclasses.replace(model.labels, edges=())
    train_quantized(model, CONFIG, TRAIN, [], tmp_path, verbose=0)
    assert (tmp_path / "model.keras").is_file()


def test_other_rows_and_another_projection_are_refused(tiny, tmp_path):
    rows = [row for row in TRAIN if row.intent != TRAIN[0].intent]
    with pytest.raises(LabelError, match="labels of the training rows"):
        train_quantized(loaded(tiny), CONFIG, rows, [], tmp_path, verbose=0)
    spec = dataclasses.replace(CONFIG.spec, max_tokens=8)
    with pytest.raises(ValueError, match="projection of `model`"):
        train_quantized(loaded(tiny), dataclasses.replace(CONFIG, spec=spec), TRAIN, [], tmp_path)
