"""Datasets of Snips NLU: YAML with `type: intent`, JSON, and the JSON of the published benchmark (one list per intent).

The name of a slot is the row's, not the entity's: two rooms of one request have two names. In YAML a slot without a
value, `[room]` or `[room:entity]`, takes the values of its entity in turn: that of its file, or of one beside it.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import pathlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pqrnn_tf.datasets.formats.found import FileFormat, Findings, sample_of
from pqrnn_tf.datasets.formats.json_places import JsonPlace, read_json
from pqrnn_tf.datasets.formats.yaml_files import line_of, read_yaml_documents
from pqrnn_tf.datasets.rows import DataError, Example, SlotSpan, stripped

_JSON = re.compile(r'\s*\{.*"(?:utterances|automatically_extensible|use_synonyms)"\s*:', re.DOTALL)
_BENCHMARK = re.compile(r'\s*\{\s*"[^"]+"\s*:\s*\[\s*\{\s*"data"\s*:\s*\[')
_YAML = re.compile(r"^type:[ \t]*[\"']?(?:intent|entity)[\"']?[ \t]*(?:#.*)?$", re.MULTILINE)
_SLOT = re.compile(
    r"\[(?P<slot>[^\[\]():]+)(?::(?P<entity>[^\[\]()]+))?\](?:\((?P<text>[^()]*)\)|(?!\())"
)


def _read_json(path: pathlib.Path, found: Findings) -> None:
    document = read_json(path)
    bad = functools.partial(found.bad, path)
    intents, language = document.get("intents"), document.get("language")
    locale = language.value if language is not None and isinstance(language.value, str) else ""
    if not found.wants(locale):
        return
    for intent, place in (document if intents is None else intents).items(bad):
        utterances = place if intents is None else place.get("utterances")
        if utterances is None:
            bad(place.line, f"the intent {intent!r} has no list `utterances`.")
            continue
        if utterances.value == []:
            found.note_empty(f"{path}:{place.line}", intent)
        for utterance in utterances.elements(bad):
            with found.row(path, utterance.line):
                found.add(_of_json(utterance, intent, locale, f"{path}:{utterance.line}"))


def _of_json(utterance: JsonPlace, intent: str, locale: str, source: str) -> Example:
    chunks = utterance.value.get("data") if isinstance(utterance.value, dict) else None
    if not isinstance(chunks, list) or not all(
        isinstance(chunk, dict) and isinstance(chunk.get("text"), str) for chunk in chunks
    ):
        raise ValueError(
            f'an utterance must be {{"data": [{{"text": …}}, …]}}. Received: {str(utterance.value)[:80]}.'
        )
    text = ""
    slots = []
    for chunk in chunks:
        name = chunk.get("slot_name") or chunk.get("entity")
        if name:
            slots.append(_slot(str(name), text, chunk["text"]))
        text += chunk["text"]
    return stripped(Example(text, intent, tuple(slots), locale=locale, source=source))


def _slot(name: str, before: str, words: str) -> SlotSpan:
    if not words.strip():
        raise ValueError(f"the slot {name!r} has no text behind {before!r}.")
    start = len(before) + len(words) - len(words.lstrip())
    return SlotSpan(name, ((start, start + len(words.strip())),))


def _read_yaml(path: pathlib.Path, found: Findings) -> None:
    documents = read_yaml_documents(path, texts_only=True)
    values = _Values(path, documents)
    for document in documents:
        kind = document.get("type") if isinstance(document, dict) else None
        if kind == "entity":
            continue
        if kind != "intent" or not isinstance(document.get("name"), str):
            found.bad(
                path, line_of(document), "expected `type: intent`, `name:` and `utterances:`."
            )
            continue
        name, utterances = document["name"], document.get("utterances")
        if not isinstance(utterances, list):
            line = line_of(utterances, line_of(name))
            found.bad(
                path,
                line,
                f"the intent {str(name)!r} must have a list `utterances:`. Received: {utterances!r:.60}.",
            )
            continue
        if not utterances:
            found.note_empty(f"{path}:{line_of(name)}", str(name))
        entities = _entities_of_slots(document)
        for utterance in utterances:
            line = line_of(utterance, line_of(name))
            with found.row(path, line):
                found.add(_of_yaml(utterance, str(name), f"{path}:{line}", entities, values))
    if values.files:
        found.note(f"{path}: slots without a value take values of {', '.join(values.files)} too")
    count = sum(isinstance(one, dict) and one.get("type") == "entity" for one in documents)
    if count:
        found.note(
            f"{path}: {count} entities are no rows; their values fill the slots that are written without one"
        )


class _Values:
    """The values of the entities of a file, and of the files beside it where it has not the entity itself.

    Attributes:
        files: The names of the other files whose values were taken.
    """

    def __init__(self, path: pathlib.Path, documents: Iterable[Any]) -> None:
        self.files: list[str] = []
        self._path = path
        self._values = _entity_values(documents)

    def next(self, entity: str) -> str | None:
        """The next value of an entity; `None` where no file has values of it."""
        if entity not in self._values:
            for file, values in self._beside.items():
                if entity in values:
                    self._values[entity] = values[entity]
                    self.files += [file] if file not in self.files else []
                    break
        return next(self._values[entity]) if entity in self._values else None

    @functools.cached_property
    def _beside(self) -> dict[str, dict[str, Iterator[str]]]:
        """The values of the entities of each file beside this one; one that cannot be read has none."""
        found = {}
        for file in sorted(self._path.parent.glob("*.y*ml")):
            if file == self._path or not SNIPS_YAML.recognises(sample_of(file)):
                continue
            with contextlib.suppress(DataError):
                found[file.name] = _entity_values(read_yaml_documents(file, texts_only=True))
        return found


def _entity_values(documents: Iterable[Any]) -> dict[str, Iterator[str]]:
    """The values of each entity, with their synonyms, over and over again."""
    found: dict[str, list[str]] = {}
    for document in documents:
        if isinstance(document, dict) and document.get("type") == "entity":
            values = document.get("values")
            for value in values if isinstance(values, list) else ():
                written = value if isinstance(value, list) else [value]
                texts = [text for text in written if isinstance(text, str) and text.strip()]
                found.setdefault(str(document.get("name")), []).extend(texts)
    return {name: itertools.cycle(values) for name, values in found.items() if values}


def _entities_of_slots(document: Mapping[str, Any]) -> dict[str, str]:
    """The entity of each slot of an intent, as `slots:` or any utterance says it."""
    listed = document.get("slots")
    slots = [slot for slot in listed if isinstance(slot, dict)] if isinstance(listed, list) else []
    found = {str(slot.get("name")): str(slot.get("entity")) for slot in slots}
    for utterance in document["utterances"]:
        for match in _SLOT.finditer(utterance) if isinstance(utterance, str) else ():
            if match["entity"]:
                found.setdefault(match["slot"].strip(), match["entity"].strip())
    return found


def _of_yaml(
    utterance: object,
    intent: str,
    source: str,
    entities: Mapping[str, str],
    values: _Values,
) -> Example:
    if not isinstance(utterance, str):
        raise ValueError(
            f"an utterance must be a text; put it in quotes. Received: {utterance!r:.60}."
        )
    text, position = "", 0
    slots = []
    for match in _SLOT.finditer(utterance):
        text += _plain(utterance[position : match.start()], utterance)
        slot = match["slot"].strip()
        words = match["text"]
        if words is None:
            entity = (match["entity"] or entities.get(slot, slot)).strip()
            words = values.next(entity)
            if words is None:
                raise ValueError(
                    f"the slot {match[0]} has no value, and the file and those beside it no entity {entity!r} with "
                    f"values. Write `{match[0]}(value)`, or put `type: entity` with its values into the file."
                )
        slots.append(_slot(slot, text, words))
        text += words
        position = match.end()
    text += _plain(utterance[position:], utterance)
    return stripped(Example(text, intent, tuple(slots), source=source))


def _plain(text: str, utterance: str) -> str:
    if "[" in text or "]" in text:
        raise ValueError(
            f"a slot is not closed. Received: {utterance[:80]!r}. Write `[slot:entity](text)`."
        )
    return text


SNIPS_JSON = FileFormat(
    "Snips JSON",
    '{"intents": {"name": {"utterances": [{"data": […]}]}}}',
    lambda sample: bool(_JSON.match(sample.head) or _BENCHMARK.match(sample.head)),
    _read_json,
)
SNIPS_YAML = FileFormat(
    "Snips YAML",
    "documents with `type: intent`, `name:`, `utterances:`",
    lambda sample: bool(_YAML.search(sample.head)),
    _read_yaml,
)
