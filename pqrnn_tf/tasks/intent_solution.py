"""Weights of the intent head over the vectors of a trained sentence encoder, without training by gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.runtime.text import fit_text, to_bytes
from pqrnn_tf.tasks.bag_head import BagSolution
from pqrnn_tf.tasks.bag_solution import logistic_regression, weight_by_rows, words_of_name
from pqrnn_tf.tasks.pipeline import projected_texts
from pqrnn_tf.tasks.sentence_pooling import SentencePooling

INVERSE_PENALTY = 50.0
"""C of the logistic regression over vectors of unit length."""
SOLVED_WEIGHT = 8.0
"""Weight of these logits beside a bag head, where development rows do not tell another one to be better."""
FILE_BYTES = 1_995_000
"""What a .tflite with 8-bit weights should have at most, as far as the bag head decides it."""
FIXED_BYTES = 195_000
"""What of it is neither a weight of the encoder nor of a head: operations, tables, labels."""
MIN_RANK = 16
MIN_SHARE = 0.5
"""Rank of a bag head over the number of intents, below which it is worse than none: the words that tell many intents
apart do not fit into so few directions."""
_BATCH = 128


def has_vectors(model: Any) -> bool:
    """Whether a model's intent head sees the vectors of a sentence encoder."""
    return isinstance(model.pooling, SentencePooling)


def needs_no_steps(model: Any, rows: Sequence[Example]) -> bool:
    """Whether heads in closed form are all that rows can teach: vectors are there, and no row has slots."""
    return has_vectors(model) and not any(row.slots for row in rows)


def sentence_vectors(model: Any, texts: Sequence[str]) -> np.ndarray:
    """What a model's intent head sees of texts; float32 `(texts, width)`.

    Args:
        model: A model with weights, which may have no heads yet.
        texts: The texts; those of similar length go together through the encoder.
    """
    spec = model.spec

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
    def forward(text: Any) -> Any:
        states = model.encode(projected_texts(text, spec), training=False)
        return model.pooling(states["sequence"], mask=states["mask"])

    found: list[Any] = [None] * len(texts)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for begin in range(0, len(order), _BATCH):
        places = order[begin : begin + _BATCH]
        fitted = (
            fit_text(texts[i], spec.max_code_points, version=spec.version).text for i in places
        )
        vectors = forward(tf.constant([to_bytes(text) for text in fitted])).numpy()
        for place, vector in zip(places, vectors, strict=True):
            found[place] = vector
    return np.stack(found)


def solve_intent_head(
    model: Any, rows: Sequence[Example], *, weights: np.ndarray | None = None
) -> BagSolution | None:
    """Kernel and bias of the intent head by a logistic regression over the vectors of training rows.

    The words of an intent's name are one further row of it, if any of its own rows is there.

    Args:
        model: A model with weights, labels and vectors (`has_vectors`).
        rows: Training rows; those with an intent that the model lacks are left out.
        weights: Weights of the rows `(rows,)`; `None` for 1.

    Returns:
        Float32 kernel `(width, intents)` and bias `(intents,)`, the one of an intent without rows below all others;
        `None` where the rows have fewer than two intents.

    Raises:
        ImportError: if scikit-learn is not installed.
    """
    place_of = {name: place for place, name in enumerate(model.labels.intents)}
    known = [i for i, row in enumerate(rows) if row.intent in place_of]
    intents = np.array([place_of[rows[i].intent] for i in known])
    if len(set(intents.tolist())) < 2:
        return None
    names = {
        place: " ".join(words_of_name(model.labels.intents[place]))
        for place in set(intents.tolist())
    }
    named = sorted(place for place, name in names.items() if name)
    of_rows = None
    if weights is not None:
        of_rows = np.concatenate([np.asarray(weights, np.float64)[known], np.ones(len(named))])
    kernel, bias = logistic_regression(
        sentence_vectors(
            model, [*(rows[i].text for i in known), *(names[place] for place in named)]
        ),
        np.concatenate([intents, np.array(named, intents.dtype)]),
        len(place_of),
        inverse_penalty=INVERSE_PENALTY,
        weights=of_rows,
    )
    return BagSolution(kernel.T.astype(np.float32), bias.astype(np.float32))


def assign_intent_head(model: Any, solution: BagSolution | None) -> None:
    """Sets the weights of the intent head; `None` leaves them."""
    if solution is None:
        return
    model.intent_head.kernel.assign(solution.kernel)
    model.intent_head.bias.assign(solution.bias)


def bag_rank(model: Any) -> int | None:
    """Rank of a bag head with which the file of a model with vectors has at most `FILE_BYTES`.

    A kernel from thousands of features to many intents would take more than the encoder leaves. Models without
    vectors have smaller encoders, and heads of full rank.

    Returns:
        The rank, at least `MIN_RANK`; `None` for full rank.
    """
    if not has_vectors(model):
        return None
    others = sum(
        int(np.prod(weight.shape)) for weight in model.weights if "bag_head" not in weight.path
    )
    left = FILE_BYTES - FIXED_BYTES - others
    features, intents = model.spec.features, len(model.labels.intents)
    if features * intents <= left:
        return None
    return min(intents, max(MIN_RANK, left // (features + intents)))


def bag_suits(model: Any) -> bool:
    """Whether a bag head has the room that it needs beside a model's encoder; see `bag_rank`."""
    rank = bag_rank(model)
    return rank is None or rank >= MIN_SHARE * len(model.labels.intents)


def usual_weight(rows: Sequence[Example], *, solved: bool, configured: float) -> float:
    """Weight of the encoder beside a bag head, before development rows tell another one.

    Args:
        rows: Training rows.
        solved: Whether the intent head is solved in closed form over trained vectors.
        configured: The weight that the configuration says; 0 where it says none.
    """
    if solved:
        return max(SOLVED_WEIGHT, configured)
    return configured or weight_by_rows(rows)
