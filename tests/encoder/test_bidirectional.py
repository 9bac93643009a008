from __future__ import annotations

import pathlib

import keras
import numpy as np
import pytest
from layer_checks import run_layer_test

from pqrnn_tf.encoder import QRNN, BidirectionalQRNN
from pqrnn_tf.quantization import SymmetricWeightQuantizer


def random_inputs() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(3, 6, 5)).astype("float32")


def test_is_a_forward_and_a_backward_qrnn_side_by_side() -> None:
    mask = np.arange(6) < np.array([6, 2, 4])[:, None]
    layer = BidirectionalQRNN(4, pooling="ifo", normalization="layer")
    outputs = layer(random_inputs(), mask=mask)
    for direction, part in (("forward", outputs[..., :4]), ("backward", outputs[..., 4:])):
        half = QRNN(4, pooling="ifo", direction=direction, normalization="layer")
        half.build((None, None, 5))
        half.set_weights(getattr(layer, direction).get_weights())
        np.testing.assert_allclose(part, half(random_inputs(), mask=mask), atol=1e-6)


def test_backward_is_forward_on_the_reversed_sequence() -> None:
    layer = BidirectionalQRNN(4, kernel_width=2)
    outputs = np.array(layer(random_inputs()))
    forward, backward = layer.forward, layer.backward
    # Reversing time swaps the two taps of the kernel.
    taps = forward.kernel.numpy().reshape(2, 5, -1)
    backward.kernel.assign(taps[::-1].reshape(10, -1))
    mirrored = np.array(layer(random_inputs()[:, ::-1].copy()))
    np.testing.assert_allclose(mirrored[..., 4:], outputs[:, ::-1, :4], atol=1e-6)


def test_halves_start_from_different_weights() -> None:
    layer = BidirectionalQRNN(4, kernel_initializer=keras.initializers.GlorotUniform(seed=3))
    layer.build((None, None, 5))
    assert np.abs(layer.forward.kernel.numpy() - layer.backward.kernel.numpy()).max() > 0.01


def test_halves_draw_different_zoneout() -> None:
    layer = BidirectionalQRNN(
        8, pooling="f", kernel_width=1, normalization=None, zoneout=0.5, seed=3
    )
    layer.build((None, None, 5))
    layer.backward.kernel.assign(layer.forward.kernel)
    outputs = np.array(layer(random_inputs()[:, :1], training=True))  # one step: no direction
    assert ((outputs[..., :8] == 0) != (outputs[..., 8:] == 0)).any()


def test_layer_contract(tmp_path: pathlib.Path) -> None:
    run_layer_test(
        BidirectionalQRNN,
        {"units": 4, "zoneout": 0.2, "kernel_quantizer": SymmetricWeightQuantizer(), "seed": 1},
        inputs=random_inputs(),
        output_shape=(3, 6, 8),
        trainable_weights=6,  # kernel, gamma, beta, twice
        non_trainable_weights=6,  # seed, moving mean and variance, twice
        folder=tmp_path,
    )


def test_bad_argument() -> None:
    with pytest.raises(ValueError, match="`pooling` must be one of"):
        BidirectionalQRNN(4, pooling="max")
