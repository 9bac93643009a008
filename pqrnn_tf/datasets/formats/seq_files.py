"""A folder with `seq.in` and `label`, and `seq.out` where there are slots: line by line text, intent and BIO tags."""

from __future__ import annotations

import os
import pathlib

from pqrnn_tf.datasets.formats.bio import slots_from_bio, split_words
from pqrnn_tf.datasets.formats.found import Findings, FolderFormat
from pqrnn_tf.datasets.rows import DataError, Example, SlotSpan

_TEXTS, _TAGS, _LABELS = "seq.in", "seq.out", "label"


def read_seq_files(folder: str | os.PathLike[str]) -> list[Example]:
    """Reads the folder of one split, such as `snips/train`.

    Raises:
        DataError: If a file is missing, the files have different numbers of lines, or rows cannot be read; the
            message names file and line of each.
    """
    found = Findings()
    _read(pathlib.Path(folder), found)
    return found.examples()


def _read(folder: pathlib.Path, found: Findings) -> None:
    tagged = os.path.isfile(folder / _TAGS)
    names = [_TEXTS, _LABELS, *([_TAGS] if tagged else [])]
    bad: dict[str, set[int]] = {}
    columns = []
    for name in names:
        before = len(found.problems)
        columns.append(dict(found.lines(folder / name)))
        bad[name] = {problem.line for problem in found.problems[before:]}
    sizes = [
        max((*lines, *bad[name]), default=0) for name, lines in zip(names, columns, strict=True)
    ]
    if len(set(sizes)) > 1:
        counted = ", ".join(f"{name} has {size}" for name, size in zip(names, sizes, strict=True))
        raise DataError(
            f"{folder}: {', '.join(names)} must have as many lines as each other. Received: {counted}. Find the line "
            "that is missing or too much."
        )
    texts, labels = columns[:2]
    file, label_file = folder / _TEXTS, folder / _LABELS
    tags = columns[2] if len(columns) > 2 else None
    for number, line in texts.items():
        if any(number in lines for lines in bad.values()):
            continue
        if not labels[number].strip():
            found.bad(label_file, number, f"the label is empty; its text is {line[:60]!r}.")
            continue
        with found.row(file, number):
            text = line.strip()
            slots: tuple[SlotSpan, ...] = ()
            if tags is not None:
                slots = slots_from_bio(text, split_words(text), split_words(tags[number].strip()))
            source = f"{file}:{number}"
            found.add(Example(text, labels[number].strip(), slots, source=source))


def _claims(folder: pathlib.Path) -> list[pathlib.Path]:
    files = [folder / name for name in (_TEXTS, _LABELS, _TAGS) if os.path.isfile(folder / name)]
    return files if {_TEXTS, _LABELS} <= {path.name for path in files} else []


SEQ_FILES = FolderFormat("seq.in and label", "seq.in, label (and seq.out)", _claims, _read)
