"""Writes the sentence vectors of lines of text, for search, clustering and classifiers.

Reads one text a line (UTF-8) on standard input and writes a .npy file: float32 vectors (n, width), one row per line, in
order, of unit length, so that the product of two rows is their cosine. An empty line, or one of white space only, has a
row of zeros. A line longer than the model takes is cut at a word, and counted on standard error. The file is written
whole or not at all.

    pqrnn embed --model encoder_en_2mb --output vectors.npy < lines.txt
    pqrnn embed --model runs/mine --threads 4 --output vectors.npy < lines.txt
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pqrnn_tf.commands import model_argument
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.lines import read_lines, standard_input
from pqrnn_tf.commands.progress import ProgressLine
from pqrnn_tf.commands.running import say, without_native_messages
from pqrnn_tf.files import atomic_file

if TYPE_CHECKING:
    from pqrnn_tf.runtime.spec import ProjectionSpec

LINES_AT_ONCE = 2048
"""Lines whose vectors are held in memory."""

Encode = Callable[[Sequence[str]], tuple[np.ndarray, np.ndarray]]
"""Gives vectors float32 `(n, width)` and, as bool `(n,)`, which texts were cut."""


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag(
        "model",
        "An encoder: a .tflite file, a folder with a model.tflite, the name of a pretrained encoder (`pqrnn models`), "
        "or the .keras file of a SentenceEncoder.",
        required=True,
        metavar="MODEL",
    )
    parser.flag("output", "The .npy file to write.", required=True, metavar="FILE")
    parser.flag(
        "threads", "Lines that are worked on at the same time.", type=at_least(1), default=1
    )


def run(arguments: Arguments) -> None:
    """Runs the command."""
    width, encode = open_encoder(arguments.model, threads=arguments.threads)
    with atomic_file(arguments.output) as file:
        lines = list(read_lines(standard_input()))
        progress = ProgressLine("embedding", sys.stderr, unit="lines")
        np.lib.format.write_array_header_1_0(
            file,
            {
                "descr": np.lib.format.dtype_to_descr(np.dtype("<f4")),
                "fortran_order": False,
                "shape": (len(lines), width),
            },
        )
        cut = 0
        for begin in range(0, len(lines), LINES_AT_ONCE):
            part = lines[begin : begin + LINES_AT_ONCE]
            vectors, cuts = encode(part)
            file.write(vectors.astype("<f4").tobytes())
            cut += int(cuts.sum())
            if len(lines) > LINES_AT_ONCE:
                progress.at(begin + len(part), len(lines))
    if cut:
        say("pqrnn embed", f"{cut} lines were longer than the model takes and were cut")


def open_encoder(model: str, *, threads: int) -> tuple[int, Encode]:
    """The width of an encoder's vectors, and what gives them.

    Args:
        model: What the flag says.
        threads: Texts that are worked on at the same time.

    Raises:
        OSError, ValueError, RuntimeError: if it cannot be read, or is no encoder.
    """
    if pathlib.Path(model).suffix == ".keras":
        return _open_keras(model)
    encoder = model_argument.open_encoder(model)
    return encoder.width, lambda texts: encoder.vectors_and_cuts(texts, threads=threads)


def _open_keras(model: str) -> tuple[int, Encode]:
    from pqrnn_tf.commands.keras_model import keras_file, load_keras

    with without_native_messages():
        loaded = load_keras(keras_file(model))
        from pqrnn_tf.tasks.sentence_encoder import SentenceEncoder

        if not isinstance(loaded, SentenceEncoder):
            raise ValueError(
                f"--model: {model} must hold a SentenceEncoder. It holds a {type(loaded).__name__}, which parses "
                "(`pqrnn parse`) and has no vectors of sentences."
            )
        loaded.encode("")  # so that it has started

    def encode(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        return loaded.encode(texts), _cuts(texts, loaded.spec)

    return loaded.width, encode


def _cuts(texts: Sequence[str], spec: ProjectionSpec) -> np.ndarray:
    """Which texts are longer than a model takes, bool `(n,)`."""
    import tensorflow as tf

    from pqrnn_tf.projection.op import project_strings
    from pqrnn_tf.runtime.text import fit_text, to_bytes

    fitted = [fit_text(text, spec.max_code_points, version=spec.version) for text in texts]
    *_, truncated = project_strings(tf.constant([to_bytes(one.text) for one in fitted]), spec)
    return truncated.numpy() | np.array([one.more for one in fitted], bool)
