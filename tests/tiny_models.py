"""Small trained models that several tests share."""

from __future__ import annotations

import dataclasses
import pathlib

import keras

from pqrnn_tf.datasets.making.grammar import generate
from pqrnn_tf.encoder import PQRNNEncoder
from pqrnn_tf.runtime import ProjectionSpec
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.sentence_encoder import SentenceEncoder
from pqrnn_tf.tasks.training import train

TINY_SPEC = ProjectionSpec(
    word_features=64, ngram_features=64, ngram_hashes=2, max_code_points=96, max_tokens=24
)
TINY = TrainingConfig(
    spec=TINY_SPEC,
    bottleneck_units=32,
    units=24,
    layers=2,
    kernel_width=2,
    dropout=0.0,
    feature_dropout=0.0,
    head_dropout=0.0,
    epochs=8,
    batch_size=32,
    learning_rate=1e-2,
    average=0.9,
    label_smoothing=0.0,
    substitution=0.0,
    distortion=0.0,
    surface=0.0,
)
ROWS = generate(480, language="en", seed=3)
TRAIN, DEV = ROWS[:400], ROWS[400:]


def train_tiny(folder: pathlib.Path, config: TrainingConfig = TINY) -> IntentSlotModel:
    """Trains the tiny model on the grammar's English."""
    return train(config, TRAIN, DEV, folder, evaluate_every=8, verbose=0)


def tiny_parser(labels: LabelSet | None, *, seed: int = 11) -> IntentSlotModel:
    """A parser that was not trained: its weights are random, and without labels it has none."""
    keras.utils.set_random_seed(seed)
    encoder = PQRNNEncoder(bottleneck_units=16, units=8, layers=1, kernel_width=2, name="encoder")
    model = IntentSlotModel(labels=labels, spec=TINY_SPEC, encoder=encoder)
    if labels is not None:
        model.build_from_config({})
    return model


def tiny_encoder(*, width: int = 24, seed: int = 11, version: int = 2) -> SentenceEncoder:
    """A sentence encoder that was not trained: its weights are random."""
    keras.utils.set_random_seed(seed)
    spec = dataclasses.replace(TINY_SPEC, version=version)
    encoder = PQRNNEncoder(bottleneck_units=32, units=24, layers=2, name="encoder")
    model = SentenceEncoder(width=width, spec=spec, encoder=encoder)
    model.build_from_config({})
    return model
