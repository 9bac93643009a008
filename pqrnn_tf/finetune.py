"""Fine-tunes a BERT on a corpus of intents and slots: the teacher for `python -m pqrnn_tf.distill --fine_tuned`.

A fine-tuned teacher, OUTPUT/teacher, can go on with other rows of the same labels, and its encoder alone,
OUTPUT/teacher/encoder, is a BERT in TF-Hub's format for those of others: so a teacher learns from one corpus and then
from another. A killed run goes on after its last whole epoch.

    python -m pqrnn_tf.finetune --data topv2 --teacher minilm --epochs 1 --learning_rate 1.5e-4 --output runs/topv2
    python -m pqrnn_tf.finetune --data mtop --teacher runs/topv2/teacher/encoder --epochs 10 --output runs/minilm
"""

from __future__ import annotations

import json
import pathlib
import random
import sys
from collections.abc import Sequence

from absl import app, flags, logging

from pqrnn_tf.commands import teacher_flags, training_flags

_EPOCHS = flags.DEFINE_integer("epochs", 5, "Passes over the rows.", lower_bound=1)
_RATE = flags.DEFINE_float("learning_rate", 5e-5, "Peak learning rate.")
_BATCH = flags.DEFINE_integer("batch_size", 32, "Rows a step.", lower_bound=1)
_PATIENCE = flags.DEFINE_integer(
    "patience", None, "Stops after so many epochs without a better development score."
)
_ROWS = flags.DEFINE_integer("rows", None, "At most so many training rows, drawn by the seed.")


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from pqrnn_tf.distillation.training import fit_teacher
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.tasks.parsing import score_model
    from pqrnn_tf.teachers import DEFAULT_HANDLE

    try:
        config = read_config(training_flags.CONFIG.value, training_flags.SET.value)
        examples, development = training_flags.load_rows()
        if _ROWS.value is not None:
            random.Random(config.seed).shuffle(examples)
            examples = examples[: _ROWS.value]
        teacher = fit_teacher(
            teacher_flags.TEACHER.value or DEFAULT_HANDLE,
            config,
            examples,
            development,
            pathlib.Path(training_flags.OUTPUT.value) / "teacher",
            epochs=_EPOCHS.value,
            learning_rate=_RATE.value,
            batch_size=_BATCH.value,
            patience=_PATIENCE.value,
            verbose=training_flags.VERBOSE.value,
        )
        scores = score_model(teacher, development, spec=config.spec).to_dict()
    except (OSError, ValueError, ImportError) as error:
        print(f"finetune: {error}", file=sys.stderr)
        sys.exit(1)
    print(json.dumps(scores))


if __name__ == "__main__":
    logging.set_verbosity(logging.INFO)
    app.run(main)
