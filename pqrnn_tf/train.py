"""Trains a joint intent and slot model on labels.

The data is a folder of MTOP files (the official eight-column layout, or one of the layouts that
`pqrnn_tf.datasets.load_split` reads). A killed run, started again with the same flags, goes on from its last
finished epoch and ends with the same model.

    python -m pqrnn_tf.train --data mtop --language en --output runs/en
    python -m tflite_export.export --model runs/en/model.keras --output runs/en/model.tflite
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Sequence

from absl import app, flags, logging

_DATA = flags.DEFINE_string("data", None, "Folder of MTOP files.", required=True)
_LANGUAGE = flags.DEFINE_string("language", "en", "Language of the rows: en, de, es, fr, hi or th.")
_OUTPUT = flags.DEFINE_string(
    "output", None, "Folder for the model, its log and its checkpoint.", required=True
)
_CONFIG = flags.DEFINE_string(
    "config", None, "A JSON file with fields of TrainingConfig; missing ones have their defaults."
)
_SET = flags.DEFINE_multi_string(
    "set",
    [],
    "One field of TrainingConfig, as name=value; may be repeated. Example: --set epochs=40.",
)
_EVERY = flags.DEFINE_integer("evaluate_every", 5, "Epochs between development scores.")
_VERBOSE = flags.DEFINE_integer("verbose", 1, "1: progress bars; 2: a line an epoch; 0: nothing.")


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from pqrnn_tf.datasets import alignment_report, load_split
    from pqrnn_tf.tasks.training import read_config, train

    try:
        config = read_config(_CONFIG.value, _SET.value)
        examples = load_split(_DATA.value, "train", language=_LANGUAGE.value)
        development = load_split(_DATA.value, "dev", language=_LANGUAGE.value)
        for split, rows in (("train", examples), ("dev", development)):
            report = alignment_report(rows)
            logging.info("%s: %s", split, report)
        output = pathlib.Path(_OUTPUT.value)
        train(
            config,
            examples,
            development,
            output,
            evaluate_every=_EVERY.value,
            verbose=_VERBOSE.value,
        )
    except (OSError, ValueError) as error:
        print(f"train: {error}", file=sys.stderr)
        sys.exit(1)
    last = (output / "log.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    print(json.dumps(json.loads(last).get("dev", {})))


if __name__ == "__main__":
    logging.set_verbosity(logging.INFO)
    app.run(main)
