"""Training: configuration, resuming to the same result, saving and loading."""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest

from pqrnn_tf.files import ResumeError
from pqrnn_tf.tasks import engine, training
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.label_collection import labels_for
from pqrnn_tf.tasks.parsing import parse_texts, score_model
from pqrnn_tf.tasks.training_data import ExampleData
from tests.tiny_models import DEV, ROWS, TINY, train_tiny


def test_configurations_from_before_there_were_nested_tags_are_read():
    values = TINY.to_dict()
    del values["nested_weight"]
    assert TrainingConfig.from_dict(values) == TINY


def test_a_weight_of_zero_leaves_out_the_head_of_nested_tags():
    assert labels_for(TINY, ROWS).nested
    plain = labels_for(dataclasses.replace(TINY, nested_weight=0.0), ROWS)
    assert training.build_model(TINY, plain).nested_head is None


class Killed(BaseException):
    """Stands for a kill signal."""


STOCHASTIC = dataclasses.replace(
    TINY,
    units=8,
    bottleneck_units=8,
    layers=1,
    epochs=3,
    dropout=0.2,
    feature_dropout=0.1,
    zoneout=0.3,
    head_dropout=0.1,
    substitution=0.3,
    distortion=0.1,
)


def test_killed_in_the_last_development_score_it_resumes_to_the_same_model_and_score(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(engine, "CHECKPOINT_SECONDS", 0.0)

    def start(name):
        return training.train(STOCHASTIC, ROWS[:60], DEV[:4], tmp_path / name, verbose=0)

    def killed(*args, **options):
        raise Killed

    whole = start("whole")
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(training, "score_model", killed)
        start("cut")
    resumed = start("cut")
    for a, b in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    lines = (tmp_path / "cut" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2, 3]
    assert json.loads(lines[-1])["dev"] == score_model(resumed, DEV[:4]).to_dict()


def test_the_step_is_traced_once(tmp_path, monkeypatch):
    traces = []

    def call(self, inputs, **options):
        traces.append(inputs["features"].shape)
        return real(self, inputs, **options)

    real = IntentSlotModel.call
    monkeypatch.setattr(IntentSlotModel, "call", call)
    config = dataclasses.replace(STOCHASTIC, epochs=1, batch_size=4)
    training.train(config, ROWS[:16], [], tmp_path, verbose=0)
    assert len(traces) == 1


@pytest.mark.large
def test_a_real_kill_in_the_last_development_score(tmp_path):
    code = f"""
import os, signal
from pqrnn_tf.tasks import training
from tests.tasks.test_training import DEV, ROWS, STOCHASTIC
training.score_model = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
training.train(STOCHASTIC, ROWS[:60], DEV[:4], {str(tmp_path)!r}, verbose=0)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "model.keras").exists()
    model = training.train(STOCHASTIC, ROWS[:60], DEV[:4], tmp_path, verbose=0)
    last = (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    assert json.loads(last)["dev"] == score_model(model, DEV[:4]).to_dict()
    assert (tmp_path / "model.keras").exists()


def test_another_training_does_not_overwrite(tiny):
    other = dataclasses.replace(TINY, learning_rate=1e-3)
    with pytest.raises(ResumeError, match=r"config.learning_rate \(0.01 there, 0.001 here\)"):
        train_tiny(tiny[1], other)


def test_a_failed_start_leaves_no_claimed_folder(tmp_path):
    config = dataclasses.replace(TINY, patience=2)
    with pytest.raises(ValueError, match="Development rows must be given"):
        training.train(config, ROWS[:8], [], tmp_path / "x")
    with pytest.raises(ValueError, match="`data` must hold at least one row"):
        training.fit_resumable(
            *[None] * 2, TINY, ExampleData([]), [], tmp_path / "x", evaluate_every=1, verbose=0
        )
    assert not (tmp_path / "x").exists()


def test_the_saved_model_parses_as_the_trained_one(tiny):
    texts = [row.text for row in DEV]
    loaded = keras.models.load_model(tiny[1] / "model.keras")
    assert parse_texts(loaded, texts) == parse_texts(tiny[0], texts)
    assert (loaded.labels, loaded.spec) == (tiny[0].labels, tiny[0].spec)


def test_a_model_of_another_projection_version_is_not_loaded(tiny):
    from pqrnn_tf.runtime import SpecError

    config = tiny[0].get_config()
    config["spec"] = {**config["spec"], "version": 3}
    with pytest.raises(SpecError, match="version=3"):
        IntentSlotModel.from_config(config)


def test_development_scores_are_of_the_averaged_weights(tiny):
    last = json.loads((tiny[1] / "log.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert last["dev"] == score_model(tiny[0], DEV).to_dict()


def test_no_half_written_files_stay(tiny):
    names = {path.name for path in tiny[1].iterdir()}
    assert {"model.keras", "labels.json", "training.json", "log.jsonl"} <= names
    assert not [name for name in names if "tmp" in name]
