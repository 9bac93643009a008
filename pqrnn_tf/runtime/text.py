"""Strings at the border between Python and the projection. Needs numpy only."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

import numpy as np

from pqrnn_tf.runtime.unicode_table import REPLACEMENT, SPACE, load_unicode_table


def to_bytes(text: str) -> bytes:
    """UTF-8 bytes of a string; a lone surrogate becomes U+FFFD, so that offsets stay the same."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        cleaned = (chr(REPLACEMENT) if "\ud800" <= c <= "\udfff" else c for c in text)
        return "".join(cleaned).encode("utf-8")


def code_points_array(text: str) -> np.ndarray:
    """Code points of a string, int32 `(len(text),)`; a lone surrogate is U+FFFD."""
    try:
        encoded = text.encode("utf-32-le")
    except UnicodeEncodeError:
        encoded = to_bytes(text).decode("utf-8").encode("utf-32-le")
    return np.frombuffer(encoded, "<i4").astype(np.int32)


class FittedText(NamedTuple):
    """A text as a model's buffer of code points takes it.

    Attributes:
        text: At most one code point more than the limit.
        offsets: Where each code point of `text` stands in the caller's string, and behind the last one where that
            ends: int32 `(len(text) + 1,)`. `None` where `text` is the caller's own.
        more: Whether words of the caller's string are not in `text`.
    """

    text: str
    offsets: np.ndarray | None = None
    more: bool = False

    def caller_spans(self, spans: np.ndarray) -> np.ndarray:
        """Spans of `text` as those of the caller's string, `(tokens, 2)` like them."""
        return spans if self.offsets is None else self.offsets[spans]


def fit_text(text: str, limit: int, *, version: int = 1) -> FittedText:
    """Makes the most of a model's buffer: in a text that is too long for it, white space takes one code point a run.

    White space before the first word is left out, and of each other run only the first code point is kept. That
    changes no token: a projection asks only whether there is white space, by its own table of characters. A text
    that fits is left as it is.

    Args:
        text: The caller's string.
        limit: `max_code_points` of the projection.
        version: Version of the projection.
    """
    if len(text) <= limit:
        return FittedText(text)
    word = _word_pattern(version)
    kept: list[str] = []
    offsets: list[int] = []
    position = 0
    while len(offsets) <= limit and (match := word.search(text, position)):
        start, position = match.start(), min(match.end(), match.start() + limit + 1 - len(offsets))
        kept.append(text[start:position])
        offsets += range(start, position)
    more = word.search(text, position) is not None
    return FittedText("".join(kept), np.array([*offsets, position], np.int32), more)


@functools.cache
def _word_pattern(version: int) -> re.Pattern[str]:
    """What stands between white space by the table of a projection version, and one white space behind it.

    `str.split` and `\\s` know other spaces than the table (zero-width space, control characters).
    """
    rows = load_unicode_table(version).classes
    spaces = "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b, kind in rows if kind == SPACE)
    return re.compile(f"[^{spaces}]+[{spaces}]?")
