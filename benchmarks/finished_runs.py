"""Finished trainings, scored as 8-bit files: what `benchmarks.equal_steps` compares."""

from __future__ import annotations

import json
import pathlib
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.records import optimizer_steps


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
