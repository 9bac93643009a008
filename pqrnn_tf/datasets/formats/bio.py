"""From tags over words to slots with spans: the one mechanism of every tagged format."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pqrnn_tf.datasets.rows import SlotSpan

_BEGIN, _INSIDE = "BSU", "IEL"
TAG = re.compile(rf"O|[{_BEGIN}{_INSIDE}]-\S+")
"""What a tag looks like."""

_SPACE = re.compile(r"[ \t]+")


class BioError(ValueError):
    """Tags that do not fit their words."""


def split_words(text: str) -> list[str]:
    """Cuts at blanks and tabs; other white space, such as a no-break space, stays inside its word."""
    return [word for word in _SPACE.split(text) if word]


def slots_from_bio(text: str, words: Sequence[str], tags: Sequence[str]) -> tuple[SlotSpan, ...]:
    """Turns tags of words into slots.

    An `I-X` that continues nothing begins a slot, as in the CoNLL evaluation script. The last word of a slot may be
    `E-X` or `L-X`, a slot of one word `S-X` or `U-X`.

    Args:
        text: The utterance.
        words: Its words, which stand in `text` in this order.
        tags: `O`, `B-X` or `I-X` for each word.

    Returns:
        Slots in text order, each of one span.

    Raises:
        BioError: For another number of tags than words, a tag of another form, or a word that is not in `text`.
    """
    if len(words) != len(tags):
        raise BioError(
            f"expected one tag per word. Received: {len(words)} words, {len(tags)} tags; "
            f"text={text[:80]!r}."
        )
    slots: list[tuple[str, int, int]] = []
    position, previous = 0, ""
    for word, tag in zip(words, tags, strict=True):
        start = text.find(word, position)
        if start < 0 or not word:
            raise BioError(f"the word {word!r} is not in the utterance after position {position}.")
        position = start + len(word)
        prefix, _, name = tag.partition("-")
        if tag == "O":
            previous = ""
            continue
        if not TAG.fullmatch(tag):
            raise BioError(f"a tag must be `O`, `B-X` or `I-X`. Received: {tag!r}.")
        if prefix in _INSIDE and name == previous:
            slots[-1] = (name, slots[-1][1], position)
        else:
            slots.append((name, start, position))
        previous = name if prefix not in "ELSU" else ""
    return tuple(SlotSpan(name, ((start, end),)) for name, start, end in slots)
