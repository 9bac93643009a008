"""Pretraining of the sentence encoder: what is learned, what resumes, what is refused."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.distillation.pretraining import Pretrainer, build_encoder, pretrain
from pqrnn_tf.distillation.pretraining_config import PretrainingConfig
from pqrnn_tf.files import ResumeError
from pqrnn_tf.tasks.mirrored_text import MirroredText
from pqrnn_tf.tasks.sentence_encoder import SentenceEncoder
from pqrnn_tf.teachers.answers.cached import PREFIX
from pqrnn_tf.teachers.answers.labelling import label_text
from pqrnn_tf.teachers.answers.shards import MixedText
from pqrnn_tf.teachers.saved import SavedTeacher
from tests.tiny_models import TINY_SPEC

WORDS = ("set", "an", "alarm", "for", "7", "call", "mom", "at")
TEXTS = [f"{a} {b} {c}" for a in WORDS for b in WORDS for c in WORDS[:1]]
TINY = PretrainingConfig(
    spec=TINY_SPEC,
    bottleneck_units=16,
    units=8,
    layers=1,
    kernel_width=2,
    epochs=1,
    batch_size=64,
    learning_rate=1e-2,
    average=0.5,
    surface=0.5,
    distortion=0.1,
    width=12,
)


class HashedTeacher(SavedTeacher):
    """A teacher of sums of words: texts that share words have similar vectors."""

    labels = None
    width = 16
    digest = "hashed"
    streamed = False

    def __init__(self, folder) -> None:
        self.folder = folder

    @property
    def teacher(self):
        return self

    def __call__(self, inputs, training=False):
        table = tf.random.stateless_normal((97, self.width), seed=(1, 2))
        words = tf.strings.split(inputs["text"], " ").to_tensor("")
        states = tf.gather(table, tf.strings.to_hash_bucket_fast(words, 97))
        real = tf.sequence_mask(inputs["lengths"], tf.shape(words)[1])
        total = tf.reduce_sum(states * tf.cast(real, tf.float32)[..., None], axis=1)
        return {"hidden": states, "mask": real, "vector": tf.math.l2_normalize(total, axis=-1)}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Vectors and states of a teacher, in two shards and more."""
    folder = tmp_path_factory.mktemp("answers")
    (folder / "text.txt").write_text("\n".join(TEXTS), encoding="utf-8")
    options = {"rows_per_shard": 40, "vectors": True, "hidden": True, "workers": 0}
    return label_text(
        [folder / "text.txt"], HashedTeacher(folder), folder / "answers", spec=TINY_SPEC, **options
    )


def losses(folder) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_the_encoder_comes_nearer_to_the_teacher_and_is_read_back(answers, tmp_path, eager):
    config = dataclasses.replace(TINY, epochs=4, token_weight=0.1, contrastive_weight=0.1)
    encoder = pretrain(config, answers, tmp_path, verbose=0)
    log = losses(tmp_path)
    for name in ("vector_loss", "similarity_loss", "token_loss", "contrastive_loss"):
        assert log[-1][name] < log[0][name], name
    again = SentenceEncoder.from_preset(tmp_path)
    np.testing.assert_allclose(again.encode(TEXTS), encoder.encode(TEXTS), atol=1e-5)


def test_a_killed_run_resumes_to_the_same_result(answers, tmp_path, monkeypatch, eager):
    from pqrnn_tf.tasks import engine

    monkeypatch.setattr(engine, "CHECKPOINT_SECONDS", 0.0)
    config = dataclasses.replace(TINY, epochs=2)
    whole = pretrain(config, answers, tmp_path / "whole", verbose=0)

    import keras

    class Killed(Exception):
        pass

    def kill(epoch, logs=None):
        raise Killed

    with pytest.raises(Killed):
        pretrain(
            config,
            answers,
            tmp_path / "killed",
            callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=kill)],
            verbose=0,
        )
    resumed = pretrain(config, answers, tmp_path / "killed", verbose=0)
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_trained_encoder_starts_near_the_teacher(answers, tmp_path, eager):
    first = pretrain(dataclasses.replace(TINY, epochs=4), answers, tmp_path / "first", verbose=0)
    slow = dataclasses.replace(TINY, learning_rate=1e-6)
    pretrain(slow, MixedText([answers]), tmp_path / "second", start=first, verbose=0)
    ended = losses(tmp_path / "first")[-1]["vector_loss"]
    assert losses(tmp_path / "second")[0]["vector_loss"] < ended + 0.05


def test_a_narrow_cone_of_vectors_is_opened_by_its_centre(answers, tmp_path, eager):
    encoder = build_encoder(TINY)
    theirs = np.random.default_rng(0).standard_normal((4, 16)).astype(np.float32)
    cone = theirs + 5
    batch = {"vector": encoder.encode(TEXTS[:4])}
    weights = Pretrainer(encoder, TINY, vector_width=16).vector_map.get_weights()

    def loss(vectors, centre):
        trained = Pretrainer(encoder, TINY, vector_width=16, centre=centre)
        trained.vector_map.set_weights(weights)
        return float(trained.compute_loss(x={PREFIX + "vector": vectors}, y_pred=batch))

    assert loss(cone, cone.mean(axis=0)) == pytest.approx(
        loss(theirs - theirs.mean(axis=0), None), rel=1e-4
    )
    pretrain(dataclasses.replace(TINY, centred=True), answers, tmp_path / "centred", verbose=0)
    pretrain(TINY, answers, tmp_path / "plain", verbose=0)
    centred, plain = (losses(tmp_path / name)[0] for name in ("centred", "plain"))
    assert abs(centred["similarity_loss"] - plain["similarity_loss"]) > 1e-3


def test_raw_text_has_no_centre(tmp_path):
    config = dataclasses.replace(
        TINY, centred=True, vector_weight=0.0, similarity_weight=0.0, contrastive_weight=1.0
    )
    with pytest.raises(ValueError, match="`centred` must be false where the teacher has no"):
        pretrain(config, MirroredText(TEXTS), tmp_path, verbose=0)


def test_a_start_of_another_size_is_refused(answers, tmp_path):
    other = build_encoder(dataclasses.replace(TINY, width=8))
    with pytest.raises(ResumeError, match="`start` must have the sizes"):
        pretrain(TINY, answers, tmp_path, start=other, verbose=0)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"vector_weight": 0.0, "similarity_weight": 0.0}, "at least one loss a weight"),
        ({"token_weight": 1.0}, "`token_weight` must be 0 where the teacher has nothing"),
    ],
)
def test_losses_that_have_nothing_to_compare_are_refused(changed, told):
    config = dataclasses.replace(TINY, **changed)
    with pytest.raises(ValueError, match=told):
        Pretrainer(build_encoder(config), config, vector_width=16)


def test_a_teacher_without_vectors_is_refused(answers, tmp_path):
    mirrored = MirroredText(TEXTS)
    with pytest.raises(ValueError, match="`vector_weight` must be 0"):
        pretrain(TINY, mirrored, tmp_path, verbose=0)


def test_stores_of_teachers_of_other_widths_are_refused(answers):
    import copy

    other = copy.copy(answers)
    other.vector_width = 8
    with pytest.raises(ValueError, match="sentence vectors of the same width"):
        MixedText([answers, other])


@pytest.mark.parametrize("span", ["features", "words"])
def test_raw_text_alone_brings_the_two_views_of_a_text_together(span, tmp_path, eager):
    config = dataclasses.replace(
        TINY,
        vector_weight=0.0,
        similarity_weight=0.0,
        contrastive_weight=1.0,
        dropout=0.1,
        epochs=3,
    )
    pretrain(config, MirroredText(TEXTS, span=span, size=1), tmp_path, verbose=0)
    log = losses(tmp_path)
    assert log[-1]["contrastive_loss"] < log[0]["contrastive_loss"]
