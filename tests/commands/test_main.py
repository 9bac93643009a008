"""The command `pqrnn`: its subcommands, their help, and the ends they come to."""

from __future__ import annotations

import errno
import os
import pathlib
import re
import subprocess
import sys
import time

import pytest

from pqrnn_tf.commands.main import COMMANDS
from pqrnn_tf.commands.running import guarded

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def shell(line: str, **options) -> subprocess.CompletedProcess[bytes]:
    """Runs a line of bash in which `pqrnn` is the command."""
    function = f'pqrnn() {{ "{sys.executable}" -m pqrnn_tf "$@"; }}; '
    command = ["bash", "-c", function + line]
    return subprocess.run(command, cwd=ROOT, capture_output=True, **options)


def test_the_overview_names_every_command_with_a_sentence(call):
    done = call()
    assert done.code == 0 and call("--help").out == done.out
    for name in COMMANDS:
        assert re.search(rf"^  {name} +[A-Z].*\.$", done.out, re.MULTILINE), name


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help_for_newcomers(call, command):
    done = call(command, "--help")
    assert done.code == 0 and not done.err
    assert done.out.startswith(f"usage: pqrnn {command} ")
    assert re.search(rf"^    .*\bpqrnn {command}\b", done.out, re.MULTILINE), "no example"
    flags = set(re.findall(r"^  --(\w+)", done.out, re.MULTILINE))
    assert flags and "helpfull" not in flags and "alsologtostderr" not in flags


@pytest.mark.parametrize("command", COMMANDS)
def test_the_old_doors_lead_to_the_same_commands(command):
    package = "tflite_export" if command == "export" else "pqrnn_tf"
    door = ROOT / package / f"{command}.py"
    if not door.is_file():
        assert command not in ("train", "distill", "finetune", "label", "evaluate", "predict")
        return
    assert f'main(["{command}", *sys.argv[1:]])' in door.read_text(encoding="utf-8")


def test_an_unknown_command(call):
    done = call("trian")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("pqrnn: there is no command 'trian'; there are ")
    assert done.err.count("\n") == 1


def test_the_version(call):
    import pqrnn_tf

    assert call("--version").out == f"pqrnn {pqrnn_tf.__version__}\n"


def test_parsing_starts_without_tensorflow_absl_and_quickly(tiny):
    code = (
        "import sys; from pqrnn_tf.commands.main import main\n"
        "main(['predict', '--model', sys.argv[1]])\n"
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras', 'absl')))"
    )
    # The floor: Python itself and the two packages that parsing needs.
    floor = "import numpy, ai_edge_litert.interpreter"
    seconds: dict[str, list[float]] = {code: [], floor: []}
    for _ in range(3):
        for script, times in seconds.items():
            start = time.perf_counter()
            line = [sys.executable, "-c", script, str(tiny[2])]
            subprocess.run(line, cwd=ROOT, input=b"stop\n", capture_output=True, check=True)
            times.append(time.perf_counter() - start)
    assert min(seconds[code]) < 4 * min(seconds[floor])


def test_a_reader_that_stops_reading(tiny):
    done = shell(f"yes stop it | pqrnn predict --model {tiny[2]} | head -n 1")
    assert done.stdout.count(b"\n") == 1 and b'"text": "stop it"' in done.stdout
    assert b"Traceback" not in done.stderr and b"Broken" not in done.stderr


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("pqrnn predict --model MODEL <&-", "pqrnn predict: standard input is closed"),
        ("echo a | pqrnn predict --model MODEL >&-", "pqrnn predict: standard output is closed"),
        ("echo a | pqrnn predict --model MODEL >/dev/full", "standard output: No space left"),
        ("pqrnn models >/dev/full", "pqrnn models: standard output: No space left on device"),
    ],
)
def test_closed_and_full_streams_are_one_line(tiny, line, message):
    done = shell(line.replace("MODEL", str(tiny[2])))
    said = [line for line in done.stderr.decode().splitlines() if not line.startswith("INFO: ")]
    assert done.returncode == 1
    assert len(said) == 1 and message in said[0]


def test_an_extra_that_is_not_installed_is_named(tmp_path):
    (tmp_path / "tensorflow.py").write_text("raise ImportError('no tensorflow')")
    rows = tmp_path / "rows.csv"
    rows.write_text("text,intent\n")
    done = shell(f"PYTHONPATH={tmp_path} pqrnn train {rows} --output {tmp_path}/out")
    assert done.returncode == 1 and not (tmp_path / "out").exists()
    assert done.stderr.decode().splitlines() == [
        "pqrnn train: This needs `tensorflow`, which could not be imported (no tensorflow). Install the extra: "
        'pip install "pqrnn-tf[train]"'
    ]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (os.strerror(errno.ENOSPC), "No space left on device"),
        (
            "Can't write data (filename = 'a.h5',\n errno = 28)",
            "Can't write data (filename = 'a.h5', errno = 28)",
        ),
    ],
)
def test_a_full_disc_was_said_to_be_a_full_standard_output(capfd, written, told):
    def broken():
        raise OSError(errno.ENOSPC, written)

    assert guarded("pqrnn train", broken) == 1
    assert capfd.readouterr().err == f"pqrnn train: {told}\n"


def test_what_the_package_logs_was_kept_back_with_messages_of_native_code():
    script = (
        "import logging, os\n"
        "from pqrnn_tf.commands.running import log_to_stderr, without_native_messages\n"
        "log_to_stderr()\n"
        "with without_native_messages():\n"
        "    os.write(2, b'native')\n"
        "    logging.getLogger('pqrnn_tf.tasks').info('no calibration: \\u00e9')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True)
    assert done.stderr.decode() == "no calibration: \u00e9\n"
