"""Reader of Banking77: questions to a bank with 77 intents and no slots, CSV `text,category`.

Casanueva et al. 2020, *Efficient Intent Detection with Dual Sentence Encoders*, arXiv 2003.04807.
"""

from __future__ import annotations

import csv
import os
import pathlib

from pqrnn_tf.datasets.formats.text_files import numbered_lines
from pqrnn_tf.datasets.rows import DataError, Example

HEADER = ("text", "category")


def read_banking77(path: str | os.PathLike[str]) -> list[Example]:
    """Reads one file, such as `train.csv`. White space around a text is dropped; a text may have several lines.

    Raises:
        DataError: If the file is missing or not CSV, the header is another one, or a row has not two columns.
    """
    file = pathlib.Path(path)
    reader = csv.reader((f"{line}\n" for _, line in numbered_lines(file)), strict=True)
    examples: list[Example] = []
    number = 1  # of the line on which a row begins
    try:
        for row in reader:
            source = f"{file}:{number}"
            if number == 1 and tuple(row) != HEADER:
                raise DataError(
                    f"{source}: expected the header {','.join(HEADER)}. Received: {row!r}."
                )
            if len(row) != len(HEADER) or not all(row):
                raise DataError(f"{source}: expected a text and its category. Received: {row!r}.")
            if number > 1:
                text, category = row
                examples.append(Example(text.strip(), category, (), locale="en", source=source))
            number = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{file}:{number}: not valid CSV ({error}).") from error
    return examples
