"""Reader of MASSIVE and SLURP English as `token:tag token:tag … <=> intent`, one line an utterance.

FitzGerald et al. 2022, arXiv 2204.08582; Bastianelli et al. 2020, arXiv 2011.13205.
"""

from __future__ import annotations

import os
import pathlib

from pqrnn_tf.datasets.formats.bio import BioError, slots_from_bio
from pqrnn_tf.datasets.formats.text_files import numbered_lines
from pqrnn_tf.datasets.rows import DataError, Example

ARROW = " <=> "
"""What stands between the words and the intent."""


def read_massive(path: str | os.PathLike[str]) -> list[Example]:
    """Reads one file, such as `massive_en/train.txt`.

    The text of a row is its words joined by one space.

    Raises:
        DataError: If the file is missing, or a line has no intent, a word no tag, or a tag another form
            than BIO; the message names file and line.
    """
    file = pathlib.Path(path)
    examples = []
    for number, line in numbered_lines(file):
        source = f"{file}:{number}"
        tagged, arrow, intent = line.rpartition(ARROW)
        # A word may have colons of its own.
        cut = [token.rpartition(":") for token in tagged.split()]
        if not arrow or not intent.strip() or not cut or not all(word for word, _, _ in cut):
            raise DataError(
                f"{source}: expected `token:tag token:tag …{ARROW}intent`. Received: {line[:80]!r}."
            )
        words = [word for word, _, _ in cut]
        text = " ".join(words)
        try:
            slots = slots_from_bio(text, words, [tag for _, _, tag in cut])
        except BioError as error:
            raise DataError(f"{source}: {error}") from error
        examples.append(Example(text, intent.strip(), slots, locale="en", source=source))
    return examples
