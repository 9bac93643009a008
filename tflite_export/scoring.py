"""Scores of a model file, through the runtime that its kind has."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Sequence

from pqrnn_tf.datasets.examples import Example
from pqrnn_tf.tasks.decoding import decode
from pqrnn_tf.tasks.metrics import Scores, score_parsed
from tflite_export.parser import Parser


def score_file(path: str | os.PathLike[str], examples: Sequence[Example]) -> Scores:
    """Scores a `.keras` or `.tflite` file.

    Raises:
        FileNotFoundError, ModelFileError, SpecError: as `Parser` does.
        ValueError: if the file is of another kind.
    """
    file = pathlib.Path(path)
    if file.suffix == ".tflite":
        return score_parser(Parser(file), examples)
    if file.suffix != ".keras":
        raise ValueError(f"`path` must be a .keras or a .tflite file. Received: {str(path)!r}.")
    if not file.is_file():
        raise FileNotFoundError(f"`path` must be a model file. Received: {str(path)!r}, not found.")
    import keras

    import pqrnn_tf.tasks.intent_slots  # noqa: F401  (registers the classes)
    from pqrnn_tf.tasks.parsing import score_model

    return score_model(keras.models.load_model(file, compile=False), examples)


def score_parser(parser: Parser, examples: Sequence[Example]) -> Scores:
    """Scores a parser on the stock runtime."""
    parsed = []
    for example in examples:
        outputs = parser.logits(example.text)
        length = int(outputs["length"])
        spans = [(int(start), int(end)) for start, end in outputs["spans"][:length]]
        parse = decode(outputs["intent"], outputs["slots"], length, parser.labels)
        parsed.append((spans, parse))
    return score_parsed(examples, parsed)
