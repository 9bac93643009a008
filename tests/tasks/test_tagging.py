"""Slots in code points to tags of tokens."""

from __future__ import annotations

from pqrnn_tf.datasets.corpora.mtop import example_from_tree
from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.datasets.trees.nesting import Leaf
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.trees import parse_tree
from pqrnn_tf.tasks.tagging import (
    IGNORE,
    encode_nested,
    encode_tags,
    nested_tag_names,
    tag_names,
    tags_of_leaves,
)

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


def test_nested_tags_say_the_way_to_the_leaf():
    row = example_from_tree(
        "call my old friend Bob and Ann",
        "[IN:C [SL:WHO [IN:GET [SL:WITH [IN:IS [SL:OF my ] [SL:TYPE old friend ] ] ] [SL:WITH Bob ] ] ] "
        "[SL:ALSO Ann ] ]",
        source="",
    )
    spans = [(0, 4), (5, 7), (8, 11), (12, 18), (19, 22), (23, 26), (27, 30)]
    assert nested_tag_names(spans, row) == [
        None,  # in no slot
        "B-GET/WITH B-IS/OF",
        "I-GET/WITH B-IS/TYPE",
        "I-GET/WITH I-IS/TYPE",
        "B-GET/WITH",
        None,
        "O",
    ]
    labels = LabelSet(("C",), ("O",), nested=("O", "B-GET/WITH"))
    assert encode_nested(spans, row, labels) == [IGNORE, IGNORE, IGNORE, IGNORE, 1, IGNORE, 0]


def test_without_a_tree_it_is_not_known_what_is_nested():
    row = Example("call mom", "C", (SlotSpan("WHO", ((5, 8),)),))
    assert nested_tag_names([(0, 4), (5, 8)], row) == [None, None]


def test_what_cannot_be_said_has_no_tag():
    tree = parse_tree("[IN:C [SL:WHO [IN:GET mom [SL:X and ] ] ] [SL:AT now ] ]")
    slots = (SlotSpan("WHO", ((5, 12),)), SlotSpan("AT", ((13, 16),)))
    row = Example("call mom and now", "C", slots, tree)
    spans = [(0, 4), (5, 8), (9, 12), (13, 16)]
    assert nested_tag_names(spans, row) == [None, None, None, "O"]


def test_tags_of_leaves_are_those_of_any_tokens():
    pieces = (((0, 3), (9, 12)), ((4, 8),))
    leaves = [Leaf((("A/X", 0),), pieces[0]), Leaf((("A/Y", 1), ("C/Z", 0)), pieces[1])]
    assert list(tags_of_leaves(leaves)) == [
        (("A/X",), "B-A/X"),
        (("A/X",), "I-A/X"),
        (("A/Y", "C/Z"), "B-A/Y B-C/Z"),
        (("A/Y", "C/Z"), "I-A/Y I-C/Z"),
        (("A/X",), "I-A/X"),
        (("A/X",), "I-A/X"),
    ]


def test_unknown_tags_are_ignored():
    labels = LabelSet(("A",), ("O", "B-T", "I-T"))
    slots = [SlotSpan("T", ((0, 4),)), SlotSpan("NEW", ((5, 7),))]
    assert encode_tags(SPANS, slots, labels) == [1, IGNORE, 0, 0, 0]
