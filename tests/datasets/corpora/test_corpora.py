"""A folder's files say which corpus it holds."""

from __future__ import annotations

import json
import pathlib

import pytest

from pqrnn_tf.datasets import CORPORA, DataError, corpus_of, load_split, model_licence

ROOT = pathlib.Path(__file__).resolve().parents[3]

TREE = json.dumps({"question": "stop", "logical_form": "[IN:STOP stop ]"})


def write(path: pathlib.Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def snips(folder: pathlib.Path) -> None:
    for split in ("train", "valid"):
        for name, line in (("seq.in", "stop"), ("seq.out", "O"), ("label", "AddToPlaylist")):
            write(folder / split / name, f"{line}\n")


def massive(folder: pathlib.Path) -> None:
    for split in ("train", "dev"):
        write(folder / f"{split}.txt", "stop:O <=> STOP\n")


def clinc150(folder: pathlib.Path) -> None:
    rows = [["stop", "are_you_a_bot"]]
    write(folder / "data_full.json", json.dumps({"train": rows, "val": rows}))
    write(folder / "data_small.json", json.dumps({"train": [], "val": []}))


def banking77(folder: pathlib.Path) -> None:
    lines = [f"stop {number},card_arrival" for number in range(20)]
    write(folder / "train.csv", "\n".join(["text,category", *lines, ""]))


def topv2(folder: pathlib.Path) -> None:
    for split in ("train", "eval"):
        header = "domain\tutterance\tsemantic_parse\n"
        write(folder / f"music_{split}.tsv", header + "music\tstop\t[IN:STOP stop ]\n")


def mtop(folder: pathlib.Path) -> None:
    for split in ("train", "dev"):
        write(folder / f"{split}.jsonl", TREE + "\n")


@pytest.mark.parametrize(
    ("make", "name", "rows"),
    [
        (snips, "SNIPS", (1, 1)),
        (massive, "MASSIVE", (1, 1)),
        (clinc150, "CLINC150", (1, 1)),
        (banking77, "Banking77", (18, 2)),
        (topv2, "TOPv2", (1, 1)),
        (mtop, "MTOP", (1, 1)),
    ],
)
def test_every_corpus_is_recognised_and_read(tmp_path, make, name, rows):
    make(tmp_path)
    # A licence or notes of the user's own change nothing.
    write(tmp_path / "notes.json", '{"a": 1}')
    write(tmp_path / "LICENSE", "text")
    assert corpus_of(tmp_path).name == name
    splits = [load_split(tmp_path, split) for split in ("train", "dev")]
    assert tuple(map(len, splits)) == rows
    assert len({row.intent for split in splits for row in split}) == 1


@pytest.mark.parametrize("make", [snips, massive, clinc150, banking77, topv2, mtop])
def test_a_missing_split_is_named(tmp_path, make):
    make(tmp_path)
    with pytest.raises(DataError, match=r"no split 'test'|_test\.tsv"):
        load_split(tmp_path, "test")


@pytest.mark.parametrize("make", [snips, massive, clinc150, banking77, topv2])
def test_an_english_corpus_has_no_other_language(tmp_path, make):
    make(tmp_path)
    with pytest.raises(DataError, match="has the languages en. Received: language='de'"):
        load_split(tmp_path, "train", language="de")


def test_an_unknown_folder_says_what_is_known_and_what_it_holds(tmp_path):
    write(tmp_path / "rows.parquet", "x")
    with pytest.raises(DataError, match=r"Known formats: Rasa YAML.*holds: rows\.parquet"):
        load_split(tmp_path, "train")


def test_an_unknown_split_is_refused_before_the_folder_is_looked_at(tmp_path):
    with pytest.raises(ValueError, match="`split` must be one of"):
        load_split(tmp_path / "nowhere", "validation")


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.name)
def test_the_page_on_corpora_has_the_terms_of_the_table(corpus):
    page = (ROOT / "docs" / "corpora.md").read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith(f"| {corpus.name} ")]
    assert f"| {corpus.licence} |" in row
    assert corpus.citation.split(", ")[0] in row


def test_a_model_names_each_corpus_and_its_terms_once():
    snips_corpus, mtop_corpus = CORPORA[0], CORPORA[-1]
    assert model_licence([mtop_corpus]) == (
        "Model trained on MTOP, whose texts and labels are CC BY-SA 4.0; code Apache-2.0."
    )
    assert model_licence([mtop_corpus, snips_corpus, mtop_corpus]) == (
        "Model trained on MTOP, whose texts and labels are CC BY-SA 4.0 and on SNIPS, whose texts "
        "and labels are CC0 1.0; code Apache-2.0."
    )


def test_a_model_of_no_corpus_has_no_terms():
    with pytest.raises(ValueError, match="at least one corpus"):
        model_licence([])
