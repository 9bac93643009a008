"""The sentence encoder: vectors, masks, and what is saved."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

import pqrnn_tf
from pqrnn_tf.encoder.pqrnn_encoder import PQRNNEncoder
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.tasks.preset_folders import PresetError
from pqrnn_tf.tasks.sentence_encoder import SentenceEncoder
from tests.tiny_models import TINY_SPEC

TEXTS = ["wake me at seven", "play", "", "what is the weather like in a small town in the north"]


def tiny_encoder(**arguments) -> SentenceEncoder:
    keras.utils.set_random_seed(3)
    encoder = PQRNNEncoder(16, 8, 2, kernel_width=2, name="encoder")
    return SentenceEncoder(**{"width": 12, "spec": TINY_SPEC, "encoder": encoder, **arguments})


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return tiny_encoder()


def test_vectors_have_unit_length_and_an_empty_text_has_zeros(encoder):
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (4, 12) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1, 1, 0, 1], atol=1e-5)


def test_the_order_of_texts_and_the_size_of_batches_change_nothing(encoder):
    vectors = encoder.encode(TEXTS)
    np.testing.assert_allclose(encoder.encode(TEXTS[::-1], batch_size=1)[::-1], vectors, atol=1e-5)
    np.testing.assert_allclose(encoder.encode(TEXTS[0]), vectors[0], atol=1e-5)
    np.testing.assert_allclose(encoder(TEXTS)["vector"], vectors, atol=1e-5)
    assert encoder.encode([]).shape == (0, 12)


@pytest.mark.parametrize(
    "pooling", [["mean"], ["max"], ["attention"], ["mean", "max", "attention"]]
)
def test_padding_changes_nothing(pooling):
    model = tiny_encoder(pooling=pooling)
    features = np.random.default_rng(0).integers(-1, 2, (1, 3, TINY_SPEC.features), np.int8)
    padded = np.concatenate([features, np.ones((1, 5, TINY_SPEC.features), np.int8)], axis=1)
    one = model({"features": features, "lengths": np.array([3])})["vector"]
    other = model({"features": padded, "lengths": np.array([3])})["vector"]
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_a_vector_is_the_mapped_mean_and_maximum_of_the_real_states(encoder):
    sequence = np.random.default_rng(1).normal(size=(1, 3, 16)).astype(np.float32)
    mask = np.array([[True, True, False]])
    pooled = np.concatenate([sequence[0, :2].mean(axis=0), sequence[0, :2].max(axis=0)])
    expected = pooled @ np.asarray(encoder.vector_head.kernel)
    found = encoder.vectors({"sequence": sequence, "mask": mask})
    np.testing.assert_allclose(found[0], expected / np.linalg.norm(expected), atol=1e-5)


def test_a_saved_model_gives_the_same_vectors(encoder, tmp_path):
    encoder.save(tmp_path / "encoder.keras")
    again = keras.models.load_model(tmp_path / "encoder.keras")
    np.testing.assert_allclose(again.encode(TEXTS), encoder.encode(TEXTS), atol=1e-5)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float16", 5e-3)])
def test_a_preset_is_read_back(encoder, tmp_path, dtype, tolerance):
    encoder.save_to_preset(tmp_path, dtype=dtype)
    again = SentenceEncoder.from_preset(tmp_path)
    np.testing.assert_allclose(again.encode(TEXTS), encoder.encode(TEXTS), atol=tolerance)


def test_a_model_with_heads_starts_from_the_preset(encoder, tmp_path):
    encoder.save_to_preset(tmp_path)
    for labels in ("preset", None, LabelSet(("a", "b"), ("O",))):
        model = pqrnn_tf.IntentSlotModel.from_preset(tmp_path, labels=labels)
        assert model.spec == TINY_SPEC
        np.testing.assert_array_equal(
            model.encoder.bottleneck.get_weights()[0], encoder.encoder.bottleneck.get_weights()[0]
        )
    assert model("play some jazz")["intent"].shape == (1, 2)


def test_a_keras_file_beside_a_preset_gave_the_weights_of_the_preset(tmp_path):
    model = tiny_encoder()
    model.build_from_config({})
    model.save_to_preset(tmp_path)
    (tmp_path / "other.keras").write_bytes(b"of another model")
    for kind in (SentenceEncoder, pqrnn_tf.IntentSlotModel):
        with pytest.raises(PresetError, match="must be a name or a folder. .*other.keras'"):
            kind.from_preset(tmp_path / "other.keras")


def test_a_preset_of_another_kind_is_an_error(encoder, tmp_path):
    labels = LabelSet(("a", "b"), ("O",))
    model = pqrnn_tf.IntentSlotModel(labels=labels, spec=TINY_SPEC, encoder=encoder.encoder)
    model("play some jazz")
    model.save_to_preset(tmp_path)
    with pytest.raises(PresetError, match=r"must be a sentence encoder.*IntentSlotModel"):
        SentenceEncoder.from_preset(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"width": 0}, "`width` must be a positive whole number"),
        ({"width": True}, "`width` must be"),
        ({"pooling": []}, "`pooling` must be"),
        ({"pooling": "mean"}, "`pooling` must be"),
        ({"pooling": ["mean", "mean"]}, "`pooling` must be"),
        ({"pooling": ["median"]}, "`pooling` must be"),
    ],
)
def test_wrong_arguments_are_named(arguments, told):
    with pytest.raises(ValueError, match=told):
        tiny_encoder(**arguments)


def test_a_model_without_weights_is_not_saved(tmp_path):
    with pytest.raises(ValueError, match="must have weights"):
        tiny_encoder().save_to_preset(tmp_path)


def test_what_is_no_text_is_an_error(encoder):
    with pytest.raises(TypeError, match="texts"):
        encoder.encode(["a", 3])


@pytest.mark.parametrize("texts", [None, 7, np.array("wake me")])
def test_what_is_neither_a_text_nor_several_was_told_without_the_argument(encoder, texts):
    with pytest.raises(TypeError, match="`texts` must be a str or several. Received: "):
        encoder.encode(texts)


def test_texts_come_in_any_container(encoder):
    expected = encoder.encode(TEXTS)
    for given in (tuple(TEXTS), iter(TEXTS), np.array(TEXTS), tf.constant(TEXTS)):
        np.testing.assert_allclose(encoder.encode(given), expected, atol=1e-6)
    assert encoder.encode(iter([])).shape == (0, 12)
