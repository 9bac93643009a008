"""Long work says rows, time left and the development score."""

from __future__ import annotations

import functools
import io

import pytest

from pqrnn_tf.commands import progress
from pqrnn_tf.commands.progress import ProgressLine, duration, progress_callbacks


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_time_left_follows_from_the_rows_so_far():
    stream, clock = io.StringIO(), Clock()
    line = ProgressLine("training", stream, clock)
    for now, rows in ((5, 100), (9, 120), (15, 200), (20, 250), (45, 500)):
        clock.now = now
        line.at(rows, 1000)
    # From second 5 to second 15 100 rows were done, and 800 were left; up to second 45 it was 400 in 40.
    assert stream.getvalue().splitlines() == [
        "training: 200 of 1,000 rows, 1 min 20 s left",
        "training: 500 of 1,000 rows, 50 s left",
    ]


def test_the_newest_score_and_the_whole_time_stand_in_the_last_line():
    stream, clock = io.StringIO(), Clock()
    line = ProgressLine("training", stream, clock)
    line.at(10, 20)
    line.score(87.25)
    clock.now = 4
    line.at(20, 20)
    assert stream.getvalue() == "training: 20 of 20 rows, 4 s, development rows 87.2 % right\n"


def test_a_terminal_keeps_one_line():
    stream, clock = Terminal(), Clock()
    line = ProgressLine("training", stream, clock)
    for now in range(5):
        clock.now = now
        line.at(2 * now + 2, 10)
    shown = stream.getvalue()
    assert shown.count("\r") == 5 and shown.count("\n") == 1 and shown.endswith("4 s\x1b[K\n")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s"), (7500, "2 h 5 min")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_a_resumed_training_counts_the_rows_before():
    stream = Terminal()
    (callback,) = progress_callbacks("training", 4, 1, stream)
    callback.set_params({"epochs": 3, "steps": 2})
    for epoch in (1, 2):
        callback.on_epoch_begin(epoch)
        for batch in range(2):
            callback.on_train_batch_end(batch)
        callback.on_epoch_end(epoch, {"dev_flat_exact_match": 50.0 + epoch})
    shown = stream.getvalue().split("\r")
    assert shown[1].startswith("training: 12 of 24 rows")
    assert shown[-1].startswith("training: 24 of 24 rows, 0 s, development rows 52.0 % right")


def test_the_time_left_of_a_second_stage_counted_that_of_the_first(monkeypatch):
    stream, clock = Terminal(), Clock()
    monkeypatch.setattr(progress, "ProgressLine", functools.partial(ProgressLine, clock=clock))
    (callback,) = progress_callbacks("distilling", 10, 1, stream)
    for seconds in (100, 1):  # a step of the first stage, and of the second
        callback.set_params({"epochs": 1, "steps": 4})
        callback.on_train_begin()
        callback.on_epoch_begin(0)
        for batch in range(4):
            clock.now += seconds
            callback.on_train_batch_end(batch)
        callback.on_epoch_end(0, {})
    shown = [line.removesuffix("\x1b[K") for line in stream.getvalue().split("\r")[1:]]
    assert "distilling: 20 of 40 rows, 3 min 20 s left" in shown[1]
    assert "distilling: 20 of 40 rows, 2 s left" in shown[5]
    assert "distilling: 40 of 40 rows, 3 s" in shown[-1]


def test_no_progress_where_it_is_not_wanted():
    assert progress_callbacks("training", 4, 0) == progress_callbacks("training", 4, 2) == []
