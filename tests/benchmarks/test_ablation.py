"""The ablation: one change a row, and tags that are read one by one."""

from __future__ import annotations

import numpy as np

from benchmarks.ablation import (
    BASE,
    INDEPENDENT,
    ROWS,
    STUDENT,
    IndependentDecoder,
    execute,
    runs_of,
)
from pqrnn_tf.runtime.decoding import DecodedSlot
from pqrnn_tf.runtime.labels import LabelSet

LABELS = LabelSet(
    intents=("a", "b"), tags=("O", "B-x", "I-x", "B-y", "I-y"), slots_of_intent=(("x",), ("y",))
)


def one_hot(*columns):
    return np.eye(len(LABELS.tags), dtype=np.float32)[list(columns)]


def test_each_row_changes_what_it_says(snips):
    runs = {
        run.row: run.plain_settings for run in runs_of(str(snips), str(STUDENT), epochs=3, seeds=1)
    }
    assert set(runs) == set(ROWS)
    base = runs[BASE]
    assert base["student"]["epochs"] == 3
    for name, settings in runs.items():
        if name not in (BASE, INDEPENDENT):
            assert settings["student"] != base["student"], name
    assert runs["no_average"]["student"]["average"] == 0
    assert runs["ngrams_3"]["student"]["spec"]["ngram_orders"] == [3]
    assert runs[INDEPENDENT]["student"] == base["student"]


def test_tags_are_read_one_by_one():
    parse = IndependentDecoder(LABELS)(np.array([0.0, 1.0]), one_hot(2, 2, 4, 0, 1, 3), 5)
    assert parse.intent == "b"  # under which training data has no x
    assert parse.slots == (
        DecodedSlot("x", ((0, 2),)),
        DecodedSlot("y", ((2, 3),)),
        DecodedSlot("x", ((4, 5),)),
    )


def test_a_run_is_scored_with_its_own_decoder(
    snips, student, tmp_path, trained_before, one_signature
):
    run = next(
        run for run in runs_of(str(snips), student, epochs=1, seeds=1) if run.row == INDEPENDENT
    )
    measured = execute(run, tmp_path)
    assert measured["scores"]["rows"] == 6
    assert "keras" not in measured
    assert (tmp_path / "model.tflite").is_file()
    assert not (tmp_path / "training").exists()
