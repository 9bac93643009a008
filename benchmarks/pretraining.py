"""What each loss and each kind of text adds to the pretraining of a sentence encoder, with equal texts and passes.

    python -m benchmarks.pretraining --teacher all-MiniLM-L6-v2 --output runs/pretraining
    python -m benchmarks.render

Each run trains a student of `recipes/students/encoder_en_1mb.json` from drawn weights on as many texts: the losses on a
mixture of all kinds of text, the kinds of text with the losses of the defaults. Texts are those of
`recipes.encoder_text`, without any that models are scored on. The frozen vectors are scored as
`benchmarks.sentence_vectors` does. A killed run, started again, resumes.
"""

from __future__ import annotations

import dataclasses
import pathlib
import random
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.records import CORPORA, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import log_to_stderr, run_command
from recipes.encoder_text import ASKED, kept_texts

NAME = "pretraining"
CONFIG = "recipes/students/encoder_en_1mb.json"
KINDS: Mapping[str, Sequence[str]] = {
    "requests": ASKED,
    "dialogues": ("sgd/user.txt", "sgd/system.txt"),
    "read sentences": ("commonvoice/en.txt",),
    "requests of TOPv2": ("topv2",),
}
"""Kinds of text and their sources."""
MIXED = "a quarter of each"
LOSSES: Mapping[str, Mapping[str, Any]] = {
    "vector": {"similarity_weight": 0.0},
    "similarity": {"vector_weight": 0.0},
    "vector and similarity": {},
    "vector, similarity and token": {"token_weight": 1.0},
    "vector, similarity and contrastive": {"contrastive_weight": 0.1},
    "contrastive, which needs no teacher": {
        "vector_weight": 0.0,
        "similarity_weight": 0.0,
        "contrastive_weight": 1.0,
    },
}
"""Combinations of losses, as fields of `PretrainingConfig` that are not the defaults."""
DEFAULT = "vector and similarity"


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("teacher", "Folder of the teacher's checkpoint.", required=True, metavar="FOLDER")
    parser.flag("texts", "Texts of each run.", type=at_least(4), default=12_000)
    parser.flag("epochs", "Passes over them.", type=at_least(1), default=5)
    parser.flag("output", "Folder for answers and encoders.", required=True, metavar="FOLDER")


def read_kinds(count: int, seed: int) -> dict[str, list[str]]:
    """So many texts of each kind, and of the mixture; no text is of two kinds."""
    names = [name for sources in KINDS.values() for name in sources]
    kept = dict(kept_texts(CORPORA, names, seed))
    rng = random.Random(seed)
    kinds = {}
    for kind, sources in KINDS.items():
        texts = [text for name in sources for text in kept[name]]
        rng.shuffle(texts)
        kinds[kind] = texts[:count]
    mixed = [text for texts in kinds.values() for text in texts[: count // len(KINDS)]]
    rng.shuffle(mixed)
    return {MIXED: mixed, **kinds}


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    log_to_stderr()
    made = stamp()
    from pqrnn_tf.datasets.rows import unlabelled
    from pqrnn_tf.distillation.pretraining import pretrain
    from pqrnn_tf.distillation.pretraining_config import PretrainingConfig
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.teachers import SavedTeacher, label_text
    from pqrnn_tf.teachers.bert.conversion import tfhub_handle
    from recipes.encoder_scores import scores

    output = pathlib.Path(arguments.output)
    config = dataclasses.replace(
        read_config(CONFIG, (), PretrainingConfig), epochs=arguments.epochs
    )
    kinds = read_kinds(arguments.texts, config.seed)
    teacher = SavedTeacher(tfhub_handle(arguments.teacher, output / "bert"))
    wanted = [(MIXED, losses) for losses in LOSSES]
    wanted += [(kind, DEFAULT) for kind in KINDS]
    runs: list[dict[str, Any]] = []
    for number, (kind, losses) in enumerate(wanted, start=1):
        texts = kinds[kind]
        answers = label_text(
            [unlabelled(text) for text in texts],
            teacher,
            output / "answers" / kind.replace(" ", "_"),
            spec=config.spec,
            vectors=True,
            hidden=kind == MIXED,
            workers=0,
        )
        encoder = pretrain(
            dataclasses.replace(config, **LOSSES[losses]),
            answers,
            output / f"encoder_{number}",
            verbose=0,
        )
        found = scores(encoder.encode, CORPORA, ("en",))
        runs.append({"kind": kind, "losses": losses, "texts": len(texts), **found})
        print(runs[-1], flush=True)
        settings = {"epochs": config.epochs, "parameters": encoder.count_params()}
        write_results(NAME, {"settings": settings, "runs": runs}, made)


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.pretraining", __doc__, configure, run, sys.argv[1:]))
