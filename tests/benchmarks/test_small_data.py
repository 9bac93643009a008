"""Rows that the benchmark of few rows draws."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.small_data import ALL, PER_INTENT, baseline, draw
from pqrnn_tf.datasets.rows import Example

ROWS = [
    Example(f"{intent} {number}", intent, ())
    for intent, count in (("often", 60), ("rare", 30), ("seldom", 10))
    for number in range(count)
]


@pytest.mark.parametrize(
    ("size", "counts"),
    [
        ("50", (30, 15, 5)),
        ("4", (2, 1, 1)),
        ("2", (1, 1, 0)),
        (PER_INTENT, (10, 10, 10)),
        (ALL, (60, 30, 10)),
        ("5000", (60, 30, 10)),
    ],
)
def test_intents_keep_their_shares(size, counts):
    drawn = Counter(row.intent for row in draw(ROWS, size, 1))
    assert tuple(drawn[intent] for intent in ("often", "rare", "seldom")) == counts


def test_the_draw_is_decided_by_its_seed():
    assert draw(ROWS, "20", 1) == draw(ROWS, "20", 1) != draw(ROWS, "20", 2)


def test_the_baseline_answers_rows_that_it_has_seen():
    assert baseline(ROWS, ROWS)["intent_accuracy"] == 100.0
