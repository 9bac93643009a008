from __future__ import annotations

import json
import pathlib

import pytest

from pqrnn_tf.datasets import DataError, SlotSpan, load_split, read_mtop, read_rows
from pqrnn_tf.runtime import format_tree

TREE = "[IN:GET_MESSAGE [SL:CONTACT Ann Lee ] [SL:RECIPIENT me ] ]"
ROW = {
    "id": "0",
    "intent": "IN:GET_MESSAGE",
    "slots": "4:11:SL:CONTACT,20:22:SL:RECIPIENT",
    "text": "Has Ann Lee messaged me?",
    "domain": "messaging",
    "locale": "en_XX",
    "tree": TREE,
    "tokens": '{"tokens": []}',
}


def official(**changes: str) -> str:
    return "\t".join({**ROW, **changes}.values()) + "\n"


def write(path: pathlib.Path, content: str) -> pathlib.Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def parallel(tmp_path: pathlib.Path, name: str = "dev.json") -> pathlib.Path:
    rows = [
        {
            "id": str(number),
            "question": {"en": f"call {who}", "de": f"ruf {who} an"},
            "mr": {"slot_intent": {lang: f"[IN:CALL [SL:C {who} ] ]" for lang in ("en", "de")}},
        }
        for number, who in enumerate(["Ann", "Bob"])
    ]
    return write(tmp_path / name, json.dumps(rows, indent=4))


def test_official_row(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "train.txt", official())
    (example,) = read_mtop(path)
    assert example.text == "Has Ann Lee messaged me?"
    assert example.intent == "GET_MESSAGE"
    assert example.slots == (SlotSpan("CONTACT", ((4, 11),)), SlotSpan("RECIPIENT", ((21, 23),)))
    assert example.tree is not None and format_tree(example.tree) == TREE
    assert (example.domain, example.locale) == ("messaging", "en_XX")
    assert example.source == f"{path}:1"


def test_official_slot_column_counts_bytes_and_decides_between_equal_words(
    tmp_path: pathlib.Path,
) -> None:
    # é has two bytes, so the second `Ann` starts at byte 10 and code point 9.
    row = official(text="céler Ann Ann", slots="11:14:SL:C", tree="[IN:A [SL:C Ann ] ]")
    (example,) = read_mtop(write(tmp_path / "a.txt", row))
    assert example.slots == (SlotSpan("C", ((10, 13),)),)


def test_official_slot_column_in_code_points_is_understood(tmp_path: pathlib.Path) -> None:
    row = official(text="ééééé Ann Ann", slots="10:13:SL:C", tree="[IN:A [SL:C Ann ] ]")
    (example,) = read_mtop(write(tmp_path / "a.txt", row))
    assert example.slots == (SlotSpan("C", ((10, 13),)),)


@pytest.mark.parametrize("column", ["", "nonsense", "0:99:SL:C", "0:4:SL:C", "5:8:SL:X"])
def test_tree_decides_where_the_slot_column_does_not_fit(
    tmp_path: pathlib.Path, column: str
) -> None:
    row = official(text="call Ann", slots=column, tree="[IN:A [SL:C Ann ] ]")
    (example,) = read_mtop(write(tmp_path / "a.txt", row))
    assert example.slots == (SlotSpan("C", ((5, 8),)),)


def test_json_lines_row(tmp_path: pathlib.Path) -> None:
    line = json.dumps({"question": "wake me at 7pm", "logical_form": "[IN:A [SL:D at 7 pm ] ]"})
    (example,) = read_mtop(write(tmp_path / "train.jsonl", line + "\n"))
    assert (example.intent, example.locale) == ("A", "en")
    assert example.slots == (SlotSpan("D", ((8, 14),)),)


def test_parallel_file_gives_the_language_asked_for(tmp_path: pathlib.Path) -> None:
    examples = read_mtop(parallel(tmp_path), language="de")
    assert [example.text for example in examples] == ["ruf Ann an", "ruf Bob an"]
    assert examples[0].slots == (SlotSpan("C", ((4, 7),)),)


def test_parallel_source_is_the_line_of_the_entry(tmp_path: pathlib.Path) -> None:
    path = parallel(tmp_path)
    lines = [
        number
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1)
        if line == "    {"
    ]
    assert [example.source for example in read_mtop(path, language="en")] == [
        f"{path}:{number}" for number in lines
    ]


@pytest.mark.parametrize("header", ["", "row_in_official_file\tintent\tutterance\tslot_labels\n"])
def test_flat_row_with_and_without_header(tmp_path: pathlib.Path, header: str) -> None:
    path = write(tmp_path / "de_dev.tsv", header + "7\tCALL\truf Ann Lee an\tO B-C I-C O\n")
    (example,) = read_mtop(path)
    assert (example.intent, example.locale, example.tree) == ("CALL", "de", None)
    assert example.slots == (SlotSpan("C", ((4, 11),)),)


@pytest.mark.parametrize(
    ("tagged", "slots"),
    [
        # Pieces around a slot, around one word, and around both are one slot.
        (
            "die/B-TODO Steuer/I-TODO morgen/B-DATE zahlen/B-TODO",
            {"TODO": ["die Steuer", "zahlen"]},
        ),
        ("Steuer/B-TODO zu/O zahlen/B-TODO", {"TODO": ["Steuer", "zahlen"]}),
        ("A/B-TODO am/B-DATE zu/O b/B-TODO um/B-DATE c/B-TODO", {"TODO": ["A", "b", "c"]}),
        # Two words, or none, are between two slots.
        ("A/B-TODO oder/O auch/O b/B-TODO", {"TODO": ["A"], "TODO 2": ["b"]}),
        ("A/B-TODO b/B-TODO", {"TODO": ["A"], "TODO 2": ["b"]}),
        # Of another slot only the word that the language puts there.
        ("ฝน/B-WEATHER_ATTRIBUTE จะ/O ตก/B-WEATHER_ATTRIBUTE", {"WEATHER_ATTRIBUTE": ["ฝน", "ตก"]}),
        (
            "ฝน/B-WEATHER_ATTRIBUTE หรือ/O ลม/B-WEATHER_ATTRIBUTE",
            {"WEATHER_ATTRIBUTE": ["ฝน"], "WEATHER_ATTRIBUTE 2": ["ลม"]},
        ),
        ("Ann/B-CONTACT und/O Bob/B-CONTACT", {"CONTACT": ["Ann"], "CONTACT 2": ["Bob"]}),
    ],
)
def test_pieces_that_bio_tags_cut_are_joined(
    tmp_path: pathlib.Path, tagged: str, slots: dict[str, list[str]]
) -> None:
    words, tags = zip(*(word.split("/") for word in tagged.split(" ")), strict=True)
    path = write(tmp_path / "de_train.tsv", f"0\tA\t{' '.join(words)}\t{' '.join(tags)}\n")
    (example,) = read_mtop(path)
    found = [
        (slot.name, [example.text[start:end] for start, end in slot.spans])
        for slot in example.slots or ()
        if slot.name != "DATE"
    ]
    assert found == [(name.split()[0], spans) for name, spans in slots.items()]


def test_rows_that_are_changed_for_the_trees_sake_were_not_counted(tmp_path: pathlib.Path) -> None:
    rows = ("Steuer zu zahlen\tB-TODO O B-TODO", "Ann anrufen\tB-TODO I-TODO", "Milch\tB-TODO")
    lines = "".join(f"{place}\tA\t{row}\n" for place, row in enumerate(rows))
    path = write(tmp_path / "de_train.tsv", lines)
    notes = read_rows(path).notes
    told = "2 of 3 rows have slots joined or opened, as the trees of MTOP have them"
    assert f"{path}: {told}" in notes


def test_only_line_feeds_end_a_line(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(
        official(text="Has Ann Lee\u2028messaged me?").encode().replace(b"\n", b"\r\n")
    )
    (example,) = read_mtop(path)
    assert example.text == "Has Ann Lee\u2028messaged me?"


def test_a_byte_order_mark_is_dropped(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + b'{"question": "x", "logical_form": "[IN:A ]"}\n')
    assert read_mtop(path)[0].text == "x"


def test_a_row_that_cannot_be_aligned_is_kept(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.txt", official() + official(text="Has Bob messaged me?"))
    examples = read_mtop(path)
    assert len(examples) == 2
    assert examples[1].slots is None
    assert examples[1].problem == "the word 'Ann' of the slot CONTACT is not in the utterance"
    assert examples[1].intent == "GET_MESSAGE"


def test_unbalanced_brackets_name_file_and_line(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.txt", official() + official(tree="[IN:A [SL:B me ]"))
    with pytest.raises(DataError, match=r"a\.txt:2: unbalanced brackets: `\[IN:A` at position 0"):
        read_mtop(path)


def test_all_bad_rows_are_in_one_report(tmp_path: pathlib.Path) -> None:
    broken = official(tree="[IN:A [SL:B me ]")
    path = write(tmp_path / "train.txt", broken + official() + broken)
    with pytest.raises(
        DataError, match=r"(?s)2 rows .*train\.txt:1: unbalanced.*train\.txt:3: unbal"
    ):
        read_mtop(path)
    rows = read_rows(path, skip_bad_rows=True)
    assert [row.source for row in rows.all] == [f"{path}:2"]
    assert [problem.line for problem in rows.problems] == [1, 3]


def test_bad_tags_name_file_and_line(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "en_dev.tsv", "0\tA\tone two\tO O\n1\tA\tone two\tO\n")
    with pytest.raises(DataError, match=r"en_dev\.tsv:2: expected one tag per word"):
        read_mtop(path)


def test_wrong_number_of_columns_names_file_and_line(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.txt", official() + "0\tIN:A\t\ttext\n")
    with pytest.raises(DataError, match=r"a\.txt:2: expected 8 columns.*Received: 4 columns"):
        read_mtop(path)


def test_unknown_layout_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(DataError, match=r"a\.txt:1: not a layout of MTOP.*Received: .one"):
        read_mtop(write(tmp_path / "a.txt", "one\ttwo\n"))


def test_empty_file_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(DataError, match="not a layout of MTOP"):
        read_mtop(write(tmp_path / "a.txt", ""))


def test_invalid_utf8_names_file_and_line(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(official().encode() + b"\xff\n")
    with pytest.raises(DataError, match=r"a\.txt:2: the line is not UTF-8"):
        read_mtop(path)


@pytest.mark.parametrize("line", ['{"question": "a"}', '{"question": 1, "logical_form": "x"}'])
def test_json_line_without_its_keys_is_refused(tmp_path: pathlib.Path, line: str) -> None:
    with pytest.raises(DataError, match=r"a\.jsonl:2: expected an object with the strings"):
        read_mtop(
            write(tmp_path / "a.jsonl", f'{{"question": "a", "logical_form": "[IN:A ]"}}\n{line}\n')
        )


def test_broken_json_line_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(DataError, match=r"a\.jsonl:2: the line must be a JSON object"):
        read_mtop(
            write(
                tmp_path / "a.jsonl",
                '{"question": "a", "logical_form": "[IN:A ]"}\n{"question": \n',
            )
        )


def test_truncated_parallel_file_is_refused(tmp_path: pathlib.Path) -> None:
    path = parallel(tmp_path)
    path.write_text(path.read_text(encoding="utf-8")[:-100], encoding="utf-8")
    with pytest.raises(DataError, match=r"dev\.json:\d+: not valid JSON"):
        read_mtop(path, language="en")


def test_rows_of_another_language_are_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(DataError, match=r"a\.txt:1: the locale must belong to the language .*'de'"):
        read_mtop(write(tmp_path / "a.txt", official()), language="de")


def test_missing_file_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(DataError, match=r"none\.txt cannot be read"):
        read_mtop(tmp_path / "none.txt")


@pytest.mark.parametrize(
    "name",
    ["en/eval.txt", "en/dev.tsv", "eval.txt", "en_dev.tsv", "dev.json", "dev.jsonl", "valid.txt"],
)
def test_dev_split_is_found_in_every_layout(tmp_path: pathlib.Path, name: str) -> None:
    content = {
        "txt": official(),
        "tsv": "0\tA\tone two\tO O\n",
        "json": json.dumps([{"question": {"en": "x"}, "mr": {"slot_intent": {"en": "[IN:A ]"}}}]),
        "jsonl": json.dumps({"question": "x", "logical_form": "[IN:A ]"}),
    }
    path = write(tmp_path / name, content[name.partition(".")[2]])
    (row,) = read_rows(tmp_path, split="dev", languages="en").splits["dev"]
    assert row.source == f"{path}:1"


def test_load_split_reads_the_official_folder(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "en" / "eval.txt", official())
    assert [example.intent for example in load_split(tmp_path, "dev")] == ["GET_MESSAGE"]


def test_missing_folder_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(DataError, match="nowhere is missing"):
        load_split(tmp_path / "nowhere", "train")


def test_missing_split_says_what_is_there(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "train.jsonl", '{"question": "x", "logical_form": "[IN:A ]"}')
    with pytest.raises(DataError, match=r"no split 'test'.*Found: train"):
        load_split(tmp_path, "test")


def test_unknown_split_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ValueError, match="`split` must be one of"):
        load_split(tmp_path, "validation")


@pytest.mark.parametrize(
    ("language", "rows"), [("en", 1703), ("de", 1350), ("hi", 1471), ("th", 1227)]
)
def test_flat_corpus_has_all_its_rows(corpora: pathlib.Path, language: str, rows: int) -> None:
    examples = load_split(corpora / "mtop_flat", "dev", language=language)
    assert len(examples) == rows
    assert all(example.slots is not None for example in examples)
