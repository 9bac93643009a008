"""Parses of text by a Keras model or a teacher, and their scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.runtime.decoding import DecodedParse, Decoder
from pqrnn_tf.runtime.results import Spans, decode_outputs
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.text import to_bytes
from pqrnn_tf.tasks.metrics import Answer, Scores, score_parsed
from pqrnn_tf.tasks.pipeline import BUCKET_STEP


def parse_texts(
    model: Any, texts: Sequence[str], *, spec: ProjectionSpec | None = None, batch_size: int = 128
) -> list[tuple[Spans, DecodedParse]]:
    """Parses texts with an `IntentSlotModel` or a teacher.

    Args:
        model: Has `labels`; called with `{"features", "lengths", "text", "spans"}`, of which it takes
            what it needs, and `training=False`, it returns `{"intent", "slots"}` logits, and `"nested"`
            if it tells what is nested in slots.
        texts: Utterances.
        spec: The projection that makes tokens and features; `None` for the model's own.
        batch_size: Texts a forward pass; texts of similar length go together.

    Returns:
        For each text its token spans (code points) and its parse, in order.
    """
    answers = answer_texts(model, texts, spec=spec, batch_size=batch_size)
    return [(answer.spans, answer.parse) for answer in answers]


def answer_texts(
    model: Any, texts: Sequence[str], *, spec: ProjectionSpec | None = None, batch_size: int = 128
) -> list[Answer]:
    """Parses texts as `parse_texts` does, and keeps the intent's logits."""
    spec = model.spec if spec is None else spec
    decoder = Decoder(model.labels)
    forward = tf.function(lambda inputs: model(inputs, training=False), reduce_retracing=True)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    results: dict[int, Answer] = {}
    for begin in range(0, len(order), batch_size):
        rows = order[begin : begin + batch_size]
        text = tf.constant([to_bytes(texts[i]) for i in rows])
        features, lengths, spans, _ = project_strings(text, spec)
        time = max(BUCKET_STEP, -(-int(features.shape[1]) // BUCKET_STEP) * BUCKET_STEP)
        padding = [[0, 0], [0, time - int(features.shape[1])], [0, 0]]
        outputs = forward(
            {
                "features": tf.pad(features, padding),
                "lengths": lengths,
                "text": text,
                "spans": tf.pad(spans, padding),
            }
        )
        found = {
            name: np.asarray(outputs[name])
            for name in ("intent", "slots", "nested")
            if name in outputs
        }
        found |= {"length": lengths.numpy(), "spans": spans.numpy()}
        for k, i in enumerate(rows):
            results[i] = Answer(*decode_outputs(found, decoder, row=k), found["intent"][k])
    return [results[i] for i in range(len(texts))]


def score_model(
    model: Any,
    examples: Sequence[Example],
    *,
    spec: ProjectionSpec | None = None,
    batch_size: int = 128,
) -> Scores:
    """Parses the examples, as `parse_texts` does, and scores the parses."""
    texts = [example.text for example in examples]
    return score_parsed(examples, parse_texts(model, texts, spec=spec, batch_size=batch_size))
