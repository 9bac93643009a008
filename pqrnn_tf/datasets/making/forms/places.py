"""Places in a text that forms of writing work on."""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Iterator

from pqrnn_tf.datasets.making.rewriting import Edit, Rewriting

FINAL_MARKS = ".!?…。！？।؟,;:，、"
"""Characters that end a sentence or a clause."""

OPENING_MARKS = "¿¡"

_WRITTEN_BEFORE = (*"เแโใไ",)
_VIRAMA = 9  # its canonical combining class

_TAIL = re.compile(rf"[\s{re.escape(FINAL_MARKS)}]*\Z")
_HEAD = re.compile(rf"[\s{OPENING_MARKS}]*")
_WORD = re.compile(r"\S+")
_GAP = re.compile(r"\s+")


def tail_start(rewriting: Rewriting) -> int:
    """Where white space and final marks at the end begin, outside of slots."""
    match = _TAIL.search(rewriting.text)
    start = match.start() if match else len(rewriting.text)
    return max([start, *(end for _, end in rewriting.parts)])


def head_end(rewriting: Rewriting) -> int:
    """Where white space and opening marks at the start end, outside of slots."""
    match = _HEAD.match(rewriting.text)
    end = match.end() if match else 0
    return min([end, *(start for start, _ in rewriting.parts)])


def inside_slot(rewriting: Rewriting, start: int, end: int) -> bool:
    """Whether something of a slot stands from `start` to `end`; of an empty stretch, whether it is inside a slot."""
    spans = rewriting.slot_spans
    place = bisect.bisect_left(spans, (start, -1))
    near = spans[max(0, place - 1) : place + 1]
    if start == end:
        near = spans[max(0, place - 1) : place]
    return any(first < max(end, start + (start == end)) and start < last for first, last in near)


def gaps(rewriting: Rewriting) -> list[tuple[int, int]]:
    """White space between two words that do not belong to the same span of a slot."""
    end = len(rewriting.text)
    spans = rewriting.slot_spans
    return [
        match.span()
        for match in _GAP.finditer(rewriting.text)
        if match.start() > 0
        and match.end() < end
        and not any(first < match.start() and match.end() < last for first, last in spans)
    ]


def words(rewriting: Rewriting) -> list[tuple[int, int]]:
    """Everything between white space."""
    return [match.span() for match in _WORD.finditer(rewriting.text)]


def carrier_words(rewriting: Rewriting) -> list[tuple[int, int]]:
    """The words of nothing but letters that have nothing of a slot."""
    text, spans = rewriting.text, rewriting.slot_spans
    return [
        (start, end)
        for start, end in words(rewriting)
        if is_word(text[start:end])
        and not any(start < last and first < end for first, last in spans)
    ]


def beginning(word: str, letters: int) -> str:
    """The first letters of a word with the marks on them; a vowel that is written before its letter goes with it."""
    end = 0
    for _ in range(letters):
        end += 1 + (word[end : end + 1] in _WRITTEN_BEFORE)
        while end < len(word) and unicodedata.category(word[end])[0] == "M":
            end += 1
    return word[:end]


def is_between_syllables(word: str, place: int) -> bool:
    """Whether a word may be cut before `place`: not before a mark, nor inside what is written as one.

    So neither behind a virama, which joins two letters, nor behind a vowel that is written before its letter.
    """
    before, after = word[place - 1 : place], word[place : place + 1]
    return (
        after.isalpha()
        and before not in _WRITTEN_BEFORE
        and unicodedata.combining(before) != _VIRAMA
    )


def is_of_word(character: str) -> bool:
    """Whether a character is a letter, a mark on one or a digit; not where there is none."""
    return bool(character) and unicodedata.category(character)[0] in "LMN"


def is_word(text: str) -> bool:
    """Whether a text is letters and the marks on them."""
    return text.isalpha() or all(unicodedata.category(character)[0] in "LM" for character in text)


def chosen_spans(rewriting: Rewriting) -> Iterator[tuple[int, int]]:
    """The spans of slots that stand in one place: what people would put in quotation marks."""
    for slot in rewriting.slots or ():
        if len(slot.spans) == 1:
            yield slot.spans[0]


def around(start: int, end: int, before: str, after: str) -> list[Edit]:
    """Edits that put something on both sides of a stretch of text."""
    return [(start, start, before), (end, end, after)]
