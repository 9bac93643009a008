from __future__ import annotations

import json
import pathlib

import pytest

from pqrnn_tf.datasets import (
    DataError,
    Example,
    ParaphraseReport,
    SlotSpan,
    read_paraphrases,
)

ROWS = [
    Example("Call Ann", "CALL", (SlotSpan("C", ((5, 8),)),), domain="calling", locale="en"),
    Example("play it", "PLAY", (), locale="en"),
    Example("stop", "STOP_MUSIC", ()),
    Example("stop", "STOP_TIMER", ()),
]


def write(path: pathlib.Path, *lines: str) -> pathlib.Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_paraphrase_keeps_the_intent_and_has_no_slots(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "p.tsv", "Call Ann\tGive Ann a call")
    (row,) = read_paraphrases(path, ROWS)
    assert (row.text, row.intent, row.slots, row.tree) == ("Give Ann a call", "CALL", None, None)
    assert (row.domain, row.locale, row.source) == ("calling", "en", f"{path}:1")
    assert row.problem == "a paraphrase: where its slots are is not known"


def test_several_paraphrases_a_line_in_order(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path / "p.tsv", "play it\tput it on\t\tlet me hear it", "", "call ann!\tring her"
    )
    rows = read_paraphrases(path, ROWS)
    assert [(row.text, row.intent) for row in rows] == [
        ("put it on", "PLAY"),
        ("let me hear it", "PLAY"),
        ("ring her", "CALL"),
    ]


def test_json_lines(tmp_path: pathlib.Path) -> None:
    line = json.dumps({"original": "play it", "paraphrases": ["put it on", " "]})
    (row,) = read_paraphrases(write(tmp_path / "p.jsonl", line), ROWS)
    assert (row.text, row.intent) == ("put it on", "PLAY")


def test_report(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path / "p.tsv",
        "play it\tput it on\tPut it on.\tPlay it\tdevelopment row",
        "sing\thum\twhistle",
        "stop\thalt",
    )
    reports: list[ParaphraseReport] = []
    rows = read_paraphrases(path, ROWS, exclude=["Development row"], report=reports.append)
    assert [row.text for row in rows] == ["put it on"]
    assert reports == [ParaphraseReport(7, 2, 1, 1, 2, 1, (f"{path}:2: sing",))]
    assert str(reports[0]).splitlines() == [
        "7 paraphrases: 2 of unknown originals, 1 of originals with several intents, 1 excluded, "
        "2 repeated, 1 kept",
        f"not in the rows: {path}:2: sing",
    ]


def test_long_report_is_cut() -> None:
    lines = str(ParaphraseReport(30, 30, 0, 0, 0, 0, tuple("x" * 30))).splitlines()
    assert len(lines) == 22 and lines[-1] == "and 10 more"


@pytest.mark.parametrize(
    ("name", "lines", "message"),
    [
        ("p.tsv", ["play it put it on"], r"p\.tsv:1: expected original<TAB>paraphrase"),
        ("p.tsv", ["play it\tput it on", "\thum"], r"p\.tsv:2: expected original<TAB>paraphrase"),
        ("p.tsv", [""], "holds no paraphrase"),
        ("p.tsv", ["sing\thum"], r"none of its 1 paraphrases has an original.*p\.tsv:1: sing"),
        ("p.jsonl", ['{"original": "x"}'], r"p\.jsonl:1: expected \{\"original\": text"),
        ("p.jsonl", ["{"], r"p\.jsonl:1: the line must be a JSON object"),
        ("p.txt", ["play it\tput it on"], r"p\.txt: expected a file that ends in \.tsv or \.jsonl"),
    ],
)
def test_unreadable_files(
    tmp_path: pathlib.Path, name: str, lines: list[str], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_paraphrases(write(tmp_path / name, *lines), ROWS)
