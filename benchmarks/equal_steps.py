"""What teachers give a published student beside the same student on labels alone, step for step.

Each run is exported in 8 bits and scored on development rows on the stock runtime. A training that started from
the weights of another names both, in order: their steps are added.

    python -m benchmarks.equal_steps --data mtop --run "MTOP's labels=runs/labels" \\
        --run "teachers' answers=runs/labels_both,runs/mtop_en_2mb"
    python -m benchmarks.render

The first run is what the gain of the others is counted from.
"""

from __future__ import annotations

from collections.abc import Sequence

from absl import app, flags

from benchmarks.distillation_page import EQUAL_STEPS
from benchmarks.finished_runs import measure_run, read_runs
from benchmarks.records import stamp, write_results

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
    rows = []
    for title, folders in runs.items():
        rows.append({"title": title, **measure_run(folders, development)})
        print(title, rows[-1]["steps"], rows[-1]["scores"]["flat_exact_match"], flush=True)
    write_results(EQUAL_STEPS, {"rows": rows}, made)


if __name__ == "__main__":
    app.run(main)
