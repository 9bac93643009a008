"""Rows of scripts that are written without spaces, as people write them and not as corpora do."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pqrnn_tf.datasets.making.rewriting import Rewriting
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.runtime.unicode_table import ALONE, MARK, load_unicode_table

_SPACES = re.compile(r"\s+")


def without_spaces(rows: Iterable[Example]) -> list[Example]:
    """Copies of the rows without the spaces beside characters of scripts written without spaces.

    Those are what the projection calls `alone`: Han, kana, Thai, Lao, Khmer, Burmese. Corpora have spaces between their
    words; between words of other scripts, as in `去 New York`, spaces stay. Slots and trees go along.

    Args:
        rows: The rows.

    Returns:
        A copy of each row that it changes, in order; others have none.
    """
    copies = []
    for row in rows:
        text = row.text
        edits = [
            (found.start(), found.end(), "")
            for found in _SPACES.finditer(text)
            if _is_alone(text, found.start() - 1) or _is_alone(text, found.end())
        ]
        copy = Rewriting.of(row).edited(edits).example() if edits else row
        if copy.text != text:
            copies.append(copy)
    return copies


def _is_alone(text: str, place: int) -> bool:
    """Whether a character, or the one that it is a mark on, is of a script written without spaces."""
    table = load_unicode_table()
    while 0 < place < len(text) and table.character_class(ord(text[place])) == MARK:
        place -= 1
    return 0 <= place < len(text) and table.character_class(ord(text[place])) == ALONE
