"""Other tasks than MTOP: a small model per corpus, trained on its labels only, as `results/tasks.jsonl`.

One configuration for all (`recipes/students/tasks.json`), so that nothing is tuned to a corpus. `benchmarks/sweep.py`
has the flags of all sweeps; a run leaves its training in `--work`, from where `recipes.publish` can take it.

    python -m benchmarks.tasks                                      # SNIPS, MASSIVE, CLINC150, Banking77
    python -m benchmarks.tasks --data snips --set epochs=40 --seeds 2
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.records import CORPORA, ROOT
from benchmarks.sweep import Run, SweepError, add_sweep, sweep
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.tasks.surface import SHARES

NAME = "tasks"
STUDENT = ROOT / "recipes" / "students" / "tasks.json"
FOLDERS = ("snips", "massive_en", "clinc150", "banking77")


def runs_of(
    folders: Sequence[str], config: str, assignments: Sequence[str], *, seeds: int = 1
) -> list[Run]:
    """The runs of some folders, each corpus a row of its name.

    Args:
        folders: One corpus each.
        config: JSON file with fields of TrainingConfig.
        assignments: Other fields, as name=value.
        seeds: Runs of every corpus.

    Raises:
        DataError: if a folder holds no corpus, or a split of it cannot be read.
        SweepError: if two folders hold the same corpus.
        OSError, ValueError: if the configuration cannot be read.
    """
    runs: dict[str, list[Run]] = {}
    for folder in folders:
        settings, inputs = corpus_settings(folder)
        corpus = settings["corpus"]
        if corpus in runs:
            raise SweepError(f"`--data` must name each corpus once. Received {corpus} twice.")
        settings["student"] = student_settings(config, assignments)
        runs[corpus] = [
            Run(row=corpus.lower(), seed=seed, settings=settings, inputs=inputs)
            for seed in range(1, seeds + 1)
        ]
    return [run for of_corpus in runs.values() for run in of_corpus]


def corpus_settings(folder: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Settings and inputs of runs on one corpus, for `Run`; `student` is to be added to the settings.

    Raises:
        DataError: if the folder holds no corpus, or a split of it cannot be read.
    """
    from pqrnn_tf.datasets import corpus_of, load_split
    from pqrnn_tf.tasks.training_data import ExampleData

    rows = {split: load_split(folder, split) for split in ("train", "dev")}
    settings = {
        "corpus": corpus_of(folder).name,
        "rows": {split: len(examples) for split, examples in rows.items()},
        "data": {split: ExampleData(examples).fingerprint for split, examples in rows.items()},
        "typos": list(SHARES),
    }
    return settings, {"data": str(pathlib.Path(folder).absolute())}


def student_settings(config: str, assignments: Sequence[str]) -> dict[str, Any]:
    """A configuration without its seed, which is the run's.

    Raises:
        OSError, ValueError: if the configuration cannot be read.
    """
    from pqrnn_tf.tasks.config import read_config

    student = read_config(config, assignments).to_dict()
    del student["seed"]
    return student


def execute(run: Run, folder: pathlib.Path) -> dict[str, Any]:
    """Trains, exports and scores one model.

    Args:
        run: One of `runs_of`.
        folder: Its work folder; keeps `model.tflite` and the `training`.
    """
    from pqrnn_tf.datasets import corpus_of, load_split, model_licence
    from pqrnn_tf.tasks.config import TrainingConfig
    from pqrnn_tf.tasks.scoring import measure, open_model
    from pqrnn_tf.tasks.training import train
    from tflite_export.converter import convert

    settings, data = run.plain_settings, run.inputs["data"]
    config = TrainingConfig.from_dict({**settings["student"], "seed": run.seed})
    training, path = folder / "training", folder / "model.tflite"
    model = train(config, load_split(data, "train"), [], training, verbose=2)
    content = convert(model, path=path, licence=model_licence([corpus_of(data)]))
    development = load_split(data, "dev")
    return {
        "scores": measure(open_model(path), development, typos=settings["typos"]),
        "keras": measure(open_model(training / "model.keras"), development),
        "labels": {"intents": len(model.labels.intents), "slots": len(model.labels.slot_names)},
        "bytes": len(content),
        "parameters": model.count_params(),
    }


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.section("runs")
    parser.flag(
        "data",
        "Folder of a corpus of English.",
        repeat=True,
        shown=f"{', '.join(FOLDERS)} beside the checkout",
        metavar="FOLDER",
    )
    parser.flag(
        "student_config",
        "JSON file with fields of TrainingConfig.",
        default=str(STUDENT),
        metavar="FILE",
    )
    parser.flag("set", "One field of TrainingConfig.", repeat=True, metavar="NAME=VALUE")
    parser.flag("seeds", "Runs of every corpus.", type=at_least(1), default=1)
    add_sweep(parser)


def run(arguments: Arguments) -> None:
    """Runs the command."""

    def runs() -> list[Run]:
        folders = arguments.data or [str(CORPORA / name) for name in FOLDERS]
        return runs_of(folders, arguments.student_config, arguments.set, seeds=arguments.seeds)

    sweep(NAME, "benchmarks.tasks", arguments, runs, execute)


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.tasks", __doc__, configure, run, sys.argv[1:]))
