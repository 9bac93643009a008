"""What teachers give a published student beside the same student on labels alone, with the steps of each.

Each run is exported in 8 bits and scored on development rows on the stock runtime. A training that started from
the weights of another names both, in order: their steps are added.

    python -m benchmarks.equal_steps --student mtop_en_2mb --data mtop --run "MTOP's labels=runs/labels" \\
        --run "teachers' answers=runs/labels_both,runs/mtop_en_2mb"
    python -m benchmarks.render

The first run of a student is what the gain of its others is counted from. `results/equal_steps.json` keeps the runs
of all students; a run measured again replaces that of the same student and title.
"""

from __future__ import annotations

from collections.abc import Sequence

from absl import app, flags

from benchmarks.finished_runs import measure_run, read_runs
from benchmarks.records import read_results, stamp, write_results
from benchmarks.tables.distillation import EQUAL_STEPS

_STUDENT = flags.DEFINE_string(
    "student", None, "Name of the published student, as the page calls it.", required=True
)
_DATA = flags.DEFINE_string("data", None, "Folder of the corpus.", required=True)
_RUN = flags.DEFINE_multi_string(
    "run",
    None,
    "TITLE=FOLDER of a training, or TITLE=FOLDER,FOLDER of one that started from another's weights.",
    required=True,
)


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from pqrnn_tf.datasets import load_split

    made = stamp()
    runs = read_runs(_RUN.value)
    development = load_split(_DATA.value, "dev")
    students = (read_results(EQUAL_STEPS) or {"students": {}})["students"]
    rows = students.setdefault(_STUDENT.value, {})
    for title, folders in runs.items():
        rows[title] = {"stamp": made, **measure_run(folders, development)}
        print(title, rows[title]["steps"], rows[title]["scores"]["flat_exact_match"], flush=True)
    write_results(EQUAL_STEPS, {"students": students}, made)


if __name__ == "__main__":
    app.run(main)
