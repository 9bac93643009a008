"""Prototypes of the domains of training rows, made with a teacher and kept in a folder."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pqrnn_tf.datasets.making.domains import spread
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.files import check_claim, only_one, write_json
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.teachers.adaptor import Teacher
from pqrnn_tf.teachers.answers.asking import Asked, answering
from pqrnn_tf.teachers.answers.shards import digest_of, token_settings
from pqrnn_tf.teachers.domain_weights import DomainPrototypes
from pqrnn_tf.teachers.saved import SavedTeacher

FILE = "prototypes.json"
_RESULTS = ("names", "centroids", "weights")

ROWS_PER_DOMAIN = 1000
"""Rows of a domain, evenly spread over all it has, that its prototype is the mean of."""


def row_vectors(
    teacher: Teacher | SavedTeacher,
    rows: Sequence[Example],
    *,
    spec: ProjectionSpec,
    batch_size: int = 32,
) -> np.ndarray:
    """The mean of a teacher's hidden states over the tokens of each row, float32 `(rows, width)`.

    Raises:
        ValueError: if there are no rows, or the teacher has no hidden states.
    """
    if not rows:
        raise ValueError("`rows` must hold at least one row. Received: none.")
    asked = Asked(rows, spec)
    result: np.ndarray | None = None
    for batch, outputs in asked.answers(answering(teacher), batch_size):
        own = asked.mean_states(batch, outputs)
        result = np.zeros((len(rows), own.shape[1]), np.float32) if result is None else result
        result[batch] = own
    return result  # type: ignore[return-value]  # there are rows


def domain_prototypes(
    teacher: Teacher | SavedTeacher,
    rows: Sequence[Example],
    folder: str | os.PathLike[str],
    *,
    spec: ProjectionSpec,
    identity: Mapping[str, Any],
) -> DomainPrototypes:
    """The prototypes of the domains of training rows; what is in the folder already is not made again.

    The prototype of a domain is the mean vector of at most `ROWS_PER_DOMAIN` of its rows.

    Args:
        teacher: Makes the vectors; it has hidden states.
        rows: Training rows, each with a `domain`.
        folder: Gets `prototypes.json`.
        spec: Decides the tokens.
        identity: What tells the teacher from another one, of plain JSON types.

    Raises:
        ResumeError: if the folder holds prototypes of another teacher or of other rows.
        ValueError: if there are fewer than two domains, or the teacher has no hidden states.
    """
    return _kept(teacher, _spread(rows), folder, spec=spec, identity=identity, weigh=False)[0]


def weighted_rows(
    teacher: Teacher | SavedTeacher,
    rows: Sequence[Example],
    folder: str | os.PathLike[str],
    *,
    spec: ProjectionSpec,
    identity: Mapping[str, Any],
) -> tuple[DomainPrototypes, np.ndarray]:
    """Prototypes of all rows, and how typical each row is (`DomainPrototypes.weights`), float32 `(rows,)`.

    Arguments and errors are those of `domain_prototypes`.
    """
    prototypes, weights = _kept(teacher, rows, folder, spec=spec, identity=identity, weigh=True)
    return prototypes, np.array(weights, np.float32)


def _kept(
    teacher: Teacher | SavedTeacher,
    rows: Sequence[Example],
    folder: str | os.PathLike[str],
    *,
    spec: ProjectionSpec,
    identity: Mapping[str, Any],
    weigh: bool,
) -> tuple[DomainPrototypes, list[float] | None]:
    settings = {
        "teacher": dict(identity),
        "rows": digest_of([[row.text, row.domain] for row in rows]),
        "tokens": token_settings(spec),
        "weigh": weigh,
    }
    path = pathlib.Path(folder) / FILE
    with only_one(folder):
        if check_claim(folder, settings, name=FILE, results=_RESULTS):
            values = json.loads(path.read_text(encoding="utf-8"))
            return DomainPrototypes.from_dict(values), values.get("weights")
        vectors = row_vectors(teacher, rows, spec=spec)
        domains = [row.domain for row in rows]
        prototypes = DomainPrototypes.of(vectors, domains)
        weights = prototypes.weights(vectors, domains).tolist() if weigh else None
        more = {} if weights is None else {"weights": weights}
        write_json(path, {**settings, **prototypes.to_dict(), **more})
    return prototypes, weights


def _spread(rows: Sequence[Example]) -> list[Example]:
    """At most `ROWS_PER_DOMAIN` rows of each domain, evenly spread, in their order."""
    places: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        places.setdefault(row.domain, []).append(number)
    chosen = [number for own in places.values() for number in spread(own, ROWS_PER_DOMAIN)]
    return [rows[number] for number in sorted(chosen)]
