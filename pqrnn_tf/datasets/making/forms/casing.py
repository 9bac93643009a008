"""Upper and lower case."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from pqrnn_tf.datasets.making.chance import pick
from pqrnn_tf.datasets.making.forms.places import words
from pqrnn_tf.datasets.making.rewriting import Rewriting

_FIRST = re.compile(r"(?:^|(?<=\s))[^\W\d_]")


def mapped(text: str, change: Callable[[str], str]) -> str:
    """`change` for each character; one that would become several (`ß`) stays."""
    new = change(text)
    if len(new) == len(text):
        return new
    return "".join(
        changed if len(changed) == 1 else character
        for character, changed in zip(text, map(change, text), strict=True)
    )


def recased(rewriting: Rewriting, text: str) -> Rewriting:
    """The row with another text of the same length."""
    return rewriting.edited([(0, len(rewriting.text), text)])


def lower_case(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """All in lower case."""
    return recased(rewriting, mapped(rewriting.text, str.lower))


def upper_case(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """All in upper case."""
    return recased(rewriting, mapped(rewriting.text, str.upper))


def title_case(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Each word begins with a capital."""
    new = _FIRST.sub(lambda match: mapped(match.group(), str.upper), rewriting.text)
    return recased(rewriting, new)


def sentence_case(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """The first letter of the request is a capital, the rest is as it was."""
    new = _FIRST.sub(lambda match: mapped(match.group(), str.upper), rewriting.text, count=1)
    return recased(rewriting, new)


def sentence_case_only(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """The first letter is the only capital."""
    new = mapped(rewriting.text, str.lower)
    new = _FIRST.sub(lambda match: mapped(match.group(), str.upper), new, count=1)
    return recased(rewriting, new)


def upper_case_word(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """One word in capitals, as somebody who stresses it."""
    places = words(rewriting)
    if not places:
        return rewriting
    start, end = pick(rng, places)
    return rewriting.edited([(start, end, mapped(rewriting.text[start:end], str.upper))])


def swapped_case(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """As with caps lock on by mistake: lower case where capitals were, and the other way round."""
    return recased(rewriting, mapped(rewriting.text, str.swapcase))


def mixed_case(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Each letter in either case."""
    new = "".join(
        mapped(character, str.upper if rng.random() < 0.5 else str.lower)
        for character in rewriting.text
    )
    return recased(rewriting, new)
