"""What teachers give a published student beside the same student of labels only, with the steps of each.

Each run is exported in 8 bits and scored on development rows on the stock runtime. A training that started from
the weights of another names both, in order: their steps are added.

    python -m benchmarks.equal_steps --student mtop_en_2mb --data mtop --run "MTOP's labels=runs/labels" \\
        --run "teachers' answers=runs/labels_both,runs/mtop_en_2mb"
    python -m benchmarks.render

The first run of a student is what the gain of its others is counted from. `results/equal_steps.json` keeps the runs
of all students; a run measured again replaces that of the same student and title.
"""

from __future__ import annotations

import json
import pathlib
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.records import optimizer_steps, read_results, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command

NAME = "equal_steps"


def read_runs(values: Sequence[str]) -> dict[str, list[pathlib.Path]]:
    """The folders of each run, by its title.

    Raises:
        ValueError: if a value has no title, a title stands twice, or a folder holds no finished training.
    """
    runs: dict[str, list[pathlib.Path]] = {}
    for value in values:
        title, _, names = value.rpartition("=")
        if not title or title in runs:
            raise ValueError(
                f"`--run` must be TITLE=FOLDER, with another title each. Received: {value!r}."
            )
        runs[title] = [pathlib.Path(name) for name in names.split(",")]
        for folder in runs[title]:
            if not (folder / "model.keras").is_file():
                raise ValueError(
                    f"`--run` must name folders of finished trainings. Received: {str(folder)!r}, without "
                    "model.keras."
                )
    return runs


def measure_run(folders: Sequence[pathlib.Path], development: Sequence[Any]) -> Mapping[str, Any]:
    """Steps of all trainings; size and scores of the last one's 8-bit file."""
    import keras

    from pqrnn_tf.tasks.scoring import score_file
    from tflite_export.converter import convert

    model = keras.models.load_model(folders[-1] / "model.keras", compile=False)
    batches = {
        json.loads((folder / "training.json").read_text(encoding="utf-8"))["config"]["batch_size"]
        for folder in folders
    }
    with tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(scratch) / "model.tflite"
        size = len(convert(model, path=path))
        scores = score_file(path, development).to_dict()
    return {
        "steps": sum(optimizer_steps(folder / "log.jsonl") for folder in folders),
        "batch_sizes": sorted(batches),
        "parameters": model.count_params(),
        "bytes": size,
        "scores": scores,
    }


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("student", "Name of the published student, as the page calls it.", required=True)
    parser.flag("data", "Folder of the corpus.", required=True, metavar="FOLDER")
    parser.flag(
        "run",
        "TITLE=FOLDER of a training, or TITLE=FOLDER,FOLDER of one that started from another's weights.",
        repeat=True,
        required=True,
        metavar="TITLE=FOLDERS",
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    from pqrnn_tf.datasets import load_split

    made = stamp()
    runs = read_runs(arguments.run)
    development = load_split(arguments.data, "dev")
    students = (read_results(NAME) or {"students": {}})["students"]
    rows = students.setdefault(arguments.student, {})
    for title, folders in runs.items():
        rows[title] = {"stamp": made, **measure_run(folders, development)}
        print(title, rows[title]["steps"], rows[title]["scores"]["flat_exact_match"], flush=True)
    write_results(NAME, {"students": students}, made)


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.equal_steps", __doc__, configure, run, sys.argv[1:]))
