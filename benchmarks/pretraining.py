"""What losses, kinds of text and steps add to the pretraining of a sentence encoder, with equal texts and passes.

    python -m benchmarks.pretraining --teacher all-MiniLM-L6-v2 --output runs/pretraining
    python -m benchmarks.render

Each run trains a student of `recipes/students/encoder_en_1mb.json` from drawn weights on as many texts: the losses on a
mixture of all kinds of text, the kinds of text with vector and similarity, and rates, rows a step and the like on the
mixture too. Texts are those of
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
AS_CONFIGURED = "as the configuration has it"
CHANGES: Mapping[str, Mapping[str, Any]] = {
    AS_CONFIGURED: {},
    "rate 0.004": {"learning_rate": 0.004},
    "rate 0.008": {"learning_rate": 0.008},
    "256 rows a step, rate 0.004": {"batch_size": 256, "learning_rate": 0.004},
    "256 rows a step, rate 0.006": {"batch_size": 256, "learning_rate": 0.006},
    "512 rows a step, rate 0.008": {"batch_size": 512, "learning_rate": 0.008},
    "256 rows a step, rate 0.006, similarity 0.1": {
        "batch_size": 256,
        "learning_rate": 0.006,
        "similarity_weight": 0.1,
    },
    "256 rows a step, rate 0.006, similarity 0.1, half of the forms": {
        "batch_size": 256,
        "learning_rate": 0.006,
        "similarity_weight": 0.1,
        "surface": 0.15,
        "distortion": 0.02,
    },
    "the same, one wide step: bottleneck 224, units 112, kernels of 1": {
        "batch_size": 256,
        "learning_rate": 0.006,
        "similarity_weight": 0.1,
        "surface": 0.15,
        "distortion": 0.02,
        "bottleneck_units": 224,
        "units": 112,
        "kernel_width": 1,
    },
}
"""Rates, rows a step and the like, as fields of `PretrainingConfig`, with the losses of `DEFAULT`."""


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
    wanted = [(MIXED, losses, AS_CONFIGURED) for losses in LOSSES]
    wanted += [(kind, DEFAULT, AS_CONFIGURED) for kind in KINDS]
    wanted += [(MIXED, DEFAULT, changed) for changed in CHANGES if changed != AS_CONFIGURED]
    runs: list[dict[str, Any]] = []
    for number, (kind, losses, changed) in enumerate(wanted, start=1):
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
            dataclasses.replace(config, **LOSSES[losses], **CHANGES[changed]),
            answers,
            output / f"encoder_{number}",
            verbose=0,
        )
        found = scores(encoder.encode, CORPORA, ("en",))
        runs.append(
            {
                "kind": kind,
                "losses": losses,
                "changed": changed,
                "texts": len(texts),
                "parameters": encoder.count_params(),
                **found,
            }
        )
        print(runs[-1], flush=True)
        write_results(NAME, {"settings": {"epochs": config.epochs}, "runs": runs}, made)


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.pretraining", __doc__, configure, run, sys.argv[1:]))
