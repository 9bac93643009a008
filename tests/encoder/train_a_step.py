"""Trains the encoder for some steps on the backend of the process.

test_jax_backend.py runs it as a script too: a process has one backend, named by KERAS_BACKEND.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import keras
import numpy as np

from pqrnn_tf.encoder import AttentionPooling, PQRNNEncoder
from pqrnn_tf.quantization import FixedRangeQuantizer, SymmetricWeightQuantizer


def train_a_step() -> dict[str, Any]:
    """Returns the backend, the outputs before training and the loss of each step."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    features = rng.integers(-1, 2, (8, 6, 16)).astype("int8")
    mask = np.arange(6) < rng.integers(1, 7, (8, 1))
    targets = rng.normal(size=(8, 8)).astype("float32")

    inputs = [keras.Input((6, 16), dtype="int8"), keras.Input((6,), dtype="bool")]
    encoder = PQRNNEncoder(
        8, 4, 1, zoneout=0.3, dropout=0.1, feature_dropout=0.1, residual=True,
        kernel_quantizer=SymmetricWeightQuantizer(), activation_quantizer=FixedRangeQuantizer(),
    )  # fmt: skip
    sequence = encoder(inputs[0], mask=inputs[1])["sequence"]
    model = keras.Model(inputs, AttentionPooling()(sequence, mask=inputs[1]))
    shapes = [np.shape(w) for w in model.get_weights()]
    model.set_weights([0.3 + 0.2 * rng.random(shape).astype("float32") for shape in shapes])
    outputs = model.predict([features, mask], verbose=0)

    model.compile(keras.optimizers.Adam(0.01), "mse")
    history = model.fit([features, mask], targets, epochs=5, batch_size=8, verbose=0)
    return {
        "backend": keras.backend.backend(),
        "outputs": outputs.tolist(),
        "loss": history.history["loss"],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(train_a_step()) + "\n")
