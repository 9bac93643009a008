"""Lists the pretrained models that come with the package.

For each its size, languages, labels and scores from raw text on development rows, in percent; the card beside the file
says more. Any of the names is a --model of the other commands.

    pqrnn models
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pqrnn_tf.commands.arguments import Arguments, CommandParser

if TYPE_CHECKING:
    from pqrnn_tf.runtime.presets import PretrainedModel

_HEADER = ("name", "bytes", "languages", "intents", "slots", "exact match", "intent", "slot F1")


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.switch("json", "Write one JSON object instead, with the paths of the files.")


def run(arguments: Arguments) -> None:
    """Runs the command.

    Raises:
        FileNotFoundError: if the package was installed without models.
    """
    from pqrnn_tf.runtime.presets import pretrained_models

    models = pretrained_models()
    if not models:
        raise FileNotFoundError(
            "there are no pretrained models in this installation; install the package from its wheel or its checkout"
        )
    records = {name: _record(model) for name, model in models.items()}
    if arguments.json:
        print(json.dumps(records, ensure_ascii=False))
        return
    rows = [_HEADER, *(_cells(name, record) for name, record in records.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    for row in rows:
        cells = [
            cell.ljust(width) if column in (0, 2) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def _record(model: PretrainedModel) -> dict[str, Any]:
    from pqrnn_tf.runtime.metadata import read_metadata

    labels = read_metadata(model.path).labels
    parts = model.scores.get("parts", [])
    return {
        "path": str(model.path),
        "bytes": model.bytes,
        "languages": list(dict.fromkeys(part["language"] for part in parts)),
        "intents": len(labels.intents),
        "slots": len(labels.slot_names),
        "scores": {
            name: model.scores["tflite"][name]
            for name in ("flat_exact_match", "intent_accuracy", "slot_f1")
            if name in model.scores.get("tflite", {})
        },
        "licence": model.licence,
    }


def _cells(name: str, record: dict[str, Any]) -> tuple[str, ...]:
    scores = record["scores"]
    return (
        name,
        f"{record['bytes']:,}",
        " ".join(record["languages"]),
        str(record["intents"]),
        str(record["slots"]),
        *(
            f"{scores[field]:.1f}" if field in scores else ""
            for field in ("flat_exact_match", "intent_accuracy", "slot_f1")
        ),
    )
