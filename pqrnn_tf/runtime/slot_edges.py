"""Punctuation at the edges of slots: what belongs to a slot there, as training data says. Standard library only.

docs/text_forms.md says the rule. Java and JavaScript have the same one (`SlotEdges.java`, `slot_edges.js`).
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pqrnn_tf.runtime.folding import fold
from pqrnn_tf.runtime.unicode_table import DIGIT, LETTER, MARK, PUNCTUATION, load_unicode_table

BESIDE = ("word", "letter", "number", "mark", "nothing")
"""What stands inside of a mark at the edge of a slot: a word, a single letter, a digit, another mark, or nothing."""

BEFORE_NUMBER = frozenset("+-±$€£¥₹₩฿")
"""Signs of a number that they touch from before."""
BEHIND_NUMBER = frozenset("+%‰°$€£¥₹₩฿")
"""Signs of a number that they touch from behind."""
PARTNERS = {
    **{
        pair[place]: pair[1 - place]
        for pair in ("()", "[]", "{}", "【】", "《》", "〈〉")
        for place in (0, 1)
    },
    **{quote: quote for quote in "\"'"},
}
"""Brackets and quotation marks, folded, with what closes or opens them."""
_OPENING = frozenset("([{【《〈\"'")
_CLOSING = frozenset(")]}】》〉\"'")


class SlotEdgeError(ValueError):
    """Edges of slots that are malformed."""


@dataclasses.dataclass(frozen=True)
class SlotEdges:
    """The marks that values of one slot begin and end with in training data.

    Args:
        begins: For each of `BESIDE` that has some, the marks that stand there before it, as one string.
        ends: Likewise the marks behind it.

    Raises:
        SlotEdgeError: if a key is none of `BESIDE` or a value no string.
    """

    begins: Mapping[str, str] = dataclasses.field(default_factory=dict)
    ends: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("begins", "ends"):
            marks = getattr(self, name)
            if (
                not isinstance(marks, Mapping)
                or not set(marks) <= set(BESIDE)
                or not all(isinstance(value, str) for value in marks.values())
            ):
                raise SlotEdgeError(
                    f"`{name}` must map some of {BESIDE} to strings of marks. Received: {marks!r:.60}."
                )

    def to_dict(self) -> dict[str, Any]:
        """A dictionary of plain JSON values, without what is empty."""
        both = {"begins": dict(self.begins), "ends": dict(self.ends)}
        return {name: marks for name, marks in both.items() if marks}

    @classmethod
    def from_dict(cls, values: Any) -> SlotEdges:
        """The inverse of `to_dict`.

        Raises:
            SlotEdgeError: if a field is unknown, or a value is not as it must be.
        """
        if not isinstance(values, Mapping) or not set(values) <= {"begins", "ends"}:
            raise SlotEdgeError(
                f"The edges of a slot have the fields 'begins' and 'ends'. Received: {values!r:.60}."
            )
        return cls(**values)


class EdgeToken(NamedTuple):
    """What the rule knows of a token.

    Attributes:
        first, last: Its outermost characters, folded, without combining marks behind them.
        is_mark: Whether it is punctuation only (Unicode categories P and S).
        before, behind: What it is to a mark before it and behind it, one of `BESIDE`.
    """

    first: str
    last: str
    is_mark: bool
    before: str
    behind: str


@functools.lru_cache(maxsize=4096)
def edge_token(text: str) -> EdgeToken:
    """What the rule knows of a token.

    Args:
        text: Its characters, as the caller wrote them; they are folded as version 2 of the projection folds.
    """
    kind_of = load_unicode_table().character_class
    kinds = [(character, kind_of(ord(character))) for character in fold(text).text]
    plain = [(character, kind) for character, kind in kinds if kind != MARK]
    if not plain:  # combining marks only
        return EdgeToken("", "", False, "word", "word")
    only = {kind for _, kind in plain}
    return EdgeToken(
        plain[0][0],
        plain[-1][0],
        # A combining mark that begins a token makes a word of it.
        only == {PUNCTUATION} and kinds[0][1] != MARK,
        _beside(plain[0][1], len(plain)),
        _beside(plain[-1][1], len(plain)),
    )


def _beside(kind: int, length: int) -> str:
    if kind == PUNCTUATION:
        return "mark"
    if kind == DIGIT:
        return "number"
    return "letter" if kind == LETTER and length == 1 else "word"


def kept_tokens(
    tokens: Sequence[EdgeToken], touches: Sequence[bool], edges: SlotEdges
) -> tuple[int, int]:
    """The tokens of a slot that stay in it: punctuation at its edges goes, unless it belongs to the slot.

    A mark stays where values in training data have it beside the same (see `SlotEdges`), and where it belongs to what
    it stands beside whatever the slot: the sign of a number that it touches, the last stop of `p.m.`, and a bracket or
    quotation mark whose partner stands inside of the slot.

    Args:
        tokens: All tokens of the slot, in order.
        touches: For each token whether it stands directly behind the one before it; the first says nothing.
        edges: Those of the slot.

    Returns:
        The half-open range of the tokens that stay; `(0, 0)` where nothing does.
    """
    first, last = 0, len(tokens)
    while first < last and tokens[first].is_mark and not _begins(tokens, touches, first, edges):
        first += 1
    while (
        first < last and tokens[last - 1].is_mark and not _ends(tokens, touches, first, last, edges)
    ):
        last -= 1
    return (first, last) if first < last else (0, 0)


def _begins(
    tokens: Sequence[EdgeToken], touches: Sequence[bool], first: int, edges: SlotEdges
) -> bool:
    """Whether the mark at `first` belongs to the slot."""
    mark, inside = tokens[first].first, tokens[first + 1 :]
    beside = inside[0].before if inside else "nothing"
    if mark in edges.begins.get(beside, ""):
        return True
    if beside == "number" and mark in BEFORE_NUMBER and touches[first + 1]:
        return True
    if mark not in _OPENING:
        return False
    for place, token in enumerate(inside):
        if token.is_mark and token.first == PARTNERS[mark]:
            # Around the whole slot both go.
            return not all(rest.is_mark for rest in inside[place:])
    return False


def _ends(
    tokens: Sequence[EdgeToken],
    touches: Sequence[bool],
    first: int,
    last: int,
    edges: SlotEdges,
) -> bool:
    """Whether the mark before `last` belongs to the slot, which begins with `first`."""
    mark, inside = tokens[last - 1].last, tokens[first : last - 1]
    beside = inside[-1].behind if inside else "nothing"
    if mark in edges.ends.get(beside, ""):
        return True
    if beside == "number" and mark in BEHIND_NUMBER and touches[last - 1]:
        return True
    if mark == "." and beside == "letter" and len(inside) > 1 and inside[-2].last == ".":
        return True  # p.m., U.S.
    return mark in _CLOSING and any(
        token.is_mark and token.first == PARTNERS[mark] for token in inside
    )
