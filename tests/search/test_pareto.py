"""Ranks, by hand."""

from __future__ import annotations

import math
import random

import pytest

from pqrnn_tf.search.pareto import OBJECTIVES, best, crowding, dominates, ranks

TWO = ("flat_exact_match", "latency")


def of(exact, latency):
    return {"flat_exact_match": exact, "latency": latency}


#                a            b           c           d           e           f
CANDIDATES = [of(80, 2.0), of(70, 1.0), of(75, 1.5), of(70, 1.5), of(60, 1.4), of(69, 1.6)]


def test_ranks_by_hand():
    # d is worse than c; e than b; f than c and d.
    assert ranks(CANDIDATES, TWO) == [0, 0, 0, 1, 1, 2]


def test_more_is_better_of_some_and_less_of_others():
    assert dominates(of(80, 1), of(80, 2), TWO) and not dominates(of(80, 2), of(80, 1), TWO)
    assert not dominates(of(80, 1), of(80, 1), TWO)
    assert not dominates(of(90, 3), of(80, 1), TWO)
    assert dominates(of(90, 3), of(80, 1), TWO[:1])
    assert set(OBJECTIVES.values()) == {1, -1}


def test_crowding_by_hand():
    front = CANDIDATES[:3]  # exact 80, 70, 75; latency 2, 1, 1.5
    assert crowding(front, TWO) == [math.inf, math.inf, pytest.approx(2.0)]
    assert crowding([of(1, 1)] * 2, TWO) == [math.inf, math.inf]


def test_the_best_are_by_rank_then_by_room():
    # The middle of the front comes last of it; of those behind, the ends come first.
    assert best(CANDIDATES, TWO, 6) == [0, 1, 2, 3, 4, 5]
    assert best(CANDIDATES, TWO, 2) == [0, 1]


def test_no_candidate_of_a_front_is_dominated_and_every_other_one_is():
    rng = random.Random(2)
    values = [of(rng.randint(0, 9), rng.randint(0, 9)) for _ in range(60)]
    rank_of = ranks(values, TWO)
    for own, rank in zip(values, rank_of, strict=True):
        above = [
            v
            for v, r in zip(values, rank_of, strict=True)
            if r == rank - 1 and dominates(v, own, TWO)
        ]
        level = [
            v for v, r in zip(values, rank_of, strict=True) if r == rank and dominates(v, own, TWO)
        ]
        assert not level and (rank == 0 or above)
