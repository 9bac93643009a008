"""What every teacher looks like from the distiller's side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from pqrnn_tf.runtime.labels import LabelError, LabelSet


@runtime_checkable
class Teacher(Protocol):
    """A callable that answers for the student's tokens, whatever its own tokenizer.

    Attributes:
        labels: Names of its outputs, or `None` where they are not known.
        supports_jit: Whether XLA can compile a call. String ops cannot be compiled.
    """

    labels: LabelSet | None
    supports_jit: bool

    def __call__(self, inputs: Mapping[str, Any], training: bool = False) -> dict[str, Any]:
        """Labels one batch.

        Args:
            inputs: The distiller's whole inputs; a teacher takes the keys that it needs.
            training: Whether dropout is active. The distiller always passes `False`.

        Returns:
            `{"intent": (batch, intents), "slots": (batch, time, tags), "hidden": (batch, time,
            width), "mask": (batch, time) bool}`; logits are not scaled. `"hidden"` may be absent.
        """
        ...


def check_same_labels(teacher: LabelSet | None, student: LabelSet | None) -> None:
    """Raises `LabelError` unless both name the same outputs in the same order.

    `slots_of_intent` may differ: it limits decoding and names no output. A label set that is `None`
    is not compared.
    """
    if teacher is None or student is None:
        return
    for field in ("intents", "tags"):
        theirs, ours = getattr(teacher, field), getattr(student, field)
        if theirs == ours:
            continue
        only_teacher = [name for name in theirs if name not in ours][:5]
        only_student = [name for name in ours if name not in theirs][:5]
        detail = (
            f"only the teacher has {only_teacher}, only the student has {only_student}"
            if only_teacher or only_student
            else "the names are the same but their order differs"
        )
        raise LabelError(
            f"Teacher and student must have the same `{field}`. Received: {len(theirs)} of the "
            f"teacher and {len(ours)} of the student; {detail}. Fine-tune the teacher with the "
            "student's label set."
        )
