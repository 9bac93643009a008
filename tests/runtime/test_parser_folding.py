"""Forms of the same text give the same parse, with offsets of the caller's own string; in all front ends."""

from __future__ import annotations

import functools
import json
import unicodedata

import numpy as np
import pytest

from pqrnn_tf.runtime import Parser, load, pretrained_models
from pqrnn_tf.runtime.folding import FOLDED, fold
from pqrnn_tf.runtime.metadata import Metadata
from tests.tiny_models import DEV
from tflite_export import convert

REQUEST = "wake me at 7pm"
NAMES = [
    name for name, model in pretrained_models().items() if isinstance(model.metadata, Metadata)
]
published = functools.cache(load)
FOLDING = [name for name in NAMES if published(name).spec.version >= FOLDED]


@pytest.fixture(scope="module", params=["code_points", "string"])
def parser(request, one_signature, tiny, tmp_path_factory):
    if request.param == "code_points":
        return Parser(tiny[2])
    path = tmp_path_factory.mktemp("string") / "model.tflite"
    convert(tiny[0], path=path, frontend="string")
    return Parser(path)


def said(parse):
    """What a parse says, with the folded words of its slots."""
    return (
        parse.intent,
        pytest.approx(parse.score, abs=1e-5),
        [(slot.name, fold(slot.text).text) for slot in parse.slots],
        parse.truncated,
    )


def test_a_new_model_says_version_2(tiny, parser):
    assert parser.spec.version == tiny[0].spec.version == 2


# Case 2: the composed and the decomposed form of one text.
@pytest.mark.parametrize("name", NAMES)
def test_decomposed_letters_are_parsed_as_composed_ones(name):
    parser = published(name)
    text = "Añade cinco minutos al temporizador de cocina, Müller"
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    assert forms[0] != forms[1]
    composed, decomposed = map(parser, forms)
    assert composed.intent == decomposed.intent
    assert composed.score == decomposed.score
    slots = [
        [(slot.name, unicodedata.normalize("NFC", slot.text)) for slot in parse.slots]
        for parse in (composed, decomposed)
    ]
    assert slots[0] == slots[1]
    for slot in decomposed.slots:
        assert slot.text == forms[1][slot.start : slot.end]


# Case 3: curly quotes are outside of what they quote, as straight ones are.
@pytest.mark.parametrize("name", FOLDING)
@pytest.mark.parametrize("quotes", ["“”", "„“", "«»", "‘’"])
def test_curly_quotes_are_parsed_as_straight_ones(name, quotes):
    parser = published(name)
    straight = "'" if quotes == "‘’" else '"'
    plain = parser(f"play {straight}thriller{straight} by jackson")
    curly = parser(f"play {quotes[0]}thriller{quotes[1]} by jackson")
    assert (curly.intent, curly.score) == (plain.intent, plain.score)
    assert [(s.name, s.start, s.end) for s in curly.slots] == [
        (s.name, s.start, s.end) for s in plain.slots
    ]


@pytest.mark.parametrize(
    ("text", "plain"), [("play “a b” by c", 'play "a b" by c'), ("don’t", "don't")]
)
def test_quotes_are_the_same_logits(parser, text, plain):
    for name, value in parser.logits(plain).items():
        np.testing.assert_array_equal(parser.logits(text)[name], value)


# Case 4: what cannot be seen changes nothing, and stands in no slot.
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "text",
    [
        REQUEST + "\u200e",
        "\ufeff" + REQUEST,
        "wa\u200bke me at 7pm",
        "wake me at\u2060 7\u00adpm",
        "w\ufe0fake me at 7pm\u202c",
    ],
)
def test_invisible_characters_change_nothing(name, text):
    parser = published(name)
    plain, parse = parser(REQUEST), parser(text)
    assert (parse.intent, parse.score, parse.truncated) == (plain.intent, plain.score, False)
    assert [slot.name for slot in parse.slots] == [slot.name for slot in plain.slots]
    for slot, own in zip(parse.slots, plain.slots, strict=True):
        assert fold(slot.text).text == own.text
        assert slot.text == text[slot.start : slot.end]
        assert slot.text == slot.text.strip("\u200e\ufeff\u202c")


@pytest.mark.parametrize(
    "form",
    [
        REQUEST + "\u200e",
        "\u200ewa\u200bke me at 7\u00adpm",
        "ｗａｋｅ　ｍｅ　ａｔ　７ｐｍ",
        "𝘄𝗮𝗸𝗲 𝗺𝗲 𝗮𝘁 𝟳𝗽𝗺",
        "wake\u00a0me\u2003at\u202f7pm",
        "wake me at ٧pm",
        "wa\u200cke me at 7p\u200dm",
    ],
)
def test_forms_of_a_text_have_the_same_logits_and_their_own_offsets(parser, form):
    plain, folded = parser.logits(REQUEST), parser.logits(form)
    for name in set(plain) - {"spans"}:
        np.testing.assert_array_equal(folded[name], plain[name])
    count = int(plain["length"])
    words = [fold(form[start:end]).text for start, end in folded["spans"][:count]]
    assert words == [REQUEST[start:end] for start, end in plain["spans"][:count]]
    assert said(parser(form)) == said(parser(REQUEST))


# Case 9: what is not read does not use up the buffer.
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "blanks", [" " * 300, "\u200b" * 300, " \u200e" * 300, "\u00a0\u2060" * 300]
)
def test_blanks_and_invisible_characters_do_not_use_up_the_buffer(name, blanks):
    parser = published(name)
    plain, parse = parser(REQUEST), parser(blanks + REQUEST)
    assert (parse.intent, parse.score, parse.truncated) == (plain.intent, plain.score, False)
    moved = [(s.name, s.start - len(blanks), s.end - len(blanks)) for s in parse.slots]
    assert moved == [(s.name, s.start, s.end) for s in plain.slots]


def test_a_decomposed_text_has_room_where_the_composed_one_has(parser):
    text = "wake " + "é" * 60 + " at 7pm"
    long = unicodedata.normalize("NFD", text)
    assert len(text) <= parser.spec.max_code_points < len(long)
    assert said(parser(long)) == said(parser(text))
    assert not parser(long).truncated


def test_a_cut_text_says_so_in_the_callers_offsets(parser):
    text = "wake me at 7pm " + "e\u0301xtra " * 30
    outputs = parser.logits(text)
    assert outputs["truncated"]
    words = [text[start:end] for start, end in outputs["spans"][: int(outputs["length"])]]
    assert words[:5] == ["wake", "me", "at", "7", "pm"]
    assert set(words[5:]) == {"e\u0301xtra"}


def test_the_keras_model_and_the_file_agree_on_forms(tiny, parser):
    texts = [
        "“Wake” me\u200e at ７ｐｍ",
        "se\u0301t an alarm",
        *[row.text + "\u200b" for row in DEV[:20]],
    ]
    for text, own in zip(texts, tiny[0].predict(texts), strict=True):
        parse = parser(text)
        assert (own.intent, own.slots) == (parse.intent, parse.slots), text


def test_a_version_1_model_reads_its_development_rows_as_they_are(corpora):
    rows = [json.loads(line) for line in (corpora / "mtop_en" / "dev.jsonl").open(encoding="utf-8")]
    texts = [row["question"] for row in rows]
    path = corpora / "mtop_parallel" / "dev.json"
    parallel = json.loads(path.read_text(encoding="utf-8"))
    texts += [text for row in parallel for text in row["question"].values()]
    changed = [text for text in texts if fold(text, version=1).text != text]
    assert (
        len(changed) <= 5
    )  # an invisible space between two words, a sign typed before another one
