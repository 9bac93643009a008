"""The pQRNN encoder: bottleneck and QRNN stack."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from pqrnn_tf.encoder.bidirectional import BidirectionalQRNN
from pqrnn_tf.encoder.bottleneck import Bottleneck
from pqrnn_tf.encoder.config import EncoderConfig
from pqrnn_tf.encoder.initialization import initializer_at
from pqrnn_tf.encoder.qrnn import QRNN


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class PQRNNEncoder(keras.layers.Layer):
    """Turns the ternary features of tokens into contextual states. It knows no labels.

        e = ReLU(N(W p + b))                     the bottleneck
        x_0 = e,   x_l = QRNN_l(dropout(x_{l-1}))     l = 1 … layers

    With `residual=True`, `x_l = x_{l-1} + QRNN_l(dropout(x_{l-1}))` at each layer whose input is as
    wide as its output; a layer where the widths differ has no residual. With the default sizes all
    layers have one.

    Args:
        bottleneck_units: Size of the bottleneck.
        units: Size of the state of one direction of a QRNN layer.
        layers: Number of QRNN layers.
        kernel_width: Steps that each convolution sees.
        pooling: `"f"`, `"fo"` or `"ifo"`.
        bidirectional: Whether a layer reads in both directions (width `2 * units`). `False` gives a
            causal encoder of width `units`: a state depends on its own and earlier tokens only.
        zoneout: Probability `p`; layer `l` keeps an element of its state with probability `p ** l`
            in training.
        dropout: Dropout rate on the input of each QRNN layer.
        feature_dropout: Dropout rate on single projection features before the bottleneck.
        residual: Whether layers add their input to their output where the widths agree.
        normalization: `"batch"`, `"layer"` or `None`, in the bottleneck and in all layers.
        normalization_momentum: Momentum of the moving averages of batch normalisation.
        kernel_quantizer: `None` or a quantizer for all kernels.
        activation_quantizer: `None` or a `FixedRangeQuantizer` for the gates of the QRNN layers.
        kernel_initializer: Initializer of all kernels.
        kernel_regularizer: Regularizer of all kernels.
        seed: Seed of dropout and zoneout; every layer draws from its own stream.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        features: Tensor `(batch, time, features)`, int8 or float: the output of the projection.
        mask: Bool tensor `(batch, time)`, True = a real token, or `None`.
        training: Whether dropout and zoneout apply and batch normalisation uses the batch.
        extra: Tensor `(batch, time, bottleneck_units)` that is added in the bottleneck, or `None`.

    Input shape:
        `(batch, time, features)`; `batch` and `time` may be unknown.

    Output shape:
        `{"sequence": (batch, time, width), "hidden": [(batch, time, bottleneck_units), (batch,
        time, width), …]}` in the compute dtype, 0 at masked steps. `hidden` holds the bottleneck
        and each layer; the last one is `sequence`.

    Raises:
        ValueError: if an argument is out of its range, or the input does not have three axes.

    Example:
    ```python
    encoder = PQRNNEncoder(bottleneck_units=256, units=128, layers=3, zoneout=0.5)
    states = encoder(features, mask=mask)["sequence"]  # (batch, time, 256)
    ```

    Reference: Kaliamoorthi et al. 2021, *Distilling Large Language Models into Tiny and Effective
    Students using pQRNN* (arXiv 2101.08890). Dropout and residuals are not in the paper.
    """

    def __init__(
        self,
        bottleneck_units: int = EncoderConfig.bottleneck_units,
        units: int = EncoderConfig.units,
        layers: int = EncoderConfig.layers,
        *,
        kernel_width: int = EncoderConfig.kernel_width,
        pooling: str = EncoderConfig.pooling,
        bidirectional: bool = True,
        zoneout: float = EncoderConfig.zoneout,
        dropout: float = EncoderConfig.dropout,
        feature_dropout: float = EncoderConfig.feature_dropout,
        residual: bool = EncoderConfig.residual,
        normalization: str | None = EncoderConfig.normalization,
        normalization_momentum: float = 0.99,
        kernel_quantizer: Any = None,
        activation_quantizer: Any = None,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if isinstance(layers, bool) or not isinstance(layers, int) or layers < 1:
            raise ValueError(
                f"Argument `layers` must be a positive integer. Received: layers={layers!r}."
            )
        for name, rate in (("dropout", dropout), ("feature_dropout", feature_dropout)):
            if not 0.0 <= rate < 1.0:
                raise ValueError(
                    f"Argument `{name}` must be a rate in [0, 1). Received: {name}={rate!r}."
                )
        self.bottleneck_units = bottleneck_units
        self.units = units
        self.layers = layers
        self.kernel_width = kernel_width
        self.pooling = pooling
        self.bidirectional = bidirectional
        self.zoneout = zoneout
        self.dropout = dropout
        self.feature_dropout = feature_dropout
        self.residual = residual
        self.normalization = normalization
        self.normalization_momentum = normalization_momentum
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.seed = seed
        self.supports_masking = True

        def stream(number: int) -> int | None:
            return None if seed is None else seed + 1000 * number

        shared: dict[str, Any] = {
            "normalization": normalization,
            "normalization_momentum": normalization_momentum,
            "kernel_quantizer": kernel_quantizer,
            "kernel_regularizer": kernel_regularizer,
            "dtype": self.dtype_policy,
        }
        self.feature_dropout_layer = keras.layers.Dropout(
            feature_dropout, seed=stream(1), dtype=self.dtype_policy, name="feature_dropout"
        )
        self.bottleneck = Bottleneck(
            bottleneck_units,
            kernel_initializer=initializer_at(self.kernel_initializer, 0),
            name="bottleneck",
            **shared,
        )
        qrnn = BidirectionalQRNN if bidirectional else QRNN
        self.qrnn_layers = [
            qrnn(
                units,
                kernel_width,
                pooling=pooling,
                zoneout=zoneout,
                layer_index=index,
                activation_quantizer=activation_quantizer,
                kernel_initializer=initializer_at(self.kernel_initializer, 2 * index),
                seed=stream(2 * index + 1),
                name=f"qrnn_{index}",
                **shared,
            )
            for index in range(1, layers + 1)
        ]
        self.dropout_layers = [
            keras.layers.Dropout(
                dropout, seed=stream(2 * index), dtype=self.dtype_policy, name=f"dropout_{index}"
            )
            for index in range(1, layers + 1)
        ]

    @property
    def width(self) -> int:
        """Channels of the output sequence."""
        return 2 * self.units if self.bidirectional else self.units

    @property
    def parts(self) -> list[list[keras.layers.Layer]]:
        """The bottleneck and each layer, which a training may freeze from the input on."""
        return [[self.bottleneck], *([qrnn] for qrnn in self.qrnn_layers)]

    def layers_with_weights(self) -> dict[str, Bottleneck | QRNN]:
        """All layers with weights by name: those with kernels."""
        return self.layers_with_kernels()

    def layers_with_kernels(self) -> dict[str, Bottleneck | QRNN]:
        """The bottleneck and each direction of each layer by name, for what is done to all of them."""
        halves = (
            (qrnn.forward, qrnn.backward) if isinstance(qrnn, BidirectionalQRNN) else (qrnn,)
            for qrnn in self.qrnn_layers
        )
        return {
            "bottleneck": self.bottleneck,
            **{
                f"{qrnn.name}/{half.direction}": half
                for qrnn, of_layer in zip(self.qrnn_layers, halves, strict=True)
                for half in of_layer
            },
        }

    def build(self, features_shape: tuple[int | None, ...]) -> None:
        """Builds the bottleneck and the layers."""
        self.feature_dropout_layer.build(features_shape)
        self.bottleneck.build(features_shape)
        shape = self.bottleneck.compute_output_shape(features_shape)
        for dropout, qrnn in zip(self.dropout_layers, self.qrnn_layers, strict=True):
            dropout.build(shape)
            qrnn.build(shape)
            shape = qrnn.compute_output_shape(shape)

    def call(
        self, features: Any, mask: Any = None, training: bool | None = None, extra: Any = None
    ) -> dict[str, Any]:
        """Returns `{"sequence", "hidden"}`."""
        features = ops.cast(features, self.compute_dtype)
        features = self.feature_dropout_layer(features, training=training)
        hidden = [self.bottleneck(features, mask=mask, training=training, extra=extra)]
        for dropout, qrnn in zip(self.dropout_layers, self.qrnn_layers, strict=True):
            inputs = hidden[-1]
            outputs = qrnn(dropout(inputs, training=training), mask=mask, training=training)
            if self.residual and inputs.shape[-1] == outputs.shape[-1]:
                outputs = inputs + outputs
            hidden.append(outputs)
        return {"sequence": hidden[-1], "hidden": hidden}

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Returns the mask of every output, or `None`."""
        if previous_mask is None:
            return None
        return {"sequence": previous_mask, "hidden": [previous_mask] * (self.layers + 1)}

    def compute_output_shape(self, features_shape: tuple[int | None, ...]) -> dict[str, Any]:
        """Returns the shapes of `{"sequence", "hidden"}`."""
        start = tuple(features_shape[:-1])
        sequence = (*start, self.width)
        return {
            "sequence": sequence,
            "hidden": [(*start, self.bottleneck_units)] + [sequence] * self.layers,
        }

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        first = self.qrnn_layers[0].get_config()
        inherited = ("kernel_quantizer", "activation_quantizer", "kernel_regularizer")
        return {
            **super().get_config(),
            "bottleneck_units": self.bottleneck_units,
            "units": self.units,
            "layers": self.layers,
            "kernel_width": self.kernel_width,
            "pooling": self.pooling,
            "bidirectional": self.bidirectional,
            "zoneout": self.zoneout,
            "dropout": self.dropout,
            "feature_dropout": self.feature_dropout,
            "residual": self.residual,
            "normalization": self.normalization,
            "normalization_momentum": self.normalization_momentum,
            **{name: first[name] for name in inherited},
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "seed": self.seed,
        }
