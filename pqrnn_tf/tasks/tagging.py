"""From slots in code points to tags of tokens. Needs the standard library only."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from pqrnn_tf.datasets.examples import SlotSpan
from pqrnn_tf.tasks.labels import OUTSIDE, LabelSet

IGNORE = -1
"""Target of positions that no loss and no metric looks at."""


def tag_names(spans: Sequence[tuple[int, int]], slots: Sequence[SlotSpan]) -> list[str]:
    """The tag of each token: a token belongs to the slot that it overlaps.

    Args:
        spans: Half-open code-point spans of the tokens.
        slots: Slots of the utterance, in code points.
    """
    tags = [OUTSIDE] * len(spans)
    for slot in slots:
        first, last = slot.pieces[0][0], slot.pieces[-1][1]
        begun = False
        for t, (start, end) in enumerate(spans):
            if end <= first or start >= last:
                continue
            inside = any(start < piece[1] and end > piece[0] for piece in slot.pieces)
            prefix = "G" if not inside else "I" if begun else "B"
            begun = begun or inside
            tags[t] = f"{prefix}-{slot.name}"
    return tags


def encode_tags(
    spans: Sequence[tuple[int, int]], slots: Sequence[SlotSpan], labels: LabelSet
) -> list[int]:
    """`tag_names` as columns of `labels`; a tag that `labels` lacks is `IGNORE`."""
    column = _columns(labels)
    return [column.get(name, IGNORE) for name in tag_names(spans, slots)]


@functools.lru_cache(maxsize=8)
def _columns(labels: LabelSet) -> dict[str, int]:
    return {tag: i for i, tag in enumerate(labels.tags)}
