"""The labels that training rows have."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.datasets.trees.nesting import Path, nested_leaves
from pqrnn_tf.runtime.labels import OUTSIDE, LabelError, LabelSet, nested_steps
from pqrnn_tf.runtime.slot_edges import EdgeToken, SlotEdges, edge_token
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.text import tokens_of
from pqrnn_tf.runtime.trees import Tree
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.tagging import tags_of_leaves
from pqrnn_tf.values import kinds_of_slots

MIN_ROWS_OF_PATH = 2
"""A path into nested trees that fewer rows of the training data have gets no tag."""
MIN_VALUES_OF_EDGE, MIN_SHARE_OF_EDGE = 3, 0.01
"""Punctuation at the edge of a slot is none of it where both fewer values have it and a smaller share of them: one
slip of an annotator among hundreds of values does not count, one value among few does."""
MIN_SHARE_OF_MARKS = 0.05
"""Nor where a smaller share of the marks that touch an edge stands inside. In MTOP's six languages 338 of 2,686 stops
behind a word belong to a time (`10 Min.`), and 19 of 1,190 to a task."""


def collect_labels(examples: Iterable[Example], *, nested: bool = True) -> LabelSet:
    """Collects the labels of training examples; names are sorted.

    Kinds of values are found as `value_kinds` says, and edges of slots as `slot_edges` does.

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
    labels = LabelSet(
        intents=intents,
        tags=tuple(tags),
        slots_of_intent=tuple(tuple(sorted(used[intent])) for intent in intents),
        values=value_kinds(examples),
        **(_nested_labels(examples) if nested else {}),  # type: ignore[arg-type]
    )
    return dataclasses.replace(labels, edges=slot_edges(examples, labels))


def slot_edges(examples: Iterable[Example], labels: LabelSet) -> tuple[tuple[str, SlotEdges], ...]:
    """The punctuation that belongs to the edges of slots in rows as they are.

    A mark belongs to an edge of a slot beside what stands there (`slot_edges.BESIDE`) where enough values have it
    (`MIN_VALUES_OF_EDGE`, `MIN_SHARE_OF_EDGE`), and not only few of those that have it there or directly outside
    (`MIN_SHARE_OF_MARKS`). Only the outermost mark of a value counts on either side, and the one next to it. Slots
    count at each level of a tree.

    Args:
        examples: The rows: those of a corpus, not forms that a training makes of them.
        labels: Those of the model, whose slots are told.

    Returns:
        An entry for each slot of which rows have values, in alphabetical order.
    """
    known = set(labels.slot_names)
    known |= {step.slot for tag in labels.nested for step in nested_steps(tag)}
    values: Counter[str] = Counter()
    inside: dict[str, Counter[_Edge]] = defaultdict(Counter)
    outside: dict[str, Counter[_Edge]] = defaultdict(Counter)
    for example in examples:
        spans = tokens_of(example.text, _WORDS) if example.slots else []
        tokens = [edge_token(example.text[start:end]) for start, end in spans]
        for name, pieces in _values(example):
            places = [
                place
                for place, (start, end) in enumerate(spans)
                if any(start < last and end > first for first, last in pieces)
            ]
            if name not in known or not places:
                continue
            values[name] += 1
            of_value = [tokens[place] for place in places]
            inside[name].update(_edges_of(of_value))
            around = tokens[max(0, places[0] - 1) : places[0]] or [_NO_TOKEN]
            behind = tokens[places[-1] + 1 : places[-1] + 2] or [_NO_TOKEN]
            outside[name].update(_edges_of([*around, *of_value, *behind]))
    for counts in (inside, outside):  # elision is spelling: what one slot has of it holds for all
        elisions = sum(of[_ELISION] for of in counts.values())
        for name in values:
            counts[name][_ELISION] = elisions
    return tuple(
        (name, _edges(inside[name], outside[name], values[name])) for name in sorted(values)
    )


_Edge = tuple[str, str, str]
"""Side, what stands inside of a mark, and the mark."""
_ELISION: _Edge = ("ends", "letter", "'")
"""The apostrophe of French `j'`, `m'` and `l'`."""
_NO_TOKEN = edge_token("")
_WORDS = ProjectionSpec()
"""What cuts texts into words and marks, whatever the projection of the model: it is not known yet."""


def _edges_of(tokens: Sequence[EdgeToken]) -> Iterator[_Edge]:
    """The marks at both ends of some tokens."""
    if tokens[0].is_mark:
        yield "begins", tokens[1].before if len(tokens) > 1 else "nothing", tokens[0].first
    if tokens[-1].is_mark:
        yield "ends", tokens[-2].behind if len(tokens) > 1 else "nothing", tokens[-1].last


def _edges(inside: Counter[_Edge], outside: Counter[_Edge], values: int) -> SlotEdges:
    found: dict[str, dict[str, str]] = {"begins": {}, "ends": {}}
    least = min(MIN_VALUES_OF_EDGE, MIN_SHARE_OF_EDGE * values)
    for edge, count in sorted(inside.items()):
        side, beside, mark = edge
        if count >= least and count >= MIN_SHARE_OF_MARKS * (count + outside[edge]):
            found[side][beside] = found[side].get(beside, "") + mark
    return SlotEdges(**found)


def _values(example: Example) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """The names and spans of all slots of a row, at each level."""
    for slot, leaves in zip(
        example.slots or (), nested_leaves(example) or itertools.repeat(()), strict=False
    ):
        yield slot.name, list(slot.spans)
        below: dict[Path, list[tuple[int, int]]] = {}
        for leaf in leaves or ():
            for depth in range(1, len(leaf.path) + 1):
                below.setdefault(leaf.path[:depth], []).extend(leaf.spans)
        for path, spans in below.items():
            (step,) = nested_steps(f"B-{path[-1][0]}")
            yield step.slot, sorted(spans)


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
