"""Signatures for short texts: they say what the large one says, and the parser uses them well."""

from __future__ import annotations

import numpy as np
import pytest

from pqrnn_tf.runtime import Parser, interpreters
from pqrnn_tf.runtime.text import code_points_array
from tests.tiny_models import DEV
from tflite_export import convert
from tflite_export.packing import pack

ONE_TOKEN_A_CHARACTER = "明天早上七点叫醒我好吗谢谢"


@pytest.fixture(scope="module")
def interpreter(tiny):
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter(model_path=str(tiny[2]))


@pytest.fixture(scope="module")
def parser(tiny):
    return Parser(tiny[2])


def run(interpreter, name, text):
    runner = interpreter.get_signature_runner(name)
    shape = runner.get_input_details()["code_points"]["shape"]
    buffer = np.zeros(shape, np.int32)
    points = code_points_array(text[: shape[1]])
    buffer[0, : len(points)] = points
    return {key: value[0] for key, value in runner(code_points=buffer).items()}


def test_limits_of_each_signature(interpreter):
    shapes = {
        name: (
            interpreter.get_signature_runner(name).get_input_details()["code_points"]["shape"][1],
            interpreter.get_signature_runner(name).get_output_details()["slots"]["shape"][1],
        )
        for name in interpreter.get_signature_list()
    }
    assert shapes == {
        "parse": (97, 24),
        "parse_8": (57, 8),
        "parse_14": (97, 14),  # the model has room for no more than 96
    }


@pytest.mark.parametrize("name", ["parse_8", "parse_14"])
def test_a_text_that_fits_has_the_same_outputs(interpreter, name):
    compared = 0
    for row in DEV:
        large, small = run(interpreter, "parse", row.text), run(interpreter, name, row.text)
        if (
            small["truncated"]
            or len(row.text)
            > interpreter.get_signature_runner(name).get_input_details()["code_points"]["shape"][1]
        ):
            continue
        compared += 1
        length = int(large["length"])
        assert small["length"] == length
        np.testing.assert_array_equal(small["spans"][:length], large["spans"][:length])
        np.testing.assert_allclose(small["intent"], large["intent"], atol=1e-4)
        np.testing.assert_allclose(small["slots"][:length], large["slots"][:length], atol=1e-4)
    assert compared > 10


def test_a_text_that_does_not_fit_is_reported(interpreter):
    outputs = run(interpreter, "parse_8", "a b c d e f g h i")
    assert outputs["truncated"]
    assert outputs["length"] == 8


def test_the_parser_takes_the_smallest_that_has_room(parser):
    assert parser.logits("wake me")["slots"].shape[0] == 8
    assert parser.logits("wake me up at 7 tomorrow , please !")["slots"].shape[0] == 14


@pytest.mark.parametrize(
    ("text", "tokens", "room"),
    [
        (ONE_TOKEN_A_CHARACTER, 13, 14),
        ("क्या रसोई की बत्ती चालू है", 6, 8),  # vowel signs are no token
        ("ปิดไฟ", 4, 8),
        ("a-b_c d7", 7, 8),
        ("🙂🙂 ok", 3, 8),
    ],
)
def test_one_run_of_the_smallest_that_has_room_is_enough(parser, monkeypatch, text, tokens, room):
    runs = []
    outputs_of = interpreters._Signature.outputs
    monkeypatch.setattr(
        interpreters._Signature,
        "outputs",
        lambda signature, *given: runs.append(signature.tokens) or outputs_of(signature, *given),
    )
    outputs = parser.logits(text)
    assert (outputs["length"], bool(outputs["truncated"])) == (tokens, False)
    assert runs == [room]


def test_long_words_need_a_larger_signature(parser):
    text = "a" * 40 + " " + "b" * 30
    assert parser.logits(text)["spans"][:2].tolist() == [[0, 40], [41, 71]]
    assert not parser.parse(text).truncated


def test_a_text_longer_than_everything_is_cut(parser):
    outputs = parser.logits("ab " * 40)
    assert (outputs["length"], outputs["slots"].shape[0]) == (24, 24)
    assert outputs["truncated"]


def test_short_texts_can_be_left_out(tiny, tmp_path, parser):
    convert(tiny[0], path=tmp_path / "one.tflite", short_texts=())
    alone = Parser(tmp_path / "one.tflite")
    assert (tmp_path / "one.tflite").stat().st_size < tiny[2].stat().st_size
    for row in DEV[:10]:
        first, second = alone.parse(row.text), parser.parse(row.text)
        assert (first.intent, first.slots) == (second.intent, second.slots)


def test_packing_again_changes_nothing(tiny):
    names = ["parse", "parse_8", "parse_14"]
    once = pack(tiny[2].read_bytes(), order=names)
    assert pack(once, order=names) == once


def test_packing_needs_all_names(tiny):
    with pytest.raises(
        ValueError, match=r"`order` must name all signatures.*Received: \['parse'\]"
    ):
        pack(tiny[2].read_bytes(), order=["parse"])
