"""Parses of text by a Keras model, and their scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from pqrnn_tf.datasets.examples import Example
from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.projection.text import to_bytes
from pqrnn_tf.tasks.decoding import Parse, decode
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.metrics import Scores, Spans, score_parsed
from pqrnn_tf.tasks.pipeline import BUCKET_STEP


def parse_texts(
    model: IntentSlotModel, texts: Sequence[str], *, batch_size: int = 128
) -> list[tuple[Spans, Parse]]:
    """Parses texts with a Keras model.

    Args:
        model: The model.
        texts: Utterances.
        batch_size: Texts a forward pass; texts of similar length go together.

    Returns:
        For each text its token spans (code points) and its parse, in order.
    """
    forward = tf.function(lambda x: model(x, training=False), reduce_retracing=True)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    results: list[tuple[Spans, Parse] | None] = [None] * len(texts)
    for begin in range(0, len(order), batch_size):
        rows = order[begin : begin + batch_size]
        features, lengths, spans, _ = project_strings(
            tf.constant([to_bytes(texts[i]) for i in rows]), model.spec
        )
        missing = -int(features.shape[1]) % BUCKET_STEP or (0 if features.shape[1] else 1)
        features = tf.pad(features, [[0, 0], [0, missing], [0, 0]])
        outputs = forward({"features": features, "lengths": lengths})
        intent, slots = np.asarray(outputs["intent"]), np.asarray(outputs["slots"])
        for k, i in enumerate(rows):
            length = int(lengths[k])
            parse = decode(intent[k], slots[k], length, model.labels)
            results[i] = ([(int(a), int(b)) for a, b in spans[k, :length].numpy()], parse)
    return [result for result in results if result is not None]


def score_model(
    model: IntentSlotModel, examples: Sequence[Example], *, batch_size: int = 128
) -> Scores:
    """Parses the examples with a Keras model and scores them."""
    parsed = parse_texts(model, [example.text for example in examples], batch_size=batch_size)
    return score_parsed(examples, parsed)
