"""Which domain a row belongs to: its language, its column `domain`, or the file that it was read from."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from pqrnn_tf.datasets.formats.found import language_of
from pqrnn_tf.datasets.rows import DataError, Example

DOMAINS: Mapping[str, str] = {
    "language": "the language of a row",
    "domain": "the column `domain` of the data, as TOPv2 has it",
    "corpus": "the file that a row was read from",
}
"""What may distinguish the domains of rows."""

_SHOWN = 3
_Item = TypeVar("_Item")


def _file_of(row: Example) -> str:
    """The file in a row's source, without the line."""
    file, colon, line = row.source.rpartition(":")
    return file if colon and line.isdecimal() else row.source


_READERS: Mapping[str, Callable[[Example], str]] = {
    "language": lambda row: language_of(row.locale),
    "domain": lambda row: row.domain,
    "corpus": _file_of,
}


def in_domains(rows: Sequence[Example], by: str) -> list[Example]:
    """Labelled rows whose `domain` says which of several domains they belong to.

    Args:
        rows: The rows.
        by: One of `DOMAINS`: what distinguishes domains.

    Returns:
        The rows in their order, with another `domain`.

    Raises:
        DataError: if a row belongs to no domain, or all of them belong to one.
        ValueError: if `by` is unknown.
    """
    read = _reader(by)
    found = [dataclasses.replace(row, domain=read(row)) for row in rows]
    if without := [row for row in found if not row.domain]:
        places = ", ".join(row.source or repr(row.text[:40]) for row in without[:_SHOWN])
        raise DataError(
            f"Every row must belong to a domain where {by!r} distinguishes them. Received: {len(without)} of "
            f"{len(found)} rows without one, such as {places}. Give {DOMAINS[by]}, or take another of "
            f"{list(DOMAINS)}."
        )
    names = sorted({row.domain for row in found})
    if len(names) < 2:
        raise DataError(
            f"The rows must be of two domains or more where {by!r} distinguishes them. Received: {names}. Add data of "
            f"another domain, or take another of {list(DOMAINS)}."
        )
    return found


def spread(rows: Sequence[_Item], count: int | None) -> list[_Item]:
    """At most so many rows, evenly spread over all, in their order; `None` for all of them."""
    count = len(rows) if count is None else min(count, len(rows))
    return [rows[k * len(rows) // count] for k in range(count)]


def in_known_domains(rows: Iterable[Example], by: str, names: Iterable[str]) -> list[Example]:
    """Rows of any origin whose `domain` is one of `names`, and empty where they belong to none of these.

    Raises:
        ValueError: if `by` is unknown.
    """
    read, known = _reader(by), frozenset(names)
    return [
        dataclasses.replace(row, domain=own if (own := read(row)) in known else "") for row in rows
    ]


def _reader(by: str) -> Callable[[Example], str]:
    if by not in _READERS:
        raise ValueError(f"`by` must be one of {list(DOMAINS)}. Received: {by!r}.")
    return _READERS[by]
