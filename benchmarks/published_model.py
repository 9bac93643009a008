"""The folder of a published model: what `benchmarks.publish` writes."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.development import Part, read_parts

QUANTIZATION = "int8_weights"
"""How models are published unless said otherwise."""
SELECTION = "the weights are those after the last epoch"


class PublishError(ValueError):
    """A run or a folder that cannot be published as it is."""


def publish(
    data: Sequence[str],
    output: pathlib.Path,
    *,
    run: pathlib.Path | None = None,
    quantization: str = QUANTIZATION,
    typos: Sequence[float] = (),
    commands: Sequence[str] = (),
    learned_from: Sequence[str] = (),
    selection: str | None = None,
) -> dict[str, Any]:
    """Writes the folder of a published model.

    Args:
        data: Values of `--data`.
        output: The folder; its name is that of the model.
        run: Folder of the training; `None` to score the model that is in `output` and to write its card anew.
        quantization: Of `tflite_export.convert`; `"int8"` is calibrated on the training rows of `data`.
        typos: Shares of words with typing errors that are scored too.
        commands: Those that made the run; empty for what is recorded or, of a new run, for `pqrnn_tf.train`.
        learned_from: What the model learned from beside the corpora; empty for what is recorded.
        selection: How development rows were used; `None` for what is recorded, or `SELECTION`.

    Returns:
        What `scores.json` holds.

    Raises:
        DataError: if rows cannot be read.
        PublishError: if there is no model to score, or it is not known which commands made it.
    """
    from pqrnn_tf.datasets import load_mixture
    from pqrnn_tf.files import write_bytes, write_json
    from pqrnn_tf.runtime.metadata import read_metadata
    from pqrnn_tf.tasks.scoring import measure, open_model
    from tflite_export.model_card import render_card

    parts = list(read_parts(data))
    rows = [row for part in parts for row in part.rows]
    path = output / "model.tflite"
    kept = _recorded(output) if run is None else {}
    made_by = list(commands) or kept.get("commands") or [_training(run, data, parts, output.name)]
    if run is not None:
        rows_to_calibrate = load_mixture(data).training if quantization == "int8" else []
        calibration = [row.text for row in rows_to_calibrate]
        kept = _convert(run, path, parts, quantization=quantization, calibration=calibration)
    model, metadata = open_model(path), read_metadata(path)
    ours = measure(model, rows, typos=typos)
    several = len(parts) > 1
    sources = [word for part in parts for word in ("--data", part.data)]
    record = {
        "split": "dev",
        "parts": [
            {**part.describe(), "tflite": measure(model, part.rows)} if several else part.describe()
            for part in parts
        ],
        "bytes": path.stat().st_size,
        "tflite": ours,
        **_of_floats(kept, ours, measured_now=run is not None),
        "parity": kept["parity"],
        "versions": metadata.versions,
        "learned_from": list(learned_from) or kept.get("learned_from", []),
        "selection": selection or kept.get("selection", SELECTION),
        "commands": made_by,
        "published_by": f"python -m benchmarks.publish --run runs/{output.name} {shlex.join(sources)} "
        + (
            f"--quantization {metadata.quantization} "
            if metadata.quantization != QUANTIZATION
            else ""
        )
        + f"--output pretrained/{output.name}",
    }
    write_json(output / "scores.json", record)
    card = render_card(output.name, record, metadata)
    write_bytes(output / "README.md", card.encode("utf-8"))
    return record


def _of_floats(
    kept: Mapping[str, Any], ours: Mapping[str, Any], *, measured_now: bool
) -> dict[str, Any]:
    """The scores in floats, unless they are of a time at which something else was measured.

    Without its training a model cannot be scored in floats again. That the same file has other scores than are
    recorded tells that rows or scores have changed since.
    """
    same = measured_now or all(
        ours.get(name) == value for name, value in kept["tflite"].items() if name != "typos"
    )
    return {"keras": kept["keras"]} if same and "keras" in kept else {}


def _recorded(output: pathlib.Path) -> dict[str, Any]:
    """The `scores.json` of a published model."""
    path = output / "scores.json"
    if not path.is_file():
        raise PublishError(
            f"`output` must hold a published model, or `run` be given. Received: {str(output)!r}, without "
            "scores.json."
        )
    return json.loads(path.read_text(encoding="utf-8"))


def _training(
    run: pathlib.Path | None, data: Sequence[str], parts: Sequence[Part], name: str
) -> str:
    """The command of a training on the labels of the rows that `data` names, if the run is one."""
    from pqrnn_tf.datasets import load_mixture
    from pqrnn_tf.tasks.training import ExampleData

    notes = _notes(run) if run is not None else {}
    rows = load_mixture(data).training if notes else []
    if set(notes) != {"config", "labels", "data"} or ExampleData(rows).fingerprint != notes["data"]:
        raise PublishError(
            "`commands` must be given (--command, one each): the model did not come from the training rows of "
            f"`data` and their labels alone. Received: {list(data)}."
        )
    sources = shlex.join(word for part in parts for word in ("--data", part.data))
    return (
        f"python -m pqrnn_tf.train {sources} --config pretrained/{name}/config.json "
        f"--output runs/{name}"
    )


def _notes(run: pathlib.Path) -> dict[str, Any]:
    """What a training wrote about itself."""
    return json.loads((run / "training.json").read_text(encoding="utf-8"))


def _convert(
    run: pathlib.Path,
    path: pathlib.Path,
    parts: Sequence[Part],
    *,
    quantization: str,
    calibration: Sequence[str],
) -> dict[str, Any]:
    """Writes the .tflite of a run, its labels and its configuration; scores it in Keras and compares both."""
    import keras

    from pqrnn_tf.datasets import model_licence
    from pqrnn_tf.files import write_json
    from pqrnn_tf.runtime.parser import Parser
    from pqrnn_tf.tasks.scoring import measure, open_model
    from tflite_export.converter import convert
    from tflite_export.parity import compare

    file = run / "model.keras"
    floats = open_model(file)
    model = keras.models.load_model(file, compile=False)
    config = _notes(run)["config"]
    licence = model_licence(part.corpus for part in parts)
    convert(
        model,
        path=path,
        quantization=quantization,
        calibration=calibration,
        licence=licence,
        extra={"name": path.parent.name, "config": config},
    )
    write_json(path.with_name("labels.json"), model.labels.to_dict())
    write_json(path.with_name("config.json"), config)
    rows = [row for part in parts for row in part.rows]
    report = compare(model, Parser(path), [row.text for row in rows])
    parity = {name: round(value, 4) for name, value in dataclasses.asdict(report).items()}
    return {"keras": measure(floats, rows), "parity": parity}
