"""A small BERT, built with TensorFlow's Model Garden and saved in TF-Hub's format."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

import tensorflow as tf

from pqrnn_tf.extras import require
from pqrnn_tf.files import atomic_folder
from pqrnn_tf.teachers.bert.tfhub_export import export_encoder
from pqrnn_tf.teachers.bert.word_pieces import SPECIAL_PIECES, check_vocabulary


def build_bert(
    folder: str | os.PathLike[str],
    vocabulary: Sequence[str],
    *,
    hidden_size: int = 128,
    layers: int = 2,
    heads: int = 2,
    intermediate_size: int = 512,
    max_positions: int = 128,
    dropout: float = 0.1,
    initializer_range: float = 0.02,
    lower_case: bool = False,
    overwrite: bool = False,
    seed: int = 0,
) -> None:
    """Writes an untrained BERT encoder that `TFHubBertTeacher` loads.

    The weights follow Devlin et al. 2019 (truncated normal of deviation `initializer_range`) and
    depend only on `seed`. Sets TensorFlow's global seed, so that the dropout ops inside the
    SavedModel carry seeds and a training can be repeated.

    Args:
        folder: Folder to make; it appears when it is complete.
        vocabulary: Word pieces, continuations with `##`; must hold `[PAD] [UNK] [CLS] [SEP]`.
        hidden_size: Width of every layer.
        layers: Number of transformer layers.
        heads: Attention heads; must divide `hidden_size`.
        intermediate_size: Width of the feed-forward layers.
        max_positions: Longest input in word pieces.
        dropout: Rate of hidden and attention dropout in training.
        initializer_range: Deviation of the initial weights.
        lower_case: Whether text is lower-cased and stripped of accents before it is cut into pieces.
        overwrite: Whether to replace a folder already there.
        seed: Seed of weights and dropout.

    Raises:
        FileExistsError: if `folder` exists and `overwrite` is false.
        ImportError: if the extra `teachers` is not installed.
        ValueError: if a size is not positive, `heads` does not divide `hidden_size`, or `vocabulary`
            lacks a reserved piece, repeats one, or has a piece with white space in it.
    """
    sizes = {
        "hidden_size": hidden_size,
        "layers": layers,
        "heads": heads,
        "intermediate_size": intermediate_size,
        "max_positions": max_positions,
    }
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"`{name}` must be positive. Received: {size}.")
    if hidden_size % heads:
        raise ValueError(
            f"`heads` must divide `hidden_size`. Received: heads={heads}, "
            f"hidden_size={hidden_size}."
        )
    check_vocabulary(vocabulary)
    if len(set(vocabulary)) < len(vocabulary):
        seen: set[str] = set()
        twice = [p for p in vocabulary if p in seen or seen.add(p)]  # type: ignore[func-returns-value]
        raise ValueError(f"`vocabulary` must not repeat a piece. Received twice: {twice[:5]}.")
    broken = [piece for piece in vocabulary if not piece or piece.split() != [piece]]
    if broken:
        raise ValueError(
            "`vocabulary` must consist of pieces without white space, none of them empty. "
            f"Received: {broken[:5]}."
        )
    encoders = require("official.nlp.configs.encoders")
    config = encoders.EncoderConfig(
        type="bert",
        bert=encoders.BertEncoderConfig(
            vocab_size=len(vocabulary),
            hidden_size=hidden_size,
            num_layers=layers,
            num_attention_heads=heads,
            intermediate_size=intermediate_size,
            max_position_embeddings=max_positions,
            dropout_rate=dropout,
            attention_dropout_rate=dropout,
            initializer_range=initializer_range,
        ),
    )
    with atomic_folder(folder, overwrite=overwrite) as fresh:
        tf.random.set_seed(seed)
        encoder = encoders.build_encoder(config)
        for number, variable in enumerate(encoder.trainable_variables):
            # Everything else starts at zero (biases) or one (layer norm).
            if variable.name.endswith(("kernel:0", "embeddings:0")):
                variable.assign(
                    tf.random.stateless_truncated_normal(
                        variable.shape, seed=(seed, number), stddev=initializer_range
                    )
                )
        export_encoder(encoder, config, vocabulary, fresh, lower_case=lower_case)


def learn_vocabulary(
    texts: Iterable[str], *, size: int, lower_case: bool = False
) -> tuple[str, ...]:
    """Learns a word-piece vocabulary from texts, reserved pieces first.

    Args:
        texts: Training texts.
        size: About how many pieces to aim at.
        lower_case: Whether the BERT will be lower-casing.

    Returns:
        The pieces, in the order of their identifiers.

    Raises:
        ImportError: if the extra `teachers` is not installed.
        ValueError: if `size` leaves no room beside the reserved pieces, or there are no texts.
    """
    if size <= len(SPECIAL_PIECES):
        raise ValueError(
            f"`size` must be more than {len(SPECIAL_PIECES)}, the number of reserved pieces. "
            f"Received: {size}."
        )
    lines = list(texts)
    if not lines:
        raise ValueError("`texts` must hold at least one text. Received: none.")
    learner = require("tensorflow_text.tools.wordpiece_vocab.bert_vocab_from_dataset")
    pieces = learner.bert_vocab_from_dataset(
        tf.data.Dataset.from_tensor_slices(lines).batch(1024),
        vocab_size=size,
        reserved_tokens=list(SPECIAL_PIECES),
        bert_tokenizer_params={"lower_case": lower_case},
    )
    return tuple(pieces)
