"""Reader of TOPv2 (Chen et al. 2020): columns `domain`, `utterance` and `semantic_parse`."""

from __future__ import annotations

import os
import pathlib

from pqrnn_tf.datasets.corpora.mtop import example_from_tree
from pqrnn_tf.datasets.formats.found import FileFormat, Findings, Sample
from pqrnn_tf.datasets.formats.text_files import split_columns
from pqrnn_tf.datasets.rows import DataError, Example

_HEADER = ["domain", "utterance", "semantic_parse"]


def read_topv2(path: str | os.PathLike[str]) -> list[Example]:
    """Reads one file, such as `alarm_train.tsv`.

    Raises:
        DataError: If the file is missing, the header is another one, or rows cannot be read.
    """
    found = Findings()
    _read(pathlib.Path(path), found)
    return found.examples()


def _read(path: pathlib.Path, found: Findings) -> None:
    for number, line in found.lines(path):
        with found.row(path, number):
            columns = split_columns(path, number, line, len(_HEADER))
            if number > 1:
                domain, text, tree = columns
                source = f"{path}:{number}"
                found.add(example_from_tree(text, tree, source=source, domain=domain, locale="en"))
            elif columns != _HEADER:
                raise DataError(f"expected the header {' '.join(_HEADER)}. Received: {columns!r}.")


def _recognises(sample: Sample) -> bool:
    return sample.lines()[0].split("\t") == _HEADER


TOPV2 = FileFormat(
    "TOPv2", "a header `domain utterance semantic_parse` with tabs", _recognises, _read
)
