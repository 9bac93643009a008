"""Fine-tunes a BERT on labelled phrases: the teacher for `pqrnn distill --fine_tuned`.

A checkpoint may have word pieces or sentence pieces: XLM-R, multilingual MiniLM, multilingual E5. OUTPUT/card.md says
what the teacher reaches, by language.

The training of a fine-tuned teacher, OUTPUT/teacher, can resume with other rows of the same labels, and its encoder
without heads, OUTPUT/teacher/encoder, is a BERT in TF-Hub's format for rows of other labels: so a teacher is trained
on one corpus and then on another. A killed run resumes from its last checkpoint.

    pqrnn finetune topv2 --teacher minilm --epochs 1 --output runs/topv2
    pqrnn finetune mtop --teacher runs/topv2/teacher/encoder --epochs 10 --output runs/minilm
    pqrnn finetune de.csv es.csv --teacher e5 --layers 8 --prune --embeddings rows --output runs/e5
"""

from __future__ import annotations

import json
import logging
import pathlib
import random

from pqrnn_tf.commands import config_flags, data_flags, teacher_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import log_to_stderr
from pqrnn_tf.teachers.bert.defaults import (
    BATCH_SIZE,
    EMBEDDINGS,
    EPOCHS,
    HEAD_FACTOR,
    LAYER_DECAY,
    RATE_BY_WIDTH,
)

_LOG = logging.getLogger(__name__)


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    data_flags.add_training_data(parser)
    parser.flag("rows", "At most so many training rows, drawn by the seed.", type=at_least(1))
    parser.section("teacher")
    teacher_flags.add_bert(parser)
    parser.switch(
        "prune",
        "Convert a checkpoint without the pieces that the rows and --prune_text do not use: its outputs for these "
        "texts stay the same, others are spelled in smaller pieces. A multilingual BERT gets several times smaller.",
    )
    parser.flag(
        "prune_text",
        "File or folder of text that the teacher will answer, whose pieces stay too.",
        repeat=True,
        metavar="PATH",
    )
    parser.flag(
        "layers",
        "Convert only so many of the lowest layers of a checkpoint. A BERT for sentence vectors, such as multilingual "
        "E5, tags better and sooner without its upper third.",
        type=at_least(1),
        shown="all",
    )
    parser.section("fine-tuning")
    parser.flag("epochs", "Passes over the rows.", type=at_least(1), default=EPOCHS)
    parser.flag("learning_rate", "Peak learning rate.", type=float, shown=RATE_BY_WIDTH)
    told = "; ".join(f"{name}: {what}" for name, what in EMBEDDINGS.items())
    parser.flag(
        "embeddings",
        f"What of the embeddings a step trains. {told}.",
        choices=list(EMBEDDINGS),
        default="all",
    )
    parser.flag(
        "frozen_layers",
        "So many of the lowest layers stay as they are, and the embeddings with them.",
        type=at_least(0),
        default=0,
    )
    parser.flag(
        "head_factor",
        "Factor on the learning rate of the heads, which begin from nothing.",
        type=float,
        default=HEAD_FACTOR,
    )
    parser.flag(
        "layer_decay",
        "Factor on the learning rate from one layer to the one below.",
        type=float,
        default=LAYER_DECAY,
    )
    parser.flag(
        "prompts",
        "Train so many vectors in front of each text, such as 100, and the heads, but not the BERT: OUTPUT/teacher "
        "keeps them and the BERT's name. It wants a far larger --learning_rate, such as 2e-2 (docs/growth.md).",
        type=at_least(1),
    )
    teacher_flags.add_domains(
        parser,
        "Trains a meta-teacher: rows that are typical of all domains count more, and a head of its own keeps it from "
        "distinguishing domains (docs/distillation.md).",
    )
    config_flags.add_bfloat16(parser)
    parser.flag("batch_size", "Rows a step.", type=at_least(1), default=BATCH_SIZE)
    parser.flag(
        "patience",
        "Stops after so many development scores without a better one. There is one after each epoch, or after each "
        "part of a longer one: about 500 steps, more of them with many development rows.",
        type=at_least(1),
    )
    config_flags.add_config(parser, "distortion=0.1 or spec.max_tokens=48")
    config_flags.add_run(parser, "Folder for the teacher.")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    data_flags.check_training_data(arguments)
    if not arguments.prune:
        arguments.refuse(["prune_text"], "it belongs to --prune")
    if arguments.prompts is not None:
        arguments.refuse(
            ["embeddings", "frozen_layers", "layer_decay"], "--prompts trains nothing of the BERT"
        )
    if arguments.frozen_layers:
        arguments.refuse(["embeddings"], "--frozen_layers freezes them")
    config_flags.refuse_settings(
        arguments,
        f"of a configuration a BERT reads {', '.join(config_flags.FIELDS_OF_BERTS)}; flags say the rest",
        read=config_flags.FIELDS_OF_BERTS,
    )
    log_to_stderr()
    data_flags.check_places(arguments)
    config = config_flags.read_configuration(arguments)
    rows = data_flags.read_training_data(arguments)
    from pqrnn_tf.commands.progress import progress_callbacks
    from pqrnn_tf.commands.teacher_card import measure_teacher, write_teacher_card
    from pqrnn_tf.datasets import read_texts
    from pqrnn_tf.teachers import DEFAULT_HANDLE, fit_teacher

    identity = config_flags.use_bfloat16(arguments)
    training = rows.training
    if arguments.rows is not None:
        places = drawn_places(len(training), arguments.rows, config.seed)
        training = [training[place] for place in places]
        rows = rows.part(sorted(places))
    folder = pathlib.Path(arguments.output)
    teacher = fit_teacher(
        arguments.teacher or DEFAULT_HANDLE,
        config,
        training,
        rows.development,
        folder / "teacher",
        epochs=arguments.epochs,
        learning_rate=arguments.learning_rate,
        batch_size=arguments.batch_size,
        embeddings=arguments.embeddings,
        frozen_layers=arguments.frozen_layers,
        head_factor=arguments.head_factor,
        layer_decay=arguments.layer_decay,
        patience=arguments.patience,
        prompts=arguments.prompts,
        domains=arguments.domains,
        prune=arguments.prune,
        layers=arguments.layers,
        other_texts=read_texts(arguments.prune_text) if arguments.prune_text else (),
        identity=identity,
        callbacks=progress_callbacks(
            "fine-tuning", min(arguments.batch_size, len(training)), arguments.verbose
        ),
        verbose=config_flags.verbosity_of_keras(arguments),
    )
    scores = {}
    if rows.development:
        _LOG.info("the teacher answers %d development rows", len(rows.development))
        scores = measure_teacher(teacher, rows, config.spec)
    write_teacher_card(
        folder,
        scores,
        data=[*map(str, rows.sources), *rows.notes, str(rows)],
        size=sum(path.stat().st_size for path in teacher.folder.rglob("*") if path.is_file()),
        call=arguments.call,
    )
    print(json.dumps(scores))


def drawn_places(rows: int, count: int, seed: int) -> list[int]:
    """Places of at most so many rows, drawn by a seed, in the order in which they are trained on."""
    places = list(range(rows))
    random.Random(seed).shuffle(places)
    return places[:count]
