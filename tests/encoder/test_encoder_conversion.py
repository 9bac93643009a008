"""The encoder converted to LiteRT: built-in ops, 8-bit kernels, the same numbers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.encoder import AttentionPooling, Bottleneck, PQRNNEncoder
from pqrnn_tf.quantization import SymmetricWeightQuantizer

FEATURES, UNITS, TIME, LAYERS = 32, 8, 11, 2
ROUNDING = 2.0**-24  # float32: half a unit in the last place, relative


def encoder_model(time: int | None, **arguments: Any) -> keras.Model:
    features = keras.Input((time, FEATURES), batch_size=1, dtype="int8", name="features")
    mask = keras.Input((time,), batch_size=1, dtype="bool", name="mask")
    encoder = PQRNNEncoder(2 * UNITS, UNITS, LAYERS, residual=True, zoneout=0.5, **arguments)
    sequence = encoder(features, mask=mask)["sequence"]
    model = keras.Model(
        [features, mask],
        {"sequence": sequence, "pooled": AttentionPooling()(sequence, mask=mask)},
    )
    spread_statistics(model)
    return model


def spread_statistics(model: keras.Model) -> None:
    """Gives batch normalisation something to do."""
    rng = np.random.default_rng(1)
    for weight in model.weights:
        if weight.path.endswith(("moving_mean", "beta")):
            weight.assign(rng.normal(scale=0.2, size=weight.shape))
        elif weight.path.endswith(("moving_variance", "gamma")):
            weight.assign(rng.uniform(0.5, 2.0, size=weight.shape))


def convert(model: keras.Model, *, eight_bit: bool = False) -> tf.lite.Interpreter:
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if eight_bit:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    return litert.Interpreter(model_content=converter.convert(), num_threads=1)


def run(interpreter: Any, *values: np.ndarray) -> list[np.ndarray]:
    """Sets each value to the input of its dtype and returns the outputs, smallest rank first."""
    for value in values:
        (index,) = (
            d["index"] for d in interpreter.get_input_details() if d["dtype"] == value.dtype
        )
        interpreter.resize_tensor_input(index, value.shape)
    interpreter.allocate_tensors()
    for value in values:
        (index,) = (
            d["index"] for d in interpreter.get_input_details() if d["dtype"] == value.dtype
        )
        interpreter.set_tensor(index, value)
    interpreter.invoke()
    outputs = [interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()]
    return sorted(outputs, key=lambda output: output.ndim)


def batch(time: int) -> tuple[np.ndarray, np.ndarray]:
    features = np.random.default_rng(2).integers(-1, 2, (1, time, FEATURES)).astype("int8")
    return features, (np.arange(time) < time - 2)[None]


def assert_equal_up_to_rounding(model: keras.Model, outputs: list[np.ndarray], time: int) -> None:
    expected = model(list(batch(time)), training=False)
    # A layer sums at most 3 * 2 * UNITS = 48 products and log2(time) ≤ 4 steps of the scan, each
    # rounded once; batch normalisation multiplies by at most 2 / sqrt(0.5) < 3, tanh and the
    # logistic function by at most 1, and a product of two gates adds two such errors. Values are below 8.
    tolerance = (LAYERS + 1) * (48 + 4) * 3 * 2 * 8 * ROUNDING
    assert tolerance < 5e-4
    np.testing.assert_allclose(outputs[0], expected["pooled"], atol=tolerance)
    np.testing.assert_allclose(outputs[1], expected["sequence"], atol=tolerance)


def test_float_model_is_equal_and_built_in_only() -> None:
    model = encoder_model(TIME)
    interpreter = convert(model)
    assert_equal_up_to_rounding(model, run(interpreter, *batch(TIME)), TIME)


def test_unknown_time_converts_too() -> None:
    model = encoder_model(None, bidirectional=False)
    interpreter = convert(model)
    for time in (1, 5, 16):
        assert_equal_up_to_rounding(model, run(interpreter, *batch(time)), time)


def test_saved_model_converts_and_runs(tmp_path: Any) -> None:
    model = encoder_model(TIME)
    model.export(tmp_path / "saved", format="tf_saved_model", verbose=False)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "saved"))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    interpreter = litert.Interpreter(model_content=converter.convert(), num_threads=1)
    assert_equal_up_to_rounding(model, run(interpreter, *batch(TIME)), TIME)


def test_every_kernel_becomes_eight_bit_with_one_step_a_channel() -> None:
    # The converter leaves tensors of fewer than 1,024 elements alone, so the layers are wider here.
    features = keras.Input((TIME, 64), batch_size=1)
    encoder = PQRNNEncoder(64, 32, LAYERS)
    model = keras.Model(features, encoder(features)["sequence"])
    interpreter = convert(model, eight_bit=True)
    interpreter.allocate_tensors()
    kernels = {
        (tuple(d["shape"]), d["quantization_parameters"]["scales"].size)
        for d in interpreter.get_tensor_details()
        if d["dtype"] == np.int8
    }
    # Columns first, as FULLY_CONNECTED wants them: the bottleneck, and 3 gates of 32 units over
    # 3 steps of 64 channels.
    assert kernels == {((64, 64), 64), ((96, 192), 96)}


def test_trained_grid_is_the_exported_grid() -> None:
    # With a fake-quantized kernel and batch normalisation folded in, the 8-bit weights are exact;
    # what is left is the runtime's own rounding of the activations: half a step of 2/255 an input,
    # and as much again for its zero point.
    features = keras.Input((TIME, FEATURES * 2), batch_size=1)
    layer = Bottleneck(32, kernel_quantizer=SymmetricWeightQuantizer())
    model = keras.Model(features, layer(features))
    spread_statistics(model)
    kernel = layer.kernel_quantizer(layer.kernel).numpy()
    norm = layer.normalization_layer
    gain = norm.gamma.numpy() / np.sqrt(norm.moving_variance.numpy() + norm.epsilon)
    interpreter = convert(model, eight_bit=True)
    interpreter.allocate_tensors()
    (stored,) = (
        (interpreter.get_tensor(d["index"]), d["quantization_parameters"]["scales"])
        for d in interpreter.get_tensor_details()
        if d["dtype"] == np.int8 and tuple(d["shape"]) == kernel.T.shape
    )
    integers, steps = stored
    np.testing.assert_allclose(integers * steps[:, None], (kernel * gain).T, atol=1e-6)
    inputs = np.random.default_rng(2).integers(-1, 2, (1, TIME, FEATURES * 2)).astype("float32")
    tolerance = np.abs(kernel * gain).sum(0).max() * 2 / 255
    (outputs,) = run(interpreter, inputs)
    np.testing.assert_allclose(outputs, model(inputs), atol=tolerance)
