"""Exports of Microsoft's LUIS and of its successor CLU (conversational language understanding), both JSON.

LUIS has `utterances` with `entities` of `startPos` and `endPos`, the last one included. CLU has `assets.utterances`
with `entities` of `category`, `offset` and `length`, and may name a language and the part (`Train` or `Test`) of each
utterance. Both count UTF-16 units, as programs of .NET do. An entity with a role is a slot of its own, such as
`city.to`. An entity that holds or overlaps a shorter one is left out, since a row has one slot at a place. What matches
without being labelled, such as prebuilt entities, lists and patterns, is no row; a note says so.
"""

from __future__ import annotations

import functools
import pathlib
import re
from typing import Any

from pqrnn_tf.datasets.formats.found import FileFormat, Findings, Sample
from pqrnn_tf.datasets.formats.inline_entities import slot_name
from pqrnn_tf.datasets.formats.json_places import JsonPlace, read_json
from pqrnn_tf.datasets.formats.json_rows import has_text_and_intent
from pqrnn_tf.datasets.rows import DataError, Example, SlotSpan

_LUIS = re.compile(r'"luis_schema_version"\s*:|"startPos"\s*:')
_CLU = re.compile(r'"projectKind"\s*:\s*"Conversation"|"projectFileVersion"\s*:')
_UTTERANCES = re.compile(
    r'\s*\{.*?"(?:utterances|intents|assets|metadata|entities)"\s*:', re.DOTALL
)
_OTHERS = (
    "closedLists",
    "prebuiltEntities",
    "patterns",
    "regex_entities",
    "regex_features",
    "phraselists",
    "model_features",
)


def _read_luis(path: pathlib.Path, found: Findings) -> None:
    document = read_json(path)
    utterances = document.get("utterances")
    if utterances is None:
        raise DataError(f"{path}: expected a list `utterances`. Export the application again.")
    if found.wants(culture := str(document.value.get("culture") or "")):
        _read_utterances(path, utterances, culture, found)
        _note_empty(path, document.value.get("intents"), utterances.value, "name", found)
    left = [name for name in _OTHERS if document.value.get(name)]
    if left:
        found.note(f"{path}: {', '.join(left)} are no rows, and are not read")


def _read_clu(path: pathlib.Path, found: Findings) -> None:
    document = read_json(path)
    assets = document.get("assets")
    utterances = assets.get("utterances") if assets is not None else None
    if assets is None or utterances is None:
        raise DataError(
            f"{path}: expected `assets` with a list `utterances`. Export the project again."
        )
    settings = document.value.get("metadata") or {}
    language = str(settings.get("language") or "") if isinstance(settings, dict) else ""
    _read_utterances(path, utterances, language, found)
    _note_empty(path, assets.value.get("intents"), utterances.value, "category", found)


def _note_empty(path: pathlib.Path, intents: Any, rows: Any, key: str, found: Findings) -> None:
    """Notes the intents that no utterance has."""
    if not isinstance(intents, list) or not isinstance(rows, list):
        return
    used = {str(row.get("intent")) for row in rows if isinstance(row, dict)}
    for intent in intents:
        name = intent.get(key) if isinstance(intent, dict) else None
        if isinstance(name, str) and name not in used:
            found.note_empty(str(path), name)


def _read_utterances(
    path: pathlib.Path, utterances: JsonPlace, language: str, found: Findings
) -> None:
    for place in utterances.elements(functools.partial(found.bad, path)):
        with found.row(path, place.line):
            row = place.value
            if not isinstance(row, dict) or not has_text_and_intent(row):
                raise ValueError(
                    f"expected the texts `text` and `intent`. Received: {str(row)[:80]}."
                )
            locale = str(row.get("language") or language)
            if found.wants(locale):
                example = Example(
                    row["text"],
                    row.get("intent") or "",
                    _slots(row["text"], row.get("entities") or []),
                    locale=locale,
                    source=f"{path}:{place.line}",
                )
                found.add(example, split=found.said_split(path, place.line, row.get("dataset")))


def _slots(text: str, entities: Any) -> tuple[SlotSpan, ...]:
    """The labelled entities, the shortest first: what holds or overlaps another one is left out."""
    if not isinstance(entities, list):
        raise ValueError(f"`entities` must be a list of objects. Received: {entities!r:.60}.")
    offsets = _offsets_of_units(text)
    kept: list[tuple[int, int, str]] = []
    found = {_span(entity, offsets) for entity in entities}
    for start, end, name in sorted(found, key=lambda span: (span[1] - span[0], span)):
        if all(end <= other[0] or other[1] <= start for other in kept):
            kept.append((start, end, name))
    return tuple(SlotSpan(name, ((start, end),)) for start, end, name in sorted(kept))


def _span(entity: Any, offsets: list[int]) -> tuple[int, int, str]:
    """Half-open range of code points, and the name of the slot."""
    if not isinstance(entity, dict):
        raise ValueError(f"an entity must be an object. Received: {entity!r:.60}.")
    name = entity.get("entity") or entity.get("category")
    start = entity.get("startPos", entity.get("offset"))
    size = entity.get("length")
    if type(start) is int and type(entity.get("endPos")) is int:
        size = entity["endPos"] + 1 - start
    if not isinstance(name, str) or type(start) is not int or type(size) is not int:
        raise ValueError(
            "an entity must have `entity`, `startPos` and `endPos`, or `category`, `offset` and `length`. "
            f"Received: {entity}."
        )
    end = start + size
    if not 0 <= start < end < len(offsets):
        raise ValueError(
            f"the entity {name!r} must lie in the text, which has {len(offsets) - 1} UTF-16 units. "
            f"Received: {entity}."
        )
    return offsets[start], offsets[end], slot_name(name, entity.get("role"), None)


def _offsets_of_units(text: str) -> list[int]:
    """Offset in code points of each UTF-16 unit, and of the end."""
    offsets = []
    for index, character in enumerate(text):
        offsets += [index] * (2 if ord(character) > 0xFFFF else 1)
    return [*offsets, len(text)]


def _has(sample: Sample, pattern: re.Pattern[str]) -> bool:
    return bool(_UTTERANCES.match(sample.head) and pattern.search(sample.head))


LUIS = FileFormat(
    "LUIS",
    '{"luis_schema_version", "utterances": [{"text", "intent", "entities"}]}',
    lambda sample: _has(sample, _LUIS),
    _read_luis,
)
CLU = FileFormat(
    "CLU",
    '{"projectFileVersion", "assets": {"utterances": [{"text", "intent", "entities"}]}}',
    lambda sample: _has(sample, _CLU),
    _read_clu,
)
