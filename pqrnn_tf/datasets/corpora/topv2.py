"""Reader of TOPv2 (Chen et al. 2020): columns `domain`, `utterance` and `semantic_parse`."""

from __future__ import annotations

import os
import pathlib

from pqrnn_tf.datasets.corpora.mtop import OnError, example_from_tree
from pqrnn_tf.datasets.formats.text_files import numbered_lines, split_columns
from pqrnn_tf.datasets.rows import DataError, Example

_HEADER = ("domain", "utterance", "semantic_parse")
_ENDINGS = {"train": "train", "dev": "eval", "test": "test"}


def holds_topv2(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder has a file of any domain and split."""
    return any(
        next((line for _, line in numbered_lines(path)), "").split("\t") == list(_HEADER)
        for ending in _ENDINGS.values()
        for path in sorted(pathlib.Path(folder).glob(f"*_{ending}.tsv"))
    )


def read_topv2(path: str | os.PathLike[str], *, on_error: OnError = "raise") -> list[Example]:
    """Reads one file, such as `alarm_train.tsv`.

    Args:
        path: The file, with its header line.
        on_error: `"raise"`, or `"report"` to keep a row whose tree cannot be read, with `problem`.

    Raises:
        DataError: If the file is missing, the header is another one, or a row cannot be read.
    """
    file = pathlib.Path(path)
    examples = []
    for number, line in numbered_lines(file):
        columns = split_columns(file, number, line, len(_HEADER))
        if number == 1:
            if tuple(columns) != _HEADER:
                raise DataError(
                    f"{file}:1: expected the header {' '.join(_HEADER)}. Received: {columns!r}."
                )
            continue
        domain, text, tree_text = columns
        source = f"{file}:{number}"
        examples.append(
            example_from_tree(
                text, tree_text, source=source, domain=domain, locale="en", on_error=on_error
            )
        )
    return examples


def load_topv2_split(
    folder: str | os.PathLike[str], split: str, *, on_error: OnError = "raise"
) -> list[Example]:
    """Reads a split of every domain in a folder, domains in alphabetical order.

    Args:
        folder: The folder with `<domain>_<split>.tsv`.
        split: `"train"`, `"dev"` (the files call it `eval`) or `"test"`.
        on_error: See `read_topv2`.

    Raises:
        DataError: If the folder has no file of the split, or a row cannot be read.
        ValueError: If `split` is another word.
    """
    if split not in _ENDINGS:
        raise ValueError(f"`split` must be one of {sorted(_ENDINGS)}. Received: {split!r}.")
    root = pathlib.Path(folder)
    files = sorted(root.glob(f"*_{_ENDINGS[split]}.tsv"))
    if not files:
        raise DataError(
            f"no file {root / ('<domain>_' + _ENDINGS[split] + '.tsv')}. "
            "Unpack TOPv2 and name the folder with its TSV files."
        )
    return [example for file in files for example in read_topv2(file, on_error=on_error)]
