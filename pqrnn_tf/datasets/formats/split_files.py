"""The names that the files of a split have."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable

from pqrnn_tf.datasets.rows import DataError

SPLITS = {
    "train": ("train",),
    "dev": ("dev", "eval", "valid", "validation"),
    "test": ("test",),
}
"""The splits, each with the ways in which corpora spell it."""

_LISTED = 20


def spellings(split: str) -> tuple[str, ...]:
    """The ways to spell a split.

    Raises:
        ValueError: If `split` is not one of `SPLITS`.
    """
    if split not in SPLITS:
        raise ValueError(f"`split` must be one of {sorted(SPLITS)}. Received: {split!r}.")
    return SPLITS[split]


def contents(root: pathlib.Path) -> str:
    """What a folder holds, for messages."""
    listed = sorted(entry.name for entry in root.iterdir())
    return ", ".join(listed[:_LISTED]) or "nothing"


def first_file(
    root: pathlib.Path, candidates: Iterable[pathlib.Path], *, wanted: str
) -> pathlib.Path:
    """The first of the candidates that is a file.

    Args:
        root: The folder of the corpus.
        candidates: Files in it, the likeliest first.
        wanted: What they hold, such as `"'dev'"`, for the message.

    Raises:
        DataError: If there is none.
    """
    tried = list(candidates)
    for candidate in tried:
        if candidate.is_file():
            return candidate
    raise DataError(
        f"no split {wanted} in {root}. Looked for "
        f"{', '.join(str(candidate.relative_to(root)) for candidate in tried)}. "
        f"The folder holds: {contents(root)}."
    )
