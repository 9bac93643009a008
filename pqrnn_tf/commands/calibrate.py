"""Calibrates the scores of a .tflite on rows that it was not trained on, and finds what it rejects.

Only the description inside the file is written again; the model stays as it is. `pqrnn train` and `pqrnn distill` do
the same at their end. The rows are the development rows of DATA, or else its test rows, or else all. With --reject_at,
or where the rows have some that are out of scope, the file gets a threshold below which the intent of a parse is null
(docs/scores.md). What the file had of both before is replaced. Prints what was measured: each half of the rows is
scored with what was fitted on the other half. With fewer than 80 rows the error of a calibration is not measured, and
with fewer than 40 there is no calibration. A threshold that rows out of scope did not choose scores them as it stands.

    pqrnn calibrate phrases.csv --model runs/mine
    pqrnn calibrate phrases.csv --model runs/mine/model.tflite --reject_at 0.05 --outside_text sentences.txt
"""

from __future__ import annotations

import json
import pathlib
import shlex

from pqrnn_tf.commands import data_flags, finished_run
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError
from pqrnn_tf.commands.running import log_to_stderr, without_native_messages


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    data_flags.add_data(parser)
    parser.section("scores")
    parser.flag(
        "model",
        "The .tflite file, or a folder that holds it; of a pretrained model a copy.",
        required=True,
        metavar="MODEL",
    )
    finished_run.add_rejection(parser)


def run(arguments: Arguments) -> None:
    """Runs the command."""
    data_flags.check_data(arguments)
    finished_run.check_rejection(arguments)
    log_to_stderr()
    from pqrnn_tf.commands.evaluate import choose_rows
    from pqrnn_tf.tasks.calibrated_file import calibrate_file
    from pqrnn_tf.tasks.scoring import measure, open_model

    path = own_file(arguments.model)
    _, development = choose_rows(data_flags.read_data(arguments), None)
    general = finished_run.read_outside_text(arguments, development)
    with without_native_messages():
        calibrate_file(path, development, general=general, reject_at=arguments.reject_at)
        record = measure(open_model(path), development)
    print(json.dumps(record))


def own_file(model: str) -> pathlib.Path:
    """The .tflite that is written again.

    Args:
        model: What the flag says.

    Raises:
        FileNotFoundError: if there is no such file.
        UsageError: if it is the name of a pretrained model, which everybody shares who uses this installation.
    """
    from pqrnn_tf.runtime.presets import model_file

    path = model_file(model)
    if not pathlib.Path(model).exists():
        raise UsageError(
            f"--model must be a file of your own, since it is written again, and {model} is the name of a pretrained "
            f"model. Copy it, and name the copy: cp {shlex.quote(str(path))} {model}.tflite"
        )
    return path
