"""Prompt vectors: the BERT never changes, and a task keeps its prompts and heads only."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.teachers import PromptedTeacher, TFHubBertTeacher, finetune_teacher, load_teacher
from pqrnn_tf.teachers.bert.prompts import is_prompted
from tests.teachers.bert.test_finetune import Batches, tensors

INPUTS = tensors()[0]


@pytest.fixture(scope="module")
def teacher(bert, labels):
    return PromptedTeacher(bert, labels=labels, prompts=5, max_word_pieces=12, seed=3)


@pytest.fixture(scope="module")
def saved(teacher, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prompts") / "teacher"
    teacher.save(folder)
    return folder


def backbone(teacher):
    return [variable.numpy() for variable in teacher._parts.variables]


def test_without_prompts_it_is_the_bert_itself(bert, labels, teacher, monkeypatch):
    plain = TFHubBertTeacher(bert, labels=labels, max_word_pieces=12, seed=3)
    expected = plain(INPUTS)
    assert np.abs(teacher(INPUTS)["intent"] - expected["intent"]).max() > 1e-3
    monkeypatch.setattr(teacher, "_prompts", tf.zeros((0, teacher.width)))
    answers = teacher(INPUTS)
    for name in expected:
        np.testing.assert_allclose(answers[name], expected[name], atol=1e-5)


def test_prompts_change_no_length_and_no_place(teacher):
    answers = teacher(INPUTS)
    assert answers["slots"].shape == (4, 4, 3)
    np.testing.assert_array_equal(
        answers["mask"], np.arange(4) < np.array(INPUTS["lengths"])[:, None]
    )


def test_training_moves_prompts_and_heads_only(bert, labels, tmp_path):
    teacher = PromptedTeacher(bert, labels=labels, prompts=5, max_word_pieces=12)
    names = [variable.name.partition(":")[0] for variable in teacher.trainable_variables]
    assert names == [
        *("prompts", "intent_head/kernel", "intent_head/bias"),
        *("slot_head/kernel", "slot_head/bias", "slot_head/inner"),
    ]
    frame, trained = backbone(teacher), [v.numpy() for v in teacher.trainable_variables]
    finetune_teacher(
        teacher,
        Batches(repeat=8),
        tmp_path,
        spec=ProjectionSpec(),
        epochs=2,
        learning_rate=1e-2,
        batch_size=8,
        verbose=0,
    )
    assert len(frame) > 10
    for before, after in zip(frame, backbone(teacher), strict=True):
        np.testing.assert_array_equal(before, after)
    for before, variable in zip(trained, teacher.trainable_variables, strict=True):
        assert np.abs(before - variable.numpy()).max() > 1e-4, variable.name


def test_a_saved_teacher_names_its_bert_and_keeps_prompts_and_heads(teacher, saved, bert, labels):
    assert sorted(path.name for path in saved.iterdir()) == ["heads.npz", "teacher.json"]
    assert is_prompted(saved)
    assert not is_prompted(bert)
    bytes_of_bert = sum(path.stat().st_size for path in bert.rglob("*") if path.is_file())
    assert PromptedTeacher.stored_bytes(saved) < bytes_of_bert / 20
    again = load_teacher(saved, labels=labels)
    assert isinstance(again, PromptedTeacher)
    for name, values in teacher(INPUTS).items():
        np.testing.assert_array_equal(again(INPUTS)[name], values)


def test_a_bert_that_moved_or_changed_is_named(saved, bert, tmp_path):
    moved = tmp_path / "moved"
    shutil.copytree(saved, moved)
    settings = json.loads((moved / "teacher.json").read_text())
    settings["backbone"]["handle"] = str(tmp_path / "gone")
    (moved / "teacher.json").write_text(json.dumps(settings))
    with pytest.raises(FileNotFoundError, match="Pass `backbone`"):
        PromptedTeacher.load(moved)
    assert PromptedTeacher.load(moved, backbone=bert).prompts == 5
    settings["backbone"]["digest"] = "0" * 64
    (moved / "teacher.json").write_text(json.dumps(settings))
    with pytest.raises(ValueError, match="must be the one that its prompts were trained with"):
        PromptedTeacher.load(moved, backbone=bert)


def test_what_cannot_be_is_refused(saved, bert, labels):
    with pytest.raises(ValueError, match="`prompts` must be at least 1"):
        PromptedTeacher(bert, labels=labels, prompts=0)
    with pytest.raises(LabelError):
        PromptedTeacher.load(saved, labels=LabelSet(intents=("X", "Y"), tags=("O",)))
    with pytest.raises(ValueError, match="without prompts"):
        load_teacher(saved, streamed=True)
