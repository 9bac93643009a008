"""TransE: vectors of nodes and relations of which subject plus relation is near to the object. Needs numpy only."""

from __future__ import annotations

import numpy as np

MARGIN = 1.0
"""By how much a triple is to be nearer than one with another subject or object."""
RATE = 0.05
PASSES = 200
BATCH = 128


def embed_by_transe(
    triples: np.ndarray, nodes: int, relations: int, *, width: int, seed: int, passes: int = PASSES
) -> tuple[np.ndarray, np.ndarray]:
    """Embeds a graph.

    The loss of a triple is max(0, margin + |s + r − o| − |s' + r − o'|), where either the subject or the object of the
    second is another node, drawn by chance; the vectors of nodes have length 1.

    Args:
        triples: int `(triples, 3)`: subject, relation, object by their numbers.
        nodes, relations: How many there are.
        width: Width of the vectors.
        seed: Another seed draws otherwise.
        passes: Passes over the triples.

    Returns:
        float32 `(nodes, width)` of length 1, and float32 `(relations, width)`.

    Raises:
        ValueError: if there are no triples, or a number is out of range.

    Reference: Bordes et al. 2013, *Translating Embeddings for Modeling Multi-relational Data*, section 2.
    """
    triples = np.asarray(triples, np.int64).reshape(-1, 3)
    if not len(triples) or width < 1 or passes < 0:
        raise ValueError(
            f"`triples` must hold at least one, `width` be at least 1 and `passes` 0. Received: {len(triples)} "
            f"triples, {width} and {passes}."
        )
    if triples.min() < 0 or triples[:, [0, 2]].max() >= nodes or triples[:, 1].max() >= relations:
        raise ValueError(
            f"`triples` must have numbers of {nodes} nodes and {relations} relations. Received: up to "
            f"{triples.max(axis=0).tolist()}."
        )
    rng = np.random.default_rng(seed)
    bound = 6 / np.sqrt(width)
    of_nodes = _of_length_1(rng.uniform(-bound, bound, (nodes, width)))
    of_relations = _of_length_1(rng.uniform(-bound, bound, (relations, width)))
    for _ in range(passes):
        order = rng.permutation(len(triples))
        for begin in range(0, len(order), BATCH):
            true = triples[order[begin : begin + BATCH]]
            false = true.copy()
            side = np.where(rng.random(len(true)) < 0.5, 0, 2)
            false[np.arange(len(true)), side] = rng.integers(0, nodes, len(true))
            (near, to_near), (far, to_far) = (
                _distances(own, of_nodes, of_relations) for own in (true, false)
            )
            wrong = (MARGIN + near - far > 0)[:, None]
            for own, gradient in ((true, to_near * wrong), (false, -to_far * wrong)):
                np.add.at(of_nodes, own[:, 0], -RATE * gradient)
                np.add.at(of_relations, own[:, 1], -RATE * gradient)
                np.add.at(of_nodes, own[:, 2], RATE * gradient)
            of_nodes = _of_length_1(of_nodes)
    return of_nodes.astype(np.float32), of_relations.astype(np.float32)


def _distances(
    triples: np.ndarray, nodes: np.ndarray, relations: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """|s + r − o| `(triples,)`, and its gradient by s `(triples, width)`."""
    gap = nodes[triples[:, 0]] + relations[triples[:, 1]] - nodes[triples[:, 2]]
    distance = np.linalg.norm(gap, axis=1)
    return distance, gap / np.maximum(distance, 1e-9)[:, None]


def _of_length_1(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
