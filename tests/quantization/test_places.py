"""Actions at places, watched ranges, and rounding to them."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.quantization import Places, RangeWatcher, rounding


def test_nothing_happens_without_an_action() -> None:
    value = object()
    assert Places("inputs")("inputs", value) is value


def test_an_action_is_of_one_place() -> None:
    places = Places("inputs", "outputs")
    places.actions["inputs"] = lambda x: 2 * x
    assert (places("inputs", 3), places("outputs", 3)) == (6, 3)


def test_an_unknown_place_is_an_error() -> None:
    with pytest.raises(KeyError):
        Places("inputs")("gates", 1)


def test_a_watcher_keeps_the_range_of_all_and_zero() -> None:
    watcher = RangeWatcher()
    values = np.array([1.0, 3.0], "float32")
    assert watcher(values) is values
    assert watcher.range == (0.0, 3.0)
    watcher(np.array([-0.5, 2.0], "float32"))
    assert watcher.range == (-0.5, 3.0)


def test_rounding_hand_computed() -> None:
    # 255 steps of 0.01 from -0.55 to 2.
    values = rounding((-0.55, 2.0))(tf.constant([-1.0, -0.55, 0.0, 0.004, 0.006, 2.0, 9.0]))
    np.testing.assert_allclose(values, [-0.55, -0.55, 0.0, 0.0, 0.01, 2.0, 2.0], atol=1e-6)


def test_zero_is_on_every_grid() -> None:
    values = rounding((-0.1234, 1.0))(tf.constant([0.0, -0.1234, 1.0]))
    step = 1.1234 / 255
    assert float(values[0]) == 0.0
    np.testing.assert_allclose(values[1:], [-0.1234, 1.0], atol=step)


def test_ternary_values_are_exact_in_steps_of_1_over_127() -> None:
    values = rounding((-128 / 127, 1.0))(tf.constant([-1.0, 0.0, 1.0]))
    np.testing.assert_allclose(values, [-1.0, 0.0, 1.0], atol=1e-7)


def test_an_empty_range_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"Received: \(0.0, 0.0\)"):
        rounding((0.0, 0.0))
