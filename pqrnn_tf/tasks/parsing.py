"""Parses of text by a Keras model or a teacher, and their scores."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.runtime.decoding import DecodedParse, Decoder
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.results import Parse, Spans, decode_outputs, parse_outputs
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.text import fit_text, to_bytes
from pqrnn_tf.tasks.metrics import Answer, Scores, score_parsed
from pqrnn_tf.tasks.pipeline import BUCKET_STEP, ENTITIES

Forward = Callable[[dict[str, Any]], dict[str, Any]]
"""From a batch of inputs to logits."""


@dataclasses.dataclass(frozen=True)
class BatchHooks:
    """What is called before and after each forward pass, which texts of similar length share.

    Attributes:
        before: Called with the number of the batch, from 0.
        after: Called with its number and `{"outputs": logits}`, as Keras' callbacks are.
    """

    before: Callable[[int], None]
    after: Callable[[int, dict[str, Any]], None]


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


def inference(model: Any) -> Forward:
    """A model's forward pass, traced when it is first called, for many calls of `score_model`."""
    return tf.function(_eager(model), reduce_retracing=True)


def _eager(model: Any) -> Forward:
    return lambda inputs: model(inputs, training=False)


def answer_texts(
    model: Any,
    texts: Sequence[str],
    *,
    spec: ProjectionSpec | None = None,
    batch_size: int = 128,
    forward: Forward | None = None,
    entities: Entities | None = None,
    hooks: BatchHooks | None = None,
) -> list[Answer]:
    """Parses texts as `parse_texts` does, and keeps the intent's logits.

    `entities` is what a model with entity features is told of, `hooks` are called around each batch.
    """
    decoder = Decoder(model.labels)
    spec = model.spec if spec is None else spec
    found = _logits(model, texts, spec, batch_size, forward, entities, hooks)
    answers = {
        i: Answer(*decode_outputs(out, decoder, text=texts[i]), out["intent"]) for i, out in found
    }
    return [answers[i] for i in range(len(texts))]


def predict_parses(
    model: Any,
    texts: Sequence[str],
    *,
    batch_size: int = 128,
    entities: Entities | None = None,
    hooks: BatchHooks | None = None,
) -> list[Parse]:
    """Parses texts with an `IntentSlotModel` to what `Parser` gives.

    Args:
        model: The model.
        texts: Utterances.
        batch_size: Texts a forward pass.
        entities: What a model with entity features is told of; slots are not linked to them.
        hooks: Called around each batch.
    """
    decoder = Decoder(model.labels)
    parses: dict[int, Parse] = {}
    for i, outputs in _logits(model, texts, model.spec, batch_size, entities=entities, hooks=hooks):
        parses[i] = parse_outputs(texts[i], outputs, decoder)
    return [parses[i] for i in range(len(texts))]


def _logits(
    model: Any,
    texts: Sequence[str],
    spec: ProjectionSpec,
    batch_size: int,
    forward: Forward | None = None,
    entities: Entities | None = None,
    hooks: BatchHooks | None = None,
) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    """Yields the place of each text and what `Parser.logits` gives for it; short texts come first."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    parts = [order[begin : begin + batch_size] for begin in range(0, len(order), batch_size)]
    known = getattr(model, "entity_features", None) if entities is not None else None
    batches = (_batch([texts[i] for i in rows], spec, known, entities) for rows in parts)
    if getattr(model, "streamed", False):  # its weights are read once for all batches
        held = [dataclasses.replace(batch, inputs=_of_text(batch.inputs)) for batch in batches]
        answered = zip(held, model.answers([batch.inputs for batch in held]), strict=True)
    else:
        if forward is None:
            # For one batch tracing takes longer than it saves.
            forward = inference(model) if len(texts) > batch_size else _eager(model)
        told = _told(batches, hooks)
        answered = ((batch, forward(batch.inputs)) for batch in told)  # type: ignore[assignment]
    for number, (rows, (batch, outputs)) in enumerate(zip(parts, answered, strict=True)):
        found: dict[str, np.ndarray] = {
            name: np.asarray(outputs[name])
            for name in ("intent", "slots", "nested")
            if name in outputs
        }
        if hooks is not None:
            hooks.after(number, {"outputs": dict(found)})
        found |= {"length": batch.inputs["lengths"].numpy(), "truncated": batch.truncated}
        for k, (i, fit) in enumerate(zip(rows, batch.fitted, strict=True)):
            own = {name: value[k] for name, value in found.items()}
            own["spans"] = np.concatenate([batch.callers[k], batch.tokens[k, int(own["length"]) :]])
            own["truncated"] = own["truncated"] | fit.more
            yield i, own


def _told(batches: Iterator[_Batch], hooks: BatchHooks | None) -> Iterator[_Batch]:
    """Batches, each of which is told before its forward pass."""
    for number, batch in enumerate(batches):
        if hooks is not None:
            hooks.before(number)
        yield batch


@dataclasses.dataclass(frozen=True)
class _Batch:
    """Texts as a model takes them, and what its answers are read by."""

    inputs: dict[str, Any]
    fitted: list[Any]
    callers: list[np.ndarray]
    tokens: np.ndarray
    truncated: np.ndarray


def _batch(
    texts: Sequence[str], spec: ProjectionSpec, known: Any, entities: Entities | None
) -> _Batch:
    fitted = [fit_text(text, spec.max_code_points, version=spec.version) for text in texts]
    text = tf.constant([to_bytes(fit.text) for fit in fitted])
    features, lengths, spans, truncated = project_strings(text, spec)
    time = max(BUCKET_STEP, -(-int(features.shape[1]) // BUCKET_STEP) * BUCKET_STEP)
    padding = [[0, 0], [0, time - int(features.shape[1])], [0, 0]]
    inputs = {
        "features": tf.pad(features, padding),
        "lengths": lengths,
        "text": text,
        "spans": tf.pad(spans, padding),
    }
    tokens = spans.numpy()
    callers = [
        fit.caller_spans(spans_of[:count])
        for fit, spans_of, count in zip(fitted, tokens, lengths.numpy(), strict=True)
    ]
    if entities is not None and known is not None:
        told = np.zeros((len(texts), time, known.width), np.int8)
        for k, (whole, caller) in enumerate(zip(texts, callers, strict=True)):
            matches = entities.match(whole)
            told[k, : len(caller)] = known.of(matches, caller.tolist(), entities.relations)
        inputs[ENTITIES] = tf.constant(told)
    return _Batch(inputs, fitted, callers, tokens, truncated.numpy())


def _of_text(inputs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in inputs.items() if name != "features"}


def score_model(
    model: Any,
    examples: Sequence[Example],
    *,
    spec: ProjectionSpec | None = None,
    batch_size: int = 128,
    forward: Forward | None = None,
    entities: Entities | None = None,
    weights: Sequence[float] | np.ndarray | None = None,
    hooks: BatchHooks | None = None,
) -> Scores:
    """Parses the examples, as `parse_texts` does, and scores the parses, by `weights` as `score_parsed` does.

    `entities` is what a model with entity features is told of. `forward` is what `inference` made of the model, where
    it is scored more than once. `hooks` are called around each batch.
    """
    answers = answer_texts(
        model,
        [row.text for row in examples],
        spec=spec,
        batch_size=batch_size,
        forward=forward,
        entities=entities,
        hooks=hooks,
    )
    parsed = [(answer.spans, answer.parse) for answer in answers]
    return score_parsed(examples, parsed, weights=weights)
