"""Answers as `hassil.recognize` does, with a small model and the names of a house.

    python -m recipes.home_assistant.recognizer --model home_assistant_en --house house.yaml "turn of the desk lamp"

The model says what is meant and where the slots stand; the names of the house say which device, area or floor that is,
and the kind of the device decides between intents that the words leave open (`set it to 50 percent`).
"""

from __future__ import annotations

import dataclasses
import functools
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from pqrnn_tf.runtime.entities import Entities, Entity, Match
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.results import parse_outputs
from recipes.home_assistant.cases import Named
from recipes.home_assistant.knowledge import KEY, NOTHING, words_outside

KINDS = ("name", "area", "floor")
"""Slots that name something in the house; also the first type of each entity of a house."""
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_CLOSE = 6.0
"""An intent whose logit is lower than the best one by more than this is none that a device can decide for."""


@dataclasses.dataclass(frozen=True)
class Found:
    """The value of a slot.

    Attributes:
        name: The slot.
        value: The value: an entity's name, a number, the value of a list, or the words.
        text: The words; empty for what is meant and not said.
        start, end: Half-open range of code points; both 0 for what is not said.
        entity: What is meant in the house, where the slot names something in it.
    """

    name: str
    value: Any
    text: str = ""
    start: int = 0
    end: int = 0
    entity: Entity | None = None


@dataclasses.dataclass(frozen=True)
class Recognition:
    """What is understood of a request.

    Attributes:
        intent: The intent.
        slots: Values by slot.
        score: How probable the model's own parse is.
        text: The request.
    """

    intent: str
    slots: Mapping[str, Found]
    score: float
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "intent": self.intent,
            "slots": {name: found.value for name, found in self.slots.items()},
            "entities": {
                name: {"id": found.entity.id, "domain": found.entity.types[-1]}
                for name, found in self.slots.items()
                if found.entity is not None
            },
            "score": self.score,
        }


class Recognizer:
    """Recognises requests to a house.

    Args:
        model: A .tflite that `recipes.home_assistant` made, or a name of a published one.
        house: What has a name in the house: rows of `Entities.from_rows`, of which the first type is one of `KINDS` and
            the last one of a device its domain.

    Raises:
        FileNotFoundError, ModelFileError: as `Parser` does.
        ValueError: if the model is of something else.
    """

    def __init__(self, model: str | os.PathLike[str], house: Entities | Iterable[Any] = ()) -> None:
        self.parser = Parser(model)
        knowledge = self.parser.metadata.extra.get(KEY)
        if knowledge is None:
            raise ValueError(
                f"`model` must be made by recipes.home_assistant. Received: {os.fspath(model)!r}, whose description "
                f"has no {KEY!r}."
            )
        self.language = knowledge["language"]
        self._knowledge = knowledge
        self._uses: dict[tuple[str, str], list[tuple[str, frozenset[str]]]] = {}
        for use in knowledge["uses"]:
            entry = (use["list"], frozenset(use["domains"]))
            self._uses.setdefault((use["intent"], use["slot"]), []).append(entry)
        self._slots: dict[str, set[str]] = {}
        for intent, slot in self._uses:
            self._slots.setdefault(intent, set()).add(slot)
        self.house = house

    @property
    def house(self) -> Entities:
        """What has a name in the house; may be changed at any time."""
        return self._house

    @house.setter
    def house(self, house: Entities | Iterable[Any]) -> None:
        self._house = house if isinstance(house, Entities) else Entities.from_rows(house)

    def __call__(self, text: str) -> Recognition | None:
        """As `recognize`."""
        return self.recognize(text)

    def recognize(self, text: str) -> Recognition | None:
        """What is understood of a request.

        Args:
            text: The request.

        Returns:
            Intent and slots; `None` where the request is none to a house.

        Raises:
            TypeError: if `text` is no string.
        """
        outputs = self.parser.logits(text)
        parse = parse_outputs(text, outputs, self.parser.decoder)
        if not parse.intent:
            return None
        intent = parse.intent
        spans = [(slot.name, slot.start, slot.end) for slot in parse.slots]
        matches = self._house.match(text)
        named = self._named(intent, spans, matches)
        device = named.get("name")
        if device is not None and not self._may_be(intent, device.entity):
            other = self._intent_for(outputs["intent"], device.entity, spans)
            if other != intent:
                intent = other
                named = self._named(intent, spans, matches)
        return Recognition(intent, self._values(text, intent, spans, named), parse.score, text)

    def _lists_of(self, intent: str, slot: str) -> Sequence[tuple[str, frozenset[str]]]:
        return self._uses.get((intent, slot), ())

    def _kinds(self, intent: str) -> set[str]:
        """Slots of an intent that name something in the house."""
        return {
            kind for kind in KINDS if any(name == kind for name, _ in self._lists_of(intent, kind))
        }

    def _may_be(self, intent: str, entity: Entity) -> bool:
        """Whether an intent is one for a device of that domain."""
        every = [domains for name, domains in self._lists_of(intent, "name") if name == "name"]
        return any(not domains or entity.types[-1] in domains for domains in every)

    def _named(
        self, intent: str, spans: Sequence[tuple[str, int, int]], matches: Sequence[Match]
    ) -> dict[str, Match]:
        """The things in the house that a request names, by slot: of matches that share words the longest one."""
        kinds = self._kinds(intent)
        free = [(start, end) for name, start, end in spans if name not in kinds]
        said = {name for name, *_ in spans}
        chosen: dict[str, Match] = {}
        for match in self._by_fit(intent, spans, matches):
            kind = match.entity.types[0]
            if kind not in kinds or kind in chosen:
                continue
            if any(_overlap(match, other.start, other.end) for other in chosen.values()):
                continue
            if any(_overlap(match, start, end) for start, end in free):
                continue
            tagged = [name for name, start, end in spans if _overlap(match, start, end)]
            if not tagged and (kind == "name" or match.quality == "typing" or kind in said):
                continue
            chosen[kind] = match
        return chosen

    def _by_fit(
        self, intent: str, spans: Sequence[tuple[str, int, int]], matches: Sequence[Match]
    ) -> list[Match]:
        """Matches of the kind that the model says first; then the longest and the most exact."""

        def rank(match: Match) -> tuple[Any, ...]:
            kind = match.entity.types[0]
            agrees = any(name == kind and _overlap(match, start, end) for name, start, end in spans)
            fits = kind != "name" or self._may_be(intent, match.entity)
            return (match.start - match.end, match.errors, not agrees, not fits)

        return sorted(matches, key=rank)

    def _intent_for(
        self, logits: np.ndarray, entity: Entity, spans: Sequence[tuple[str, int, int]]
    ) -> str:
        """The likeliest intent for a device, which has the slots that are said."""
        intents = self.parser.labels.intents
        order = np.argsort(-logits)
        best = intents[order[0]]
        for place in order.tolist():
            if logits[place] < logits[order[0]] - _CLOSE:
                break
            if self._may_be(intents[place], entity):
                return intents[place]
        return best

    def _values(
        self,
        text: str,
        intent: str,
        spans: Sequence[tuple[str, int, int]],
        named: Mapping[str, Match],
    ) -> dict[str, Found]:
        found: dict[str, Found] = {}
        kinds = self._kinds(intent)
        taken = []
        for kind, match in named.items():
            found[kind] = Found(
                kind,
                match.entity.name,
                text[match.start : match.end],
                match.start,
                match.end,
                match.entity,
            )
            taken.append((match.start, match.end))
        device = named.get("name")
        domain = device.entity.types[-1] if device is not None else ""
        for name, start, end in spans:
            covered = any(start < last and first < end for first, last in taken)
            if name in found or (name in kinds and covered):
                continue
            words = text[start:end]
            value = self._value(intent, name, words, domain)
            found[name] = Found(name, value, words, start, end)
        outside = [*taken, *((start, end) for _, start, end in spans)]
        for key, value in self._facts(text, intent, found, outside).items():
            found.setdefault(key, Found(key, value))
        return found

    def _value(self, intent: str, slot: str, words: str, domain: str) -> Any:
        """The value of the words of a slot; the words where no list has them."""
        uses = sorted(self._lists_of(intent, slot), key=lambda use: domain not in use[1])
        plain = _plain(words)
        for name, _ in uses:
            values = self._list_values(name)
            if plain in values:
                return values[plain]
        for name, _ in uses:
            if "range" in self._knowledge["lists"].get(name, {}):
                number = self._number(words)
                if number is not None:
                    return self._scaled(name, number)
        for name, _ in uses:
            values = self._list_values(name)
            close = _entities_of(tuple(values)).match(words) if values else []
            if close:
                return values[close[0].entity.name]
        return words

    @functools.cache  # noqa: B019
    def _list_values(self, name: str) -> Mapping[str, Any]:
        values = self._knowledge["lists"].get(name, {}).get("values", {})
        return {_plain(text): value for text, value in values.items()}

    def _scaled(self, name: str, number: float) -> float | int:
        number *= self._knowledge["lists"][name].get("multiplier", 1)
        return int(number) if number == int(number) else number

    def _number(self, words: str) -> float | None:
        """A number in digits or in words."""
        digits = _NUMBER.search(unicodedata.normalize("NFKC", words))
        if digits:
            return float(digits.group().replace(",", "."))
        return number_words(self.language).get(_joined(words))

    def _facts(
        self,
        text: str,
        intent: str,
        found: Mapping[str, Found],
        spans: Sequence[tuple[int, int]],
    ) -> dict[str, Any]:
        """What is meant and not said in one place."""
        facts: dict[str, Any] = {}
        said = ",".join(sorted(found))
        for key, own in self._knowledge["facts"].get(intent, {}).items():
            weights = own.get(said)
            if weights is None:
                continue
            words = {NOTHING, *words_outside(text, spans)}
            best = max(
                weights, key=lambda fact: sum(weights[fact].get(word, 0.0) for word in words)
            )
            if best != NOTHING:
                facts[key] = best
        return facts


def house_of(things: Iterable[Named]) -> Entities:
    """The names of a house as entities: the first type says which slot they fill, the last one the domain.

    Several names of one thing are synonyms. An `id` that things of several kinds have is told with its kind.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    kinds: dict[str, str] = {}
    for thing in things:
        kind = kinds.setdefault(thing.id, thing.kind)
        own = thing.id if kind == thing.kind else f"{thing.kind}.{thing.id}"
        row = rows.setdefault(
            (thing.kind, thing.id),
            {
                "name": thing.name,
                "id": own,
                "types": [thing.kind, *([thing.domain] if thing.domain else [])],
                "synonyms": [],
            },
        )
        if thing.name != row["name"]:
            row["synonyms"].append(thing.name)
    return Entities.from_rows(rows.values())


@functools.lru_cache(256)
def _entities_of(names: tuple[str, ...]) -> Entities:
    return Entities.from_rows(names)


@functools.cache
def number_words(language: str) -> Mapping[str, float]:
    """Numbers by how they are written in words, without spaces; empty where `unicode-rbnf` is not installed."""
    try:
        from hassil.numbers import get_rbnf_engine

        engine = get_rbnf_engine(language)
    except (ImportError, ValueError):
        return {}
    known: dict[str, float] = {}
    numbers = [*range(101), *(i + 0.5 for i in range(100)), *range(200, 10001, 100)]
    for number in numbers:
        for written in engine.format_number(number).text_by_ruleset.values():
            known.setdefault(_joined(written), number)
    return known


def _joined(words: str) -> str:
    return re.sub(r"[\s\u00ad\u200b-]+", "", words).casefold()


def _plain(words: str) -> str:
    return " ".join(words.split()).casefold()


def _overlap(match: Match, start: int, end: int) -> bool:
    return match.start < end and start < match.end
