"""Errors of people who type and of recognisers, one generator a kind, made in labelled rows.

Each kind is registered once, in `ERRORS`, with its weight among all errors. Slots and trees follow (`Rewriting`), words
that turn the meaning round stay as they are, and no error makes one of another word, or a number or a day, but for a
word that sounds the same (`for` as `four`), and that not beside a number. The same seed gives the same result on every
platform.
"""

from __future__ import annotations

import bisect
import dataclasses
import functools
import itertools
import random
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from pqrnn_tf.datasets.making.carriers.tables import phrases_of
from pqrnn_tf.datasets.making.chance import pick, pick_weighted
from pqrnn_tf.datasets.making.error_tables import (
    ACCENTS,
    ARTICLES,
    ENDINGS,
    HOMOPHONES,
    KEYBOARDS,
    NEGATED,
    PHRASES,
    SPELLINGS,
    VALUES,
    VOWELS,
)
from pqrnn_tf.datasets.making.forms.names import language_of
from pqrnn_tf.datasets.making.forms.places import is_between_syllables
from pqrnn_tf.datasets.making.rewriting import Edit, Rewriting
from pqrnn_tf.datasets.rows import NO_LABELS, Example

ALL_ERRORS = "all"
"""Errors of all kinds mixed, by their weights."""

_LETTERS_A_WORD = 8
_LONG_RUN = 24
_DRAWS = 8
_MIN_CLUSTERS = 3
_MIN_SPLIT = 5
_MIN_REAL_WORD = 4
_TWO_EDITS = 6
_FREQUENT = 2
_CACHE = 1 << 16
_JOINERS = frozenset("'’-")
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz")


def check_probability(name: str, value: float) -> None:
    """Raises `ValueError` for what is no probability."""
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"`{name}` must be from 0 to 1. Received: {value!r}.")


@functools.cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns of a word of letters and of one letter with its combining marks."""
    ranges: list[list[int]] = []
    for code in range(0x300, sys.maxunicode + 1 if sys.maxunicode < 0x20000 else 0x20000):
        if unicodedata.category(chr(code))[0] == "M":
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    marks = "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
    letter = rf"[^\W\d_][{marks}]*"
    return re.compile(f"(?:{letter})+"), re.compile(letter)


def _clusters(word: str) -> list[str]:
    return _patterns()[1].findall(word)


def words_of(text: str) -> list[tuple[int, int]]:
    """Where the words stand that may get an error: runs of letters.

    In a script without spaces, where whole clauses are one run, each eight letters count as a word.
    """
    words = []
    for match in _patterns()[0].finditer(text):
        start, end = match.span()
        if end - start <= _LONG_RUN:
            words.append((start, end))
            continue
        letters = [letter.start() for letter in _patterns()[1].finditer(text, start, end)]
        words += itertools.pairwise([*letters[::_LETTERS_A_WORD], end])
    return words


def _plain(word: str) -> str:
    """A word without the accents of its Latin letters."""
    if word.isascii():
        return word
    result = []
    base = ""
    for character in unicodedata.normalize("NFD", word):
        if unicodedata.combining(character) and base in _LATIN:
            continue
        base = character.lower()
        result.append(character)
    return unicodedata.normalize("NFC", "".join(result))


class KnownWords:
    """The words of some rows, which a correction by a keyboard or a recogniser puts in the place of others.

    Args:
        examples: Usually the training rows. Words that occur once, and short ones, are left out.
    """

    def __init__(self, examples: Iterable[Example]) -> None:
        counts: dict[str, Counter[str]] = {}
        for example in examples:
            counter = counts.setdefault(language_of(example), Counter())
            text = example.text.lower()
            counter.update(text[start:end] for start, end in words_of(text))
        self._words: dict[str, dict[str, int]] = {
            language: {
                word: count
                for word, count in sorted(counter.items())
                if count >= _FREQUENT and _MIN_REAL_WORD <= len(word) <= _LONG_RUN
            }
            for language, counter in counts.items()
        }
        self._by_deletion: dict[str, dict[str, list[str]]] = {}
        self._by_sound: dict[str, dict[str, list[str]]] = {}
        self._near: dict[tuple[str, str], tuple[str, ...]] = {}

    def __contains__(self, word_and_language: tuple[str, str]) -> bool:
        word, language = word_and_language
        return word in self._words.get(language, ())

    def near(self, word: str, language: str) -> tuple[str, ...]:
        """Words one or, of long words, two edits away that begin with the same letter, in alphabetical order."""
        key = (word, language)
        if key not in self._near:
            index = self._by_deletion.get(language)
            if index is None:
                index = {}
                for known in self._words.get(language, ()):
                    for form in {known, *_deletions(known)}:
                        index.setdefault(form, []).append(known)
                self._by_deletion[language] = index
            found = {
                known
                for form in (word, *_deletions(word))
                for known in index.get(form, ())
                if known != word
                and known[0] == word[0]
                and (len(word) >= _TWO_EDITS or _one_edit(word, known))
            }
            self._near[key] = tuple(sorted(found))
        return self._near[key]

    def alike(self, word: str, language: str) -> list[str]:
        """Words that sound alike: the same consonants in the same order, in alphabetical order."""
        index = self._by_sound.get(language)
        if index is None:
            index = {}
            for known in self._words.get(language, ()):
                index.setdefault(_sound(known), []).append(known)
            self._by_sound[language] = index
        return [
            known
            for known in index.get(_sound(word), ())
            if known != word and abs(len(known) - len(word)) < _TWO_EDITS // 2
        ]


def _deletions(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(len(word))]


def _one_edit(word: str, other: str) -> bool:
    """Whether one letter is other, more or less, or two that stand side by side are swapped."""
    if len(word) == len(other):
        wrong = [place for place in range(len(word)) if word[place] != other[place]]
        if len(wrong) == 2:
            first, second = wrong
            return second == first + 1 and (word[first], word[second]) == (
                other[second],
                other[first],
            )
        return len(wrong) == 1
    short, long = sorted((word, other), key=len)
    return len(long) == len(short) + 1 and short in _deletions(long)


_SOUNDS = str.maketrans("cqzv", "kksf")


def _sound(word: str) -> str:
    """What two words have in common that sound alike: their first letter and their consonants."""
    plain = _plain(word).replace("ph", "f").replace("gh", "").replace("ck", "k")
    heard = plain[:1] + "".join(letter for letter in plain[1:] if letter not in "aeiouyhw")
    heard = heard.translate(_SOUNDS)
    return "".join(letter for letter, _ in itertools.groupby(heard))


@dataclasses.dataclass(frozen=True)
class _Text:
    """A text whose words are to get errors.

    Attributes:
        text: The text.
        language: Its language, such as `"en"`.
        edges: Where slots and innermost slots begin and end, in order; no error may reach over them.
        slots: Where slots stand.
        known: Words that may stand in the place of others.
    """

    text: str
    language: str
    edges: Sequence[int]
    slots: Sequence[tuple[int, int]]
    known: KnownWords | None

    def within(self, word: tuple[int, int]) -> tuple[int, int]:
        """The word, or the longest part of it where a slot begins or ends inside."""
        start, end = word
        first = bisect.bisect_right(self.edges, start)
        inner = self.edges[first : bisect.bisect_left(self.edges, end)]
        if not inner:
            return word
        stretches = zip((start, *inner), (*inner, end), strict=True)
        return max(stretches, key=lambda stretch: stretch[1] - stretch[0])

    def in_slot(self, place: int) -> bool:
        """Whether a place is in a slot."""
        return any(start <= place < end for start, end in self.slots)

    def gap(self, end: int) -> tuple[int, int] | None:
        """The white space behind a word up to the next one, if there is just that and no slot begins or ends at it."""
        stop = end
        while stop < len(self.text) and self.text[stop].isspace():
            stop += 1
        if stop == end or stop == len(self.text) or not self.text[stop].isalnum():
            return None
        return end, stop

    def ends_of_phrases(self, end: int, most: int) -> Iterator[int]:
        """Where a phrase may end that begins with a word: behind it, and behind each of the next words with what is
        joined to them by an apostrophe or a hyphen.
        """
        yield end
        for _ in range(most):
            stop = end
            while stop < len(self.text) and (
                self.text[stop].isalpha()
                or self.text[stop] in _JOINERS
                or unicodedata.combining(self.text[stop])
            ):
                stop += 1
            if stop > end:
                yield stop
            gap = self.gap(stop)
            if gap is None:
                return
            end = gap[1]


_Change = Callable[[str, str, random.Random], str | None]
_Find = Callable[[_Text, tuple[int, int], random.Random], Edit | None]


def _as_written(word: str, new: str) -> str:
    """A new word in lower case, in the case of the old one."""
    if word.islower() or word == word.lower():
        return new
    if len(word) > 1 and word.isupper():
        return new.upper()
    first = new[:1].upper()
    return first + new[1:] if word[0].isupper() and len(first) == 1 else new


def _of_word(change: _Change) -> _Find:
    """A kind that replaces one word by another text."""

    def find(text: _Text, word: tuple[int, int], rng: random.Random) -> Edit | None:
        start, end = text.within(word)
        old = text.text[start:end]
        if not old[
            0
        ].isalpha():  # a slot that begins inside may leave the marks of the letter before it
            return None
        new = change(old, text.language, rng)
        return None if not new or new == old else (start, end, new)

    return find


def _from_table(choices: Callable[[str, str], Sequence[str]]) -> _Change:
    """A change to one of the texts that a table gives for a word in lower case."""

    def change(word: str, language: str, rng: random.Random) -> str | None:
        found = choices(word.lower(), language)
        return _as_written(word, pick(rng, found)) if found else None

    return change


@functools.cache
def _keys(language: str) -> Mapping[str, str]:
    """The keys beside, above and below each key of a language's keyboard."""
    rows = KEYBOARDS.get(language, KEYBOARDS["en"])
    result: dict[str, str] = {}
    for row, keys in enumerate(rows):
        for column, key in enumerate(keys):
            near = ""
            for other in (row - 1, row, row + 1):
                if 0 <= other < len(rows):
                    # Each row is shifted by about half a key to the right of the one above it.
                    shift = 1 if other < row else 0
                    for step in (-1, 0, 1) if other == row else (shift - 1, shift):
                        place = column + step
                        if 0 <= place < len(rows[other]):
                            near += rows[other][place]
            kind = unicodedata.category(key)[0]
            near = "".join(
                other for other in near if other != key and unicodedata.category(other)[0] == kind
            )
            result[key], result[key.upper()] = near, near.upper()
    return result


def distort_word(word: str, rng: random.Random) -> str:
    """One error of the kinds `"keyboard"` after the first letter; combining marks stay with their letter."""
    clusters = _clusters(word)
    if len(clusters) < _MIN_CLUSTERS:
        return word
    keys = _keys("en")
    place = 1 + int(rng.random() * (len(clusters) - 1))
    kind, choice = int(rng.random() * 4), rng.random()
    near = keys.get(clusters[place], "") or clusters[int(choice * len(clusters))]
    typed = near[int(choice * len(near))] if clusters[place] in keys else near
    if kind == 0:
        del clusters[place]
    elif kind == 1:
        other = place + 1 if place + 1 < len(clusters) else place - 1
        clusters[place], clusters[other] = clusters[other], clusters[place]
    elif kind == 2:
        clusters.insert(place, typed)
    else:
        clusters[place] = typed
    return "".join(clusters)


def _keyboard(word: str, language: str, rng: random.Random) -> str | None:
    return distort_word(word, rng)


def _neighbouring_key(word: str, language: str, rng: random.Random) -> str | None:
    """A key beside the right one is hit, instead of it or with it."""
    keys = _keys(language)
    places = [place for place, letter in enumerate(word) if keys.get(letter)]
    if not places or len(word) < _MIN_CLUSTERS:
        return None
    place = pick(rng, places)
    letter = word[place]
    typed = pick(rng, keys[letter])
    form = int(rng.random() * 4)
    followed = word[place + 1 : place + 2]
    if form < 2 or unicodedata.category(letter)[0] == "M":
        both = typed
    elif form == 2 and not (followed and unicodedata.combining(followed)):
        both = letter + typed
    else:
        both = typed + letter
    return word[:place] + both + word[place + 1 :]


def _swapped_letters(word: str, language: str, rng: random.Random) -> str | None:
    """Two letters that stand side by side are swapped."""
    clusters = _clusters(word)
    places = [place for place, (a, b) in enumerate(itertools.pairwise(clusters)) if a != b]
    if not places or len(clusters) < _MIN_CLUSTERS:
        return None
    place = pick(rng, places)
    clusters[place : place + 2] = clusters[place + 1], clusters[place]
    new = "".join(clusters)
    # A capital stays at the start of a word, since it belongs to the place and not to the letter.
    return _as_written(word, new.lower()) if word.istitle() else new


def _dropped_letter(word: str, language: str, rng: random.Random) -> str | None:
    """A letter is left out, the first one too."""
    clusters = _clusters(word)
    if len(clusters) < _MIN_CLUSTERS:
        return None
    del clusters[int(rng.random() * len(clusters))]
    return "".join(clusters)


def _doubled_letter(word: str, language: str, rng: random.Random) -> str | None:
    """A letter is typed twice, or a double one once."""
    clusters = _clusters(word)
    if len(clusters) < _MIN_CLUSTERS:
        return None
    doubles = [place for place, (a, b) in enumerate(itertools.pairwise(clusters)) if a == b]
    if doubles and rng.random() < 0.7:
        del clusters[pick(rng, doubles)]
    else:
        place = int(rng.random() * len(clusters))
        again = clusters[place]
        clusters.insert(place + 1, again.lower() if place == 0 and word.istitle() else again)
    return "".join(clusters)


def _vowel(word: str, language: str, rng: random.Random) -> str | None:
    """A vowel is another one or left out."""
    vowels = VOWELS.get(language, VOWELS[""])
    plain = _plain(word.lower()) if vowels == VOWELS[""] else word
    if len(plain) != len(word):
        return None
    places = [place for place, letter in enumerate(plain) if letter in vowels]
    if not places or len(word) < _MIN_CLUSTERS:
        return None
    place = pick(rng, places)
    new = ""
    if place == 0 or rng.random() < 0.6:
        new = pick(rng, [vowel for vowel in vowels if vowel != plain[place]])
        new = new.upper() if word[place].isupper() else new
    return word[:place] + new + word[place + 1 :]


@functools.cache
def _rules(table: str, language: str) -> Sequence[tuple[re.Pattern[str], str]]:
    """The rules of a table for a language, and its rules for all."""
    tables: Mapping[str, Mapping[str, Sequence[tuple[str, str]]]] = {
        "spellings": SPELLINGS,
        "accents": ACCENTS,
        "endings": ENDINGS,
    }
    rules = (*tables[table].get("", ()), *tables[table].get(language, ()))
    return [(re.compile(pattern), new) for pattern, new in rules]


@functools.lru_cache(_CACHE)
def _by_rules(table: str, word: str, language: str) -> tuple[str, ...]:
    """What the rules of a table make of a word in lower case, one rule at one place each."""
    found: dict[str, None] = {}
    for pattern, new in _rules(table, language):
        for match in pattern.finditer(word):
            made = word[: match.start()] + new + word[match.end() :]
            if made and made != word:
                found.setdefault(made)
    return tuple(found)


def _phonetic(word: str, language: str) -> Sequence[str]:
    """A spelling that sounds the same."""
    return _by_rules("spellings", word, language) if len(word) >= _MIN_CLUSTERS else ()


_OF_LETTERS: Sequence[_Change] = (
    _neighbouring_key,
    _swapped_letters,
    _dropped_letter,
    _doubled_letter,
    _vowel,
    _from_table(_phonetic),
    _from_table(_phonetic),
)


def _several(word: str, language: str, rng: random.Random) -> str | None:
    """Two errors of letters in one long word."""
    new = word
    for _ in range(2):
        change = pick(rng, _OF_LETTERS)
        new = change(new, language, rng) or new
    return new if new != word and len(_clusters(word)) >= _TWO_EDITS else None


@functools.lru_cache(_CACHE)
def _accent(word: str, language: str) -> Sequence[str]:
    """An accent is left out or wrong."""
    plain = _plain(word)
    # Left out is the usual thing: as often as all that is wrong together.
    wrong = _by_rules("accents", word, language)
    return (*wrong, *[plain] * max(1, len(wrong))) if plain != word else wrong


@functools.cache
def _homophones(language: str) -> Mapping[str, Sequence[str]]:
    result: dict[str, list[str]] = {}
    for group in filter(None, HOMOPHONES.get(language, "").split("|")):
        words = group.split()
        for word in words:
            others = result.setdefault(word, [])
            spaced = (other.replace("_", " ") for other in words if other != word)
            others += [other for other in spaced if other not in others]
    return result


def _homophone(word: str, language: str) -> Sequence[str]:
    """Another word that sounds the same."""
    return _homophones(language).get(word, ())


def _word_boundary(text: _Text, word: tuple[int, int], rng: random.Random) -> Edit | None:
    """A word is run together with the next one, or is split."""
    start, end = text.within(word)
    gap = text.gap(end) if end == word[1] else None
    if gap is not None and any(gap[0] <= edge <= gap[1] for edge in text.edges):
        gap = None
    old = text.text[start:end]
    clusters = _clusters(old)
    if gap is not None and (len(clusters) < _MIN_SPLIT or rng.random() < 0.5):
        return (*gap, "")
    if len(clusters) < _MIN_SPLIT:
        return None
    ends = [
        place
        for place in list(itertools.accumulate(map(len, clusters)))[1:-2]
        if is_between_syllables(old, place)
    ]
    if not ends:
        return None
    known = text.known
    if known is not None:
        lower, language = old.lower(), text.language
        real = [
            place
            for place in ends
            if (lower[:place], language) in known or (lower[place:], language) in known
        ]
        ends = real or ends
    place = pick(rng, ends)
    return start, end, f"{old[:place]} {old[place:]}"


@functools.cache
def _articles(language: str) -> Mapping[str, Sequence[str]]:
    groups = [group.split() for group in ARTICLES.get(language, ())]
    return {word: [other for other in group if other != word] for group in groups for word in group}


def _article(text: _Text, word: tuple[int, int], rng: random.Random) -> Edit | None:
    """An article is wrong or missing; in a slot it is only wrong, since it may be a number there."""
    start, end = word
    old = text.text[start:end]
    others = _articles(text.language).get(old.lower())
    if others is None:
        return None
    gap = text.gap(end)
    if gap is not None and not text.in_slot(start) and (not others or rng.random() < 0.5):
        return start, gap[1], ""
    return (start, end, _as_written(old, pick(rng, others))) if others else None


def _autocorrected(text: _Text, word: tuple[int, int], rng: random.Random) -> Edit | None:
    """Another word of the rows that is spelled nearly the same."""
    start, end = text.within(word)
    old = text.text[start:end]
    if text.known is None or len(old) < _MIN_REAL_WORD:
        return None
    found = text.known.near(old.lower(), text.language)
    return (start, end, _as_written(old, pick(rng, found))) if found else None


@functools.cache
def _phrases(language: str) -> tuple[Mapping[str, str], int]:
    """The table of phrases and the most words that one has."""
    table = PHRASES.get(language, {})
    return table, max((len(phrase.split()) for phrase in table), default=0)


def _recognised(text: _Text, word: tuple[int, int], rng: random.Random) -> Edit | None:
    """What a recogniser hears instead: other words that sound alike, or another ending."""
    start, end = text.within(word)
    old = text.text[start:end]
    lower = old.lower()
    found: list[tuple[int, str]] = []
    table, most = _phrases(text.language)
    for stop in text.ends_of_phrases(end, most):
        new = table.get(text.text[start:stop].lower())
        if new is not None:
            found.append((stop, new))
    if not found and text.known is not None and len(lower) >= _MIN_REAL_WORD:
        found += [(end, new) for new in text.known.alike(lower, text.language)]
    if not found:
        found += [(end, new) for new in _by_rules("endings", lower, text.language)]
    if not found:
        return None
    stop, new = pick(rng, found)
    return start, stop, _as_written(old, new)


@dataclasses.dataclass(frozen=True)
class ErrorKind:
    """A kind of error.

    Attributes:
        name: Its name.
        weight: How often it is drawn among all kinds; 0 for one that only stands by itself.
        find: Finds an error of the kind for a word of a text, as an edit, or `None` where there is none.
        says: What it is, for tables.
        careful: Whether words that turn the meaning round stay as they are.
    """

    name: str
    weight: float
    find: _Find
    says: str
    careful: bool = True


ERRORS: Mapping[str, ErrorKind] = {
    kind.name: kind
    for kind in (
        ErrorKind(
            "keyboard",
            0.0,
            _of_word(_keyboard),
            "letter left out, swapped, one more or hit beside, never the first (Pruthi et al. 2019)",
            careful=False,
        ),
        ErrorKind("neighbouring_key", 1.5, _of_word(_neighbouring_key), "key beside the right one"),
        ErrorKind("swapped_letters", 1.0, _of_word(_swapped_letters), "two letters swapped"),
        ErrorKind("dropped_letter", 1.5, _of_word(_dropped_letter), "letter left out"),
        ErrorKind(
            "doubled_letter",
            1.0,
            _of_word(_doubled_letter),
            "letter doubled, or one of two left out",
        ),
        ErrorKind("vowel", 1.0, _of_word(_vowel), "vowel wrong or left out"),
        ErrorKind("phonetic", 2.5, _of_word(_from_table(_phonetic)), "spelled as it sounds"),
        ErrorKind("several", 0.7, _of_word(_several), "two errors of letters in one long word"),
        ErrorKind("accent", 1.5, _of_word(_from_table(_accent)), "accent left out or wrong"),
        ErrorKind("word_boundary", 1.2, _word_boundary, "words run together or split"),
        ErrorKind("homophone", 1.5, _of_word(_from_table(_homophone)), "word that sounds the same"),
        ErrorKind("article", 0.5, _article, "article wrong or missing"),
        ErrorKind("autocorrected", 2.0, _autocorrected, "word corrected to another one"),
        ErrorKind("recognised", 1.5, _recognised, "what a recogniser hears"),
    )
}
"""Every kind of error by its name."""


@functools.cache
def _negations(language: str) -> re.Pattern[str] | None:
    """A pattern of words that turn the meaning round; in Thai, which has no spaces, also within a run of letters."""
    edge = "" if language == "th" else r"[\w\u0900-\u0963]"
    patterns = [NEGATED[language]] if language in NEGATED else []
    for word in sorted(phrases_of(language).negations, key=len, reverse=True):
        pattern = re.escape(word).replace("'", "['’]")
        patterns.append(f"(?<!{edge}){pattern}" if edge else pattern)
        if edge and word[-1].isalpha():
            patterns[-1] += f"(?!{edge})"
    return re.compile("|".join(patterns), re.IGNORECASE) if patterns else None


@functools.cache
def _values(language: str) -> frozenset[str]:
    return frozenset(VALUES.get(language, "").split())


def error_weights(weights: Mapping[str, float] | None = None) -> dict[str, float]:
    """The weights of the kinds of errors: those of the table, some of them replaced.

    Args:
        weights: Weights by name; names that are not those of errors are left to others.
    """
    return {name: float((weights or {}).get(name, kind.weight)) for name, kind in ERRORS.items()}


class _Maker:
    """Makes errors in the words of one text.

    Args:
        rewriting: The text.
        kinds: Kinds to draw from, with their weights.
        known: Words that may stand in the place of others.
    """

    def __init__(
        self,
        rewriting: Rewriting,
        kinds: Sequence[tuple[ErrorKind, float]],
        known: KnownWords | None,
    ) -> None:
        language = language_of(rewriting.source)
        text = rewriting.text
        self._rewriting = rewriting
        self._kinds = kinds
        self._text = _Text(text, language, sorted(rewriting.edges), rewriting.slot_spans, known)
        careful = any(kind.careful for kind, _ in kinds)
        self._negations = _negations(language) if careful else None
        found = self._negations.finditer(text) if self._negations else ()
        self._kept = [match.span() for match in found]
        self._values = _values(language)

    def edit(self, word: tuple[int, int], rng: random.Random) -> Edit | None:
        """An error for a word of a kind that is drawn; `None` where that kind has none for it."""
        kind = self._draw(self._kinds, rng)
        return self._edit(kind, word, rng)

    def some_edit(self, word: tuple[int, int], rng: random.Random) -> Edit | None:
        """An error for a word of any kind; where the one that is drawn has none, another is."""
        left = list(self._kinds)
        while left:
            kind = self._draw(left, rng)
            edit = self._edit(kind, word, rng)
            if edit is not None:
                return edit
            left = [pair for pair in left if pair[0] is not kind]
        return None

    @staticmethod
    def _draw(kinds: Sequence[tuple[ErrorKind, float]], rng: random.Random) -> ErrorKind:
        if len(kinds) == 1:
            return kinds[0][0]
        return pick_weighted(rng, [kind for kind, _ in kinds], [weight for _, weight in kinds])

    def _edit(self, kind: ErrorKind, word: tuple[int, int], rng: random.Random) -> Edit | None:
        edit = kind.find(self._text, word, rng)
        if edit is None:
            return None
        start, end, new = edit
        joined = not new  # words run together, or one left out
        reach = min(start, word[0]) - joined, max(end, word[1]) + joined
        if kind.careful and (
            any(first < reach[1] and reach[0] < last for first, last in self._kept)
            or self._other_value(kind, start, end, new)
        ):
            return None
        changed = self._rewriting.edited([edit])
        return None if changed.text == self._rewriting.text else edit

    def _other_value(self, kind: ErrorKind, start: int, end: int, new: str) -> bool:
        """Whether a number, a day or a negation would stand where there was none; a homophone only beside a number."""
        text = self._text.text
        if self._negations and self._negations.search(new):
            return True
        old = text[start:end].lower().split()
        if not any(word in self._values and word not in old for word in new.lower().split()):
            return False
        if kind.name != "homophone":
            return True
        beside = (*text[:start].lower().split()[-1:], *text[end:].lower().split()[:1])
        return any(word[0].isdigit() or word.strip(".,!?") in self._values for word in beside)

    def made(self, edits: Iterable[Edit]) -> Rewriting:
        """The text with errors, without those that are in the way of one before."""
        taken: list[Edit] = []
        for edit in sorted(edits):
            if not taken or not _clash(taken[-1], edit):
                taken.append(edit)
        return self._rewriting.edited(taken)


def _clash(one: Edit, other: Edit) -> bool:
    """Whether two edits overlap, or would together leave out all that stands between two words."""
    if not one[2] and not other[2]:
        return one[0] <= other[1] and other[0] <= one[1]
    return one[0] < other[1] and other[0] < one[1]


def _may_change(example: Example) -> bool:
    """Whether a row's labels, if it has any, are found in its text."""
    return example.slots is not None or example.problem == NO_LABELS


def _kinds(kind: str, weights: Mapping[str, float] | None = None) -> list[tuple[ErrorKind, float]]:
    """The kinds to draw from, with their weights."""
    if kind == ALL_ERRORS:
        drawn = error_weights(weights)
        return [(ERRORS[name], weight) for name, weight in drawn.items() if weight > 0]
    if kind not in ERRORS:
        raise ValueError(
            f"`kind` must be {ALL_ERRORS!r} or one of {list(ERRORS)}. Received: {kind!r}."
        )
    return [(ERRORS[kind], 1.0)]


def make_errors(
    rewriting: Rewriting,
    rng: random.Random,
    *,
    probability: float,
    kind: str = ALL_ERRORS,
    weights: Mapping[str, float] | None = None,
    words: KnownWords | None = None,
) -> Rewriting:
    """Makes errors in a row, in each word with a probability.

    Args:
        rewriting: The row.
        rng: Source of chance; only its `random()` is used.
        probability: How likely each word is to get an error. A word for which no kind has one stays.
        kind: Name of a kind in `ERRORS`, or `ALL_ERRORS`.
        weights: Weights of kinds in the place of those in `ERRORS`, for all kinds.
        words: Words that may stand in the place of others; `None` for no such errors.
    """
    if not _may_change(rewriting.source):
        return rewriting
    hits = [word for word in words_of(rewriting.text) if rng.random() < probability]
    kinds = _kinds(kind, weights) if hits else []
    if not kinds:
        return rewriting
    maker = _Maker(rewriting, kinds, words)
    edits = [maker.some_edit(word, rng) for word in hits]
    return maker.made(edit for edit in edits if edit is not None)


def with_errors(
    examples: Iterable[Example],
    kind: str = ALL_ERRORS,
    *,
    share: float,
    seed: int,
    words: KnownWords | None = None,
) -> list[Rewriting]:
    """Puts errors into a fixed share of the words, to measure how well a model bears them.

    The errors of a text depend only on `seed`, the text and `words`, and those of a smaller share are among those of a
    larger one.

    Args:
        examples: The examples, such as a development set.
        kind: Name of a kind in `ERRORS`, or `ALL_ERRORS`.
        share: Share of each example's words that changes, rounded to a whole number of words (halves up). Words count
            as `words_of` says; those that cannot take an error of the kind count too, and others take theirs.
        seed: Any integer.
        words: Words that may stand in the place of others; `None` for those of `examples`.

    Returns:
        As many as examples, in the same order. One without slots found stays as it is, unless it has no labels at all;
        one with too few words that can take an error has fewer errors.

    Raises:
        ValueError: If `share` is not from 0 to 1, or `kind` is unknown.
    """
    check_probability("share", share)
    kinds = _kinds(kind)
    examples = list(examples)
    if words is None:
        words = KnownWords(examples)
    return [_with_share(example, kinds, share, seed, words) for example in examples]


def _with_share(
    example: Example,
    kinds: Sequence[tuple[ErrorKind, float]],
    share: float,
    seed: int,
    known: KnownWords | None,
) -> Rewriting:
    rewriting = Rewriting.of(example)
    words = words_of(example.text)
    wanted = int(share * len(words) + 0.5)
    if not wanted or not _may_change(example):
        return rewriting
    rng = random.Random(f"{seed} {example.text}")
    maker = _Maker(rewriting, kinds, known)
    edits: list[Edit] = []
    for word in sorted(words, key=lambda _: rng.random()):
        # Some draws leave a word as it was, such as a swap of two equal letters.
        drawn = (maker.edit(word, rng) for _ in range(_DRAWS))
        edit = next((edit for edit in drawn if edit), None)
        if edit and not any(_clash(edit, other) for other in edits):
            edits.append(edit)
        if len(edits) == wanted:
            break
    return maker.made(edits)


class RowErrors:
    """The errors that the words of one row can get, for those who choose among them.

    Args:
        example: The row.
        kind: Name of a kind in `ERRORS`, or `ALL_ERRORS`.
        words: Words that may stand in the place of others; `None` for no such errors.

    Attributes:
        words: Where its words stand, as `words_of` says; empty where its labels are not found in its text.

    Raises:
        ValueError: if `kind` is unknown.
    """

    def __init__(
        self, example: Example, kind: str = ALL_ERRORS, *, words: KnownWords | None = None
    ) -> None:
        self._maker = _Maker(Rewriting.of(example), _kinds(kind), words)
        self.words = words_of(example.text) if _may_change(example) else []

    def of_word(self, word: tuple[int, int], *, count: int, rng: random.Random) -> list[Edit]:
        """Different errors for a word: edits of the row's own text.

        Args:
            word: One of `words`.
            count: Errors at most; fewer where draws find the same ones again.
            rng: Source of chance.
        """
        drawn = (self._maker.some_edit(word, rng) for _ in range(_DRAWS * count))
        return list(dict.fromkeys(edit for edit in drawn if edit is not None))[:count]

    def made(self, edits: Iterable[Edit]) -> Example:
        """The row with errors, without those that are in the way of one before; slots and tree follow."""
        return self._maker.made(edits).example()


def keyboard_typos(examples: Iterable[Example], *, share: float, seed: int) -> list[Example]:
    """Puts typing errors into a fixed share of the words, as scores of typing errors were always measured.

    The errors are those of the kind `"keyboard"`: a neighbouring key, a swap, a letter left out or one more, and never
    in a word's first letter (Pruthi et al. 2019, arXiv 1905.11268, section 3). All else is as in `with_errors`, but a
    row without slots found always stays.

    Args:
        examples: The examples, such as a development set.
        share: Share of each example's words that changes.
        seed: Any integer.

    Returns:
        As many examples as given, in the same order.

    Raises:
        ValueError: If `share` is not from 0 to 1.
    """
    return [
        rewriting.source if rewriting.source.slots is None else rewriting.example()
        for rewriting in with_errors(examples, "keyboard", share=share, seed=seed)
    ]


def distort_examples(
    examples: Iterable[Example], *, seed: int, probability: float = 0.1
) -> list[Example]:
    """Makes typing errors of the kind `"keyboard"` in each example, as `distort_characters` does.

    Args:
        examples: The examples.
        seed: Any integer; another one each epoch.
        probability: How likely each word is to change.

    Raises:
        ValueError: If `probability` is not from 0 to 1.
    """
    check_probability("probability", probability)
    rng = random.Random(seed)
    return [distort_characters(example, probability=probability, rng=rng) for example in examples]


def distort_characters(example: Example, *, probability: float, rng: random.Random) -> Example:
    """Makes typing errors of the kind `"keyboard"` in an example; slots and tree follow.

    A word of three letters or more changes with `probability`, once and not in its first letter. In a script without
    spaces each eight letters count as a word. Digits and punctuation stay, and so does an example without slots found.

    Args:
        example: The example.
        probability: How likely each word is to change.
        rng: Source of chance; only its `random()` is used.

    Raises:
        ValueError: If `probability` is not from 0 to 1.
    """
    check_probability("probability", probability)
    if example.slots is None:
        return example
    return make_errors(
        Rewriting.of(example), rng, probability=probability, kind="keyboard"
    ).example()


def distort_text(text: str, *, probability: float, rng: random.Random) -> str:
    """Makes typing errors in a text, as `distort_characters` does in an example.

    Raises:
        ValueError: If `probability` is not from 0 to 1.
    """
    return distort_characters(Example(text, "", ()), probability=probability, rng=rng).text
