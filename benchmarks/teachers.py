"""Scores teachers by themselves and together on development rows, for docs/distillation.md.

    python -m benchmarks.teachers --data mtop --teacher "MTOP's labels=runs/labels" \\
        --teacher "labels of both=runs/labels_both" --teacher "BiLSTM=runs/english/bilstm" \\
        --module recipes.baselines.bilstm --weight 0.5 --weight 1
    python -m benchmarks.render
"""

from __future__ import annotations

import sys

from benchmarks.records import stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.commands.teacher_flags import add_modules

NAME = "teachers"


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("data", "Folder of a corpus.", required=True, metavar="FOLDER")
    parser.flag(
        "teacher",
        "TITLE=FOLDER of a teacher; the first has the weight 1.",
        repeat=True,
        required=True,
        metavar="TITLE=FOLDER",
    )
    parser.flag(
        "weight",
        "Weight of all but the first teacher.",
        type=float,
        repeat=True,
        shown="1",
    )
    add_modules(parser)


def run(arguments: Arguments) -> None:
    """Runs the command."""
    from pqrnn_tf.datasets import load_split
    from pqrnn_tf.runtime.spec import ProjectionSpec
    from pqrnn_tf.tasks.parsing import score_model
    from pqrnn_tf.teachers import EnsembleTeacher, load_teacher

    before = stamp()
    development = load_split(arguments.data, "dev")
    spec = ProjectionSpec(max_tokens=48)
    pairs = [value.rpartition("=") for value in arguments.teacher]
    titles = [title or folder for title, _, folder in pairs]
    teachers = [load_teacher(folder, modules=arguments.module) for _, _, folder in pairs]
    asked = [(title, teacher) for title, teacher in zip(titles, teachers, strict=True)]
    if len(teachers) > 1:
        for weight in arguments.weight or [1.0]:
            weights = [1.0, *[weight] * (len(teachers) - 1)]
            title = titles[0] + "".join(f" + {weight:g} × {other}" for other in titles[1:])
            asked.append((title, EnsembleTeacher(teachers, weights=weights)))
    rows = []
    for title, teacher in asked:
        scores = score_model(teacher, development, spec=spec).to_dict()
        # Teachers answer with intents and slots; what is nested in slots is not theirs.
        scores.pop("tree_exact_match", None)
        rows.append({"title": title, "scores": scores})
        print(title, scores["flat_exact_match"], flush=True)
    write_results(NAME, {"rows": rows}, before)


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.teachers", __doc__, configure, run, sys.argv[1:]))
