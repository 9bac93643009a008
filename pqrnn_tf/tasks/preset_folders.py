"""Folders of models that can be trained on: what a model is, and its weights, also in half precision.

    model.json     format, what the model is (Keras' configuration: sizes, projection, labels), digest of the weights
    weights.npz    an array per weight, named by its layer: "qrnn_1/forward/kernel"

A folder may hold more, such as model.tflite and a card; it is left alone.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import pathlib
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from pqrnn_tf.files import check_folder, write_bytes, write_json
from pqrnn_tf.runtime.presets import model_file

FORMAT = 1
MODEL, WEIGHTS = "model.json", "weights.npz"
DTYPES = ("float32", "float16")


class PresetError(ValueError):
    """A folder that holds no complete model to train on."""


def write_preset(
    folder: str | os.PathLike[str],
    config: dict[str, Any],
    weights: Mapping[str, keras.Variable],
    dtype: str,
) -> None:
    """Writes a model into a folder, which may hold other files already; each file is written whole or not at all.

    Args:
        folder: The folder; it is made if need be.
        config: Serialised model, plain JSON values.
        weights: Variables by name.
        dtype: `"float32"`, or `"float16"` for files of half the size. A weight that half precision cannot hold
            stays in single precision.

    Raises:
        ValueError: if `dtype` is another one.
    """
    if dtype not in DTYPES:
        raise ValueError(f"`dtype` must be one of {DTYPES}. Received: {dtype!r}.")
    arrays = {}
    for name, variable in weights.items():
        exact = np.asarray(keras.ops.convert_to_numpy(variable), np.float32)
        with np.errstate(over="ignore"):
            short = exact.astype(dtype)
        arrays[name] = short if np.isfinite(short).all() else exact
    check_folder(folder, name="folder")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    content = buffer.getvalue()
    target = pathlib.Path(folder)
    write_bytes(target / WEIGHTS, content)
    # Last: without the right digest the folder is not read.
    described = {"format": FORMAT, "weights": hashlib.sha256(content).hexdigest(), "model": config}
    write_json(target / MODEL, described)


def preset_folder(preset: str | os.PathLike[str]) -> str | os.PathLike[str]:
    """The folder of a preset: the one that is named, that of its .tflite, or one that comes with the package.

    Raises:
        FileNotFoundError: if there is none.
        PresetError: if another file is named, whose weights would not be those that are read.
    """
    if os.path.isdir(preset):
        return preset
    path = model_file(preset)
    if path.suffix != ".tflite":
        raise PresetError(
            f"`preset` must be a name or a folder. Received: {str(preset)!r}, another file. Give the folder of "
            f"{MODEL} and {WEIGHTS} (`save_to_preset`); `keras.models.load_model` reads a .keras file."
        )
    return path.parent


def read_preset(
    folder: str | os.PathLike[str],
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The serialised model and the arrays, float32, of a folder that `write_preset` wrote.

    Raises:
        PresetError: if the folder holds no model to train on, one of another format, or half of one.
    """
    root = pathlib.Path(folder)
    try:
        described = json.loads((root / MODEL).read_text(encoding="utf-8"))
        content = (root / WEIGHTS).read_bytes()
    except FileNotFoundError as error:
        raise PresetError(
            f"`folder` must hold {MODEL} and {WEIGHTS}, as `save_to_preset` writes them. Received: {str(root)!r}, "
            f"without {pathlib.Path(error.filename).name}: it can be parsed with, but not trained on."
        ) from error
    except (ValueError, RecursionError) as error:
        raise PresetError(f"{root / MODEL}: must be JSON ({error}).") from error
    if not isinstance(described, dict) or described.get("format") != FORMAT:
        found = described.get("format") if isinstance(described, dict) else described
        raise PresetError(
            f"{root / MODEL}: must have format {FORMAT}. Received: {found!r:.60}. Use the package version that "
            "wrote it."
        )
    if hashlib.sha256(content).hexdigest() != described.get("weights"):
        raise PresetError(
            f"{root / WEIGHTS}: must be the file that {MODEL} names by its digest. Received: another one; copy or "
            "save both again."
        )
    if not isinstance(described.get("model"), dict):
        raise PresetError(
            f"{root / MODEL}: must say what the model is. Received: {described.get('model')!r:.60}; copy or save it "
            "again."
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return described["model"], {name: arrays[name].astype(np.float32) for name in arrays.files}


def preset_class(serialised: Mapping[str, Any]) -> str:
    """Name of the class of the serialised model that `read_preset` gives."""
    return str(serialised.get("class_name"))


def assign(weights: Mapping[str, keras.Variable], arrays: Mapping[str, np.ndarray]) -> None:
    """Gives variables the values of arrays by name; arrays without a variable are left out.

    Raises:
        PresetError: if a variable has no array or one of another shape.
    """
    for name, variable in weights.items():
        if name not in arrays or arrays[name].shape != tuple(variable.shape):
            found = f"shape {arrays[name].shape}" if name in arrays else "none"
            raise PresetError(
                f"{WEIGHTS} must have an array {name!r} of shape {tuple(variable.shape)}. Received: {found}."
            )
    for name, variable in weights.items():
        variable.assign(arrays[name])


def weights_of_layers(layers: Mapping[str, keras.layers.Layer]) -> dict[str, keras.Variable]:
    """The weights of some layers, named by the layer's name here and what the weight is called inside of it."""
    named: dict[str, keras.Variable] = {}
    for name, layer in layers.items():
        for variable in layer.weights:
            inside = variable.path.rsplit(f"{layer.name}/", 1)[-1]
            named[f"{name}/{inside}"] = variable
    return named
