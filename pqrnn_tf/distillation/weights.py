"""Weights of losses: numbers, or functions of the optimizer's step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from pqrnn_tf.distillation.defaults import INHERITANCE_SHARE

Weight = float | Callable[[Any], Any]
"""A number, or a function from the optimizer's step to one, of graph ops.

Every `keras.optimizers.schedules.LearningRateSchedule` is such a function;
`PolynomialDecay(0.0, 1000, 1.0)` rises from 0 to 1 in 1000 steps.
"""


def inheriting(steps: int, *, share: float = INHERITANCE_SHARE) -> Weight:
    """Share of the hard labels where a smaller model teaches at the beginning.

    The share of the smaller model, α, falls on a line from 1 at the first step to 0 after `share` of all steps; that of
    the hard labels is 1 − α (Zhang et al. 2021, *CPM-2*, arXiv 2106.10715, knowledge inheritance). From
    then on a `Distiller` does not ask the smaller model any more.

    Args:
        steps: Steps in all.
        share: Share of them in which it teaches.

    Raises:
        ValueError: if `share` is not above 0 and at most 1, or there are no steps.
    """
    if not 0 < share <= 1 or steps < 1:
        raise ValueError(
            f"`share` must be above 0 and at most 1, and `steps` at least 1. Received: {share} of {steps}."
        )
    return keras.optimizers.schedules.PolynomialDecay(0.0, max(1, round(share * steps)), 1.0)


def check_weight(name: str, weight: Weight) -> None:
    """Raises `ValueError` unless a weight is a function or at least 0."""
    if not callable(weight) and not weight >= 0:
        raise ValueError(
            f"`{name}` must be at least 0, or a function of the step. Received: {weight!r}."
        )


def is_zero(weight: Weight) -> bool:
    """Whether a weight is 0 at every step, as far as can be told."""
    return not callable(weight) and weight == 0


def weight_at(weight: Weight, step: Any) -> Any:
    """The weight at a step."""
    return ops.cast(weight(step), "float32") if callable(weight) else weight


def weight_to_json(weight: Weight) -> Any:
    """A plain value that tells one weight from another, for the identity of a training."""
    if isinstance(weight, keras.optimizers.schedules.LearningRateSchedule):
        return keras.saving.serialize_keras_object(weight)
    if callable(weight):
        return getattr(weight, "__qualname__", type(weight).__qualname__)
    return float(weight)
