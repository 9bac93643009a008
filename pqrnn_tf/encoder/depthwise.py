"""Convolution of each channel by itself."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from pqrnn_tf.encoder.normalization import check_normalization, make_normalization, normalize
from pqrnn_tf.quantization.places import Places


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class DepthwiseConvolution(keras.layers.Layer):
    """Mixes the steps around each step, every channel by itself.

        y[t] = N(Σ_j w[j] x[t + j − ⌊k / 2⌋] + b),   j = 0 … k − 1

    with products elementwise. `N` is the normalisation; its own offset takes the place of `b` where there is one.
    Masked inputs are set to zero before the convolution, and outputs at masked steps are 0. It is written as
    multiplications and additions of shifted inputs, which every LiteRT runtime has; kernels are small and stay in
    floats.

    Args:
        kernel_width: Steps that it sees, `k`; an even one sees one more step before than after.
        normalization: `"batch"`, `"layer"` or `None`.
        normalization_momentum: Momentum of the moving averages of batch normalisation.
        kernel_initializer: Initializer of the kernel.
        kernel_regularizer: Regularizer of the kernel.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: Float tensor `(batch, time, channels)`.
        mask: Bool tensor `(batch, time)`, True = a real step, or `None`.
        training: Whether batch normalisation uses the batch.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: if an argument is out of its range, or the input does not have three axes.

    Reference: Chollet 2017, *Xception* (arXiv 1610.02357), the depthwise half of a separable convolution.
    """

    def __init__(
        self,
        kernel_width: int,
        *,
        normalization: str | None = "batch",
        normalization_momentum: float = 0.99,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if isinstance(kernel_width, bool) or not isinstance(kernel_width, int) or kernel_width < 1:
            raise ValueError(
                f"Argument `kernel_width` must be a positive integer. Received: kernel_width={kernel_width!r}."
            )
        self.kernel_width = kernel_width
        self.normalization = check_normalization(normalization)
        self.normalization_momentum = normalization_momentum
        self.kernel_quantizer = None  # its kernel is no matrix product's
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.supports_masking = True
        self.places = Places()
        self.normalization_layer = make_normalization(
            self.normalization, momentum=normalization_momentum, dtype=self.dtype_policy
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Adds the kernel, and a bias where there is no normalisation."""
        if len(input_shape) != 3 or input_shape[-1] is None:
            raise ValueError(
                f"The input of {type(self).__name__} must have shape (batch, time, channels) with "
                f"known channels. Received: input_shape={tuple(input_shape)}."
            )
        channels = input_shape[-1]
        self.kernel = self.add_weight(
            name="kernel",
            shape=(self.kernel_width, channels),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
        )
        self.bias = None
        if self.normalization_layer is None:
            self.bias = self.add_weight(name="bias", shape=(channels,), initializer="zeros")
        else:
            self.normalization_layer.build((*input_shape[:2], channels))

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Returns the mixed steps `(batch, time, channels)`."""
        inputs = ops.cast(inputs, self.compute_dtype)
        real = None
        if mask is not None:
            real = ops.cast(ops.expand_dims(mask, -1), self.compute_dtype)
            inputs = inputs * real
        kernel = ops.cast(self.kernel, self.compute_dtype)
        before = self.kernel_width // 2
        after = self.kernel_width - 1 - before
        padded = ops.pad(inputs, [[0, 0], [before, after], [0, 0]]) if before or after else inputs
        shape = ops.shape(inputs)
        outputs = inputs * kernel[before]
        for place in range(self.kernel_width):
            if place != before:
                outputs = outputs + ops.slice(padded, [0, place, 0], shape) * kernel[place]
        if self.bias is not None:
            outputs = outputs + ops.cast(self.bias, outputs.dtype)
        outputs = normalize(self.normalization_layer, outputs, mask, training)
        return outputs if real is None else outputs * real

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns the shape of the input."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        return {
            **super().get_config(),
            "kernel_width": self.kernel_width,
            "normalization": self.normalization,
            "normalization_momentum": self.normalization_momentum,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
        }
