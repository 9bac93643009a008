from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.teachers import TFHubBertTeacher, finetune_teacher
from pqrnn_tf.teachers.bert.finetune import _adamw, _losses, _run_epoch, _score

# Text, spans, intent, tags: the intent is the verb, the number is the slot.
ROWS = [
    ("set alarm at 7", [(0, 3), (4, 9), (10, 12), (13, 14)], 0, [0, 0, 0, 1]),
    ("call mom at 7", [(0, 4), (5, 8), (9, 11), (12, 13)], 1, [0, 0, 0, 1]),
    ("set an alarm", [(0, 3), (4, 6), (7, 12)], 0, [0, 0, 0]),
    ("call mom", [(0, 4), (5, 8)], 1, [0, 0]),
]
RISING = (0.5, 0.6, 0.7)  # the last epoch is the best one


def batches(epoch: int = 0, *, repeat: int = 40) -> tf.data.Dataset:
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


@pytest.fixture(scope="module")
def fresh(bert, labels):
    return lambda: TFHubBertTeacher(bert, labels=labels, max_word_pieces=12)


@pytest.fixture(scope="module")
def finished(fresh, tmp_path_factory):
    """A training from beginning to end: its folder, its report and the teacher."""
    folder, teacher = tmp_path_factory.mktemp("finished"), fresh()
    scores = iter(RISING)
    report = tune(teacher, dev_metric=lambda _: next(scores), checkpoint_dir=folder)
    return folder, report, teacher


def weights_of(teacher):
    return [v.numpy() for v in teacher.trainable_variables]


def tune(teacher, train=batches, dev=None, **changes):
    options = {"epochs": 3, "learning_rate": 3e-3, "verbose": 0, "seed": 5, **changes}
    return finetune_teacher(teacher, train, dev, **options)


def test_learns_intents_and_slots(finished):
    _, report, teacher = finished
    assert report.history[-1]["loss"] < 0.2 * report.history[0]["loss"]
    inputs, targets = next(iter(batches()))
    outputs = teacher(inputs)
    np.testing.assert_array_equal(tf.argmax(outputs["intent"], -1), targets["intent"])
    real = targets["slots"] >= 0
    np.testing.assert_array_equal(
        tf.argmax(outputs["slots"], -1)[real], tf.cast(targets["slots"], tf.int64)[real]
    )


def test_killed_training_resumes_to_the_same_result(finished, fresh, tmp_path):
    scores = iter(RISING[:1])

    def dies_in_the_second_epoch(_):
        for score in scores:
            return score
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(fresh(), dev_metric=dies_in_the_second_epoch, checkpoint_dir=tmp_path)
    scores = iter(RISING[1:])
    resumed = fresh()
    report = tune(resumed, dev_metric=lambda _: next(scores), checkpoint_dir=tmp_path)
    _, expected, whole = finished
    assert [row["loss"] for row in report.history] == pytest.approx(
        [row["loss"] for row in expected.history], rel=1e-5
    )
    for a, b in zip(weights_of(resumed), weights_of(whole), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_finished_training_is_not_repeated(finished, fresh):
    folder, expected, whole = finished
    teacher = fresh()
    report = tune(teacher, dev_metric=lambda _: 0.5, checkpoint_dir=folder)
    assert report == expected
    for a, b in zip(weights_of(teacher), weights_of(whole), strict=True):
        np.testing.assert_array_equal(a, b)


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


def test_dev_loss_is_the_score_without_a_metric(finished):
    teacher = finished[2]
    inputs, targets = next(iter(batches(repeat=1)))
    outputs = teacher(inputs)
    sparse = tf.nn.sparse_softmax_cross_entropy_with_logits
    real = targets["slots"] >= 0
    loss = tf.reduce_mean(sparse(targets["intent"], outputs["intent"])) + 2 * tf.reduce_mean(
        sparse(targets["slots"][real], outputs["slots"][real])
    )
    score = _score(teacher, batches(repeat=1), None, 2.0)
    assert score() == pytest.approx(-float(loss), rel=1e-4)


def test_ignored_padded_and_unanswered_positions_do_not_count():
    outputs = {
        "intent": tf.constant([[0.0, 0.0], [5.0, -5.0]]),
        # Only the first token of the first row counts: ln 4 = 1.386.
        "slots": tf.constant([[[0.0] * 4, [9.0] + [0.0] * 3, [9.0] + [0.0] * 3]] * 2),
        "mask": tf.constant([[True, False, True], [True, True, True]]),
    }
    targets = {
        "intent": tf.constant([0, -1]),
        "slots": tf.constant([[1, 1, 1], [-1, -1, -1]]),
    }
    intent, slots = _losses(outputs, targets, tf.constant([2, 3]))
    assert float(intent) == pytest.approx(0.6931, abs=1e-4)
    assert float(slots) == pytest.approx(1.3863, abs=1e-4)


def test_batches_without_labels_have_no_loss():
    outputs = {"intent": tf.ones((1, 2)), "slots": tf.ones((1, 1, 2)), "mask": [[True]]}
    losses = _losses(outputs, {"intent": [-1], "slots": [[-1]]}, tf.constant([1]))
    assert [float(loss) for loss in losses] == [0.0, 0.0]


def test_learning_rate_rises_then_falls_to_zero():
    rate = _adamw(1.0, 100, 0.1, 0.01).learning_rate
    assert [float(rate(step)) for step in (0, 5, 55, 100)] == pytest.approx([0, 0.5, 0.45, 0])


def test_checkpoints_of_other_settings_are_refused(finished, fresh):
    with pytest.raises(ValueError, match=r"`checkpoint_dir`.*differs in \['learning_rate'\]"):
        tune(fresh(), checkpoint_dir=finished[0], learning_rate=1e-4)


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


def test_loss_that_is_not_finite():
    def step(_inputs, _targets):
        return tf.constant(np.nan), tf.constant(0.0)

    with pytest.raises(FloatingPointError, match="The loss of epoch 3 must be finite"):
        _run_epoch(step, batches(), 3, 4, 1, 0)
