"""A small model for each corpus, and what is recorded of it."""

from __future__ import annotations

import json

import pytest

from benchmarks.sweep import SweepError
from benchmarks.task_runs import STUDENT, execute, runs_of
from pqrnn_tf.datasets import load_split
from pqrnn_tf.tasks.training import read_config
from tflite_export.pretrained import model_file
from tflite_export.scoring import score_file


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


def test_a_run_is_scored_through_its_file(snips, student, tmp_path):
    (run,) = runs_of([str(snips)], student, [])
    measured = execute(run, tmp_path)
    path = tmp_path / "model.tflite"
    assert measured["bytes"] == path.stat().st_size
    scores = score_file(path, load_split(snips, "dev")).to_dict()
    assert scores["rows"] == 6
    assert scores.items() <= measured["scores"].items()
    assert [noisy["share"] for noisy in measured["scores"]["typos"]] == [0.1, 0.2]
    assert measured["labels"] == {"intents": 2, "slots": 2}
    assert measured["parameters"] > 100
    assert (tmp_path / "training" / "training.json").is_file()


def test_the_configuration_is_of_the_size_of_the_smaller_model():
    config = read_config(STUDENT, [])
    published = read_config(model_file("mtop_en_1mb").with_name("config.json"), [])
    for field in ("spec", "bottleneck_units", "units", "layers", "kernel_width"):
        assert getattr(config, field) == getattr(published, field)
