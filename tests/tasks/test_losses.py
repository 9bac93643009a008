"""Cross-entropy that ignores positions without a label."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.losses import LabelCrossentropy, LossOfKnownLabels

LOGITS = np.log(
    np.array([[[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]], [[0.2, 0.2, 0.6], [0.3, 0.3, 0.4]]])
)


def test_mean_over_labels_not_over_positions():
    loss = LabelCrossentropy(0.0)(np.array([[0, 1], [2, -1]]), LOGITS)
    assert float(loss) == pytest.approx(-np.log([0.5, 0.8, 0.6]).mean(), rel=1e-5)


def test_one_label_an_example():
    loss = LabelCrossentropy(0.0)(np.array([0, -1]), LOGITS[:, 0])
    assert float(loss) == pytest.approx(-np.log(0.5), rel=1e-5)


def test_label_smoothing_by_hand():
    loss = LabelCrossentropy(0.3)(np.array([0]), LOGITS[:1, 0])
    expected = -0.7 * np.log(0.5) - 0.1 * np.log([0.5, 0.25, 0.25]).sum()
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_nothing_to_learn_gives_zero_and_no_nan():
    assert float(LabelCrossentropy(0.0)(np.array([-1, -1]), LOGITS[:, 0])) == 0.0


def test_round_trip():
    loss = LabelCrossentropy(0.2, name="x")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert (again.label_smoothing, again.name) == (0.2, "x")


LABELS = np.array([[0, 1], [2, -1]])
LOSSES = -np.log([[0.5, 0.8], [0.6, 1.0]])  # of the labels; the last position has none


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (None, LOSSES.sum() / 3),
        ([1.0, 0.0], LOSSES[0].sum() / 3),
        ([[1.0], [0.0]], LOSSES[0].sum() / 3),
        ([[1.0, 0.0], [3.0, 9.0]], (LOSSES[0, 0] + 3 * LOSSES[1, 0]) / 3),
    ],
    ids=["none", "rows", "rows of one column", "tokens where batch = time"],
)
@pytest.mark.parametrize(
    "loss",
    [
        LabelCrossentropy(0.0),
        LossOfKnownLabels(keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
    ],
    ids=["own", "of Keras"],
)
def test_weights_of_tokens_are_not_taken_for_weights_of_rows(loss, weights, expected):
    weights = None if weights is None else np.array(weights, np.float32)
    assert float(loss(LABELS, LOGITS, weights)) == pytest.approx(expected, rel=1e-5)


def test_a_mean_over_weights_is_divided_by_those_of_labels_only():
    loss = LabelCrossentropy(0.0, reduction="mean_with_sample_weight")
    weights = np.array([[1.0, 2.0], [3.0, 9.0]], np.float32)
    expected = (LOSSES * weights)[LABELS >= 0].sum() / 6
    assert float(loss(LABELS, LOGITS, weights)) == pytest.approx(expected, rel=1e-5)


def test_weights_of_tokens_for_an_output_of_rows_are_an_error_that_says_how():
    with pytest.raises(ValueError, match='sample_weight={"slots": weights}'):
        LabelCrossentropy(0.0)(LABELS[:, 0], LOGITS[:, 0], np.ones((2, 2)))


def test_the_mask_of_keras_does_not_meet_a_loss_of_another_rank():
    inner = keras.layers.Dense(3, kernel_initializer="identity", use_bias=False)
    masked = keras.layers.Masking(mask_value=9.0)(LOGITS)
    logits = inner(masked)
    assert getattr(logits, "_keras_mask", None) is not None
    loss = LabelCrossentropy(0.0)(LABELS, logits)
    assert float(loss) == pytest.approx(LOSSES.sum() / 3, rel=1e-5)


def test_a_loss_of_vectors_keeps_all_of_them():
    loss = LossOfKnownLabels(keras.losses.CategoricalCrossentropy(from_logits=True))
    targets = np.eye(3)[[[0, 1], [2, 0]]]
    expected = -np.log([0.5, 0.8, 0.6, 0.3]).mean()
    assert float(loss(targets, LOGITS)) == pytest.approx(expected, rel=1e-5)


def test_the_default_smoothing_is_that_of_the_table():
    assert LabelCrossentropy().label_smoothing == TrainingConfig().label_smoothing


@pytest.mark.parametrize("smoothing", [-0.1, 1.0])
def test_smoothing_out_of_range_is_refused(smoothing):
    with pytest.raises(ValueError, match="label_smoothing"):
        LabelCrossentropy(smoothing)
