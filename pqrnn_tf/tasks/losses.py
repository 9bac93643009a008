"""Cross-entropy that ignores positions without a label."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class LabelCrossentropy(keras.losses.Loss):
    """Cross-entropy of integer labels and logits, with label smoothing; negative labels are ignored.

    `loss = mean over labels >= 0 of −[(1 − s)·log p(label) + s/classes·Σ log p(class)]`, where s is
    the smoothing (Szegedy et al. 2016, arXiv 1512.00567, section 7).

    Args:
        label_smoothing: s, from 0 to below 1.
        name: Name of the loss.

    Call arguments:
        y_true: Integers `(batch,)` or `(batch, time)`; negative = ignore.
        y_pred: Float logits `(…, classes)`.

    Raises:
        ValueError: if `label_smoothing` is out of range.
    """

    def __init__(
        self,
        label_smoothing: float = 0.0,
        *,
        name: str = "label_crossentropy",
        reduction: str = "sum_over_batch_size",
    ):
        if not 0.0 <= label_smoothing < 1.0:
            raise ValueError(
                "`label_smoothing` must be at least 0 and below 1. "
                f"Received: label_smoothing={label_smoothing}."
            )
        super().__init__(name=name, reduction=reduction)
        self.label_smoothing = label_smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Returns losses `(batch,)`, scaled so that their mean is the mean over all labels."""
        log_p = ops.log_softmax(ops.cast(y_pred, "float32"), axis=-1)
        labels = ops.cast(y_true, "int32")
        known = labels >= 0
        chosen = ops.take_along_axis(log_p, ops.maximum(labels, 0)[..., None], axis=-1)[..., 0]
        smooth = self.label_smoothing
        loss = -(1.0 - smooth) * chosen - smooth * ops.mean(log_p, axis=-1)
        weight = ops.cast(known, "float32")
        loss = ops.where(known, loss, 0.0)
        while len(loss.shape) > 1:
            loss, weight = ops.sum(loss, axis=-1), ops.sum(weight, axis=-1)
        return loss / ops.maximum(ops.mean(weight), 1e-9)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "label_smoothing": self.label_smoothing}
