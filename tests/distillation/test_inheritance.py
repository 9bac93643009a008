"""A smaller model teaches a larger one at the beginning, and students grow from stage to stage."""

from __future__ import annotations

import dataclasses
import json
import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.distillation import Distiller, distill_in_stages, inherit, inheriting, with_growth
from pqrnn_tf.distillation.recipes import Stage, four_stages, labels_only, task_specific
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.tasks.growth import GrowthStage
from pqrnn_tf.tasks.label_collection import collect_labels
from pqrnn_tf.tasks.training import build_model
from pqrnn_tf.tasks.training_data import ExampleData
from tests.tiny_models import TINY, TRAIN

ROWS = TRAIN[:32]
LABELS = collect_labels(TRAIN)
CONFIG = dataclasses.replace(TINY, batch_size=16, units=8, bottleneck_units=16, epochs=1)
HALF = {"units": 4, "bottleneck_units": 8, "layers": 1}


def test_the_weight_of_the_smaller_model_falls_on_a_line_to_zero():
    weight = inheriting(125_000)
    alpha = [1 - float(weight(step)) for step in (0, 27_500, 55_000, 90_000, 125_000)]
    assert alpha == [1.0, 0.5, 0.0, 0.0, 0.0]
    assert [float(inheriting(10, share=1)(step)) for step in (0, 5, 10)] == [0.0, 0.5, 1.0]
    for arguments in ({"share": 0.0}, {"share": 1.1}, {"steps": 0}):
        with pytest.raises(ValueError, match="`share` must be above 0"):
            inheriting(**{"steps": 9, **arguments})


class Fixed:
    """A teacher with the same logits for every token, which counts how often it is asked."""

    labels = None
    supports_jit = False

    def __init__(self):
        self.asked = tf.Variable(0)

    def __call__(self, inputs, training=False):
        self.asked.assign_add(1)
        rows, time = tf.unstack(tf.shape(inputs["features"]))[:2]
        return {
            "intent": tf.tile([[2.0, 0.0]], [rows, 1]),
            "slots": tf.tile([[[0.0, 1.0, 3.0]]], [rows, time, 1]),
            "mask": tf.ones((rows, time), tf.bool),
        }


class Student(keras.Model):
    """Logits that are 0 but for one trained number."""

    def build(self, input_shape):
        self.number = self.add_weight(name="number", shape=(), initializer="zeros")

    def call(self, inputs, training=None):
        rows = tf.shape(inputs["features"])
        zeros = tf.zeros((rows[0], rows[1], 3)) + 0.0 * self.number
        return {"intent": zeros[:, 0, :2], "slots": zeros}


def loss_at(*, steps):
    """A function from a step to the loss of one batch there, and how often the teacher was asked for it."""
    teacher, student = Fixed(), Student()
    inputs = {"features": np.zeros((2, 3, 4), np.int8), "lengths": np.array([3, 1], np.int32)}
    student.build(None)
    distiller = Distiller(student, teacher, temperature=2.0, student_loss_weight=inheriting(steps))
    entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    distiller.compile("sgd", loss={"intent": entropy, "slots": entropy}, jit_compile=False)
    targets = {"intent": np.zeros(2, np.int32), "slots": np.zeros((2, 3), np.int32)}
    distiller.compute_loss(inputs, targets, distiller(inputs))  # makes variables

    @tf.function
    def loss():
        return distiller.compute_loss(inputs, targets, distiller(inputs, training=True))

    def at(step):
        distiller.optimizer.iterations.assign(step)
        teacher.asked.assign(0)
        return float(loss()), int(teacher.asked)

    return at


def test_the_loss_is_that_of_the_paper_and_the_smaller_model_is_not_asked_after_its_share():
    at_step, labels = loss_at(steps=100), math.log(2) + math.log(3)

    def divergence(logits):
        p = np.exp(np.array(logits) / 2)
        p /= p.sum()
        return float((p * np.log(p * len(p))).sum())

    soft = 2**2 * (divergence([2, 0]) + divergence([0, 1, 3]))
    for step, alpha in ((0, 1.0), (11, 0.75), (22, 0.5), (43, 1 / 44)):
        loss, asked = at_step(step)
        assert loss == pytest.approx((1 - alpha) * labels + alpha * soft, abs=1e-5)
        assert asked == 1
    for step in (44, 99):
        loss, asked = at_step(step)
        assert loss == pytest.approx(labels, abs=1e-5)
        assert asked == 0


def test_inheriting_trains_a_larger_student_with_a_schedule_of_its_steps(tmp_path, eager):
    rows = TRAIN[:32]
    small = build_model(dataclasses.replace(CONFIG, **HALF), collect_labels(rows))
    inherit(CONFIG, small, rows, (), tmp_path, steps=5, verbose=0)
    told = json.loads((tmp_path / "training.json").read_text())["distillation"]
    assert told["student_loss_weight"]["config"]["decay_steps"] == 3
    assert told["temperature"] == 2.0
    other = build_model(CONFIG, LabelSet(intents=("X", "Y"), tags=("O",)))
    with pytest.raises(LabelError, match="must have the same `intents`"):
        inherit(CONFIG, other, rows, (), tmp_path / "other", steps=2, verbose=0)


def test_growth_cuts_the_stage_that_trains_outputs():
    parts = [GrowthStage(0.3, HALF), GrowthStage(0.2, {"units": 4})]
    stages = with_growth(labels_only(steps=100), parts)
    assert [(stage.name, stage.steps) for stage in stages] == [
        ("labels-growth_1", 30),
        ("labels-growth_2", 20),
        ("labels", 50),
    ]
    assert [stage.configured(CONFIG).units for stage in stages] == [4, 4, 8]
    assert [stage.configured(CONFIG).layers for stage in stages] == [1, 2, 2]
    before = with_growth(four_stages(steps=100), parts)
    assert [stage.growth for stage in before[:4]] == [parts[0]] * 4
    with pytest.raises(ValueError, match="must have `steps` to grow in"):
        with_growth(task_specific(), parts)
    with pytest.raises(ValueError, match="must leave steps for each part"):
        with_growth(labels_only(steps=100), [GrowthStage(0.6), GrowthStage(0.4)])


def test_a_stage_without_growth_is_recorded_as_before():
    assert "growth" not in Stage(name="x").to_dict()
    assert Stage(name="x", growth=GrowthStage(0.3, HALF)).to_dict()["growth"] == {
        "share": 0.3,
        "sizes": HALF,
        "max_tokens": None,
        "learning_rate": None,
    }


def test_a_student_grows_on_the_way_to_the_next_stage(tmp_path, eager):
    def run(**arguments):
        return distill_in_stages(
            CONFIG,
            with_growth(labels_only(steps=4), [GrowthStage(0.5, HALF, max_tokens=12)]),
            labels=LABELS,
            data={"task": ExampleData(ROWS)},
            verbose=0,
            **arguments,
        )

    student = run(output=tmp_path / "grown", depth="identity")
    assert (student.encoder.units, student.encoder.layers) == (8, 2)
    folders = sorted(p.name for p in (tmp_path / "grown" / "stages").iterdir())
    assert folders == ["1-labels-growth_1", "2-labels"]
    small = keras.models.load_model(
        tmp_path / "grown" / "stages" / folders[0] / "model.keras", compile=False
    )
    assert (small.encoder.units, small.encoder.layers) == (4, 1)
    assert small.spec.max_tokens == 12
    again = run(output=tmp_path / "grown", depth="identity")  # resumes what is done
    for one, other in zip(student.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    run(output=tmp_path / "from", grow_from=small)
    assert "start" in json.loads((tmp_path / "from" / "training.json").read_text())


def growing(*parts):
    return with_growth(labels_only(steps=10), [GrowthStage(0.3, part) for part in parts])


def test_a_part_that_is_smaller_than_the_one_before_is_refused_before_anything_is_trained(tmp_path):
    stages = growing({"units": 8, "layers": 1}, {"units": 4})
    with pytest.raises(ValueError, match="`units` must not shrink"):
        distill_in_stages(
            CONFIG, stages, labels=LABELS, data={"task": ExampleData(ROWS)}, output=tmp_path / "out"
        )
    assert not (tmp_path / "out").exists()


def test_a_start_of_the_whole_size_is_refused_where_the_student_grows(tmp_path):
    with pytest.raises(ValueError, match="`start` must be None where the student grows"):
        distill_in_stages(
            CONFIG,
            growing(HALF),
            labels=LABELS,
            data={"task": ExampleData(ROWS)},
            output=tmp_path / "out",
            start=build_model(CONFIG, LABELS),
        )
    assert not (tmp_path / "out").exists()
