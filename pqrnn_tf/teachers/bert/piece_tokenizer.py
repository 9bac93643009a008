"""Text → pieces inside the graph, with code-point spans: what word pieces and sentence pieces have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import tensorflow as tf

from pqrnn_tf.runtime.text import to_bytes
from pqrnn_tf.teachers.alignment import code_point_offsets


class PieceTokenizer(tf.Module):
    """A tokenizer of tensorflow-text as the input of a BERT.

    Invalid UTF-8 is read as U+FFFD, one for each maximal part of an ill-formed sequence (as Python's
    `bytes.decode(errors="replace")` does), and so never fails.

    Args:
        tokenizer: Has `tokenize_with_offsets`, whose offsets are bytes of the text that it is given.
        padding: Identifier that fills short rows.
        start: Identifier in front of each text.
        end: Identifier behind it.
        max_word_pieces: Longest output, start and end included; what is beyond is cut.
        name: Name of the module.

    Attributes:
        lower_case: Whether it lower-cases and strips accents by a rule of its own.

    Raises:
        ValueError: if `max_word_pieces` is below 3.
    """

    lower_case = False

    def __init__(
        self, tokenizer: Any, *, padding: int, start: int, end: int, max_word_pieces: int, name: str
    ) -> None:
        super().__init__(name=name)
        if max_word_pieces < 3:
            raise ValueError(
                "`max_word_pieces` must be at least 3: start, one piece, end. Received: "
                f"{max_word_pieces}."
            )
        self.max_word_pieces = max_word_pieces
        self._tokenizer = tokenizer
        self._pad, self._start, self._end = padding, start, end

    def __call__(self, text: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        """Tokenizes one batch.

        Args:
            text: `(batch,)` string.

        Returns:
            The three inputs of a TF-Hub BERT, each `(batch, pieces)` int32, padded to the longest
            row, and the pieces' spans `(batch, pieces, 2)` int32 in code points of `text`, empty for
            padding, start and end.
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


def parts_of(texts: Iterable[str], size: int = 1024) -> Iterator[Sequence[bytes]]:
    """Texts as a tokenizer takes them, a part of them at a time."""
    part: list[bytes] = []
    for text in texts:
        part.append(to_bytes(text))
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part
