"""Exports a trained model to one .tflite file that runs on any stock LiteRT runtime.

The file takes the code points of raw text and returns intent, slots and token spans; labels, projection
specification, versions and licence note are inside it.

    pqrnn export --model runs/en
    pqrnn export --model runs/en/model.keras --output en.tflite

With --quantization int8 activations have 8 bits too; their ranges are measured on training rows:

    pqrnn export --model runs/en --quantization int8 --calibration mtop --output en8.tflite

With --frontend string it takes the text itself, by a custom op that the runtime must be given
(docs/deployment.md).
"""

from __future__ import annotations

import pathlib

from pqrnn_tf.commands import keras_model
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError
from pqrnn_tf.commands.running import without_native_messages


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag(
        "model",
        "The .keras file of a trained model, or the folder with its model.keras.",
        required=True,
        metavar="MODEL",
    )
    parser.flag(
        "output",
        "The .tflite file to write.",
        shown="beside the .keras file, with its name",
        metavar="FILE",
    )
    parser.flag(
        "quantization",
        "What has 8 bits: the weights; the weights and the activations; nothing.",
        choices=["int8_weights", "int8", "none"],
        default="int8_weights",
    )
    parser.flag(
        "calibration",
        "Files and folders as DATA of `pqrnn train`; their training rows tell the ranges of activations, for "
        "--quantization int8.",
        repeat=True,
        metavar="DATA",
    )
    parser.flag(
        "frontend",
        "What the file takes: code points, on any stock runtime, or a string, where the custom op is loaded.",
        choices=["code_points", "string"],
        default="code_points",
    )
    parser.flag(
        "licence", "Note on the terms of model and data, kept in the file.", shown="no note"
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    if arguments.quantization != "int8":
        arguments.refuse(["calibration"], "it belongs to --quantization int8")
    elif not arguments.calibration:
        raise UsageError("--quantization int8 needs --calibration")
    if arguments.output is not None and not arguments.output.endswith(".tflite"):
        raise UsageError(f"--output must end in .tflite, not {arguments.output!r}")
    path = keras_model.keras_file(arguments.model)
    output = pathlib.Path(arguments.output or path.with_suffix(".tflite"))
    model = keras_model.load_keras(path)
    from pqrnn_tf.datasets import read_rows
    from tflite_export.converter import convert

    rows = read_rows(arguments.calibration).splits if arguments.calibration else {}
    with without_native_messages():
        content = convert(
            model,
            path=output,
            quantization=arguments.quantization,
            calibration=[row.text for row in rows.get("train", ())],
            licence=arguments.licence or "",
            frontend=arguments.frontend,
        )
    print(f"{output}: {len(content)} bytes")
