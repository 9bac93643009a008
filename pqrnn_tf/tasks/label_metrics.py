"""Metrics of integer labels for `compile`, which ignore positions without a label. As in Keras, from 0 to 1."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from pqrnn_tf.tasks.losses import as_labels, known_weights


def _labels(y_true: Any, y_pred: Any, name: str) -> Any:
    labels = as_labels(y_true, y_pred)
    if labels is None:
        raise ValueError(
            f"`y_true` of {name!r} must hold a whole number for each vector of `y_pred`. Received: shapes "
            f"{tuple(y_true.shape)} and {tuple(y_pred.shape)}."
        )
    return labels


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class LabelAccuracy(keras.metrics.Mean):
    """Share of the labels that have the largest logit; negative labels do not count.

    Args:
        name: Name of the metric.

    Call arguments:
        y_true: Integers `(batch,)` or `(batch, time)`; negative = ignore.
        y_pred: Float logits `(…, classes)`.
        sample_weight: Floats `(batch,)`, or of the shape of `y_true`.
    """

    def __init__(self, name: str = "accuracy"):
        super().__init__(name=name)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts a batch."""
        labels = _labels(y_true, y_pred, self.name)
        right = ops.cast(ops.argmax(y_pred, axis=-1), labels.dtype) == labels
        super().update_state(right, sample_weight=known_weights(labels, sample_weight))

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {"name": self.name}


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class RowAccuracy(keras.metrics.Mean):
    """Share of the rows in which all labels have the largest logit; rows without a label do not count.

    Args:
        name: Name of the metric.

    Call arguments:
        y_true: Integers `(batch, time)`; negative = ignore.
        y_pred: Float logits `(batch, time, classes)`.
        sample_weight: Floats `(batch,)` or `(batch, time)`; positions of weight 0 do not count, and a row has the
            largest weight of its positions.
    """

    def __init__(self, name: str = "exact_match"):
        super().__init__(name=name)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts a batch."""
        labels = _labels(y_true, y_pred, self.name)
        weights = known_weights(labels, sample_weight)
        right = ops.cast(ops.argmax(y_pred, axis=-1), labels.dtype) == labels
        whole = ops.all(ops.logical_or(right, weights == 0), axis=-1)
        super().update_state(whole, sample_weight=ops.max(weights, axis=-1))

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {"name": self.name}


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class MetricOfKnownLabels(keras.metrics.Metric):
    """Any metric of Keras, such as `SparseTopKCategoricalAccuracy()`, without the ignored positions.

    Args:
        metric: A metric object.
        name: Name of the metric; `None` for that of `metric`.

    Call arguments:
        y_true, y_pred, sample_weight: As in `LabelAccuracy`; `y_true` may also hold vectors as `y_pred` does,
            which all count.
    """

    def __init__(self, metric: keras.metrics.Metric, *, name: str | None = None):
        super().__init__(name=name or metric.name)
        self.metric = metric

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts a batch."""
        labels = as_labels(y_true, y_pred)
        if labels is not None:
            sample_weight = known_weights(labels, sample_weight)
            y_true = ops.maximum(labels, 0)
        # A new tensor, without a mask of Keras.
        self.metric.update_state(y_true, ops.convert_to_tensor(y_pred) + 0, sample_weight)

    def result(self) -> Any:
        """The metric's own result."""
        return self.metric.result()

    def reset_state(self) -> None:
        """Begins anew."""
        self.metric.reset_state()

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {"metric": keras.metrics.serialize(self.metric), "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MetricOfKnownLabels:
        """The inverse of `get_config`."""
        return cls(**{**config, "metric": keras.metrics.deserialize(config["metric"])})
