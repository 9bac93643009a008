"""The table of defaults of a pretraining: sizes of the sentence encoder and weights of its losses."""

from __future__ import annotations

import dataclasses

from pqrnn_tf.encoder.config import COUNT, POSITIVE, RATE, SWITCH, WEIGHT, setting
from pqrnn_tf.tasks.config import TrainingConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class PretrainingConfig(TrainingConfig):
    """Everything that decides the result of a pretraining, beside its text and its teacher.

    Fields of `TrainingConfig` about labels, slots and heads have no meaning here.

    Args:
        width: Width of the sentence vectors.
        vector_weight: Weight of `vector_distance` in the teacher's space, behind a learned map.
        similarity_weight: Weight of `similarity_distance`.
        similarity_scale: Its scale.
        centred: Whether the mean of the teacher's vectors, over its first texts, is subtracted from each before these
            two distances: vectors of some teachers, multilingual-e5-small among them, lie in a narrow cone, so that
            all texts are similar.
        token_weight: Weight of `hidden_distance` between the states of tokens, behind a learned map; above 0 the
            teacher's states are stored too.
        contrastive_weight: Weight of `contrastive_distance` between two views of a text; above 0 each text is
            encoded twice.
        contrastive_temperature: Its temperature.
        erased: Share of the features, one span of them, that the second view lacks.

    Raises:
        ValueError: if a value is of another type or out of its range.
    """

    layers: int = setting(2, COUNT)
    dropout: float = setting(0.0, RATE)
    feature_dropout: float = setting(0.0, RATE)
    epochs: int = setting(10, COUNT)
    batch_size: int = setting(128, COUNT)
    weight_decay: float = setting(0.01, WEIGHT)
    width: int = setting(256, COUNT)
    vector_weight: float = setting(1.0, WEIGHT)
    similarity_weight: float = setting(0.5, WEIGHT)
    similarity_scale: float = setting(20.0, POSITIVE)
    centred: bool = setting(False, SWITCH)
    token_weight: float = setting(0.0, WEIGHT)
    contrastive_weight: float = setting(0.0, WEIGHT)
    contrastive_temperature: float = setting(0.04, POSITIVE)
    erased: float = setting(0.25, RATE)
