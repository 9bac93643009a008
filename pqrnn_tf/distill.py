"""Distils a BERT teacher into a joint intent and slot model.

The teacher is a BERT encoder in TF-Hub's format: a handle such as
https://tfhub.dev/tensorflow/bert_multi_cased_L-12_H-768_A-12/4 (the default) or a folder. A folder with
config.json, model.safetensors and vocab.txt is converted into OUTPUT/bert. It is fine-tuned on the
training rows first and kept in OUTPUT/teacher, unless it is there already, or --fine_tuned names one that
`pqrnn_tf.finetune` has made; several answer as an ensemble. Then it answers the student's
text once (OUTPUT/answers): copies of the training rows with other slot values and typing errors, and the
--transfer text, which needs no labels. The student learns from these
answers. A killed run, started again with the same flags, goes on where it was.

    python -m pqrnn_tf.distill --data mtop --language en --teacher bert_folder --transfer logs.txt \\
        --output runs/distilled
    python -m tflite_export.export --model runs/distilled/model.keras --output runs/distilled/model.tflite
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Sequence

from absl import app, flags, logging

from pqrnn_tf.commands import labelling_flags, teacher_flags, training_flags
from pqrnn_tf.tasks.label_collection import collect_labels

_FINE_TUNED = flags.DEFINE_multi_string(
    "fine_tuned",
    [],
    "Folder of a teacher that is fine-tuned on this task already, by `pqrnn_tf.finetune` or `pqrnn_tf.train`. "
    "Several answer as one, by the mean of their logits.",
)
_TEACHER_WEIGHT = flags.DEFINE_multi_float(
    "teacher_weight", [], "Weight of each --fine_tuned, in their order; all alike if not given."
)
_TEACHER_EPOCHS = flags.DEFINE_integer("teacher_epochs", 5, "Epochs of fine-tuning.", lower_bound=1)
_TEACHER_RATE = flags.DEFINE_float(
    "teacher_learning_rate", 5e-5, "Peak learning rate of fine-tuning."
)
_RECIPE = flags.DEFINE_string(
    "recipe",
    "task_specific",
    "Stages of the distillation; docs/distillation.md compares them, an unknown name lists them.",
)
_UNFREEZE = flags.DEFINE_bool("unfreeze", False, "Whether later stages thaw the student gradually.")
_LATENT = flags.DEFINE_bool("latent", False, "Whether task_specific compares hidden states too.")
_TEMPERATURE = flags.DEFINE_float("temperature", 1.0, "Temperature of the soft labels.")
_HARD = flags.DEFINE_float("student_loss_weight", 0.3, "Share of the hard labels in the loss.")
_REGULARISATION = flags.DEFINE_float(
    "regularisation",
    None,
    "Factor from 0 to 1 on the configuration's dropout and zoneout where a teacher teaches; by default a small one "
    "with transfer text (docs/distillation.md) and 1 without.",
)
_STEPS = flags.DEFINE_integer(
    "steps", None, "Optimizer steps of all stages together; by default the configuration's epochs."
)
_COPIES = flags.DEFINE_integer(
    "copies", 4, "Copies of the training rows with other slot values and typing errors."
)
_TRANSFER = flags.DEFINE_multi_string(
    "transfer",
    [],
    "File or folder of text without labels (.txt, .tsv, .jsonl); may be repeated.",
)
_TRANSFER_LIMIT = flags.DEFINE_integer("transfer_limit", None, "At most so many lines of it.")
_MASKED = flags.DEFINE_float(
    "masked", 0.0, "Probability that a word is replaced by one the teacher's BERT finds fitting."
)
_PARAPHRASES = flags.DEFINE_string(
    "paraphrases", None, "File of paraphrases: original<TAB>paraphrase a line."
)
_GENERAL = flags.DEFINE_multi_string(
    "general", [], "File or folder of general text, for the recipe four_stages; may be repeated."
)
_GENERAL_LIMIT = flags.DEFINE_integer("general_limit", None, "At most so many lines of it.")
_ANSWERS = flags.DEFINE_string(
    "answers",
    None,
    "Folder for the teacher's answers, OUTPUT/answers if not given; students that learn from the same text can "
    "share it.",
)
_START = flags.DEFINE_string(
    "start",
    None,
    "A student to go on from, model.keras of `pqrnn_tf.train` with the same --config; new weights if not given.",
)
_WORKERS = flags.DEFINE_integer(
    "workers", 0, "Processes that run the teacher over the text; 0: this one, with all its threads."
)


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    import keras

    from pqrnn_tf.datasets import StudentText, read_transfer_text
    from pqrnn_tf.distillation import build_recipe
    from pqrnn_tf.distillation.recipes import FINE_TUNED, PRETRAINED
    from pqrnn_tf.distillation.training import distill_with_text, fit_teacher
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.tasks.parsing import score_model
    from pqrnn_tf.teachers import (
        DEFAULT_HANDLE,
        MaskedWordReplacer,
        load_teacher,
        save_ensemble,
    )
    from pqrnn_tf.teachers.bert.conversion import tfhub_handle
    from pqrnn_tf.teachers.bert.tfhub_bert import local_folder

    try:
        config = read_config(training_flags.CONFIG.value, training_flags.SET.value)
        examples, development = training_flags.load_rows()
        text = StudentText(
            substitution=config.substitution,
            distortion=config.distortion,
            copies=_COPIES.value,
            masked=_MASKED.value,
            paraphrases=_PARAPHRASES.value,
            transfer=tuple(_TRANSFER.value),
            transfer_limit=_TRANSFER_LIMIT.value,
            seed=config.seed,
        )
        stages = build_recipe(
            _RECIPE.value,
            layers=config.layers,
            transfer=bool(text.transfer or text.masked or text.paraphrases),
            temperature=_TEMPERATURE.value,
            student_loss_weight=_HARD.value,
            latent=_LATENT.value,
            unfreeze=_UNFREEZE.value,
            regularisation=_REGULARISATION.value,
            steps=_STEPS.value,
        )
        output = pathlib.Path(training_flags.OUTPUT.value)
        handle = tfhub_handle(teacher_flags.TEACHER.value or DEFAULT_HANDLE, output / "bert")
        teacher_folder = output / "teacher"
        if len(_FINE_TUNED.value) > 1:
            save_ensemble(_FINE_TUNED.value, teacher_folder, weights=_TEACHER_WEIGHT.value or None)
        elif _FINE_TUNED.value:
            teacher_folder = pathlib.Path(_FINE_TUNED.value[0])
        teachers = {FINE_TUNED: teacher_folder}
        if any(stage.teacher == PRETRAINED for stage in stages):
            teachers[PRETRAINED] = local_folder(handle)
        teacher = (
            load_teacher(
                teacher_folder,
                labels=collect_labels(examples),
                modules=labelling_flags.MODULES.value,
            )
            if _FINE_TUNED.value
            else fit_teacher(
                handle,
                config,
                examples,
                development,
                teacher_folder,
                epochs=_TEACHER_EPOCHS.value,
                learning_rate=_TEACHER_RATE.value,
                verbose=training_flags.VERBOSE.value,
            )
        )
        scores = {"teacher": score_model(teacher, development, spec=config.spec).to_dict()}
        student = distill_with_text(
            config,
            stages,
            teachers,
            examples,
            development,
            output,
            text=text,
            general=read_transfer_text(
                _GENERAL.value, limit=_GENERAL_LIMIT.value, seed=config.seed, exclude=development
            )
            if _GENERAL.value
            else (),
            replacer=MaskedWordReplacer(handle) if text.masked else None,
            answers_folder=_ANSWERS.value,
            start=keras.models.load_model(_START.value, compile=False) if _START.value else None,
            workers=_WORKERS.value,
            modules=labelling_flags.MODULES.value,
            evaluate_every=training_flags.EVALUATE_EVERY.value,
            verbose=training_flags.VERBOSE.value,
        )
        scores["student"] = score_model(student, development).to_dict()
    except (OSError, ValueError, ImportError) as error:
        print(f"distill: {error}", file=sys.stderr)
        sys.exit(1)
    print(json.dumps(scores))


if __name__ == "__main__":
    logging.set_verbosity(logging.INFO)
    labelling_flags.quiet_beam()
    app.run(main)
