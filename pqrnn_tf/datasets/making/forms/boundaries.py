"""Words run together and split, never at the edge of a slot, so that no slot begins or ends inside a word."""

from __future__ import annotations

import random

from pqrnn_tf.datasets.making.carriers.tables import phrases_of
from pqrnn_tf.datasets.making.chance import number, pick
from pqrnn_tf.datasets.making.forms.places import is_between_syllables, is_word, words
from pqrnn_tf.datasets.making.rewriting import Rewriting

_SHORTEST_SPLIT = 5


def _inner_gaps(rewriting: Rewriting, language: str) -> list[tuple[int, int]]:
    """White space between two words of letters that is at no edge of a slot and beside no negation."""
    text, edges = rewriting.text, rewriting.edges
    negations = phrases_of(language).negations
    found = words(rewriting)
    plain = [
        is_word(text[start:end]) and text[start:end].lower() not in negations
        for start, end in found
    ]
    return [
        (found[index][1], found[index + 1][0])
        for index in range(len(found) - 1)
        if plain[index]
        and plain[index + 1]
        and not edges.intersection(range(found[index][1], found[index + 1][0] + 1))
    ]


def words_joined(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Two words written as one, once or twice."""
    places = _inner_gaps(rewriting, language)
    if not places:
        return rewriting
    chosen = sorted({pick(rng, places) for _ in range(number(rng, 1, 2))})
    return rewriting.edited([(start, end, "") for start, end in chosen])


def words_hyphenated(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """A hyphen between two words in the place of the space."""
    places = _inner_gaps(rewriting, language)
    if not places:
        return rewriting
    start, end = pick(rng, places)
    return rewriting.edited([(start, end, "-")])


def words_split(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """One word of five letters or more written as two."""
    text, edges = rewriting.text, rewriting.edges
    negations = phrases_of(language).negations
    places = [
        (start, end)
        for start, end in words(rewriting)
        if end - start >= _SHORTEST_SPLIT
        and is_word(text[start:end])
        and text[start:end].lower() not in negations
        and not edges.intersection(range(start + 1, end))
    ]
    if not places:
        return rewriting
    start, end = pick(rng, places)
    cuts = [place for place in range(start + 2, end - 1) if is_between_syllables(text, place)]
    if not cuts:
        return rewriting
    place = pick(rng, cuts)
    return rewriting.edited([(place, place, " ")])
