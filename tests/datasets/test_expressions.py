"""Templates in hassil's syntax: our texts are hassil's, and each slot stands where its value does."""

from __future__ import annotations

import random
import re

import hassil
import pytest

from pqrnn_tf.datasets.expressions import Grammar, NoValuesError, sample, slot_nodes
from pqrnn_tf.datasets.rows import DataError

RULES = {"the": ("(the|my)", "rules:1"), "light": ("<the> light[s]", "rules:2")}
LISTS = {
    "area": hassil.TextSlotList.from_strings(
        ["kitchen", "living room", "[upper] hall"], name="area"
    ),
    "level": hassil.RangeSlotList("level", 2, 10, step=4, words=False),
}


def drawn(template: str, *, draws: int = 1000, language: str = "", seed: int = 0):
    node = Grammar(RULES, LISTS, is_open=lambda name: True).parse(template, "a.yaml:3")
    rng = random.Random(seed)
    return [
        sample(node, rng, language=language, values=lambda name: [name.upper()])
        for _ in range(draws)
    ]


@pytest.mark.parametrize(
    "template",
    [
        "[please] set [the] alarm",
        "turn (on|off) <light> [in <the> {area}]",
        "dim [[the] light] to {level:brightness}( |)%",
        "set (the {area};to {level}) now",
        "a|b [c]",
        "x(a|b|)y[(;z)]",
        "say \\[hi\\] \\<now\\> \\; a\\|b",
    ],
)
def test_texts_are_those_of_hassil(template: str) -> None:
    sentence = hassil.parse_sentence(template)
    rules = {name: hassil.parse_sentence(text) for name, (text, _) in RULES.items()}
    texts = {
        re.sub(r"\s+", " ", text).strip()
        for text in hassil.sample_expression(sentence.expression, LISTS, rules)
    }
    assert {row.text for row in drawn(template)} == texts


def test_each_slot_stands_where_its_value_does() -> None:
    for row in drawn("[please] dim  (the {area:place} light;to {level} percent)"):
        found = {name: row.text[start:end] for name, start, end in row.slots}
        assert row.text in {
            f"{start}dim {order}"
            for start in ("please ", "")
            for order in (
                f"the {found['place']} light to {found['level']} percent",
                f"to {found['level']} percent the {found['place']} light",
            )
        }
        assert [start for _, start, _ in row.slots] == sorted(start for _, start, _ in row.slots)


def test_offsets_are_code_points_behind_an_emoji() -> None:
    (row,) = drawn("🎉🎉 {(Ann):who}!", draws=1)
    assert (row.text, row.slots) == ("🎉🎉 Ann!", (("who", 3, 6),))


def test_a_list_without_a_name_may_hold_colons_and_escapes() -> None:
    texts = {row.text for row in drawn("at {(7:30|8\\|9|[a] noon):time}")}
    assert texts == {"at 7:30", "at 8|9", "at a noon", "at noon"}


def test_a_list_of_no_name_known_takes_the_values_given() -> None:
    (row,) = drawn("call {contact:who}", draws=1)
    assert (row.text, row.slots) == ("call CONTACT", (("who", 5, 12),))
    node = Grammar(is_open=lambda name: True).parse("call {contact}", "a:1")
    with pytest.raises(NoValuesError, match="contact"):
        sample(node, random.Random(0), values=lambda name: ())


def test_numbers_are_digits_or_words_of_the_language() -> None:
    assert {row.text for row in drawn("{1..3:n}")} == {"1", "2", "3"}
    assert {row.text for row in drawn("{0..20,10:n} Uhr", language="de")} == {
        *("0 Uhr", "10 Uhr", "20 Uhr", "null Uhr", "zehn Uhr", "zwanzig Uhr")
    }


def test_a_slot_inside_a_word_is_found() -> None:
    (row,) = drawn("des {(Flur):area}s", draws=1)
    assert row.cut_slot() == ("area", 4, 8)
    assert drawn("im {(Flur):area}, bitte", draws=1)[0].cut_slot() is None


def test_slots_of_a_template_are_listed() -> None:
    node = Grammar(RULES, LISTS, is_open=lambda name: True).parse(
        "[{area:x}] (a {b}|{(c):d})", "a:1"
    )
    assert [(slot.name, slot.values is None) for slot in slot_nodes(node)] == [
        ("x", False),
        ("b", True),
        ("d", False),
    ]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("a {nowhere}", r"a\.yaml:3: there is no list {nowhere}. Known lists: area, level"),
        ("a <nowhere>", r"a\.yaml:3: there is no rule <nowhere>. Known rules: light, the"),
        ("", r"a\.yaml:3: expected a template"),
        ("a {(b:c}", r"a\.yaml:3: expected `{\(value\|value\):slot}`, each closed"),
    ],
)
def test_what_is_not_known_is_named_with_its_line(template: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Grammar(RULES, LISTS).parse(template, "a.yaml:3")


def test_a_list_without_values_is_named() -> None:
    empty = {"x": hassil.TextSlotList("x", [])}
    with pytest.raises(DataError, match=r"a:1: the list {x} has no values"):
        Grammar(lists=empty).parse("a {x}", "a:1")


@pytest.mark.parametrize("template", ["set {5..1:t}", "set {1..9,0:t}"])
def test_numbers_that_do_not_run_upwards_are_named(template: str) -> None:
    with pytest.raises(DataError, match=r"a:1: numbers must run upwards.*Received: '{\d\.\."):
        Grammar().parse(template, "a:1")
