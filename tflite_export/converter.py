"""From a Keras model to one .tflite file: text in, logits or a vector and token spans out."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import os
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

import pqrnn_tf
from pqrnn_tf.files import write_bytes
from pqrnn_tf.projection.graph import project_code_points
from pqrnn_tf.projection.op import OpUnavailableError, is_available, project_strings
from pqrnn_tf.runtime.entity_features import EntityFeatures
from pqrnn_tf.runtime.metadata import FRONTENDS, EncoderMetadata, Metadata, append_metadata
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.tflite_op import OP_NAME
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.pipeline import ENTITIES
from pqrnn_tf.tasks.quantized import calibrate, rounded_activations
from pqrnn_tf.tasks.sentence_encoder import SentenceEncoder
from tflite_export.packing import pack

SIGNATURE, ENCODER_SIGNATURE = "parse", "encode"
"""The signature with room for the longest texts, of a parser and of an encoder."""
FINGERPRINT_DIGITS = 16
QUANTIZATIONS = ("int8_weights", "int8", "none")

SHORT_TEXTS = (8, 14)
"""Tokens that the signatures for shorter texts have room for. 65 % of MTOP's texts have at most 8, 95 %
at most 14. Each takes about 35 kB of a file. More of them measured no faster: the runtime packs the
weights once for each, and those of one that is seldom used are not in the processor's caches."""

ENCODER_SHORT_TEXTS = (*SHORT_TEXTS, 24)
"""The same for sentence encoders, which are given longer texts too. The third one takes 15 % of the mean time of MTOP's
texts off, of which 4 % have more than 14 tokens."""

CODE_POINTS_PER_TOKEN = 7
"""Room for code points that such a signature has for each of its tokens."""


def _validate_options(
    model: Any,
    quantization: str,
    calibration: Sequence[str],
    short_texts: Sequence[int],
    frontend: str,
) -> None:
    if not isinstance(model, (IntentSlotModel, SentenceEncoder)):
        raise TypeError(
            "`model` must be an IntentSlotModel (for a distiller, give its `student`) or a SentenceEncoder. "
            f"Received: {type(model).__name__}."
        )
    if not model.built:
        raise ValueError("`model` must be built: train it, or call it once on a batch.")
    if quantization not in QUANTIZATIONS:
        raise ValueError(
            f"`quantization` must be one of {QUANTIZATIONS}. Received: {quantization!r}."
        )
    if bool(calibration) != (quantization == "int8"):
        raise ValueError(
            '`calibration` must be texts for `quantization="int8"` and is for nothing else. Received: '
            f"{len(calibration)} texts for quantization={quantization!r}. Give some hundred training texts."
        )
    if any(isinstance(size, bool) or not isinstance(size, int) or size < 1 for size in short_texts):
        raise ValueError(
            f"`short_texts` must be positive numbers of tokens. Received: {tuple(short_texts)!r}."
        )
    if frontend not in FRONTENDS:
        raise ValueError(f"`frontend` must be one of {FRONTENDS}. Received: {frontend!r}.")
    if frontend == "string" and not is_available():
        raise OpUnavailableError(
            '`frontend="string"` needs the compiled projection op, which is not there. Build it with '
            "`python setup.py build_ext --inplace` in the project's root folder, or export with "
            '`frontend="code_points"`.'
        )


def _signature_specs(
    name: str, spec: ProjectionSpec, short_texts: Sequence[int], frontend: str
) -> dict[str, ProjectionSpec]:
    """The limits of each signature, by its name; the model's own first."""
    specs = {name: spec}
    for size in sorted({size for size in short_texts if size < spec.max_tokens}):
        points = spec.max_code_points
        if frontend == "code_points":  # a string takes no room in a graph
            points = min(CODE_POINTS_PER_TOKEN * size, points)
        specs[f"{name}_{size}"] = dataclasses.replace(spec, max_tokens=size, max_code_points=points)
    return specs


def _in_single_precision(model: Any) -> Any:
    """The model itself, or a copy that computes in single precision where it was made under another policy.

    The converter has no kernels for half and double precision; the weights of mixed precision are single anyway.
    """

    def single(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: "float32" if k == "dtype" else single(v) for k, v in value.items()}
        return [single(part) for part in value] if isinstance(value, list) else value

    layers = (model, *model.encoder.layers_with_weights().values())
    if {dtype for layer in layers for dtype in (layer.dtype, layer.compute_dtype)} == {"float32"}:
        return model
    copy = type(model).from_config(single(model.get_config()))
    copy.build_from_config(copy.get_build_config())
    copy.set_weights([keras.ops.convert_to_numpy(w).astype("float32") for w in model.weights])
    return copy


def _signature_function(
    model: IntentSlotModel | SentenceEncoder,
    spec: ProjectionSpec,
    frontend: str,
    entities: EntityFeatures | None = None,
) -> tf.types.experimental.PolymorphicFunction:
    entry = tf.TensorSpec((1, spec.max_code_points + 1), tf.int32, name="code_points")
    if frontend == "string":
        entry = tf.TensorSpec((1,), tf.string, name="text")

    def project(text: tf.Tensor) -> dict[str, tf.Tensor]:
        if frontend == "code_points":
            return project_code_points(text, spec, dtype=tf.float32)
        outputs = project_strings(text, spec, pad_to_max_tokens=True)
        return dict(zip(("features", "lengths", "spans", "truncated"), outputs, strict=True))

    def answer(text: tf.Tensor, told: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        projected = project(text)
        inputs = {"features": projected["features"], "lengths": projected["lengths"], **told}
        return {
            **model(inputs, training=False),
            "spans": projected["spans"],
            "length": projected["lengths"],
            "truncated": projected["truncated"],
        }

    if entities is None:
        return tf.function(lambda text: answer(text, {}), input_signature=[entry])
    known = tf.TensorSpec((1, spec.max_tokens, entities.width), tf.int8, name=ENTITIES)
    return tf.function(
        lambda text, names: answer(text, {ENTITIES: names}), input_signature=[entry, known]
    )


def to_flatbuffer(
    module: tf.Module, functions: Mapping[str, Any], *, quantized: bool, custom_ops: bool = False
) -> bytes:
    """Converts functions to a flatbuffer of built-in operations.

    Args:
        module: Holds the functions and their variables.
        functions: The functions, by the names of their signatures.
        quantized: Whether kernels have 8 bits.
        custom_ops: Whether other operations than the built-in ones are let through.
    """
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=dict(functions))
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=list(functions))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        converter.allow_custom_ops = custom_ops
        if quantized:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        return converter.convert()


def convert(
    model: IntentSlotModel | SentenceEncoder,
    *,
    path: str | os.PathLike[str] | None = None,
    quantization: str = "int8_weights",
    calibration: Sequence[str] = (),
    licence: str = "",
    extra: dict[str, Any] | None = None,
    short_texts: Sequence[int] | None = None,
    frontend: str = "code_points",
) -> bytes:
    """Converts a model to a .tflite, by default of LiteRT's built-in ops only.

    The file has the signature `parse`: `code_points` int32 `(1, max_code_points + 1)`, 0 after the end
    of the text, in; `intent` float `(1, intents)`, `slots` float `(1, max_tokens, tags)`, `spans` int32
    `(1, max_tokens, 2)`, `length` int32 `(1,)` and `truncated` bool `(1,)` out, and `nested` float
    `(1, max_tokens, nested tags)` where the model's labels have nested tags. That of a sentence encoder has the
    signature `encode` instead, with `vector` float `(1, width)` in place of the logits.

    The time that a signature takes grows with the tokens it has room for. Therefore the file has
    further signatures over the same weights: `parse_8`, `parse_14`, … (`encode_8`, …) with room for that many tokens
    and for `CODE_POINTS_PER_TOKEN` times as many code points, one more position in the input. Where a
    text fits into that input and `truncated` is false, they say what the largest says; else run a larger
    one.

    A model with entity features also has `parse_entities`, `parse_entities_8`, …, which take `entities`, int8 `(1,
    max_tokens, width)`, too (`runtime.entity_features`); the others then say what it says where nothing is known.

    With `frontend="string"` the input of each signature is `text` instead, a string `(1,)` of UTF-8,
    and `truncated` knows the whole text. The projection is then one custom op, `PqrnnProject`, over
    the C++ core: the same features, faster, for runtimes that are given the op
    (`pqrnn_tf.runtime.tflite_op`, docs/deployment.md).

    Args:
        model: A built model.
        path: Where to write the file as well; written whole or not at all.
        quantization: `"int8_weights"`: kernels in 8 bits with a scale for each output channel, sums in
            integers where the runtime can, everything else in floats; `"int8"`: also what goes into
            and comes out of every matrix product, and the gates, with ranges that were calibrated
            (`pqrnn_tf.tasks.quantized`); `"none"`: floats. The projection is exact in all of them.
        calibration: Texts to calibrate `"int8"` with, such as training rows; some hundred are enough.
        licence: Note on the terms of model and data, kept in the file.
        extra: Plain JSON values to keep in the file, such as scores.
        short_texts: Tokens of the further signatures; `None` for `SHORT_TEXTS`, of a sentence encoder
            `ENCODER_SHORT_TEXTS`. Those that are not below the model's own limit
            are left out. Each costs about 30 kB of file and, when loaded, a packed copy of the weights.
        frontend: `"code_points"`: built-in ops only, for any stock runtime; `"string"`.

    Returns:
        The bytes of the file, with the description that `read_metadata` reads.

    Raises:
        TypeError, ValueError: if an argument is not valid.
        OpUnavailableError: if `frontend` is `"string"` and the TensorFlow op is not built.
    """
    if short_texts is None:
        short_texts = ENCODER_SHORT_TEXTS if isinstance(model, SentenceEncoder) else SHORT_TEXTS
    _validate_options(model, quantization, calibration, short_texts, frontend)
    model = _in_single_precision(model)
    spec = model.spec
    signature = SIGNATURE if isinstance(model, IntentSlotModel) else ENCODER_SIGNATURE

    functions = {
        name: _signature_function(model, limits, frontend)
        for name, limits in _signature_specs(signature, spec, short_texts, frontend).items()
    }
    features = model.entity_features if isinstance(model, IntentSlotModel) else None
    if features is not None:
        name_of = f"{signature}_{ENTITIES}"
        functions |= {
            name: _signature_function(model, limits, frontend, features)
            for name, limits in _signature_specs(name_of, spec, short_texts, frontend).items()
        }
    module = tf.Module()
    module.weights = [variable.value for variable in model.variables]
    module.functions = list(functions.values())
    ranges = calibrate(model, calibration) if quantization == "int8" else None
    with rounded_activations(model, ranges):
        # The TensorFlow op becomes a custom op of the same name, its attributes become options.
        flatbuffer = to_flatbuffer(
            module,
            functions,
            quantized=quantization != "none",
            custom_ops=frontend == "string",
        )
    custom_ops = [OP_NAME] if frontend == "string" else []
    flatbuffer = pack(flatbuffer, order=list(functions), custom_ops=custom_ops)
    common: dict[str, Any] = {
        "spec": spec,
        "quantization": quantization,
        "versions": {
            "pqrnn_tf": pqrnn_tf.__version__,
            **{name: importlib.metadata.version(name) for name in ("tensorflow", "keras")},
        },
        "licence": licence,
        "extra": extra or {},
        "frontend": frontend,
    }
    metadata: Metadata | EncoderMetadata
    if isinstance(model, SentenceEncoder):
        fingerprint = hashlib.sha256(flatbuffer).hexdigest()[:FINGERPRINT_DIGITS]
        metadata = EncoderMetadata(width=model.width, fingerprint=fingerprint, **common)
    else:
        metadata = Metadata(labels=model.labels, entity_features=features, **common)
    content = append_metadata(flatbuffer, metadata)
    if path is not None:
        write_bytes(path, content)
    return content
