"""Leaves punctuation at the edges out of decoded slots, at each level of a parse. Needs numpy only."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from pqrnn_tf.runtime.labels import OUTSIDE, LabelSet, nested_path
from pqrnn_tf.runtime.nested_decoding import DecodedSlot
from pqrnn_tf.runtime.slot_edges import EdgeToken, edge_token, kept_tokens


class SlotTrimmer:
    """Applies the edges that labels have, see `slot_edges.kept_tokens`.

    A slot of words loses its marks, and vanishes where it is of nothing else. A slot in which an intent stands loses
    what its slots lose at its own edges, so that it keeps beginning and ending with them; what they lose further
    inside stays in it, and in none of them.

    Args:
        labels: Names and edges; slots without an entry stay as they are.
    """

    def __init__(self, labels: LabelSet):
        self._edges = dict(labels.edges)

    def __bool__(self) -> bool:
        """Whether there is anything to apply."""
        return bool(self._edges)

    def __call__(
        self,
        slots: Sequence[DecodedSlot],
        tags: tuple[str, ...],
        nested: tuple[str, ...],
        text: str,
        spans: Sequence[tuple[int, int]],
    ) -> tuple[tuple[DecodedSlot, ...], tuple[str, ...], tuple[str, ...]]:
        """Trims the slots of a parse.

        Args:
            slots: Its slots.
            tags, nested: Tag and nested tag of each token; the latter may be empty.
            text: The caller's own string.
            spans: `(start, end)` of each token in code points of `text`.

        Returns:
            Slots, tags and nested tags that agree with each other; the same objects where nothing changes.
        """
        marks = [edge_token(text[start:end]) for start, end in spans[: len(tags)]]
        if not any(token.is_mark for token in marks):
            return tuple(slots), tags, nested
        touches = [False, *(a[1] == b[0] for a, b in zip(spans, spans[1:], strict=False))]
        kept: list[DecodedSlot] = []
        new_tags, new_nested = list(tags), list(nested)
        changed = False
        for slot in slots:
            left = self._trimmed(slot, marks, touches)
            if left is not None:
                kept.append(left)
            if left is slot:
                continue
            changed = True
            first, last = slot.ranges[0][0], slot.ranges[-1][1]
            new_tags[first:last] = _tags(left, first, last)
            if nested and slot.nested is not None:
                new_nested[first:last] = _nested_tags(left, first, last)
        if not changed:
            return tuple(slots), tags, nested
        return tuple(kept), tuple(new_tags), tuple(new_nested)

    def _trimmed(
        self, slot: DecodedSlot, tokens: Sequence[EdgeToken], touches: Sequence[bool]
    ) -> DecodedSlot | None:
        if slot.nested is not None:
            inside = [self._trimmed(below, tokens, touches) for below in slot.nested.slots]
            left = tuple(below for below in inside if below is not None)
            if all(a is b for a, b in zip(left, slot.nested.slots, strict=False)) and len(
                left
            ) == len(inside):
                return slot
            if not left:
                return None
            nested = dataclasses.replace(slot.nested, slots=left)
            first = min(below.ranges[0][0] for below in left)
            last = max(below.ranges[-1][1] for below in left)
            return DecodedSlot(slot.name, _clipped(slot.ranges, first, last), nested)
        edges = self._edges.get(slot.name)
        places = _places(slot)
        if edges is None or not (tokens[places[0]].is_mark or tokens[places[-1]].is_mark):
            return slot
        first, last = kept_tokens(
            [tokens[place] for place in places],
            # Over a gap nothing touches.
            [touches[b] and a + 1 == b for a, b in zip([-1, *places], places, strict=False)],
            edges,
        )
        if first == last:
            return None
        if (first, last) == (0, len(places)):
            return slot
        return dataclasses.replace(
            slot, ranges=_clipped(slot.ranges, places[first], places[last - 1] + 1)
        )


def _places(slot: DecodedSlot) -> list[int]:
    """All tokens of a slot."""
    return [place for first, last in slot.ranges for place in range(first, last)]


def _clipped(
    ranges: Sequence[tuple[int, int]], first: int, last: int
) -> tuple[tuple[int, int], ...]:
    """What of ranges lies in `[first, last)`."""
    cut = [(max(begin, first), min(end, last)) for begin, end in ranges]
    return tuple((begin, end) for begin, end in cut if begin < end)


def _tags(slot: DecodedSlot | None, first: int, last: int) -> list[str]:
    """The tags of the tokens from `first` to `last`, where no other slot stands."""
    tags = [OUTSIDE] * (last - first)
    if slot is not None:
        begin, end = slot.ranges[0][0], slot.ranges[-1][1]
        tags[begin - first : end - first] = [f"G-{slot.name}"] * (end - begin)
        for place in _places(slot):
            tags[place - first] = f"{'B' if place == begin else 'I'}-{slot.name}"
    return tags


def _nested_tags(slot: DecodedSlot | None, first: int, last: int) -> list[str]:
    """The nested tags of the tokens from `first` to `last`; of one that is in no innermost slot it is O."""
    tags = [OUTSIDE] * (last - first)
    for place in () if slot is None else _places(slot):
        steps: list[str] = []
        around = slot
        while around is not None and around.nested is not None:
            intent = around.nested.intent
            around = next((below for below in around.nested.slots if place in _places(below)), None)
            if around is not None:
                prefix = "B" if place == around.ranges[0][0] else "I"
                steps.append(f"{prefix}-{nested_path(intent, around.name)}")
        tags[place - first] = " ".join(steps) if around is not None else OUTSIDE
    return tags
