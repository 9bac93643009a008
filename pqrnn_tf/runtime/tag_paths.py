"""Valid sequences of slot tags with the largest sums of scores. Needs the standard library only."""

from __future__ import annotations

import heapq
import math
from collections.abc import Container
from typing import Any

from pqrnn_tf.runtime.labels import LabelSet

Path = list[int]
"""Columns of the tags of the tokens, in the order of `LabelSet.tags`."""


class TagPaths:
    """The columns of the tags that an intent allows, and how they may follow each other.

    Positions are those in `tags`, so that the search sees no other column. `tags[0]` is O.

    Args:
        labels: Names in the order of the logits.
        slots_here: Slots that the intent may have.
    """

    def __init__(self, labels: LabelSet, slots_here: Container[str]):
        self.tags = [i for i, tag in enumerate(labels.tags) if tag == "O" or tag[2:] in slots_here]
        names = [labels.tags[i] for i in self.tags]
        position = {name: i for i, name in enumerate(names)}
        # 0 where a slot has no G tag: nothing is ever in a gap at O.
        self.slots = [
            (i, position[f"I-{name[2:]}"], position.get(f"G-{name[2:]}", 0))
            for name, i in position.items()
            if name[0] == "B"
        ]
        self.not_gap = [i for i, name in enumerate(names) if name[0] != "G"]
        self.allowed = frozenset(self.tags)

    def best(self, scores: list[list[float]]) -> tuple[Path, float]:
        """The best valid sequence and its sum.

        Args:
            scores: For each token the scores of `tags`. Plain lists: there are few columns, for which
                a call of numpy takes longer than all sums of a step.
        """
        # A slot begins before it continues.
        best = [-math.inf] * len(self.tags)
        for i in (0, *(begin for begin, _, _ in self.slots)):
            best[i] = scores[0][i]
        origins: list[list[int]] = []
        for row in scores[1:]:
            origin = max(self.not_gap, key=best.__getitem__)  # a gap must be closed by I-X
            new = [best[origin] + score for score in row]
            came_from = [origin] * len(row)
            for begin, inside, gap in self.slots:
                source = inside if best[inside] > best[begin] else begin
                if gap and best[gap] > best[source]:
                    source = gap
                new[inside], came_from[inside] = best[source] + row[inside], source
                if gap:
                    new[gap], came_from[gap] = best[source] + row[gap], source
            best = new
            origins.append(came_from)
        path = [max(self.not_gap, key=best.__getitem__)]
        total = best[path[0]]
        for came_from in reversed(origins):
            path.append(came_from[path[-1]])
        return [self.tags[i] for i in reversed(path)], total

    def best_several(self, scores: list[list[float]], count: int) -> list[tuple[float, Path]]:
        """The best valid sequences with their sums, the best first: as many as there are, at most `count`.

        Each tag of each token keeps the `count` best ways to it, so that the result is exact
        (Seshadri and Sundberg 1994, *List Viterbi Decoding Algorithms*, the parallel one).

        Args:
            scores: As `best` takes them.
            count: How many, at least one.
        """
        # A way is its sum and its steps backwards, `(position, steps before)`.
        ways: list[list[tuple[float, Any]]] = [[] for _ in self.tags]
        for i in (0, *(begin for begin, _, _ in self.slots)):
            ways[i] = [(scores[0][i], (i, None))]
        for row in scores[1:]:
            closed = _best(count, [ways[i] for i in self.not_gap])
            new = [
                [(total + score, (i, way)) for total, way in closed] for i, score in enumerate(row)
            ]
            for begin, inside, gap in self.slots:
                here = [ways[begin], ways[inside], *([ways[gap]] if gap else [])]
                open_ways = _best(count, here)
                for i in (inside, gap) if gap else (inside,):
                    new[i] = [(total + row[i], (i, way)) for total, way in open_ways]
            ways = new
        found = []
        for total, way in _best(count, [ways[i] for i in self.not_gap]):
            path: Path = []
            while way is not None:
                position, way = way
                path.append(self.tags[position])
            found.append((total, path[::-1]))
        return found


def _best(count: int, groups: list[list[tuple[float, Any]]]) -> list[tuple[float, Any]]:
    """The ways with the largest sums; of equal ones those of the first group."""
    return heapq.nlargest(count, (way for group in groups for way in group), key=lambda way: way[0])
