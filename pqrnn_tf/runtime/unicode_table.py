"""The frozen character table: a class and a lower-case form for every code point."""

from __future__ import annotations

import bisect
import functools
import json
import pathlib
from collections.abc import Mapping

CLASS_NAMES = ["space", "letter", "digit", "punctuation", "mark", "alone"]
SPACE, LETTER, DIGIT, PUNCTUATION, MARK, ALONE = range(len(CLASS_NAMES))

MAX_CODE_POINT = 0x10FFFF
REPLACEMENT = 0xFFFD
_FIRST_PLANE = 0xFFFF


class UnicodeTable:
    """Classes and simple lower-casing, looked up in ranges.

    Args:
        classes: `[first, last, class]` rows that cover all code points in order.
        lower: `[first, last, step, delta]` rows: each `step`-th code point from `first` to `last` is
            lower-cased by adding `delta`.
    """

    def __init__(self, classes: list[list[int]], lower: list[list[int]]):
        self.classes = classes
        self.lower = lower
        self._class_starts = [row[0] for row in classes]
        self._lower_starts = [row[0] for row in lower]

    def character_class(self, code_point: int) -> int:
        """The class of a code point, one of the constants of this module."""
        return self.classes[bisect.bisect_right(self._class_starts, code_point) - 1][2]

    def lower_case(self, code_point: int) -> int:
        """The lower-case form of a code point (itself where it has none)."""
        row = bisect.bisect_right(self._lower_starts, code_point) - 1
        if row < 0:
            return code_point
        first, last, step, delta = self.lower[row]
        if code_point > last or (code_point - first) % step:
            return code_point
        return code_point + delta


_FILES = {1: "unicode_v1.json", 2: "unicode_v1.json"}
"""The table of each version of the projection: version 2 computes by the table of version 1, on folded text."""


def load_unicode_table(version: int = 1) -> UnicodeTable:
    """Loads the table of a projection version from the file beside this module."""
    return _read_table(_FILES[version])


@functools.cache
def _read_table(name: str) -> UnicodeTable:
    path = pathlib.Path(__file__).with_name(name)
    content = json.loads(path.read_text(encoding="utf-8"))
    return UnicodeTable(content["classes"], content["lower"])


def is_of_first_plane(text: str) -> bool:
    """Whether a text has no character beyond U+FFFF."""
    return text.isascii() or ord(max(text)) <= _FIRST_PLANE


@functools.cache
def character_sets(version: int, *, first_plane: bool) -> Mapping[int, str]:
    """What the characters of each class are inside of the brackets of a regular expression.

    Args:
        version: Version of the projection.
        first_plane: Whether only those up to U+FFFF count. Patterns of them find the same in texts that have no other
            (`is_of_first_plane`), in a tenth of the time: `re` compares the others one range after the other.
    """
    last_of_all = _FIRST_PLANE if first_plane else MAX_CODE_POINT
    sets: dict[int, str] = dict.fromkeys(range(len(CLASS_NAMES)), "")
    for first, last, kind in load_unicode_table(version).classes:
        if first <= last_of_all:
            sets[kind] += f"\\U{first:08x}-\\U{min(last, last_of_all):08x}"
    return sets
