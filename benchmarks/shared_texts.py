"""Counts the texts that two corpora share, and how often their labels agree there, for docs/distillation.md.

    python -m benchmarks.shared_texts --corpus mtop_en --other topv2
    python -m benchmarks.render

Texts are the same where they differ only in case, white space and punctuation (`folded` in
`pqrnn_tf/datasets/making/transfer.py`). Of several labels that the other corpus has for a text the first one counts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from absl import app, flags

from benchmarks.records import stamp, write_results
from benchmarks.tables.distillation import SHARED_TEXTS
from pqrnn_tf.datasets.rows import Example

_CORPUS = flags.DEFINE_string("corpus", None, "Folder of a corpus.", required=True)
_OTHER = flags.DEFINE_string(
    "other", None, "Folder of another; its training rows count.", required=True
)


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


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from pqrnn_tf.datasets.corpora.registry import corpus_of, load_split

    made = stamp()
    others = load_split(_OTHER.value, "train", on_error="report")
    splits = {
        split: shared_texts(load_split(_CORPUS.value, split, on_error="report"), others)
        for split in ("train", "dev")
    }
    names = {"corpus": corpus_of(_CORPUS.value).name, "other": corpus_of(_OTHER.value).name}
    write_results(SHARED_TEXTS, {**names, "splits": splits}, made)
    print(json.dumps(splits))


if __name__ == "__main__":
    app.run(main)
