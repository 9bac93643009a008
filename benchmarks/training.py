"""Speed of training against a bidirectional LSTM of equal size, and time and memory against length.

python -m benchmarks.training
"""

from __future__ import annotations

import bisect
import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.records import peak_memory_kib, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command

FLOOR = "products"
"""Only the matrix products of our encoder and head, in a row: no gates, no recurrence, no normalisation."""
FEATURES, BOTTLENECK, UNITS, LAYERS, TAGS = 512, 240, 120, 3, 150
BATCH, LENGTH = 64, 12
LENGTHS = (16, 32, 64, 128, 256, 512, 1024)
LONG_BATCH = 8


def _models() -> dict[str, Any]:
    """Taggers with the same bottleneck and head; the LSTM's units make the parameters equal.

    The floor has the products of ours.
    """
    import keras

    from pqrnn_tf.encoder import PQRNNEncoder

    def tagger(name: str, encode: Callable[[Any], Any]) -> Any:
        inputs = keras.Input((None, FEATURES))
        return keras.Model(inputs, keras.layers.Dense(TAGS)(encode(inputs)), name=name)

    encoder = PQRNNEncoder(
        BOTTLENECK,
        UNITS,
        LAYERS,
        kernel_width=2,
        zoneout=0.0,
        dropout=0.0,
        feature_dropout=0.0,
        residual=False,
    )
    ours = tagger("pQRNN", lambda x: encoder(x)["sequence"])

    def lstm(units: int) -> Any:
        def encode(x: Any) -> Any:
            x = keras.layers.Dense(BOTTLENECK, activation="relu")(x)
            for _ in range(LAYERS):
                layer = keras.layers.LSTM(units, return_sequences=True)
                x = keras.layers.Bidirectional(layer)(x)
            return x

        return tagger("BiLSTM", encode)

    def excess(units: int) -> int:
        return lstm(units).count_params() - ours.count_params()

    sizes = range(60, 200)
    larger = sizes[bisect.bisect_left(sizes, 0, key=excess)]
    models = {"pQRNN": ours, "BiLSTM": lstm(min(larger - 1, larger, key=lambda u: abs(excess(u))))}

    def products(x: Any) -> Any:
        x = keras.layers.Dense(BOTTLENECK)(x)
        for _ in range(LAYERS):
            window = keras.layers.Concatenate()([x, x])  # of two tokens
            gates = keras.layers.Dense(2 * 3 * UNITS)(window)  # two directions of three gates
            x = gates[..., :BOTTLENECK]
        return x

    models[FLOOR] = tagger(FLOOR, products)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for model in models.values():
        model.compile("adam", loss=loss, jit_compile=False)
    return models


def _batch(size: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    features = rng.integers(-1, 2, (size, length, FEATURES)).astype(np.float32)
    return features, rng.integers(0, TAGS, (size, length))


def _step_seconds(
    models: dict[str, Any], size: int, length: int, repeats: int
) -> dict[str, list[float]]:
    """Seconds of training steps, the systems in turns."""
    x, y = _batch(size, length)
    seconds: dict[str, list[float]] = {name: [] for name in models}
    for model in models.values():
        model.train_on_batch(x, y)
        model.train_on_batch(x, y)
    for _ in range(repeats):
        for name, model in models.items():
            begin = time.perf_counter()
            model.train_on_batch(x, y)
            seconds[name].append(time.perf_counter() - begin)
    return seconds


def _memory_mib(system: str, length: int) -> float:
    """Peak memory of a process that trains at one length, above its memory before."""
    line = [sys.executable, "-m", "benchmarks.training", f"--length={length}", f"--system={system}"]
    output = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    return round(json.loads(output.splitlines()[-1]) / 1024, 1)


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.section("for internal use")
    parser.flag("length", "Measures memory at this length only.", type=int)
    parser.flag("system", "What --length measures.", default="pQRNN")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    made = stamp()
    models = _models()
    if arguments.length:
        before = peak_memory_kib()
        _step_seconds({"": models[arguments.system]}, LONG_BATCH, arguments.length, 2)
        print(peak_memory_kib() - before)
        return
    seconds = _step_seconds(models, BATCH, LENGTH, 20)
    ratios = np.array(seconds["BiLSTM"]) / np.array(seconds["pQRNN"])
    floor = float(np.median(seconds.pop(FLOOR)))
    del models[FLOOR]
    curve = []
    for length in LENGTHS:
        steps = _step_seconds(models, LONG_BATCH, length, 3)
        curve.append(
            {
                "length": length,
                "seconds": {name: round(min(values), 4) for name, values in steps.items()},
                "memory_mib": {name: _memory_mib(name, length) for name in models},
            }
        )
        print(curve[-1])
    write_results(
        "training",
        {
            "parameters": {name: model.count_params() for name, model in models.items()},
            "batch": BATCH,
            "length": LENGTH,
            "examples_per_second": {
                name: round(BATCH / float(np.median(values)), 1) for name, values in seconds.items()
            },
            "ratio": {
                "median": round(float(np.median(ratios)), 2),
                "p10": round(float(np.percentile(ratios, 10)), 2),
                "p90": round(float(np.percentile(ratios, 90)), 2),
            },
            "times_floor": {
                name: round(float(np.median(values)) / floor, 2) for name, values in seconds.items()
            },
            "long_batch": LONG_BATCH,
            "curve": curve,
        },
        made,
    )
    print("ratio", np.median(ratios))


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.training", __doc__, configure, run, sys.argv[1:]))
