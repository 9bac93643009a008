"""Sweeps of runs that take no time."""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from benchmarks import distillation
from benchmarks.sweep import Run, SweepError, in_turns, is_done, read_records, run_sweep, select
from pqrnn_tf.commands.running import run_command

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# What a run does, by its settings; a note of every start goes into `starts`.
PROGRAM = """
import json, os, pathlib, sys, time
sys.path.insert(0, {root!r})
from benchmarks import distillation
from benchmarks.sweep import execute_run

def execute(run, folder):
    with open({starts!r}, "a") as file:
        file.write(run.name + "\\n")
    checkpoint = folder / "checkpoint"
    before = int(checkpoint.read_text()) if checkpoint.is_file() else 0
    checkpoint.write_text(str(before + 1))
    if run.settings.get("wait") and not before:
        time.sleep(60)
    deadline = time.monotonic() + 20
    while len(open({starts!r}).readlines()) < run.settings.get("together", 1):
        if time.monotonic() > deadline:
            raise SystemExit("the others did not start")
        time.sleep(0.01)
    if run.settings.get("fail"):
        for line in range(100):
            print("line", line)
        raise SystemExit(7)
    return {{
        "scores": {{"flat_exact_match": 50.0 + run.seed}},
        "before": before,
        "threads": os.environ["TF_NUM_INTRAOP_THREADS"],
    }}

execute_run(pathlib.Path(sys.argv[sys.argv.index("--run") + 1]), execute)
"""


def run(row: str, seed: int = 1, **settings: object) -> Run:
    return Run(row=row, seed=seed, settings=settings)


class Trial:
    """A sweep in a folder of its own."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.program = folder / "program.py"
        self.starts_file = folder / "starts"
        text = PROGRAM.format(root=str(ROOT), starts=str(self.starts_file))
        self.program.write_text(text, encoding="utf-8")
        self.results, self.work = folder / "results.jsonl", folder / "work"
        self.reported: list[str] = []

    def __call__(self, *runs: Run, **options: int) -> list[Run]:
        return run_sweep(
            runs,
            [sys.executable, str(self.program)],
            results=self.results,
            work=self.work,
            report=self.reported.append,
            **options,
        )

    @property
    def starts(self) -> list[str]:
        return self.starts_file.read_text().split() if self.starts_file.is_file() else []

    @property
    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.results.read_text().splitlines()]


@pytest.fixture
def trial(tmp_path):
    return Trial(tmp_path)


def test_every_row_has_its_first_seed_before_any_has_its_second():
    runs = [run("a", 1), run("a", 2), run("b", 1), run("b", 2), run("c", 2)]
    names = [one.name for one in in_turns(runs)]
    assert names == ["a_seed1", "b_seed1", "c_seed2", "a_seed2", "b_seed2"]


def test_two_runs_of_one_name_are_an_error():
    with pytest.raises(ValueError, match="a_seed1"):
        in_turns([run("a", x=1), run("a", x=2)])


def test_a_row_must_do_as_a_file_name():
    with pytest.raises(ValueError, match="Received: 'a/b'"):
        run("a/b")


def test_a_run_leaves_a_line(trial):
    assert trial(run("a", 3, width=8), threads=2) == []
    (line,) = trial.lines
    assert (line["name"], line["row"], line["seed"]) == ("a_seed3", "a", 3)
    assert line["settings"] == {"width": 8}
    assert line["scores"] == {"flat_exact_match": 53.0}
    assert line["threads"] == "2"
    assert line["attempts"] == 1
    assert line["seconds"] >= 0
    assert line["stamp"]["commit"]


def test_paths_of_inputs_are_not_recorded(trial):
    trial(Run(row="a", seed=1, settings={}, inputs={"data": "/somewhere"}))
    assert "/somewhere" not in trial.results.read_text()


def test_what_is_recorded_is_not_done_again(trial):
    trial(run("a"))
    trial(run("a"), run("b"))
    assert trial.starts == ["a_seed1", "b_seed1"]


def test_other_settings_are_another_run(trial):
    trial(run("a", width=8))
    trial(run("a", width=16))
    assert trial.starts == ["a_seed1", "a_seed1"]
    assert read_records(trial.results)["a_seed1"]["settings"] == {"width": 16}
    assert not is_done(run("a", width=8), read_records(trial.results))


def test_settings_are_compared_as_json():
    records = {"a_seed1": {"settings": {"sizes": [1, 2]}}}
    assert is_done(run("a", sizes=(1, 2)), records)


def test_a_failed_run_is_reported_and_the_others_go_on(trial):
    failed = trial(run("a", fail=True), run("b"))
    assert [one.name for one in failed] == ["a_seed1"]
    assert [line["name"] for line in trial.lines] == ["b_seed1"]
    (message,) = [text for text in trial.reported if "failed" in text]
    assert "status 7" in message
    assert "line 99" in message
    assert "line 79\n" not in message


def test_the_log_of_a_former_attempt_is_not_shown_again(trial):
    failing = run("a", fail=True)
    trial(failing)
    (trial.program).write_text("raise SystemExit('new error')", encoding="utf-8")
    trial(failing)
    assert "line 99" not in trial.reported[-1]
    assert "new error" in trial.reported[-1]


@pytest.fixture
def started(trial):
    """A sweep in a process of its own whose only run waits, and that run."""
    code = (
        f"import signal, sys, pathlib; sys.path.insert(0, {str(ROOT)!r})\n"
        # Tests that run in the background of a shell inherit that the signal is ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from benchmarks.sweep import Run, run_sweep\n"
        f"run_sweep([Run(row='a', seed=1, settings={{'wait': True}})], "
        f"[sys.executable, {str(trial.program)!r}], results=pathlib.Path({str(trial.results)!r}), "
        f"work=pathlib.Path({str(trial.work)!r}))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], start_new_session=True, stderr=subprocess.DEVNULL
    )
    waiting = run("a", wait=True)
    checkpoint = waiting.folder(trial.work) / "checkpoint"
    deadline = time.monotonic() + 30
    while not (checkpoint.is_file() and checkpoint.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    yield process, waiting
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_an_interrupted_sweep_ends_its_runs_and_goes_on_later(trial, started):
    process, waiting = started
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) != 0
    assert trial(waiting) == []  # nothing holds the lock any more
    (line,) = trial.lines
    assert (line["before"], line["attempts"]) == (1, 2)


def test_runs_that_a_killed_sweep_left_behind_are_not_met(trial, started):
    process, waiting = started
    process.kill()
    process.wait()
    with pytest.raises(SweepError, match="left behind"):
        trial(waiting)
    assert trial.starts == ["a_seed1"]


def test_a_record_that_a_killed_sweep_did_not_take_is_taken(trial):
    trial(run("a"))
    trial.results.unlink()
    trial(run("a"))
    assert trial.starts == ["a_seed1"]
    assert [line["name"] for line in trial.lines] == ["a_seed1"]


def test_one_sweep_at_a_time(trial):
    trial.work.mkdir()
    with (trial.work / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(SweepError, match="in use"):
            trial(run("a"))
    assert trial.starts == []


def test_workers_run_at_the_same_time(trial):
    assert trial(run("a", together=2), run("b", together=2), workers=2) == []


def test_progress_tells_the_score_and_the_time_that_is_left(trial):
    trial(run("a"), run("b"))
    assert trial.reported[0] == "2 runs, 0 of them done"
    assert trial.reported[1].startswith("[1/2] a_seed1: exact match 51.0, ")
    assert "left" in trial.reported[1]
    assert "left" not in trial.reported[2]


def test_patterns_choose_runs():
    runs = [run("labels"), run("soft"), run("soft", 2)]
    assert [one.name for one in select(runs, ["soft*"])] == ["soft_seed1", "soft_seed2"]
    assert select(runs, []) == runs


def test_a_pattern_without_a_run_is_an_error():
    with pytest.raises(SweepError, match="labels_seed1"):
        select([run("labels")], ["hard*"])


def test_a_damaged_line_is_named(trial):
    trial.results.write_text('{"name": "a"}\n{"na', encoding="utf-8")
    with pytest.raises(ValueError, match="line 2"):
        read_records(trial.results)


def test_the_command_says_what_it_needs(capsys):
    command = distillation.configure, distillation.run
    assert run_command("distillation", "", *command, ["--list"]) == 2
    assert capsys.readouterr().err.startswith("distillation: --data and --teacher must be given")


def test_the_command_has_the_flags_of_all_sweeps(capsys):
    command = distillation.configure, distillation.run
    assert run_command("distillation", "", *command, ["--help"]) == 0
    told = capsys.readouterr().out
    for flag in ("--only", "--workers", "--threads", "--list", "--student_config"):
        assert flag in told


@pytest.mark.parametrize(
    "path",
    [
        path
        for room in ("benchmarks", "recipes")
        for path in sorted((ROOT / room).glob("*.py"))
        if "\ndef configure(" in path.read_text(encoding="utf-8")
    ],
    ids=lambda path: path.stem,
)
def test_every_command_of_measuring_shows_its_flags(path, capsys):
    module = importlib.import_module(f"{path.parent.name}.{path.stem}")
    assert f'"python -m {module.__name__}"' in path.read_text(encoding="utf-8")
    command = module.configure, module.run
    assert run_command(module.__name__, module.__doc__, *command, ["--help"]) == 0
    assert "--help" in capsys.readouterr().out
