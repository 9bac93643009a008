"""Trains a joint intent and slot model on labelled phrases.

OUTPUT gets model.keras, model.tflite for any stock LiteRT runtime, card.md with scores, confusions and commands,
labels.json and the log. A killed run, started again with the same flags, resumes from its last checkpoint and ends
with the same model.

    pqrnn train mtop --language en --output runs/en
    pqrnn parse --model runs/en "wake me at 7"

Few rows are trained from the sentence encoder encoder_en_2mb, or from encoder_multi_2mb where they name another
language or the first does not help, if held-out rows say that its vectors help, or if too few can be held out to say;
the log and card.md say what was decided (docs/encoders.md). --start decides it by hand.

With --quantized_from the training of a model resumes with kernels and activations rounded to 8 bits, for a .tflite with
--quantization int8; the other flags are those of its training, but for epochs and learning rate:

    pqrnn train mtop --language en --output runs/en8 --quantized_from runs/en \\
        --set epochs=3 --set learning_rate=0.0002 --quantization int8
"""

from __future__ import annotations

import logging
import pathlib
from typing import Any

from pqrnn_tf.commands import config_flags, data_flags, finished_run, keras_model
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import log_to_stderr

_LOG = logging.getLogger(__name__)


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    data_flags.add_training_data(parser)
    config_flags.add_config(parser)
    parser.flag(
        "quantized_from",
        "The .keras file, or its folder, of a model that was trained on the same rows: its training resumes, with "
        "kernels and activations rounded to 8 bits.",
        metavar="MODEL",
    )
    config_flags.add_growth(parser)
    parser.flag(
        "start",
        "What the training starts from: none for drawn weights; a pretrained model or a folder of one, whose encoder "
        "gets new heads, and the vectors of a sentence encoder are fitted to rows of intents only unless the "
        "configuration says how to train, such as `epochs` or `learning_rate`; auto for the sentence encoder that "
        "comes with the package where there are few rows and held-out ones say that it helps.",
        metavar="MODEL",
        default="auto",
    )
    parser.flag(
        "entities",
        "A file of names that stand in slots of `entity_types` too, beside those of the rows and made-up ones: .txt, "
        ".csv, .json or .yaml (docs/entities.md).",
        repeat=True,
        metavar="FILE",
    )
    finished_run.add_export(parser)
    config_flags.add_run(parser, "Folder for the model, its card, its log and its checkpoint.")
    config_flags.add_scoring(parser)


def run(arguments: Arguments) -> None:
    """Runs the command."""
    data_flags.check_training_data(arguments)
    finished_run.check_rejection(arguments)
    if arguments.quantized_from is not None:
        arguments.refuse(
            ["grow_from", "start"], "--quantized_from names the model that it starts from"
        )
        arguments.refuse(["entities"], "--quantized_from trains on the rows only")
    if arguments.grow_from is None:
        arguments.refuse(["depth"], "it belongs to --grow_from")
    else:
        arguments.refuse(["start"], "--grow_from names the model that it starts from")
    preset = arguments.start if arguments.start not in ("auto", "none") else None
    log_to_stderr()
    data_flags.check_places(arguments)
    config_of = config_flags.read_settings_for_rows(arguments)
    from pqrnn_tf.commands.progress import progress_callbacks
    from pqrnn_tf.runtime.entities import Entities
    from pqrnn_tf.tasks.config import STEP_FIELDS, read_settings
    from pqrnn_tf.tasks.intent_solution import has_vectors
    from pqrnn_tf.tasks.starting import ENCODER_FIELDS, choose_start, config_of_start
    from pqrnn_tf.tasks.training import train

    if preset is not None:
        config_flags.refuse_settings(
            arguments, f"--start {preset} decides projection and layers", unread=ENCODER_FIELDS
        )
    settings = read_settings(arguments.config, arguments.set)
    names = Entities.from_file(arguments.entities) if arguments.entities else None
    start = None
    if arguments.quantized_from is not None:
        start = keras_model.parser_file(arguments.quantized_from)
    rows = data_flags.read_training_data(arguments)
    finished_run.check_rows_of_rejection(arguments, rows)
    config = config_of(len(rows.training))
    output = pathlib.Path(arguments.output)
    how: dict[str, Any] = {
        "evaluate_every": arguments.evaluate_every,
        "callbacks": progress_callbacks(
            "training", min(config.batch_size, len(rows.training)), arguments.verbose
        ),
        "verbose": config_flags.verbosity_of_keras(arguments),
    }
    notes: list[str] = []
    if start is None:
        small = None
        if arguments.grow_from is not None:
            small = keras_model.load_student(arguments.grow_from)
        elif arguments.start == "auto":
            choice = choose_start(rows.training, rows.development, settings=settings)
            preset = choice.preset
            started = preset or "drawn weights"
            _LOG.info("start from %s: %s", started, choice.reason)
            notes.append(f"Trained from {started}. {choice.reason}")
        elif preset is not None:
            notes.append(f"Trained from {preset}.")
        model = train(
            config,
            rows.training,
            rows.development,
            output,
            grow_from=small,
            depth=arguments.depth,
            start=preset,
            with_passes=not STEP_FIELDS.isdisjoint(settings),
            names=names,
            **how,
        )
    else:
        from pqrnn_tf.tasks.quantized_training import train_quantized

        model = keras_model.load_keras(start)
        if has_vectors(model):
            config = config_of_start(config, model)
        train_quantized(model, config, rows.training, rows.development, output, **how)
    finished = finished_run.finish_run(model, output, rows, arguments, notes=notes)
    finished.tell(finished.scores)
