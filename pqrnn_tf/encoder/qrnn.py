"""Quasi-recurrent layer."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from pqrnn_tf.encoder.normalization import check_normalization, make_normalization, normalize
from pqrnn_tf.encoder.scan import linear_recurrence
from pqrnn_tf.quantization.fake_quantizers import get_quantizer
from pqrnn_tf.quantization.places import Places

POOLINGS = ("f", "fo", "ifo")
DIRECTIONS = ("forward", "backward")


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class QRNN(keras.layers.Layer):
    """Quasi-recurrent layer: a convolution over time, then an elementwise recurrence.

    With `N` the normalisation, `*` a convolution of width `k` over the current and the `k - 1`
    previous steps (the following steps, if `direction="backward"`), and products elementwise:

        Z = tanh(N(W_z * X))    F = σ(N(W_f * X))    O = σ(N(W_o * X))    I = σ(N(W_i * X))

        "f":    c[t] = f[t] c[t-1] + (1 - f[t]) z[t]    h[t] = c[t]
        "fo":   c[t] = f[t] c[t-1] + (1 - f[t]) z[t]    h[t] = o[t] c[t]
        "ifo":  c[t] = f[t] c[t-1] + i[t] z[t]          h[t] = o[t] c[t]

    with `c = 0` before the first step. All gates come from one matrix product over the `k` shifted
    inputs side by side, in the order Z, F, O, I, so that an exported model holds one 8-bit
    FULLY_CONNECTED per layer.

    **Masks.** Masked inputs are set to zero before the convolution, masked steps carry the state (f
    = 1, input 0), outputs at masked steps are 0 and batch normalisation ignores masked steps. A
    padded example therefore gives exactly what it gives by itself.

    **Zoneout.** In training an element of the state keeps its value (f = 1, input 0) with
    probability `zoneout ** layer_index`, drawn per example, step and unit; nothing is rescaled.

    Args:
        units: Size of the state.
        kernel_width: Steps that the convolution sees, `k`.
        pooling: `"f"`, `"fo"` or `"ifo"`.
        direction: `"forward"` (causal: padding on the left) or `"backward"` (anti-causal: padding
            on the right, recurrence from the last step to the first).
        zoneout: Probability `p` in [0, 1).
        layer_index: Place `l` of the layer in its stack, from 1; the zoneout probability is `p **
            l`.
        normalization: `"batch"`, `"layer"` (over all gates together) or `None` (a bias is added
            instead).
        normalization_momentum: Momentum of the moving averages of batch normalisation.
        kernel_quantizer: `None` or a quantizer for the kernel `(kernel_width * channels, gates *
            units)`.
        activation_quantizer: `None` or a `FixedRangeQuantizer`: applied to Z in [-1, 1] and to the
            gates in [0, 1]. The state inside the recurrence stays floating point.
        kernel_initializer: Initializer of the kernel.
        kernel_regularizer: Regularizer of the kernel.
        seed: Seed of zoneout.
        **kwargs: Arguments of `keras.layers.Layer` (`name`, `dtype`, `trainable`).

    Call arguments:
        inputs: Float tensor `(batch, time, channels)`.
        mask: Bool tensor `(batch, time)`, True = a real step, or `None`.
        training: Whether zoneout applies and batch normalisation uses the batch.

    Input shape:
        `(batch, time, channels)`; `batch` and `time` may be unknown.

    Output shape:
        `(batch, time, units)`, in the compute dtype.

    Raises:
        ValueError: if an argument is out of its range, or the input does not have three axes.

    Example:
    ```python
    layer = QRNN(128, kernel_width=3, pooling="fo", zoneout=0.5, layer_index=2)
    states = layer(features, mask=mask)  # (batch, time, 128)
    ```

    Reference: Bradbury, Merity, Xiong, Socher 2016, *Quasi-Recurrent Neural Networks*, sections 2
    and 2.1 (arXiv 1611.01576); batch normalisation of the gates and `p ** l` as in Kaliamoorthi et
    al. 2021 (arXiv 2101.08890) and its authors' public code.
    """

    def __init__(
        self,
        units: int,
        kernel_width: int = 3,
        *,
        pooling: str = "fo",
        direction: str = "forward",
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
        for name, number in (
            ("units", units),
            ("kernel_width", kernel_width),
            ("layer_index", layer_index),
        ):
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise ValueError(
                    f"Argument `{name}` must be a positive integer. Received: {name}={number!r}."
                )
        if pooling not in POOLINGS:
            raise ValueError(
                f"Argument `pooling` must be one of {POOLINGS}. Received: pooling={pooling!r}."
            )
        if direction not in DIRECTIONS:
            raise ValueError(
                f"Argument `direction` must be one of {DIRECTIONS}. "
                f"Received: direction={direction!r}. For both, use `BidirectionalQRNN`."
            )
        if not 0.0 <= zoneout < 1.0:
            raise ValueError(
                "Argument `zoneout` must be a probability in [0, 1). "
                f"Received: zoneout={zoneout!r}."
            )
        self.units = units
        self.kernel_width = kernel_width
        self.pooling = pooling
        self.direction = direction
        self.zoneout = zoneout
        self.layer_index = layer_index
        self.normalization = check_normalization(normalization)
        self.normalization_momentum = normalization_momentum
        self.kernel_quantizer = get_quantizer(kernel_quantizer)
        self.activation_quantizer = get_quantizer(activation_quantizer)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.seed = seed
        self.supports_masking = True
        self.places = Places("inputs", "gates")
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.normalization_layer = make_normalization(
            self.normalization, momentum=normalization_momentum, dtype=self.dtype_policy
        )

    @property
    def gates(self) -> int:
        """Blocks of `units` columns in the kernel: Z and F, then O, then I."""
        return {"f": 2, "fo": 3, "ifo": 4}[self.pooling]

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Adds the kernel, and a bias where there is no normalisation."""
        if len(input_shape) != 3 or input_shape[-1] is None:
            raise ValueError(
                f"The input of {type(self).__name__} must have shape (batch, time, channels) with "
                f"known channels. Received: input_shape={tuple(input_shape)}."
            )
        columns = self.gates * self.units
        self.kernel = self.add_weight(
            name="kernel",
            shape=(self.kernel_width * input_shape[-1], columns),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
        )
        self.bias = None
        if self.normalization_layer is None:
            self.bias = self.add_weight(name="bias", shape=(columns,), initializer="zeros")
        else:
            self.normalization_layer.build((*input_shape[:2], columns))

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Returns the states `(batch, time, units)`."""
        inputs = ops.cast(inputs, self.compute_dtype)
        real = None
        if mask is not None:
            real = ops.cast(ops.expand_dims(mask, -1), self.compute_dtype)
            inputs = inputs * real

        gates = self._convolve(self.places("inputs", inputs))
        gates = normalize(self.normalization_layer, gates, mask, training)
        gates = self.places("gates", gates)
        blocks = ops.split(gates, self.gates, axis=-1)
        candidate = self._quantize(ops.tanh(blocks[0]), -1.0)
        forget, *others = (self._quantize(ops.sigmoid(block), 0.0) for block in blocks[1:])

        update = 1.0 - forget
        written = others[1] if self.pooling == "ifo" else update
        open_steps = self._open_steps(real, ops.shape(update), training)
        if open_steps is not None:
            written = written * open_steps
            update = update * open_steps
        states = linear_recurrence(
            1.0 - update, written * candidate, reverse=self.direction == "backward"
        )

        outputs = states if self.pooling == "f" else others[0] * states
        return outputs if real is None else outputs * real

    def _convolve(self, inputs: Any) -> Any:
        """One matrix product over the `kernel_width` shifted inputs, oldest first, side by side."""
        kernel = ops.cast(self.kernel, self.compute_dtype)
        if self.kernel_quantizer is not None:
            kernel = self.kernel_quantizer(kernel)
        width = self.kernel_width - 1
        if width:
            forward = self.direction == "forward"
            padded = ops.pad(inputs, [[0, 0], [width, 0] if forward else [0, width], [0, 0]])
            # Slices of a given size, because the gradient of x[:, a:b] is several times slower.
            shape = ops.shape(inputs)
            places = range(width) if forward else range(1, width + 1)
            windows = [ops.slice(padded, [0, place, 0], shape) for place in places]
            windows.insert(width if forward else 0, inputs)
            inputs = ops.concatenate(windows, axis=-1)
        gates = ops.matmul(inputs, kernel)
        return gates if self.bias is None else gates + ops.cast(self.bias, gates.dtype)

    def _open_steps(self, real: Any, shape: Any, training: bool | None) -> Any:
        """1 where the state may change, 0 where it is carried; `None` if it never is."""
        probability = self.zoneout**self.layer_index
        if not training or not probability:
            return real
        drawn = keras.random.uniform(shape, dtype="float32", seed=self.seed_generator)
        drawn = ops.cast(drawn >= probability, self.compute_dtype)
        return drawn if real is None else drawn * real

    def _quantize(self, activations: Any, minimum: float) -> Any:
        if self.activation_quantizer is None:
            return activations
        return self.activation_quantizer(activations, minimum=minimum, maximum=1.0)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns `(batch, time, units)`."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        return {
            **super().get_config(),
            "units": self.units,
            "kernel_width": self.kernel_width,
            "pooling": self.pooling,
            "direction": self.direction,
            "zoneout": self.zoneout,
            "layer_index": self.layer_index,
            "normalization": self.normalization,
            "normalization_momentum": self.normalization_momentum,
            "kernel_quantizer": keras.saving.serialize_keras_object(self.kernel_quantizer),
            "activation_quantizer": keras.saving.serialize_keras_object(self.activation_quantizer),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "seed": self.seed,
        }
