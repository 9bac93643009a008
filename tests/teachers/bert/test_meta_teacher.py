"""A meta-teacher: its losses by hand, the same as a plain one where all weights are 1, and resuming."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.datasets.rows import DataError, Example
from pqrnn_tf.files import ResumeError
from pqrnn_tf.tasks import engine
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.teachers import TFHubBertTeacher, build_bert, fit_teacher
from pqrnn_tf.teachers.bert.domain_head import DOMAIN, WEIGHT, DomainHead
from pqrnn_tf.teachers.bert.finetune import TeacherModel, _losses, compiled_model, meta_training
from pqrnn_tf.teachers.bert.optimizer import is_head, layer_of

ROWS = [
    Example("set an alarm", "ALARM", (), locale="en"),
    Example("call mom", "CALL", (), locale="en"),
    Example("set ein alarm", "ALARM", (), locale="de"),
    Example("call mom at 7", "CALL", (), locale="de"),
] * 4
CONFIG = TrainingConfig(substitution=0.0, surface=0.0, distortion=0.0, seed=3)


@pytest.fixture(autouse=True)
def checkpoints_after_each_round(monkeypatch):
    monkeypatch.setattr(engine, "CHECKPOINT_SECONDS", 0.0)


def batch(weights=(1.0, 1.0)):
    inputs = {
        "text": tf.constant(["set alarm", "call mom"]),
        "spans": tf.constant([[[0, 3], [4, 9]], [[0, 4], [5, 8]]]),
        "lengths": tf.constant([2, 2]),
        DOMAIN: tf.constant([0, 1]),
        WEIGHT: tf.constant(weights),
    }
    return inputs, {"intent": tf.constant([0, 1]), "slots": tf.constant([[0, 1], [0, 0]])}


def test_weights_scale_the_losses_of_their_rows_and_not_the_denominator():
    outputs = {
        "intent": tf.zeros((2, 2)),  # ln 2 each
        "slots": tf.zeros((2, 2, 4)),  # ln 4 each
        "mask": tf.constant([[True, True], [True, False]]),
    }
    _, targets = batch()
    intent, slots = _losses(outputs, targets, tf.constant([2, 2]), tf.constant([0.5, 0.2]))
    assert float(intent) == pytest.approx((0.5 + 0.2) / 2 * np.log(2), rel=1e-6)
    assert float(slots) == pytest.approx((0.5 + 0.5 + 0.2) / 3 * np.log(4), rel=1e-6)


def test_weights_of_one_are_a_plain_loss():
    inputs, targets = batch()
    outputs = {
        "intent": tf.random.stateless_normal((2, 2), (1, 2)),
        "slots": tf.random.stateless_normal((2, 2, 3), (3, 4)),
        "mask": tf.ones((2, 2), bool),
    }
    plain = _losses(outputs, targets, inputs["lengths"])
    weighted = _losses(outputs, targets, inputs["lengths"], inputs[WEIGHT])
    assert [float(a) for a in plain] == [float(b) for b in weighted]


def head_of_known_weights() -> DomainHead:
    head = DomainHead(2, 2)
    domains, kernel, bias, linear, linear_bias = head.trainable_variables
    domains.assign([[1.0, 0.0], [0.0, 1.0]])
    kernel.assign([[1.0, 0.0], [0.0, 2.0]])
    bias.assign([0.5, 0.0])
    linear.assign([[3.0, 0.0], [0.0, 3.0]])
    linear_bias.assign([0.0, 0.1])
    return head


def test_the_domain_head_is_the_formula():
    hidden = tf.constant([[[1.0, 0.0], [3.0, 2.0], [99.0, 99.0]]])
    logits = head_of_known_weights()(hidden, tf.constant([[True, True, False]]), tf.constant([1]))
    # Mean state (2, 1), with the embedding (0, 1): (2, 2); times the kernel, plus the bias: (2.5, 4).
    np.testing.assert_allclose(logits, [[3 * np.tanh(2.5), 3 * np.tanh(4.0) + 0.1]], rtol=1e-5)


def test_its_loss_is_of_shuffled_domains_and_weighs_rows():
    head, hidden = head_of_known_weights(), tf.zeros((6, 1, 2))
    mask, domains = tf.ones((6, 1), bool), tf.constant([0, 0, 0, 1, 1, 1])
    inputs = {DOMAIN: domains, WEIGHT: tf.constant([1.0, 0, 0, 0, 0, 0])}
    logits = head(hidden, mask, domains).numpy()[0]
    possible = [float(np.log(np.exp(logits).sum()) - logit) / 6 for logit in logits]
    losses = [float(head.loss({"hidden": hidden}, inputs, mask)) for _ in range(12)]
    assert {min(possible, key=lambda p: abs(p - loss)) for loss in losses} == set(possible)
    for loss in losses:
        assert min(abs(p - loss) for p in possible) < 1e-6
    again = head_of_known_weights()
    assert [float(again.loss({"hidden": hidden}, inputs, mask)) for _ in range(12)] == losses


def test_the_loss_of_a_step_has_half_of_the_domain_heads(bert, labels, eager):
    teacher = TFHubBertTeacher(bert, labels=labels, max_word_pieces=12, dropout=0.0)
    head = DomainHead(2, teacher.width)
    model = TeacherModel(teacher, **meta_training(teacher, head, slot_loss_weight=2.0))
    (loss, intent, slots, domain), _ = model._losses(*batch((0.5, 0.8)))
    assert float(domain) > 0
    assert float(loss) == pytest.approx(float(intent + 2 * slots + 0.5 * domain), rel=1e-6)
    assert [mean.name for mean in model.metrics][-1] == "domain_loss"


def test_the_head_is_trained_like_the_other_heads(bert, labels):
    teacher = TFHubBertTeacher(bert, labels=labels, max_word_pieces=12)
    head = DomainHead(2, teacher.width)
    model = compiled_model(teacher, learning_rate=1e-3, steps=4, head_factor=7.0, domain_head=head)
    for variable in head.trainable_variables:
        assert is_head(variable.name) and layer_of(variable.name, 1) == 2
        assert model.optimizer.factors[variable.name] == 7.0
    assert len(model.variables) == len(teacher.variables) + 6


def test_one_domain_is_not_enough():
    with pytest.raises(ValueError, match="`domains` must be at least 2. Received: 1"):
        DomainHead(1, 4)


@pytest.fixture(scope="module")
def long_bert(vocabulary, tmp_path_factory):
    """A BERT with positions enough for the longest input of a teacher."""
    folder = tmp_path_factory.mktemp("long") / "bert"
    sizes = {"hidden_size": 16, "layers": 1, "heads": 2, "intermediate_size": 32}
    build_bert(folder, vocabulary, **sizes, seed=7)
    return folder


def fit(bert, folder, **changes):
    options = {"epochs": 2, "learning_rate": 1e-2, "batch_size": 4, "domains": "language"}
    return fit_teacher(
        bert, CONFIG, ROWS, (), folder / "teacher", verbose=0, **{**options, **changes}
    )


@pytest.fixture(scope="module")
def finished(long_bert, tmp_path_factory):
    folder = tmp_path_factory.mktemp("meta")
    return folder, fit(long_bert, folder)


@pytest.mark.large
def test_a_killed_meta_teacher_resumes_to_the_same_result(
    long_bert, finished, tmp_path, monkeypatch
):
    run = engine.run

    class Killed(BaseException):
        pass

    class Kill(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise Killed

    def killed(*arguments, **options):
        return run(*arguments, **{**options, "callbacks": [*options["callbacks"], Kill()]})

    with monkeypatch.context() as patch:
        patch.setattr(engine, "run", killed)
        with pytest.raises(Killed):
            fit(long_bert, tmp_path)
    resumed = fit(long_bert, tmp_path)
    for a, b in zip(resumed.trainable_variables, finished[1].trainable_variables, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    log = (finished[0] / "teacher.training" / "log.jsonl").read_text()
    assert "domain_loss" in log


def test_a_finished_one_is_opened_and_another_way_to_tell_domains_is_other_work(
    long_bert, finished
):
    assert fit(long_bert, finished[0]).folder == finished[1].folder
    with pytest.raises(ResumeError, match=r"domains"):
        fit(long_bert, finished[0], domains=None)


def test_rows_of_one_domain_leave_no_folder(bert, tmp_path):
    with pytest.raises(DataError, match="two domains or more where 'corpus'"):
        fit_teacher(
            bert,
            CONFIG,
            [Example("set", "ALARM", (), source="a.csv:1")] * 4,
            (),
            tmp_path / "teacher",
            domains="corpus",
        )
    assert not list(tmp_path.iterdir())
