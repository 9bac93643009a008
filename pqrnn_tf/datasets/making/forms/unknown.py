"""What training never saw, beside the slots: words, strings, scripts and signs that belong to nothing.

A word that nobody knows directly behind a slot would be taken for its last word, by people too. So it stands there
behind a comma or in brackets; without any only where no slot is beside it.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable

from pqrnn_tf.datasets.making.chance import pick
from pqrnn_tf.datasets.making.forms.invented import (
    capitalised,
    invented_word,
    random_letters,
    random_script,
    random_symbols,
)
from pqrnn_tf.datasets.making.forms.places import gaps, tail_start
from pqrnn_tf.datasets.making.forms.politeness import appended, prefixed
from pqrnn_tf.datasets.making.rewriting import Rewriting

Drawn = Callable[[random.Random, str], str]
Writer = Callable[[Rewriting, random.Random, str], Rewriting]

_AROUND = ((" ", ""), (", ", ","), (" (", ")"), (" - ", " -"), ("... ", "..."))
_HOW_MANY = (1, 1, 2, 2, 3)
_AT_NUMBERS = "%‰‱°-−+±#"
_APART = (", ", ", ", ": ", " - ", "! ", "... ", " / ")


def _belongs(drawn: str) -> bool:
    """Whether something would be read with the word beside it: letters, and what is written at a number (`%`, `€`)."""
    return drawn[0].isalnum() or drawn[0] in _AT_NUMBERS or unicodedata.category(drawn[0]) == "Sc"


def any_word(rng: random.Random, language: str) -> str:
    """One to three made-up words of the language, or letters without sense."""
    words = []
    for _ in range(pick(rng, _HOW_MANY)):
        word = invented_word(rng, language) if rng.random() < 0.65 else random_letters(rng)
        words.append(capitalised(word) if rng.random() < 0.2 else word)
    return " ".join(words)


def any_script(rng: random.Random, language: str) -> str:
    """One to three words in the letters of some script."""
    return random_script(rng, pick(rng, _HOW_MANY))


def any_symbols(rng: random.Random, language: str) -> str:
    """Signs."""
    return random_symbols(rng)


def unknown_before(draw: Drawn) -> Writer:
    """A form with something unknown before the request."""

    def write(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
        drawn = draw(rng, language)
        separator = pick(rng, _APART)
        slot_begins = any(start == 0 for start, _ in rewriting.parts)
        if rng.random() < 0.6 and (not slot_begins or not _belongs(drawn[-1])):
            separator = " "
        return prefixed(rewriting, drawn, rng, separator=separator)

    return write


def unknown_after(draw: Drawn) -> Writer:
    """A form with something unknown behind the request."""

    def write(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
        drawn = draw(rng, language)
        end = tail_start(rewriting)
        slot_ends = any(last == end for _, last in rewriting.parts)
        letters = _belongs(drawn)
        kind = rng.random()
        if kind < 0.25:
            brackets = pick(rng, ("()", "[]", "()", "<>"))
            return rewriting.edited([(end, end, f" {brackets[0]}{drawn}{brackets[1]}")])
        if kind < 0.6 and not (letters and slot_ends):
            return rewriting.edited([(end, end, " " + drawn)])
        return appended(rewriting, drawn, rng, apart=True)

    return write


def unknown_between(draw: Drawn) -> Writer:
    """A form with something unknown between two words.

    Where it has letters none of the two belongs to a slot, and mostly it stands in brackets or between commas.
    """

    def write(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
        drawn = draw(rng, language)
        edges = {edge for span in rewriting.slot_spans for edge in span}
        letters = _belongs(drawn)
        places = [
            (start, end)
            for start, end in gaps(rewriting)
            if not letters or (start not in edges and end not in edges)
        ]
        if not places:
            return rewriting
        start, _ = pick(rng, places)
        opening, closing = pick(rng, _AROUND) if letters else (" ", "")
        return rewriting.edited([(start, start, opening + drawn + closing)])

    return write
