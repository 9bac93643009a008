"""Losses on hidden states: unequal widths, masks, schedules, and maps that do not outlive training."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.distillation import Distiller, LatentLoss, gram_distance, hidden_distance
from pqrnn_tf.encoder import PQRNNEncoder
from pqrnn_tf.runtime import ProjectionSpec
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.teachers import CachedTeacher

LABELS = LabelSet(intents=("ALARM", "CALL"), tags=("O", "B-TIME", "I-TIME"))
SPEC = ProjectionSpec(word_features=8, ngram_features=8, ngram_hashes=1, shape=False)
ROWS, TIME, WIDTH = 6, 4, 5  # the student's layers are 6 and 8 wide


class Counted(IntentSlotModel):
    """Counts how often its encoder is traced or run."""

    passes = 0

    def encode(self, inputs, training=None):
        type(self).passes += 1
        return super().encode(inputs, training=training)


def make_student(kind=IntentSlotModel):
    keras.utils.set_random_seed(3)
    encoder = PQRNNEncoder(6, 4, 1, kernel_width=2, normalization=None, name="encoder")
    student = kind(labels=LABELS, spec=SPEC, encoder=encoder, dropout=0.0)
    student.build_from_config(student.get_build_config())
    return student


def make_inputs():
    rng = np.random.default_rng(0)
    return {
        "features": rng.integers(-1, 2, (ROWS, TIME, SPEC.features)).astype("int8"),
        "lengths": np.array([4, 3, 2, 1, 4, 2], "int32"),
        "teacher_intent": rng.normal(size=(ROWS, 2)).astype("float32"),
        "teacher_slots": rng.normal(size=(ROWS, TIME, 3)).astype("float32"),
        "teacher_hidden": rng.normal(size=(ROWS, TIME, WIDTH)).astype("float32"),
    }


def real_tokens(inputs):
    return np.arange(TIME) < inputs["lengths"][:, None]


def latent_only(student, *losses, optimizer=None, **options):
    distiller = Distiller(
        student,
        CachedTeacher(LABELS),
        student_loss_weight=0.0,
        output_weights={},
        latent=losses,
        teacher_width=WIDTH,
        **options,
    )
    # Eagerly: tracing costs more than these few steps.
    distiller.compile(optimizer or keras.optimizers.SGD(0.1), run_eagerly=True)
    return distiller


def scores(distiller, inputs):
    return distiller.evaluate(inputs, batch_size=ROWS, return_dict=True, verbose=0)


def test_hidden_states_by_hand():
    # ((1 − 0)² + (2 − 4)²) / 2
    assert float(hidden_distance([[[1.0, 2.0]]], [[[0.0, 4.0]]])) == 2.5


def test_gram_by_hand():
    teacher = np.array([[[1.0, 0.0], [0.0, 2.0]]])  # cosines 1, 0, 0, 1
    student = np.array([[[3.0], [5.0]]])  # all cosines 1
    assert float(gram_distance(teacher, student)) == pytest.approx(0.5)


def test_gram_knows_no_rotation_no_scale_and_no_width():
    rng = np.random.default_rng(0)
    states = rng.normal(size=(2, 3, 4))
    rotation, _ = np.linalg.qr(rng.normal(size=(6, 6)))
    assert float(gram_distance(states, 7 * states @ rotation[:4])) == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("distance", [gram_distance, hidden_distance])
def test_padding_does_not_count_and_has_no_gradient(distance):
    rng = np.random.default_rng(1)
    teacher, states = rng.normal(size=(2, 1, 3, 4)).astype("float32")
    mask = np.array([[True, True, False]])
    expected = float(distance(teacher[:, :2], states[:, :2]))
    teacher[:, 2], states[:, 2] = np.nan, 1e9
    student = tf.Variable(states)
    with tf.GradientTape() as tape:
        value = distance(teacher, student, mask=mask)
    gradient = tape.gradient(value, student).numpy()[0]
    assert float(value) == pytest.approx(expected, rel=1e-5)
    assert np.isfinite(gradient).all() and gradient[:2].any() and not gradient[2].any()


def test_gram_has_a_finite_gradient_at_zero():
    student = tf.Variable(np.zeros((1, 2, 3), "float32"))
    with tf.GradientTape() as tape:
        value = gram_distance(np.ones((1, 2, 3), "float32"), student)
    assert np.isfinite(tape.gradient(value, student).numpy()).all()


def test_gram_sample_weight_scales_rows():
    teacher = np.tile([[[1.0, 0.0], [0.0, 1.0]]], (2, 1, 1))
    student = np.ones((2, 2, 1))
    assert float(gram_distance(teacher, student, sample_weight=[1.0, 0.0])) == pytest.approx(0.25)


def test_gram_needs_the_same_tokens():
    with pytest.raises(ValueError, match="same texts and tokens"):
        gram_distance(np.zeros((1, 2, 3)), np.zeros((1, 3, 3)))


def test_loss_is_the_weighted_sum_and_metrics_are_not_weighted():
    student, inputs = make_student(), make_inputs()
    distiller = latent_only(
        student, LatentLoss(weight=3.0, layer=0), LatentLoss(distance="gram", weight=0.5)
    )
    logs = scores(distiller, inputs)
    states = student.encode(inputs, training=False)["hidden"]
    mask = real_tokens(inputs)
    kernel, bias = (v.numpy() for v in distiller._latent.trainable_variables)
    mapped = states[0].numpy() @ kernel + bias
    assert logs["hidden_loss"] == pytest.approx(
        np.mean(np.square(mapped - inputs["teacher_hidden"])[mask]), rel=1e-4
    )
    gram = gram_distance(inputs["teacher_hidden"], states[-1], mask=mask)
    assert logs["gram_loss"] == pytest.approx(float(gram), rel=1e-4)
    expected = 3 * logs["hidden_loss"] + 0.5 * logs["gram_loss"]
    assert logs["loss"] == pytest.approx(expected, rel=1e-5)


def test_latent_losses_add_to_the_others():
    inputs = make_inputs()
    student = make_student()
    alone = Distiller(student, CachedTeacher(LABELS), student_loss_weight=0.0)
    both = Distiller(
        student,
        CachedTeacher(LABELS),
        student_loss_weight=0.0,
        latent=[LatentLoss(distance="gram", weight=2.0)],
    )
    for distiller in (alone, both):
        distiller.compile("sgd", run_eagerly=True)
    before, after = scores(alone, inputs), scores(both, inputs)
    assert after["distillation_loss"] == pytest.approx(before["distillation_loss"], rel=1e-5)
    assert after["loss"] == pytest.approx(before["loss"] + 2 * after["gram_loss"], rel=1e-5)


def test_padding_of_the_teacher_does_not_matter():
    inputs = make_inputs()
    distiller = latent_only(make_student(), LatentLoss(), LatentLoss(distance="gram"))
    before = scores(distiller, inputs)
    inputs["teacher_hidden"][~real_tokens(inputs)] = np.nan
    assert scores(distiller, inputs) == before


@pytest.mark.parametrize("named", [False, True])
def test_sample_weights_are_honoured(named):
    inputs = make_inputs()
    distiller = latent_only(make_student(), LatentLoss(), LatentLoss(distance="gram"))
    weight = np.array([1, 0, 0, 0, 0, 0], "float32")
    weight = {"intent": 1 - weight, "slots": weight} if named else weight
    targets = {"intent": np.zeros(ROWS, "int32"), "slots": np.zeros((ROWS, TIME), "int32")}

    def weighted():
        data = tf.data.Dataset.from_tensors((inputs, targets, weight))
        return distiller.evaluate(data, return_dict=True, verbose=0)

    before = weighted()
    inputs["teacher_hidden"][1:] *= -9
    assert weighted() == pytest.approx(before)
    inputs["teacher_hidden"][0] *= -9
    assert weighted()["hidden_loss"] > before["hidden_loss"] > 0


def test_map_and_student_train_on_unequal_widths():
    distiller = latent_only(make_student(), LatentLoss(), optimizer=keras.optimizers.Adam(0.02))
    start = [v.numpy() for v in distiller.trainable_variables]
    history = distiller.fit(make_inputs(), batch_size=ROWS, epochs=15, verbose=0).history
    assert history["hidden_loss"][-1] < 0.7 * history["hidden_loss"][0]
    changed = [
        np.abs(v.numpy() - before).max() > 0
        for v, before in zip(distiller.trainable_variables, start, strict=True)
    ]
    names = [v.path for v in distiller.trainable_variables]
    still = {name for name, moved in zip(names, changed, strict=True) if not moved}
    assert not any("map" in name or "encoder" in name for name in still)
    assert any("head" in name for name in still)  # nothing but hidden states was compared


def test_student_saved_after_training_has_no_map(tmp_path):
    student, inputs = make_student(), make_inputs()
    distiller = latent_only(student, LatentLoss())
    distiller.fit(inputs, batch_size=ROWS, verbose=0)
    assert len(distiller.trainable_weights) == len(student.trainable_weights) + 2
    distiller.student.save(tmp_path / "student.keras")
    loaded = keras.models.load_model(tmp_path / "student.keras")
    assert len(loaded.weights) == len(make_student().weights)
    own = {key: inputs[key] for key in ("features", "lengths")}
    np.testing.assert_allclose(loaded(own)["slots"], student(own)["slots"], atol=1e-6)


def test_map_is_in_the_weights_of_the_distiller(tmp_path):
    inputs = make_inputs()
    distiller = latent_only(make_student(), LatentLoss())
    distiller.fit(inputs, batch_size=ROWS, verbose=0)
    distiller.save_weights(tmp_path / "distiller.weights.h5")
    other = latent_only(make_student(), LatentLoss())
    other.fit(inputs, batch_size=ROWS, epochs=2, verbose=0)
    other.load_weights(tmp_path / "distiller.weights.h5")
    for a, b in zip(other.trainable_weights, distiller.trainable_weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_student_runs_once_a_step():
    student = make_student(Counted)
    distiller = latent_only(student, LatentLoss(), LatentLoss(distance="gram"))
    Counted.passes = 0
    distiller.fit(make_inputs(), batch_size=ROWS // 2, verbose=0)
    assert Counted.passes == 2


def test_runs_in_a_graph_with_all_losses_and_metrics():
    inputs = make_inputs()
    targets = {"intent": np.zeros(ROWS, "int32"), "slots": np.zeros((ROWS, TIME), "int32")}
    distiller = Distiller(
        make_student(), CachedTeacher(LABELS), latent=[LatentLoss()], teacher_width=WIDTH
    )
    metrics = {"intent": [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]}
    distiller.compile("adam", distiller.student.losses_of(), metrics=metrics)
    history = distiller.fit(inputs, targets, batch_size=ROWS, epochs=2, verbose=0).history
    assert {"loss", "student_loss", "distillation_loss", "hidden_loss"} < set(history)
    assert any("accuracy" in name for name in history)
    assert np.isfinite(history["loss"]).all()


def test_predict_gives_the_students_outputs_alone():
    student, inputs = make_student(), make_inputs()
    own = {key: inputs[key] for key in ("features", "lengths")}
    outputs = latent_only(student, LatentLoss()).predict(own, verbose=0)
    assert set(outputs) == {"intent", "slots"}
    np.testing.assert_allclose(outputs["slots"], student(own)["slots"], atol=1e-5)


def test_weight_follows_its_schedule():
    rising = keras.optimizers.schedules.PolynomialDecay(0.0, 4, 1.0)
    distiller = latent_only(
        make_student(),
        LatentLoss(distance="gram", weight=rising),
        optimizer=keras.optimizers.SGD(0.0),
    )
    history = distiller.fit(make_inputs(), batch_size=ROWS, epochs=6, verbose=0).history
    shares = np.array(history["loss"]) / np.array(history["gram_loss"])
    np.testing.assert_allclose(shares, [0, 0.25, 0.5, 0.75, 1, 1], atol=1e-5)


def test_weights_of_hard_and_soft_labels_follow_schedules():
    inputs = make_inputs()
    targets = {"intent": np.zeros(ROWS, "int32"), "slots": np.zeros((ROWS, TIME), "int32")}
    distiller = Distiller(
        make_student(),
        CachedTeacher(LABELS),
        student_loss_weight=keras.optimizers.schedules.PolynomialDecay(0.0, 2, 1.0),
        output_weights={"intent": lambda step: 2.0},
    )
    distiller.compile(keras.optimizers.SGD(0.0), distiller.student.losses_of(), run_eagerly=True)
    history = distiller.fit(inputs, targets, batch_size=ROWS, epochs=3, verbose=0).history
    hard, soft = history["student_loss"], history["distillation_loss"]
    expected = [soft[0], (hard[1] + soft[1]) / 2, hard[2]]
    assert history["loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"distance": "cosine"}, r"`distance` must be one of \['gram', 'hidden'\]"),
        ({"weight": -1.0}, "`weight` must be at least 0"),
    ],
)
def test_bad_losses(options, message):
    with pytest.raises(ValueError, match=message):
        LatentLoss(**options)


@pytest.mark.parametrize(
    ("losses", "width", "message"),
    [
        ([LatentLoss(layer=2)], WIDTH, "`layer` must be from -2 to 1. Received: 2"),
        ([LatentLoss(), LatentLoss(layer=0)], WIDTH, "losses of different names"),
        ([LatentLoss()], None, "`teacher_width` must be given"),
    ],
)
def test_losses_that_do_not_fit(losses, width, message):
    with pytest.raises(ValueError, match=message):
        Distiller(make_student(), CachedTeacher(LABELS), latent=losses, teacher_width=width)


def test_width_of_the_teacher_is_asked_for():
    teacher = CachedTeacher(LABELS)
    teacher.width = WIDTH
    Distiller(make_student(), teacher, latent=[LatentLoss()])
    with pytest.raises(ValueError, match="`teacher_width` must be the teacher's width, 5"):
        Distiller(make_student(), teacher, latent=[LatentLoss()], teacher_width=4)


def test_student_without_hidden_states():
    inputs = keras.Input((3,))
    with pytest.raises(TypeError, match="must have a method `encode`"):
        Distiller(keras.Model(inputs, inputs), CachedTeacher(), latent=[LatentLoss()])


def test_teacher_without_hidden_states():
    inputs = make_inputs()
    del inputs["teacher_hidden"]
    with pytest.raises(ValueError, match="The teacher must return 'hidden'"):
        scores(latent_only(make_student(), LatentLoss()), inputs)


def test_losses_are_told_apart_by_plain_values():
    rising = keras.optimizers.schedules.PolynomialDecay(0.0, 4, 1.0)
    other = keras.optimizers.schedules.PolynomialDecay(0.0, 5, 1.0)
    plain = [json.dumps(LatentLoss(weight=weight).to_dict()) for weight in (1, 1.0, rising, other)]
    assert plain[0] == plain[1] and len(set(plain)) == 3
