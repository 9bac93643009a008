"""Weights of rows in the student's losses (Meta-KD): where they count, that ones change nothing, and resuming."""

from __future__ import annotations

import dataclasses
import json
import shutil

import numpy as np
import pytest

from pqrnn_tf.datasets.rows import DataError, unlabelled
from pqrnn_tf.distillation import (
    Stage,
    build_recipe,
    distill_in_stages,
    distill_with_text,
    label_for_stages,
    with_row_weights,
)
from pqrnn_tf.tasks import engine
from pqrnn_tf.tasks.label_collection import collect_labels
from pqrnn_tf.tasks.training_data import ExampleData
from pqrnn_tf.teachers.answers import labelling
from pqrnn_tf.teachers.answers.shard_files import ShardError
from tests.tiny_models import DEV, TINY, TRAIN

pytestmark = pytest.mark.usefixtures("eager")
ROWS = [
    dataclasses.replace(row, domain="ab"[i % 2], locale=("en", "de")[i % 2], source=f"x:{i}")
    for i, row in enumerate(TRAIN[:64])
]
CONFIG = dataclasses.replace(TINY, batch_size=16, dropout=0.2, seed=4)
PLAIN = [Stage(name="one", steps=4)]


@pytest.fixture(scope="module")
def teacher(tiny, tmp_path_factory):
    folder = tmp_path_factory.mktemp("teacher")
    shutil.copy2(tiny[1] / "model.keras", folder)
    return folder


def answers(teacher, folder, stages, domains=ROWS):
    return label_for_stages(
        stages, {"task": ROWS}, {"fine-tuned": teacher}, folder, config=CONFIG, domains=domains
    )


@pytest.fixture(scope="module")
def weighted(teacher, tmp_path_factory):
    return answers(teacher, tmp_path_factory.mktemp("weighted"), with_row_weights(PLAIN))


def run(folder, stages, data, **options):
    return distill_in_stages(
        CONFIG,
        stages,
        labels=collect_labels(TRAIN),
        data=data,
        output=folder,
        verbose=0,
        **options,
    ).get_weights()


def largest_change(one, other):
    return max(float(np.abs(a - b).max()) for a, b in zip(one, other, strict=True))


def test_weights_of_one_change_nothing_and_others_do(teacher, weighted, tmp_path, monkeypatch):
    plain = run(tmp_path / "plain", PLAIN, weighted)
    monkeypatch.setattr(labelling, "student_weights", lambda w, _: np.ones(len(w), np.float32))
    ones = answers(teacher, tmp_path / "ones", with_row_weights(PLAIN))
    assert ones["task/fine-tuned"].weighted
    same = run(tmp_path / "same", with_row_weights(PLAIN), ones)
    assert largest_change(plain, same) == 0.0
    other = run(tmp_path / "other", with_row_weights(PLAIN), weighted)
    assert largest_change(plain, other) > 1e-4


def test_a_weight_of_0_leaves_a_row_out(teacher, tmp_path, monkeypatch):
    """Nothing is left then but the decay of the weights, and what batch normalisation counts."""
    monkeypatch.setattr(labelling, "student_weights", lambda w, _: np.zeros(len(w), np.float32))
    none = answers(teacher, tmp_path / "none", with_row_weights(PLAIN))
    run(tmp_path / "s", with_row_weights(PLAIN), none)
    lines = (tmp_path / "s" / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["loss"] for line in lines] == pytest.approx([0.0] * len(lines))


@pytest.mark.large
def test_a_killed_training_with_weights_resumes(weighted, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "CHECKPOINT_STEPS", 2)
    monkeypatch.setattr(engine, "CHECKPOINT_SECONDS", 0.0)
    stages = with_row_weights(PLAIN)
    whole = run(tmp_path / "whole", stages, weighted)

    class Killed(BaseException):
        pass

    import keras

    class Kill(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise Killed

    with pytest.raises(Killed):
        run(tmp_path / "cut", stages, weighted, callbacks=[Kill()])
    assert largest_change(whole, run(tmp_path / "cut", stages, weighted)) < 1e-6


def test_weights_enter_the_identity_and_plain_records_stay_as_they_were(weighted, tmp_path):
    assert "row_weights" not in PLAIN[0].to_dict()
    assert with_row_weights(PLAIN)[0].to_dict()["row_weights"] is True
    run(tmp_path / "s", PLAIN, weighted)
    with pytest.raises(ValueError, match="other work differs in stages"):
        run(tmp_path / "s", with_row_weights(PLAIN), weighted)


def test_only_stages_with_the_fine_tuned_teacher_weigh_rows():
    stages = with_row_weights(build_recipe("four_stages", layers=2, steps=100))
    assert [stage.row_weights for stage in stages] == [False, True, True, True]
    stages = with_row_weights(build_recipe("sequential", layers=2, steps=100))
    assert [stage.row_weights for stage in stages] == [True, True, False]
    with pytest.raises(ValueError, match=r"'fine-tuned' to weigh rows in. Received: \['labels'\]"):
        with_row_weights(build_recipe("labels_only", layers=2))
    with pytest.raises(ValueError, match="`row_weights` needs a teacher"):
        Stage(name="s", teacher=None, row_weights=True)


def test_missing_weights_are_named(teacher, tmp_path):
    plain = answers(teacher, tmp_path / "plain", PLAIN)
    with pytest.raises(
        ShardError, match=r"hold weights of rows, which stage 'one' asks for.*--domains"
    ):
        run(tmp_path / "s", with_row_weights(PLAIN), plain)
    with pytest.raises(ValueError, match=r"cached answers.*without \['task/fine-tuned'\]"):
        run(tmp_path / "s", with_row_weights(PLAIN), {"task": ExampleData(ROWS)})
    with pytest.raises(ValueError, match="`domains` must hold rows where a stage weighs rows"):
        answers(teacher, tmp_path / "x", with_row_weights(PLAIN), ())


def test_text_of_the_student_gets_weights_whatever_it_is(teacher, tmp_path):
    """Copies keep the domain of their rows; transfer text without one belongs to the nearest."""
    from pqrnn_tf.datasets import StudentText

    (tmp_path / "logs.txt").write_text("wake me at seven\nplay some music now\n")
    stages = with_row_weights([Stage(name="one", data=("task", "transfer"), steps=2)])
    rows = [dataclasses.replace(row, locale=("en", "de")[i % 2]) for i, row in enumerate(TRAIN)]
    distill_with_text(
        CONFIG,
        stages,
        {"fine-tuned": teacher},
        rows,
        DEV[:4],
        tmp_path / "s",
        text=StudentText(substitution=1.0, copies=1, transfer=(str(tmp_path / "logs.txt"),)),
        domains="language",
        verbose=0,
    )
    kept = json.loads((tmp_path / "s/answers/prototypes-fine-tuned/prototypes.json").read_text())
    assert kept["names"] == ["de", "en"]
    from pqrnn_tf.teachers import LabelledText

    for name, count in (("task", 800), ("transfer", 2)):
        shard = LabelledText(tmp_path / "s" / "answers" / f"{name}-fine-tuned").shard(0)
        assert shard.weights.shape == (count,)
        assert (shard.weights > 0).all() and (shard.weights <= 1).all()


def test_rows_without_a_domain_are_named_before_anything_is_asked(teacher, tmp_path):
    rows = [*ROWS, unlabelled("hello", source="y:1")]
    with pytest.raises(DataError, match=r"1 of 65 rows without one, such as y:1"):
        distill_with_text(
            CONFIG,
            with_row_weights(PLAIN),
            {"fine-tuned": teacher},
            rows,
            (),
            tmp_path / "s",
            domains="language",
        )
    assert not (tmp_path / "s").exists()
