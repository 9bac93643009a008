"""What is found of names in a text, and what a slot may mean. Standard library only."""

from __future__ import annotations

from typing import Any, NamedTuple

from pqrnn_tf.runtime.entity_files import Entity

EXACT, FOLDED, INFLECTED, TYPING = QUALITIES = ("exact", "folded", "inflected", "typing")
"""How a match agrees with a name, the best first: letter by letter; but for capitals and accents; but for the endings
of words; but for typing errors."""


class Match(NamedTuple):
    """A part of a text that may name an entity.

    Attributes:
        start, end: Half-open range of code points of the caller's text.
        entity: The entity.
        quality: One of `QUALITIES`.
        errors: Typing errors; above 0 only where `quality` is `"typing"`.
    """

    start: int
    end: int
    entity: Entity
    quality: str
    errors: int

    @property
    def type(self) -> str:
        """The first type of the entity, `""` without one."""
        return self.entity.type


class Candidate(NamedTuple):
    """An entity that a slot may mean.

    Attributes:
        entity: The entity.
        score: From 0 to 1: how much of the slot the name covers, times how well it agrees, times how well its types
            and relations do. No probability.
        quality: How the name agrees, one of `QUALITIES`.
        start, end: Where the name stands, in code points of the caller's text.
    """

    entity: Entity
    score: float
    quality: str
    start: int
    end: int

    @property
    def id(self) -> str:
        """The entity's id."""
        return self.entity.id

    @property
    def name(self) -> str:
        """The entity's name."""
        return self.entity.name

    @property
    def type(self) -> str:
        """The first type of the entity, `""` without one."""
        return self.entity.type

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"id": self.id, "name": self.name, "type": self.type, "score": self.score}
