"""What other ways of writing cost models that are not published, as `results/surface.json`: for comparisons.

    git show fd3ddbb:pretrained/snips/model.tflite > runs/before/snips.tflite
    python -m benchmarks.surface --data snips --model "snips, before=runs/before/snips.tflite"

Each call adds its models to those of former calls; one of the same title is replaced. Published models have the same
numbers in their `scores.json`, and `pqrnn evaluate --surface` prints them for any model.
"""

from __future__ import annotations

import sys
from typing import Any

from benchmarks.records import read_results, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError
from pqrnn_tf.commands.running import run_command

NAME = "surface"


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("data", "Folder of a corpus.", repeat=True, required=True, metavar="FOLDER")
    parser.flag("model", "A model to measure.", repeat=True, required=True, metavar="TITLE=FILE")


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    from pqrnn_tf.datasets import read_rows
    from pqrnn_tf.tasks.scoring import measure, open_model
    from pqrnn_tf.tasks.surface import writings

    files = dict(text.rpartition("=")[::2] for text in arguments.model)
    if not all(files):
        raise UsageError("--model must be TITLE=FILE")
    made = stamp()
    rows = read_rows(arguments.data, languages="en").splits["dev"]
    measured: dict[str, Any] = {
        title: {"stamp": made, "scores": measure(open_model(file), rows, surface=writings())}
        for title, file in files.items()
    }
    former = (read_results(NAME) or {}).get("models", {})
    write_results(NAME, {"models": {**former, **measured}}, made)


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.surface", __doc__, configure, run, sys.argv[1:]))
