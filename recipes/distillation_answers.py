"""Makes what the distillation sweep reads: the teacher's answers to the task's rows, transfer and general text.

The text is what `pqrnn_tf.distill --copies 3 --transfer …` makes, so that it can use the same answers
(`--answers`). Development rows are kept out of it. What is there already is not made again. Hidden states are stored
where `--general` text is given, since the recipes that need it compare them. Several teachers answer as one, which
is kept in OUTPUT/teacher.

    python -m recipes.distillation_answers --data mtop --teacher runs/teacher --bert runs/bert \\
        --transfer topv2 --general commonvoice/en.txt --output runs/answers --workers 2
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Sequence

from absl import app, flags, logging

_DATA = flags.DEFINE_string("data", None, "Folder of MTOP files.", required=True)
_TEACHER = flags.DEFINE_multi_string(
    "teacher", None, "Folder of a fine-tuned teacher; may be repeated.", required=True
)
_WEIGHT = flags.DEFINE_multi_float("teacher_weight", [], "Weight of each; all alike if not given.")
_BERT = flags.DEFINE_string(
    "bert", None, "Folder of the pretrained BERT in TF-Hub's format, for --general."
)
_TRANSFER = flags.DEFINE_multi_string("transfer", [], "File or folder of transfer text.")
_GENERAL = flags.DEFINE_multi_string("general", [], "File or folder of general text.")
_GENERAL_LINES = flags.DEFINE_integer("general_lines", 20_000, "Lines of general text.")
_COPIES = flags.DEFINE_integer("copies", 3, "Augmented copies of the training rows.")
_STUDENT = flags.DEFINE_string("student_config", None, "JSON file with fields of TrainingConfig.")
_OUTPUT = flags.DEFINE_string("output", None, "Folder for the folders of answers.", required=True)
_WORKERS = flags.DEFINE_integer("workers", 1, "Processes that run the teacher.")

flags.register_multi_flags_validator(
    ["general", "bert"],
    lambda given: given["bert"] is not None or not given["general"],
    "--general needs --bert, the pretrained BERT that answers it too.",
)


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from pqrnn_tf.datasets import StudentText, build_student_text, load_split, read_transfer_text
    from pqrnn_tf.distillation import label_for_stages
    from pqrnn_tf.distillation.recipes import (
        FINE_TUNED,
        GENERAL,
        PRETRAINED,
        TASK,
        TRANSFER,
        four_stages,
        task_specific,
    )
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.teachers import save_ensemble

    output = pathlib.Path(_OUTPUT.value)
    try:
        teacher = _TEACHER.value[0]
        if len(_TEACHER.value) > 1:
            teacher = output / "teacher"
            save_ensemble(_TEACHER.value, teacher, weights=_WEIGHT.value or None)
        config = read_config(_STUDENT.value, [])
        examples, development = (load_split(_DATA.value, split) for split in ("train", "dev"))
        text = build_student_text(
            examples,
            StudentText(
                substitution=config.substitution,
                distortion=config.distortion,
                copies=_COPIES.value,
                transfer=tuple(_TRANSFER.value),
                seed=config.seed,
            ),
            exclude=development,
            report=logging.info,
        )
        rows = {TASK: text[TASK], TRANSFER: text[TRANSFER]}
        teachers = {FINE_TUNED: teacher}
        if _GENERAL.value:
            teachers[PRETRAINED] = _BERT.value
            rows[GENERAL] = read_transfer_text(
                _GENERAL.value,
                limit=_GENERAL_LINES.value,
                seed=config.seed,
                exclude=development,
                report=logging.info,
            )
        answers = label_for_stages(
            four_stages() if _GENERAL.value else task_specific(),
            rows,
            teachers,
            output,
            config=config,
            workers=_WORKERS.value,
        )
    except (OSError, ValueError, ImportError) as error:
        print(f"distillation_answers: {error}", file=sys.stderr)
        sys.exit(1)
    print(json.dumps({name: stored.rows for name, stored in answers.items()}))


if __name__ == "__main__":
    logging.set_verbosity(logging.INFO)
    app.run(main)
