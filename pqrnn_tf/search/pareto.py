"""Ranks of candidates by several objectives at once. Needs the standard library only."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

OBJECTIVES: Mapping[str, int] = {
    "flat_exact_match": 1,
    "robustness": 1,
    "errors_exact_match": 1,
    "attacked_exact_match": 1,
    "latency": -1,
    "bytes": -1,
    "parameters": -1,
    "multiply_accumulates": -1,
}
"""What a search may look at: 1 where more is better, −1 where less is."""

DEFAULT_OBJECTIVES = ("flat_exact_match", "robustness", "latency")
"""Accuracy, robustness and efficiency, as in the paper."""

Values = Mapping[str, float]


def dominates(one: Values, other: Values, objectives: Sequence[str]) -> bool:
    """Whether a candidate is nowhere worse than another one, and somewhere better."""
    gains = [OBJECTIVES[name] * (one[name] - other[name]) for name in objectives]
    return min(gains) >= 0 and max(gains) > 0


def ranks(values: Sequence[Values], objectives: Sequence[str]) -> list[int]:
    """The Pareto rank of each candidate: 0 on the front, 1 on the front of the rest, and so on.

    Args:
        values: Objectives of the candidates, by name.
        objectives: Names of those that count.

    Reference: the non-dominated sorting of Deb et al. 2002 (*NSGA-II*, IEEE TEC 6(2), section III A).
    """
    result = [-1] * len(values)
    left = set(range(len(values)))
    rank = 0
    while left:
        front = {
            i
            for i in left
            if not any(dominates(values[j], values[i], objectives) for j in left if j != i)
        }
        for i in front:
            result[i] = rank
        left -= front
        rank += 1
    return result


def crowding(values: Sequence[Values], objectives: Sequence[str]) -> list[float]:
    """How far each candidate's neighbours are, over all objectives; infinite at the ends (Deb et al. 2002)."""
    distances = [0.0] * len(values)
    for name in objectives:
        order = sorted(range(len(values)), key=lambda i: values[i][name])
        spread = values[order[-1]][name] - values[order[0]][name]
        distances[order[0]] = distances[order[-1]] = math.inf
        for before, i, behind in zip(order, order[1:], order[2:], strict=False):
            if spread:
                distances[i] += (values[behind][name] - values[before][name]) / spread
    return distances


def best(values: Sequence[Values], objectives: Sequence[str], count: int) -> list[int]:
    """The places of the best candidates: by rank, and in a rank those with more room around them, then in order."""
    rank_of = ranks(values, objectives)
    order: list[int] = []
    for rank in sorted(set(rank_of)):
        members = [i for i, own in enumerate(rank_of) if own == rank]
        room = crowding([values[i] for i in members], objectives)
        order += [i for _, i in sorted(zip((-own for own in room), members, strict=True))]
    return order[:count]
