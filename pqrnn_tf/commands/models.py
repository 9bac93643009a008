"""Lists the pretrained models that come with the package.

For each parser its size, languages, labels and scores from raw text on development rows, in percent; for each encoder,
which gives sentence vectors, the length of these; the card beside the file says more. Any of the names is a --model of
the other commands: a parser's of `pqrnn parse`, an encoder's of `pqrnn embed`.

    pqrnn models
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pqrnn_tf.commands.arguments import Arguments, CommandParser

if TYPE_CHECKING:
    from pqrnn_tf.runtime.presets import PretrainedModel

PARSER, ENCODER = "parser", "encoder"
_HEADER = ("name", "bytes", "languages", "intents", "slots", "exact match", "intent", "slot F1")
_ENCODER_HEADER = (ENCODER, "bytes", "languages", "width")


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
    for header, cells, kind in (
        (_HEADER, _cells, PARSER),
        (_ENCODER_HEADER, _encoder_cells, ENCODER),
    ):
        own = [cells(name, record) for name, record in records.items() if record["kind"] == kind]
        if own:
            _print_table([header, *own])


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if column in (0, 2) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def _record(model: PretrainedModel) -> dict[str, Any]:
    from pqrnn_tf.runtime.metadata import EncoderMetadata

    parts = model.scores.get("parts", [])
    common = {
        "path": str(model.path),
        "bytes": model.bytes,
        "languages": model.scores.get(
            "languages", list(dict.fromkeys(part["language"] for part in parts))
        ),
        "licence": model.licence,
    }
    if isinstance(model.metadata, EncoderMetadata):
        return {**common, "kind": ENCODER, "width": model.metadata.width}
    labels = model.metadata.labels
    return {
        **common,
        "kind": PARSER,
        "intents": len(labels.intents),
        "slots": len(labels.slot_names),
        "scores": {
            name: model.scores["tflite"][name]
            for name in ("flat_exact_match", "intent_accuracy", "slot_f1")
            if name in model.scores.get("tflite", {})
        },
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


def _encoder_cells(name: str, record: dict[str, Any]) -> tuple[str, ...]:
    return name, f"{record['bytes']:,}", " ".join(record["languages"]), f"{record['width']}"
