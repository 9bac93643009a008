"""Reader of CLINC150: 150 intents without slots, and requests that belong to none of them.

Larson et al. 2019, *An Evaluation Dataset for Intent Classification and Out-of-Scope Prediction*, arXiv 1909.02027.
"""

from __future__ import annotations

import functools
import os
import pathlib
import re

from pqrnn_tf.datasets.formats.found import FileFormat, Findings, FolderFormat, Sample, sample_of
from pqrnn_tf.datasets.formats.json_places import read_json
from pqrnn_tf.datasets.formats.split_files import check_split, split_of
from pqrnn_tf.datasets.rows import DataError, Example

_FILE = re.compile(r'\s*\{\s*"(?:oos_)?(?:train|val|test)"\s*:\s*\[\s*(?:\]|\[\s*")')
_FULL = "data_full.json"


def read_clinc150(path: str | os.PathLike[str], split: str) -> list[Example]:
    """Reads a split of a file with the lists `train`, `val`, `test` and `oos_train`, `oos_val`, `oos_test`.

    Rows out of scope follow the others, with the intent `OUT_OF_SCOPE`; a file may have none of them. No row has
    slots.

    Args:
        path: The file, such as `data_full.json`.
        split: `"train"`, `"dev"` (the file calls it `val`) or `"test"`.

    Raises:
        DataError: If the file is missing or not such JSON, has no such split, or rows cannot be read.
        ValueError: If `split` is another word.
    """
    check_split(split)
    found = Findings()
    _read(pathlib.Path(path), found)
    found.examples()
    if split not in found.rows:
        held = ", ".join(sorted(found.rows)) or "none"
        raise DataError(f"{os.fspath(path)}: no split {split!r}. Received: {held}.")
    return found.rows[split]


def _read(path: pathlib.Path, found: Findings) -> None:
    bad = functools.partial(found.bad, path)
    lists = dict(read_json(path).items(bad))
    for name in sorted(lists, key=lambda name: name.startswith("oos_")):
        split = split_of(name.removeprefix("oos_"))
        for place in lists[name].elements(bad) if split else ():
            with found.row(path, place.line):
                row = place.value
                if not (
                    isinstance(row, list)
                    and len(row) == 2
                    and all(isinstance(value, str) and value for value in row)
                ):
                    raise ValueError(f"expected [text, intent]. Received: {str(row)[:80]!r}.")
                found.add(Example(row[0], row[1], (), source=f"{path}:{place.line}"), split=split)


def _recognises(sample: Sample) -> bool:
    return bool(_FILE.match(sample.head))


def _claims(folder: pathlib.Path) -> list[pathlib.Path]:
    if not os.path.isfile(folder / _FULL) or not _recognises(sample_of(folder / _FULL)):
        return []
    return [path for path in sorted(folder.glob("*.json")) if _recognises(sample_of(path))]


def _read_folder(folder: pathlib.Path, found: Findings) -> None:
    for path in _claims(folder):
        if path.name != _FULL:
            found.note(f"{path} is another selection of the rows of {_FULL}, and is not read")
    _read(folder / _FULL, found)


CLINC150_FILE = FileFormat("CLINC150", '{"train": [["text", "intent"], …]}', _recognises, _read)
CLINC150_FOLDER = FolderFormat("CLINC150", _FULL, _claims, _read_folder)
