"""Fine-tunings of a BERT side by side: what is read of their folders, and the table."""

from __future__ import annotations

import json
import types

import pytest

from benchmarks import teacher_trials
from benchmarks.measured import Measured
from benchmarks.render import TABLES
from pqrnn_tf.teachers.bert import parts


@pytest.fixture
def folder(tmp_path, monkeypatch):
    sizes = types.SimpleNamespace(layers=8, width=768)
    monkeypatch.setattr(parts, "SavedBert", lambda _: types.SimpleNamespace(sizes=sizes))
    training = tmp_path / "eight" / "teacher.training"
    training.mkdir(parents=True)
    told = {"learning_rate": 0.0005, "batch_size": 16}
    (training / "training.json").write_text(json.dumps(told))
    (training / "log.jsonl").write_text('{"step": 5}\n{"step": 10}\n')
    scores = {"intent_accuracy": 70.0, "slot_f1": 60.0, "rows": 9}
    languages = {
        code: {**scores, "flat_exact_match": value} for code, value in (("en", 40.0), ("de", 30.0))
    }
    (tmp_path / "eight" / "scores.json").write_text(json.dumps({"languages": languages}))
    return tmp_path / "eight"


def test_a_trial_is_read_from_its_folder_and_shown(folder, tmp_path):
    trial = teacher_trials.read_trial(folder)
    assert (trial["layers"], trial["rows"], trial["head_factor"]) == (8, 160, 1.0)
    assert trial["mean"] == {"flat_exact_match": 35.0, "intent_accuracy": 70.0, "slot_f1": 60.0}
    (tmp_path / "teacher_trials.json").write_text(json.dumps({"trials": [trial]}))
    lines = TABLES["six_languages_trials"](Measured(tmp_path, tmp_path)).splitlines()
    assert lines[0].startswith("| layers | rate |")
    assert lines[2] == "| 8 | 0.0005 | 1 | 16 | 35.00 | 70.00 | 60.00 |"


def test_a_rate_by_width_is_said_as_a_number(folder):
    path = folder / "teacher.training" / "training.json"
    path.write_text(json.dumps({"learning_rate": None, "batch_size": 16}))
    assert teacher_trials.read_trial(folder)["learning_rate"] == 5e-5


def test_a_teacher_without_scores_by_language_is_an_error(folder):
    (folder / "scores.json").write_text("{}")
    with pytest.raises(ValueError, match=r"scored by language\. Received: .*eight"):
        teacher_trials.read_trial(folder)
