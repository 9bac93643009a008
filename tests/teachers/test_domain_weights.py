"""Weights of rows, by numbers that were worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pqrnn_tf.teachers.domain_weights import (
    DomainPrototypes,
    expertise,
    mean_states,
    student_weights,
)

THREE = DomainPrototypes(("a", "b", "c"), np.array([[2, 0], [0, 2], [2, 2]], np.float32))


def test_a_prototype_is_the_mean_of_its_rows():
    vectors = np.array([[1.0, 3.0], [3.0, 5.0], [0.0, 1.0]])
    found = DomainPrototypes.of(vectors, ["b", "b", "a"])
    assert found.names == ("a", "b")
    np.testing.assert_array_equal(found.centroids, [[0, 1], [2, 4]])
    again = DomainPrototypes.from_dict(found.to_dict())
    assert again.digest == found.digest != THREE.digest


def test_prototype_weights_are_half_the_sum_of_two_cosines():
    # Own centroid (2, 0), the others' mean (1, 2): cosines 1 and 1 / √5.
    # Own centroid (2, 2), the others' mean (1, 1): cosines 1 / √2 and 1 / √2.
    weights = THREE.weights(np.array([[3.0, 0.0], [0.0, 1.0]]), ["a", "c"])
    np.testing.assert_allclose(weights, [0.5 * (1 + 5**-0.5), 0.5**0.5], rtol=1e-6)
    assert weights.dtype == np.float32


def test_a_row_without_a_domain_belongs_to_the_nearest():
    vectors = np.array([[0.1, 9.0], [5.0, 4.0]])
    np.testing.assert_array_equal(
        THREE.weights(vectors, ["", ""]), THREE.weights(vectors, ["b", "c"])
    )


def test_opposite_and_empty_vectors_have_their_cosines():
    pair = DomainPrototypes(("a", "b"), np.array([[1, 0], [0, 1]], np.float32))
    np.testing.assert_allclose(
        pair.weights(np.array([[-1.0, 0.0], [0.0, 0.0]]), ["a", "a"]), [-0.5, 0.0]
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: THREE.weights(np.ones((1, 2)), ["x"]), r"among those.*\['a', 'b', 'c'\].*\['x'\]"),
        (
            lambda: THREE.weights(np.ones((1, 3)), ["a"]),
            r"the width of the prototypes, 2.*\(1, 3\)",
        ),
        (lambda: DomainPrototypes.of(np.ones((2, 2)), ["a", "a"]), r"two domains or more.*\['a'\]"),
        (lambda: DomainPrototypes(("a", "b"), np.ones((3, 2))), "a row for each of 2 domains"),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def logits(*shares: float) -> list[float]:
    return [math.log(share) for share in shares]


def test_expertise_is_the_formula_of_intent_and_tokens():
    """Intent right with 0.8 and tokens with 0.5 and 0.9: errors 0.04 and (0.25 + 0.01) / 2 = 0.13, mean 0.085."""
    found = expertise(
        np.array([logits(0.8, 0.2)]),
        np.array([0]),
        np.array([logits(0.5, 0.5), logits(0.1, 0.9), logits(0.01, 0.99)]),
        np.array([1, 1, 0]),
        np.array([True, True, False]),  # the teacher did not answer the third token
        np.array([3]),
    )
    assert found == pytest.approx([1 / (math.exp(0.085) + 1)], rel=1e-6)


def test_a_row_counts_what_gold_labels_it_has_and_else_the_teachers_choice():
    found = expertise(
        np.array([logits(0.8, 0.2)] * 4),
        np.array([-1, 1, -1, 0]),
        np.array([logits(0.4, 0.6)] * 3),
        np.array([0, -1, -1]),
        np.array([True, True, True]),
        np.array([1, 2, 3, 3]),
    )
    # Slots only: 0.6². Intent only: 0.8². Nothing: (0.2² + 0.4²) / 2. No tokens: 0.2².
    errors = [0.36, 0.64, 0.1, 0.04]
    assert found == pytest.approx([1 / (math.exp(e) + 1) for e in errors], rel=1e-6)


def test_expertise_is_one_half_at_best():
    sure = np.array([[60.0, 0.0], [0.0, 60.0]])
    found = expertise(
        sure, np.array([0, 0]), sure[:0], np.zeros(0, int), np.zeros(0, bool), np.zeros(2, int)
    )
    assert found == pytest.approx([0.5, 1 / (math.e + 1)], rel=1e-6)


def test_student_weights_are_one_plus_w_times_t():
    found = student_weights(np.array([0.5, -1.0]), np.array([0.4, 0.5]))
    np.testing.assert_allclose(found, [0.6, 0.0], rtol=1e-6)


def test_the_mean_state_leaves_padding_out():
    hidden = np.array([[[1.0, 2.0], [3.0, 4.0], [np.nan, 9.0]], [[5.0, 5.0]] * 3], np.float16)
    mask = np.array([[True, True, False], [False] * 3])
    np.testing.assert_array_equal(mean_states(hidden, mask), [[2, 3], [0, 0]])
