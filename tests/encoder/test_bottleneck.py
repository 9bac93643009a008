from __future__ import annotations

import pathlib

import numpy as np
import pytest
from layer_checks import run_layer_test

from pqrnn_tf.encoder import Bottleneck
from pqrnn_tf.quantization import SymmetricWeightQuantizer


def ternary() -> np.ndarray:
    return np.random.default_rng(3).integers(-1, 2, size=(3, 6, 8)).astype("int8")


def test_hand_computed() -> None:
    layer = Bottleneck(2, normalization=None)
    layer.build((None, None, 3))
    layer.kernel.assign([[1.0, 2.0], [0.5, -1.0], [4.0, 0.0]])
    layer.bias.assign([0.25, 0.25])
    # [1 - 0.5 + 0.25, 2 + 1 + 0.25] and [-1 - 4 + 0.25 -> 0, -2 + 0.25 -> 0]
    outputs = layer(np.array([[[1, -1, 0], [-1, 0, -1]]], "int8"))
    np.testing.assert_allclose(outputs, [[[0.75, 3.25], [0.0, 0.0]]])


def test_statistics_and_outputs_ignore_padding() -> None:
    mask = np.arange(6) < np.array([6, 2, 4])[:, None]
    layer = Bottleneck(4, normalization_momentum=0.0)
    outputs = np.array(layer(ternary(), mask=mask, training=True))
    real = ternary()[mask] @ layer.kernel.numpy()
    np.testing.assert_allclose(
        layer.normalization_layer.moving_mean.numpy(), real.mean(0), atol=1e-6
    )
    np.testing.assert_allclose(
        layer.normalization_layer.moving_variance.numpy(), real.var(0), atol=1e-6
    )
    normal = (real - real.mean(0)) / np.sqrt(real.var(0) + 1e-3)
    np.testing.assert_allclose(outputs[mask], np.maximum(normal, 0), atol=1e-5)
    assert not outputs[~mask].any()


def test_batch_without_a_real_token_gives_no_nan() -> None:
    layer = Bottleneck(4)
    outputs = np.array(layer(ternary(), mask=np.zeros((3, 6), bool), training=True))
    assert not outputs.any()
    assert all(np.isfinite(w).all() for w in layer.get_weights())


def test_layer_contract(tmp_path: pathlib.Path) -> None:
    run_layer_test(
        Bottleneck,
        {"units": 4, "kernel_quantizer": SymmetricWeightQuantizer()},
        inputs=ternary().astype("float32"),
        output_shape=(3, 6, 4),
        trainable_weights=3,
        non_trainable_weights=2,
        folder=tmp_path,
    )


def test_bad_units() -> None:
    with pytest.raises(ValueError, match="`units` must be a positive integer. Received: units=-1"):
        Bottleneck(-1)
