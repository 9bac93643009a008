"""The labels that training rows have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.datasets.trees.nesting import nested_leaves
from pqrnn_tf.runtime.labels import OUTSIDE, LabelError, LabelSet
from pqrnn_tf.runtime.trees import Tree
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.tagging import tags_of_leaves
from pqrnn_tf.values import kinds_of_slots

MIN_ROWS_OF_PATH = 2
"""A path into nested trees that fewer rows of the training data have gets no tag."""


def collect_labels(examples: Iterable[Example], *, nested: bool = True) -> LabelSet:
    """Collects the labels of training examples; names are sorted.

    Kinds of values are found as `value_kinds` says.

    Args:
        examples: The rows.
        nested: Whether to collect nested tags, where rows have nested trees. What only one row has
            (`MIN_ROWS_OF_PATH`) is left out.

    Raises:
        LabelError: if there are no examples.
    """
    examples = list(examples)
    used: dict[str, set[str]] = {}
    gaps: set[str] = set()
    for example in examples:
        seen = used.setdefault(example.intent, set())
        for slot in example.slots or ():
            seen.add(slot.name)
            if len(slot.spans) > 1:
                gaps.add(slot.name)
    if not used:
        raise LabelError("`examples` must hold at least one example. Received: none.")
    tags = [OUTSIDE]
    for name in sorted(set().union(*used.values())):
        tags += [f"B-{name}", f"I-{name}"] + ([f"G-{name}"] if name in gaps else [])
    intents = tuple(sorted(used))
    return LabelSet(
        intents=intents,
        tags=tuple(tags),
        slots_of_intent=tuple(tuple(sorted(used[intent])) for intent in intents),
        values=value_kinds(examples),
        **(_nested_labels(examples) if nested else {}),  # type: ignore[arg-type]
    )


def value_kinds(examples: Iterable[Example]) -> tuple[tuple[str, str], ...]:
    """The kinds of values of slots, as `values.kinds_of_slots` finds them in the words of rows.

    Returns:
        `(slot, kind)`, in alphabetical order; empty where the extra `values` is not installed.
    """
    words: dict[str, list[str]] = {}
    for example in examples:
        if example.tree is not None:
            for name, text in _slots_of_words(example.tree):
                words.setdefault(name, []).append(text)
        else:
            for slot in example.slots or ():
                words.setdefault(slot.name, []).append(slot.text(example.text))
    try:
        return tuple(kinds_of_slots(words).items())
    except ImportError:
        return ()


def _slots_of_words(tree: Tree) -> Iterator[tuple[str, str]]:
    """The slots of a tree in which no intent stands, with their words."""
    for child in tree.children:
        if isinstance(child, Tree):
            if child.is_slot and not any(isinstance(inner, Tree) for inner in child.children):
                yield child.name, " ".join(child.words())
            else:
                yield from _slots_of_words(child)


def _nested_labels(examples: Sequence[Example]) -> dict[str, Any]:
    """The fields `nested` and `slots_of_nested`."""
    rows: Counter[tuple[str, ...]] = Counter()
    slots_of: dict[tuple[str, ...], dict[str, set[str]]] = {}
    for example in examples:
        seen = set()
        for slot, leaves in zip(example.slots or (), nested_leaves(example) or (), strict=False):
            for path, tag in tags_of_leaves(leaves or ()):
                seen.add(path)
                slots_of.setdefault(path, {}).setdefault(tag, set()).add(slot.name)
        rows.update(seen)
    kept = {
        tag: slots
        for path, tags in slots_of.items()
        if rows[path] >= MIN_ROWS_OF_PATH
        for tag, slots in tags.items()
    }
    if not kept:
        return {}
    names = sorted(kept)
    return {
        "nested": (OUTSIDE, *names),
        "slots_of_nested": ((), *(tuple(sorted(kept[name])) for name in names)),
    }


def labels_for(config: TrainingConfig, examples: Sequence[Example]) -> LabelSet:
    """The labels of a model that is trained on some rows; without nested tags where they weigh nothing."""
    return collect_labels(examples, nested=config.nested_weight > 0)
