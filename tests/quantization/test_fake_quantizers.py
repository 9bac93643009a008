from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.quantization import FixedRangeQuantizer, SymmetricWeightQuantizer, get_quantizer


def test_per_tensor_hand_computed() -> None:
    # Step 1.27 / 127 = 0.01: 0.014 -> 1 step, -0.5 -> -50 steps.
    weights = np.array([[1.27, 0.014], [-0.5, 0.0]])
    rounded = SymmetricWeightQuantizer(axis=None)(weights)
    np.testing.assert_allclose(rounded, [[1.27, 0.01], [-0.5, 0.0]], atol=1e-12)


def test_per_channel_hand_computed() -> None:
    # Steps 0.01 and 1: each column has a range of its own.
    weights = np.array([[1.27, 126.6], [-0.504, -127.0]])
    rounded = SymmetricWeightQuantizer()(weights)
    np.testing.assert_allclose(rounded, [[1.27, 127.0], [-0.5, -127.0]], atol=1e-12)


def test_channel_axis() -> None:
    weights = np.array([[1.27, 126.6], [-0.504, -127.0]])
    by_row = SymmetricWeightQuantizer(axis=0)(weights.T)
    np.testing.assert_allclose(by_row, SymmetricWeightQuantizer()(weights).numpy().T)


def test_fewer_bits() -> None:
    # Two bits hold -1, 0 and 1 only.
    rounded = SymmetricWeightQuantizer(bits=2)(
        np.array([2.0, 1.1, 0.9, -1.2]),
    )
    np.testing.assert_array_equal(rounded, [2.0, 1.1, 0.9, -1.2])  # one element a channel
    rounded = SymmetricWeightQuantizer(bits=2, axis=None)(np.array([2.0, 1.1, 0.9, -1.2]))
    np.testing.assert_array_equal(rounded, [2.0, 2.0, 0.0, -2.0])


def test_zero_channel_stays_zero() -> None:
    rounded = SymmetricWeightQuantizer()(np.array([[0.0, 1.0], [0.0, 0.5]], "float32"))
    np.testing.assert_allclose(rounded[:, 0], [0.0, 0.0])


def test_rounding_twice_changes_nothing() -> None:
    quantizer = SymmetricWeightQuantizer()
    once = quantizer(np.random.default_rng(0).normal(size=(64, 8)))
    np.testing.assert_allclose(quantizer(once), once, atol=1e-12)


def test_weights_have_at_most_255_values_a_channel() -> None:
    weights = np.random.default_rng(0).uniform(-1, 1, size=(5000, 2))
    rounded = SymmetricWeightQuantizer()(weights).numpy()
    steps = rounded[:, 0] / (np.abs(weights[:, 0]).max() / 127)
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-9)
    assert 200 < len(np.unique(np.round(steps))) <= 255


def test_weight_gradient_passes_straight_through() -> None:
    weights = tf.constant([[1.27, 0.014], [-0.5, 0.0]])
    upstream = tf.constant([[1.0, -2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        tape.watch(weights)
        total = tf.reduce_sum(SymmetricWeightQuantizer()(weights) * upstream)
    np.testing.assert_array_equal(tape.gradient(total, weights), upstream)


def test_variable_is_read_and_gets_its_gradient() -> None:
    variable = keras.Variable([[1.27, 0.014], [-0.5, 0.0]])
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(SymmetricWeightQuantizer(axis=None)(variable))
    assert float(total) == pytest.approx(0.78)
    np.testing.assert_array_equal(tape.gradient(total, variable.value), np.ones((2, 2)))


def test_tanh_range_hand_computed() -> None:
    # Step 2 / 256 = 1/128; 1 itself does not fit, the largest value is 127/128.
    values = FixedRangeQuantizer()([-1.5, -1.0, 0.0, 0.006, 1.0], minimum=-1.0, maximum=1.0)
    np.testing.assert_array_equal(values, [-1.0, -1.0, 0.0, 1 / 128, 127 / 128])


def test_sigmoid_range_hand_computed() -> None:
    # Step 1 / 256.
    values = FixedRangeQuantizer()([-0.1, 0.0, 0.0021, 0.5, 1.0], minimum=0.0, maximum=1.0)
    np.testing.assert_array_equal(values, [0.0, 0.0, 1 / 256, 0.5, 255 / 256])


def test_fixed_range_gradient_stops_outside() -> None:
    inputs = tf.constant([-1.1, -1.0, 0.3, 1.0, 1.1])
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        total = tf.reduce_sum(2.0 * FixedRangeQuantizer()(inputs, minimum=-1.0, maximum=1.0))
    np.testing.assert_array_equal(tape.gradient(total, inputs), [0.0, 2.0, 2.0, 2.0, 0.0])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_dtype_is_kept(dtype: str) -> None:
    values = tf.cast([[0.1, -0.2]], dtype)
    assert SymmetricWeightQuantizer()(values).dtype == dtype
    assert FixedRangeQuantizer()(values, minimum=-1.0, maximum=1.0).dtype == dtype


@pytest.mark.parametrize(
    "quantizer",
    [SymmetricWeightQuantizer(bits=4, axis=None), FixedRangeQuantizer(bits=6)],
)
def test_serialisation_round_trip(quantizer: Any) -> None:
    config = keras.saving.serialize_keras_object(quantizer)
    assert config["registered_name"] == f"pqrnn_tf>{type(quantizer).__name__}"
    restored = get_quantizer(config)
    assert restored == quantizer
    assert repr(restored) == repr(quantizer)


def test_equality_is_by_configuration() -> None:
    assert SymmetricWeightQuantizer() == SymmetricWeightQuantizer(bits=8, axis=-1)
    assert SymmetricWeightQuantizer() != SymmetricWeightQuantizer(axis=None)
    assert len({FixedRangeQuantizer(), FixedRangeQuantizer(), FixedRangeQuantizer(4)}) == 2


def test_none_means_exact() -> None:
    assert get_quantizer(None) is None


@pytest.mark.parametrize("bits", [1, 17, 8.0, True])
def test_bad_bits(bits: Any) -> None:
    with pytest.raises(ValueError, match="`bits` must be an integer from 2 to 16. Received"):
        FixedRangeQuantizer(bits=bits)


def test_bad_axis() -> None:
    with pytest.raises(ValueError, match="`axis` must be an integer .* Received: axis='last'"):
        SymmetricWeightQuantizer(axis="last")  # type: ignore[arg-type]


def test_axis_that_the_weights_lack() -> None:
    with pytest.raises(ValueError, match=r"must have axis 2. Received: shape=\(3, 4\)"):
        SymmetricWeightQuantizer(axis=2)(np.zeros((3, 4)))


def test_empty_range() -> None:
    with pytest.raises(ValueError, match="`minimum` must be below `maximum`"):
        FixedRangeQuantizer()([0.0], minimum=1.0, maximum=1.0)


def test_unknown_quantizer() -> None:
    with pytest.raises(ValueError, match="A quantizer must be None, .* Received: 'int8'"):
        get_quantizer("int8")  # type: ignore[arg-type]
