"""How much a row counts where a teacher knows several domains: prototypes of domains, and what the teacher gets right.

The formulas are those of Meta-KD (Pan et al. 2020, arXiv 2012.01266); what is ours is said with each.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class DomainPrototypes:
    """The mean vector of each domain, which rows are compared with.

    Attributes:
        names: Names of the domains.
        centroids: float32 `(domains, width)`.

    Raises:
        ValueError: if there are fewer than two domains, a name stands twice, or the shape of `centroids` does not fit.
    """

    names: tuple[str, ...]
    centroids: np.ndarray

    def __post_init__(self) -> None:
        if len(self.names) < 2 or len(set(self.names)) < len(self.names):
            raise ValueError(
                f"`names` must name two domains or more, each once. Received: {list(self.names)}."
            )
        if self.centroids.ndim != 2 or len(self.centroids) != len(self.names):
            raise ValueError(
                f"`centroids` must have a row for each of {len(self.names)} domains. Received: the shape "
                f"{self.centroids.shape}."
            )

    @classmethod
    def of(cls, vectors: np.ndarray, domains: Sequence[str]) -> DomainPrototypes:
        """The means of the vectors of each domain.

        Args:
            vectors: `(rows, width)` floats.
            domains: Name of each row's domain.

        Raises:
            ValueError: if there are fewer than two domains.
        """
        names = tuple(sorted(set(domains)))
        place = {name: i for i, name in enumerate(names)}
        own = np.array([place[domain] for domain in domains])
        means = [vectors[own == i].astype(np.float64).mean(axis=0) for i in range(len(names))]
        return cls(names, np.array(means, np.float32))

    def weights(self, vectors: np.ndarray, domains: Sequence[str]) -> np.ndarray:
        """How typical rows are: `w = ½ · (cos(x, own centroid) + cos(x, mean of the other centroids))`.

        A row without a domain, `""`, belongs to that of the nearest centroid; this is ours, for text without labels.

        Args:
            vectors: `(rows, width)` floats; a vector 0 has the cosine 0 with all.
            domains: Name of each row's domain, or `""`.

        Returns:
            float32 `(rows,)`, from −1 to 1.

        Raises:
            ValueError: if a domain has no prototype, or the width is another one.
        """
        if vectors.shape[-1:] != self.centroids.shape[1:]:
            raise ValueError(
                f"`vectors` must have the width of the prototypes, {self.centroids.shape[1]}. Received: the shape "
                f"{vectors.shape}."
            )
        number = {name: i for i, name in enumerate(self.names)}
        if unknown := sorted({domain for domain in domains if domain} - set(number)):
            raise ValueError(
                f"`domains` must be among those that have a prototype, {list(self.names)}. Received: {unknown}."
            )
        values = vectors.astype(np.float64)
        centroids = self.centroids.astype(np.float64)
        count = len(self.names)
        others = (centroids.sum(axis=0) - centroids) / (count - 1)
        near, far = _cosines(values, centroids), _cosines(values, others)
        own = np.array([number.get(domain, -1) for domain in domains], np.int64)
        own = np.where(own < 0, near.argmax(axis=1), own)
        rows = np.arange(len(own))
        return (0.5 * (near[rows, own] + far[rows, own])).astype(np.float32)

    @property
    def digest(self) -> str:
        """What tells these prototypes from others."""
        digest = hashlib.sha256("\n".join(self.names).encode("utf-8"))
        digest.update(np.ascontiguousarray(self.centroids, "<f4").tobytes())
        return digest.hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"names": list(self.names), "centroids": self.centroids.tolist()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> DomainPrototypes:
        """The inverse of `to_dict`."""
        return cls(tuple(values["names"]), np.array(values["centroids"], np.float32))


def expertise(
    intent_logits: np.ndarray,
    intents: np.ndarray,
    slot_logits: np.ndarray,
    tags: np.ndarray,
    mask: np.ndarray,
    ends: np.ndarray,
) -> np.ndarray:
    """What a teacher is worth on each row: `t = 1 / (exp(e) + 1)` with the error `e = Σ ((p − y) · y)²`.

    p are the teacher's probabilities and y is 1 for the gold label, so that e is `(1 − p_gold)²`. Ours, since the paper
    has one label per row: e is the mean of the intent's error and of the mean error of the tokens, as far as a row has
    gold labels; in a row that has none, the teacher's own choice stands for the gold label.

    Args:
        intent_logits: `(rows, intents)` floats.
        intents: int `(rows,)`, gold intents, −1 for none.
        slot_logits: `(tokens, tags)` floats, the rows one behind the other.
        tags: int `(tokens,)`, gold tags, −1 for none.
        mask: bool `(tokens,)`, whether the teacher has an answer for the token.
        ends: int `(rows,)`, one past the last token of each row.

    Returns:
        float32 `(rows,)`: ½ where the teacher is sure and right, 0.269 where it gives the gold label no chance.
    """
    rows = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
    known_rows = intents >= 0
    known_tokens = (tags >= 0) & mask
    labelled = known_rows | (np.bincount(rows[known_tokens], minlength=len(ends)) > 0)
    guessed = ~labelled
    intent_counts = known_rows | guessed
    token_counts = known_tokens | (guessed[rows] & mask)
    of_intent = _errors(intent_logits, intents)
    of_token = np.where(token_counts, _errors(slot_logits, tags), 0.0)
    tokens = np.bincount(rows, weights=token_counts, minlength=len(ends))
    of_slots = np.bincount(rows, weights=of_token, minlength=len(ends)) / np.maximum(tokens, 1)
    parts = intent_counts.astype(np.float64) + (tokens > 0)
    error = (np.where(intent_counts, of_intent, 0.0) + of_slots) / np.maximum(parts, 1)
    return (1.0 / (np.exp(error) + 1.0)).astype(np.float32)


def student_weights(prototype_weights: np.ndarray, expertise_weights: np.ndarray) -> np.ndarray:
    """Weights of rows in the student's losses: `(1 + w) · t`, float32 `(rows,)`."""
    return ((1.0 + prototype_weights) * expertise_weights).astype(np.float32)


def mean_states(hidden: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The mean state of the tokens of each row.

    Args:
        hidden: `(batch, time, width)` floats.
        mask: bool `(batch, time)`: which tokens count.

    Returns:
        float32 `(batch, width)`; 0 where none counts.
    """
    counted = mask.astype(np.float32)[..., None]
    total = np.where(counted > 0, hidden.astype(np.float32), 0.0).sum(axis=1)
    return total / np.maximum(counted.sum(axis=1), 1.0)


def _errors(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """`(1 − p)²` of the label of each position, or of the largest p where it has none."""
    values = logits.astype(np.float64)
    values -= values.max(axis=-1, keepdims=True)
    shares = np.exp(values)
    shares /= shares.sum(axis=-1, keepdims=True)
    chosen = np.where(labels >= 0, labels, shares.argmax(axis=-1))
    return (1.0 - np.take_along_axis(shares, chosen[:, None], axis=-1)[:, 0]) ** 2


def _cosines(vectors: np.ndarray, others: np.ndarray) -> np.ndarray:
    """`(vectors, others)` cosines; 0 for a vector 0."""
    lengths = np.linalg.norm(vectors, axis=1)[:, None] * np.linalg.norm(others, axis=1)[None]
    return np.divide(vectors @ others.T, lengths, out=np.zeros_like(lengths), where=lengths > 0)
