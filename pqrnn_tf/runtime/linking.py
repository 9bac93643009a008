"""Which entity a slot means: by match, type, and what entities have to do with each other. Standard library only."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Collection, Iterable, Mapping, Sequence

from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_matches import EXACT, FOLDED, INFLECTED, TYPING, Candidate, Match
from pqrnn_tf.runtime.entity_vectors import EntityVectors
from pqrnn_tf.runtime.folding import FOLDED as VERSION
from pqrnn_tf.runtime.labels import LabelSet, nested_steps
from pqrnn_tf.runtime.results import NestedIntent, Parse, Slot
from pqrnn_tf.runtime.unicode_table import ALONE, DIGIT, LETTER, load_unicode_table

EntityTypes = Mapping[str, "str | Sequence[str]"]
"""The types of entities that slots take, by the slot's name."""

AGREEMENT = {EXACT: 1.0, FOLDED: 0.98, INFLECTED: 0.9, TYPING: 0.8}
"""Factor of the score for the quality of a match."""
FURTHER_ERROR = 0.85
"""Factor for the second typing error."""
OTHER_NAME = 0.9
"""Factor for a type whose name is not in that of the slot, where the slot's types are not given."""
UNRELATED = 0.7
"""Factor for one that has not, where other candidates have."""
BY_VECTORS = 0.9
"""Factor for an entity that has to do with another one by vectors only: what triples say is surer."""
STRONGEST = 0.8
"""Weight of the name that a candidate is nearest to; the mean over all names elsewhere has the rest."""
NEAR = 0.1
"""Relatedness by vectors from which on an entity in the text is what a candidate is told from others by."""
LEAST_COVERED = 0.3
"""What a name has to cover of a slot whose types are not given."""
MOST = 10
"""Candidates that a slot has at most."""


def types_by_slot(types: EntityTypes) -> dict[str, frozenset[str]]:
    """The types that each slot takes, as sets.

    Raises:
        TypeError: if it is no mapping from slots to texts or several.
    """
    if not isinstance(types, Mapping):
        raise TypeError(
            f"`entity_types` must be a mapping from slots to types. Received: {type(types).__name__}."
        )
    found = {}
    for slot, own in types.items():
        several = [own] if isinstance(own, str) else own
        if (
            not isinstance(several, Collection)
            or isinstance(several, Mapping)
            or not all(isinstance(kind, str) and kind for kind in several)
        ):
            raise TypeError(
                f"`entity_types` must give each slot a type or several, which are texts. Received: {own!r:.60} for "
                f"{slot!r}."
            )
        found[slot] = frozenset(several)
    return found


def nested_slot_names(labels: LabelSet) -> set[str]:
    """Names of the slots of intents inside slots."""
    return {step.slot for tag in labels.nested for step in nested_steps(tag)}


class Linker:
    """Finds the entities that the slots of a parse mean.

    The score of a candidate is a product:

    *   the share of the slot's letters and digits that the name covers, with the names in the slot that the entity is
        related to;
    *   how well the name agrees (`AGREEMENT`, `FURTHER_ERROR`);
    *   1 where a word of its type is one of the slot's name (`artist`, `MUSIC_ARTIST_NAME`) or the slot's types are
        given, else `OTHER_NAME`, as for an entity without a type. Entities of other types than those given are no
        candidates;
    *   where a candidate is related to an entity that the text names elsewhere, `RELATED` for it and `UNRELATED` for
        candidates that are not. Entities with vectors are related more or less: the candidate that is nearest to all
        that the text names elsewhere keeps its score, and another one loses the more the farther it is, down to
        `UNRELATED`.

    Args:
        entities: What slots may mean.
        types: The types that slots take; those of other slots are not given.

    Raises:
        TypeError: as `types_by_slot` does.

    Example:
    ```python
    parse = Linker(entities, {"CONTACT": "contact"})(parser("call anna"))
    parse.slots[0].entity.id
    ```
    """

    def __init__(self, entities: Entities, types: EntityTypes | None = None) -> None:
        self.entities = entities
        self._types = types_by_slot({} if types is None else types)
        self._relations = entities.relations

    def __call__(self, parse: Parse, matches: Sequence[Match] | None = None) -> Parse:
        """The parse with the candidates of its slots and of those of its alternatives.

        Args:
            parse: A parse.
            matches: Those of its text, if they are known.
        """
        if matches is None:
            matches = self.match(parse.text)
        return self._linked(parse, self._relations.named(matches))

    def match(self, text: str) -> Sequence[Match]:
        """What `Entities.match` finds in a text, prepared for linking."""
        return self._relations.named(self.entities.match(text))

    def _linked(self, parse: Parse, matches: Sequence[Match]) -> Parse:
        return dataclasses.replace(
            parse,
            slots=self._slots(parse.text, parse.slots, matches),
            alternatives=tuple([self._linked(other, matches) for other in parse.alternatives]),
        )

    def _slots(
        self, text: str, slots: Iterable[Slot], matches: Sequence[Match]
    ) -> tuple[Slot, ...]:
        linked = []
        for slot in slots:
            nested = slot.nested
            if nested is not None:
                nested = NestedIntent(nested.intent, self._slots(text, nested.slots, matches))
            candidates = tuple(self.candidates(text, slot, matches))
            linked.append(dataclasses.replace(slot, nested=nested, candidates=candidates))
        return tuple(linked)

    def candidates(self, text: str, slot: Slot, matches: Sequence[Match]) -> list[Candidate]:
        """The entities that a slot may mean, the best first.

        Args:
            text: The caller's text.
            slot: A slot of it.
            matches: What `Entities.match` finds in the text.
        """
        inside = [m for m in matches if m.start < slot.end and m.end > slot.start]
        if not inside:
            return []
        matches = self._relations.named(matches)
        given = self._types.get(slot.name)
        letters = _letters(text, slot.start, slot.end)
        least = LEAST_COVERED if given is None else 0.0
        found: list[tuple[float, Match]] = []
        near: dict[int, float] = {}  # factors of candidates that are related to something
        strengths: dict[int, float] = {}
        context: dict[tuple[int, int], None] = {}
        vectors = self.entities.vectors
        for match in inside:
            types = match.entity.types
            if given is not None and types and given.isdisjoint(types):
                continue
            factor, others, nearest = self._relations.of(match, matches)
            covered = {
                place
                for own in (match, *nearest)
                for place in range(max(own.start, slot.start), min(own.end, slot.end))
                if _is_letter_or_digit(text[place])
            }
            beyond = sum(
                _is_letter_or_digit(text[place])
                for place in range(match.start, match.end)
                if not slot.start <= place < slot.end
            )
            share = len(covered) / max(1, letters + beyond)
            if share < least:
                continue
            inner = [own for own in nearest if own.start < slot.end and own.end > slot.start]
            score = share * min(map(_agreement, (match, *inner)))
            if (given is None or not types) and not _has_name(slot.name, types):
                score *= OTHER_NAME
            if vectors is not None:
                strength, others = self._strength(vectors, match, matches)
                if strength is not None:
                    strengths[len(found)] = strength
                context.update(dict.fromkeys((other.start, other.end) for other in others))
            elif factor:
                near[len(found)] = factor
                context.update(dict.fromkeys((other.start, other.end) for other in others))
            found.append((score, match))
        strongest = max(strengths.values(), default=0.0)
        for i, strength in strengths.items():
            near[i] = 1.0 - (1.0 - UNRELATED) * (strongest - strength)
        for i, (score, match) in enumerate(found):
            # What names the context itself, as "kitchen lamp" does the kitchen, has no need of it.
            if context and not any(a < match.end and b > match.start for a, b in context):
                score *= near.get(i, UNRELATED)
            found[i] = score, match
        found.sort(key=lambda entry: -entry[0])  # equal ones stay in the order of matches
        candidates: dict[int, Candidate] = {}
        for score, match in found:
            candidates.setdefault(
                id(match.entity),
                Candidate(match.entity, round(score, 4), match.quality, match.start, match.end),
            )
        return list(candidates.values())[:MOST]

    def _strength(
        self, vectors: EntityVectors, match: Match, matches: Sequence[Match]
    ) -> tuple[float | None, list[Match]]:
        """How much a match has to do with all that the text names elsewhere, by relations and vectors.

        Returns:
            How near it is to the longest names elsewhere, to each by the entity of that name that is nearest: the
            strongest of them and a little of their mean, `None` without any; and the matches that it is near to.
        """
        spans: dict[tuple[int, int], None] = {}
        others: list[Match] = []
        for other in matches:  # the longest first
            span = other.start, other.end
            if other.start < match.end and other.end > match.start:
                continue
            if not any(a <= span[0] and span[1] <= b and (a, b) != span for a, b in spans):
                spans[span] = None
                others.append(other)
        strengths = [self._relations.between(match.entity, other.entity) for other in others]
        unknown = [place for place, strength in enumerate(strengths) if not strength]
        if unknown:
            numbers = [self._numbers[id(others[place].entity)] for place in unknown]
            related = vectors.relatedness_to(self._numbers[id(match.entity)], numbers)
            for place, one in zip(unknown, related, strict=True):
                strengths[place] = BY_VECTORS * one
        mentions: dict[tuple[int, int], float] = {}
        context: list[Match] = []
        for other, strength in zip(others, strengths, strict=True):
            if strength >= NEAR:
                context.append(other)
            span = other.start, other.end
            mentions[span] = max(mentions.get(span, 0.0), strength * _agreement(other))
        if not mentions:
            return None, []
        strongest, mean = max(mentions.values()), sum(mentions.values()) / len(mentions)
        return STRONGEST * strongest + (1.0 - STRONGEST) * mean, context

    @functools.cached_property
    def _numbers(self) -> dict[int, int]:
        """Numbers of the entities in the list, by their identity."""
        return {id(entity): number for number, entity in enumerate(self.entities)}


def _agreement(match: Match) -> float:
    return AGREEMENT[match.quality] * FURTHER_ERROR ** max(0, match.errors - 1)


def _letters(text: str, start: int, end: int) -> int:
    return sum(map(_is_letter_or_digit, text[start:end]))


@functools.lru_cache(maxsize=65536)
def _is_letter_or_digit(character: str) -> bool:
    """By the table of the projection, which is the same for every version of Python and in other languages."""
    kind = load_unicode_table(VERSION).character_class(ord(character))
    return kind in (LETTER, DIGIT, ALONE)


@functools.lru_cache(maxsize=4096)
def _has_name(slot: str, types: tuple[str, ...]) -> bool:
    """Whether a type's words are among those of a slot's name."""
    words = set(slot.lower().replace("-", "_").split("_"))
    return any(words.issuperset(kind.lower().replace("-", "_").split("_")) for kind in types)
