import os
import signal
import subprocess
import sys
import time

import pytest

PIPELINE = """
import os, pathlib, sys, time
from pqrnn_tf.tasks.workers import run_works

class Sleeper:
    def setup(self):
        pass

    def process(self, work):
        pathlib.Path(work).write_text(str(os.getpid()))
        time.sleep(300)

run_works([sys.argv[1]], Sleeper(), workers=1)
"""
LONGEST = 60


def until(condition):
    """Waits for a condition; returns whether it came."""
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.2)
    return False


def is_gone(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    # A child that has ended stays in the table until it is waited for.
    with open(f"/proc/{process}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_killed_run_takes_the_processes_of_its_workers_along(tmp_path):
    """A killed `pqrnn label` left its worker behind, which went on with a core of its own."""
    note, script = tmp_path / "process", tmp_path / "pipeline.py"
    script.write_text(PIPELINE)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.Popen([sys.executable, str(script), str(note)], env=environment)
    try:
        assert until(lambda: note.is_file() and note.read_text())
        worker = int(note.read_text())
        assert worker != run.pid and not is_gone(worker)
    finally:
        run.kill()
        run.wait()
    gone = until(lambda: is_gone(worker))
    if not gone:
        os.kill(worker, signal.SIGKILL)
    assert gone


def test_a_process_stays_while_the_other_is_there():
    code = "import os, time\nfrom pqrnn_tf.tasks.workers import end_with\nend_with(os.getppid())\ntime.sleep(2.5)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
