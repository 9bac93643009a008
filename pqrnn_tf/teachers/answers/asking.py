"""Asking a teacher about rows, in batches of similar length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.text import to_bytes
from pqrnn_tf.tasks.pipeline import token_spans
from pqrnn_tf.teachers.adaptor import Teacher
from pqrnn_tf.teachers.answers.shard_files import DTYPE
from pqrnn_tf.teachers.domain_weights import mean_states
from pqrnn_tf.teachers.saved import SavedTeacher

Answering = Callable[[Iterable[Mapping[str, Any]]], Iterator[Mapping[str, Any]]]
"""Maps batches of inputs to the outputs of a teacher in half precision, in their order."""


def answering(teacher: Teacher | SavedTeacher) -> Answering:
    """What asks a teacher, loaded or in a folder; one of which the weights are read layer by layer gets all at once."""
    if isinstance(teacher, SavedTeacher):
        saved = teacher
        if saved.streamed:
            return lambda batches: map(_in_half_precision, saved.answers(list(batches)))
        teacher = saved.teacher

    # One trace serves batches of every size and length.
    @tf.function(
        input_signature=[
            tf.TensorSpec((None,), tf.string),
            tf.TensorSpec((None, None, 2), tf.int32),
            tf.TensorSpec((None,), tf.int32),
        ]
    )
    def forward(text: tf.Tensor, spans: tf.Tensor, lengths: tf.Tensor) -> dict[str, tf.Tensor]:
        outputs = teacher({"text": text, "spans": spans, "lengths": lengths})
        # Training sees half precision all the same, and the arrays here are half as large.
        return _in_half_precision(outputs)

    return lambda batches: (forward(**batch) for batch in batches)


class Asked:
    """Rows as a teacher reads them.

    Args:
        rows: The rows.
        spec: Decides the tokens.

    Attributes:
        texts: UTF-8 of each row.
        spans: Token spans of each row, in code points.
        lengths: Tokens of each row.
    """

    def __init__(self, rows: Sequence[Example], spec: ProjectionSpec) -> None:
        self.texts = [to_bytes(row.text) for row in rows]
        self.spans = token_spans([row.text for row in rows], spec)
        self.lengths = [len(row) for row in self.spans]

    def answers(
        self, answer: Answering, batch_size: int
    ) -> Iterator[tuple[list[int], Mapping[str, Any]]]:
        """Yields numbers of rows and the teacher's outputs for them, until each row had its turn."""
        # Rows of similar length go together, so that little is padded.
        order = sorted(range(len(self.texts)), key=lambda i: (self.lengths[i], len(self.texts[i])))
        batches = [order[begin : begin + batch_size] for begin in range(0, len(order), batch_size)]
        yield from zip(batches, answer(map(self._inputs, batches)), strict=True)

    def mean_states(self, batch: Sequence[int], outputs: Mapping[str, Any]) -> np.ndarray:
        """The mean hidden state of each row of a batch, float32 `(batch, width)`.

        Raises:
            ValueError: if the teacher has no hidden states.
        """
        if "hidden" not in outputs:
            raise ValueError(
                "The teacher must return 'hidden' where domains have prototypes. Received: "
                f"{sorted(outputs)}. In an ensemble, one of its members must have hidden states."
            )
        hidden = outputs["hidden"].numpy()
        lengths = np.array([self.lengths[i] for i in batch])
        real = np.arange(hidden.shape[1]) < lengths[:, None]
        if "mask" in outputs:
            real &= outputs["mask"].numpy()
        return mean_states(hidden, real)

    def _inputs(self, batch: Sequence[int]) -> dict[str, tf.Tensor]:
        padded = np.zeros((len(batch), max(self.lengths[i] for i in batch), 2), np.int32)
        for k, i in enumerate(batch):
            padded[k, : self.lengths[i]] = np.reshape(self.spans[i], (-1, 2))
        return {
            "text": tf.constant([self.texts[i] for i in batch]),
            "spans": tf.constant(padded),
            "lengths": tf.constant([self.lengths[i] for i in batch]),
        }


def _in_half_precision(outputs: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    return {k: v if k == "mask" else tf.cast(v, DTYPE) for k, v in outputs.items()}
