"""The projection core on 64-bit ARM: compiled for it, run in an emulator, compared bit for bit with the op.

    python -m benchmarks.arm_projection

Needs Debian's g++-aarch64-linux-gnu and qemu-user-static and the compiled op. Ten thousand texts: the
golden file's, sentences of every corpus in `../shared/data/commonvoice` where it is there, and random
Unicode, a tenth of it ill-formed.
"""

from __future__ import annotations

import itertools
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

import numpy as np

from benchmarks.records import CORPORA, ROOT, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command

SENTENCES_OF_A_CORPUS = 500
BATCH = 250


def texts(count: int) -> tuple[list[bytes], dict[str, int]]:
    """The texts, and how many are of which kind."""
    from tests.projection.random_texts import random_texts

    golden = (ROOT / "tests" / "golden" / "projection_v1.jsonl").read_text(encoding="utf-8")
    found = {"golden": [bytes.fromhex(json.loads(row)["text_hex"]) for row in golden.splitlines()]}
    found["corpora"] = []
    for path in sorted((CORPORA / "commonvoice").glob("*.txt")):
        with path.open("rb") as file:
            lines = itertools.islice(file, SENTENCES_OF_A_CORPUS)
            found["corpora"] += [line.rstrip(b"\r\n") for line in lines]
    given = sum(map(len, found.values()))
    found["random"] = random_texts(7, max(0, count - given), longest=40)
    chosen = [row for kind in found.values() for row in kind][:count]
    return chosen, {name: len(kind) for name, kind in found.items()}


def compile_program(folder: pathlib.Path, compiler: str) -> tuple[pathlib.Path, list[str]]:
    """The program for ARM, and the command that made it."""
    cc = ROOT / "pqrnn_tf" / "projection" / "cc"
    header = folder / "include" / "pqrnn_tf" / "projection" / "cc" / "projection_tables.h"
    tables = [
        cc.parent.parent / "runtime" / name
        for name in ("spec.py", "unicode_v1.json", "folding_v2.json")
    ]
    script = "import sys, pathlib, embed_table; embed_table.write_header(*map(pathlib.Path, sys.argv[1:]))"
    subprocess.run(
        [shutil.which("python3") or "python3", "-c", script, *map(str, [*tables, header])],
        cwd=cc,
        check=True,
    )
    program = folder / "project_texts"
    command = [compiler, "-std=c++17", "-O3", "-DNDEBUG", "-static", "-Wall", "-Werror"]
    sources = [ROOT / "benchmarks" / "cc" / "project_texts.cc", cc / "projection_core.cc"]
    includes = [f"-I{ROOT}", f"-I{folder / 'include'}"]
    subprocess.run([*command, *includes, *map(str, sources), "-o", str(program)], check=True)
    return program, command


def by_op(rows: Sequence[bytes]) -> list[bytes]:
    """What the program must write for each text, from TensorFlow's op on this machine."""
    import tensorflow as tf

    from pqrnn_tf.projection.op import is_available, project_strings
    from pqrnn_tf.runtime import ProjectionSpec

    if not is_available():  # the graph must not stand in for it
        raise SystemExit("The projection op is not compiled. Run `make setup`.")
    outputs = []
    for first in range(0, len(rows), BATCH):
        batch = tf.constant(list(rows[first : first + BATCH]))
        features, lengths, spans, truncated = (
            value.numpy() for value in project_strings(batch, ProjectionSpec())
        )
        for i, length in enumerate(lengths):
            head = np.array([length, truncated[i]], "<u4").tobytes()
            outputs.append(
                head + spans[i, :length].astype("<i4").tobytes() + features[i, :length].tobytes()
            )
    return outputs


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("texts", "How many texts to compare.", type=int, default=10_000)
    parser.flag("compiler", "Cross compiler.", default="aarch64-linux-gnu-g++", metavar="PROGRAM")
    parser.flag("emulator", "Runs the program.", default="qemu-aarch64-static", metavar="PROGRAM")


def run(arguments: Arguments) -> None:
    """Runs the comparison and writes its record."""
    made = stamp()
    rows, kinds = texts(arguments.texts)
    with tempfile.TemporaryDirectory() as name:
        program, command = compile_program(pathlib.Path(name), arguments.compiler)
        begin = time.perf_counter()
        written = subprocess.run(
            [arguments.emulator, str(program)],
            input="".join(row.hex() + "\n" for row in rows).encode("ascii"),
            capture_output=True,
            check=True,
        ).stdout
        seconds = time.perf_counter() - begin
    expected = by_op(rows)
    position, same, tokens, first_difference = 0, 0, 0, None
    for row, output in zip(rows, expected, strict=True):
        tokens += int.from_bytes(output[:4], "little")
        if written[position : position + len(output)] == output:
            same += 1
        else:
            first_difference = row.hex()
            break  # what follows is not aligned any more
        position += len(output)
    identical = same == len(rows) and position == len(written)
    versions = {
        name: subprocess.run(
            [tool, "--version"], capture_output=True, text=True, check=True
        ).stdout.splitlines()[0]
        for name, tool in (("compiler", arguments.compiler), ("emulator", arguments.emulator))
    }
    results = {
        "texts": len(rows),
        "texts_by_kind": kinds,
        "tokens": tokens,
        "bytes_compared": position,
        "texts_identical_before_the_first_difference": same,
        "first_difference": first_difference,
        "identical": identical,
        "seconds_in_the_emulator": round(seconds, 1),
        "command": " ".join(command),
        "tools": versions,
    }
    path = write_results("arm_projection", results, made)
    print(json.dumps(results, indent=1))
    print(f"written: {path.relative_to(ROOT)}")
    if not identical:
        raise SystemExit(1)


if __name__ == "__main__":
    sys.exit(
        run_command("python -m benchmarks.arm_projection", __doc__, configure, run, sys.argv[1:])
    )
