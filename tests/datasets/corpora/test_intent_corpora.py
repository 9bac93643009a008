"""Readers of MASSIVE, CLINC150 and Banking77, and the rows that are held out."""

from __future__ import annotations

import json
import pathlib

import pytest

from pqrnn_tf.datasets import (
    OUT_OF_SCOPE,
    DataError,
    Example,
    SlotSpan,
    alignment_report,
    hold_out,
    load_split,
    read_clinc150,
    read_massive,
    read_rows,
)


def write(path: pathlib.Path, content: str) -> pathlib.Path:
    path.write_bytes(content.encode("utf-8"))
    return path


def test_massive_row(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.txt", "play:O at:O 7:30:B-time pm:I-time <=> play_music\n")
    (example,) = read_massive(path)
    assert (example.text, example.intent) == ("play at 7:30 pm", "play_music")
    assert example.slots == (SlotSpan("time", ((8, 15),)),)
    assert (example.source, example.locale) == (f"{path}:1", "en")


@pytest.mark.parametrize(
    "line", ["stop:O", "stop:O <=> ", " <=> halt", "stop <=> halt", "stop:B <=> halt"]
)
def test_massive_line_of_another_form_is_named(tmp_path: pathlib.Path, line: str) -> None:
    path = write(tmp_path / "a.txt", f"stop:O <=> halt\n{line}\n")
    with pytest.raises(DataError, match=r"a\.txt:2: "):
        read_massive(path)


def clinc(path: pathlib.Path, **lists: object) -> pathlib.Path:
    return write(path, json.dumps(lists))


def test_clinc150_rows_out_of_scope_come_last(tmp_path: pathlib.Path) -> None:
    path = clinc(
        tmp_path / "data_full.json",
        oos_val=[["huh", OUT_OF_SCOPE]],
        val=[["my balance", "balance"]],
    )
    rows = read_clinc150(path, "dev")
    assert [(row.text, row.intent, row.slots) for row in rows] == [
        ("my balance", "balance", ()),
        ("huh", "oos", ()),
    ]
    assert rows[1].source == f"{path}:1"


def test_clinc150_without_rows_out_of_scope(tmp_path: pathlib.Path) -> None:
    path = clinc(tmp_path / "a.json", train=[["hi", "greet"]])
    assert [row.intent for row in read_clinc150(path, "train")] == ["greet"]


def test_clinc150_missing_split_says_what_is_there(tmp_path: pathlib.Path) -> None:
    path = clinc(tmp_path / "a.json", train=[["hi", "greet"]], oos_train=[])
    with pytest.raises(DataError, match="no split 'test'. Received: train"):
        read_clinc150(path, "test")


@pytest.mark.parametrize("row", ["text", ["text"], ["text", 3], ["", "intent"]])
def test_clinc150_row_of_another_form_is_named(tmp_path: pathlib.Path, row: object) -> None:
    path = clinc(tmp_path / "a.json", train=[["hi", "greet"], row])
    with pytest.raises(DataError, match=r"a\.json:1: expected \[text, intent\]"):
        read_clinc150(path, "train")


def test_clinc150_truncated_file_names_the_line(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.json", '{"train": [\n["hi", "greet"],\n["y')
    with pytest.raises(DataError, match=r"a\.json:3: not valid JSON"):
        read_clinc150(path, "train")


def test_banking77_quotes_and_line_breaks(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path / "train.csv",
        'text,category\r\n"\nMy ""new"" card,\r\nwhere is it?",card_arrival\r\nHelp,lost\r\n',
    )
    first, second = load_split(path, "train")
    assert (first.text, first.intent) == ('My "new" card,\nwhere is it?', "card_arrival")
    assert (second.text, second.slots) == ("Help", ())
    assert [first.source, second.source] == [f"{path}:2", f"{path}:5"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("a,b\nx,y\n", r" has no format that is known"),
        ("text,category\nx,y\nx\n", r":3: the row has no intent: 'x'"),
        ("text,category\nx,y\nx,\n", r":3: the row has no intent: 'x'"),
        ('text,category\n"x,y\n', r":2: the row is not CSV"),
    ],
)
def test_banking77_bad_rows_are_named(tmp_path: pathlib.Path, content: str, problem: str) -> None:
    path = write(tmp_path / "train.csv", content)
    with pytest.raises(DataError, match=r"train\.csv" + problem):
        read_rows(path)


def rows_of(**counts: int) -> list[Example]:
    return [
        Example(f"{name} {number}", name, ()) for name in counts for number in range(counts[name])
    ]


def test_held_out_rows_are_a_tenth_of_each_intent() -> None:
    training, development = hold_out(rows_of(a=20, b=15, c=4, d=1))
    assert [row.intent for row in development] == ["a", "a", "b", "b"]
    assert len(training) == 36
    assert {row.text for row in training}.isdisjoint(row.text for row in development)


def test_held_out_rows_do_not_depend_on_the_order() -> None:
    rows = rows_of(a=40, b=40)
    texts = {row.text for row in hold_out(rows)[1]}
    assert texts == {row.text for row in hold_out(rows[::-1])[1]}
    assert texts != {row.text for row in hold_out(rows, seed=1)[1]}


def test_texts_that_differ_in_case_only_stay_together() -> None:
    rows = rows_of(a=10)
    doubled = [*rows, *(Example(row.text.upper() + "!", "a", ()) for row in rows)]
    training, development = hold_out(doubled, share=0.3)
    assert (len(training), len(development)) == (14, 6)
    assert [row.text.upper() + "!" for row in development[:3]] == [
        row.text for row in development[3:]
    ]


def test_held_out_share_must_leave_half_to_train_on() -> None:
    with pytest.raises(ValueError, match="`share` must be from 0 to 0.5"):
        hold_out([], share=0.6)


@pytest.mark.parametrize(
    ("folder", "split", "rows", "intents"),
    [
        ("massive_en", "train", 11_514, 60),
        ("massive_en", "dev", 2_033, 59),
        ("clinc150", "train", 15_100, 151),
        ("clinc150", "dev", 3_100, 151),
        ("banking77", "train", 9_003, 77),
        ("banking77", "dev", 1_000, 77),
        ("snips", "train", 13_084, 7),
        ("snips", "dev", 700, 7),
    ],
)
def test_corpus_is_read_and_aligned(
    corpora: pathlib.Path, folder: str, split: str, rows: int, intents: int
) -> None:
    examples = load_split(corpora / folder, split)
    report = alignment_report(examples)
    assert (report.rows, report.aligned) == (rows, rows)
    assert len({example.intent for example in examples}) == intents


def test_banking77_development_texts_are_not_trained_on(corpora: pathlib.Path) -> None:
    training = {row.text.casefold() for row in load_split(corpora / "banking77", "train")}
    development = {row.text.casefold() for row in load_split(corpora / "banking77", "dev")}
    assert training.isdisjoint(development)
