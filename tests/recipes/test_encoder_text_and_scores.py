"""Text for encoders without development rows, and the card of an encoder."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from pqrnn_tf.commands.running import run_command
from recipes import encoder_text
from recipes.encoder_scores import FEW_SHOT, SHOTS, intents, scores, similarity
from recipes.encoder_text import DEVELOPMENT

FIRST = next(iter(FEW_SHOT))


@pytest.fixture
def corpora(tmp_path):
    """Corpora of a few lines; every development text is a training text too."""
    for name in {*encoder_text.ASKED, *encoder_text.GENERAL, *encoder_text.MANY, *DEVELOPMENT}:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        held_out = "Held out!" if name in DEVELOPMENT else "held out"
        texts = [held_out, "pair one", f"own text of {name.replace('/', ' ').replace('.', ' ')}"]
        if name == "topv2":
            path.mkdir()
            path = path / "alarm_train.tsv"
        if path.suffix == ".csv":
            lines = ["text,category", *(f"{text},x" for text in texts)]
        elif path.suffix == ".tsv":
            lines = ["domain\tutterance\tsemantic_parse"]
            lines += [f"alarm\t{text}\t[IN:GET_ALARM {text} ]" for text in texts]
        elif path.suffix == ".jsonl":
            lines = [f'{{"question": "{t}", "logical_form": "[IN:GET_X {t} ]"}}' for t in texts]
        elif path.suffix == ".json":
            lines = [json.dumps([{"text": text, "intent": "x"} for text in texts])]
        else:
            lines = texts
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "stsb").mkdir()
    with (tmp_path / "stsb" / "en_dev.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["pair one", "pair two", 5.0], ["a b", "c d", 0.0]])
    return tmp_path


@pytest.mark.parametrize(
    ("languages", "files", "sources"),
    [
        (
            "english",
            ["first.txt", "more.txt", "rest.txt"],
            {*encoder_text.ASKED, *encoder_text.GENERAL},
        ),
        ("many", ["many.txt"], set(encoder_text.MANY)),
    ],
)
def test_no_text_that_is_scored_is_trained_on(
    corpora, tmp_path, monkeypatch, languages, files, sources
):
    monkeypatch.setattr(encoder_text, "MORE", 1)
    output = tmp_path / "out"
    line = ["--corpora", str(corpora), "--languages", languages, "--output", str(output)]
    assert run_command("x", "", encoder_text.configure, encoder_text.run, line) == 0
    texts = [
        text for name in files for text in (output / name).read_text(encoding="utf-8").splitlines()
    ]
    made = sorted(path.name for path in output.iterdir())
    more = ["some_variants.txt", "variants.txt"] if languages == "english" else []
    assert made == sorted([*files, *more])
    assert len(texts) == len(set(texts)) == len(sources)
    assert all(text.startswith("own text of") for text in texts)
    assert all((output / name).read_text(encoding="utf-8") for name in files)


def test_variants_are_new_texts_of_the_words_at_hand():
    texts = ["play some jazz now", "wake me at seven", "stop"]
    made = encoder_text.variants(texts * 50, texts, 0)
    assert made == encoder_text.variants(texts * 50, texts, 0)
    assert len(made) > 100 and not set(made) & set(texts)
    assert {word for text in made for word in text.split()} <= set(" ".join(texts).split())


def test_a_variant_that_is_scored_is_left_out(corpora, tmp_path, monkeypatch):
    held_out = "own text"
    path = corpora / "snips" / "dev" / "seq.in"
    path.write_text(path.read_text(encoding="utf-8") + held_out + "\n", encoding="utf-8")
    monkeypatch.setattr(
        encoder_text, "variants", lambda texts, others, seed: [held_out, f"{others[0]} more"]
    )
    output = tmp_path / "out"
    line = ["--corpora", str(corpora), "--output", str(output)]
    assert run_command("x", "", encoder_text.configure, encoder_text.run, line) == 0
    lines = (output / "variants.txt").read_text(encoding="utf-8").splitlines()
    assert lines and held_out not in lines


def by_first_letter(texts):
    vectors = np.zeros((len(texts), 26), np.float32)
    for row, text in zip(vectors, texts, strict=True):
        row[ord(text[0]) - 97] = 1.0
    return vectors


def test_scores_are_those_of_the_vectors(tmp_path):
    (tmp_path / "stsb").mkdir()
    with (tmp_path / "stsb" / "en_dev.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["aa", "ab", 5.0], ["ab", "bb", 0.0], ["cc", "cd", 5.0]])
    assert similarity(by_first_letter, tmp_path, "en") == 100.0
    found = scores(by_first_letter, tmp_path, ["en"], with_intents=False)
    assert found == {"width": 26, "stsb": {"en": 100.0}}
    for split in (*SHOTS, "valid"):
        folder = tmp_path / "few_shot" / FIRST / split
        folder.mkdir(parents=True)
        (folder / "seq.in").write_text("aa\nbb\ncc\n", encoding="utf-8")
        labels = "one\ntwo\ntwo\n" if split != "valid" else "one\ntwo\none\n"
        (folder / "label").write_text(labels, encoding="utf-8")
    assert intents(by_first_letter, tmp_path, FIRST) == dict.fromkeys(SHOTS, 66.67)
