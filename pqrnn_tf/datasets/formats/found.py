"""What a format is, what it is recognised by, and where its reader puts what it finds."""

from __future__ import annotations

import codecs
import contextlib
import dataclasses
import os
import pathlib
import re
import stat
from collections.abc import Callable, Collection, Iterable, Iterator

from pqrnn_tf.datasets.formats.split_files import SPLITS, split_of
from pqrnn_tf.datasets.formats.text_files import numbered_lines
from pqrnn_tf.datasets.rows import DataError, Example, check_row

HEAD_BYTES = 65_536
"""So much of a file is read to recognise it."""

LONGEST_HEAD = 1 << 22
"""So much is read of YAML, whose keys may stand behind anything, and of JSON whose first line has not ended before."""

YAML_SUFFIXES = (".yaml", ".yml")
"""What the names of YAML files end in."""

_NO_TEXTS = {
    b"PK\x03\x04": "an Excel file or another archive; save its table as CSV in UTF-8, or unpack it",
    b"\xd0\xcf\x11\xe0": "a file of an old Excel or Word; save its table as CSV in UTF-8",
    b"\x1f\x8b": "compressed; unpack it",
    b"PAR1": "a Parquet file; write its table as CSV in UTF-8",
}
"""What files are that begin with these bytes."""
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]")
_LISTED = 20


@dataclasses.dataclass(frozen=True)
class Problem:
    """A row that cannot be read.

    Attributes:
        file: The file as it was named.
        line: Its line, from 1; 0 where the whole file is meant.
        message: What is wrong, and how to mend it.
    """

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line}: {self.message}"
            if self.line
            else f"{self.file}: {self.message}"
        )


@dataclasses.dataclass(frozen=True)
class Sample:
    """The beginning of a file, by which its format is recognised.

    Attributes:
        path: The file.
        head: Its first `HEAD_BYTES`, or more (`LONGEST_HEAD`), as text with line feeds, without a byte order mark; a
            character that was cut at the end is left out. Empty where they are no text.
        whole: Whether `head` is the whole file.
        trouble: Why `head` is no text; empty where it is.
    """

    path: pathlib.Path
    head: str
    whole: bool = True
    trouble: str = ""

    def lines(self) -> list[str]:
        """The complete lines of the first `HEAD_BYTES`, without their ends; the first line if none is complete."""
        first = self.head.find("\n")
        head = self.head if first < 0 else self.head[: max(first + 1, HEAD_BYTES)]
        lines = head.split("\n")
        if len(lines) > 1 and (not self.whole or len(head) < len(self.head) or not lines[-1]):
            lines.pop()
        return lines


def sample_of(path: str | os.PathLike[str]) -> Sample:
    """The beginning of a file; what cannot be read or is no text has `trouble`."""
    file = pathlib.Path(path)
    try:
        # To open a pipe would wait for whoever writes into it.
        if not stat.S_ISREG(file.stat().st_mode):
            return Sample(file, "", trouble="is no regular file")
        with file.open("rb") as stream:
            content = stream.read(HEAD_BYTES)
            if file.suffix.lower() in YAML_SUFFIXES:
                content += stream.read(LONGEST_HEAD - HEAD_BYTES)
            elif b"\n" not in content and _JSON.match(content):
                content += stream.readline(LONGEST_HEAD - HEAD_BYTES)
            whole = not stream.read(1)
    except OSError as error:
        return Sample(file, "", trouble=f"cannot be read ({error.strerror})")
    content = content.removeprefix(codecs.BOM_UTF8)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Sample(file, "", whole, "is UTF-16; save it as UTF-8")
    for start, what in _NO_TEXTS.items():
        if content.startswith(start):
            return Sample(file, "", whole, f"is {what}")
    if b"\0" in content:
        return Sample(file, "", whole, "is no text")
    # A line that is not UTF-8 is a bad row of a file that is recognised.
    head = codecs.getincrementaldecoder("utf-8")("replace").decode(content)
    return Sample(file, head.replace("\r\n", "\n"), whole)


class Findings:
    """Where the reader of a format puts rows, bad rows and notes.

    Args:
        split: The split that the names of file and folders say.
        language: The language that they say; empty where they say none.
        languages: The languages that are asked for; `None` for all.
        labelled: Whether a row without an intent is a bad row.

    Attributes:
        rows: The rows of each split, in the order in which they were found.
        problems: Bad rows.
        notes: What the reader left out on purpose, for people.
    """

    def __init__(
        self,
        *,
        split: str = "train",
        language: str = "",
        languages: Collection[str] | None = None,
        labelled: bool = True,
    ) -> None:
        self.split = split
        self.language = language
        self.languages = languages
        self.labelled = labelled
        self.rows: dict[str, list[Example]] = {}
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self._unknown: set[tuple[str, str]] = set()

    def add(self, example: Example, *, split: str = "") -> None:
        """Adds a row; one without a text is left out where rows need no labels.

        Args:
            example: The row.
            split: Its split where the row itself says it; else that of the file.

        Raises:
            ValueError: If the row has no text, or no intent where rows are labelled; inside of `row` that makes it
                a bad row.
        """
        if not example.text.strip() and not self.labelled:
            return
        check_row(example)
        if self.labelled and not example.intent:
            raise ValueError(f"the row has no intent: {example.text[:60]!r}. Write its intent.")
        self.rows.setdefault(split or self.split, []).append(example)

    def said_split(self, file: str | os.PathLike[str], line: int, said: object) -> str:
        """The split that a row says; empty, with a note, where it says another word than is known."""
        written = str(said or "").strip()
        if written and not split_of(written) and (os.fspath(file), written) not in self._unknown:
            self._unknown.add((os.fspath(file), written))
            self.note(
                f"{file}:{line}: the split {written!r} is none of {', '.join(SPLITS)}; rows of it are read as "
                f"{self.split} rows"
            )
        return split_of(written)

    def bad(self, file: str | os.PathLike[str], line: int, message: str) -> None:
        """Adds a bad row."""
        self.problems.append(Problem(os.fspath(file), line, message))

    def note(self, message: str) -> None:
        """Adds a note, once."""
        if message not in self.notes:
            self.notes.append(message)

    def note_empty(self, place: str, intent: str) -> None:
        """Adds a note that an intent has no phrases at a place; without any a model never names it."""
        self.note(f"{place}: the intent {intent!r} has no phrases here")

    @contextlib.contextmanager
    def row(self, file: str | os.PathLike[str], line: int) -> Iterator[None]:
        """Makes a `ValueError` inside a bad row with file and line."""
        try:
            yield
        except ValueError as error:
            self.bad(file, line, str(error).removeprefix(f"{os.fspath(file)}:{line}: "))

    def lines(self, path: pathlib.Path) -> Iterator[tuple[int, str]]:
        """The lines of a file with their numbers; one that is not UTF-8 is a bad row.

        Raises:
            DataError: If the file is missing.
        """
        return numbered_lines(path, lambda line, message: self.bad(path, line, message))

    def wants(self, language: str) -> bool:
        """Whether rows of a language or locale are asked for; those of an unknown one always are."""
        if self.languages is None or not language:
            return True
        return language in self.languages or language_of(language) in self.languages

    def examples(self) -> list[Example]:
        """All rows.

        Raises:
            DataError: If there are bad rows.
        """
        raise_problems(self.problems)
        return [example for rows in self.rows.values() for example in rows]


def language_of(locale: str) -> str:
    """The language of a locale: `"de"` of `"de"`, `"de_DE"` and `"de-AT"`."""
    return locale.replace("-", "_").split("_")[0].lower()


def raise_problems(problems: Iterable[Problem], *, mend: str = "") -> None:
    """Raises one error that lists bad rows, if there are any.

    Args:
        problems: The bad rows.
        mend: What else to do about them, said at the end.

    Raises:
        DataError: With file and line of each, the first ones listed and the others counted.
    """
    found = list(problems)
    if not found:
        return
    if len(found) == 1:
        raise DataError(f"{found[0]}{' ' if mend else ''}{mend}")
    more = len(found) - _LISTED
    lines = [f"{len(found)} rows cannot be read:", *(f"  {problem}" for problem in found[:_LISTED])]
    if more > 0:
        lines.append(f"  and {more} more")
    raise DataError("\n".join([*lines, *([mend] if mend else [])]))


@dataclasses.dataclass(frozen=True)
class FileFormat:
    """A format that one file has.

    Attributes:
        name: Its name, for people.
        looks: What such a file looks like, for messages.
        recognises: Whether the beginning of a file has the format. It never raises.
        read: Reads a file; it raises `DataError` only for what is wrong with the file as a whole.
        labelled: Whether its rows have intents; if not, the file is text for a teacher to label.
    """

    name: str
    looks: str
    recognises: Callable[[Sample], bool]
    read: Callable[[pathlib.Path, Findings], None]
    labelled: bool = True


@dataclasses.dataclass(frozen=True)
class FolderFormat:
    """A format of several files that belong together.

    Attributes:
        name: Its name, for people.
        looks: What such a folder looks like, for messages.
        claims: The files in a folder and the folders below it that are of the format; none if the folder has not the
            format. It never raises. What is claimed is looked at by no other format, so that it is read or a note says
            that it is not.
        read: Reads a folder.
    """

    name: str
    looks: str
    claims: Callable[[pathlib.Path], Collection[pathlib.Path]]
    read: Callable[[pathlib.Path, Findings], None]
