"""The dense layer between the projection and the recurrent stack."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from pqrnn_tf.encoder.normalization import check_normalization, make_normalization, normalize
from pqrnn_tf.quantization.fake_quantizers import get_quantizer
from pqrnn_tf.quantization.places import Places


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class Bottleneck(keras.layers.Layer):
    """Turns ternary features into a dense vector per token.

        e[t] = ReLU(N(W p[t] + b) + x[t])

    `x`, usually nothing, is what else is known of the step. `N` is the normalisation; its own offset takes the place of
    `b` where there is one. Masked steps do not enter the statistics of batch normalisation, and their output is 0.

    Args:
        units: Size of the output.
        normalization: `"batch"`, `"layer"` or `None`.
        normalization_momentum: Momentum of the moving averages of batch normalisation.
        kernel_quantizer: `None` or a quantizer for the kernel `(features, units)`.
        kernel_initializer: Initializer of the kernel.
        kernel_regularizer: Regularizer of the kernel.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: Tensor `(batch, time, features)` of any numeric dtype.
        mask: Bool tensor `(batch, time)`, True = a real step, or `None`.
        training: Whether batch normalisation uses the batch.
        extra: Tensor `(batch, time, units)` that is added before the ReLU, or `None`.

    Input shape:
        `(batch, time, features)`.

    Output shape:
        `(batch, time, units)`, in the compute dtype.

    Raises:
        ValueError: if an argument is out of its range, or the input does not have three axes.

    Reference: Kaliamoorthi et al. 2021 (arXiv 2101.08890), the bottleneck of pQRNN.
    """

    def __init__(
        self,
        units: int,
        *,
        normalization: str | None = "batch",
        normalization_momentum: float = 0.99,
        kernel_quantizer: Any = None,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if isinstance(units, bool) or not isinstance(units, int) or units < 1:
            raise ValueError(
                f"Argument `units` must be a positive integer. Received: units={units!r}."
            )
        self.units = units
        self.normalization = check_normalization(normalization)
        self.normalization_momentum = normalization_momentum
        self.kernel_quantizer = get_quantizer(kernel_quantizer)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.supports_masking = True
        self.places = Places("inputs", "outputs")
        self.normalization_layer = make_normalization(
            self.normalization, momentum=normalization_momentum, dtype=self.dtype_policy
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Adds the kernel, and a bias where there is no normalisation."""
        if len(input_shape) != 3 or input_shape[-1] is None:
            raise ValueError(
                f"The input of {type(self).__name__} must have shape (batch, time, features) with "
                f"known features. Received: input_shape={tuple(input_shape)}."
            )
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.units),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
        )
        self.bias = None
        if self.normalization_layer is None:
            self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")
        else:
            self.normalization_layer.build((*input_shape[:2], self.units))

    def call(
        self, inputs: Any, mask: Any = None, training: bool | None = None, extra: Any = None
    ) -> Any:
        """Returns the dense vectors `(batch, time, units)`."""
        kernel = ops.cast(self.kernel, self.compute_dtype)
        if self.kernel_quantizer is not None:
            kernel = self.kernel_quantizer(kernel)
        inputs = self.places("inputs", ops.cast(inputs, self.compute_dtype))
        outputs = ops.matmul(inputs, kernel)
        if self.bias is not None:
            outputs = outputs + ops.cast(self.bias, outputs.dtype)
        outputs = normalize(self.normalization_layer, outputs, mask, training)
        if extra is not None:
            outputs = outputs + ops.cast(extra, outputs.dtype)
        outputs = ops.relu(outputs)
        outputs = self.places("outputs", outputs)
        if mask is None:
            return outputs
        return outputs * ops.cast(ops.expand_dims(mask, -1), outputs.dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns `(batch, time, units)`."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        return {
            **super().get_config(),
            "units": self.units,
            "normalization": self.normalization,
            "normalization_momentum": self.normalization_momentum,
            "kernel_quantizer": keras.saving.serialize_keras_object(self.kernel_quantizer),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
        }
