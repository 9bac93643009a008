"""A BERT trained on raw text only: it learns, resumes to the same result, and is a teacher afterwards."""

from __future__ import annotations

import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.distillation.mirroring import mirror_bert
from pqrnn_tf.distillation.mirroring_config import ENCODER, MirrorConfig
from pqrnn_tf.files import ResumeError
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.tasks import engine
from pqrnn_tf.tasks.mirrored_text import MirroredText
from pqrnn_tf.teachers import LayeredBert, TFHubBertTeacher, load_teacher
from tests.distillation.test_transformer_students import ROWS, bert_folder

TEXTS = [row.text for row in ROWS[:32]]
DATA = MirroredText(TEXTS, span="characters", size=3, with_text=True)
CONFIG = MirrorConfig(epochs=3, batch_size=16, learning_rate=1e-2, seed=5)


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return bert_folder(tmp_path_factory.mktemp("bert") / "bert", layers=1)


@pytest.fixture(autouse=True, scope="module")
def checkpoints_after_each_round():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "CHECKPOINT_SECONDS", 0.0)
        yield


@pytest.fixture(scope="module")
def finished(bert, tmp_path_factory):
    """A training from beginning to end: its folder and the BERT."""
    folder = tmp_path_factory.mktemp("finished") / "out"
    return folder, mirror_bert(bert, DATA, folder, CONFIG, verbose=0)


def log(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def vectors(bert):
    return bert.vectors(tf.constant(TEXTS)).numpy()


def test_the_defaults_are_those_of_the_paper():
    config = MirrorConfig()
    told = (config.epochs, config.batch_size, config.learning_rate, config.weight_decay)
    assert told == (1, 200, 2e-5, 0.01)
    assert (config.dropout, config.temperature) == (0.1, 0.04)


def test_the_loss_falls_and_the_vectors_are_others(finished, bert):
    folder, mirrored = finished
    losses = [row["loss"] for row in log(folder)]
    assert len(losses) == 3
    assert losses[-1] < 0.9 * losses[0], losses
    before, after = (vectors(of) for of in (LayeredBert(bert, labels=None), mirrored))
    assert np.abs(after - before).max() > 0.05


def test_what_is_written_is_a_teacher_with_the_trained_weights(finished, bert):
    folder, mirrored = finished
    assert sorted(path.name for path in folder.iterdir()) == [
        *("encoder", "log.jsonl", "training.json")
    ]
    teacher = load_teacher(folder / ENCODER)
    assert isinstance(teacher, TFHubBertTeacher)
    np.testing.assert_allclose(vectors(teacher), vectors(mirrored), atol=1e-5)
    # The pooler is no part of the vectors.
    for name in ("pooler_transform/kernel:0", "transformer/layer_0/output/kernel:0"):
        old, new = (
            next(v.numpy() for v in of.encoder.trainable_variables if v.name.endswith(name))
            for of in (load_teacher(bert), teacher)
        )
        assert np.array_equal(old, new) == name.startswith("pooler")


class Kill(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 0:
            raise KeyboardInterrupt


def test_a_killed_training_resumes_to_the_same_result(finished, bert, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        mirror_bert(bert, DATA, tmp_path, CONFIG, callbacks=[Kill()], verbose=0)
    assert not (tmp_path / ENCODER).exists()
    tf.random.set_seed(99)
    resumed = mirror_bert(bert, DATA, tmp_path, CONFIG, verbose=0)
    folder, whole = finished
    assert [row["loss"] for row in log(tmp_path)] == pytest.approx(
        [row["loss"] for row in log(folder)], rel=1e-5
    )
    np.testing.assert_allclose(vectors(resumed), vectors(whole), atol=1e-5)


def test_a_finished_training_is_opened_and_another_one_is_refused(finished, bert, tmp_path):
    folder, mirrored = finished
    again = mirror_bert(bert, DATA, folder, CONFIG, callbacks=[Kill()], verbose=0)
    np.testing.assert_allclose(vectors(again), vectors(mirrored), atol=1e-5)
    other = dataclasses.replace(CONFIG, temperature=0.2)
    with pytest.raises(ResumeError, match=r"config.temperature \(0.04 there, 0.2 here\)"):
        mirror_bert(bert, DATA, folder, other, verbose=0)
    (tmp_path / ENCODER).mkdir()
    with pytest.raises(ResumeError, match="whose 'encoder' something else made"):
        mirror_bert(bert, DATA, tmp_path, CONFIG, verbose=0)


def test_dropout_inside_of_the_layers_is_active_in_training_only(bert):
    dropped = LayeredBert(bert, labels=None, layer_dropout=0.5)
    text = tf.constant(TEXTS[:4])
    plain = LayeredBert(bert, labels=None).vectors(text, training=True)
    np.testing.assert_array_equal(dropped.vectors(text), plain)
    one, other = (dropped.vectors(text, training=True).numpy() for _ in range(2))
    assert min(np.abs(one - plain).max(), np.abs(one - other).max()) > 0.01
    with pytest.raises(ValueError, match=r"`layer_dropout` must be in \[0, 1\)"):
        LayeredBert(bert, labels=None, layer_dropout=1.0)


def test_a_vector_is_what_a_call_gives(bert):
    teacher = load_teacher(bert)
    inputs = {"text": TEXTS[:2], "spans": [[[0, 1]], [[0, 1]]], "lengths": [1, 1]}
    np.testing.assert_array_equal(teacher(inputs)["vector"], teacher.vectors(TEXTS[:2]))


def test_what_cannot_be_mirrored_is_named(bert, tmp_path):
    one = MirroredText(["set an alarm"], span="nothing", with_text=True)
    fine_tuned = tmp_path / "teacher"
    labels = LabelSet(("A",), ("O",))
    TFHubBertTeacher(bert, labels=labels, max_word_pieces=32).save(fine_tuned)
    for handle, data, error, told in (
        (bert, MirroredText(TEXTS), ValueError, "with_text=True. Received: batches of features"),
        (bert, one, ValueError, "at least two texts, .* Received: 1"),
        (
            tmp_path / "none",
            DATA,
            FileNotFoundError,
            "`handle` must be the URL of a TF-Hub model or a folder",
        ),
        (fine_tuned, DATA, ValueError, "or give the folder 'encoder' in it"),
    ):
        with pytest.raises(error, match=told):
            mirror_bert(handle, data, tmp_path / "out", verbose=0)
    assert not (tmp_path / "out").exists()
