from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from plain_loop import plain_recurrence

from pqrnn_tf.encoder import linear_recurrence

UNKNOWN_TIME = [tf.TensorSpec([None, None, 3], tf.float64)] * 2


def pair(time: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(time)
    return rng.random((2, time, 3)), rng.normal(size=(2, time, 3))


def traced(reverse: bool, **options: bool) -> tf.types.experimental.PolymorphicFunction:
    """The recurrence and its gradients in a graph that does not know the length."""

    @tf.function(input_signature=UNKNOWN_TIME, **options)
    def run(a: tf.Tensor, b: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            tape.watch([a, b])
            c = linear_recurrence(a, b, reverse=reverse)
            total = tf.reduce_sum(tf.sin(c))
        return c, tape.gradient(total, [a, b])

    return run


def loop_gradients(a: np.ndarray, b: np.ndarray, reverse: bool) -> list[np.ndarray]:
    """TensorFlow's own gradients of the loop written out step by step."""
    a, b = tf.constant(a), tf.constant(b)
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        state, total = tf.zeros_like(b[:, 0]), 0.0
        steps = range(b.shape[1])
        for t in reversed(steps) if reverse else steps:
            state = a[:, t] * state + b[:, t]
            total += tf.reduce_sum(tf.sin(state))
    return [g.numpy() for g in tape.gradient(total, [a, b])]


def test_hand_computed() -> None:
    a = np.array([0.5, 0.5, 2.0]).reshape(1, 3, 1)
    b = np.array([1.0, 0.0, 3.0]).reshape(1, 3, 1)
    np.testing.assert_array_equal(np.ravel(linear_recurrence(a, b)), [1.0, 0.5, 4.0])
    np.testing.assert_array_equal(np.ravel(linear_recurrence(a, b, reverse=True)), [1.75, 1.5, 3.0])


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("time", [0, 1, 2, 3, 8, 13, 64])
def test_known_time_equals_the_loop(time: int, reverse: bool) -> None:
    a, b = pair(time)
    np.testing.assert_allclose(
        linear_recurrence(a, b, reverse=reverse), plain_recurrence(a, b, reverse), atol=1e-12
    )


@pytest.mark.parametrize("reverse", [False, True])
def test_unknown_time_equals_the_loop_at_every_length(reverse: bool) -> None:
    run = traced(reverse)
    for time in (1, 2, 3, 8, 13, 64, 700):
        a, b = pair(time)
        c, gradients = run(a, b)
        np.testing.assert_allclose(c, plain_recurrence(a, b, reverse), atol=1e-12)
        if time <= 13:
            for got, expected in zip(gradients, loop_gradients(a, b, reverse), strict=True):
                np.testing.assert_allclose(got, expected, atol=1e-12)
    assert run.experimental_get_tracing_count() == 1


def test_unknown_time_compiles_under_xla() -> None:
    a, b = pair(13)
    c, gradients = traced(True, jit_compile=True)(a, b)
    np.testing.assert_allclose(c, plain_recurrence(a, b, True), atol=1e-12)
    for got, expected in zip(gradients, loop_gradients(a, b, True), strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-12)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("time", [1, 2, 7, 16])
def test_gradients_equal_those_of_the_loop(time: int, reverse: bool) -> None:
    a, b = (tf.constant(x) for x in pair(time))
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        total = tf.reduce_sum(tf.sin(linear_recurrence(a, b, reverse=reverse)))
    for got, expected in zip(
        tape.gradient(total, [a, b]), loop_gradients(a.numpy(), b.numpy(), reverse), strict=True
    ):
        np.testing.assert_allclose(got, expected, atol=1e-12)


def test_second_derivative() -> None:
    # c[1] = a[1] b[0] + b[1], so d²(c[1]²)/da[1]² = 2 b[0]².
    a, b = tf.constant([[[0.0], [0.3]]]), tf.constant([[[5.0], [1.0]]])
    with tf.GradientTape() as outer:
        outer.watch(a)
        with tf.GradientTape() as inner:
            inner.watch(a)
            value = linear_recurrence(a, b)[0, 1, 0] ** 2
        slope = inner.gradient(value, a)[0, 1, 0]
    assert outer.gradient(slope, a)[0, 1, 0].numpy() == pytest.approx(50.0)


def test_wrong_rank_names_the_argument() -> None:
    with pytest.raises(ValueError, match=r"`b` must have shape .* Received: shape=\(2, 3\)"):
        linear_recurrence(np.zeros((2, 3, 1)), np.zeros((2, 3)))
