"""The runtime on a trained model: parses, offsets, bad input."""

from __future__ import annotations

import dataclasses
import shutil

import numpy as np
import pytest

from pqrnn_tf.projection.definition import tokenize
from pqrnn_tf.runtime import ModelFileError, Parser, read_metadata
from pqrnn_tf.runtime.confidence import Calibration, Rejection, ScoreMap
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.runtime.metadata import (
    Metadata,
    append_metadata,
    read_model,
    replace_metadata,
)
from pqrnn_tf.runtime.results import decoded_tree
from pqrnn_tf.runtime.spec import SpecError
from pqrnn_tf.runtime.trees import format_tree
from pqrnn_tf.tasks.parsing import parse_texts, score_model
from pqrnn_tf.tasks.scoring import score_file
from tests.tiny_models import DEV, ROWS
from tflite_export import convert
from tflite_export.parity import compare


@pytest.fixture(scope="module")
def parser(tiny):
    return Parser(tiny[2])


def test_the_model_has_learned_something(tiny):
    assert score_model(tiny[0], DEV).flat_exact_match > 30


def test_keras_and_tflite_agree(tiny, parser):
    report = compare(tiny[0], parser, [row.text for row in DEV])
    assert report.same_spans == 1.0
    assert report.largest_difference <= report.tolerance
    assert report.same_parse >= 0.95


def test_the_tolerance_can_fail(tiny, parser):
    """Other weights are not within it."""
    model = tiny[0]
    kernel = model.intent_head.kernel
    before = kernel.numpy()
    kernel.assign(before[::-1])
    try:
        report = compare(model, parser, [row.text for row in DEV[:20]])
    finally:
        kernel.assign(before)
    assert report.largest_difference > report.tolerance


def test_a_float_file_agrees_closely(tiny, tmp_path):
    convert(tiny[0], path=tmp_path / "float.tflite", quantization="none")
    report = compare(tiny[0], Parser(tmp_path / "float.tflite"), [row.text for row in DEV])
    assert report.largest_difference <= report.tolerance
    assert report.same_parse == 1.0


def test_scores_of_both_files_are_close(tiny):
    keras_scores = score_file(tiny[1] / "model.keras", DEV)
    tflite_scores = score_file(tiny[2], DEV)
    assert abs(keras_scores.flat_exact_match - tflite_scores.flat_exact_match) <= 5.0


def test_offsets_are_code_points_of_the_callers_string(parser):
    for text in (DEV[0].text, "  🙂 " + DEV[1].text, "é" * 3 + " " + DEV[2].text):
        parsed = parser.parse(text)
        assert parsed.text == text
        for slot in parsed.slots:
            assert text[slot.start : slot.end] == slot.text
            assert slot.text.strip() == slot.text


@pytest.mark.parametrize("text", ["", "   ", "\t", "\u200b"])
def test_text_without_a_token_has_the_defined_parse(parser, text):
    expected = {
        "text": text,
        "intent": "",
        "score": 0.0,
        "slots": [],
        "tree": "",
        "intent_score": 0.0,
    }
    assert parser.parse(text).to_dict() == expected


def test_a_megabyte_is_cut_and_reported(parser):
    text = "wake me at 7 " * 80_000
    parsed = parser.parse(text)
    assert parsed.truncated
    assert all(slot.end <= parser.spec.max_code_points for slot in parsed.slots)
    assert parser.parse(text[:39]).truncated is False


def test_spans_of_a_cut_text_are_those_of_the_definition(parser):
    text = "abc " * 23 + "abcdefghij klm"
    outputs = parser.logits(text)
    spans, truncated = tokenize(text, parser.spec)
    assert outputs["spans"][: int(outputs["length"])].tolist() == [list(s) for s in spans]
    assert truncated


def test_lone_surrogates_do_not_crash(parser):
    parsed = parser.parse("wake \ud800 me")
    assert parsed.text == "wake \ud800 me"


def test_only_a_str_is_taken(parser):
    with pytest.raises(TypeError, match="`text` must be a str. Received: bytes"):
        parser.parse(b"wake me")


def test_score_is_a_probability(parser):
    scores = [parser.parse(row.text).score for row in DEV]
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert max(scores) > 0.3


def test_metadata_travels_in_the_file(tiny):
    metadata = read_metadata(tiny[2])
    assert metadata.spec == tiny[0].spec
    assert metadata.labels == tiny[0].labels
    assert (metadata.licence, metadata.extra) == ("test", {"note": 1})
    assert {"pqrnn_tf", "tensorflow", "keras"} <= set(metadata.versions)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.tflite"):
        Parser(tmp_path / "nowhere.tflite")


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.99])
def test_a_truncated_file_is_refused(tiny, tmp_path, keep):
    content = tiny[2].read_bytes()
    path = tmp_path / "cut.tflite"
    path.write_bytes(content[: int(keep * len(content))])
    with pytest.raises(ModelFileError, match="cut.tflite"):
        Parser(path)


def test_a_file_of_another_kind_is_refused(tiny, tmp_path):
    path = tmp_path / "model.tflite"
    shutil.copy(tiny[1] / "model.keras", path)
    with pytest.raises(ModelFileError, match="does not begin like one"):
        Parser(path)


def test_a_damaged_flatbuffer_with_good_metadata_is_refused(tiny, tmp_path):
    _, metadata = read_model(tiny[2])
    path = tmp_path / "damaged.tflite"
    path.write_bytes(append_metadata(b"\x1c\0\0\0TFL3" + b"\xff" * 500, metadata))
    with pytest.raises(ModelFileError, match="the runtime refuses"):
        Parser(path)


def test_labels_of_another_model_are_refused(tiny):
    other = LabelSet(("A", "B"), ("O", "B-X", "I-X"))
    with pytest.raises(LabelError, match="labels of another model"):
        Parser(tiny[2], labels=other)


def test_labels_may_be_renamed(tiny):
    labels = tiny[0].labels
    intents = tuple(f"NEW_{name}" for name in labels.intents)
    renamed = LabelSet(intents, labels.tags, nested=labels.nested)
    assert Parser(tiny[2], labels=renamed).parse(DEV[0].text).intent.startswith("NEW_")


def test_nested_trees_are_those_of_keras(tiny, parser):
    texts = [row.text for row in ROWS if format_tree(row.tree).count("[IN:") > 1]
    trees = [parser.parse(text).tree for text in texts]
    assert sum(tree.count("[IN:") > 1 for tree in trees) >= 3
    of_keras = [
        format_tree(decoded_tree(text, spans, parse))
        for text, (spans, parse) in zip(texts, parse_texts(tiny[0], texts), strict=True)
    ]
    assert sum(a == b for a, b in zip(trees, of_keras, strict=True)) >= 0.9 * len(texts)
    outputs = parser.logits(texts[0])
    assert outputs["nested"].shape == (outputs["slots"].shape[0], len(parser.labels.nested))


def test_trees_need_the_nested_tags_of_the_model(tiny):
    labels = dataclasses.replace(tiny[0].labels, nested=(), slots_of_nested=())
    with pytest.raises(LabelError, match="nested tags of .* and 0"):
        Parser(tiny[2], labels=labels)


def test_another_projection_version_is_refused(tiny, tmp_path):
    import io
    import json
    import zipfile

    content, metadata = read_model(tiny[2])
    values = metadata.to_dict()
    values["spec"]["version"] = 3
    end = zipfile.ZipFile(io.BytesIO(content)).infolist()[0].header_offset
    buffer = io.BytesIO(content[:end])
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("pqrnn.json", json.dumps(values))
    path = tmp_path / "newer.tflite"
    path.write_bytes(buffer.getvalue())
    with pytest.raises(SpecError, match="version=3"):
        Parser(path)


def test_conversion_is_deterministic(tiny):
    assert convert(tiny[0], licence="test", extra={"note": 1}) == tiny[2].read_bytes()


def test_only_built_in_ops_and_8_bit_kernels(tiny):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(tiny[2]))
    interpreter.allocate_tensors()  # raises where an op is not a built-in one
    ends = {
        "inputs": ["code_points"],
        "outputs": ["intent", "length", "nested", "slots", "spans", "truncated"],
    }
    signatures = interpreter.get_signature_list()
    assert signatures == dict.fromkeys(("parse", "parse_8", "parse_14"), ends)
    details = interpreter.get_tensor_details()
    kernels = [d for d in details if d["dtype"] == np.int8 and d["quantization"][0] != 0]
    kernels += [d for d in details if len(d["quantization_parameters"]["scales"]) > 1]
    assert sum(int(np.prod(d["shape"])) for d in kernels) > 5_000


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"quantization": "int4"}, ValueError, "`quantization` must be one of"),
        ({"model": object()}, TypeError, "`model` must be an IntentSlotModel"),
        ({"short_texts": (8, 0)}, ValueError, r"`short_texts` must be .* Received: \(8, 0\)"),
    ],
)
def test_bad_arguments_of_convert(tiny, arguments, error, message):
    model = arguments.pop("model", tiny[0])
    with pytest.raises(error, match=message):
        convert(model, **arguments)


def test_a_failed_conversion_leaves_no_file(tiny, tmp_path):
    with pytest.raises(ValueError, match="quantization"):
        convert(tiny[0], path=tmp_path / "x.tflite", quantization="bad")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_kind_of_file_cannot_be_scored(tmp_path):
    with pytest.raises(ValueError, match=r"a \.keras or a \.tflite file"):
        score_file(tmp_path / "model.h5", DEV)


CONSTANT = ScoreMap({"tokens": 1.0}, [0.0], [0.5])


def test_another_description_leaves_the_model_as_it_is(tiny, tmp_path):
    content, metadata = read_model(tiny[2])
    assert replace_metadata(content, metadata) == content
    calibrated = dataclasses.replace(metadata, calibration=Calibration(CONSTANT, CONSTANT))
    changed = replace_metadata(content, calibrated)
    assert replace_metadata(changed, metadata) == content
    path = tmp_path / "model.tflite"
    path.write_bytes(changed)
    assert read_model(path)[1] == calibrated
    parse, before = (Parser(file)("wake me at seven") for file in (path, tiny[2]))
    assert (parse.score, parse.intent_score) == (0.5, 0.5)
    assert (
        dataclasses.replace(parse, score=before.score, intent_score=before.intent_score) == before
    )


def test_a_file_with_a_rejection_answers_none(tiny, tmp_path):
    content, metadata = read_model(tiny[2])
    rejection = Rejection({"tokens": -1.0}, -2.5)
    path = tmp_path / "model.tflite"
    path.write_bytes(replace_metadata(content, dataclasses.replace(metadata, rejection=rejection)))
    parser = Parser(path)
    assert parser("wake me").intent == Parser(tiny[2])("wake me").intent
    assert parser("wake me at seven").intent is None
    assert parser("").intent == ""


def test_other_names_rename_the_intent_out_of_scope_too(tiny, tmp_path):
    content, metadata = read_model(tiny[2])
    rejection = Rejection({"tokens": 1.0}, 0.0, metadata.labels.intents[0])
    path = tmp_path / "model.tflite"
    path.write_bytes(replace_metadata(content, dataclasses.replace(metadata, rejection=rejection)))
    names = tuple(f"my {name}" for name in metadata.labels.intents)
    parser = Parser(path, labels=dataclasses.replace(metadata.labels, intents=names))
    assert parser.decoder.rejection.outside == names[0]


def test_a_damaged_calibration_is_an_error_of_the_file(tiny):
    values = read_model(tiny[2])[1].to_dict()
    assert not {"calibration", "rejection"} & set(values)
    with pytest.raises(ModelFileError, match="threshold"):
        Metadata.from_dict({**values, "rejection": {"weights": {"tokens": 1.0}}})


def test_a_file_without_description_gets_none(tiny):
    content, metadata = read_model(tiny[2])
    with pytest.raises(ModelFileError, match="complete"):
        replace_metadata(content[:1000], metadata)


@pytest.mark.parametrize("count", [-1, 1.5, "2"])
def test_alternatives_are_a_number(parser, count):
    with pytest.raises(ValueError, match="alternatives"):
        parser("wake me", alternatives=count)


def test_texts_and_a_text_take_alternatives(parser):
    (first,) = parser(["wake me at seven"], alternatives=3)
    assert first == parser("wake me at seven", alternatives=3)
    assert len(first.alternatives) == 3
    assert all(other.text == first.text for other in first.alternatives)


def test_a_number_of_alternatives_from_numpy_was_no_whole_number(parser):
    assert len(parser("wake me", alternatives=np.int64(2)).alternatives) == 2
