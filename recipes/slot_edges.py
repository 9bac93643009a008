"""Writes into a published model which punctuation its slots begin and end with, found in its training rows.

    python -m recipes.slot_edges --model pretrained/snips --data ../shared/data/snips

A training finds it by itself; this is for models that were trained before. Only the description inside the .tflite is
written again, `labels.json` and the labels in `model.json`; the model itself and its weights stay, byte for byte. The
size of the file in `scores.json` and on the card is that of the new file; `python -m recipes.publish` without `--run`
scores it again.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.files import write_json
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.metadata import read_model
from recipes.published_model import rewrite_description

if TYPE_CHECKING:
    from pqrnn_tf.datasets.rows import Example

LABELS, PRESET = "labels.json", "model.json"


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("model", "Folder of the model.", required=True, metavar="FOLDER")
    parser.flag(
        "data", "The corpus that it was trained on.", required=True, repeat=True, metavar="DATA"
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    from pqrnn_tf.datasets import load_mixture

    rows = load_mixture(arguments.data, languages="en").training
    labels = write_edges(pathlib.Path(arguments.model), rows)
    print(json.dumps(labels.to_dict()["edges"], ensure_ascii=False))


def write_edges(folder: pathlib.Path, rows: Sequence[Example]) -> LabelSet:
    """Writes the edges of slots into a published model.

    Args:
        folder: Its folder.
        rows: The training rows, as they are.

    Returns:
        The new labels.

    Raises:
        FileNotFoundError, ModelFileError: if there is no such model.
        UsageError: if the rows have no value of any of its slots.
    """
    from pqrnn_tf.tasks.label_collection import slot_edges

    _, metadata = read_model(folder / "model.tflite")
    edges = slot_edges(rows, metadata.labels)
    if not edges:
        raise UsageError(
            "--data must be the corpus that the model was trained on. Received: rows without a value of any of its "
            f"slots, {list(metadata.labels.slot_names)[:10]}."
        )
    labels = dataclasses.replace(metadata.labels, edges=edges)
    rewrite_description(folder, dataclasses.replace(metadata, labels=labels))
    write_json(folder / LABELS, labels.to_dict())
    if (folder / PRESET).is_file():  # what a training starts from
        preset = json.loads((folder / PRESET).read_text(encoding="utf-8"))
        preset["model"]["config"]["labels"] = labels.to_dict()
        write_json(folder / PRESET, preset)
    return labels


if __name__ == "__main__":
    sys.exit(run_command("python -m recipes.slot_edges", __doc__, configure, run, sys.argv[1:]))
