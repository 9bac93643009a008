"""Other tasks than MTOP: a small model for each corpus, trained on its labels alone, as `results/tasks.jsonl`.

One configuration for all (`recipes/students/tasks.json`), so that nothing is tuned to a corpus.
`benchmarks.sweep_flags` has the flags of all sweeps; a run leaves its training in `--work`, from where
`recipes.publish` can take it.

    python -m benchmarks.tasks                                      # SNIPS, MASSIVE, CLINC150, Banking77
    python -m benchmarks.tasks --data snips --set epochs=40 --seeds 2
"""

from __future__ import annotations

from collections.abc import Sequence

from absl import app, flags

from benchmarks import sweep_flags
from benchmarks.records import CORPORA
from benchmarks.sweep import Run
from benchmarks.task_runs import NAME, STUDENT, execute, runs_of

FOLDERS = ("snips", "massive_en", "clinc150", "banking77")

_DATA = flags.DEFINE_multi_string(
    "data",
    [str(CORPORA / name) for name in FOLDERS],
    "Folder of a corpus of English; may be repeated.",
)
_STUDENT = flags.DEFINE_string(
    "student_config", str(STUDENT), "JSON file with fields of TrainingConfig."
)
_SET = flags.DEFINE_multi_string("set", [], "One field of TrainingConfig, as name=value.")
_SEEDS = flags.DEFINE_integer("seeds", 1, "Runs of every corpus.", lower_bound=1)


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")

    def runs() -> list[Run]:
        return runs_of(_DATA.value, _STUDENT.value, _SET.value, seeds=_SEEDS.value)

    sweep_flags.sweep(NAME, "benchmarks.tasks", runs, execute)


if __name__ == "__main__":
    app.run(main)
