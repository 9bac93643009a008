"""Version 2: equal forms of a text give equal bits, in every implementation, with spans of the text as it was given."""

from __future__ import annotations

import dataclasses
import functools

import implementations
import numpy as np
import one_op_models
import pytest
import random_texts
import tensorflow as tf
from ai_edge_litert.interpreter import InterpreterWithCustomOps

from pqrnn_tf.projection import Projection, op, project
from pqrnn_tf.runtime.spec import VERSIONS, ProjectionSpec
from pqrnn_tf.runtime.tflite_op import TfliteOpError, op_registerer
from tests.conftest import skip_native

SMALL = ProjectionSpec(word_features=16, ngram_features=16, max_code_points=30, max_tokens=16)
SPECS = {
    "unicode": SMALL,
    "spaces": dataclasses.replace(SMALL, segmentation="spaces", seed=2),
    "words": dataclasses.replace(SMALL, segmentation="words", lowercase=False),
    "tight": dataclasses.replace(SMALL, max_code_points=5, max_tokens=3),
}
FORMS = [
    ("play “thriller” by jackson", 'play "thriller" by jackson'),  # case 3
    ("play „thriller“ by «jackson»", 'play "thriller" by "jackson"'),
    ("don’t", "don't"),
    ("7 – 9", "7 - 9"),
    ("wake me at 7pm\u200e", "wake me at 7pm"),  # case 4
    ("wa\u200bke me", "wake me"),
    ("ｗａｋｅ　ｍｅ　ａｔ　７ｐｍ", "wake me at 7pm"),
    ("An\u0303ade cinco minutos", "Añade cinco minutos"),  # case 2
    ("नमस्ते।", "नमस्ते."),
]


def extended(seed: int, count: int) -> list[bytes]:
    """Random texts, with more of what is folded."""
    pools = [
        *random_texts.POOLS,
        *((0x1100, 0x1200), (0x300, 0x330), (0x200B, 0x2010), (0x2018, 0x2020), (0xFF00, 0xFFEF)),
        *(
            (0x1D400, 0x1D800),
            (0x9C0, 0x9F0),
            (0x1E00, 0x1F00),
            (0x11130, 0x11135),
            (0xF900, 0xFB50),
        ),
    ]
    original, random_texts.POOLS = random_texts.POOLS, pools
    try:
        return random_texts.random_texts(seed, count)
    finally:
        random_texts.POOLS = original


@functools.cache
def case(name: str) -> tuple[list[bytes], ProjectionSpec, implementations.Outputs]:
    texts = extended(sum(name.encode()), 1500)
    return texts, SPECS[name], implementations.by_definition(texts, SPECS[name])


@pytest.mark.parametrize("name", SPECS)
def test_op_equals_the_definition(name):
    if not op.is_available():
        skip_native("the projection op is not built: python setup.py build_ext --inplace")
    texts, spec, expected = case(name)
    implementations.assert_same(texts, spec, implementations.by_op(texts, spec), expected)


@pytest.mark.parametrize("name", SPECS)
def test_graph_of_folded_code_points_equals_the_definition(name):
    texts, spec, expected = case(name)
    implementations.assert_same(texts, spec, implementations.by_graph(texts, spec), expected)


@pytest.mark.parametrize("name", SPECS)
def test_tflite_op_equals_the_definition(name):
    try:
        registerer = op_registerer()
    except TfliteOpError as error:
        skip_native(str(error))
    texts, spec, expected = case(name)
    outputs = one_op_models.run(InterpreterWithCustomOps, registerer, texts, spec)
    implementations.assert_same(texts, spec, outputs, expected)


@pytest.mark.filterwarnings("ignore:.*computes the same features")
def test_what_stands_in_for_the_op_equals_the_definition(monkeypatch):
    texts, spec, expected = case("unicode")
    monkeypatch.setattr(op, "_installed", lambda: op.OpUnavailableError("removed"))
    implementations.assert_same(texts, spec, implementations.by_op(texts, spec), expected)


@pytest.mark.parametrize(("text", "plain"), FORMS)
def test_forms_of_the_same_text_have_the_same_bits(text, plain):
    assert project(text, SMALL).features == project(plain, SMALL).features
    first, second = (version_1_features(form) for form in (text, plain))
    assert first != second  # which is what version 1 did


def version_1_features(text: str) -> list[list[int]]:
    return project(text, dataclasses.replace(SMALL, version=1)).features


@pytest.mark.parametrize("text", [form for _, form in FORMS if "।" not in form])
def test_text_that_is_folded_already_has_the_bits_of_version_1(text):
    assert project(text, SMALL) == project(text, dataclasses.replace(SMALL, version=1))


def test_quotes_are_tokens_outside_of_what_they_quote():
    text = "play “thriller” by jackson"
    words = [text[start:end] for start, end in project(text, SMALL).spans]
    assert words == ["play", "“", "thriller", "”", "by", "jackson"]


def test_spans_leave_invisible_characters_at_the_edges_out_and_keep_those_inside():
    text = "\u200ewa\u200bke\u200e \u200fme"
    assert project(text, SMALL).spans == [(1, 6), (9, 11)]


def test_limits_count_folded_code_points():
    spec = dataclasses.replace(SMALL, max_code_points=8)
    assert not project("e\u0301" * 8, spec).truncated
    assert project("e\u0301" * 8, spec).spans == [(0, 16)]
    assert not project("\u200b" * 300 + "wake", spec).truncated
    assert project("e\u0301" * 9, spec).truncated


@pytest.mark.parametrize("version", VERSIONS)
def test_layer_carries_the_version(version):
    layer = Projection(dataclasses.replace(SMALL, version=version))
    again = Projection.from_config(layer.get_config())
    text = "“ｗａｋｅ” me\u200b"
    outputs = again(tf.constant([text]))
    expected = project(text, again.spec)
    np.testing.assert_array_equal(outputs["features"][0], expected.features)
    assert [tuple(span) for span in outputs["spans"][0].numpy()] == expected.spans


def test_a_long_text_of_marks_is_read_in_reasonable_time():
    text = ("a" + "\u0301\u0323" * 100_000).encode()
    outputs = implementations.by_op([text], SMALL)
    assert outputs[3].tolist() == [True]
