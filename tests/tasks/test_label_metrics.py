"""Metrics for `compile`: positions without a label do not count."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from pqrnn_tf.tasks import compiling
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.label_metrics import LabelAccuracy, MetricOfKnownLabels, RowAccuracy
from pqrnn_tf.tasks.losses import LabelCrossentropy, LossOfKnownLabels

OUTPUTS = ("intent", "slots")
LABELS = np.array([[0, 1, -1, -1], [2, -1, -1, -1]])
RIGHT = np.eye(3, dtype=np.float32)[np.maximum(LABELS, 0)]  # 0 where there is no label
RIGHT[LABELS < 0] = [0.0, 0.0, 1.0]
HALF = RIGHT.copy()
HALF[0, 1] = [1.0, 0.0, 0.0]


def value(metric, logits, weights=None):
    metric.reset_state()
    metric.update_state(LABELS, logits, weights)
    return float(metric.result())


def test_padding_is_not_counted_by_an_accuracy_of_keras():
    (metric,) = compiling.metrics({"slots": "sparse_categorical_accuracy"}, OUTPUTS, "metrics")[
        "slots"
    ]
    assert metric.name == "sparse_categorical_accuracy"
    assert value(metric, RIGHT) == 1.0  # Keras alone says 0.375
    assert value(metric, HALF) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "metric",
    [
        "accuracy",
        "acc",
        keras.metrics.SparseCategoricalAccuracy(),
        keras.metrics.sparse_categorical_accuracy,
        keras.metrics.SparseTopKCategoricalAccuracy(k=1),
        LabelAccuracy(),
    ],
)
def test_any_form_of_a_metric_ignores_positions_without_a_label(metric):
    (found,) = compiling.metrics({"slots": [metric]}, OUTPUTS, "metrics")["slots"]
    assert value(found, HALF) == pytest.approx(2 / 3)


def test_crossentropy_as_a_metric_is_of_logits():
    (metric,) = compiling.metrics({"slots": ["crossentropy"]}, OUTPUTS, "metrics")["slots"]
    expected = np.log(np.exp([1.0, 0.0, 0.0]).sum()) - 1.0
    assert value(metric, RIGHT) == pytest.approx(expected, rel=1e-5)


def test_weights_of_rows_and_of_tokens():
    assert value(LabelAccuracy(), HALF, np.array([3.0, 1.0])) == pytest.approx(4 / 7)
    tokens = np.array([[1.0, 4.0, 9.0, 9.0], [1.0, 9.0, 9.0, 9.0]])
    assert value(LabelAccuracy(), HALF, tokens) == pytest.approx(2 / 6)


def test_exact_match_counts_rows():
    assert value(RowAccuracy(), RIGHT) == 1.0
    assert value(RowAccuracy(), HALF) == 0.5
    assert value(RowAccuracy(), HALF, np.array([1.0, 3.0])) == 0.75
    nothing = RowAccuracy()
    nothing.update_state(np.full((2, 4), -1), HALF)
    assert float(nothing.result()) == 0.0


def test_one_metric_for_all_outputs_has_a_state_of_its_own_for_each():
    metric = keras.metrics.SparseCategoricalAccuracy(name="right")
    found = compiling.metrics([metric], OUTPUTS, "metrics")
    assert {name: [m.name for m in own] for name, own in found.items()} == {
        "intent": ["right"],
        "slots": ["right"],
    }
    assert found["intent"][0].metric is not found["slots"][0].metric


def test_a_list_of_a_metric_per_output_is_in_the_order_of_keras():
    found = compiling.metrics(["acc", "accuracy"], ("slots", "intent"), "metrics")
    assert (found["intent"][0].name, found["slots"][0].name) == ("acc", "accuracy")


def test_an_output_that_the_model_lacks_is_an_error():
    with pytest.raises(ValueError, match=r"`metrics` must be given for outputs .*'slot'"):
        compiling.metrics({"slot": "acc"}, OUTPUTS, "metrics")
    with pytest.raises(ValueError, match=r"`loss` must be given for outputs .*'slot'"):
        compiling.losses({"slot": "mse"}, OUTPUTS, TrainingConfig())


def test_losses_without_a_choice_are_the_measured_ones():
    config = TrainingConfig(label_smoothing=0.25, slot_weight=2.0)
    for loss in ("auto", None):
        found = compiling.losses(loss, OUTPUTS, config)
        assert {name: own.label_smoothing for name, own in found.items()} == {
            "intent": 0.25,
            "slots": 0.25,
        }
        weights = compiling.loss_weights("auto", loss, OUTPUTS, config)
        assert weights == {"intent": 1.0, "slots": 2.0}
    assert compiling.loss_weights("auto", "mse", OUTPUTS, config) is None
    assert compiling.loss_weights({"slots": 5.0}, "auto", OUTPUTS, config) == {
        "intent": 1.0,
        "slots": 5.0,
    }


def test_a_loss_of_keras_by_name_is_of_logits_and_of_known_labels():
    found = compiling.losses("sparse_categorical_crossentropy", OUTPUTS, TrainingConfig())
    assert isinstance(found["slots"], LabelCrossentropy)
    assert found["slots"].label_smoothing == 0.0
    own = compiling.losses({"slots": lambda y, p: p[..., 0]}, OUTPUTS, TrainingConfig())["slots"]
    assert isinstance(own, LossOfKnownLabels)
    assert float(own(LABELS, RIGHT)) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    "thing",
    [
        LabelAccuracy("a"),
        RowAccuracy("b"),
        MetricOfKnownLabels(keras.metrics.SparseTopKCategoricalAccuracy(k=2, name="c")),
        LossOfKnownLabels(keras.losses.SparseCategoricalCrossentropy(from_logits=True), name="d"),
    ],
)
def test_round_trip(thing):
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(thing))
    assert (type(again), again.name) == (type(thing), thing.name)
    assert again.get_config() == thing.get_config()
