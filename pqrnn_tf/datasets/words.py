"""Where words begin and end, as the projection cuts raw text."""

from __future__ import annotations

import bisect

from pqrnn_tf.runtime.folding import fold
from pqrnn_tf.runtime.unicode_table import DIGIT, LETTER, MARK, SPACE, load_unicode_table


def cuts_word(text: str, offset: int) -> bool:
    """Whether an offset stands inside a word, so that no slot can begin or end there.

    Letters and digits, and words and punctuation, may be parted. Characters of scripts written without spaces, such as
    Thai and Han, are words of their own (segmentation `"unicode"`). Invisible characters belong to no word at its
    edges, and a letter is not parted from its accents, however they are written.

    Args:
        text: Raw text.
        offset: In code points, from 0 to the length of the text.

    Example:
        >>> cuts_word("wake me at 7pm", 12), cuts_word("Küchenwecker", 6)
        (False, True)
    """
    folded, starts, ends = fold(text)
    if starts is not None and ends is not None:
        index = bisect.bisect_left(starts, offset)
        if index and ends[index - 1] > offset:
            return True
        text, offset = folded, index
    if not 0 < offset < len(text) or text[offset - 1].isspace() or text[offset].isspace():
        return False
    character_class = load_unicode_table().character_class
    after = character_class(ord(text[offset]))
    before = SPACE
    for character in text[_word_start(text, offset) : offset]:
        kind = character_class(ord(character))
        if kind != MARK:
            before = kind
        elif before == SPACE:  # a mark stays with what it follows; after a space it begins a word
            before = LETTER
    if after == MARK:
        return before != SPACE
    return before == after and after in (LETTER, DIGIT)


def _word_start(text: str, offset: int) -> int:
    """The last offset before `offset` at which something other than a mark stands, or 0."""
    character_class = load_unicode_table().character_class
    start = offset - 1
    while start and character_class(ord(text[start])) == MARK:
        start -= 1
    return start
