"""What lists of names do: the names, the rows and what was measured."""

from __future__ import annotations

import unicodedata

from benchmarks.entities import (
    DISTRACTORS,
    NAME,
    distractors,
    list_of,
    names_in,
    resolved,
    with_other_names,
)
from benchmarks.entity_names import FILE, SLOTS, content, read_names
from benchmarks.records import read_results
from pqrnn_tf.datasets.rows import Example, SlotSpan

ROWS = [
    Example(
        "call Ann and Bob",
        "CALL",
        (SlotSpan("CONTACT", ((5, 8),)), SlotSpan("CONTACT", ((13, 16),))),
    ),
    Example("weather in Paris", "GET_WEATHER", (SlotSpan("LOCATION", ((11, 16),)),)),
    Example("wake me at 7", "CREATE_ALARM", (SlotSpan("DATE_TIME", ((8, 12),)),)),
]


def test_the_names_are_what_the_script_makes():
    assert FILE.read_text(encoding="utf-8") == content()
    names = read_names()
    everything = [name for own in names.values() for name in own]
    assert len(everything) == len(set(everything)) >= 2000
    scripts = {unicodedata.name(name[0]).split()[0] for name in everything}
    assert scripts == {"LATIN", "CYRILLIC", "GREEK", "ARABIC", "DEVANAGARI", "HANGUL"}
    assert set(SLOTS.values()) == set(names)


def test_no_name_is_in_training_rows(corpora):
    text = (corpora / "mtop_en" / "train.jsonl").read_text(encoding="utf-8").lower()
    words = set(text.split())
    names = [name.lower() for own in read_names().values() for name in own]
    near = [name for name in names if words.issuperset(name.split())]
    assert [name for name in near if f" {name} " in text] == []


def test_every_name_is_replaced_and_nothing_else():
    new = with_other_names(ROWS)
    assert new == with_other_names(ROWS)
    assert new[2] == ROWS[2]
    known = {name for own in read_names().values() for name in own}
    for row in new[:2]:
        assert {slot.text(row.text) for slot in row.slots} <= known
    assert {entry["type"] for entry in names_in(new)} == {"contact", "location"}


def test_distractors_are_as_many_as_said_and_none_is_meant():
    meant = names_in(with_other_names(ROWS))
    entries = distractors(meant)
    assert len(entries) == DISTRACTORS
    assert not {entry["name"] for entry in entries} & {entry["name"] for entry in meant}
    assert {"May", "Home"} <= {entry["name"] for entry in entries}


def test_relations_resolve_equal_names():
    found = resolved()
    assert found["with_relations"] == 100.0 > found["without_relations"] > found["no_list"] == 0.0


def test_a_list_of_any_length():
    rows = list_of(50)
    assert len(rows) == 50 and rows == list_of(50)


def test_lists_are_worth_what_was_asked_of_them():
    found = read_results(NAME)
    for part, more in (("all", 0.0), ("rows_of_names", 5.0)):
        exact = {
            (kind, name): own["flat_exact_match"]
            for kind, lists in found[part].items()
            for name, own in lists.items()
        }
        assert exact["replaced", "names"] >= exact["original", "none"] - 1
        assert exact["replaced", "names"] >= exact["replaced", "none"] + more
        assert exact["replaced", "names_and_distractors"] >= exact["replaced", "names"] - 1
    assert found["time"]["match_mean_us"] < 50
