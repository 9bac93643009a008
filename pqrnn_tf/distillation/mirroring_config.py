"""The table of defaults of mirroring a BERT: those of Mirror-BERT for sentences."""

from __future__ import annotations

import dataclasses

from pqrnn_tf.encoder.config import COUNT, POSITIVE, RATE, WEIGHT, setting
from pqrnn_tf.tasks.config import TrainingConfig

ENCODER = "encoder"
"""Folder of the finished BERT inside of that of the training."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class MirrorConfig(TrainingConfig):
    """Everything that decides the result of mirroring a BERT, beside the BERT and its text.

    `epochs`, `batch_size` (pairs of a step), `learning_rate` (constant), `weight_decay`, `dropout` (inside of the
    layers) and `seed` are those of `TrainingConfig`, with the values of the authors' script for sentences (Liu et al.
    2021, arXiv 2104.08027); its other fields have no meaning here.

    Args:
        temperature: Temperature of `contrastive_distance`; the paper takes 0.2 for single words.

    Raises:
        ValueError: if a value is of another type or out of its range.
    """

    epochs: int = setting(1, COUNT)
    batch_size: int = setting(200, COUNT)
    learning_rate: float = setting(2e-5, POSITIVE)
    weight_decay: float = setting(0.01, WEIGHT)
    dropout: float = setting(0.1, RATE)
    temperature: float = setting(0.04, POSITIVE)
