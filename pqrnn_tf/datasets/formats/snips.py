"""Datasets of Snips NLU: YAML with `type: intent`, JSON, and the JSON of the published benchmark (one list per intent).

The name of a slot is the row's, not the entity's: two rooms of one request have two names.
"""

from __future__ import annotations

import pathlib
import re

from pqrnn_tf.datasets.formats.found import FileFormat, Findings
from pqrnn_tf.datasets.formats.json_places import JsonPlace, read_json
from pqrnn_tf.datasets.formats.yaml_files import line_of, read_yaml_documents
from pqrnn_tf.datasets.rows import Example, SlotSpan

_JSON = re.compile(r'\s*\{.*"(?:utterances|automatically_extensible|use_synonyms)"\s*:', re.DOTALL)
_BENCHMARK = re.compile(r'\s*\{\s*"[^"]+"\s*:\s*\[\s*\{\s*"data"\s*:\s*\[')
_YAML = re.compile(r"^type:[ \t]*[\"']?(?:intent|entity)[\"']?[ \t]*(?:#.*)?$", re.MULTILINE)
_SLOT = re.compile(r"\[(?P<slot>[^\[\]():]+)(?::(?P<entity>[^\[\]()]+))?\]\((?P<text>[^()]*)\)")


def _read_json(path: pathlib.Path, found: Findings) -> None:
    document = read_json(path)
    intents, language = document.get("intents"), document.get("language")
    locale = language.value if language is not None and isinstance(language.value, str) else ""
    if not found.wants(locale):
        return
    for intent, place in (document if intents is None else intents).items():
        utterances = place if intents is None else place.get("utterances")
        for utterance in utterances.elements() if utterances is not None else ():
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
    return _stripped(text, intent, slots, locale, source)


def _slot(name: str, before: str, words: str) -> SlotSpan:
    if not words.strip():
        raise ValueError(f"the slot {name!r} has no text behind {before!r}.")
    start = len(before) + len(words) - len(words.lstrip())
    return SlotSpan(name, ((start, start + len(words.strip())),))


def _stripped(text: str, intent: str, slots: list[SlotSpan], locale: str, source: str) -> Example:
    """The row without white space around its text."""
    cut = len(text) - len(text.lstrip())
    moved = tuple(SlotSpan(slot.name, ((slot.start - cut, slot.end - cut),)) for slot in slots)
    return Example(text.strip(), intent, moved, locale=locale, source=source)


def _read_yaml(path: pathlib.Path, found: Findings) -> None:
    entities = 0
    for document in read_yaml_documents(path, texts_only=True):
        kind = document.get("type") if isinstance(document, dict) else None
        if kind == "entity":
            entities += 1
            continue
        if kind != "intent" or not isinstance(document.get("name"), str):
            line = line_of(next(iter(document), "")) if isinstance(document, dict) else 1
            found.bad(path, line, "expected `type: intent`, `name:` and `utterances:`.")
            continue
        for utterance in document.get("utterances") or ():
            line = line_of(utterance)
            with found.row(path, line):
                found.add(_of_yaml(utterance, str(document["name"]), f"{path}:{line}"))
    if entities:
        found.note(f"{path}: {entities} entities with their values are no rows, and are not read")


def _of_yaml(utterance: object, intent: str, source: str) -> Example:
    if not isinstance(utterance, str):
        raise ValueError(f"an utterance must be a text. Received: {utterance!r:.60}.")
    text, position = "", 0
    slots = []
    for match in _SLOT.finditer(utterance):
        text += utterance[position : match.start()]
        slots.append(_slot(match["slot"].strip(), text, match["text"]))
        text += match["text"]
        position = match.end()
    text += utterance[position:]
    if "](" in text:
        raise ValueError(
            f"a slot is not closed. Received: {utterance[:80]!r}. Write `[slot:entity](text)`."
        )
    return _stripped(text, intent, slots, "", source)


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
