"""Models in `.keras` files: what one holds, and the model itself."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from pqrnn_tf.runtime.labels import LabelSet

_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError)


def keras_description(path: str | os.PathLike[str]) -> Mapping[str, Any]:
    """What a `.keras` file says of its model, as Keras wrote it: `class_name`, `config` and others.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is damaged, or no such file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            described = json.loads(archive.read("config.json"))
    except (*_DAMAGED, KeyError, ValueError) as error:
        raise _damaged(path) from error
    if not isinstance(described, Mapping) or not isinstance(described.get("config"), Mapping):
        raise _damaged(path)
    return described


def parser_labels(path: str | os.PathLike[str]) -> LabelSet:
    """The labels of the parser in a `.keras` file, read without loading it.

    Raises:
        FileNotFoundError: if there is no such file.
        LabelError: if its labels are not valid.
        ValueError: if it is damaged, or holds a model of another kind or one without labels.
    """
    described = keras_description(path)
    name, config = described.get("class_name"), described["config"]
    if "labels" not in config:
        holds = f"a {name}, which does not parse"
        if name == "SentenceEncoder":
            holds = f"a {name}, which gives vectors of sentences (`pqrnn embed`) and does not parse"
        raise ValueError(f"{path} must hold an IntentSlotModel. It holds {holds}.")
    if config["labels"] is None:
        raise ValueError(
            f"{path} must hold a trained IntentSlotModel. It holds a {name} without labels: train it with `fit`, and "
            "save it again."
        )
    return LabelSet.from_dict(config["labels"])


def load_keras_model(path: str | os.PathLike[str]) -> Any:
    """The model in a `.keras` file, not compiled.

    Raises:
        FileNotFoundError: if there is no such file.
        ImportError: if TensorFlow is not installed.
        TypeError: if Keras does not know its class.
        ValueError: if it is damaged, or no such file.
    """
    keras_description(path)
    import keras

    try:
        return keras.models.load_model(path, compile=False)
    except _DAMAGED as error:
        raise _damaged(path) from error


def _damaged(path: str | os.PathLike[str]) -> ValueError:
    return ValueError(
        f"{path} must be the .keras file of a trained model. It is damaged or of another kind."
    )
