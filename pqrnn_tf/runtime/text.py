"""Strings at the border between Python and the projection. Needs numpy only."""

from __future__ import annotations

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


def is_only_space(text: str, *, version: int = 1) -> bool:
    """Whether a text has no token by the character table of a projection version.

    What stands beyond the buffer of the graph was cut exactly where this is false; `str.strip` and
    `str.isspace` know other spaces than the table (zero-width space, control characters).
    """
    table = load_unicode_table(version)
    return all(table.character_class(ord(character)) == SPACE for character in text)
