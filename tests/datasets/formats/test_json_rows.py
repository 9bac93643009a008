"""Rows as JSON lines: written and read back exactly, and read as `predict` prints them."""

from __future__ import annotations

import json
import pathlib
import random

import pytest

from pqrnn_tf.datasets import (
    DataError,
    Example,
    SlotSpan,
    read_rows,
    read_rows_file,
    row_from_json,
    row_to_json,
    unlabelled,
    write_rows,
)
from pqrnn_tf.runtime.results import Parse, Slot
from pqrnn_tf.runtime.trees import Tree, format_tree, parse_tree

ALPHABET = 'ab 7"\\[](){}\t\n\r\u00a0\u0085\u2028\ufeff\u0301éนั้ हि中🎉👩\u200d'


def random_row(rng: random.Random) -> Example:
    text = "x" + "".join(rng.choices(ALPHABET, k=rng.randrange(1, 30)))
    cuts = sorted(rng.sample(range(len(text) + 1), min(6, len(text) + 1)))
    spans = [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    slots = []
    while spans:
        count = rng.randint(1, len(spans))
        slots.append(SlotSpan(rng.choice(["city", "cité.to", "a b"]), tuple(spans[:count])))
        spans = spans[count:]
    words = ("a", Tree("SL:X", ("b]", "[c")))
    known = rng.random() < 0.8
    return Example(
        text,
        rng.choice(["greet", "faq/ask", "ja 1"]),
        tuple(slots) if known else None,
        tree=Tree("IN:greet", words) if rng.random() < 0.3 and known else None,
        domain=rng.choice(["", "alarm"]),
        locale=rng.choice(["", "de_DE"]),
        problem=None if known else "lost",
        template=rng.choice(["", "t.yml:3"]),
    )


def test_rows_of_any_unicode_come_back_as_they_were(tmp_path: pathlib.Path) -> None:
    rng = random.Random(7)
    rows = []
    for _ in range(300):
        row = random_row(rng)
        rows.append(Example(**{**vars(row), "intent": "greet"}) if row.tree is not None else row)
    path = tmp_path / "rows.jsonl"
    write_rows(path, rows)
    read = read_rows_file(path)
    assert [Example(**{**vars(row), "source": ""}) for row in read] == rows
    assert [row.source for row in read] == [f"{path}:{n}" for n in range(1, 301)]


def test_a_row_looks_as_documented() -> None:
    row = Example("fly to Rome", "fly", (SlotSpan("city", ((7, 11),)),), locale="en")
    assert json.loads(row_to_json(row)) == {
        "text": "fly to Rome",
        "intent": "fly",
        "slots": [{"name": "city", "start": 7, "end": 11}],
        "locale": "en",
    }


def test_what_predict_prints_is_a_row() -> None:
    tree = "[IN:FLY [SL:CITY Rome ] ]"
    parse = Parse("fly to Rome", "FLY", 0.93, (Slot("CITY", 7, 11, "Rome"),), tree)
    row = row_from_json(json.dumps(parse.to_dict()))
    assert row == Example(
        "fly to Rome", "FLY", (SlotSpan("CITY", ((7, 11),)),), tree=parse_tree(tree)
    )


def test_the_gap_of_a_slot_that_predict_prints_comes_from_its_tree() -> None:
    text = "steh am Montag auf"
    slots = [
        {"name": "TODO", "start": 0, "end": 18, "text": text},
        {"name": "DATE", "start": 5, "end": 14, "text": "am Montag"},
    ]
    tree = "[IN:REMIND [SL:TODO steh auf ] [SL:DATE am Montag ] ]"
    value = {"text": text, "intent": "REMIND", "slots": slots, "tree": tree}
    row = row_from_json(json.dumps(value))
    assert row.slots == (SlotSpan("TODO", ((0, 4), (15, 18))), SlotSpan("DATE", ((5, 14),)))


def test_a_row_without_intent_is_for_a_teacher_to_label(tmp_path: pathlib.Path) -> None:
    assert row_from_json('{"text": "hi"}') == unlabelled("hi")
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "hi", "intent": "greet"}\n{"text": "ho"}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"rows\.jsonl:2: the row has no intent: 'ho'"):
        read_rows(path)
    assert read_rows_file(path)[1].problem == "no labels"


def test_a_row_without_slots_has_none_and_null_is_not_known() -> None:
    assert row_from_json('{"text": "hi", "intent": "greet"}').slots == ()
    assert row_from_json('{"text": "hi", "intent": "greet", "slots": null}').slots is None


def test_a_tree_by_itself_gives_intent_and_slots() -> None:
    row = row_from_json('{"text": "fly to Rome", "tree": "[IN:FLY [SL:CITY Rome ] ]"}')
    assert (row.intent, row.slots) == ("FLY", (SlotSpan("CITY", ((7, 11),)),))
    assert format_tree(row.tree) == "[IN:FLY [SL:CITY Rome ] ]"  # type: ignore[arg-type]


def test_an_emoji_before_a_slot_is_an_offset_error() -> None:
    slot = {"name": "artist", "start": 8, "end": 11, "text": "Abba"}
    value = {"text": "🎉 play Abba now", "intent": "play", "slots": [{**slot, "end": 12}]}
    with pytest.raises(ValueError, match="counts UTF-16 units; convert its offsets"):
        row_from_json(json.dumps(value))


@pytest.mark.parametrize(
    ("slots", "message"),
    [
        ([{"name": "a", "start": 4, "end": 99}], "ends at 99, but the text has 9 characters"),
        ([{"name": "a", "start": 6, "end": 4}], "half-open spans"),
        ([{"name": "a", "start": -1, "end": 4}], "half-open spans"),
        (
            [{"name": "a", "start": 0, "end": 4}, {"name": "b", "start": 3, "end": 5}],
            "the slots 'a' and 'b' overlap at 3",
        ),
        ([{"name": "a", "start": "0", "end": 4}], "whole numbers"),
        ([{"name": "a", "start": True, "end": 4}], "whole numbers"),
        ([{"start": 0, "end": 4}], 'must have a "name"'),
        ({"city": "Rome"}, "`slots` must be a list"),
        (["O"], "2 words, 1 tags"),
    ],
)
def test_impossible_slots_are_errors(slots: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        row_from_json(json.dumps({"text": "play Abba", "intent": "play", "slots": slots}))


@pytest.mark.parametrize(
    "value",
    [
        {"utterance": "hi", "label": "greet"},
        {"Query": "hi", "Category": "greet"},
        {"sentence": "hi", "class": "greet", "score": 0.5},
    ],
)
def test_other_names_of_the_fields_are_known(value: dict) -> None:
    assert row_from_json(json.dumps(value)) == Example("hi", "greet", ())


def test_entities_have_roles_and_groups() -> None:
    entities = [{"entity": "city", "role": "to", "group": 1, "start": 7, "end": 11}]
    row = row_from_json(json.dumps({"text": "fly to Rome", "intent": "fly", "entities": entities}))
    assert row.slots == (SlotSpan("city.to.1", ((7, 11),)),)


def test_a_list_of_objects_is_read_with_lines(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "rows.json"
    rows = [{"text": "hi", "intent": "greet"}, {"text": "bye", "intent": "leave"}]
    path.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    assert [row.source for row in read_rows(path).all] == [f"{path}:2", f"{path}:6"]


def test_line_ends_of_unicode_do_not_end_a_line(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "a\u2028b\u0085c", "intent": "x"}\n', encoding="utf-8")
    assert read_rows_file(path)[0].text == "a\u2028b\u0085c"


def test_a_byte_order_mark_is_no_character(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "rows.jsonl"
    line = '{"text": "a b", "intent": "x", "slots": [{"name": "s", "start": 2, "end": 3}]}\n'
    path.write_bytes(b"\xef\xbb\xbf" + line.encode())
    assert read_rows(path).all[0].slots == (SlotSpan("s", ((2, 3),)),)


def test_writing_is_whole_or_not_at_all(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_rows(path, [Example("hi", "greet", ())])

    def broken():
        yield Example("ho", "greet", ())
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_rows(path, broken())
    assert read_rows_file(path)[0].text == "hi"
    assert list(tmp_path.iterdir()) == [path]


def test_a_row_may_say_its_split(tmp_path: pathlib.Path) -> None:
    rows = [{"text": "hi", "intent": "a", "split": "validation"}, {"text": "yo", "intent": "a"}]
    rows.append({"text": "ho", "intent": "a", "partition": "holdout"})
    lines = tmp_path / "lines.jsonl"
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    listed = tmp_path / "list.json"
    listed.write_text(json.dumps(rows), encoding="utf-8")
    for path in (lines, listed):
        read = read_rows(path)
        assert {split: [row.text for row in part] for split, part in read.splits.items()} == {
            "train": ["yo", "ho"],
            "dev": ["hi"],
        }
        assert "the split 'holdout' is none of train, dev, test" in read.notes[0]


@pytest.mark.parametrize("field", ["text", "intent", "name"])
def test_half_of_a_surrogate_pair_is_a_bad_row(tmp_path: pathlib.Path, field: str) -> None:
    slot = {"name": "b", "start": 0, "end": 1}
    row = {"text": "hi", "intent": "a"}
    (slot if field == "name" else row)[field] = "x\ud83d"
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({**row, "slots": [slot]}) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.jsonl:1: .*is half of a pair of UTF-16"):
        read_rows(path)


@pytest.mark.parametrize("tree", ["5", "[]", '["[IN:C ]"]', '{"a": 1}', "true"])
def test_a_tree_that_is_no_text_is_a_bad_row(tmp_path: pathlib.Path, tree: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"text": "a", "intent": "c", "tree": {tree}}}\n', encoding="utf-8")
    if tree == "[]":
        assert read_rows(path).all[0].tree is None
    else:
        with pytest.raises(DataError, match=r"a\.jsonl:1: `tree` must be a text"):
            read_rows(path)


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_a_number_of_too_many_digits_has_its_line(tmp_path: pathlib.Path, name: str) -> None:
    good, bad = '{"text": "a", "intent": "b"}', f'{{"text": "a", "n": {"9" * 5000}}}'
    lines = [good, bad] if name == "a.jsonl" else [f"[{good},", f"{bad}]"]
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"{name}:2: a number has too many digits"):
        read_rows(path)


def test_a_long_first_line_and_blanks_before_it_are_recognised(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.jsonl"
    long = json.dumps({"vector": [0.5] * 30_000, "text": "hi", "intent": "a"})
    path.write_text(f'{long}\n{{"text": "yo", "intent": "a"}}\n', encoding="utf-8")
    assert [row.text for row in read_rows(path).all] == ["hi", "yo"]
    path.write_text(f"[{long}]", encoding="utf-8")
    assert [row.text for row in read_rows(path).all] == ["hi"]
    path.write_text('  {"text": "yo", "intent": "a"}\n', encoding="utf-8")
    assert [row.text for row in read_rows(path).all] == ["yo"]
