"""What 8 bits cost: a trained model as floats and in every way it can be exported, scored on development rows.

Each file is scored through the stock runtime. With `--epochs` the model also goes on for some epochs of
quantisation-aware training (`train --quantized_from`), as float and as 8-bit file.

    python -m benchmarks.quantization --run runs/en --data mtop --epochs 3 --work runs/quantization

`results/quantization.json` holds one entry for each model; a model measured again replaces its own.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import sys
from collections.abc import Sequence

from absl import app, flags

from benchmarks.quantized_variants import NAME, measure_model
from benchmarks.records import read_results, stamp, write_results

_RUN = flags.DEFINE_string("run", None, "Output folder of `pqrnn_tf.train`.", required=True)
_DATA = flags.DEFINE_multi_string(
    "data",
    None,
    "Folder of the corpus that it was trained on: training rows calibrate, development rows are scored. May be "
    "repeated, and name its languages: FOLDER:de,fr or FOLDER:all.",
    required=True,
)
_TITLE = flags.DEFINE_string(
    "title", None, "What the table calls the model; the folder's name if not given."
)
_EPOCHS = flags.DEFINE_integer(
    "epochs", 0, "Epochs of quantisation-aware training; 0 for none.", lower_bound=0
)
_RATE = flags.DEFINE_float(
    "rate", 0.1, "Learning rate of that training, as a share of the model's own."
)
_WORK = flags.DEFINE_string("work", None, "Folder for that training; needed with --epochs.")


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from pqrnn_tf.datasets import load_mixture
    from pqrnn_tf.tasks.config import TrainingConfig

    made = stamp()
    run = pathlib.Path(_RUN.value)
    try:
        notes = json.loads((run / "training.json").read_text(encoding="utf-8"))
        mixture = load_mixture(_DATA.value)
        aware = None
        if _EPOCHS.value:
            if _WORK.value is None:
                raise ValueError("`--work` must be given with `--epochs`.")
            config = TrainingConfig.from_dict(notes["config"])
            rate = _RATE.value * config.learning_rate
            config = dataclasses.replace(config, epochs=_EPOCHS.value, learning_rate=rate)
            aware = config, pathlib.Path(_WORK.value)
        rows = measure_model(run, mixture.training, mixture.development, aware=aware)
    except (OSError, ValueError) as error:
        print(f"quantization: {error}", file=sys.stderr)
        sys.exit(1)
    before = read_results(NAME) or {"models": {}}
    title = _TITLE.value or run.resolve().name
    entry = {"stamp": made, "epochs": _EPOCHS.value, "rate": _RATE.value, "rows": rows}
    write_results(NAME, {"models": {**before["models"], title: entry}}, made)


if __name__ == "__main__":
    app.run(main)
