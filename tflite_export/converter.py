"""From a Keras model to one .tflite file: code points in, logits and token spans out."""

from __future__ import annotations

import importlib.metadata
import os
import tempfile
from typing import Any

import tensorflow as tf

import pqrnn_tf
from pqrnn_tf.files import write_bytes
from pqrnn_tf.projection.graph import project_code_points
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from tflite_export.metadata import Metadata, append_metadata

SIGNATURE = "parse"
QUANTIZATIONS = ("int8_weights", "none")


def _validate_options(model: Any, quantization: str) -> None:
    if not isinstance(model, IntentSlotModel):
        raise TypeError(
            "`model` must be an IntentSlotModel (for a distiller, give its `student`). "
            f"Received: {type(model).__name__}."
        )
    if not model.built:
        raise ValueError("`model` must be built: train it, or call it once on a batch.")
    if quantization not in QUANTIZATIONS:
        raise ValueError(
            f"`quantization` must be one of {QUANTIZATIONS}. Received: {quantization!r}."
        )


def convert(
    model: IntentSlotModel,
    *,
    path: str | os.PathLike[str] | None = None,
    quantization: str = "int8_weights",
    licence: str = "",
    extra: dict[str, Any] | None = None,
) -> bytes:
    """Converts a model to a .tflite of LiteRT's built-in ops only.

    The file has one signature, `parse`: `code_points` int32 `(1, max_code_points + 1)`, 0 after the end
    of the text, in; `intent` float `(1, intents)`, `slots` float `(1, max_tokens, tags)`, `spans` int32
    `(1, max_tokens, 2)`, `length` int32 `(1,)` and `truncated` bool `(1,)` out.

    Args:
        model: A built model.
        path: Where to write the file as well; written whole or not at all.
        quantization: `"int8_weights"`: kernels in 8 bits with a scale for each output channel, sums in
            integers where the runtime can, everything else in floats; `"none"`: floats.
        licence: Note on the terms of model and data, kept in the file.
        extra: Plain JSON values to keep in the file, such as scores.

    Returns:
        The bytes of the file, with the description that `read_metadata` reads.

    Raises:
        TypeError, ValueError: if an argument is not valid.
    """
    _validate_options(model, quantization)
    spec = model.spec

    @tf.function(
        input_signature=[tf.TensorSpec((1, spec.max_code_points + 1), tf.int32, name="code_points")]
    )
    def parse(code_points: tf.Tensor) -> dict[str, tf.Tensor]:
        projected = project_code_points(code_points, spec, dtype=tf.float32)
        outputs = model(
            {"features": projected["features"], "lengths": projected["lengths"]}, training=False
        )
        return {
            **outputs,
            "spans": projected["spans"],
            "length": projected["lengths"],
            "truncated": projected["truncated"],
        }

    module = tf.Module()
    module.weights = [variable.value for variable in model.variables]
    module.parse = parse
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures={SIGNATURE: parse})
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=[SIGNATURE])
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        if quantization == "int8_weights":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        flatbuffer = converter.convert()
    metadata = Metadata(
        spec=spec,
        labels=model.labels,
        quantization=quantization,
        versions={
            "pqrnn_tf": pqrnn_tf.__version__,
            **{name: importlib.metadata.version(name) for name in ("tensorflow", "keras")},
        },
        licence=licence,
        extra=extra or {},
    )
    content = append_metadata(flatbuffer, metadata)
    if path is not None:
        write_bytes(path, content)
    return content
