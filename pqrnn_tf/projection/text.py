"""Strings at the border between Python and the projection. Needs numpy only."""

from __future__ import annotations

import numpy as np

from pqrnn_tf.projection.unicode_table import REPLACEMENT


def to_bytes(text: str) -> bytes:
    """UTF-8 bytes of a string; a lone surrogate becomes U+FFFD, so that offsets stay the same."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        cleaned = (chr(REPLACEMENT) if "\ud800" <= c <= "\udfff" else c for c in text)
        return "".join(cleaned).encode("utf-8")


def code_points_array(text: str) -> np.ndarray:
    """Code points of a string, int32 `(len(text),)`; lone surrogates are kept as they are."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.int32)
