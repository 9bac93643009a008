"""All benchmarks in one run of bounded length, and the page rendered from them.

python -m benchmarks.run_all [--minutes 15]

Each stage is a process of its own, one after the other. A stage that fails, or for which no time is
left, keeps its older results, is named at the end, and makes the command fail.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from absl import app, flags

from benchmarks.records import ROOT, stamp, write_results
from benchmarks.stages import STAGES, TAKE_A_VOCABULARY, run_stages

_MINUTES = flags.DEFINE_float("minutes", 15.0, "Time for all stages.", lower_bound=0.0)
_VOCABULARY = flags.DEFINE_string("vocabulary", None, "vocab.txt of an uncased BERT.")


def main(argv: Sequence[str]) -> None:
    """Runs the benchmarks."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    made = stamp()
    commands = {}
    for name, arguments in STAGES.items():
        commands[name] = [sys.executable, "-m", *arguments]
        if _VOCABULARY.value and name in TAKE_A_VOCABULARY:
            commands[name].append(f"--vocabulary={os.path.abspath(_VOCABULARY.value)}")
    took, failed = run_stages(commands, 60 * _MINUTES.value)
    write_results("run_all", {"minutes": _MINUTES.value, "seconds": took, "failed": failed}, made)
    subprocess.run([sys.executable, "-m", "benchmarks.render"], cwd=ROOT, check=True)
    for name, seconds in took.items():
        print(f"{name}: {seconds:.0f} s")
    for name, problem in failed.items():
        print(f"{name}: {problem}", file=sys.stderr)
    sys.exit(bool(failed))


if __name__ == "__main__":
    app.run(main)
