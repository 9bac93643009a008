"""Many small trainings: each in a process of its own, resumable, one JSON line per run.

The module of a sweep declares its flags and those of `add_sweep`, says which runs there are and what one of them does,
and gives both to `sweep`:

    python -m benchmarks.MODULE --list                       # what there is, and what is done
    python -m benchmarks.MODULE --workers 2 --threads 1      # the whole sweep
    python -m benchmarks.MODULE --only 'labels_*'            # a part of it

Finished runs are lines of `benchmarks/results/NAME.jsonl`. A run that has a line with the same settings is
skipped, so a killed sweep, started again, resumes; a run that was at work resumes from its own checkpoint in
`--work`. A failed run is reported with the end of its log while the others continue; then the sweep ends with
status 1. To repeat a run, delete its line and its folder in `--work`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import fnmatch
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from benchmarks.records import RESULTS, ROOT, stamp
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.files import write_bytes, write_json

LOG_LINES = 20
POLL_SECONDS = 0.1


class SweepError(RuntimeError):
    """A sweep that cannot start: a run that does not exist, or another sweep at work."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """One training of a sweep.

    Args:
        row: What is measured: small letters, digits, `_`, `.` and `-`. Runs of a row differ only in
            their seed.
        seed: Seed of the training.
        settings: Plain JSON values that, with the seed, decide the result. They are recorded, and a
            recorded run of other settings does not count as done.
        inputs: Folders and files that the run reads. Their places differ between machines, so they
            are not recorded; what they hold belongs into `settings` as a fingerprint.

    Raises:
        ValueError: if `row` has other characters.
    """

    row: str
    seed: int
    settings: Mapping[str, Any]
    inputs: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9_.-]+", self.row):
            raise ValueError(
                f"`row` must be of small letters, digits, '_', '.' and '-'. Received: {self.row!r}."
            )

    @property
    def name(self) -> str:
        """Name of the run, unique in its sweep."""
        return f"{self.row}_seed{self.seed}"

    @property
    def plain_settings(self) -> dict[str, Any]:
        """The settings as they are after a round trip through JSON."""
        return json.loads(json.dumps(self.settings))

    def folder(self, work: pathlib.Path) -> pathlib.Path:
        """Its own folder: another one when the settings change."""
        text = json.dumps(self.plain_settings, sort_keys=True)
        return work / f"{self.name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


Execute = Callable[[Run, pathlib.Path], Mapping[str, Any]]
"""`execute(run, folder)` does the run, resuming from what is in `folder`, and returns what it measured."""


def in_turns(runs: Sequence[Run]) -> list[Run]:
    """The first run of every row in the order of the rows, then the second of every row, and so on.

    Raises:
        ValueError: if two runs have one name.
    """
    names = Counter(run.name for run in runs)
    if twice := sorted(name for name, count in names.items() if count > 1):
        raise ValueError(f"`runs` must have different names. Received twice: {twice}.")
    seen: Counter[str] = Counter()
    turns = []
    for run in runs:
        turns.append(seen[run.row])
        seen[run.row] += 1
    return [run for _, run in sorted(zip(turns, runs, strict=True), key=lambda pair: pair[0])]


def select(runs: Sequence[Run], patterns: Sequence[str]) -> list[Run]:
    """The runs whose name matches one of some shell patterns; all of them without patterns.

    Raises:
        SweepError: if there is none.
    """
    if not patterns:
        return list(runs)
    chosen = [run for run in runs if any(fnmatch.fnmatch(run.name, text) for text in patterns)]
    if not chosen:
        raise SweepError(
            f"`patterns` must match the name of a run. Received: {list(patterns)}. Names: "
            f"{[run.name for run in runs]}."
        )
    return chosen


def read_records(path: pathlib.Path) -> dict[str, dict[str, Any]]:
    """The last line of each run in a file of results, by name; none if there is no file.

    Raises:
        ValueError: if a line is not what a sweep writes.
    """
    records: dict[str, dict[str, Any]] = {}
    if not path.is_file():
        return records
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            record = json.loads(line)
            name = record["name"]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise ValueError(
                f"`path` must hold a JSON object with a name in each line. Received: {str(path)!r}, "
                f"line {number}: {line[:80]!r}. Delete the line; its run is done again."
            ) from error
        records.pop(name, None)  # the order is that of the last lines
        records[name] = record
    return records


def is_done(run: Run, records: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a run is recorded with its present settings."""
    return run.name in records and records[run.name]["settings"] == run.plain_settings


def execute_run(path: pathlib.Path, execute: Execute) -> None:
    """Does the run that a file describes and writes its record beside it, as `record.json`."""
    description = json.loads(path.read_text(encoding="utf-8"))
    attempt = description.pop("attempt")
    run = Run(**description)
    made = stamp()
    begin = time.perf_counter()
    measured = execute(run, path.parent)
    write_json(
        path.with_name("record.json"),
        {
            "name": run.name,
            "row": run.row,
            "seed": run.seed,
            "settings": run.plain_settings,
            **measured,
            "seconds": round(time.perf_counter() - begin, 1),
            "attempts": attempt,
            "stamp": made,
        },
    )


def run_sweep(
    runs: Sequence[Run],
    command: Sequence[str],
    *,
    results: pathlib.Path,
    work: pathlib.Path,
    workers: int = 1,
    threads: int = 1,
    report: Callable[[str], Any] = print,
) -> list[Run]:
    """Does what is not done yet, each run in a process of its own.

    Args:
        runs: In any order; they are done in that of `in_turns`.
        command: Starts a process that calls `execute_run` with the path that follows `--run`.
        results: File of results; a line is added for each finished run.
        work: Folder for the folders of the runs.
        workers: Processes at a time.
        threads: Threads of TensorFlow in each.
        report: Takes lines for the reader.

    Returns:
        The runs that failed.

    Raises:
        SweepError: if another sweep, or a process that a killed one left behind, is at work there.
    """
    records = read_records(results)
    waiting = [run for run in in_turns(runs) if not is_done(run, records)]
    done, total = len(runs) - len(waiting), len(runs)
    known = [float(record["seconds"]) for record in records.values()]
    taken: list[float] = []
    failed: list[Run] = []
    active: dict[subprocess.Popen[bytes], tuple[Run, int]] = {}
    report(f"{total} runs, {done} of them done")

    def finish(run: Run) -> None:
        nonlocal done
        record = json.loads((run.folder(work) / "record.json").read_text(encoding="utf-8"))
        lines = results.read_bytes() if results.is_file() else b""
        line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
        write_bytes(results, lines + line)
        taken.append(float(record["seconds"]))
        done += 1
        report(f"[{done}/{total}] {run.name}: {_summary(record)}{left()}")

    def left() -> str:
        seconds = taken or known
        ahead = len(waiting) + len(active)
        if not ahead or not seconds:
            return ""
        estimate = sum(seconds) / len(seconds) * ahead / min(workers, ahead)
        return f"; about {_duration(estimate)} left"

    with _lock(work) as lock:
        try:
            while waiting or active:
                while waiting and len(active) < workers:
                    run = waiting.pop(0)
                    if (run.folder(work) / "record.json").is_file():
                        finish(run)  # the sweep was killed just before it took the record
                        continue
                    process, offset = _start(run, command, work, threads, lock)
                    active[process] = (run, offset)
                finished = [process for process in active if process.poll() is not None]
                for process in finished:
                    run, offset = active.pop(process)
                    folder = run.folder(work)
                    if process.returncode == 0 and (folder / "record.json").is_file():
                        finish(run)
                    else:
                        failed.append(run)
                        report(
                            f"{run.name} failed with status {process.returncode}. The end of "
                            f"{folder / 'log.txt'}:\n{_tail(folder / 'log.txt', offset)}"
                        )
                if not finished and active:
                    time.sleep(POLL_SECONDS)
        finally:
            for process in active:
                process.terminate()
            for process in active:
                process.wait()
    return failed


@contextlib.contextmanager
def _lock(work: pathlib.Path) -> Iterator[int]:
    """Holds a lock that the processes inherit, so that it outlives a sweep that is killed."""
    work.mkdir(parents=True, exist_ok=True)
    with (work / "lock").open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SweepError(
                f"`work` {str(work)!r} is in use by another sweep, or by runs that a killed sweep "
                "left behind. Wait until they are done, or choose another folder."
            ) from error
        yield file.fileno()


def _start(
    run: Run, command: Sequence[str], work: pathlib.Path, threads: int, lock: int
) -> tuple[subprocess.Popen[bytes], int]:
    """A process that does the run, and where in the log its lines begin."""
    folder = run.folder(work)
    path = folder / "run.json"
    before = json.loads(path.read_text(encoding="utf-8"))["attempt"] if path.is_file() else 0
    write_json(path, {**vars(run), "attempt": before + 1})
    count = str(threads)
    environment = {
        **os.environ,
        "TF_NUM_INTRAOP_THREADS": count,
        "TF_NUM_INTEROP_THREADS": count,
        "OMP_NUM_THREADS": count,
    }
    with (folder / "log.txt").open("ab") as log:
        offset = log.tell()
        process = subprocess.Popen(
            [*command, "--run", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=environment,
            pass_fds=(lock,),
        )
    return process, offset


def _tail(log: pathlib.Path, offset: int) -> str:
    lines = log.read_bytes()[offset:].decode("utf-8", "replace").splitlines()
    return "\n".join(f"    {line}" for line in lines[-LOG_LINES:])


def _summary(record: Mapping[str, Any]) -> str:
    scores = record.get("scores", {})
    exact = f"exact match {scores['flat_exact_match']}, " if "flat_exact_match" in scores else ""
    return f"{exact}{record['seconds']:.0f} s"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def add_sweep(parser: CommandParser) -> None:
    """Declares the flags that all sweeps have in common."""
    parser.section("sweep")
    parser.flag("workers", "Runs at a time.", type=at_least(1), default=1)
    parser.flag("threads", "Threads of TensorFlow in a run.", type=at_least(1), default=1)
    parser.flag(
        "only", "Runs whose name matches, such as 'labels_*'.", repeat=True, metavar="PATTERN"
    )
    parser.switch("list", "Show the runs and what is done, and end.")
    parser.flag("results", "Other file of results than the committed one.", metavar="FILE")
    parser.flag(
        "work",
        "Folder for checkpoints, models and logs.",
        default=str(ROOT / "runs" / "sweeps"),
        metavar="FOLDER",
    )
    parser.flag("run", "Executes the run that this file describes: for the sweep.", metavar="FILE")


def sweep(
    name: str,
    module: str,
    arguments: Arguments,
    runs: Callable[[], Sequence[Run]],
    execute: Execute,
) -> None:
    """Does what the flags ask for.

    Args:
        name: Name of the file of results.
        module: Full name of the module that calls this.
        arguments: Values of the flags that `add_sweep` declares.
        runs: Makes the runs; called in the process of the sweep only.
        execute: Does one run; called in the process of the run only.

    Raises:
        SweepError: if a run failed, or nothing could be started.
    """
    if arguments.run is not None:
        execute_run(pathlib.Path(arguments.run), execute)
        return
    signal.signal(signal.SIGTERM, _terminated)
    results = pathlib.Path(arguments.results or RESULTS / f"{name}.jsonl")
    chosen = select(runs(), arguments.only)
    if arguments.list:
        records = read_records(results)
        for run in in_turns(chosen):
            print("done " if is_done(run, records) else "to do", run.name)
        return
    failed = run_sweep(
        chosen,
        [sys.executable, "-m", module],
        results=results,
        work=pathlib.Path(arguments.work).absolute() / name,
        workers=arguments.workers,
        threads=arguments.threads,
    )
    if failed:
        raise SweepError(f"failed: {[run.name for run in failed]}")


def _terminated(number: int, frame: Any) -> NoReturn:
    """Lets a terminated sweep end its runs on the way out."""
    del frame
    sys.exit(128 + number)
