"""How people type in a chat: abbreviations, missing apostrophes and accents, hashtags and mentions."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Mapping

from pqrnn_tf.datasets.making.carriers.tables import phrases_of
from pqrnn_tf.datasets.making.chance import number, pick
from pqrnn_tf.datasets.making.forms.invented import invented_word
from pqrnn_tf.datasets.making.forms.places import is_word
from pqrnn_tf.datasets.making.forms.politeness import prefixed
from pqrnn_tf.datasets.making.forms.speech import parts_of_numbers
from pqrnn_tf.datasets.making.rewriting import Edit, Rewriting

_WORD = re.compile(r"(?<!\S)[^\s.,;:!?¿¡।]+")
_LETTERS = re.compile(r"(?<!\S)[^\s.,;:!?]+ [^\s.,;:!?]+(?=[\s.,;:!?]|\Z)")
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
_GERMAN = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
_ACCENTS = frozenset({"de", "es", "fr"})
_SHARE = 0.7


def abbreviations(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`u`, `pls`, `tmrw`, `2nite`: most of the words that have a short form."""
    phrases = phrases_of(language)
    edits: list[Edit] = []
    if phrases.loose_abbreviations:
        edits = _shortened(rewriting, rng, language, phrases.loose_abbreviations, loose=True)
    taken = [(start, end) for start, end, _ in edits]
    edits += [
        edit
        for edit in _shortened(rewriting, rng, language, phrases.abbreviations, loose=False)
        if not any(start < edit[1] and edit[0] < end for start, end in taken)
    ]
    return rewriting.edited(sorted(edits))


def _shortened(
    rewriting: Rewriting,
    rng: random.Random,
    language: str,
    table: Mapping[str, tuple[str, ...]],
    *,
    loose: bool,
) -> list[Edit]:
    text, spans = rewriting.text, rewriting.slot_spans
    edits: list[Edit] = []
    patterns = [_LETTERS, _WORD] if any(" " in key for key in table) else [_WORD]
    for pattern in patterns:
        for match in pattern.finditer(text):
            start, end = match.span()
            short = table.get(match.group().lower())
            if short is None or rng.random() >= _SHARE:
                continue
            if loose and any(first < end and start < last for first, last in spans):
                continue
            new = pick(rng, short)
            joins = new[-1].isdigit() or new == "+"
            if joins and _is_beside_number(text, start, end, language):
                continue  # `for 7` as `4 7` would be another number, `5 und 7` as `5 + 7` a sum
            if match.group().isupper() and len(match.group()) > 1:
                new = new.upper()
            if not any(first < end and start < last for first, last, _ in edits):
                edits.append((start, end, new))
    return edits


def _is_beside_number(text: str, start: int, end: int, language: str) -> bool:
    """Whether a number in digits or words is the word before or behind a stretch of text."""
    beside = (*text[:start].split()[-1:], *text[end:].split()[:1])
    numbers = parts_of_numbers(language)
    return any(
        word[0].isdigit() or word[-1].isdigit() or word.lower().strip(".,!?") in numbers
        for word in beside
    )


def missing_apostrophes(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`whats`, `dont`, `Robs`; not where a slot begins or ends at the apostrophe."""
    edges = rewriting.edges
    return rewriting.edited(
        [
            (match.start(), match.end(), "")
            for match in _APOSTROPHE.finditer(rewriting.text)
            if match.start() not in edges and match.end() not in edges
        ]
    )


def missing_accents(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`manana`, `Kuche` or `Kueche`, in languages that are still read without accents."""
    if language not in _ACCENTS or rewriting.text.isascii():
        return rewriting
    spelled = language == "de" and rng.random() < 0.6
    edits: list[Edit] = []
    for place, character in enumerate(rewriting.text):
        if character.isascii():
            continue
        if language == "de" and (spelled or character == "ß"):
            new = _GERMAN.get(character, character)
        else:
            parts = unicodedata.normalize("NFD", character)
            plain = len(parts) > 1 and parts[0].isascii() and parts[0].isalpha()
            new = parts[0] if plain else character
        edits.append((place, place + 1, new))
    return rewriting.edited(edits)


def hashtags_after(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """One to three hashtags behind the request, of words made up or taken from outside of its slots."""
    tags = " ".join("#" + _tag(rewriting, rng, language) for _ in range(number(rng, 1, 3)))
    end = len(rewriting.text.rstrip())
    return rewriting.edited([(end, end, " " + tags)])


def mention_before(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`@somebody …`"""
    name = _tag(rewriting, rng, language)
    return prefixed(rewriting, "@" + name, rng, separator=pick(rng, (" ", " ", ": ", ", ")))


def mention_after(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`… @somebody`"""
    end = len(rewriting.text.rstrip())
    return rewriting.edited([(end, end, " @" + _tag(rewriting, rng, language))])


def _tag(rewriting: Rewriting, rng: random.Random, language: str) -> str:
    kind = rng.random()
    if kind < 0.3:
        text, spans = rewriting.text, rewriting.slot_spans
        words = [
            match.group()
            for match in _WORD.finditer(text)
            if is_word(match.group())
            and not any(first < match.end() and match.start() < last for first, last in spans)
        ]
        if words:
            return pick(rng, words)
    tag = invented_word(rng, language)
    if kind < 0.5:
        tag += pick(rng, ("_", "", "", "4")) + invented_word(rng, language)
    return tag + str(number(rng, 1, 99)) if kind > 0.9 else tag


def marked_value(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`#` or `@` directly before a slot of one word; the mark is outside."""
    text = rewriting.text
    places = [
        start
        for start, end in rewriting.slot_spans
        if is_word(text[start:end]) and (not start or text[start - 1].isspace())
    ]
    if not places:
        return rewriting
    place = pick(rng, places)
    return rewriting.edited([(place, place, pick(rng, "#@"))])


def drawn_out(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """A word outside of slots with its last vowel or letter drawn out: `pleaseee`, `playyy`."""
    spans = rewriting.slot_spans
    places = [
        match.end()
        for match in _WORD.finditer(rewriting.text)
        if len(match.group()) > 2
        and is_word(match.group())
        and not unicodedata.combining(match.group()[-1])
        and not any(first < match.end() and match.start() < last for first, last in spans)
    ]
    if not places:
        return rewriting
    place = pick(rng, places)
    return rewriting.edited([(place, place, rewriting.text[place - 1] * number(rng, 2, 5))])
