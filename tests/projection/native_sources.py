"""What tests of the C++ sources share: where they are, the compiler, the generated header."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import shlex
import shutil
import subprocess
import types
import zipfile

import pytest

from tests.conftest import skip_native

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CC = ROOT / "pqrnn_tf" / "projection" / "cc"
TESTS = ROOT / "tests" / "projection" / "cc"
HEADER_SOURCES = [
    CC.parent.parent / "runtime" / name
    for name in ("spec.py", "unicode_v1.json", "folding_v2.json")
]

TFLITE_ARCHIVE = "org.tensorflow:tensorflow-lite:2.16.1:aar"
"""The last archive of this name that holds headers."""

STRICT = ("-std=c++17", "-Wall", "-Wextra", "-Werror")
SANITIZED = (*STRICT, "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def load_script(path: pathlib.Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compiler() -> list[str]:
    """The command of the C++ compiler; the test is skipped where there is none."""
    command = shlex.split(os.environ.get("CXX", "g++"))
    if shutil.which(command[0]) is None:
        skip_native(f"no C++ compiler: {command[0]}")
    return command


def write_tables(folder: pathlib.Path) -> pathlib.Path:
    """Writes the generated header into a folder, at the path that the sources include."""
    load_script(CC / "embed_table.py").write_header(
        *HEADER_SOURCES,
        folder / "pqrnn_tf" / "projection" / "cc" / "projection_tables.h",
    )
    return folder


def unpack_headers(archive: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """Unpacks the headers of an Android archive; returns the folder to search them in."""
    with zipfile.ZipFile(archive) as content:
        names = [name for name in content.namelist() if name.startswith("headers/")]
        content.extractall(folder, names)
    return folder / "headers"


def fetch(artifact: str, folder: pathlib.Path) -> pathlib.Path:
    """Fetches `group:artifact:version:type[:classifier]` by Maven; skips where there is no Maven."""
    maven = shutil.which("mvn")
    if maven is None:
        pytest.skip("no mvn: install Maven and a JDK of at least version 11")
    goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
    arguments = [f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"]
    subprocess.run([maven, "-q", "-B", goal, *arguments], check=True, cwd=folder)
    (archive,) = folder.glob(f"{artifact.split(':')[1]}-*")
    return archive
