"""The Java library: its generated files equal what Python gives now, and its own tests pass."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import math
import pathlib
import shutil
import subprocess
import types
from typing import Any

import pytest
from ai_edge_litert.interpreter import Interpreter

from pqrnn_tf.datasets.making.grammar import generate
from pqrnn_tf.runtime.metadata import read_metadata, read_model, replace_metadata
from tests.odd_texts import odd_texts
from tests.parse_margins import ROUNDING
from tests.tflite_export import make_jvm_golden

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ANDROID = ROOT / "tflite_export" / "android"


def load_script(path: pathlib.Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def golden() -> types.ModuleType:
    return make_jvm_golden


@pytest.fixture(scope="module")
def rows(golden) -> dict[str, list[dict[str, Any]]]:
    """The committed parses with each model."""
    return {model.name: read(golden, model)["parses"] for model in golden.MODELS}


def read(golden, model) -> dict[str, Any]:
    return json.loads(golden.parses_path(model).read_text(encoding="utf-8"))


def test_golden_parses_are_those_of_python_but_for_near_ties(golden):
    for model in golden.MODELS:
        committed = read(golden, model)
        rounding = committed["rounding"]
        now = golden.parses(model, golden.TEXTS, alternatives=golden.ALTERNATIVES)
        for parse, expected in zip(now, committed["parses"], strict=True):
            # Another processor may round the last bits differently.
            for name in ("margin", "rejection_margin", "score", "intent_score"):
                assert parse.get(name) == pytest.approx(expected.get(name), abs=rounding)
            if parse["tree"] != expected["tree"]:
                assert expected["margin"] < rounding
            else:
                for name in ("text", "truncated", "slots"):
                    assert parse[name] == expected[name]
                if expected.get("rejection_margin", math.inf) >= rounding:
                    assert parse["intent"] == expected["intent"]


def test_most_golden_parses_are_no_near_ties(golden):
    for model in golden.MODELS:
        committed = read(golden, model)
        ties = [row["text"] for row in committed["parses"] if is_near_tie(row, committed)]
        assert len(ties) < 0.3 * len(golden.TEXTS), ties


def test_the_golden_model_of_few_rows_has_a_bag_head_and_rejects(golden, rows):
    """A product of matrices that other models lack; other runtimes must have it too."""
    content, metadata = read_model(golden.RESOURCES / "tiny_few.tflite")
    interpreter = Interpreter(model_content=content)
    assert "BATCH_MATMUL" in {op["op_name"] for op in interpreter._get_ops_details()}
    assert metadata.spec.version == 2 and metadata.calibration and metadata.rejection
    rejected = [row["intent"] is None for row in rows["tiny_few.tflite"]]
    assert any(rejected) and not all(rejected)


def is_near_tie(row: dict[str, Any], file: dict[str, Any]) -> bool:
    return row.get("margin", math.inf) < file["rounding"]


def test_golden_parses_cover_astral_characters_before_slots_and_cuts(rows):
    for parses in rows.values():
        assert any(
            slot[1] > len(row["text"][: row["text"].find(slot[3])])
            for row in parses
            for slot in row["slots"]
        )
        assert {row["truncated"] for row in parses} == {True, False}
        assert any(not row["intent"] for row in parses)


def test_one_model_has_plain_slots_and_one_has_trees(golden, rows):
    labels = [read_metadata(model).labels for model in golden.MODELS]
    assert not labels[0].nested and labels[1].nested
    plain, trees, _ = ([row["tree"].count("[IN:") for row in parses] for parses in rows.values())
    assert max(plain) == 1 and sum(count > 1 for count in trees) >= 3


def test_the_converter_numbers_outputs_in_the_order_of_their_names(golden):
    """`InterpreterRuntime` tells the logits of nested slots from those of slots by that."""
    for model in golden.MODELS:
        interpreter = Interpreter(model_path=str(model))
        by_name = interpreter.get_signature_runner("parse").get_output_details()
        numbered = sorted(details["name"] for details in interpreter.get_output_details())
        assert numbered == [by_name[name]["name"] for name in sorted(by_name)]


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
def test_java_parses_of_odd_texts_equal_python_but_for_near_ties(golden, tmp_path):
    model, tiny = next((path, tiny) for path, tiny in golden.MODELS.items() if tiny.nested_weight)
    expected = tmp_path / "expected.json"
    texts = list(odd_texts(150))
    expected.write_text(golden.content(model, texts, tiny.rounding, alternatives=2), "utf-8")
    file = json.loads(expected.read_text(encoding="utf-8"))
    assert sum(is_near_tie(row, file) for row in file["parses"]) < 0.3 * len(texts)
    run_maven(
        "-Dtest=BytedecoRuntimeTest",
        f"-Dpqrnn.model={model}",
        f"-Dpqrnn.expected={expected}",
    )


@pytest.mark.large
@pytest.mark.parametrize("name", ["mtop_en_2mb"])
def test_java_parses_of_a_pretrained_model_equal_python_but_for_near_ties(name, golden, tmp_path):
    published = ROOT / "pretrained" / name / "model.tflite"
    if not published.is_file():
        pytest.skip(f"no pretrained model {name!r}")
    # A calibration has steps, at which a small difference of logits is a large one of scores.
    model = tmp_path / "model.tflite"
    raw = dataclasses.replace(read_metadata(published), calibration=None)
    model.write_bytes(replace_metadata(published.read_bytes(), raw))
    texts = [f"🙂 {row.text}" for row in generate(300, language="en", seed=8)]
    expected = tmp_path / "expected.json"
    expected.write_text(golden.content(model, texts, ROUNDING), encoding="utf-8")
    file = json.loads(expected.read_text(encoding="utf-8"))
    assert sum(is_near_tie(row, file) for row in file["parses"]) < 0.1 * len(texts)
    run_maven(
        "-Dtest=BytedecoRuntimeTest",
        f"-Dpqrnn.model={model}",
        f"-Dpqrnn.expected={expected}",
    )
