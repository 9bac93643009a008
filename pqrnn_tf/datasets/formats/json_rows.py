"""Rows as JSON lines: the project's own format, written and read back exactly.

One object per line:

- `text`: the utterance;
- `intent`: its intent; left out where nobody has labelled it;
- `slots`: a list of `{"name", "start", "end"}`, half-open offsets in code points of `text`; of a slot whose words do
  not stand side by side also `"spans": [[start, end], …]`. `[]` or no `slots` at all: the row has none. `null`: they
  are not known, and `problem` says why;
- `tree`: the bracketed tree, where the row has one; with it, `slots` may be left out;
- `domain`, `locale`, and `template` for what made the row, where they are known;
- `split`, where the row itself says it.

Other keys, such as `score`, are not looked at, so that what `predict` prints is read too. So are the other names that
people give these fields (`field_names`), and a slot with `entity`, `role` and `group` (`inline_entities.slot_name`).
"""

from __future__ import annotations

import functools
import json
import numbers
import os
import pathlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pqrnn_tf.datasets.formats.bio import slots_from_bio
from pqrnn_tf.datasets.formats.field_names import FIELDS, named_fields
from pqrnn_tf.datasets.formats.found import FileFormat, Findings, Sample
from pqrnn_tf.datasets.formats.inline_entities import slot_name
from pqrnn_tf.datasets.formats.json_places import LONG_NUMBER, read_json
from pqrnn_tf.datasets.rows import NO_LABELS, Example, SlotSpan
from pqrnn_tf.datasets.trees.alignment import align_slots
from pqrnn_tf.files import json_line, write_bytes
from pqrnn_tf.runtime.trees import format_tree, parse_tree, root_intent

_SAMPLED = 20
_NAMES = ("name", "entity", "slot", "slot_name", "label", "type")


def row_to_json(row: Example) -> str:
    """A row as one line of JSON, without the line's end; its `source` is not written."""
    value: dict[str, Any] = {"text": row.text}
    if row.intent:
        value["intent"] = row.intent
    if row.slots is None:
        value |= {"slots": None, "problem": row.problem}
    else:
        value["slots"] = [_slot_to_json(slot, row.tree is not None) for slot in row.slots]
    if row.tree is not None:
        value["tree"] = format_tree(row.tree)
    for name in ("domain", "locale", "template"):
        if getattr(row, name):
            value[name] = getattr(row, name)
    return json_line(value)


def _slot_to_json(slot: SlotSpan, has_tree: bool) -> dict[str, Any]:
    value: dict[str, Any] = {"name": slot.name, "start": slot.start, "end": slot.end}
    # Beside a tree, `start` and `end` by themselves may be the hull of a slot with a gap.
    if has_tree or len(slot.spans) > 1:
        value["spans"] = [list(span) for span in slot.spans]
    return value


def row_from_json(line: str, *, source: str = "") -> Example:
    """Reads a line that `row_to_json` or `predict` wrote, or one of the same form.

    Args:
        line: A JSON object.
        source: Becomes the row's `source`.

    Raises:
        ValueError: If it is not such an object; the message names neither file nor line.
    """
    return row_from_fields(json_object(line), source=source)


def json_object(line: str) -> dict[str, Any]:
    """Reads a line with a JSON object.

    Raises:
        ValueError: If it is none; the message names neither file nor line.
    """
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"the line must be a JSON object ({error.msg}, column {error.colno}). "
            f"Received: {line[:80]!r}."
        ) from error
    except RecursionError as error:
        raise ValueError("the JSON is nested too deep to be read.") from error
    except ValueError as error:
        raise ValueError(LONG_NUMBER) from error
    if not isinstance(value, dict):
        raise ValueError(f"the line must be a JSON object. Received: {line[:80]!r}.")
    return value


def row_from_fields(value: Any, *, source: str = "") -> Example:
    """Makes a row of a JSON object, see `row_from_json`."""
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object. Received: {str(value)[:80]!r}.")
    names = named_fields(value)
    fields = {field: value[name] for field, name in names.items()}
    text, intent = fields.get("text"), fields.get("intent")
    if isinstance(intent, int) and not isinstance(intent, bool):
        intent = str(intent)
    if not isinstance(text, str) or not isinstance(intent, str | None):
        raise ValueError(
            f"expected an object with the texts `text` and `intent`. Received: {_written(value)}."
        )
    bracketed = fields.get("tree") or ""
    if not isinstance(bracketed, str):
        raise ValueError(
            f"`tree` must be a text such as `[IN:STOP ]`. Received: {_written(bracketed)}."
        )
    tree = parse_tree(bracketed) if bracketed else None
    if tree is not None and (intent or root_intent(tree)) != root_intent(tree):
        raise ValueError(
            f"`intent` must be the tree's root. Received: {intent!r} and {root_intent(tree)!r}."
        )
    problem: str | None = None
    written = fields.get("slots")
    slots: tuple[SlotSpan, ...] | None
    if written is not None:
        slots = _slots(text, written)
        if tree is not None and not all("spans" in slot for slot in written):
            # Of a slot with a gap, what `predict` writes has only the hull.
            aligned = align_slots(text, tree).slots
            if aligned is not None and _hulls(aligned) == _hulls(slots):
                slots = aligned
    elif "slots" in fields or not (intent or tree):
        slots, problem = None, str(value.get("problem") or NO_LABELS)
    elif tree is not None:
        found = align_slots(text, tree)
        slots, problem = found.slots, found.problem
    else:
        slots = ()
    own = {
        name: str(fields.get(name) or value.get(name) or "")
        for name in ("domain", "locale", "template")
    }
    return Example(
        text,
        intent or (root_intent(tree) if tree is not None else ""),
        slots,
        tree=tree,
        source=source,
        problem=problem,
        **own,
    )


def has_text_and_intent(row: Mapping[str, Any]) -> bool:
    """Whether an object has the text `text`, and `intent` is a text too where it has one."""
    return isinstance(row.get("text"), str) and isinstance(row.get("intent"), str | None)


def _hulls(slots: Iterable[SlotSpan]) -> list[tuple[int, int, str]]:
    return sorted((slot.start, slot.end, slot.name) for slot in slots)


def _slots(text: str, written: Any) -> tuple[SlotSpan, ...]:
    if isinstance(written, list) and written and all(isinstance(tag, str) for tag in written):
        return slots_from_bio(text, text.split(), written)
    if not isinstance(written, list) or not all(isinstance(slot, dict) for slot in written):
        raise ValueError(
            f'`slots` must be a list of {{"name", "start", "end"}}. Received: {str(written)[:80]}.'
        )
    return tuple(slot_from_fields(text, slot) for slot in written)


def _written(value: Any) -> str:
    """The beginning of a value for messages, as JSON where it is some."""
    try:
        return json_line(value)[:80]
    except (TypeError, ValueError):
        return repr(value)[:80]


def slot_from_fields(text: str, written: Mapping[str, Any]) -> SlotSpan:
    """Makes a slot of an object with a name, and `start` and `end` or `spans`.

    Args:
        text: The row's text.
        written: The object; with `text`, that must be what the slot's span has.

    Raises:
        ValueError: If it is no such object.
    """
    name = next((written[key] for key in _NAMES if isinstance(written.get(key), str)), "")
    spans = written.get("spans", [[written.get("start"), written.get("end")]])
    if not (
        name
        and isinstance(spans, (list, tuple))
        and spans
        and all(isinstance(span, (list, tuple)) and len(span) == 2 for span in spans)
        and all(_is_whole(offset) for span in spans for offset in span)
    ):
        raise ValueError(
            'a slot must have a "name" and whole numbers "start" and "end", or "spans" of such. '
            f"Received: {_written(dict(written))}."
        )
    slot = SlotSpan(
        slot_name(name, written.get("role"), written.get("group")),
        tuple((int(start), int(end)) for start, end in spans),
    )
    said = written.get("text")
    if isinstance(said, str):
        _check_slot_text(text, slot, said)
    return slot


def _is_whole(offset: Any) -> bool:
    return isinstance(offset, numbers.Integral) and not isinstance(offset, bool)


def _check_slot_text(text: str, slot: SlotSpan, said: str) -> None:
    """Raises `ValueError` unless a slot has the text that a file says it has."""
    if text[slot.start : slot.end] == said or slot.text(text) == said:
        return
    unit = counted_in(text, slot, said)
    mend = f" The file counts {unit}; convert its offsets." if unit else ""
    raise ValueError(
        f"the slot {slot.name!r} at {slot.start} to {slot.end} must be {said!r}, but the text has "
        f"{text[slot.start : slot.end]!r} there. Offsets count code points.{mend} "
        f"Received: text={text[:80]!r}."
    )


def counted_in(text: str, slot: SlotSpan, said: str) -> str:
    """What the offsets of a slot count, if they give its words only when they do not count code points.

    Returns:
        `"UTF-16 units"` or `"UTF-8 bytes"`, as programs in other languages count; empty otherwise.
    """
    if text[slot.start : slot.end] == said:
        return ""
    for encoding, size, name in (("utf-16-le", 2, "UTF-16 units"), ("utf-8", 1, "UTF-8 bytes")):
        written = text.encode(encoding, "surrogatepass")[slot.start * size : slot.end * size]
        if written == said.encode(encoding, "surrogatepass"):
            return name
    return ""


def write_rows(path: str | os.PathLike[str], rows: Iterable[Example]) -> None:
    """Writes rows as JSON lines, whole or not at all; `read_rows_file` reads them back as they are, but for `source`.

    Args:
        path: The file, such as `rows.jsonl`; one that is there is replaced.
        rows: Labelled rows or others.
    """
    write_bytes(path, "".join(f"{row_to_json(row)}\n" for row in rows).encode("utf-8"))


def read_rows_file(path: str | os.PathLike[str]) -> list[Example]:
    """Reads a file of JSON lines; their `source` is `"file:line"`. Rows need not be labelled.

    Raises:
        DataError: If the file is missing or a line cannot be read; all such lines are listed.
    """
    found = Findings(labelled=False)
    _read_lines(pathlib.Path(path), found)
    return found.examples()


def _read_lines(path: pathlib.Path, found: Findings) -> None:
    for number, line in found.lines(path):
        if line.strip():
            with found.row(path, number):
                _add(json_object(line), path, number, found)


def _read_list(path: pathlib.Path, found: Findings) -> None:
    for place in read_json(path).elements(functools.partial(found.bad, path)):
        with found.row(path, place.line):
            _add(place.value, path, place.line, found)


def _add(value: Any, path: pathlib.Path, line: int, found: Findings) -> None:
    row = row_from_fields(value, source=f"{path}:{line}")
    if found.wants(row.locale):
        said = value.get(named_fields(value).get("split", ""))
        found.add(row, split=found.said_split(path, line, said))


def sampled_objects(sample: Sample) -> list[dict[str, Any]]:
    """The JSON objects in the first lines of a file."""
    objects = []
    for line in sample.lines()[:_SAMPLED]:
        if line.lstrip().startswith("{"):
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                continue
            objects += [value] if isinstance(value, dict) else []
    return objects


def _texts_by_line(sample: Sample) -> bool:
    return any("text" in named_fields(value) for value in sampled_objects(sample))


def _rows_by_line(sample: Sample) -> bool:
    fields = [named_fields(value) for value in sampled_objects(sample)]
    return any("text" in names and ("intent" in names or "tree" in names) for names in fields)


def _key(field: str) -> re.Pattern[str]:
    return re.compile(rf'"(?:{"|".join(FIELDS[field])})"\s*:\s*["\d]', re.IGNORECASE)


_LIST_OF_OBJECTS = re.compile(r"\s*\[\s*\{")


def _texts_in_list(sample: Sample) -> bool:
    return bool(_LIST_OF_OBJECTS.match(sample.head) and _key("text").search(sample.head))


def _rows_in_list(sample: Sample) -> bool:
    return _texts_in_list(sample) and bool(_key("intent").search(sample.head))


_LINE = '{"text": …, "intent": …, "slots": [{"name", "start", "end"}]}'
JSON_LINES = FileFormat("JSON lines", f"a line {_LINE}", _rows_by_line, _read_lines)
JSON_LIST = FileFormat("JSON list", f"[{_LINE}, …]", _rows_in_list, _read_list)
JSON_LINES_OF_TEXT = FileFormat(
    "JSON lines of text", 'a line {"text": …}', _texts_by_line, _read_lines, labelled=False
)
JSON_LIST_OF_TEXT = FileFormat(
    "JSON list of text", '[{"text": …}, …]', _texts_in_list, _read_list, labelled=False
)
