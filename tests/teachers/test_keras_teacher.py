from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.encoder import PQRNNEncoder
from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.runtime import ProjectionSpec
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.teachers import KerasTeacher, Teacher

TEXTS = ["set alarms 7pm", "call mom"]


def spec(**changes):
    sizes = {"word_features": 32, "ngram_features": 32, "ngram_hashes": 2, "max_code_points": 32}
    return ProjectionSpec(**{**sizes, "max_tokens": 8, **changes})


@pytest.fixture(scope="module")
def model(labels):
    keras.utils.set_random_seed(1)
    encoder = PQRNNEncoder(6, 5, 1, kernel_width=2, dropout=0.5, seed=3, name="encoder")
    model = IntentSlotModel(labels=labels, spec=spec(), encoder=encoder, dropout=0.5)
    model.build_from_config(model.get_build_config())
    return model


def projected(own):
    features, lengths, spans, _ = project_strings(tf.constant(TEXTS), own)
    return {"text": tf.constant(TEXTS), "features": features, "lengths": lengths, "spans": spans}


def test_is_a_teacher(model, labels):
    teacher = KerasTeacher(model)
    assert isinstance(teacher, Teacher) and teacher.labels == labels and not teacher.supports_jit


def test_equal_tokens_are_passed_on_as_they_are(model):
    inputs = projected(model.spec)
    states = model.encode(inputs, training=False)
    expected = model.heads(states, training=False)
    # The features of the student must not matter.
    outputs = KerasTeacher(model)({**inputs, "features": 0 * inputs["features"][..., :3]})
    np.testing.assert_allclose(outputs["intent"], expected["intent"], atol=1e-6)
    real = states["mask"].numpy()
    assert outputs["mask"].numpy().tolist() == real.tolist()
    np.testing.assert_allclose(
        outputs["slots"].numpy()[real], expected["slots"].numpy()[real], atol=1e-6
    )
    np.testing.assert_allclose(
        outputs["hidden"].numpy()[real], states["sequence"].numpy()[real], atol=1e-6
    )


def test_token_that_spans_two_gets_their_mean(model):
    inputs = projected(model.spec)
    slots = model(inputs)["slots"].numpy()
    coarse = tf.constant([[[0, 10], [11, 14]], [[0, 4], [5, 8]]])
    outputs = KerasTeacher(model)({**inputs, "spans": coarse, "lengths": [2, 2]})
    np.testing.assert_allclose(outputs["slots"][0, 0], slots[0, :2].mean(0), atol=1e-6)


def test_tokens_beyond_its_longest_text_are_masked(labels):
    short = IntentSlotModel(labels=labels, spec=spec(max_tokens=2), encoder=PQRNNEncoder(4, 4, 1))
    short.build_from_config(short.get_build_config())
    outputs = KerasTeacher(short)(projected(spec()))
    assert outputs["mask"].numpy()[0, :3].tolist() == [True, True, False]


def test_hidden_layer_is_chosen(model):
    inputs = projected(model.spec)
    teacher = KerasTeacher(model, hidden_layer=0)
    assert (teacher.width, KerasTeacher(model).width) == (6, 10)
    bottleneck = model.encode(inputs, training=False)["hidden"][0]
    real = model.encode(inputs)["mask"].numpy()
    np.testing.assert_allclose(
        teacher(inputs)["hidden"].numpy()[real], bottleneck.numpy()[real], atol=1e-6
    )


def test_runs_without_dropout_unless_told(model):
    teacher, inputs = KerasTeacher(model), projected(model.spec)
    np.testing.assert_array_equal(teacher(inputs)["intent"], teacher(inputs)["intent"])
    dropped = teacher(inputs, training=True)["intent"]
    assert np.abs(dropped - teacher(inputs)["intent"]).max() > 1e-3


def test_works_in_a_graph(model):
    teacher, inputs = KerasTeacher(model), projected(model.spec)
    outputs = tf.function(lambda x: teacher(x, training=False))(inputs)
    np.testing.assert_allclose(outputs["slots"], teacher(inputs)["slots"], atol=1e-5)


def test_missing_text_is_named(model):
    inputs = projected(model.spec)
    del inputs["text"]
    with pytest.raises(ValueError, match=r"without \['text'\]"):
        KerasTeacher(model)(inputs)


def test_hidden_layer_must_exist(model):
    with pytest.raises(ValueError, match="`hidden_layer` must be from -2 to 1. Received: 2"):
        KerasTeacher(model, hidden_layer=2)


def test_other_models_are_refused():
    with pytest.raises(TypeError, match="`model` must be an `IntentSlotModel`"):
        KerasTeacher(keras.Sequential())
