"""New training examples from old ones: other slot values, and words with typing errors.

Both keep spans and trees right and give the same result for the same seed on every platform. They
are quick enough to run once an epoch.
"""

from __future__ import annotations

import bisect
import dataclasses
import functools
import itertools
import random
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence

from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.runtime.trees import Tree, top_level_slots

_Children = tuple[Tree | str, ...]
# Names of the intents inside a slot: `call Ann` and `buy milk` are both a TODO, but the first one's words
# in the tree are only `Ann`, so that they cannot stand in each other's place.
_Shape = tuple[str, ...]

_MIN_VALUES_OF_INTENT = 4
_MIN_CLUSTERS = 3
_LETTERS_A_WORD = 8
_LONG_RUN = 24
_DRAWS = 8


def _check_probability(probability: float) -> None:
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"`probability` must be from 0 to 1. Received: {probability!r}.")


def _language(example: Example) -> str:
    return example.locale.split("_")[0]


def _slot_nodes(example: Example) -> Sequence[Tree | None]:
    """The node of each slot; `None` for each where there is no tree with as many slots."""
    slots = example.slots or ()
    nodes = top_level_slots(example.tree) if example.tree is not None else []
    return nodes if len(nodes) == len(slots) else [None] * len(slots)


def _shape(node: Tree | None) -> _Shape:
    if node is None or all(isinstance(child, str) for child in node.children):
        return ()
    return tuple(inner.name for inner in node.nodes() if inner.is_intent)


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
            language = _language(example)
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

    def candidates(
        self, example: Example, slot: SlotSpan, node: Tree | None = None
    ) -> Sequence[tuple[str, _Children]]:
        """Values that may stand in the place of `slot`, each with its children in the tree.

        They are of the same language and slot name, and of the same root intent where that has at
        least four of them.
        """
        language, shape = _language(example), _shape(node)
        of_intent = self._by_intent.get((language, example.intent, slot.name, shape), ())
        if len(of_intent) >= _MIN_VALUES_OF_INTENT:
            return of_intent
        return self._by_slot.get((language, slot.name, shape), ())


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
    example: Example, values: SlotValues, rng: random.Random, probability: float
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
    values: SlotValues | None = None,
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
    _check_probability(probability)
    examples = list(examples)
    source = SlotValues(examples) if values is None else values
    rng = random.Random(seed)
    return [_substitute(example, source, rng, probability) for example in examples]


_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbours() -> dict[str, str]:
    """The keys beside, above and below each letter of a QWERTY keyboard."""
    result: dict[str, str] = {}
    for row, keys in enumerate(_KEYBOARD):
        for column, key in enumerate(keys):
            near = ""
            for other in (row - 1, row, row + 1):
                if 0 <= other < len(_KEYBOARD):
                    # Each row is shifted by about half a key to the right of the one above it.
                    shift = 1 if other < row else 0
                    for step in (-1, 0, 1) if other == row else (shift - 1, shift):
                        place = column + step
                        if 0 <= place < len(_KEYBOARD[other]):
                            near += _KEYBOARD[other][place]
            near = near.replace(key, "")
            result[key], result[key.upper()] = near, near.upper()
    return result


_NEIGHBOURS = _neighbours()


@functools.cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns of a word of letters and of one letter with its combining marks."""
    ranges: list[list[int]] = []
    for code in range(0x300, sys.maxunicode + 1 if sys.maxunicode < 0x20000 else 0x20000):
        if unicodedata.category(chr(code))[0] == "M":
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    marks = "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
    letter = rf"[^\W\d_][{marks}]*"
    return re.compile(f"(?:{letter})+"), re.compile(letter)


def distort_word(word: str, rng: random.Random) -> str:
    """One typing error after the first letter; combining marks stay with their letter."""
    clusters = _patterns()[1].findall(word)
    if len(clusters) < _MIN_CLUSTERS:
        return word
    place = 1 + int(rng.random() * (len(clusters) - 1))
    kind, choice = int(rng.random() * 4), rng.random()
    near = _NEIGHBOURS.get(clusters[place], "") or clusters[int(choice * len(clusters))]
    typed = near[int(choice * len(near))] if clusters[place] in _NEIGHBOURS else near
    if kind == 0:
        del clusters[place]
    elif kind == 1:
        other = place + 1 if place + 1 < len(clusters) else place - 1
        clusters[place], clusters[other] = clusters[other], clusters[place]
    elif kind == 2:
        clusters.insert(place, typed)
    else:
        clusters[place] = typed
    return "".join(clusters)


def _words(text: str) -> list[tuple[int, int]]:
    """Where the words stand that may get a typing error."""
    words = []
    for match in _patterns()[0].finditer(text):
        start, end = match.span()
        if end - start <= _LONG_RUN:
            words.append((start, end))
            continue
        # A script without spaces has whole clauses in one run: each few letters count as a word.
        letters = [letter.start() for letter in _patterns()[1].finditer(text, start, end)]
        words += itertools.pairwise([*letters[::_LETTERS_A_WORD], end])
    return words


def _hits(text: str, probability: float, rng: random.Random) -> list[tuple[int, int]]:
    """The words that get a typing error."""
    return [word for word in _words(text) if rng.random() < probability]


def _edits(
    text: str, hits: Iterable[tuple[int, int]], cuts: Sequence[int], rng: random.Random
) -> list[tuple[int, int, str]]:
    """Typing errors as `(start, end, new text)`; none reaches over a position of `cuts`."""
    edits = []
    for start, end in hits:
        inner = [cut for cut in cuts if start < cut < end]
        if inner:
            parts = zip((start, *inner), (*inner, end), strict=True)
            start, end = max(parts, key=lambda part: part[1] - part[0])
        word = text[start:end]
        if not word[0].isalpha():
            # A cut may leave the marks of the letter before it at the start.
            continue
        new = distort_word(word, rng)
        if new != word:
            edits.append((start, end, new))
    return edits


def _apply(text: str, edits: Sequence[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    position = 0
    for start, end, new in edits:
        parts += [text[position:start], new]
        position = end
    return "".join((*parts, text[position:]))


def distort_text(text: str, *, probability: float, rng: random.Random) -> str:
    """Makes typing errors in a text: letters left out, swapped, doubled or hit beside.

    A word of three letters or more changes with `probability`, once and not in its first letter. In
    a script without spaces each eight letters count as a word. Digits and punctuation stay.

    Raises:
        ValueError: If `probability` is not from 0 to 1.
    """
    _check_probability(probability)
    return _apply(text, _edits(text, _hits(text, probability, rng), (), rng))


def _word_spans(text: str, slot: SlotSpan, node: Tree | None) -> list[tuple[int, int]] | None:
    """Where each word of a slot stands, if its words one after the other are exactly its text."""
    if node is None:
        return list(slot.spans)
    places = [
        place
        for start, end in slot.spans
        for place in range(start, end)
        if not text[place].isspace()
    ]
    words = node.words()
    if "".join(words) != "".join(text[place] for place in places):
        return None
    spans = []
    position = 0
    for word in words:
        first, last = places[position], places[position + len(word) - 1]
        if last - first != len(word) - 1:
            return None
        spans.append((first, last + 1))
        position += len(word)
    return spans


def _with_words(children: _Children, words: Iterable[str]) -> _Children:
    """The children with their words replaced one by one."""
    source = iter(words)

    def rebuilt(current: _Children) -> _Children:
        return tuple(
            next(source)
            if isinstance(child, str)
            else dataclasses.replace(child, children=rebuilt(child.children))
            for child in current
        )

    return rebuilt(children)


class _SlotWords:
    """Where the words of an example's slots stand, so that they can follow typing errors.

    Args:
        example: An example with slots found.
        hits: Where errors may fall; slots elsewhere are not looked at.
    """

    def __init__(self, example: Example, hits: Sequence[tuple[int, int]]) -> None:
        slots = example.slots or ()
        self._example = example
        self._nodes = _slot_nodes(example)
        self._words: dict[int, list[tuple[int, int]]] = {}
        self._closed: list[tuple[int, int]] = []
        cuts = {edge for slot in slots for piece in slot.spans for edge in piece}
        for number, (slot, node) in enumerate(zip(slots, self._nodes, strict=True)):
            if not any(start < slot.end and slot.start < end for start, end in hits):
                continue
            spans = _word_spans(example.text, slot, node)
            if spans is None or (example.tree is not None and node is None):
                self._closed.extend(slot.spans)
            else:
                self._words[number] = spans
                cuts.update(edge for span in spans for edge in span)
        self._cuts = sorted(cuts)

    def edits(
        self, hits: Iterable[tuple[int, int]], rng: random.Random
    ) -> list[tuple[int, int, str]]:
        """Typing errors, none of them in a slot whose tree could not follow."""
        return [
            edit
            for edit in _edits(self._example.text, hits, self._cuts, rng)
            if not any(start < edit[1] and edit[0] < end for start, end in self._closed)
        ]

    def with_edits(self, edits: Sequence[tuple[int, int, str]]) -> Example:
        """The example with edits, left to right, in text, slots and tree."""
        if not edits:
            return self._example
        text = _apply(self._example.text, edits)
        ends = [end for _, end, _ in edits]
        growth = [0]
        for start, end, new in edits:
            growth.append(growth[-1] + len(new) - (end - start))

        def moved(place: int) -> int:
            # Every edge of a slot or word is outside the edits, so only edits that end before it count.
            return place + growth[bisect.bisect_right(ends, place)]

        slots = tuple(
            SlotSpan(slot.name, tuple((moved(start), moved(end)) for start, end in slot.spans))
            for slot in self._example.slots or ()
        )
        tree = self._example.tree
        if tree is not None and self._words:
            children: dict[int, _Children] = {}
            for number, spans in self._words.items():
                node = self._nodes[number]
                if node is not None:
                    forms = [text[moved(start) : moved(end)] for start, end in spans]
                    children[number] = _with_words(node.children, forms)
            tree = _with_slot_children(tree, children)
        return dataclasses.replace(self._example, text=text, slots=slots, tree=tree)


def distort_characters(example: Example, *, probability: float, rng: random.Random) -> Example:
    """Makes typing errors in an example, as `distort_text` does, and carries them to spans and tree.

    A slot whose words in the tree are not letter for letter what stands in the utterance stays as
    it is, and so does an example without slots found.

    Args:
        example: The example.
        probability: How likely each word is to change.
        rng: Source of chance; only its `random()` is used.

    Raises:
        ValueError: If `probability` is not from 0 to 1.
    """
    _check_probability(probability)
    if example.slots is None:
        return example
    text = example.text
    hits = _hits(text, probability, rng)
    if not hits:
        return example
    places = _SlotWords(example, hits)
    return places.with_edits(places.edits(hits, rng))


def distort_examples(
    examples: Iterable[Example], *, seed: int, probability: float = 0.1
) -> list[Example]:
    """Applies `distort_characters` to each example.

    Args:
        examples: The examples.
        seed: Any integer; another one each epoch.
        probability: How likely each word is to change.

    Raises:
        ValueError: If `probability` is not from 0 to 1.
    """
    _check_probability(probability)
    rng = random.Random(seed)
    return [distort_characters(example, probability=probability, rng=rng) for example in examples]


def keyboard_typos(examples: Iterable[Example], *, share: float, seed: int) -> list[Example]:
    """Puts typing errors into a fixed share of the words, to measure how well a model bears them.

    An error is a neighbouring key, a swap, a letter left out or one more, and never in a word's first letter
    (Pruthi et al. 2019, arXiv 1905.11268, section 3). Words count as in `distort_text`; those that cannot take
    an error (fewer than three letters, or in a slot as `distort_characters` says) count too, and others take
    theirs. The errors of a text depend only on `seed` and the text, and those of a smaller share are among
    those of a larger one.

    Args:
        examples: The examples, such as a development set.
        share: Share of each example's words that changes, rounded to a whole number of words (halves up).
        seed: Any integer.

    Returns:
        As many examples as given, in the same order. One without slots found stays as it is; one with too few
        words that can take an error has fewer errors.

    Raises:
        ValueError: If `share` is not from 0 to 1.
    """
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"`share` must be from 0 to 1. Received: {share!r}.")
    return [_with_typos(example, share, seed) for example in examples]


def _with_typos(example: Example, share: float, seed: int) -> Example:
    words = _words(example.text)
    wanted = int(share * len(words) + 0.5)
    if example.slots is None or not wanted:
        return example
    rng = random.Random(f"{seed} {example.text}")
    places = _SlotWords(example, words)
    edits: list[tuple[int, int, str]] = []
    for word in sorted(words, key=lambda _: rng.random()):
        # Some draws leave a word as it was, such as a swap of two equal letters.
        drawn = (places.edits([word], rng) for _ in range(_DRAWS))
        edits += next((edit for edit in drawn if edit), [])
        if len(edits) == wanted:
            break
    return places.with_edits(sorted(edits))


def augmented_copy(
    examples: Iterable[Example],
    *,
    seed: int,
    substitution: float = 0.0,
    distortion: float = 0.0,
    values: SlotValues | None = None,
) -> list[Example]:
    """One copy of the examples with other slot values and typing errors; labels, slots and trees go along.

    Args:
        examples: The examples.
        seed: Another one for each copy or epoch. The substitutions are the same whatever `distortion`.
        substitution: How likely each slot is to change, see `substitute_slot_values`; 0 for none.
        distortion: How likely each word is to change, see `distort_examples`; 0 for none.
        values: As in `substitute_slot_values`.

    Returns:
        As many examples as given, in the same order.

    Raises:
        ValueError: If a probability is not from 0 to 1.
    """
    rows = list(examples)
    if substitution:
        rows = substitute_slot_values(rows, seed=seed, probability=substitution, values=values)
    if distortion:
        rows = distort_examples(rows, seed=seed, probability=distortion)
    return rows
