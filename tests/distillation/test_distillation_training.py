"""Distillation of a teacher into a joint model: better than before, resumable, checked."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from pqrnn_tf.distillation import LatentLoss
from pqrnn_tf.distillation.training import distill
from pqrnn_tf.files import ResumeError
from pqrnn_tf.runtime.labels import LabelError
from pqrnn_tf.tasks import engine, training
from pqrnn_tf.tasks.label_collection import collect_labels
from pqrnn_tf.tasks.parsing import score_model
from pqrnn_tf.teachers import KerasTeacher, fit_teacher
from tests.tiny_models import DEV, TINY, TRAIN


def covering(rows):
    """The first rows that bring a label which those before lack, so that a few have all labels."""
    chosen, known = [], set()
    for row in rows:
        labels = collect_labels([row])
        own = {*labels.intents, *labels.tags, *labels.nested}
        if not own <= known:
            chosen.append(row)
            known |= own
    return chosen


ROWS = covering(TRAIN)
SHORT = dataclasses.replace(TINY, epochs=2, batch_size=16, dropout=0.2, substitution=0.2, seed=2)


class Killed(BaseException):
    """Stands for a kill signal."""


def run(folder, teacher, config=SHORT, **arguments):
    options = {"verbose": 0, "evaluate_every": 9, **arguments}
    return distill(config, teacher, ROWS, DEV[:4], folder, **options)


@pytest.mark.usefixtures("eager")
def test_a_killed_distillation_resumes_to_the_same_result(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "CHECKPOINT_SECONDS", 0.0)
    # With a map, which a checkpoint has to bring back too.
    losses = {"latent": [LatentLoss(weight=0.1)]}
    teacher = KerasTeacher(tiny[0])
    whole = run(tmp_path / "whole", teacher, **losses)

    def killed(*args, **options):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(training, "score_model", killed)
        with pytest.raises(Killed):
            run(tmp_path / "cut", teacher, **losses)
    resumed = run(tmp_path / "cut", teacher, **losses)
    for a, b in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    last = json.loads((tmp_path / "cut" / "log.jsonl").read_text().splitlines()[-1])
    assert last["dev"] == score_model(resumed, DEV[:4]).to_dict()
    assert {"distillation_loss", "student_loss", "intent_agreement", "hidden_loss"} <= set(last)


def test_the_student_learns_from_the_teacher_alone(tiny, tmp_path):
    """Rows whose labels are all wrong: what is right afterwards came from the teacher."""
    names = sorted({row.intent for row in TRAIN})
    wrong = {name: names[(k + 1) % len(names)] for k, name in enumerate(names)}
    rows = [dataclasses.replace(row, intent=wrong[row.intent]) for row in TRAIN]
    teacher = tiny[0]
    config = dataclasses.replace(TINY, epochs=4)
    student = distill(
        config,
        _Relabelled(teacher, rows),
        rows,
        [],
        tmp_path / "s",
        student_loss_weight=0.0,
        verbose=0,
    )
    assert (
        score_model(student, DEV).intent_accuracy > 50
    )  # with the labels of the rows it would be near 0


class _Relabelled:
    """The teacher's answers under the label set of other rows."""

    def __init__(self, teacher, rows):

        self.labels = collect_labels(rows)
        self._teacher = teacher

    def __call__(self, inputs, training=False):
        return self._teacher(inputs, training=False)


@pytest.mark.usefixtures("eager")
def test_another_distillation_is_refused_in_the_same_folder(tiny, tmp_path):
    config = dataclasses.replace(SHORT, epochs=1)
    run(tmp_path / "s", tiny[0], config)
    with pytest.raises(ResumeError, match=r"distillation.temperature \(1.0 there, 3.0 here\)"):
        run(tmp_path / "s", tiny[0], config, temperature=3.0)
    with pytest.raises(ResumeError, match="distillation.output_weights.slots"):
        run(tmp_path / "s", tiny[0], config, output_weights={"intent": 1.0})


def test_a_teacher_with_other_labels_is_refused(tiny, tmp_path):
    with pytest.raises(LabelError):
        distill(SHORT, tiny[0], TRAIN[:3], [], tmp_path / "s", verbose=0)
    assert not (tmp_path / "s").exists()


@pytest.mark.usefixtures("eager")
def test_a_fine_tuned_teacher_is_not_trained_again(tmp_path):
    from pqrnn_tf.datasets.making.grammar import vocabulary
    from pqrnn_tf.teachers import build_bert

    build_bert(
        tmp_path / "bert",
        vocabulary(["en"]),
        hidden_size=16,
        layers=1,
        heads=2,
        intermediate_size=32,
    )
    how = {"epochs": 1, "verbose": 0}
    first = fit_teacher(tmp_path / "bert", SHORT, ROWS, DEV[:4], tmp_path / "teacher", **how)
    beside = {path.name for path in (tmp_path / "teacher.training").iterdir()}
    assert beside == {"training.json", "log.jsonl"}  # the checkpoints are gone
    (tmp_path / "bert").rename(tmp_path / "elsewhere")  # it is not looked at again
    again = fit_teacher(tmp_path / "bert", SHORT, ROWS, DEV[:4], tmp_path / "teacher", **how)
    assert again.digest == first.digest
    for a, b in zip(first.trainable_variables, again.trainable_variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    with pytest.raises(ResumeError, match=r"epochs \(1 there, 5 here\), handle"):
        fit_teacher(tmp_path / "elsewhere", SHORT, ROWS, DEV[:4], tmp_path / "teacher")
    # It is trained further with its own heads on rows of the same labels, and on those of no others.
    further = fit_teacher(
        tmp_path / "teacher", SHORT, ROWS, [], tmp_path / "further", learning_rate=1e-12, **how
    )
    for a, b in zip(first.trainable_variables, further.trainable_variables, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), atol=1e-8)
    with pytest.raises(LabelError, match="only the teacher has"):
        fit_teacher(tmp_path / "teacher", SHORT, TRAIN[:3], [], tmp_path / "other")
    assert not list(tmp_path.glob("other*"))
