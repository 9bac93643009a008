"""Label sets."""

from __future__ import annotations

import dataclasses
import json

import pytest

from pqrnn_tf.datasets.corpora.mtop import example_from_tree
from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.runtime.labels import LabelError, LabelSet, nested_path, nested_steps
from pqrnn_tf.tasks.label_collection import collect_labels
from tests.conftest import ROOT

EXAMPLES = [
    Example(text="wake me", intent="CREATE_ALARM", slots=(SlotSpan("WHO", ((5, 7),)),)),
    Example(text="call mom now", intent="CALL", slots=(SlotSpan("WHO", ((0, 4), (9, 12))),)),
    Example(text="stop", intent="CALL", slots=()),
]


def test_labels_come_sorted_from_examples():
    labels = collect_labels(EXAMPLES)
    assert labels.intents == ("CALL", "CREATE_ALARM")
    assert labels.tags == ("O", "B-WHO", "I-WHO", "G-WHO")
    assert labels.slots_of_intent == (("WHO",), ("WHO",))
    assert labels.slot_names == ("WHO",)


def test_a_slot_without_a_hole_has_no_gap_tag():
    assert collect_labels(EXAMPLES[:1]).tags == ("O", "B-WHO", "I-WHO")


def test_json_round_trip():
    labels = collect_labels(EXAMPLES)
    assert LabelSet.from_json(labels.to_json()) == labels


@pytest.mark.parametrize(
    ("intents", "tags", "message"),
    [
        ((), ("O",), "intents"),
        (("A", "A"), ("O",), "distinct"),
        (("A",), ("B-X", "I-X"), "must begin with 'O'"),
        (("A",), ("O", "B-X"), "at least 'B-X' and 'I-X'"),
        (("A",), ("O", "X"), "Received: 'X'"),
    ],
)
def test_malformed_labels_are_refused(intents, tags, message):
    with pytest.raises(LabelError, match=message):
        LabelSet(intents, tags)


def test_slots_of_intent_must_cover_all_intents():
    with pytest.raises(LabelError, match="2 intents"):
        LabelSet(("A", "B"), ("O",), slots_of_intent=((),))


ROWS = [
    ("call my mom", "[IN:C [SL:WHO [IN:GET [SL:OF my ] [SL:TYPE mom ] ] ] ]"),
    ("text my dad", "[IN:T [SL:TO [IN:GET [SL:OF my ] [SL:TYPE dad ] ] ] ]"),
    ("text the boss", "[IN:T [SL:TO [IN:GET [SL:ROLE the boss ] ] ] ]"),
]


def test_nested_tags_come_from_trees_and_those_of_one_row_are_left_out():
    rows = [example_from_tree(text, tree, source="") for text, tree in ROWS]
    labels = collect_labels(rows)
    assert labels.nested == ("O", "B-GET/OF", "B-GET/TYPE", "I-GET/OF", "I-GET/TYPE")
    assert labels.slots_of_nested == ((), *[("TO", "WHO")] * 4)
    assert LabelSet.from_json(labels.to_json()) == labels
    assert collect_labels(rows * 2).nested[3] == "B-GET/TYPE"
    plain = collect_labels(rows, nested=False)
    assert plain == dataclasses.replace(labels, nested=(), slots_of_nested=())


def test_labels_of_a_model_of_plain_slots_are_written_as_before():
    labels = collect_labels(EXAMPLES)
    assert set(labels.to_dict()) == {"intents", "tags", "slots_of_intent", "edges"}
    old = json.loads((ROOT / "pretrained" / "snips" / "labels.json").read_text())
    assert LabelSet.from_dict(old).nested == () and LabelSet.from_dict(old).to_dict() == old


def test_a_nested_tag_is_a_path():
    steps = nested_steps("I-GET_TODO/TODO B-CREATE_CALL/CONTACT")
    assert [(s.begins, s.intent, s.slot) for s in steps] == [
        (False, "GET_TODO", "TODO"),
        (True, "CREATE_CALL", "CONTACT"),
    ]
    assert nested_steps("O") == ()


@pytest.mark.parametrize(
    "tag", ["X", "B-X", "G-A/X", "B-/X", "B-A/", "B-A/X I-A/Y", "B-A/X  B-A/Y"]
)
def test_malformed_nested_tags_are_refused(tag):
    with pytest.raises(LabelError, match="nested tag must be"):
        LabelSet(("A",), ("O",), nested=("O", tag))


def test_nested_tags_begin_with_outside_and_are_all_given_slots():
    with pytest.raises(LabelError, match="`nested` must begin with 'O'"):
        LabelSet(("A",), ("O",), nested=("B-A/X", "O"))
    with pytest.raises(LabelError, match="2 nested"):
        LabelSet(("A",), ("O",), nested=("O", "B-A/X"), slots_of_nested=((),))


def test_no_examples_are_refused():
    with pytest.raises(LabelError, match="at least one example"):
        collect_labels([])


@pytest.mark.parametrize(
    ("intent", "slot", "path"),
    [
        ("timer/set", "a/b", r"timer\u{2f}set/a/b"),
        ("set timer", "song name", r"set\u{20}timer/song\u{20}name"),
        ("a\\b", "\\u{20}", r"a\u{5c}b/\u{5c}u{20}"),
    ],
)
def test_names_with_blanks_and_slashes_can_be_nested(intent, slot, path):
    assert nested_path(intent, slot) == path
    (step, _) = nested_steps(f"I-{path} B-{path}")
    assert (step.begins, step.intent, step.slot) == (False, intent, slot)


def test_nested_names_with_blanks_are_collected_from_trees():
    tree = r"[IN:C [SL:WHO [IN:get\u{20}them/now [SL:of\u{20}whom my ] [SL:TYPE mom ] ] ] ]"
    labels = collect_labels([example_from_tree("call my mom", tree, source="")] * 2)
    assert labels.nested[1] == r"B-get\u{20}them\u{2f}now/TYPE"
    assert nested_steps(labels.nested[2])[0].slot == "of whom"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[" * 100_000,
        "[]",
        '{"intents": ["A"]}',
        '{"a": 1}',
        '{"intents": 3, "tags": ["O"]}',
        '{"intents": [["A"]], "tags": ["O"]}',
        '{"intents": ["A"], "tags": ["O"], "slots_of_intent": ["X"]}',
        '{"intents": ["A"], "tags": ["O"], "nested": {"O": 1}}',
    ],
)
def test_a_file_that_is_no_label_set_is_refused(text):
    with pytest.raises(LabelError, match="Received"):
        LabelSet.from_json(text)
