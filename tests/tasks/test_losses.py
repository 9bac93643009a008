"""Cross-entropy that ignores positions without a label."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from pqrnn_tf.tasks.losses import LabelCrossentropy

LOGITS = np.log(
    np.array([[[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]], [[0.2, 0.2, 0.6], [0.3, 0.3, 0.4]]])
)


def test_mean_over_labels_not_over_positions():
    loss = LabelCrossentropy()(np.array([[0, 1], [2, -1]]), LOGITS)
    assert float(loss) == pytest.approx(-np.log([0.5, 0.8, 0.6]).mean(), rel=1e-5)


def test_one_label_an_example():
    loss = LabelCrossentropy()(np.array([0, -1]), LOGITS[:, 0])
    assert float(loss) == pytest.approx(-np.log(0.5), rel=1e-5)


def test_label_smoothing_by_hand():
    loss = LabelCrossentropy(0.3)(np.array([0]), LOGITS[:1, 0])
    expected = -0.7 * np.log(0.5) - 0.1 * np.log([0.5, 0.25, 0.25]).sum()
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_nothing_to_learn_gives_zero_and_no_nan():
    assert float(LabelCrossentropy()(np.array([-1, -1]), LOGITS[:, 0])) == 0.0


def test_round_trip():
    loss = LabelCrossentropy(0.2, name="x")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert (again.label_smoothing, again.name) == (0.2, "x")


@pytest.mark.parametrize("smoothing", [-0.1, 1.0])
def test_smoothing_out_of_range_is_refused(smoothing):
    with pytest.raises(ValueError, match="label_smoothing"):
        LabelCrossentropy(smoothing)
