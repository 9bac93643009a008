"""Slots in code points to tags of tokens."""

from __future__ import annotations

from pqrnn_tf.datasets.examples import SlotSpan
from pqrnn_tf.tasks.labels import LabelSet
from pqrnn_tf.tasks.tagging import IGNORE, encode_tags, tag_names

SPANS = [(0, 4), (5, 7), (8, 10), (11, 12), (12, 14)]


def test_tokens_of_a_slot():
    assert tag_names(SPANS, [SlotSpan("T", ((8, 14),))]) == ["O", "O", "B-T", "I-T", "I-T"]


def test_a_token_that_a_slot_touches_belongs_to_it():
    assert tag_names(SPANS, [SlotSpan("T", ((9, 11),))]) == ["O", "O", "B-T", "O", "O"]


def test_adjacent_slots_of_one_name_stay_apart():
    slots = [SlotSpan("T", ((8, 10),)), SlotSpan("T", ((11, 14),))]
    assert tag_names(SPANS, slots) == ["O", "O", "B-T", "B-T", "I-T"]


def test_a_hole_is_a_gap():
    slots = [SlotSpan("T", ((0, 4), (11, 14)))]
    assert tag_names(SPANS, slots) == ["B-T", "G-T", "G-T", "I-T", "I-T"]


def test_unknown_tags_are_ignored():
    labels = LabelSet(("A",), ("O", "B-T", "I-T"))
    slots = [SlotSpan("T", ((0, 4),)), SlotSpan("NEW", ((5, 7),))]
    assert encode_tags(SPANS, slots, labels) == [1, IGNORE, 0, 0, 0]
