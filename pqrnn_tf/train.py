"""Trains a joint intent and slot model on labels.

The data is a folder of MTOP, TOPv2, SNIPS, MASSIVE, CLINC150 or Banking77; which one, its files say
(docs/corpora.md). A killed run, started again with the same flags, goes on from its last finished epoch and ends
with the same model.

    python -m pqrnn_tf.train --data mtop --language en --output runs/en
    python -m tflite_export.export --model runs/en/model.keras --output runs/en/model.tflite

With `--quantized_from` a trained model goes on with kernels and activations rounded to 8 bits, for
`export --quantization int8`; the other flags are those of its training, but for epochs and learning rate:

    python -m pqrnn_tf.train --data mtop --language en --output runs/en8 --quantized_from runs/en/model.keras \\
        --set epochs=3 --set learning_rate=0.0002
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Sequence

from absl import app, flags, logging

from pqrnn_tf.commands import training_flags

_QUANTIZED_FROM = flags.DEFINE_string(
    "quantized_from",
    None,
    "The .keras file of a model that was trained on the same rows: goes on from it, with kernels and "
    "activations rounded to 8 bits.",
)


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.tasks.training import train

    try:
        config = read_config(training_flags.CONFIG.value, training_flags.SET.value)
        examples, development = training_flags.load_rows()
        output = pathlib.Path(training_flags.OUTPUT.value)
        how = {
            "evaluate_every": training_flags.EVALUATE_EVERY.value,
            "verbose": training_flags.VERBOSE.value,
        }
        if _QUANTIZED_FROM.value is None:
            train(config, examples, development, output, **how)
        else:
            import keras

            from pqrnn_tf.tasks.quantized_training import train_quantized

            model = keras.models.load_model(_QUANTIZED_FROM.value, compile=False)
            train_quantized(model, config, examples, development, output, **how)
    except (OSError, ValueError) as error:
        print(f"train: {error}", file=sys.stderr)
        sys.exit(1)
    last = (output / "log.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    print(json.dumps(json.loads(last).get("dev", {})))


if __name__ == "__main__":
    logging.set_verbosity(logging.INFO)
    app.run(main)
