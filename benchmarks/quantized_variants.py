"""A trained model in every number of bits, measured: what `benchmarks.quantization` writes."""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.records import summary, time_in_turns

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

    import pqrnn_tf.tasks.intent_slots  # noqa: F401  (registers the classes)
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
