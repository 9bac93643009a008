"""A small model for each corpus, and what is recorded of it."""

from __future__ import annotations

import json

import pytest

from benchmarks.records import RESULTS
from benchmarks.sweep import SweepError, read_records
from benchmarks.tasks import NAME, STUDENT, execute, runs_of, student_settings
from pqrnn_tf.datasets import load_split
from pqrnn_tf.runtime import Parser
from pqrnn_tf.tasks.config import TrainingConfig, read_config
from pqrnn_tf.tasks.scoring import score_file


def test_a_corpus_is_a_row_and_its_content_a_setting(snips, student):
    runs = runs_of([str(snips)], student, ["epochs=3"], seeds=2)
    assert [run.name for run in runs] == ["snips_seed1", "snips_seed2"]
    settings = runs[0].plain_settings
    assert settings["corpus"] == "SNIPS"
    assert settings["rows"] == {"train": 24, "dev": 6}
    assert settings["student"]["epochs"] == 3
    assert "seed" not in settings["student"]
    assert str(snips) not in json.dumps(settings)


def test_a_corpus_is_named_once(snips, student):
    with pytest.raises(SweepError, match="SNIPS twice"):
        runs_of([str(snips), str(snips)], student, [])


def test_a_run_is_scored_through_its_file(snips, student, tmp_path, trained_before, one_signature):
    (run,) = runs_of([str(snips)], student, [])
    measured = execute(run, tmp_path)
    ((config, examples, _, output),) = trained_before
    assert config == read_config(student, ["seed=1"]) and output == tmp_path / "training"
    assert examples == load_split(snips, "train")
    path = tmp_path / "model.tflite"
    assert measured["bytes"] == path.stat().st_size
    scores = score_file(path, load_split(snips, "dev")).to_dict()
    assert scores["rows"] == 6
    assert scores.items() <= measured["scores"].items()
    assert [noisy["share"] for noisy in measured["scores"]["typos"]] == [0.1, 0.2]
    labels = Parser(path).labels
    counts = {"intents": len(labels.intents), "slots": len(labels.slot_names)}
    assert measured["labels"] == counts
    assert measured["parameters"] > 100
    assert (tmp_path / "training" / "training.json").is_file()


def test_what_is_published_was_measured_with_the_configuration_and_files_of_a_megabyte():
    records = read_records(RESULTS / f"{NAME}.jsonl").values()
    assert records
    for record in records:
        measured = TrainingConfig.from_dict(record["settings"]["student"]).to_dict()
        assert measured == student_settings(STUDENT, []) | {"seed": measured["seed"]}
        assert record["bytes"] <= 1_000_000
