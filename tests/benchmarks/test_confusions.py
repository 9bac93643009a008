"""Confusions are told apart by kind and counted for each model."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.confusions import KINDS, Confusion, compare_models, confusions_of
from pqrnn_tf.datasets import Example, SlotSpan
from pqrnn_tf.runtime import DecodedParse, DecodedSlot
from pqrnn_tf.tasks import Answer

TEXT = "wake me at seven every day"
SPANS = [(0, 4), (5, 7), (8, 10), (11, 16), (17, 22), (23, 26)]
TIME = SlotSpan("TIME", ((11, 16),))
EVERY = SlotSpan("EVERY", ((17, 26),))


def row(*slots: SlotSpan, intent: str = "ALARM") -> Example:
    return Example(text=TEXT, intent=intent, slots=slots)


def answer(*slots: tuple[str, int, int], intent: str = "ALARM") -> Answer:
    found = tuple(DecodedSlot(name, ((first, last),)) for name, first, last in slots)
    return Answer(SPANS, DecodedParse(intent, 1.0, found, ("O",) * len(SPANS)), np.zeros(1))


def test_what_is_right_is_no_confusion():
    assert list(confusions_of(row(TIME, EVERY), answer(("TIME", 3, 4), ("EVERY", 4, 6)))) == []


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        ([], Confusion("missed", "TIME", "")),
        ([("DATE", 3, 4)], Confusion("name", "TIME", "DATE")),
        ([("TIME", 2, 4)], Confusion("boundary", "TIME", "TIME")),
        ([("DATE", 3, 6)], Confusion("both", "TIME", "DATE")),
        ([("TIME", 3, 4), ("WHO", 1, 2)], Confusion("invented", "", "WHO")),
    ],
)
def test_kinds(slots, expected):
    assert list(confusions_of(row(TIME), answer(*slots))) == [expected]
    assert expected.kind in KINDS


def test_intents_and_slots_are_confused_by_themselves():
    found = list(confusions_of(row(TIME), answer(("DATE", 3, 4), intent="TIMER")))
    assert found == [Confusion("intent", "ALARM", "TIMER"), Confusion("name", "TIME", "DATE")]


def test_the_slot_with_most_words_in_common_is_the_one_that_was_meant():
    found = list(confusions_of(row(SlotSpan("X", ((5, 22),))), answer(("Y", 1, 2), ("Z", 2, 5))))
    assert found == [Confusion("both", "X", "Z"), Confusion("invented", "", "Y")]


def test_a_slot_with_a_hole_is_its_own_words():
    split = SlotSpan("TODO", ((0, 4), (23, 26)))
    todo = DecodedSlot("TODO", ((0, 1), (5, 6)))
    right = Answer(SPANS, DecodedParse("ALARM", 1.0, (todo,), ("O",) * 6), np.zeros(1))
    assert list(confusions_of(row(split), right)) == []
    assert list(confusions_of(row(split), answer(("TODO", 0, 6)))) == [
        Confusion("boundary", "TODO", "TODO")
    ]


def test_rows_that_are_not_aligned_have_an_intent():
    lost = Example(text=TEXT, intent="ALARM", slots=None, problem="not found")
    found = list(confusions_of(lost, answer(("TIME", 3, 4), intent="TIMER")))
    assert found == [Confusion("intent", "ALARM", "TIMER")]


def test_models_stand_side_by_side_and_the_most_frequent_come_first():
    examples = [row(TIME), row(TIME), row()]
    worse = [answer(), answer(("DATE", 3, 4)), answer(("DATE", 3, 4))]
    better = [answer(), answer(("TIME", 3, 4)), answer()]
    compared = compare_models(examples, {"worse": worse, "better": better}, count=2)
    assert compared["confusions"] == [
        {"kind": "missed", "gold": "TIME", "predicted": "", "counts": {"worse": 1, "better": 1}},
        {"kind": "invented", "gold": "", "predicted": "DATE", "counts": {"worse": 1, "better": 0}},
    ]
    kinds = dict.fromkeys(KINDS, 0)
    assert compared["kinds"] == {
        "worse": {**kinds, "missed": 1, "name": 1, "invented": 1},
        "better": {**kinds, "missed": 1},
    }
