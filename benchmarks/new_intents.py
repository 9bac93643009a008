"""Intents added without training: CLINC150's development rows, every tenth intent held out of a model's training.

    python -m benchmarks.new_intents --model encoder_en_2mb

A model of the other 135 intents is trained, with the defaults of `IntentSlotModel.fit`, on their 10 official rows each.
The 15 intents are then added to its .tflite by their 5 or 10 official rows, before and after the training rows of the
135 were told. And, without a model, all 150 are added. The constants of `runtime/prototypes.py` were chosen on these
development rows, with the vectors of all-MiniLM-L6-v2 and of an earlier encoder, and random choices of the intents that
are held out.
"""

from __future__ import annotations

import functools
import pathlib
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.records import CORPORA, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.datasets.formats.seq_files import read_seq_files
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.presets import model_file
from pqrnn_tf.runtime.prototypes import REJECTED_SHARE, IntentPrototypes
from pqrnn_tf.runtime.results import Parse
from pqrnn_tf.runtime.text_encoder import Encoder

FOLDER = CORPORA / "few_shot" / "clinc150"
SHOTS = (5, 10)
EVERY = 10
"""Of the intents in alphabetical order, one of so many is held out."""


class RememberingEncoder(Encoder):
    """An encoder that encodes each text once."""

    def __init__(self, model: str):
        super().__init__(model)
        self._found: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def vectors_and_cuts(
        self, texts: Iterable[str], *, threads: int = 1
    ) -> tuple[np.ndarray, np.ndarray]:
        """As `Encoder.vectors_and_cuts`."""
        texts = list(texts)
        for text in texts:
            if text not in self._found:
                self._found[text] = super().vectors_and_cuts([text])
        found = [self._found[text] for text in texts]
        return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))  # type: ignore[return-value]


def phrases_of(rows: Sequence[Example]) -> dict[str, list[str]]:
    """Texts by intent, in alphabetical order."""
    found: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: row.intent):
        found.setdefault(row.intent, []).append(row.text)
    return found


def accuracy(parses: Sequence[Parse], rows: Sequence[Example]) -> float:
    """Share of the parses with the intent of the row, in percent."""
    right = sum(parse.intent == row.intent for parse, row in zip(parses, rows, strict=True))
    return round(100 * right / len(rows), 2)


def rejected(parses: Sequence[Parse]) -> float:
    """Share of the parses without an intent, in percent."""
    return round(100 * sum(parse.intent is None for parse in parses) / len(parses), 2)


def alone(
    encoder: Encoder,
    phrases: Mapping[str, Sequence[str]],
    rows: Sequence[Example],
    outside: Sequence[str],
) -> dict[str, float]:
    """Scores of all intents without a model."""
    scores = {}
    for name, share in (("accuracy", 0.0), ("accuracy_with_rejection", REJECTED_SHARE)):
        intents = IntentPrototypes(encoder, rejected_share=share)
        for intent, own in phrases.items():
            intents.add_intent(intent, own)
        scores[name] = accuracy(intents([row.text for row in rows]), rows)
    return {**scores, "outside_rejected": rejected(intents(outside))}


def train_others(rows: Sequence[Example], path: pathlib.Path, epochs: int | None) -> None:
    """Trains a model on rows and exports it."""
    import keras

    from pqrnn_tf.tasks.intent_slots import IntentSlotModel

    keras.utils.set_random_seed(0)
    model = IntentSlotModel()
    model.fit([row.text for row in rows], [row.intent for row in rows], epochs=epochs, verbose=0)
    model.export(path)


def beside(
    parser: Parser,
    encoder: Encoder,
    added: Mapping[str, Sequence[str]],
    told: Mapping[str, Sequence[str]],
    parts: Mapping[str, Sequence[Example]],
) -> dict[str, float]:
    """Scores of the rows of added and of trained intents."""
    parser.encoder = encoder if added else None
    if added:
        for intent, own in added.items():
            parser.add_intent(intent, own)
        for intent, own in told.items():
            parser.add_phrases(intent, own)
    parses = {name: parser([row.text for row in rows]) for name, rows in parts.items()}
    return {name: accuracy(parses[name], rows) for name, rows in parts.items()}


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag(
        "model", "An encoder: a pretrained one's name, or a .tflite file.", default="encoder_en_2mb"
    )
    parser.flag("parser", "The .tflite of a model of the other intents, instead of training one.")
    parser.flag(
        "epochs", "Passes of the training.", type=at_least(1), shown="as many as `fit` takes"
    )
    parser.flag("keep", "Where to keep the .tflite of the trained model.", metavar="FILE")


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    made = stamp()
    encoder = RememberingEncoder(arguments.model)
    development = read_seq_files(FOLDER / "valid")
    outside = [row.text for row in read_seq_files(FOLDER / "oos_valid")]
    phrases = {n: phrases_of(read_seq_files(FOLDER / f"train_{n}")) for n in SHOTS}
    names = list(phrases[SHOTS[0]])
    new = names[::EVERY]
    parts = {
        "new": [row for row in development if row.intent in new],
        "trained": [row for row in development if row.intent not in new],
    }
    own = {name: texts for name, texts in phrases[10].items() if name not in new}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(arguments.parser or arguments.keep or f"{folder}/model.tflite")
        if not arguments.parser:
            rows = [Example(text, name, ()) for name, texts in own.items() for text in texts]
            train_others(rows, path, arguments.epochs)
        parser = Parser(path)
        parser.logits = functools.cache(parser.logits)  # type: ignore[method-assign]
        named = {"name": model_file(arguments.model).parent.name, "width": encoder.width}
        results: dict[str, Any] = {
            "encoder": {**named, "fingerprint": encoder.metadata.fingerprint},
            "intents": len(names),
            "new_intents": len(new),
            "alone": {str(n): alone(encoder, phrases[n], development, outside) for n in SHOTS},
            "before": beside(parser, encoder, {}, {}, {"trained": parts["trained"]}),
            "beside": {
                str(n): {
                    "untold": beside(parser, encoder, _of(phrases[n], new), {}, parts),
                    "told": beside(parser, encoder, _of(phrases[n], new), own, parts),
                }
                for n in SHOTS
            },
        }
    print(f"{write_results('new_intents', results, made)}: {results}")


def _of(phrases: Mapping[str, Sequence[str]], names: Sequence[str]) -> dict[str, Sequence[str]]:
    return {name: phrases[name] for name in names}


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.new_intents", __doc__, configure, run, sys.argv[1:]))
