"""The C++ core alone, compiled with sanitizers: golden cases and random bytes."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest
from native_sources import (
    CC,
    HEADER_SOURCES,
    ROOT,
    SANITIZED,
    TESTS,
    compiler,
    load_script,
    write_tables,
)

from pqrnn_tf.runtime.spec import VERSIONS


@pytest.fixture(scope="module")
def include(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with the generated header."""
    return write_tables(tmp_path_factory.mktemp("include"))


def test_core_under_sanitizers(include, tmp_path):
    binary = tmp_path / "projection_core_test"
    sources = [TESTS / "projection_core_test.cc", CC / "projection_core.cc"]
    includes = [f"-I{ROOT}", f"-I{include}"]
    subprocess.run([*compiler(), *SANITIZED, *includes, *sources, "-o", binary], check=True)
    cases, folding = tmp_path / "cases.tsv", tmp_path / "folding.tsv"
    script = load_script(TESTS / "write_cases.py")
    script.write_folding(ROOT / "tests" / "golden" / "folding_v2.json", folding)
    for version in VERSIONS:
        golden = ROOT / "tests" / "golden" / f"projection_v{version}.jsonl"
        script.write_cases(golden, cases)
        command = [binary, cases, folding, "200"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        assert "all passed" in result.stdout


def test_header_needs_tables_of_the_same_versions():
    script = load_script(CC / "embed_table.py")
    spec = script.load_module(CC.parent.parent / "runtime" / "spec.py")
    with pytest.raises(ValueError, match="characters must be of version 1.*Received: version 2"):
        script.render(spec, {"version": 2}, {"version": 2})
    with pytest.raises(ValueError, match="folding must be of version 2.*Received: version 1"):
        script.render(spec, {"version": 1}, {"version": 1})


def test_header_is_the_same_each_time(include, tmp_path):
    # As a script, in a fresh process, as Bazel runs it.
    again = tmp_path / "tables.h"
    command = [sys.executable, "-S", CC / "embed_table.py", *HEADER_SOURCES, again]
    subprocess.run(command, check=True)
    header = include / "pqrnn_tf" / "projection" / "cc" / "projection_tables.h"
    assert again.read_bytes() == header.read_bytes()
