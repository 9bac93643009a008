"""Training data of Rasa: `nlu.yml` of Rasa 2 and 3, and the JSON and Markdown of Rasa 1.

Entities are written into the text (`inline_entities`); an entity with a role or a group is a slot of its own, such as
`city.to`. An intent with a slash, as of a retrieval intent, is an intent like others: `faq/opening_hours`. Synonyms,
lookup tables, regular expressions and responses are no rows; a note says how many there are.
"""

from __future__ import annotations

import functools
import pathlib
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pqrnn_tf.datasets.formats.found import FileFormat, Findings, Sample
from pqrnn_tf.datasets.formats.inline_entities import entity_name, read_entities
from pqrnn_tf.datasets.formats.json_places import JsonPlace, read_json
from pqrnn_tf.datasets.formats.json_rows import counted_in, has_text_and_intent
from pqrnn_tf.datasets.formats.yaml_files import LineText, line_of, read_yaml_documents
from pqrnn_tf.datasets.rows import DataError, Example, SlotSpan

_YAML = re.compile(r"^nlu:[ \t]*(?:#.*)?$", re.MULTILINE)
_JSON = re.compile(r'\s*\{\s*"rasa_nlu_data"\s*:')
_HEADING = re.compile(r"##\s*(?P<kind>intent|synonym|lookup|regex)\s*:\s*(?P<name>.*\S)\s*")
_ITEM = re.compile(r"\s*[-*+](?:\s+|(?![-*+]))(?P<text>.*)")
_RULE = re.compile(r"([-*_])(?:\s*\1){2,}")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_OTHERS = {"synonym": "synonyms", "lookup": "lookup tables", "regex": "regular expressions"}


def _read_yaml(path: pathlib.Path, found: Findings) -> None:
    others: Counter[str] = Counter()
    counted = _Counted()
    for document in read_yaml_documents(path, texts_only=True):
        if not isinstance(document, dict):
            found.bad(path, line_of(document), f"expected `nlu:`. Received: {document!r:.60}.")
            continue
        entries = document.get("nlu", [])
        if isinstance(entries, list):
            for entry in entries:
                _read_entry(path, entry, others, counted, found)
        elif entries:
            found.bad(
                path,
                line_of(entries),
                f"`nlu:` must be a list of `- intent:` with `examples:`. Received: {entries!r:.60}.",
            )
        if not entries:
            line = line_of(entries, line_of(document))
            found.note(f"{path}:{line}: no examples, as `nlu:` is empty or missing")
        if left := ", ".join(f"`{key}`" for key in document if key not in ("nlu", "version")):
            found.note(f"{path}: {left} are no examples of intents, and are not read")
    _note(path, others, counted, found)


def _read_entry(
    path: pathlib.Path, entry: Any, others: Counter[str], counted: _Counted, found: Findings
) -> None:
    """Reads an entry of `nlu:`."""
    if not isinstance(entry, dict):
        found.bad(path, line_of(entry), f"expected `- intent: name`. Received: {entry!r:.60}.")
        return
    kind = next((name for name in _OTHERS if name in entry), "")
    if kind:
        others[kind] += 1
    elif isinstance(entry.get("intent"), str):
        intent = entry["intent"]
        if not entry.get("examples", True) and intent.strip():
            found.note_empty(f"{path}:{line_of(intent)}", str(intent))
        for line, text in _examples(path, entry, found):
            with found.row(path, line):
                found.add(_example(text, str(intent), f"{path}:{line}", counted))
    else:
        found.bad(
            path,
            line_of(entry),
            f"expected `intent:` in an entry of `nlu:`. Received: {list(entry)}.",
        )


class _Counted:
    """Entities with values of their own."""

    def __init__(self) -> None:
        self.values = 0


def _examples(
    path: pathlib.Path, entry: dict[str, Any], found: Findings
) -> Iterator[tuple[int, str]]:
    """The examples of an intent with their lines."""
    listed = entry.get("examples")
    if isinstance(listed, LineText):
        for line, written in enumerate(listed.split("\n"), listed.line):
            item = _ITEM.fullmatch(written)
            if item and item["text"].strip():
                yield line, item["text"].strip()
            elif item:
                found.bad(path, line, "the example is empty. Remove the line, or write its text.")
            elif written.strip() and not written.strip().startswith("#"):
                found.bad(
                    path, line, f"an example must begin with `- `. Received: {written[:60]!r}."
                )
        return
    if not isinstance(listed, list):
        line = line_of(entry["intent"])
        found.bad(path, line, f"the intent {str(entry['intent'])!r} has no `examples: |`.")
        return
    for item in listed:
        text = item.get("text") if isinstance(item, dict) else item
        if isinstance(text, str):
            for line, written in enumerate(text.split("\n"), line_of(text)):
                if written.strip():
                    yield line, written.strip().removeprefix("- ")
        else:
            line = line_of(item, line_of(entry["intent"]))
            found.bad(path, line, f"an example must be a text. Received: {item!r:.60}.")


def _example(written: str, intent: str, source: str, counted: _Counted) -> Example:
    text, slots, values = read_entities(written)
    counted.values += len(values)
    return Example(text, intent.strip(), slots, source=source)


def _note(path: pathlib.Path, others: Counter[str], counted: _Counted, found: Findings) -> None:
    for kind, number in others.items():
        found.note(f"{path}: {number} {_OTHERS[kind]} are no rows, and are not read")
    if counted.values:
        found.note(
            f"{path}: {counted.values} entities have a value of their own (a synonym); the model gives the words of "
            "the text"
        )


def _without_comments(text: str) -> str:
    """The text without `<!-- … -->`; the line ends inside of a comment stay."""
    return _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)


def _read_markdown(path: pathlib.Path, found: Findings) -> None:
    others: Counter[str] = Counter()
    counted = _Counted()
    intent, kind, unread = "", "", 0
    empty: dict[str, int] = {}  # intents without items until now, with their lines
    numbered = list(found.lines(path))
    lines = _without_comments("\n".join(line for _, line in numbered)).split("\n")
    for (number, _), line in zip(numbered, lines, strict=False):
        heading = _HEADING.fullmatch(line.strip())
        item = _ITEM.fullmatch(line)
        if heading:
            kind, intent = heading["kind"], heading["name"]
            others[kind] += kind != "intent"
            if kind == "intent":
                empty.setdefault(intent, number)
        elif line.strip().startswith("#"):
            kind = ""
        elif not line.strip() or _RULE.fullmatch(line.strip()):
            continue
        elif "<!--" in line:
            found.bad(path, number, f"the comment is not closed by `-->`. Received: {line[:60]!r}.")
        elif item and kind == "intent":
            empty[intent] = 0
            with found.row(path, number):
                found.add(_example(item["text"].strip(), intent, f"{path}:{number}", counted))
        elif kind == "intent":
            found.bad(path, number, f"an example must begin with `- `. Received: {line[:60]!r}.")
        elif item and not kind:
            unread = unread or number
    for name, begin in empty.items():
        if begin:
            found.note_empty(f"{path}:{begin}", name)
    if unread:
        found.note(f"{path}:{unread}: items that no heading `## intent:name` is above are not read")
    _note(path, +others, counted, found)


def _read_json(path: pathlib.Path, found: Findings) -> None:
    data = read_json(path).get("rasa_nlu_data")
    members = dict(data.items()) if data is not None else {}
    examples = members.get("common_examples")
    if examples is None:
        raise DataError(f"{path}: expected `rasa_nlu_data` with a list `common_examples`.")
    for place in examples.elements(functools.partial(found.bad, path)):
        with found.row(path, place.line):
            found.add(_of_json(place, f"{path}:{place.line}"))
    names = {"entity_synonyms": "synonym", "lookup_tables": "lookup", "regex_features": "regex"}
    bad = functools.partial(found.bad, path)
    sizes = {
        kind: len(list(members[name].elements(bad)))
        for name, kind in names.items()
        if name in members
    }
    _note(path, +Counter(sizes), _Counted(), found)


def _of_json(place: JsonPlace, source: str) -> Example:
    row = place.value
    if not isinstance(row, dict) or not has_text_and_intent(row):
        raise ValueError(f"expected the texts `text` and `intent`. Received: {str(row)[:80]}.")
    slots = []
    entities = row.get("entities") or []
    if not isinstance(entities, list):
        raise ValueError(f"`entities` must be a list of objects. Received: {entities!r:.60}.")
    for entity in entities:
        name = entity_name(entity)  # empty of what is no object
        start, end = (entity.get("start"), entity.get("end")) if name else (None, None)
        if not name or type(start) is not int or type(end) is not int:
            raise ValueError(
                f"an entity must have `entity`, `start` and `end`. Received: {entity}."
            )
        slots.append(SlotSpan(name, ((start, end),)))
        value = entity.get("value")
        # A value may be a synonym, so that it need not stand in the text.
        if isinstance(value, str) and (unit := counted_in(row["text"], slots[-1], value)):
            raise ValueError(
                f"the entity {name!r} is {value!r} only if offsets count {unit}; they must count code points. "
                f"Received: {entity}."
            )
    return Example(row["text"], row.get("intent") or "", tuple(slots), source=source)


RASA_YAML = FileFormat(
    "Rasa YAML",
    "`nlu:` with `- intent:` and `examples: |`",
    lambda sample: bool(_YAML.search(sample.head)),
    _read_yaml,
)
RASA_JSON = FileFormat(
    "Rasa JSON",
    '{"rasa_nlu_data": {"common_examples": […]}}',
    lambda sample: bool(_JSON.match(sample.head)),
    _read_json,
)


def _is_markdown(sample: Sample) -> bool:
    lines = _without_comments("\n".join(sample.lines())).split("\n")
    headings = (_HEADING.fullmatch(line.strip()) for line in lines)
    return any(heading and heading["kind"] == "intent" for heading in headings)


RASA_MARKDOWN = FileFormat(
    "Rasa Markdown", "`## intent:name` and examples as `- text`", _is_markdown, _read_markdown
)
