"""Scores teachers alone and together on development rows, for docs/distillation.md.

    python -m benchmarks.teachers --data mtop --teacher "MTOP's labels=runs/labels" \\
        --teacher "labels of both=runs/labels_both" --teacher "BiLSTM=runs/english/bilstm" \\
        --module recipes.baselines.bilstm --weight 0.5 --weight 1
    python -m benchmarks.render
"""

from __future__ import annotations

from collections.abc import Sequence

from absl import app, flags

from benchmarks.records import stamp, write_results
from benchmarks.tables.distillation import TEACHERS

_DATA = flags.DEFINE_string("data", None, "Folder of a corpus.", required=True)
_TEACHER = flags.DEFINE_multi_string(
    "teacher", None, "TITLE=FOLDER of a teacher; the first has the weight 1.", required=True
)
_WEIGHT = flags.DEFINE_multi_float(
    "weight", [1.0], "Weight of all but the first teacher; may be repeated."
)
_MODULE = flags.DEFINE_multi_string(
    "module", [], "Python module to import before a teacher is loaded; may be repeated."
)


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from pqrnn_tf.datasets import load_split
    from pqrnn_tf.runtime.spec import ProjectionSpec
    from pqrnn_tf.tasks.parsing import score_model
    from pqrnn_tf.teachers import EnsembleTeacher, load_teacher

    before = stamp()
    development = load_split(_DATA.value, "dev")
    spec = ProjectionSpec(max_tokens=48)
    pairs = [value.rpartition("=") for value in _TEACHER.value]
    titles = [title or folder for title, _, folder in pairs]
    teachers = [load_teacher(folder, modules=_MODULE.value) for _, _, folder in pairs]
    asked = [(title, teacher) for title, teacher in zip(titles, teachers, strict=True)]
    if len(teachers) > 1:
        for weight in _WEIGHT.value:
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
    write_results(TEACHERS, {"rows": rows}, before)


if __name__ == "__main__":
    app.run(main)
