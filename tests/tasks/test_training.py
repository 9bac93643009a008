"""Training: configuration, resuming to the same result, saving and loading."""

from __future__ import annotations

import dataclasses
import json

import keras
import numpy as np
import pytest

from pqrnn_tf.tasks import training
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.label_collection import labels_for
from pqrnn_tf.tasks.parsing import parse_texts
from pqrnn_tf.tasks.training import ResumeError
from tests.tiny_models import DEV, ROWS, TINY, train_tiny

STOCHASTIC = dataclasses.replace(
    TINY,
    epochs=4,
    dropout=0.2,
    feature_dropout=0.1,
    zoneout=0.3,
    head_dropout=0.1,
    substitution=0.3,
    distortion=0.1,
)


def test_configurations_from_before_there_were_nested_tags_are_read():
    values = TINY.to_dict()
    del values["nested_weight"]
    assert TrainingConfig.from_dict(values) == TINY


def test_a_weight_of_zero_leaves_out_the_head_of_nested_tags():
    assert labels_for(TINY, ROWS).nested
    plain = labels_for(dataclasses.replace(TINY, nested_weight=0.0), ROWS)
    assert training.build_model(TINY, plain).nested_head is None


class Killed(Exception):
    """Stands for a kill signal."""


def weights(model):
    return [np.asarray(value) for value in model.get_weights()]


def test_a_killed_training_resumes_to_the_same_result(tmp_path, monkeypatch):
    whole = train_tiny(tmp_path / "whole", STOCHASTIC)

    def killed(*args):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(training, "score_model", killed)
        # Scored after the second epoch, when its checkpoint is written.
        with pytest.raises(Killed):
            training.train(
                STOCHASTIC, ROWS[:400], DEV, tmp_path / "cut", evaluate_every=2, verbose=0
            )
    resumed = train_tiny(tmp_path / "cut", STOCHASTIC)
    for a, b in zip(weights(whole), weights(resumed), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    epochs = [
        json.loads(line)["epoch"]
        for line in (tmp_path / "cut" / "log.jsonl").open(encoding="utf-8")
    ]
    assert epochs == [1, 3, 4]  # the second one was killed before its line was written


def test_another_training_does_not_overwrite(tiny):
    other = dataclasses.replace(TINY, learning_rate=1e-3)
    with pytest.raises(ResumeError, match=r"differ: \['config'\]"):
        train_tiny(tiny[1], other)


def test_the_saved_model_parses_as_the_trained_one(tiny):
    texts = [row.text for row in DEV]
    loaded = keras.models.load_model(tiny[1] / "model.keras")
    assert parse_texts(loaded, texts) == parse_texts(tiny[0], texts)
    assert (loaded.labels, loaded.spec) == (tiny[0].labels, tiny[0].spec)


def test_a_model_of_another_projection_version_is_not_loaded(tiny):
    from pqrnn_tf.runtime import SpecError
    from pqrnn_tf.tasks import IntentSlotModel

    config = tiny[0].get_config()
    config["spec"] = {**config["spec"], "version": 2}
    with pytest.raises(SpecError, match="version=2"):
        IntentSlotModel.from_config(config)


def test_development_scores_are_of_the_averaged_weights(tiny):
    from pqrnn_tf.tasks.parsing import score_model

    last = json.loads((tiny[1] / "log.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert last["dev"] == score_model(tiny[0], DEV).to_dict()


def test_no_half_written_files_stay(tiny):
    names = {path.name for path in tiny[1].iterdir()}
    assert {"model.keras", "labels.json", "training.json", "log.jsonl"} <= names
    assert not [name for name in names if "tmp" in name]
