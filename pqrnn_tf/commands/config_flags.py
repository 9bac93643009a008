"""Flags for the configuration of a training, and for how it runs."""

from __future__ import annotations

import os
from types import ModuleType
from typing import TYPE_CHECKING

from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.extras import require

if TYPE_CHECKING:
    from pqrnn_tf.tasks.config import TrainingConfig


def add_config(parser: CommandParser) -> None:
    """Declares the flags for the configuration of a model and its training."""
    parser.section("configuration")
    parser.flag(
        "config",
        "A JSON file with fields of TrainingConfig; missing ones have their defaults.",
        metavar="FILE",
    )
    parser.flag(
        "set",
        "One field of TrainingConfig, such as epochs=40 or spec.max_tokens=48.",
        repeat=True,
        metavar="NAME=VALUE",
    )


def add_run(parser: CommandParser, output: str) -> None:
    """Declares the flags for where a training writes and what it tells."""
    parser.section("run")
    parser.flag("output", output, required=True, metavar="FOLDER")
    parser.flag("verbose", "1: progress bars; 2: a line an epoch; 0: nothing.", type=int, default=1)


def add_scoring(parser: CommandParser) -> None:
    """Declares the flag for the scores during a training."""
    parser.flag("evaluate_every", "Epochs between development scores.", type=at_least(1), default=5)


def read_configuration(arguments: Arguments) -> TrainingConfig:
    """The configuration that the flags ask for.

    Raises:
        ImportError: if TensorFlow is not installed.
        ValueError: if a name or a value is wrong, or Keras runs on another backend.
    """
    require_keras()
    from pqrnn_tf.tasks.config import read_config

    return read_config(arguments.config, arguments.set)


def require_keras() -> ModuleType:
    """Keras on TensorFlow.

    Raises:
        ImportError: if it is not installed; the message names the extra.
        ValueError: if Keras runs on another backend.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    require("tensorflow")
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend == "tensorflow":
        keras = require("keras")
        backend = keras.backend.backend()  # its own file of settings may say otherwise
    if backend != "tensorflow":
        raise ValueError(
            f"Keras must run on TensorFlow. Received: the backend {backend!r}. Set KERAS_BACKEND=tensorflow."
        )
    return keras
