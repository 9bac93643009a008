"""What the baselines have in common: a vocabulary of word pieces, embedded words, and our own heads.

A baseline sees the tokens that our model sees. Each token is cut into word pieces, merged on the training rows
and matched from the left, the longest first; its vector is the sum of the embeddings of all its
pieces and of a projection of the token's shape features (capitals, digits, punctuation). So no word is unknown,
frequent ones have an embedding of their own, the sequence is as long as ours, and nothing that we know of a token
is kept from the baseline. Heads, losses, decoder, batches and schedule are those of `IntentSlotModel`.
"""

from __future__ import annotations

import dataclasses
import heapq
import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.extras import require
from pqrnn_tf.runtime.spec import SHAPE_FEATURES, ProjectionSpec
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.pipeline import token_spans

PARAMETERS = 2_000_000
"""Size of a baseline, embeddings included; 5 % more or less are allowed."""

UNKNOWN = "[UNK]"
CONTINUED = "##"
MAX_PIECES = 12
"""Further word pieces of a token are left out."""

_MAX_BYTES = 300


class SizeError(ValueError):
    """A baseline that is not of the size that is compared."""


def word_spec(spec: ProjectionSpec) -> ProjectionSpec:
    """The specification with the same tokens whose only features are those of the token's shape, and one hash."""
    return dataclasses.replace(spec, word_features=1, ngram_features=0, ngram_orders=(), shape=True)


def learn_vocabulary(
    examples: Iterable[Example], spec: ProjectionSpec, size: int
) -> tuple[str, ...]:
    """Learns word pieces from the tokens of training rows, see `learn_pieces`.

    Args:
        examples: Training rows.
        spec: Decides the tokens; they are lower-cased.
        size: How many word pieces.
    """
    texts = [example.text for example in examples]
    counts = Counter(
        text[start:end].lower()
        for text, spans in zip(texts, token_spans(texts, spec), strict=True)
        for start, end in spans
    )
    return learn_pieces(counts, size)


def learn_pieces(counts: Mapping[str, int], size: int) -> tuple[str, ...]:
    """Merges the most frequent pair of neighbouring word pieces, from characters on, until there are enough.

    Args:
        counts: How often each word occurs.
        size: How many word pieces to make; there are fewer where no pair is left that occurs twice.

    Returns:
        `"[UNK]"`, all characters, and what was merged, in that order; a word piece that continues a word begins with
        `##`. Ties are broken by the alphabet.

    Reference: Sennrich, Haddow and Birch 2016 (arXiv 1508.07909), section 3.2.
    """
    words = [[word[0], *(CONTINUED + character for character in word[1:])] for word in counts]
    weights = list(counts.values())
    pieces = dict.fromkeys((UNKNOWN, *sorted({piece for word in words for piece in word})))
    pairs: Counter[tuple[str, str]] = Counter()
    where: dict[tuple[str, str], set[int]] = {}
    for number, word in enumerate(words):
        for pair in itertools.pairwise(word):
            pairs[pair] += weights[number]
            where.setdefault(pair, set()).add(number)
    heap = [(-count, pair) for pair, count in pairs.items()]
    heapq.heapify(heap)
    while heap and len(pieces) < size:
        count, best = heapq.heappop(heap)
        if -count != pairs[best]:  # an entry from before the pair changed
            continue
        if -count < 2:
            break
        merged = best[0] + best[1].removeprefix(CONTINUED)
        pieces[merged] = None
        changed: set[tuple[str, str]] = set()
        for number in where.pop(best):
            for pair in itertools.pairwise(words[number]):
                pairs[pair] -= weights[number]
                changed.add(pair)
            words[number] = _with_merged(words[number], best, merged)
            for pair in itertools.pairwise(words[number]):
                pairs[pair] += weights[number]
                where.setdefault(pair, set()).add(number)
                changed.add(pair)
        for pair in changed:
            heapq.heappush(heap, (-pairs[pair], pair))
    return tuple(pieces)


def _with_merged(word: Sequence[str], pair: tuple[str, str], merged: str) -> list[str]:
    result: list[str] = []
    for piece in word:
        if result and (result[-1], piece) == pair:
            result[-1] = merged
        else:
            result.append(piece)
    return result


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class PieceEmbedding(keras.layers.Layer):
    """Vectors of tokens: the sum of the embeddings of their word pieces and of a projection of their shape.

    Args:
        pieces: How many word pieces there are, without padding.
        width: Size of a vector.
        dropout: Rate on the vectors, in training.

    Call arguments:
        inputs: int32 `(batch, time, pieces)`, 0 = padding, then 1 + the number of the word piece.
        shape: `(batch, time, 8)`, the shape features.

    Output shape:
        `(batch, time, width)`.
    """

    def __init__(self, pieces: int, width: int, *, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pieces = pieces
        self.width = width
        self.dropout_rate = dropout
        self.embedding = keras.layers.Embedding(pieces + 1, width, name="embedding")
        self.shape_projection = keras.layers.Dense(width, use_bias=False, name="shape_projection")
        self.normalization = keras.layers.LayerNormalization(name="normalization")
        self.dropout = keras.layers.Dropout(dropout, name="dropout")

    def build(self, input_shape: Any) -> None:
        """Adds the weights."""
        self.embedding.build()
        self.shape_projection.build((None, None, len(SHAPE_FEATURES)))
        self.normalization.build((None, None, self.width))
        self.built = True

    def call(self, inputs: Any, shape: Any, training: bool | None = None) -> Any:
        """Returns the vectors."""
        real = ops.cast(ops.expand_dims(inputs > 0, -1), self.compute_dtype)
        words = ops.sum(self.embedding(inputs) * real, axis=2)
        words = words + self.shape_projection(ops.cast(shape, self.compute_dtype))
        return self.dropout(self.normalization(words), training=training)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        return {
            **super().get_config(),
            "pieces": self.pieces,
            "width": self.width,
            "dropout": self.dropout_rate,
        }


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class WordModel(IntentSlotModel):
    """The joint intent and slot model over words: our heads on an encoder with a vocabulary.

    Args:
        vocabulary: Pieces, as `learn_vocabulary` returns them.
        encoder: Called with word pieces and shape features, see `PieceEmbedding`, and a mask, it returns states
            `(batch, time, encoder.width)`.
        **kwargs: Arguments of `IntentSlotModel`; `spec` is a `word_spec`.

    Call arguments:
        inputs: `{"text": (batch,) string, "spans": int32 (batch, time, 2), "lengths": int32 (batch,), "features":
            int8 (batch, time, spec.features)}`.
        training: Whether dropout is on.
    """

    def __init__(self, *, vocabulary: Sequence[str], encoder: Any, **kwargs: Any) -> None:
        super().__init__(encoder=encoder, **kwargs)
        self.vocabulary = tuple(vocabulary)
        self._tokenizer = require("tensorflow_text").FastWordpieceTokenizer(
            vocab=list(self.vocabulary),
            suffix_indicator=CONTINUED,
            max_bytes_per_word=_MAX_BYTES,
            token_out_type=tf.int32,
            unknown_token=UNKNOWN,
            no_pretokenization=True,
        )

    def encode(self, inputs: dict[str, Any], training: bool | None = None) -> dict[str, Any]:
        """The encoder's states: `{"sequence", "hidden", "mask"}`."""
        spans = inputs["spans"]
        mask = tf.sequence_mask(inputs["lengths"], tf.shape(spans)[1])
        shape = inputs["features"][:, :, -len(SHAPE_FEATURES) :]
        states = self.encoder(
            self.pieces(inputs["text"], spans), shape, mask=mask, training=training
        )
        return {"sequence": states, "hidden": [states], "mask": mask}

    def pieces(self, text: tf.Tensor, spans: tf.Tensor) -> tf.Tensor:
        """The word pieces of each token: int32 `(batch, time, pieces)`, see `PieceEmbedding`."""
        text = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace")
        start, end = spans[:, :, 0], spans[:, :, 1]
        repeated = tf.broadcast_to(text[:, None], tf.shape(start))
        # An empty span, which is padding, may stand anywhere.
        words = tf.strings.substr(repeated, start, end - start, unit="UTF8_CHAR")
        lowered = tf.strings.lower(words, encoding="utf-8")
        flat = self._tokenizer.tokenize(tf.reshape(lowered, [-1]))[:, :MAX_PIECES] + 1
        counted = flat.to_tensor(0)
        return tf.reshape(counted, tf.concat([tf.shape(start), tf.shape(counted)[1:]], axis=0))

    def check_size(self) -> None:
        """Raises `SizeError` unless the model has as many parameters as the comparison allows."""
        count = self.count_params()
        if abs(count - PARAMETERS) > 0.05 * PARAMETERS:
            raise SizeError(
                f"a baseline must have {PARAMETERS:,} parameters within 5 %. Received: {count:,}. "
                "Choose another size of the vocabulary."
            )

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "vocabulary": list(self.vocabulary)}
