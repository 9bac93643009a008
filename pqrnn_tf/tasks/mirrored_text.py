"""Raw text as pairs of views of the same text, for contrastive training (Mirror-BERT)."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence

import tensorflow as tf

from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.text import to_bytes
from pqrnn_tf.tasks.pipeline import (
    bucketed,
    of_known_size,
    padded_time,
    projected,
    projected_texts,
    token_spans,
)

OTHER = "other_"
"""Before the names of the inputs that belong to the second view of a text."""
SPANS = ("features", "words", "characters", "nothing")
"""What the second view of a text may lack: a span of the projected features, of words, of characters, or nothing."""


class MirroredText:
    """Texts as `TrainingData` whose batches have a second view of each text, where that is another text.

    A span of features is left out in the model, so that batches have one view then.

    Args:
        texts: The texts.
        span: One of `SPANS`.
        size: Length of the span, in words or characters; a text that is not longer stays whole.
        shortest: A text of fewer characters stays whole too.
        with_text: Whether batches carry both views as texts, for a model that reads text, and no features.

    Attributes:
        rows: Texts of one pass.
        fingerprint: Digest of texts and span.

    Raises:
        ValueError: if there are no texts, or an argument is not valid.

    Reference: Liu et al. 2021, *Fast, Effective, and Self-Supervised* (Mirror-BERT, arXiv 2104.08027), section 2.
    """

    def __init__(
        self,
        texts: Sequence[str],
        *,
        span: str = "features",
        size: int = 5,
        shortest: int = 0,
        with_text: bool = False,
    ) -> None:
        if not texts:
            raise ValueError("`texts` must hold at least one text. Received: none.")
        if span not in SPANS:
            raise ValueError(f"`span` must be one of {SPANS}. Received: {span!r}.")
        if size < 1:
            raise ValueError(f"`size` must be positive. Received: {size}.")
        if shortest < 0:
            raise ValueError(f"`shortest` must be at least 0. Received: {shortest}.")
        if with_text and span == SPANS[0]:
            raise ValueError(
                f"`span` must be one of {SPANS[1:]} where batches have no features. Received: {span!r}."
            )
        self.texts = list(texts)
        self.span = span
        self.size = size
        self.shortest = shortest
        self.with_text = with_text
        self.rows = len(self.texts)
        # Without a shortest text as before, so that the digests in older records stay true.
        told = f"{span} {size} {shortest}\n" if shortest else f"{span} {size}\n"
        digest = hashlib.sha256(told.encode())
        for text in self.texts:
            digest.update(to_bytes(text) + b"\n")
        self.fingerprint = digest.hexdigest()[:16]

    def batches(
        self,
        labels: LabelSet,
        spec: ProjectionSpec,
        *,
        batch_size: int,
        seed: int,
        epoch: Callable[[], int],
    ) -> tf.data.Dataset:
        """One pass of `{"features", "lengths"}` and, of the second view, `{"other_features", "other_lengths"}`.

        With `with_text` it is one of `{"text", "other_text"}`. See `TrainingData`; `labels` has no meaning here.

        Raises:
            ValueError: if there is one text only.
        """
        if self.rows < 2:
            raise ValueError(
                "`data` must hold at least two texts, which are told from each other. Received: "
                f"{self.rows}."
            )
        spans = token_spans(self.texts, spec)
        lengths = [len(row) for row in spans]
        two = self.span in ("words", "characters")

        def generate() -> Iterator[tuple[list[bytes], list[bytes], int]]:
            rng = random.Random(f"{seed}-{epoch()}")
            for batch in bucketed(lengths, batch_size, rng):
                one = [self.texts[i] for i in batch]
                other = [self._shortened(text, rng) for text in one] if two else one
                time = padded_time([lengths[i] for i in batch], spec)
                yield [to_bytes(text) for text in one], [to_bytes(text) for text in other], time

        def project(
            one: tf.Tensor, other: tf.Tensor, time: tf.Tensor
        ) -> tuple[dict[str, tf.Tensor]]:
            if self.with_text:
                return ({"text": one, OTHER + "text": other},)
            inputs, _ = projected(one, time, spec)
            if two:
                second = projected_texts(other, spec)
                inputs |= {OTHER + name: values for name, values in second.items()}
            return (inputs,)

        texts = tf.TensorSpec((None,), tf.string)
        dataset = tf.data.Dataset.from_generator(
            generate, output_signature=(texts, texts, tf.TensorSpec((), tf.int32))
        )
        return of_known_size(dataset.map(project), self.rows, batch_size)

    def _shortened(self, text: str, rng: random.Random) -> str:
        """A text without a random span."""
        parts = text.split(" ") if self.span == "words" else list(text)
        if len(parts) <= self.size or len(text) < self.shortest:
            return text
        start = rng.randrange(len(parts) - self.size + 1)
        kept = parts[:start] + parts[start + self.size :]
        return (" " if self.span == "words" else "").join(kept)
