"""Answers and scores of a model file, through the runtime that its kind has."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Callable, Sequence

from pqrnn_tf.datasets.examples import Example
from pqrnn_tf.tasks.decoding import decode
from pqrnn_tf.tasks.labels import LabelSet
from pqrnn_tf.tasks.metrics import Answer, Scores, score_parsed
from tflite_export.parser import Parser


@dataclasses.dataclass(frozen=True)
class FileModel:
    """A model read from a file of either kind.

    Attributes:
        labels: Names in the order of its logits.
        answers: Answers texts, in order.
    """

    labels: LabelSet
    answers: Callable[[Sequence[str]], list[Answer]]

    def score(self, examples: Sequence[Example]) -> Scores:
        """Scores of the parses of some rows."""
        return score_answers(examples, self.answers([example.text for example in examples]))


def open_model(path: str | os.PathLike[str]) -> FileModel:
    """Reads a `.keras` or `.tflite` file; the latter runs on the stock runtime.

    Raises:
        FileNotFoundError, ModelFileError, SpecError: as `Parser` does.
        ValueError: if the file is of another kind.
    """
    file = pathlib.Path(path)
    if file.suffix == ".tflite":
        parser = Parser(file)
        return FileModel(parser.labels, lambda texts: [_answer(parser, text) for text in texts])
    if file.suffix != ".keras":
        raise ValueError(f"`path` must be a .keras or a .tflite file. Received: {str(path)!r}.")
    if not file.is_file():
        raise FileNotFoundError(f"`path` must be a model file. Received: {str(path)!r}, not found.")
    import keras

    import pqrnn_tf.tasks.intent_slots  # noqa: F401  (registers the classes)
    from pqrnn_tf.tasks.parsing import answer_texts

    model = keras.models.load_model(file, compile=False)
    return FileModel(model.labels, lambda texts: answer_texts(model, texts))


def score_file(path: str | os.PathLike[str], examples: Sequence[Example]) -> Scores:
    """Scores a `.keras` or `.tflite` file.

    Raises:
        FileNotFoundError, ModelFileError, SpecError, ValueError: as `open_model` does.
    """
    return open_model(path).score(examples)


def score_parser(parser: Parser, examples: Sequence[Example]) -> Scores:
    """Scores a parser on the stock runtime."""
    return score_answers(examples, [_answer(parser, example.text) for example in examples])


def score_answers(examples: Sequence[Example], answers: Sequence[Answer]) -> Scores:
    """Scores the parses in some answers, one for each row."""
    return score_parsed(examples, [(answer.spans, answer.parse) for answer in answers])


def _answer(parser: Parser, text: str) -> Answer:
    outputs = parser.logits(text)
    length = int(outputs["length"])
    spans = [(int(start), int(end)) for start, end in outputs["spans"][:length]]
    parse = decode(outputs["intent"], outputs["slots"], length, parser.labels)
    return Answer(spans, parse, outputs["intent"])
