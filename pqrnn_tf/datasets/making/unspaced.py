"""Rows of scripts that are written without spaces, as people write them and not as corpora do."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pqrnn_tf.datasets.making.rewriting import Rewriting
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.runtime.unicode_table import ALONE, MARK, load_unicode_table

_SPACES = re.compile(r"\s+")
_FIRST_ALONE = "\u0e01"  # the Thai letter ko kai


def unspaced(row: Rewriting) -> Rewriting:
    """The row without the spaces beside characters of scripts written without spaces.

    Those are what the projection calls `alone`: Han, kana, Thai, Lao, Khmer, Burmese. Corpora have spaces between their
    words; between words of other scripts, as in `去 New York`, spaces stay. Slots and tree go along.

    Returns:
        The row without them; itself where there are none.
    """
    text = row.text
    if max(text, default="") < _FIRST_ALONE:
        return row
    edits = [
        (found.start(), found.end(), "")
        for found in _SPACES.finditer(text)
        if _is_alone(text, found.start() - 1) or _is_alone(text, found.end())
    ]
    return row.edited(edits) if edits else row


def without_spaces(rows: Iterable[Example]) -> list[Example]:
    """Copies of the rows as `unspaced` writes them.

    Args:
        rows: The rows.

    Returns:
        A copy of each row that it changes, in order; others have none.
    """
    copies = ((row, unspaced(Rewriting.of(row))) for row in rows)
    return [copy.example() for row, copy in copies if copy.text != row.text]


def _is_alone(text: str, place: int) -> bool:
    """Whether a character, or the one that it is a mark on, is of a script written without spaces."""
    table = load_unicode_table()
    while 0 < place < len(text) and table.character_class(ord(text[place])) == MARK:
        place -= 1
    return 0 <= place < len(text) and table.character_class(ord(text[place])) == ALONE
