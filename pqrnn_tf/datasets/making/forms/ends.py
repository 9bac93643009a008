"""How a request ends: punctuation of all sorts and none."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from pqrnn_tf.datasets.making.chance import number, pick
from pqrnn_tf.datasets.making.forms.places import gaps, head_end, is_of_word, tail_start
from pqrnn_tf.datasets.making.rewriting import Edit, Rewriting

EXCLAMATIONS = ("!!", "!!!", "!!!!")
MIXED_MARKS = ("?!", "!?", "?!?", "?!?!", "!!?", "??", "???", "??!", "!1!", "?.")
DOTS = ("...", "…", "..", "....", " ...", ". . .")
FOREIGN_STOPS = ("।", "。", "！", "？", "؟", "．", "｡", "॥", "۔", "·", " ।", "፡፡")
OTHER_ENDS = (
    " .",
    " !",
    " ?",
    ";",
    ":",
    ",",
    " -",
    " –",
    "~",
    "*",
    "|",
    ")",
    ".)",
    '."',
    ".,",
    ". .",
    " :",
    "/",
    "\\",
)
INVERTED = (("¿", "?"), ("¡", "!"), ("¡", "!!"), ("¿", "?!"), ("¿ ", " ?"), ("¡ ", " !"))
INNER_MARKS = (",", ",", ",", ";", ":", " -", " –", " —", "...", ".", "…", " /", " |", " ,", "!")

Writer = Callable[[Rewriting, random.Random, str], Rewriting]


def ended(rewriting: Rewriting, mark: str, opening: str = "") -> Rewriting:
    """The row with `mark` in the place of its final marks, and `opening` in that of its opening ones.

    A mark that is inside a slot stays; so does the row where it is the same mark, and one of nothing but marks.
    """
    start, end = tail_start(rewriting), len(rewriting.text)
    if start <= head_end(rewriting):
        return rewriting
    before = rewriting.text[start - 1 : start]
    if mark and (mark.strip().startswith(before) and before in ".!?"):
        mark = mark.strip()[1:]
    edits: list[Edit] = []
    if head := head_end(rewriting):
        edits.append((0, head, opening))
    elif opening:
        edits.append((0, 0, opening))
    return rewriting.edited([*edits, (start, end, mark)])


def with_end(marks: Sequence[str]) -> Writer:
    """A form that ends the row with one of `marks`."""

    def write(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
        return ended(rewriting, pick(rng, marks))

    return write


def inverted_marks(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`¿…?` or `¡…!`."""
    opening, mark = pick(rng, INVERTED)
    return ended(rewriting, mark, opening)


def inner_marks(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """A comma, dash or the like after one or two words, none of them inside a slot."""
    places = gaps(rewriting)
    return _marked(rewriting, rng, places, INNER_MARKS)


def commas(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Only commas, as `inner_marks`."""
    return _marked(rewriting, rng, gaps(rewriting), (",",))


def _marked(
    rewriting: Rewriting,
    rng: random.Random,
    places: Sequence[tuple[int, int]],
    marks: Sequence[str],
) -> Rewriting:
    free = [place for place, _ in places if is_of_word(rewriting.text[place - 1])]
    if not free:
        return rewriting
    chosen = {pick(rng, free) for _ in range(number(rng, 1, 2))}
    return rewriting.edited([(place, place, pick(rng, marks)) for place in sorted(chosen)])


def no_inner_marks(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Without commas and the like between words."""
    text, spans = rewriting.text, rewriting.slot_spans
    edits = [
        (place, place + 1, "")
        for place, character in enumerate(text)
        if character in ",;:"
        and place + 1 < len(text)
        and text[place + 1].isspace()
        and not any(first <= place < last for first, last in spans)
    ]
    return rewriting.edited(edits)
