"""What `compile` of the model is given, as objects that know which positions have a label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.label_metrics import LabelAccuracy, MetricOfKnownLabels, RowAccuracy
from pqrnn_tf.tasks.losses import LabelCrossentropy, LossOfKnownLabels

AUTO = "auto"
"""What stands for the measured choice, from the table of defaults."""

_CROSSENTROPY = ("crossentropy", "ce", "sparse_categorical_crossentropy")
_ACCURACY = ("accuracy", "acc")


def losses(loss: Any, outputs: Sequence[str], config: TrainingConfig) -> Any:
    """The losses of a model's outputs.

    Args:
        loss: `"auto"` or `None` for the measured ones, a loss for all outputs, or a mapping or a sequence of them
            as Keras takes it.
        outputs: Names of the outputs.
        config: Has the label smoothing.
    """
    if loss is None or isinstance(loss, str) and loss == AUTO:
        return {
            name: LabelCrossentropy(config.label_smoothing, name=f"{name}_loss") for name in outputs
        }
    return _each(loss, outputs, "loss", _loss)


def _loss(loss: Any) -> Any:
    if loss is None or isinstance(loss, (LabelCrossentropy, LossOfKnownLabels)):
        return loss
    if isinstance(loss, str) and loss.lower() in _CROSSENTROPY:
        return LabelCrossentropy(0.0, name=loss)  # the outputs are logits
    name = loss if isinstance(loss, str) else None
    return LossOfKnownLabels(keras.losses.get(loss), name=name)


def loss_weights(weights: Any, loss: Any, outputs: Sequence[str], config: TrainingConfig) -> Any:
    """The weights of the losses: the measured ones where both are `"auto"`, else what Keras makes of them."""
    automatic = loss is None or isinstance(loss, str) and loss == AUTO
    if isinstance(weights, str) and weights == AUTO:
        return {name: config.loss_weights[name] for name in outputs} if automatic else None
    if isinstance(weights, Mapping) and (automatic or not isinstance(loss, Mapping)):
        _check_names(weights, outputs, "loss_weights")
        return {name: weights.get(name, 1.0) for name in outputs}
    return weights


def metrics(given: Any, outputs: Sequence[str], argument: str) -> Any:
    """The metrics of a model's outputs.

    Args:
        given: `"auto"` for accuracy of each output and exact match of the tags, `None`, a metric or a list of
            metrics for all outputs, or a mapping from outputs to either. A list of as many entries as there are
            outputs has one entry per output in the order of their names, as in Keras.
        outputs: Names of the outputs.
        argument: Name of the argument, for errors.
    """
    if given is None:
        return None
    if isinstance(given, str) and given == AUTO:
        chosen: dict[str, list[Any]] = {name: [LabelAccuracy()] for name in outputs}
        chosen["slots"].append(RowAccuracy())
        return chosen
    if isinstance(given, (list, tuple)) and len(given) != len(outputs):
        given = {name: [_copy(metric) for metric in given] for name in outputs}
    elif not isinstance(given, (list, tuple, Mapping)):
        given = {name: [_copy(given)] for name in outputs}
    return _each(given, outputs, argument, _metrics)


def _metrics(given: Any) -> Any:
    if isinstance(given, (list, tuple)):
        return [_metric(metric) for metric in given]
    return None if given is None else [_metric(given)]


def _metric(metric: Any) -> keras.metrics.Metric:
    if isinstance(metric, (LabelAccuracy, RowAccuracy, MetricOfKnownLabels)):
        return metric
    if isinstance(metric, str) and metric.lower() in _ACCURACY:
        return LabelAccuracy(name=metric)
    if isinstance(metric, str) and metric.lower() in _CROSSENTROPY:
        found = keras.metrics.SparseCategoricalCrossentropy(from_logits=True, name=metric)
        return MetricOfKnownLabels(found)
    found = keras.metrics.get(metric)
    if not isinstance(found, keras.metrics.Metric):
        name = metric if isinstance(metric, str) else found.__name__
        found = keras.metrics.MeanMetricWrapper(found, name=name)
    elif isinstance(metric, str):
        found.name = metric
    return MetricOfKnownLabels(found)


def _copy(metric: Any) -> Any:
    """A metric object has a state of its own, so that each output needs its own object."""
    if isinstance(metric, keras.metrics.Metric):
        return type(metric).from_config(metric.get_config())
    return metric


def _each(given: Any, outputs: Sequence[str], argument: str, make: Any) -> Any:
    """Applies a function to what is given for each output."""
    if isinstance(given, Mapping):
        _check_names(given, outputs, argument)
        return {name: make(value) for name, value in given.items()}
    if isinstance(given, (list, tuple)) and len(given) == len(outputs):
        # In the order of Keras, which sorts the names of outputs.
        return {name: make(value) for name, value in zip(sorted(outputs), given, strict=True)}
    if isinstance(given, (list, tuple)):
        raise ValueError(
            f"`{argument}` must be one for all outputs, a mapping from outputs, or one per output "
            f"{sorted(outputs)}. Received: {len(given)} of them."
        )
    return {name: make(given) for name in outputs}


def _check_names(given: Mapping[str, Any], outputs: Sequence[str], argument: str) -> None:
    if unknown := sorted(set(given) - set(outputs)):
        raise ValueError(
            f"`{argument}` must be given for outputs of the model, {list(outputs)}. Received: {unknown}."
        )
