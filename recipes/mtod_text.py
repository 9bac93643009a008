"""Writes the texts of an MTOD file without labels, tokens with spaces between them, for `distill --transfer`.

    python -m recipes.mtod_text --data mtod/th_train.tsv --output th.txt

MTOD (Schuster et al. 2019, arXiv 1810.13327) has Thai as people write it, MTOP with spaces between its words. A student
of `segmentation: "words"` is trained on tokens like those that it is asked.
"""

from __future__ import annotations

import json
import pathlib
import sys

from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command


def spaced_text(line: str) -> str:
    """The tokens of a line, as the text has them, with one space between two.

    Args:
        line: Five columns with tabs, of which the third one is the text and the fifth the tokens as JSON, each with
            `start` and `length` in the text.

    Raises:
        ValueError: If the line has other columns.
    """
    columns = line.split("\t")
    if len(columns) != 5:
        raise ValueError(f"`line` must have five columns. Received {len(columns)}: {line[:80]!r}.")
    spans = json.loads(columns[4])["tokenizations"][0]["tokenSpans"]
    ends = [(span["start"], span["start"] + span["length"]) for span in spans]
    return " ".join(columns[2][start:end] for start, end in ends)


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("data", "File of MTOD.", required=True, metavar="FILE")
    parser.flag("output", "Text file to write, one text per line.", required=True, metavar="FILE")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    from pqrnn_tf.datasets.formats.text_files import numbered_lines
    from pqrnn_tf.files import write_bytes

    texts = [spaced_text(line) for _, line in numbered_lines(pathlib.Path(arguments.data))]
    write_bytes(arguments.output, "".join(f"{text}\n" for text in texts).encode("utf-8"))
    print(f"{len(texts)} texts")


if __name__ == "__main__":
    sys.exit(run_command("python -m recipes.mtod_text", __doc__, configure, run, sys.argv[1:]))
