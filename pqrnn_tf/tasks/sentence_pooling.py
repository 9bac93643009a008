"""One vector of the states of a text's tokens, as sentence encoders make it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from pqrnn_tf.encoder.attention_pooling import AttentionPooling
from pqrnn_tf.quantization.places import Places

POOLINGS = ("mean", "max", "attention")
"""What can be taken of the states of a text's tokens."""


def check_pooling(pooling: Any) -> tuple[str, ...]:
    """The names of poolings as a tuple.

    Raises:
        ValueError: if they are not some of `POOLINGS`, each once.
    """
    chosen = () if isinstance(pooling, str) else tuple(pooling)
    if not chosen or len(set(chosen)) < len(chosen) or not set(chosen) <= set(POOLINGS):
        raise ValueError(
            f"`pooling` must be a list of some of {POOLINGS}, each once. Received: {pooling!r}."
        )
    return chosen


def pool_states(
    sequence: Any, mask: Any, pooling: Sequence[str], attention: AttentionPooling | None
) -> Any:
    """Poolings of states side by side.

    Args:
        sequence: Float `(batch, time, width)`.
        mask: Bool `(batch, time)`, true = a real token.
        pooling: Some of `POOLINGS`, in order.
        attention: The layer for `"attention"`.

    Returns:
        Float32 `(batch, width · poolings)`; 0 for a text without any token.
    """
    sequence = ops.cast(sequence, "float32")
    real = ops.cast(mask, "float32")[:, :, None]
    parts = []
    for name in pooling:
        if name == "mean":
            count = ops.maximum(ops.sum(real, axis=1), 1.0)
            parts.append(ops.sum(sequence * real, axis=1) / count)
        elif name == "max":
            # A finite floor, which the last factor turns into 0 where no token is real.
            highest = ops.max(sequence * real - 1e4 * (1.0 - real), axis=1)
            parts.append(highest * ops.max(real, axis=1))
        elif attention is not None:
            parts.append(ops.cast(attention(sequence, mask=mask), "float32"))
    return ops.concatenate(parts, axis=-1)


def unit_length(vectors: Any) -> Any:
    """Vectors `(batch, width)` divided by their lengths; 0 stays 0."""
    squares = ops.sum(ops.square(vectors), axis=-1, keepdims=True)
    return vectors * ops.rsqrt(ops.maximum(squares, 1e-12))


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class SentencePooling(keras.layers.Layer):
    """The vector of a text, as a `SentenceEncoder` makes it of the states: `v / |v|` with `v = W [mean h, max h]`.

    Args:
        width: Width of the vectors.
        pooling: Some of `POOLINGS`.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        inputs: Float `(batch, time, states)`.
        mask: Bool `(batch, time)`, true = a real token.

    Returns of a call:
        Float32 `(batch, width)`, rows of length 1, or 0 for a text without any token.

    Raises:
        ValueError: if `pooling` is not valid.
    """

    def __init__(
        self, width: int, *, pooling: Sequence[str] = ("mean", "max"), **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.width = width
        self.pooling = check_pooling(pooling)
        self.attention = (
            AttentionPooling(name="attention", dtype=self.dtype_policy)
            if "attention" in self.pooling
            else None
        )
        self.vector_head = keras.layers.Dense(
            width, use_bias=False, dtype="float32", name="vector_head"
        )
        self.places = Places("pooled", "vector")
        self.supports_masking = True

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Adds the weights."""
        if self.attention is not None:
            self.attention.build(input_shape)
        self.vector_head.build((input_shape[0], (input_shape[-1] or 0) * len(self.pooling)))
        self.built = True

    def call(self, inputs: Any, mask: Any) -> Any:
        """Returns the vectors."""
        pooled = self.places("pooled", pool_states(inputs, mask, self.pooling, self.attention))
        return unit_length(self.places("vector", self.vector_head(pooled)))

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """Returns `None`: the time axis is gone."""
        return None

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "width": self.width, "pooling": list(self.pooling)}
