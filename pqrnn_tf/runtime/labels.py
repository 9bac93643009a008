"""The names of intents, slot tags and nested tags, as they travel with a model."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

from pqrnn_tf.runtime.slot_edges import SlotEdgeError, SlotEdges
from pqrnn_tf.runtime.trees import unescape
from pqrnn_tf.values.kinds import ValueSettingError, check_kind

OUTSIDE = "O"
PREFIXES = ("B", "I", "G")
"""Begin, inside, and gap: a word inside the hull of a slot that does not belong to it."""


_TO_ESCAPE = re.compile(r"[ /\\]")
_TO_ESCAPE_BEHIND_SLASH = re.compile(r"[ \\]")


class LabelError(ValueError):
    """Labels that are malformed or do not belong together."""


@dataclasses.dataclass(frozen=True)
class NestedStep:
    """One level of a nested tag: a slot of the intent that stands in the slot above.

    Attributes:
        begins: Whether the token begins the slot; else it continues the last one of that name.
        intent, slot: Names without prefixes.
    """

    begins: bool
    intent: str
    slot: str


def nested_path(intent: str, slot: str) -> str:
    """A level of a nested tag without its prefix, `INTENT/SLOT`.

    What the tag could not hold is written as its code point (`\\u{20}`): blanks, a slash in the intent, backslashes.
    """
    return f"{_TO_ESCAPE.sub(_escaped, intent)}/{_TO_ESCAPE_BEHIND_SLASH.sub(_escaped, slot)}"


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{{{ord(match.group()):x}}}"


def nested_steps(tag: str) -> tuple[NestedStep, ...]:
    """Reads a nested tag, such as `I-GET_TODO/TODO B-CREATE_CALL/CONTACT`; `O` has no steps.

    Names are escaped as `nested_path` writes them.

    Raises:
        LabelError: if it is none, or begins a slot and continues one below it.
    """
    steps: list[NestedStep] = []
    for part in tag.split(" ") if tag != OUTSIDE else ():
        prefix, _, path = part.partition("-")
        intent, _, slot = path.partition("/")
        begins = prefix == "B"
        if (
            prefix not in ("B", "I")
            or not (intent and slot)
            or (steps and steps[-1].begins > begins)
        ):
            raise LabelError(
                "A nested tag must be 'O' or one 'B-INTENT/SLOT' or 'I-INTENT/SLOT' a level with a space "
                f"between them, where below a B there are only Bs. Received: {tag!r}."
            )
        steps.append(NestedStep(begins, unescape(intent), unescape(slot)))
    return tuple(steps)


def _is_list_of_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


@dataclasses.dataclass(frozen=True)
class LabelSet:
    """Intents, slot tags and nested tags in the order of a model's outputs.

    Args:
        intents: Intent names, without `IN:`.
        tags: `"O"` first, then `B-X` and `I-X` for every slot name X, and `G-X` for slots that may
            have a gap.
        slots_of_intent: For each intent the names of the slots that training data has under it, in
            the order of `intents`; empty to allow every slot everywhere.
        nested: What stands inside top-level slots, `"O"` first: the word is one of a plain slot. The other
            tags are paths, see `nested_steps`. Empty for a model of plain slots.
        slots_of_nested: For each nested tag the top-level slots that training data has it in, in the
            order of `nested`; empty to allow every tag in every slot.
        values: `(slot, kind)` for each slot whose words have a value, one of `values.KINDS`. Labels that differ
            in nothing else are equal.
        edges: `(slot, edges)` for each slot, top-level or nested, whose punctuation at the edges a decoder judges,
            see `SlotEdges`; empty to leave all slots as they are decoded. Labels that differ in nothing else are
            equal.

    Raises:
        LabelError: if a name is empty or repeated, `tags` or `nested` do not begin with `"O"`, a slot
            lacks its `B-` or `I-` tag, or a tag cannot be read.
    """

    intents: tuple[str, ...]
    tags: tuple[str, ...]
    slots_of_intent: tuple[tuple[str, ...], ...] = ()
    nested: tuple[str, ...] = ()
    slots_of_nested: tuple[tuple[str, ...], ...] = ()
    values: tuple[tuple[str, str], ...] = dataclasses.field(default=(), compare=False)
    edges: tuple[tuple[str, SlotEdges], ...] = dataclasses.field(default=(), compare=False)

    def __post_init__(self) -> None:
        for field in ("intents", "tags", *(["nested"] if self.nested else [])):
            names = getattr(self, field)
            if not names or len(set(names)) < len(names) or not all(names):
                raise LabelError(
                    f"`{field}` must be distinct names, at least one. Received: {names!r}."
                )
            if field != "intents" and names[0] != OUTSIDE:
                raise LabelError(f"`{field}` must begin with {OUTSIDE!r}. Received: {names[0]!r}.")
        known = set(self.tags)
        for tag in self.tags[1:]:
            prefix, _, name = tag.partition("-")
            if prefix not in PREFIXES or not name or not {f"B-{name}", f"I-{name}"} <= known:
                raise LabelError(
                    "Each of `tags` must be 'O' or 'B-X', 'I-X', 'G-X', where X has at least 'B-X' "
                    f"and 'I-X'. Received: {tag!r}."
                )
        for tag in self.nested[1:]:
            nested_steps(tag)
        for field, of in (("slots_of_intent", "intents"), ("slots_of_nested", "nested")):
            rows, count = getattr(self, field), len(getattr(self, of))
            if rows and len(rows) != count:
                raise LabelError(
                    f"`{field}` must have one entry for each of the {count} {of}. Received: {len(rows)}."
                )
        try:
            for name, kind in self.values:
                check_kind(kind, f"values[{name!r}]")
        except ValueSettingError as error:
            raise LabelError(str(error)) from error

    @property
    def slot_names(self) -> tuple[str, ...]:
        """The slot names, in the order of their `B-` tags."""
        return tuple(tag[2:] for tag in self.tags if tag.startswith("B-"))

    @property
    def outputs(self) -> tuple[tuple[str, ...], ...]:
        """What a model's heads have a column for, in order: intents, tags and nested tags.

        Models whose labels agree in these have heads of one kind, whatever else their labels say of decoding.
        """
        return self.intents, self.tags, self.nested

    def to_dict(self) -> dict[str, Any]:
        """A dictionary of plain JSON values."""
        return {
            "intents": list(self.intents),
            "tags": list(self.tags),
            "slots_of_intent": [list(names) for names in self.slots_of_intent],
            # Not written for a model of plain slots: readers from before know no such fields.
            **({"nested": list(self.nested)} if self.nested else {}),
            **(
                {"slots_of_nested": [list(names) for names in self.slots_of_nested]}
                if self.slots_of_nested
                else {}
            ),
            **({"values": dict(self.values)} if self.values else {}),
            **({"edges": {name: x.to_dict() for name, x in self.edges}} if self.edges else {}),
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> LabelSet:
        """The inverse of `to_dict`.

        Raises:
            LabelError: if a field is missing or unknown, or a value is not valid.
        """
        names = {field.name for field in dataclasses.fields(cls)}
        if not isinstance(values, dict) or not {"intents", "tags"} <= set(values) <= names:
            received = sorted(values) if isinstance(values, dict) else type(values).__name__
            raise LabelError(f"A label set has the fields {sorted(names)}. Received: {received}.")
        kinds = values.get("values", {})
        if not isinstance(kinds, dict) or not all(isinstance(x, str) for x in kinds.values()):
            raise LabelError(
                f"`values` must map names of slots to kinds of values. Received: {str(kinds)[:60]!r}."
            )
        edges = values.get("edges", {})
        if not isinstance(edges, dict):
            raise LabelError(
                f"`edges` must map names of slots to their edges. Received: {str(edges)[:60]!r}."
            )
        for name, value in values.items():
            if name in ("values", "edges"):
                continue
            rows = value if name in ("slots_of_intent", "slots_of_nested") else [value]
            if not isinstance(rows, list) or not all(map(_is_list_of_names, rows)):
                kind = "a list of lists of names" if rows is value else "a list of names"
                raise LabelError(f"`{name}` must be {kind}. Received: {str(value)[:60]!r}.")
        try:
            of_slots = tuple((name, SlotEdges.from_dict(x)) for name, x in edges.items())
        except SlotEdgeError as error:
            raise LabelError(f"`edges`: {error}") from error
        return cls(
            intents=tuple(values["intents"]),
            tags=tuple(values["tags"]),
            slots_of_intent=tuple(tuple(row) for row in values.get("slots_of_intent", ())),
            nested=tuple(values.get("nested", ())),
            slots_of_nested=tuple(tuple(row) for row in values.get("slots_of_nested", ())),
            values=tuple(kinds.items()),
            edges=of_slots,
        )

    def to_json(self) -> str:
        """The label set as one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> LabelSet:
        """The inverse of `to_json`.

        Raises:
            LabelError: if the text is not JSON or not a label set.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise LabelError(f"A label file must be JSON. Received: {text[:60]!r}.") from error
        return cls.from_dict(values)
