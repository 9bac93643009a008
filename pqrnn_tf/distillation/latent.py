"""Losses on hidden states, and the linear maps that some of them train."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from pqrnn_tf.distillation.distances import gram_distance, hidden_distance
from pqrnn_tf.distillation.weights import (
    Weight,
    check_weight,
    weight_at,
    weight_to_json,
)

_DISTANCES = {"hidden": hidden_distance, "gram": gram_distance}


@dataclasses.dataclass(frozen=True, kw_only=True)
class LatentLoss:
    """One comparison of the teacher's `"hidden"` with a layer of the student.

    Args:
        distance: `"hidden"`, `hidden_distance` behind a learned affine map from the student's width to
            the teacher's, which trains with the student and is not part of it; or `"gram"`,
            `gram_distance`, which needs no map.
        weight: Weight in the loss, or a schedule of it.
        layer: Position in the student's `encode(...)["hidden"]`: `-1` is the last layer, `0` the
            bottleneck.
        name: Name of the metric, which shows the unweighted distance; `None` for `hidden_loss` or
            `gram_loss`.

    Raises:
        ValueError: if `distance` is unknown or `weight` is negative.
    """

    distance: str = "hidden"
    weight: Weight = 1.0
    layer: int = -1
    name: str | None = None

    def __post_init__(self) -> None:
        if self.distance not in _DISTANCES:
            raise ValueError(
                f"`distance` must be one of {sorted(_DISTANCES)}. Received: {self.distance!r}."
            )
        check_weight("weight", self.weight)

    @property
    def metric_name(self) -> str:
        """Name of the metric."""
        return self.name or f"{self.distance}_loss"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values that tell one loss from another."""
        return {**vars(self), "name": self.metric_name, "weight": weight_to_json(self.weight)}


class LatentMatching(keras.layers.Layer):
    """The latent losses of one distillation with their maps and metrics.

    Args:
        student: Has `spec`, and `encode` and `heads` as `IntentSlotModel` has.
        losses: What to compare.
        teacher_width: Width of the teacher's hidden states; needed for `"hidden"`.

    Raises:
        TypeError: if the student has no hidden states to compare.
        ValueError: if a layer does not exist, two losses have one name, or the width is missing.
    """

    def __init__(
        self, student: Any, losses: Sequence[LatentLoss], teacher_width: int | None
    ) -> None:
        super().__init__(name="latent_matching")
        for method in ("encode", "heads"):
            if not callable(getattr(student, method, None)):
                raise TypeError(
                    f"The student of latent losses must have a method `{method}`, as "
                    f"`IntentSlotModel` has. Received: {student!r}."
                )
        names = [loss.metric_name for loss in losses]
        if len(set(names)) < len(names):
            raise ValueError(f"`latent` must hold losses of different names. Received: {names}.")
        if teacher_width is None and any(loss.distance == "hidden" for loss in losses):
            raise ValueError(
                "`teacher_width` must be given for a latent loss 'hidden', because the teacher does "
                "not tell its `width`. Received: None."
            )
        self._losses_compared = tuple(losses)
        widths = _widths(student)
        self._maps = []
        for loss, name in zip(losses, names, strict=True):
            if not -len(widths) <= loss.layer < len(widths):
                raise ValueError(
                    f"`layer` must be from {-len(widths)} to {len(widths) - 1}. Received: "
                    f"{loss.layer} for {name!r}."
                )
            if loss.distance == "hidden":
                linear_map = keras.layers.Dense(teacher_width, dtype="float32", name=f"{name}_map")
                linear_map.build((None, None, widths[loss.layer]))
            else:
                linear_map = keras.layers.Identity(dtype="float32", name=f"{name}_identity")
            self._maps.append(linear_map)
        self._means = [keras.metrics.Mean(name=name) for name in names]
        self.built = True

    def total(
        self,
        teacher_hidden: Any,
        student_hidden: Sequence[Any],
        *,
        mask: Any,
        sample_weight: Any,
        step: Any,
        rows: Any,
    ) -> Any:
        """The weighted sum of all losses; updates the metrics with the unweighted ones."""
        total = 0.0
        for loss, linear_map, mean in zip(
            self._losses_compared, self._maps, self._means, strict=True
        ):
            distance = _DISTANCES[loss.distance](
                teacher_hidden,
                linear_map(student_hidden[loss.layer]),
                mask=mask,
                sample_weight=sample_weight,
            )
            mean.update_state(distance, sample_weight=rows)
            total += weight_at(loss.weight, step) * distance
        return total


def _widths(student: Any) -> list[int]:
    """Widths of the student's hidden states."""
    one = {
        "features": np.zeros((1, 1, student.spec.features), np.int8),
        "lengths": np.ones(1, np.int32),
    }
    return [int(states.shape[-1]) for states in student.encode(one, training=False)["hidden"]]
