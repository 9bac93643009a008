"""Text without labels: a user's logs, other corpora, and paraphrases from a file.

More text labelled by the teacher is the largest single gain known for small students (TinyBERT: Jiao et al.
2020, arXiv 1909.10351, section 4.4; XtremeDistil: Mukherjee and Awadallah 2020, arXiv 2004.05686). It must
not hold the rows that the student is scored on, so that readers here take the rows to leave out.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import pathlib
import random
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pqrnn_tf.datasets.examples import DataError, Example
from pqrnn_tf.datasets.text_files import numbered_lines, split_columns

NO_LABELS = "no labels"
"""`Example.problem` of a row that only a teacher can label."""

_TEXT_FIELDS = ("utterance", "question", "text")
_LISTED = 20

_Path = str | os.PathLike[str]


def unlabelled(text: str, *, domain: str = "", locale: str = "", source: str = "") -> Example:
    """A row without labels: no intent, `slots=None`, `problem=NO_LABELS`."""
    return Example(text, "", None, domain=domain, locale=locale, source=source, problem=NO_LABELS)


@functools.cache
def _ignored() -> dict[int, None]:
    """White space and punctuation of every script, as a table for `str.translate`."""
    return {
        code: None
        for code in range(sys.maxunicode + 1)
        if chr(code).isspace() or unicodedata.category(chr(code))[0] == "P"
    }


def folded(text: str) -> str:
    """What two texts share that are the same but for case, white space and punctuation."""
    letters = unicodedata.normalize("NFC", text).casefold()
    return letters.translate(_ignored()) or letters


def _folded_texts(rows: Iterable[Example | str]) -> set[str]:
    return {folded(row if isinstance(row, str) else row.text) for row in rows}


@dataclasses.dataclass(frozen=True)
class TransferReport:
    """What `read_transfer_text` read and dropped.

    Attributes:
        files: Files read.
        texts: Texts in them; empty lines do not count.
        too_long: Texts dropped for their length.
        excluded: Texts dropped because `exclude` has them.
        repeated: Texts dropped because an earlier one is the same.
        kept: Texts left.
        returned: Texts returned; fewer than `kept` where `limit` is smaller.
    """

    files: int
    texts: int
    too_long: int
    excluded: int
    repeated: int
    kept: int
    returned: int

    def __str__(self) -> str:
        return (
            f"{self.texts} texts in {self.files} files: {self.too_long} too long, "
            f"{self.excluded} excluded, {self.repeated} repeated, {self.kept} kept, "
            f"{self.returned} returned"
        )


def read_transfer_text(
    paths: _Path | Sequence[_Path],
    *,
    limit: int | None = None,
    seed: int = 0,
    exclude: Iterable[Example | str] = (),
    max_characters: int = 500,
    report: Callable[[TransferReport], None] | None = None,
) -> list[Example]:
    """Reads text for a teacher to label.

    The ending decides how a file is read: `.txt` has one text a line; `.tsv` has a header with a column
    `utterance`, `question` or `text`, as TOPv2 has; `.jsonl` and `.json` have an object a line with one of
    these fields, as MTOP has. `domain` and `locale` are kept where a file has them, and labels are not
    read. Texts that differ only in case, white space or punctuation are the same; the first one stays.

    Args:
        paths: A file or folder, or several. Of a folder, the files with these endings directly in it
            are read.
        limit: At most so many texts; `None` for all. The smaller of two samples with the same seed
            is the start of the larger.
        seed: Of the order, so that the first texts are a fair sample of all files.
        exclude: Rows or texts to leave out. Pass the rows that the student is scored on.
        max_characters: Longer texts are dropped.
        report: Called with what was read and dropped; `print` will do.

    Returns:
        Rows without labels (see `unlabelled`), in random order.

    Raises:
        DataError: If a file is missing, empty, not UTF-8 or cannot be understood, a folder has no
            file to read, or no text is left.
        ValueError: If `limit` or `max_characters` is not positive.
    """
    for name, value in (("limit", limit), ("max_characters", max_characters)):
        if value is not None and value < 1:
            raise ValueError(f"`{name}` must be positive. Received: {value}.")
    files = _files(paths)
    left_out = _folded_texts(exclude)
    seen: set[str] = set()
    rows: list[Example] = []
    texts = too_long = excluded = repeated = 0
    for file in files:
        before = texts
        for row in _rows(file):
            texts += 1
            if len(row.text) > max_characters:
                too_long += 1
                continue
            key = folded(row.text)
            if key in left_out:
                excluded += 1
            elif key in seen:
                repeated += 1
            else:
                seen.add(key)
                rows.append(row)
        if texts == before:
            raise DataError(
                f"{file}: the file holds no text. Put one text a line into it, or leave it out."
            )
    random.Random(seed).shuffle(rows)
    result = rows[:limit]
    told = TransferReport(len(files), texts, too_long, excluded, repeated, len(rows), len(result))
    if not result:
        raise DataError(
            f"no text is left of {', '.join(map(str, files))} ({told}). Add text, raise "
            "`max_characters` or exclude less."
        )
    if report is not None:
        report(told)
    return result


def _files(paths: _Path | Sequence[_Path]) -> list[pathlib.Path]:
    given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    files: list[pathlib.Path] = []
    for path in map(pathlib.Path, given):
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix in _READERS and p.is_file())
            if not inside:
                raise DataError(
                    f"{path}: the folder has no file that ends in {', '.join(_READERS)}. Name a folder "
                    "with text, or the files."
                )
            files += inside
        elif path.suffix in _READERS:
            files.append(path)
        else:
            raise DataError(
                f"{path}: expected a folder, or a file that ends in {', '.join(_READERS)}, which tells "
                f"how it is read. Received: the ending {path.suffix!r}. Rename or convert the file."
            )
    if not files:
        raise DataError("`paths` names no file. Name at least one file or folder with text.")
    return files


def _rows(file: pathlib.Path) -> Iterator[Example]:
    """The rows of one file, without labels and without the empty ones."""
    for number, fields in _READERS[file.suffix](file):
        text = next((fields[name] for name in _TEXT_FIELDS if fields.get(name) is not None), None)
        if not isinstance(text, str):
            raise DataError(
                f"{file}:{number}: expected a text in one of {', '.join(_TEXT_FIELDS)}. Received: "
                f"{sorted(fields)}. Rename the field that has the text."
            )
        if text := text.strip():
            places = {k: v for k in ("domain", "locale") if isinstance(v := fields.get(k), str)}
            yield unlabelled(text, source=f"{file}:{number}", **places)


def _plain_lines(file: pathlib.Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in numbered_lines(file):
        yield number, {"text": line}


def _table_lines(file: pathlib.Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    header: list[str] = []
    for number, line in numbered_lines(file):
        if number > 1:
            columns = split_columns(file, number, line, len(header))
            yield number, dict(zip(header, columns, strict=True))
            continue
        header = line.split("\t")
        if not set(header) & set(_TEXT_FIELDS):
            raise DataError(
                f"{file}:1: expected a header line with a column {', '.join(_TEXT_FIELDS)}. "
                f"Received: {header[:5]!r}. Add the header, or save the texts alone as .txt."
            )


def _json_lines(file: pathlib.Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in numbered_lines(file):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(
                f"{file}:{number}: expected one JSON object a line. Received: {line[:60]!r} ({error})."
            ) from error
        if not isinstance(fields, dict):
            raise DataError(
                f"{file}:{number}: expected one JSON object a line. Received: {line[:60]!r}."
            )
        yield number, fields


_READERS: dict[str, Callable[[pathlib.Path], Iterator[tuple[int, Mapping[str, Any]]]]] = {
    ".txt": _plain_lines,
    ".tsv": _table_lines,
    ".jsonl": _json_lines,
    ".json": _json_lines,
}
