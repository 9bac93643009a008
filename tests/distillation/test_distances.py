from __future__ import annotations

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.distillation import agreement, logit_distance, soft_label_distance
from pqrnn_tf.distillation.distances import (
    contrastive_distance,
    similarity_distance,
    vector_distance,
)

ROW = np.log([[0.5, 0.25, 0.25]]).astype("float32")
UNIFORM = np.zeros((1, 3), "float32")


def value(tensor):
    return float(keras.ops.convert_to_numpy(tensor))


def test_soft_labels_by_hand():
    # 0.5 ln(0.5 · 3) + 2 · 0.25 ln(0.25 · 3) = 0.2027 − 0.1438.
    assert value(soft_label_distance(ROW, UNIFORM)) == pytest.approx(0.0589, abs=1e-4)


def test_temperature_softens_and_is_squared():
    # At T = 2: p ∝ √0.5, √0.25, √0.25 = 0.4142, 0.2929, 0.2929; KL to uniform = 0.0143; times 4.
    p = np.sqrt([0.5, 0.25, 0.25])
    p /= p.sum()
    expected = 4 * np.sum(p * np.log(3 * p))
    assert value(soft_label_distance(ROW, UNIFORM, temperature=2.0)) == pytest.approx(
        expected, rel=1e-4
    )


def test_direction_is_teacher_to_student():
    there = value(soft_label_distance(ROW, UNIFORM))
    # (ln(1/3 / 0.5) + 2 ln(1/3 / 0.25)) / 3
    back = value(soft_label_distance(UNIFORM, ROW))
    assert back == pytest.approx(0.0566, abs=1e-4) and there != pytest.approx(back, abs=1e-3)


def test_equal_distributions_have_no_distance():
    assert value(soft_label_distance(ROW, ROW + 3.0)) == pytest.approx(0.0, abs=1e-6)


def test_gradient_does_not_vanish_where_all_student_logits_are_negative():
    student = tf.Variable([[-5.0, -6.0, -7.0]])
    with tf.GradientTape() as tape:
        loss = soft_label_distance(tf.constant([[1.0, 2.0, 3.0]]), student)
    assert np.abs(tape.gradient(loss, student)).max() > 0.1


def test_size_of_the_gradient_hardly_depends_on_a_high_temperature():
    def gradient(temperature):
        student = tf.Variable([[0.1, 0.0, -0.1]])
        with tf.GradientTape() as tape:
            teacher = tf.constant([[0.2, -0.1, 0.0]])
            loss = soft_label_distance(teacher, student, temperature=temperature)
        return np.abs(tape.gradient(loss, student)).max()

    assert gradient(10.0) == pytest.approx(gradient(100.0), rel=0.05)


def test_logits_by_hand():
    # ((1 − 0)² + (2 − 4)²) / 2
    assert value(logit_distance([[1.0, 2.0]], [[0.0, 4.0]])) == 2.5


@pytest.mark.parametrize("distance", [soft_label_distance, logit_distance])
def test_masked_positions_do_not_count(distance):
    teacher = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    student = np.random.default_rng(1).normal(size=(2, 3, 4)).astype("float32")
    mask = np.array([[True, True, False], [True, False, False]])
    kept = value(distance(teacher[mask], student[mask]))
    teacher[~mask], student[~mask] = np.nan, 1e9
    assert value(distance(teacher, student, mask=mask)) == pytest.approx(kept, rel=1e-5)


@pytest.mark.parametrize("distance", [soft_label_distance, logit_distance])
def test_masked_positions_have_no_gradient(distance):
    student = tf.Variable([[[1.0, 2.0], [np.nan, np.inf]]])
    with tf.GradientTape() as tape:
        loss = distance(tf.zeros((1, 2, 2)), student, mask=[[True, False]])
    gradient = tape.gradient(loss, student).numpy()[0]
    assert np.isfinite(gradient).all() and gradient[0].any() and not gradient[1].any()


@pytest.mark.parametrize("distance", [soft_label_distance, logit_distance, agreement])
def test_nothing_to_count_is_zero(distance):
    ones = np.ones((1, 2, 3), "float32")
    assert value(distance(ones, 2 * ones, mask=np.zeros((1, 2), bool))) == 0.0


def test_sample_weight_scales_rows():
    teacher, student = [[[1.0], [1.0]], [[2.0], [2.0]]], np.zeros((2, 2, 1))
    # (0.5 · 1 + 0.5 · 1 + 0 + 0) / 4
    assert value(logit_distance(teacher, student, sample_weight=[0.5, 0.0])) == 0.25


def test_sample_weight_scales_tokens():
    teacher, student = [[[1.0], [2.0]]], np.zeros((1, 2, 1))
    # (1 · 3 + 4 · 0.5) / 2
    assert value(logit_distance(teacher, student, sample_weight=[[3.0, 0.5]])) == 2.5


def test_sample_weight_of_too_high_rank():
    with pytest.raises(ValueError, match="`sample_weight` must have at most"):
        logit_distance([[1.0], [1.0]], [[1.0], [1.0]], sample_weight=[[1.0, 1.0], [1.0, 1.0]])


def test_agreement_by_hand():
    teacher = [[[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]]
    student = [[[9.0, 8.0], [2.0, 1.0], [0.0, 1.0]]]
    assert value(agreement(teacher, student)) == pytest.approx(1 / 3)
    assert value(agreement(teacher, student, mask=[[True, True, False]])) == 0.5


def test_half_precision_teachers_are_read_in_full_precision():
    distance = soft_label_distance(ROW.astype("float16"), UNIFORM)
    assert keras.backend.standardize_dtype(distance.dtype) == "float32"
    assert value(distance) == pytest.approx(0.0589, abs=1e-3)


@pytest.mark.parametrize("shape", [(1, 4), (2, 3), (1, 1, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="must have the same shape"):
        soft_label_distance(UNIFORM, np.zeros(shape, "float32"))


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_temperature_must_be_positive(temperature):
    with pytest.raises(ValueError, match="`temperature` must be positive"):
        soft_label_distance(ROW, ROW, temperature=temperature)


def test_vectors_of_a_right_angle_have_the_distance_one():
    one = np.array([[2.0, 0.0], [0.0, 3.0]])
    assert float(vector_distance(one, one)) == pytest.approx(0.0, abs=1e-6)
    assert float(vector_distance(one, one[::-1])) == pytest.approx(1.0, abs=1e-6)
    assert float(vector_distance(one, -one)) == pytest.approx(2.0, abs=1e-6)
    assert float(vector_distance(one, np.zeros((2, 2)))) == pytest.approx(1.0, abs=1e-6)


def test_similarity_distance_is_the_divergence_over_the_other_texts():
    teacher = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    student = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    # The student's cosines are all 0, so that its two shares are 1/2; the teacher's are softmax(scale · cosine).
    share = math.exp(2.0) / (math.exp(2.0) + 1.0)
    skewed = share * math.log(2 * share) + (1 - share) * math.log(2 * (1 - share))
    expected = 2 * skewed / 3  # the third text is as far from both others
    assert float(similarity_distance(teacher, student, scale=2.0)) == pytest.approx(
        expected, rel=1e-5
    )
    assert float(similarity_distance(teacher, 5.0 * teacher)) == pytest.approx(0.0, abs=1e-6)
    assert float(similarity_distance(teacher[:1], student[:1])) == pytest.approx(0.0, abs=1e-6)


def test_contrastive_distance_is_nt_xent():
    one, other = np.eye(2), np.eye(2)
    # Each of the four vectors has its pair at cosine 1 and the two of the other text at 0.
    expected = -math.log(math.e / (math.e + 2.0))
    assert float(contrastive_distance(one, other, temperature=1.0)) == pytest.approx(
        expected, rel=1e-5
    )
    swapped = float(contrastive_distance(one, other[::-1], temperature=1.0))
    assert swapped == pytest.approx(-math.log(1.0 / (math.e + 2.0)), rel=1e-5)


def test_wrong_arguments_of_distances_of_vectors_are_named():
    with pytest.raises(ValueError, match="same shape"):
        vector_distance(np.ones((2, 3)), np.ones((2, 4)))
    with pytest.raises(ValueError, match="must be of the same texts"):
        similarity_distance(np.ones((2, 3)), np.ones((3, 3)))
    with pytest.raises(ValueError, match="`scale` must be positive"):
        similarity_distance(np.ones((2, 3)), np.ones((2, 3)), scale=0.0)
    with pytest.raises(ValueError, match="`temperature` must be positive"):
        contrastive_distance(np.ones((2, 3)), np.ones((2, 3)), temperature=0.0)
