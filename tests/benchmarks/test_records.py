"""The arithmetic that the benchmarks share."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.records import ratios_of_medians, summary, time_in_turns


def test_summary_is_in_microseconds():
    assert summary(np.arange(11) * 1e-6) == {"median_us": 5.0, "p90_us": 9.0}


def test_the_slower_system_takes_longer():
    systems = {"fast": lambda _: None, "slow": lambda _: time.sleep(0.001)}
    seconds = time_in_turns(systems, [0, 1, 2], rounds=2, block=2)
    assert seconds["slow"].shape == (3,)
    assert seconds["slow"].min() >= 0.001 > seconds["fast"].min()


def test_what_a_system_does_before_each_input_is_not_timed():
    done = []

    def prepare(row):
        done.append(row)
        time.sleep(0.001)

    seconds = time_in_turns(
        {"prepared": done.append, "other": lambda _: None},
        [0, 1, 2],
        rounds=2,
        block=2,
        prepare={"prepared": prepare},
    )
    assert done == [0, 0, 0, 0, 1, 1, 2, 2, 2, 2] * 2
    assert seconds["prepared"].max() < 0.001


def test_ratios_are_those_of_medians():
    seconds = {"a": np.array([1.0, 2.0, 9.0]), "b": np.array([4.0, 5.0, 6.0])}
    assert ratios_of_medians(seconds, "b", ["a", "b"]) == {"a": 2.5, "b": 1.0}
