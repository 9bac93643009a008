"""Flags for the configuration of a training, and for how it runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least
from pqrnn_tf.extras import require

if TYPE_CHECKING:
    from pqrnn_tf.tasks.config import TrainingConfig


FIELDS_OF_BERTS = (
    *("spec", "seed", "substitution", "code_switching", "distortion", "surface", "surface_weights"),
    *("unspaced", "nested_weight"),
)  # fmt: skip
"""Fields that the training of a BERT reads; it has no heads for what is nested, so that 0 is right as their weight."""

FIELDS_OF_BAG_HEADS = ("bag_head", "encoder_weight")
"""Fields of a head that only `pqrnn train` gives a model."""


def add_config(parser: CommandParser, example: str = "epochs=40 or spec.max_tokens=48") -> None:
    """Declares the flags for the configuration of a model and its training; `example` of fields that it reads."""
    parser.section("configuration")
    parser.flag(
        "config",
        "A JSON file with fields of TrainingConfig; missing ones have their defaults.",
        metavar="FILE",
    )
    parser.flag(
        "set",
        f"One field of TrainingConfig, such as {example}.",
        repeat=True,
        metavar="NAME=VALUE",
    )


def refuse_settings(
    arguments: Arguments,
    because: str,
    *,
    unread: Collection[str] = (),
    read: Collection[str] | None = None,
) -> None:
    """Refuses fields of --set that this call does not read. A file of --config may have them.

    Args:
        arguments: The flags.
        because: Why, such as "--steps says how long".
        unread: Fields that it does not read.
        read: The only fields that it reads; `None` for all others.

    Raises:
        UsageError: if one of them was given.
    """
    for assignment in arguments.set:
        name = assignment.partition("=")[0]
        field = name.partition(".")[0]
        if field in unread or (read is not None and field not in read):
            raise UsageError(f"--set {name} has no use here: {because}")


def add_growth(parser: CommandParser) -> None:
    """Declares the flags for a model that starts from a smaller one."""
    parser.flag(
        "grow_from",
        "A smaller model whose weights this one starts from, at its own --config: a preset, or model.keras of a "
        "training, or its folder (docs/growth.md).",
        metavar="MODEL",
    )
    parser.flag(
        "depth",
        "How new layers begin: stack: as copies of those below; identity: so that they add nothing yet.",
        choices=["stack", "identity"],
        default="stack",
    )


def add_bfloat16(parser: CommandParser) -> None:
    """Declares the flag for products of half the bits."""
    parser.switch(
        "bfloat16",
        "Multiply matrices in bfloat16: quicker on CPUs with AMX and on some with AVX512_BF16, slower on others.",
    )


def use_bfloat16(arguments: Arguments) -> dict[str, bool]:
    """Has TensorFlow multiply matrices in bfloat16 from now on, if the flag asks for it.

    Returns:
        What tells such a training from another one when it resumes.
    """
    if not arguments.bfloat16:
        return {}
    from pqrnn_tf.tasks.backend import multiply_in_bfloat16

    multiply_in_bfloat16()
    return {"bfloat16": True}


def add_run(parser: CommandParser, output: str) -> None:
    """Declares the flags for where a training writes and what it tells."""
    parser.section("run")
    parser.flag("output", output, required=True, metavar="FOLDER")
    parser.flag(
        "verbose",
        "1: rows, time left and development score; 2: what Keras says of each epoch; 0: nothing.",
        type=int,
        default=1,
    )


def add_scoring(parser: CommandParser) -> None:
    """Declares the flag for the scores during a training."""
    parser.flag(
        "evaluate_every",
        "Rounds between development scores: a round is an epoch, or a part of a longer one, of at most 500 steps.",
        type=at_least(1),
        default=5,
    )


def verbosity_of_keras(arguments: Arguments) -> int:
    """`verbose` of `keras.Model.fit`: the line of progress of --verbose 1 is the commands' own."""
    return 2 if arguments.verbose > 1 else 0


def read_configuration(arguments: Arguments) -> TrainingConfig:
    """The configuration that the flags ask for.

    Raises:
        ImportError: if TensorFlow is not installed.
        ValueError: if a name or a value is wrong, or Keras runs on another backend.
    """
    require_tensorflow()
    from pqrnn_tf.tasks.config import read_config

    return read_config(arguments.config, arguments.set)


def read_settings_for_rows(arguments: Arguments) -> Callable[[int], TrainingConfig]:
    """The configuration that the flags ask for, where the number of training rows decides what they leave open.

    Returns:
        A function of the number of training rows.

    Raises:
        ImportError, ValueError: as `read_configuration`.
    """
    require_tensorflow()
    from pqrnn_tf.tasks.config import TrainingConfig, read_settings

    settings = read_settings(arguments.config, arguments.set)
    TrainingConfig.for_rows(1, **settings)  # so that what is wrong is said before data are read
    return lambda rows: TrainingConfig.for_rows(rows, **settings)


def require_tensorflow() -> None:
    """Checks that models can be trained here.

    Raises:
        ImportError: if TensorFlow is not installed; the message names the extra.
        ValueError: if Keras runs on another backend.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    require("tensorflow")
    from pqrnn_tf.tasks.backend import require_tensorflow_backend

    require_tensorflow_backend()
