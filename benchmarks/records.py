"""What all benchmarks share: timing in turns, and results as JSON files that say where they come from."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pqrnn_tf.files import write_json
from pqrnn_tf.runtime.timing import time_in_turns as time_in_turns

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
CORPORA = ROOT.parent / "shared" / "data"
PACKAGES = (
    "tensorflow",
    "keras",
    "numpy",
    "ai-edge-litert",
    "tensorflow-text",
    "tf-models-official",
)


def _processor() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def stamp() -> dict[str, Any]:
    """Machine, versions, commit and time of a measurement."""
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    return {
        "machine": {
            "processor": _processor(),
            "architecture": platform.machine(),
            "cores": os.cpu_count(),
            "load_before": os.getloadavg()[0],
        },
        "versions": versions,
        "commit": commit,
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    }


def write_results(name: str, results: Mapping[str, Any], made: Mapping[str, Any]) -> pathlib.Path:
    """Writes `results/<name>.json`; `made` is what `stamp` returned before measuring."""
    path = RESULTS / f"{name}.json"
    write_json(path, {"stamp": made, **results})
    return path


def read_results(name: str) -> Any:
    """The content of `results/<name>.json`; `None` where there is none yet."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def optimizer_steps(log: pathlib.Path) -> int:
    """Optimizer steps of all stages of a training, from its `log.jsonl`."""
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return sum({line.get("stage"): line["step"] for line in lines}.values())


def summary(seconds: np.ndarray) -> dict[str, float]:
    """Median and 90th percentile in microseconds."""
    return {
        "median_us": round(float(np.median(seconds)) * 1e6, 1),
        "p90_us": round(float(np.percentile(seconds, 90)) * 1e6, 1),
    }


def ratios_of_medians(
    seconds: Mapping[str, np.ndarray], name: str, references: Sequence[str]
) -> dict[str, float]:
    """How many times the median of each of some systems another system takes."""
    own = float(np.median(seconds[name]))
    return {other: round(own / float(np.median(seconds[other])), 3) for other in references}


def peak_memory_kib() -> int:
    """The largest resident memory that this process has had."""
    for line in pathlib.Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    raise RuntimeError("/proc/self/status has no VmHWM: this needs Linux.")


def mtop_texts(count: int, *, split: str = "dev") -> list[str]:
    """Utterances of MTOP English, the first `count` of a split.

    Raises:
        FileNotFoundError: if the corpus is not beside the checkout.
    """
    path = CORPORA / "mtop_en" / f"{split}.jsonl"
    if not path.is_file():
        raise FileNotFoundError(
            f"The benchmark needs MTOP English as JSON lines at {path}. See the README on data."
        )
    with path.open(encoding="utf-8") as file:
        return [json.loads(line)["question"] for _, line in zip(range(count), file, strict=False)]
