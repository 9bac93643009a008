"""The folder of a published model: what `recipes.publish` writes."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from recipes.development import Part, read_parts
from recipes.recipe import Recipe

if TYPE_CHECKING:
    from pqrnn_tf.runtime.metadata import Metadata

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
    surface: bool = True,
    reject_at: float | None = None,
    outside: Sequence[str] = (),
    extra: Mapping[str, Any] | None = None,
    weights: bool = True,
    recipe: Recipe | None = None,
) -> dict[str, Any]:
    """Writes the folder of a published model.

    Args:
        data: Values of `--data`.
        output: The folder; its name is that of the model.
        run: Folder of the training; `None` to score the model that is in `output` and to write its card anew.
        quantization: As `tflite_export.convert` takes it; `"int8"` is calibrated on the training rows of `data`.
        surface: Whether to measure what other ways of writing cost. If not, what is recorded of a model stays, as long
            as it has the same scores on the same rows.
        reject_at: As `calibrate_file` takes it.
        outside: Texts that belong to no intent, likewise.
        extra: What the description of a new file says beside name and configuration.
        weights: Whether a new model's weights are written beside the file.
        recipe: What the card says of the making; `None` for what is recorded or, of a new run, for one call of
            `pqrnn_tf.train`.

    Returns:
        What `scores.json` holds.

    Raises:
        DataError: if rows cannot be read.
        PublishError: if there is no model to score, or its recipe is needed and not given.
    """
    from pqrnn_tf.datasets import load_mixture
    from pqrnn_tf.files import write_bytes, write_json
    from pqrnn_tf.runtime.metadata import read_metadata
    from pqrnn_tf.tasks.calibrated_file import calibrate_file
    from pqrnn_tf.tasks.scoring import measure, open_model
    from pqrnn_tf.tasks.surface import writings
    from tflite_export.model_card import render_card, shows_reliability
    from tflite_export.reliability import PLOT, draw_reliability

    parts = list(read_parts(data))
    rows = [row for part in parts for row in part.rows]
    path = output / "model.tflite"
    kept = _recorded(output) if run is None else {}
    making = _making(recipe, kept) or _making_of_training(run, data, parts, output, quantization)
    if run is not None:
        rows_to_calibrate = (
            load_mixture(data, languages="en").training if quantization == "int8" else []
        )
        calibration = [row.text for row in rows_to_calibrate]
        kept = _convert(
            run,
            path,
            parts,
            quantization=quantization,
            calibration=calibration,
            extra=extra or {},
            weights=weights,
        )
        calibrate_file(path, rows, general=outside, reject_at=reject_at)
    model, metadata = open_model(path), read_metadata(path)
    ours = measure(model, rows, surface=writings() if surface else ())
    unchanged = run is None and _same_scores(kept, ours)
    if unchanged and not surface and "surface" in kept["tflite"]:
        ours["surface"] = kept["tflite"]["surface"]
    several = len(parts) > 1
    record = {
        "split": "dev",
        "parts": [
            {**part.describe(), "tflite": measure(model, part.rows)} if several else part.describe()
            for part in parts
        ],
        "bytes": path.stat().st_size,
        "tflite": ours,
        **({"keras": kept["keras"]} if "keras" in kept and (run or unchanged) else {}),
        "parity": kept["parity"],
        "versions": metadata.versions,
        **making,
    }
    write_json(output / "scores.json", record)
    if shows_reliability(record, metadata):
        draw_reliability(ours["reliability"], output / PLOT)
    card = render_card(output.name, record, metadata)
    write_bytes(output / "README.md", card.encode("utf-8"))
    return record


def rewrite_description(folder: pathlib.Path, description: Metadata) -> None:
    """Gives the model of a published folder another description; the model itself stays, byte for byte.

    The size of the file in `scores.json` and on the card is that of the new file.

    Args:
        folder: The folder.
        description: The new description.

    Raises:
        FileNotFoundError, ModelFileError: if there is no such model.
    """
    from pqrnn_tf.runtime.metadata import read_model, replace_metadata

    content, _ = read_model(folder / "model.tflite")
    rewrite_file(folder, replace_metadata(content, description))


def rewrite_file(folder: pathlib.Path, content: bytes) -> None:
    """Gives a published folder another file that says the same, with its size in `scores.json` and on the card.

    Args:
        folder: The folder.
        content: The file.

    Raises:
        FileNotFoundError: if there is no such model.
    """
    from pqrnn_tf.files import write_bytes, write_json

    path = folder / "model.tflite"
    size = path.stat().st_size
    write_bytes(path, content)
    write_json(folder / "scores.json", {**_recorded(folder), "bytes": len(content)})
    card = (folder / "README.md").read_text(encoding="utf-8")
    card = card.replace(f"{size:,} bytes", f"{len(content):,} bytes")
    write_bytes(folder / "README.md", card.encode())


def read_extra(path: pathlib.Path) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if it holds anything else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}:{error.lineno}: must be JSON ({error.msg}).") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path}: must be a JSON object. Received: {content!r:.60}.")
    return content


def _same_scores(kept: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """Whether a model has the scores that are recorded of it.

    Without its training a model cannot be scored in floats again. That the same file has other scores than are
    recorded tells that rows or scores have changed since. Only scores of the parses count, not those of their scores.
    """
    from pqrnn_tf.tasks.metrics import Scores

    names = [field.name for field in dataclasses.fields(Scores)]
    return all(ours.get(name) == kept["tflite"].get(name) for name in names)


def _recorded(output: pathlib.Path) -> dict[str, Any]:
    """The `scores.json` of a published model."""
    path = output / "scores.json"
    if not path.is_file():
        raise PublishError(
            f"`output` must hold a published model, or `run` be given. Received: {str(output)!r}, without "
            "scores.json."
        )
    return json.loads(path.read_text(encoding="utf-8"))


def _making(recipe: Recipe | None, kept: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the record says of the making, from a recipe or a former record."""
    if recipe is not None:
        return {
            "other_data": list(recipe.other_data),
            "selection": recipe.selection,
            "commands": list(recipe.commands),
            "published_by": recipe.publish,
        }
    names = ("other_data", "selection", "commands", "published_by")
    return {name: kept[name] for name in names} if kept else None


def _making_of_training(
    run: pathlib.Path | None,
    data: Sequence[str],
    parts: Sequence[Part],
    output: pathlib.Path,
    quantization: str,
) -> dict[str, Any]:
    """The same of a training on the labels of the rows that `data` names, if the run is one."""
    from pqrnn_tf.datasets import load_mixture
    from pqrnn_tf.tasks.training_data import ExampleData

    notes = _notes(run) if run is not None else {}
    rows = load_mixture(data, languages="en").training if notes else []
    if set(notes) != {"config", "labels", "data"} or ExampleData(rows).fingerprint != notes["data"]:
        raise PublishError(
            "`recipe` must be given (--recipe, a file in recipes/): the model did not come from the training rows "
            f"of `data` and their labels only. Received: {list(data)}."
        )
    name = output.name
    sources = shlex.join(word for part in parts for word in ("--data", part.data))
    bits = "" if quantization == QUANTIZATION else f"--quantization {quantization} "
    return {
        "other_data": [],
        "selection": SELECTION,
        "commands": [
            f"python -m pqrnn_tf.train {sources} --config pretrained/{name}/config.json "
            f"--output runs/{name}"
        ],
        "published_by": f"python -m recipes.publish --run runs/{name} {sources} {bits}"
        f"--output pretrained/{name}",
    }


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
    extra: Mapping[str, Any],
    weights: bool,
) -> dict[str, Any]:
    """Writes the .tflite of a run, its weights, labels and configuration; scores it in Keras and compares both."""
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
        extra={"name": path.parent.name, "config": config, **extra},
    )
    if weights:
        model.save_to_preset(path.parent, dtype="float16")
    write_json(path.with_name("labels.json"), model.labels.to_dict())
    write_json(path.with_name("config.json"), config)
    rows = [row for part in parts for row in part.rows]
    report = compare(model, Parser(path), [row.text for row in rows])
    parity = {name: round(value, 4) for name, value in dataclasses.asdict(report).items()}
    return {"keras": measure(floats, rows), "parity": parity}
