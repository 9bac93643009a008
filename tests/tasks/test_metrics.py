"""Scores, computed by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.runtime.decoding import DecodedParse, slots_of_tags
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.nested_decoding import DecodedSlot, NestedDecoder
from pqrnn_tf.runtime.trees import parse_tree
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
    return SPANS, DecodedParse(intent, 1.0, slots_of_tags(tags), tags)


def test_right_parse_scores_full():
    scores = score_parsed([GOLD], [parse(RIGHT)])
    assert (scores.flat_exact_match, scores.slot_f1, scores.tag_f1) == (100.0, 100.0, 100.0)
    assert scores.intent_accuracy == 100.0


def test_a_short_slot_is_wrong():
    scores = score_parsed([GOLD, GOLD], [parse(RIGHT), parse(SHORT)])
    assert scores.flat_exact_match == 50.0
    assert (scores.slot_precision, scores.slot_recall) == (75.0, 75.0)
    assert scores.tag_f1 == 75.0


def test_a_row_of_weight_two_counts_as_two_rows():
    rows, answers = [GOLD, GOLD], [parse(RIGHT), parse(SHORT, "TEXT")]
    weighted = score_parsed(rows, answers, weights=[2.0, 1.0])
    repeated = score_parsed([GOLD, *rows], [answers[0], *answers])
    assert weighted.rows == 2
    assert dataclasses.replace(weighted, rows=3) == repeated
    assert weighted.flat_exact_match == pytest.approx(200 / 3)
    alone = score_parsed(rows, answers, weights=np.array([0.0, 3.0]))
    assert dataclasses.replace(alone, rows=1) == score_parsed(rows[1:], answers[1:])


@pytest.mark.parametrize("weights", [[1.0], [1.0, -1.0], [1.0, np.nan], [[1.0], [1.0]]])
def test_weights_are_one_per_row(weights):
    with pytest.raises(ValueError, match="`weights` must be one finite number per row"):
        score_parsed([GOLD, GOLD], [parse(RIGHT)] * 2, weights=weights)


def test_some_row_must_count():
    with pytest.raises(ValueError, match="`weights` must not all be 0"):
        score_parsed([GOLD, GOLD], [parse(RIGHT)] * 2, weights=[0.0, 0.0])


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


def test_the_words_of_a_slot_are_compared_in_the_order_of_the_text():
    """Trees of the parallel corpus order the leaves of a slot by name."""
    text = "call uncle Rob"
    contact = "[SL:WHO [IN:GET [SL:NAME Rob ] [SL:RELATION uncle ] ] ]"
    row = Example(
        text=text,
        intent="CALL",
        slots=(SlotSpan("WHO", ((5, 14),)),),
        tree=parse_tree(f"[IN:CALL {contact} ]"),
    )
    tags = ("O", "B-WHO", "I-WHO")
    answer = [(0, 4), (5, 10), (11, 14)], DecodedParse("CALL", 1.0, slots_of_tags(tags), tags)
    assert score_parsed([row], [answer]).flat_exact_match == 100.0


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


NESTED_TREE = "[IN:CALL [SL:WHO [IN:GET_CONTACT [SL:FIRST Rob ] [SL:REST at 7 pm ] ] ] ]"


def nested_parse(*tags):
    """A parse whose last four tokens are one slot, with these nested tags."""
    labels = LabelSet(("CALL",), ("O", "B-WHO", "I-WHO"), nested=("O", *dict.fromkeys(tags)))
    slots = (DecodedSlot("WHO", ((1, 5),)),)
    logits = np.array([[0.0 if tag == name else -9.0 for name in labels.nested] for tag in tags])
    slots, _ = NestedDecoder(labels)(slots, np.concatenate([np.zeros_like(logits[:1]), logits]))
    return SPANS, DecodedParse("CALL", 1.0, slots, ("O", "B-WHO", "I-WHO", "I-WHO", "I-WHO"))


def test_the_whole_tree_must_be_right():
    gold = Example(TEXT, "CALL", (SlotSpan("WHO", ((5, 15),)),), parse_tree(NESTED_TREE))
    first, begin, go_on = "B-GET_CONTACT/FIRST", "B-GET_CONTACT/REST", "I-GET_CONTACT/REST"
    right = nested_parse(first, begin, go_on, go_on)
    wrong_words = nested_parse(first, "I-GET_CONTACT/FIRST", begin, go_on)
    wrong_name = nested_parse("B-GET_CONTACT/OTHER", begin, go_on, go_on)
    plain = parse(("O", "B-WHO", "I-WHO", "I-WHO", "I-WHO"))
    for guess, expected in ((right, 100), (wrong_words, 0), (wrong_name, 0), (plain, 0)):
        scores = score_parsed([gold], [guess])
        assert (scores.tree_exact_match, scores.flat_exact_match) == (expected, 100)


def test_a_plain_tree_that_is_right_is_a_tree_that_is_right():
    scores = score_parsed([GOLD, GOLD], [parse(RIGHT), parse(SHORT)])
    assert scores.tree_exact_match == 50.0


def test_the_order_of_slots_in_a_tree_does_not_matter():
    swapped = parse_tree(
        "[IN:CALL [SL:WHO [IN:GET_CONTACT [SL:REST at 7 pm ] [SL:FIRST Rob ] ] ] ]"
    )
    gold = Example(TEXT, "CALL", (SlotSpan("WHO", ((5, 15),)),), swapped)
    guess = nested_parse("B-GET_CONTACT/FIRST", "B-GET_CONTACT/REST", *["I-GET_CONTACT/REST"] * 2)
    assert score_parsed([gold], [guess]).tree_exact_match == 100.0
    top = parse_tree("[IN:CALL [SL:WHEN at 7 pm ] [SL:WHO Rob ] ]")
    assert (
        score_parsed([dataclasses.replace(GOLD, tree=top)], [parse(RIGHT)]).tree_exact_match == 100
    )
