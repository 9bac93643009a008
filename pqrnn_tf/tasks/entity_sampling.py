"""What a model is told of names in training: lists of known ones, of unknown ones, empty and wrong ones.

A model that is told of names must not trust them blindly: lists lack names, and hold names that are words of the text
("may" the month). So each row of a pass is told of another list, which holds some of its names and some of others.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Container, Iterable, Sequence

import numpy as np

from pqrnn_tf.datasets.making.augmentation import substitute_slot_values
from pqrnn_tf.datasets.making.chance import number, pick
from pqrnn_tf.datasets.making.forms.invented import (
    capitalised,
    invented_name,
    invented_word,
    random_script,
)
from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_features import EntityFeatures
from pqrnn_tf.runtime.entity_files import Entity
from pqrnn_tf.runtime.entity_matches import EXACT, Match
from pqrnn_tf.runtime.entity_relations import EntityRelations
from pqrnn_tf.runtime.entity_words import words_of
from pqrnn_tf.runtime.trees import Tree, tree_words
from pqrnn_tf.tasks.pipeline import Augmentation

REPLACED = 0.6
"""Probability that the value of a slot of names is another name."""
INVENTED = 0.7
"""Share of made-up names among these; the others are values that training has."""
NOTHING_KNOWN = 0.2
"""Share of rows that are told of no list."""
LACKING = 0.15
"""Share of rows whose list has none of the row's names."""
KNOWN = 0.95
"""Probability that another row's list has a name of the row."""
DISTRACTORS = ((0.35, 0.0), (0.3, 0.1), (0.2, 0.4), (0.15, 1.0))
"""Shares of rows, and the probability that a list then has a name that the row does not mean."""
WITHOUT_TYPE = 0.1
"""Share of rows whose list says no types."""
RELATIONS = 0.7
"""Share of lists with relations, where the model is told of them; the others have none."""
OTHER_ENTRY = 0.7
"""Share of these that have an entry of no type of the model for words that are no name of the row, such as a room."""
RELATED_MEANT, APART_MEANT = 0.6, 0.25
"""Probabilities that a name which the row means has to do with another name or that entry, and that it has only to do
with what the row does not name. The others have no relations; so has one that could have to do with nothing."""
RELATED_FALSE, APART_FALSE = 0.1, 0.6
"""The same for a name that the row does not mean: lists say true things that do not help."""
COMMON = 5
"""A value whose words all stand more often than this outside of slots of names is no name."""
MADE_UP_NAMES, FALSE_NAMES = 3000, 2500
"""Made-up names, and names made of words of the rows, that lists are drawn from."""


class EntitySampling:
    """Draws what the rows of a training are told of names; decided by seed, pass and row.

    Args:
        features: What the model takes.
        rows: Training rows; the values of `features.slots` are names.
        seed: Another seed draws otherwise.
        names: Entities whose names stand in slots of their types too, as those of the rows do.

    Raises:
        ValueError: if no row has a slot of names, or no entity has one of the types.
    """

    def __init__(
        self,
        features: EntityFeatures,
        rows: Sequence[Example],
        *,
        seed: int,
        names: Iterable[Entity] = (),
    ) -> None:
        self.features = features
        self._seed = seed
        self._type_of = dict(features.slots)
        rng = random.Random(f"{seed} entities")
        outside = _words_outside(rows, self._type_of)
        known: dict[str, dict[str, None]] = {kind: {} for kind in features.types}
        for row in rows:
            for slot in row.slots or ():
                if slot.name in self._type_of and len(slot.spans) == 1:
                    value = row.text[slot.start : slot.end].strip()
                    words = [word.text.lower() for word in words_of(value)[0]]
                    if any(outside[word] <= COMMON for word in words):  # not such as "me"
                        known[self._type_of[slot.name]].setdefault(value)
        if not any(known.values()):
            raise ValueError(
                f"Rows must have slots of names, {sorted(self._type_of)}. Received: none in {len(rows)} rows."
            )
        _add_names(known, names)
        vocabulary = _vocabulary(rows)
        made_up = {kind: [] for kind in features.types}  # type: dict[str, list[str]]
        for _ in range(MADE_UP_NAMES):
            made_up[pick(rng, features.types)].append(_made_up_name(rng, vocabulary))
        false = [
            (" ".join(pick(rng, vocabulary) for _ in range(number(rng, 1, 2))), kind)
            for kind in (pick(rng, features.types) for _ in range(FALSE_NAMES))
        ]
        self._values = _NameValues(
            self._type_of, {kind: tuple(own) for kind, own in known.items()}, made_up
        )
        named = [(name, kind) for kind, own in known.items() for name in (*own, *made_up[kind])]
        self._entities = Entities.from_rows(
            {"name": name, "type": kind} for name, kind in (*named, *false) if name
        )

    @property
    def width(self) -> int:
        """Features of a token."""
        return self.features.width

    def replaced(self, rows: Sequence[Example], epoch: int) -> list[Example]:
        """The rows with other names in the place of some, known and made-up ones."""
        seed = self._seed * 100_003 + epoch
        return substitute_slot_values(rows, seed=seed, probability=REPLACED, values=self._values)

    def __call__(
        self, example: Example, spans: Sequence[tuple[int, int]], epoch: int
    ) -> np.ndarray:
        """The features of a row in a pass, int8 `(len(spans), width)`."""
        rng = random.Random(f"{self._seed}-{epoch}-{example.text}")
        kind = rng.random()
        if kind < NOTHING_KNOWN:
            return np.zeros((len(spans), self.width), np.int8)
        known = 0.0 if kind < NOTHING_KNOWN + LACKING else KNOWN
        rate, share = rng.random(), 0.0
        for part, own in DISTRACTORS:
            share = own
            rate -= part
            if rate < 0:
                break
        meant = {
            (slot.start, slot.end, self._type_of[slot.name])
            for slot in example.slots or ()
            if slot.name in self._type_of
        }
        kept = [
            match
            for match in self._entities.match(example.text)
            if rng.random() < (known if self._is_meant(match, meant) else share)
        ]
        are_meant = [self._is_meant(match, meant) for match in kept]
        if rng.random() < WITHOUT_TYPE:
            kept = [match._replace(entity=match.entity._replace(types=())) for match in kept]
        if not self.features.related:
            return self.features.of(kept, spans)
        if rng.random() < RELATIONS:
            places = {(start, end) for start, end, _ in meant}
            kept = _with_relations(rng, example, kept, are_meant, places)
        relations = EntityRelations([match.entity for match in kept])
        return self.features.of(kept, spans, relations)

    @staticmethod
    def _is_meant(match: Match, meant: set[tuple[int, int, str]]) -> bool:
        return any((match.start, match.end, kind) in meant for kind in match.entity.types)


def _with_relations(
    rng: random.Random,
    example: Example,
    kept: Sequence[Match],
    are_meant: Sequence[bool],
    meant: set[tuple[int, int]],
) -> list[Match]:
    """Matches of a row whose entities have relations, drawn, and perhaps that of one more entry.

    Args:
        rng: Draws.
        example: The row.
        kept: What the row is told of, the longest first.
        are_meant: Which of these the row means.
        meant: Where names stand that the row means, known or not.
    """
    entry = _other_entry(rng, example, meant) if rng.random() < OTHER_ENTRY else None
    named = [match for match, is_meant in zip(kept, are_meant, strict=True) if is_meant]
    drawn: dict[Entity, Entity] = {}  # an entity has the same relations wherever it stands
    for match, is_meant in zip(kept, are_meant, strict=True):
        if match.entity in drawn:
            continue
        others = [
            other
            for other in (*named, *([entry] if entry else ()))
            if other.start >= match.end or other.end <= match.start
        ]
        related, apart = (RELATED_MEANT, APART_MEANT) if is_meant else (RELATED_FALSE, APART_FALSE)
        share, relations = rng.random(), match.entity.relations
        if share < related:
            relations = (("has", pick(rng, others).entity.id),) if others else ()
        elif share < related + apart:
            relations = (("has", _ELSEWHERE),)
        drawn[match.entity] = match.entity._replace(relations=relations)
    found = [match._replace(entity=drawn[match.entity]) for match in kept]
    if entry is None:
        return found
    # Behind the longer ones: a longer name counts first.
    place = sum(match.end - match.start >= entry.end - entry.start for match in found)
    return [*found[:place], entry, *found[place:]]


_ELSEWHERE = "what no row names"


def _other_entry(rng: random.Random, example: Example, meant: set[tuple[int, int]]) -> Match | None:
    """An entry of no type for words of a row that are no name of it: another slot's or any; `None` without any."""
    slots = [(slot.start, slot.end) for slot in example.slots or () if len(slot.spans) == 1]
    words = [(word.start, word.end) for word in words_of(example.text)[0]]
    for places in (slots, words) if rng.random() < 0.5 else (words,):
        free = [
            (start, end)
            for start, end in places
            if start < end and all(end <= first or start >= last for first, last in meant)
        ]
        if free:
            start, end = pick(rng, free)
            name = example.text[start:end]
            return Match(start, end, Entity(name, f"{start} {name}"), EXACT, 0)
    return None


def told_of_names(
    features: EntityFeatures,
    rows: Sequence[Example],
    augment: Augmentation | None,
    *,
    seed: int,
    names: Iterable[Entity] = (),
) -> tuple[Augmentation, EntitySampling]:
    """What makes the rows of a pass, with other names in them, and what these are told of.

    Args:
        features, rows, seed, names: As in `EntitySampling`.
        augment: What else is done to the rows, with the names that they have then.

    Raises:
        ValueError: as `EntitySampling` does.
    """
    sampling = EntitySampling(features, rows, seed=seed, names=names)

    def with_names(own: Sequence[Example], epoch: int) -> Sequence[Example]:
        replaced = sampling.replaced(own, epoch)
        return augment(replaced, epoch) if augment else replaced

    return with_names, sampling


def _add_names(known: dict[str, dict[str, None]], names: Iterable[Entity]) -> None:
    """Adds the names of entities to those of their types."""
    given, used = 0, 0
    for entity in names:
        given += 1
        for kind in entity.types:
            if kind in known:
                used += 1
                known[kind].update(dict.fromkeys((entity.name, *entity.synonyms)))
    if given and not used:
        raise ValueError(
            f"`names` must have entities of the types {sorted(known)}. Received: {given} of others or of none."
        )


class _NameValues:
    """Names that may stand in the place of others, as `substitute_slot_values` asks for them."""

    def __init__(
        self,
        type_of: dict[str, str],
        known: dict[str, tuple[str, ...]],
        made_up: dict[str, list[str]],
    ) -> None:
        self._of_slot = {}
        for slot, kind in type_of.items():
            own, other = known[kind], made_up[kind]
            # As many of each as makes the shares right.
            times = max(1, round(INVENTED / (1 - INVENTED) * len(own) / max(1, len(other))))
            values = [*own, *(other * times)]
            self._of_slot[slot] = [(value, tuple(tree_words(value))) for value in values]

    def candidates(
        self, example: Example, slot: SlotSpan, node: Tree | None = None
    ) -> Sequence[tuple[str, tuple[Tree | str, ...]]]:
        """Names for a slot; none for a slot of other things."""
        return self._of_slot.get(slot.name, ())


def _words_outside(rows: Iterable[Example], slots: Container[str]) -> Counter[str]:
    """How often words stand outside of some slots, in lower case."""
    counts: Counter[str] = Counter()
    for row in rows:
        inside = [(s.start, s.end) for s in row.slots or () if s.name in slots]
        for word in words_of(row.text)[0]:
            if not any(start <= word.start < end for start, end in inside):
                counts[word.text.lower()] += 1
    return counts


def _vocabulary(rows: Iterable[Example]) -> list[str]:
    """Words of rows, each once."""
    words = {word.text.lower() for row in rows for word in words_of(row.text)[0]}
    return sorted(word for word in words if word.isalpha())


def _made_up_name(rng: random.Random, vocabulary: Sequence[str]) -> str:
    kind = rng.random()
    capital = rng.random() < 0.7
    if kind < 0.2:
        return random_script(rng, number(rng, 1, 2))
    if kind < 0.65:
        return invented_name(rng, "en", capital=capital)
    words = [pick(rng, vocabulary) for _ in range(number(rng, 1, 3))]
    if rng.random() < 0.4:
        words[number(rng, 0, len(words) - 1)] = invented_word(rng, "en")
    return " ".join(capitalised(word) if capital else word for word in words)
