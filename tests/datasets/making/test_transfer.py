from __future__ import annotations

import json
import pathlib

import pytest

from pqrnn_tf.datasets import (
    DataError,
    Example,
    TransferReport,
    load_split,
    read_mtop,
    read_texts,
    read_transfer_text,
    unlabelled,
)
from pqrnn_tf.datasets.folding import folded


def write(path: pathlib.Path, *lines: str) -> pathlib.Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def texts(rows: list[Example]) -> list[str]:
    return sorted(row.text for row in rows)


def test_plain_text_gives_rows_without_labels(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "log.txt", "", "  call Ann ", "")
    (row,) = read_transfer_text(path)
    assert row == unlabelled("call Ann", source=f"{path}:2")
    assert (row.intent, row.slots, row.problem) == ("", None, "no labels")


def test_topv2_gives_utterance_and_domain_but_no_labels(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path / "alarm_train.tsv",
        "domain\tutterance\tsemantic_parse",
        "alarm\tWake me\t[IN:CREATE_ALARM Wake me ]",
    )
    (row,) = read_transfer_text(path)
    assert row == unlabelled("Wake me", domain="alarm", locale="en", source=f"{path}:2")


@pytest.mark.parametrize("name", ["text", "question", "utterance"])
def test_json_lines(tmp_path: pathlib.Path, name: str) -> None:
    path = write(tmp_path / "a.jsonl", "", json.dumps({name: "ruf Änne", "locale": "de"}))
    assert read_transfer_text(path) == [unlabelled("ruf Änne", locale="de", source=f"{path}:2")]


def test_folder_is_read_but_not_its_licence(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "LICENSE", "do what you like")
    write(tmp_path / "b.txt", "two")
    write(tmp_path / "a.jsonl", '{"text": "one"}')
    assert texts(read_transfer_text(tmp_path)) == ["one", "two"]


def test_a_text_file_in_utf_16_was_left_out_of_a_folder_without_a_word(
    tmp_path: pathlib.Path,
) -> None:
    write(tmp_path / "a.txt", "one")
    (tmp_path / "b.txt").write_text("two\n", encoding="utf-16")
    with pytest.raises(DataError, match=r"b\.txt: the file is UTF-16; save it as UTF-8"):
        read_transfer_text(tmp_path)


def test_all_texts_are_read_where_none_may_be_left_out(tmp_path: pathlib.Path) -> None:
    lines = ["Wake me at 7 pm", "wake me at 7pm!", 200 * "long "]
    path = write(tmp_path / "a.txt", *lines)
    assert read_texts(path) == [line.strip() for line in lines]


def test_several_paths(tmp_path: pathlib.Path) -> None:
    paths = [write(tmp_path / "a.txt", "one"), str(write(tmp_path / "b.txt", "two"))]
    assert texts(read_transfer_text(paths)) == ["one", "two"]


def test_case_space_and_punctuation_do_not_make_another_text(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.txt", "Wake me at 7 pm", "wake me at 7pm!", "wake me at 8pm")
    assert texts(read_transfer_text(path)) == ["Wake me at 7 pm", "wake me at 8pm"]


def test_vowel_signs_make_another_text() -> None:
    assert folded("कि") != folded("का")
    assert folded("e\u0301") == folded("É")


def test_texts_of_symbols_stay_apart() -> None:
    assert folded("?!") != folded("...")


def test_excluded_rows_and_texts_are_left_out(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.txt", "CALL ann!", "call bob", "call eve")
    exclude = [Example("call Ann", "A", ()), "Call Bob"]
    assert texts(read_transfer_text(path, exclude=exclude)) == ["call eve"]


def test_long_texts_are_dropped(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.txt", "x" * 10, "y" * 11)
    assert texts(read_transfer_text(path, max_characters=10)) == ["x" * 10]


def test_report_counts_everything(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "a.txt", "one", "", "One", "dev")
    write(tmp_path / "b.txt", "two", "three", "x" * 501)
    reports: list[TransferReport] = []
    read_transfer_text(tmp_path, limit=2, exclude=["dev"], report=reports.append)
    assert reports == [TransferReport(2, 6, 1, 1, 1, 3, 2)]
    assert str(reports[0]) == (
        "6 texts in 2 files: 1 too long, 1 excluded, 1 repeated, 3 kept, 2 returned"
    )


def test_order_is_decided_by_the_seed(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.txt", *(f"text {i}" for i in range(100)))
    order = read_transfer_text(path, seed=1)
    assert order == read_transfer_text(path, seed=1)
    assert order != read_transfer_text(path, seed=2)


def test_a_small_sample_is_the_start_of_a_large_one_and_has_every_file(
    tmp_path: pathlib.Path,
) -> None:
    for name in "ab":
        write(tmp_path / f"{name}.txt", *(f"{name} {i}" for i in range(100)))
    small = read_transfer_text(tmp_path, limit=40)
    assert read_transfer_text(tmp_path, limit=80)[:40] == small
    assert 10 <= sum(row.text.startswith("a") for row in small) <= 30


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_empty_file_is_named(tmp_path: pathlib.Path, content: str) -> None:
    write(tmp_path / "a.txt", "full")
    (tmp_path / "b.txt").write_text(content)
    with pytest.raises(DataError, match=r"b\.txt: the file holds no text\. Put one text a line"):
        read_transfer_text(tmp_path)


def test_table_of_a_header_alone_is_empty(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.tsv", "domain\tutterance\tsemantic_parse")
    with pytest.raises(DataError, match="holds no text"):
        read_transfer_text(path)


def test_nothing_left_says_what_was_dropped(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.txt", "call Ann")
    with pytest.raises(DataError, match=r"no text is left of .*a\.txt .*1 excluded.*exclude less"):
        read_transfer_text(path, exclude=["call ann"])


@pytest.mark.parametrize(
    ("name", "lines", "message"),
    [
        ("a.tsv", ["alarm\twake me"], r"a\.tsv: the file has no format that is known.*Save"),
        ("a.jsonl", ['{"text": "a"}', "{"], r"a\.jsonl:2: the line must be a JSON object"),
        ("a.jsonl", ["[1]"], r"a\.jsonl: the file has no format that is known"),
        ("a.json", ['{"words": "a"}'], r"a\.json: the file has no format that is known"),
        ("a.jsonl", ['{"text": 3}'], r"a\.jsonl:1: expected an object with the texts"),
        ("domain.yml", ["intents:", "- greet"], r"domain\.yml: the file has no format"),
    ],
)
def test_unreadable_files(
    tmp_path: pathlib.Path, name: str, lines: list[str], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_transfer_text(write(tmp_path / name, *lines))


def test_missing_file_and_folder_without_text(tmp_path: pathlib.Path) -> None:
    with pytest.raises(DataError, match=r"none\.txt: the file cannot be read"):
        read_transfer_text(tmp_path / "none.txt")
    with pytest.raises(DataError, match="the folder has no file with text"):
        read_transfer_text(tmp_path)


def test_no_paths() -> None:
    with pytest.raises(DataError, match="`paths` names no file"):
        read_transfer_text([])


@pytest.mark.parametrize("option", ["limit", "max_characters"])
def test_options_must_be_positive(tmp_path: pathlib.Path, option: str) -> None:
    with pytest.raises(ValueError, match=f"`{option}` must be positive. Received: 0"):
        read_transfer_text(tmp_path, **{option: 0})  # type: ignore[arg-type]


@pytest.mark.large
def test_real_topv2_without_the_development_rows_of_mtop(corpora: pathlib.Path) -> None:
    development = read_mtop(corpora / "mtop_en" / "dev.jsonl")
    rows = read_transfer_text(corpora / "topv2", exclude=development)
    left_out = {folded(row.text) for row in development}
    assert len(rows) > 100_000
    assert not any(folded(row.text) in left_out for row in rows)
    domains = {row.domain for row in load_split(corpora / "topv2", "dev")}
    assert {row.domain for row in rows} == domains
