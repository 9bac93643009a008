"""A BERT larger than memory as a teacher: its weights are read from disk one layer at a time."""

from __future__ import annotations

import concurrent.futures
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from pqrnn_tf.teachers.bert.parts import BertParts, SavedBert
from pqrnn_tf.teachers.bert.tfhub_bert import TFHubBertTeacher

_PIECES = tf.TensorSpec((None, None), tf.int32)
_SPANS = tf.TensorSpec((None, None, 2), tf.int32)


class StreamedTeacher(TFHubBertTeacher):
    """A `TFHubBertTeacher` whose weights stay on disk; its answers are the same, bit for bit.

    They are those that `label_text` stores and `score_model` scores. Where a teacher in memory is called outside of a
    traced function or without a text, TensorFlow may add in another order, which changes the last bits.

    All batches pass one layer after the other. While they pass a layer, the weights of the next one are read. Between
    layers the states of the batches lie in a temporary file, in the folder that `TMPDIR` names. So memory holds the
    weights of two layers, whatever the number of layers, and the weights are read once for all batches that are given
    together. Of the word embeddings only the rows of the pieces that occur are kept; the table is read as a whole
    before that.

    The idea is that of InfMoE in CPM-2 (Zhang et al. 2021, arXiv 2106.10715), which brings the experts of
    a layer from the host's memory to the GPU while the ones before compute. Here it is layers, from disk to memory.

    Args:
        handle: BERT of TensorFlow's Model Garden in TF-Hub's format, folder or URL, as `convert_bert` and
            `TFHubBertTeacher.save` write it.
        labels, max_word_pieces, hidden_layer, dropout, seed: As in `TFHubBertTeacher`.

    Call arguments:
        inputs: As in `TFHubBertTeacher`. A call reads all weights for one batch; `answers` takes many.
        training: Must be false.

    Returns of a call:
        As in `TFHubBertTeacher`.

    Raises:
        ValueError: as in `TFHubBertTeacher`, or if the BERT is none of the Model Garden; on a call, if `training` is
            true or the call is part of a graph.

    Example:
        >>> teacher = StreamedTeacher.load("teacher")
        >>> for answers in teacher.answers(batches): ...
    """

    streamed = True

    def _open(self) -> tuple[Any, int, int]:
        self._saved = SavedBert(self.handle)
        self._parts = BertParts(self._saved.sizes)
        self._parts.load_frame(self._saved)
        width = self._saved.sizes.width
        states = tf.TensorSpec((None, None, width), tf.float32)
        # Traced as a SavedModel is, so that the same operations become the same kernels.
        self._layer = tf.function(
            lambda states, mask: self._parts.layer(0, states, mask),
            input_signature=[states, _PIECES],
        )
        self._finish = tf.function(
            self._finished,
            input_signature=[
                states,
                states,
                _PIECES,
                _SPANS,
                _SPANS,
                tf.TensorSpec((None,), tf.int32),
            ],
        )
        return self._saved.encoder, self._saved.sizes.layers, width

    @property
    def trainable_variables(self) -> tuple[tf.Variable, ...]:
        """None: what is on disk is not trained."""
        return ()

    @property
    def variables(self) -> tuple[tf.Variable, ...]:
        """Those in memory: the heads and the state of its random numbers."""
        return (*self._heads.values(), self._draws)

    def save(self, folder: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Raises `ValueError`: its weights are on disk already."""
        raise ValueError(
            f"A streamed teacher is on disk already. Received: `save` to {os.fspath(folder)!r}. Copy "
            f"{self.handle!r}, or load it with `TFHubBertTeacher`."
        )

    def __call__(self, inputs: Mapping[str, Any], training: bool = False) -> dict[str, tf.Tensor]:
        """Labels one batch; see the class."""
        if training or not tf.executing_eagerly():
            raise ValueError(
                "A streamed teacher answers outside of graphs and is not trained. Received: a call in "
                f"{'training' if training else 'a graph'}. Store its answers first (`label_text`)."
            )
        return next(self.answers([inputs]))

    def answers(self, batches: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, tf.Tensor]]:
        """Labels many batches, for which the weights are read once.

        Args:
            batches: Batches as a call takes them.

        Yields:
            What a call returns, for each batch in order.
        """
        tokenized = [self._tokenized(inputs) for inputs in batches]
        hidden_layer = self.hidden_layer % self._saved.sizes.layers
        with _States() as states, _States() as hidden:
            self._write_embeddings([pieces for pieces, *_ in tokenized], states)
            for number in self._layers():
                for place, (pieces, *_) in enumerate(tokenized):
                    after = self._layer(states.read(place), pieces["input_mask"]).numpy()
                    states.write(place, after)
                    if number == hidden_layer < self._saved.sizes.layers - 1:
                        hidden.write(place, after)
            for place, (pieces, *others) in enumerate(tokenized):
                last = states.read(place)
                chosen = hidden.read(place) if len(hidden) else last
                yield self._finish(last, chosen, pieces["input_mask"], *others)

    def _tokenized(
        self, inputs: Mapping[str, Any]
    ) -> tuple[Mapping[str, tf.Tensor], tf.Tensor, tf.Tensor, tf.Tensor]:
        text, spans, lengths = self._taken(inputs)
        return *self.tokenizer(text), spans, lengths

    def _write_embeddings(
        self, batches: Sequence[Mapping[str, tf.Tensor]], states: _States
    ) -> None:
        identifiers = [pieces["input_word_ids"].numpy() for pieces in batches]
        words = np.unique(np.concatenate([rows.ravel() for rows in identifiers]))
        vectors = self._saved.word_vectors(words)
        for place, (rows, pieces) in enumerate(zip(identifiers, batches, strict=True)):
            own = vectors[np.searchsorted(words, rows)]
            states.write(
                place, self._parts.embed(tf.constant(own), pieces["input_type_ids"]).numpy()
            )

    def _layers(self) -> Iterator[int]:
        """Loads all layers, one after the other, and yields their numbers; the next one is read meanwhile."""
        with concurrent.futures.ThreadPoolExecutor(max_workers=1) as reader:
            coming = reader.submit(self._saved.read_layer, 0)
            for number in range(self._saved.sizes.layers):
                weights = coming.result()
                self._parts.load_layer(0, weights)
                weights.clear()  # before more is read
                if number + 1 < self._saved.sizes.layers:
                    coming = reader.submit(self._saved.read_layer, number + 1)
                yield number

    def _finished(
        self,
        last: tf.Tensor,
        hidden: tf.Tensor,
        mask: tf.Tensor,
        piece_spans: tf.Tensor,
        spans: tf.Tensor,
        lengths: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        encoded = {
            "sequence_output": last,
            "pooled_output": self._parts.pool(last),
            "encoder_outputs": [hidden] * self._saved.sizes.layers,
        }
        return self._answers({"input_mask": mask}, encoded, piece_spans, spans, lengths, False)


class _States:
    """Arrays in a temporary file, each in a place of its own and of one size."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        self._places: dict[int, tuple[int, tuple[int, ...]]] = {}
        self._end = 0

    def __enter__(self) -> _States:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._places)

    def write(self, place: int, values: np.ndarray) -> None:
        if place not in self._places:
            self._places[place] = self._end, values.shape
            self._end += values.nbytes
        self._file.seek(self._places[place][0])
        self._file.write(np.ascontiguousarray(values, np.float32).data)

    def read(self, place: int) -> np.ndarray:
        offset, shape = self._places[place]
        self._file.seek(offset)
        return np.frombuffer(self._file.read(4 * int(np.prod(shape))), np.float32).reshape(shape)
