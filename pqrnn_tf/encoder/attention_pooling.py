"""Pooling of a sequence into one vector."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class AttentionPooling(keras.layers.Layer):
    """Weighted mean over time with learned weights.

        s[t] = v · x[t]
        w = softmax(s over the real steps)
        y = Σ_t w[t] x[t]

    Masked steps have weight 0; a row without any real step gives zeros. The scores and their
    softmax are computed in float32 at least, whatever the compute dtype. A bias would cancel in the
    softmax, so there is none.

    Args:
        kernel_initializer: Initializer of `v`, `(width, 1)`.
        kernel_regularizer: Regularizer of `v`.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: Float tensor `(batch, time, width)`.
        mask: Bool tensor `(batch, time)`, True = a real step, or `None`.

    Input shape:
        `(batch, time, width)`.

    Output shape:
        `(batch, width)`, in the compute dtype.

    Raises:
        ValueError: if the input does not have three axes.

    Example:
    ```python
    sentence = AttentionPooling()(states, mask=mask)  # (batch, width)
    ```

    Reference: the classification head of Kaliamoorthi et al. 2021 (arXiv 2101.08890); attention as
    in Yang et al. 2016, *Hierarchical Attention Networks*, section 2.2, with a linear score.
    """

    def __init__(
        self,
        *,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.supports_masking = True

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Adds the vector of the scores."""
        if len(input_shape) != 3 or input_shape[-1] is None:
            raise ValueError(
                f"The input of {type(self).__name__} must have shape (batch, time, width) "
                f"with known width. Received: input_shape={tuple(input_shape)}."
            )
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], 1),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
        )

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Returns one vector an example, `(batch, width)`."""
        inputs = ops.cast(inputs, self.compute_dtype)
        wide = keras.backend.result_type(self.compute_dtype, "float32")
        scores = ops.matmul(ops.cast(inputs, wide), ops.cast(self.kernel, wide))
        if mask is None:
            weights = ops.softmax(scores, axis=1)
        else:
            real = ops.cast(ops.expand_dims(mask, -1), wide)
            # A finite penalty keeps a fully masked row free of NaN; the product then makes it 0.
            weights = ops.softmax(scores - 1e9 * (1.0 - real), axis=1) * real
        return ops.sum(ops.cast(weights, self.compute_dtype) * inputs, axis=1)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """Returns `None`: the time axis is gone."""
        return None

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns `(batch, width)`."""
        return (input_shape[0], input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        return {
            **super().get_config(),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
        }
