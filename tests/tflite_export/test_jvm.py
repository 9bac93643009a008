"""The Java library: its generated files equal what Python gives now, and its own tests pass."""

from __future__ import annotations

import importlib.util
import json
import pathlib
import shutil
import subprocess
import types

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ANDROID = ROOT / "tflite_export" / "android"


def load_script(path: pathlib.Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def golden() -> types.ModuleType:
    return load_script(pathlib.Path(__file__).with_name("make_jvm_golden.py"))


def test_golden_parses_are_those_of_python(golden):
    committed = json.loads(golden.PARSES.read_text(encoding="utf-8"))
    now = golden.parses(golden.MODEL, golden.TEXTS)
    # Another processor may round the last bits of a score differently.
    scores = [(a.pop("score"), b.pop("score")) for a, b in zip(committed, now, strict=True)]
    assert committed == now
    assert all(a == pytest.approx(b, abs=1e-5) for a, b in scores)


def test_golden_parses_cover_astral_characters_before_slots_and_cuts(golden):
    rows = json.loads(golden.PARSES.read_text(encoding="utf-8"))
    assert any(
        slot[1] > len(row["text"][: row["text"].find(slot[3])])
        for row in rows
        for slot in row["slots"]
    )
    assert {row["truncated"] for row in rows} == {True, False}
    assert any(not row["intent"] for row in rows)


def test_character_table_is_that_of_python():
    script = load_script(ANDROID / "make_character_table.py")
    assert script.PATH.read_text(encoding="utf-8") == script.source()


def run_maven(*arguments: str) -> None:
    """Runs the Java tests, without the network if all archives are there already."""
    maven = shutil.which("mvn")
    if maven is None:
        pytest.skip("no mvn: install Maven and a JDK of at least version 11")
    command = [maven, "-q", "-B", "test", *arguments]
    for mode in (["--offline"], []):
        result = subprocess.run(
            [*command, *mode], cwd=ANDROID, capture_output=True, text=True, check=False
        )
        if result.returncode == 0 or "offline" not in result.stdout:
            break
    assert result.returncode == 0, result.stdout[-4000:]


@pytest.mark.large
def test_java_tests_pass():
    run_maven()


@pytest.mark.large
def test_java_tests_pass_with_the_json_library_of_the_jvm():
    run_maven("-Pjson-java")


@pytest.mark.large
@pytest.mark.parametrize("name", ["mtop_en_2mb"])
def test_java_parses_of_a_pretrained_model_equal_python(name, golden, tmp_path):
    model = ROOT / "pretrained" / name / "model.tflite"
    if not model.is_file():
        pytest.skip(f"no pretrained model {name!r}")
    from pqrnn_tf.datasets.grammar import generate

    texts = [f"🙂 {row.text}" for row in generate(300, language="en", seed=8)]
    expected = tmp_path / "expected.json"
    expected.write_text(json.dumps(golden.parses(model, texts)), encoding="utf-8")
    run_maven(
        "-Dtest=BytedecoRuntimeTest", f"-Dpqrnn.model={model}", f"-Dpqrnn.expected={expected}"
    )
