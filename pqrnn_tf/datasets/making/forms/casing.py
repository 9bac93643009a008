"""Upper and lower case."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from pqrnn_tf.datasets.making.chance import pick
from pqrnn_tf.datasets.making.forms.places import words
from pqrnn_tf.datasets.making.rewriting import Rewriting

_LETTER = r"(?P<letter>[^\W\d_])(?![A-Z])"
_FIRST = re.compile(rf"\A[\W_]*{_LETTER}")
_FIRST_OF_WORD = re.compile(rf"(?<!\S)[^\w\s]*{_LETTER}")
_DOTTED = frozenset({"tr", "az"})


def mapped(text: str, change: Callable[[str], str]) -> str:
    """`change` for each character; one that would become several (`ß`) stays."""
    new = change(text)
    if len(new) == len(text):
        return new
    return "".join(
        changed if len(changed) == 1 else character
        for character, changed in zip(text, map(change, text), strict=True)
    )


def upper(text: str, language: str) -> str:
    """A text in capitals; in Turkish and Azeri that of `i` is `İ`."""
    return mapped(text.replace("i", "İ") if language in _DOTTED else text, str.upper)


def lower(text: str, language: str) -> str:
    """A text in small letters; in Turkish and Azeri that of `I` is `ı`."""
    plain = text.replace("İ", "i").replace("I", "ı") if language in _DOTTED else text
    return mapped(plain, str.lower)


def _with_capitals(text: str, first: re.Pattern[str], language: str) -> str:
    """A text with capitals where a pattern finds a letter; not in `iPhone`, nor in Georgian, which has none there."""

    def capital(match: re.Match[str]) -> str:
        letter = match["letter"]
        dotted = letter == "i" and language in _DOTTED
        return match.group()[:-1] + ("İ" if dotted else mapped(letter, str.title))

    return first.sub(capital, text)


def recased(rewriting: Rewriting, text: str) -> Rewriting:
    """The row with another text of the same length."""
    return rewriting.edited([(0, len(rewriting.text), text)])


def lower_case(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """All in lower case."""
    return recased(rewriting, lower(rewriting.text, language))


def upper_case(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """All in upper case."""
    return recased(rewriting, upper(rewriting.text, language))


def title_case(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Each word begins with a capital."""
    return recased(rewriting, _with_capitals(rewriting.text, _FIRST_OF_WORD, language))


def sentence_case(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """The first letter of the request is a capital, the rest is as it was."""
    return recased(rewriting, _with_capitals(rewriting.text, _FIRST, language))


def sentence_case_only(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """The first letter is the only capital."""
    return recased(rewriting, _with_capitals(lower(rewriting.text, language), _FIRST, language))


def upper_case_word(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """One word in capitals, as somebody who stresses it."""
    places = words(rewriting)
    if not places:
        return rewriting
    start, end = pick(rng, places)
    return rewriting.edited([(start, end, upper(rewriting.text[start:end], language))])


def swapped_case(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """As with caps lock on by mistake: lower case where capitals were, and the other way round."""
    return recased(rewriting, mapped(rewriting.text, str.swapcase))


def mixed_case(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Each letter in either case."""
    new = "".join(
        (upper if rng.random() < 0.5 else lower)(character, language)
        for character in rewriting.text
    )
    return recased(rewriting, new)
