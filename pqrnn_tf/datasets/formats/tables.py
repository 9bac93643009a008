"""Tables: CSV and TSV, with a header or without, their columns in any order.

A header names the columns (`field_names`); others are not looked at. Without a header a table of two columns is read if
it is clear which one has the intents: they repeat and have no blanks. Slots may be written

- into the text: `fly to [Rome](city)`, see `inline_entities`;
- into a column `slots`, `entities`, `tags` or `slot_labels`: as tags, one per word of the text (MultiATIS++), as
  `start:end:name,start:end:name`, or as a JSON list of `{"name", "start", "end"}`.
"""

from __future__ import annotations

import csv
import functools
import json
import pathlib
import re
from collections.abc import Callable, Iterator, Sequence

from pqrnn_tf.datasets.formats.bio import slots_from_bio, split_words
from pqrnn_tf.datasets.formats.field_names import named_fields
from pqrnn_tf.datasets.formats.found import FileFormat, Findings, Sample, sample_of
from pqrnn_tf.datasets.formats.inline_entities import read_entities
from pqrnn_tf.datasets.formats.json_rows import row_from_fields
from pqrnn_tf.datasets.rows import DataError, Example, SlotSpan, stripped, unlabelled

_DELIMITERS = "\t,;|"
_SEP_LINE = re.compile(r"sep=.", re.IGNORECASE)
_OFFSETS = re.compile(r"\d+:\d+:[^,]+(,\d+:\d+:[^,]+)*")
_LABEL = re.compile(r"[^\s\"']{1,80}")
_SAMPLED = 200
_FEWEST = 4

_Row = tuple[int, list[str]]


def table_rows(
    lines: Sequence[tuple[int, str]], delimiter: str, bad: Callable[[int, str], None]
) -> Iterator[_Row]:
    """The rows of a table with the lines in which they begin; blank lines are left out.

    In CSV a quoted field may have line ends. In a table with tabs a line is a row, and a quote is a quote unless it
    stands around the whole field.

    Args:
        lines: Numbered lines.
        delimiter: What separates the columns.
        bad: Called with the line and the message of what is not a row.
    """
    if delimiter == "\t":
        for number, line in lines:
            if line.strip():
                yield number, [_unquoted(field) for field in line.split("\t")]
        return
    begin = 0
    while begin < len(lines):
        reader = csv.reader(
            (f"{line}\n" for _, line in lines[begin:]), delimiter=delimiter, strict=True
        )
        used = 0
        try:
            for row in reader:
                if any(field.strip() for field in row):
                    yield lines[begin + used][0], row
                used = reader.line_num
            return
        except csv.Error as error:
            number, line = lines[begin + used]
            mend = (
                "A quote that is not closed makes a field so long: close it, or shorten the field."
                if "field larger" in str(error)
                else "Double the quotes inside of a quoted field, and close it."
            )
            bad(number, f"the row is not CSV ({error}). Received: {line[:80]!r}. {mend}")
        begin += used + 1


def _unquoted(field: str) -> str:
    inside = field.strip()[1:-1]
    quoted = len(field.strip()) > 1 and field.strip()[0] == field.strip()[-1] == '"'
    return inside.replace('""', '"') if quoted and '"' not in inside.replace('""', "") else field


def _body(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The lines without Excel's `sep=;`."""
    return lines[1:] if lines and _SEP_LINE.fullmatch(lines[0][1].strip()) else lines


class _Layout:
    """Which column of a table has what.

    Attributes:
        delimiter: What separates the columns.
        columns: The column of each field.
        width: How many columns there are.
        header: The first row, where it is a header.
    """

    def __init__(
        self, delimiter: str, columns: dict[str, int], header: Sequence[str] | None = None
    ) -> None:
        self.delimiter = delimiter
        self.columns = columns
        self.width = len(header or columns)
        self.header = header

    def check_header(self, path: pathlib.Path) -> None:
        """Raises `DataError` if a column that is read is there twice."""
        names = [name.casefold() for name in self.header or ()]
        for field, column in self.columns.items():
            if names and names.count(names[column]) > 1:
                raise DataError(
                    f"{path}:1: expected one column for `{field}`. Received: {names.count(names[column])} columns "
                    f"{names[column]!r}. Give those that are not meant another name."
                )


def _layout(sample: Sample) -> _Layout | None:
    """How a table is laid out; `None` if the file is no table with texts."""
    lines = _body(list(enumerate(sample.lines()[:_SAMPLED], 1)))
    for delimiter in _DELIMITERS:
        rows = list(table_rows(lines, delimiter, lambda *_: None))
        if not rows:
            continue
        header = [name.strip().strip("'\"") for name in rows[0][1]]
        names = named_fields(header)
        one_column = len(header) == 1 and sample.path.suffix.lower() not in (".csv", ".tsv")
        if "text" in names and not one_column:
            columns = {field: header.index(name) for field, name in names.items()}
            return _Layout(delimiter, columns, header)
    # A comma is common in texts, so that in other files than CSV only tabs separate.
    for delimiter in "\t,;" if sample.path.suffix.lower() == ".csv" else "\t":
        rows = list(table_rows(lines, delimiter, lambda *_: None))
        label = _label_column([row for _, row in rows])
        if label is not None:
            return _Layout(delimiter, {"intent": label, "text": 1 - label})
    return None


def _label_column(rows: Sequence[Sequence[str]]) -> int | None:
    """Which of two columns has intents: they repeat, the texts hardly do and have blanks."""
    two = [row for row in rows if len(row) == 2 and all(field.strip() for field in row)]
    if len(two) < _FEWEST or len(two) < 0.9 * len(rows):
        return None
    for label in (0, 1):
        labels = {row[label].strip() for row in two}
        texts = {row[1 - label].strip() for row in two}
        blanks = sum(" " in text for text in texts)
        if (
            all(_LABEL.fullmatch(name) for name in labels)
            and len(labels) <= len(two) / 2
            and len(labels) < len(texts)
            and blanks >= len(texts) / 2
        ):
            return label
    return None


def _has(field: str, sample: Sample) -> bool:
    layout = _layout(sample)
    return layout is not None and field in layout.columns


def _read(path: pathlib.Path, found: Findings) -> None:
    layout = _layout(sample_of(path))
    if layout is None:
        raise DataError(f"{path}:1: expected a header with the columns `text` and `intent`.")
    layout.check_header(path)
    lines = _body(list(found.lines(path)))
    rows = table_rows(lines, layout.delimiter, functools.partial(found.bad, path))
    if layout.header is not None:
        next(rows, None)
    for number, fields in rows:
        if layout.header is not None and _is_header(fields, layout.header):
            found.note(f"{path}:{number}: the header stands here again, as in files put together.")
            continue
        with found.row(path, number):
            _check_width(fields, layout)
            row = {
                field: fields[column] if column < len(fields) else ""
                for field, column in layout.columns.items()
            }
            # The offsets of slots may count white space before the text, so that `stripped` cuts it off.
            row = {field: row[field] if field == "text" else row[field].strip() for field in row}
            if found.wants(row.get("locale", "")):
                example = stripped(_example(row, f"{path}:{number}", labelled=found.labelled))
                found.add(example, split=found.said_split(path, number, row.get("split")))


def _is_header(fields: Sequence[str], header: Sequence[str]) -> bool:
    """Whether a row is the header once more."""
    return [field.strip().strip("\ufeff'\"") for field in fields] == list(header)


def _check_width(fields: Sequence[str], layout: _Layout) -> None:
    """Raises `ValueError` for more fields than columns, and for a quoted field that tabs or a line end have cut."""
    tabs = layout.delimiter == "\t"
    if any(field.strip() for field in fields[layout.width :]):
        mend = (
            "In a table with tabs a text has no tab, also in quotes: write a blank."
            if tabs
            else f"Put a text that has {layout.delimiter!r} into quotes."
        )
        raise ValueError(
            f"expected {layout.width} columns. Received: {len(fields)} columns, {fields!r:.100}. {mend}"
        )
    if tabs and len(fields) < layout.width and fields[-1].lstrip().startswith('"'):
        raise ValueError(
            f"expected {layout.width} columns. Received: {len(fields)} columns, {fields!r:.100}. In a table with tabs "
            "each line is a row, also in quotes: write a blank in place of a line end."
        )


def _example(row: dict[str, str], source: str, *, labelled: bool) -> Example:
    text, intent, written = row["text"], row.get("intent", ""), row.get("slots", "")
    domain, locale = row.get("domain", ""), row.get("locale", "")
    slots: tuple[SlotSpan, ...]
    if not written:
        text, slots, _ = read_entities(text) if "](" in text or "]{" in text else (text, (), ())
    elif written.startswith(("[", "{")):
        try:
            listed = json.loads(written)
        except json.JSONDecodeError as error:
            raise ValueError(
                f"the column of slots is not JSON ({error.msg}). Received: {written[:80]!r}."
            ) from error
        slots = (
            row_from_fields({"text": text, "intent": intent or "-", "slots": listed}).slots or ()
        )
    elif _OFFSETS.fullmatch(written):
        slots = slots_from_offsets(written)
    else:
        tags = split_words(written)
        words = split_words(text)
        if len(words) != len(tags) and len(text.split()) == len(tags):
            words = text.split()  # some of the blanks are full-width or no-break ones
        slots = slots_from_bio(text, words, tags)
    if not intent and not labelled:
        return unlabelled(text, domain=domain, locale=locale, source=source)
    return Example(text, intent, slots, domain=domain, locale=locale, source=source)


def slots_from_offsets(written: str) -> tuple[SlotSpan, ...]:
    """The slots of `start:end:name,start:end:name`; none for an empty text.

    Raises:
        ValueError: If the text has another form.
    """
    if not written:
        return ()
    if not _OFFSETS.fullmatch(written):
        raise ValueError(f"slots must be `start:end:name,…`. Received: {written[:80]!r}.")
    return tuple(
        SlotSpan(name, ((int(start), int(end)),))
        for start, end, name in (entry.split(":", 2) for entry in written.split(","))
    )


_LOOKS = "a header `text,intent` (any order, also separated by tabs or `;`)"
TABLE = FileFormat(
    "CSV or TSV",
    _LOOKS,
    lambda sample: _has("intent", sample),
    _read,
)
TABLE_OF_TEXT = FileFormat(
    "CSV or TSV of text",
    "a header with `text`",
    lambda sample: _has("text", sample),
    _read,
    labelled=False,
)
