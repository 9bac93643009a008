"""Entities written into the text: `fly to [New York](city)`, as Rasa has them and people write them into tables."""

from __future__ import annotations

import json
import re
from typing import Any

from pqrnn_tf.datasets.rows import SlotSpan

_ENTITY = re.compile(
    r"\[(?P<text>[^\[\]]*)\]"
    r"(?:\((?P<name>[^():]*)(?::(?P<value>[^()]*))?\)|(?P<dict>\{[^{}]*\})|\[(?P<list>\{[^\[\]]*\})\])"
)
_LEFT = re.compile(r"\][({]")


def slot_name(entity: str, role: object = None, group: object = None) -> str:
    """The slot of an entity that may have a role and a group: `city`, `city.to`, `size.1`, `city.to.1`.

    Two cities of one request differ in what they mean, so that they are two slots.
    """
    return ".".join([entity, *(str(part) for part in (role, group) if part not in (None, ""))])


def read_entities(annotated: str) -> tuple[str, tuple[SlotSpan, ...], tuple[tuple[str, str], ...]]:
    """Reads a text with entities: `[Rome](city)`, `[Rome](city:ROM)` or `[Rome]{"entity": "city", "role": "to"}`.

    Brackets that no name follows are text.

    Args:
        annotated: The text as it is written.

    Returns:
        The text without marks; its slots, named by `slot_name`; and `(text, value)` of entities with a value of their
        own. Of several entities that share their words the first counts.

    Raises:
        ValueError: If an entity is not closed, has no text or no name, or its braces hold no JSON.
    """
    text, position = "", 0
    slots: list[SlotSpan] = []
    values: list[tuple[str, str]] = []
    for match in _ENTITY.finditer(annotated):
        text += _plain(annotated[position : match.start()], annotated)
        inside = match["text"]
        name, value = _name_and_value(match)
        words = inside.strip()
        if not words or not name:
            raise ValueError(
                f"an entity must have a text and a name, `[Rome](city)`. Received: {match[0]!r}."
            )
        start = len(text) + inside.index(words)
        slots.append(SlotSpan(name, ((start, start + len(words)),)))
        if value and value != words:
            values.append((words, value))
        text += inside
        position = match.end()
    return text + _plain(annotated[position:], annotated), tuple(slots), tuple(values)


def _plain(text: str, annotated: str) -> str:
    if _LEFT.search(text):
        raise ValueError(
            f"an entity is not closed, or brackets stand inside of one. Received: {annotated[:80]!r}. "
            'Write `[Rome](city)` or `[Rome]{"entity": "city"}`.'
        )
    return text


def _name_and_value(match: re.Match[str]) -> tuple[str, str]:
    if match["name"] is not None:
        return match["name"].strip(), (match["value"] or "").strip()
    try:
        listed = json.loads(f"[{match['dict'] or match['list']}]")
    except json.JSONDecodeError as error:
        raise ValueError(
            f"the braces of an entity must hold JSON ({error.msg}). Received: {match[0]!r}. Write "
            '`[Rome]{"entity": "city", "role": "to"}`.'
        ) from error
    return entity_name(listed[0]), str(listed[0].get("value") or "")


def entity_name(entity: Any) -> str:
    """The slot of `{"entity", "role", "group"}`; empty without an entity."""
    name = entity.get("entity") if isinstance(entity, dict) else None
    if not isinstance(name, str) or not name.strip():
        return ""
    return slot_name(name.strip(), entity.get("role"), entity.get("group"))
