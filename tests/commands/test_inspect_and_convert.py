"""`inspect` and `convert`: what is in data, and the data in this package's own format."""

from __future__ import annotations

import json
import re

import pytest

from pqrnn_tf.datasets import Example, SlotSpan, read_rows

PHRASES = """text,intent
wake me [at seven](time),alarm
"stop, please",stop
stop it,stop
wake us [at noon](time),alarm
"""
BAD = PHRASES + "only one column\n"


@pytest.fixture
def phrases(tmp_path):
    path = tmp_path / "mine" / "phrases.csv"  # a language may be seen in the name of its folder
    path.parent.mkdir()
    path.write_text(PHRASES, encoding="utf-8")
    return path


@pytest.fixture
def bad(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text(BAD, encoding="utf-8")
    return path


def test_inspect_counts_intents_and_slots_and_says_what_is_wrong(call, phrases):
    phrases.write_text(PHRASES + "stop it,alarm\n", encoding="utf-8")
    done = call("inspect", phrases)
    assert done.code == 0 and "5 rows" in done.out
    for line in (r"alarm  +3", r"stop  +2", r"time  +2"):
        assert re.search(f"^{line}", done.out, re.MULTILINE), line
    assert f"{phrases}:4" in done.out and f"{phrases}:6" in done.out  # one text, two intents


def test_inspect_lists_rows_that_cannot_be_read(call, bad):
    done = call("inspect", bad)
    assert done.code == 0 and f"{bad}:6" in done.out


def test_inspect_as_json(call, phrases):
    report = call("inspect", phrases, "--json").json()
    assert report["sources"] == [f"{phrases}: CSV or TSV: train 4"]
    assert {"findings", "intents", "slots"} <= set(report)


@pytest.mark.parametrize("command", ["inspect", "convert"])
def test_data_that_are_missing_are_one_line(call, tmp_path, command):
    done = call(command, tmp_path / "no.csv", *([tmp_path / "x.jsonl"] * (command == "convert")))
    assert done.code == 1 and "no.csv" in done.err and done.err.count("\n") == 1


def test_converted_rows_are_the_rows(call, phrases, tmp_path):
    target = phrases.with_name("rows.jsonl")
    done = call("convert", phrases, target)
    assert done.code == 0 and done.out == f"{target}: 4 rows (train)\n"
    first = json.loads(target.read_text(encoding="utf-8").splitlines()[0])
    assert first == {
        "text": "wake me at seven",
        "intent": "alarm",
        "slots": [{"name": "time", "start": 8, "end": 16}],
    }
    (row, *_) = read_rows(target).splits["train"]
    time = SlotSpan("time", ((8, 16),))
    assert row == Example("wake me at seven", "alarm", (time,), source=f"{target}:1")
    again = call("convert", "--data", target, "--output", tmp_path / "again.jsonl")
    assert again.code == 0
    assert (tmp_path / "again.jsonl").read_bytes() == target.read_bytes()


def test_splits_become_files_that_are_recognised(call, phrases, tmp_path):
    test = tmp_path / "test.csv"
    test.write_text("text,intent\nstop now,stop\n", encoding="utf-8")
    for target, names in (
        ("rows.jsonl", ["rows_train.jsonl", "rows_test.jsonl"]),
        ("folder", ["folder/train.jsonl", "folder/test.jsonl"]),
    ):
        done = call("convert", phrases, test, tmp_path / target)
        assert [line.split(": ")[0] for line in done.out.splitlines()] == [
            str(tmp_path / name) for name in names
        ]
        rows = read_rows([tmp_path / name for name in names])
        assert {split: len(part) for split, part in rows.splits.items()} == {"train": 4, "test": 1}
    done = call("convert", phrases, test, tmp_path / "only.jsonl", "--split", "test")
    assert done.out == f"{tmp_path / 'only.jsonl'}: 1 rows (test)\n"


def test_a_forgotten_output_replaces_no_file(call, phrases, tmp_path):
    other = tmp_path / "b.csv"
    other.write_text(PHRASES, encoding="utf-8")
    done = call("convert", phrases, other)
    assert done.code == 2 and "must end in .jsonl" in done.err
    assert other.read_text(encoding="utf-8") == PHRASES
    assert call("convert", phrases).code == 2
    (tmp_path / "plain").write_text("mine", encoding="utf-8")
    done = call("convert", phrases, tmp_path / "plain")
    assert done.code == 2 and "plain is a file, and is not overwritten" in done.err


def test_a_file_that_is_there_is_replaced_only_when_asked(call, phrases, tmp_path):
    target = tmp_path / "rows.jsonl"
    target.write_text("mine", encoding="utf-8")
    done = call("convert", phrases, target)
    assert done.code == 1 and "--overwrite replaces it" in done.err
    assert target.read_text(encoding="utf-8") == "mine"
    assert call("convert", phrases, target, "--overwrite").code == 0
    assert target.read_text(encoding="utf-8") != "mine"


def test_bad_rows_are_an_error_or_counted(call, bad, tmp_path):
    target = tmp_path / "rows.jsonl"
    done = call("convert", bad, target)
    assert done.code == 1 and "bad.csv:6" in done.err and "--skip_bad_rows" in done.err
    assert not target.exists()
    done = call("convert", bad, target, "--skip_bad_rows")
    assert done.code == 0 and done.out == f"{target}: 4 rows (train)\n"
    assert "1 rows cannot be read and are left out:\n" in done.err and "bad.csv:6" in done.err


def test_a_folder_in_the_place_of_a_file_stops_before_any_is_written(call, phrases, tmp_path):
    test = tmp_path / "test.csv"
    test.write_text("text,intent\nstop now,stop\n", encoding="utf-8")
    (tmp_path / "out" / "test.jsonl").mkdir(parents=True)
    done = call("convert", phrases, test, tmp_path / "out", "--overwrite")
    assert done.code == 1 and "test.jsonl is a folder" in done.err and ".tmp" not in done.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["test.jsonl"]


def test_an_empty_name_is_not_the_current_folder(call, phrases, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = call("inspect", "")
    assert done.code == 1 and "is empty" in done.err
    assert call("convert", phrases, "").code == 2
    assert call("convert", phrases, "--output", "").code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
