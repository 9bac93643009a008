"""Strings at the border between Python and the projection. Needs numpy only."""

from __future__ import annotations

import contextlib
import functools
import re
from typing import Any, NamedTuple

import numpy as np

from pqrnn_tf.runtime.folding import fold
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.unicode_table import (
    ALONE,
    DIGIT,
    LETTER,
    MARK,
    PUNCTUATION,
    REPLACEMENT,
    SPACE,
    character_sets,
    is_of_first_plane,
)


def to_bytes(text: str) -> bytes:
    """UTF-8 bytes of a string; a lone surrogate becomes U+FFFD, so that offsets stay the same."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        cleaned = (chr(REPLACEMENT) if "\ud800" <= c <= "\udfff" else c for c in text)
        return "".join(cleaned).encode("utf-8")


def list_of(texts: Any, name: str) -> list[Any]:
    """What a caller gives in the place of several strings, as a list; its entries may be anything.

    Args:
        texts: Any iterable but one of bytes.
        name: What the argument is called.

    Raises:
        TypeError: if it is none.
    """
    entries = None
    if not isinstance(texts, (bytes, bytearray)):
        with contextlib.suppress(TypeError):  # also of an array of no axes
            entries = iter(texts)
    if entries is None:
        raise TypeError(f"`{name}` must be a str or several. Received: {type(texts).__name__}.")
    return list(entries)


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
        text: Folded, and at most one code point more than the limit.
        starts, ends: For each code point of `text` the half-open range of the caller's string that it was made
            from: int32 `(len(text),)`. `None` where `text` is the caller's own.
        more: Whether words of the caller's string are not in `text`.
    """

    text: str
    starts: np.ndarray | None = None
    ends: np.ndarray | None = None
    more: bool = False

    def caller_spans(self, spans: np.ndarray) -> np.ndarray:
        """Spans of `text`, int32 `(tokens, 2)` and none of them empty, as those of the caller's string."""
        if self.starts is None or self.ends is None:
            return spans
        return np.stack([self.starts[spans[:, 0]], self.ends[spans[:, 1] - 1]], axis=1)


def fit_text(text: str, limit: int, *, version: int) -> FittedText:
    """Folds a text, and makes the most of a model's buffer.

    In a text that is too long for it, white space takes one code point a run: white space before the first word is
    left out, and of each other run only the first code point is kept. That changes no token: a projection asks only
    whether there is white space, by its own table of characters. A text that fits is only folded.

    Args:
        text: The caller's string.
        limit: `max_code_points` of the projection.
        version: Version of the projection, which also says what is folded.
    """
    folded = fold(text, version=version)
    if len(folded.text) <= limit:
        if folded.starts is None:
            return FittedText(text)
        return FittedText(
            folded.text, np.array(folded.starts, np.int32), np.array(folded.ends, np.int32)
        )
    word = _word_pattern(version)
    kept: list[str] = []
    offsets: list[int] = []
    position = 0
    while len(offsets) <= limit and (match := word.search(folded.text, position)):
        start, position = match.start(), min(match.end(), match.start() + limit + 1 - len(offsets))
        kept.append(folded.text[start:position])
        offsets += range(start, position)
    more = word.search(folded.text, position) is not None
    starts = np.array(offsets, np.int32)
    ends = starts + 1
    if folded.starts is not None:
        starts = np.array(folded.starts, np.int32)[offsets]
        ends = np.array(folded.ends, np.int32)[offsets]
    return FittedText("".join(kept), starts, ends, more)


@functools.cache
def _word_pattern(version: int) -> re.Pattern[str]:
    """What stands between white space by the table of a projection version, and one white space behind it.

    `str.split` and `\\s` know other spaces than the table (zero-width space, control characters).
    """
    spaces = character_sets(version, first_plane=False)[SPACE]
    return re.compile(f"[^{spaces}]+[{spaces}]?")


def tokens_of(text: str, spec: ProjectionSpec) -> list[tuple[int, int]]:
    """The tokens of a text as the projection has them, without its limits on length.

    Args:
        text: Any string.
        spec: The projection; its version and segmentation decide.

    Returns:
        Half-open ranges of code points of `text`.
    """
    folded = fold(text, version=spec.version)
    pattern = _pattern_for(folded.text, spec)
    found = [match.span() for match in pattern.finditer(folded.text)]
    if folded.starts is None or folded.ends is None:
        return found
    return [(folded.starts[start], folded.ends[end - 1]) for start, end in found]


def count_tokens(folded: str, spec: ProjectionSpec) -> int:
    """How many tokens a folded text has, without the projection's limits on length."""
    return len(_pattern_for(folded, spec).findall(folded))


def _pattern_for(folded: str, spec: ProjectionSpec) -> re.Pattern[str]:
    return _token_pattern(spec.version, spec.segmentation, is_of_first_plane(folded))


@functools.cache
def _token_pattern(version: int, segmentation: str, first_plane: bool) -> re.Pattern[str]:
    of_kind = character_sets(version, first_plane=first_plane)
    if segmentation == "spaces":
        return re.compile(f"[^{of_kind[SPACE]}]+")
    # A mark stays with what it follows; behind white space it begins a word.
    mark = of_kind[MARK]
    more = of_kind[ALONE] if segmentation == "words" else ""
    return re.compile(
        f"[{of_kind[LETTER]}{mark}]+|[{of_kind[DIGIT]}][{of_kind[DIGIT]}{mark}]*"
        f"|[{of_kind[PUNCTUATION]}][{mark}]*|[{of_kind[ALONE]}][{more}{mark}]*"
    )
