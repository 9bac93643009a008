"""A teacher whose answers were computed earlier and travel with the batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras import ops

from pqrnn_tf.runtime.labels import LabelSet

PREFIX = "teacher_"


class CachedTeacher:
    """Reads a teacher's outputs from the inputs instead of running the teacher.

    The inputs hold, of any float type and at least one of them, `"teacher_intent"`
    `(batch, intents)` and `"teacher_slots"` `(batch, time, tags)`, logits, and `"teacher_hidden"`
    `(batch, time, width)`; and optionally `"teacher_mask"` `(batch, time)`, without which every token
    below `"lengths"` counts as answered.

    Args:
        labels: Label set of the teacher that made the outputs.

    Raises:
        ValueError: on a call whose inputs hold none of them.
    """

    supports_jit = True

    def __init__(self, labels: LabelSet | None = None) -> None:
        self.labels = labels

    def __call__(self, inputs: Mapping[str, Any], training: bool = False) -> dict[str, Any]:
        """Returns the cached outputs as float32; `training` changes nothing."""
        del training
        keys = ("intent", "slots", "hidden")
        outputs = {
            key: ops.cast(inputs[PREFIX + key], "float32") for key in keys if PREFIX + key in inputs
        }
        if not outputs:
            raise ValueError(
                f"`inputs` of a cached teacher must hold one of {[PREFIX + key for key in keys]}. "
                f"Received the keys {sorted(inputs)}. Add the teacher's outputs to the data, or pass a "
                "live teacher."
            )
        if PREFIX + "mask" in inputs:
            outputs["mask"] = ops.cast(inputs[PREFIX + "mask"], "bool")
        elif "lengths" in inputs:
            by_token = next((outputs[key] for key in ("slots", "hidden") if key in outputs), None)
            if by_token is None:
                return outputs
            time = ops.shape(by_token)[1]
            lengths = ops.cast(inputs["lengths"], "int32")
            outputs["mask"] = ops.arange(time, dtype="int32")[None, :] < lengths[:, None]
        else:
            raise ValueError(
                "`inputs` of a cached teacher must hold 'teacher_mask' or 'lengths'. Received the "
                f"keys {sorted(inputs)}."
            )
        return outputs
