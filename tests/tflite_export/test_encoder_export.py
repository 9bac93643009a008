"""The .tflite of a sentence encoder: the same vectors as Keras, built-in operations only, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

import pqrnn_tf
from pqrnn_tf.runtime import Encoder
from pqrnn_tf.runtime.metadata import read_encoder
from pqrnn_tf.tasks.sentence_encoder import SentenceEncoder
from tests.tiny_models import DEV, TINY_SPEC, tiny_encoder
from tflite_export import compare_vectors, convert

TEXTS = [
    *(row.text for row in DEV[:20]),
    "",
    " \u200b\t",
    "a",
    "🙂 wake me 🎉",
    "Zo\u00eb, Zoe\u0308!",
    "明天早上7点叫醒我",
    "wake \ud800 me",
    "one two three four five six seven eight nine ten eleven twelve " * 3,
]


@pytest.fixture(scope="module")
def keras_model() -> SentenceEncoder:
    return tiny_encoder()


@pytest.fixture(scope="module")
def file(keras_model, tmp_path_factory):
    path = tmp_path_factory.mktemp("encoder") / "model.tflite"
    content = convert(keras_model, licence="test", extra={"note": 1}, short_texts=(8,))
    path.write_bytes(content)
    return path


@pytest.fixture(scope="module")
def encoder(file) -> Encoder:
    return pqrnn_tf.load(file)


def test_the_vectors_are_those_of_keras(keras_model, encoder):
    report = compare_vectors(keras_model, encoder, TEXTS)
    assert report.texts == len(TEXTS) - 2
    assert 1.0 - report.least_cosine <= report.tolerance < 0.1


def test_the_tolerance_can_fail(keras_model, encoder):
    kernel = keras_model.vector_head.kernel
    before = kernel.numpy()
    kernel.assign(np.roll(before, 1, axis=1))
    try:
        report = compare_vectors(keras_model, encoder, TEXTS)
    finally:
        kernel.assign(before)
    assert 1.0 - report.least_cosine > report.tolerance


@pytest.mark.large
def test_a_float_file_agrees_closely(keras_model, tmp_path):
    keras_model.export(tmp_path / "float.tflite", quantization="none")
    report = compare_vectors(keras_model, Encoder(tmp_path / "float.tflite"), TEXTS)
    assert 1.0 - report.least_cosine <= report.tolerance == 1e-5


@pytest.mark.large
def test_8_bit_activations(keras_model, tmp_path):
    texts = [row.text for row in DEV]
    keras_model.export(tmp_path / "int8.tflite", quantization="int8", calibration=texts)
    report = compare_vectors(keras_model, Encoder(tmp_path / "int8.tflite"), texts)
    assert 1.0 - report.least_cosine <= report.tolerance


def test_a_text_without_tokens_tells_nothing(keras_model, encoder):
    with pytest.raises(ValueError, match="must hold a text with a token"):
        compare_vectors(keras_model, encoder, ["", " "])


def test_the_file_has_built_in_operations_and_its_description(file, keras_model):
    content, metadata = read_encoder(file)
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    assert not any(code.customCode for code in model.operatorCodes)
    names = [signature.signatureKey.decode() for signature in model.signatureDefs]
    assert names == ["encode", "encode_8"]
    assert (metadata.spec, metadata.width) == (keras_model.spec, keras_model.width)
    assert (metadata.licence, metadata.extra) == ("test", {"note": 1})
    assert re.fullmatch("[0-9a-f]{16}", metadata.fingerprint)


@pytest.mark.large
def test_equal_models_have_equal_fingerprints_and_others_have_others(keras_model, file):
    again = convert(keras_model, licence="other words", short_texts=(8,))
    path = file.with_name("again.tflite")
    path.write_bytes(again)
    other = file.with_name("other.tflite")
    convert(tiny_encoder(seed=12), path=other, short_texts=())
    first, second, third = (read_encoder(p)[1].fingerprint for p in (file, path, other))
    assert first == second != third


def test_an_export_elsewhere_or_without_weights_is_refused(keras_model, tmp_path):
    with pytest.raises(ValueError, match=r"`path` must end in \.tflite"):
        keras_model.export(tmp_path / "model.bin")
    with pytest.raises(ValueError, match="must be built"):
        SentenceEncoder(spec=TINY_SPEC).export(tmp_path / "model.tflite")
    with pytest.raises(TypeError, match="or a SentenceEncoder. Received: str"):
        convert("model.keras")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
