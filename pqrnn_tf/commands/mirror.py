"""Makes a sentence encoder of any encoder, or of a BERT, from raw text only (Mirror-BERT).

A pair is a text with itself. One side loses a span of its projected features, of its words or of its characters, and
dropout differs on both; the two vectors of a text should be nearest to each other (Liu et al. 2021, arXiv 2104.08027).
A killed run, started again with the same flags, resumes where it was. OUTPUT gets a preset.

    pqrnn mirror logs.txt --start runs/encoder --output runs/mirrored
    pqrnn mirror words.txt --temperature 0.2 --output runs/words

With --teacher a BERT is trained in the place of an encoder, with the settings of the paper. Its result, OUTPUT/encoder,
is a BERT in TF-Hub's format, which is a --teacher for `pqrnn label --vectors`, `pretrain` and `finetune`.

    pqrnn mirror logs.txt --teacher bert --output runs/bert
    pqrnn pretrain logs.txt --teacher runs/bert/encoder --output runs/student
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pqrnn_tf.commands import config_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least
from pqrnn_tf.commands.pretrain import (
    FIELDS_OF_LABELS,
    add_configuration,
    add_start,
    add_text,
    tell,
    texts_of,
)
from pqrnn_tf.commands.running import log_to_stderr

if TYPE_CHECKING:
    from pqrnn_tf.distillation.pretraining_config import PretrainingConfig

CONTRAST_ONLY = {
    "vector_weight": 0.0,
    "similarity_weight": 0.0,
    "token_weight": 0.0,
    "contrastive_weight": 1.0,
}
"""Weights of the losses: raw text has no teacher to compare with."""
_OF_TEACHER = (
    *("similarity_scale", "centred"),
    *("surface", "surface_weights", "distortion", "unspaced", *FIELDS_OF_LABELS),
)
"""Fields that an encoder does not read without a teacher."""
_OF_BERT = (
    *("spec", "epochs", "batch_size", "learning_rate", "weight_decay", "dropout", "seed"),
    "temperature",
)
"""Fields that a BERT reads."""
SHORTEST = 30
"""Characters of a text from which on a view of it loses a span, where a BERT is trained: as the paper's authors do."""


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.section("text")
    add_text(parser)
    parser.flag(
        "span",
        "What one side of a pair loses a span of.",
        choices=["features", "words", "characters", "nothing"],
        shown="features; characters with --teacher, since a BERT reads no features",
    )
    parser.flag("size", "Length of the span, in words or characters.", type=at_least(1), default=5)
    parser.flag(
        "shortest",
        "A text of fewer characters loses no span of words or characters.",
        type=at_least(0),
        shown=f"0; {SHORTEST} with --teacher",
    )
    parser.flag(
        "temperature",
        "Temperature of the loss; the paper takes 0.2 for single words.",
        type=float,
        shown="that of the configuration, which has 0.04 where it does not say",
    )
    add_start(parser)
    parser.flag(
        "teacher",
        "BERT that is trained in the place of an encoder: TF-Hub handle or folder, or folder with a BERT checkpoint in "
        "safetensors, which is converted into OUTPUT/bert.",
        metavar="HANDLE",
    )
    add_configuration(
        parser, "epochs=2 or dropout=0.1", "PretrainingConfig, or with --teacher of MirrorConfig"
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    if not arguments.text:
        raise UsageError("give files with text")
    if arguments.teacher is not None:
        arguments.refuse(["start"], "--teacher names the BERT that the training starts from")
        if arguments.span == "features":
            raise UsageError("--span features has no use here: the BERT of --teacher reads none")
    span = arguments.span or ("features" if arguments.teacher is None else "characters")
    if span not in ("words", "characters"):
        arguments.refuse(["size", "shortest"], "only a span of words or characters has a length")
    if arguments.teacher is not None:
        config_flags.refuse_settings(
            arguments,
            f"of a configuration --teacher reads {', '.join(_OF_BERT)}; flags say the rest",
            read=_OF_BERT,
        )
    else:
        config_flags.refuse_settings(
            arguments,
            "texts are pairs with themselves, without teacher and labels",
            unread=_OF_TEACHER,
        )
    log_to_stderr()
    config_flags.require_tensorflow()
    if arguments.teacher is None:
        _mirror_encoder(arguments, span)
    else:
        _mirror_bert(arguments, span)


def encoder_config(
    path: str | None, assignments: Sequence[str], *, span: str, temperature: float | None
) -> PretrainingConfig:
    """The configuration of mirroring an encoder.

    Args:
        path, assignments: As in `read_config`.
        span: What one side of a pair loses a span of.
        temperature: Temperature of the loss, in the place of that of the configuration; `None` for the latter.

    Raises:
        UsageError: if a field that mirroring sets itself is given with another value.
        FileNotFoundError, ValueError: as `read_config`.
    """
    from pqrnn_tf.distillation.pretraining_config import PretrainingConfig
    from pqrnn_tf.tasks.config import read_config, read_settings

    config = read_config(path, assignments, PretrainingConfig)
    given = read_settings(path, assignments)
    own: dict[str, Any] = CONTRAST_ONLY | ({} if span == "features" else {"erased": 0.0})
    for name, value in own.items():
        if given.get(name, value) != value:
            raise UsageError(
                f"{name}={given[name]} has no use here: mirroring raw text with --span {span} sets it to {value:g}"
            )
    if temperature is not None:
        own["contrastive_temperature"] = temperature
    return dataclasses.replace(config, **own)


def _mirror_encoder(arguments: Arguments, span: str) -> None:
    from pqrnn_tf.commands.progress import progress_callbacks
    from pqrnn_tf.distillation.pretraining import pretrain
    from pqrnn_tf.tasks.mirrored_text import MirroredText
    from pqrnn_tf.tasks.sentence_encoder import SentenceEncoder

    config = encoder_config(
        arguments.config, arguments.set, span=span, temperature=arguments.temperature
    )
    start = None if arguments.start is None else SentenceEncoder.from_preset(arguments.start)
    rows = texts_of(arguments, config.seed)
    output = pathlib.Path(arguments.output)
    encoder = pretrain(
        config,
        MirroredText(
            [row.text for row in rows],
            span=span,
            size=arguments.size,
            shortest=arguments.shortest or 0,
        ),
        output,
        start=start,
        identity=config_flags.use_bfloat16(arguments),
        callbacks=progress_callbacks("mirroring", config.batch_size, arguments.verbose),
        verbose=config_flags.verbosity_of_keras(arguments),
    )
    tell(encoder.count_params(), encoder.width, output)


def _mirror_bert(arguments: Arguments, span: str) -> None:
    from pqrnn_tf.commands.progress import progress_callbacks
    from pqrnn_tf.distillation.mirroring import mirror_bert
    from pqrnn_tf.distillation.mirroring_config import MirrorConfig
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.tasks.mirrored_text import MirroredText
    from pqrnn_tf.teachers.bert.conversion import tfhub_handle

    config = read_config(arguments.config, arguments.set, MirrorConfig)
    if arguments.temperature is not None:
        config = dataclasses.replace(config, temperature=arguments.temperature)
    rows = texts_of(arguments, config.seed)
    output = pathlib.Path(arguments.output)
    identity = config_flags.use_bfloat16(arguments)
    bert = mirror_bert(
        tfhub_handle(arguments.teacher, output / "bert"),
        MirroredText(
            [row.text for row in rows],
            span=span,
            size=arguments.size,
            shortest=SHORTEST if arguments.shortest is None else arguments.shortest,
            with_text=True,
        ),
        output,
        config,
        identity=identity,
        callbacks=progress_callbacks("mirroring", config.batch_size, arguments.verbose),
        verbose=config_flags.verbosity_of_keras(arguments),
    )
    weights = sum(int(variable.shape.num_elements()) for variable in bert.trainable_variables)
    tell(weights, bert.width, output)
