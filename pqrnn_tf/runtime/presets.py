"""The trained models that come with the package, by name. Needs no TensorFlow."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
from typing import Any

from pqrnn_tf.runtime.metadata import (
    EncoderMetadata,
    Metadata,
    ModelFileError,
    read_description,
)

FOLDERS = (
    pathlib.Path(__file__).resolve().parent.parent / "models",  # an installation
    pathlib.Path(__file__).resolve().parent.parent.parent / "pretrained",  # a checkout
)
"""Where the models lie; the first that exists is used."""
FILE = "model.tflite"


@dataclasses.dataclass(frozen=True)
class PretrainedModel:
    """A trained model.

    Attributes:
        name: What `load` calls it.
        path: Its .tflite file; the card, labels and scores stand beside it.
        bytes: Size of that file.
        metadata: The description in the file: `Metadata` of a parser, `EncoderMetadata` of an encoder.
        licence: Terms of model and data.
        scores: Content of its `scores.json`, which the command on the card wrote; empty without one.
    """

    name: str
    path: pathlib.Path
    bytes: int
    metadata: Metadata | EncoderMetadata
    licence: str
    scores: dict[str, Any]


def _files() -> dict[str, pathlib.Path]:
    folder = next((folder for folder in FOLDERS if folder.is_dir()), None)
    if folder is None:
        return {}
    return {path.parent.name: path for path in sorted(folder.glob(f"*/{FILE}"))}


def pretrained_models() -> dict[str, PretrainedModel]:
    """Describes the models that come with the package.

    Returns:
        By name, in alphabetical order; empty where the package was installed without them.

    Raises:
        ModelFileError: if a file is damaged.
    """
    return {name: _describe(name, path) for name, path in _files().items()}


def _describe(name: str, path: pathlib.Path) -> PretrainedModel:
    metadata = read_description(path)[1]
    return PretrainedModel(
        name=name,
        path=path,
        bytes=path.stat().st_size,
        metadata=metadata,
        licence=metadata.licence,
        scores=_scores(path.with_name("scores.json")),
    )


def _scores(path: pathlib.Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        scores = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(scores, dict):
            raise ValueError("no mapping")
    except (ValueError, RecursionError) as error:
        raise ModelFileError(
            f"{path} must be the scores of the model beside it. It is damaged ({error}): copy it again, or remove it."
        ) from error
    return scores


def model_file(model: str | os.PathLike[str]) -> pathlib.Path:
    """Finds the .tflite file that a key names: the one rule of `load`, `Parser` and the commands.

    Args:
        model: A .tflite file; a folder that holds `model.tflite`, as training writes it; or, where there is no
            such file or folder, a name in `pretrained_models`.

    Raises:
        TypeError: if it is neither a string nor a path.
        FileNotFoundError: if it is none of them.
    """
    if not isinstance(model, (str, os.PathLike)):
        raise TypeError(
            f"`model` must be a name or the path of a file or folder. Received: {type(model).__name__}."
        )
    path = pathlib.Path(model)
    if path.is_file():
        return path
    inside = path / FILE
    if inside.is_file():
        return inside
    files = _files()
    if str(model) in files:
        return files[str(model)]
    reason = f", a folder without {FILE}: export the model into it" if path.is_dir() else ""
    raise FileNotFoundError(
        f"`model` must be a .tflite file, a folder with {FILE}, or the name of a pretrained model, one of "
        f"{list(files)}. Received: {str(model)!r}{reason}."
    )
