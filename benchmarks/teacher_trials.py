"""Compares fine-tunings of a BERT: its layers, the learning rate, the batch, and what each reached.

    pqrnn finetune … --rows 12000 --epochs 1 --layers 8 --learning_rate 2e-4 --output runs/eight
    python -m benchmarks.teacher_trials runs/twelve runs/eight
    python -m benchmarks.render

Each RUN is an output folder of `pqrnn finetune` whose teacher was scored on development rows by language. Nothing is
trained. Results go to benchmarks/results/teacher_trials.json, one list in the order of the folders.
"""

from __future__ import annotations

import json
import pathlib
import sys
from typing import Any

from benchmarks.records import stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError
from pqrnn_tf.commands.running import run_command

NAME = "teacher_trials"
SCORES = ("flat_exact_match", "intent_accuracy", "slot_f1")
SETTINGS = ("learning_rate", "batch_size", "head_factor")


def read_trial(folder: pathlib.Path) -> dict[str, Any]:
    """What a fine-tuning was and what it reached.

    Args:
        folder: Output folder of `pqrnn finetune`.

    Returns:
        `layers`, `SETTINGS`, `rows` that were trained on (a row of several passes counts in each), and `languages` and
        their `mean`, each with `SCORES`.

    Raises:
        FileNotFoundError: if a file of a finished fine-tuning is missing.
        ValueError: if the teacher was not scored by language.
    """
    from pqrnn_tf.teachers.bert.defaults import learning_rate_for
    from pqrnn_tf.teachers.bert.parts import SavedBert
    from tflite_export.model_card import mean_scores

    training = folder / "teacher.training"
    told = json.loads((training / "training.json").read_text(encoding="utf-8"))
    last = json.loads((training / "log.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    if not scores.get("languages"):
        raise ValueError(
            f"Each RUN must hold a teacher that was scored by language. Received: {str(folder)!r}, without such "
            "scores. Fine-tune on rows of several languages."
        )
    kept = {
        language: {name: own[name] for name in SCORES}
        for language, own in scores["languages"].items()
    }
    mean = mean_scores([dict(own) for own in kept.values()])
    sizes = SavedBert(folder / "teacher" / "encoder").sizes
    told["learning_rate"] = told["learning_rate"] or learning_rate_for(sizes.width)
    return {
        "name": folder.name,
        "layers": sizes.layers,
        **{name: told.get(name, 1.0) for name in SETTINGS},
        "rows": last["step"] * told["batch_size"],
        "languages": kept,
        "mean": {name: round(mean[name], 2) for name in SCORES},
    }


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.words("runs", "Output folder of `pqrnn finetune`.", metavar="RUN")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    if not arguments.runs:
        raise UsageError("give output folders of `pqrnn finetune`")
    trials = [read_trial(pathlib.Path(folder)) for folder in arguments.runs]
    write_results(NAME, {"trials": trials}, stamp())
    for trial in trials:
        print(trial["name"], trial["mean"])


if __name__ == "__main__":
    sys.exit(
        run_command("python -m benchmarks.teacher_trials", __doc__, configure, run, sys.argv[1:])
    )
