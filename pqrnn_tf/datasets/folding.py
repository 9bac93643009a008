"""Which texts count as the same: case, white space and punctuation make no difference."""

from __future__ import annotations

import functools
import sys
import unicodedata
from collections.abc import Iterable

from pqrnn_tf.datasets.rows import Example


@functools.cache
def _ignored() -> dict[int, None]:
    """White space and punctuation of every script, as a table for `str.translate`."""
    return {
        code: None
        for code in range(sys.maxunicode + 1)
        if chr(code).isspace() or unicodedata.category(chr(code))[0] == "P"
    }


def folded(text: str) -> str:
    """What two texts share that are the same but for case, white space and punctuation."""
    letters = unicodedata.normalize("NFC", text).casefold()
    return letters.translate(_ignored()) or letters


def folded_texts(rows: Iterable[Example | str]) -> set[str]:
    """The folded texts of some rows."""
    return {folded(row if isinstance(row, str) else row.text) for row in rows}
