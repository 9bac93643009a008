"""The joint model as a Keras layer: shapes, masks, gradients, configuration."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest

from pqrnn_tf.encoder import PQRNNEncoder
from pqrnn_tf.runtime import ProjectionSpec
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.tasks.intent_slots import IntentSlotModel

SPEC = ProjectionSpec(word_features=12, ngram_features=0, ngram_orders=(), shape=False)
LABELS = LabelSet(("A", "B", "C"), ("O", "B-X", "I-X"))


NESTED = dataclasses.replace(LABELS, nested=("O", "B-D/Y", "I-D/Y", "B-D/Z"))


def make(labels=LABELS, **arguments) -> IntentSlotModel:
    keras.utils.set_random_seed(0)
    encoder = PQRNNEncoder(8, 4, 2, kernel_width=2)
    return IntentSlotModel(labels=labels, spec=SPEC, encoder=encoder, **arguments)


def batch(time=5, lengths=(5, 2)):
    features = np.random.default_rng(0).integers(-1, 2, (2, time, 12)).astype(np.int8)
    for row, length in zip(features, lengths, strict=True):
        row[length:] = 0
    return {"features": features, "lengths": np.array(lengths, np.int32)}


def test_shapes_of_the_outputs():
    outputs = make()(batch())
    assert outputs["intent"].shape == (2, 3)
    assert outputs["slots"].shape == (2, 5, 3)
    assert set(outputs) == {"intent", "slots"}
    assert make(NESTED)(batch())["nested"].shape == (2, 5, 4)


@pytest.mark.parametrize("context", [True, False])
def test_padding_changes_nothing(context):
    model = make(NESTED, intent_context=context)
    inputs = batch()
    together = model(inputs)
    alone = model({"features": inputs["features"][1:, :2], "lengths": inputs["lengths"][1:]})
    np.testing.assert_allclose(together["intent"][1], alone["intent"][0], atol=1e-5)
    for name in ("slots", "nested"):
        np.testing.assert_allclose(together[name][1, :2], alone[name][0], atol=1e-5)


def test_intent_context_adds_the_same_to_every_token():
    model = make()
    inputs = batch()
    states = model.encode(inputs)
    whole = model.heads(states)["slots"].numpy()
    without = whole - model.slot_head(states["sequence"]).numpy()
    np.testing.assert_allclose(without, np.broadcast_to(without[:, :1], without.shape), atol=1e-5)
    assert np.abs(without).max() > 1e-3


def test_dropout_is_active_in_training_only():
    model = make(dropout=0.5)
    inputs = batch()
    still = [model(inputs, training=False)["intent"].numpy() for _ in range(2)]
    moving = [model(inputs, training=True)["intent"].numpy() for _ in range(2)]
    np.testing.assert_array_equal(*still)
    assert np.abs(moving[0] - moving[1]).max() > 1e-4


def test_every_output_is_learned_and_its_loss_reported():
    encoder = PQRNNEncoder(8, 4, 1, kernel_width=2, dropout=0.0, feature_dropout=0.0)
    model = IntentSlotModel(labels=NESTED, spec=SPEC, encoder=encoder, dropout=0.0)
    model.compile(keras.optimizers.Adam(0.02), loss=model.losses_of(0.0), metrics=None)
    targets = {
        "intent": np.array([0, 2]),
        "slots": np.array([[0, 1, 2, 0, 1], [1, 2, -1, -1, -1]]),
        "nested": np.array([[0, 1, 2, 0, 3], [3, 1, -1, -1, -1]]),
    }
    history = model.fit(batch(), targets, epochs=60, verbose=0).history
    for name in targets:
        assert history[f"{name}_loss"][-1] < 0.3 * history[f"{name}_loss"][0]
    found = model(batch())
    for name, labels in targets.items():
        known = labels >= 0
        np.testing.assert_array_equal(found[name].numpy().argmax(-1)[known], labels[known])


@pytest.mark.parametrize("labels", [LABELS, NESTED])
def test_save_and_load(labels, tmp_path):
    model = make(labels)
    expected = model(batch())
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert set(loaded(batch())) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(loaded(batch())[name], value, atol=1e-6)


def test_features_of_another_specification_are_refused():
    with pytest.raises(ValueError, match="12 features a token"):
        make()({"features": np.zeros((1, 2, 13), np.int8), "lengths": np.array([2])})


def test_summary_names_the_parts(capsys):
    model = make()
    model(batch())
    model.summary()
    text = capsys.readouterr().out
    assert all(name in text for name in ("encoder", "pooling", "intent_head", "slot_head"))
