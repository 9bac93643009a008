"""A small model for each corpus, and what is recorded of it."""

from __future__ import annotations

import json

import pytest

from benchmarks.sweep import SweepError
from benchmarks.task_runs import STUDENT, execute, runs_of
from pqrnn_tf.datasets import load_split
from pqrnn_tf.tasks.training import read_config
from tests.tiny_models import TINY_SPEC
from tflite_export.pretrained import model_file
from tflite_export.scoring import score_file

LINES = (
    ("wake me at nine", "O O O B-time", "alarm"),
    ("play some jazz", "O O B-genre", "music"),
    ("play the blues", "O O B-genre", "music"),
)


@pytest.fixture(scope="module")
def snips(tmp_path_factory):
    """A folder of a made-up SNIPS."""
    root = tmp_path_factory.mktemp("snips")
    for split, times in (("train", 8), ("dev", 2)):
        (root / split).mkdir()
        for name, column in (("seq.in", 0), ("seq.out", 1), ("label", 2)):
            text = "".join(f"{line[column]}\n" for line in LINES) * times
            (root / split / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def student(tmp_path):
    spec = {**TINY_SPEC.to_dict(), "max_tokens": 8}
    values = {"spec": spec, "bottleneck_units": 8, "units": 8, "layers": 1, "epochs": 2}
    path = tmp_path / "student.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    return str(path)


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
