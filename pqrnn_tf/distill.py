"""Distils a BERT teacher into a joint intent and slot model.

The teacher is a BERT encoder in TF-Hub's format: a handle such as
https://tfhub.dev/tensorflow/bert_multi_cased_L-12_H-768_A-12/4 (the default) or a folder. A folder with
config.json, model.safetensors and vocab.txt is converted into OUTPUT/bert. It is fine-tuned on the
training rows first and kept in OUTPUT/teacher, unless it is there already. A killed run, started again with
the same flags, goes on from its last finished epoch.

    python -m pqrnn_tf.distill --data mtop --language en --teacher bert_folder --output runs/distilled
    python -m tflite_export.export --model runs/distilled/model.keras --output runs/distilled/model.tflite
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Sequence

from absl import app, flags, logging

from pqrnn_tf import training_flags

_TEACHER = flags.DEFINE_string(
    "teacher",
    None,
    "TF-Hub handle or folder of the BERT encoder, or folder with a BERT checkpoint in safetensors; multilingual "
    "cased BERT if not given.",
)
_TEACHER_EPOCHS = flags.DEFINE_integer("teacher_epochs", 5, "Epochs of fine-tuning.", lower_bound=1)
_TEACHER_RATE = flags.DEFINE_float(
    "teacher_learning_rate", 5e-5, "Peak learning rate of fine-tuning."
)
_TEMPERATURE = flags.DEFINE_float("temperature", 2.0, "Temperature of the soft labels.")
_HARD = flags.DEFINE_float("student_loss_weight", 0.3, "Share of the hard labels in the loss.")


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from pqrnn_tf.distillation.training import distill, fit_teacher
    from pqrnn_tf.tasks.parsing import score_model
    from pqrnn_tf.tasks.training import read_config
    from pqrnn_tf.teachers import DEFAULT_HANDLE

    try:
        config = read_config(training_flags.CONFIG.value, training_flags.SET.value)
        examples, development = training_flags.load_rows()
        output = pathlib.Path(training_flags.OUTPUT.value)
        teacher = fit_teacher(
            _TEACHER.value or DEFAULT_HANDLE,
            config,
            examples,
            development,
            output / "teacher",
            epochs=_TEACHER_EPOCHS.value,
            learning_rate=_TEACHER_RATE.value,
            verbose=training_flags.VERBOSE.value,
        )
        student = distill(
            config,
            teacher,
            examples,
            development,
            output,
            temperature=_TEMPERATURE.value,
            student_loss_weight=_HARD.value,
            evaluate_every=training_flags.EVALUATE_EVERY.value,
            verbose=training_flags.VERBOSE.value,
        )
        scores = {
            "teacher": score_model(teacher, development, spec=config.spec).to_dict(),
            "student": score_model(student, development).to_dict(),
        }
    except (OSError, ValueError, ImportError) as error:
        print(f"distill: {error}", file=sys.stderr)
        sys.exit(1)
    print(json.dumps(scores))


if __name__ == "__main__":
    logging.set_verbosity(logging.INFO)
    app.run(main)
