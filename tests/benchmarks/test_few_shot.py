"""Rows and cells of the benchmark of few phrases an intent."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from benchmarks import few_shot
from benchmarks.few_shot import ALL, draw
from pqrnn_tf.datasets.rows import Example

ROWS = [
    Example(f"{intent} {number}", intent, ())
    for intent, count in (("often", 60), ("rare", 3))
    for number in range(count)
]


@pytest.mark.parametrize(("size", "counts"), [("5", (5, 3)), ("2", (2, 2)), (ALL, (60, 3))])
def test_so_many_rows_of_each_intent_are_drawn(size, counts):
    drawn = Counter(row.intent for row in draw(ROWS, size, 1))
    assert (drawn["often"], drawn["rare"]) == counts


def test_the_draw_is_decided_by_its_seed():
    assert draw(ROWS, "5", 1) == draw(ROWS, "5", 1) != draw(ROWS, "5", 2)


@pytest.mark.parametrize(
    ("cell", "measured"),
    [
        (("hwu64", "10", 1, "ours"), True),
        (("hwu64", "10", 2, "ours"), False),
        (("hwu64", "20", 2, "ours"), True),
        (("hwu64", "10", 1, "scratch"), False),
        (("snips", "10", 1, "scratch"), True),
        (("snips", "5", 1, "ours"), False),
        (("snips", "10", 1, "tfidf"), False),
        (("massive", ALL, 1, "ours"), True),
        (("massive", "10", 1, "ours"), False),
    ],
)
def test_fixed_rows_have_one_seed_and_slots_some_sizes(cell, measured):
    assert few_shot._is_measured(*cell) is measured


def test_a_cell_is_known_by_the_weights_of_its_encoder():
    cell = ("hwu64", "10", 1, "ours")
    recorded = {few_shot._name(*cell): {"encoder": "abc"}}
    assert few_shot._is_known(cell, "abc", recorded)
    assert not few_shot._is_known(cell, "other", recorded)
    assert not few_shot._is_known(cell, "abc", {})


def test_a_large_encoder_answers_rows_that_it_has_seen():
    vectors = {row.text: np.eye(63)[i] for i, row in enumerate(ROWS)}
    found = few_shot.teachers_answer(ROWS, ROWS, vectors.__getitem__)
    assert found["intent_accuracy"] == 100.0
