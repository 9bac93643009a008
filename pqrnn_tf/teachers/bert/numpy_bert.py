"""BERT's forward pass in numpy: slow, short, and independent of TensorFlow."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping

import numpy as np

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "gelu": lambda x: 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))),
    "gelu_new": lambda x: 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    "relu": lambda x: np.maximum(x, 0),
    "silu": lambda x: x / (1 + np.exp(-x)),
}
"""By the names that `config.json` uses."""

EPSILON = 1e-12
"""Added to the variance in every layer normalisation of a BERT; a RoBERTa has another one."""


def _dense(weights: Mapping[str, np.ndarray], name: str, x: np.ndarray) -> np.ndarray:
    return x @ weights[f"{name}.weight"].T.astype(np.float64) + weights[f"{name}.bias"]


def _normalize(
    weights: Mapping[str, np.ndarray], name: str, x: np.ndarray, epsilon: float = EPSILON
) -> np.ndarray:
    centred = x - x.mean(-1, keepdims=True)
    scale = np.sqrt(np.square(centred).mean(-1, keepdims=True) + epsilon)
    return centred / scale * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def numpy_bert(
    weights: Mapping[str, np.ndarray],
    identifiers: np.ndarray,
    mask: np.ndarray,
    types: np.ndarray,
    *,
    layers: int,
    heads: int,
    activation: str = "gelu",
    epsilon: float = EPSILON,
    first_position: int = 0,
) -> list[np.ndarray]:
    """Runs BERT in double precision (Devlin et al. 2019, arXiv 1810.04805).

    Args:
        weights: By the names that the `transformers` library gives the tensors of a `BertModel`, such
            as `"encoder.layer.0.attention.self.query.weight"`; matrices are `(outputs, inputs)`.
        identifiers: `(batch, time)` integers, word pieces.
        mask: `(batch, time)`, 1 or true for a real piece.
        types: `(batch, time)` integers, segment of each piece.
        layers: Number of transformer layers.
        heads: Attention heads a layer.
        activation: Key of `ACTIVATIONS`.
        epsilon: Added to the variance in every layer normalisation.
        first_position: Row of the position embeddings that the first piece has; in RoBERTa the one after the row of
            padding (Liu et al. 2019, arXiv 1907.11692, whose code counts positions from there).

    Returns:
        The states `(batch, time, width)` after each layer, first to last.
    """

    dense = functools.partial(_dense, weights)
    normalize = functools.partial(_normalize, weights, epsilon=epsilon)

    def split(x: np.ndarray) -> np.ndarray:
        return x.reshape(*x.shape[:2], heads, -1).transpose(0, 2, 1, 3)

    x = (
        weights["embeddings.word_embeddings.weight"][identifiers].astype(np.float64)
        + weights["embeddings.position_embeddings.weight"][first_position:][: identifiers.shape[1]]
        + weights["embeddings.token_type_embeddings.weight"][types]
    )
    x = normalize("embeddings.LayerNorm", x)
    blocked = np.where(np.asarray(mask, bool), 0.0, -np.inf)[:, None, None, :]
    states = []
    for number in range(layers):
        layer = f"encoder.layer.{number}"
        query, key, value = (
            split(dense(f"{layer}.attention.self.{part}", x)) for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / math.sqrt(query.shape[-1]) + blocked
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        context = (shares @ value).transpose(0, 2, 1, 3).reshape(x.shape)
        attended = dense(f"{layer}.attention.output.dense", context)
        x = normalize(f"{layer}.attention.output.LayerNorm", x + attended)
        inner = ACTIVATIONS[activation](dense(f"{layer}.intermediate.dense", x))
        x = normalize(f"{layer}.output.LayerNorm", x + dense(f"{layer}.output.dense", inner))
        states.append(x)
    return states


def numpy_masked_lm(
    weights: Mapping[str, np.ndarray], states: np.ndarray, *, activation: str = "gelu"
) -> np.ndarray:
    """Runs the head that predicts masked word pieces (Devlin et al. 2019, section 3.1).

    Args:
        weights: As for `numpy_bert`, with the tensors of `cls.predictions`. The last matrix is the word
            embeddings' own.
        states: `(..., width)`, states after the last layer.
        activation: Key of `ACTIVATIONS`.

    Returns:
        Logits `(..., word pieces)`.
    """
    inner = ACTIVATIONS[activation](_dense(weights, "cls.predictions.transform.dense", states))
    inner = _normalize(weights, "cls.predictions.transform.LayerNorm", inner)
    table = weights["embeddings.word_embeddings.weight"].astype(np.float64)
    return inner @ table.T + weights["cls.predictions.bias"]
