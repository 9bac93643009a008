"""The kinds of slots are found in their words."""

from __future__ import annotations

import sys

import pytest

from pqrnn_tf.datasets import Example, SlotSpan
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.tasks.label_collection import collect_labels
from pqrnn_tf.values import kinds_of_slots
from pqrnn_tf.values.finding import LEAST, kind_of_words

WORDS = {
    "WHEN": ["tomorrow", "at 7 pm", "for 20 minutes", "every monday", "soon", "next week"],
    "LONG": ["20 minutes", "an hour", "two hours", "30 seconds", "half an hour"],
    "HOW_MANY": ["two", "21", "a dozen", "5", "three"],
    "WHICH": ["first", "the third", "last", "2nd", "next"],
    "WARM": ["20 degrees", "72 fahrenheit", "-5 °C", "25 celsius", "warm"],
    "SHARE": ["50 percent", "10 %", "half", "eighty percent", "5%"],
    "PRICE": ["$20", "5 euros", "ten dollars", "20 cents", "€3"],
    "SONG": [
        "thriller",
        "the final countdown",
        "99 luftballons",
        "yesterday",
        "one",
        "blue monday",
    ],
    "RARE": ["tomorrow"] * (LEAST - 1),
}


def test_a_slot_has_the_kind_that_most_of_its_words_say():
    assert kinds_of_slots(WORDS) == {
        "HOW_MANY": "number",
        "LONG": "duration",
        "PRICE": "currency",
        "SHARE": "percentage",
        "WARM": "temperature",
        "WHEN": "datetime",
        "WHICH": "ordinal",
    }


def test_a_slot_of_many_values_is_drawn_by_a_fixed_seed():
    words = {"WHEN": ["tomorrow", "friday", "what", "ever"] * 500}
    assert kinds_of_slots(words) == kinds_of_slots(words)


@pytest.mark.parametrize("text", ["", "play it", "the", "?"])
def test_other_words_have_no_kind(text):
    assert kind_of_words(text) is None


def rows(slot):
    texts = ["wake me at 7 pm", "wake me tomorrow", "wake me in 5 minutes"] * 2
    return [Example(text, "WAKE", (SlotSpan(slot, ((8, len(text)),)),)) for text in texts]


def test_kinds_are_part_of_the_labels_of_training_rows():
    labels = collect_labels(rows("WHEN"))
    assert labels.values == (("WHEN", "datetime"),)
    assert labels.to_dict()["values"] == {"WHEN": "datetime"}
    assert LabelSet.from_json(labels.to_json()).values == labels.values


def test_labels_that_differ_in_kinds_only_are_equal():
    labels = collect_labels(rows("WHEN"))
    other = LabelSet(labels.intents, labels.tags, labels.slots_of_intent)
    assert labels == other and "values" not in other.to_dict()


def test_without_the_extra_no_kind_is_found(monkeypatch):
    from pqrnn_tf.values.lexicon import lexicon

    lexicon.cache_clear()
    monkeypatch.setitem(sys.modules, "babel", None)
    monkeypatch.setitem(sys.modules, "text_to_num", None)
    assert collect_labels(rows("WHEN")).values == ()


@pytest.mark.parametrize("values", [["WHEN"], {"WHEN": 1}, {"WHEN": "time"}])
def test_kinds_that_are_none_are_errors(values):
    with pytest.raises(LabelError, match="values"):
        LabelSet.from_dict({"intents": ["A"], "tags": ["O"], "values": values})
