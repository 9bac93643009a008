"""The words of names and of texts in which names are looked for. Needs the standard library only.

docs/entities.md says the rules; the matchers in Java and JavaScript follow the same ones.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from pqrnn_tf.runtime.folding import FOLDED, fold, load_folding_table
from pqrnn_tf.runtime.unicode_table import (
    ALONE,
    DIGIT,
    LETTER,
    MARK,
    PUNCTUATION,
    character_sets,
    is_of_first_plane,
    load_unicode_table,
)

_ACCENTS = {7, *range(10, 36), *range(200, 241)}
"""Canonical combining classes of marks that a key leaves out: nuktas, Hebrew and Arabic points, accents. Vowel signs,
viramas and tone marks (classes 0, 9 and around 100) make other words and stay."""

_SPELT = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "ς": "σ"}
"""Letters that have no decomposition but are often typed so; and the sigma that ends a word, whose capital is that of
any sigma."""


class Word(NamedTuple):
    """A word of a text.

    Attributes:
        start, end: Half-open range of code points of the caller's text.
        text: The word, folded, with its capitals and accents.
    """

    start: int
    end: int
    text: str


def words_of(text: str) -> tuple[list[Word], str]:
    """The words of a text: the tokens of the projection, except punctuation.

    Args:
        text: Any string.

    Returns:
        The words, and the folded text (version 2 of the projection) that they were found in.
    """
    words, folded = (_last_words if len(text) <= _LAST_LENGTH else _find_words)(text)
    return list(words), folded


def _find_words(text: str) -> tuple[tuple[Word, ...], str]:
    folded = fold(text, version=FOLDED)
    starts, ends = folded.starts, folded.ends
    found = _spans_of_words(folded.text)
    if starts is None or ends is None:
        return tuple([Word(a, b, folded.text[a:b]) for a, b in found]), folded.text
    return tuple([Word(starts[a], ends[b - 1], folded.text[a:b]) for a, b in found]), folded.text


_last_words = functools.lru_cache(maxsize=16)(_find_words)
_LAST_LENGTH = 512
"""Texts of up to this many characters are remembered, a few of them: several lists are looked for in one request."""


def _spans_of_words(folded: str) -> list[tuple[int, int]]:
    pattern = _word_pattern(is_of_first_plane(folded))
    return [match.span() for match in pattern.finditer(folded) if match.lastgroup]


@functools.cache
def _word_pattern(first_plane: bool) -> re.Pattern[str]:
    of_kind = character_sets(FOLDED, first_plane=first_plane)
    letter, digit, mark = of_kind[LETTER], of_kind[DIGIT], of_kind[MARK]
    return re.compile(
        f"(?P<word>[{letter}{mark}]+|[{digit}][{digit}{mark}]*|[{of_kind[ALONE]}][{mark}]*)"
        f"|[{of_kind[PUNCTUATION]}][{mark}]+"
    )


def key_of(word: str) -> str:
    """What a word is compared by: lower case, without accents.

    Args:
        word: A folded word, as `words_of` gives it.
    """
    if word.isascii():
        return word.lower()
    return "".join(map(_key_of_character, word)) or word


def keys_of_name(name: str) -> list[str]:
    """The keys of the words of a name."""
    folded = fold(name, version=FOLDED).text
    return [key_of(folded[start:end]) for start, end in _spans_of_words(folded)]


@functools.lru_cache(maxsize=65536)
def key_of_name(name: str) -> str:
    """What a whole name is compared by: the keys of its words, and the name itself where it has none."""
    return " ".join(keys_of_name(name)) or name


@functools.lru_cache(maxsize=65536)
def _key_of_character(character: str) -> str:
    folding = load_folding_table(FOLDED)
    point = load_unicode_table(FOLDED).lower_case(ord(character))
    while point in folding.decomposed:  # what is taken off are marks; letters come first
        base, mark = folding.decomposed[point]
        if folding.combining.get(mark, 0) not in _ACCENTS:
            break
        point = base
    if folding.combining.get(point, 0) in _ACCENTS:
        return ""
    return _SPELT.get(chr(point), chr(point))


def is_of_letters(key: str) -> bool:
    """Whether a word has endings and typing errors: one of letters, not a number."""
    return len(key) > 1 and has_letters(key)


def has_letters(key: str) -> bool:
    """Whether a word is of letters, one or several, that are not a token each."""
    return load_unicode_table(FOLDED).character_class(ord(key[0])) in (LETTER, MARK)


def is_inflected(text: str, name: str) -> bool:
    """Whether two words of letters differ in their endings only.

    They begin with the same letters, at least as many as the table says, and each has few more:

    | letters in common | more in the text | more in the name |
    |---|---|---|
    | 3 | 1 | 0 |
    | 4 | 2 | 1 |
    | 5 and more | 3 | 2 |

    Args:
        text: Key of a word of the text.
        name: Key of a word of a name, another one.
    """
    common = 0
    for a, b in zip(text, name, strict=False):
        if a != b:
            break
        common += 1
    if common < 3:
        return False
    own, other = len(text) - common, len(name) - common
    of_text, of_name = (1, 0) if common == 3 else (2, 1) if common == 4 else (3, 2)
    return own <= of_text and other <= of_name


LONGEST_ENDINGS = (3, 2)
"""The most letters of an ending, of a word of the text and of one of a name."""


def allowed_errors(text: str, name: str) -> int:
    """Typing errors that a word may have: one from 4 letters on, two from 8 on, by the shorter of the two."""
    shorter = min(len(text), len(name))
    return 0 if shorter < 4 else 1 if shorter < 8 else 2


def typing_errors(a: str, b: str, limit: int) -> int | None:
    """How many letters were left out, added, replaced, or exchanged with their neighbour.

    The optimal string alignment distance: no letter takes part in two of these.

    Args:
        a, b: Two words.
        limit: The most that is counted.

    Returns:
        The number, `None` if it is above `limit`.
    """
    if abs(len(a) - len(b)) > limit:
        return None
    begin = 0
    shorter = min(len(a), len(b))
    while begin < shorter and a[begin] == b[begin]:
        begin += 1
    end = 0
    while end < shorter - begin and a[-1 - end] == b[-1 - end]:
        end += 1
    a, b = a[begin : len(a) - end], b[begin : len(b) - end]
    longer = max(len(a), len(b))
    if longer <= 1:
        return longer if longer <= limit else None
    if limit and longer == len(a) == len(b) == 2 and a == b[::-1]:
        return 1
    if limit < 2:
        return None
    before: list[int] = []
    last, row = list(range(len(b) + 1)), list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, last = last, row
    return row[-1] if row[-1] <= limit else None


COMPARED = 8
"""Letters at the beginning of a word that are left out in turn. Words with few errors between them have in common what
is left of their beginnings, because what an error moves over the border is left out on the other side."""


def with_letters_left_out(word: str, errors: int) -> set[str]:
    """The beginning of a word, and what is left of it where up to `errors` letters are left out."""
    last = {word[:COMPARED]}
    found = set(last)
    for _ in range(errors):
        last = {part[:i] + part[i + 1 :] for part in last for i in range(len(part))}
        found |= last
    return found
