"""Recipes of stages, and that they run, hand on weights and resume."""

from __future__ import annotations

import dataclasses
import inspect
import json

import numpy as np
import pytest

from pqrnn_tf.distillation import (
    Distiller,
    LatentLoss,
    Stage,
    build_recipe,
    distill,
    distill_in_stages,
)
from pqrnn_tf.distillation.recipes import (
    RECIPES,
    four_stages,
    task_specific,
    with_gradual_unfreezing,
)
from pqrnn_tf.files import ResumeError
from pqrnn_tf.runtime.labels import LabelError
from pqrnn_tf.tasks import engine, training
from pqrnn_tf.tasks.label_collection import collect_labels
from pqrnn_tf.tasks.training_data import ExampleData
from pqrnn_tf.teachers import KerasTeacher
from tests.tiny_models import DEV, TINY, TRAIN

pytestmark = pytest.mark.usefixtures("eager")
ROWS = TRAIN[:96]
LABELS = collect_labels(TRAIN)
CONFIG = dataclasses.replace(TINY, batch_size=16, dropout=0.2, seed=4)


class Killed(BaseException):
    """Stands for a kill signal."""


def run(folder, stages, teacher=None, rows=ROWS, **arguments):
    return distill_in_stages(
        CONFIG,
        stages,
        labels=LABELS,
        data={"task": ExampleData(rows)},
        teachers={"fine-tuned": teacher} if teacher is not None else {},
        output=folder,
        verbose=0,
        **arguments,
    )


@pytest.mark.parametrize("name", RECIPES)
def test_the_stages_of_a_recipe_share_its_steps(name):
    stages = build_recipe(name, layers=3, steps=1000)
    assert sum(stage.steps for stage in stages) == 1000
    assert len({stage.name for stage in stages}) == len(stages)


def test_defaults_are_those_of_a_stage_everywhere():
    stage = Stage(name="x")
    for function in (Distiller, distill, build_recipe, task_specific, four_stages):
        parameters = inspect.signature(function).parameters
        for name in ("temperature", "student_loss_weight"):
            assert parameters[name].default == getattr(stage, name), (function, name)


def test_four_stages_change_one_component_at_a_time():
    stages = four_stages(last=("task",), steps=1000)
    assert [(s.teacher, s.data, bool(s.latent), s.output_weights) for s in stages] == [
        ("pretrained", ("general",), True, {}),
        ("fine-tuned", ("general",), True, {}),
        ("fine-tuned", ("task",), True, {}),
        ("fine-tuned", ("task",), True, None),
    ]
    assert [s.student_loss_weight for s in stages] == [0.0, 0.0, 0.0, 0.3]


def test_gradual_unfreezing_thaws_from_the_top():
    stages = with_gradual_unfreezing(four_stages(steps=1000), layers=2, share=0.1)
    assert [stage.frozen for stage in stages] == [0, 0, 0, 3, 2, 1, 0]
    assert [stage.steps for stage in stages] == [100, 100, 200, 60, 60, 60, 420]
    # The last layer is compared with the teacher only where it can learn.
    assert [len(stage.latent) for stage in stages] == [1, 1, 1, 0, 1, 1, 1]


def test_unfreezing_needs_steps_to_share():
    with pytest.raises(ValueError, match="`stages` must have `steps`"):
        with_gradual_unfreezing(four_stages(), layers=2)
    with pytest.raises(ValueError, match="`share` must leave steps"):
        with_gradual_unfreezing(four_stages(steps=1000), layers=2, share=0.4)


def test_without_transfer_text_a_recipe_uses_the_task_alone():
    stages = build_recipe("sequential", layers=2, transfer=False)
    assert {stage.data for stage in stages} == {("task",)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "a/b"}, "`name` must be a word"),
        ({"data": "task"}, "`data` must be a tuple"),
        ({"data": ()}, "`data` must be a tuple"),
        ({"epochs": 1, "steps": 1}, "Only one of"),
        ({"steps": 0}, "`steps` must be at least 1"),
        ({"frozen": -1}, "`frozen` must be at least 0"),
        # These were met only when the teacher had been fine-tuned and had answered.
        ({"temperature": 0.0}, "`temperature` must be positive"),
        ({"temperature": float("inf")}, "`temperature` must be positive, and no infinite number"),
        ({"temperature": float("nan")}, "`temperature` must be positive"),
        ({"regularisation": -0.1}, "`regularisation` must be a factor from 0 to 1"),
        ({"regularisation": 1.5}, "`regularisation` must be a factor from 0 to 1"),
        ({"teacher": None, "latent": (LatentLoss(),)}, "`latent` needs a teacher"),
    ],
)
def test_bad_stages_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Stage(**{"name": "s", **arguments})


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ([], "at least one stage"),
        ([Stage(name="a", teacher=None)] * 2, "different names"),
        ([Stage(name="a", teacher=None, frozen=4)], "`frozen` must be at most 3"),
        ([Stage(name="a", teacher=None, data=("task", "logs"))], r"neither \['logs'\]"),
        ([Stage(name="a", teacher="pretrained")], "without 'pretrained' of stage 'a'"),
    ],
)
def test_recipes_that_do_not_fit_are_refused_before_anything_is_written(stages, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        run(tmp_path / "s", stages)
    assert not (tmp_path / "s").exists()


def test_a_stage_starts_from_the_weights_of_the_one_before_and_frozen_parts_stay(tiny, tmp_path):
    stages = [
        Stage(
            name="states",
            steps=2,
            student_loss_weight=0.0,
            output_weights={},
            latent=(LatentLoss(distance="gram"),),
        ),
        Stage(name="heads", teacher=None, steps=2, frozen=3),
    ]
    student = run(tmp_path / "s", stages, KerasTeacher(tiny[0]))
    import keras

    first = keras.models.load_model(tmp_path / "s/stages/1-states/model.keras", compile=False)
    for a, b in zip(first.encoder.get_weights(), student.encoder.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(
        first.intent_head.get_weights()[0], student.intent_head.get_weights()[0]
    )
    saved = keras.models.load_model(tmp_path / "s/model.keras", compile=False)
    assert len(saved.trainable_variables) == len(first.trainable_variables)
    names = [json.loads(line)["stage"] for line in (tmp_path / "s/log.jsonl").open()]
    assert names == ["1-states", "2-heads"]


def test_a_stage_scales_dropout_and_zoneout():
    rates = {"dropout": 0.2, "feature_dropout": 0.4, "head_dropout": 0.6, "zoneout": 0.8}
    config = dataclasses.replace(CONFIG, **rates)
    own = Stage(name="light", regularisation=0.5).configured(config)
    assert own == dataclasses.replace(config, **{name: rate / 2 for name, rate in rates.items()})
    assert Stage(name="full").configured(config) == config


def test_each_stage_trains_with_its_own_regularisation(tmp_path):
    stages = [
        Stage(name="light", teacher=None, steps=1, regularisation=0.5),
        Stage(name="full", teacher=None, steps=1),
    ]
    run(tmp_path / "s", stages)
    for folder, dropout in (("1-light", 0.1), ("2-full", 0.2)):
        path = tmp_path / "s/stages" / folder / "training.json"
        assert json.loads(path.read_text(encoding="utf-8"))["config"]["dropout"] == dropout


def test_a_recipe_scales_the_stages_with_a_teacher_alone():
    stages = build_recipe("sequential", layers=2, regularisation=0.2)
    assert [stage.regularisation for stage in stages] == [0.2, 0.2, 1.0]


def test_the_first_stage_can_start_from_a_trained_student(tiny, tmp_path):
    stages = [Stage(name="heads", teacher=None, steps=1, frozen=3)]
    student = run(tmp_path / "s", stages, start=tiny[0])
    for a, b in zip(tiny[0].encoder.get_weights(), student.encoder.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(ResumeError, match="start"):
        run(tmp_path / "s", stages)


def test_a_student_of_another_size_is_no_start(tiny, tmp_path):
    other = training.build_model(dataclasses.replace(CONFIG, units=16), LABELS)
    with pytest.raises(ValueError, match="`start` must have the projection and the sizes"):
        run(tmp_path / "s", [Stage(name="one", teacher=None, steps=1)], start=other)
    assert not (tmp_path / "s").exists()


def test_what_is_nested_is_learned_from_labels_beside_a_teacher_that_says_nothing_of_it(
    tiny, tmp_path
):
    assert LABELS.nested
    start = training.build_model(CONFIG, LABELS)
    stages = [Stage(name="one", steps=5), Stage(name="two", steps=2, student_loss_weight=0.0)]
    run(tmp_path / "s", stages, KerasTeacher(tiny[0]), start=start)
    import keras

    heads = [start.nested_head]
    for name in ("1-one", "2-two"):
        model = keras.models.load_model(tmp_path / f"s/stages/{name}/model.keras", compile=False)
        heads.append(model.nested_head)
    before, one, two = (head.get_weights()[1] for head in heads)
    assert np.abs(one - before).max() > 1e-3  # a bias that starts at 0
    np.testing.assert_array_equal(one, two)  # no weight decay on biases, and no hard labels


def test_a_student_of_plain_slots_is_a_start_for_one_of_whole_trees(tmp_path):
    start = training.build_model(CONFIG, collect_labels(TRAIN, nested=False))
    stages = [Stage(name="heads", teacher=None, steps=1, frozen=3)]
    student = run(tmp_path / "s", stages, start=start)
    assert student.labels.nested and not start.labels.nested
    for a, b in zip(start.encoder.get_weights(), student.encoder.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_student_of_other_trees_is_no_start(tmp_path):
    other = dataclasses.replace(
        LABELS, nested=LABELS.nested[:2], slots_of_nested=LABELS.slots_of_nested[:2]
    )
    with pytest.raises(LabelError, match="`start` must have the nested tags"):
        run(
            tmp_path / "s",
            [Stage(name="one", teacher=None, steps=1)],
            start=training.build_model(CONFIG, other),
        )


@pytest.mark.large
def test_a_killed_run_resumes_in_its_stage_and_step(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "CHECKPOINT_STEPS", 1)  # a pass has six
    monkeypatch.setattr(engine, "CHECKPOINT_SECONDS", 0.0)
    stages = [
        Stage(name="one", teacher=None, steps=1),
        Stage(name="two", steps=3, learning_rate=0.005),
    ]
    teacher = KerasTeacher(tiny[0])
    whole = run(tmp_path / "whole", stages, teacher)
    scored = []

    def killed(*args, **options):
        scored.append(args)
        if len(scored) == 4:
            raise Killed
        return real(*args, **options)

    real = training.score_model
    with monkeypatch.context() as patch:
        patch.setattr(training, "score_model", killed)
        with pytest.raises(Killed):
            run(tmp_path / "cut", stages, teacher, development=DEV[:4], evaluate_every=1)
    first = (tmp_path / "cut/stages/1-one/log.jsonl").read_text()
    resumed = run(tmp_path / "cut", stages, teacher, development=DEV[:4], evaluate_every=9)
    for a, b in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert (tmp_path / "cut/stages/1-one/log.jsonl").read_text() == first
    second = [json.loads(line) for line in (tmp_path / "cut/stages/2-two/log.jsonl").open()]
    assert [(line["step"], "dev" in line) for line in second] == [(1, True), (2, True), (3, True)]


def test_another_recipe_is_refused_in_the_same_folder(tmp_path):
    run(tmp_path / "s", [Stage(name="one", teacher=None, steps=1)])
    with pytest.raises(ResumeError, match="stages"):
        run(tmp_path / "s", [Stage(name="one", teacher=None, steps=2)])
