"""What every public layer must do, checked in one call with Keras' public interface only."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import keras
import numpy as np


def _first(outputs: Any) -> Any:
    return outputs


def run_layer_test(
    layer_class: type[keras.layers.Layer],
    arguments: dict[str, Any],
    *,
    inputs: np.ndarray,
    output_shape: Any,
    trainable_weights: int,
    non_trainable_weights: int,
    folder: pathlib.Path,
    select: Callable[[Any], Any] = _first,
) -> None:
    """Checks a layer from its configuration to a saved model.

    Args:
        layer_class: Class under test.
        arguments: Arguments of its constructor.
        inputs: A batch, `(batch, time, channels)`.
        output_shape: Expected shape of `select(outputs)` for that batch.
        trainable_weights: Expected number of trainable weights.
        non_trainable_weights: Expected number of other weights, seeds included.
        folder: Where the model may be saved.
        select: Picks one tensor (or shape) of a structured output.
    """
    layer = layer_class(**arguments)
    check_configuration(layer)
    check_build(layer, inputs.shape, trainable_weights, non_trainable_weights)
    check_values(layer, inputs, output_shape, select)
    check_mixed_precision(layer_class, arguments, inputs, select)
    check_training_and_saving(layer, inputs, folder, select)


def check_configuration(layer: keras.layers.Layer) -> None:
    """from_config(get_config()) and the serialised form give the same configuration."""
    config = layer.get_config()
    assert type(layer).from_config(config).get_config() == config
    serialised = keras.saving.serialize_keras_object(layer)
    assert serialised["registered_name"] == f"pqrnn_tf>{type(layer).__name__}"
    assert keras.saving.deserialize_keras_object(serialised).get_config() == config


def check_build(
    layer: keras.layers.Layer, shape: tuple[int, ...], trainable: int, non_trainable: int
) -> None:
    """`build` alone makes every weight; a call adds none."""
    layer.build((None, None, shape[-1]))
    assert len(layer.trainable_weights) == trainable
    assert len(layer.non_trainable_variables) == non_trainable
    layer(np.zeros(shape, "float32"))
    assert len(layer.trainable_weights) == trainable
    assert len(layer.non_trainable_variables) == non_trainable


def check_values(
    layer: keras.layers.Layer,
    inputs: np.ndarray,
    output_shape: Any,
    select: Callable[[Any], Any],
) -> None:
    """The symbolic shape and dtype are those of the value, and the value is finite."""
    value = select(layer(inputs))
    assert tuple(value.shape) == output_shape
    assert tuple(select(layer.compute_output_shape(inputs.shape))) == output_shape
    symbolic = select(layer(keras.KerasTensor((None, None, inputs.shape[-1]), dtype="float32")))
    assert len(symbolic.shape) == len(output_shape)
    assert symbolic.shape[-1] == output_shape[-1]
    assert symbolic.dtype == keras.backend.standardize_dtype(value.dtype) == layer.compute_dtype
    assert np.isfinite(keras.ops.convert_to_numpy(value)).all()


def check_mixed_precision(
    layer_class: type[keras.layers.Layer],
    arguments: dict[str, Any],
    inputs: np.ndarray,
    select: Callable[[Any], Any],
) -> None:
    """In mixed precision weights stay float32, outputs are float16, values about the same."""
    mixed = layer_class(**{**arguments, "dtype": "mixed_float16"})
    exact = layer_class(**arguments)
    value = select(mixed(inputs))
    expected = select(exact(inputs))
    assert keras.backend.standardize_dtype(value.dtype) == "float16"
    assert all(w.dtype == "float32" for w in mixed.trainable_weights)
    exact.set_weights(mixed.get_weights())
    expected = keras.ops.convert_to_numpy(select(exact(inputs)))
    # float16 has 11 bits: sums of a few dozen products of order one are good to some 2**-11.
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(value).astype("float32"), expected, atol=64 * 2.0**-11
    )


def check_training_and_saving(
    layer: keras.layers.Layer,
    inputs: np.ndarray,
    folder: pathlib.Path,
    select: Callable[[Any], Any],
) -> None:
    """A compiled step changes the trainable weights; a saved model gives the same outputs."""
    source = keras.Input((None, inputs.shape[-1]))
    model = keras.Model(source, select(layer(source)))
    model.compile("sgd", "mse", jit_compile=False)
    before = [keras.ops.convert_to_numpy(w) for w in layer.trainable_weights]
    targets = np.ones(keras.ops.shape(model(inputs)), "float32")
    model.train_on_batch(inputs, targets)
    for weight, old in zip(layer.trainable_weights, before, strict=True):
        assert np.abs(keras.ops.convert_to_numpy(weight) - old).max() > 0, weight.path
    path = folder / "model.keras"
    model.save(path)
    loaded = keras.models.load_model(path)
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(loaded(inputs, training=False)),
        keras.ops.convert_to_numpy(model(inputs, training=False)),
    )
