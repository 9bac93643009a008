"""Export with activations of 8 bits: integers where they should be, and hardly other parses."""

from __future__ import annotations

import pathlib
import subprocess
import sys
from collections import Counter

import pytest
from ai_edge_litert import schema_py_generated as schema

from pqrnn_tf.datasets.making.grammar import write_mtop_folder
from pqrnn_tf.runtime import Parser
from pqrnn_tf.runtime.metadata import read_metadata
from pqrnn_tf.tasks.scoring import score_file
from tests.tiny_models import DEV, TRAIN
from tflite_export import convert
from tflite_export.parity import compare

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TEXTS = [row.text for row in TRAIN]


@pytest.fixture(scope="module")
def path(tiny, tmp_path_factory):
    target = tmp_path_factory.mktemp("int8") / "model.tflite"
    convert(tiny[0], path=target, quantization="int8", calibration=TEXTS, short_texts=())
    return target


def operations(content: bytes) -> Counter[tuple[str, str, str]]:
    """How often each operation is in the first graph, with the types of what goes in and out."""
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    names = {value: name for name, value in vars(schema.BuiltinOperator).items()}
    types = {value: name for name, value in vars(schema.TensorType).items()}
    (graph,) = model.subgraphs
    counts: Counter[tuple[str, str, str]] = Counter()
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        name = names[max(code.builtinCode, code.deprecatedBuiltinCode)]
        ends = (operator.inputs[-1 if name == "SPLIT" else 0], operator.outputs[0])
        counts[(name, *(types[graph.tensors[end].type] for end in ends))] += 1
    return counts


def test_products_and_gates_are_of_integers(path, tiny):
    counts = operations(path.read_bytes())
    # The bottleneck, two directions of two layers, and the heads of intents and tags, the latter for states
    # and for the pooled state.
    heads = 5 if tiny[0].labels.nested else 3
    assert counts["FULLY_CONNECTED", "INT8", "INT8"] == 1 + 4 + heads
    assert counts["TANH", "INT8", "INT8"] == 4
    assert counts["LOGISTIC", "INT8", "INT8"] == 8
    assert not counts["TANH", "FLOAT32", "FLOAT32"] + counts["LOGISTIC", "FLOAT32", "FLOAT32"]


def test_the_projection_stays_exact(path, tiny):
    report = compare(tiny[0], Parser(path), [row.text for row in DEV])
    assert report.same_spans == 1.0
    assert report.same_parse > 0.9
    assert report.largest_difference < report.tolerance


def test_exact_match_is_that_of_floats(path, tiny):
    ours, floats = score_file(path, DEV), score_file(tiny[1] / "model.keras", DEV)
    # 80 rows: a row is 1.25 %.
    assert ours.flat_exact_match > floats.flat_exact_match - 3
    assert ours.intent_accuracy > floats.intent_accuracy - 3


def test_the_file_says_what_it_is(path):
    assert read_metadata(path).quantization == "int8"


def test_the_model_is_as_before(tiny, path):
    before = operations(convert(tiny[0], quantization="int8_weights", short_texts=()))
    assert before["TANH", "FLOAT32", "FLOAT32"] == 4
    assert not any(operation[1] == "INT8" and operation[0] == "TANH" for operation in before)


def export(tiny, *options: object) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "tflite_export.export", "--model", tiny[1] / "model.keras"]
    return subprocess.run(
        list(map(str, [*line, *options])), cwd=ROOT, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    "options",
    [{"quantization": "int8"}, {"quantization": "int8_weights", "calibration": ["a"]}],
)
def test_calibration_is_for_int8_and_needed_there(tiny, options):
    with pytest.raises(ValueError, match="`calibration` must be texts"):
        convert(tiny[0], **options)


def test_the_command_asks_for_rows_to_calibrate_with(tiny, tmp_path):
    done = export(tiny, "--output", tmp_path / "m.tflite", "--quantization", "int8")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == ("pqrnn export: --quantization int8 needs --calibration")
    assert not (tmp_path / "m.tflite").exists()


@pytest.mark.large
def test_the_command_calibrates_with_training_rows(tiny, tmp_path):
    data = write_mtop_folder(tmp_path / "mtop", languages=["en"], train=32, dev=8, test=2, seed=5)
    options = ["--quantization", "int8", "--calibration", data]
    done = export(tiny, "--output", tmp_path / "m.tflite", *options)
    assert done.returncode == 0, done.stderr[-2000:]
    assert read_metadata(tmp_path / "m.tflite").quantization == "int8"
