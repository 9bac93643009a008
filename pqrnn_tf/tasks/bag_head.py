"""A linear intent head over the bag of a text's features, beside the encoder.

On few rows a linear classifier of words and character n-grams beats an encoder that is trained from scratch, and both
together beat either. `pqrnn_tf.tasks.bag_solution` finds the weights.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from pqrnn_tf.quantization.places import Places


class BagSolution(NamedTuple):
    """Weights of a `BagHead`.

    Attributes:
        kernel: Float32 `(features, intents)`; of a head of less than full rank `(rank, intents)`.
        bias: Float32 `(intents,)`.
        down: Float32 `(features, rank)`, what the bag is multiplied by first; `None` for full rank.
    """

    kernel: np.ndarray
    bias: np.ndarray
    down: np.ndarray | None = None


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class BagHead(keras.layers.Layer):
    """Adds linear logits of the bag of a text's features to an encoder's logits.

    ```
    bag    = Σ_t p_t / sqrt(tokens)             over the tokens that are no padding
    logits = encoder_weight · encoder + bag · kernel + bias
    ```

    Nothing here is trained by gradients: `assign` sets a solution (`solve_bag_head`), and until then the logits are
    those of the encoder.

    Args:
        classes: Number of logits.
        rank: Rank of the kernel, which is a product of two then, for a smaller file; `None` for one kernel.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        features: `(batch, time, features)`, projection features of any dtype.
        mask: Boolean `(batch, time)`, false where there is padding, which is ignored.
        encoder: Float `(batch, classes)`, the encoder's logits.

    Returns of a call:
        Float32 `(batch, classes)`.

    Raises:
        ValueError: if `classes` or `rank` is not positive.

    Example:
    ```python
    head = BagHead(classes=3)
    head.build((None, None, spec.features))
    head.assign(solve_bag_head(rows, labels, spec), encoder_weight=0.8)
    ```
    """

    def __init__(self, classes: int, *, rank: int | None = None, **kwargs: Any):
        super().__init__(**{"trainable": False, "dtype": "float32", **kwargs})
        if classes < 1:
            raise ValueError(f"`classes` must be at least 1. Received: {classes}.")
        if rank is not None and rank < 1:
            raise ValueError(f"`rank` must be at least 1, or None. Received: {rank}.")
        self.classes = classes
        self.rank = rank
        self.places = Places("inputs", "outputs", *(() if rank is None else ("down",)))

    def build(self, features_shape: Any, *_: Any) -> None:
        """Adds the weights."""
        features = features_shape[-1]
        if self.rank is not None:
            shape = (features, self.rank)
            self.down = self.add_weight(name="down", shape=shape, initializer="zeros")
        shape = (features if self.rank is None else self.rank, self.classes)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer="zeros")
        self.bias = self.add_weight(name="bias", shape=(self.classes,), initializer="zeros")
        self.encoder_weight = self.add_weight(name="encoder_weight", shape=(), initializer="ones")
        self.built = True

    def assign(self, solution: BagSolution, *, encoder_weight: float) -> None:
        """Sets the weights.

        Args:
            solution: Kernel and bias, of the head's rank.
            encoder_weight: Factor of the encoder's logits.
        """
        if self.rank is not None:
            self.down.assign(solution.down)
        self.kernel.assign(solution.kernel)
        self.bias.assign(solution.bias)
        self.encoder_weight.assign(encoder_weight)

    def call(self, features: Any, mask: Any, encoder: Any) -> Any:
        """Returns the logits."""
        real = ops.cast(mask, "float32")
        # Rows of (1, time) times (time, features): a sum that leaves padding out.
        bag = ops.matmul(real[:, None, :], ops.cast(features, "float32"))[:, 0, :]
        tokens = ops.maximum(ops.sum(real, axis=1, keepdims=True), 1.0)
        bag = self.places("inputs", bag * ops.rsqrt(tokens))
        if self.rank is not None:
            bag = self.places("down", ops.matmul(bag, self.down))
        logits = self.places("outputs", ops.matmul(bag, self.kernel) + self.bias)
        return self.encoder_weight * ops.cast(encoder, "float32") + logits

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "classes": self.classes, "rank": self.rank}
