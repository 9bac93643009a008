"""The front door of the runtime: a parser or an encoder, as the file says."""

from __future__ import annotations

import os

from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.runtime.metadata import EncoderMetadata, read_description
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.presets import model_file
from pqrnn_tf.runtime.text_encoder import Encoder


def load(
    model: str | os.PathLike[str], *, labels: LabelSet | None = None, num_threads: int = 1
) -> Parser | Encoder:
    """Opens a model: the front door of the runtime.

    Args:
        model: A name in `pretrained_models()`, a .tflite file, or a folder that holds `model.tflite`.
        labels: Names to use instead of those in the file of a parser.
        num_threads: Threads that the runtime uses for one text.

    Returns:
        A `Parser`, or an `Encoder` where the file is one of sentence vectors.

    Raises:
        FileNotFoundError, TypeError, ValueError, ModelFileError, SpecError, LabelError, TfliteOpError: as `Parser` and
            `Encoder` do.
        LabelError: also if there are `labels` for an encoder.

    Example:
    ```python
    parser = pqrnn_tf.load("mtop_en_2mb")
    parser("Wake me at 7pm").intent  # "CREATE_ALARM"
    parser(["Wake me at 7pm", "play some jazz"])  # a list of two parses
    ```
    """
    path = model_file(model)
    if not isinstance(read_description(path)[1], EncoderMetadata):
        return Parser(path, labels=labels, num_threads=num_threads)
    if labels is not None:
        raise LabelError(
            f"`labels` must be None for an encoder, which has no intents. Received labels for {str(path)!r}."
        )
    return Encoder(path, num_threads=num_threads)
