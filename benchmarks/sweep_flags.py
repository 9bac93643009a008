"""The command that all sweeps have in common.

The module of a sweep says which runs there are and what one of them does, and gives both to `sweep`:

    python -m benchmarks.MODULE --list                       # what there is, and what is done
    python -m benchmarks.MODULE --workers 2 --threads 1      # the whole sweep
    python -m benchmarks.MODULE --only 'labels_*'            # a part of it

Finished runs are lines of `benchmarks/results/NAME.jsonl`. A run that has a line with the same settings is
skipped, so a killed sweep, started again, goes on; what was in work resumes from its own checkpoint in
`--work`. A failed run is reported with the end of its log while the others go on; then the sweep ends with
status 1. To repeat a run, delete its line and its folder in `--work`.
"""

from __future__ import annotations

import pathlib
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from absl import flags

from benchmarks.records import RESULTS, ROOT
from benchmarks.sweep import (
    Execute,
    Run,
    SweepError,
    execute_run,
    in_turns,
    is_done,
    read_records,
    run_sweep,
    select,
)

WORKERS = flags.DEFINE_integer("workers", 1, "Runs at a time.", lower_bound=1)
THREADS = flags.DEFINE_integer("threads", 1, "Threads of TensorFlow in a run.", lower_bound=1)
ONLY = flags.DEFINE_multi_string(
    "only", [], "Runs whose name matches, such as 'labels_*'; may be repeated."
)
LIST = flags.DEFINE_bool("list", False, "Shows the runs and what is done, and ends.")
RESULTS_FILE = flags.DEFINE_string("results", None, "Other file of results than the committed one.")
WORK = flags.DEFINE_string(
    "work", str(ROOT / "runs" / "sweeps"), "Folder for checkpoints, models and logs."
)
RUN = flags.DEFINE_string("run", None, "Executes the run that this file describes: for the sweep.")


def sweep(name: str, module: str, runs: Callable[[], Sequence[Run]], execute: Execute) -> None:
    """Does what the flags ask for.

    Args:
        name: Of the file of results.
        module: Full name of the module whose `main` calls this.
        runs: Makes the runs; called in the process of the sweep only.
        execute: Does one run; called in the process of the run only.

    Raises:
        SystemExit: with status 1 if a run failed, or nothing could be started.
    """
    if RUN.value is not None:
        execute_run(pathlib.Path(RUN.value), execute)
        return
    signal.signal(signal.SIGTERM, _terminated)
    results = pathlib.Path(RESULTS_FILE.value or RESULTS / f"{name}.jsonl")
    try:
        chosen = select(runs(), ONLY.value)
        if LIST.value:
            records = read_records(results)
            for run in in_turns(chosen):
                print("done " if is_done(run, records) else "to do", run.name)
            return
        failed = run_sweep(
            chosen,
            [sys.executable, "-m", module],
            results=results,
            work=pathlib.Path(WORK.value).absolute() / name,
            workers=WORKERS.value,
            threads=THREADS.value,
        )
    except (OSError, ValueError, SweepError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        sys.exit(1)
    if failed:
        print(f"{name}: failed: {[run.name for run in failed]}", file=sys.stderr)
        sys.exit(1)


def _terminated(number: int, frame: Any) -> NoReturn:
    """Lets a terminated sweep end its runs on the way out."""
    del frame
    sys.exit(128 + number)
