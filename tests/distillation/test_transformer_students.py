"""Transformer students: the losses on what is inside of a BERT, the map of layers, and a training that resumes."""

from __future__ import annotations

import dataclasses
import json
import string

import keras
import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.datasets.rows import unlabelled
from pqrnn_tf.distillation import (
    TransformerSizes,
    distill_generally,
    distill_transformer,
    layer_map,
    tinybert,
)
from pqrnn_tf.distillation.distances import attention_distance
from pqrnn_tf.distillation.recipes import FINE_TUNED, PRETRAINED, TASK
from pqrnn_tf.distillation.transformer import Maps, check_student, inside_losses, new_student
from pqrnn_tf.files import ResumeError
from pqrnn_tf.tasks import engine
from pqrnn_tf.tasks.label_collection import collect_labels
from pqrnn_tf.tasks.parsing import score_model
from pqrnn_tf.teachers import LayeredBert, SavedTeacher, TFHubBertTeacher, build_bert, load_layered
from pqrnn_tf.teachers.bert.parts import WORDS
from tests.tiny_models import DEV, TINY, TRAIN

ROWS = TRAIN[:48]
LABELS = collect_labels(ROWS, nested=False)
LETTERS = string.ascii_lowercase + string.digits + "'?.,:"
WORDS_OF_ROWS = sorted({word for row in ROWS for word in row.text.lower().split()})
VOCABULARY = tuple(
    dict.fromkeys(
        [
            *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
            *LETTERS,
            *(f"##{letter}" for letter in LETTERS),
            *WORDS_OF_ROWS,
        ]
    )
)
CONFIG = dataclasses.replace(TINY, batch_size=16)
SIZES = TransformerSizes(layers=2, width=12, heads=2, inner=16)
TEXTS = {"text": tf.constant(["wake me at 7", "call mom"])}


def bert_folder(folder, vocabulary=VOCABULARY, **sizes):
    options = {"hidden_size": 16, "layers": 3, "heads": 4, "intermediate_size": 24}
    build_bert(
        folder,
        vocabulary,
        **{**options, **sizes},
        max_positions=128,
        lower_case=True,
        initializer_range=0.3,
        seed=5,
    )
    return folder


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return bert_folder(tmp_path_factory.mktemp("bert") / "bert")


@pytest.fixture(scope="module")
def teacher_folder(bert, tmp_path_factory):
    folder = tmp_path_factory.mktemp("teacher") / "teacher"
    TFHubBertTeacher(bert, labels=LABELS, max_word_pieces=32, seed=2).save(folder)
    return folder


@pytest.fixture(scope="module")
def teacher(teacher_folder):
    return load_layered(teacher_folder)


def test_the_map_of_layers_is_the_papers_and_ends_with_the_last_layer_for_all_numbers():
    assert layer_map(4, 12) == (3, 6, 9, 12)
    assert layer_map(6, 12) == (2, 4, 6, 8, 10, 12)
    assert layer_map(4, 6) == (2, 3, 5, 6)
    assert layer_map(2, 6) == (3, 6)
    assert layer_map(2, 6, (5, 6)) == (5, 6)
    for deep in range(1, 25):
        for layers in range(1, deep + 1):
            found = layer_map(layers, deep)
            assert found[-1] == deep
            assert list(found) == sorted(set(found)), (layers, deep)


@pytest.mark.parametrize("chosen", [(1,), (2, 1), (1, 1), (0, 2), (1, 4)])
def test_a_map_that_does_not_fit_is_refused(chosen):
    with pytest.raises(ValueError, match="2 ascending numbers from 1 to 3"):
        layer_map(2, 3, chosen)


def test_a_student_deeper_than_its_teacher_is_refused():
    with pytest.raises(ValueError, match="`layers` must be from 1 to 3"):
        layer_map(4, 3)


def test_attention_is_compared_over_real_pairs_and_heads_in_groups():
    teacher = np.zeros((1, 4, 3, 3), np.float32)
    teacher[0, 0], teacher[0, 1], teacher[0, 2:] = 1.0, 3.0, 4.0
    teacher[..., 2] = np.nan  # padding
    student = np.zeros((1, 2, 3, 3), np.float32)
    mask = [[True, True, False]]
    # Means of two heads each: 2 and 4.
    assert float(attention_distance(teacher, student, mask=mask)) == pytest.approx((4 + 16) / 2)
    assert float(attention_distance(student, student)) == 0.0
    with pytest.raises(ValueError, match="`heads` must divide the teacher's 4"):
        attention_distance(teacher, np.zeros((1, 3, 3, 3)))
    with pytest.raises(ValueError, match="same pieces"):
        attention_distance(teacher, np.zeros((1, 2, 4, 4)))


def test_a_bert_taken_apart_answers_as_before_and_tells_its_attention(teacher, teacher_folder):
    whole = TFHubBertTeacher.load(teacher_folder)
    inputs = {
        **TEXTS,
        "spans": [[[0, 4], [5, 7], [8, 10], [11, 12]], [[0, 4], [5, 8], [0, 0], [0, 0]]],
        "lengths": [4, 2],
    }
    for name, values in whole(inputs).items():
        np.testing.assert_allclose(teacher(inputs)[name], values, atol=1e-5)
    pieces, _ = teacher.tokenizer(TEXTS["text"])
    inner = teacher.inner(pieces, [2])
    assert list(inner.scores) == [2]
    assert len(inner.states) == 4
    # By hand: a dot product of query and key of one head, over the root of its width.
    own = {v.name.partition(":")[0]: v.numpy() for v in teacher.variables}
    state = inner.states[1].numpy()[0]
    stem = "transformer/layer_1/self_attention/"
    query, key = (
        state @ own[f"{stem}{part}/kernel"][:, 3] + own[f"{stem}{part}/bias"][3]
        for part in ("query", "key")
    )
    np.testing.assert_allclose(inner.scores[2][0, 3], query @ key.T / 2.0, atol=1e-5)


def test_a_student_with_its_teachers_sizes_and_weights_has_no_loss(bert, teacher):
    twin = LayeredBert(bert, labels=LABELS, max_word_pieces=32)
    maps = Maps.of(np.eye(16, dtype=np.float32))
    losses = inside_losses(twin, teacher, (1, 2, 3), maps)(TEXTS, {})
    np.testing.assert_allclose(losses, 0.0, atol=1e-9)
    losses = inside_losses(twin, teacher, (1, 2, 3), Maps.of(2 * np.eye(16, dtype=np.float32)))
    total, embedding, hidden, attention = losses(TEXTS, {})
    assert float(attention) == pytest.approx(0.0, abs=1e-9)
    assert float(total) == pytest.approx(float(embedding) + float(hidden))
    assert float(embedding) > 0.1


@pytest.mark.large
def test_a_student_begins_with_the_teachers_embeddings_in_fewer_directions(teacher, tmp_path):
    student, maps = new_student(tmp_path / "own", teacher, SIZES)
    theirs = teacher.embeddings[WORDS].numpy()
    back = student.embeddings[WORDS].numpy() @ maps.embedding.numpy()
    lost = np.linalg.norm(back - theirs) / np.linalg.norm(theirs)
    least = np.linalg.svd(theirs, compute_uv=False)
    assert lost == pytest.approx(np.sqrt(np.sum(least[12:] ** 2) / np.sum(least**2)), rel=1e-3)
    random, _ = new_student(tmp_path / "own", teacher, SIZES, embeddings="random")
    assert not np.allclose(random.embeddings[WORDS], student.embeddings[WORDS])
    assert random.labels == teacher.labels


GENERAL_ROWS = [unlabelled(row.text) for row in ROWS]
SMALL = TransformerSizes(layers=1, width=8, heads=2, inner=8)


def run(folder, teachers, *, config=CONFIG, steps=15, general=False, sizes=SMALL, **changes):
    return distill_transformer(
        config,
        tinybert(data=(TASK,), general=general, steps=steps),
        teachers,
        ROWS,
        DEV[:8],
        folder,
        sizes=sizes,
        general=GENERAL_ROWS if general else (),
        verbose=0,
        **changes,
    )


@pytest.fixture(scope="module")
def teachers(bert, teacher_folder):
    return {PRETRAINED: bert, FINE_TUNED: teacher_folder}


@pytest.fixture(autouse=True, scope="module")
def steps_without_graphs():
    """Compiling one takes longer than all the steps here."""
    train = engine.run

    def run_eagerly(*arguments, **options):
        tf.config.run_functions_eagerly(True)
        try:
            return train(*arguments, **options)
        finally:
            tf.config.run_functions_eagerly(False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "run", run_eagerly)
        yield


@pytest.fixture(scope="module")
def begun(bert, tmp_path_factory):
    """The folder of a general stage by itself."""
    folder = tmp_path_factory.mktemp("general") / "general"
    distill_generally(CONFIG, bert, GENERAL_ROWS, folder, sizes=SMALL, steps=6, verbose=0)
    return folder


@pytest.fixture(scope="module")
def trained(teacher_folder, begun, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "run"
    return folder, run(folder, {FINE_TUNED: teacher_folder}, start=begun)


def losses_of(folder, stage):
    lines = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [line["loss"] for line in map(json.loads, lines) if line["stage"] == stage]


def test_the_general_stage_by_itself_needs_no_labels(begun):
    losses = losses_of(begun, "1-general")
    assert losses[-1] < losses[0]
    student = load_layered(begun / "student")
    assert (student.labels, student.sizes.width, student.sizes.layers) == (None, 8, 1)


def test_the_losses_fall_in_all_stages_and_the_student_is_kept(trained):
    folder, student = trained
    for stage in ("1-task_layers", "2-task_outputs"):
        losses = losses_of(folder, stage)
        assert losses[-1] < losses[0], stage
    lines = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert "attention_loss" in json.loads(lines[0])
    assert "flat_exact_match" in json.loads(lines[-1])["dev"]
    again = SavedTeacher(folder / "student")
    texts = DEV[:8]
    assert score_model(again, texts, spec=CONFIG.spec) == score_model(
        student, texts, spec=CONFIG.spec
    )


class Killed(Exception):
    """A kill signal."""


@pytest.mark.large
def test_a_killed_training_resumes_to_the_same_student(
    trained, begun, teacher_folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(engine, "CHECKPOINT_SECONDS", 0.0)
    folder, whole = trained
    how = {"start": begun, "answers_folder": folder / "answers"}
    rounds = []

    def kill(epoch, logs=None):
        rounds.append(epoch)
        if len(rounds) == 4:  # in the second stage
            raise Killed

    callback = keras.callbacks.LambdaCallback(on_epoch_end=kill)
    teachers = {FINE_TUNED: teacher_folder}
    with pytest.raises(Killed):
        run(tmp_path / "killed", teachers, callbacks=[callback], **how)
    resumed = run(tmp_path / "killed", teachers, **how)
    for one, other in zip(whole.variables, resumed.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy(), err_msg=one.name)


def test_another_training_is_not_resumed(trained, begun, teacher_folder):
    how = {"start": begun, "answers_folder": trained[0] / "answers"}
    with pytest.raises(ResumeError, match="stages"):
        run(trained[0], {FINE_TUNED: teacher_folder}, steps=20, **how)
    weights = dataclasses.replace(CONFIG, surface_weights={"keyboard": 2.0})
    with pytest.raises(ResumeError, match="config.surface_weights"):
        run(trained[0], {FINE_TUNED: teacher_folder}, config=weights, **how)
    with pytest.raises(ValueError, match="`start` must have the sizes"):
        run(
            trained[0],
            {FINE_TUNED: teacher_folder},
            sizes=dataclasses.replace(SMALL, inner=20),
            **how,
        )


def test_what_does_not_fit_is_said_before_anything_is_trained(
    teacher_folder, teachers, tmp_path, monkeypatch
):
    with pytest.raises(ValueError, match="`heads` must divide `width`"):
        TransformerSizes(width=10, heads=4)
    with pytest.raises(ValueError, match=r"has the sizes .* Received: \['depth'\]"):
        TransformerSizes.from_dict({"depth": 3})
    with pytest.raises(ValueError, match="`width` must be at most 16"):
        run(tmp_path / "a", teachers, sizes=TransformerSizes(layers=1, width=20, heads=2, inner=8))
    with pytest.raises(ValueError, match="`heads` must divide the teacher's 4"):
        run(tmp_path / "b", teachers, sizes=TransformerSizes(layers=1, width=12, heads=3, inner=8))
    with pytest.raises(ValueError, match="without 'pretrained'"):
        run(tmp_path / "c", {FINE_TUNED: teacher_folder}, general=True)
    with pytest.raises(ValueError, match="must have heads"):
        run(tmp_path / "d", {FINE_TUNED: teachers[PRETRAINED]})
    monkeypatch.setattr(LayeredBert, "vocabulary", property(lambda self: (self.handle,)))
    with pytest.raises(ValueError, match="the same pieces"):
        run(tmp_path / "e", teachers, general=True)
    keras_folder = tmp_path / "keras"
    keras_folder.mkdir()
    (keras_folder / "ensemble.json").write_text(json.dumps({"members": ["x"]}))
    (keras_folder / "member_0").symlink_to(teacher_folder)
    with pytest.raises(ValueError, match="one BERT without prompts"):
        load_layered(keras_folder)
    assert not [name for name in "abcde" if (tmp_path / name).exists()]


@pytest.mark.parametrize(
    ("sizes", "chosen", "message"),
    [
        ({"layers": 4}, (), "`layers` must be from 1 to 3"),
        ({"width": 20}, (), "`width` must be at most 16"),
        ({"heads": 3}, (), "`heads` must divide the teacher's 4"),
        ({}, (3, 2), "`layer_map` must have 2 ascending"),
    ],
)
def test_what_does_not_fit_is_said_of_a_bert_that_is_not_fine_tuned_yet(
    teacher, sizes, chosen, message, monkeypatch
):
    monkeypatch.setattr("pqrnn_tf.distillation.transformer.load_layered", lambda folder: teacher)
    check_student(SIZES, "bert")
    with pytest.raises(ValueError, match=message):
        check_student(dataclasses.replace(SIZES, **sizes), "bert", chosen)
