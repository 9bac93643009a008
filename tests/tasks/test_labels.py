"""Label sets."""

from __future__ import annotations

import pytest

from pqrnn_tf.datasets.examples import Example, SlotSpan
from pqrnn_tf.tasks.labels import LabelError, LabelSet

EXAMPLES = [
    Example(text="wake me", intent="CREATE_ALARM", slots=(SlotSpan("WHO", ((5, 7),)),)),
    Example(text="call mom now", intent="CALL", slots=(SlotSpan("WHO", ((0, 4), (9, 12))),)),
    Example(text="stop", intent="CALL", slots=()),
]


def test_labels_come_sorted_from_examples():
    labels = LabelSet.from_examples(EXAMPLES)
    assert labels.intents == ("CALL", "CREATE_ALARM")
    assert labels.tags == ("O", "B-WHO", "I-WHO", "G-WHO")
    assert labels.slots_of_intent == (("WHO",), ("WHO",))
    assert labels.slot_names == ("WHO",)


def test_a_slot_without_a_hole_has_no_gap_tag():
    assert LabelSet.from_examples(EXAMPLES[:1]).tags == ("O", "B-WHO", "I-WHO")


def test_json_round_trip():
    labels = LabelSet.from_examples(EXAMPLES)
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


def test_no_examples_are_refused():
    with pytest.raises(LabelError, match="at least one example"):
        LabelSet.from_examples([])


@pytest.mark.parametrize("text", ["{", "[]", '{"intents": ["A"]}', '{"a": 1}'])
def test_a_file_that_is_no_label_set_is_refused(text):
    with pytest.raises(LabelError, match="Received"):
        LabelSet.from_json(text)
