"""Encoders at run time: vectors, threads, what is cut, and what is refused."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

import pqrnn_tf
from pqrnn_tf.runtime import Encoder, ModelFileError, Parser, pretrained_models, read_metadata
from pqrnn_tf.runtime.labels import LabelError
from pqrnn_tf.runtime.metadata import Metadata, read_encoder, replace_metadata
from tests.tflite_export.make_encoder_golden import GOLDEN, MODEL
from tests.tflite_export.make_jvm_golden import RESOURCES, TEXTS


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return pqrnn_tf.load(MODEL)


def test_vectors_are_those_that_were_recorded(encoder):
    rows = json.loads(GOLDEN.read_text(encoding="utf-8"))["vectors"]
    vectors, cuts = encoder.vectors_and_cuts([row["text"] for row in rows])
    np.testing.assert_allclose(vectors, [row["vector"] for row in rows], atol=1e-4)
    assert cuts.tolist() == [row["truncated"] for row in rows]
    assert True in cuts and False in cuts


def test_vectors_have_unit_length_and_zeros_without_a_token(encoder):
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.width) and vectors.dtype == np.float32
    expected = [float(bool(text.strip(" \u200b\t"))) for text in TEXTS]
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), expected, atol=1e-5)
    assert np.isfinite(vectors).all()


def test_one_text_gives_one_vector_and_several_give_rows(encoder):
    vector = encoder.encode(TEXTS[0])
    assert vector.shape == (encoder.width,)
    np.testing.assert_array_equal(vector, encoder(TEXTS)[0])
    np.testing.assert_array_equal(encoder.encode(iter(TEXTS)), encoder.encode(TEXTS))
    assert encoder.encode([]).shape == (0, encoder.width)
    assert encoder.encode("").shape == (encoder.width,)


def test_many_texts_in_several_threads_come_in_order(encoder):
    texts = [f"{text} {i}" for i in range(12) for text in TEXTS]
    np.testing.assert_array_equal(encoder.encode(texts, threads=3), encoder.encode(texts))


def test_forms_of_a_text_have_one_vector(encoder):
    one, other = encoder.encode(["Zo\u00eb\u2019s caf\u00e9", "Zoe\u0308's cafe\u0301"])
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("texts", [b"wake me", 7, None, np.array("wake me")])
def test_only_texts_are_taken(encoder, texts):
    with pytest.raises(TypeError, match="`texts` must be a str or several"):
        encoder.encode(texts)


def test_an_entry_that_is_no_string_is_named(encoder):
    with pytest.raises(TypeError, match="Received: NoneType at position 1"):
        encoder.encode(["wake me", None])


@pytest.mark.parametrize("threads", [0, -1, 1.5, True])
def test_a_number_of_threads_that_is_none(encoder, threads):
    with pytest.raises(ValueError, match="`threads` must be a whole number of at least 1"):
        encoder.encode(["wake me"], threads=threads)


def test_a_number_of_threads_was_not_checked_for_one_text(encoder):
    with pytest.raises(ValueError, match="`threads` must be a whole number of at least 1"):
        encoder.encode("wake me", threads=0)


def test_the_letters_of_one_text_were_taken_for_texts(encoder):
    with pytest.raises(TypeError, match="`texts` must be several strings; `encode` takes one"):
        encoder.vectors_and_cuts("wake me")


def test_texts_come_in_any_container(encoder):
    texts = ["wake me", "play some jazz"]
    expected, cuts = encoder.vectors_and_cuts(texts)
    assert cuts.tolist() == [False, False]
    for given in (tuple(texts), iter(texts), np.array(texts), dict.fromkeys(texts)):
        np.testing.assert_array_equal(encoder.vectors_and_cuts(given)[0], expected)
    with pytest.raises(TypeError, match="of the caller's own"):
        encoder.encode(_failing())


def _failing():
    yield "wake me"
    raise TypeError("of the caller's own")


def test_a_description_that_does_not_fit_is_refused(tmp_path):
    content, metadata = read_encoder(MODEL)
    path = tmp_path / "model.tflite"
    path.write_bytes(replace_metadata(content, dataclasses.replace(metadata, width=7)))
    with pytest.raises(ModelFileError, match=f"width 7, as its.*which gives {metadata.width}"):
        Encoder(path)
    path.write_bytes(replace_metadata(content, dataclasses.replace(metadata, width=0)))
    with pytest.raises(ModelFileError, match="must be a positive whole number. Received: 0"):
        Encoder(path)


@pytest.mark.parametrize("kind", [Encoder, Parser, pqrnn_tf.load])
def test_wrong_arguments_were_told_as_damaged_files_or_without_a_name(kind):
    path = RESOURCES / "tiny.tflite" if kind is Parser else MODEL
    for threads in (0, 1.5, None):
        with pytest.raises(ValueError, match="`num_threads` must be a whole number of at least 1"):
            kind(path, num_threads=threads)
    for model in (None, 7, [path], np.zeros(2)):
        with pytest.raises(TypeError, match="`model` must be a name or the path of a file"):
            kind(model)


def test_a_cut_file_is_refused(tmp_path):
    path = tmp_path / "cut.tflite"
    path.write_bytes(MODEL.read_bytes()[:-1000])
    with pytest.raises(ModelFileError, match=r"cut\.tflite"):
        pqrnn_tf.load(path)


def test_a_parser_is_no_encoder_and_the_other_way_round():
    parser = RESOURCES / "tiny.tflite"
    assert isinstance(pqrnn_tf.load(parser), Parser)
    with pytest.raises(ModelFileError, match=r"an encoder of sentence vectors\. `pqrnn embed`"):
        Parser(MODEL)
    with pytest.raises(ModelFileError, match="an encoder of sentence vectors"):
        read_metadata(MODEL)
    with pytest.raises(ModelFileError, match="must be an encoder, which gives vectors.*a parser"):
        Encoder(parser)
    with pytest.raises(LabelError, match="must be None for an encoder"):
        pqrnn_tf.load(MODEL, labels=pqrnn_tf.load(parser).labels)


def test_the_models_of_the_package_are_of_their_kind():
    for name, model in pretrained_models().items():
        assert isinstance(model.metadata, Metadata) == isinstance(pqrnn_tf.load(name), Parser)
