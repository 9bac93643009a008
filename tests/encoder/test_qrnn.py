from __future__ import annotations

import math
import pathlib
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from layer_checks import run_layer_test
from plain_loop import plain_qrnn

from pqrnn_tf.encoder import QRNN
from pqrnn_tf.quantization import FixedRangeQuantizer, SymmetricWeightQuantizer

POOLINGS = ["f", "fo", "ifo"]
DIRECTIONS = ["forward", "backward"]
# Padding at the end, a hole in the middle, padding at the start, and nothing real at all.
MASK = np.array(
    [[1, 1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 1, 1, 1], [0, 1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0, 0]],
    dtype=bool,
)


def random_layer(dtype: str = "float32", **arguments: Any) -> QRNN:
    """A layer without normalisation, all weights random, for inputs with three channels."""
    layer = QRNN(4, normalization=None, dtype=dtype, **arguments)
    layer.build((None, None, 3))
    rng = np.random.default_rng(7)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.trainable_weights])
    return layer


def random_inputs(batch: int = 4, time: int = 7) -> np.ndarray:
    return np.random.default_rng(3).normal(size=(batch, time, 3))


def single_gate(x: list[float]) -> np.ndarray:
    return np.array(x, dtype="float32").reshape(1, -1, 1)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("pooling", POOLINGS)
def test_equals_the_plain_loop(pooling: str, direction: str, masked: bool) -> None:
    layer = random_layer(pooling=pooling, direction=direction)
    inputs, mask = random_inputs(), MASK if masked else None
    kernel, bias = (w.astype("float64") for w in layer.get_weights())
    expected = plain_qrnn(
        inputs, kernel, bias, units=4, kernel_width=3, pooling=pooling, direction=direction,
        mask=mask,
    )  # fmt: skip
    np.testing.assert_allclose(layer(inputs.astype("float32"), mask=mask), expected, atol=1e-5)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("pooling", POOLINGS)
def test_gradients_equal_finite_differences(pooling: str, direction: str) -> None:
    layer = random_layer("float64", pooling=pooling, direction=direction, kernel_width=2)
    rng = np.random.default_rng(5)
    inputs, mask = rng.normal(size=(2, 4, 3)), MASK[1:3, 1:5]
    weighting = rng.normal(size=(2, 4, 4))
    values = [inputs, *layer.get_weights()]

    def loss() -> float:
        outputs = plain_qrnn(
            *values, units=4, kernel_width=2, pooling=pooling, direction=direction, mask=mask
        )
        return float(np.sum(weighting * outputs))

    source = tf.constant(inputs)
    with tf.GradientTape() as tape:
        tape.watch(source)
        total = tf.reduce_sum(weighting * layer(source, mask=mask))
    gradients = tape.gradient(total, [source, layer.kernel.value, layer.bias.value])
    for value, gradient in zip(values, gradients, strict=True):
        flat, differences = value.reshape(-1), np.zeros(value.size)
        for i in range(flat.size):
            kept = flat[i]
            flat[i] = kept + 1e-5
            upper = loss()
            flat[i] = kept - 1e-5
            differences[i] = (upper - loss()) / 2e-5
            flat[i] = kept
        # Central differences: error of order (1e-5)² from the method, 1e-16 / 1e-5 from rounding.
        np.testing.assert_allclose(np.ravel(gradient), differences, atol=1e-8)


def test_hand_computed_forward() -> None:
    # z[t] = tanh(atanh(0.5) x[t-1]), f = o = σ(0) = 0.5; the kernel begins with the older step.
    layer = QRNN(1, kernel_width=2, normalization=None)
    layer.build((None, None, 1))
    layer.kernel.assign([[math.atanh(0.5), 0, 0], [0, 0, 0]])
    outputs = np.ravel(layer(single_gate([1.0, 1.0, 0.0])))
    np.testing.assert_allclose(outputs, [0.0, 0.125, 0.1875], atol=1e-6)


def test_hand_computed_backward_with_input_gate() -> None:
    # z[t] = tanh(atanh(0.5) x[t+1]), f = o = 0.5, i = σ(ln 3) = 0.75: c = [0.5625, 0.375, 0].
    layer = QRNN(1, kernel_width=2, pooling="ifo", direction="backward", normalization=None)
    layer.build((None, None, 1))
    layer.kernel.assign([[0, 0, 0, 0], [math.atanh(0.5), 0, 0, 0]])
    layer.bias.assign([0, 0, 0, math.log(3)])
    outputs = np.ravel(layer(single_gate([0.0, 1.0, 1.0])))
    np.testing.assert_allclose(outputs, [0.28125, 0.1875, 0.0], atol=1e-6)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_direction_decides_what_a_step_sees(direction: str) -> None:
    layer = random_layer(direction=direction)
    inputs = random_inputs(1).astype("float32")
    changed = inputs.copy()
    changed[0, 3] += 1.0
    same = np.isclose(layer(inputs), layer(changed), atol=1e-6).all(axis=(0, 2))
    expected = [True] * 3 + [False] * 4 if direction == "forward" else [False] * 4 + [True] * 3
    assert list(same) == expected


@pytest.mark.parametrize("normalization", ["batch", "layer", None])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_padded_batch_equals_single_examples(direction: str, normalization: str | None) -> None:
    layer = QRNN(4, direction=direction, normalization=normalization)
    layer(random_inputs().astype("float32"), training=True)  # moving averages off their defaults
    lengths = [5, 1, 7, 2]
    mask = np.arange(7) < np.array(lengths)[:, None]
    inputs = random_inputs().astype("float32")  # what stands in the padding is not zero
    together = np.array(layer(inputs, mask=mask))
    for n, length in enumerate(lengths):
        alone = layer(inputs[n : n + 1, :length])[0]
        np.testing.assert_allclose(together[n, :length], alone, atol=1e-6)
        assert not together[n, length:].any()


def test_batch_statistics_ignore_padding() -> None:
    mask = np.arange(7) < np.array([5, 1, 7, 2])[:, None]
    inputs = random_inputs().astype("float32")
    longer = np.full((4, 11, 3), 50.0, "float32")
    longer[:, :7] = inputs
    longer[:, :7][~mask] = -50.0
    tight, loose = (QRNN(4, kernel_initializer=keras.initializers.Constant(0.1)) for _ in "ab")
    from_tight = tight(inputs, mask=mask, training=True)
    from_loose = loose(longer, mask=np.pad(mask, [(0, 0), (0, 4)]), training=True)
    np.testing.assert_allclose(from_loose[:, :7], from_tight, atol=1e-6)
    for a, b in zip(tight.non_trainable_weights, loose.non_trainable_weights, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), atol=1e-6)
    # 15 real steps, kernel of 0.1: the mean of the gates by hand, times 1 - momentum.
    padded = np.pad(np.where(mask[..., None], inputs, 0.0), [(0, 0), (2, 0), (0, 0)]).sum(-1)
    sums = 0.1 * (padded[:, 2:] + padded[:, 1:-1] + padded[:, :-2])[mask]
    np.testing.assert_allclose(
        tight.normalization_layer.moving_mean.numpy(), 0.01 * sums.mean(), atol=1e-6
    )


def test_mask_arrives_through_the_graph() -> None:
    layer = random_layer()
    source = keras.Input((None, 3))
    model = keras.Model(source, layer(keras.layers.Masking()(source)))
    inputs = random_inputs().astype("float32")
    inputs[~MASK] = 0.0
    np.testing.assert_allclose(model(inputs), layer(inputs, mask=MASK), atol=1e-6)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_zoneout_keeps_the_state_with_p_to_the_l(pooling: str) -> None:
    layer = QRNN(32, pooling=pooling, zoneout=0.5, layer_index=2, normalization=None, seed=1)
    layer.build((None, None, 3))
    bias = np.zeros(layer.bias.shape)
    bias[64:96] = 30.0  # the output gate, where there is one, is open: h is the state
    layer.bias.assign(bias)
    inputs = random_inputs(16, 16).astype("float32")
    states = np.pad(layer(inputs, training=True), [(0, 0), (1, 0), (0, 0)])
    kept = np.abs(np.diff(states, axis=1)) < 1e-6
    # 8,192 draws with p = 0.25 have a standard deviation of 0.005.
    assert kept.mean() == pytest.approx(0.25, abs=0.025)


@pytest.mark.parametrize("training", [False, None])
def test_zoneout_only_in_training(training: bool | None) -> None:
    layer = random_layer(zoneout=0.9)
    plain = random_layer()
    inputs = random_inputs().astype("float32")
    np.testing.assert_array_equal(layer(inputs, training=training), plain(inputs))
    assert np.abs(layer(inputs, training=True) - plain(inputs)).max() > 0.1


def test_zoneout_repeats_with_the_seed() -> None:
    inputs = random_inputs().astype("float32")
    first, second, other = (
        random_layer(zoneout=0.5, seed=s)(inputs, training=True) for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, second)
    assert np.abs(first - other).max() > 0.1


def test_quantized_weights_and_gates() -> None:
    quantizers = {
        "kernel_quantizer": SymmetricWeightQuantizer(),
        "activation_quantizer": FixedRangeQuantizer(),
    }
    inputs = random_inputs().astype("float32")
    outputs = np.array(random_layer(pooling="f", **quantizers)(inputs))
    # After the first step the state is (1 - f) z, of multiples of 1/256 and 1/128.
    first = outputs[:, 0] * 2**15
    np.testing.assert_array_equal(first, np.round(first))
    assert 0 < np.abs(outputs - random_layer(pooling="f")(inputs)).max() < 0.05


def test_quantized_layer_trains() -> None:
    layer = random_layer(
        kernel_quantizer=SymmetricWeightQuantizer(), activation_quantizer=FixedRangeQuantizer()
    )
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(random_inputs().astype("float32")) ** 2)
    for gradient in tape.gradient(total, [layer.kernel.value, layer.bias.value]):
        assert np.abs(gradient).max() > 0


def test_kernel_regularizer_adds_a_loss() -> None:
    layer = random_layer(kernel_regularizer=keras.regularizers.L2(0.1))
    layer(random_inputs().astype("float32"))
    expected = 0.1 * np.sum(layer.kernel.numpy() ** 2)
    assert float(layer.losses[0]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("arguments", "trainable", "non_trainable"),
    [
        # kernel, gamma, beta; seed, moving mean and variance
        ({"zoneout": 0.3, "kernel_regularizer": "l2", "seed": 5}, 3, 3),
        # kernel, bias; seed
        (
            {
                "pooling": "ifo",
                "direction": "backward",
                "normalization": None,
                "kernel_quantizer": SymmetricWeightQuantizer(axis=None),
                "activation_quantizer": FixedRangeQuantizer(),
            },
            2,
            1,
        ),
    ],
)
def test_layer_contract(
    arguments: dict[str, Any], trainable: int, non_trainable: int, tmp_path: pathlib.Path
) -> None:
    run_layer_test(
        QRNN,
        {"units": 4, **arguments},
        inputs=random_inputs(2, 5).astype("float32"),
        output_shape=(2, 5, 4),
        trainable_weights=trainable,
        non_trainable_weights=non_trainable,
        folder=tmp_path,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"units": 0}, "`units` must be a positive integer. Received: units=0"),
        ({"kernel_width": 1.5}, "`kernel_width` must be a positive integer"),
        ({"layer_index": 0}, "`layer_index` must be a positive integer"),
        ({"pooling": "of"}, "`pooling` must be one of .* Received: pooling='of'"),
        ({"direction": "both"}, "`direction` must be one of .* use `BidirectionalQRNN`"),
        ({"zoneout": 1.0}, r"`zoneout` must be a probability in \[0, 1\)"),
        ({"normalization": "group"}, "`normalization` must be"),
        ({"kernel_quantizer": 8}, "A quantizer must be None"),
    ],
)
def test_bad_argument(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        QRNN(**{"units": 4, **arguments})


def test_wrong_rank() -> None:
    with pytest.raises(ValueError, match=r"shape \(batch, time, channels\).* Received"):
        QRNN(4)(np.zeros((2, 3), "float32"))
