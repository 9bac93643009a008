from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.teachers import TFHubBertTeacher, finetune_teacher

# Text, spans, intent, tags: the intent is the verb, the number is the slot.
ROWS = [
    ("set alarm at 7", [(0, 3), (4, 9), (10, 12), (13, 14)], 0, [0, 0, 0, 1]),
    ("call mom at 7", [(0, 4), (5, 8), (9, 11), (12, 13)], 1, [0, 0, 0, 1]),
    ("set an alarm", [(0, 3), (4, 6), (7, 12)], 0, [0, 0, 0]),
    ("call mom", [(0, 4), (5, 8)], 1, [0, 0]),
]


def batches(epoch: int = 0, *, repeat: int = 3) -> tf.data.Dataset:
    texts, spans, intents, tags = zip(*ROWS, strict=True)

    def pad(rows, blank):
        return [[*row, *[blank] * (4 - len(row))] for row in rows]

    inputs = {
        "text": list(texts),
        "spans": np.array(pad(spans, (0, 0)), np.int32),
        "lengths": np.array([len(row) for row in spans], np.int32),
    }
    targets = {"intent": np.array(intents, np.int32), "slots": np.array(pad(tags, -1), np.int32)}
    data = tf.data.Dataset.from_tensor_slices((inputs, targets)).repeat(repeat)
    return data.shuffle(16, seed=100 + epoch).batch(4)


@pytest.fixture
def fresh(bert, labels):
    return lambda: TFHubBertTeacher(bert, labels=labels, max_word_pieces=12)


def weights_of(teacher):
    return [v.numpy() for v in teacher.trainable_variables]


def tune(teacher, train=batches, dev=None, **changes):
    options = {"epochs": 3, "learning_rate": 3e-3, "verbose": 0, "seed": 5, **changes}
    return finetune_teacher(teacher, train, dev, **options)


def test_learns_intents_and_slots(fresh):
    teacher = fresh()
    report = tune(teacher, epochs=12, learning_rate=1e-2)
    assert report.history[-1]["loss"] < 0.2 * report.history[0]["loss"]
    inputs, targets = next(iter(batches()))
    outputs = teacher(inputs)
    np.testing.assert_array_equal(tf.argmax(outputs["intent"], -1), targets["intent"])
    real = targets["slots"] >= 0
    np.testing.assert_array_equal(
        tf.argmax(outputs["slots"], -1)[real], tf.cast(targets["slots"], tf.int64)[real]
    )


def test_killed_training_resumes_to_the_same_result(fresh, tmp_path):
    whole = fresh()
    expected = tune(whole, dev_metric=lambda _: 0.5, checkpoint_dir=tmp_path / "whole")

    calls = []

    def dies_in_the_second_epoch(_):
        calls.append(0)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return 0.5

    with pytest.raises(KeyboardInterrupt):
        tune(fresh(), dev_metric=dies_in_the_second_epoch, checkpoint_dir=tmp_path / "cut")
    resumed = fresh()
    received = tune(resumed, dev_metric=lambda _: 0.5, checkpoint_dir=tmp_path / "cut")
    assert [row["loss"] for row in received.history] == pytest.approx(
        [row["loss"] for row in expected.history], rel=1e-5
    )
    for a, b in zip(weights_of(resumed), weights_of(whole), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_finished_training_is_not_repeated(fresh, tmp_path):
    first = fresh()
    expected = tune(first, epochs=1, checkpoint_dir=tmp_path)
    again = fresh()
    received = tune(again, train=lambda _: batches(), epochs=1, checkpoint_dir=tmp_path)
    assert received.history == expected.history
    np.testing.assert_array_equal(weights_of(again)[-2], weights_of(first)[-2])


def test_best_epoch_is_restored_and_patience_ends_the_training(fresh):
    seen = []

    def score(teacher):
        seen.append(weights_of(teacher))
        return [0.1, 0.9, 0.2, 0.9, 1.0][len(seen) - 1]

    teacher = fresh()
    report = tune(teacher, epochs=5, dev_metric=score, patience=2)
    assert (report.best_epoch, report.best_score, len(report.history)) == (1, 0.9, 4)
    for a, b in zip(weights_of(teacher), seen[1], strict=True):
        np.testing.assert_array_equal(a, b)


def test_dev_loss_is_the_score_without_a_metric(fresh):
    teacher = fresh()
    report = tune(teacher, dev=batches(repeat=1), epochs=1)
    inputs, targets = next(iter(batches(repeat=1)))
    outputs = teacher(inputs)
    sparse = tf.nn.sparse_softmax_cross_entropy_with_logits
    real = targets["slots"] >= 0
    loss = tf.reduce_mean(sparse(targets["intent"], outputs["intent"])) + tf.reduce_mean(
        sparse(targets["slots"][real], outputs["slots"][real])
    )
    assert report.best_score == pytest.approx(-float(loss), rel=1e-4)


def test_ignored_labels_have_no_gradient(fresh):
    def unlabelled(_):
        return batches().map(
            lambda x, y: (x, {key: -tf.ones_like(value) for key, value in y.items()})
        )

    teacher = fresh()
    before = weights_of(teacher)
    tune(teacher, train=unlabelled, epochs=1, weight_decay=0.0)
    for a, b in zip(before, weights_of(teacher), strict=True):
        np.testing.assert_array_equal(a, b)


def test_learning_rate_rises_then_falls_to_zero():
    from pqrnn_tf.teachers.finetune import _adamw

    rate = _adamw(1.0, 100, 0.1, 0.01).learning_rate
    assert [float(rate(step)) for step in (0, 5, 55, 100)] == pytest.approx([0, 0.5, 0.45, 0])


def test_checkpoints_of_other_settings_are_refused(fresh, tmp_path):
    tune(fresh(), epochs=1, checkpoint_dir=tmp_path)
    with pytest.raises(ValueError, match=r"`checkpoint_dir`.*differs in \['learning_rate'\]"):
        tune(fresh(), epochs=1, checkpoint_dir=tmp_path, learning_rate=1e-4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 0}, "`epochs` must be at least 1"),
        ({"learning_rate": 0.0}, "`learning_rate` must be positive"),
        ({"warmup": 1.0}, "`warmup` must be a share"),
        ({"patience": 0}, "`patience` must be None or at least 1"),
    ],
)
def test_bad_arguments(change, message):
    with pytest.raises(ValueError, match=message):
        tune(None, **change)


def test_empty_training_data():
    with pytest.raises(ValueError, match="`train` must hold at least one batch"):
        tune(None, train=batches().take(0))


def test_loss_that_is_not_finite(fresh):
    teacher = fresh()
    teacher.trainable_variables[-1].assign([np.nan] * 3)
    with pytest.raises(FloatingPointError, match="The loss of epoch 0 must be finite"):
        tune(teacher, epochs=1)
