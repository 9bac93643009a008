"""What sentence vectors are worth: similarity of sentences, and intents from five and ten phrases each.

    python -m benchmarks.sentence_vectors --teacher minilm=runs/minilm/bert --model encoder_en_2mb
    python -m benchmarks.sentence_vectors --model "first=runs/encoder_first"
    python -m benchmarks.sentence_vectors --stsb --teacher before=runs/bert/bert --teacher after=runs/bert/encoder

Spearman's correlation of the cosines with what people said of the development rows of STS-B, in each language asked
for; and the accuracy of logistic regression over frozen vectors on the development rows of three corpora of intents,
trained on their official 5 and 10 rows an intent, beside TF-IDF and logistic regression; with `--mtop`, the same of
MTOP's flat rows in other languages, of which 10 an intent are drawn. Each call adds its systems to
those of former calls; one of the same title is replaced. A .tflite, or a preset that has one, is measured as such. Of a
BERT that `pqrnn mirror` trained, the settings stand beside its scores.
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.records import CORPORA, read_results, stamp, write_results
from benchmarks.small_data import PER_INTENT, baseline, draw
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.datasets import load_split
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.distillation.mirroring_config import ENCODER
from pqrnn_tf.files import CLAIM
from recipes.encoder_scores import (
    FEW_SHOT,
    LANGUAGES,
    REGRESSION,
    SHOTS,
    Encode,
    accuracy,
    rows_of,
    scores,
)

NAME = "sentence_vectors"
TFIDF = "TF-IDF"
MTOP_LANGUAGES = ("de", "es", "fr", "hi", "th")
"""Languages of MTOP's flat rows, beside English."""


def tfidf(corpus: str) -> dict[str, float]:
    """The same of TF-IDF of words and letters."""
    development = rows_of(CORPORA, corpus, "valid")
    return {
        shots: baseline(rows_of(CORPORA, corpus, shots), development)["intent_accuracy"]
        for shots in SHOTS
    }


def rows_in(language: str) -> tuple[list[Example], list[Example]]:
    """Ten rows an intent of MTOP's flat training rows in a language, and its development rows."""
    folder = CORPORA / "mtop_flat"
    training, development = (
        load_split(folder, split, language=language) for split in ("train", "dev")
    )
    return draw(training, PER_INTENT, seed=1), development


def encoder(key: str) -> tuple[Encode, int | None]:
    """How a model encodes, and the bytes of its .tflite; `None` for weights in single precision."""
    import pqrnn_tf
    from pqrnn_tf.runtime.presets import model_file
    from pqrnn_tf.tasks.sentence_encoder import SentenceEncoder

    try:
        path = model_file(key)
    except FileNotFoundError:
        return SentenceEncoder.from_preset(key).encode, None
    return pqrnn_tf.load(path).encode, path.stat().st_size  # type: ignore[union-attr]


def teacher(folder: str) -> Encode:
    """How a teacher without heads encodes."""
    import tensorflow as tf

    from pqrnn_tf.teachers.bert.tfhub_bert import TFHubBertTeacher

    opened = TFHubBertTeacher(folder, labels=None)

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
    def vectors(text: tf.Tensor) -> tf.Tensor:
        return opened.vectors(text)

    def encode(texts: Sequence[str]) -> np.ndarray:
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        found: dict[int, np.ndarray] = {}
        for begin in range(0, len(order), 32):
            part = order[begin : begin + 32]
            answers = vectors(tf.constant([texts[i] for i in part])).numpy()
            found |= dict(zip(part, answers, strict=True))
        return np.stack([found[i] for i in range(len(texts))])

    return encode


def training_of(folder: str) -> dict[str, Any]:
    """What the folder around a mirrored BERT says of its training; nothing for another one."""
    around = pathlib.Path(folder).parent
    if pathlib.Path(folder).name != ENCODER or not (around / CLAIM).is_file():
        return {}
    claim = json.loads((around / CLAIM).read_text(encoding="utf-8"))
    last = (around / "log.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    return {"training": {"config": claim["config"], "last_round": json.loads(last)}}


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag(
        "model",
        "A preset, a folder of one or a .tflite, with a title before it or without.",
        repeat=True,
        metavar="TITLE=MODEL",
    )
    parser.flag(
        "teacher",
        "Folder of an encoder in TF-Hub's format, with a title.",
        repeat=True,
        metavar="TITLE=FOLDER",
    )
    parser.flag("languages", "Languages of STS-B, with commas between them.", default="en")
    parser.flag("mtop", "Languages of MTOP's flat rows, with commas between them.", default="")
    parser.switch("stsb", "Measure STS-B only, and no intents.")
    parser.switch("tfidf", "Measure TF-IDF and logistic regression too.")


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    if not arguments.model and not arguments.teacher and not arguments.tfidf:
        raise UsageError("give --model, --teacher or --tfidf")
    if arguments.stsb:
        arguments.refuse(["tfidf", "mtop"], "--stsb measures no intents")
    languages = arguments.languages.split(",")
    flat = arguments.mtop.split(",") if arguments.mtop else []
    for flag, given, known in (
        ("languages", languages, LANGUAGES),
        ("mtop", flat, MTOP_LANGUAGES),
    ):
        if unknown := sorted(set(given) - set(known)):
            raise UsageError(f"--{flag} must be some of {','.join(known)}, not {unknown}")
    rows = {language: rows_in(language) for language in flat}
    made = stamp()
    systems: dict[str, tuple[Encode, int | None]] = {}
    trainings: dict[str, dict[str, Any]] = {}
    for text in arguments.teacher:
        title, _, folder = text.rpartition("=")
        title = title or pathlib.Path(folder).name
        systems[title] = (teacher(folder), None)
        trainings[title] = training_of(folder)
    for text in arguments.model:
        title, _, key = text.rpartition("=")
        systems[title or key] = encoder(key)
    found: dict[str, Any] = {}
    if arguments.tfidf:
        found[TFIDF] = {"stamp": made, "few_shot": {name: tfidf(name) for name in FEW_SHOT}}
        if rows:
            found[TFIDF]["mtop"] = {
                language: baseline(*own)["intent_accuracy"] for language, own in rows.items()
            }
        print({name: found[TFIDF].get(name) for name in ("few_shot", "mtop")}, flush=True)
    for title, (encode, size) in systems.items():
        found[title] = {
            "stamp": made,
            "bytes": size,
            **trainings.get(title, {}),
            **scores(encode, CORPORA, languages, with_intents=not arguments.stsb),
        }
        if rows:
            found[title]["mtop"] = {
                language: accuracy(encode, *own) for language, own in rows.items()
            }
        print(title, {name: value for name, value in found[title].items() if name != "stamp"})
    former = (read_results(NAME) or {}).get("systems", {})
    write_results(NAME, {"regression": REGRESSION, "systems": {**former, **found}}, made)


if __name__ == "__main__":
    sys.exit(
        run_command("python -m benchmarks.sentence_vectors", __doc__, configure, run, sys.argv[1:])
    )
