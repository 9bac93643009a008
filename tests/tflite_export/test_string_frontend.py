"""The string front end: what the built-in graph says, by the custom op, in both runtimes."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from pqrnn_tf.projection import op
from pqrnn_tf.projection.definition import project
from pqrnn_tf.runtime import ModelFileError, Parser, read_metadata, tflite_op
from pqrnn_tf.runtime.metadata import Metadata, append_metadata, read_model
from pqrnn_tf.runtime.text import to_bytes
from pqrnn_tf.runtime.tflite_op import TfliteOpError, op_registerer
from tests.tiny_models import DEV
from tflite_export import convert

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

TEXTS = [
    "",
    "   ",
    "wake me at 7pm",
    "wake\0me\0",
    "Écoute l'été 🙂🙂, ตั้งปลุก 7 โมง 明天",
    "a b c d e f g h i",
    "abc " * 23 + "abcdefghij",  # the last token ends beyond the limit of code points
    "abc " * 23 + "abcd",
    "a " * 24,
    "a " * 25,  # one token too many
    "a " * 24 + " " * 200,
    "a " * 24 + " " * 200 + "b",
    "x" * 200,
]


@pytest.fixture(scope="module")
def string_file(tiny, tmp_path_factory):
    path = tmp_path_factory.mktemp("string") / "model.tflite"
    convert(tiny[0], path=path, frontend="string")
    return path


@pytest.fixture(scope="module")
def parser(string_file):
    return Parser(string_file)


@pytest.fixture(scope="module")
def whole(tiny, tmp_path_factory):
    """Parsers of one signature each, by code points and by strings: the same encoder in both."""
    folder = tmp_path_factory.mktemp("whole")
    for frontend in ("code_points", "string"):
        convert(tiny[0], path=folder / frontend, frontend=frontend, short_texts=())
    return Parser(folder / "code_points"), Parser(folder / "string")


def test_signatures_take_a_string(string_file):
    from ai_edge_litert.interpreter import InterpreterWithCustomOps

    interpreter = InterpreterWithCustomOps(
        custom_op_registerers=[op_registerer()], model_path=str(string_file)
    )
    outputs = ["intent", "length", "nested", "slots", "spans", "truncated"]
    ends = {"inputs": ["text"], "outputs": outputs}
    signatures = interpreter.get_signature_list()
    assert signatures == dict.fromkeys(("parse", "parse_8", "parse_14"), ends)
    details = interpreter.get_signature_runner("parse_8").get_input_details()["text"]
    assert details["dtype"] == np.bytes_
    assert details["shape"].tolist() == [1]


def test_the_projection_is_one_custom_op(string_file, tiny):
    def custom_codes(path):
        model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
        return [code.customCode for code in model.operatorCodes if code.customCode]

    assert custom_codes(string_file) == [tflite_op.OP_NAME.encode()]
    assert custom_codes(tiny[2]) == []


@pytest.mark.parametrize("text", TEXTS + [row.text for row in DEV[:8]])
def test_outputs_equal_those_of_the_built_in_graph(whole, text):
    points, string = (parser.logits(text) for parser in whole)
    for name in ("length", "spans"):
        np.testing.assert_array_equal(string[name], points[name])
    length = int(points["length"])
    # The same features enter the same encoder.
    np.testing.assert_array_equal(string["slots"][:length], points["slots"][:length])
    if length:
        np.testing.assert_array_equal(string["intent"], points["intent"])
    assert string["truncated"] == points["truncated"]
    first, second = (parser.parse(text) for parser in whole)
    assert first.to_dict() == second.to_dict()


def test_spans_are_those_of_the_definition(parser):
    for text in TEXTS:
        outputs = parser.logits(text)
        expected = project(to_bytes(text), parser.spec)
        spans = outputs["spans"][: int(outputs["length"])]
        assert spans.tolist() == [list(span) for span in expected.spans], text
        assert outputs["truncated"] == expected.truncated, text


def test_short_texts_take_a_small_signature(parser):
    assert parser.logits("wake me")["slots"].shape[0] == 8
    assert parser.logits("明天早上七点叫醒我好吗")["slots"].shape[0] == 14  # eleven tokens
    assert parser.logits("a " * 20)["slots"].shape[0] == 24


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated")
def test_tensorflows_own_interpreter_gives_the_same(string_file, parser):
    from tensorflow.lite.python.interpreter import InterpreterWithCustomOps

    interpreter = InterpreterWithCustomOps(
        custom_op_registerers=[op_registerer()], model_path=str(string_file)
    )
    texts = [row.text for row in DEV if parser.logits(row.text)["slots"].shape[0] == 8]
    run = interpreter.get_signature_runner("parse_8")
    for text in texts[:8]:
        theirs = run(text=np.array([text.encode()], object))
        ours = parser.logits(text)
        np.testing.assert_array_equal(theirs["spans"][0], ours["spans"])
        np.testing.assert_allclose(theirs["intent"][0], ours["intent"], atol=1e-4)
    assert len(texts) >= 8


def test_text_that_is_not_utf8_and_lone_surrogates(parser, string_file):
    from ai_edge_litert.interpreter import InterpreterWithCustomOps

    interpreter = InterpreterWithCustomOps(
        custom_op_registerers=[op_registerer()], model_path=str(string_file)
    )
    run = interpreter.get_signature_runner("parse")
    outputs = run(text=np.array([b"caf\xc3 \xff\xed\xa0\x80 ok"], object))
    spans = outputs["spans"][0, : int(outputs["length"][0])].tolist()
    expected = project(b"caf\xc3 \xff\xed\xa0\x80 ok", parser.spec)
    assert spans == [list(span) for span in expected.spans]
    assert parser.parse("wake \ud800 me").text == "wake \ud800 me"


def test_a_megabyte_is_cut_and_reported(parser):
    assert parser.parse("wake me at 7 " * 80_000).truncated


def test_the_file_names_its_front_end(string_file, tiny):
    assert read_metadata(string_file).frontend == "string"
    assert read_metadata(tiny[2]).frontend == "code_points"


def test_files_from_before_there_were_two_front_ends_can_be_read(tiny):
    values = read_metadata(tiny[2]).to_dict()
    assert "frontend" not in values
    assert Metadata.from_dict(values).frontend == "code_points"


def test_an_unknown_front_end_is_refused(tiny):
    values = {**read_metadata(tiny[2]).to_dict(), "frontend": "speech"}
    with pytest.raises(ModelFileError, match="front end .* Received: 'speech'"):
        Metadata.from_dict(values)


def test_another_front_end_is_an_error(tiny):
    with pytest.raises(ValueError, match="`frontend` must be one of .* Received: 'text'"):
        convert(tiny[0], frontend="text")


def test_conversion_needs_the_compiled_op(tiny, monkeypatch):
    monkeypatch.setattr("tflite_export.converter.is_available", lambda: False)
    with pytest.raises(op.OpUnavailableError, match="build_ext --inplace"):
        convert(tiny[0], frontend="string")


def test_parsing_needs_the_library(string_file, tiny, monkeypatch, tmp_path):
    missing = tmp_path / "_projection_tflite_op.so"
    monkeypatch.setattr(
        "pqrnn_tf.runtime.interpreters.op_registerer", lambda: op_registerer(missing)
    )
    with pytest.raises(TfliteOpError, match="not built: .*code_points"):
        Parser(string_file)
    assert Parser(tiny[2]).parse("wake me").text == "wake me"  # needs none


def test_a_runtime_that_cannot_take_the_op_is_named(string_file, monkeypatch):
    def refuse(resolver):
        op_registerer()(0)

    monkeypatch.setattr("pqrnn_tf.runtime.interpreters.op_registerer", lambda: refuse)
    with pytest.raises(TfliteOpError, match="cannot be added to this runtime"):
        Parser(string_file)


def test_a_damaged_string_model_is_refused(string_file, tmp_path):
    content, metadata = read_model(string_file)
    content = content[: content.index(b"PK\x03\x04")]  # without its description
    damaged = content.replace(b"max_code_points\0", b"max_code_pointz\0")
    assert damaged != content
    (tmp_path / "damaged.tflite").write_bytes(append_metadata(damaged, metadata))
    with pytest.raises(ModelFileError, match="max_code_points` is missing"):
        Parser(tmp_path / "damaged.tflite")


def test_export_and_predict_as_commands(tiny, string_file, tmp_path):
    output = tmp_path / "model.tflite"
    arguments = ["--model", tiny[1] / "model.keras", "--output", output, "--frontend", "string"]
    export = [sys.executable, "-m", "tflite_export.export", *map(str, arguments)]
    subprocess.run(export, cwd=ROOT, check=True, capture_output=True)
    assert output.read_bytes() == string_file.read_bytes()  # of the same weights, another time
    predict = [sys.executable, "-m", "pqrnn_tf.predict", "--model", str(output)]
    texts = ["", "wake me at 7pm"]
    stdin = "\n".join(texts).encode()
    result = subprocess.run(predict, cwd=ROOT, input=stdin, check=True, capture_output=True)
    parses = [json.loads(line) for line in result.stdout.splitlines()]
    assert [parse["text"] for parse in parses] == texts
    assert parses[1] == Parser(output).parse(texts[1]).to_dict()
