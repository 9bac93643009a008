"""Several teachers that answer as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keras import ops

from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.teachers.adaptor import Teacher, check_same_labels

_MEANS = ("logits", "probabilities")


class EnsembleTeacher:
    """The mean of several teachers with the same labels.

    The mean of the probabilities is the ensemble of Hinton, Vinyals, Dean 2015 (arXiv 1503.02531,
    section 4); it is returned as its logarithm, so that a softmax gives it back. A token counts as
    answered where every teacher answers it.

    Args:
        teachers: At least one `Teacher`; each takes what it needs from the inputs.
        mean: `"logits"` or `"probabilities"`: what is averaged.
        weights: One positive weight a teacher; `None` weighs all alike.
        hidden_of: Position of the teacher whose `"hidden"` is passed on; `None` for no `"hidden"`,
            because the widths of teachers differ.

    Raises:
        LabelError: if the teachers have other labels.
        TypeError: if one of them is no teacher.
        ValueError: if an argument is out of range.

    Example:
        >>> teacher = EnsembleTeacher([english, multilingual], mean="probabilities")
    """

    def __init__(
        self,
        teachers: Sequence[Teacher],
        *,
        mean: str = "logits",
        weights: Sequence[float] | None = None,
        hidden_of: int | None = None,
    ) -> None:
        self.teachers = tuple(teachers)
        if not self.teachers:
            raise ValueError("`teachers` must hold at least one teacher. Received: none.")
        for teacher in self.teachers:
            if not isinstance(teacher, Teacher):
                raise TypeError(
                    "`teachers` must be callable and have `labels` and `supports_jit`. Received: "
                    f"{teacher!r}."
                )
            check_same_labels(self.teachers[0].labels, teacher.labels)
        if mean not in _MEANS:
            raise ValueError(f"`mean` must be one of {list(_MEANS)}. Received: {mean!r}.")
        shares = [1.0] * len(self.teachers) if weights is None else [float(w) for w in weights]
        if len(shares) != len(self.teachers) or any(not share > 0 for share in shares):
            raise ValueError(
                f"`weights` must hold {len(self.teachers)} positive numbers, one a teacher. Received: "
                f"{weights!r}."
            )
        if hidden_of is not None and not 0 <= hidden_of < len(self.teachers):
            raise ValueError(
                f"`hidden_of` must be from 0 to {len(self.teachers) - 1}, or None. Received: "
                f"{hidden_of}."
            )
        self.mean = mean
        self.weights = tuple(share / sum(shares) for share in shares)
        self.hidden_of = hidden_of
        known = [teacher.labels for teacher in self.teachers if teacher.labels is not None]
        for other in known[1:]:
            check_same_labels(known[0], other)
        self.labels: LabelSet | None = known[0] if known else None
        self.supports_jit = all(teacher.supports_jit for teacher in self.teachers)

    @property
    def width(self) -> int | None:
        """Width of `"hidden"`; `None` where it is not passed on or not known."""
        if self.hidden_of is None:
            return None
        return getattr(self.teachers[self.hidden_of], "width", None)

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """Variables of all teachers, which tell one ensemble from another."""
        return tuple(
            variable
            for teacher in self.teachers
            for variable in getattr(teacher, "trainable_variables", ())
        )

    def __call__(self, inputs: Mapping[str, Any], training: bool = False) -> dict[str, Any]:
        """Labels one batch with every teacher; see `Teacher`."""
        answers = [teacher(inputs, training=training) for teacher in self.teachers]
        outputs = {
            key: self._mean([answer[key] for answer in answers]) for key in ("intent", "slots")
        }
        masks = [ops.cast(answer["mask"], "bool") for answer in answers if "mask" in answer]
        if masks:
            mask = masks[0]
            for other in masks[1:]:
                mask = ops.logical_and(mask, other)
            outputs["mask"] = mask
        if self.hidden_of is not None:
            if "hidden" not in answers[self.hidden_of]:
                raise ValueError(
                    "`hidden_of` must name a teacher that returns 'hidden'. Received: "
                    f"{self.hidden_of}, which returns {sorted(answers[self.hidden_of])}."
                )
            outputs["hidden"] = answers[self.hidden_of]["hidden"]
        return outputs

    def _mean(self, logits: Sequence[Any]) -> Any:
        shares = list(zip(self.weights, logits, strict=True))
        if self.mean == "logits":
            return sum(share * ops.cast(values, "float32") for share, values in shares)
        # log Σ wᵢ pᵢ without leaving the logarithm: small probabilities would underflow.
        logs = [
            ops.log(share) + ops.log_softmax(ops.cast(v, "float32"), axis=-1) for share, v in shares
        ]
        return ops.logsumexp(ops.stack(logs), axis=0)
