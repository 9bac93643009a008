"""Few phrases an intent: a model from a sentence encoder, beside TF-IDF, a large encoder, and training from scratch.

    python -m benchmarks.few_shot                                # all that is not measured yet with this encoder
    python -m benchmarks.few_shot --corpora hwu64 --sizes 5,10 --again
    python -m benchmarks.few_shot --teacher all-MiniLM-L6-v2=FOLDER --systems teacher

All answer the development rows, which none sees before. 5 and 10 rows an intent are the official draws; 20 and 50 are
drawn by a seed. Nothing is chosen per corpus or size. What a row says of `ours` and `scratch` is said by the .tflite
file with 8-bit weights, from text. Rows that are in `results/few_shot.json` are left out, unless the encoder has other
weights or `--again` is given; each is written as soon as it is measured.
"""

from __future__ import annotations

import functools
import json
import os
import pathlib
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.records import CORPORA, read_results, stamp, write_results
from benchmarks.small_data import BASELINE, baseline, timed
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.datasets import load_split
from pqrnn_tf.datasets.rows import Example

NAME = "few_shot"
FOLDERS = {
    "banking77": "few_shot/banking77",
    "clinc150": "few_shot/clinc150",
    "hwu64": "few_shot/hwu64",
    "snips": "snips",
    "mtop": "mtop_en",
    "massive": "massive_en",
}
TITLES = {
    "banking77": "Banking77",
    "clinc150": "CLINC150",
    "hwu64": "HWU64",
    "snips": "SNIPS",
    "mtop": "MTOP English",
    "massive": "MASSIVE English",
}
INTENTS_ONLY = ("banking77", "clinc150", "hwu64")
ALL = "all"
SLOT_SIZES = {"snips": ("10", "50"), "mtop": ("10", "50"), "massive": (ALL,)}
"""What is measured of corpora with slots."""
SIZES = ("5", "10", "20", "50", ALL)
OFFICIAL = ("5", "10")
"""Sizes that come as splits of their own."""
SYSTEMS = {
    "ours": "from the encoder",
    "tfidf": "TF-IDF and logistic regression",
    "teacher": "all-MiniLM-L6-v2 and logistic regression",
    "scratch": "from drawn weights",
}
KEPT = ("intent_accuracy", "slot_f1", "flat_exact_match")
TEACHER_PENALTY = 10.0
"""C of the logistic regression over a teacher's vectors of unit length."""


def draw(rows: Sequence[Example], size: str, seed: int) -> list[Example]:
    """So many rows of each intent, or all that there are of it."""
    if size == ALL:
        return list(rows)
    order = list(rows)
    random.Random(f"{seed}-{size}").shuffle(order)
    taken: Counter[str] = Counter()
    chosen = []
    for row in order:
        if taken[row.intent] < int(size):
            taken[row.intent] += 1
            chosen.append(row)
    return chosen


def read_rows(corpus: str, size: str, seed: int) -> tuple[list[Example], list[Example]]:
    """Training rows of a size, and the development rows with an intent of the corpus."""
    folder = CORPORA / FOLDERS[corpus]
    rows, development = (load_split(folder, split) for split in ("train", "dev"))
    intents = {row.intent for row in rows}
    development = [row for row in development if row.intent in intents]
    if corpus in INTENTS_ONLY and size in OFFICIAL:
        part = folder / f"train_{size}"
        texts, labels = (
            (part / name).read_text(encoding="utf-8").splitlines() for name in ("seq.in", "label")
        )
        chosen = [Example(*row, ()) for row in zip(texts, labels, strict=True)]
        return chosen, development
    return draw(rows, size, seed), development


def scores_of_file(model: Any, development: Sequence[Example]) -> dict[str, Any]:
    """Scores of a model's .tflite with 8-bit weights, and its size."""
    from pqrnn_tf.commands.running import without_native_messages
    from pqrnn_tf.tasks.scoring import score_file

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.tflite"
        with without_native_messages():
            model.export(path)
            scores = score_file(path, development).to_dict()
        return {
            **{name: scores[name] for name in KEPT if name in scores},
            "bytes": path.stat().st_size,
        }


def trained(
    rows: Sequence[Example], development: Sequence[Example], seed: int, preset: str | None
) -> dict[str, Any]:
    """A model from a sentence encoder or from drawn weights; its scores and seconds."""
    import keras

    from pqrnn_tf.tasks.intent_slots import IntentSlotModel

    keras.utils.set_random_seed(seed)
    model = IntentSlotModel() if preset is None else IntentSlotModel.from_preset(preset)
    _, took = timed(lambda: model.fit(list(rows), verbose=0))
    return {**scores_of_file(model, development), **took}


def teachers_answer(
    rows: Sequence[Example], development: Sequence[Example], encode: Callable[[str], Any]
) -> dict[str, Any]:
    """Logistic regression over the vectors of a large encoder."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    def vectors(part: Sequence[Example]) -> Any:
        found = np.stack([encode(row.text) for row in part])
        return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)

    known = vectors(rows)
    model = LogisticRegression(C=TEACHER_PENALTY, max_iter=300)
    _, took = timed(lambda: model.fit(known, [row.intent for row in rows]))
    right = model.score(vectors(development), [row.intent for row in development])
    return {"intent_accuracy": round(100 * float(right), 2), **took}


def teacher_encoder(folder: str, texts: Sequence[str]) -> Callable[[str], Any]:
    """The vectors of a teacher without heads, computed once for all texts, shortest first."""
    import tensorflow as tf

    from pqrnn_tf.teachers import TFHubBertTeacher

    teacher = TFHubBertTeacher(folder, labels=None)
    order = sorted(set(texts), key=len)
    known: dict[str, Any] = {}
    for begin in range(0, len(order), 64):
        part = order[begin : begin + 64]
        pieces, _ = teacher.tokenizer(tf.constant(part))
        states = teacher.encoder(pieces)["sequence_output"]
        mask = tf.cast(pieces["input_mask"], tf.float32)[..., None]
        mean = tf.reduce_sum(states * mask, 1) / tf.maximum(tf.reduce_sum(mask, 1), 1.0)
        known.update(zip(part, mean.numpy(), strict=True))
    return known.__getitem__


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("corpora", "Corpora, with commas between them.", default=",".join(FOLDERS))
    parser.flag("sizes", "Rows an intent, with commas between them.", default=",".join(SIZES))
    parser.flag("systems", "Systems, with commas between them.", default="ours,tfidf,scratch")
    parser.flag("seeds", "Seeds of draws of rows, with commas between them.", default="1")
    parser.flag("encoder", "The sentence encoder to start from.", default="encoder_en_2mb")
    parser.flag("teacher", "Name and folder of a large encoder.", metavar="NAME=FOLDER")
    parser.switch("again", "Measure also what there are results of.")


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    made = stamp()
    digest = _digest(arguments.encoder)
    systems = arguments.systems.split(",")
    sizes = arguments.sizes.split(",")
    cells = [
        (corpus, size, int(seed), system)
        for size in sizes
        for corpus in arguments.corpora.split(",")
        for system in systems
        for seed in arguments.seeds.split(",")
        if _is_measured(corpus, size, int(seed), system)
    ]
    wanted = [cell for cell in cells if arguments.again or not _is_known(cell, digest, _recorded())]
    encode = None
    if "teacher" in systems:
        folder = arguments.teacher.partition("=")[2]
        texts = [
            row.text
            for corpus, size, seed, system in wanted
            if system == "teacher"
            for part in read_rows(corpus, size, seed)
            for row in part
        ]
        encode = teacher_encoder(folder, texts)
    for corpus, size, seed, system in wanted:
        rows, development = read_rows(corpus, size, seed)
        measure: dict[str, Callable[[], dict[str, Any]]] = {
            "ours": functools.partial(trained, rows, development, seed, arguments.encoder),
            "scratch": functools.partial(trained, rows, development, seed, None),
            "tfidf": functools.partial(baseline, rows, development),
            "teacher": functools.partial(teachers_answer, rows, development, encode),  # type: ignore[arg-type]
        }
        own = {
            "name": _name(corpus, size, seed, system),
            "corpus": corpus,
            "size": size,
            "seed": seed,
            "system": system,
            "rows": len(rows),
            "development_rows": len(development),
            "intents": len({row.intent for row in development}),
            "load_before": round(os.getloadavg()[0], 1),
            **({"encoder": digest} if system == "ours" else {}),
            **measure[system](),
        }
        print(json.dumps(own), flush=True)
        runs = {**_recorded(), own["name"]: own}
        write_results(
            NAME,
            {
                "encoder": pathlib.Path(arguments.encoder).name,
                "settings": {**BASELINE, "teacher": {"C": TEACHER_PENALTY}},
                "runs": sorted(runs.values(), key=lambda r: r["name"]),
            },
            made,
        )


def _is_measured(corpus: str, size: str, seed: int, system: str) -> bool:
    """Which cells there are: of fixed rows one seed, since it decides nothing there, of slots some sizes."""
    if corpus in INTENTS_ONLY:
        return system != "scratch" and (seed == 1 or size not in (*OFFICIAL, ALL))
    return size in SLOT_SIZES[corpus] and system in ("ours", "scratch")


def _is_known(
    cell: tuple[str, str, int, str], digest: str, recorded: dict[str, dict[str, Any]]
) -> bool:
    own = recorded.get(_name(*cell))
    return own is not None and own.get("encoder", digest) == digest


def _digest(encoder: str) -> str:
    """What distinguishes the weights of an encoder."""
    from pqrnn_tf.runtime.presets import model_file

    folder = pathlib.Path(encoder) if os.path.isdir(encoder) else model_file(encoder).parent
    described = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    return str(described["weights"])[:16]


def _recorded() -> dict[str, dict[str, Any]]:
    """The rows that are recorded, by their names; read anew, because others may be measured meanwhile."""
    return {record["name"]: record for record in (read_results(NAME) or {"runs": []})["runs"]}


def _name(corpus: str, size: str, seed: int, system: str) -> str:
    return f"{corpus}, {size} an intent, seed {seed}, {system}"


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.few_shot", __doc__, configure, run, sys.argv[1:]))
