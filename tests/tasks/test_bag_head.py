"""The linear head over the bag of features: its value, its place in a model, saved and exported."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from pqrnn_tf.encoder import PQRNNEncoder
from pqrnn_tf.runtime import Parser, ProjectionSpec
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.tasks.bag_head import BagHead, BagSolution
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.quantized import activation_places
from tflite_export import convert
from tflite_export.parity import compare

SPEC = ProjectionSpec(word_features=24, ngram_features=0, ngram_orders=(), max_tokens=6)
LABELS = LabelSet(("A", "B", "C"), ("O", "B-X", "I-X"))
TEXTS = ["wake me at seven", "play some jazz", "", "seven"]


def solution(seed=0):
    rng = np.random.default_rng(seed)
    kernel = rng.normal(0.0, 2.0, (SPEC.features, 3)).astype(np.float32)
    return BagSolution(kernel, np.array([0.5, -0.5, 0.0], np.float32))


def make(**arguments):
    keras.utils.set_random_seed(0)
    encoder = PQRNNEncoder(8, 4, 1, kernel_width=2)
    model = IntentSlotModel(labels=LABELS, spec=SPEC, encoder=encoder, **arguments)
    model(TEXTS)
    return model


def with_head():
    model = make()
    model.set_bag_head(solution(), encoder_weight=0.5)
    return model


def head_of_two():
    head = BagHead(2)
    head.build((None, None, 2))
    kernel = np.array([[1.0, 0.0], [0.0, 2.0]], np.float32)
    head.assign(BagSolution(kernel, np.array([0.25, 0.0], np.float32)), encoder_weight=0.5)
    return head


def test_logits_by_hand():
    features = np.array([[[1, 0], [1, -1], [9, 9]]], np.int8)
    logits = head_of_two()(features, np.array([[True, True, False]]), np.array([[1.0, 3.0]]))
    # The bag is (2, -1) / sqrt(2): the third token is padding.
    np.testing.assert_allclose(logits, [[2 / 2**0.5 + 0.75, -2 / 2**0.5 + 1.5]], rtol=1e-6)


def test_a_text_without_a_token_has_the_bias():
    logits = head_of_two()(
        np.ones((1, 2, 2), np.int8), np.array([[False, False]]), np.array([[1.0, 3.0]])
    )
    np.testing.assert_allclose(logits, [[0.75, 1.5]], rtol=1e-6)


def test_classes_that_cannot_be():
    with pytest.raises(ValueError, match="`classes` must be at least 1. Received: 0"):
        BagHead(0)


def test_in_training_the_intent_is_that_of_the_encoder():
    model = make(dropout=0.0)
    inputs = {"features": np.ones((2, 3, SPEC.features), np.int8), "lengths": np.array([3, 2])}
    states = model.encode(inputs, training=False)
    before = model.heads(states, training=True)["intent"].numpy()
    model.set_bag_head(solution(), encoder_weight=0.5)
    states = model.encode(inputs, training=False)
    np.testing.assert_array_equal(model.heads(states, training=True)["intent"], before)
    assert np.abs(model.heads(states, training=False)["intent"] - before).max() > 0.1


def test_a_head_is_not_trained():
    model = with_head()
    assert len(model.trainable_variables) == len(make().trainable_variables)


def test_a_model_with_a_head_is_saved_and_loaded(tmp_path):
    model = with_head()
    model.save(tmp_path / "model.keras")
    model.save_to_preset(tmp_path / "preset")
    for loaded in (
        keras.models.load_model(tmp_path / "model.keras"),
        IntentSlotModel.from_preset(tmp_path / "preset"),
    ):
        np.testing.assert_array_equal(loaded(TEXTS)["intent"], model(TEXTS)["intent"])


def test_a_model_whose_head_was_taken_away_is_as_before(tmp_path):
    model = with_head()
    model.set_bag_head(None)
    np.testing.assert_array_equal(model(TEXTS)["intent"], make()(TEXTS)["intent"])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.bag_head is None
    assert len(loaded.weights) == len(make().weights)


def test_a_model_of_before_has_no_head():
    config = make().get_config()
    del config["bag_head"]
    model = IntentSlotModel.from_config(config)
    assert model.bag_head is None
    assert model.get_config()["bag_head"] is False


def test_a_choice_that_cannot_be():
    with pytest.raises(ValueError, match='`bag_head` must be "auto", True or False. Received: 3'):
        IntentSlotModel(bag_head=3)


def test_a_model_without_weights_gets_no_head():
    with pytest.raises(ValueError, match="must have weights"):
        IntentSlotModel().set_bag_head(solution())


def test_activations_of_a_head_are_rounded_where_it_is():
    of_head = {"bag_head/inputs", "bag_head/outputs"}
    assert set(activation_places(with_head())) - set(activation_places(make())) == of_head


def test_the_exported_file_says_what_the_model_says(tmp_path):
    model = with_head()
    convert(model, path=tmp_path / "m.tflite", quantization="none", short_texts=())
    report = compare(model, Parser(tmp_path / "m.tflite"), TEXTS)
    assert report.same_parse == 1.0
    assert report.largest_difference < 1e-4


def test_a_head_of_a_rank_is_the_product_of_its_kernels(tmp_path):
    rng = np.random.default_rng(0)
    down = rng.normal(size=(SPEC.features, 2)).astype(np.float32)
    up = rng.normal(size=(2, 3)).astype(np.float32)
    bias = np.zeros(3, np.float32)
    heads = [BagHead(3), BagHead(3, rank=2)]
    for head, solution in zip(
        heads, (BagSolution(down @ up, bias), BagSolution(up, bias, down)), strict=True
    ):
        head.build((None, None, SPEC.features))
        head.assign(solution, encoder_weight=0.5)
    features = rng.integers(-1, 2, (2, 4, SPEC.features))
    mask, encoder = np.array([[1, 1, 1, 0], [1, 0, 0, 0]], bool), np.ones((2, 3), np.float32)
    np.testing.assert_allclose(*(head(features, mask, encoder) for head in heads), atol=1e-3)
    assert BagHead.from_config(heads[1].get_config()).rank == 2
    with pytest.raises(ValueError, match="`rank` must be at least 1, or None. Received: 0"):
        BagHead(3, rank=0)
