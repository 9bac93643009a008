"""Writes into a published model which kinds of values its slots have, found in the training rows of its corpus.

    python -m recipes.value_kinds --model pretrained/mtop_en_1mb --data ../shared/data/mtop_en

A training finds them by itself; this is for models that were trained before. Only the description inside the .tflite
is written again, and `labels.json`; the model itself stays, byte for byte. The size of the file in
`scores.json` and on the card is that of the new file.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import sys

from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.files import write_json
from pqrnn_tf.runtime.labels import nested_steps
from pqrnn_tf.runtime.metadata import read_model
from recipes.published_model import rewrite_description

LABELS = "labels.json"


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("model", "Folder of the model.", required=True, metavar="FOLDER")
    parser.flag(
        "data", "The corpus that it was trained on.", required=True, repeat=True, metavar="DATA"
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    from pqrnn_tf.datasets import read_rows
    from pqrnn_tf.tasks.label_collection import value_kinds

    rows = read_rows(arguments.data).splits.get("train", [])
    kinds = value_kinds(rows)
    if not kinds:
        raise UsageError(
            "no kind of value was found: there are no training rows, or the extra `values` is not installed"
        )
    write_kinds(pathlib.Path(arguments.model), dict(kinds))
    print(json.dumps(dict(kinds)))


def write_kinds(folder: pathlib.Path, kinds: dict[str, str]) -> None:
    """Writes kinds of values into a published model.

    Args:
        folder: Its folder.
        kinds: For each slot its kind; slots that the model does not know are left out.

    Raises:
        FileNotFoundError, ModelFileError: if there is no such model.
    """
    _, metadata = read_model(folder / "model.tflite")
    nested = [nested_steps(tag) for tag in metadata.labels.nested]
    slots = set(metadata.labels.slot_names) | {step.slot for steps in nested for step in steps}
    kept = tuple((name, kind) for name, kind in sorted(kinds.items()) if name in slots)
    labels = dataclasses.replace(metadata.labels, values=kept)
    rewrite_description(folder, dataclasses.replace(metadata, labels=labels))
    write_json(folder / LABELS, labels.to_dict())


if __name__ == "__main__":
    sys.exit(run_command("python -m recipes.value_kinds", __doc__, configure, run, sys.argv[1:]))
