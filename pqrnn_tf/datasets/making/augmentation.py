"""New training examples from old ones: other slot values, other forms of the text, and errors in its words.

All keep spans and trees right and give the same result for the same seed on every platform. They
are quick enough to run once an epoch.
"""

from __future__ import annotations

import bisect
import dataclasses
import functools
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from pqrnn_tf.datasets.making.forms.names import OpenSlots, language_of
from pqrnn_tf.datasets.making.rewriting import Rewriting
from pqrnn_tf.datasets.making.surface_forms import SURFACE_FORMS, surface_copy
from pqrnn_tf.datasets.making.text_errors import (
    ERRORS,
    KnownWords,
    check_probability,
    make_errors,
)
from pqrnn_tf.datasets.making.unspaced import unspaced as written_unspaced
from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.runtime.trees import Tree, top_level_slots

_Children = tuple[Tree | str, ...]
# Names of the intents inside a slot: `call Ann` and `buy milk` are both a TODO, but the first one's words
# in the tree are only `Ann`, so that they cannot stand in each other's place.
_Shape = tuple[str, ...]

_MIN_VALUES_OF_INTENT = 4


def _slot_nodes(example: Example) -> Sequence[Tree | None]:
    """The node of each slot; `None` for each where there is no tree with as many slots."""
    slots = example.slots or ()
    nodes = top_level_slots(example.tree) if example.tree is not None else []
    return nodes if len(nodes) == len(slots) else [None] * len(slots)


def _shape(node: Tree | None) -> _Shape:
    if node is None or all(isinstance(child, str) for child in node.children):
        return ()
    return tuple(inner.name for inner in node.nodes() if inner.is_intent)


class SlotCandidates(Protocol):
    """Where the values come from that stand in the place of others."""

    def candidates(
        self, example: Example, slot: SlotSpan, node: Tree | None = None
    ) -> Sequence[tuple[str, _Children]]:
        """Values that may stand in the place of `slot`, each with its children in the tree; none to keep it."""
        ...


class SlotValues:
    """The values that slots have in a set of examples.

    Values at the start of an utterance that begin with a capital are left out, since the capital
    may be there for the start only; so are slots of several spans.

    Args:
        examples: Usually the training examples.
    """

    def __init__(self, examples: Iterable[Example]) -> None:
        Values = dict[str, _Children]
        by_intent: dict[tuple[str, str, str, _Shape], Values] = {}
        by_slot: dict[tuple[str, str, _Shape], Values] = {}
        for example in examples:
            if not example.slots:
                continue
            language = language_of(example)
            for slot, node in zip(example.slots, _slot_nodes(example), strict=True):
                if len(slot.spans) > 1:
                    continue
                value = example.text[slot.start : slot.end]
                if slot.start == 0 and value[:1].isupper():
                    continue
                children = node.children if node is not None else tuple(value.split())
                shape = _shape(node)
                of_intent = by_intent.setdefault((language, example.intent, slot.name, shape), {})
                of_intent.setdefault(value, children)
                by_slot.setdefault((language, slot.name, shape), {}).setdefault(value, children)
        self._by_intent = {key: list(values.items()) for key, values in by_intent.items()}
        self._by_slot = {key: list(values.items()) for key, values in by_slot.items()}

    @functools.cached_property
    def other_languages(self) -> SlotCandidates:
        """The values that a slot has in every language but that of the row, for code-switched rows."""
        return _OtherLanguages(self._by_slot)

    def candidates(
        self, example: Example, slot: SlotSpan, node: Tree | None = None
    ) -> Sequence[tuple[str, _Children]]:
        """Values that may stand in the place of `slot`, each with its children in the tree.

        They are of the same language and slot name, and of the same root intent where that has at
        least four of them.
        """
        language, shape = language_of(example), _shape(node)
        of_intent = self._by_intent.get((language, example.intent, slot.name, shape), ())
        if len(of_intent) >= _MIN_VALUES_OF_INTENT:
            return of_intent
        return self._by_slot.get((language, slot.name, shape), ())


class _OtherLanguages:
    """Values of slots in other languages than a row's.

    Args:
        by_slot: Values by language, slot name and the intents inside.
    """

    def __init__(
        self, by_slot: Mapping[tuple[str, str, _Shape], Sequence[tuple[str, _Children]]]
    ) -> None:
        self._by_slot = by_slot
        self._languages = sorted({language for language, _, _ in by_slot})
        self._known: dict[tuple[str, str, _Shape], Sequence[tuple[str, _Children]]] = {}

    def candidates(
        self, example: Example, slot: SlotSpan, node: Tree | None = None
    ) -> Sequence[tuple[str, _Children]]:
        """Values of the same slot name with the same intents inside."""
        own, shape = language_of(example), _shape(node)
        key = (own, slot.name, shape)
        if key not in self._known:
            self._known[key] = [
                value
                for language in self._languages
                if language != own
                for value in self._by_slot.get((language, slot.name, shape), ())
            ]
        return self._known[key]


def _first_word(children: _Children, change: Callable[[str], str]) -> _Children:
    """The children with `change` applied to their first word."""
    for index, child in enumerate(children):
        changed: Tree | str
        if isinstance(child, str):
            changed = change(child)
        elif child.words():
            changed = dataclasses.replace(child, children=_first_word(child.children, change))
        else:
            continue
        return (*children[:index], changed, *children[index + 1 :])
    return children


def _capitalised(text: str) -> str:
    first = text[:1].upper()
    return first + text[1:] if len(first) == 1 else text


def _with_slot_children(tree: Tree, children: dict[int, _Children]) -> Tree:
    """The tree with the children of some of its top-level slots, by number, replaced."""
    result: list[Tree | str] = []
    number = 0
    for child in tree.children:
        if isinstance(child, Tree) and child.is_slot:
            if number in children:
                child = dataclasses.replace(child, children=children[number])
            number += 1
        result.append(child)
    return dataclasses.replace(tree, children=tuple(result))


def _substitute(
    example: Example, values: SlotCandidates, rng: random.Random, probability: float
) -> Example:
    if not example.slots:
        return example
    nodes = _slot_nodes(example)
    replaced: dict[int, tuple[str, _Children]] = {}
    for number, (slot, node) in enumerate(zip(example.slots, nodes, strict=True)):
        if rng.random() >= probability:
            continue
        choice = rng.random()
        candidates = values.candidates(example, slot, node)
        if len(slot.spans) > 1 or not candidates:
            continue
        value, children = candidates[int(choice * len(candidates))]
        if slot.start == 0 and example.text[:1].isupper():
            value, children = _capitalised(value), _first_word(children, _capitalised)
        if value != example.text[slot.start : slot.end]:
            replaced[number] = (value, children)
    if not replaced:
        return example
    # Left to right, so that a position moves by what the values before it have grown.
    edits = sorted((example.slots[number].spans[0], replaced[number][0]) for number in replaced)
    parts: list[str] = []
    ends, growth = [0], [0]
    position = 0
    for (start, end), value in edits:
        parts += [example.text[position:start], value]
        position = end
        ends.append(end)
        growth.append(growth[-1] + len(value) - (end - start))
    text = "".join((*parts, example.text[position:]))

    def moved(place: int) -> int:
        return place + growth[bisect.bisect_right(ends, place) - 1]

    slots = []
    for number, slot in enumerate(example.slots):
        if number in replaced:
            # Only edits that end before it count, so its own growth does not.
            start = moved(slot.start)
            slots.append(SlotSpan(slot.name, ((start, start + len(replaced[number][0])),)))
        else:
            spans = tuple((moved(start), moved(start) + end - start) for start, end in slot.spans)
            slots.append(SlotSpan(slot.name, spans))
    tree = example.tree
    if tree is not None:
        known = {number: value[1] for number, value in replaced.items() if nodes[number]}
        tree = _with_slot_children(tree, known) if len(known) == len(replaced) else None
    return dataclasses.replace(example, text=text, slots=tuple(slots), tree=tree)


def substitute_slot_values(
    examples: Iterable[Example],
    *,
    seed: int,
    probability: float = 0.5,
    values: SlotCandidates | None = None,
) -> list[Example]:
    """Swaps slot values for other values of the same slot.

    Only slots of one span change. The new value is of the same language, of the same root intent
    where that offers enough of them, and has the same intents inside; at the start of an utterance
    it takes over the capital.

    Args:
        examples: The examples.
        seed: Any integer; another one each epoch.
        probability: How likely each slot is to change.
        values: Where values come from; `None` for `examples` themselves. Give it when the function
            runs once an epoch, so that the values are collected once.

    Returns:
        As many examples as given, in the same order.

    Raises:
        ValueError: If `probability` is not from 0 to 1.
    """
    check_probability("probability", probability)
    examples = list(examples)
    source: SlotCandidates = SlotValues(examples) if values is None else values
    rng = random.Random(seed)
    return [_substitute(example, source, rng, probability) for example in examples]


def augmented_copy(
    examples: Iterable[Example],
    *,
    seed: int,
    substitution: float = 0.0,
    code_switching: float = 0.0,
    distortion: float = 0.0,
    surface: float = 0.0,
    surface_weights: Mapping[str, float] | None = None,
    unspaced: float = 0.0,
    values: SlotValues | None = None,
    words: KnownWords | None = None,
    open_slots: OpenSlots | None = None,
) -> list[Example]:
    """One copy of the examples with other slot values, written in other forms and with errors; slots and trees follow.

    Args:
        examples: The examples.
        seed: Another one for each copy or epoch. The substitutions are the same whatever `surface` and `distortion`,
            and the forms whatever `distortion`.
        substitution: How likely each slot is to change, see `substitute_slot_values`; 0 for none.
        code_switching: How likely each slot is to get a value that it has in another language after that, as people
            write who speak several; 0 for none. The substitutions are the same whatever it is.
        distortion, surface, surface_weights, unspaced, words, open_slots: As in `rewritten_copy`.
        values: As in `substitute_slot_values`.

    Returns:
        As many examples as given, in the same order.

    Raises:
        ValueError: If a probability is not from 0 to 1, or a name in `surface_weights` is unknown.
    """
    rows = examples = list(examples)
    if substitution:
        rows = substitute_slot_values(rows, seed=seed, probability=substitution, values=values)
    if code_switching:
        foreign = (SlotValues(examples) if values is None else values).other_languages
        rows = substitute_slot_values(
            rows, seed=seed + 1, probability=code_switching, values=foreign
        )
    if not distortion and not surface and not unspaced:
        return rows
    rewritten = rewritten_copy(
        rows,
        seed=seed,
        surface=surface,
        distortion=distortion,
        surface_weights=surface_weights,
        unspaced=unspaced,
        words=words,
        open_slots=open_slots,
    )
    return [rewriting.example() for rewriting in rewritten]


def rewritten_copy(
    examples: Iterable[Example],
    *,
    seed: int,
    surface: float = 0.0,
    distortion: float = 0.0,
    surface_weights: Mapping[str, float] | None = None,
    unspaced: float = 0.0,
    words: KnownWords | None = None,
    open_slots: OpenSlots | None = None,
) -> list[Rewriting]:
    """The examples written again as people and recognisers write: in other forms, and with errors in their words.

    Args:
        examples: The examples; they are the sources of what is returned.
        seed: Another one for each copy or epoch. The forms are the same whatever `distortion`.
        surface: How likely each row is to be written in another form, see `SURFACE_FORMS`; 0 for none.
        distortion: How likely each word is to get an error, see `make_errors`; 0 for none. Up to 0.5, one half of the
            rows has all the errors.
        surface_weights: Weights of forms and of kinds of errors, by name, in the place of those of their tables.
        unspaced: How likely a row is written without the spaces that only corpora have, see `making.unspaced`; this
            comes last, and the forms and errors are the same whatever it is.
        words: The words that may stand in the place of others; `None` for those of `examples`. Give it when the
            function runs once an epoch, so that they are collected once.
        open_slots: As in `surface_copy`, likewise.

    Returns:
        As many as given, in the same order; each depends only on `seed`, its example and `words`. An example whose
        slots were not found stays as it is, unless it has no labels at all.

    Raises:
        ValueError: If a probability is not from 0 to 1, or a name in `surface_weights` is unknown.
    """
    check_probability("surface", surface)
    check_probability("distortion", distortion)
    check_probability("unspaced", unspaced)
    check_weights(surface_weights)
    examples = list(examples)
    if surface:
        weights = {
            name: weight for name, weight in (surface_weights or {}).items() if name not in ERRORS
        }
        rows = surface_copy(
            examples, seed=seed, probability=surface, weights=weights, open_slots=open_slots
        )
    else:
        rows = [Rewriting.of(example) for example in examples]
    if distortion:
        known = KnownWords(examples) if words is None else words
        rows = [_with_errors(row, seed, distortion, surface_weights, known) for row in rows]
    if unspaced:
        rows = [
            written_unspaced(row)
            if random.Random(f"{seed} spaces {row.source.text}").random() < unspaced
            else row
            for row in rows
        ]
    return rows


def _with_errors(
    row: Rewriting,
    seed: int,
    distortion: float,
    weights: Mapping[str, float] | None,
    words: KnownWords,
) -> Rewriting:
    """The row, or in every second case the row with twice as many errors as `distortion` says.

    So each pass has rows that are free of errors, however many there are in the others.
    """
    rng = random.Random(f"{seed} errors {row.source.text}")
    if distortion <= 0.5 and rng.random() < 0.5:
        return row
    probability = distortion if distortion > 0.5 else 2.0 * distortion
    return make_errors(row, rng, probability=probability, weights=weights, words=words)


def check_weights(weights: Mapping[str, float] | None) -> None:
    """Checks the names of weights.

    Raises:
        ValueError: If one is neither a form nor a kind of error.
    """
    for name in weights or ():
        if name not in SURFACE_FORMS and name not in ERRORS:
            known = ", ".join((*SURFACE_FORMS, *ERRORS))
            raise ValueError(f"`surface_weights` has the unknown name {name!r}. Known: {known}.")
