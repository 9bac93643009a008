"""What each choice gives: one change at a time to a small student, on labels alone, as `results/ablation.jsonl`.

The rows are in `benchmarks/ablation_rows.py`; `benchmarks.sweep_flags` has the flags of all sweeps. A run keeps
its `model.tflite` in `--work`, from where `benchmarks.confusions` can take it.

    python -m benchmarks.ablation --workers 2
    python -m benchmarks.ablation --only 'no_*' --seeds 2
"""

from __future__ import annotations

from collections.abc import Sequence

from absl import app, flags

from benchmarks import sweep_flags
from benchmarks.ablation_rows import NAME
from benchmarks.ablation_runs import STUDENT, execute, runs_of
from benchmarks.records import CORPORA
from benchmarks.sweep import Run

_DATA = flags.DEFINE_string("data", str(CORPORA / "mtop_en"), "Folder of a corpus.")
_STUDENT = flags.DEFINE_string(
    "student_config",
    str(STUDENT),
    "JSON file with fields of TrainingConfig: the base.",
)
_EPOCHS = flags.DEFINE_integer("epochs", 6, "Passes over the training rows.", lower_bound=1)
_SEEDS = flags.DEFINE_integer("seeds", 1, "Runs of every row.", lower_bound=1)


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")

    def runs() -> list[Run]:
        return runs_of(_DATA.value, _STUDENT.value, epochs=_EPOCHS.value, seeds=_SEEDS.value)

    sweep_flags.sweep(NAME, "benchmarks.ablation", runs, execute)


if __name__ == "__main__":
    app.run(main)
