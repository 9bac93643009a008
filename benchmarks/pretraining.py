"""What each loss and each text of a pretraining adds: small encoders, equal numbers of texts and passes.

    python -m benchmarks.pretraining --answers runs/answers_first --general runs/answers_more

`--answers` has a teacher's vectors for the text of the recipes, in which the training texts of corpora of intents
stand; `--general` those for general text only. Each row is the base with one change. The last row, Mirror-BERT, sees
the same texts without the teacher. Rows that are in `results/pretraining.json` already are left out unless `--again` is
given.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.records import CORPORA, read_results, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import run_command
from recipes.encoder_scores import FEW_SHOT, Encode, rows_of, scores

NAME = "pretraining"
SMALL: Mapping[str, Any] = {
    "spec": {"word_features": 512, "ngram_features": 1024},
    "bottleneck_units": 128,
    "units": 64,
    "width": 128,
    "epochs": 3,
    "surface": 0.3,
    "distortion": 0.04,
}
"""Fields of PretrainingConfig of all rows."""
BASE = "base"
GENERAL = "general text only"
MIRROR = "Mirror-BERT"
ROWS: Mapping[str, Mapping[str, Any]] = {
    BASE: {},
    "vectors only": {"similarity_weight": 0.0},
    "similarities only": {"vector_weight": 0.0},
    "with a contrastive loss": {"contrastive_weight": 0.1},
    "text as it is": {"surface": 0.0, "distortion": 0.0},
    GENERAL: {},
    MIRROR: {
        "vector_weight": 0.0,
        "similarity_weight": 0.0,
        "contrastive_weight": 1.0,
        "dropout": 0.1,
    },
}
"""The changes of each row."""
ERRORS = 0.1
"""Share of words with an error where steadiness is measured."""


def steadiness(encode: Encode) -> float:
    """Mean cosine between a text and the same with typing errors, in percent."""
    from pqrnn_tf.datasets.making.augmentation import rewritten_copy

    rows = rows_of(CORPORA, next(iter(FEW_SHOT)), "valid")[:500]
    written = [row.text for row in rewritten_copy(rows, seed=1, distortion=ERRORS)]
    changed = [i for i, row in enumerate(rows) if row.text != written[i]]
    one = encode([rows[i].text for i in changed])
    other = encode([written[i] for i in changed])
    return round(100 * float(np.mean((one * other).sum(axis=1))), 2)


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("answers", "Folder of answers.", required=True, metavar="FOLDER")
    parser.flag("general", "Folder of answers to general text.", metavar="FOLDER")
    parser.flag("texts", "Texts of each row.", type=at_least(1), default=20480)
    parser.switch("again", "Measure also what there are results of.")


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    from pqrnn_tf.distillation.pretraining import pretrain
    from pqrnn_tf.distillation.pretraining_config import PretrainingConfig
    from pqrnn_tf.runtime.spec import ProjectionSpec
    from pqrnn_tf.tasks.mirrored_text import MirroredText
    from pqrnn_tf.teachers.answers.shards import LabelledText

    made = stamp()
    answers = LabelledText(arguments.answers).take(arguments.texts)
    for name, changes in ROWS.items():
        known = (read_results(NAME) or {}).get("rows", {})
        if (name in known and not arguments.again) or (name == GENERAL and not arguments.general):
            continue
        spec = ProjectionSpec().to_dict() | SMALL["spec"]
        config = PretrainingConfig.from_dict({**SMALL, "spec": spec, **changes})
        data: Any = answers
        if name == GENERAL:
            data = LabelledText(arguments.general).take(arguments.texts)
        if name == MIRROR:
            shards = [answers.shard(number) for number in range(len(answers.shards))]
            texts = [bytes(text).decode("utf-8") for shard in shards for text in shard.texts]
            data = MirroredText(texts[: arguments.texts])
        with tempfile.TemporaryDirectory() as folder:
            encoder = pretrain(config, data, folder, verbose=0)
        own = {
            "texts": data.rows,
            "passes": config.epochs,
            "weights": encoder.count_params(),
            **scores(encoder.encode, CORPORA, ["en"]),
            "steadiness": steadiness(encoder.encode),
        }
        print(name, own, flush=True)
        write_results(NAME, {"settings": dict(SMALL), "rows": {**known, name: own}}, made)


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.pretraining", __doc__, configure, run, sys.argv[1:]))
