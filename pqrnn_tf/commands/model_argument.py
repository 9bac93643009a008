"""The model that a command is given: a file, a folder that a training left, or the name of a pretrained model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pqrnn_tf.commands.running import without_native_messages
from pqrnn_tf.runtime.presets import FILE

if TYPE_CHECKING:
    from pqrnn_tf.runtime.labels import LabelSet
    from pqrnn_tf.runtime.parser import Parser
    from pqrnn_tf.runtime.text_encoder import Encoder

HELP = (
    f"A .tflite file, a folder with a {FILE}, or the name of a pretrained model (`pqrnn models`)."
)


def open_parser(
    model: str | os.PathLike[str], *, labels: LabelSet | None = None, threads: int = 1
) -> Parser:
    """A parser that has started: what the runtime tells at its start is not shown.

    Args:
        model: What `HELP` says.
        labels: Names to use instead of those inside the model.
        threads: Threads of the runtime.

    Raises:
        OSError, ValueError, RuntimeError: as `Parser` does.
    """
    from pqrnn_tf.runtime.parser import Parser

    with without_native_messages():
        parser = Parser(model, labels=labels, num_threads=threads)
        parser("")
    return parser


def open_encoder(model: str | os.PathLike[str]) -> Encoder:
    """An encoder that has started, as `open_parser` gives a parser.

    Raises:
        OSError, ValueError, RuntimeError: as `Encoder` does.
    """
    from pqrnn_tf.runtime.text_encoder import Encoder

    with without_native_messages():
        encoder = Encoder(model)
        encoder.encode("")
    return encoder
