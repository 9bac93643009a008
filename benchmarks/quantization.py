"""What 8 bits cost: a trained model as floats and in every way it can be exported, scored on development rows.

Each file is scored through the stock runtime. With `--epochs` the training of the model also resumes for some epochs
with rounding (`train --quantized_from`), as float and as 8-bit file.

    python -m benchmarks.quantization --run runs/en --data mtop --epochs 3 --work runs/quantization

`results/quantization.json` holds one entry per model; a model measured again replaces its own.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import sys
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.records import read_results, stamp, summary, time_in_turns, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least
from pqrnn_tf.commands.running import run_command

if TYPE_CHECKING:
    from pqrnn_tf.datasets.rows import Example
    from pqrnn_tf.tasks.config import TrainingConfig

NAME = "quantization"
BITS = {"none": "floats", "int8_weights": "8-bit weights", "int8": "8-bit weights and activations"}
"""Values of `quantization`, and what the tables call them."""
TEXTS = 200
"""Texts that are timed."""


def measure_model(
    folder: pathlib.Path,
    training: Sequence[Example],
    development: Sequence[Example],
    *,
    aware: tuple[TrainingConfig, pathlib.Path] | None = None,
) -> list[dict[str, Any]]:
    """Scores a model as floats in Keras and as files.

    Args:
        folder: Has `model.keras`.
        training: Rows to calibrate and to train with.
        development: Rows to score.
        aware: How and where to train with rounding; `None` not to.

    Returns:
        A row for each variant: `training` (`"floats"` or `"quantisation-aware"`), `variant`, `scores`, and of
        files `bytes`, `time` in microseconds and the share of parses that are those of Keras.
    """
    import keras

    from pqrnn_tf.tasks.quantized_training import train_quantized

    model = keras.models.load_model(folder / "model.keras", compile=False)
    rows = _variants(model, training, development, "floats", list(BITS))
    if aware is not None:
        config, output = aware
        train_quantized(model, config, training, development, output, verbose=2)
        rows += _variants(model, training, development, "quantisation-aware", ["int8"])
    return rows


def _variants(
    model: Any,
    training: Sequence[Example],
    development: Sequence[Example],
    trained: str,
    quantizations: Sequence[str],
) -> list[dict[str, Any]]:
    from pqrnn_tf.runtime.parser import Parser
    from pqrnn_tf.tasks.parsing import score_model
    from pqrnn_tf.tasks.scoring import score_parser
    from tflite_export.converter import convert
    from tflite_export.parity import compare

    calibration = [row.text for row in training]
    texts = [row.text for row in development]
    scores = score_model(model, development).to_dict()
    rows: list[dict[str, Any]] = [{"training": trained, "variant": "keras", "scores": scores}]
    parsers = {}
    with tempfile.TemporaryDirectory() as folder:
        for quantization in quantizations:
            path = pathlib.Path(folder) / f"{quantization}.tflite"
            content = convert(
                model,
                path=path,
                quantization=quantization,
                calibration=calibration if quantization == "int8" else (),
            )
            parser = parsers[quantization] = Parser(path)
            report = compare(model, parser, texts)
            rows.append(
                {
                    "training": trained,
                    "variant": quantization,
                    "scores": score_parser(parser, development).to_dict(),
                    "bytes": len(content),
                    "same_parse": round(report.same_parse, 4),
                    "largest_difference": round(report.largest_difference, 4),
                    "tolerance": round(report.tolerance, 4),
                }
            )
    seconds = time_in_turns(
        {name: parser.logits for name, parser in parsers.items()}, texts[:TEXTS], rounds=5
    )
    for row in rows[1:]:
        row["time"] = summary(seconds[row["variant"]])
    return rows


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.section("model")
    parser.flag("run", "Output folder of `pqrnn train`.", required=True, metavar="FOLDER")
    parser.flag(
        "data",
        "Folder of the corpus that it was trained on: training rows calibrate, development rows are scored. It may "
        "name its languages: FOLDER:de,fr or FOLDER:all.",
        repeat=True,
        required=True,
        metavar="FOLDER",
    )
    parser.flag("title", "What the table calls the model.", shown="the folder's name")
    parser.section("quantisation-aware training")
    parser.flag("epochs", "Its epochs; 0 for none.", type=at_least(0), default=0)
    parser.flag(
        "rate", "Its learning rate, as a share of the model's own.", type=float, default=0.1
    )
    parser.flag("work", "Folder for it; needed with --epochs.", metavar="FOLDER")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    if not arguments.epochs:
        arguments.refuse(["rate", "work"], "they belong to --epochs")
    elif arguments.work is None:
        raise UsageError("--work must be given with --epochs")
    from pqrnn_tf.datasets import load_mixture
    from pqrnn_tf.tasks.config import TrainingConfig

    made = stamp()
    folder = pathlib.Path(arguments.run)
    notes = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    mixture = load_mixture(arguments.data)
    aware = None
    if arguments.epochs:
        config = TrainingConfig.from_dict(notes["config"])
        rate = arguments.rate * config.learning_rate
        config = dataclasses.replace(config, epochs=arguments.epochs, learning_rate=rate)
        aware = config, pathlib.Path(arguments.work)
    rows = measure_model(folder, mixture.training, mixture.development, aware=aware)
    before = read_results(NAME) or {"models": {}}
    title = arguments.title or folder.resolve().name
    entry = {"stamp": made, "epochs": arguments.epochs, "rate": arguments.rate, "rows": rows}
    write_results(NAME, {"models": {**before["models"], title: entry}}, made)


if __name__ == "__main__":
    sys.exit(
        run_command("python -m benchmarks.quantization", __doc__, configure, run, sys.argv[1:])
    )
