"""Fine-tuning a BERT: it learns, keeps its best weights, and resumes to the same result."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.files import ResumeError
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.tasks import engine
from pqrnn_tf.teachers import TFHubBertTeacher, finetune_teacher
from pqrnn_tf.teachers.bert import finetune
from pqrnn_tf.teachers.bert.defaults import learning_rate_for
from pqrnn_tf.teachers.bert.finetune import TeacherModel, _losses, adamw
from pqrnn_tf.teachers.bert.optimizer import BertAdamW, is_head, layer_of, without_repetition

# Text, spans, intent, tags: the intent is the verb, the number is the slot.
ROWS = [
    ("set alarm at 7", [(0, 3), (4, 9), (10, 12), (13, 14)], 0, [0, 0, 0, 1]),
    ("call mom at 7", [(0, 4), (5, 8), (9, 11), (12, 13)], 1, [0, 0, 0, 1]),
    ("set an alarm", [(0, 3), (4, 6), (7, 12)], 0, [0, 0, 0]),
    ("call mom", [(0, 4), (5, 8)], 1, [0, 0]),
]
SPEC = ProjectionSpec()


def tensors(rows=ROWS):
    texts, spans, intents, tags = zip(*rows, strict=True)

    def pad(rows, blank):
        return [[*row, *[blank] * (4 - len(row))] for row in rows]

    inputs = {
        "text": list(texts),
        "spans": np.array(pad(spans, (0, 0)), np.int32),
        "lengths": np.array([len(row) for row in spans], np.int32),
    }
    targets = {"intent": np.array(intents, np.int32), "slots": np.array(pad(tags, -1), np.int32)}
    return inputs, targets


class Batches:
    """The rows again and again, in another order in each pass."""

    fingerprint = "four rows"

    def __init__(self, repeat=40):
        self.rows = 4 * repeat

    def batches(self, labels, spec, *, batch_size, seed, epoch):
        def generate():
            order = np.random.default_rng([seed, epoch()]).permutation(self.rows) % len(ROWS)
            for begin in range(0, self.rows, batch_size):
                yield tensors([ROWS[i] for i in order[begin : begin + batch_size]])

        inputs, targets = (
            {
                k: tf.TensorSpec((None, *np.shape(v)[1:]), tf.as_dtype(np.array(v).dtype))
                for k, v in part.items()
            }
            for part in tensors()
        )
        inputs["text"] = tf.TensorSpec((None,), tf.string)
        return tf.data.Dataset.from_generator(generate, output_signature=(inputs, targets))


@pytest.fixture(scope="module")
def fresh(bert, labels):
    return lambda: TFHubBertTeacher(bert, labels=labels, max_word_pieces=12)


@pytest.fixture(autouse=True, scope="module")
def checkpoints_after_each_round():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "CHECKPOINT_SECONDS", 0.0)
        yield


def told(*scores):
    """Development scores, told ahead; `None` stands for a kill signal."""
    left = list(scores)

    def score():
        value = left.pop(0)
        if value is None:
            raise KeyboardInterrupt
        return {engine.SCORE: value}

    return score


@pytest.fixture(scope="module")
def finished(fresh, tmp_path_factory):
    """A training from beginning to end: its folder, its report and the teacher."""
    folder, teacher = tmp_path_factory.mktemp("finished"), fresh()
    return folder, tune(teacher, folder, score=told(0.5, 0.6, 0.7)), teacher


def weights_of(teacher):
    return [v.numpy() for v in teacher.trainable_variables]


def tune(teacher, folder, data=None, **changes):
    options = {
        "epochs": 3,
        "learning_rate": 3e-3,
        "batch_size": 4,
        "verbose": 0,
        "seed": 5,
        **changes,
    }
    return finetune_teacher(teacher, data or Batches(), folder, spec=SPEC, **options)


def test_learns_intents_and_slots(finished):
    _, report, teacher = finished
    assert report.history[-1]["loss"] < 0.2 * report.history[0]["loss"]
    inputs, targets = tensors()
    outputs = teacher(inputs)
    np.testing.assert_array_equal(tf.argmax(outputs["intent"], -1), targets["intent"])
    real = targets["slots"] >= 0
    np.testing.assert_array_equal(tf.argmax(outputs["slots"], -1)[real], targets["slots"][real])


def test_killed_training_resumes_to_the_same_result(finished, fresh, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        tune(fresh(), tmp_path, score=told(0.5, None))
    resumed = fresh()
    report = tune(resumed, tmp_path, score=told(0.6, 0.7))
    _, expected, whole = finished
    assert [row["loss"] for row in report.history] == pytest.approx(
        [row["loss"] for row in expected.history], rel=1e-5
    )
    for a, b in zip(weights_of(resumed), weights_of(whole), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_finished_training_is_not_repeated(finished, fresh):
    folder, expected, whole = finished
    teacher = fresh()
    assert tune(teacher, folder, score=told()) == expected
    for a, b in zip(weights_of(teacher), weights_of(whole), strict=True):
        np.testing.assert_array_equal(a, b)


def test_best_round_is_restored_and_patience_ends_the_training(fresh, tmp_path):
    seen, teacher = [], fresh()
    scores = told(0.1, 0.9, 0.2, 0.9, 1.0)

    def score():
        seen.append(weights_of(teacher))
        return scores()

    report = tune(teacher, tmp_path, Batches(repeat=2), epochs=5, score=score, patience=2)
    assert (report.kept, len(report.history)) == (2, 4)
    for a, b in zip(weights_of(teacher), seen[1], strict=True):
        np.testing.assert_array_equal(a, b)


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
    optimizer = adamw(1.0, 100, 0.1, 0.01)
    rates = []
    for step in (0, 5, 55, 100):
        optimizer.iterations.assign(step)
        rates.append(float(optimizer.learning_rate))
    assert rates == pytest.approx([0, 0.5, 0.45, 0])


def test_biases_and_layer_norms_do_not_decay():
    names = ("dense/kernel", "dense/bias", "output_layer_norm/gamma")
    variables = [tf.Variable([1.0], name=name) for name in names]
    optimizer = adamw(0.1, 10, 0.0, 0.5)
    optimizer.build(variables)
    optimizer.apply([tf.zeros(1)] * 3, variables)
    # One step of 0.1 · 0.5 on the kernel, and none without gradient on the others.
    assert [float(v[0]) for v in variables] == pytest.approx([0.95, 1.0, 1.0])


def test_rows_of_a_table_move_alone_and_as_adam_moves_them_first():
    values = tf.constant([[1.0], [2.0], [4.0]])
    gradient = tf.IndexedSlices(values, tf.constant([2, 0, 2]), tf.constant([4, 1]))
    tables = []
    for given in (without_repetition(gradient), tf.convert_to_tensor(gradient)):
        table = tf.Variable(tf.ones((4, 1)), name="word_embeddings/embeddings")
        optimizer = BertAdamW(0.1, factors={table.name: 0.5}, epsilon=1e-6, weight_decay=0.0)
        optimizer.build([table])
        optimizer.apply([given], [table])
        tables.append(table.numpy().ravel())
    np.testing.assert_allclose(*tables, atol=1e-6)
    np.testing.assert_allclose(tables[0], [0.95, 1, 0.95, 1], atol=1e-5)


def test_rows_that_a_batch_lacks_keep_still_where_adam_moves_them_on():
    moved = []
    for by_rows in (True, False):
        table = tf.Variable(tf.ones((2, 1)), name="word_embeddings/embeddings")
        optimizer = BertAdamW(0.1, epsilon=1e-6, weight_decay=0.0)
        optimizer.build([table])
        for row in (0, 1):
            gradient = tf.IndexedSlices(tf.ones((1, 1)), tf.constant([row]), tf.constant([2, 1]))
            optimizer.apply([gradient if by_rows else tf.convert_to_tensor(gradient)], [table])
        moved.append(float(table[0, 0]))
    assert moved[0] == pytest.approx(0.9, abs=1e-4) and moved[1] < 0.89


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("word_embeddings/embeddings:0", 0),
        ("embeddings/layer_norm/gamma:0", 0),
        ("transformer/layer_0/output/kernel:0", 1),
        ("bert/encoder/layer_11/attention/self/query/kernel:0", 12),
        ("pooler_transform/kernel:0", 13),
        ("intent_head/kernel:0", 13),
    ],
)
def test_layers_by_the_names_of_variables(name, layer):
    assert layer_of(name, 12) == layer
    assert is_head(name) is (layer == 13)


def test_frozen_variables_stay_and_factors_are_those_of_their_layers(
    fresh, tmp_path, monkeypatch, eager
):
    seen = {}
    monkeypatch.setattr(engine, "run", lambda model, *_, **__: seen.update(model=model))
    for number, (options, trained) in enumerate(
        [
            ({"embeddings": "frozen"}, {1, 2}),
            ({"head_factor": 5.0, "layer_decay": 0.5}, {0, 1, 2}),
        ]
    ):
        tune(fresh(), tmp_path / str(number), **options)
        variables = seen["model"].trainable_variables
        assert {layer_of(variable.name, 1) for variable in variables} == trained
    factors = seen["model"].optimizer.factors
    assert factors["word_embeddings/embeddings:0"] == 0.5
    assert factors["transformer/layer_0/output/kernel:0"] == 1.0
    assert factors["intent_head/bias:0"] == factors["pooler_transform/kernel:0"] == 5.0


def test_gradients_of_word_embeddings_have_the_rows_of_the_batch(fresh, eager):
    teacher = fresh()
    model = TeacherModel(teacher, by_rows=True)
    inputs, targets = tensors()
    inputs["text"] = tf.constant(inputs["text"])
    _, gradients = model._losses(inputs, targets)
    table = gradients[0]
    pieces = teacher.tokenizer(inputs["text"])[0]["input_word_ids"]
    assert sorted(table.indices.numpy()) == sorted(set(pieces.numpy().ravel().tolist()))
    assert float(tf.linalg.global_norm(gradients)) == pytest.approx(1.0, abs=1e-4)


def test_another_training_in_the_folder_is_refused(finished):
    with pytest.raises(ResumeError, match=r"learning_rate \(0.003 there, 0.0001 here\)"):
        tune(finished[2], finished[0], learning_rate=1e-4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 0}, "`epochs` must be at least 1"),
        ({"learning_rate": 0.0}, "`learning_rate` must be positive"),
        ({"batch_size": 0}, "`batch_size` must be at least 1"),
        ({"warmup": 1.0}, "`warmup` must be a share"),
        ({"embeddings": "some"}, "`embeddings` must be one of"),
        ({"frozen_layers": 1}, "`frozen_layers` must be below 1"),
        ({"head_factor": 0.0}, "`head_factor` must be positive"),
        ({"layer_decay": 1.5}, "`layer_decay` must be above 0"),
        ({"patience": 0}, "`patience` must be None or at least 1"),
        ({"data": Batches(repeat=0)}, "`data` must hold at least one row"),
    ],
)
def test_bad_arguments_leave_no_folder(finished, tmp_path, change, message):
    with pytest.raises(ValueError, match=message):
        tune(finished[2], tmp_path / "x", **change)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("width", "rate"), [(768, 5e-5), (384, 4e-4), (1024, 2.1e-5), (312, 5e-4), (8, 5e-4)]
)
def test_a_narrower_bert_has_a_higher_rate(width, rate):
    assert learning_rate_for(width) == pytest.approx(rate, rel=0.01)


def test_the_rate_is_that_of_the_width_where_none_is_given(fresh, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(finetune, "learning_rate_for", lambda width: asked.append(width) or 1e-3)
    teacher = fresh()
    tune(teacher, tmp_path / "run", Batches(2), epochs=1, learning_rate=None)
    assert asked == [teacher.width]
