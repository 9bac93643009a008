"""The demo starts from files of phrases as people have them."""

from __future__ import annotations

import json

import pytest

from pqrnn_tf.commands.demo import SENTENCES, write_phrases, write_texts
from pqrnn_tf.datasets import generate, read_rows


def test_phrases_are_read_back_as_the_grammar_made_them(tmp_path):
    paths = write_phrases(tmp_path, list(SENTENCES), 60)
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        "en/nlu.yml", "de.csv", "es.jsonl", "fr/nlu.yml", "hi.csv", "th.jsonl"
    ]  # fmt: skip
    rows = read_rows(tmp_path).by_language("train")
    assert set(rows) == set(SENTENCES)
    for language in SENTENCES:
        made = [
            (row.text, row.intent, row.slots)
            for row in generate(60, language=language, seed=1)
            if all(len(slot.spans) == 1 for slot in row.slots)
        ]
        read = {(row.text.strip(), row.intent, row.slots) for row in rows[language]}
        assert read == set(made), language


def test_texts_have_no_labels_and_are_no_phrases(tmp_path):
    path = write_texts(tmp_path / "texts.txt", ["en"], 40)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 40 and all(lines)
    assert set(lines) != {row.text for row in generate(40, language="en", seed=1)}


def test_flags_of_the_grammar_have_no_use_with_data(call):
    done = call("demo", "--data", "x", "--rows", "50")
    assert done.code == 2 and "--rows has no use here" in done.err


def test_a_step_that_fails_ends_the_demo(call, tmp_path):
    done = call("demo", "--data", tmp_path / "nothing", "--output", tmp_path / "out")
    assert done.code == 1 and "`pqrnn inspect` ended with the exit code 1" in done.err


@pytest.mark.large
def test_the_demo_goes_from_phrases_to_parses(call, tmp_path):
    flags = ["--languages", "en,de", "--rows", 40, "--teacher_epochs", 1, "--student_epochs", 1]
    done = call("demo", "--output", tmp_path, *flags)
    assert done.code == 0, done.err
    for step in ("inspect", "distill", "parse"):
        assert f"\n$ pqrnn {step} " in done.out
    result = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert set(result["scores"]) == {"model.tflite", "teacher", "student"}
    assert result["bytes"] > 100_000 and result["latency_ms"]["median"] > 0
