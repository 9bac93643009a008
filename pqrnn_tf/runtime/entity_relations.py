"""What entities of a list have to do with each other, and with what a text names. Needs numpy only.

The one rule for it, which linking and the second input of a model share (docs/entities.md).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence

from pqrnn_tf.runtime.entity_files import Entity
from pqrnn_tf.runtime.entity_matches import Match
from pqrnn_tf.runtime.entity_vectors import RELATED
from pqrnn_tf.runtime.entity_words import key_of_name


class NamedMatches(list[Match]):
    """The matches of a text, and which of them have a name or are related to one: so many that each other one need not
    be asked. Two hundred devices may be called `lamp`."""

    @functools.cached_property
    def by_name(self) -> dict[str, list[Match]]:
        """Matches by what they may be called in relations, see `_names`."""
        return self._by(_names)

    @functools.cached_property
    def by_object(self) -> dict[str, list[Match]]:
        """Matches by what they are related to, see `_objects`."""
        return self._by(_objects)

    def _by(self, called: Callable[[Entity], Iterable[str]]) -> dict[str, list[Match]]:
        found: dict[str, list[Match]] = {}
        for match in self:
            for name in called(match.entity):
                found.setdefault(name, []).append(match)
        return found

    @staticmethod
    def elsewhere(
        match: Match, known: Mapping[str, Sequence[Match]], names: Iterable[str]
    ) -> list[Match]:
        """Those of some names that do not overlap with a match."""
        return [
            other
            for name in names
            for other in known.get(name, ())
            if other.start >= match.end or other.end <= match.start
        ]


class EntityRelations:
    """The relations of the entities of a list. False where there are none.

    An entity has to do with another one directly, where that is the object of one of its relations; over a third
    entity; or against the direction, where it is the object itself.

    Args:
        entities: All entities of the list. They are looked at where that is asked for.
    """

    def __init__(self, entities: Sequence[Entity]) -> None:
        self._entities = entities
        self._any = any(entity.relations for entity in entities)
        self._around = functools.lru_cache(maxsize=4096)(self._find_around)

    def __bool__(self) -> bool:
        return self._any

    def named(self, matches: Sequence[Match]) -> Sequence[Match]:
        """Matches as `of` needs them to be fast; the same ones where there are no relations."""
        return NamedMatches(matches) if self and not isinstance(matches, NamedMatches) else matches

    def of(self, match: Match, matches: Sequence[Match]) -> tuple[float, list[Match], list[Match]]:
        """What a match has to do with what the text names elsewhere.

        Args:
            match: One of the matches.
            matches: Those of the text, as `named` gives them.

        Returns:
            The factor of its score in linking, 0 without relation; what it has to do with; and what it is directly
            related to.
        """
        if not isinstance(matches, NamedMatches):
            return 0.0, [], []
        near, far = self._around(match.entity)
        if direct := matches.elsewhere(match, matches.by_name, near):
            return RELATED[0], direct, direct
        indirect = [
            *matches.elsewhere(match, matches.by_name, far),
            *matches.elsewhere(match, matches.by_object, _names(match.entity)),
        ]
        return (RELATED[1], indirect, []) if indirect else (0.0, [], [])

    def between(self, entity: Entity, other: Entity) -> float:
        """The factor for an entity that has to do with another one, 0 without relation."""
        near, far = self._around(entity)
        names = _names(other)
        if not near.isdisjoint(names):
            return RELATED[0]
        indirect = not far.isdisjoint(names) or not _names(entity).isdisjoint(_objects(other))
        return RELATED[1] if indirect else 0.0

    def signs(self, matches: Sequence[Match]) -> list[int]:
        """Whether each match has to do with what the text names elsewhere, outside of the match's own words.

        Args:
            matches: What `Entities.match` finds in a text.

        Returns:
            For each match 1 where it has, −1 where its entity has relations, along or against their direction, and the
            text names nothing of it, and 0 where its entity has none.
        """
        if not self:
            return [0] * len(matches)
        matches = self.named(matches)
        return [self._sign(match, matches) for match in matches]

    def _sign(self, match: Match, matches: Sequence[Match]) -> int:
        if self.of(match, matches)[0]:
            return 1
        entity = match.entity
        return -1 if entity.relations or not self._all_objects.isdisjoint(_names(entity)) else 0

    def _find_around(self, entity: Entity) -> tuple[frozenset[str], frozenset[str]]:
        """What an entity is related to, and what these are related to."""
        near = _objects(entity)
        between = {id(other): other for name in near for other in self._called.get(name, ())}
        return near, frozenset(name for other in between.values() for name in _objects(other))

    @functools.cached_property
    def _called(self) -> dict[str, list[Entity]]:
        """Entities with relations, by what they are called."""
        called: dict[str, list[Entity]] = {}
        for entity in self._entities:
            if entity.relations:
                for name in _names(entity):
                    called.setdefault(name, []).append(entity)
        return called

    @functools.cached_property
    def _all_objects(self) -> frozenset[str]:
        """What anything is related to, as `_names` has it."""
        return frozenset(
            name for entity in self._entities if entity.relations for name in _objects(entity)
        )


@functools.lru_cache(maxsize=65536)
def _names(entity: Entity) -> frozenset[str]:
    """What an entity may be called in the relations of others: its names as they are compared, and its id."""
    keys = {key_of_name(name) for name in (entity.name, *entity.synonyms)}
    return frozenset({*keys, "\0" + entity.id})


@functools.lru_cache(maxsize=65536)
def _objects(entity: Entity) -> frozenset[str]:
    """What an entity is related to, as `_names` has it."""
    others = [other for _, other in entity.relations]
    return frozenset({*map(key_of_name, others), *("\0" + other for other in others)})
