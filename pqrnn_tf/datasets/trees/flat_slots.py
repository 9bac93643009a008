"""Slots of MTOP's flat rows as the trees have them: BIO tags know neither gaps nor what is nested.

What is joined and opened here was read off the English rows, which there are in both layouts, and off the parallel
development rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pqrnn_tf.datasets.rows import SlotSpan

_GAP_WORDS: dict[str, frozenset[str] | None] = {
    "TODO": None,
    "WEATHER_ATTRIBUTE": frozenset({"จะ"}),
}
"""Slots that the trees have in several spans where BIO tags have several slots, each with the one word that may
stand in the gap beside other slots' words; `None` for any."""

_CALLS = {
    "en": r"(?:call|calling|phone) (?P<who>.+)",
    "de": r"(?P<who>.+) an(?:zu)?rufen",
    "es": r"llam\S+ (?:a |al )?(?P<who>.+)",
    "fr": r"(?:appeler|téléphoner) (?:à |au )?(?P<who>.+)",
    "hi": r"(?P<who>.+?) को (?:कॉल|फ़ोन|फोन)(?: कर\S*)?",
    "th": r"(?:การ )?โทร (?:ไป )?(?:หา )?(?P<who>.+)",
}
"""A TODO that is nothing but a call, in each language."""

_MORE = """
and to about if for und um zu ob wegen über y e para sobre si por et pour
और के लिए बारे में कि และ แล้ว เพื่อ เรื่อง เกี่ยว ให้ ตอน ก่อน หลัง
"""
_MORE_THAN_A_CALL = frozenset(_MORE.split())
_LONGEST_NAME = 6


def joined_spans(text: str, slots: Sequence[SlotSpan]) -> tuple[SlotSpan, ...]:
    """Joins what the flat layout's BIO tags cut: they cannot say that a slot has a gap.

    A TODO around words of other slots (`die Steuer [morgen] zahlen`), or around one word (`die Steuer [zu]
    zahlen`), is one slot in the trees of all languages; so is a Thai WEATHER_ATTRIBUTE around `จะ`. Two CONTACTs,
    or two DATE_TIMEs, are two.

    Args:
        text: The utterance.
        slots: Its slots in text order, each of one span.

    Returns:
        The slots in the order of their first spans.
    """
    joined: list[SlotSpan] = []
    last: dict[str, int] = {}
    for slot in slots:
        number = last.get(slot.name)
        if number is not None and slot.name in _GAP_WORDS:
            before = joined[number]
            between = [other for other in slots if before.end <= other.start < slot.start]
            edges = [before.end, *(edge for other in between for edge in (other.start, other.end))]
            gaps = zip(edges[::2], [*edges[1::2], slot.start], strict=True)
            words = [word for start, end in gaps for word in text[start:end].split()]
            allowed = _GAP_WORDS[slot.name]
            if len(words) <= 1 and (
                (words or between) if allowed is None else allowed.issuperset(words) and words
            ):
                joined[number] = SlotSpan(slot.name, before.spans + slot.spans)
                continue
        last[slot.name] = len(joined)
        joined.append(slot)
    return tuple(joined)


def opened_calls(text: str, slots: Sequence[SlotSpan], language: str) -> tuple[SlotSpan, ...]:
    """Leaves of a TODO that is a call only who is called, as the trees do.

    In the trees `remind me to [TODO [CREATE_CALL call [CONTACT Ann]]]` has the TODO `Ann`, since the words of a nested
    slot are its leaves. Of the English rows, every TODO of this form is so; other nested slots have no form by
    which they are told from plain ones.

    Args:
        text: The utterance.
        slots: Its slots.
        language: Language of the utterance; other languages than MTOP's stay as they are.
    """
    call = _CALLS.get(language)
    if call is None:
        return tuple(slots)
    return tuple(_callee(text, slot, call) if slot.name == "TODO" else slot for slot in slots)


def _callee(text: str, slot: SlotSpan, call: str) -> SlotSpan:
    places = [
        (start + word.start(), start + word.end())
        for start, end in slot.spans
        for word in re.finditer(r"\S+", text[start:end])
    ]
    words = [text[start:end] for start, end in places]
    match = re.fullmatch(call, " ".join(words), re.IGNORECASE)
    if match is None:
        return slot
    name = match["who"].split()
    if len(name) > _LONGEST_NAME or not _MORE_THAN_A_CALL.isdisjoint(map(str.lower, name)):
        return slot
    first = len(match.string[: match.start("who")].split())
    spans: list[tuple[int, int]] = []
    for start, end in places[first : first + len(name)]:
        if spans and text[spans[-1][1] : start].isspace():
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return SlotSpan(slot.name, tuple(spans))
