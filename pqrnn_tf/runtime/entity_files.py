"""Files of entities: names one a line, CSV, JSON and YAML; what is wrong is told with its line."""

from __future__ import annotations

import csv
import io
import json
import os
import pathlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pqrnn_tf.extras import require

_BLANK = re.compile(r"[ \t\r\n]*")
_FIELDS = ("name", "id", "type", "types", "synonyms", "relations")
SEPARATOR = "|"
"""Stands between several values in a cell of a table."""


class EntityError(ValueError):
    """A file or a row of entities that cannot be used."""


class Entity(NamedTuple):
    """Something that a text may name.

    Attributes:
        name: What it is called.
        id: What the application knows it by; its name where it has no other.
        types: What it is, such as `("contact",)`; the first one is the most telling. May be empty.
        synonyms: Other names.
        relations: `(relation, object)` pairs, such as `("located_in", "Kitchen")`. The object is the id or a name of
            another entity, or any text.
    """

    name: str
    id: str
    types: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    relations: tuple[tuple[str, str], ...] = ()

    @property
    def type(self) -> str:
        """The first of its types, `""` without one."""
        return self.types[0] if self.types else ""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, which `Entities.from_rows` takes."""
        relations: dict[str, list[str]] = {}
        for relation, other in self.relations:
            relations.setdefault(relation, []).append(other)
        return {
            "name": self.name,
            "id": self.id,
            **({"types": list(self.types)} if self.types else {}),
            **({"synonyms": list(self.synonyms)} if self.synonyms else {}),
            **({"relations": relations} if relations else {}),
        }


class Triple(NamedTuple):
    """What an entity has to do with another one, or with anything else.

    Attributes:
        subject: The id or a name of an entity.
        relation: Such as `"located_in"`; with `IS_A` the object is one of the subject's types.
        object: The id or a name of an entity, or any text.
    """

    subject: str
    relation: str
    object: str


IS_A = "is_a"
"""The relation of an entity to its types."""

Place = str
"""Where a row stands, as messages name it: `contacts.csv:3`, `row 3`."""


def entity_of(row: Any, place: Place) -> Entity:
    """An entity of a row.

    Args:
        row: A name; an `Entity`; or a mapping with `name` and, if need be, `id`, `type` or `types`, `synonyms` and
            `relations` (a mapping from relation to object or objects, or pairs).
        place: Where it stands.

    Raises:
        EntityError: if it is none.
    """
    if isinstance(row, Entity):
        row = row.to_dict()
    elif isinstance(row, str):
        row = {"name": row}
    if not isinstance(row, Mapping):
        raise EntityError(
            f"{place}: an entity must be a name or a mapping with `name`. Received: {row!r:.60}."
        )
    if unknown := [field for field in row if field not in _FIELDS]:
        raise EntityError(
            f"{place}: an entity has the fields {', '.join(_FIELDS)}. Received: {unknown[0]!r}. Put what the "
            "entity has to do with others under `relations`."
        )
    name = _text(row.get("name"), "name", place)
    types = (*_texts(row.get("type"), "type", place), *_texts(row.get("types"), "types", place))
    return Entity(
        name=name,
        id=name if row.get("id") in (None, "") else _text(str(row["id"]), "id", place),
        types=tuple(dict.fromkeys(types)),
        synonyms=_texts(row.get("synonyms"), "synonyms", place),
        relations=tuple(_relations(row.get("relations"), place)),
    )


def triple_of(row: Any, place: Place) -> Triple:
    """A triple of a row.

    Args:
        row: Subject, relation and object, or a mapping with these names.
        place: Where it stands.

    Raises:
        EntityError: if it is none.
    """
    if isinstance(row, Mapping) and set(row) == set(Triple._fields):
        row = [row[field] for field in Triple._fields]
    if not isinstance(row, (list, tuple)) or len(row) != len(Triple._fields):
        raise EntityError(
            f"{place}: a triple must be a subject, a relation and an object. Received: {row!r:.60}."
        )
    return Triple(
        *(_text(value, name, place) for name, value in zip(Triple._fields, row, strict=True))
    )


def _text(value: Any, field: str, place: Place) -> str:
    if not isinstance(value, str) or not value.strip():
        raise EntityError(
            f"{place}: `{field}` must be a text that is not empty. Received: {value!r:.60}."
        )
    return value.strip()


def _texts(value: Any, field: str, place: Place) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, (list, tuple)):
        raise EntityError(f"{place}: `{field}` must be a text or several. Received: {value!r:.60}.")
    return tuple(dict.fromkeys(_text(one, field, place) for one in values))


def _relations(value: Any, place: Place) -> Iterator[tuple[str, str]]:
    if value is None or value == "":
        return
    pairs = value.items() if isinstance(value, Mapping) else value
    if isinstance(pairs, str) or not isinstance(pairs, Iterable):
        raise EntityError(
            f"{place}: `relations` must be a mapping from a relation to what it relates to. Received: {value!r:.60}."
        )
    for pair in pairs:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise EntityError(
                f"{place}: each of `relations` must be a relation and an object. Received: {pair!r:.60}."
            )
        relation = _text(pair[0], "relations", place)
        for other in _texts(pair[1], "relations", place):
            yield relation, other


def read_entity_rows(path: str | os.PathLike[str]) -> Iterator[tuple[Any, Place]]:
    """The rows of a file and where each stands.

    Args:
        path: A file: `.txt` with one name a line; `.csv` or `.tsv` with a header; `.json`, `.jsonl`, `.yaml` or
            `.yml`. A file without content has no rows.

    Raises:
        EntityError: naming file and line, if it cannot be read.
        ImportError: if it is YAML and PyYAML is not installed.
    """
    yield from _read(path, _READERS, "entities")


def read_triple_rows(path: str | os.PathLike[str]) -> Iterator[tuple[Any, Place]]:
    """The triples of a file, as `triple_of` takes them, and where each stands.

    Args:
        path: A file: `.csv` or `.tsv` with the columns subject, relation and object; `.json`, `.jsonl`, `.yaml` or
            `.yml` with a list of triples. A file without content has none.

    Raises:
        EntityError, ImportError: as `read_entity_rows` does.
    """
    yield from _read(path, _TRIPLE_READERS, "triples")


def _read(
    path: str | os.PathLike[str],
    readers: Mapping[str, Callable[[str, str], Iterator[tuple[Any, Place]]]],
    what: str,
) -> Iterator[tuple[Any, Place]]:
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            f"A file of {what} must be a path. Received: {type(path).__name__} {path!r:.60}."
        )
    file = pathlib.Path(path)
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise EntityError(
            f"A file of {what} must end in one of {', '.join(readers)}. Received: {str(path)!r}."
        )
    try:
        content = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise EntityError(f"{file}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise EntityError(
            f"{file}:{line}: not UTF-8 ({error.reason}). Convert the file to UTF-8."
        ) from error
    if content.strip():
        yield from reader(content, str(file))


def _names(content: str, file: str) -> Iterator[tuple[Any, Place]]:
    lines = io.StringIO(content, newline=None)  # which end in \n, \r\n or \r only
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield line.strip(), f"{file}:{number}"


def _table(content: str, file: str) -> Iterator[tuple[Any, Place]]:
    header: list[str] = []
    for cells, place in cells_of_table(content, file):
        if not header:
            header = [cell.lower() if cell.lower() in _FIELDS else cell for cell in cells]
            if "name" not in header or len(set(header)) < len(header) or "" in header:
                raise EntityError(
                    f"{place}: the first line must name the columns, each once, `name` among them; further ones are "
                    f"id, type, types, synonyms, and any relation. Received: {cells!r:.80}."
                )
            continue
        row: dict[str, Any] = {}
        relations: list[tuple[str, list[str]]] = []
        for column, cell in zip(header, cells, strict=True):
            if column in ("name", "id"):
                row[column] = cell
                continue
            values = [part.strip() for part in cell.split(SEPARATOR) if part.strip()]
            if column in _FIELDS[:-1]:
                row[column] = values
            elif values:
                relations.append((column, values))
        yield {**row, "relations": relations}, place


def cells_of_table(content: str, file: str) -> Iterator[tuple[list[str], Place]]:
    """The cells of the rows of a table, its header first, without empty rows.

    Raises:
        EntityError: naming file and line, if a row is none or has more or fewer cells than the header.
    """
    first = content.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    # Lines end in \n, \r\n or \r only: other separators of Unicode may stand in a name.
    lines = io.StringIO(content, newline="")
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    count = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise EntityError(
                f"{file}:{reader.line_num}: not a row of a table ({error})."
            ) from error
        place = f"{file}:{reader.line_num}"
        if not any(cell.strip() for cell in cells):
            continue
        if not count:
            count = len(cells)
            cells = [cell.strip() for cell in cells]
        elif len(cells) != count:
            raise EntityError(f"{place}: must have {count} cells. Received: {len(cells)}.")
        yield cells, place


def _triples_of_table(content: str, file: str) -> Iterator[tuple[Any, Place]]:
    header: list[str] = []
    for cells, place in cells_of_table(content, file):
        if header:
            yield dict(zip(header, cells, strict=True)), place
        else:
            header = cells
            if sorted(header) != sorted(Triple._fields):
                raise EntityError(
                    f"{place}: the first line must name the columns {', '.join(Triple._fields)}. "
                    f"Received: {cells!r:.80}."
                )


def _json(content: str, file: str) -> Iterator[tuple[Any, Place]]:
    decoder = json.JSONDecoder()
    line, counted = 1, 0

    def after_blanks(position: int) -> int:
        match = _BLANK.match(content, position)
        return match.end() if match else position

    def place_of(position: int) -> Place:
        nonlocal line, counted
        line, counted = line + content.count("\n", counted, position), position
        return f"{file}:{line}"

    def value_at(position: int) -> tuple[Any, int]:
        try:
            return decoder.raw_decode(content, position)
        except json.JSONDecodeError as error:
            raise EntityError(f"{file}:{error.lineno}: not JSON ({error.msg}).") from error
        except (ValueError, RecursionError) as error:  # too many digits of a number, or brackets
            raise EntityError(f"{place_of(position)}: not JSON ({error}).") from error

    def check_end(position: int) -> None:
        position = after_blanks(position)
        if position < len(content):
            raise EntityError(f"{place_of(position)}: not JSON (more behind the end).")

    position = after_blanks(0)
    if content[position] != "[":
        value, end = value_at(position)
        place = place_of(position)
        check_end(end)
        yield from _of_types(value, place, f"{file}:1")
        return
    position = after_blanks(position + 1)
    found = "]" if content[position : position + 1] == "]" else ","
    while found == ",":
        value, end = value_at(position)
        yield value, place_of(position)
        position = after_blanks(end)
        found = content[position : position + 1]
        if found == ",":
            position = after_blanks(position + 1)
        elif found != "]":
            raise EntityError(f"{place_of(position)}: not JSON (expected ',' or ']').")
    check_end(position + 1)


def _of_types(value: Any, place: Place, start: Place) -> Iterator[tuple[Any, Place]]:
    """The rows of a mapping from types to lists of entities."""
    if not isinstance(value, Mapping) or not all(isinstance(v, list) for v in value.values()):
        raise EntityError(
            f"{start}: must be a list of entities, or lists of them by type. Received: {value!r:.60}."
        )
    for kind, rows in value.items():
        for number, row in enumerate(rows, 1):
            own = f"{place} ({kind!r}, entity {number})"
            yield _with_type(row, kind), own


def _with_type(row: Any, kind: str) -> Any:
    """The row, of a type where it names none."""
    row = {"name": row} if isinstance(row, str) else row
    if not isinstance(row, Mapping) or {"type", "types"} & set(row):
        return row
    return {**row, "type": kind}


def _json_lines(content: str, file: str) -> Iterator[tuple[Any, Place]]:
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield json.loads(line), f"{file}:{number}"
        except (ValueError, RecursionError) as error:
            raise EntityError(f"{file}:{number}: not JSON ({error}).") from error


def _yaml(content: str, file: str) -> Iterator[tuple[Any, Place]]:
    yaml = require("yaml")
    base = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # all values are texts, also `No` and `7`
    try:
        loader = base(content)
        root = loader.get_single_node()
        if root is None:
            return
        groups = [("", root)]
        if isinstance(root, yaml.MappingNode):
            groups = [(loader.construct_object(key), node) for key, node in root.value]
        for kind, group in groups:
            if not isinstance(group, yaml.SequenceNode):
                if isinstance(group, yaml.ScalarNode) and not group.value:
                    continue
                raise EntityError(
                    f"{file}:{group.start_mark.line + 1}: must be a list of entities, or lists of them by type."
                )
            for node in group.value:
                row = loader.construct_object(node, deep=True)
                place = f"{file}:{node.start_mark.line + 1}"
                yield (_with_type(row, kind) if kind else row), place
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        number = 1 if mark is None else mark.line + 1
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        raise EntityError(f"{file}:{number}: not YAML ({reason}).") from error


_READERS: dict[str, Callable[[str, str], Iterator[tuple[Any, Place]]]] = {
    ".txt": _names,
    ".csv": _table,
    ".tsv": _table,
    ".json": _json,
    ".jsonl": _json_lines,
    ".yaml": _yaml,
    ".yml": _yaml,
}
_TRIPLE_READERS: dict[str, Callable[[str, str], Iterator[tuple[Any, Place]]]] = {
    **{ending: _READERS[ending] for ending in (".json", ".jsonl", ".yaml", ".yml")},
    ".csv": _triples_of_table,
    ".tsv": _triples_of_table,
}
