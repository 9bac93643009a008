"""Calibration and rejection of a finished .tflite: only its description is written again, the model stays as it is."""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.files import write_bytes
from pqrnn_tf.runtime.confidence import Rejection
from pqrnn_tf.runtime.decoding import Decoder
from pqrnn_tf.runtime.metadata import Metadata, read_model, replace_metadata
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.results import decode_outputs
from pqrnn_tf.tasks.calibration import FEWEST_ROWS, ScoredRows, fit_calibration
from pqrnn_tf.tasks.metrics import Answer
from pqrnn_tf.tasks.rejection import (
    fit_rejection,
    needs_general_texts,
    outside_intent,
    texts_of_drawn_words,
)

_LOG = logging.getLogger(__name__)


def calibrate_file(
    path: str | os.PathLike[str],
    development: Sequence[Example],
    *,
    general: Sequence[str] = (),
    reject_at: float | None = None,
) -> Metadata:
    """Fits calibration and rejection to a .tflite and writes both into its description.

    What the file had of them before is replaced. With fewer than `FEWEST_ROWS` rows it has no calibration.

    Args:
        path: The file.
        development: Rows that the model was not trained on.
        general: Texts that belong to no intent, see `fit_rejection`. Where they are needed and there are none, texts of
            words that are drawn from the rows stand in for them.
        reject_at: Share of the requests out of scope that may be accepted, from 0 to 1. `None` for a rejection
            only where `development` has rows out of scope, with the threshold that suits both kinds best.

    Returns:
        The new description.

    Raises:
        FileNotFoundError, ModelFileError, SpecError: as `Parser` does.
        ValueError: if `reject_at` is not from 0 to 1, or there is nothing to choose a threshold by.
    """
    content, metadata = read_model(path)
    parser = Parser(path)
    outputs = [_kept(parser.logits(row.text)) for row in development]

    def answers(rejection: Rejection | None) -> list[Answer]:
        decoder = Decoder(metadata.labels, rejection=rejection, keep_evidence=True)
        return [
            Answer(*decode_outputs(own, decoder, text=row.text), own["intent"])
            for row, own in zip(development, outputs, strict=True)
        ]

    def of_texts(texts: Sequence[str]) -> list[Answer]:
        decoder = Decoder(
            metadata.labels, rejection=outside_intent(metadata.labels), keep_evidence=True
        )
        found = [(text, parser.logits(text)) for text in texts]
        return [
            Answer(*decode_outputs(own, decoder, text=text), own["intent"]) for text, own in found
        ]

    drawn = not general and needs_general_texts(development, reject_at)
    rejection = fit_rejection(
        development,
        answers(outside_intent(metadata.labels)),
        metadata.labels,
        general=of_texts(general),
        drawn=of_texts(texts_of_drawn_words(development) if drawn else ()),
        rate=reject_at,
    )
    calibration = fit_calibration(ScoredRows.of(development, answers(rejection)))
    if calibration is None:
        _LOG.info("no calibration: it needs %d development rows", FEWEST_ROWS)
    changed = dataclasses.replace(metadata, calibration=calibration, rejection=rejection)
    write_bytes(path, replace_metadata(content, changed))
    return changed


def _kept(outputs: dict[str, Any]) -> dict[str, np.ndarray]:
    """Outputs without what lies behind the last token."""
    length = int(outputs["length"])
    return {
        name: value[:length].copy() if name in ("slots", "nested", "spans") else value.copy()
        for name, value in outputs.items()
    }
