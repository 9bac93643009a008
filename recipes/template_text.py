"""Writes the expansions of templates as text without labels, for `distill --transfer`.

    python -m recipes.template_text --templates recipes/mtop_transfer/en.tsv --data mtop --rows 40000 \\
        --output en.txt
"""

from __future__ import annotations

import pathlib
import random
import sys

from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import run_command


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("templates", "File of templates, LANGUAGE.tsv.", required=True, metavar="FILE")
    parser.flag(
        "data",
        "Folder of a corpus, whose slot values fill empty slots.",
        required=True,
        metavar="FOLDER",
    )
    parser.flag("rows", "Texts to draw; equal ones count once.", type=at_least(1), default=40_000)
    parser.flag("seed", "Seed of what is drawn.", type=int, default=0)
    parser.flag("output", "Text file to write, one text per line.", required=True, metavar="FILE")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    from pqrnn_tf.datasets import expand_templates, load_split, read_templates, values_of_rows
    from pqrnn_tf.datasets.making.augmentation import SlotValues
    from pqrnn_tf.files import write_bytes

    path = pathlib.Path(arguments.templates)
    language = path.stem
    values = SlotValues(load_split(arguments.data, "train", language=language))
    rows = expand_templates(
        read_templates(path),
        arguments.rows,
        language=language,
        values=values_of_rows(values, language),
        seed=arguments.seed,
    )
    texts = list(dict.fromkeys(row.text for row in rows))
    random.Random(arguments.seed).shuffle(texts)
    write_bytes(arguments.output, "".join(text + "\n" for text in texts).encode("utf-8"))
    print(f"{len(texts)} texts")


if __name__ == "__main__":
    sys.exit(run_command("python -m recipes.template_text", __doc__, configure, run, sys.argv[1:]))
