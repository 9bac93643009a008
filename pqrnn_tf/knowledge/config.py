"""The table of defaults of embedding a knowledge graph."""

from __future__ import annotations

import dataclasses

from pqrnn_tf.encoder.config import COUNT, POSITIVE, PROBABILITY, RATE, WEIGHT, setting
from pqrnn_tf.tasks.config import TrainingConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class GraphConfig(TrainingConfig):
    """Everything that decides the vectors of a list, beside its entities and triples.

    `epochs`, `batch_size`, `learning_rate`, `weight_decay`, `warmup`, `average`, `seed` and `layers` are those of
    `TrainingConfig`; its other fields have no meaning here.

    Args:
        width: Width of the vectors.
        heads: Heads of attention; they divide the width.
        neighbourhood: Triples around an entity that are read at most.
        temperature: Temperature of the cosines in the loss.
        two_steps: Share of the examples that are steps of two relations; the others are triples.
        hidden: Share of the examples whose own triples are left out of what is read around their two ends.

    Raises:
        ValueError: if a value is of another type or out of its range.
    """

    layers: int = setting(2, COUNT)
    epochs: int = setting(3, COUNT)
    batch_size: int = setting(32, COUNT)
    learning_rate: float = setting(4e-3, POSITIVE)
    weight_decay: float = setting(0.0, WEIGHT)
    average: float = setting(0.98, RATE)
    width: int = setting(48, COUNT)
    heads: int = setting(4, COUNT)
    neighbourhood: int = setting(12, COUNT)
    temperature: float = setting(0.07, POSITIVE)
    two_steps: float = setting(0.5, PROBABILITY)
    hidden: float = setting(0.5, PROBABILITY)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.width % self.heads:
            raise ValueError(
                f"`heads` must divide `width`. Received: {self.heads} heads and a width of {self.width}."
            )
