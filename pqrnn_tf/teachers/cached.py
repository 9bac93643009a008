"""A teacher whose answers were computed earlier and travel with the batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras import ops

from pqrnn_tf.tasks.labels import LabelSet

PREFIX = "teacher_"


class CachedTeacher:
    """Reads a teacher's outputs from the inputs instead of running the teacher.

    The inputs hold `"teacher_intent"` `(batch, intents)` and `"teacher_slots"`
    `(batch, time, tags)`, logits of any float type, and optionally `"teacher_hidden"`
    `(batch, time, width)` and `"teacher_mask"` `(batch, time)`. Without `"teacher_mask"` every token
    below `"lengths"` counts as answered.

    Args:
        labels: Label set of the teacher that made the outputs.

    Raises:
        ValueError: on a call whose inputs lack `"teacher_intent"` or `"teacher_slots"`.
    """

    supports_jit = True

    def __init__(self, labels: LabelSet | None = None) -> None:
        self.labels = labels

    def __call__(self, inputs: Mapping[str, Any], training: bool = False) -> dict[str, Any]:
        """Returns the cached outputs as float32; `training` changes nothing."""
        del training
        missing = [PREFIX + k for k in ("intent", "slots") if PREFIX + k not in inputs]
        if missing:
            raise ValueError(
                f"`inputs` of a cached teacher must hold {missing}. Received the keys "
                f"{sorted(inputs)}. Add the teacher's outputs to the data, or pass a live teacher."
            )
        outputs = {
            key: ops.cast(inputs[PREFIX + key], "float32")
            for key in ("intent", "slots", "hidden")
            if PREFIX + key in inputs
        }
        if PREFIX + "mask" in inputs:
            outputs["mask"] = ops.cast(inputs[PREFIX + "mask"], "bool")
        elif "lengths" in inputs:
            time = ops.shape(outputs["slots"])[1]
            lengths = ops.cast(inputs["lengths"], "int32")
            outputs["mask"] = ops.arange(time, dtype="int32")[None, :] < lengths[:, None]
        else:
            raise ValueError(
                "`inputs` of a cached teacher must hold 'teacher_mask' or 'lengths'. Received the "
                f"keys {sorted(inputs)}."
            )
        return outputs
