"""Text → word pieces inside the graph, with code-point spans."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Sequence

import tensorflow as tf

from pqrnn_tf.extras import require
from pqrnn_tf.teachers.alignment import code_point_offsets

SPECIAL_PIECES = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""Pieces that a BERT vocabulary reserves; all but `[MASK]` are needed here."""

# BERT's own tokenizer gives up on words of more than 200 characters; a character of the scripts
# written without spaces, where such words are whole clauses, has three bytes.
MAX_BYTES_PER_WORD = 600


def read_vocabulary(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """Reads a `vocab.txt`: one word piece a line, the line number is its identifier."""
    lines = pathlib.Path(path).read_text(encoding="utf-8").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return tuple(line.removesuffix("\r") for line in lines)


def check_vocabulary(vocabulary: Sequence[str]) -> None:
    """Raises `ValueError` unless a BERT tokenizer can be made of `vocabulary`."""
    missing = [piece for piece in SPECIAL_PIECES[:4] if piece not in vocabulary]
    if missing:
        raise ValueError(
            f"`vocabulary` must hold {list(SPECIAL_PIECES[:4])}. Received {len(vocabulary)} pieces "
            f"without {missing}."
        )


class WordPieceTokenizer(tf.Module):
    """BERT's tokenizer as graph ops.

    Invalid UTF-8 is read as U+FFFD, one for each maximal part of an ill-formed sequence (as Python's
    `bytes.decode(errors="replace")` does), and so never fails.

    Args:
        vocabulary: Word pieces; a continuation begins with `##`.
        lower_case: Whether to lower-case and strip accents first.
        max_word_pieces: Longest output, `[CLS]` and `[SEP]` included; what is beyond is cut.

    Raises:
        ValueError: if the vocabulary lacks a reserved piece or `max_word_pieces` is below 3.
    """

    def __init__(
        self, vocabulary: Sequence[str], *, lower_case: bool = False, max_word_pieces: int = 128
    ) -> None:
        super().__init__(name="word_piece_tokenizer")
        check_vocabulary(vocabulary)
        if max_word_pieces < 3:
            raise ValueError(
                "`max_word_pieces` must be at least 3: [CLS], one piece, [SEP]. Received: "
                f"{max_word_pieces}."
            )
        self.max_word_pieces = max_word_pieces
        identifiers = {piece: i for i, piece in enumerate(vocabulary)}
        self._pad, _, self._start, self._end = (identifiers[p] for p in SPECIAL_PIECES[:4])
        self._tokenizer = require("tensorflow_text").FastBertTokenizer(
            vocab=list(vocabulary),
            token_out_type=tf.int32,
            max_bytes_per_word=MAX_BYTES_PER_WORD,
            lower_case_nfd_strip_accents=lower_case,
        )

    def __call__(self, text: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        """Tokenizes one batch.

        Args:
            text: `(batch,)` string.

        Returns:
            The three inputs of a TF-Hub BERT, each `(batch, pieces)` int32, padded to the longest
            row, and the pieces' spans `(batch, pieces, 2)` int32 in code points of `text`, empty for
            padding, `[CLS]` and `[SEP]`.
        """
        text = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace")
        pieces, starts, ends = self._tokenizer.tokenize_with_offsets(text)
        room = self.max_word_pieces - 2
        pieces, starts, ends = pieces[:, :room], starts[:, :room], ends[:, :room]
        batch = tf.shape(text)[0]

        def framed(values: tf.RaggedTensor, first: int, last: int, padding: int) -> tf.Tensor:
            column = tf.ones((batch, 1), values.dtype)
            return tf.concat([column * first, values, column * last], axis=1).to_tensor(padding)

        identifiers = framed(pieces, self._start, self._end, self._pad)
        lengths = tf.cast(pieces.row_lengths(), tf.int32) + 2
        inputs = {
            "input_word_ids": identifiers,
            "input_mask": tf.sequence_mask(lengths, tf.shape(identifiers)[1], dtype=tf.int32),
            "input_type_ids": tf.zeros_like(identifiers),
        }
        spans = [code_point_offsets(text, framed(side, 0, 0, 0)) for side in (starts, ends)]
        return inputs, tf.stack(spans, axis=-1)
