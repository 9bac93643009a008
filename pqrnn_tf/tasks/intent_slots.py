"""The joint intent and slot model."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from pqrnn_tf.encoder.attention_pooling import AttentionPooling
from pqrnn_tf.encoder.pqrnn_encoder import PQRNNEncoder
from pqrnn_tf.quantization.places import Places
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.tasks.losses import LabelCrossentropy


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class IntentSlotModel(keras.Model):
    """Intent of an utterance and a slot tag for each of its tokens, from projection features.

    The encoder's states are pooled by attention for the intent; the slot head sees each token's
    state and, with `intent_context`, the pooled state: `slots = W h_t + V pooled + b`. Where `labels`
    has nested tags, a head of the same form says for each token what is nested in its slot.

    Args:
        labels: Names and order of the outputs.
        spec: The projection that makes the features; it travels with the model.
        encoder: A `PQRNNEncoder`; `None` for one with its defaults.
        dropout: Rate on the inputs of the heads, in training.
        intent_context: Whether the heads of tokens see the pooled state.
        name: Name of the model.

    Call arguments:
        inputs: `{"features": int8 (batch, time, spec.features), "lengths": int32 (batch,)}`; further
            entries are ignored.
        training: Whether dropout, zoneout and batch statistics are on.

    Returns of a call:
        `{"intent": (batch, intents), "slots": (batch, time, tags)}`, float logits; with nested tags
        also `"nested": (batch, time, nested tags)`.

    Reference: Kaliamoorthi et al. 2021, arXiv 2101.08890; the slot head is ours, the paper's is not public.
    """

    def __init__(
        self,
        *,
        labels: LabelSet,
        spec: ProjectionSpec,
        encoder: PQRNNEncoder | None = None,
        dropout: float = 0.1,
        intent_context: bool = True,
        name: str = "intent_slot_model",
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        self.labels = labels
        self.spec = spec
        self.encoder = encoder or PQRNNEncoder(name="encoder")
        self.dropout_rate = dropout
        self.intent_context = intent_context
        self.pooling = AttentionPooling(name="pooling")
        outputs = ("slots", "nested") if labels.nested else ("slots",)
        contexts = tuple(f"{name}_context" for name in outputs) if intent_context else ()
        self.places = Places("states", "pooled", "intent", *outputs, *contexts)
        self.head_dropout = keras.layers.Dropout(dropout, name="head_dropout")
        self.intent_head = keras.layers.Dense(
            len(labels.intents), dtype="float32", name="intent_head"
        )
        self.slot_head, self.context_head = self._token_heads(
            "slot_head", "context_head", labels.tags
        )
        self.nested_head, self.nested_context_head = self._token_heads(
            "nested_head", "nested_context_head", labels.nested
        )

    def _token_heads(
        self, name: str, context_name: str, tags: tuple[str, ...]
    ) -> tuple[keras.layers.Dense | None, keras.layers.Dense | None]:
        """Layers for a token's state and for the pooled state, `None` where there is no such one."""

        def dense(name: str, *, use_bias: bool) -> keras.layers.Dense:
            return keras.layers.Dense(len(tags), use_bias=use_bias, dtype="float32", name=name)

        return (
            dense(name, use_bias=True) if tags else None,
            dense(context_name, use_bias=False) if tags and self.intent_context else None,
        )

    def get_build_config(self) -> dict[str, Any]:
        """Width of the features, which `spec` has too; an empty dictionary would not be looked at."""
        return {"features": self.spec.features}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Adds the weights when a saved model is loaded."""
        self.build({"features": (None, None, self.spec.features), "lengths": (None,)})

    def build(self, input_shape: Any) -> None:
        """Adds the weights."""
        shape = input_shape["features"]
        if shape[-1] != self.spec.features:
            raise ValueError(
                f"`features` must have {self.spec.features} features a token, as `spec` says. "
                f"Received: shape {tuple(shape)}."
            )
        if not self.encoder.built:  # a loaded encoder is
            self.encoder.build(shape)
        states = (*shape[:-1], self.encoder.width)
        self.pooling.build(states)
        pooled = (shape[0], states[-1])
        self.intent_head.build(pooled)
        for head, context in (
            (self.slot_head, self.context_head),
            (self.nested_head, self.nested_context_head),
        ):
            if head is not None:
                head.build(states)
            if context is not None:
                context.build(pooled)
        self.built = True

    def call(self, inputs: dict[str, Any], training: bool | None = None) -> dict[str, Any]:
        """Returns the logits."""
        return self.heads(self.encode(inputs, training=training), training=training)

    def encode(self, inputs: dict[str, Any], training: bool | None = None) -> dict[str, Any]:
        """The encoder's states: `{"sequence", "hidden", "mask"}`."""
        features = inputs["features"]
        lengths = ops.cast(inputs["lengths"], "int32")
        mask = ops.arange(ops.shape(features)[1])[None, :] < lengths[:, None]
        return {**self.encoder(features, mask=mask, training=training), "mask": mask}

    def heads(self, states: dict[str, Any], training: bool | None = None) -> dict[str, Any]:
        """The logits of the encoder's states."""
        sequence = states["sequence"]
        pooled = self.pooling(sequence, mask=states["mask"])
        pooled = self.head_dropout(pooled, training=training)
        sequence = self.head_dropout(sequence, training=training)
        pooled, sequence = self.places("pooled", pooled), self.places("states", sequence)
        outputs = {"intent": self.places("intent", self.intent_head(pooled))}
        for name, head, context in (
            ("slots", self.slot_head, self.context_head),
            ("nested", self.nested_head, self.nested_context_head),
        ):
            if head is not None:
                outputs[name] = self.places(name, head(sequence))
            if context is not None:
                given = self.places(f"{name}_context", context(pooled))
                outputs[name] = outputs[name] + given[:, None, :]
        return outputs

    def losses_of(self, label_smoothing: float = 0.0) -> dict[str, keras.losses.Loss]:
        """The losses of all outputs, for `compile(loss=...)`."""
        names = ("intent", "slots", "nested") if self.labels.nested else ("intent", "slots")
        return {name: LabelCrossentropy(label_smoothing, name=f"{name}_loss") for name in names}

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments; labels and specification as plain values."""
        return {
            **super().get_config(),
            "labels": self.labels.to_dict(),
            "spec": self.spec.to_dict(),
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "dropout": self.dropout_rate,
            "intent_context": self.intent_context,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> IntentSlotModel:
        """The inverse of `get_config`.

        Raises:
            SpecError: if the model was made with another projection version.
        """
        config = dict(config)
        config["labels"] = LabelSet.from_dict(config["labels"])
        config["spec"] = ProjectionSpec.from_dict(config["spec"])
        config["encoder"] = keras.saving.deserialize_keras_object(config["encoder"])
        return cls(**config)
