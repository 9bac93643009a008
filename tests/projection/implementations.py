"""The implementations of the projection behind one signature, for comparison in tests.

Each takes texts (UTF-8 bytes) and a specification and returns
`(features int8 (batch, max_tokens, features), lengths, spans, truncated)` as numpy arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from pqrnn_tf.projection.definition import project, read
from pqrnn_tf.projection.graph import project_code_points
from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.unicode_table import SPACE, load_unicode_table

Outputs = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
NAMES = ("features", "lengths", "spans", "truncated")


def by_definition(texts: Sequence[bytes], spec: ProjectionSpec) -> Outputs:
    features = np.zeros((len(texts), spec.max_tokens, spec.features), np.int8)
    spans = np.zeros((len(texts), spec.max_tokens, 2), np.int32)
    lengths = np.zeros(len(texts), np.int32)
    truncated = np.zeros(len(texts), bool)
    for i, text in enumerate(texts):
        projected = project(text, spec)
        lengths[i] = count = len(projected.spans)
        truncated[i] = projected.truncated
        if count:
            features[i, :count] = projected.features
            spans[i, :count] = projected.spans
    return features, lengths, spans, truncated


def buffers(texts: Sequence[bytes], spec: ProjectionSpec) -> tuple[np.ndarray, np.ndarray]:
    """`(code_points, cut_behind)`: the graph's input, folded, and whether a token stands behind it."""
    table = load_unicode_table(spec.version)
    array = np.zeros((len(texts), spec.max_code_points + 1), np.int32)
    cut_behind = np.zeros(len(texts), bool)
    for i, text in enumerate(texts):
        points, _, _ = read(text, spec)
        rest = points[array.shape[1] :]
        cut_behind[i] = any(table.character_class(point) != SPACE for point in rest)
        points = points[: array.shape[1]]
        array[i, : len(points)] = points
    return array, cut_behind


def by_graph(texts: Sequence[bytes], spec: ProjectionSpec) -> Outputs:
    array, cut_behind = buffers(texts, spec)
    outputs = {k: v.numpy() for k, v in project_code_points(tf.constant(array), spec).items()}
    outputs["truncated"] |= cut_behind
    outputs["spans"] = caller_spans(texts, spec, outputs)
    return tuple(outputs[name] for name in NAMES)  # type: ignore[return-value]


def caller_spans(
    texts: Sequence[bytes], spec: ProjectionSpec, outputs: dict[str, np.ndarray]
) -> np.ndarray:
    """The spans of folded code points as those of the texts."""
    spans = outputs["spans"].copy()
    for i, text in enumerate(texts):
        _, starts, ends = read(text, spec)
        own = spans[i, : outputs["lengths"][i]]
        if len(own):
            own[:] = [(starts[start], ends[end - 1]) for start, end in own]
    return spans


def by_op(texts: Sequence[bytes], spec: ProjectionSpec) -> Outputs:
    """The compiled op, or what stands in for it."""
    outputs = project_strings(tf.constant(list(texts)), spec, pad_to_max_tokens=True)
    return tuple(value.numpy() for value in outputs)  # type: ignore[return-value]


def convert_graph(
    spec: ProjectionSpec,
    *,
    dtype: tf.DType = tf.int8,
    optimize: bool = False,
    behind: Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]] = lambda outputs: outputs,
) -> bytes:
    """The graph, with whatever stands `behind` it, as a .tflite of built-in operations."""

    class Model(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((1, spec.max_code_points + 1), tf.int32)])
        def serve(self, points: tf.Tensor) -> dict[str, tf.Tensor]:
            return behind(project_code_points(points, spec, dtype=dtype))

    model = Model()
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [model.serve.get_concrete_function()], model
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if optimize:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return converter.convert()


def by_runtime(content: bytes, texts: Sequence[bytes], spec: ProjectionSpec) -> Outputs:
    """A converted graph in the stock runtime, text by text."""
    from ai_edge_litert.interpreter import Interpreter

    array, cut_behind = buffers(texts, spec)
    interpreter = Interpreter(model_content=content, num_threads=1)
    run = interpreter.get_signature_runner()
    rows = [run(points=row[None]) for row in array]
    outputs = {name: np.concatenate([row[name] for row in rows]) for name in NAMES}
    outputs["truncated"] |= cut_behind
    outputs["spans"] = caller_spans(texts, spec, outputs)
    return tuple(outputs[name] for name in NAMES)  # type: ignore[return-value]


def assert_same(
    texts: Sequence[bytes], spec: ProjectionSpec, actual: Outputs, expected: Outputs
) -> None:
    """Fails with the first text whose outputs differ."""
    for name, got, wanted in zip(NAMES, actual, expected, strict=True):
        assert got.shape == wanted.shape, (name, got.shape, wanted.shape)
        different = (got != wanted).reshape(len(texts), -1).any(axis=1)
        if different.any():
            first = int(np.argmax(different))
            raise AssertionError(
                f"{name} of {int(different.sum())} of {len(texts)} texts differ, first of "
                f"{texts[first]!r} with {spec}: {got[first].tolist()} and {wanted[first].tolist()}"
            )
