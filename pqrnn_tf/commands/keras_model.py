"""The Keras model that a command exports or trains further."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING

from pqrnn_tf.commands.config_flags import require_tensorflow

if TYPE_CHECKING:
    from pqrnn_tf.tasks.intent_slots import IntentSlotModel


def keras_file(model: str) -> pathlib.Path:
    """The .keras file that a text names: itself, or the one in a folder.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if it is damaged or of another kind.
    """
    path = pathlib.Path(model)
    if path.is_dir():
        path = path / "model.keras"
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no file {str(path)!r}. Give the .keras file of a trained model, or its folder."
        )
    from pqrnn_tf.tasks.keras_files import keras_description

    keras_description(path)
    return path


def parser_file(model: str) -> pathlib.Path:
    """The .keras file of a parser that a text names, see `keras_file`.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if it holds no parser with labels.
    """
    from pqrnn_tf.tasks.keras_files import parser_labels

    path = keras_file(model)
    parser_labels(path)
    return path


def load_keras(path: pathlib.Path) -> IntentSlotModel:
    """The model in a .keras file, to export it or to resume its training.

    Raises:
        ImportError: if TensorFlow is not installed.
        OSError, ValueError: if it cannot be read.
    """
    require_tensorflow()
    from pqrnn_tf.tasks.keras_files import load_keras_model

    return load_keras_model(path)


def load_student(model: str) -> IntentSlotModel:
    """The model that a text names: a preset with weights, a .keras file, or a folder with one.

    Raises:
        FileNotFoundError: if there is none.
        ImportError: if TensorFlow is not installed.
        OSError, ValueError: if it cannot be read, or is no parser with labels.
    """
    require_tensorflow()
    from pqrnn_tf.runtime.presets import pretrained_models
    from pqrnn_tf.tasks.intent_slots import IntentSlotModel

    if model in pretrained_models() or (pathlib.Path(model) / "model.json").is_file():
        student = IntentSlotModel.from_preset(model)
        if student.labels is None:
            raise ValueError(
                f"{model} must be a parser with labels. It is an encoder without, which a training starts from."
            )
        return student
    return load_keras(parser_file(model))
