"""Scores, computed by hand."""

from __future__ import annotations

import pytest

from pqrnn_tf.datasets.examples import Example, SlotSpan
from pqrnn_tf.datasets.trees import parse_tree
from pqrnn_tf.tasks.decoding import Parse, slots_of_tags
from pqrnn_tf.tasks.metrics import score_parsed

TEXT = "call Rob at 7pm"
SPANS = [(0, 4), (5, 8), (9, 11), (12, 13), (13, 15)]
GOLD = Example(
    text=TEXT,
    intent="CALL",
    slots=(SlotSpan("WHO", ((5, 8),)), SlotSpan("WHEN", ((9, 15),))),
    tree=parse_tree("[IN:CALL [SL:WHO Rob ] [SL:WHEN at 7 pm ] ]"),
)
RIGHT = ("O", "B-WHO", "B-WHEN", "I-WHEN", "I-WHEN")
SHORT = ("O", "B-WHO", "O", "B-WHEN", "I-WHEN")


def parse(tags, intent="CALL"):
    return SPANS, Parse(intent, 1.0, slots_of_tags(tags), tags)


def test_right_parse_scores_full():
    scores = score_parsed([GOLD], [parse(RIGHT)])
    assert (scores.flat_exact_match, scores.slot_f1, scores.tag_f1) == (100.0, 100.0, 100.0)
    assert scores.intent_accuracy == 100.0


def test_a_short_slot_is_wrong():
    scores = score_parsed([GOLD, GOLD], [parse(RIGHT), parse(SHORT)])
    assert scores.flat_exact_match == 50.0
    assert (scores.slot_precision, scores.slot_recall) == (75.0, 75.0)
    assert scores.tag_f1 == 75.0


def test_a_wrong_intent_is_no_exact_match():
    scores = score_parsed([GOLD], [parse(RIGHT, "TEXT")])
    assert (scores.intent_accuracy, scores.flat_exact_match, scores.slot_f1) == (0.0, 0.0, 100.0)


def test_a_row_that_was_not_aligned_counts():
    lost = Example(
        text=TEXT,
        intent="CALL",
        slots=None,
        problem="words not found",
        tree=parse_tree("[IN:CALL [SL:WHO Bob ] ]"),
    )
    scores = score_parsed([GOLD, lost], [parse(RIGHT), parse(RIGHT)])
    assert (scores.rows, scores.unaligned_rows, scores.flat_exact_match) == (2, 1, 50.0)


def test_the_words_of_a_nested_slot_are_its_leaves():
    tree = parse_tree("[IN:CALL [SL:WHO [IN:GET [SL:A call ] [SL:B at ] ] ] ]")
    gold = Example(TEXT, "CALL", (SlotSpan("WHO", ((0, 4), (9, 11))),), tree)
    with_hole = parse(("B-WHO", "G-WHO", "I-WHO", "O", "O"))
    hull = parse(("B-WHO", "I-WHO", "I-WHO", "O", "O"))
    scores = score_parsed([gold, gold], [with_hole, hull])
    assert scores.flat_exact_match == 50.0
    assert scores.tag_f1 == 100.0


def test_rows_and_parses_without_slots_have_no_slot_scores():
    plain = Example(text=TEXT, intent="CALL", slots=())
    scores = score_parsed([plain, plain], [parse(("O",) * 5), parse(("O",) * 5, "TEXT")])
    assert scores.to_dict() == {
        "rows": 2,
        "intent_accuracy": 50.0,
        "flat_exact_match": 50.0,
        "unaligned_rows": 0,
    }


def test_a_slot_where_there_is_none_is_scored():
    plain = Example(text=TEXT, intent="CALL", slots=())
    scores = score_parsed([plain], [parse(RIGHT)])
    assert (scores.slot_precision, scores.slot_f1, scores.flat_exact_match) == (0.0, 0.0, 0.0)


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="same length"):
        score_parsed([GOLD], [])
