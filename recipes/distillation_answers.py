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
import logging
import pathlib
import sys

from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least
from pqrnn_tf.commands.running import log_to_stderr, run_command

_LOG = logging.getLogger("pqrnn_tf.recipes")


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("data", "Folder of MTOP files.", required=True, metavar="FOLDER")
    parser.flag("output", "Folder for the folders of answers.", required=True, metavar="FOLDER")
    parser.flag("student_config", "JSON file with fields of TrainingConfig.", metavar="FILE")
    parser.flag("workers", "Processes that run the teacher.", type=at_least(0), default=1)
    parser.section("teachers")
    parser.flag(
        "teacher", "Folder of a fine-tuned teacher.", repeat=True, required=True, metavar="FOLDER"
    )
    parser.flag(
        "teacher_weight", "Weight of each; all alike if not given.", type=float, repeat=True
    )
    parser.flag(
        "bert", "Folder of the pretrained BERT in TF-Hub's format, for --general.", metavar="FOLDER"
    )
    parser.section("text")
    parser.flag("copies", "Augmented copies of the training rows.", type=at_least(0), default=3)
    parser.flag("transfer", "File or folder of transfer text.", repeat=True, metavar="PATH")
    parser.flag("general", "File or folder of general text.", repeat=True, metavar="PATH")
    parser.flag("general_lines", "Lines of general text.", type=at_least(1), default=20_000)


def run(arguments: Arguments) -> None:
    """Runs the command."""
    if arguments.general and arguments.bert is None:
        raise UsageError("--general needs --bert, the pretrained BERT that answers it too")
    if not arguments.general:
        arguments.refuse(["bert", "general_lines"], "they belong to --general")
    log_to_stderr()
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

    output = pathlib.Path(arguments.output)
    teacher = arguments.teacher[0]
    if len(arguments.teacher) > 1:
        teacher = output / "teacher"
        save_ensemble(arguments.teacher, teacher, weights=arguments.teacher_weight or None)
    config = read_config(arguments.student_config, [])
    examples, development = (load_split(arguments.data, split) for split in ("train", "dev"))
    text = build_student_text(
        examples,
        StudentText(
            substitution=config.substitution,
            copies=arguments.copies,
            transfer=tuple(arguments.transfer),
            seed=config.seed,
        ),
        exclude=development,
        report=_LOG.info,
    )
    rows = {TASK: text[TASK], TRANSFER: text[TRANSFER]}
    teachers = {FINE_TUNED: teacher}
    if arguments.general:
        teachers[PRETRAINED] = arguments.bert
        rows[GENERAL] = read_transfer_text(
            arguments.general,
            limit=arguments.general_lines,
            seed=config.seed,
            exclude=development,
            report=_LOG.info,
        )
    answers = label_for_stages(
        four_stages() if arguments.general else task_specific(),
        rows,
        teachers,
        output,
        config=config,
        workers=arguments.workers,
    )
    print(json.dumps({name: stored.rows for name, stored in answers.items()}))


if __name__ == "__main__":
    sys.exit(
        run_command("python -m recipes.distillation_answers", __doc__, configure, run, sys.argv[1:])
    )
