"""A labelled row written again: the text changes, slots and tree follow it.

Whatever writes a row as people would write it (punctuation, casing, typing errors, …) says only what it changes in
the text, as edits; where slots and the words of the tree then stand is worked out here.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.datasets.trees.nesting import nested_leaves
from pqrnn_tf.runtime.trees import Tree, top_level_slots, tree_words

Edit = tuple[int, int, str]
"""`(start, end, new text)`: what stands from `start` to `end` is replaced; an insertion where they are equal."""


class _Part(NamedTuple):
    """A stretch of a slot that stands in one place, or of an innermost slot where there is a tree.

    Attributes:
        start: The first code point in the source.
        end: One past the last.
        slot: Number of the top-level slot.
        name: Name of the slot, or of the innermost one.
        words: Its words in the tree; `None` where there is no tree or they are not known.
        group: Number of the run of words below one parent, within its slot.
        closed: Whether the words of the tree could not follow a change, so that there must be none.
        by_word: Whether it is one of several words that the rule which cuts words would cut otherwise.
        inner: Whether it is such a word and not the first; nothing is inserted between it and the one before.
    """

    start: int
    end: int
    slot: int
    name: str
    words: tuple[str, ...] | None = None
    group: int = 0
    closed: bool = False
    by_word: bool = False
    inner: bool = False


@dataclasses.dataclass(frozen=True)
class Rewriting:
    """A row written again, and where each character comes from.

    A slot is what comes from its characters, each of its spans by itself: what is inserted at the edge of a slot is
    outside, what is inserted inside belongs to it. The same holds for innermost slots of a tree, so what is inserted
    between two of them belongs to neither. White space at the edges is never part of a slot.

    Attributes:
        source: The row as it was.
        text: The new text.
        origins: For each code point of `text` its offset in `source.text`, in order; −1 where it is new.

    Example:
    ```python
    row = Example("call Ann", "CALL", (SlotSpan("CONTACT", ((5, 8),)),))
    polite = Rewriting.of(row).edited([(0, 0, "hey, "), (8, 8, ", please!")])
    polite.example().slots  # (SlotSpan("CONTACT", ((10, 13),)),)
    ```
    """

    source: Example
    text: str
    origins: tuple[int, ...]

    @classmethod
    def of(cls, example: Example) -> Rewriting:
        """The row as it is."""
        return cls(example, example.text, tuple(range(len(example.text))))

    @functools.cached_property
    def _parts(self) -> tuple[_Part, ...]:
        return tuple(_parts(self.source))

    @functools.cached_property
    def parts(self) -> tuple[tuple[int, int], ...]:
        """Where slots now stand: half-open spans in `text`, one for each span of a slot; where there is a tree, one
        for each span of an innermost slot.
        """
        if not self._parts:
            return ()
        size = len(self.source.text)
        first, last = [-1] * size, [-1] * size
        for place, origin in enumerate(self.origins):
            if origin >= 0:
                last[origin] = place
                if first[origin] < 0:
                    first[origin] = place
        found = []
        for part in self._parts:
            places = [place for place in first[part.start : part.end] if place >= 0]
            ends = [place for place in last[part.start : part.end] if place >= 0]
            start, end = (places[0], ends[-1] + 1) if places else (0, 0)
            while start < end and self.text[start].isspace():
                start += 1
            while start < end and self.text[end - 1].isspace():
                end -= 1
            found.append((start, end))
        return tuple(found)

    @property
    def part_names(self) -> tuple[str, ...]:
        """For each of `parts` the name of its (innermost) slot."""
        return tuple(part.name for part in self._parts)

    @functools.cached_property
    def slot_spans(self) -> tuple[tuple[int, int], ...]:
        """Every span of every slot in `text`, in text order."""
        return tuple(sorted(span for slot in self.slots or () for span in slot.spans))

    @property
    def edges(self) -> frozenset[int]:
        """Every offset of `text` at which a slot or an innermost slot begins or ends."""
        return frozenset(edge for part in self.parts for edge in part)

    @functools.cached_property
    def slots(self) -> tuple[SlotSpan, ...] | None:
        """The slots in `text`, in the order of the source; `None` where the source's are not known."""
        if self.source.slots is None:
            return None
        spans: list[list[tuple[int, int]]] = [[] for _ in self.source.slots]
        for place, part in zip(self.parts, self._parts, strict=True):
            spans[part.slot].append(place)
        return tuple(
            SlotSpan(slot.name, self._joined(places))
            for slot, places in zip(self.source.slots, spans, strict=True)
        )

    def _joined(self, places: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """Spans of one slot in text order, one where there is only white space between two."""
        joined: list[tuple[int, int]] = []
        for start, end in sorted(places):
            if joined and not self.text[joined[-1][1] : start].strip():
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((start, end))
        return tuple(joined)

    def edited(self, edits: Iterable[Edit]) -> Rewriting:
        """The row with edits in its text.

        The characters of a replacement come from those that they replace, in order; those of an insertion are new.
        Not made is an edit that slots or tree could not follow: one that would leave a slot without words, one that
        reaches over the edge of a slot (unless it replaces each character by one), and one in a slot whose words in
        the tree are not those of the text. An example whose slots could not be found in its tree stays as it is.

        Args:
            edits: `(start, end, new text)` in offsets of `text`, in order and not overlapping.

        Raises:
            ValueError: If edits are not in order, overlap or reach beyond the text.
        """
        edits = list(edits)
        position = 0
        for start, end, _ in edits:
            if not position <= start <= end <= len(self.text):
                raise ValueError(
                    "`edits` must be in the order of the text, within it and not overlapping. "
                    f"Received: {edits!r} for {self.text[:80]!r}."
                )
            position = end
        if self.source.slots is None and self.source.tree is not None:
            return self
        made = [edit for edit in map(self._possible, edits) if edit is not None]
        while made:
            new = self._applied(made)
            # An edit may leave a slot its words and several together may not.
            empty = [
                old for old, (start, end) in zip(self.parts, new.parts, strict=True) if start == end
            ]
            if not empty:
                return new
            made = [
                (start, end, text)
                for start, end, text in made
                if start == end or not any(start < last and first < end for first, last in empty)
            ]
        return self

    def _possible(self, edit: Edit) -> Edit | None:
        """The edit, or what of it slots and tree can follow."""
        start, end, new = edit
        if new == self.text[start:end]:
            return None
        before = 0
        for (first, last), part in zip(self.parts, self._parts, strict=True):
            if start == end:
                if part.closed and first < start < last or part.inner and before <= start <= first:
                    return None
            elif start < last and first < end:
                if len(new) == end - start:
                    if part.closed:
                        here, there = max(start, first) - start, min(end, last) - start
                        new = new[:here] + self.text[start:end][here:there] + new[there:]
                elif part.closed or not (first <= start and end <= last):
                    return None
            before = last
        return start, end, new

    def _applied(self, edits: Sequence[Edit]) -> Rewriting:
        parts: list[str] = []
        origins: list[int] = []
        position = 0
        for start, end, new in edits:
            parts += (self.text[position:start], new)
            origins += self.origins[position:start]
            origins += _spread(self.origins[start:end], len(new))
            position = end
        parts.append(self.text[position:])
        origins += self.origins[position:]
        result = Rewriting(self.source, "".join(parts), tuple(origins))
        result.__dict__["_parts"] = self._parts
        return result

    def example(self) -> Example:
        """The row with the new text, its slots and tree carried along."""
        if self.text == self.source.text and self.origins == tuple(range(len(self.text))):
            return self.source
        tree = self.source.tree
        if tree is not None and self.source.slots is not None:
            tree = self._tree(tree)
        return dataclasses.replace(self.source, text=self.text, slots=self.slots, tree=tree)

    def _tree(self, tree: Tree) -> Tree:
        words: dict[tuple[int, int], list[str]] = {}
        for place, part in zip(self.parts, self._parts, strict=True):
            if part.words is not None:
                words.setdefault((part.slot, part.group), []).extend(self._words(place, part))
        children: list[Tree | str] = []
        number = 0
        for child in tree.children:
            if isinstance(child, Tree) and child.is_slot:
                groups = sorted(key for key in words if key[0] == number)
                if groups:
                    child = _with_groups(child, iter([words[key] for key in groups]))
                number += 1
            children.append(child)
        return dataclasses.replace(tree, children=tuple(children))

    def _words(self, place: tuple[int, int], part: _Part) -> Sequence[str]:
        """The words of a part as the tree has them."""
        text = self.text[place[0] : place[1]]
        if part.words is None or part.closed or text == self.source.text[part.start : part.end]:
            return part.words or ()
        return text.split() if part.by_word else tree_words(text)


def _spread(origins: Sequence[int], size: int) -> list[int]:
    """Origins of `size` characters that stand where those of `origins` stood."""
    if len(origins) == size:
        return list(origins)
    known = [origin for origin in origins if origin >= 0]
    if not known:
        return [-1] * size
    return [known[index * len(known) // size] for index in range(size)]


def _with_groups(node: Tree, groups: Iterator[list[str]]) -> Tree:
    """The node with each run of words below one parent replaced by the next of `groups`."""
    children: list[Tree | str] = []
    inside = False
    for child in node.children:
        if isinstance(child, Tree):
            children.append(_with_groups(child, groups))
            inside = False
        elif not inside:
            children += next(groups)
            inside = True
    return dataclasses.replace(node, children=tuple(children))


def _parts(example: Example) -> Iterator[_Part]:
    slots = example.slots or ()
    nodes: Sequence[Tree | None] = [None] * len(slots)
    if example.tree is not None:
        found = top_level_slots(example.tree)
        nodes = found if len(found) == len(slots) else nodes
    for number, (slot, node) in enumerate(zip(slots, nodes, strict=True)):
        if node is None:
            closed = example.tree is not None
            for start, end in slot.spans:
                yield _Part(start, end, number, slot.name, closed=closed)
            continue
        groups = node.word_groups()
        places = _places_in_order(example.text, slot, groups)
        if places is None:
            places = _places_of_leaves(example, number, groups)
        if places is None:
            for start, end in slot.spans:
                yield _Part(start, end, number, slot.name, closed=True)
            continue
        names = list(_names_of_groups(node))
        for group, (words, spans) in enumerate(zip(groups, places, strict=True)):
            for part in _group_parts(example.text, words, spans):
                yield part._replace(slot=number, name=names[group], group=group)


def _names_of_groups(node: Tree) -> Iterator[str]:
    """The name of the parent of each run of words, in the order of `Tree.word_groups`."""
    inside = False
    for child in node.children:
        if isinstance(child, Tree):
            yield from _names_of_groups(child)
        elif not inside:
            yield node.name
        inside = isinstance(child, str)


def _group_parts(
    text: str, words: Sequence[str], spans: Sequence[tuple[int, int]]
) -> Iterator[_Part]:
    """The parts of a run of words: one for each span, or for each word where the rule would cut them otherwise.

    They are closed where the words one after the other are not the text.
    """
    cut = [tuple(tree_words(text[start:end])) for start, end in spans]
    if [word for part in cut for word in part] == list(words):
        for (start, end), part in zip(spans, cut, strict=True):
            yield _Part(start, end, 0, "", part)
        return
    places = _places_of_words(text, words, spans)
    if places is not None:
        for index, (word, (start, end)) in enumerate(zip(words, places, strict=True)):
            yield _Part(start, end, 0, "", (word,), by_word=True, inner=index > 0)
    else:
        for index, (start, end) in enumerate(spans):
            yield _Part(start, end, 0, "", () if index else tuple(words), closed=True)


def _places_of_words(
    text: str, words: Sequence[str], spans: Sequence[tuple[int, int]]
) -> list[tuple[int, int]] | None:
    """Where each word stands, if all words one after the other are exactly the text of the spans."""
    places = [
        place for start, end in spans for place in range(start, end) if not text[place].isspace()
    ]
    if "".join(words) != "".join(text[place] for place in places):
        return None
    found = []
    position = 0
    for word in words:
        first, last = places[position], places[position + len(word) - 1]
        if last - first != len(word) - 1:
            return None
        found.append((first, last + 1))
        position += len(word)
    return found


def _places_in_order(
    text: str, slot: SlotSpan, groups: Sequence[Sequence[str]]
) -> list[list[tuple[int, int]]] | None:
    """Where each run of words stands, if all words one after the other are exactly the text of the slot."""
    if len(groups) == 1:
        return [list(slot.spans)] if _same(text, slot.spans, groups[0]) else None
    characters = [
        (place, span)
        for span, (start, end) in enumerate(slot.spans)
        for place in range(start, end)
        if not text[place].isspace()
    ]
    wanted = "".join(word for words in groups for word in words)
    if wanted != "".join(text[place] for place, _ in characters):
        return None
    found: list[list[tuple[int, int]]] = []
    position = 0
    for words in groups:
        size = sum(map(len, words))
        spans: list[tuple[int, int]] = []
        before = -1
        for place, span in characters[position : position + size]:
            if span == before:
                spans[-1] = (spans[-1][0], place + 1)
            else:
                spans.append((place, place + 1))
            before = span
        position += size
        found.append(spans)
    return found


def _same(text: str, spans: Sequence[tuple[int, int]], words: Sequence[str]) -> bool:
    return "".join(words) == "".join("".join(text[start:end].split()) for start, end in spans)


def _places_of_leaves(
    example: Example, number: int, groups: Sequence[Sequence[str]]
) -> list[list[tuple[int, int]]] | None:
    """Where the innermost slots stand that have another order in the tree than in the text."""
    leaves = (nested_leaves(example) or [None] * (number + 1))[number]
    if leaves is None or len(leaves) != len(groups):
        return None
    places = [list(leaf.spans) for leaf in leaves]
    covered = {place for spans in places for start, end in spans for place in range(start, end)} | {
        place for place, character in enumerate(example.text) if character.isspace()
    }
    slot = (example.slots or ())[number]
    if not all(covered.issuperset(range(start, end)) for start, end in slot.spans):
        return None
    return places
