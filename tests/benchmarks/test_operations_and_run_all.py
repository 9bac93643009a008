"""The parts of the benchmarks that can be wrong without anybody seeing it in the numbers."""

from __future__ import annotations

import os
import pathlib
import re
import sys
import time

import numpy as np
import pytest

from benchmarks.intent import LABEL, SETTINGS, fasttext_systems, words_of
from benchmarks.operations import NOTHING, WHOLE, cut, record_values, runner
from benchmarks.run_all import STAGES, TAKE_A_VOCABULARY, run_stage, run_stages
from pqrnn_tf.runtime.presets import model_file
from pqrnn_tf.runtime.text import code_points_array

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def parts():
    return cut(model_file("mtop_en_1mb").read_bytes(), "parse_8")


@pytest.fixture(scope="module")
def value_of(parts):
    from ai_edge_litert.interpreter import Interpreter

    shape = Interpreter(model_content=parts[0][WHOLE]).get_input_details()[0]["shape"]
    buffer = np.zeros(shape, np.int32)
    points = code_points_array("wake me at 7")
    buffer[0, : len(points)] = points
    return record_values(parts[0][WHOLE], buffer)


def test_every_operation_is_in_one_part(parts):
    counts = dict(parts[1])
    assert counts.pop(NOTHING) == 0
    assert counts.pop(WHOLE) == sum(counts.values()) > 300
    assert set(parts[0]) == {WHOLE, NOTHING, *counts}


@pytest.mark.parametrize("kind", ["FULLY_CONNECTED", "STRIDED_SLICE", "MUL", "SCATTER_ND", "PAD"])
def test_a_part_computes_what_the_whole_graph_computes(parts, value_of, kind):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=parts[0][kind])
    interpreter.allocate_tensors()
    for detail in interpreter.get_input_details():
        interpreter.set_tensor(detail["index"], value_of(detail["name"]))
    interpreter.invoke()
    compared = 0
    for detail in interpreter.get_output_details():
        expected = value_of(detail["name"])
        # Delegated products differ in the last digits of what they quantise.
        np.testing.assert_allclose(interpreter.get_tensor(detail["index"]), expected, atol=0.05)
        compared += 1
    assert compared >= parts[1][kind]


def test_the_empty_graph_runs(parts, value_of):
    runner(parts[0][NOTHING], value_of)(None)


def test_an_unknown_signature_is_refused():
    with pytest.raises(ValueError, match=r"one of \['parse', .*'parse_9'"):
        cut(model_file("mtop_en_1mb").read_bytes(), "parse_9")


def test_words_for_fasttext():
    assert words_of("Rob's at 7:30, OK?") == "rob ' s at 7 : 30 , ok ?"


def test_fasttext_learns_a_word(tmp_path):
    pytest.importorskip("fasttext")
    # With few words and little training, fastText's quantisation finds NaN.
    rows = [
        row for i in range(300) for row in ((f"Play song {i}", "PLAY"), (f"Stop it {i}", "STOP"))
    ]
    classifiers, known = fasttext_systems(tmp_path, rows, SETTINGS)
    assert {classify("please play") for classify in classifiers.values()} == {"PLAY"}
    assert (tmp_path / "train.txt").read_text().startswith(f"{LABEL}PLAY play song 0\n")
    assert known["fasttext"]["bytes"] > known["fasttext_quantized"]["bytes"] > 0


def test_every_stage_has_results_in_the_document_and_a_module():
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert set(re.findall(r"<!-- stamp: (\w+)/stamp -->", page)) == {*STAGES, "run_all"}
    assert set(TAKE_A_VOCABULARY) <= set(STAGES)
    for module, *_ in STAGES.values():
        assert (ROOT / (module.replace(".", "/") + ".py")).is_file()


def test_stages_share_the_time():
    wait = [sys.executable, "-c", "import time; time.sleep(30)"]
    fail = ["sh", "-c", "exit 3"]  # begins at once, on a busy machine too
    begin = time.monotonic()
    took, failed = run_stages({"a": ["true"], "b": fail, "c": wait, "d": ["true"]}, 1.0)
    assert time.monotonic() - begin < 10
    assert list(took) == ["a"]
    assert failed["b"] == "it ended with code 3"
    assert "did not end" in failed["c"]
    assert failed["d"] == "no time was left"


def test_a_stage_takes_its_children_with_it(tmp_path):
    child = f"import os, pathlib, time; pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))"
    child += "; time.sleep(30)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert run_stage([sys.executable, "-c", parent], 2.0)
    process = int((tmp_path / "pid").read_text())
    for _ in range(50):
        state = pathlib.Path(f"/proc/{process}/stat")
        if not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return
        time.sleep(0.1)
    os.kill(process, 9)
    pytest.fail("the child of a stage outlived it")
