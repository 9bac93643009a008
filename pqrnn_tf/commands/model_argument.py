"""The model that a command is given: a file, a folder that a training left, or the name of a pretrained model."""

from __future__ import annotations

import pathlib

from pqrnn_tf.runtime.presets import FILE, model_file

HELP = (
    f"A .tflite file, a folder with a {FILE}, or the name of a pretrained model (`pqrnn models`)."
)


def tflite_file(model: str) -> pathlib.Path:
    """The .tflite file that a text names.

    Raises:
        FileNotFoundError: if it names none.
    """
    path = pathlib.Path(model)
    if path.is_dir():
        if not (path / FILE).is_file():
            raise FileNotFoundError(
                f"--model: the folder {model!r} has no {FILE}. Train into it with `pqrnn train`, or write the file "
                "with `pqrnn export`."
            )
        return path / FILE
    return model_file(model)


def keras_file(model: str) -> pathlib.Path:
    """The .keras file that a text names: itself, or the one in a folder.

    Raises:
        FileNotFoundError: if there is none.
    """
    path = pathlib.Path(model)
    if path.is_dir():
        path = path / "model.keras"
    if not path.is_file():
        raise FileNotFoundError(
            f"--model: there is no file {str(path)!r}. Give the .keras file of a trained model, or its folder."
        )
    return path
