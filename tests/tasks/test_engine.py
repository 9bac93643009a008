"""The engine of training: rounds, resuming from any moment, best weights, patience, claims."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.files import ResumeError
from pqrnn_tf.tasks import engine
from pqrnn_tf.tasks.engine import Rounds


class Killed(BaseException):
    """Stands for a kill signal."""


@dataclasses.dataclass
class Points:
    """Training data of points on a line, in another order in each pass."""

    rows: int = 20
    fingerprint: str = "points"

    def batches(self, labels, spec, *, batch_size, seed, epoch):
        def generate():
            order = list(range(self.rows))
            random.Random(f"{seed}-{epoch()}").shuffle(order)
            for begin in range(0, self.rows, batch_size):
                x = np.array(order[begin : begin + batch_size], "float32")[:, None] / self.rows
                yield x, 3 * x + 1

        signature = (tf.TensorSpec((None, 1)), tf.TensorSpec((None, 1)))
        return tf.data.Dataset.from_generator(generate, output_signature=signature)


class Line(keras.Model):
    """A model with dropout and averaged weights, which a kill must not change."""

    def __init__(self):
        super().__init__()
        self.dropout, self.dense = keras.layers.Dropout(0.3, seed=1), keras.layers.Dense(1)
        self.dense.build((None, 4))
        self.built = True

    def call(self, inputs, training=None):
        x = keras.ops.concatenate([inputs, inputs**2, inputs * 0 + 1, -inputs], axis=-1)
        return self.dense(self.dropout(x, training=training))


class Scores:
    """Development scores, told ahead or counted up; keeps the weights at each of them."""

    def __init__(self, *told, killed_at=None):
        self.told, self.killed_at, self.seen = told, killed_at, []

    def __call__(self):
        self.seen.append(self.model.get_weights())
        if len(self.seen) == self.killed_at:
            raise Killed
        told = self.told[len(self.seen) - 1] if self.told else float(self.seen[-1][0].sum())
        return {engine.SCORE: told}


@pytest.fixture(autouse=True)
def checkpoints_after_each_round(monkeypatch):
    monkeypatch.setattr(engine, "CHECKPOINT_SECONDS", 0.0)


def run(folder, score=None, *, epochs=4, identity=None, **options):
    keras.utils.set_random_seed(1)
    model, data = Line(), Points()
    if score is not None:
        score.model = model
    rounds = Rounds.of(data, 8, epochs=epochs, steps=None)
    optimizer = keras.optimizers.Adam(0.1, use_ema=True, ema_momentum=0.5)
    model.compile(optimizer, "mse")
    report = engine.run(
        model,
        model,
        data,
        rounds,
        folder,
        identity=identity or {"epochs": epochs},
        labels=None,
        spec=None,
        batch_size=8,
        seed=3,
        score=score,
        verbose=0,
        **options,
    )
    return model.get_weights(), report


def log_of(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").open(encoding="utf-8")]


def timeless(history):
    return [{k: v for k, v in record.items() if k != "seconds"} for record in history]


def assert_equal(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return run(tmp_path_factory.mktemp("whole"), Scores())


def killed_call(monkeypatch, name, number):
    """Lets the engine be killed in its `number`-th call of a function that it imports."""
    real, calls = getattr(engine, name), []

    def function(*args):
        calls.append(args)
        if len(calls) == number:
            raise Killed
        return real(*args)

    monkeypatch.setattr(engine, name, function)


def assert_resumes(whole, folder):
    weights, report = run(folder, Scores())
    assert_equal(weights, whole[0])
    assert timeless(report.history) == timeless(whole[1].history) == timeless(log_of(folder))


@pytest.mark.parametrize("call", [1, 2, 4])  # the last one is that of the last round
def test_killed_in_a_development_score_it_resumes_to_the_same_result(whole, tmp_path, call):
    with pytest.raises(Killed):
        run(tmp_path, Scores(killed_at=call))
    assert len(log_of(tmp_path)) == call - 1 if call > 1 else not list(tmp_path.iterdir())
    assert_resumes(whole, tmp_path)


@pytest.mark.parametrize("call", [2, 4])
def test_killed_before_the_checkpoint_is_named_it_repeats_the_round(
    whole, tmp_path, monkeypatch, call
):
    with monkeypatch.context() as patch, pytest.raises(Killed):
        killed_call(patch, "write_json", call)
        run(tmp_path, Scores())
    assert_resumes(whole, tmp_path)


@pytest.mark.parametrize("call", [2, 4])
def test_killed_before_the_line_of_the_log_it_writes_that_too(whole, tmp_path, monkeypatch, call):
    with monkeypatch.context() as patch, pytest.raises(Killed):
        killed_call(patch, "json_line", call)
        run(tmp_path, Scores())
    with open(tmp_path / "log.jsonl", "a", encoding="utf-8") as file:
        file.write('{"epoch": 2, "lo')  # half of a line
    assert_resumes(whole, tmp_path)


def test_a_finished_training_is_not_trained_further(whole, tmp_path):
    run(tmp_path, Scores())
    score = Scores()
    weights, _ = run(tmp_path, score)
    assert_equal(weights, whole[0])
    assert not score.seen


def test_a_checkpoint_is_written_once_in_a_while(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "CHECKPOINT_SECONDS", 1e9)
    written, real = [], engine.write_json

    def write_json(path, value):
        written.append(copy.deepcopy(value))
        real(path, value)

    monkeypatch.setattr(engine, "write_json", write_json)
    run(tmp_path, Scores())
    assert [len(state["history"]) for state in written] == [1, 4]  # the first and the last
    names = {path.name for path in (tmp_path / "checkpoint").iterdir()}
    assert names == {"round-00004.weights.h5", "state.json"}


def test_the_averaged_weights_are_scored_and_kept(tmp_path):
    score = Scores()
    weights, report = run(tmp_path, score)
    assert_equal(weights, score.seen[-1])
    assert report.kept == 4


def test_patience_ends_the_training_with_the_weights_of_the_best_round(tmp_path):
    score = Scores(1.0, 9.0, 2.0, 9.0, 10.0)
    weights, report = run(tmp_path / "{a}", score, epochs=5, patience=2, keep_best=True)
    assert (len(score.seen), report.kept) == (4, 2)
    assert_equal(weights, score.seen[1])


def test_patience_and_best_weights_survive_a_kill(tmp_path, monkeypatch):
    how = {"epochs": 5, "patience": 2, "keep_best": True}
    first = Scores(1.0, 9.0, 10.0)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        killed_call(patch, "write_json", 3)
        run(tmp_path, first, **how)
    again = Scores(2.0, 8.0)  # the third round is repeated, and now it is no better
    weights, report = run(tmp_path, again, **how)
    assert (len(again.seen), report.kept) == (2, 2)
    assert_equal(weights, first.seen[1])
    assert_equal(run(tmp_path, Scores(), **how)[0], first.seen[1])


def test_patience_counts_scores_not_rounds(tmp_path):
    score = Scores(9.0, 1.0, 1.0)
    _, report = run(tmp_path, score, epochs=10, patience=1, evaluate_every=3)
    assert [record["epoch"] for record in report.history if "dev" in record] == [3, 6]
    assert (len(report.history), report.kept) == (6, 6)


def test_callbacks_find_the_scores_in_their_logs(tmp_path):
    found = []

    class Watcher(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            found.append(logs.get("dev_flat_exact_match"))

    run(tmp_path, Scores(1.0, 9.0), epochs=3, callbacks=[Watcher()], evaluate_every=2)
    assert found == [None, 1.0, 9.0]


def test_a_start_that_fails_in_the_first_step_leaves_no_folder(tmp_path):
    class Fails(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "x", callbacks=[Fails()])
    assert not (tmp_path / "x").exists()


def test_bad_arguments_leave_no_folder(tmp_path):
    with pytest.raises(ValueError, match="`evaluate_every` must be at least 1. Received: 0"):
        run(tmp_path / "x", Scores(), evaluate_every=0)
    with pytest.raises(ValueError, match="Development rows must be given"):
        run(tmp_path / "x", None, patience=1)
    with pytest.raises(ValueError, match="`data` must hold at least one row"):
        Rounds.of(Points(rows=0), 8, epochs=1, steps=None)
    assert not (tmp_path / "x").exists()


def test_another_training_in_the_folder_is_named(tmp_path):
    run(tmp_path, epochs=1)
    with pytest.raises(ResumeError, match=r"epochs \(1 there, 2 here\)"):
        run(tmp_path, epochs=2)


def test_a_loss_that_is_not_finite_is_an_error(tmp_path):
    class Breaks(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            weight = self.model.trainable_variables[0]
            weight.assign(np.full(weight.shape, np.nan))

    with pytest.raises(FloatingPointError, match="must be finite. Received: nan after 3 steps"):
        run(tmp_path / "x", callbacks=[Breaks()])


@pytest.mark.parametrize(
    ("epochs", "steps", "expected"),
    [(4, None, (4, 3, 3)), (4, 7, (3, 3, 3)), (1, 1, (1, 1, 3)), (2, None, (2, 3, 3))],
)
def test_rounds_are_passes_of_equal_length(epochs, steps, expected):
    assert dataclasses.astuple(Rounds.of(Points(), 8, epochs=epochs, steps=steps)) == expected


def test_a_long_pass_is_several_rounds(monkeypatch):
    monkeypatch.setattr(engine, "CHECKPOINT_STEPS", 2)
    rounds = Rounds.of(Points(), 8, epochs=2, steps=None)
    assert dataclasses.astuple(rounds) == (3, 2, 3)
    assert [rounds.passes_after(n) for n in (1, 3)] == [0.67, 2]


def test_many_rows_to_score_make_longer_rounds():
    def steps(scored, batch_size=16):
        data = Points(rows=60_000)
        return Rounds.of(data, batch_size, epochs=1, steps=None, scored=scored).steps

    assert steps(0) == steps(700) == 469  # eight rounds of at most 500 steps
    assert steps(5_154) == 938  # of at most 1,074
    assert steps(5_154, batch_size=64) == 469
    assert steps(1_000_000) == 3_750  # a pass


@pytest.mark.parametrize("many", [20, 21])
def test_the_minutes_before_a_pass_over_many_rows_were_silent(tmp_path, monkeypatch, caplog, many):
    """The last one may be for a few steps at the very end, which whole rounds need more."""
    monkeypatch.setattr(engine, "MANY_ROWS_OF_A_PASS", many)
    monkeypatch.setattr(engine, "CHECKPOINT_STEPS", 2)
    monkeypatch.setattr(logging.getLogger("pqrnn_tf"), "propagate", True)
    with caplog.at_level("INFO", "pqrnn_tf.tasks.engine"):
        run(tmp_path, epochs=3)
    told = dict.fromkeys(record.getMessage() for record in caplog.records)  # pytest 9 may have two
    lines = [message for message in told if "begins" in message]
    whole = [f"pass {number} begins: its 20 rows are prepared" for number in (1, 2, 3)]
    last = "pass 4 begins, for its first 1 steps: its 20 rows are prepared"
    assert lines == ([*whole, last] if many == 20 else [])
