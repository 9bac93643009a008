from __future__ import annotations

import math
import pathlib

import numpy as np
import pytest
from layer_checks import run_layer_test

from pqrnn_tf.encoder import AttentionPooling


def random_inputs() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(3, 6, 5)).astype("float32")


def hand_layer() -> AttentionPooling:
    """Scores are ln 3 times the first channel."""
    layer = AttentionPooling()
    layer.build((None, None, 2))
    layer.kernel.assign([[math.log(3)], [0.0]])
    return layer


def test_hand_computed() -> None:
    # Scores ln 3 and 0: weights 0.75 and 0.25.
    np.testing.assert_allclose(
        hand_layer()(np.array([[[1.0, 4.0], [0.0, 8.0]]], "float32")), [[0.75, 5.0]], atol=1e-6
    )


def test_masked_step_has_no_weight() -> None:
    inputs = np.array([[[1.0, 4.0], [0.0, 8.0], [50.0, 90.0]]], "float32")
    pooled = hand_layer()(inputs, mask=np.array([[True, True, False]]))
    np.testing.assert_allclose(pooled, [[0.75, 5.0]], atol=1e-6)


def test_padded_batch_equals_single_examples() -> None:
    lengths = [6, 1, 4]
    layer = AttentionPooling()
    together = layer(random_inputs(), mask=np.arange(6) < np.array(lengths)[:, None])
    for n, length in enumerate(lengths):
        alone = layer(random_inputs()[n : n + 1, :length])
        np.testing.assert_allclose(together[n : n + 1], alone, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_fully_masked_row_is_zero(dtype: str) -> None:
    mask = np.ones((3, 6), bool)
    mask[1] = False
    pooled = np.array(AttentionPooling(dtype=dtype)(random_inputs(), mask=mask))
    assert not pooled[1].any()
    assert np.isfinite(pooled).all()
    assert np.abs(pooled[0]).max() > 0


def test_large_scores_do_not_overflow_in_half_precision() -> None:
    layer = AttentionPooling(kernel_initializer="ones", dtype="mixed_float16")  # scores 3e5
    pooled = np.array(layer(np.full((1, 4, 5), 6e4, "float16"), mask=np.array([[1, 1, 0, 0]])))
    np.testing.assert_array_equal(pooled, np.full((1, 5), 6e4, "float16"))


def test_the_mask_ends_here() -> None:
    assert AttentionPooling().compute_mask(None, np.ones((2, 3), bool)) is None


def test_layer_contract(tmp_path: pathlib.Path) -> None:
    run_layer_test(
        AttentionPooling,
        {"kernel_regularizer": "l2"},
        inputs=random_inputs(),
        output_shape=(3, 5),
        trainable_weights=1,
        non_trainable_weights=0,
        folder=tmp_path,
    )


def test_wrong_rank() -> None:
    with pytest.raises(ValueError, match=r"shape \(batch, time, width\).* Received"):
        AttentionPooling()(np.zeros((2, 3), "float32"))
