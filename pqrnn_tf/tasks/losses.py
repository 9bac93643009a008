"""Losses of integer labels, which ignore positions without a label."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from pqrnn_tf.tasks.config import TrainingConfig

_MEANS = ("sum_over_batch_size", "mean")


def as_labels(y_true: Any, y_pred: Any) -> Any | None:
    """`y_true` as a label for each vector of `y_pred`; `None` where it holds vectors itself."""
    labels, rank = ops.convert_to_tensor(y_true), len(y_pred.shape)
    if len(labels.shape) == rank and labels.shape[-1] == 1 and y_pred.shape[-1] != 1:
        labels = ops.squeeze(labels, axis=-1)
    return labels if len(labels.shape) < rank else None


def known_weights(labels: Any, sample_weight: Any, *, mean: bool = False) -> Any:
    """Weights of positions for a loss or a metric: 0 where there is no label.

    Args:
        labels: Whole numbers `(batch,)` or `(batch, time)`; negative where there is no label.
        sample_weight: Weights of rows `(batch,)`, of positions (the shape of `labels`), or `None`.
        mean: Whether to scale them so that Keras' mean over all positions becomes the mean over those that have
            a label, `Σ weight · loss / number of labels`.

    Raises:
        ValueError: if `sample_weight` has more axes than `labels`.
    """
    known = ops.cast(labels >= 0, "float32")
    weights = known
    if mean:
        weights = known * (ops.sum(ops.ones_like(known)) / ops.maximum(ops.sum(known), 1.0))
    if sample_weight is None:
        return weights
    given = ops.cast(sample_weight, "float32")
    while len(given.shape) > len(labels.shape) and given.shape[-1] == 1:
        given = ops.squeeze(given, axis=-1)
    if len(given.shape) > len(labels.shape):
        raise ValueError(
            "`sample_weight` must have a weight per row `(batch,)`, or for an output of tokens one per token "
            f"`(batch, time)`. Received: shape {tuple(given.shape)} for labels of shape "
            f"{tuple(labels.shape)}. Name the output that it is for, as in "
            '`sample_weight={"slots": weights}`.'
        )
    while len(given.shape) < len(labels.shape):
        given = ops.expand_dims(given, axis=-1)
    return weights * given


class _LossOfLabels(keras.losses.Loss):
    """What the losses of this file share: the weights of positions; a mask of Keras has no say."""

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The loss, reduced; labels and their weights decide which positions count."""
        logits = ops.convert_to_tensor(y_pred)
        labels = as_labels(y_true, logits)
        if labels is None:
            raise ValueError(
                f"`y_true` of {self.name!r} must hold a whole number for each vector of `y_pred`. Received: shapes "
                f"{tuple(y_true.shape)} and {tuple(logits.shape)}."
            )
        weights = known_weights(labels, sample_weight, mean=self.reduction in _MEANS)
        # A new tensor, which has no mask: one of other axes than the labels' would be applied to them.
        return super().__call__(labels, logits + 0, weights)


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class LabelCrossentropy(_LossOfLabels):
    """Cross-entropy of integer labels and logits, with label smoothing; negative labels are ignored.

    `loss = Σ weight · −[(1 − s)·log p(label) + s/classes·Σ log p(class)] / number of labels >= 0`, where s is
    the smoothing (Szegedy et al. 2016, arXiv 1512.00567, section 7). Weights are 1 where none are given.

    Args:
        label_smoothing: s, from 0 to below 1.
        name: Name of the loss.
        reduction: Reduction as in `keras.losses.Loss`; the mean is the one above.

    Call arguments:
        y_true: Integers `(batch,)` or `(batch, time)`; negative = ignore.
        y_pred: Float logits `(…, classes)`.
        sample_weight: Floats `(batch,)`, or of the shape of `y_true`.

    Raises:
        ValueError: if `label_smoothing` is out of range, or `sample_weight` has another shape.
    """

    def __init__(
        self,
        label_smoothing: float = TrainingConfig.label_smoothing,
        *,
        name: str = "label_crossentropy",
        reduction: str = "sum_over_batch_size",
    ):
        if not 0.0 <= label_smoothing < 1.0:
            raise ValueError(
                "`label_smoothing` must be at least 0 and below 1. "
                f"Received: label_smoothing={label_smoothing}."
            )
        # Half precision would not hold the numbers of labels.
        super().__init__(name=name, reduction=reduction, dtype="float32")
        self.label_smoothing = label_smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Returns the loss of each position, in the shape of `y_true`; 0 where there is no label."""
        log_p = ops.log_softmax(ops.cast(y_pred, "float32"), axis=-1)
        labels = ops.cast(y_true, "int32")
        chosen = ops.take_along_axis(log_p, ops.maximum(labels, 0)[..., None], axis=-1)[..., 0]
        smooth = self.label_smoothing
        loss = -(1.0 - smooth) * chosen - smooth * ops.mean(log_p, axis=-1)
        return ops.where(labels >= 0, loss, 0.0)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "label_smoothing": self.label_smoothing}


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class LossOfKnownLabels(_LossOfLabels):
    """Any loss of Keras, such as `SparseCategoricalCrossentropy(from_logits=True)`, without the ignored positions.

    Args:
        loss: A loss object, or a function of labels and logits that returns the loss of each position.
        name: Name of the loss; `None` for that of `loss`.

    Call arguments:
        y_true, y_pred, sample_weight: As in `LabelCrossentropy`; for a loss object `y_true` may also hold
            vectors as `y_pred` does, which all count.
    """

    def __init__(self, loss: Any, *, name: str | None = None):
        self._is_object = isinstance(loss, keras.losses.Loss)
        super().__init__(
            name=name or (loss.name if self._is_object else loss.__name__),
            reduction=loss.reduction if self._is_object else "sum_over_batch_size",
            dtype="float32",
        )
        self.loss = loss

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The loss, reduced."""
        if self._is_object and as_labels(y_true, y_pred) is None:
            return self.loss(y_true, y_pred, sample_weight)
        return super().__call__(y_true, y_pred, sample_weight)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Returns the loss of each position."""
        function = self.loss.call if self._is_object else self.loss
        return function(ops.maximum(y_true, 0), y_pred)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {"loss": keras.saving.serialize_keras_object(self.loss), "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LossOfKnownLabels:
        """The inverse of `get_config`."""
        return cls(keras.saving.deserialize_keras_object(config["loss"]), name=config["name"])
