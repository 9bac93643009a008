"""The definition in plain Python, on cases worked out by hand."""

from __future__ import annotations

import pytest

from pqrnn_tf.projection.definition import code_points, polynomial_hash, project, tokenize
from pqrnn_tf.runtime.spec import SHAPE_FEATURES, ProjectionSpec

SPEC = ProjectionSpec(word_features=64, ngram_features=32)
SPACES = ProjectionSpec(word_features=64, ngram_features=32, segmentation="spaces")
WORDS = ProjectionSpec(word_features=64, ngram_features=32, segmentation="words")


def words(text: str, spec: ProjectionSpec = SPEC) -> list[str]:
    return [text[start:end] for start, end in tokenize(text, spec)[0]]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Wake me at 7pm!", ["Wake", "me", "at", "7", "pm", "!"]),
        ("", []),
        (" \t\u00a0\u3000\u200b", []),
        ("a...b", ["a", ".", ".", ".", "b"]),
        ("B4 2nite", ["B", "4", "2", "nite"]),
        ("ตื่น7", ["ตื่", "น", "7"]),
        ("ຂ້ອຍ", ["ຂ້", "ອ", "ຍ"]),
        ("ភាសា", ["ភា", "សា"]),
        ("မြန်", ["မြ", "န်"]),
        ("明天a点", ["明", "天", "a", "点"]),
        ("がカー", ["が", "カ", "ー"]),
        ("नमस्ते ७", ["नमस्ते", "७"]),
        ("안녕 하세요", ["안녕", "하세요"]),
        ("e\u0301a", ["e\u0301a"]),
        ("\u0301a", ["\u0301a"]),  # a mark after space begins a word
        (" \u0301 \u0301\u0302", ["\u0301", "\u0301\u0302"]),
        ("!\u0301!", ["!\u0301", "!"]),
        ("1\ufe0f\u20e32", ["1\ufe0f\u20e32"]),  # marks keep the digits together
        ("\U0001f44d\U0001f3fd", ["\U0001f44d", "\U0001f3fd"]),
        ("a\x00b", ["a", "b"]),  # NUL is space
    ],
)
def test_unicode_segmentation(text: str, tokens: list[str]) -> None:
    assert words(text) == tokens


def test_space_segmentation_splits_at_space_only() -> None:
    assert words("at 7pm, \u3000明天\u0301 \u0301x ", SPACES) == [
        "at",
        "7pm,",
        "明天\u0301",
        "\u0301x",
    ]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Wake me at 7pm!!", ["Wake", "me", "at", "7", "pm", "!", "!"]),
        ("ตั้ง ปลุก 7โมงเช้า !", ["ตั้ง", "ปลุก", "7", "โมงเช้า", "!"]),
        ("明天a点点", ["明天", "a", "点点"]),
        ("\u0e31กก \u0e31", ["\u0e31", "กก", "\u0e31"]),  # a mark after space begins a word
    ],
)
def test_word_segmentation_keeps_scripts_without_spaces_together(
    text: str, tokens: list[str]
) -> None:
    assert words(text, WORDS) == tokens
    assert [
        row[-8:][SHAPE_FEATURES.index("alone")] for row in project("โมงเช้า x", WORDS).features
    ] == [1, 0]


@pytest.mark.parametrize(
    ("text", "kept", "truncated"),
    [
        ("abcd efgh", ["abcd"], True),  # efgh ends at 9
        ("abcd efg", ["abcd", "efg"], False),
        ("abcd efg   ", ["abcd", "efg"], False),  # nothing but space is lost
        ("abcdefghi", [], True),
        ("a b c d", ["a", "b", "c"], True),  # max_tokens
        ("abcdefg\u0301\u0301", [], True),  # the marks belong to the token
    ],
)
def test_long_text_is_cut_at_a_token(text: str, kept: list[str], truncated: bool) -> None:
    limits = {"max_code_points": 8, "max_tokens": 3}
    spec = ProjectionSpec(word_features=4, ngram_features=4, version=1, **limits)
    assert words(text, spec) == kept
    assert tokenize(text, spec)[1] == truncated
    assert project(text, spec).truncated == truncated


@pytest.mark.parametrize(
    ("content", "points"),
    [
        (b"a\xffb", [0x61, 0xFFFD, 0x62]),
        (b"\xc3(", [0xFFFD, 0x28]),
        (b"\xe2\x82", [0xFFFD]),  # one maximal subpart
        (b"\xe2\x82a", [0xFFFD, 0x61]),
        (b"\xc0\x80", [0xFFFD, 0xFFFD]),  # over-long
        (b"\xed\xa0\x80", [0xFFFD] * 3),  # a surrogate
        (b"\xf4\x90\x80\x80", [0xFFFD] * 4),  # beyond U+10FFFF
        (b"\xf0\x9f\x91", [0xFFFD]),
    ],
)
def test_ill_formed_utf8_is_replaced_by_maximal_subpart(content: bytes, points: list[int]) -> None:
    assert code_points(content) == points


def test_lone_surrogate_in_a_string_is_the_replacement_character() -> None:
    assert code_points("a\ud800\udc00b") == [0x61, 0xFFFD, 0xFFFD, 0x62]
    assert project("x\ud800", SPEC) == project("x\ufffd", SPEC)


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("WAKE", "wake"),
        ("ÉTÉ", "été"),
        ("ŞĞŁ", "şğł"),
        ("ΚΌΣΜΟΣ", "κόσμοσ"),
        ("ПРИВЕТ", "привет"),
        ("ЁЇҐ", "ёїґ"),
        ("ՀԱՅ", "հայ"),
        ("ẞ", "ß"),
        ("İ", "i"),
        ("ⲀⲂ", "ⲁⲃ"),
        ("𐐀", "𐐨"),
    ],
)
def test_lower_casing_beyond_ascii(upper: str, lower: str) -> None:
    hashed = SPEC.word_features + SPEC.ngram_features
    big, small = project(upper, SPEC).features, project(lower, SPEC).features
    assert [row[:hashed] for row in big] == [row[:hashed] for row in small]
    initial = hashed + SHAPE_FEATURES.index("initial_capital")
    assert (big[0][initial], small[0][initial]) == (1, 0)
    cased = ProjectionSpec(word_features=64, ngram_features=32, lowercase=False)
    assert project(upper, cased).features[0][:hashed] != project(lower, cased).features[0][:hashed]


@pytest.mark.parametrize(
    ("text", "token", "shape"),
    [
        ("Wake", 0, {"initial_capital"}),
        ("USA", 0, {"initial_capital", "all_capitals"}),
        ("I", 0, {"initial_capital", "single"}),
        ("iPhone", 0, {"inner_capital"}),
        ("McDonald", 0, {"initial_capital", "inner_capital"}),
        ("7pm", 0, {"digit", "single"}),
        ("7pm", 1, {"glued"}),
        ("me?", 1, {"punctuation", "glued", "single"}),
        ("? x", 0, {"punctuation", "single"}),
        ("明天", 1, {"alone", "glued", "single"}),
        ("क्या", 0, set()),
        ("\u0301a", 0, set()),
    ],
)
def test_shape_features(text: str, token: int, shape: set[str]) -> None:
    row = project(text, SPEC).features[token][-len(SHAPE_FEATURES) :]
    assert {name for name, value in zip(SHAPE_FEATURES, row, strict=True) if value} == shape


def test_polynomial_hash() -> None:
    assert polynomial_hash([97], 1000, 32749) == 98 * 1000 % 32749
    assert polynomial_hash([97, 98], 1000, 32749) == (98 * 1000 + 99 * 1000**2) % 32749
    assert polynomial_hash([], 1000, 32749) == 0


def test_the_same_word_has_the_same_features_anywhere() -> None:
    first, second = (project(text, SPEC).features for text in ("wake me", "please wake us"))
    assert first[0] == second[1]


def test_a_repeated_ngram_is_clipped_to_one() -> None:
    row = project("a" * 200, SPEC).features[0]
    assert set(row) <= {-1, 0, 1}
