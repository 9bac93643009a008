"""What a meta-teacher has beside its heads: a head that is to distinguish domains, and is told wrong ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

DOMAIN_LOSS_WEIGHT = 0.5
"""Weight of the domain head's loss beside that of the labels (Pan et al. 2020, *Meta-KD*, arXiv 2012.01266)."""

DOMAIN, WEIGHT = "domain", "weight"
"""Names of the inputs that tell the domain of a row, int32 `(batch,)`, and what the row counts, float32 `(batch,)`."""


class DomainHead(tf.Module):
    """Makes the hidden states of a teacher forget the domain of a text.

    `v = tanh(W · (e_d + h) + b)`, where `e_d` is the learned embedding of the row's domain and h the mean hidden state
    of its tokens; its loss is the cross-entropy of a linear map of v with the domain ids of the batch *shuffled*, so
    that the domain tells nothing (Pan et al. 2020, *Meta-KD*, arXiv 2012.01266, section 3.2). The linear
    map is ours. The head is no part of the saved teacher.

    Args:
        domains: Number of domains.
        width: Width of the teacher's hidden states.
        seed: Seed of the weights and of the shuffling.

    Raises:
        ValueError: if there are fewer than two domains.
    """

    def __init__(self, domains: int, width: int, *, seed: int = 0) -> None:
        super().__init__(name="domain_head")
        if domains < 2:
            raise ValueError(f"`domains` must be at least 2. Received: {domains}.")
        self.seed = seed

        def drawn(name: str, number: int, *shape: int) -> tf.Variable:
            values = tf.random.stateless_truncated_normal(shape, seed=(seed, number), stddev=0.02)
            return tf.Variable(values, name=f"domain_head/{name}")

        self._domains = drawn("domains", 11, domains, width)
        self._kernel = drawn("kernel", 12, width, width)
        self._bias = tf.Variable(tf.zeros(width), name="domain_head/bias")
        self._map = drawn("map/kernel", 13, width, domains)
        self._map_bias = tf.Variable(tf.zeros(domains), name="domain_head/map/bias")
        # The shuffling is a function of this counter, so that a resumed training repeats it.
        self._draws = tf.Variable(0, dtype=tf.int32, trainable=False, name="domain_head/draws")

    @property
    def trainable_variables(self) -> tuple[tf.Variable, ...]:
        """What is trained."""
        return (self._domains, self._kernel, self._bias, self._map, self._map_bias)

    @property
    def counters(self) -> tuple[tf.Variable, ...]:
        """What a checkpoint has beside."""
        return (self._draws,)

    def __call__(self, hidden: tf.Tensor, mask: tf.Tensor, domains: tf.Tensor) -> tf.Tensor:
        """Logits of the domains.

        Args:
            hidden: `(batch, time, width)` floats.
            mask: `(batch, time)` bool: which tokens count.
            domains: int32 `(batch,)`: the domain of each row.

        Returns:
            `(batch, domains)` floats.
        """
        counted = tf.cast(mask, hidden.dtype)[..., tf.newaxis]
        total = tf.reduce_sum(tf.where(mask[..., tf.newaxis], hidden, 0.0), axis=1)
        mean = total / tf.maximum(tf.reduce_sum(counted, axis=1), 1.0)
        vector = tf.tanh((tf.gather(self._domains, domains) + mean) @ self._kernel + self._bias)
        return vector @ self._map + self._map_bias

    def loss(
        self, outputs: Mapping[str, Any], inputs: Mapping[str, Any], mask: tf.Tensor
    ) -> tf.Tensor:
        """The mean weighted cross-entropy with shuffled domains; each call shuffles anew.

        Args:
            outputs: The teacher's, with `"hidden"`.
            inputs: Have `DOMAIN` and `WEIGHT`.
            mask: `(batch, time)` bool: which tokens count.
        """
        domains = inputs[DOMAIN]
        draw = self._draws.assign_add(1)
        shuffled = tf.random.experimental.stateless_shuffle(
            domains, seed=tf.stack([self.seed, draw])
        )
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=shuffled, logits=self(outputs["hidden"], mask, domains)
        )
        return tf.reduce_mean(inputs[WEIGHT] * losses)
