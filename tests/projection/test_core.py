"""The C++ core alone, compiled with sanitizers: golden cases and random bytes."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import types

import pytest

from tests.conftest import skip_native

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CC = ROOT / "pqrnn_tf" / "projection" / "cc"


def load_script(path: pathlib.Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def include(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with the generated header, at the path that the sources include."""
    folder = tmp_path_factory.mktemp("include")
    load_script(CC / "embed_table.py").write_header(
        CC.parent / "spec.py",
        CC.parent / "unicode_v1.json",
        folder / "pqrnn_tf" / "projection" / "cc" / "projection_tables.h",
    )
    return folder


def test_core_under_sanitizers(include, tmp_path):
    compiler = shlex.split(os.environ.get("CXX", "g++"))
    if shutil.which(compiler[0]) is None:
        skip_native(f"no C++ compiler: {compiler[0]}")
    binary = tmp_path / "projection_core_test"
    sources = [ROOT / "tests/projection/cc/projection_core_test.cc", CC / "projection_core.cc"]
    flags = [
        *("-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror"),
        *("-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
    ]
    subprocess.run(
        [*compiler, *flags, f"-I{ROOT}", f"-I{include}", *sources, "-o", binary], check=True
    )
    cases = tmp_path / "cases.tsv"
    load_script(ROOT / "tests/projection/cc/write_cases.py").write_cases(
        ROOT / "tests" / "golden" / "projection_v1.jsonl", cases
    )
    result = subprocess.run([binary, cases, "200"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "all passed" in result.stdout


def test_header_needs_a_table_of_the_same_version():
    script = load_script(CC / "embed_table.py")
    spec = script.load_module(CC.parent / "spec.py")
    with pytest.raises(ValueError, match="must be of version 1.*Received: version 2"):
        script.render(spec, {"version": 2})


def test_header_is_the_same_each_time(include, tmp_path):
    # As a script, in a fresh process, as Bazel runs it.
    again = tmp_path / "tables.h"
    command = [sys.executable, "-S", CC / "embed_table.py", CC.parent / "spec.py"]
    subprocess.run([*command, CC.parent / "unicode_v1.json", again], check=True)
    header = include / "pqrnn_tf" / "projection" / "cc" / "projection_tables.h"
    assert again.read_bytes() == header.read_bytes()
