"""Vectors of a graph as the 8-bit numbers of a file. Needs numpy only."""

from __future__ import annotations

import random

import numpy as np

from pqrnn_tf.knowledge.graph import KnowledgeGraph
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_vectors import LEVELS, RELATED, EntityVectors, fingerprint_of

FILE = "vectors.json"
"""Name of the file of vectors in the folder of a training."""
MEASURED = 300
"""Entities, drawn by chance, that the range of cosines is measured on."""
UNRELATED_SHARE = 0.5
"""Share of the pairs without a relation whose cosines are below the floor."""
RELATED_SHARE = 0.75
"""Share of the pairs with one whose cosines are below the ceiling."""
LEAST_RANGE = 0.05


def eight_bits(
    entities: Entities, graph: KnowledgeGraph, vectors: np.ndarray, steps: np.ndarray
) -> EntityVectors:
    """Rounds vectors to 8 bits and measures from which cosines on entities are related.

    Args:
        entities: The list.
        graph: Its graph.
        vectors: float `(entities, width)`.
        steps: float `(graph.steps, width)`; those over types are left out.
    """
    kept = graph.untyped_steps
    steps = steps[kept]
    unit = max(np.abs(vectors).max(), np.abs(steps).max(initial=0.0)) / LEVELS
    found = EntityVectors(
        fingerprint_of(entities),
        np.rint(vectors / unit).astype(np.int8),
        tuple(graph.name_of_step(graph.steps[number]) for number in kept),
        np.rint(steps / unit).astype(np.int8),
        0.0,
        1.0,
    )
    rng = random.Random(graph.entities)
    drawn = rng.sample(range(graph.entities), min(MEASURED, graph.entities))
    by_kind: dict[bool, list[float]] = {True: [], False: []}
    for start in drawn:
        near = graph.near(start)
        for end, cosine in zip(drawn, found.cosines(start, drawn), strict=True):
            if end != start:
                by_kind[end in near].append(float(cosine))
    ceiling = float(np.quantile(by_kind[True] or [1.0], RELATED_SHARE))
    floor = float(np.quantile(by_kind[False] or [ceiling], UNRELATED_SHARE))
    floor = min(floor, ceiling - LEAST_RANGE * RELATED[1])
    return EntityVectors(
        found.fingerprint,
        found.vectors,
        found.steps,
        found.step_vectors,
        round(floor, 6),
        round(ceiling, 6),
    )
