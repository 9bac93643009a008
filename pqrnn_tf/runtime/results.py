"""A parse as people and programs read it: slots with character offsets, and the bracketed tree."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pqrnn_tf.runtime.decoding import NO_PARSE, DecodedParse, Decoder
from pqrnn_tf.runtime.entity_matches import Candidate
from pqrnn_tf.runtime.nested_decoding import DecodedSlot
from pqrnn_tf.runtime.trees import Tree, format_tree, tree_words
from pqrnn_tf.values.slot_values import SlotValues
from pqrnn_tf.values.value import Value

Spans = list[tuple[int, int]]
"""`(start, end)` of each token, in code points of the caller's text."""


@dataclasses.dataclass(frozen=True)
class Slot:
    """A slot in the caller's text.

    Attributes:
        name: Slot name without `SL:`.
        start, end: Half-open range of code points, from the slot's first word to its last.
        text: `text[start:end]` of the utterance.
        nested: The intent that stands in the slot, with slots of its own; `None` for a slot of words.
        values: What reads the value, that of the parser; it plays no part in comparisons.
        candidates: The entities that the slot may mean, the best first (docs/entities.md); `None` where the parser
            knows no entities.
    """

    name: str
    start: int
    end: int
    text: str
    nested: NestedIntent | None = None
    values: SlotValues | None = dataclasses.field(default=None, compare=False, repr=False)
    candidates: tuple[Candidate, ...] | None = None

    @property
    def entity(self) -> Candidate | None:
        """The entity that the slot most likely means, with its score; `None` where no name agrees."""
        return self.candidates[0] if self.candidates else None

    @property
    def value(self) -> Value | None:
        """What the words mean, read anew each time (docs/values.md).

        `None` where the slot has no kind of value in `Parser.values`, or none is found.

        Raises:
            ImportError: naming the extra `values`, where it is not installed.
        """
        return None if self.values is None else self.values(self.name, self.text)

    def to_dict(self, *, values: bool = False) -> dict[str, Any]:
        """Plain JSON values; `nested` where an intent stands in the slot, `entity` where the parser knows entities.

        Args:
            values: Whether `value` is told too, `None` where none is found.

        Raises:
            ImportError: as `value` does, if values are told.
        """
        told: dict[str, Any] = {
            "name": self.name,
            "start": self.start,
            "end": self.end,
            "text": self.text,
        }
        if values:
            value = self.value
            told["value"] = None if value is None else value.to_dict()
        if self.candidates is not None:
            told["entity"] = None if self.entity is None else self.entity.to_dict()
        if self.nested is not None:
            told["nested"] = self.nested.to_dict(values=values)
        return told


@dataclasses.dataclass(frozen=True)
class NestedIntent:
    """An intent inside a slot.

    Attributes:
        intent: Intent name without `IN:`.
        slots: In the order of their first words; offsets are those of the whole utterance.
    """

    intent: str
    slots: tuple[Slot, ...]

    def to_dict(self, *, values: bool = False) -> dict[str, Any]:
        """Plain JSON values; with the values of slots where they are asked for."""
        slots = [slot.to_dict(values=values) for slot in self.slots]
        return {"intent": self.intent, "slots": slots}


@dataclasses.dataclass(frozen=True)
class Parse:
    """A parsed utterance.

    Attributes:
        text: The utterance, as it was given.
        intent: Intent name without `IN:`; `""` where the text has no token; `None` where the model rejects the
            text because it belongs to no intent. What it would be is then still in `tree`.
        score: The probability that the whole parse is right: calibrated where the file has a calibration, else the
            model's own.
        slots: In the order of the text, each with what is nested in it.
        tree: The bracketed parse in MTOP's decoupled form, with only the words of innermost slots; `parse_tree`
            reads it.
        truncated: Whether the end of the text was beyond the model's limits and cut.
        intent_score: The probability that the intent is right, as `score`.
        alternatives: The next best parses, the best first, where they were asked for.

    Example:
    ```python
    parse = pqrnn_tf.load("mtop_en_2mb")("remind me to call mom at 7pm")
    parse.intent  # "CREATE_REMINDER"
    [slot.name for slot in parse.slots]  # ["PERSON_REMINDED", "TODO", "DATE_TIME"]
    parse.slots[1].nested.intent  # "CREATE_CALL"
    ```
    """

    text: str
    intent: str | None
    score: float
    slots: tuple[Slot, ...]
    tree: str
    truncated: bool = False
    intent_score: float = 0.0
    alternatives: tuple[Parse, ...] = ()

    def to_dict(self, *, alternatives: bool = False, values: bool = False) -> dict[str, Any]:
        """Plain JSON values; `truncated` only where it is true.

        Args:
            alternatives: Whether the alternatives are told too, without their texts.
            values: Whether the values of slots are told too.

        Raises:
            ImportError: as `Slot.value` does, if values are told.
        """
        return {
            "text": self.text,
            "intent": self.intent,
            "score": self.score,
            "slots": [slot.to_dict(values=values) for slot in self.slots],
            "tree": self.tree,
            **({"truncated": True} if self.truncated else {}),
            "intent_score": self.intent_score,
            **(
                {"alternatives": [_alternative(one, values=values) for one in self.alternatives]}
                if alternatives
                else {}
            ),
        }


def _alternative(parse: Parse, *, values: bool) -> dict[str, Any]:
    """An alternative as plain JSON values: what it has in common with the best parse is left out."""
    told = parse.to_dict(values=values)
    return {name: told[name] for name in told if name not in ("text", "truncated")}


def slot_text(text: str, spans: Sequence[tuple[int, int]], slot: DecodedSlot) -> list[str]:
    """The parts of the text that a slot's ranges cover."""
    return [text[spans[first][0] : spans[last - 1][1]] for first, last in slot.ranges]


def decoded_tree(text: str, spans: Sequence[tuple[int, int]], parse: DecodedParse) -> Tree:
    """The parse as a tree in MTOP's decoupled form: only the words of innermost slots stand in it."""
    return _intent_tree(text, spans, parse.intent, parse.slots)


def _intent_tree(
    text: str, spans: Sequence[tuple[int, int]], intent: str, slots: Sequence[DecodedSlot]
) -> Tree:
    return Tree(f"IN:{intent}", tuple(_slot_tree(text, spans, slot) for slot in slots))


def _slot_tree(text: str, spans: Sequence[tuple[int, int]], slot: DecodedSlot) -> Tree:
    inside: tuple[Tree | str, ...]
    if slot.nested is not None:
        inside = (_intent_tree(text, spans, slot.nested.intent, slot.nested.slots),)
    else:
        inside = tuple(word for part in slot_text(text, spans, slot) for word in tree_words(part))
    return Tree(f"SL:{slot.name}", inside)


def _slot(
    text: str, spans: Sequence[tuple[int, int]], slot: DecodedSlot, values: SlotValues | None
) -> Slot:
    start, end = spans[slot.ranges[0][0]][0], spans[slot.ranges[-1][1] - 1][1]
    nested = None
    if slot.nested is not None:
        inside = tuple(_slot(text, spans, child, values) for child in slot.nested.slots)
        nested = NestedIntent(slot.nested.intent, inside)
    return Slot(slot.name, start, end, text[start:end], nested, values)


def render_parse(
    text: str,
    spans: Sequence[tuple[int, int]],
    parse: DecodedParse,
    *,
    truncated: bool = False,
    values: SlotValues | None = None,
) -> Parse:
    """Puts a parse into the terms of the caller's text.

    Args:
        text: The caller's own string.
        spans: `(start, end)` of each token in code points of `text`.
        parse: What was decoded; `NO_PARSE` has an empty tree.
        truncated: Whether the end of the text was cut.
        values: What reads the values of slots, once they are asked for.
    """
    return Parse(
        text=text,
        intent=None if parse.rejected else parse.intent,
        score=round(parse.score, 6),
        slots=tuple(_slot(text, spans, slot, values) for slot in parse.slots),
        tree=format_tree(decoded_tree(text, spans, parse)) if parse.intent else "",
        truncated=truncated,
        intent_score=round(parse.intent_score, 6),
        alternatives=tuple(
            [
                render_parse(text, spans, one, truncated=truncated, values=values)
                for one in parse.alternatives
            ]
        ),
    )


def decode_outputs(
    outputs: Mapping[str, np.ndarray],
    decoder: Decoder,
    *,
    text: str | None = None,
    row: int | None = None,
    alternatives: int = 0,
) -> tuple[Spans, DecodedParse]:
    """From what a model says of a text to its tokens and their parse: for scores and comparisons.

    Args:
        outputs: `intent` floats `(intents,)`, `slots` floats `(time, tags)`, `spans` whole numbers `(time, 2)`,
            `length` the number of tokens `()` and, of a model that has them, `nested` floats `(time, nested
            tags)`. `Parser.logits` gives them so.
        decoder: That of the model's labels; make it once.
        text: The caller's own string, which `outputs["spans"]` are code points of; needed where the labels have
            `edges`.
        row: Which row of a batch; the arrays then have one axis more, in front. `None` for a single text.
        alternatives: How many of the next best parses are found too.

    Returns:
        The tokens and the parse. A text without a token has the intent `""` and the score 0.

    Raises:
        LabelError: if the shapes do not fit the labels of `decoder`.
        ValueError: if its labels have `edges`, and `text` is not given.
    """
    if row is not None:
        outputs = {name: value[row] for name, value in outputs.items()}
    length = int(outputs["length"])
    spans = [(start, end) for start, end in np.asarray(outputs["spans"])[:length].tolist()]
    if not length:
        return spans, NO_PARSE
    intent, slots = np.asarray(outputs["intent"]), np.asarray(outputs["slots"])
    nested = np.asarray(outputs["nested"]) if "nested" in outputs else None
    parse = decoder(
        intent, slots, length, nested, alternatives=alternatives, text=text, spans=spans
    )
    return spans, parse


def parse_outputs(
    text: str,
    outputs: Mapping[str, np.ndarray],
    decoder: Decoder,
    *,
    row: int | None = None,
    alternatives: int = 0,
    values: SlotValues | None = None,
) -> Parse:
    """From what a model says of a text to the parse as people and programs read it.

    Args:
        text: The caller's own string, which `outputs["spans"]` are code points of.
        outputs: As in `decode_outputs`; `truncated`, where it is there, says whether the end of the text was cut.
        decoder: As in `decode_outputs`.
        row, alternatives: As in `decode_outputs`.
        values: As in `render_parse`.

    Raises:
        LabelError: as `decode_outputs` does.
    """
    if row is not None:
        outputs = {name: value[row] for name, value in outputs.items()}
    spans, parse = decode_outputs(outputs, decoder, text=text, alternatives=alternatives)
    truncated = bool(outputs.get("truncated", False))
    return render_parse(text, spans, parse, truncated=truncated, values=values)
