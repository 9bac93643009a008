"""Triples beside a list of entities: what entities have to do with each other. Standard library only."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from pqrnn_tf.runtime.entity_files import IS_A, Entity, EntityError, Place, triple_of
from pqrnn_tf.runtime.entity_words import key_of_name


class Names:
    """Finds entities by what others call them: by their ids, else by their names as matching compares them.

    Args:
        entities: The entities.
    """

    def __init__(self, entities: Sequence[Entity]) -> None:
        self._of_id: dict[str, list[int]] = {}
        self._of_name: dict[str, list[int]] = {}
        for number, entity in enumerate(entities):
            self._of_id.setdefault(entity.id, []).append(number)
            for name in dict.fromkeys(map(key_of_name, (entity.name, *entity.synonyms))):
                self._of_name.setdefault(name, []).append(number)

    def find(self, called: str) -> list[int]:
        """The numbers of the entities that are called so, none of a text that is no entity."""
        return self._of_id.get(called) or self._of_name.get(key_of_name(called)) or []


def with_triples(entities: Sequence[Entity], triples: Iterable[tuple[Any, Place]]) -> list[Entity]:
    """Entities that have triples among their relations, and the objects of `IS_A` among their types.

    Args:
        entities: The entities of a list.
        triples: Triples as `triple_of` takes them, and where each stands. They may make circles, and one that is said
            twice counts once.

    Raises:
        EntityError: if one is no triple, or its subject is no entity or more than one.
    """
    told = iter(triples)
    if (first := next(told, None)) is None:  # an index of a million names takes its time
        return [
            entity._replace(relations=tuple(dict.fromkeys(entity.relations)))
            if len(entity.relations) > 1
            else entity
            for entity in entities
        ]
    names = Names(entities)
    types: dict[int, list[str]] = {}
    relations: dict[int, list[tuple[str, str]]] = {}
    for row, place in itertools.chain([first], told):
        subject, relation, other = triple_of(row, place)
        found = names.find(subject)
        if len(found) != 1:
            raise EntityError(
                f"{place}: the subject of a triple must be the id or the name of one entity. Received: {subject!r}, "
                + (
                    f"the name of {len(found)}. Write the id of one of them."
                    if found
                    else "which is in no list. Add it to the list, or correct the name."
                )
            )
        if relation == IS_A:
            types.setdefault(found[0], []).append(other)
        else:
            relations.setdefault(found[0], []).append((relation, other))
    return [
        entity._replace(
            types=tuple(dict.fromkeys((*entity.types, *types.get(number, ())))),
            relations=tuple(dict.fromkeys((*entity.relations, *relations.get(number, ())))),
        )
        for number, entity in enumerate(entities)
    ]
