"""The same text in other characters: spaces, quotes and dashes, composed and decomposed letters, full width.

A reader sees hardly a difference. A projection of version 2 folds all of these away; one of version 1 sees them.
"""

from __future__ import annotations

import random
import re
import unicodedata
from typing import Literal

from pqrnn_tf.datasets.making.chance import number, pick
from pqrnn_tf.datasets.making.forms.casing import recased
from pqrnn_tf.datasets.making.forms.places import gaps
from pqrnn_tf.datasets.making.rewriting import Edit, Rewriting

_SPACE = re.compile(r"[ \t]+")
_WIDE_SPACES = "\u00a0\u2002\u2003\u2009\u202f\u3000\u2007"
_INVISIBLE = "\u200b\u200e\u200f\u2060\ufeff\u00ad"
_DASHES = "–—‐‑−"
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_FULL_WIDTH_LETTERS = {code: wide for code, wide in _FULL_WIDTH.items() if chr(code).isalnum()}


def extra_spaces(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """More than one space between words, before and after."""
    edits: list[Edit] = []
    if rng.random() < 0.5:
        edits.append((0, 0, " " * number(rng, 1, 3)))
    edits += [
        (match.end(), match.end(), " " * number(rng, 1, 3))
        for match in _SPACE.finditer(rewriting.text)
        if rng.random() < 0.4
    ]
    end = len(rewriting.text)
    edits = [edit for edit in edits if edit[0] < end]
    if rng.random() < 0.5 or not edits:
        edits.append((end, end, pick(rng, (" ", "  ", "\n", "\t", " \n", "\r\n"))))
    return rewriting.edited(edits)


def tabs(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """A tab or a line break between two words."""
    places = gaps(rewriting)
    if not places:
        return extra_spaces(rewriting, rng, language)
    start, end = pick(rng, places)
    return rewriting.edited([(start, end, pick(rng, ("\t", "\n", " \n", "\t\t", "\r\n")))])


def other_spaces(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """No-break and other spaces of the same or another width."""
    space, every = pick(rng, _WIDE_SPACES), rng.random() < 0.5
    text = "".join(
        space if character == " " and (every or rng.random() < 0.5) else character
        for character in rewriting.text
    )
    return recased(rewriting, text)


def invisible_characters(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Characters without width: zero-width space, direction marks, soft hyphen, byte order mark.

    None stands at the edge of a slot: a projection of version 1 takes it for a letter of the word it touches.
    """
    size = len(rewriting.text) + 1
    places = {int(rng.random() * size) for _ in range(number(rng, 1, 3))} - rewriting.edges
    return rewriting.edited([(place, place, pick(rng, _INVISIBLE)) for place in sorted(places)])


def curly_apostrophes(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`’` in the place of `'`, and curly double quotes."""
    text = rewriting.text.replace("'", pick(rng, "’’’‘´`ʼ′"))
    opening = True
    characters = []
    for character in text:
        if character == '"':
            character, opening = "“" if opening else "”", not opening
        characters.append(character)
    return recased(rewriting, "".join(characters))


def straight_apostrophes(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Straight apostrophes and quotes in the place of curly ones."""
    straight = {ord(mark): "'" for mark in "’‘´`ʼ′"} | {ord(mark): '"' for mark in "“”„«»"}
    return recased(rewriting, rewriting.text.translate(straight))


def other_dashes(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Dashes in the place of hyphens."""
    return recased(rewriting, rewriting.text.replace("-", pick(rng, _DASHES)))


def decomposed(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Letters and their marks as code points of their own (NFD)."""
    return normalised(rewriting, "NFD")


def composed(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """A letter and its marks as one code point where there is one (NFC)."""
    return normalised(rewriting, "NFC")


def normalised(rewriting: Rewriting, form: Literal["NFC", "NFD"]) -> Rewriting:
    """The row in a normalisation form, one letter with its marks at a time."""
    text = rewriting.text
    if text.isascii() or unicodedata.is_normalized(form, text):
        return rewriting
    edits: list[Edit] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and unicodedata.category(text[end])[0] == "M":
            end += 1
        new = unicodedata.normalize(form, text[start:end])
        if new != text[start:end]:
            edits.append((start, end, new))
        start = end
    return rewriting.edited(edits)


def full_width(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Latin letters and digits, or all of ASCII, as an Asian keyboard writes them in full width."""
    table = _FULL_WIDTH if rng.random() < 0.5 else _FULL_WIDTH_LETTERS
    text = rewriting.text.translate(table)
    if table is _FULL_WIDTH and rng.random() < 0.3:
        text = text.replace(" ", "\u3000")
    return recased(rewriting, text)


def full_width_word(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Full width in one word only."""
    words = [match.span() for match in re.finditer(r"\S+", rewriting.text)]
    if not words:
        return rewriting
    start, end = pick(rng, words)
    return rewriting.edited([(start, end, rewriting.text[start:end].translate(_FULL_WIDTH))])
