"""Text → sentence pieces inside the graph, and the models of SentencePiece that say what they are.

A *model* here is the serialized `ModelProto` of SentencePiece (Kudo and Richardson 2018, arXiv 1808.06226): pieces,
their scores, and how text is normalised. In an encoder in TF-Hub's format, where it is the asset `sp_model_file`, the
number of a piece is the row of its embedding.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable
from typing import Any

import tensorflow as tf

from pqrnn_tf.extras import require
from pqrnn_tf.teachers.bert.piece_tokenizer import PieceTokenizer, parts_of

PADDINGS = ("<pad>", "[PAD]")
"""What sentence-piece vocabularies call padding."""

STARTS_AND_ENDS = (("<s>", "</s>"), ("[CLS]", "[SEP]"))
"""What stands before and behind a text, as XLM-R (RoBERTa) and ALBERT (BERT) call it."""

# What XLM-R's files begin with, and the rows that its embeddings begin with (those of the fairseq library).
_IN_FILE = ("<unk>", "<s>", "</s>")
_IN_ROWS = ("<s>", "<pad>", "</s>", "<unk>")


class SentencePieceTokenizer(PieceTokenizer):
    """SentencePiece as graph ops.

    Pieces are found in normalised text (NFKC in most models: a full-width letter becomes a plain one); spans are those
    of the text before it. A piece that begins with a space has the space in its span.

    Args:
        model: A model of SentencePiece whose numbers are those of the encoder's embeddings.
        max_word_pieces: Longest output, start and end included; what is beyond is cut.

    Raises:
        ValueError: if the model lacks a piece for padding, start or end, or `max_word_pieces` is below 3.
    """

    def __init__(self, model: bytes, *, max_word_pieces: int = 128) -> None:
        numbers = {piece.piece: i for i, piece in enumerate(read_model(model).pieces)}
        padding = next((numbers[name] for name in PADDINGS if name in numbers), None)
        frame = next(
            (
                (numbers[start], numbers[end])
                for start, end in STARTS_AND_ENDS
                if start in numbers and end in numbers
            ),
            None,
        )
        if padding is None or frame is None:
            raise ValueError(
                f"`model` must hold one of {list(PADDINGS)} and one pair of {list(STARTS_AND_ENDS)}. Received: a model "
                f"of {len(numbers)} pieces that begins with {list(numbers)[:5]}."
            )
        super().__init__(
            _Tokenizer(model),
            padding=padding,
            start=frame[0],
            end=frame[1],
            max_word_pieces=max_word_pieces,
            name="sentence_piece_tokenizer",
        )


class _Tokenizer:
    """tensorflow-text's tokenizer, made anew in each graph.

    Its model is a resource that the op which made it owns, and TensorFlow forgets the ops that ran outside of graphs
    whenever its global seed is set, as each round of a fine-tuning does. Inside a graph the op lives as long as that.
    """

    def __init__(self, model: bytes) -> None:
        self._make = functools.partial(
            require("tensorflow_text").SentencepieceTokenizer, model, out_type=tf.int32
        )

    def tokenize_with_offsets(self, text: tf.Tensor) -> tuple[tf.RaggedTensor, ...]:
        """Pieces, starts and ends in bytes."""
        return self._make().tokenize_with_offsets(text)


def read_model(model: bytes) -> Any:
    """The `ModelProto` of SentencePiece in the bytes of its file."""
    proto = require("sentencepiece.sentencepiece_model_pb2").ModelProto()
    proto.ParseFromString(model)
    return proto


def in_row_order(model: bytes, rows: int) -> bytes:
    """The model with its pieces in the order of the rows of a checkpoint's embeddings.

    XLM-R and its kin (Conneau et al. 2020, arXiv 1911.02116) have the rows `<s>`, `<pad>`, `</s>`, `<unk>`, then the
    file's pieces from the fourth on, and at the end `<mask>`. A file that has a piece for padding itself is in the
    order of the rows.

    Args:
        model: The model as the checkpoint has it.
        rows: Rows of the embeddings.

    Raises:
        ValueError: if it is no model, or of neither kind, or there are more pieces than rows.
    """
    try:
        require("sentencepiece").SentencePieceProcessor().LoadFromSerializedProto(model)
    except RuntimeError as error:
        raise ValueError(
            f"`model` must be a model of SentencePiece. Received: {len(model)} bytes that are none ({error})."
        ) from error
    proto = read_model(model)
    names = [piece.piece for piece in proto.pieces]
    if not any(name in names for name in PADDINGS):
        if tuple(names[:3]) != _IN_FILE:
            raise ValueError(
                f"The model of SentencePiece must begin with {list(_IN_FILE)}, as XLM-R's does, or have a piece for "
                f"padding, one of {list(PADDINGS)}. Received: one that begins with {names[:4]}."
            )
        kinds = require("sentencepiece.sentencepiece_model_pb2").ModelProto.SentencePiece
        rest = list(proto.pieces)[3:]
        del proto.pieces[:]
        for name in _IN_ROWS:
            unknown = name == _IN_FILE[0]
            proto.pieces.add(piece=name, type=kinds.UNKNOWN if unknown else kinds.CONTROL)
        proto.pieces.extend(rest)
    if len(proto.pieces) > rows:
        raise ValueError(
            f"The embeddings must have a row for each sentence piece. Received: {len(proto.pieces)} pieces and {rows} "
            "rows."
        )
    proto.trainer_spec.vocab_size = len(proto.pieces)
    return proto.SerializeToString(deterministic=True)


def pruned(model: bytes, texts: Iterable[str]) -> tuple[bytes, list[int]]:
    """The model without the pieces that some texts do not use, and the numbers of those that stay.

    These texts have the same pieces as before: the best segmentation of a text in the whole vocabulary is also the best
    one in a part of it that has its pieces. Other texts are spelled where a piece of theirs is gone: pieces of single
    characters stay, but for letters that the texts have nowhere, neither small nor capital.

    Args:
        model: A unigram model in the order of the rows, as `in_row_order` makes it.
        texts: The texts.

    Returns:
        The new model, and for each of its pieces the number that it had.

    Raises:
        ValueError: if the model is not a unigram model, or there are no texts.
    """
    proto = read_model(model)
    kinds = require("sentencepiece.sentencepiece_model_pb2")
    if proto.trainer_spec.model_type != kinds.TrainerSpec.UNIGRAM:
        raise ValueError(
            "`model` must be a unigram model: pieces of others are made of smaller ones, which must stay. Received: "
            f"model type {proto.trainer_spec.model_type}. Keep the whole vocabulary."
        )
    processor = require("sentencepiece").SentencePieceProcessor(model_proto=model)
    used: set[int] = set()
    characters: set[str] = set()
    count = 0
    for part in parts_of(texts):
        count += len(part)
        for pieces in processor.encode(part):
            used.update(pieces)
    if not count:
        raise ValueError("`texts` must hold at least one text. Received: none.")
    normal = kinds.ModelProto.SentencePiece.NORMAL
    for number in used:
        piece = proto.pieces[number].piece
        characters.update(piece, piece.lower(), piece.upper())
    # An unknown character costs ten more than the rarest piece does, which stays for that reason.
    scores = [piece.score if piece.type == normal else 0.0 for piece in proto.pieces]
    rarest = scores.index(min(scores))
    kept = [
        number
        for number, piece in enumerate(proto.pieces)
        if number in used
        or number == rarest
        or piece.type != normal
        or (len(piece.piece) == 1 and (piece.piece in characters or not _is_letter(piece.piece)))
    ]
    pieces = [proto.pieces[number] for number in kept]
    smaller = kinds.ModelProto()
    smaller.CopyFrom(proto)
    del smaller.pieces[:]
    smaller.pieces.extend(pieces)
    smaller.trainer_spec.vocab_size = len(kept)
    return smaller.SerializeToString(deterministic=True), kept


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] == "L"
