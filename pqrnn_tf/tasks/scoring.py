"""Answers and scores of a model file, through the runtime that its kind has."""

from __future__ import annotations

import dataclasses
import logging
import os
import pathlib
from collections.abc import Callable, Sequence
from typing import Any

from pqrnn_tf.datasets.rows import OUT_OF_SCOPE, Example
from pqrnn_tf.runtime.decoding import Decoder
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.metadata import Metadata
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.results import decode_outputs
from pqrnn_tf.tasks.attack import Attack, attack_rows
from pqrnn_tf.tasks.calibration import ScoredRows, measure_scores
from pqrnn_tf.tasks.keras_files import load_keras_model, parser_labels
from pqrnn_tf.tasks.metrics import Answer, Scores, score_parsed
from pqrnn_tf.tasks.out_of_scope import ScopeRows, score_scope
from pqrnn_tf.tasks.rejection import chose_rejection, score_rejection
from pqrnn_tf.tasks.surface import KEYBOARD, Verdicts, Writing, surface_losses

_LOG = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class FileModel:
    """A model read from a file of either kind.

    Attributes:
        labels: Names in the order of its logits.
        answers: Answers texts, in order.
        metadata: The description of a .tflite file; `None` of a model of another kind.
    """

    labels: LabelSet
    answers: Callable[[Sequence[str]], list[Answer]]
    metadata: Metadata | None = None

    def score(self, examples: Sequence[Example]) -> Scores:
        """Scores of the parses of some rows."""
        return score_answers(examples, self.answers([example.text for example in examples]))


def open_model(path: str | os.PathLike[str]) -> FileModel:
    """Reads a `.keras` or `.tflite` file; the latter runs on the stock runtime.

    Raises:
        FileNotFoundError, ModelFileError, SpecError: as `Parser` does.
        ValueError: if the file is of another kind or damaged, or holds no parser with labels.
    """
    file = pathlib.Path(path)
    if file.suffix == ".tflite":
        parser = Parser(file)
        metadata = parser.metadata
        decoder = Decoder(
            parser.labels,
            calibration=metadata.calibration,
            rejection=metadata.rejection,
            keep_evidence=True,
        )

        def answers(texts: Sequence[str]) -> list[Answer]:
            found = [(text, parser.logits(text)) for text in texts]
            return [
                Answer(*decode_outputs(own, decoder, text=text), own["intent"])
                for text, own in found
            ]

        return FileModel(parser.labels, answers, metadata)
    if file.suffix != ".keras":
        raise ValueError(f"`path` must be a .keras or a .tflite file. Received: {str(path)!r}.")
    if not file.is_file():
        raise FileNotFoundError(f"`path` must be a model file. Received: {str(path)!r}, not found.")
    labels = parser_labels(file)
    from pqrnn_tf.tasks.parsing import answer_texts

    model = load_keras_model(file)
    return FileModel(labels, lambda texts: answer_texts(model, texts))


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


def measure(
    model: FileModel,
    examples: Sequence[Example],
    *,
    development: Callable[[], Sequence[Example]] | None = None,
    typos: Sequence[float] = (),
    surface: Sequence[Writing] = (),
    attack: Attack | None = None,
    seed: int = 1,
) -> dict[str, Any]:
    """Scores of a model on some rows, on their scope and on the rows written in other ways.

    Args:
        model: A model that `open_model` read.
        examples: The rows; every row counts.
        development: Reads the rows that choose the threshold of rows out of scope; called only where `examples` has
            such rows and the model has no threshold of its own. `None` where `examples` are development rows
            themselves, each half of which is then scored with the threshold of the other.
        typos: Shares of the words of each row that get a keyboard error.
        surface: Ways of writing whose losses are measured, such as `writings()`.
        attack: An attack to measure; `None` for none.
        seed: Seed of the typing errors and the ways of writing.

    Returns:
        Plain JSON values: those of `Scores.to_dict`; of a .tflite what `measure_scores` says of its scores;
        `out_of_scope` (`ScopeScores.to_dict`) where the rows have at least two in and two out of scope, and the model
        a threshold or development rows of both kinds choose one, which the log says if not; `typos`, where
        shares are given: for each `share` and `seed`, what it costs in flat exact match (`lost`) and the scores;
        `surface`, where ways are given: what `surface_losses` says of each; `attack`, where one is given: what
        `Attacked.to_dict` says.

    Raises:
        ValueError: if there are no rows, a way has no such form, or a share is not from 0 to 1.
    """
    noisy = {share: Writing(KEYBOARD, share).rows(examples, seed=seed) for share in typos}
    answers = model.answers([example.text for example in examples])
    record = measure_answers(model, examples, answers, development=development)
    if noisy:
        record["typos"] = []
    for share, changed in noisy.items():
        under = model.score(changed)
        lost = round(record["flat_exact_match"] - under.flat_exact_match, 2)
        record["typos"].append({"share": share, "seed": seed, "lost": lost, **under.to_dict()})
    if surface:
        known = {row.text: answer for row, answer in zip(examples, answers, strict=True)}
        verdicts = Verdicts(model.answers, known)
        record["surface"] = surface_losses(verdicts, examples, surface, seed=seed)
    if attack is not None:
        record["attack"] = attack_rows(model.answers, examples, attack).to_dict()
    return record


def measure_answers(
    model: FileModel,
    examples: Sequence[Example],
    answers: Sequence[Answer],
    *,
    development: Callable[[], Sequence[Example]] | None = None,
) -> dict[str, Any]:
    """Scores of a model on some rows as they are, and on their scope: the first part of what `measure` does.

    Where the model's calibration was fitted to as many development rows as these, it is taken to be these, and so is a
    rejection that as many rows out of scope have chosen: of each half of them both are then measured on the other one.

    Args:
        model, examples, development: As `measure` takes them.
        answers: The model's answers to the rows.
    """
    record = score_answers(examples, answers).to_dict()
    calibration = rejection = None
    halves = False
    if model.metadata is not None:
        calibration, rejection = model.metadata.calibration, model.metadata.rejection
        scored = ScoredRows.of(examples, answers)
        halves = development is None and (
            calibration is None or calibration.notes.get("rows") == len(scored.evidence)
        )
        record |= measure_scores(scored, halves=halves and calibration is not None)
    outside = sum(example.intent == OUT_OF_SCOPE for example in examples)
    # Two of either kind are the fewest that can be cut in halves.
    if min(outside, len(examples) - outside) < 2:
        return record
    if rejection is not None:
        halves = halves and chose_rejection(rejection, examples, answers)
        scope = score_rejection(examples, answers, model.labels, rejection, halves=halves)
    else:
        held_out = None
        if development is not None:
            others = development()
            kinds = {row.intent == OUT_OF_SCOPE for row in others}
            if len(kinds) < 2:
                _LOG.warning(
                    "rows out of scope are not scored apart: no development rows of both kinds choose a threshold"
                )
                return record
            held_out = _scope_rows(model, others, model.answers([row.text for row in others]))
        scope = score_scope(_scope_rows(model, examples, answers), development=held_out)
    return {**record, "out_of_scope": scope.to_dict()}


def _scope_rows(
    model: FileModel, examples: Sequence[Example], answers: Sequence[Answer]
) -> ScopeRows:
    logits = [answer.intent_logits for answer in answers]
    return ScopeRows.of(examples, logits, model.labels)


def _answer(parser: Parser, text: str) -> Answer:
    outputs = parser.logits(text)
    return Answer(*decode_outputs(outputs, parser.decoder, text=text), outputs["intent"])
