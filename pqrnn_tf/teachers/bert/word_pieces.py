"""Text → word pieces inside the graph, with code-point spans."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable, Sequence

import numpy as np
import tensorflow as tf

from pqrnn_tf.extras import require
from pqrnn_tf.teachers.bert.piece_tokenizer import PieceTokenizer, parts_of

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


class WordPieceTokenizer(PieceTokenizer):
    """BERT's tokenizer as graph ops.

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
        check_vocabulary(vocabulary)
        identifiers = {piece: i for i, piece in enumerate(vocabulary)}
        padding, _, start, end = (identifiers[piece] for piece in SPECIAL_PIECES[:4])
        super().__init__(
            require("tensorflow_text").FastBertTokenizer(
                vocab=list(vocabulary),
                token_out_type=tf.int32,
                max_bytes_per_word=MAX_BYTES_PER_WORD,
                lower_case_nfd_strip_accents=lower_case,
            ),
            padding=padding,
            start=start,
            end=end,
            max_word_pieces=max_word_pieces,
            name="word_piece_tokenizer",
        )
        self.lower_case = lower_case


def pruned(
    vocabulary: Sequence[str], texts: Iterable[str], *, lower_case: bool
) -> tuple[tuple[str, ...], list[int]]:
    """The vocabulary without the pieces that some texts do not use, and the numbers of those that stay.

    These texts have the same pieces as before: the longest piece that fits is still there. Reserved pieces and those of
    single characters stay.

    Args:
        vocabulary: Word pieces.
        texts: The texts.
        lower_case: As in `WordPieceTokenizer`.

    Returns:
        The new vocabulary, and for each of its pieces the number that it had.

    Raises:
        ValueError: if there are no texts.
    """
    tokenizer = WordPieceTokenizer(vocabulary, lower_case=lower_case, max_word_pieces=1 << 20)
    used: set[int] = set()
    count = 0
    for part in parts_of(texts):
        count += len(part)
        pieces = tokenizer(tf.constant(part))[0]["input_word_ids"]
        used.update(np.unique(pieces).tolist())
    if not count:
        raise ValueError("`texts` must hold at least one text. Received: none.")
    kept = [
        number
        for number, piece in enumerate(vocabulary)
        if number in used or piece in SPECIAL_PIECES or len(piece.removeprefix("##")) == 1
    ]
    return tuple(vocabulary[number] for number in kept), kept
