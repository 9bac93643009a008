"""All benchmarks in one run of bounded length, and the documents rendered from them.

    python -m benchmarks.run_all [--minutes 15]

Each stage is a process of its own, one after the other. A stage that fails, or for which no time is left, keeps its
older results, is named at the end, and makes the command fail.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from benchmarks.records import ROOT, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command

# What says most for its time comes first.
STAGES: Mapping[str, tuple[str, ...]] = {
    "end_to_end": ("benchmarks.end_to_end",),
    "intent": ("benchmarks.intent",),
    "threads": ("benchmarks.threads",),
    "operations": ("benchmarks.operations",),
    "projection": ("benchmarks.projection",),
    "floor": ("benchmarks.floor",),
    "export": ("benchmarks.export",),
    "end_to_end_multilingual": (
        "benchmarks.end_to_end",
        "--peers=multilingual",
        "--name=end_to_end_multilingual",
    ),
    "training": ("benchmarks.training",),
}
TAKE_A_VOCABULARY = ("end_to_end", "end_to_end_multilingual", "projection")


def run_stage(command: Sequence[str], seconds: float) -> str:
    """Runs a command for a limited time.

    Returns:
        What went wrong; empty where nothing did.
    """
    if seconds <= 0:
        return "no time was left"
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as process:
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with the processes that it started
            return f"it did not end within the {seconds:.0f} s that were left"
    return f"it ended with code {code}" if code else ""


def run_stages(
    commands: Mapping[str, Sequence[str]], seconds: float
) -> tuple[dict[str, float], dict[str, str]]:
    """Runs stages within a common time.

    Returns:
        The seconds of each stage that ended well, and what went wrong with the others.
    """
    begin = time.monotonic()
    took: dict[str, float] = {}
    failed: dict[str, str] = {}
    for name, command in commands.items():
        start = time.monotonic()
        problem = run_stage(command, seconds - (start - begin))
        if problem:
            failed[name] = problem
        else:
            took[name] = round(time.monotonic() - start, 1)
    return took, failed


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("minutes", "Time for all stages.", type=float, default=15.0)
    parser.flag("vocabulary", "vocab.txt of an uncased BERT.", metavar="FILE")


def run(arguments: Arguments) -> None:
    """Runs the benchmarks."""
    made = stamp()
    commands = {}
    for name, words in STAGES.items():
        commands[name] = [sys.executable, "-m", *words]
        if arguments.vocabulary and name in TAKE_A_VOCABULARY:
            commands[name].append(f"--vocabulary={os.path.abspath(arguments.vocabulary)}")
    took, failed = run_stages(commands, 60 * arguments.minutes)
    write_results(
        "run_all", {"minutes": arguments.minutes, "seconds": took, "failed": failed}, made
    )
    subprocess.run([sys.executable, "-m", "benchmarks.render"], cwd=ROOT, check=True)
    for name, seconds in took.items():
        print(f"{name}: {seconds:.0f} s")
    if failed:
        raise RuntimeError("; ".join(f"{name}: {problem}" for name, problem in failed.items()))


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.run_all", __doc__, configure, run, sys.argv[1:]))
