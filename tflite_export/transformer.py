"""From a BERT with heads to a .tflite, and its answers on the stock runtime; the tokenizer is not in the file."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.files import write_bytes
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.tasks.metrics import Scores
from pqrnn_tf.tasks.parsing import score_model
from pqrnn_tf.teachers.alignment import pool_pieces
from pqrnn_tf.teachers.bert.layered import LayeredBert
from tflite_export.converter import SIGNATURE, to_flatbuffer
from tflite_export.packing import pack

QUANTIZATIONS = ("int8_weights", "none")


def convert_transformer(
    model: LayeredBert,
    *,
    path: str | os.PathLike[str] | None = None,
    quantization: str = "int8_weights",
) -> bytes:
    """Converts a BERT with heads, such as a student of `distill_transformer`, to a .tflite of built-in operations.

    The file has the signature `parse`: `word_ids` int32 `(1, pieces)`, with what stands before and behind a text and
    without padding, in; `intent` float `(1, intents)` and `slots` float `(1, pieces, tags)` out. The input is resized
    to each text. **Text is cut into word pieces outside of the file**, by BERT's tokenizer; a token's logits are the
    mean of those of its pieces (`TransformerFile` does both).

    Args:
        model: The BERT.
        path: Where to write the file as well; written whole or not at all.
        quantization: `"int8_weights"`: kernels and embeddings in 8 bits, sums in integers where the runtime can;
            `"none"`: floats.

    Returns:
        The bytes of the file.

    Raises:
        ValueError: if the BERT has no heads or `quantization` is not valid.
    """
    if model.labels is None:
        raise ValueError("`model` must have heads. Received: a BERT without labels.")
    if quantization not in QUANTIZATIONS:
        raise ValueError(
            f"`quantization` must be one of {QUANTIZATIONS}. Received: {quantization!r}."
        )
    entry = tf.TensorSpec((1, None), tf.int32, name="word_ids")
    function = tf.function(model.of_pieces, input_signature=[entry])
    module = tf.Module()
    module.weights = list(model.variables)
    module.function = function
    flatbuffer = to_flatbuffer(module, {SIGNATURE: function}, quantized=quantization != "none")
    content = pack(flatbuffer, order=[SIGNATURE], custom_ops=[])
    if path is not None:
        write_bytes(path, content)
    return content


class TransformerFile:
    """The .tflite of a Transformer on the stock runtime, with the tokenizer in front, as a model to be scored.

    Args:
        path: What `convert_transformer` wrote.
        model: The BERT that it was made from, for labels and tokenizer.
        threads: Threads of the runtime.

    Call arguments, returns of a call:
        Those of a `pqrnn_tf.teachers.Teacher`, outside of graphs.

    Example:
        >>> convert_transformer(student, path="model.tflite")
        >>> TransformerFile("model.tflite", student).score(rows, spec=spec).flat_exact_match
    """

    supports_jit = False
    labels: LabelSet | None

    def __init__(
        self, path: str | os.PathLike[str], model: LayeredBert, *, threads: int = 1
    ) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self.path = pathlib.Path(path)
        self.labels = model.labels
        self._tokenizer = model.tokenizer
        self._inner_tags = model.inner_tags
        interpreter = Interpreter(model_path=str(self.path), num_threads=threads)
        self._run = interpreter.get_signature_runner(SIGNATURE)

    def __call__(self, inputs: Mapping[str, Any], training: bool = False) -> dict[str, np.ndarray]:
        """Answers one batch of texts."""
        pieces, piece_spans = self._tokenizer(tf.convert_to_tensor(inputs["text"]))
        counts = pieces["input_mask"].numpy().sum(-1).tolist()
        spans = tf.cast(inputs["spans"], tf.int32)
        lengths = tf.cast(inputs["lengths"], tf.int32)
        intents, slots, masks = [], [], []
        for row, count in enumerate(counts):
            one = slice(row, row + 1)
            found = self._run(word_ids=pieces["input_word_ids"].numpy()[one, :count])
            where = piece_spans[one, :count], spans[one], lengths[one]
            pooled, mask = pool_pieces(tf.constant(found["slots"]), *where)
            pooled += self._inner_tags(*where)
            intents.append(found["intent"][0])
            slots.append(pooled.numpy()[0])
            masks.append(mask.numpy()[0])
        return {"intent": np.stack(intents), "slots": np.stack(slots), "mask": np.stack(masks)}

    def score(self, examples: Sequence[Example], *, spec: ProjectionSpec) -> Scores:
        """Scores of the file on some rows, from raw text."""
        return score_model(self, examples, spec=spec, forward=self)
