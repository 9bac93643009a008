"""Answers as `hassil.recognize` does, with a small model and the names of a house.

    python -m recipes.home_assistant.recognizer --model home_assistant_en --house house.yaml "turn of the desk lamp"

The model says what is meant and where the slots stand; the names of the house say which device, area or floor that is,
and the kind of the device decides between intents that the words leave open (`set it to 50 percent`). Names are found
before the model reads the request, and it reads names that it knows well in their place.

A house is a file of entities (docs/entities.md) with types `[name, DOMAIN]` for devices, `area` and `floor`:

    - {name: Desk Lamp, id: light.desk, types: [name, light]}
    - {name: Attic, id: attic, type: area}
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.datasets.words import cuts_word
from pqrnn_tf.runtime.decoding import DecodedParse, Decoder
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_files import Entity, EntityError
from pqrnn_tf.runtime.entity_matches import EXACT, FOLDED, INFLECTED, TYPING, Match
from pqrnn_tf.runtime.entity_words import key_of
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.results import decode_outputs
from recipes.home_assistant.cases import Named
from recipes.home_assistant.knowledge import (
    BEFORE_PLACES,
    DURATIONS,
    KEY,
    LIST,
    NOTHING,
    OPPOSITE,
    START,
    UNITS,
    WORD,
    without_link,
    words_outside,
)
from recipes.home_assistant.names import NEVER_LAST
from recipes.home_assistant.opposites import OPPOSITES, decide, meant_by, sentences_by_kind
from recipes.home_assistant.said_acts import intent_said
from recipes.home_assistant.said_kinds import kinds_said

KINDS = ("name", "area", "floor")
"""Slots that name something in the house; also the first type of each entity of a house."""
_PLACES = ("area", "floor")
_NUMBER = re.compile(r"(?:(?<!\w)[-\u2212])?\d+(?:[.,]\d+)?")
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"\w+")
_CLASS = "device_class"
_OF_DEVICES = ("device_class", "domain", "state")
_LEAST_REST = 3
"""Letters of a part of a compound at least."""
_TELLING = 1.5
"""Weight from which on a word speaks for a fact."""
_NEARLY = 2.5
"""So much below the threshold a request is none that is rejected, where it names something in the house."""
_OTHERS = 8
"""So many of the next best parses are asked for one whose slots some sentence has together."""
_NEVER = -1e4
"""Logit of an intent that is not asked for."""
_STRANGE = 3.0
"""So much less is the logit of a tag of a name where the house has no such name."""
_SURE = 0.9
"""Score from which on a parse is not doubted for what stands around the request."""
_SURER = 0.1
"""So much higher at least is the score without a phrase around the request, where there is one."""
_CERTAIN = 0.8
"""Score at least without a phrase around it of a request that is rejected with it."""
_AROUND = 7
"""So many words before a request, and after it, may be a phrase around it."""
_CLOSE = 6.0
"""An intent whose logit is lower than the best one by more than this is none that a device can decide for."""
_CLOSER = 2.5
"""An intent whose logit is lower by more than this is none that slots which no sentence has together can decide for."""
_TO_UNIT = 3
"""So many words at most stand between a number and the word that says what it counts: `half an hour`."""
_WITHOUT_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


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


@dataclasses.dataclass(frozen=True)
class _Named:
    """Words of a request that name something in the house.

    Attributes:
        start, end: Half-open range in the request.
        matches: What they may name, the best first.
        common: Whether they are words that templates have, such as `light`, and may mean something else.
    """

    start: int
    end: int
    matches: tuple[Match, ...]
    common: bool

    @property
    def kinds(self) -> set[str]:
        """The slots that they may fill."""
        return {match.entity.types[0] for match in self.matches}


@dataclasses.dataclass(frozen=True)
class _Reading:
    """A request as the model reads it.

    Attributes:
        text: What it reads.
        edits: `(start, end)` of each part that was replaced, in the request and in `text`.
        outputs: What it says of it.
        tokens: Where its tokens stand in `text`.
        parse: The best parse.
    """

    text: str
    edits: Sequence[tuple[int, int, int, int]]
    outputs: Mapping[str, np.ndarray]
    tokens: Sequence[tuple[int, int]]
    parse: DecodedParse

    @property
    def intent(self) -> str:
        """The intent of the best parse; empty where there is none or it is rejected."""
        return "" if self.parse.rejected else self.parse.intent

    @property
    def score(self) -> float:
        """The score of the best parse."""
        return round(self.parse.score, 6)

    def parsed(
        self, decoder: Decoder, *, intent: np.ndarray | None = None, count: int = 0
    ) -> DecodedParse:
        """The best parse with some alternatives, and with other logits of intents where they are given."""
        outputs = self.outputs if intent is None else {**self.outputs, "intent": intent}
        return decode_outputs(outputs, decoder, text=self.text, alternatives=count)[1]

    def spans_of(self, parse: DecodedParse) -> list[tuple[str, int, int]]:
        """The slots of a parse with their places in the request; punctuation by itself is none."""
        found = []
        for slot in parse.slots:
            start, end = (
                self.tokens[slot.ranges[0][0]][0],
                self.tokens[slot.ranges[-1][1] - 1][1],
            )
            if _WORD.search(self.text, start, end):
                found.append((slot.name, *_moved_back(self.edits, start, end)))
        return found


class Recognizer:
    """Recognises requests to a house.

    Names of the house are found in the request first, and the model reads a request in which names that it knows well
    stand in their place; so it does not matter how strange a name is. It reads words with one typing error as the words
    of templates that they are likeliest to be.

    Args:
        model: A .tflite that `recipes.home_assistant` made, or a name of a published one.
        house: What has a name in the house: rows of `Entities.from_rows`, of which the first type is one of `KINDS` and
            the last one of a device its domain.

    Raises:
        FileNotFoundError, ModelFileError: as `Parser` does.
        ValueError: if the model is of something else.
        EntityError: if the first type of an entity of the house is none of `KINDS`.
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
        self._slots_of: dict[str, list[str]] = {}
        for intent, slot in sorted(self._uses):
            self._slots_of.setdefault(intent, []).append(slot)
        self._kinds = {
            intent: frozenset(
                kind
                for kind in KINDS
                if any(name == kind for name, _ in self._uses.get((intent, kind), ()))
            )
            for intent in self.parser.labels.intents
        }
        self._values = {
            name: {_plain(text): value for text, value in own.get("values", {}).items()}
            for name, own in knowledge["lists"].items()
        }
        self._together = {
            intent: frozenset(frozenset(filter(None, one.split(","))) for one in own)
            for intent, own in knowledge["said"].items()
        }
        self._in_order = {intent: sorted(own, key=sorted) for intent, own in self._together.items()}
        self._common = _common_words(knowledge)
        self._plain_words = frozenset(knowledge["words"])
        self._letters = frozenset(
            map(_letters, (*knowledge["words"], *knowledge.get("short_words", ())))
        )
        self._endings = {kind: frozenset(own) for kind, own in knowledge.get("endings", {}).items()}
        self._opposites = sentences_by_kind(knowledge.get(OPPOSITE, {}))
        every = [words for own in self._opposites.values() for words in own.values()]
        self._deciding = frozenset(itertools.chain.from_iterable(itertools.chain(*every)))
        before = sorted(knowledge.get(BEFORE_PLACES, ()), key=len, reverse=True)
        self._before_places = re.compile(rf"\b(?:{'|'.join(map(re.escape, before)) or '$^'})\b")
        units = knowledge.get(UNITS, {})
        self._units: Mapping[str, str] = units.get("words", {})
        self._parts: Mapping[str, Mapping[str, str]] = units.get("parts", {})
        others = knowledge["other_words"]
        self._words = Entities.from_rows([*knowledge["words"], *others])
        self._known_values: dict[tuple[str, ...], tuple[Mapping[str, Any], Entities]] = {}
        self._less: dict[frozenset[str], np.ndarray] = {}
        self._real = frozenset(others)
        self._never_names = self._plain_words.union(
            others, knowledge.get("short_words", ()), words_outside(" ".join(before))
        )
        lists = {use["list"] for use in knowledge["uses"] if use["slot"] not in KINDS}
        self._long_values = Entities.from_rows(
            sorted(
                {value for name in lists for value in self._values.get(name, ()) if " " in value}
            )
        )
        self.house = house

    @property
    def house(self) -> Entities:
        """What has a name in the house; may be changed at any time."""
        return self._house

    @house.setter
    def house(self, house: Entities | Iterable[Any]) -> None:
        house = house if isinstance(house, Entities) else Entities.from_rows(house)
        if house is getattr(self, "_house", None):
            return
        for entity in house:
            if entity.type not in KINDS:
                raise EntityError(
                    f"`house` must have entities whose first type is one of {', '.join(KINDS)}. Received: "
                    f"{entity.name!r} with {list(entity.types)!r}. Give devices `types: [name, DOMAIN]`, such as "
                    "[name, light]."
                )
        first_parts: dict[str, list[tuple[str, Entity]]] = {}
        for entity in house:
            if entity.types[0] != "name" or entity.types[-1] in self._endings:
                for name in _ways_of_writing((entity.name, *entity.synonyms)):
                    last = name.rpartition(" ")[2]
                    if last.isalpha():
                        first_parts.setdefault(last, []).append((name, entity))
        for parts in first_parts.values():
            parts.sort(key=lambda part: -len(part[0]))
        lengths: dict[str, set[int]] = {}
        for part in first_parts:
            lengths.setdefault(part[0], set()).add(len(part))
        self._part_lengths = {letter: sorted(own, reverse=True) for letter, own in lengths.items()}
        self._house, self._first_parts = house, first_parts

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
        named = self._names_in(text)
        mended = self._misspelled(text)
        reading = self._best_reading(text, named, mended)
        if "short_words" in self._knowledge and (reading.score < _SURE or not reading.intent):
            reading = self._without_phrases(text, named, mended, reading)
        logits = reading.outputs["intent"]
        intent = reading.intent or self._intent_in_spite(logits, named)
        if not intent:
            return None
        spans = reading.spans_of(reading.parse)
        devices = self._devices_in(spans, named)
        chosen = self._intent_for(intent, logits, devices)
        chosen = self._as_said(chosen, text, spans, named, devices)
        if chosen != intent:
            intents = self.parser.labels.intents
            only = np.where(np.arange(len(intents)) == intents.index(chosen), logits, _NEVER)
            spans = reading.spans_of(reading.parsed(self.parser.decoder, intent=only))
        slots = self._slots(text, chosen, spans, named)
        decided = self._is_decided(chosen, slots, reading.text)
        if not decided or not self._is_said(chosen, slots):
            least = logits[self.parser.labels.intents.index(chosen)] - _CLOSER
            for parse in reading.parsed(self.parser.decoder, count=_OTHERS).alternatives:
                other = "" if parse.rejected else parse.intent
                if other == chosen and not decided:
                    continue
                if other and logits[self.parser.labels.intents.index(other)] < least:
                    continue
                if other != self._as_said(other, text, reading.spans_of(parse), named, devices):
                    continue
                if not devices or any(self._may_be(other, own) for own in devices):
                    found = self._slots(text, other, reading.spans_of(parse), named)
                    if self._is_said(other, found) and self._is_decided(other, found, reading.text):
                        chosen, slots = other, found
                        break
        if self._leaves_number(text, slots):
            return None
        if self._opposites and chosen in OPPOSITES:
            words = self._words_between(text, reading, slots, named)
            slots = self._likeliest_device(slots, named, words)
            meant = decide(chosen, _domain_of(slots), words, self._opposites)
            if not meant:
                return None
            if meant != chosen:
                device = slots.get("name")
                chosen, slots = meant, self._slots(text, meant, spans, named)
                slots = slots if device is None else {**slots, "name": device}
        if not self._is_of_said_kind(text, chosen, slots, named):
            return None
        return Recognition(chosen, slots, reading.score, text)

    def _words_between(
        self, text: str, reading: _Reading, slots: Mapping[str, Found], named: Sequence[_Named]
    ) -> set[str]:
        """The words of a request outside of slots and names, as the model reads them: mended, without phrases.

        Nor are those before an area or a floor among them, also one that the house lacks: `auf dem Balkon`.
        """
        places = [(own.start, own.end) for own in slots.values() if own.text]
        places += [(own.start, own.end) for own in named if not own.common]
        areas = {own.start for own in slots.values() if own.name in _PLACES and own.text}
        others = {start for start, _ in places} - areas
        for match in self._before_places.finditer(text.lower()):
            after = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip())
            word = key_of(next(words_outside(text[after:]), ""))
            unknown = " " in match.group() and after not in others and word not in self._deciding
            if after in areas or unknown:
                places.append(match.span())
        words: set[str] = set()
        for start, end, first, last in reading.edits:
            if not _covered(places, start, end):
                words.update(words_outside(reading.text[first:last]))
        return words | {*words_outside(text, [*places, *(edit[:2] for edit in reading.edits)])}

    def _as_said(
        self,
        intent: str,
        text: str,
        spans: Sequence[tuple[str, int, int]],
        named: Sequence[_Named],
        devices: Sequence[Entity],
    ) -> str:
        """The intent, or the one that words outside of names and slots say instead: a timer to pause is not deleted.

        It has to be one for a device that is named.
        """
        taken = [span[1:] for span in spans]
        taken += [(own.start, own.end) for own in named if not own.common]
        said = intent_said(self.language, intent, text, taken)
        kinds = self._kinds.get(said)  # None where the model has no such intent
        if kinds is None or (
            "name" in kinds and devices and not any(self._may_be(said, own) for own in devices)
        ):
            return intent
        return said

    def _is_of_said_kind(
        self, text: str, intent: str, slots: Mapping[str, Found], named: Sequence[_Named]
    ) -> bool:
        """Whether an answer that acts on all devices of a kind acts on one that words of the request say, if any do.

        `turn down the heating` does not switch lights off.
        """
        if "name" in slots or "Get" in intent:
            return True
        if any(name in _OF_DEVICES and own.text for name, own in slots.items()):
            return True
        if "domain" in slots:
            touched = {str(slots["domain"].value)}
        else:
            uses = self._uses.get((intent, "name"), ())
            touched = {domain for _, domains in uses for domain in domains}
        taken = [
            (own.start, own.end)
            for own in slots.values()
            if own.entity is not None or own.name not in _PLACES or " " in own.text
        ]  # a place that the house lacks is none if a kind of device is all that is said of it
        taken += [(own.start, own.end) for own in named if not own.common]
        said = kinds_said(self.language, text, taken) if touched else set()
        return not said or not touched.isdisjoint(said)

    def _likeliest_device(
        self, slots: dict[str, Found], named: Sequence[_Named], words: set[str]
    ) -> dict[str, Found]:
        """The slots, where of devices with the same name the one counts that most words speak of."""
        found = slots.get("name")
        if found is None or found.entity is None:
            return slots
        devices = [
            match.entity
            for own in named
            if (own.start, own.end) == (found.start, found.end)
            for match in own.matches
            if match.entity.types[0] == "name"
        ]
        device = max(
            (found.entity, *devices),
            key=lambda one: meant_by(words, self._opposites.get(one.types[-1], {})).words,
        )
        return {**slots, "name": dataclasses.replace(found, value=device.name, entity=device)}

    @staticmethod
    def _leaves_number(text: str, slots: Mapping[str, Found]) -> bool:
        """Whether a request has a number in digits that no slot and no name has: it says more than is understood."""
        places = [(own.start, own.end) for own in slots.values()]
        return any(not _covered(places, *span) for span in _numbers_in(text))

    def _without_phrases(
        self,
        text: str,
        named: Sequence[_Named],
        mended: Sequence[tuple[int, int, str]],
        reading: _Reading,
    ) -> _Reading:
        """The request without a phrase around it that no template has, where the model is surer of it then.

        A request that the model rejects has to be of words of templates and of slots but for such phrases, and a third
        of all words at least.
        """
        likeliest = self.parser.labels.intents[int(reading.outputs["intent"].argmax())]
        if any(self._is_open(likeliest, slot) for slot in self._slots_of.get(likeliest, ())):
            return reading
        spans = [*_places(mended), *(span[1:] for span in reading.spans_of(reading.parse))]
        known = self._known_words(text, [*spans, *((own.start, own.end) for own in named)])
        best = reading
        for cuts in _phrases_around(known):
            other = self._best_reading(text, named, mended, cuts)
            least = best.score + _SURER if best.intent else _CERTAIN
            if not other.intent or other.score <= least:
                continue
            slots = [span[1:] for span in other.spans_of(other.parse)]
            left = [word for word in known if not _covered(_places(cuts), *word[:2])]
            if reading.intent or (
                3 * len(left) >= len(known)
                and all(own or _covered(slots, start, end) for start, end, own in left)
            ):
                best = other
        return best

    def _known_words(
        self, text: str, spans: Sequence[tuple[int, int]]
    ) -> list[tuple[int, int, bool]]:
        """Where the words of a request stand, and whether each is of templates, a number, or in one of some spans."""
        return [
            (
                *match.span(),
                _covered(spans, *match.span())
                or _letters(match.group()) in self._letters
                or match.group().isdecimal()
                or _joined(match.group()) in number_words(self.language),
            )
            for match in WORD.finditer(text)
        ]

    def _best_reading(
        self,
        text: str,
        named: Sequence[_Named],
        mended: Sequence[tuple[int, int, str]],
        cuts: Sequence[tuple[int, int, str]] = (),
    ) -> _Reading:
        """The request as the model reads it, with misspelled words mended, but for those of slots that may be anything.

        `pizza`, the name of a timer, is no misspelled `pieza`. Of `cuts` it reads nothing.
        """
        mended = [change for change in mended if not _covered(_places(cuts), *change[:2])]
        reading = self._reading(text, named, cuts)
        if not mended:
            return reading
        free = [
            (start, end)
            for name, start, end in reading.spans_of(reading.parse)
            if self._is_open(reading.intent, name)
        ]
        mended = [change for change in mended if not _covered(free, *change[:2])]
        return self._reading(text, named, [*mended, *cuts]) if mended else reading

    def _reading(
        self, text: str, named: Sequence[_Named], mended: Sequence[tuple[int, int, str]]
    ) -> _Reading:
        read, edits = self._as_known(text, named, mended)
        outputs = self._with_names(self.parser.logits(read), edits, named)
        tokens, parse = decode_outputs(outputs, self.parser.decoder, text=read)
        return _Reading(read, edits, outputs, tokens, parse)

    def _is_said(self, intent: str, slots: Mapping[str, Found]) -> bool:
        """Whether sentences of an intent have these slots together."""
        together = self._together.get(intent)
        said = frozenset(name for name, found in slots.items() if found.text)
        return not together or said in together

    def _is_decided(self, intent: str, slots: Mapping[str, Found], read: str) -> bool:
        """Whether a word says which list each number is of, where it may be of several.

        `volume 20` is no step: no word says whether up or down.
        """
        said = ",".join(sorted(name for name, found in slots.items() if found.text))
        for name, own in slots.items():
            weights = (
                self._knowledge["facts"].get(intent, {}).get(f"{name}{LIST}", {}).get(said, {})
            )
            lists = [by_word for one, by_word in weights.items() if one != NOTHING]
            if len(lists) > 1 and isinstance(own.value, (int, float)):
                words = list(words_outside(read))
                if not any(by_word.get(word, 0) > _TELLING for by_word in lists for word in words):
                    return False
        return True

    def _with_names(
        self,
        outputs: Mapping[str, np.ndarray],
        edits: Sequence[tuple[int, int, int, int]],
        named: Sequence[_Named],
    ) -> Mapping[str, np.ndarray]:
        """What the model says, where tags of names are less likely for words that name nothing in the house."""
        length = int(outputs["length"])
        if not length or not len(self._house):
            return outputs
        kinds = self._kinds[self.parser.labels.intents[int(outputs["intent"].argmax())]]
        less = self._less.get(kinds)
        if less is None:
            names = [tag[2:] in kinds for tag in self.parser.labels.tags]
            less = self._less[kinds] = np.where(names, _STRANGE, 0.0).astype(np.float32)
        places = [(own.start, own.end) for own in named]
        slots = outputs["slots"].copy()
        if places:
            strange = [
                not _covered(places, *_moved_back(edits, start, end))
                for start, end in outputs["spans"][:length].tolist()
            ]
            slots[:length][strange] -= less
        else:
            slots[:length] -= less
        return {**outputs, "slots": slots}

    def _intent_in_spite(self, logits: np.ndarray, named: Sequence[_Named]) -> str:
        """The intent of a request that is nearly one to a house and names something in this one; else `""`."""
        rejection = self.parser.decoder.rejection
        if rejection is None or not len(logits) or all(own.common for own in named):
            return ""
        intents = self.parser.labels.intents
        order = [
            place for place in np.argsort(-logits).tolist() if intents[place] != rejection.outside
        ]
        outside = logits[intents.index(rejection.outside)] if rejection.outside in intents else 0.0
        evidence = {"highest": float(logits[order[0]]), "outside": float(outside)}
        if not set(rejection.weights) <= set(evidence):
            return ""
        near = rejection.score(evidence) >= rejection.threshold - _NEARLY
        return intents[order[0]] if near else ""

    def _names_in(self, text: str) -> list[_Named]:
        """Where a request names something in the house, in the order of the text: the longest names, the best first.

        Endings of words count less, since `kitchen lights` may be the lights of the kitchen where one is called
        `Kitchen Light`. Words of templates are no misspelled name, nor are words in a longer value of a list: `garage`
        of `garage door` is no area.
        """
        found: list[_Named] = []
        every = self._house.match(text)
        written = [(own.start, own.end) for own in every if own.quality in (EXACT, FOLDED)]
        longer = [
            (own.start, own.end)
            for own in (self._long_values.match(text, as_written=True) if every else ())
        ]
        matches = sorted(
            (
                match
                for match in every
                if not self._is_other_words(text, match, written)
                and not any(_is_inside((match.start, match.end), own) for own in longer)
            ),
            key=lambda match: (
                match.quality == INFLECTED,
                match.start - match.end,
                match.errors,
                KINDS.index(match.entity.types[0]),
            ),
        )
        for match in matches:
            same = next(
                (
                    place
                    for place, own in enumerate(found)
                    if match.start < own.end and own.start < match.end
                ),
                None,
            )
            if same is None:
                words = words_outside(text[match.start : match.end])
                common = self._common.issuperset(words)
                found.append(_Named(match.start, match.end, (match,), common))
            elif (found[same].start, found[same].end) == (match.start, match.end):
                found[same] = dataclasses.replace(
                    found[same], matches=(*found[same].matches, match)
                )
        for compound in self._compounds_in(text):
            inside = [own for own in found if own.start < compound.end and compound.start < own.end]
            if all(compound.start <= own.start and own.end <= compound.end for own in inside):
                found = [*(own for own in found if own not in inside), compound]
        return sorted(found, key=lambda own: own.start)

    def _is_other_words(self, text: str, match: Match, written: Sequence[tuple[int, int]]) -> bool:
        """Whether what looks like a misspelled or inflected name is none: words of templates, or of the language.

        `schalt` is no form of `Schaf`, which templates do not have, and `bij keuken` is no `bijkeuken` where there is a
        `keuken`.

        Args:
            text: The request.
            match: What may be a name.
            written: Where names stand as they are written.
        """
        if match.quality not in (INFLECTED, TYPING):
            return False
        inside = [own for own in written if _is_inside(own, (match.start, match.end))]
        words = {
            word
            for start, end in _rests((match.start, match.end), inside)
            for word in words_outside(text[start:end])
        }
        if match.quality == INFLECTED:
            known = {*words_outside(match.entity.name)} <= self._plain_words
            return not known and words <= self._plain_words
        return words <= self._never_names

    def _compounds_in(self, text: str) -> Iterator[_Named]:
        """Names that begin a word of which the rest is a word of templates: `Wohnzimmerheizung`, `Haushaltsliste`.

        Of a name of several words the last one does. A name of a device does so only where templates write such a word
        after it.
        """
        for match in _WORD.finditer(text) if self._first_parts else ():
            word = match.group().lower()  # of as many characters; `casefold` makes two of ß
            if word in self._plain_words or len(word) != len(match.group()):
                continue
            parts = [
                (match.start() + last, word[last:], *part)
                for last in self._part_lengths.get(word[0], ())
                if last <= len(word) - _LEAST_REST
                for part in self._first_parts.get(word[:last], ())
            ]
            for end, after, name, entity in parts:
                start = end - len(name)
                if (
                    len(name) < _LEAST_REST
                    or not 0 <= start <= match.start()
                    or text[start:end].lower() != name
                    or text[:start][-1:].isalnum()
                ):
                    continue
                ends = self._endings.get(entity.types[-1], frozenset())
                if entity.types[0] != "name":
                    ends |= self._plain_words
                if rest := ends & without_link(after):
                    end = match.end() - len(min(rest))
                    named = Match(start, end, entity, EXACT, 0)
                    yield _Named(start, end, (named,), common=False)
                    break

    def _as_known(
        self, text: str, named: Sequence[_Named], mended: Sequence[tuple[int, int, str]]
    ) -> tuple[str, list[tuple[int, int, int, int]]]:
        """The request as the model reads it: with names and words that it knows well.

        Args:
            text: The request.
            named: Names in it.
            mended: Words to read instead of others, as `_misspelled` gives them.

        Returns:
            The text, and of each part that was replaced `(start, end)` in the request and in the text.
        """
        changes: list[tuple[int, int, str]] = []
        used: set[str] = set()
        for own in named:
            known = self._knowledge["names"].get(own.matches[0].entity.types[-1])
            if known is not None and known not in used and not own.common:
                used.add(known)
                inside = cuts_word(text, own.end)
                changes.append((own.start, own.end, f"{known} " if inside else known))
        taken = [(start, end) for start, end, _ in changes]
        changes += [change for change in mended if not _covered(taken, *change[:2])]
        parts: list[str] = []
        edits = []
        at = size = 0
        for start, end, known in sorted(changes):
            parts += [text[at:start], known]
            size += start - at
            edits.append((start, end, size, size + len(known)))
            size += len(known)
            at = end
        return "".join([*parts, text[at:]]), edits

    def _misspelled(self, text: str) -> list[tuple[int, int, str]]:
        """Words with one typing error that are none of the language, and the word of templates that each is likeliest.

        Where the file has no other words of the language, the error is two letters that changed places: by any other
        too many words of the language would be taken for words of templates.
        """
        if not self._words.may_have_errors(text):
            return []
        found: dict[tuple[int, int], str] = {}
        for match in self._words.match(text):
            place, written, word = (
                (match.start, match.end),
                text[match.start : match.end].casefold(),
                match.entity.name,
            )
            if match.quality != TYPING:
                found.setdefault(place, "")
            elif (
                match.errors == 1
                and word not in self._real
                and " " not in written
                and (self._real or sorted(written) == sorted(word))
            ):
                found.setdefault(place, word)
        return [(*place, word) for place, word in found.items() if word]

    def _may_be(self, intent: str, entity: Entity) -> bool:
        """Whether an intent is one for that kind of thing."""
        kind = entity.types[0]
        if kind not in self._kinds[intent]:
            return False
        every = [domains for name, domains in self._uses[intent, kind] if name == kind]
        return kind != "name" or any(not own or entity.types[-1] in own for own in every)

    def _devices_in(
        self, spans: Sequence[tuple[str, int, int]], named: Sequence[_Named]
    ) -> list[Entity]:
        """The devices that a request names: what the model takes for a name, or for nothing and is no common words."""
        devices = []
        for own in named:
            tags = {name for name, start, end in spans if start < own.end and own.start < end}
            if "name" in tags or not (tags or own.common):
                devices += [m.entity for m in own.matches if m.entity.types[0] == "name"]
        return devices

    def _intent_for(self, intent: str, logits: np.ndarray, devices: Sequence[Entity]) -> str:
        """The likeliest intent for the devices that are named."""
        if not devices or "name" not in self._kinds[intent]:
            return intent
        intents = self.parser.labels.intents
        order = np.argsort(-logits)
        for place in order.tolist():
            if logits[place] < logits[order[0]] - _CLOSE:
                break
            other = intents[place]
            if any(self._may_be(other, entity) for entity in devices):
                return other
        return intent

    def _slots(
        self,
        text: str,
        intent: str,
        spans: Sequence[tuple[str, int, int]],
        named: Sequence[_Named],
    ) -> dict[str, Found]:
        kinds = self._kinds[intent]
        spans = self._by_units(text, intent, spans)
        spans = self._by_lists(text, intent, spans, named)
        free = [(start, end) for name, start, end in spans if name not in kinds]
        found: dict[str, Found] = {}
        taken = []
        for own in named:
            whole = self._is_device(text, own, intent, spans)
            if any(start < own.end and own.start < end for start, end in free) and not whole:
                continue
            tags = [name for name, start, end in spans if start < own.end and own.start < end]
            if own.common and not kinds.intersection(tags) and not whole:
                continue
            match = self._meant(own, intent, tags, found)
            if match is not None:
                kind = match.entity.types[0]
                found[kind] = Found(
                    kind,
                    match.entity.name,
                    text[own.start : own.end],
                    own.start,
                    own.end,
                    match.entity,
                )
                taken.append((own.start, own.end))
        if self._differ(text, intent, spans):
            spans = [span for span in spans if span[0] != _CLASS]
        spans = [*spans, *self._unsaid(text, intent, spans, taken, found)]
        outside = [*taken, *((start, end) for _, start, end in spans)]
        said = {*found, *(name for name, start, end in spans if not _covered(taken, start, end))}
        facts = self._facts(text, intent, said, outside, taken)
        device = found["name"].entity if "name" in found else None
        domain = facts.get("domain", "") if device is None else device.types[-1]
        for name, start, end in spans:
            if name in kinds and (name in found or _covered(taken, start, end)):
                continue
            if name in kinds and any(
                start < own.end and own.start < end and name not in own.kinds
                for own in named
                if not own.common
            ):
                continue  # the name of a device is that of no area
            if name == _CLASS and _covered(taken, start, end):
                continue
            if name in kinds - {"name"} and self._plain_words.issuperset(
                words_outside(text[start:end])
            ):
                continue  # such as `house`: words of templates that the house has no name of
            value, start, end = self._value(text, intent, name, start, end, domain, facts)
            # Of `increase by 20` the number is the value, not the direction.
            better = name not in found or (
                isinstance(found[name].value, str) and isinstance(value, (int, float))
            )
            if value is not None and better:
                found[name] = Found(name, value, text[start:end], start, end)
        for key, value in facts.items():
            if not key.endswith(LIST):
                found.setdefault(key, Found(key, value))
        return found

    def _by_lists(
        self,
        text: str,
        intent: str,
        spans: Sequence[tuple[str, int, int]],
        named: Sequence[_Named],
    ) -> list[tuple[str, int, int]]:
        """The slots, where values of lists of other slots of the intent are in or around the words of a slot.

        Words that are all in such a value are of the other slot: `curtain`, where the house has none of that name, is a
        class of devices, and in `two and a half minutes` the model may see minutes where it is seconds. At an end of
        words that may be anything, such as `playlist` of `playlist summer hits`, the value is cut off. Sentences of the
        intent must have such slots together.
        """
        together = self._together.get(intent, frozenset())
        taken = [(own.start, own.end) for own in named]
        changed = list(spans)
        for place, (slot, start, end) in enumerate(spans):
            if _covered(taken, start, end):
                continue
            others = [span for i, span in enumerate(changed) if i != place]
            free = [*taken, *(span[1:] for span in others)]
            rest = {name for name, *_ in others} | {
                own.matches[0].entity.types[0] for own in named if not own.common
            }
            said = rest | {slot}
            values = [
                (other, first, last)
                for other in self._slots_of.get(intent, ())
                if other not in said
                for first, last in self._values_in(text, intent, other, slot)
                if first < end and start < last
                if not _covered(free, first, last)
            ]
            if not values:
                continue
            other, first, last = max(values, key=lambda value: value[2] - value[1])
            if first <= start and end <= last:
                wider = (first, last) != (start, end)
                if rest | {other} in together and (
                    wider or not self._has(intent, slot, text[start:end])
                ):
                    changed[place] = (other, first, last)
            elif self._is_open(intent, slot) and said | {other} in together:
                cut = (last, end) if first <= start else (start, first)
                while cut[0] < cut[1] and not text[cut[0]].isalnum():
                    cut = (cut[0] + 1, cut[1])
                while cut[0] < cut[1] and text[cut[1] - 1].isspace():
                    cut = (cut[0], cut[1] - 1)
                inside = start < first and last < end
                if cut[0] < cut[1] and not inside:
                    changed[place] = (slot, *cut)
                    changed.append((other, first, last))
        return sorted(changed, key=lambda span: span[1])

    def _by_units(
        self, text: str, intent: str, spans: Sequence[tuple[str, int, int]]
    ) -> list[tuple[str, int, int]]:
        """The slots, where the word after a number says whether it counts hours, minutes or seconds.

        Half of a unit is counted in the next finer one, also where it follows: of `an hour and a half`, the hour itself
        is one where no number says how many.
        """
        marks: list[tuple[int, int, str]] = []
        if self._units and any(_counted(slot) in DURATIONS for slot, *_ in spans):
            marks = [
                (*match.span(), base)
                for match in WORD.finditer(text)
                if (base := self._units.get(match.group().lower()))
            ]
        if not marks:
            return sorted(spans, key=lambda span: span[1])
        times = sorted(span[1:] for span in spans if _counted(span[0]) in DURATIONS)
        changed: list[tuple[str, int, int]] = []
        units: list[tuple[str, int, int]] = []
        for slot, start, end in spans:
            base, unit = _counted(slot), ""
            if base in DURATIONS:
                parts = self._part(text[start:end])
                stop = min(
                    (
                        first
                        for first, last in times
                        if first > start
                        and (parts is not None or self._part(text[first:last]) is None)
                    ),
                    default=len(text),
                )
                after = [mark for mark in marks if end <= mark[0] < stop]
                if after and len(list(WORD.finditer(text, end, after[0][0]))) <= _TO_UNIT:
                    unit = after[0][2]
                elif parts:
                    before = [mark for mark in marks if mark[1] <= start][-1:]
                    unit = before[0][2] if before else ""
                    units += [(slot.removesuffix(base) + unit, *mark[:2]) for mark in before]
                if parts is not None:
                    unit = parts.get(unit, "")
                elif self._number(text[start:end]) is None:
                    unit = ""
            other = f"{slot.removesuffix(base)}{unit}" if unit else slot
            changed.append((other if (intent, other) in self._uses else slot, start, end))
        said = {slot for slot, *_ in changed}
        changed += [one for one in units if one[0] not in said and (intent, one[0]) in self._uses]
        return sorted(changed, key=lambda span: span[1])

    def _part(self, words: str) -> Mapping[str, str] | None:
        """What a part of a unit counts, by the unit; `None` for words that are none. It may be misspelled."""
        for name, own in self._parts.items():
            values, known = self._values_of(name)
            if _plain(words) in values or known.match(words):
                return own
        return None

    def _holds(self, name: str, slot: str, number: float) -> bool:
        """Whether a list of numbers has one as a value of a slot."""
        first, last, _ = self._knowledge["lists"][name]["range"]
        return bool(first <= number and (number <= last or slot in DURATIONS))

    def _values_of(self, *lists: str) -> tuple[Mapping[str, Any], Entities]:
        """The values of lists by their words, those of the first list before others, and where a text has the words."""
        known = self._known_values.get(lists)
        if known is None:
            values = {
                text: value
                for name in reversed(lists)
                for text, value in self._values.get(name, {}).items()
            }
            known = self._known_values[lists] = values, Entities.from_rows([*values])
        return known

    def _values_in(self, text: str, intent: str, slot: str, around: str) -> list[tuple[int, int]]:
        """Where a text has values of a slot's lists, as they are written; also at the end of words of another slot."""
        places = []
        ends = self._endings.get(around, frozenset())
        for name, _ in self._uses.get((intent, slot), ()):
            values, known = self._values_of(name)
            places += [(match.start, match.end) for match in known.match(text, as_written=True)]
            for end in ends.intersection(values):
                places += [
                    (match.end() - len(end), match.end())
                    for match in _WORD.finditer(text)
                    if match.group().casefold().endswith(end) and len(match.group()) > len(end)
                ]
        return places

    def _has(self, intent: str, slot: str, words: str) -> bool:
        """Whether a list of a slot has words as a value."""
        return any(
            _plain(words) in self._values.get(name, ())
            for name, _ in self._uses.get((intent, slot), ())
        )

    def _is_open(self, intent: str, slot: str) -> bool:
        """Whether the words of a slot may be anything."""
        lists = [name for name, _ in self._uses.get((intent, slot), ())]
        return any(name not in KINDS and self._knowledge["lists"].get(name) == {} for name in lists)

    def _is_device(
        self, text: str, own: _Named, intent: str, spans: Sequence[tuple[str, int, int]]
    ) -> bool:
        """Whether words that say a kind of device are the very name of one, as `window` and `fan` may be."""
        match = own.matches[0]
        tags = {name for name, start, end in spans if start < own.end and own.start < end}
        said = {name for name, *_ in spans} - {_CLASS} | {"name"}
        if match.entity.types[0] != "name" or match.quality not in (EXACT, FOLDED):
            return False
        if not tags <= {_CLASS}:
            return False
        if not tags and not said.isdisjoint(_PLACES):  # `the light in the attic` is any
            ranges = [span[1:] for span in spans]
            meant = self._facts(text, intent, said - {"name"}, ranges, [])
            if meant.get("domain") == match.entity.types[-1]:
                return False
        return self._may_be(intent, match.entity) and said in self._together.get(intent, ())

    def _differ(self, text: str, intent: str, spans: Sequence[tuple[str, int, int]]) -> bool:
        """Whether what is said of the state of devices is said of none of the class, as `locked` of windows to open."""
        domains: dict[str, set[str]] = {}
        for name, start, end in spans:
            if name in (_CLASS, "state"):
                plain = _plain(text[start:end])
                uses = [
                    use
                    for use in self._uses.get((intent, name), ())
                    if plain in self._values[use[0]]
                ]
                domains[name] = {domain for _, own in uses for domain in own}
        return (
            len(domains) == 2 and all(domains.values()) and not set.intersection(*domains.values())
        )

    def _unsaid(
        self,
        text: str,
        intent: str,
        spans: Sequence[tuple[str, int, int]],
        taken: Sequence[tuple[int, int]],
        found: Mapping[str, Found],
    ) -> list[tuple[str, int, int]]:
        """A slot that the model has overlooked: with it sentences of the intent have these slots, without it none has.

        It is one of a number, or of a list whose values are few.
        """
        together = self._together.get(intent, frozenset())
        said = {*found, *(name for name, start, end in spans if not _covered(taken, start, end))}
        if not together:
            return []
        whole = frozenset(said) in together
        outside = [*taken, *((start, end) for _, start, end in spans)]
        for other in self._in_order[intent]:
            if len(other) != len(said) + 1 or not said < other:
                continue
            (slot,) = other - said
            if whole and not self._is_number(intent, slot):
                continue
            place = self._place_of(text, intent, slot, outside)
            if place is not None:
                return [(slot, *place)]
        return []

    def _is_number(self, intent: str, slot: str) -> bool:
        """Whether all lists of a slot are of numbers."""
        lists = [name for name, _ in self._uses.get((intent, slot), ())]
        return all("range" in self._knowledge["lists"].get(name, {}) for name in lists)

    def _place_of(
        self, text: str, intent: str, slot: str, outside: Sequence[tuple[int, int]]
    ) -> tuple[int, int] | None:
        """Where a value of a slot's lists stands, outside of some ranges."""
        for name, _ in self._uses.get((intent, slot), ()):
            if "range" in self._knowledge["lists"].get(name, {}):
                places = _numbers_in(text)
            else:
                places = [
                    (match.start, match.end)
                    for match in self._values_of(name)[1].match(text)
                    if match.quality != TYPING
                ]
            for start, end in places:
                if not _covered(outside, start, end):
                    return start, end
        return None

    def _meant(
        self, own: _Named, intent: str, tags: Sequence[str], found: Mapping[str, Found]
    ) -> Match | None:
        """What a name means: what the model's tags say, of a kind that the intent has and that is not found yet."""
        fitting = [
            match
            for match in own.matches
            if match.entity.types[0] in self._kinds[intent] and match.entity.types[0] not in found
        ]
        return min(
            fitting,
            key=lambda match: (
                match.entity.types[0] not in tags,
                not self._may_be(intent, match.entity),
            ),
            default=None,
        )

    def _value(
        self,
        text: str,
        intent: str,
        slot: str,
        start: int,
        end: int,
        domain: str,
        facts: Mapping[str, str],
    ) -> tuple[Any, int, int]:
        """The value of the words of a slot, and where they stand.

        The words themselves are the value where a list takes any; `None` where the words are nothing that a list has.
        """
        uses = sorted(self._uses.get((intent, slot), ()), key=lambda use: domain not in use[1])
        lists = [name for name, _ in uses]
        if f"{slot}{LIST}" in facts:
            lists.sort(key=lambda name: name != facts[f"{slot}{LIST}"])
        plain = _plain(text[start:end])
        for name in lists:
            if plain in self._values.get(name, ()):
                return self._values[name][plain], start, end
        if plain in self._units and _counted(slot) in DURATIONS:
            return 1, start, end
        ranges = [name for name in lists if "range" in self._knowledge["lists"].get(name, {})]
        if ranges:
            for first, last in _numbers_in(text):  # of 26.5 the model may see 26, of -5 only 5
                if first < end and start < last:
                    start, end = min(start, first), max(end, last)
            number = self._number(text[start:end])
            if number is not None:
                fitting = [name for name in ranges if self._holds(name, slot, number)]
                return self._scaled(fitting[0], number) if fitting else None, start, end
        if lists and all(name in self._values for name in lists):
            closed, entities = self._values_of(*lists)
            for known in entities.match(text):
                if known.start < end and start < known.end:
                    return closed[known.entity.name], known.start, known.end
        if lists and all(self._knowledge["lists"].get(name) for name in lists):
            return None, start, end
        while start < end and not text[start].isalnum():
            start += 1
        while start < end < len(text) and (
            text[end - 1] in NEVER_LAST or unicodedata.category(text[end])[0] == "M"
        ):
            end += 1
        return text[start:end], start, end

    def _scaled(self, name: str, number: float) -> float | int:
        number *= self._knowledge["lists"][name].get("multiplier", 1)
        return int(number) if number == int(number) else number

    def _number(self, words: str) -> float | None:
        """A number in digits or in words, which a word of templates may follow without a space, such as `procent`."""
        digits = _NUMBER.search(unicodedata.normalize("NFKC", words))
        if digits:
            return float(digits.group().replace(",", ".").replace("\u2212", "-"))
        known, joined = number_words(self.language), _joined(words)
        ends = (end for end in range(len(joined), 0, -1) if joined[:end] in known)
        for end in ends:
            if end == len(joined) or joined[end:] in self._plain_words:
                return known[joined[:end]]
        return None

    def _facts(
        self,
        text: str,
        intent: str,
        said: set[str],
        spans: Sequence[tuple[int, int]],
        names: Sequence[tuple[int, int]],
    ) -> dict[str, str]:
        """What is meant and not said in one place.

        Words of slots do not count, but for the list of a number: there only those of names do not.
        """
        facts: dict[str, str] = {}
        slots = ",".join(sorted(said))
        rests = [  # of a compound, such as `licht` of `Bürolicht`
            rest
            for _, end in names
            if cuts_word(text, end) and (word := _WORD.match(text, end))
            for rest in without_link(word.group().lower())
        ]
        for key, own in self._knowledge["facts"].get(intent, {}).items():
            weights = own.get(slots, {})
            of_floor = not weights and "floor" in said
            if of_floor:  # where no sentence has one, what words say of an area
                weights = own.get(",".join(sorted({*said, "area"} - {"floor"})), {})
            if not weights:
                continue
            words = {*rests, *words_outside(text, names if key.endswith(LIST) else spans)}
            best = max(
                weights,
                key=lambda fact: sum(weights[fact].get(word, 0.0) for word in (NOTHING, *words)),
            )
            is_told = any(weights[best].get(word, 0.0) > 0 for word in words)
            if best != NOTHING and (is_told or not of_floor):
                facts[key] = best
        return facts


def _domain_of(slots: Mapping[str, Found]) -> str:
    """The kind of the device that slots name or mean; empty where they do not say."""
    device = slots["name"].entity if "name" in slots else None
    domain = slots["domain"].value if "domain" in slots else ""
    return str(domain) if device is None else device.types[-1]


def _common_words(knowledge: Mapping[str, Any]) -> frozenset[str]:
    """Words that speak for a fact, or say what kind of device is meant or how it is."""
    words: set[str] = set()
    for own in knowledge["facts"].values():
        for of_slots in own.values():
            for weights in of_slots.values():
                for fact, by_word in weights.items():
                    if fact != NOTHING:
                        words.update(word for word, weight in by_word.items() if weight > _TELLING)
    lists = {use["list"] for use in knowledge["uses"] if use["slot"] in _OF_DEVICES}
    for name in lists:
        for text in knowledge["lists"].get(name, {}).get("values", ()):
            words.update(words_outside(text))
    return frozenset(words)


def _moved_back(
    edits: Sequence[tuple[int, int, int, int]], start: int, end: int
) -> tuple[int, int]:
    """A range of the text that the model read, in the request; of a name that stands in it the whole name."""
    if not edits:
        return start, end
    first = last = -1  # in the request, of a part that was replaced
    before_start = before_end = 0  # how much longer the request is before the range
    for old_start, old_end, new_start, new_end in edits:
        if first < 0:
            if start >= new_end:
                before_start = old_end - new_end
            elif start >= new_start:
                first = old_start
        if last < 0:
            if end > new_end:
                before_end = old_end - new_end
            elif end > new_start:
                last = old_end
    return (
        first if first >= 0 else start + before_start,
        last if last >= 0 else end + before_end,
    )


def _phrases_around(known: Sequence[tuple[int, int, bool]]) -> list[list[tuple[int, int, str]]]:
    """Which ends of a request may be a phrase around it, as changes that leave them out: before, after, and both.

    The request is taken to be the longest row of known words.

    Args:
        known: Where its words stand, and whether each is known.
    """
    first = last = 0
    for is_known, places in itertools.groupby(range(len(known)), lambda place: known[place][2]):
        row = list(places)
        if is_known and len(row) > last - first:
            first, last = row[0], row[-1] + 1
    if first == last:
        return []
    before = [(0, known[first][0], "")] if 0 < first <= _AROUND else []
    after = [(known[last - 1][1], known[-1][1], "")] if 0 < len(known) - last <= _AROUND else []
    both = [[*before, *after]] if before and after else []
    return [cuts for cuts in (before, after, *both) if cuts]


def _letters(word: str) -> str:
    """What a word has in common with those of which two letters changed places."""
    return "".join(sorted(word.casefold()))


def _places(changes: Sequence[tuple[int, int, str]]) -> list[tuple[int, int]]:
    return [change[:2] for change in changes]


def _counted(slot: str) -> str:
    """What a slot of a time counts: `minutes` for `start_minutes`."""
    return slot.removeprefix(START)


def _is_inside(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether a range is a part of another one, and not all of it."""
    return other[0] <= one[0] and one[1] <= other[1] and one != other


def _rests(whole: tuple[int, int], parts: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What a range has outside of parts of it."""
    at = whole[0]
    for start, end in sorted(parts):
        yield at, max(at, start)
        at = max(at, end)
    yield at, max(at, whole[1])


def _covered(taken: Iterable[tuple[int, int]], start: int, end: int) -> bool:
    for first, last in taken:  # noqa: SIM110 (`any` takes three times as long)
        if start < last and first < end:
            return True
    return False


def _numbers_in(text: str) -> list[tuple[int, int]]:
    """Where a text has numbers in digits."""
    if _DIGIT.search(text) is None:  # most texts: the sign before a number takes its time
        return []
    return [match.span() for match in _NUMBER.finditer(text)]


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


def _ways_of_writing(names: Iterable[str]) -> set[str]:
    """Names in lower case, also with `ae` for `ä` as on a keyboard without it."""
    lower = {" ".join(name.lower().split()) for name in names}
    return lower | {name.translate(_WITHOUT_UMLAUTS) for name in lower}


def _plain(words: str) -> str:
    return " ".join(words.split()).casefold()


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.words("text", "Requests.", metavar="TEXT")
    parser.flag("model", "A .tflite, its folder, or a name.", required=True)
    parser.flag("house", "File of what has a name in the house.", metavar="FILE")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    house = Entities() if arguments.house is None else Entities.from_file(arguments.house)
    recognizer = Recognizer(arguments.model, house)
    for text in arguments.text:
        found = recognizer.recognize(text)
        print(json.dumps(None if found is None else found.to_dict(), ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(
        run_command(
            "python -m recipes.home_assistant.recognizer", __doc__, configure, run, sys.argv[1:]
        )
    )
