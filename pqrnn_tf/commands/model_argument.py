"""The model that a command is given: a file, a folder that a training left, or the name of a pretrained model."""

from __future__ import annotations

import pathlib

from pqrnn_tf.runtime.presets import FILE

HELP = (
    f"A .tflite file, a folder with a {FILE}, or the name of a pretrained model (`pqrnn models`)."
)


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
