"""The joint model as a Keras layer: shapes, masks, gradients, configuration."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from pqrnn_tf.encoder import PQRNNEncoder
from pqrnn_tf.projection import ProjectionSpec
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.labels import LabelSet

SPEC = ProjectionSpec(word_features=12, ngram_features=0, ngram_orders=(), shape=False)
LABELS = LabelSet(("A", "B", "C"), ("O", "B-X", "I-X"))


def make(**arguments) -> IntentSlotModel:
    keras.utils.set_random_seed(0)
    encoder = PQRNNEncoder(8, 4, 2, kernel_width=2, residual=True)
    return IntentSlotModel(labels=LABELS, spec=SPEC, encoder=encoder, **arguments)


def batch(time=5, lengths=(5, 2)):
    features = np.random.default_rng(0).integers(-1, 2, (2, time, 12)).astype(np.int8)
    for row, length in zip(features, lengths, strict=True):
        row[length:] = 0
    return {"features": features, "lengths": np.array(lengths, np.int32)}


def test_shapes_of_the_outputs():
    outputs = make()(batch())
    assert outputs["intent"].shape == (2, 3)
    assert outputs["slots"].shape == (2, 5, 3)


@pytest.mark.parametrize("context", [True, False])
def test_padding_changes_nothing(context):
    model = make(intent_context=context)
    inputs = batch()
    together = model(inputs)
    alone = model({"features": inputs["features"][1:, :2], "lengths": inputs["lengths"][1:]})
    np.testing.assert_allclose(together["intent"][1], alone["intent"][0], atol=1e-5)
    np.testing.assert_allclose(together["slots"][1, :2], alone["slots"][0], atol=1e-5)


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


def test_fit_learns_and_reports_both_losses():
    model = make(dropout=0.0)
    model.compile(keras.optimizers.Adam(0.02), loss=model.losses_of(), jit_compile=False)
    targets = {"intent": np.array([0, 2]), "slots": np.array([[0, 1, 2, 0, 1], [1, 2, -1, -1, -1]])}
    history = model.fit(batch(), targets, epochs=30, verbose=0).history
    assert {"intent_loss", "slots_loss"} <= set(history)
    assert history["loss"][-1] < 0.3 * history["loss"][0]


def test_save_and_load(tmp_path):
    model = make()
    expected = model(batch())
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(batch())["slots"], expected["slots"], atol=1e-6)


def test_features_of_another_specification_are_refused():
    with pytest.raises(ValueError, match="12 features a token"):
        make()({"features": np.zeros((1, 2, 13), np.int8), "lengths": np.array([2])})


def test_summary_names_the_parts(capsys):
    model = make()
    model(batch())
    model.summary()
    text = capsys.readouterr().out
    assert all(name in text for name in ("encoder", "pooling", "intent_head", "slot_head"))
