"""What a training goes through again and again: rows as batches, augmented anew in each pass."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from pqrnn_tf.datasets.making.augmentation import SlotValues, augmented_copy
from pqrnn_tf.datasets.making.forms.names import OpenSlots
from pqrnn_tf.datasets.making.text_errors import KnownWords
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.pipeline import Augmentation, EntitySampler, batches

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf


def augmentation(config: TrainingConfig, examples: Sequence[Example]) -> Augmentation | None:
    """The configured augmentation, different in each epoch and decided by the seed.

    Args:
        config: Its probabilities and weights.
        examples: Training examples, the source of slot values and of words that stand in the place of others.
    """
    changes = (
        config.substitution,
        config.code_switching,
        config.distortion,
        config.surface,
        config.unspaced,
    )
    if not any(changes):
        return None
    values = SlotValues(examples)
    words = KnownWords(examples) if config.distortion else None
    open_slots = OpenSlots.of(examples) if config.surface else None

    def augment(rows: Sequence[Example], epoch: int) -> Sequence[Example]:
        return augmented_copy(
            rows,
            seed=config.seed * 100_003 + epoch,
            substitution=config.substitution,
            code_switching=config.code_switching,
            distortion=config.distortion,
            surface=config.surface,
            surface_weights=config.surface_weights,
            unspaced=config.unspaced,
            values=values,
            words=words,
            open_slots=open_slots,
        )

    return augment


class TrainingData(Protocol):
    """Rows that a training goes through again and again.

    Attributes:
        rows: Rows of one pass.
        fingerprint: Digest of the rows, so that a resumed run notices other data.
    """

    @property
    def rows(self) -> int:  # noqa: D102
        ...

    @property
    def fingerprint(self) -> str:  # noqa: D102
        ...

    def batches(
        self,
        labels: LabelSet,
        spec: ProjectionSpec,
        *,
        batch_size: int,
        seed: int,
        epoch: Callable[[], int],
    ) -> tf.data.Dataset:
        """One pass of shuffled batches, as `tasks.pipeline.batches` yields them.

        `epoch` is called at the start of a pass for its number, which with `seed` decides the order.
        """
        ...


@dataclasses.dataclass(frozen=True)
class ExampleData:
    """Labelled rows as `TrainingData`.

    Attributes:
        examples: The rows.
        augment: Makes each pass's rows from them; `None` for the rows as they are.
        with_text: Whether batches carry text and spans, for a live teacher.
        entities: What a model with entity features is told of names.
        columns: What else batches carry of each row, see `batches`. It is no part of the fingerprint: who makes it of
            the rows says so in the identity of the training.
    """

    examples: Sequence[Example]
    augment: Augmentation | None = None
    with_text: bool = False
    entities: EntitySampler | None = None
    columns: Mapping[str, np.ndarray] | None = None

    @property
    def rows(self) -> int:
        """Rows of one pass."""
        return len(self.examples)

    @property
    def fingerprint(self) -> str:
        """Digest of the rows."""
        digest = hashlib.sha256()
        for example in self.examples:
            row = repr((example.text, example.intent, example.slots))
            # The field's former name, so that the digests in older records stay true.
            digest.update(row.replace(", spans=((", ", pieces=((").encode())
        return digest.hexdigest()[:16]

    def batches(
        self,
        labels: LabelSet,
        spec: ProjectionSpec,
        *,
        batch_size: int,
        seed: int,
        epoch: Callable[[], int],
    ) -> tf.data.Dataset:
        """One pass; see `TrainingData`."""
        return batches(
            self.examples,
            labels,
            spec,
            batch_size=batch_size,
            training=True,
            seed=seed,
            augment=self.augment,
            epoch=epoch,
            with_text=self.with_text,
            entities=self.entities,
            columns=self.columns,
        )
