"""The stages of `make bench`, and how they share its time."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

from benchmarks.records import ROOT

# What says most for its time comes first.
STAGES: Mapping[str, tuple[str, ...]] = {
    "end_to_end": ("benchmarks.end_to_end",),
    "intent": ("benchmarks.intent",),
    "operations": ("benchmarks.operations",),
    "projection": ("benchmarks.projection",),
    "floor": ("benchmarks.floor",),
    "export": ("benchmarks.export",),
    "end_to_end_multilingual": (
        "benchmarks.end_to_end",
        "--nopeers",
        "--multilingual",
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
