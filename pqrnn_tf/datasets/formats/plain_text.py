"""Reader of plain text, one sentence per line, for general distillation."""

from __future__ import annotations

import os
import pathlib

from pqrnn_tf.datasets.formats.text_files import numbered_lines


def read_plain_text(path: str | os.PathLike[str], *, limit: int | None = None) -> list[str]:
    """Reads sentences, without white space around them and without empty lines.

    Args:
        path: The file.
        limit: At most so many sentences, from the start of the file; `None` for all.

    Raises:
        DataError: If the file is missing or not UTF-8.
        ValueError: If `limit` is negative.
    """
    if limit is not None and limit < 0:
        raise ValueError(f"`limit` must be None or zero or more. Received: {limit}.")
    sentences: list[str] = []
    for _, line in numbered_lines(pathlib.Path(path)):
        if len(sentences) == limit:
            break
        sentence = line.strip()
        if sentence:
            sentences.append(sentence)
    return sentences
