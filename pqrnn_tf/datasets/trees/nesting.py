"""Where the nested part of a tree stands: the innermost slots below each top-level slot.

The tree itself says what is nested; where the words stand follows from the spans of the top-level
slot. So whatever changes text, slots and tree of an example together, such as augmentation, has
moved the nested part too. Needs the standard library only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.datasets.trees.alignment import align_slots
from pqrnn_tf.runtime.labels import nested_path
from pqrnn_tf.runtime.trees import Tree, top_level_slots

Path = tuple[tuple[str, int], ...]
"""The nodes from below a top-level slot down to a leaf: `INTENT/SLOT` of each, and its number among
its siblings, so that two slots of one name are distinguished. Empty for a plain top-level slot."""

_ELSEWHERE = "\0"


@dataclasses.dataclass(frozen=True)
class Leaf:
    """An innermost slot.

    Attributes:
        path: Its place in the tree.
        spans: Its half-open spans in code points, as in `SlotSpan`.
    """

    path: Path
    spans: tuple[tuple[int, int], ...]


def nested_leaves(example: Example) -> list[tuple[Leaf, ...] | None] | None:
    """The leaves of each top-level slot of an example.

    Returns:
        One entry for each of `example.slots`: its leaves in tree order, which of a plain slot is the
        slot itself with an empty path; or `None` where a node has anything but words or exactly one
        intent with nothing but slots, or the leaves cannot be placed. `None` for all where it is not
        known what is nested: the example has no tree or no slots.
    """
    if example.tree is None or example.slots is None:
        return None
    nodes = top_level_slots(example.tree)
    if len(nodes) != len(example.slots):
        return None
    return [
        _leaves(example.text, slot.spans, node, ())
        for slot, node in zip(example.slots, nodes, strict=True)
    ]


def _leaves(
    text: str, spans: Sequence[tuple[int, int]], node: Tree, path: Path
) -> tuple[Leaf, ...] | None:
    if all(isinstance(child, str) for child in node.children):
        return (Leaf(path, tuple(spans)),)
    intent = node.children[0]
    if len(node.children) > 1 or not isinstance(intent, Tree) or not intent.is_intent:
        return None
    slots = top_level_slots(intent)
    if len(slots) < len(intent.children) or not slots:
        return None
    inside = [_ELSEWHERE] * len(text)
    for start, end in spans:
        inside[start:end] = text[start:end]
    placed = align_slots("".join(inside), intent).slots
    if placed is None:
        return None
    found: list[Leaf] = []
    for number, (slot, child) in enumerate(zip(placed, slots, strict=True)):
        step = (nested_path(intent.name, slot.name), number)
        below = _leaves(text, slot.spans, child, (*path, step))
        if below is None:
            return None
        found += below
    return tuple(found)
