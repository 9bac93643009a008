"""Text without labels: a user's logs, other corpora, and paraphrases from a file.

More text labelled by the teacher is the largest single gain known for small students (TinyBERT: Jiao et al.
2020, arXiv 1909.10351, section 4.4; XtremeDistil: Mukherjee and Awadallah 2020, arXiv 2004.05686). It must
not hold the rows that the student is scored on, so that readers here take the rows to leave out.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import random
from collections.abc import Callable, Iterable, Iterator, Sequence

from pqrnn_tf.datasets.folding import folded, folded_texts
from pqrnn_tf.datasets.formats.found import Findings, sample_of
from pqrnn_tf.datasets.formats.json_rows import json_object
from pqrnn_tf.datasets.formats.text_files import numbered_lines
from pqrnn_tf.datasets.reading import known_formats
from pqrnn_tf.datasets.recognition import format_of
from pqrnn_tf.datasets.rows import DataError, Example, unlabelled

_LISTED = 20

_Path = str | os.PathLike[str]
Reader = Callable[[pathlib.Path, Findings], None]
"""Reads a file into findings."""


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

    A file of labelled rows of any format that `read_rows` knows gives its texts, without the labels; any other `.txt`
    has one text per line. `domain` and `locale` are kept where a file has them. Texts that differ only in case, white
    space or punctuation are the same; the first one stays.

    Args:
        paths: A file or folder, or several. Of a folder, the files directly in it that end in .txt or are
            recognised are read.
        limit: At most so many texts; `None` for all. The smaller of two samples with the same seed
            is the start of the larger.
        seed: Seed of the order, so that the first texts are a fair sample of all files.
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
    files = text_files(paths)
    left_out = folded_texts(exclude)
    seen: set[str] = set()
    rows: list[Example] = []
    texts = too_long = excluded = repeated = 0
    for file, reader in files.items():
        before = texts
        for row in _rows(file, reader):
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


def read_texts(paths: _Path | Sequence[_Path]) -> list[str]:
    """All texts of files and folders as `read_transfer_text` takes them, none left out, in their order.

    Raises:
        DataError: as `text_files`, or if rows cannot be read.
    """
    return [row.text for file, reader in text_files(paths).items() for row in _rows(file, reader)]


def text_files(paths: _Path | Sequence[_Path]) -> dict[pathlib.Path, Reader]:
    """The files that `read_transfer_text` reads, and how; only their beginnings are looked at.

    Raises:
        DataError: If a file is missing or has no known format, or a folder has no file to read.
    """
    given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    files: dict[pathlib.Path, Reader] = {}
    for path in map(pathlib.Path, given):
        own = [path]
        if path.is_dir():
            own = [
                entry
                for entry in sorted(path.iterdir())
                if entry.is_file()
                and not entry.name.startswith(".")
                and (entry.suffix == ".txt" or _reader(entry) is not None)
            ]
            if not own:
                raise DataError(
                    f"{path}: the folder has no file with text of a known format. Name a folder with .txt files or "
                    "files of rows, or the files."
                )
        for file in own:
            reader = _reader(file)
            if reader is None:
                trouble = sample_of(file).trouble or "has no format that is known"
                raise DataError(
                    f"{file}: the file {trouble}. Save the texts as .txt, one per line, or name a file of rows. "
                    f"{known_formats()}"
                )
            files[file] = reader
    if not files:
        raise DataError("`paths` names no file. Name at least one file or folder with text.")
    return files


def _reader(file: pathlib.Path) -> Reader | None:
    """How the texts of a file are read: as rows of a known format, or else, if it ends in .txt, a text per line."""
    sample = sample_of(file)
    known = format_of(sample)
    if known is not None:
        return known.read
    return _read_lines if file.suffix == ".txt" and not sample.trouble else None


def _read_lines(file: pathlib.Path, found: Findings) -> None:
    for number, line in found.lines(file):
        if text := line.strip():
            found.add(unlabelled(text, source=f"{file}:{number}"))


def _rows(file: pathlib.Path, reader: Reader) -> Iterator[Example]:
    """The rows of one file, without labels.

    Raises:
        DataError: If rows cannot be read.
    """
    found = Findings(labelled=False)
    reader(file, found)
    for row in found.examples():
        yield unlabelled(row.text.strip(), domain=row.domain, locale=row.locale, source=row.source)


@dataclasses.dataclass(frozen=True)
class ParaphraseReport:
    """What `read_paraphrases` read and dropped.

    Attributes:
        paraphrases: Paraphrases in the file.
        unknown: Paraphrases dropped because no row has their original.
        ambiguous: Paraphrases dropped because rows with their original have different intents.
        excluded: Paraphrases dropped because `exclude` has them.
        repeated: Paraphrases dropped because a row or an earlier paraphrase has the same text.
        kept: Paraphrases returned.
        missing_originals: `"file:line: original"` of the lines whose original no row has.
    """

    paraphrases: int
    unknown: int
    ambiguous: int
    excluded: int
    repeated: int
    kept: int
    missing_originals: tuple[str, ...]

    def __str__(self) -> str:
        text = (
            f"{self.paraphrases} paraphrases: {self.unknown} of unknown originals, "
            f"{self.ambiguous} of originals with several intents, {self.excluded} excluded, "
            f"{self.repeated} repeated, {self.kept} kept"
        )
        listed = self.missing_originals[:_LISTED]
        more = len(self.missing_originals) - len(listed)
        return "\n".join(
            (
                text,
                *(f"not in the rows: {line}" for line in listed),
                *([f"and {more} more"] if more else []),
            )
        )


def read_paraphrases(
    path: _Path,
    examples: Iterable[Example],
    *,
    exclude: Iterable[Example | str] = (),
    report: Callable[[ParaphraseReport], None] | None = None,
) -> list[Example]:
    """Reads paraphrases of rows, such as their translations into another language and back.

    A paraphrase keeps the intent of its original as a gold label, since it means the same. Its slots
    are `None`: their words may have changed, and only a teacher can say where they are.

    The file is a `.tsv` without header, `original<TAB>paraphrase[<TAB>paraphrase…]`, or a `.jsonl` with
    `{"original": …, "paraphrases": […]}` a line. An original is found whatever its case, white space
    and punctuation.

    Args:
        path: The file.
        examples: Rows with the originals and their intents.
        exclude: Rows or texts to leave out. Pass the rows that the student is scored on.
        report: Called with what was read and dropped; `print` will do.

    Returns:
        Rows with `intent`, `domain` and `locale` of their originals, in the order of the file.

    Raises:
        DataError: If the file is missing, empty, not UTF-8 or cannot be understood, or no original
            in it is among `examples`.
    """
    file = pathlib.Path(path)
    if file.suffix not in (".tsv", ".jsonl"):
        raise DataError(
            f"{file}: expected a file that ends in .tsv or .jsonl. Received: the ending "
            f"{file.suffix!r}. Rename or convert the file."
        )
    originals: dict[str, list[Example]] = {}
    for example in examples:
        originals.setdefault(folded(example.text), []).append(example)
    left_out = folded_texts(exclude)
    seen = set(originals)
    rows: list[Example] = []
    missing: list[str] = []
    read = unknown = ambiguous = excluded = repeated = 0
    lines = _paraphrase_table(file) if file.suffix == ".tsv" else _paraphrase_objects(file)
    for number, original, paraphrases in lines:
        read += len(paraphrases)
        of = originals.get(folded(original), [])
        if not of:
            unknown += len(paraphrases)
            missing.append(f"{file}:{number}: {original}")
            continue
        if len({row.intent for row in of}) > 1:
            ambiguous += len(paraphrases)
            continue
        for text in paraphrases:
            key = folded(text)
            if key in left_out:
                excluded += 1
            elif key in seen:
                repeated += 1
            else:
                seen.add(key)
                rows.append(
                    Example(
                        text,
                        of[0].intent,
                        None,
                        domain=of[0].domain,
                        locale=of[0].locale,
                        source=f"{file}:{number}",
                        problem="a paraphrase: where its slots are is not known",
                    )
                )
    if not read:
        raise DataError(
            f"{file}: the file holds no paraphrase. Write original<TAB>paraphrase a line, or leave it out."
        )
    if unknown == read:
        raise DataError(
            f"{file}: none of its {read} paraphrases has an original among the rows; the first original is "
            f"{missing[0]!r}. Give the rows that were paraphrased."
        )
    if report is not None:
        report(
            ParaphraseReport(
                read, unknown, ambiguous, excluded, repeated, len(rows), tuple(missing)
            )
        )
    return rows


def _paraphrase_table(file: pathlib.Path) -> Iterator[tuple[int, str, list[str]]]:
    for number, line in numbered_lines(file):
        if not line.strip():
            continue
        original, *others = (column.strip() for column in line.split("\t"))
        paraphrases = [text for text in others if text]
        if not original or not paraphrases:
            raise DataError(
                f"{file}:{number}: expected original<TAB>paraphrase. Received: {line[:60]!r}. Separate the "
                "texts by tabs."
            )
        yield number, original, paraphrases


def _paraphrase_objects(file: pathlib.Path) -> Iterator[tuple[int, str, list[str]]]:
    for number, line in numbered_lines(file):
        if not line.strip():
            continue
        try:
            fields = json_object(line)
        except ValueError as error:
            raise DataError(f"{file}:{number}: {error}") from error
        original, paraphrases = fields.get("original"), fields.get("paraphrases")
        if (
            not isinstance(original, str)
            or not isinstance(paraphrases, list)
            or not all(isinstance(text, str) for text in paraphrases)
        ):
            raise DataError(
                f'{file}:{number}: expected {{"original": text, "paraphrases": [text, …]}}. Received: '
                f"{fields!r:.80}."
            )
        yield number, original, [text for text in map(str.strip, paraphrases) if text]
