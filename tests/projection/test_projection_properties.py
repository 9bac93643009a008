"""On random Unicode all implementations of the projection agree, bit for bit."""

from __future__ import annotations

import functools

import implementations
import pytest
import random_texts
import tensorflow as tf

from pqrnn_tf.projection import op
from pqrnn_tf.runtime.spec import ProjectionSpec
from tests.conftest import skip_native

SMALL = {"word_features": 16, "ngram_features": 16, "max_code_points": 40, "max_tokens": 24}
SPECS = {
    "unicode": (ProjectionSpec(**SMALL), 2000),
    "spaces": (ProjectionSpec(**SMALL, segmentation="spaces", seed=2), 1000),
    "spaced": (ProjectionSpec(**SMALL, segmentation="words", seed=3), 2000),
    "cased": (ProjectionSpec(**SMALL, lowercase=False, shape=False, ngram_hashes=1), 1000),
    "orders": (ProjectionSpec(**SMALL, ngram_orders=(1, 2, 5), seed=3), 1500),
    "long_orders": (ProjectionSpec(**SMALL, ngram_orders=(2, 7, 8), seed=4), 1000),
    "tight": (ProjectionSpec(**{**SMALL, "max_code_points": 7, "max_tokens": 3}), 1000),
    "words": (
        ProjectionSpec(**{**SMALL, "ngram_features": 0}, ngram_orders=(), seed=2**63 - 1),
        300,
    ),
    "default": (ProjectionSpec(), 200),
}


@functools.cache
def case(name: str) -> tuple[list[bytes], ProjectionSpec, implementations.Outputs]:
    spec, count = SPECS[name]
    texts = random_texts.random_texts(sum(name.encode()), count)
    return texts, spec, implementations.by_definition(texts, spec)


def test_there_are_ten_thousand_texts() -> None:
    assert sum(count for _, count in SPECS.values()) == 10_000


@pytest.mark.parametrize("name", SPECS)
def test_graph_equals_the_definition(name: str) -> None:
    texts, spec, expected = case(name)
    implementations.assert_same(texts, spec, implementations.by_graph(texts, spec), expected)


@pytest.mark.parametrize("name", SPECS)
def test_op_equals_the_definition(name: str) -> None:
    if not op.is_available():
        skip_native("the projection op is not built: python setup.py build_ext --inplace")
    texts, spec, expected = case(name)
    implementations.assert_same(texts, spec, implementations.by_op(texts, spec), expected)


@pytest.mark.parametrize("name", ["long_orders", "default"])
def test_converted_graph_equals_the_definition(name: str) -> None:
    texts, spec, expected = case(name)
    content = implementations.convert_graph(spec)
    subset = texts[:250]
    outputs = implementations.by_runtime(content, subset, spec)
    implementations.assert_same(subset, spec, outputs, tuple(x[:250] for x in expected))


def test_long_texts_agree_beyond_float_sums() -> None:
    # More than 1,024 code points in one token: sums of residues leave 2^24 and must be integers.
    spec = ProjectionSpec(word_features=64, ngram_features=8, max_code_points=4096, max_tokens=4)
    texts = [b"\xf4\x8f\xbf\xbf" * 4096, b"ab " * 2 + b"z" * 4000, ("é" * 4090 + " a b").encode()]
    expected = implementations.by_definition(texts, spec)
    implementations.assert_same(texts, spec, implementations.by_graph(texts, spec), expected)


def test_batch_and_single_text_agree() -> None:
    texts, spec, _ = case("default")
    array, _ = implementations.buffers(texts[:20], spec)
    from pqrnn_tf.projection.graph import project_code_points

    together = project_code_points(tf.constant(array), spec)
    for i in range(len(array)):
        alone = project_code_points(tf.constant(array[i : i + 1]), spec)
        for key, value in alone.items():
            tf.debugging.assert_equal(value[0], together[key][i])
