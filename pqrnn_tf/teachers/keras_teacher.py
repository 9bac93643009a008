"""A joint intent and slot model as a teacher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.teachers.alignment import pool_pieces

_INPUTS = ("text", "spans", "lengths")


class KerasTeacher:
    """An `IntentSlotModel`, usually a larger one, that teaches another.

    It reads the text through its own projection, so that its tokens and features need not be the
    student's; a subclass with an encoder of another kind is given text and tokens too. Its slot
    logits and hidden states are averaged over those of its tokens that overlap a token of the
    student; equal tokens are passed on as they are.

    Args:
        model: The teacher, built.
        hidden_layer: Position in the encoder's `"hidden"` that `"hidden"` is read from: `0` is the
            bottleneck, `-1` the last layer.

    Call arguments:
        inputs: Mapping with `"text"` `(batch,)` string, `"spans"` `(batch, time, 2)` int32 in code
            points and `"lengths"` `(batch,)`. Other keys are ignored.
        training: Python bool, whether dropout and zoneout are active.

    Returns of a call:
        `{"intent": (batch, intents), "slots": (batch, time, tags), "hidden": (batch, time, width),
        "mask": (batch, time) bool}`, float32.

    Raises:
        TypeError: if `model` is no `IntentSlotModel`.
        ValueError: if `hidden_layer` does not exist, or on a call without the inputs.

    Example:
        >>> teacher = KerasTeacher(keras.models.load_model("large/model.keras"))
    """

    supports_jit = False
    labels: LabelSet | None

    def __init__(self, model: IntentSlotModel, *, hidden_layer: int = -1) -> None:
        if not isinstance(model, IntentSlotModel):
            raise TypeError(f"`model` must be an `IntentSlotModel`. Received: {model!r}.")
        self.model = model
        self.labels = model.labels
        self.hidden_layer = hidden_layer
        one = {
            "text": tf.constant(["a"]),
            "spans": np.array([[[0, 1]]], np.int32),
            "features": np.zeros((1, 1, model.spec.features), np.int8),
            "lengths": np.ones(1, np.int32),
        }
        hidden = model.encode(one, training=False)["hidden"]
        if not -len(hidden) <= hidden_layer < len(hidden):
            raise ValueError(
                f"`hidden_layer` must be from {-len(hidden)} to {len(hidden) - 1}. Received: "
                f"{hidden_layer}."
            )
        self.width = int(hidden[hidden_layer].shape[-1])

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """The model's trainable variables."""
        return tuple(self.model.trainable_variables)

    def __call__(self, inputs: Mapping[str, Any], training: bool = False) -> dict[str, Any]:
        """Labels one batch; see the class."""
        missing = [key for key in _INPUTS if key not in inputs]
        if missing:
            raise ValueError(
                f"`inputs` of a live teacher must hold {list(_INPUTS)}. Received the keys "
                f"{sorted(inputs)}, without {missing}. Keep the texts in the data, or pass a "
                "`CachedTeacher`."
            )
        text = tf.convert_to_tensor(inputs["text"])
        # The projection is an op of the host.
        with tf.device("CPU"):
            features, own_lengths, own_spans, _ = project_strings(text, self.model.spec)
        states = self.model.encode(
            {"text": text, "spans": own_spans, "features": features, "lengths": own_lengths},
            training=training,
        )
        outputs = self.model.heads(states, training=training)
        # Padding must overlap nothing, whatever the projection writes there.
        own_spans = tf.where(states["mask"][..., None], own_spans, 0)
        spans = tf.cast(inputs["spans"], tf.int32)
        lengths = tf.cast(tf.convert_to_tensor(inputs["lengths"]), tf.int32)
        slots, mask = pool_pieces(outputs["slots"], own_spans, spans, lengths)
        hidden = tf.cast(states["hidden"][self.hidden_layer], tf.float32)
        return {
            "intent": outputs["intent"],
            "slots": slots,
            "hidden": pool_pieces(hidden, own_spans, spans, lengths)[0],
            "mask": mask,
        }
