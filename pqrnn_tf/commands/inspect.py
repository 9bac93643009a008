"""Says what is in data, and what is wrong with them, line by line.

Rows per intent and slot, classes that are too small, one text with two labels, slots that cut a word, rows that cannot
be read, the same texts in training and development rows, and more, with file and line.

    pqrnn inspect phrases.yaml
    pqrnn inspect bots/ more.csv --json
"""

from __future__ import annotations

import json
import shutil

from pqrnn_tf.commands import data_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    data_flags.add_names_of_data(parser)
    parser.switch("json", "Write the whole report as one JSON object.")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    data_flags.check_data(arguments)
    from pqrnn_tf.datasets import inspect_rows, read_rows

    rows = read_rows(arguments.data, languages=arguments.language, skip_bad_rows=True)
    inspection = inspect_rows(rows)
    if arguments.json:
        report = {"sources": list(map(str, rows.sources)), **inspection.to_dict()}
        print(json.dumps(report, ensure_ascii=False))
        return
    for source in rows.sources:
        print(source)
    print()
    print(inspection.to_text(width=max(60, min(120, shutil.get_terminal_size((100, 24)).columns))))
