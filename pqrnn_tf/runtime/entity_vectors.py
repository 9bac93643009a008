"""Vectors of the entities of a list, which say how near two of them are by their relations. Needs numpy only.

`pqrnn graph` makes them (`pqrnn_tf.knowledge`); they belong to one list, not to a model, and travel with it as a small
JSON file. docs/entities.md says what is in it; `tests/golden/entity_vectors_v1.json` is one.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import json
import math
import os
import pathlib
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from pqrnn_tf.files import json_line, write_bytes
from pqrnn_tf.runtime.entity_files import Entity, EntityError

FORMAT = 1
_REMEMBERED = 65536
"""Pairs of entities whose relatedness is remembered."""
LEVELS = 127
"""Positive levels of the 8-bit numbers."""
RELATED = (1.0, 0.95)
"""Factors for entities that are one relation from each other, and two."""


def fingerprint_of(entities: Iterable[Entity]) -> str:
    """What tells lists from each other: CRC-32 of ids, names, types and relations, in hexadecimal digits.

    Each entity is a line of UTF-8: the id, the name, types, synonyms, and each relation with its objects, in the order
    of the relations' UTF-16 code units; each behind a tab except the first.
    """
    digest = 0
    for entity in entities:
        relations = sorted(
            entity.to_dict().get("relations", {}).items(),
            key=lambda pair: pair[0].encode("utf-16-be", "surrogatepass"),
        )
        told = [part for relation, others in relations for part in (relation, *others)]
        parts = (entity.id, entity.name, *entity.types, *entity.synonyms, *told)
        digest = zlib.crc32(("\t".join(parts) + "\n").encode("utf-8", "replace"), digest)
    return f"{digest:08x}"


@dataclasses.dataclass(frozen=True, eq=False)
class EntityVectors:
    """Vectors of the entities of one list, and of the steps from one to another.

    A step is one relation or two, along or against their direction. An entity is near another one where its vector
    plus that of a step points to where the other one's does.

    Attributes:
        fingerprint: That of the list, see `fingerprint_of`.
        vectors: int8 `(entities, width)`.
        steps: Relations of each step, `-` before one that is walked against its direction.
        step_vectors: int8 `(steps, width)`, in the same unit.
        floor, ceiling: Cosines, times the factor of the step, from which on entities are a little and fully related.
    """

    fingerprint: str
    vectors: np.ndarray
    steps: tuple[tuple[str, ...], ...]
    step_vectors: np.ndarray
    floor: float
    ceiling: float

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return int(self.vectors.shape[1])

    @functools.cached_property
    def _exact(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        # Whole numbers below 2⁵³, so that every language finds the same.
        vectors, steps = self.vectors.astype(float), self.step_vectors.astype(float)
        factors = np.array([RELATED[len(step) - 1] for step in self.steps])
        return vectors, np.sum(vectors * vectors, axis=1), steps, factors

    def cosines(self, start: int, ends: Sequence[int]) -> np.ndarray:
        """For each of some entities the best cosine of any step to it, times the step's factor.

        Args:
            start: Number of the entity from which steps are made.
            ends: Numbers of others.

        Returns:
            float64 `(len(ends),)`; −1 where there are no steps.
        """
        vectors, squares, steps, factors = self._exact
        if not len(steps):
            return np.full(len(ends), -1.0)
        numbers = list(ends)
        moved = vectors[start] + steps
        norms = np.sqrt(np.sum(moved * moved, axis=1)[:, None] * squares[numbers])
        products = moved @ vectors[numbers].T
        cosines = np.divide(products, norms, out=np.zeros_like(products), where=norms > 0)
        return np.max(cosines * factors[:, None], axis=0)

    def relatedness(self, start: int, end: int) -> float:
        """How much an entity has to do with another one, from 0 to 1; both by their numbers in the list."""
        return self.relatedness_to(start, [end])[0]

    def relatedness_to(self, start: int, ends: Sequence[int]) -> list[float]:
        """How much an entity has to do with each of some others, from 0 to 1; what was asked before is remembered."""
        known = self._remembered
        found = [known.get((start, end), -1.0) for end in ends]
        if missing := [end for end, value in zip(ends, found, strict=True) if value < 0]:
            scaled = (self.cosines(start, missing) - self.floor) / (self.ceiling - self.floor)
            if len(known) >= _REMEMBERED:
                known.clear()
            new = {
                end: min(1.0, max(0.0, one))
                for end, one in zip(missing, scaled.tolist(), strict=True)
            }
            known.update(((start, end), value) for end, value in new.items())
            found = [new.get(end, value) for end, value in zip(ends, found, strict=True)]
        return found

    @functools.cached_property
    def _remembered(self) -> dict[tuple[int, int], float]:
        return {}

    def check(self, entities: Sequence[Entity], place: str) -> None:
        """Checks that the vectors are those of a list.

        Raises:
            EntityError: if they are those of another list, or of this one before it was changed.
        """
        own = fingerprint_of(entities)
        if (len(self.vectors), self.fingerprint) != (len(entities), own):
            raise EntityError(
                f"{place}: must have the vectors of this list, {len(entities)} entities with the fingerprint {own}. "
                f"Received: those of {len(self.vectors)} with {self.fingerprint}, of another list or of this one "
                "before it was changed. Make them anew with `pqrnn graph`, or leave them out."
            )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the file, whole or not at all."""
        values = {
            "format": FORMAT,
            "fingerprint": self.fingerprint,
            "width": self.width,
            "floor": self.floor,
            "ceiling": self.ceiling,
            "steps": [list(step) for step in self.steps],
            "step_vectors": _to_text(self.step_vectors),
            "vectors": _to_text(self.vectors),
        }
        write_bytes(path, json_line(values).encode("utf-8") + b"\n")

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> EntityVectors:
        """Reads a file that `save` wrote.

        Raises:
            EntityError: if it cannot be read or is damaged.
        """
        try:
            content = pathlib.Path(path).read_bytes()
        except OSError as error:
            raise EntityError(f"{path}: cannot be read ({error.strerror}).") from error
        try:
            return cls._of_json(json.loads(content.decode("utf-8")), str(path))
        except EntityError:
            raise
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
            raise EntityError(
                f"{path}: must be a file that `pqrnn graph` made. It is damaged: {error!r:.80}."
            ) from error

    @classmethod
    def _of_json(cls, values: dict[str, Any], place: str) -> EntityVectors:
        if values["format"] != FORMAT:
            raise EntityError(
                f"{place}: must have format {FORMAT}. Received: {values['format']!r}. Use the version of the package "
                "that made it."
            )
        width = int(values["width"])
        given = values["steps"]
        steps = tuple(tuple(map(str, step)) for step in given)
        vectors, step_vectors = (_of_text(values[name]) for name in ("vectors", "step_vectors"))
        if width < 1 or len(vectors) % width or len(step_vectors) != width * len(steps):
            raise EntityError(
                f"{place}: must have vectors of the width {width}, one for each of {len(steps)} steps. Received: "
                f"{len(vectors)} numbers for entities and {len(step_vectors)} for steps. Make the file anew with "
                "`pqrnn graph`."
            )
        floor, ceiling = float(values["floor"]), float(values["ceiling"])
        if (
            not all(isinstance(step, list) and 1 <= len(step) <= len(RELATED) for step in given)
            or not -math.inf < floor < ceiling < math.inf
        ):
            raise ValueError("steps of one or two relations, and a floor below the ceiling")
        return cls(
            str(values["fingerprint"]),
            vectors.reshape(-1, width),
            steps,
            step_vectors.reshape(-1, width),
            floor,
            ceiling,
        )


def _to_text(vectors: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(vectors, np.int8).tobytes()).decode("ascii")


def _of_text(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text, validate=True), np.int8)
