"""The graph converts to built-in operations, stays exact when a model is quantised, and is checked."""

from __future__ import annotations

import implementations
import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.projection.graph import project_code_points
from pqrnn_tf.runtime.spec import ProjectionSpec

TEXTS = [
    "Wake me up at 7pm, please!",
    "नमस्ते दुनिया ৭",
    "ตั้งปลุก 7 โมง",
    "",
    "ЁЛКА Ёж \U0001f44d\U0001f3fd",
]
BYTES = [text.encode() for text in TEXTS]


def interpreter(content: bytes) -> object:
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter(model_content=content, num_threads=1)


@pytest.mark.parametrize(
    "spec",
    [
        ProjectionSpec(),
        ProjectionSpec(ngram_features=256, ngram_orders=(1, 2, 3, 4, 5, 6, 7, 8), ngram_hashes=16),
    ],
    ids=["default", "wide"],
)
def test_quantising_a_model_leaves_its_projection_exact(spec: ProjectionSpec) -> None:
    weights = np.random.default_rng(0).normal(size=(spec.features, 64)).astype(np.float32)

    def dense(outputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        rows = tf.reshape(outputs["features"], [spec.max_tokens, spec.features])
        return {**outputs, "dense": tf.matmul(rows, tf.constant(weights))}

    content = implementations.convert_graph(spec, dtype=tf.float32, optimize=True, behind=dense)
    expected = implementations.by_definition(BYTES, spec)
    outputs = implementations.by_runtime(content, BYTES, spec)
    implementations.assert_same(BYTES, spec, outputs, expected)
    details = interpreter(content).get_tensor_details()  # type: ignore[attr-defined]
    eight_bit = [d for d in details if d["dtype"] == np.int8]
    assert [sorted(d["shape"].tolist()) for d in eight_bit] == [sorted(weights.shape)]


def test_padded_tokens_are_zero() -> None:
    spec = ProjectionSpec(word_features=8, ngram_features=8, max_tokens=6)
    outputs = project_code_points(tf.constant(implementations.buffers([b"a b"], spec)[0]), spec)
    assert outputs["lengths"].numpy().tolist() == [2]
    assert not outputs["features"][0, 2:].numpy().any()
    assert not outputs["spans"][0, 2:].numpy().any()


def test_a_token_at_the_look_ahead_position_is_cut_whole() -> None:
    spec = ProjectionSpec(word_features=8, ngram_features=8, max_code_points=5)
    texts = ["ab cd", "ab cde", "ab cd ", "ab cd x", "abcde!"]
    array, _ = implementations.buffers([text.encode() for text in texts], spec)
    outputs = project_code_points(tf.constant(array), spec)
    assert outputs["lengths"].numpy().tolist() == [2, 1, 2, 2, 1]
    assert outputs["truncated"].numpy().tolist() == [False, True, False, False, True]


def test_features_come_in_the_type_asked_for() -> None:
    spec = ProjectionSpec(word_features=8, ngram_features=8)
    array = tf.constant(implementations.buffers(BYTES, spec)[0])
    floats = project_code_points(array, spec, dtype=tf.float32)["features"]
    assert floats.dtype == tf.float32
    integers = project_code_points(array, spec)["features"]
    assert integers.dtype == tf.int8
    tf.debugging.assert_equal(tf.cast(floats, tf.int8), integers)


@pytest.mark.parametrize(
    "points",
    [tf.zeros((1, 9), tf.int64), tf.zeros((9,), tf.int32), tf.zeros((1, 8), tf.int32)],
    ids=["type", "rank", "width"],
)
def test_wrong_input_is_refused(points: tf.Tensor) -> None:
    spec = ProjectionSpec(word_features=8, ngram_features=8, max_code_points=8)
    with pytest.raises(ValueError, match=r"`code_points` must .*Received: "):
        project_code_points(points, spec)
