"""From BIO tags over words to slots with spans: the one mechanism of every tagged corpus."""

from __future__ import annotations

from collections.abc import Sequence

from pqrnn_tf.datasets.rows import SlotSpan


class BioError(ValueError):
    """Tags that do not fit their words."""


def slots_from_bio(text: str, words: Sequence[str], tags: Sequence[str]) -> tuple[SlotSpan, ...]:
    """Turns BIO tags into slots.

    An `I-X` that continues nothing begins a slot, as in the CoNLL evaluation script.

    Args:
        text: The utterance.
        words: Its words, which stand in `text` in this order.
        tags: `O`, `B-X` or `I-X` for each word.

    Returns:
        Slots in text order, each of one piece.

    Raises:
        BioError: For another number of tags than words, a tag of another form, or a word that is
        not
            in `text`.
    """
    if len(words) != len(tags):
        raise BioError(f"expected one tag a word. Received: {len(words)} words, {len(tags)} tags.")
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
        if prefix not in ("B", "I") or not name:
            raise BioError(f"a tag must be `O`, `B-X` or `I-X`. Received: {tag!r}.")
        if prefix == "I" and name == previous:
            slots[-1] = (name, slots[-1][1], position)
        else:
            slots.append((name, start, position))
        previous = name
    return tuple(SlotSpan(name, ((start, end),)) for name, start, end in slots)
