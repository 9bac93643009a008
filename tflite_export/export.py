"""Exports a trained model to one .tflite file that runs on any stock LiteRT runtime.

The file takes the code points of raw text and returns intent, slots and token spans; labels, projection
specification, versions and licence note are inside it.

    python -m tflite_export.export --model runs/en/model.keras --output runs/en/model.tflite

With `--quantization int8` activations have 8 bits too; their ranges are measured on training rows:

    python -m tflite_export.export --model runs/en/model.keras --quantization int8 --calibration mtop \\
        --output runs/en/model.tflite

With `--frontend string` it takes the text itself, by a custom op that the runtime must be given
(docs/deployment.md).
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Sequence

from absl import app, flags

_MODEL = flags.DEFINE_string("model", None, "The .keras file of a trained model.", required=True)
_OUTPUT = flags.DEFINE_string("output", None, "The .tflite file to write.", required=True)
_QUANTIZATION = flags.DEFINE_enum(
    "quantization",
    "int8_weights",
    ["int8_weights", "int8", "none"],
    "What has 8 bits: the weights; the weights and the activations; nothing.",
)
_CALIBRATION = flags.DEFINE_multi_string(
    "calibration",
    [],
    "Folder of a corpus whose training rows tell the ranges of activations, for --quantization int8. May be "
    "repeated, and name its languages: FOLDER:de,fr or FOLDER:all.",
)
_FRONTEND = flags.DEFINE_enum(
    "frontend",
    "code_points",
    ["code_points", "string"],
    "What the file takes: code points, on any stock runtime, or a string, where the custom op is loaded.",
)
_LICENCE = flags.DEFINE_string(
    "licence", "", "Note on the terms of model and data, kept in the file."
)


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    import keras

    import pqrnn_tf.tasks.intent_slots  # noqa: F401  (registers the classes)
    from pqrnn_tf.datasets import load_languages
    from pqrnn_tf.projection.op import OpUnavailableError
    from tflite_export.converter import convert

    try:
        if not pathlib.Path(_MODEL.value).is_file():
            raise FileNotFoundError(f"--model: there is no file {_MODEL.value!r}")
        rows = [load_languages(folder, "train") for folder in _CALIBRATION.value]
        content = convert(
            keras.models.load_model(_MODEL.value, compile=False),
            path=_OUTPUT.value,
            quantization=_QUANTIZATION.value,
            calibration=[row.text for part in rows for some in part.values() for row in some],
            licence=_LICENCE.value,
            frontend=_FRONTEND.value,
        )
    except (OSError, ValueError, TypeError, OpUnavailableError) as error:
        print(f"export: {error}", file=sys.stderr)
        sys.exit(1)
    print(f"{_OUTPUT.value}: {len(content)} bytes")


if __name__ == "__main__":
    app.run(main)
