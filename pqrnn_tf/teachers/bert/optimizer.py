"""AdamW for a BERT: a rate for the heads, another for each layer, and rows of embeddings updated where they occur."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

LAYER = re.compile(r"layer_(\d+)/")
"""Finds the number of a variable's layer in its name."""

EMBEDDINGS = "embedding"
"""In the names of all variables in front of the first layer."""

WORD_EMBEDDINGS = "word_embeddings"
"""In the name of the table that has a row for each piece."""

HEADS = ("intent_head", "slot_head", "domain_head", "pooler")
"""In the names of what is trained from scratch, or was pre-trained for another purpose."""


class BertAdamW(keras.optimizers.AdamW):
    """AdamW whose learning rate is multiplied by a factor for some variables.

    Where the gradient of a variable is `tf.IndexedSlices`, only the rows in it are updated, and so are only the rows of
    its two moments: a row that does not occur in a batch stays as it is, where Adam would move it by its old momentum.
    Such variables do not decay.

    Args:
        learning_rate: The rate, or its schedule.
        factors: Factors by the names of variables; 1 for others.
        **options: As in `keras.optimizers.AdamW`.
    """

    def __init__(
        self, learning_rate: Any, *, factors: Mapping[str, float] | None = None, **options: Any
    ) -> None:
        super().__init__(learning_rate, **options)
        self.factors = dict(factors or {})

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Makes one step of one variable."""
        rate = learning_rate * self.factors.get(variable.name, 1.0)
        if isinstance(gradient, tf.IndexedSlices):
            self._update_rows(gradient, variable, rate)
        else:
            super().update_step(gradient, variable, rate)

    def _update_rows(self, gradient: tf.IndexedSlices, variable: Any, rate: Any) -> None:
        number = self._get_variable_index(variable)
        step = tf.cast(self.iterations + 1, tf.float32)
        first, second = self._momentums[number].value, self._velocities[number].value
        rows, values = gradient.indices, gradient.values
        m = tf.gather(first, rows) * self.beta_1 + (1 - self.beta_1) * values
        v = tf.gather(second, rows) * self.beta_2 + (1 - self.beta_2) * tf.square(values)
        alpha = rate * tf.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        first.scatter_update(tf.IndexedSlices(m, rows))
        second.scatter_update(tf.IndexedSlices(v, rows))
        change = m * alpha / (tf.sqrt(v) + self.epsilon)
        variable.scatter_sub(tf.IndexedSlices(change, rows))

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "factors": self.factors}


def layer_of(name: str, layers: int) -> int:
    """The layer that a variable of a teacher belongs to: 0 for embeddings, 1 for the first layer, up to `layers`, and
    one more for what reads the last layer.
    """
    found = LAYER.search(name)
    if found:
        return int(found[1]) + 1
    return 0 if EMBEDDINGS in name else layers + 1


def is_head(name: str) -> bool:
    """Whether a variable belongs to the heads or to the pooler that one of them reads."""
    return name.startswith(HEADS) or f"/{HEADS[-1]}" in name


def without_repetition(gradient: tf.IndexedSlices) -> tf.IndexedSlices:
    """The same gradient with each row once."""
    rows, places = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
    return tf.IndexedSlices(values, rows, gradient.dense_shape)
