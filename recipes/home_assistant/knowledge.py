"""What a model cannot say with tags, and its file therefore carries: values of lists, kinds of devices, facts.

It is read from the same folder as the templates, once, when a model is made, and stands under `"home_assistant"` in the
description of the .tflite:

    {"language": "en",
     "lists": {"color": {"values": {"red": "red"}}, "brightness": {"range": [0, 100, 1]}, "message": {}},
     "uses": [{"intent": "HassLightSet", "slot": "brightness", "list": "brightness", "domains": ["light"]}],
     "names": {"light": "desk lamp", "area": "kitchen"},
     "words": ["light", "turn"], "short_words": ["on", "the"], "other_words": ["night"],
     "said": {"HassTurnOn": ["area", "name", "area,name"]},
     "endings": {"todo": ["list"], "search_query": ["playlist"]},
     "before_places": ["in the", "on the"],
     "units": {"words": {"hour": "hours"}, "parts": {"timer_half": {"hours": "minutes"}}},
     "opposites": {"lock": {"HassTurnOff": ["unlock"], "HassTurnOn": ["lock"]}},
     "facts": {"HassTurnOn": {"domain": {"": {"light": {"lamp": 2.3}}}}}}

A *fact* is a value of a slot that a sentence means without saying it in one place, such as the domain `light` of "turn
on the lamps"; words of the sentence speak for it, with weights of a naive Bayes classifier among the facts that
sentences with the same slots have. The list that a number is of is a fact too, under the name of its slot and
`LIST`, where a slot has numbers of several lists: `by 20 percent` may be up or down.

`names` are names that models have seen often, one for each kind of thing; `said` are the slots that sentences of an
intent have together; `units` are the words that say what a number counts, and for lists of parts of a unit, such as
`half`, the slot by the unit that is said; `endings` are words that templates write at the end of a name or of free
words, without a space, by kind of device, `area`, `floor` or slot; `opposites` are the words of sentences of two
opposite intents, by kind of device (`recipes/home_assistant/opposites.py`), of which `before_places` are none; `words`
are those of the templates that are long and frequent enough to be known with a typing error, the frequent ones first,
and `short_words` all others; `other_words` are those of general sentences that one could take for one of `words` with a
typing error.
"""

from __future__ import annotations

import collections
import itertools
import math
import os
import pathlib
import random
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pqrnn_tf.datasets.expressions import Sampled, sample, slot_nodes
from pqrnn_tf.datasets.formats.home_assistant import HomeAssistantLanguage, HomeAssistantTemplate
from pqrnn_tf.datasets.formats.invented_values import VALUES, known_value
from pqrnn_tf.extras import require
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_matches import TYPING
from recipes.home_assistant.opposites import OPPOSITES, sentences_that_decide
from recipes.home_assistant.strict import domain_groups

KEY = "home_assistant"
"""Where it stands in the description of a file."""
OPPOSITE = "opposites"
"""Where in it the words of opposite intents stand."""
BEFORE_PLACES = "before_places"
"""Where in it the words stand that lead from a device to an area or a floor."""
LIST = ":list"
"""Ends the name of the fact that says which list the number in a slot is of."""
NOTHING = ""
"""The fact that there is none."""
UNITS = "units"
"""Where in it the words stand that say what a number counts."""
DURATIONS = ("hours", "minutes", "seconds")
"""Slots of times. Their numbers may be above the range of their lists: `120 minutes` are a timer too."""
START = "start_"
"""Begins the name of a slot of the time that a timer was set to."""
_SAMPLES = 60
_SAMPLES_OF_FACTS = 300
"""So many that nearly every word of a template is drawn, and none is by chance drawn with one fact only."""
_SAMPLES_OF_OPPOSITES = 1000
_TELLING = 1.6
"""Logarithm from which on a word speaks for a fact: below it are words that any sentence has."""
_FREQUENT, _LONG = 3, 4
_MOST_VALUES = 400
_ANY = "x"
_LETTERS = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f]")
_UNSPACED_LENGTH = 3
WORD = re.compile(r"\w[\w'’\u0300-\u036f\u0900-\u097f\u0e00-\u0e7f]*")


def knowledge_of(
    folder: str | os.PathLike[str],
    language: str,
    read: HomeAssistantLanguage,
    sentences: Iterable[str] = (),
) -> dict[str, Any]:
    """What a file carries, as plain JSON values.

    Args:
        folder: The folder of sentences, lists and rules.
        language: The language.
        read: What was read of it.
        sentences: General sentences of the language.
    """
    words, short_words = _words(language, read)
    groups = domain_groups(pathlib.Path(folder))
    uses: dict[tuple[str, str, str], set[str] | None] = {}
    for template in read.templates:
        domains = _domains(template, groups)
        for node in slot_nodes(template.node):
            key = (template.intent, node.name, node.list_name)
            before = uses.get(key, set())
            uses[key] = None if not domains or before is None else before | set(domains)
    return {
        "language": language,
        "lists": {name: _list(values) for name, values in sorted(read.lists.items())},
        "uses": [
            {"intent": intent, "slot": slot, "list": name, "domains": sorted(domains or ())}
            for (intent, slot, name), domains in sorted(uses.items())
        ],
        "names": {kind: known_value(kind, language) for kind in VALUES[language]},
        "words": words,
        "short_words": short_words,
        "other_words": _other_words(words, sentences),
        "said": _said_together(language, read),
        "endings": _endings(language, read, groups, frozenset(words)),
        **opposites_of(language, read, groups),
        UNITS: units_of(language, read),
        "facts": _facts(language, read),
    }


def _domains(template: Any, groups: Mapping[tuple[str, str, str], Sequence[str]]) -> Sequence[str]:
    """Kinds of devices that a template is about; the name of a group stands for those of the group."""
    if not template.domains:
        fact = template.facts.get("domain")
        return [str(fact)] if fact else []
    combination = pathlib.Path(template.source.rpartition(":")[0]).stem
    found: list[str] = []
    for name in template.domains:
        found += groups.get((template.intent, combination, name), (name,))
    return found


def _list(values: Any) -> dict[str, Any]:
    hassil = require("hassil")
    if isinstance(values, hassil.TextSlotList):
        sampled = require("hassil.sample").sample_expression
        known: dict[str, Any] = {}
        for value in values.values:
            for text in itertools.islice(sampled(value.text_in), _MOST_VALUES):
                known.setdefault(" ".join(text.split()).lower(), value.value_out)
        return {"values": known}
    if isinstance(values, hassil.RangeSlotList):
        fractions = hassil.RangeFractionType.get_fractions(values.fraction_type)
        return {
            "range": [values.start, values.stop, values.step],
            **({"fractions": fractions} if fractions else {}),
            **({} if values.multiplier is None else {"multiplier": values.multiplier}),
        }
    return {}


def words_outside(text: str, spans: Sequence[tuple[int, int]] = ()) -> Iterator[str]:
    """The words of a text that stand in none of some spans, in lower case.

    Of Thai, which has no spaces between words, every three characters that follow one another stand for words.
    """
    for match in WORD.finditer(text):
        word = match.group().lower()
        first, length = match.start(), len(word)
        if not word.isascii() and _UNSPACED.search(word):
            length = min(length, _UNSPACED_LENGTH)
        for place in range(len(word) - length + 1):
            start = first + place
            for own, end in spans:
                if own < start + length and start < end:
                    break
            else:
                yield word[place : place + length]


def _samples(
    language: str, template: HomeAssistantTemplate, rng: random.Random, count: int = _SAMPLES
) -> Iterator[tuple[str, Sampled]]:
    """Sentences of a template, each with the slots that it has."""
    for _ in range(count):
        drawn = sample(template.node, rng, language=language, values=lambda name: (_ANY,))
        yield ",".join(sorted({name for name, *_ in drawn.slots})), drawn


def _words(language: str, read: HomeAssistantLanguage) -> tuple[list[str], list[str]]:
    """Words of the templates and of the values of their lists, the frequent ones first.

    First those that are long and frequent enough to be known with an error, then all others.
    """
    rng = random.Random(0)
    counts: collections.Counter[str] = collections.Counter()
    for template in read.templates:
        for _, drawn in _samples(language, template, rng):
            counts.update(words_outside(drawn.text))
    words: list[str] = []
    others: list[str] = []
    for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if _is_of_letters(word):
            certain = count >= _FREQUENT and len(word) >= _LONG
            (words if certain else others).append(word)
    return words, others


def _is_of_letters(word: str) -> bool:
    """Whether a word has only letters and their marks, such as vowels of Hindi."""
    return all(one.isalpha() or unicodedata.category(one)[0] == "M" for one in word)


def _other_words(words: Sequence[str], sentences: Iterable[str]) -> list[str]:
    """Words of sentences that are one typing error from a word, and none of the words."""
    counts: collections.Counter[str] = collections.Counter()
    for sentence in sentences:
        counts.update(words_outside(sentence))
    known = Entities.from_rows(words)
    return sorted(
        word
        for word, count in counts.items()
        if count >= _FREQUENT
        and len(word) >= _LONG
        and word not in words
        and any(match.quality == TYPING for match in known.match(word))
    )


def _said_together(language: str, read: HomeAssistantLanguage) -> dict[str, list[str]]:
    rng = random.Random(0)
    found: dict[str, set[str]] = {}
    for template in read.templates:
        found.setdefault(template.intent, set()).update(
            said for said, _ in _samples(language, template, rng)
        )
    return {intent: sorted(own) for intent, own in sorted(found.items())}


def _endings(
    language: str,
    read: HomeAssistantLanguage,
    groups: Mapping[tuple[str, str, str], Sequence[str]],
    words: frozenset[str],
) -> dict[str, list[str]]:
    """Words of templates that stand at the end of a name or of free words, an `s` between them or not."""
    rng = random.Random(0)
    found: dict[str, set[str]] = {}
    for template in read.templates:
        for _, drawn in _samples(language, template, rng):
            for slot, start, end in drawn.slots:
                rest = _LETTERS.match(drawn.text, end)
                ending = "" if rest is None else rest.group().lower()
                if drawn.text[start:end] == _ANY and words.intersection(without_link(ending)):
                    kinds = _domains(template, groups) if slot == "name" else [slot]
                    for kind in kinds:
                        found.setdefault(kind, set()).update(without_link(ending) & words)
    return {kind: sorted(own) for kind, own in sorted(found.items())}


def opposites_of(
    language: str,
    read: HomeAssistantLanguage,
    groups: Mapping[tuple[str, str, str], Sequence[str]],
) -> dict[str, Any]:
    """What a file knows to distinguish opposite intents, by its entry of the knowledge.

    Words of sentences by kind of device, of kinds that have sentences of both intents; they are of templates with a
    name and no other slot. And the words of other templates between a name and an area or a floor: `auf` of
    `auf dem Balkon` opens nothing.

    Args:
        language: The language.
        read: Its templates.
        groups: As `domain_groups` gives them.
    """
    rng = random.Random(0)
    found: dict[str, dict[str, set[frozenset[str]]]] = {}
    between: set[str] = set()
    for template in read.templates:
        slots = {node.name for node in slot_nodes(template.node)}
        if template.intent not in OPPOSITES or "name" not in slots:
            continue
        kinds = _domains(template, groups) if slots == {"name"} else ()
        for _, drawn in _samples(language, template, rng, _SAMPLES_OF_OPPOSITES):
            spans = [(start, end) for _, start, end in drawn.slots]
            words = frozenset(words_outside(drawn.text, spans))
            for kind in kinds:
                found.setdefault(kind, {}).setdefault(template.intent, set()).add(words)
            for (first, _, end), (second, start, _) in itertools.pairwise(drawn.slots):
                if first == "name" and second != "name":
                    between.add(" ".join(drawn.text[end:start].lower().split()))
    return {
        OPPOSITE: {
            kind: sentences_that_decide(own)
            for kind, own in sorted(found.items())
            if set(own) == set(OPPOSITES)
        },
        BEFORE_PLACES: sorted(between - {""}),
    }


def units_of(language: str, read: HomeAssistantLanguage) -> dict[str, Any]:
    """The words that say whether a number counts hours, minutes or seconds, as templates write them after it.

    And for each list of words among the values of such slots, as `half` is one, what it counts by the unit that is
    said after it, or else before it.

    Args:
        language: The language.
        read: Its templates.
    """
    rng = random.Random(0)
    after: dict[str, collections.Counter[str]] = {}
    parts: list[tuple[str, str, str, str]] = []
    written: dict[str, Mapping[str, Any]] = {}
    for template in read.templates:
        lists: dict[str, set[str]] = {}
        for node in slot_nodes(template.node):
            if node.name.removeprefix(START) in DURATIONS and node.list_name in read.lists:
                lists.setdefault(node.name, set()).add(node.list_name)
                if node.list_name not in written:
                    written[node.list_name] = _list(read.lists[node.list_name]).get("values", {})
        for _, drawn in _samples(language, template, rng) if lists else ():
            ends = [*(start for _, start, _ in drawn.slots[1:]), len(drawn.text)]
            begins = [0, *(end for *_, end in drawn.slots[:-1])]
            for (slot, start, end), first, last in zip(drawn.slots, begins, ends, strict=True):
                if slot not in lists:
                    continue
                base = slot.removeprefix(START)
                value = drawn.text[start:end].lower()
                own = [name for name in sorted(lists[slot]) if value in written[name]]
                if own:
                    parts.append((own[0], base, drawn.text[end:last], drawn.text[first:start]))
                else:
                    word = next(words_outside(drawn.text[end:last]), "")
                    after.setdefault(word, collections.Counter())[base] += 1
    words = {
        word: base
        for word, counts in sorted(after.items())
        for base, count in counts.items()
        if len(counts) == 1 and count >= _FREQUENT and _is_of_letters(word) and len(word) > 1
    }
    found: dict[str, dict[str, set[str]]] = {}
    for name, base, behind, before in parts:
        said = [words[word] for word in words_outside(behind) if word in words]
        said += [words[word] for word in reversed([*words_outside(before)]) if word in words]
        if said:
            found.setdefault(name, {}).setdefault(said[0], set()).add(base)
    return {
        "words": words,
        "parts": {
            name: {unit: min(bases) for unit, bases in sorted(own.items()) if len(bases) == 1}
            for name, own in sorted(found.items())
        },
    }


def without_link(ending: str) -> set[str]:
    """The end of a compound word, as it is and without an `s` that joins it: `sliste` is `liste`."""
    return {ending, ending.removeprefix("s")}


def _facts(language: str, read: HomeAssistantLanguage) -> dict[str, Any]:
    """Facts and the weights of words by intent, slot, and the slots that are said."""
    counts: dict[str, dict[str, dict[str, dict[str, collections.Counter[str]]]]] = {}
    rng = random.Random(0)
    keys: dict[str, set[str]] = {}
    facts = [
        {**template.facts, **lists}
        for template, lists in zip(read.templates, _lists_of_numbers(read), strict=True)
    ]
    for template, own in zip(read.templates, facts, strict=True):
        keys.setdefault(template.intent, set()).update(own)
    for template, said_by_all in zip(read.templates, facts, strict=True):
        if not keys[template.intent]:
            continue
        for said, drawn in _samples(language, template, rng, _SAMPLES_OF_FACTS):
            spans = [(start, end) for _, start, end in drawn.slots]
            words = set(words_outside(drawn.text, spans))
            for key in keys[template.intent]:
                fact = str(said_by_all.get(key, NOTHING))
                by_key = counts.setdefault(template.intent, {})
                of_slots = by_key.setdefault(key, {}).setdefault(said, {})
                of_slots.setdefault(fact, collections.Counter()).update([*words, NOTHING])
    return {
        intent: {
            key: {
                said: _weights(by_fact) for said, by_fact in own.items() if [*by_fact] != [NOTHING]
            }
            for key, own in by_key.items()
        }
        for intent, by_key in counts.items()
    }


def _lists_of_numbers(read: HomeAssistantLanguage) -> list[dict[str, str]]:
    """For each template the list of numbers that its slots take, where lists of an intent count them differently."""
    ranges = {
        name: own
        for name, own in read.lists.items()
        if isinstance(own, require("hassil").RangeSlotList)
    }
    found: list[dict[str, set[str]]] = []
    different: set[tuple[str, str]] = set()
    for template in read.templates:
        lists: dict[str, set[str]] = {}
        for node in slot_nodes(template.node):
            if node.list_name in ranges:
                lists.setdefault(node.name, set()).add(node.list_name)
                if ranges[node.list_name].multiplier is not None:
                    different.add((template.intent, node.name))
        found.append(lists)
    return [
        {
            f"{slot}{LIST}": min(own)
            for slot, own in lists.items()
            if (template.intent, slot) in different and len(own) == 1
        }
        for template, lists in zip(read.templates, found, strict=True)
    ]


def _weights(counts: Mapping[str, collections.Counter[str]]) -> dict[str, dict[str, float]]:
    """Logarithms of how much likelier words are with a fact than without it; the fact itself is the word `""`."""
    if len(counts) == 1:
        return {fact: {} for fact in counts}
    total = sum(own[NOTHING] for own in counts.values())
    every = {word for own in counts.values() for word in own} - {NOTHING}
    weights: dict[str, dict[str, float]] = {}
    for fact, own in counts.items():
        rows = own[NOTHING]
        weights[fact] = {NOTHING: round(math.log(rows / total), 2)}
        for word in sorted(every):
            others = sum(other[word] for other in counts.values()) - own[word]
            inside, outside = (
                (own[word] + 0.2) / (rows + 0.4),
                (others + 0.2) / (total - rows + 0.4),
            )
            if abs(weight := math.log(inside / outside)) > _TELLING:
                weights[fact][word] = round(weight, 2)
    return weights
