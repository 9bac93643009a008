"""What teachers give a published student beside the same student on labels alone, step for step.

Each run is exported in 8 bits and scored on development rows on the stock runtime. A training that started from
the weights of another names both, in order: their steps are added.

    python -m benchmarks.equal_steps --data mtop --run "MTOP's labels=runs/labels" \\
        --run "teachers' answers=runs/labels_both,runs/mtop_en_2mb"
    python -m benchmarks.render

The first run is what the gain of the others is counted from.
"""

from __future__ import annotations

import json
import pathlib
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from absl import app, flags

from benchmarks.distillation_page import EQUAL_STEPS
from benchmarks.records import optimizer_steps, stamp, write_results

_DATA = flags.DEFINE_string("data", None, "Folder of the corpus.", required=True)
_RUN = flags.DEFINE_multi_string(
    "run",
    None,
    "TITLE=FOLDER of a training, or TITLE=FOLDER,FOLDER of one that started from another's weights.",
    required=True,
)


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

    import pqrnn_tf.tasks.intent_slots  # noqa: F401  (registers the classes)
    from tflite_export.converter import convert
    from tflite_export.scoring import score_file

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


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from pqrnn_tf.datasets import load_split

    made = stamp()
    runs = read_runs(_RUN.value)
    development = load_split(_DATA.value, "dev")
    rows = []
    for title, folders in runs.items():
        rows.append({"title": title, **measure_run(folders, development)})
        print(title, rows[-1]["steps"], rows[-1]["scores"]["flat_exact_match"], flush=True)
    write_results(EQUAL_STEPS, {"rows": rows}, made)


if __name__ == "__main__":
    app.run(main)
