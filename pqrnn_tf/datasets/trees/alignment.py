"""Finds the slots of a tree in the raw utterance.

A decoupled tree has the words of each slot, cut by the corpus' tokenizer (`7 pm` for `7pm`, `Rob
's` for `Rob's`) and without the words between nested slots. Alignment works on characters, so it
needs no tokenizer: white space, Unicode compatibility forms and the shape of quotation marks make
no difference.

All slots are placed together, because the same word often stands in an utterance twice. A placement
costs: a slot cut into spans (less where a nested slot begins, since words are left out there), the
size of the gaps, spans that begin or end inside a word, and slots in another order than in the
tree. The cheapest placement in tree order is found exactly by dynamic programming; where it is not
free of costs, a beam search over the cheapest placements of each slot also looks at other orders,
at last also at other orders of the runs of words inside a slot. All are polynomial.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Sequence

from pqrnn_tf.datasets.rows import SlotSpan
from pqrnn_tf.runtime.trees import Tree, top_level_slots

# Prices of what a good alignment avoids. Only their order matters much: a slot is rather cut where
# the tree leaves words out than inside a run of words; starting inside a word is worse than one
# cut; and swapping slots is worse than a cut but better than two.
_CUT = 10.0
_CUT_AT_NESTED_SLOT = 3.0
_INSIDE_WORD = 12.0
_SWAPPED = 15.0
_SWAPPED_RUN = 5.0
_SKIPPED_CHARACTER = 0.05
_POSITION = 1e-4
_CASE = 1.0

_PLACEMENTS_A_SLOT = 8
_BEAM = 64
_MAX_OCCURRENCES = 64

_QUOTES = {ord(mark): "'" for mark in "’‘‛`´ʼ′‹›"} | {ord(mark): '"' for mark in "“”„‟«»″"}
_IGNORED = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")


@dataclasses.dataclass(frozen=True)
class Alignment:
    """Where the slots of a tree stand in an utterance.

    Attributes:
        slots: One span for each top-level slot, in tree order; `None` where there is no placement.
        problem: Why there is none; `None` where there is one.
        cost: What the placement costs; 0 (up to tie-breaks) for contiguous whole words in tree
            order.
    """

    slots: tuple[SlotSpan, ...] | None
    problem: str | None
    cost: float = 0.0


@dataclasses.dataclass(frozen=True)
class _Word:
    """A word of a slot in normal form, and whether it begins a run of words with one parent."""

    form: str
    starts_run: bool


@dataclasses.dataclass(frozen=True)
class _Placement:
    """One way to place a slot: its cost, and `(first, last + 1)` of each span."""

    cost: float
    spans: tuple[tuple[int, int], ...]


def _normal_form(text: str, *, fold_case: bool) -> tuple[str, list[int]]:
    """The characters that count, and the code point of `text` that each comes from."""
    characters: list[str] = []
    origins: list[int] = []
    for position, character in enumerate(text):
        if character in _IGNORED or character.isspace():
            continue
        form = character.translate(_QUOTES)
        if not form.isascii():
            form = unicodedata.normalize("NFKD", form).translate(_QUOTES)
        if fold_case:
            form = form.casefold()
        for part in form:
            if not part.isspace():
                characters.append(part)
                origins.append(position)
    return "".join(characters), origins


def _kind(character: str) -> str:
    """Letters and their marks, digits, or a kind of its own for every other character."""
    category = unicodedata.category(character)
    if category[0] in "LM":
        return "letter"
    return "digit" if category == "Nd" else ""


class _Text:
    """The normal form of an utterance and the price of an edge at each of its characters."""

    def __init__(self, text: str, *, fold_case: bool) -> None:
        self.form, self.origins = _normal_form(text, fold_case=fold_case)
        size = len(self.form)
        kinds = [_kind(character) for character in self.form]
        self.edge = [0.0] * (size + 1)
        # A code point cannot be cut, even where its normal form has several characters.
        self.possible = [True] * (size + 1)
        for index in range(1, size):
            if self.origins[index] == self.origins[index - 1]:
                self.possible[index] = False
            touching = self.origins[index] == self.origins[index - 1] + 1
            if touching and kinds[index] and kinds[index] == kinds[index - 1]:
                self.edge[index] = _INSIDE_WORD

    def find(self, form: str) -> list[tuple[int, int]]:
        """Every place of a word, as `(first, last + 1)`."""
        places = []
        start = self.form.find(form)
        while start >= 0:
            end = start + len(form)
            if self.possible[start] and self.possible[end]:
                places.append((start, end))
            start = self.form.find(form, start + 1)
        if len(places) > _MAX_OCCURRENCES:
            # Whole words first, so that a long text of one letter cannot make the search slow.
            places.sort(key=lambda place: self.edge[place[0]] + self.edge[place[1]])
            places = sorted(places[:_MAX_OCCURRENCES])
        return places

    def step(self, last: tuple[int, int], place: tuple[int, int], word: _Word) -> float:
        """The price of the next word of a slot at `place` after one at `last`."""
        gap = place[0] - last[1]
        if not gap:
            return 0.0
        cut = _CUT_AT_NESTED_SLOT if word.starts_run else _CUT
        return cut + gap * _SKIPPED_CHARACTER + self.edge[last[1]] + self.edge[place[0]]

    def span(self, piece: tuple[int, int]) -> tuple[int, int]:
        return self.origins[piece[0]], self.origins[piece[1] - 1] + 1


def _merged(places: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    for start, end in places:
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return tuple(spans)


def _in_tree_order(
    text: _Text, slots: Sequence[Sequence[_Word]], places: dict[str, list[tuple[int, int]]]
) -> tuple[float, list[tuple[tuple[int, int], ...]]] | None:
    """The cheapest placement of all words in tree order, or `None` where there is none."""
    steps = [(number, word) for number, slot in enumerate(slots) for word in slot]
    # For each word and place: cheapest cost so far, and which place of the word before it came
    # from.
    tables: list[list[tuple[float, int]]] = []
    for index, (number, word) in enumerate(steps):
        row: list[tuple[float, int]] = []
        same_slot = index > 0 and steps[index - 1][0] == number
        before = places[steps[index - 1][1].form] if index else []
        for place in places[word.form]:
            best, source = float("inf"), -1
            if index == 0:
                best = text.edge[place[0]]
            for j, last in enumerate(before):
                if last[1] > place[0]:
                    break
                cost = tables[-1][j][0]
                if same_slot:
                    cost += text.step(last, place, word)
                else:
                    cost += text.edge[last[1]] + text.edge[place[0]]
                if cost < best:
                    best, source = cost, j
            row.append((best + place[0] * _POSITION, source))
        tables.append(row)
    ends = places[steps[-1][1].form]
    cost, choice = min(
        ((tables[-1][j][0] + text.edge[place[1]], j) for j, place in enumerate(ends)),
        default=(float("inf"), -1),
    )
    if cost == float("inf"):
        return None
    chosen: list[list[tuple[int, int]]] = [[] for _ in slots]
    for index in range(len(steps) - 1, -1, -1):
        number, word = steps[index]
        chosen[number].append(places[word.form][choice])
        choice = tables[index][choice][1]
    return cost, [_merged(slot[::-1]) for slot in chosen]


def _placements(
    text: _Text, slot: Sequence[_Word], places: dict[str, list[tuple[int, int]]]
) -> list[_Placement]:
    """The cheapest placements of one slot by itself."""
    Partial = tuple[float, tuple[tuple[int, int], ...]]
    row: list[list[Partial]] = [
        [(text.edge[place[0]] + place[0] * _POSITION, (place,))] for place in places[slot[0].form]
    ]
    last_places = places[slot[0].form]
    for word in slot[1:]:
        following: list[list[Partial]] = []
        for place in places[word.form]:
            candidates: list[Partial] = []
            for last, partials in zip(last_places, row, strict=True):
                if last[1] > place[0]:
                    break
                price = text.step(last, place, word) + place[0] * _POSITION
                candidates.extend((cost + price, taken + (place,)) for cost, taken in partials)
            following.append(sorted(candidates)[:_PLACEMENTS_A_SLOT])
        row, last_places = following, places[word.form]
    finished = [
        _Placement(cost + text.edge[taken[-1][1]], _merged(taken))
        for partials in row
        for cost, taken in partials
    ]
    finished.sort(key=lambda placement: (placement.cost, placement.spans))
    return finished[:_PLACEMENTS_A_SLOT]


def _overlap(spans: Sequence[tuple[int, int]], used: Sequence[tuple[int, int]]) -> bool:
    return any(
        start < other_end and other_start < end
        for start, end in spans
        for other_start, other_end in used
    )


def _in_any_order(
    text: _Text, slots: Sequence[Sequence[_Word]], places: dict[str, list[tuple[int, int]]]
) -> tuple[float, list[tuple[tuple[int, int], ...]]] | None:
    """A cheap placement whose slots may stand in another order or inside each other's gaps."""
    # Cost, spans of each slot placed so far, start of the slot placed last.
    beam: list[tuple[float, list[tuple[tuple[int, int], ...]]]] = [(0.0, [])]
    for slot in slots:
        candidates = _placements(text, slot, places)
        following = []
        for cost, taken in beam:
            used = [piece for spans in taken for piece in spans]
            for placement in candidates:
                if _overlap(placement.spans, used):
                    continue
                swaps = sum(spans[0] > placement.spans[0] for spans in taken)
                following.append(
                    (cost + placement.cost + swaps * _SWAPPED, [*taken, placement.spans])
                )
        following.sort(key=lambda entry: (entry[0], entry[1]))
        beam = following[:_BEAM]
    return beam[0] if beam else None


def _run_by_run(
    text: _Text, slots: Sequence[Sequence[_Word]], places: dict[str, list[tuple[int, int]]]
) -> tuple[float, list[tuple[tuple[int, int], ...]]] | None:
    """A cheap placement in which the runs of words of one slot may also stand in another order.

    Some trees list nested slots by name and not by position, and German verbs may close around
    them.
    """
    runs: list[tuple[int, list[_Word]]] = []
    for number, slot in enumerate(slots):
        for word in slot:
            if word.starts_run or not runs or runs[-1][0] != number:
                runs.append((number, []))
            runs[-1][1].append(word)
    beam: list[tuple[float, list[tuple[tuple[int, int], ...]]]] = [(0.0, [])]
    for index, (number, run) in enumerate(runs):
        candidates = _placements(text, run, places)
        following = []
        for cost, taken in beam:
            used = [piece for spans in taken for piece in spans]
            own = [
                piece
                for spans, (owner, _) in zip(taken, runs[:index], strict=True)
                if owner == number
                for piece in spans
            ]
            for placement in candidates:
                if _overlap(placement.spans, used):
                    continue
                price = placement.cost
                for spans, (owner, _) in zip(taken, runs[:index], strict=True):
                    if spans[0] > placement.spans[0]:
                        price += _SWAPPED_RUN if owner == number else _SWAPPED
                if own:
                    gap = min(
                        max(placement.spans[0][0] - end, start - placement.spans[-1][1])
                        for start, end in own
                    )
                    if gap > 0:
                        price += _CUT_AT_NESTED_SLOT + gap * _SKIPPED_CHARACTER
                following.append((cost + price, [*taken, placement.spans]))
        following.sort(key=lambda entry: (entry[0], entry[1]))
        beam = following[:_BEAM]
    if not beam:
        return None
    cost, taken = beam[0]
    of_slot: list[list[tuple[int, int]]] = [[] for _ in slots]
    for (number, _), spans in zip(runs, taken, strict=True):
        of_slot[number].extend(spans)
    return cost, [_merged(sorted(spans)) for spans in of_slot]


def _align(text: str, slots: Sequence[Tree], *, fold_case: bool) -> Alignment:
    normal = _Text(text, fold_case=fold_case)
    words: list[list[_Word]] = []
    places: dict[str, list[tuple[int, int]]] = {}
    for slot in slots:
        words.append([])
        for group in slot.word_groups():
            for index, raw in enumerate(group):
                form, _ = _normal_form(raw, fold_case=fold_case)
                if not form:
                    continue
                if form not in places:
                    places[form] = normal.find(form)
                if not places[form]:
                    return Alignment(
                        None, f"the word {raw!r} of the slot {slot.name} is not in the utterance"
                    )
                words[-1].append(_Word(form, index == 0))
        if not words[-1]:
            return Alignment(None, f"the slot {slot.name} has no words")
    ordered = _in_tree_order(normal, words, places)
    # Tie-breaks stay below one; anything dearer deserves a look at other orders.
    if ordered is None or ordered[0] >= 1.0:
        free = _in_any_order(normal, words, places)
        if free is not None and (ordered is None or free[0] < ordered[0]):
            ordered = free
    if ordered is None or ordered[0] >= _CUT:
        free = _run_by_run(normal, words, places)
        if free is not None and (ordered is None or free[0] < ordered[0]):
            ordered = free
    if ordered is None:
        names = ", ".join(slot.name for slot in slots)
        return Alignment(
            None, f"the words of the slots {names} cannot all be placed without using a word twice"
        )
    cost, placed = ordered
    return Alignment(
        tuple(
            SlotSpan(slot.name, tuple(normal.span(piece) for piece in spans))
            for slot, spans in zip(slots, placed, strict=True)
        ),
        None,
        cost,
    )


def _has_case(text: str, slots: Sequence[Tree]) -> bool:
    return any(form != form.casefold() for form in (text, *(" ".join(s.words()) for s in slots)))


def align_slots(text: str, tree: Tree) -> Alignment:
    """Finds the top-level slots of a tree in the utterance it belongs to.

    The words of a slot keep their order; where they do not stand side by side, the slot has more
    than one span. No code point belongs to two slots. Letter case is only ignored where the exact
    letters are not there.

    Args:
        text: The raw utterance.
        tree: Its tree, decoupled or with all words.

    Returns:
        The spans in code points of `text`, or the reason why there are none. It never raises for
        content.
    """
    slots = top_level_slots(tree)
    if not slots:
        return Alignment((), None)
    found = _align(text, slots, fold_case=False)
    if found.slots is None and _has_case(text, slots):
        folded = _align(text, slots, fold_case=True)
        if folded.slots is not None:
            return dataclasses.replace(folded, cost=folded.cost + _CASE)
    return found
