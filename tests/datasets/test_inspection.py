"""What an inspection finds in rows, each kind in rows that have just that."""

from __future__ import annotations

import json
import types
from collections.abc import Sequence

import pytest

from pqrnn_tf.datasets import Example, SlotSpan
from pqrnn_tf.datasets.formats.found import Problem
from pqrnn_tf.datasets.inspection import Finding, Inspection, inspect_rows


def row(text: str, intent: str, line: int, *slots: tuple[str, str], **more: str) -> Example:
    """A row in which each slot stands where its value does first."""
    spans = tuple(
        SlotSpan(name, ((text.index(value), text.index(value) + len(value)),))
        for name, value in slots
    )
    return Example(text, intent, spans, source=f"a.csv:{line}", locale="en", **more)


def inspected(
    *training: Example, dev: Sequence[Example] = (), problems: Sequence[Problem] = ()
) -> Inspection:
    splits = {"train": list(training)} | ({"dev": list(dev)} if dev else {})
    return inspect_rows(types.SimpleNamespace(splits=splits, problems=problems, notes=()))


def places(inspection: Inspection, kind: str) -> tuple[str, ...]:
    (found,) = [finding for finding in inspection.findings if finding.kind == kind]
    return found.places


FINE = [row(f"turn number {n} on", "on", n) for n in range(1, 7)]


def test_rows_with_nothing_wrong_have_no_findings() -> None:
    assert inspected(*FINE, dev=[row("go on", "on", 9)]).findings == ()


def test_bad_rows_are_listed_with_file_and_line() -> None:
    found = inspected(*FINE, problems=[Problem("a.csv", 7, "no intent")])
    assert places(found, "row that cannot be read") == ("a.csv:7: no intent",)


def test_slots_that_were_not_found_are_listed() -> None:
    lost = Example("hi", "on", None, source="a.csv:9", problem="the slot X has no words")
    assert places(inspected(*FINE, lost), "slots that are not in the text") == (
        "a.csv:9: the slot X has no words",
    )


def test_the_same_text_with_two_intents_names_both_places() -> None:
    found = inspected(*FINE, row("turn number 1 on", "off", 9))
    assert places(found, "text with two intents") == (
        "a.csv:1: 'turn number 1 on' is on; off (a.csv:9)",
    )


def test_the_same_text_with_other_slots_is_found_across_splits() -> None:
    found = inspected(*FINE, dev=[row("turn number 1 on", "on", 9, ("n", "1"))])
    assert places(found, "text with two sets of slots") == (
        "a.csv:1: 'turn number 1 on' is no slots; n '1' (a.csv:9)",
    )


def test_almost_the_same_text_with_two_intents_is_not_counted_as_the_same() -> None:
    found = inspected(*FINE, row("Turn number 1 on!", "off", 9))
    assert places(found, "almost the same text with two intents") == (
        "a.csv:1: 'turn number 1 on' is on; off (a.csv:9)",
    )
    assert not [finding for finding in found.findings if finding.kind == "text with two intents"]


def test_the_same_text_in_two_languages_may_have_two_intents() -> None:
    other = Example("turn number 1 on", "off", (), source="b.csv:1", locale="de")
    assert "text with two intents" not in {f.kind for f in inspected(*FINE, other).findings}


@pytest.mark.parametrize("label", [" on", "on ", "", "on\u200b", "o\tn"])
def test_odd_names_of_intents_are_shown_as_they_are(label: str) -> None:
    found = inspected(*FINE, row("x", label, 9))
    assert places(found, "odd name of an intent") == (f"a.csv:9: {label!r}",)


def test_labels_spelt_in_two_ways_name_the_first_place_of_each() -> None:
    found = inspected(
        *FINE,
        row("x", "On", 8),
        row("yes 7", "on", 9, ("Room", "7")),
        row("no", "on", 10, ("room", "no")),
    )
    assert places(found, "intent spelt in two ways") == ("a.csv:1: 'on'; 'On' (a.csv:8)",)
    assert places(found, "slot spelt in two ways") == ("a.csv:9: 'Room'; 'room' (a.csv:10)",)


def test_labels_of_held_out_rows_without_training_rows_are_errors() -> None:
    found = inspected(*FINE, dev=[row("x", "off", 8), row("y 7", "on", 9, ("room", "7"))])
    assert places(found, "intent without training rows") == ("a.csv:8: off",)
    assert places(found, "slot without training rows") == ("a.csv:9: room",)


def test_requests_out_of_scope_need_no_training_rows() -> None:
    found = inspected(*FINE, dev=[row("x", "oos", 8)])
    assert "intent without training rows" not in {finding.kind for finding in found.findings}


def test_small_intents_and_slots_are_listed_with_their_first_row() -> None:
    found = inspected(*FINE, row("x 7", "off", 8, ("room", "7")), row("y", "off", 9))
    assert places(found, "small intent") == ("a.csv:8: off has 2 rows",)
    assert places(found, "small slot") == ("a.csv:8: room has 1 row",)


def test_a_slot_inside_a_word_is_listed() -> None:
    found = inspected(*FINE, row("stell den Küchenwecker", "on", 9, ("room", "Küchen")))
    assert places(found, "slot inside a word") == (
        "a.csv:9: room 'Küchen' in 'stell den Küchenwecker'",
    )


def test_a_held_out_row_with_the_text_of_a_training_row_is_a_leak() -> None:
    found = inspected(*FINE, dev=[row("Turn number 2 on.", "on", 9), row("go on", "on", 10)])
    assert places(found, "training text that is held out") == (
        "a.csv:9: 'Turn number 2 on.' (a.csv:2)",
    )


def test_rows_of_one_template_on_both_sides_are_a_leak() -> None:
    made = [row(text, "on", 5, template="b:1") for text in ("lights on", "lamps on")]
    found = inspected(*FINE, made[0], dev=[made[1]])
    assert places(found, "template on both sides") == ("a.csv:5: 'lamps on'",)


def test_one_sentence_with_other_values_floods_an_intent() -> None:
    flood = [
        row(f"Call {name}!", "call", n, ("who", name))
        for n, name in enumerate(f"Bo{n}" for n in range(10))
    ]
    others = [row("ring my mother", "call", 50), row("phone home", "call", 51)]
    found = inspected(*FINE, *flood, *others)
    assert places(found, "one sentence with other values") == (
        "a.csv:0: 10 of 12 texts of call: 'call {who}!'",
    )
    assert "one sentence with other values" not in {
        finding.kind for finding in inspected(*FINE, *flood[1:], *others).findings
    }


def test_scripts_that_do_not_fit_are_listed_and_counted() -> None:
    rows = [row(f"turn lamp {n} on", "on", n) for n in range(60)]
    found = inspected(*rows, row("включи свет", "on", 98), row("turn оn", "on", 99))
    assert found.scripts == {"latin": 61, "cyrillic": 2}
    assert places(found, "script that the language does not have") == (
        "a.csv:98: en 'включи свет'",
        "a.csv:99: en 'turn оn'",
    )
    assert places(found, "word in two scripts") == ("a.csv:99: 'оn' in 'turn оn'",)


def test_invisible_characters_and_long_texts_are_listed() -> None:
    found = inspected(*FINE, row("turn\u200b it on", "on", 8), row("on " * 100, "on", 9))
    assert places(found, "invisible characters") == ("a.csv:8: U+200B in 'turn\\u200b it on'",)
    assert places(found, "text that is too long") == ("a.csv:9: 300 characters",)


def test_repeated_rows_and_values_seen_once_are_notes() -> None:
    found = inspected(
        *FINE,
        FINE[0],
        *(row(f"dim {n}", "on", 10 + n, ("n", "dim")) for n in range(5)),
        row("a 7", "on", 9, ("n", "7")),
    )
    assert places(found, "repeated row") == ("a.csv:1: 'turn number 1 on' (a.csv:1)",)
    assert places(found, "value seen once") == ("a.csv:9: n '7'",)
    assert {finding.severity for finding in found.findings} == {"note"}


def test_counts_are_of_each_split_and_the_frequent_come_first() -> None:
    found = inspected(
        *FINE,
        *(row(f"off {n}", "off", n, ("n", "off")) for n in range(7)),
        dev=[row("on 7", "on", 9, ("n", "7"))],
    )
    assert found.rows == {"train": 13, "dev": 1}
    assert list(found.intents.items()) == [("off", {"train": 7}), ("on", {"train": 6, "dev": 1})]
    slot = found.slots["n"]
    assert (slot.rows, slot.values, slot.once) == ({"train": 7, "dev": 1}, 1, 0)
    assert found.languages == {"en": 14}


def test_the_report_begins_with_what_is_gravest_and_ends_with_the_counts() -> None:
    inspection = inspected(
        *FINE,
        *(row(f"turn number {n} on", "off", 10 + n) for n in range(1, 7)),
        row("x", "dim", 20),
        FINE[0],
    )
    assert inspection.to_text(60) == (
        "14 rows (14 train), 3 intents, 0 slots. Languages: en 14.\n"
        "  Scripts: latin 14.\n"
        "\n"
        "To mend\n"
        "  6 texts with more than one intent: no model can learn\n"
        "    both.\n"
        + "".join(
            f"    a.csv:{n}: 'turn number {n} on' is on; off (a.csv:{10 + n})\n"
            for n in range(1, 6)
        )
        + "    and 1 more\n"
        "\n"
        "To look at\n"
        "  1 intent with fewer than 5 training rows. Write more, or\n"
        "    merge it with another.\n"
        "    a.csv:20: dim has 1 row\n"
        "\n"
        "To know\n"
        "  1 intent with one row: none of it can be held out, so that\n"
        "    no score counts it.\n"
        "  1 training row with the text and the labels of an earlier\n"
        "    one.\n"
        "    a.csv:1: 'turn number 1 on' (a.csv:1)\n"
        "\n"
        "Intent  train\n"
        "on          7\n"
        "off         6\n"
        "dim         1\n"
    )


def test_the_dictionary_is_json_and_has_every_place() -> None:
    inspection = inspected(*FINE, *FINE)
    read = json.loads(json.dumps(inspection.to_dict()))
    assert read["intents"] == {"on": {"train": 12}}
    assert [Finding(**{**f, "places": tuple(f["places"])}) for f in read["findings"]] == list(
        inspection.findings
    )
    assert len(read["findings"][0]["places"]) == 6


def test_no_rows_are_a_report_too() -> None:
    assert inspected().to_text() == (
        "0 rows (0 train), 0 intents, 0 slots. Languages: none. Scripts: none.\n"
    )


def test_spaces_that_only_corpora_have_are_told_and_those_that_people_write_are_not() -> None:
    corpus = [
        row(text, "fly", n) for n, text in enumerate(["去 北京 的 航班", "去北京", "飞 纽约"])
    ]
    (_, *listed) = places(inspected(*corpus), "spaces that people do not write")
    assert listed == ["a.csv:2: '飞 纽约'"]
    people = [row(text, "fly", n) for n, text in enumerate(["去 New York", "去北京", "飞纽约"])]
    people += [row("항공편 보여 줘", "fly", 9), row("flights to rome", "fly", 10)]
    kinds = {finding.kind for finding in inspected(*people).findings}
    assert "spaces that people do not write" not in kinds
