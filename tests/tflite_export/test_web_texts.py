"""The parser in JavaScript says of odd texts what Python's says: in Node, so that no browser is needed."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from pqrnn_tf.runtime import Parser
from pqrnn_tf.runtime.results import Parse, Slot
from tests.conftest import ROOT
from tests.odd_texts import odd_texts
from tests.parse_margins import ROUNDING, parse_margin, rejection_margin
from tests.tflite_export.make_jvm_golden import MODELS, utf16
from tests.tflite_export.test_web import pytestmark as pytestmark
from tests.tflite_export.test_web import run_node

ALTERNATIVES = 2
TEXTS = list(odd_texts(300))


def parses_of_node(model: pathlib.Path) -> list[dict[str, Any]]:
    return run_node("parse_texts.js", model, ALTERNATIVES, given=TEXTS)


def slots_of(text: str, slots: tuple[Slot, ...]) -> list[Any]:
    """Slots as JavaScript has them, in UTF-16 units."""
    return [
        [slot.name, utf16(text, slot.start), utf16(text, slot.end), slot.text]
        + ([slot.nested.intent, slots_of(text, slot.nested.slots)] if slot.nested else [])
        for slot in slots
    ]  # fmt: skip


def slots_of_node(slots: list[dict[str, Any]]) -> list[Any]:
    return [
        [slot["name"], slot["start"], slot["end"], slot["text"]]
        + ([slot["nested"]["intent"], slots_of_node(slot["nested"]["slots"])] if slot["nested"] else [])
        for slot in slots
    ]  # fmt: skip


def compare(found: dict[str, Any], parse: Parse, rounding: float) -> None:
    assert found["tree"] == parse.tree
    assert slots_of_node(found["slots"]) == slots_of(parse.text, parse.slots)
    assert found["score"] == pytest.approx(parse.score, abs=rounding)
    assert found["intentScore"] == pytest.approx(parse.intent_score, abs=rounding)


@pytest.mark.parametrize(
    ("model", "rounding"),
    [
        *((path, model.rounding) for path, model in MODELS.items()),
        (ROOT / "pretrained" / "mtop_6_2mb" / "model.tflite", ROUNDING),
    ],
    ids=lambda value: value.stem if isinstance(value, pathlib.Path) else "",
)
def test_odd_texts_have_the_parses_of_python_but_for_near_ties(model, rounding):
    parser = Parser(model)
    same = 0
    for text, found in zip(TEXTS, parses_of_node(model), strict=True):
        parse = parser(text, alternatives=ALTERNATIVES)
        assert (found["text"], found["truncated"]) == (text, parse.truncated)
        if found["tree"] != parse.tree:
            assert parse_margin(parser, text) < rounding, (text, found["tree"], parse.tree)
            continue
        compare(found, parse, rounding)
        if (found["intent"] is None) != (parse.intent is None):
            assert rejection_margin(parser, text) < rounding, text
        others = [other["tree"] for other in found["alternatives"]]
        assert len(others) == len(parse.alternatives)
        same += others == [other.tree for other in parse.alternatives]
    assert same > 0.8 * len(TEXTS)
