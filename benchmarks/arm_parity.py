"""The same .tflite in ai-edge-litert on 64-bit ARM (in an emulator) and on this machine.

    dpkg --add-architecture arm64 && apt-get update          # once
    apt-get install qemu-user-static                         # once
    python -m benchmarks.arm_parity --model pretrained/mtop_en_2mb/model.tflite

The first run fetches Debian's Python 3.11 for arm64 and the aarch64 wheels of ai-edge-litert and numpy
into `build/arm64`; nothing is installed. Parses MTOP's English development utterances on both sides and
counts equal parses (intent, slots with offsets, tree). The versions of both runtimes are the same.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence

from benchmarks.records import ROOT, mtop_texts, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command

TARGET = 0.995
SCORES = ("score", "intent_score")
"""Numbers of a parse that may differ in their last digits."""
PROCESSOR = "neoverse-n1"
DEBIAN = (
    *("libc6", "python3.11", "python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib"),
    *("zlib1g", "libexpat1", "libffi8", "libssl3", "libbz2-1.0", "liblzma5", "libsqlite3-0"),
    *("libuuid1", "libgcc-s1", "libstdc++6", "libgomp1"),
)
WHEEL_TAGS = ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux2014_aarch64")

# The runtime asks /proc/cpuinfo which processor it has, and crashes in the emulator where that shows
# the host's. This is the emulated one.
CPUINFO = """\
processor\t: 0
BogoMIPS\t: 100.00
Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x3
CPU part\t: 0xd0c
CPU revision\t: 1

"""

PARSE = """\
import json, platform, sys
from pqrnn_tf.runtime.parser import Parser
parser = Parser(sys.argv[1])
print(platform.machine())
for line in sys.stdin:
    print(json.dumps(parser.parse(json.loads(line)).to_dict()))
"""


def prepare(folder: pathlib.Path) -> None:
    """Fetches Python and the wheels for ARM, unless they are there."""
    marker = folder / "complete"
    if marker.is_file():
        return
    shutil.rmtree(folder, ignore_errors=True)
    packages, wheels = folder / "packages", folder / "wheels"
    packages.mkdir(parents=True)
    subprocess.run(
        ["apt-get", "download", "-q", *(f"{name}:arm64" for name in DEBIAN)],
        cwd=packages,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    for package in sorted(packages.glob("*.deb")):
        subprocess.run(["dpkg", "-x", str(package), str(folder / "system")], check=True)
    versions = [
        f"{name}=={importlib.metadata.version(name)}" for name in ("ai-edge-litert", "numpy")
    ]
    tags = [part for tag in WHEEL_TAGS for part in ("--platform", tag)]
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:"),
            *("--python-version", "3.11", *tags, "--dest", str(wheels), *versions),
        ],
        check=True,
    )
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / "site")
    (folder / "system" / "proc").mkdir(exist_ok=True)
    (folder / "system" / "proc" / "cpuinfo").write_text(CPUINFO, encoding="ascii")
    marker.touch()


def emulated(folder: pathlib.Path, emulator: str) -> list[str]:
    """The command that starts Python for ARM."""
    system = folder / "system"
    return [
        *(emulator, "-cpu", PROCESSOR, "-L", str(system)),
        *("-E", f"PYTHONHOME={system / 'usr'}", "-E", f"PYTHONPATH={folder / 'site'}:{ROOT}"),
        *("-E", "PYTHONDONTWRITEBYTECODE=1", str(system / "usr" / "bin" / "python3.11")),
    ]


def parse(python: Sequence[str], model: str, texts: Sequence[str]) -> tuple[str, list[str], float]:
    """Machine, parses as JSON lines without their scores, and seconds."""
    begin = time.perf_counter()
    output = subprocess.run(
        [*python, "-c", PARSE, model],
        input="".join(json.dumps(text) + "\n" for text in texts),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ).stdout.splitlines()
    seconds = time.perf_counter() - begin
    return output[0], output[1:], seconds


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag(
        "model", "Model to run.", default="pretrained/mtop_en_2mb/model.tflite", metavar="FILE"
    )
    parser.flag("texts", "How many development utterances to parse.", type=int, default=2235)
    parser.flag(
        "folder",
        "Where Python for ARM is kept.",
        default=str(ROOT / "build" / "arm64"),
        metavar="FOLDER",
    )
    parser.flag("emulator", "Runs the program.", default="qemu-aarch64-static", metavar="PROGRAM")


def run(arguments: Arguments) -> None:
    """Runs the comparison and writes its record."""
    made = stamp()
    folder = pathlib.Path(arguments.folder)
    prepare(folder)
    texts = mtop_texts(arguments.texts)
    machine, here, seconds_here = parse([sys.executable], arguments.model, texts)
    emulated_machine, there, seconds_there = parse(
        emulated(folder, arguments.emulator), arguments.model, texts
    )
    pairs = [(json.loads(a), json.loads(b)) for a, b in zip(here, there, strict=True)]
    scores = [abs(a.pop(name) - b.pop(name)) for a, b in pairs for name in SCORES]
    same = sum(a == b for a, b in pairs)
    results = {
        "model": arguments.model,
        "model_sha256": hashlib.sha256((ROOT / arguments.model).read_bytes()).hexdigest(),
        "machines": [machine, emulated_machine],
        "texts": len(texts),
        "same_parse": same,
        "same_parse_share": round(same / len(texts), 5),
        "target": TARGET,
        "largest_difference_of_scores": max(scores),
        "different_rows": [row for row, (a, b) in enumerate(pairs) if a != b],
        "seconds": [round(seconds_here, 1), round(seconds_there, 1)],
        "emulator": subprocess.run(
            [arguments.emulator, "--version"], capture_output=True, text=True, check=True
        ).stdout.splitlines()[0]
        + f", -cpu {PROCESSOR}",
        "wheels": sorted(path.name for path in (folder / "wheels").glob("*aarch64.whl")),
    }
    path = write_results("arm_parity", results, made)
    print(json.dumps(results, indent=1))
    print(f"written: {path.relative_to(ROOT)}")
    if same < TARGET * len(texts):
        raise SystemExit(1)


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.arm_parity", __doc__, configure, run, sys.argv[1:]))
