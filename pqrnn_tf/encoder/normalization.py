"""The choice of normalisation that the layers of the encoder offer."""

from __future__ import annotations

from typing import Any

import keras

NORMALIZATIONS = ("batch", "layer", None)


def check_normalization(normalization: str | None) -> str | None:
    """Returns the argument if it names a normalisation.

    Args:
        normalization: `"batch"`, `"layer"` or `None`.

    Raises:
        ValueError: if it is anything else.
    """
    if normalization not in NORMALIZATIONS:
        raise ValueError(
            'Argument `normalization` must be "batch", "layer" or None. '
            f"Received: normalization={normalization!r}."
        )
    return normalization


def make_normalization(
    normalization: str | None, *, momentum: float, dtype: Any
) -> keras.layers.Layer | None:
    """Builds the layer that normalises the last axis, or `None`.

    Args:
        normalization: `"batch"`, `"layer"` or `None`.
        momentum: Momentum of the moving averages; used by batch normalisation only.
        dtype: Dtype policy of the owner.

    Returns:
        A Keras layer that takes `(batch, time, units)`, or `None`.
    """
    if normalization == "batch":
        return keras.layers.BatchNormalization(
            momentum=momentum, dtype=dtype, name="batch_normalization"
        )
    if normalization == "layer":
        return keras.layers.LayerNormalization(dtype=dtype, name="layer_normalization")
    return None


def normalize(
    layer: keras.layers.Layer | None, inputs: Any, mask: Any, training: bool | None
) -> Any:
    """Applies a layer of `make_normalization`; masked steps do not enter the statistics of a batch.

    Args:
        layer: What `make_normalization` returned.
        inputs: Float tensor `(batch, time, units)`.
        mask: Bool tensor `(batch, time)`, True = a real step, or `None`.
        training: Whether the statistics of the batch are used.

    Returns:
        Tensor like `inputs`.
    """
    if layer is None:
        return inputs
    if isinstance(layer, keras.layers.BatchNormalization):
        return layer(inputs, training=training, mask=mask)
    return layer(inputs)
