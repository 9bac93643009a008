"""The names of intents and slot tags, as they travel with a model."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from typing import Any, Protocol

OUTSIDE = "O"
PREFIXES = ("B", "I", "G")
"""Begin, inside, and gap: a word inside the hull of a slot that does not belong to it."""


class LabelError(ValueError):
    """Labels that are malformed or do not belong together."""


class _Slot(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def pieces(self) -> tuple[tuple[int, int], ...]: ...


class _Example(Protocol):
    @property
    def intent(self) -> str: ...

    @property
    def slots(self) -> tuple[Any, ...] | None: ...


@dataclasses.dataclass(frozen=True)
class LabelSet:
    """Intents and slot tags in the order of a model's outputs.

    Args:
        intents: Intent names, without `IN:`.
        tags: `"O"` first, then `B-X` and `I-X` for every slot name X, and `G-X` for slots that may
            have a hole.
        slots_of_intent: For each intent the names of the slots that training data has under it, in
            the order of `intents`; empty to allow every slot everywhere.

    Raises:
        LabelError: if a name is empty or repeated, `tags` does not begin with `"O"`, or a slot lacks
            its `B-` or `I-` tag.
    """

    intents: tuple[str, ...]
    tags: tuple[str, ...]
    slots_of_intent: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        for field in ("intents", "tags"):
            names = getattr(self, field)
            if not names or len(set(names)) < len(names) or not all(names):
                raise LabelError(
                    f"`{field}` must be distinct names, at least one. Received: {names!r}."
                )
        if self.tags[0] != OUTSIDE:
            raise LabelError(f"`tags` must begin with {OUTSIDE!r}. Received: {self.tags[0]!r}.")
        known = set(self.tags)
        for tag in self.tags[1:]:
            prefix, _, name = tag.partition("-")
            if prefix not in PREFIXES or not name or not {f"B-{name}", f"I-{name}"} <= known:
                raise LabelError(
                    "Each of `tags` must be 'O' or 'B-X', 'I-X', 'G-X', where X has at least 'B-X' "
                    f"and 'I-X'. Received: {tag!r}."
                )
        if self.slots_of_intent and len(self.slots_of_intent) != len(self.intents):
            raise LabelError(
                f"`slots_of_intent` must have one entry for each of the {len(self.intents)} intents. "
                f"Received: {len(self.slots_of_intent)}."
            )

    @property
    def slot_names(self) -> tuple[str, ...]:
        """The slot names, in the order of their `B-` tags."""
        return tuple(tag[2:] for tag in self.tags if tag.startswith("B-"))

    @classmethod
    def from_examples(cls, examples: Iterable[_Example]) -> LabelSet:
        """Collects the labels of training examples; names are sorted.

        Raises:
            LabelError: if there are no examples.
        """
        used: dict[str, set[str]] = {}
        gaps: set[str] = set()
        for example in examples:
            seen = used.setdefault(example.intent, set())
            for slot in example.slots or ():
                seen.add(slot.name)
                if len(slot.pieces) > 1:
                    gaps.add(slot.name)
        if not used:
            raise LabelError("`examples` must hold at least one example. Received: none.")
        tags = [OUTSIDE]
        for name in sorted(set().union(*used.values())):
            tags += [f"B-{name}", f"I-{name}"] + ([f"G-{name}"] if name in gaps else [])
        intents = tuple(sorted(used))
        return cls(
            intents=intents,
            tags=tuple(tags),
            slots_of_intent=tuple(tuple(sorted(used[intent])) for intent in intents),
        )

    def to_dict(self) -> dict[str, Any]:
        """A dictionary of plain JSON values."""
        return {
            "intents": list(self.intents),
            "tags": list(self.tags),
            "slots_of_intent": [list(names) for names in self.slots_of_intent],
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
        return cls(
            intents=tuple(values["intents"]),
            tags=tuple(values["tags"]),
            slots_of_intent=tuple(tuple(row) for row in values.get("slots_of_intent", ())),
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
        except json.JSONDecodeError as error:
            raise LabelError(f"A label file must be JSON. Received: {text[:60]!r}.") from error
        return cls.from_dict(values)
