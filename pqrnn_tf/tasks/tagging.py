"""From slots in code points to tags of tokens. Needs the standard library only."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.datasets.trees.nesting import Leaf, Path, nested_leaves
from pqrnn_tf.runtime.labels import OUTSIDE, LabelSet

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
        first, last = slot.spans[0][0], slot.spans[-1][1]
        begun = False
        for t, (start, end) in enumerate(spans):
            if end <= first or start >= last:
                continue
            inside = any(start < piece[1] and end > piece[0] for piece in slot.spans)
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


class _NestedTagger:
    """Names the tags of the tokens of one top-level slot, in the order of the text."""

    def __init__(self) -> None:
        self._begun: set[Path] = set()

    def tag(self, path: Path) -> str:
        """The tag of the next token, which stands in the leaf at `path`."""
        parts = []
        for depth, (name, _) in enumerate(path, start=1):
            parts.append(f"{'I' if path[:depth] in self._begun else 'B'}-{name}")
            self._begun.add(path[:depth])
        return " ".join(parts) or OUTSIDE


def nested_tag_names(spans: Sequence[tuple[int, int]], example: Example) -> list[str | None]:
    """The nested tag of each token: where in the tree below its top-level slot it stands.

    Tokens outside of slots have none, so that the loss is about the words that the decoder asks for:
    with `"O"` there too, models of MTOP found fewer of the nested slots.

    Args:
        spans: Half-open code-point spans of the tokens.
        example: The row.

    Returns:
        For each token of a slot `"O"` if that has only words, else its path (see
        `labels.nested_steps`); `None` outside of slots, and where it is not known or cannot be said
        what is nested (see `datasets.nesting.nested_leaves`).
    """
    tags: list[str | None] = [None] * len(spans)
    for leaves in nested_leaves(example) or ():
        tagger = _NestedTagger()
        for t, (start, end) in enumerate(spans):
            for leaf in leaves or ():
                if any(start < last and end > first for first, last in leaf.spans):
                    tags[t] = tagger.tag(leaf.path)
                    break
    return tags


def tags_of_leaves(leaves: Sequence[Leaf]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every nested tag that tokens of one top-level slot can have, whatever cuts the text into tokens.

    Yields:
        The names along the path, and a tag: that of the first token of each range, and that of the
        ones after it.
    """
    tagger = _NestedTagger()
    pieces = [(piece, leaf.path) for leaf in leaves for piece in leaf.spans if leaf.path]
    for _, path in sorted(pieces, key=lambda entry: entry[0]):
        names = tuple(name for name, _ in path)
        yield names, tagger.tag(path)
        yield names, tagger.tag(path)


def encode_nested(
    spans: Sequence[tuple[int, int]], example: Example, labels: LabelSet
) -> list[int]:
    """`nested_tag_names` as columns of `labels`; what is unknown or `labels` lacks is `IGNORE`."""
    column = _nested_columns(labels)
    return [column.get(name, IGNORE) for name in nested_tag_names(spans, example)]


@functools.lru_cache(maxsize=8)
def _columns(labels: LabelSet) -> dict[str, int]:
    return {tag: i for i, tag in enumerate(labels.tags)}


@functools.lru_cache(maxsize=8)
def _nested_columns(labels: LabelSet) -> dict[str | None, int]:
    return {tag: i for i, tag in enumerate(labels.nested)}
