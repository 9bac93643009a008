"""A BERT whose layers are taken apart: it tells its attention scores and states, and all of it can be trained."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from pqrnn_tf.files import atomic_folder
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.teachers.alignment import mean_of_pieces
from pqrnn_tf.teachers.bert.parts import WORDS, BertParts, SavedBert, path_of
from pqrnn_tf.teachers.bert.tfhub_bert import TFHubBertTeacher, load_encoder
from pqrnn_tf.teachers.bert.word_pieces import read_vocabulary


class InnerStates(NamedTuple):
    """What a BERT has inside.

    Attributes:
        states: `(batch, pieces, width)` float32 each: the embeddings, then what each layer makes.
        scores: `(batch, heads, pieces, pieces)` float32 each, attention before the softmax, by layer from 1.
    """

    states: Sequence[tf.Tensor]
    scores: Mapping[int, tf.Tensor]


class LayeredBert(TFHubBertTeacher):
    """A `TFHubBertTeacher` that also tells what it has inside, as teacher or as student of another BERT.

    Its layers are those of TensorFlow's Model Garden, with the weights of the SavedModel. They have no dropout but
    what is asked for; that in front of the heads stays. `save` writes a SavedModel with the weights as they are now.

    Args:
        handle: BERT of the Model Garden in TF-Hub's format, URL or folder, with word pieces.
        layer_dropout: Rate of the dropout inside of the layers, of attention too, in training.
        labels, max_word_pieces, hidden_layer, dropout, seed: As in `TFHubBertTeacher`.

    Attributes:
        sizes: Its `BertSizes`.

    Call arguments, returns of a call:
        As in `TFHubBertTeacher`.

    Raises:
        ValueError: as in `TFHubBertTeacher`, or if the BERT is none of the Model Garden.
    """

    def __init__(
        self,
        handle: str | os.PathLike[str],
        *,
        labels: LabelSet | None,
        layer_dropout: float = 0.0,
        **arguments: Any,
    ) -> None:
        if not 0 <= layer_dropout < 1:
            raise ValueError(f"`layer_dropout` must be in [0, 1). Received: {layer_dropout}.")
        self.layer_dropout = layer_dropout
        super().__init__(handle, labels=labels, **arguments)

    def _open(self) -> tuple[Any, int, int]:
        saved = SavedBert(self.handle)
        self.sizes = saved.sizes
        self._parts = BertParts(saved.sizes, layers=saved.sizes.layers, dropout=self.layer_dropout)
        self._parts.load_frame(saved)
        for number in range(saved.sizes.layers):
            self._parts.load_layer(number, saved.read_layer(number))
        self._words = tf.Variable(saved.read_words(), name=WORDS)
        return saved.encoder, saved.sizes.layers, saved.sizes.width

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Its word pieces, in the order of their identifiers.

        Raises:
            ValueError: if it has sentence pieces.
        """
        asset = getattr(self.encoder, "vocab_file", None)
        if asset is None:
            raise ValueError(
                f"`handle` must be a BERT with word pieces. Received: {self.handle!r}, which has sentence pieces."
            )
        return read_vocabulary(asset.asset_path.numpy().decode("utf-8"))

    @property
    def embeddings(self) -> dict[str, tf.Variable]:
        """The tables that are added up in front of the first layer, by name: words, positions, segments."""
        tables = {path_of(v): v for v in (self._words, *self._parts.variables)}
        return {name: v for name, v in tables.items() if name.endswith("/embeddings")}

    @property
    def trainable_variables(self) -> tuple[tf.Variable, ...]:
        """Word embeddings, layers and pooler, then the heads."""
        return (self._words, *self._parts.trainable_variables, *self._heads.values())

    @property
    def variables(self) -> tuple[tf.Variable, ...]:
        """All variables, in an order that depends only on the BERT."""
        return (self._words, *self._parts.variables, *self._heads.values(), self._draws)

    def inner(
        self,
        pieces: Mapping[str, tf.Tensor],
        scores: Collection[int] = (),
        training: bool = False,
    ) -> InnerStates:
        """What the BERT makes of a batch of pieces.

        Args:
            pieces: What the tokenizer gives.
            scores: Layers, from 1, whose attention scores are wanted.
            training: Whether dropout is active.
        """
        words = tf.gather(self._words, pieces["input_word_ids"])
        states = [self._parts.embed(words, pieces["input_type_ids"], training)]
        found = {}
        for number in range(self.layers):
            if number + 1 in scores:
                found[number + 1] = self._parts.scores(number, states[-1])
            states.append(self._parts.layer(number, states[-1], pieces["input_mask"], training))
        return InnerStates(states, found)

    def _encode(self, pieces: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, Any]:
        # Without a rate the graph stays as it is.
        layers = self.inner(pieces, training=training and self.layer_dropout > 0).states[1:]
        return {
            "encoder_outputs": layers,
            "sequence_output": layers[-1],
            "pooled_output": self._parts.pool(layers[-1]),
        }

    def of_pieces(self, word_ids: tf.Tensor) -> dict[str, tf.Tensor]:
        """Logits of one text from its pieces: what is exported, since tokens and their pieces are found before.

        Args:
            word_ids: `(1, pieces)` int32, those before and behind the text included, no padding.

        Returns:
            `{"intent": (1, intents), "slots": (1, pieces, tags)}` float32. The mean of `"slots"` over the pieces of a
            token is what a call says of the token, since the head is linear, but for `inner_tags`.
        """
        pieces = {
            "input_word_ids": word_ids,
            "input_mask": tf.ones_like(word_ids),
            "input_type_ids": tf.zeros_like(word_ids),
        }
        encoded = self._encode(pieces, training=False)
        states, heads = encoded["sequence_output"], self._heads
        # Real pieces have spans that are not empty; which ones does not matter for a mean.
        inside = tf.pad(tf.ones_like(word_ids[:, 2:]), [[0, 0], [1, 1]])
        whole = mean_of_pieces(states, tf.stack([tf.zeros_like(inside), inside], axis=-1))
        pooled = tf.concat([encoded["pooled_output"], whole], axis=-1)
        flat = tf.reshape(states, (-1, self.width))
        slots = flat @ heads["slot_head/kernel"] + heads["slot_head/bias"]
        return {
            "intent": pooled @ heads["intent_head/kernel"] + heads["intent_head/bias"],
            "slots": slots[tf.newaxis],
        }

    def begin_with_embeddings_of(self, teacher: LayeredBert) -> np.ndarray:
        """Takes the teacher's embeddings, in the directions in which its word embeddings differ most.

        Returns:
            Float32 `(own width, teacher's width)`, what maps them back: the teacher's tables times its transpose are
            the own ones.

        Raises:
            ValueError: if this BERT is wider than the teacher, or its tables have more rows.
        """
        words = teacher.embeddings[WORDS].numpy()
        if self.width > words.shape[1]:
            raise ValueError(
                f"`width` must be at most {words.shape[1]}, the teacher's. Received: {self.width}."
            )
        _, directions = np.linalg.eigh(words.T.astype(np.float64) @ words)  # in ascending order
        kept = directions[:, ::-1][:, : self.width].astype(np.float32)
        for name, table in self.embeddings.items():
            theirs = teacher.embeddings[name].numpy()
            if len(theirs) < table.shape[0]:
                raise ValueError(
                    f"{name!r} must have at most the teacher's {len(theirs)} rows. Received: {table.shape[0]}."
                )
            table.assign(theirs[: table.shape[0]] @ kept)
        return np.ascontiguousarray(kept.T)

    def save_encoder(self, folder: str | os.PathLike[str]) -> None:
        """Writes the BERT without heads, in TF-Hub's format and with the weights of now.

        Args:
            folder: Folder to make; it appears when it is complete.

        Raises:
            FileExistsError: if `folder` exists.
        """
        with atomic_folder(folder) as fresh:
            tf.saved_model.save(self._encoder_to_save(), str(fresh))

    def _encoder_to_save(self) -> Any:
        encoder = load_encoder(self.handle)
        own = {path_of(v): v for v in (self._words, *self._parts.variables)}
        for variable in encoder.variables:
            name = path_of(variable).removeprefix("bert/")
            if name in own:
                variable.assign(own.pop(name))
        if own:
            raise ValueError(
                "`handle` must be a BERT with all variables of its layers. Received: "
                f"{self.handle!r}, without {sorted(own)[:3]}."
            )
        return encoder


def same_tokenizer(one: LayeredBert, other: LayeredBert) -> bool:
    """Whether two BERTs cut every text into the same pieces with the same identifiers."""
    return one.vocabulary == other.vocabulary and one.lower_case == other.lower_case
