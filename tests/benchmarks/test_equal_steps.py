"""Published students beside labels alone: steps of every training, scores of the 8-bit file."""

from __future__ import annotations

import json

import pytest

from benchmarks.equal_steps import measure_run, read_runs
from benchmarks.records import optimizer_steps
from pqrnn_tf.tasks.scoring import score_file
from tests.tiny_models import DEV, TINY


def test_stages_are_added_and_lines_are_not(tmp_path):
    log = tmp_path / "log.jsonl"
    lines = [("a", 5), ("a", 9), ("b", 4), ("b", 6)]
    log.write_text("".join(json.dumps({"stage": s, "step": n}) + "\n" for s, n in lines))
    assert optimizer_steps(log) == 15
    log.write_text("".join(json.dumps({"epoch": n, "step": 10 * n}) + "\n" for n in (1, 2, 3)))
    assert optimizer_steps(log) == 30


def test_a_run_has_the_steps_of_what_it_started_from(tiny, one_signature):
    own = optimizer_steps(tiny[1] / "log.jsonl")
    measured = measure_run([tiny[1], tiny[1]], DEV)
    assert own > 0
    assert measured["steps"] == 2 * own
    assert measured["batch_sizes"] == [TINY.batch_size]
    assert measured["scores"] == score_file(tiny[2], DEV).to_dict()
    assert 0.5 < measured["bytes"] / tiny[2].stat().st_size < 1  # with one signature


def test_runs_are_named_once_and_finished(tiny, tmp_path):
    folder = str(tiny[1])
    assert read_runs([f"a = b={folder},{folder}"]) == {"a = b": [tiny[1], tiny[1]]}
    for values, message in (
        ([folder], "must be TITLE=FOLDER"),
        ([f"a={folder}", f"a={folder}"], "another title each"),
        ([f"a={folder},{tmp_path}"], "without model.keras"),
    ):
        with pytest.raises(ValueError, match=message):
            read_runs(values)
