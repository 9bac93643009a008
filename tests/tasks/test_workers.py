"""Work in several processes: one that is killed ends the work instead of leaving it waiting."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import pytest

from pqrnn_tf.tasks import workers
from pqrnn_tf.tasks.workers import run_watched, run_works


def sleeper(place: pathlib.Path) -> subprocess.Popen[bytes]:
    """A process that has signed in and waits."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (place / str(process.pid)).touch()
    return process


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(workers, "_WATCH_SECONDS", 0.02)


def test_a_process_that_is_killed_ends_the_work_and_the_others(tmp_path):
    """Beam waits for it for ever."""
    one, other = sleeper(tmp_path), sleeper(tmp_path)
    one.kill()
    one.wait()
    with pytest.raises(RuntimeError, match="one that was killed, .* with fewer `workers`"):
        run_watched(threading.Event().wait, tmp_path)
    assert other.wait(30) == -signal.SIGTERM


def test_processes_that_live_are_waited_for_and_errors_are_passed_on(tmp_path):
    (tmp_path / str(os.getpid())).touch()
    run_watched(lambda: time.sleep(0.1), tmp_path)
    with pytest.raises(ZeroDivisionError):
        run_watched(lambda: 1 / 0, tmp_path)


@pytest.mark.large
def test_a_worker_of_beam_that_is_killed_ends_the_work():
    class Dying:
        """Kills its process in one of its parts. Other processes get a class of a function by value."""

        def setup(self) -> None:
            pass

        def process(self, work: int) -> None:
            if work == 2:
                os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(RuntimeError, match="one that was killed"):
        run_works([1, 2, 3], Dying(), workers=2)
