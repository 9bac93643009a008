from __future__ import annotations

import pathlib

import pytest

from pqrnn_tf.datasets import (
    DataError,
    SlotSpan,
    load_split,
    read_plain_text,
    read_seq_files,
    read_topv2,
)

HEADER = "domain\tutterance\tsemantic_parse\n"


def snips(folder: pathlib.Path, words: str, tags: str, labels: str) -> pathlib.Path:
    for name, content in (("seq.in", words), ("seq.out", tags), ("label", labels)):
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def test_snips_row(tmp_path: pathlib.Path) -> None:
    folder = snips(tmp_path, "play hey jude \n", "O B-track I-track \n", "PlayMusic\n")
    (example,) = read_seq_files(folder)
    assert (example.text, example.intent) == ("play hey jude", "PlayMusic")
    assert example.slots == (SlotSpan("track", ((5, 13),)),)
    assert example.source == f"{folder / 'seq.in'}:1"


def test_snips_files_must_have_equal_lengths(tmp_path: pathlib.Path) -> None:
    folder = snips(tmp_path, "a\nb\n", "O\n", "X\nX\n")
    with pytest.raises(DataError, match="seq.in has 2, label has 2, seq.out has 1"):
        read_seq_files(folder)


def test_snips_bad_tags_name_the_line(tmp_path: pathlib.Path) -> None:
    folder = snips(tmp_path, "a\nb c\n", "O\nO\n", "X\nX\n")
    with pytest.raises(DataError, match=r"seq\.in:2: expected one tag per word"):
        read_seq_files(folder)


def test_snips_missing_file_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*seq\.in"):
        read_seq_files(tmp_path)


def test_topv2_row(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "event_train.tsv"
    row = "event\tfairs in Rome\t[IN:GET_EVENT fairs in [SL:LOCATION Rome ] ]\n"
    path.write_text(HEADER + row, encoding="utf-8")
    (example,) = read_topv2(path)
    assert (example.domain, example.intent) == ("event", "GET_EVENT")
    assert example.slots == (SlotSpan("LOCATION", ((9, 13),)),)
    assert example.source == f"{path}:2"


def test_topv2_header_is_checked(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "event_train.tsv"
    path.write_text("a\tb\tc\n", encoding="utf-8")
    with pytest.raises(DataError, match="expected the header domain utterance semantic_parse"):
        read_topv2(path)


def test_topv2_bad_tree_names_the_line(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "event_train.tsv"
    path.write_text(HEADER + "event\tx\t[IN:A x\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"event_train\.tsv:2: unbalanced"):
        read_topv2(path)


def test_topv2_dev_split_joins_the_eval_files(tmp_path: pathlib.Path) -> None:
    for domain in ("music", "alarm"):
        row = f"{domain}\tx\t[IN:A x ]\n"
        (tmp_path / f"{domain}_eval.tsv").write_text(HEADER + row, encoding="utf-8")
    assert [row.domain for row in load_split(tmp_path, "dev")] == ["alarm", "music"]


def test_plain_text_drops_empty_lines_and_outer_space(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(" one \n\n \ntwo\nthree", encoding="utf-8")
    assert read_plain_text(path) == ["one", "two", "three"]


def test_plain_text_stops_at_the_limit(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one\n\ntwo\nthree\n", encoding="utf-8")
    assert read_plain_text(path, limit=2) == ["one", "two"]


def test_plain_text_limit_must_not_be_negative(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ValueError, match="`limit` must be"):
        read_plain_text(tmp_path / "a.txt", limit=-1)


def test_snips_corpus_is_read(corpora: pathlib.Path) -> None:
    examples = read_seq_files(corpora / "snips" / "dev")
    assert len(examples) == 700
    assert len({example.intent for example in examples}) == 7


def test_topv2_corpus_is_read(corpora: pathlib.Path) -> None:
    examples = read_topv2(corpora / "topv2" / "alarm_eval.tsv")
    assert len(examples) > 1000
    assert sum(example.slots is None for example in examples) <= 0.005 * len(examples)
