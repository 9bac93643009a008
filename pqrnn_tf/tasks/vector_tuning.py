"""Sentence vectors fitted to labelled rows: rows of one intent move together, before a head is solved over them."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.runtime.text import fit_text, to_bytes
from pqrnn_tf.tasks.bag_solution import words_of_name
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.intent_solution import sentence_vectors
from pqrnn_tf.tasks.pipeline import projected_texts
from pqrnn_tf.tasks.training_data import augmentation

_LOG = logging.getLogger(__name__)

STEPS = 150
"""Steps for up to `STEPS_ROWS` rows; of more, in proportion."""
STEPS_ROWS = 1500
LEARNING_RATE = 1e-3
"""Peak; it falls to 0 along half a cosine."""
TEMPERATURE = 0.07
"""Of the contrastive loss, as in its paper."""
FAITHFULNESS = 10.0
"""Weight of the distance from the vectors that the encoder had before."""
INTENTS = 48
"""Intents in a step, at most."""
TEXTS = 144
"""Texts in a step, at most."""
TOKENS = 32
"""Tokens of a text that a step sees, at most: one long text makes a step as long for all."""
_REPORT_SECONDS = 10.0


def supervised_contrastive_loss(vectors: Any, labels: Any, *, temperature: float) -> Any:
    """The mean over texts of `−log` of the share that texts of the same label have among all others.

    Args:
        vectors: Float `(batch, width)` of unit length.
        labels: Whole numbers `(batch,)`.
        temperature: What cosines are divided by.

    Returns:
        A float; texts without another one of their label add 0.

    Reference: Khosla et al. 2020, *Supervised Contrastive Learning*, arXiv 2004.11362, equation 2.
    """
    own = ops.eye(ops.shape(vectors)[0])
    cosines = ops.matmul(vectors, ops.transpose(vectors)) / temperature - 1e9 * own
    shares = cosines - ops.logsumexp(cosines, axis=1, keepdims=True)
    same = ops.cast(ops.equal(labels[:, None], labels[None, :]), "float32") * (1.0 - own)
    of_text = ops.sum(ops.where(same > 0, shares, 0.0), axis=1)
    return -ops.mean(of_text / ops.maximum(ops.sum(same, axis=1), 1.0))


def tune_vectors(
    model: Any,
    rows: Sequence[Example],
    config: TrainingConfig,
    *,
    weights: np.ndarray | None = None,
) -> None:
    """Trains a model's sentence encoder so that the vectors of rows of one intent are alike and others are not.

    Each step has some rows of some intents, and the words of these intents' names; they are written in other forms as
    `config` says. The vectors stay near those that the encoder had before, since few rows do not say all that it
    knows. The same rows, weights and seed give the same result.

    Args:
        model: A model with weights, labels and vectors (`has_vectors`); its encoder and pooling change.
        rows: Training rows; those with an intent that the model lacks are left out.
        config: Seed, and how rows are written again.
        weights: Weights of the rows `(rows,)`; those of 0 are left out. `None` for 1.

    Reference: contrastive fine-tuning on few rows is the idea of Tunstall et al. 2022, *Efficient Few-Shot Learning
    Without Prompts*, arXiv 2209.11055 (SetFit); the loss, the names of intents and the pull to the former vectors are
    not theirs.
    """
    place_of = {name: place for place, name in enumerate(model.labels.intents)}
    kept = [
        row
        for i, row in enumerate(rows)
        if row.intent in place_of and row.text.strip() and (weights is None or weights[i] > 0)
    ]
    if len({row.intent for row in kept}) < 2:
        return
    for intent in sorted({row.intent for row in kept}):
        if name := " ".join(words_of_name(intent)):
            kept.append(Example(name, intent, ()))
    steps = round(STEPS * max(1.0, len(rows) / STEPS_ROWS))
    rng = np.random.default_rng(config.seed)
    former = sentence_vectors(model, [row.text for row in kept])
    of_intent: dict[int, list[int]] = {}
    for i, row in enumerate(kept):
        of_intent.setdefault(place_of[row.intent], []).append(i)
    change = augmentation(config, kept)
    update = _update(model, steps)
    spec = model.spec
    began = reported = time.monotonic()
    for step in range(steps):
        intents = rng.permutation(sorted(of_intent))[:INTENTS].tolist()
        each = TEXTS // len(intents)
        places = [i for intent in intents for i in _some(of_intent[intent], each, rng)]
        drawn: Sequence[Example] = [kept[i] for i in places]
        if change is not None:
            drawn = change(drawn, step)
        texts = [
            to_bytes(fit_text(row.text, spec.max_code_points, version=spec.version).text)
            for row in drawn
        ]
        labels = [place_of[kept[i].intent] for i in places]
        loss = update(
            tf.constant(texts), tf.constant(labels, tf.int32), tf.constant(former[places])
        )
        now = time.monotonic()
        if now - reported > _REPORT_SECONDS or step + 1 == steps:
            reported, left = now, (now - began) / (step + 1) * (steps - step - 1)
            message = "fitting vectors: step %d of %d, loss %.3f, %.0f s left"
            _LOG.info(message, step + 1, steps, float(loss), left)


def _some(places: Sequence[int], count: int, rng: np.random.Generator) -> list[int]:
    """At most so many of some places, none twice."""
    return rng.permutation(places)[:count].tolist()


def _update(model: Any, steps: int) -> Any:
    """One step of the optimizer as a compiled function of texts, labels and former vectors; it returns the loss."""
    variables = [*model.encoder.trainable_variables, *model.pooling.trainable_variables]
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps), clipnorm=1.0
    )
    optimizer.build(variables)
    spec = dataclasses.replace(model.spec, max_tokens=min(TOKENS, model.spec.max_tokens))

    @tf.function(
        input_signature=[
            tf.TensorSpec((None,), tf.string),
            tf.TensorSpec((None,), tf.int32),
            tf.TensorSpec((None, model.pooling.width), tf.float32),
        ]
    )
    def update(texts: Any, labels: Any, former: Any) -> Any:
        with tf.GradientTape() as tape:
            # Without dropout, and normalized as later: nothing is left to chance, and few rows tell no statistics.
            states = model.encode(projected_texts(texts, spec), training=False)
            vectors = model.pooling(states["sequence"], mask=states["mask"])
            contrast = supervised_contrastive_loss(vectors, labels, temperature=TEMPERATURE)
            moved = 1.0 - ops.mean(ops.sum(vectors * former, axis=1))
            loss = contrast + FAITHFULNESS * moved
        optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    return update
