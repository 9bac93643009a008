from __future__ import annotations

import numpy as np
import tensorflow as tf

from pqrnn_tf.teachers.alignment import (
    code_point_offsets,
    mean_of_pieces,
    pool_pieces,
    shares_piece,
)


def test_byte_offsets_become_code_point_offsets():
    # Bytes: a=0, é=1..2, ส=3..5, 😀=6..9.
    offsets = code_point_offsets(tf.constant(["aéส😀"]), tf.constant([[0, 1, 3, 6, 10]]))
    assert offsets.numpy().tolist() == [[0, 1, 2, 3, 4]]


def test_offsets_of_empty_texts():
    assert code_point_offsets(tf.constant(["", ""]), tf.zeros((2, 1))).numpy().tolist() == [[0]] * 2


def test_state_of_a_token_is_the_mean_of_its_pieces():
    states = tf.constant([[[9.0, 9.0], [1.0, 2.0], [3.0, 6.0], [9.0, 9.0]]])
    piece_spans = tf.constant([[[0, 0], [0, 5], [5, 6], [0, 0]]])  # [CLS] alarm ##s [SEP]
    pooled, mask = pool_pieces(states, piece_spans, tf.constant([[[0, 6]]]), tf.constant([1]))
    np.testing.assert_allclose(pooled.numpy(), [[[2.0, 4.0]]])
    assert mask.numpy().tolist() == [[True]]


def test_one_piece_serves_every_token_that_it_covers():
    states = tf.constant([[[1.0], [5.0]]])
    piece_spans = tf.constant([[[0, 3], [4, 6]]])
    spans = tf.constant([[[0, 1], [1, 3], [4, 6]]])
    pooled, _ = pool_pieces(states, piece_spans, spans, tf.constant([3]))
    assert pooled.numpy().tolist() == [[[1.0], [1.0], [5.0]]]


def test_token_without_a_piece_is_zero_and_masked():
    pooled, mask = pool_pieces(
        tf.ones((1, 1, 2)), tf.constant([[[0, 3]]]), tf.constant([[[0, 3], [4, 6]]]), [2]
    )
    assert pooled.numpy().tolist() == [[[1.0, 1.0], [0.0, 0.0]]]
    assert mask.numpy().tolist() == [[True, False]]


def test_padded_tokens_are_masked_whatever_their_span():
    _, mask = pool_pieces(
        tf.ones((1, 1, 2)), tf.constant([[[0, 3]]]), tf.constant([[[0, 3], [0, 3]]]), [1]
    )
    assert mask.numpy().tolist() == [[True, False]]


def test_mean_leaves_out_special_and_padded_pieces():
    states = tf.constant([[[9.0], [1.0], [3.0], [9.0]], [[9.0], [9.0], [9.0], [9.0]]])
    piece_spans = tf.constant([[[0, 0], [0, 5], [5, 6], [0, 0]], [[0, 0]] * 4])
    assert mean_of_pieces(states, piece_spans).numpy().tolist() == [[2.0], [0.0]]


def test_a_token_that_shares_a_piece_with_the_one_before_is_told_from_the_first_one():
    # 去|北京|的 as pieces, one token a character; the last token has two pieces of its own.
    piece_spans = tf.constant([[[0, 0], [0, 1], [1, 3], [3, 4], [4, 5], [5, 6], [0, 0]]])
    spans = tf.constant([[[0, 1], [1, 2], [2, 3], [3, 4], [4, 6], [4, 6]]])
    found = shares_piece(piece_spans, spans, tf.constant([5]))
    assert found.numpy().tolist() == [[False, False, True, False, False, False]]
