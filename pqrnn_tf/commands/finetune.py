"""Fine-tunes a BERT on labelled phrases: the teacher for `pqrnn distill --fine_tuned`.

The training of a fine-tuned teacher, OUTPUT/teacher, can resume with other rows of the same labels, and its encoder
without heads, OUTPUT/teacher/encoder, is a BERT in TF-Hub's format for rows of other labels: so a teacher is trained
on one corpus and then on another. A killed run resumes after its last whole epoch.

    pqrnn finetune topv2 --teacher minilm --epochs 1 --learning_rate 1.5e-4 --output runs/topv2
    pqrnn finetune mtop --teacher runs/topv2/teacher/encoder --epochs 10 --output runs/minilm
"""

from __future__ import annotations

import json
import pathlib
import random

from pqrnn_tf.commands import config_flags, data_flags, teacher_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import log_to_stderr
from pqrnn_tf.teachers.bert.defaults import BATCH_SIZE, EPOCHS, LEARNING_RATE


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    data_flags.add_training_data(parser)
    parser.flag("rows", "At most so many training rows, drawn by the seed.", type=at_least(1))
    parser.section("teacher")
    teacher_flags.add_bert(parser)
    parser.flag("epochs", "Passes over the rows.", type=at_least(1), default=EPOCHS)
    parser.flag("learning_rate", "Peak learning rate.", type=float, default=LEARNING_RATE)
    parser.flag("batch_size", "Rows a step.", type=at_least(1), default=BATCH_SIZE)
    parser.flag(
        "patience",
        "Stops after so many epochs without a better development score.",
        type=at_least(1),
    )
    config_flags.add_config(parser)
    config_flags.add_run(parser, "Folder for the teacher.")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    data_flags.check_training_data(arguments)
    log_to_stderr()
    config = config_flags.read_configuration(arguments)
    rows = data_flags.read_training_data(arguments)
    from pqrnn_tf.commands.progress import progress_callbacks
    from pqrnn_tf.tasks.parsing import score_model
    from pqrnn_tf.teachers import DEFAULT_HANDLE, fit_teacher

    training = rows.training
    if arguments.rows is not None:
        random.Random(config.seed).shuffle(training)
        training = training[: arguments.rows]
    teacher = fit_teacher(
        arguments.teacher or DEFAULT_HANDLE,
        config,
        training,
        rows.development,
        pathlib.Path(arguments.output) / "teacher",
        epochs=arguments.epochs,
        learning_rate=arguments.learning_rate,
        batch_size=arguments.batch_size,
        patience=arguments.patience,
        callbacks=progress_callbacks(
            "fine-tuning", min(arguments.batch_size, len(training)), arguments.verbose
        ),
        verbose=config_flags.verbosity_of_keras(arguments),
    )
    scores = (
        score_model(teacher, rows.development, spec=config.spec).to_dict()
        if rows.development
        else {}
    )
    print(json.dumps(scores))
