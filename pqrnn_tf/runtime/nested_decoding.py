"""From logits to what is nested in the slots of a parse. Needs numpy only."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np

from pqrnn_tf.runtime.labels import LabelSet, NestedStep, nested_steps

NESTED_CANDIDATES = 32
"""Partial trees that are kept a token where the best tags do not fit each other."""


@dataclasses.dataclass(frozen=True)
class DecodedSlot:
    """A decoded slot.

    Attributes:
        name: Slot name without `SL:`.
        ranges: Half-open token ranges of its words, in order; more than one where the slot has a gap.
        nested: The intent that stands in the slot; `None` for a slot of words.
    """

    name: str
    ranges: tuple[tuple[int, int], ...]
    nested: DecodedIntent | None = None


@dataclasses.dataclass(frozen=True)
class DecodedIntent:
    """An intent inside a slot.

    Attributes:
        intent: Name without `IN:`.
        slots: In the order of their first words; they have all words of the slot around them.
    """

    intent: str
    slots: tuple[DecodedSlot, ...]


_Content = tuple
"""What stands in a slot so far, as far as later words depend on it: `()` nothing, `(WORDS,)` words, or
`(intent, (slot name, content), …)` with the last slot of each name, sorted by name."""

_WORDS = ("",)


@functools.lru_cache(maxsize=4096)
def _after(content: _Content, steps: tuple[NestedStep, ...]) -> _Content | None:
    """The content of a slot after one more word; `None` where the word cannot stand there."""
    if not steps:
        return _WORDS if content in ((), _WORDS) else None
    step = steps[0]
    if content and content[0] != step.intent:
        return None
    slots = dict(content[1:])
    if not step.begins and step.slot not in slots:
        return None
    inner = _after(() if step.begins else slots[step.slot], steps[1:])
    if inner is None:
        return None
    slots[step.slot] = inner
    return (step.intent, *sorted(slots.items()))


class _Node:
    """A slot that is being collected."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tokens: list[int] = []
        self.intent = ""
        self.children: list[_Node] = []

    def add(self, token: int, steps: Sequence[NestedStep]) -> None:
        self.tokens.append(token)
        if not steps:
            return
        step = steps[0]
        self.intent = step.intent
        if step.begins:
            self.children.append(_Node(step.slot))
            child = self.children[-1]
        else:
            child = next(node for node in reversed(self.children) if node.name == step.slot)
        child.add(token, steps[1:])

    def slot(self) -> DecodedSlot:
        ranges: list[tuple[int, int]] = []
        for token in self.tokens:
            if ranges and ranges[-1][1] == token:
                ranges[-1] = (ranges[-1][0], token + 1)
            else:
                ranges.append((token, token + 1))
        nested = None
        if self.children:
            nested = DecodedIntent(self.intent, tuple(child.slot() for child in self.children))
        return DecodedSlot(self.name, tuple(ranges), nested)


class NestedDecoder:
    """Chooses what is nested in the slots of a parse.

    In each slot by itself: either only words (tag `O` at each token), or the sequence of other tags
    with the largest sum of logits that makes a tree: each token begins a slot or continues the last
    one of that name, a slot holds words or one intent, and all tags are ones that training data has in
    that slot. Where the largest logits make no tree, a beam search over partial trees of
    `NESTED_CANDIDATES` finds the sequence; what tokens before have in common for later ones is one
    partial tree, so that it is exact unless there are more of them.

    Args:
        labels: Names in the order of the logits.
    """

    def __init__(self, labels: LabelSet):
        self._tags = labels.nested
        self._steps = [nested_steps(tag) for tag in labels.nested]
        self._columns: dict[str, list[int]] = {}
        for name in labels.slot_names if labels.nested else ():
            self._columns[name] = [
                column
                for column in range(1, len(labels.nested))
                if not labels.slots_of_nested or name in labels.slots_of_nested[column]
            ]
        self._allowed = {name: frozenset(columns) for name, columns in self._columns.items()}

    def __call__(
        self, slots: Sequence[DecodedSlot], logits: np.ndarray
    ) -> tuple[tuple[DecodedSlot, ...], tuple[str, ...]]:
        """Completes slots.

        Args:
            slots: Plain slots.
            logits: Floats `(tokens, nested tags)`.

        Returns:
            The slots with what is nested in them, and the nested tag of each token.
        """
        tags = [self._tags[0]] * len(logits)
        result = []
        best = logits.argmax(axis=1).tolist() if slots else []
        for slot in slots:
            tokens = [token for first, last in slot.ranges for token in range(first, last)]
            path = self._path(slot.name, logits, tokens, [best[token] for token in tokens])
            if not path:
                result.append(slot)
                continue
            root = _Node(slot.name)
            for token, column in zip(tokens, path, strict=True):
                root.add(token, self._steps[column])
                tags[token] = self._tags[column]
            result.append(root.slot())
        return tuple(result), tuple(tags)

    def _path(
        self, name: str, logits: np.ndarray, tokens: list[int], best: list[int]
    ) -> Sequence[int]:
        """The columns of the tags in a slot; empty for only words.

        Args:
            name: Name of the slot.
            logits: Floats `(tokens, nested tags)`.
            tokens: Those of the slot.
            best: Column of the largest logit of each of them. Nearly always this is all that it takes.
        """
        columns = self._columns[name]
        if not columns or not any(best):
            return ()
        if all(best) and self._makes_tree(name, best):
            return best
        plain = sum(logits[tokens, 0].tolist())
        rows = logits[np.ix_(tokens, columns)].tolist()
        # No sequence has more than the best tag of each token.
        if sum(map(max, rows)) <= plain:
            return ()
        # Sum, columns and content of each partial tree, best first.
        beam: list[tuple[float, tuple[int, ...], _Content]] = [(0.0, (), ())]
        for row in rows:
            found: dict[_Content, tuple[float, tuple[int, ...], _Content]] = {}
            for total, path, content in beam:
                for column, logit in zip(columns, row, strict=True):
                    after = _after(content, self._steps[column])
                    if after is None or (after in found and found[after][0] >= total + logit):
                        continue
                    found[after] = (total + logit, (*path, column), after)
            beam = sorted(found.values(), key=lambda entry: -entry[0])[:NESTED_CANDIDATES]
            if not beam:
                return ()
        total, path, _ = beam[0]
        return path if total > plain else ()

    def _makes_tree(self, name: str, path: Sequence[int]) -> bool:
        """Whether tags follow each other as in a tree, and stand in the slot in training data."""
        content: _Content | None = ()
        for column in path:
            if column not in self._allowed[name]:
                return False
            content = _after(content, self._steps[column])
            if content is None:
                return False
        return True
