"""Fake-quantizers: values rounded to what an integer would hold, gradients passed straight through.

A layer takes a quantizer or `None`; `None` means exact floating point. The rounding rules are those
of the LiteRT 8-bit specification, so that a model trained with them loses nothing when it is
converted: weights are symmetric (-127 … 127, zero point 0), the outputs of `tanh` have step 1/128
and the outputs of the logistic function step 1/256.

Reference: Jacob et al. 2018, *Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference*, section 3 (arXiv 1712.05877); Bengio et al. 2013, section 4
(arXiv 1308.3432) for the straight-through gradient.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class FakeQuantizer:
    """What every quantizer of this package shares: the number of bits and the configuration.

    Args:
        bits: Width of the integer, 2 to 16.

    Raises:
        ValueError: if `bits` is not an integer from 2 to 16.
    """

    def __init__(self, bits: int = 8) -> None:
        if isinstance(bits, bool) or not isinstance(bits, int) or not 2 <= bits <= 16:
            raise ValueError(
                "Argument `bits` must be an integer from 2 to 16. "
                f"Received: bits={bits!r}. Pass 8 for LiteRT."
            )
        self.bits = bits

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        return {"bits": self.bits}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> FakeQuantizer:
        """Builds the quantizer from what `get_config` returned."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.get_config() == self.get_config()

    def __hash__(self) -> int:
        return hash((type(self).__name__, tuple(sorted(self.get_config().items(), key=str))))

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class SymmetricWeightQuantizer(FakeQuantizer):
    """Symmetric weights, the range taken from the tensor itself.

    With `n = 2**(bits - 1) - 1` (127 for 8 bits) and the maximum taken over one channel, or over
    the whole tensor when `axis` is `None`:

        s = max|w| / n
        q(w) = s * round(w / s)            (s = 1 where a channel is all zeros)

    Gradient: straight through, `dq/dw = 1`; nothing lies outside the range, so nothing is clipped,
    and `s` counts as a constant. `round` rounds halves to even.

    Per-channel rounding along the output axis does not change the integers when batch normalisation
    is folded into the weights afterwards: folding multiplies a channel, and its `s`, by one number.

    Args:
        bits: Width of the integer, 2 to 16.
        axis: Axis of the channels, `-1` (the outputs of a kernel) by default; `None` for one range
            for the whole tensor.

    Call arguments:
        weights: Float tensor of any shape that has the axis.

    Returns:
        A tensor of the same shape and dtype, with at most `2n + 1` distinct values a channel.

    Raises:
        ValueError: if `bits` is out of range or `axis` is neither an integer nor `None`.

    Example:
    ```python
    SymmetricWeightQuantizer(axis=None)([[1.27, 0.014], [-0.5, 0.0]])  # [[1.27, 0.01], [-0.5, 0.0]]
    ```
    """

    def __init__(self, bits: int = 8, axis: int | None = -1) -> None:
        super().__init__(bits)
        if axis is not None and (isinstance(axis, bool) or not isinstance(axis, int)):
            raise ValueError(
                "Argument `axis` must be an integer (one range a channel) or None (one range "
                f"for the tensor). Received: axis={axis!r}."
            )
        self.axis = axis

    def __call__(self, weights: Any) -> Any:
        """Rounds the weights to the grid of their own range."""
        weights = _read(weights)
        rank = len(weights.shape)
        if self.axis is None:
            reduced = tuple(range(rank))
        else:
            if not -rank <= self.axis < rank:
                raise ValueError(
                    f"`weights` must have axis {self.axis}. Received: shape={tuple(weights.shape)}."
                    " Pass another `axis`, or None for one range for the whole tensor."
                )
            reduced = tuple(i for i in range(rank) if i != self.axis % rank)
        levels = 2 ** (self.bits - 1) - 1

        @ops.custom_gradient
        def quantize(w: Any) -> Any:
            step = ops.max(ops.abs(w), axis=reduced, keepdims=True) / levels
            step = ops.where(step > 0, step, ops.ones_like(step))
            rounded = ops.round(w / step) * step

            def gradient(*args: Any, upstream: Any = None) -> Any:
                return args[0] if upstream is None else upstream

            return rounded, gradient

        return quantize(weights)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        return {**super().get_config(), "axis": self.axis}


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class FixedRangeQuantizer(FakeQuantizer):
    """Activations of known range: `tanh` in [-1, 1], the logistic function in [0, 1], or as calibrated.

    The caller names the range, because it knows the function. With `n = 2**bits`:

        s = (maximum - minimum) / n
        q(x) = minimum + s * clip(round((x - minimum) / s), 0, n - 1)

    The largest value is therefore `maximum - s`: 127/128 for `tanh` and 255/256 for the logistic
    function with 8 bits, which is what LiteRT's kernels give. Zero is exact in both ranges; where it is
    on the grid of no other range that holds it, `minimum` is shifted by less than a step until it is.

    Gradient: straight through inside the range and zero outside,
    `dq/dx = 1 if minimum <= x <= maximum else 0`.

    Args:
        bits: Width of the integer, 2 to 16.

    Call arguments:
        inputs: Float tensor of any shape.
        minimum: Lower end of the range.
        maximum: Upper end of the range.

    Returns:
        A tensor of the same shape and dtype.

    Raises:
        ValueError: if `bits` is out of range or `minimum` is not below `maximum`.

    Example:
    ```python
    FixedRangeQuantizer()([-1.0, 0.006, 1.0], minimum=-1.0, maximum=1.0)
    # [-1.0, 0.0078125, 0.9921875]
    ```
    """

    def __call__(self, inputs: Any, minimum: float, maximum: float) -> Any:
        """Rounds the inputs to the grid of `[minimum, maximum]`."""
        if not minimum < maximum:
            raise ValueError(
                "Argument `minimum` must be below `maximum`. "
                f"Received: minimum={minimum}, maximum={maximum}."
            )
        largest = maximum - (maximum - minimum) / 2**self.bits

        @ops.custom_gradient
        def quantize(x: Any) -> Any:
            # The operation that the converter to LiteRT knows.
            rounded = keras.quantizers.fake_quant_with_min_max_vars(
                x, minimum, largest, num_bits=self.bits
            )
            inside = ops.cast(ops.logical_and(x >= minimum, x <= maximum), x.dtype)

            def gradient(*args: Any, upstream: Any = None) -> Any:
                return (args[0] if upstream is None else upstream) * inside

            return rounded, gradient

        return quantize(_read(inputs))


def _read(values: Any) -> Any:
    """A tensor, also of a variable, whose gradient `custom_gradient` would otherwise ask for."""
    tensor = ops.convert_to_tensor(values)
    return ops.cast(tensor, tensor.dtype)


def get_quantizer(identifier: FakeQuantizer | dict[str, Any] | None) -> Any:
    """Returns the quantizer that an argument of a layer names.

    Args:
        identifier: `None` (exact floating point), a quantizer (any callable), or its serialised
            form.

    Returns:
        A callable or `None`.

    Raises:
        ValueError: if the argument is none of these.
    """
    if identifier is None:
        return None
    if isinstance(identifier, dict):
        return get_quantizer(keras.saving.deserialize_keras_object(identifier))
    if callable(identifier):
        return identifier
    raise ValueError(
        "A quantizer must be None, an object of pqrnn_tf.quantization or its serialised form. "
        f"Received: {identifier!r}."
    )
