"""From examples to length-bucketed batches of features and targets."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import tensorflow as tf

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.text import to_bytes
from pqrnn_tf.tasks.tagging import IGNORE, encode_nested, encode_tags

if TYPE_CHECKING:
    from tensorflow import Tensor

BUCKET_STEP = 4
"""Batches are padded to a multiple of this many tokens, so that few shapes are compiled."""

ENTITIES = "entities"
"""Name of a model's second input, see `IntentSlotModel`."""

Augmentation = Callable[[Sequence[Example], int], Sequence[Example]]
"""Maps the training examples and an epoch number to that epoch's examples."""


class EntitySampler(Protocol):
    """What a model with entity features is told of names in training."""

    @property
    def width(self) -> int:
        """Features of a token."""
        ...

    def __call__(
        self, example: Example, spans: Sequence[tuple[int, int]], epoch: int
    ) -> np.ndarray:
        """The features of a row in a pass: int8 `(len(spans), width)`."""
        ...


def token_spans(
    texts: Sequence[str], spec: ProjectionSpec, *, chunk: int = 512
) -> list[list[tuple[int, int]]]:
    """The token spans of many texts, in code points, without their features.

    This is far quicker than the features. So a pass over the training rows finds all lengths ahead, which its order
    needs, and makes each text's features once, with its batch, where none have to be kept or copied.
    """
    spans_only = narrow(spec)
    result: list[list[tuple[int, int]]] = [[]] * len(texts)
    # Texts of similar length go together, so that little is padded.
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for begin in range(0, len(order), chunk):
        rows = order[begin : begin + chunk]
        part = tf.constant([to_bytes(texts[i]) for i in rows])
        _, lengths, spans, _ = (output.numpy() for output in project_strings(part, spans_only))
        # The tokens of all these texts, one behind the other.
        real = np.arange(spans.shape[1]) < lengths[:, None]
        tokens = list(zip(*spans[real].T.tolist(), strict=True))
        ends = itertools.pairwise([0, *np.cumsum(lengths).tolist()])
        for i, (first, last) in zip(rows, ends, strict=True):
            result[i] = tokens[first:last]
    return result


def narrow(spec: ProjectionSpec) -> ProjectionSpec:
    """A specification with the same tokens and hardly any features, for when only spans are wanted."""
    return ProjectionSpec(
        segmentation=spec.segmentation,
        max_code_points=spec.max_code_points,
        max_tokens=spec.max_tokens,
        word_features=1,
        ngram_features=0,
        ngram_orders=(),
        shape=False,
        version=spec.version,
    )


def bucketed(lengths: Sequence[int], batch_size: int, rng: random.Random) -> list[list[int]]:
    """A random order of rows, cut into batches of similar length.

    Args:
        lengths: Tokens of each row.
        batch_size: Rows a batch; where it does not divide their number, one batch has fewer.
        rng: Draws the order.

    Returns:
        Batches of row numbers; every row is in one of them.
    """
    order = list(range(len(lengths)))
    rng.shuffle(order)
    # Sorting inside wide windows keeps the order random enough.
    window = batch_size * 64
    order = [
        i
        for begin in range(0, len(order), window)
        for i in sorted(order[begin : begin + window], key=lambda i: lengths[i])
    ]
    cut = [order[begin : begin + batch_size] for begin in range(0, len(order), batch_size)]
    rng.shuffle(cut)
    return cut


def padded_time(lengths: Sequence[int], spec: ProjectionSpec) -> int:
    """Tokens that a batch of rows of these lengths is padded to."""
    longest = max(1, max(lengths))
    return min(-(-longest // BUCKET_STEP) * BUCKET_STEP, spec.max_tokens)


def projected(text: Tensor, time: Tensor, spec: ProjectionSpec) -> tuple[dict[str, Tensor], Tensor]:
    """A batch of texts as a model's inputs.

    Args:
        text: `(batch,)` string.
        time: Tokens to pad to, at least as many as the longest text has.
        spec: Projection of the model.

    Returns:
        `{"features": int8 (batch, time, features), "lengths": int32 (batch,)}`, and the spans of the
        tokens, int32 `(batch, time, 2)`.
    """
    features, lengths, spans, _ = project_strings(text, spec)
    padding = [[0, 0], [0, time - tf.shape(features)[1]], [0, 0]]
    features = tf.ensure_shape(tf.pad(features, padding), (None, None, spec.features))
    return {"features": features, "lengths": lengths}, tf.pad(spans, padding)


def projected_texts(text: Tensor, spec: ProjectionSpec) -> dict[str, Tensor]:
    """A batch of texts as a model's inputs, padded as batches for training are."""
    features, lengths, *_ = project_strings(text, spec)
    longest = tf.maximum(tf.shape(features)[1], 1)
    time = -(-longest // BUCKET_STEP) * BUCKET_STEP
    features = tf.pad(features, [[0, 0], [0, time - tf.shape(features)[1]], [0, 0]])
    return {
        "features": tf.ensure_shape(features, (None, None, spec.features)),
        "lengths": lengths,
    }


def weighted(
    dataset: tf.data.Dataset,
    examples: Sequence[Example],
    weights: Mapping[str, Any],
    spec: ProjectionSpec,
) -> tf.data.Dataset:
    """Batches that know their rows, with sample weights.

    Args:
        dataset: What `batches` gives with `with_rows`.
        examples: The rows.
        weights: By output: weights of rows, float32 `(rows,)`, or a sequence of the weights of the tokens of each row.
        spec: Projection of the model.

    Returns:
        A dataset of `(inputs, targets, weights)`, the weights `(batch,)` or `(batch, time)`.

    Raises:
        ValueError: if a row has fewer weights than tokens.
    """
    tables: dict[str, Tensor] = {}
    for name, own in weights.items():
        if isinstance(own, np.ndarray):
            tables[name] = tf.constant(own, tf.float32)
            continue
        spans = token_spans([example.text for example in examples], spec)
        for i, (row, tokens) in enumerate(zip(own, spans, strict=True)):
            if np.ndim(row) != 1 or len(row) < len(tokens):
                raise ValueError(
                    f"`sample_weight` of {name!r} must have a weight per token. Received: {np.size(row)} for the "
                    f"{len(tokens)} tokens of row {i} ({examples[i].text!r:.60})."
                )
        table = np.zeros((len(own), spec.max_tokens), np.float32)
        for i, row in enumerate(own):
            table[i, : len(row)] = row[: spec.max_tokens]
        tables[name] = tf.constant(table)

    def add(inputs: dict[str, Tensor], targets: dict[str, Tensor]) -> tuple[Any, ...]:
        inputs = dict(inputs)
        row, time = inputs.pop("row"), tf.shape(targets["slots"])[1]
        chosen = {name: tf.gather(table, row) for name, table in tables.items()}
        return (
            inputs,
            targets,
            {name: own if own.shape.rank == 1 else own[:, :time] for name, own in chosen.items()},
        )

    return dataset.map(add)


def of_known_size(dataset: tf.data.Dataset, rows: int, batch_size: int) -> tf.data.Dataset:
    """A dataset of batches that fails where a pass is not as long as `rows` say; read ahead.

    Without tf.data's own tuning: there is nothing to tune here, and the end of a pass may wait for its thread,
    which sleeps twice as long each time (0.01 s, 0.02 s, …), so that a pass of 6 s would take 10.
    """
    steps = -(-rows // batch_size)
    options = tf.data.Options()
    options.autotune.enabled = False
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(steps)).prefetch(8)
    return dataset.with_options(options)


def target_signature(labels: LabelSet) -> dict[str, tf.TensorSpec]:
    """What the targets of a batch are, for `tf.data`."""
    signature = {
        "intent": tf.TensorSpec((None,), tf.int32),
        "slots": tf.TensorSpec((None, None), tf.int32),
    }
    if labels.nested:
        signature["nested"] = tf.TensorSpec((None, None), tf.int32)
    return signature


def _epoch(
    examples: Sequence[Example],
    labels: LabelSet,
    spec: ProjectionSpec,
    batch_size: int,
    rng: random.Random | None,
    entities: Callable[[Example, Sequence[tuple[int, int]]], np.ndarray] | None = None,
    width: int = 0,
) -> Iterator[tuple[list[bytes], np.ndarray, dict[str, np.ndarray]]]:
    """Yields (texts, numbers of rows, targets) of one pass; `rng` shuffles, else the order is kept.

    With `entities`, targets also have the input `"entities"` of `width` features.
    """
    intent_of = {name: i for i, name in enumerate(labels.intents)}
    spans = token_spans([example.text for example in examples], spec)
    if rng:
        cut = bucketed([len(row) for row in spans], batch_size, rng)
    else:
        order = list(range(len(examples)))
        cut = [order[begin : begin + batch_size] for begin in order[::batch_size]]
    for batch in cut:
        time = padded_time([len(spans[i]) for i in batch], spec)
        targets = {
            name: np.full((len(batch), time), IGNORE, np.int32)
            for name in (("slots", "nested") if labels.nested else ("slots",))
        }
        if entities is not None:
            targets[ENTITIES] = np.zeros((len(batch), time, width), np.int8)
        for row, i in enumerate(batch):
            example, own = examples[i], spans[i]
            if entities is not None:
                targets[ENTITIES][row, : len(own)] = entities(example, own)
            if example.slots is not None:
                targets["slots"][row, : len(own)] = encode_tags(own, example.slots, labels)
            if labels.nested:
                targets["nested"][row, : len(own)] = encode_nested(own, example, labels)
        intents = [intent_of.get(examples[i].intent, IGNORE) for i in batch]
        targets["intent"] = np.array(intents, np.int32)
        yield [to_bytes(examples[i].text) for i in batch], np.array(batch, np.int32), targets


def batches(
    examples: Sequence[Example],
    labels: LabelSet,
    spec: ProjectionSpec,
    *,
    batch_size: int = 64,
    training: bool = False,
    seed: int = 0,
    augment: Augmentation | None = None,
    epoch: Callable[[], int] | None = None,
    with_text: bool = False,
    with_rows: bool = False,
    entities: EntitySampler | None = None,
    columns: Mapping[str, np.ndarray] | None = None,
) -> tf.data.Dataset:
    """Batches for `model.fit` and `model.evaluate`.

    Args:
        examples: Rows; one without slots teaches its intent only.
        labels: Order of the outputs.
        spec: Projection of the model.
        batch_size: Examples a batch.
        training: Shuffle (differently in each epoch, by `seed`) and bucket by length; otherwise the
            order is kept.
        seed: Decides the order and what `augment` draws.
        augment: Makes an epoch's examples, as many as there are, from the training examples.
        epoch: Called at the start of each pass for its number, so that a resumed training draws what an
            uninterrupted one would have drawn; `None` counts from 0.
        with_text: Also yield `text` (strings) and `spans`, which a live teacher needs.
        with_rows: Also yield `row`, int32 `(batch,)`: which of the examples each one is or was made from.
        entities: What a model with entity features is told of names; also yields `entities` then, int8 `(batch, time,
            entities.width)`.
        columns: More of each example, by the names of inputs: arrays `(examples, …)`, of which a batch has the rows of
            its examples.

    Returns:
        A dataset of `(inputs, targets)`: inputs `features` int8 `(batch, time, features)` and `lengths`
        int32 `(batch,)`; targets `intent` int32 `(batch,)`, `slots` int32 `(batch, time)` and, where
        `labels` has nested tags, `nested` int32 `(batch, time)`, −1 where there is nothing to learn.

    Raises:
        ValueError: if there are no examples.
    """
    if not examples:
        raise ValueError("`examples` must hold at least one example. Received: none.")
    tables = {name: tf.constant(values) for name, values in (columns or {}).items()}
    next_epoch = epoch or itertools.count().__next__

    def generate() -> Iterator[tuple[list[bytes], np.ndarray, dict[str, np.ndarray]]]:
        number = next_epoch()
        rows = augment(examples, number) if augment else examples
        rng = random.Random(f"{seed}-{number}") if training else None
        told = None if entities is None else functools.partial(entities, epoch=number)
        width = 0 if entities is None else entities.width
        yield from _epoch(rows, labels, spec, batch_size, rng, told, width)

    def project(text: Tensor, row: Tensor, targets: dict[str, Tensor]) -> tuple[dict, dict]:
        inputs, spans = projected(text, tf.shape(targets["slots"])[1], spec)
        targets = dict(targets)
        if entities is not None:
            inputs[ENTITIES] = targets.pop(ENTITIES)
        if with_text:
            inputs |= {"text": text, "spans": spans}
        if with_rows:
            inputs["row"] = row
        inputs |= {name: tf.gather(table, row) for name, table in tables.items()}
        return inputs, targets

    signature = target_signature(labels)
    if entities is not None:
        signature[ENTITIES] = tf.TensorSpec((None, None, entities.width), tf.int8)

    dataset = tf.data.Dataset.from_generator(
        generate,
        output_signature=(
            tf.TensorSpec((None,), tf.string),
            tf.TensorSpec((None,), tf.int32),
            signature,
        ),
    )
    return of_known_size(dataset.map(project), len(examples), batch_size)
