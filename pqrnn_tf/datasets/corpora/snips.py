"""Reader of SNIPS (Coucke et al. 2018): `seq.in`, `seq.out` and `label`, one line an utterance."""

from __future__ import annotations

import os
import pathlib

from pqrnn_tf.datasets.formats.bio import BioError, slots_from_bio
from pqrnn_tf.datasets.formats.text_files import numbered_lines
from pqrnn_tf.datasets.rows import DataError, Example

_FILES = ("seq.in", "seq.out", "label")


def read_snips(folder: str | os.PathLike[str]) -> list[Example]:
    """Reads the folder of one split, such as `snips/train`.

    Raises:
        DataError: If a file is missing, the files have different numbers of lines, or tags do not
            fit their words; the message names file and line.
    """
    root = pathlib.Path(folder)
    texts, tags, labels = ([line for _, line in numbered_lines(root / name)] for name in _FILES)
    if not len(texts) == len(tags) == len(labels):
        raise DataError(
            f"{root}: {', '.join(_FILES)} must have as many lines as each other. "
            f"Received: {len(texts)}, {len(tags)} and {len(labels)} lines."
        )
    examples = []
    for number, (line, tag_line, label) in enumerate(zip(texts, tags, labels, strict=True), 1):
        text = line.strip()
        source = f"{root / 'seq.in'}:{number}"
        try:
            slots = slots_from_bio(text, text.split(), tag_line.split())
        except BioError as error:
            raise DataError(f"{source}: {error}") from error
        examples.append(Example(text, label.strip(), slots, locale="en", source=source))
    return examples
