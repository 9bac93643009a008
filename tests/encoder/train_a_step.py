"""Trains the encoder on whatever backend KERAS_BACKEND names and prints what came out, as JSON.

Run by test_jax_backend.py in a process of its own, since a backend is chosen once a process.
"""

from __future__ import annotations

import json
import sys

import keras
import numpy as np

from pqrnn_tf.encoder import AttentionPooling, PQRNNEncoder
from pqrnn_tf.quantization import FixedRangeQuantizer, SymmetricWeightQuantizer


def main() -> None:
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    features = rng.integers(-1, 2, (8, 6, 16)).astype("int8")
    mask = np.arange(6) < rng.integers(1, 7, (8, 1))
    targets = rng.normal(size=(8, 8)).astype("float32")

    inputs = [keras.Input((6, 16), dtype="int8"), keras.Input((6,), dtype="bool")]
    encoder = PQRNNEncoder(
        8, 4, 2, zoneout=0.3, dropout=0.1, feature_dropout=0.1, residual=True,
        kernel_quantizer=SymmetricWeightQuantizer(), activation_quantizer=FixedRangeQuantizer(),
    )  # fmt: skip
    sequence = encoder(inputs[0], mask=inputs[1])["sequence"]
    model = keras.Model(inputs, AttentionPooling()(sequence, mask=inputs[1]))
    shapes = [np.shape(w) for w in model.get_weights()]
    model.set_weights([0.3 + 0.2 * rng.random(shape).astype("float32") for shape in shapes])
    outputs = model.predict([features, mask], verbose=0)

    model.compile(keras.optimizers.Adam(0.01), "mse")
    history = model.fit([features, mask], targets, epochs=5, batch_size=8, verbose=0)
    result = {
        "backend": keras.backend.backend(),
        "outputs": outputs.tolist(),
        "loss": history.history["loss"],
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
