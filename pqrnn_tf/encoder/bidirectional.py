"""Two QRNN layers that read in opposite directions."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from pqrnn_tf.encoder.initialization import initializer_at
from pqrnn_tf.encoder.qrnn import QRNN


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class BidirectionalQRNN(keras.layers.Layer):
    """A causal and an anti-causal `QRNN` over the same input, outputs side by side.

        h[t] = [forward[t], backward[t]]

    The forward half sees the current and the earlier steps only, the backward half the current and
    the later ones. The arguments mean what they mean in `QRNN`, for each half.

    Args:
        units: Size of the state of one direction; the output has twice as many channels.
        kernel_width: Steps that each convolution sees.
        pooling: `"f"`, `"fo"` or `"ifo"`.
        zoneout: Probability `p` in [0, 1).
        layer_index: Place `l` of the layer in its stack, from 1; the zoneout probability is `p **
            l`.
        normalization: `"batch"`, `"layer"` or `None`.
        normalization_momentum: Momentum of the moving averages of batch normalisation.
        kernel_quantizer: `None` or a quantizer for both kernels.
        activation_quantizer: `None` or a `FixedRangeQuantizer`.
        kernel_initializer: Initializer of both kernels.
        kernel_regularizer: Regularizer of both kernels.
        seed: Seed of zoneout; the halves draw from different streams.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: Float tensor `(batch, time, channels)`.
        mask: Bool tensor `(batch, time)`, True = a real step, or `None`.
        training: Whether zoneout applies and batch normalisation uses the batch.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        `(batch, time, 2 * units)`, in the compute dtype.

    Raises:
        ValueError: as `QRNN`.

    Reference: Bradbury et al. 2016 (arXiv 1611.01576); the bidirectional stack of Kaliamoorthi et
    al. 2021 (arXiv 2101.08890).
    """

    def __init__(
        self,
        units: int,
        kernel_width: int = 3,
        *,
        pooling: str = "fo",
        zoneout: float = 0.0,
        layer_index: int = 1,
        normalization: str | None = "batch",
        normalization_momentum: float = 0.99,
        kernel_quantizer: Any = None,
        activation_quantizer: Any = None,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.seed = seed
        self.supports_masking = True

        def half(direction: str, place: int) -> QRNN:
            return QRNN(
                units,
                kernel_width,
                pooling=pooling,
                direction=direction,
                zoneout=zoneout,
                layer_index=layer_index,
                normalization=normalization,
                normalization_momentum=normalization_momentum,
                kernel_quantizer=kernel_quantizer,
                activation_quantizer=activation_quantizer,
                kernel_initializer=initializer_at(self.kernel_initializer, place),
                kernel_regularizer=kernel_regularizer,
                seed=None if seed is None else seed + place,
                dtype=self.dtype_policy,
                name=direction,
            )

        self.forward = half("forward", 0)
        self.backward = half("backward", 1)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Builds both halves."""
        self.forward.build(input_shape)
        self.backward.build(input_shape)

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Returns the states `(batch, time, 2 * units)`."""
        return ops.concatenate(
            [
                self.forward(inputs, mask=mask, training=training),
                self.backward(inputs, mask=mask, training=training),
            ],
            axis=-1,
        )

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns `(batch, time, 2 * units)`."""
        return (*input_shape[:-1], 2 * self.units)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        half = self.forward.get_config()
        for name in ("direction", "seed", "name", "dtype", "trainable"):
            del half[name]
        return {
            **super().get_config(),
            **half,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "seed": self.seed,
        }
