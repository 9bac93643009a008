"""From word pieces, the teacher's units, to tokens, the student's units."""

from __future__ import annotations

import tensorflow as tf


def code_point_offsets(text: tf.Tensor, byte_offsets: tf.Tensor) -> tf.Tensor:
    """Turns byte offsets into code-point offsets.

    An offset inside a code point counts as the offset after that code point.

    Args:
        text: `(batch,)` string, valid UTF-8.
        byte_offsets: `(batch, n)` integers.

    Returns:
        `(batch, n)` int32.
    """
    _, starts = tf.strings.unicode_decode_with_offsets(text, "UTF-8", errors="replace")
    never = starts.dtype.max
    # One more column, so that a batch of empty texts still has something to search in.
    table = tf.pad(starts.to_tensor(never), [[0, 0], [0, 1]], constant_values=never)
    return tf.searchsorted(table, tf.cast(byte_offsets, starts.dtype), side="left")


def pool_pieces(
    states: tf.Tensor, piece_spans: tf.Tensor, spans: tf.Tensor, lengths: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Averages, for every token, the states of the word pieces that overlap it.

    A piece that covers several tokens (an unknown word, or a word of Chinese characters) counts for each of them.

    Args:
        states: `(batch, pieces, width)`.
        piece_spans: `(batch, pieces, 2)` int32, half-open, in code points; an empty span (padding,
            `[CLS]`, `[SEP]`) overlaps nothing.
        spans: `(batch, time, 2)` int32, half-open, in code points.
        lengths: `(batch,)` number of real tokens.

    Returns:
        `(pooled, mask)`: `(batch, time, width)`, zero where no piece overlaps, and `(batch, time)`
        bool, true where at least one does.
    """
    overlap = _overlap(piece_spans, spans, lengths)
    weights = tf.cast(overlap, states.dtype)
    count = tf.reduce_sum(weights, axis=-1, keepdims=True)
    pooled = tf.matmul(weights / tf.maximum(count, 1), states)
    return pooled, tf.reduce_any(overlap, axis=-1)


def shares_piece(piece_spans: tf.Tensor, spans: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
    """Whether a token and the one before it overlap one and the same piece, so that their states are alike.

    Args:
        piece_spans, spans, lengths: As in `pool_pieces`.

    Returns:
        `(batch, time)` bool, false for the first token.
    """
    overlap = _overlap(piece_spans, spans, lengths)
    before = tf.pad(overlap, [[0, 0], [1, 0], [0, 0]])[:, :-1]
    return tf.reduce_any(overlap & before, axis=-1)


def _overlap(piece_spans: tf.Tensor, spans: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
    """Which pieces overlap which tokens, `(batch, time, pieces)` bool."""
    real = tf.sequence_mask(lengths, tf.shape(spans)[1])
    first = tf.maximum(piece_spans[:, None, :, 0], spans[:, :, None, 0])
    last = tf.minimum(piece_spans[:, None, :, 1], spans[:, :, None, 1])
    return (first < last) & real[:, :, None]


def mean_of_pieces(states: tf.Tensor, piece_spans: tf.Tensor) -> tf.Tensor:
    """Averages the states of all word pieces of a text.

    Args:
        states: `(batch, pieces, width)`.
        piece_spans: `(batch, pieces, 2)` int32; pieces with an empty span do not count.

    Returns:
        `(batch, width)`, zero where there is no piece.
    """
    weights = tf.cast(piece_spans[..., 1] > piece_spans[..., 0], states.dtype)[..., None]
    total = tf.reduce_sum(states * weights, axis=1)
    return total / tf.maximum(tf.reduce_sum(weights, axis=1), 1)
