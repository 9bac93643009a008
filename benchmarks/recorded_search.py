"""Keeps what a search found, beside its start: `results/recorded_search.json`.

    python -m benchmarks.recorded_search --search runs/drawn
    python -m benchmarks.render

The folder is that of `pqrnn search`. All candidates that were trained until then are kept, also those whose file is too
large. They are chosen by development rows, so that their scores are a little too good.
"""

from __future__ import annotations

import json
import pathlib
import sys

from benchmarks.records import stamp, write_results
from benchmarks.search import read_candidates
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.search.evolution import CLAIM, LOG

NAME = "recorded_search"


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("search", "Folder of the search.", required=True, metavar="FOLDER")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    folder = pathlib.Path(arguments.search)
    if not (folder / LOG).is_file():
        raise UsageError(f"{folder} must be the folder of a search with a generation in {LOG}")
    claim = json.loads((folder / CLAIM).read_text(encoding="utf-8"))
    settings = {name: claim[name] for name in ("population", "objectives", "measures")}
    write_results(NAME, {"settings": settings, "candidates": read_candidates(folder)}, stamp())


if __name__ == "__main__":
    sys.exit(
        run_command("python -m benchmarks.recorded_search", __doc__, configure, run, sys.argv[1:])
    )
