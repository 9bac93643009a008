"""Folding: characters that mean the same become the same. Needs the standard library only.

docs/projection.md says the rules. They are in one table, not in the Unicode version of the platform.
"""

from __future__ import annotations

import functools
import json
import pathlib
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

CANONICAL, FOLDED = 1, 2
"""What is folded, by the version of the projection.

*   Version 1: canonical composition, and invisible characters but for the joiners (U+200C, U+200D) are removed.
    Characters that composition takes apart for good (U+0958 and others of Hindi) stay. Models of version 1 are fed
    so, which changes nothing that they were trained on.
*   Version 2: everything. The projection itself folds.
"""

_TABLE = pathlib.Path(__file__).with_name("folding_v2.json")
_HANGUL, _LEADS, _VOWELS, _TAILS = 0xAC00, 0x1100, 0x1161, 0x11A7
_NUM_LEADS, _NUM_VOWELS, _NUM_TAILS = 19, 21, 28
_SYLLABLES = _NUM_LEADS * _NUM_VOWELS * _NUM_TAILS


class FoldingTable(NamedTuple):
    """What is folded in one version, by code point.

    Attributes:
        removed: Code points that are left out.
        replaced: Code points that become another one.
        decomposed: Canonical decompositions into two, one step of them.
        composed: Pairs that become one.
        combining: Canonical combining classes, where they are not 0.
    """

    removed: frozenset[int]
    replaced: dict[int, int]
    decomposed: dict[int, tuple[int, int]]
    composed: dict[tuple[int, int], int]
    combining: dict[int, int]


@functools.cache
def load_folding_table(version: int) -> FoldingTable:
    """What a version of the projection folds."""
    content = json.loads(_TABLE.read_text(encoding="utf-8"))
    removed = _covered(content["removed"])
    replaced = _stepped(content["singletons"])
    compositions = decompositions = content["compositions"]
    if version == CANONICAL:
        removed -= set(content["joiners"])
    else:
        replaced |= _stepped(content["mapped"])
        decompositions = compositions + content["decompositions"]
    return FoldingTable(
        removed=frozenset(removed),
        replaced=replaced,
        decomposed={point: (a, b) for point, a, b in decompositions},
        composed={(a, b): point for point, a, b in compositions},
        combining={
            point: kind
            for first, last, kind in content["combining"]
            for point in range(first, last + 1)
        },
    )


def _covered(rows: Iterable[Sequence[int]]) -> set[int]:
    return {point for first, last in rows for point in range(first, last + 1)}


def _stepped(rows: Iterable[Sequence[int]]) -> dict[int, int]:
    return {
        point: point + delta
        for first, last, step, delta in rows
        for point in range(first, last + 1, step)
    }


class Folded(NamedTuple):
    """A folded text, and where each of its code points comes from.

    Attributes:
        text: The folded text.
        starts, ends: For each code point of `text` the half-open range of the caller's string that it was made
            from; both never fall. `None` where the text is the caller's own.
    """

    text: str
    starts: list[int] | None = None
    ends: list[int] | None = None


def fold_code_points(
    points: Sequence[int], *, version: int = FOLDED
) -> tuple[list[int], list[int], list[int]]:
    """Folds code points: the definition, which everything else equals.

    Args:
        points: Code points; surrogates and what is not assigned stay as they are.
        version: Version of the projection.

    Returns:
        `(folded, starts, ends)`: the folded code points, and for each the half-open range of indices of `points`
        that it was made from. What was removed is in no range, unless it stood inside of one.
    """
    table = load_folding_table(version)
    decomposed: list[tuple[int, int, int, int]] = []  # combining class, code point, start, end
    for index, point in enumerate(points):
        if point in table.removed:
            continue
        for part in _decomposition(table.replaced.get(point, point), table):
            decomposed.append((table.combining.get(part, 0), part, index, index + 1))

    # Canonical order: marks between characters of class 0 are sorted by class, equal ones stay in order.
    begin = 0
    for end in range(len(decomposed) + 1):
        if end == len(decomposed) or decomposed[end][0] == 0:
            decomposed[begin:end] = sorted(decomposed[begin:end], key=lambda entry: entry[0])
            begin = end + 1

    folded: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    base = -1  # index in `folded` of the last character of class 0
    before = 0  # class of the last character behind it that was not composed with it; 0 is none
    for kind, point, start, end in decomposed:
        if base >= 0 and (before < kind or (before == 0 and base == len(folded) - 1)):
            together = _composition(folded[base], point, table)
            if together is not None:
                folded[base] = together
                starts[base], ends[base] = min(starts[base], start), max(ends[base], end)
                continue
        if kind == 0:
            base, before = len(folded), 0
        else:
            before = kind
        folded.append(point)
        starts.append(start)
        ends.append(end)

    # Marks that changed places: both ends of ranges never fall.
    for i in range(len(starts) - 1, 0, -1):
        starts[i - 1] = min(starts[i - 1], starts[i])
    for i in range(1, len(ends)):
        ends[i] = max(ends[i], ends[i - 1])
    return folded, starts, ends


def _decomposition(point: int, table: FoldingTable) -> list[int]:
    """The full canonical decomposition of a code point."""
    if _HANGUL <= point < _HANGUL + _SYLLABLES:
        lead, rest = divmod(point - _HANGUL, _NUM_VOWELS * _NUM_TAILS)
        vowel, tail = divmod(rest, _NUM_TAILS)
        return [_LEADS + lead, _VOWELS + vowel, *([_TAILS + tail] if tail else [])]
    behind = []
    while point in table.decomposed:
        point, last = table.decomposed[point]
        behind.append(last)
    return [point, *reversed(behind)]


def _composition(first: int, second: int, table: FoldingTable) -> int | None:
    """The character that two make together, or `None`."""
    lead, vowel = first - _LEADS, second - _VOWELS
    if 0 <= lead < _NUM_LEADS and 0 <= vowel < _NUM_VOWELS:
        return _HANGUL + (lead * _NUM_VOWELS + vowel) * _NUM_TAILS
    syllable, tail = first - _HANGUL, second - _TAILS
    if 0 <= syllable < _SYLLABLES and syllable % _NUM_TAILS == 0 and 0 < tail < _NUM_TAILS:
        return first + tail
    return table.composed.get((first, second))


def fold(text: str, *, version: int = FOLDED) -> Folded:
    """Folds a string.

    Quick where there is nothing to fold: only what can change is looked at, with the character before it.

    Args:
        text: Any string.
        version: Version of the projection: what is folded.
    """
    if text.isascii() and (version == CANONICAL or (text.isprintable() and "`" not in text)):
        return Folded(text)
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position, changed = 0, False
    for match in _clusters(version).finditer(text):
        begin, end = match.span()
        fold_cluster = _fold_known_cluster if end - begin <= _KNOWN_LENGTH else _fold_cluster
        folded, own_starts, own_ends = fold_cluster(match[0], version)
        if folded == match[0]:
            continue
        changed = True
        pieces += text[position:begin], folded
        starts += range(position, begin)
        ends += range(position + 1, begin + 1)
        starts += [begin + start for start in own_starts]
        ends += [begin + end for end in own_ends]
        position = end
    if not changed:
        return Folded(text)
    pieces.append(text[position:])
    starts += range(position, len(text))
    ends += range(position + 1, len(text) + 1)
    return Folded("".join(pieces), starts, ends)


def _fold_cluster(cluster: str, version: int) -> tuple[str, list[int], list[int]]:
    folded, starts, ends = fold_code_points(list(map(ord, cluster)), version=version)
    return "".join(map(chr, folded)), starts, ends


_fold_known_cluster = functools.lru_cache(maxsize=4096)(_fold_cluster)
_KNOWN_LENGTH = 16
"""Clusters of up to this many characters are remembered: few make up most of a text."""


@functools.cache
def _clusters(version: int) -> re.Pattern[str]:
    """Characters that may change with their neighbours, and the one before them.

    All others have the combining class 0, stay as they are by themselves, and are never the second of a pair that
    becomes one: what stands before such a character has no part in what becomes of it.
    """
    table = load_folding_table(version)
    active = set(table.removed) | set(table.replaced) | set(table.combining)
    active |= {second for _, second in table.composed}
    active |= set(table.decomposed) - set(table.composed.values())
    active |= set(range(_VOWELS, _VOWELS + _NUM_VOWELS)) | set(
        range(_TAILS + 1, _TAILS + _NUM_TAILS)
    )
    # Beyond the first plane any character may: `re` looks quickly at sets of characters of the first one only.
    inside = "".join(f"\\u{point:04x}" for point in sorted(active) if point < 0x10000)
    inside += "\U00010000-\U0010ffff"
    return re.compile(f"[^{inside}]?[{inside}]+")
