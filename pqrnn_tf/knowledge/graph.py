"""The knowledge graph of a list of entities: its triples, what stands around an entity, and steps from one to another.

Needs numpy only.
"""

from __future__ import annotations

import dataclasses
import functools
import random
from collections import Counter
from collections.abc import Sequence

import numpy as np

from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_files import IS_A, EntityError
from pqrnn_tf.runtime.entity_triples import Names

MAX_STEPS = 64
"""Steps of two relations that are kept, the most frequent ones."""

_REMEMBERED = 100_000
"""Nodes and steps of which a graph remembers where they lead."""

Hop = tuple[int, int, int]
"""What is beside a node: the number of the triple; the signed relation, `~relation` against its direction; the node."""


@dataclasses.dataclass(frozen=True, eq=False)
class KnowledgeGraph:
    """Nodes, relations and triples.

    Attributes:
        entities: The first so many nodes are the entities of the list, in its order; the others are types and texts
            that are objects of relations.
        nodes: Names of the nodes.
        relations: Names of the relations, sorted.
        triples: int32 `(triples, 3)`: subject, relation, object by their numbers; each once.
    """

    entities: int
    nodes: tuple[str, ...]
    relations: tuple[str, ...]
    triples: np.ndarray

    @classmethod
    def of(cls, entities: Entities) -> KnowledgeGraph:
        """The graph of a list. Types are triples of the relation `IS_A`.

        Raises:
            EntityError: if no entity has a relation.
        """
        if not any(entity.relations for entity in entities):
            raise EntityError(
                f"The entities must have relations. Received: none in a list of {len(entities)}. Give triples, or "
                "write relations into the list (docs/entities.md)."
            )
        names = Names(list(entities))
        nodes = [entity.name for entity in entities]
        numbers: dict[tuple[bool, str], int] = {}
        relations = sorted(
            {relation for entity in entities for relation, _ in entity.relations}
            | {IS_A for entity in entities if entity.types}
        )
        found: dict[tuple[int, int, int], None] = {}
        for number, entity in enumerate(entities):
            for relation, other in (*((IS_A, kind) for kind in entity.types), *entity.relations):
                ends = [] if relation == IS_A else names.find(other)
                if not ends:
                    key = relation == IS_A, other
                    if key not in numbers:
                        numbers[key] = len(nodes)
                        nodes.append(other)
                    ends = [numbers[key]]
                for end in ends:
                    if end != number:
                        found.setdefault((number, relations.index(relation), end))
        triples = np.array(list(found), np.int32).reshape(-1, 3)
        return cls(len(entities), tuple(nodes), tuple(relations), triples)

    @functools.cached_property
    def hops(self) -> list[list[Hop]]:
        """For each node what is beside it."""
        hops: list[list[Hop]] = [[] for _ in self.nodes]
        for number, (subject, relation, other) in enumerate(self.triples.tolist()):
            hops[subject].append((number, relation, other))
            hops[other].append((number, ~relation, subject))
        return hops

    def is_a(self, relation: int) -> bool:
        """Whether a signed relation is that to types."""
        return self.relations[max(relation, ~relation)] == IS_A

    @functools.cached_property
    def steps(self) -> tuple[tuple[int, ...], ...]:
        """The steps that the graph has, as signed relations: all of one, then the most frequent ones of two.

        Steps of two go from an entity to another one; none goes over a type, which is near to everything.
        """
        single = [(sign,) for number in range(len(self.relations)) for sign in (number, ~number)]
        pairs: Counter[tuple[int, ...]] = Counter()
        for hops in self.hops:
            signs = Counter(sign for _, sign, _ in hops if not self.is_a(sign))
            for first, count in signs.items():
                for second, other in signs.items():
                    # There and back by one relation leads somewhere else only where several have it.
                    pairs[~first, second] += count * other - (count if first == second else 0)
        chosen = sorted(
            (step for step in pairs if pairs[step]), key=lambda step: (-pairs[step], step)
        )
        return (*single, *chosen[:MAX_STEPS])

    def name_of_step(self, step: Sequence[int]) -> tuple[str, ...]:
        """Names of the relations of a step, `-` before one that is walked against its direction."""
        return tuple(
            self.relations[sign] if sign >= 0 else f"-{self.relations[~sign]}" for sign in step
        )

    @functools.cached_property
    def step_matrix(self) -> np.ndarray:
        """float32 `(steps, relations)`: how often each step walks a relation, against its direction negative."""
        matrix = np.zeros((len(self.steps), len(self.relations)), np.float32)
        for number, step in enumerate(self.steps):
            for sign in step:
                matrix[number, max(sign, ~sign)] += 1 if sign >= 0 else -1
        return matrix

    def reached(self, node: int, step: int) -> frozenset[int]:
        """The nodes, other than itself, to which a step leads from a node."""
        found = self._reached.get((node, step))
        if found is None:
            ends = {node}
            for sign in self.steps[step]:
                ends = {end for one in ends for _, own, end in self.hops[one] if own == sign}
            if len(self._reached) >= _REMEMBERED:
                self._reached.clear()
            found = self._reached[node, step] = frozenset(ends - {node})
        return found

    def near(self, node: int) -> frozenset[int]:
        """The nodes to which any of the `untyped_steps` leads from a node."""
        found = self._near.get(node)
        if found is None:
            ends = (self.reached(node, step) for step in self.untyped_steps)
            found = self._near[node] = frozenset().union(*ends)
        return found

    @functools.cached_property
    def untyped_steps(self) -> list[int]:
        """Numbers of the steps that do not go over a type."""
        return [number for number, step in enumerate(self.steps) if not any(map(self.is_a, step))]

    @functools.cached_property
    def _near(self) -> dict[int, frozenset[int]]:
        return {}

    @functools.cached_property
    def _reached(self) -> dict[tuple[int, int], frozenset[int]]:
        return {}

    def around(self, node: int, size: int) -> list[int]:
        """The triples around a node: those that it is in, then those of its neighbours but for their types.

        Args:
            node: The node.
            size: The most triples. Where there are more, they are drawn by the node's number.

        Returns:
            Numbers of triples. Each has a node that stands in one before it, or is `node`.
        """
        rng = random.Random(node)
        own = self.hops[node]
        if len(own) > size:
            own = rng.sample(own, size)
        found = dict.fromkeys(triple for triple, _, _ in own)
        if not self.nodes or len(found) >= size:
            return list(found)
        further = [
            triple
            for _, sign, other in own
            if not self.is_a(sign)
            for triple, next_sign, _ in self.hops[other]
            if triple not in found and not self.is_a(next_sign)
        ]
        further = list(dict.fromkeys(further))
        if len(further) > size - len(found):
            further = rng.sample(further, size - len(found))
        return [*found, *further]


@dataclasses.dataclass(frozen=True, eq=False)
class Neighbourhoods:
    """What stands around each node of a graph, as sequences: the node, then nodes and relations of triples.

    Relations are members of a sequence like nodes, one for each triple; a node stands there once. This is what BERT-MK
    (He et al. 2019, arXiv 1912.00147) makes of a neighbourhood.

    Attributes:
        nodes: int32 `(nodes, length)`: number of the node + 1 at each place, 0 where none is.
        relations: int32 `(nodes, length)`: number of the relation + 1, 0 where none is.
        signs: int8 `(nodes, length)`: 1 where a relation leads away from the first node, −1 where towards it.
        places: int32 `(nodes, triples, 3)`: the matrix of triple positions, −1 where there is no triple.
        triples: int32 `(nodes, triples)`: which triples of the graph these are, −1 for none.
    """

    nodes: np.ndarray
    relations: np.ndarray
    signs: np.ndarray
    places: np.ndarray
    triples: np.ndarray

    @classmethod
    def of(cls, graph: KnowledgeGraph, size: int) -> Neighbourhoods:
        """Those of all nodes, of at most `size` triples each."""
        count, length = len(graph.nodes), 1 + 2 * size
        nodes, relations = (np.zeros((count, length), np.int32) for _ in range(2))
        signs = np.zeros((count, length), np.int8)
        places = np.full((count, size, 3), -1, np.int32)
        triples = np.full((count, size), -1, np.int32)
        for node in range(count):
            place_of = {node: 0}
            nodes[node, 0] = node + 1
            filled = 1
            for row, triple in enumerate(graph.around(node, size)):
                subject, relation, other = graph.triples[triple].tolist()
                forward = subject in place_of
                for end in (subject, other):
                    if end not in place_of:
                        place_of[end] = filled
                        nodes[node, filled] = end + 1
                        filled += 1
                relations[node, filled] = relation + 1
                signs[node, filled] = 1 if forward else -1
                places[node, row] = place_of[subject], filled, place_of[other]
                triples[node, row] = triple
                filled += 1
        return cls(nodes, relations, signs, places, triples)
