"""Counts the texts that two corpora share, and how often their labels agree there, for docs/distillation.md.

    python -m benchmarks.shared_texts --corpus mtop_en --other topv2
    python -m benchmarks.render

Texts are the same where they differ only in case, white space and punctuation (`folded` in
`pqrnn_tf/datasets/folding.py`). Of several labels that the other corpus has for a text the first one counts.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.records import stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.datasets.rows import Example

NAME = "shared_texts"


def shared_texts(rows: Sequence[Example], others: Sequence[Example]) -> dict[str, Any]:
    """How many rows have a text of other rows, and with the same labels.

    Returns:
        `rows`; `shared`, those whose text others have; `same_intent` and `same_flat_parse`, those of
        `shared` with the same root intent, and with the same top-level slots too.
    """
    from pqrnn_tf.datasets.folding import folded
    from pqrnn_tf.tasks.metrics import gold_intent

    first: dict[str, Example] = {}
    for other in others:
        first.setdefault(folded(other.text), other)
    pairs = [(row, first[folded(row.text)]) for row in rows if folded(row.text) in first]
    same_intent = [pair for pair in pairs if gold_intent(pair[0]) == gold_intent(pair[1])]
    return {
        "rows": len(rows),
        "shared": len(pairs),
        "same_intent": len(same_intent),
        "same_flat_parse": sum(_slots(row) == _slots(other) for row, other in same_intent),
    }


def _slots(row: Example) -> list[tuple[str, str]]:
    from pqrnn_tf.datasets.folding import folded
    from pqrnn_tf.tasks.metrics import gold_slots

    return sorted((name, folded(words)) for name, words in gold_slots(row))


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("corpus", "Folder of a corpus.", required=True, metavar="FOLDER")
    parser.flag(
        "other", "Folder of another; its training rows count.", required=True, metavar="FOLDER"
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    from pqrnn_tf.datasets import corpus_of, load_split

    made = stamp()
    others = load_split(arguments.other, "train")
    splits = {
        split: shared_texts(load_split(arguments.corpus, split), others)
        for split in ("train", "dev")
    }
    names = {"corpus": corpus_of(arguments.corpus).name, "other": corpus_of(arguments.other).name}
    write_results(NAME, {**names, "splits": splits}, made)
    print(json.dumps(splits))


if __name__ == "__main__":
    sys.exit(
        run_command("python -m benchmarks.shared_texts", __doc__, configure, run, sys.argv[1:])
    )
