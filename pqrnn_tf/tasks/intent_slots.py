"""The joint intent and slot model, which takes text."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
import numbers
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from pqrnn_tf.datasets.held_out import hold_out
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.encoder.attention_pooling import AttentionPooling
from pqrnn_tf.encoder.building import Encoder, encoder_of
from pqrnn_tf.encoder.pqrnn_encoder import PQRNNEncoder
from pqrnn_tf.projection.layer import Projection
from pqrnn_tf.quantization.places import Places
from pqrnn_tf.runtime.entity_features import EntityFeatures
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.tasks import compiling
from pqrnn_tf.tasks.backend import require_tensorflow_backend
from pqrnn_tf.tasks.bag_head import BagHead, BagSolution
from pqrnn_tf.tasks.bag_solution import solve_bag_head, weigh_bag_head
from pqrnn_tf.tasks.compiling import AUTO
from pqrnn_tf.tasks.config import STEP_FIELDS, TrainingConfig
from pqrnn_tf.tasks.entity_sampling import told_of_names
from pqrnn_tf.tasks.intent_solution import (
    assign_intent_head,
    bag_rank,
    bag_suits,
    has_vectors,
    needs_no_steps,
    solve_intent_head,
    usual_weight,
)
from pqrnn_tf.tasks.label_collection import labels_for
from pqrnn_tf.tasks.labelled_texts import (
    LabelledTexts,
    as_texts,
    check_labels,
    check_shared_labels,
    class_weights,
    is_features,
    is_path,
    is_text,
    labelled_texts,
    texts_of_dataset,
)
from pqrnn_tf.tasks.optimizers import (
    AveragedWeights,
    build_optimizer,
    inner_optimizer,
    plan_has_ended,
)
from pqrnn_tf.tasks.parsing import BatchHooks, predict_parses, score_model
from pqrnn_tf.tasks.pipeline import batches, projected_texts, weighted
from pqrnn_tf.tasks.preset_folders import (
    assign,
    preset_class,
    preset_folder,
    read_preset,
    weights_of_layers,
    write_preset,
)
from pqrnn_tf.tasks.sentence_pooling import SentencePooling
from pqrnn_tf.tasks.training_data import augmentation
from pqrnn_tf.tasks.vector_tuning import tune_vectors

PREDICT_BATCH = 128
"""Texts a forward pass of `predict` and `evaluate`, where the caller does not say."""


@dataclasses.dataclass
class _Compilation:
    """What `compile` was asked for: it can only be done once the labels and the number of steps are known.

    Attributes:
        optimizer, loss, loss_weights, metrics, weighted_metrics: As `compile` takes them.
        config: The table of the measured choices; `None` for that of the number of rows.
        arguments: Further arguments of Keras.
        done: Whether Keras' own `compile` was called.
    """

    optimizer: Any = AUTO
    loss: Any = AUTO
    loss_weights: Any = AUTO
    metrics: Any = AUTO
    weighted_metrics: Any = None
    config: TrainingConfig | None = None
    arguments: dict[str, Any] = dataclasses.field(default_factory=dict)
    done: bool = False

    def leaves_steps_open(self, rows: int) -> bool:
        """Whether nothing was asked for that only a training in steps on so many rows heeds."""
        own = (self.optimizer, self.loss, self.loss_weights)
        if any(
            asked is not None and not (isinstance(asked, str) and asked == AUTO) for asked in own
        ):
            return False
        if self.config is None:
            return True
        suited = TrainingConfig.for_rows(rows)
        return all(getattr(self.config, name) == getattr(suited, name) for name in STEP_FIELDS)

    def of_outputs(self, outputs: Sequence[str], config: TrainingConfig) -> dict[str, Any]:
        """Losses, their weights and metrics for some outputs, as Keras' `compile` takes them.

        Raises:
            ValueError: if something was asked for another output.
        """
        return {
            "loss": compiling.losses(self.loss, outputs, config),
            "loss_weights": compiling.loss_weights(self.loss_weights, self.loss, outputs, config),
            "metrics": compiling.metrics(self.metrics, outputs, "metrics"),
            "weighted_metrics": compiling.metrics(
                self.weighted_metrics, outputs, "weighted_metrics"
            ),
        }


@keras.saving.register_keras_serializable(package="pqrnn_tf")
class IntentSlotModel(keras.Model):
    """Intent of an utterance and a slot tag for each of its tokens, from text.

    Texts are projected to ternary features without a vocabulary, and an encoder makes states of them. The states are
    pooled by attention for the intent; the slot head sees each token's state and, with `intent_context`, the pooled
    state: `slots = W h_t + V pooled + b`. Where `labels` has nested tags, a head of the same form says for each token
    what is nested in its slot. With a bag head the intent is `encoder_weight · encoder + bag · kernel + bias`
    (`BagHead`), in training that of the encoder.

    A model without labels takes them from the rows of its first `fit`, which adds the heads.

    Args:
        labels: Names and order of the outputs; `None` for those of the first training.
        spec: The projection that makes the features; it travels with the model. `None` for that of `preprocessor`,
            or the default; a model without labels then takes what suits the rows of its first `fit`.
        encoder: A `PQRNNEncoder` or a `GraphEncoder`; `None` for the former with its defaults, or what
            suits the rows, likewise.
        dropout: Rate on the inputs of the heads, in training.
        intent_context: Whether the heads of tokens see the pooled state.
        preprocessor: What makes features of texts: `"auto"` for the projection of `spec`, a `Projection`, or `None`
            for a model that takes feature tensors only.
        bag_rank: Rank of the bag head's kernel, see `BagHead`; `fit` sets it where labels are many.
        sentence_pooling: Arguments of `SentencePooling`, by which the states become one vector for the intent, as
            those of a sentence encoder do; `None` for attention pooling. `from_preset` of such an encoder sets them.
        entity_features: What the model is told of names that only the device knows (docs/entities.md); `None` for
            nothing. The weights for it begin at 0.
        bag_head: Whether the intent also has linear logits of a text's bag of features, which help on few rows:
            `"auto"` where `fit` on texts finds the rows to be few, `True`, or `False` for never.
        name: Name of the model.
        **kwargs: Arguments of `keras.Model`, such as `dtype`.

    Call arguments:
        inputs: Texts, a string or `(batch,)` of them; or `{"features": int8 (batch, time, spec.features), "lengths":
            int32 (batch,)}`, where further entries are ignored. With `entity_features` also `"entities"` int8 `(batch,
            time, entity_features.width)`; where it is missing, nothing is known.
        training: Whether dropout, zoneout and batch statistics are on.

    Returns of a call:
        `{"intent": (batch, intents), "slots": (batch, time, tags)}`, float logits; with nested tags
        also `"nested": (batch, time, nested tags)`.

    Raises:
        ValueError: if an argument is not valid.

    Example:
    ```python
    model = pqrnn_tf.IntentSlotModel()
    model.fit(["wake me at 7", "play some jazz"], ["set_alarm", "play_music"], epochs=5)
    model.predict(["wake me at 8"])[0].intent  # a Parse, as of pqrnn_tf.load
    model.save("mine.keras")
    model.export("mine.tflite")
    ```

    Reference: Kaliamoorthi et al. 2021, arXiv 2101.08890; the slot head is ours, the paper's is not public.
    """

    def __init__(
        self,
        *,
        labels: LabelSet | None = None,
        spec: ProjectionSpec | None = None,
        encoder: Encoder | None = None,
        dropout: float = TrainingConfig.head_dropout,
        intent_context: bool = True,
        preprocessor: Projection | str | None = AUTO,
        bag_head: bool | str = AUTO,
        entity_features: EntityFeatures | None = None,
        sentence_pooling: Mapping[str, Any] | None = None,
        bag_rank: int | None = None,
        name: str = "intent_slot_model",
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        if not (
            preprocessor is None or preprocessor == AUTO or isinstance(preprocessor, Projection)
        ):
            raise ValueError(
                '`preprocessor` must be "auto", a Projection, or None for a model that takes feature tensors. '
                f"Received: {preprocessor!r}."
            )
        if bag_head not in (True, False, AUTO):
            raise ValueError(f'`bag_head` must be "auto", True or False. Received: {bag_head!r}.')
        own = preprocessor.spec if isinstance(preprocessor, Projection) else None
        if own is not None and spec not in (None, own):
            raise ValueError(
                f"`spec` must be that of `preprocessor`, or None. Received: {spec} for {own}."
            )
        self._open_choices = {
            name
            for name, given in (("spec", spec or own), ("encoder", encoder))
            if given is None and labels is None
        }
        self.spec = spec or own or TrainingConfig.spec
        self.takes_text = preprocessor is not None
        self.labels: LabelSet = labels  # type: ignore[assignment]  # None until they are known
        self.dropout_rate = dropout
        self.intent_context = intent_context
        self.entity_features = entity_features
        self.sentence_pooling = None if sentence_pooling is None else dict(sentence_pooling)
        self._add_body(encoder or PQRNNEncoder(name="encoder", dtype=self.dtype_policy))
        self.bag_head: BagHead | None = None
        self.bag_rank = bag_rank
        self._wants_bag_head = bag_head
        self._compilation = _Compilation()
        self._class_weights: np.ndarray | None = None
        self._heads_are_new = False  # where `fit` added them, until it has trained them
        if labels is not None:
            self._add_heads(labels)

    @property
    def preprocessor(self) -> Projection | None:
        """The layer that makes features of texts; `None` where the model takes features only."""
        return Projection(self.spec, name="projection") if self.takes_text else None

    def _add_body(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.pooling: AttentionPooling | SentencePooling
        if self.sentence_pooling is None:
            self.pooling = AttentionPooling(name="pooling", dtype=self.dtype_policy)
        else:
            self.pooling = SentencePooling(
                **self.sentence_pooling, name="pooling", dtype=self.dtype_policy
            )
        self.head_dropout = keras.layers.Dropout(
            self.dropout_rate, name="head_dropout", dtype=self.dtype_policy
        )
        self.entity_map: keras.layers.Dense | None = None
        self.entity_head: keras.layers.Dense | None = None
        if self.entity_features is not None:
            self.entity_map = keras.layers.Dense(
                encoder.bottleneck_units,
                use_bias=False,
                kernel_initializer="zeros",
                name="entity_map",
                dtype=self.dtype_policy,
            )

    def _outputs(self) -> tuple[str, ...]:
        return _outputs_of(self._labels())

    def _labels(self) -> LabelSet:
        if self.labels is None:
            raise LabelError(
                "The model has no labels yet. Train it with `fit`, which takes them from the rows, or make it with "
                "`labels`."
            )
        return self.labels

    def _add_heads(self, labels: LabelSet) -> None:
        self.labels = labels
        self.built = False  # where a file held the encoder of a model without labels
        outputs = ("slots", "nested") if labels.nested else ("slots",)
        contexts = tuple(f"{name}_context" for name in outputs) if self.intent_context else ()
        self.places = Places("states", "pooled", "intent", *outputs, *contexts)
        self.intent_head = keras.layers.Dense(
            len(labels.intents), dtype="float32", name="intent_head"
        )
        self.slot_head, self.context_head = self._token_heads(
            "slot_head", "context_head", labels.tags
        )
        self.nested_head, self.nested_context_head = self._token_heads(
            "nested_head", "nested_context_head", labels.nested
        )
        if self._wants_bag_head is True:
            self.bag_head = BagHead(len(labels.intents), rank=self.bag_rank, name="bag_head")
        if self.entity_features is not None:
            self.entity_head = keras.layers.Dense(
                len(labels.tags),
                use_bias=False,
                kernel_initializer="zeros",
                name="entity_head",
                dtype="float32",
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
        has_weights = self.labels is not None or self.encoder.built
        return {"features": self.spec.features} if has_weights else {}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Adds the weights when a saved model is loaded."""
        if self.labels is None:
            self._build_body(self._input_shapes["features"])
        else:
            self.build(self._input_shapes)

    @property
    def _input_shapes(self) -> dict[str, tuple[int | None, ...]]:
        return {"features": (None, None, self.spec.features), "lengths": (None,)}

    def build(self, input_shape: Any) -> None:
        """Adds the weights."""
        self._labels()
        shape = input_shape["features"]
        if shape[-1] != self.spec.features:
            raise ValueError(
                f"`features` must have {self.spec.features} features a token, as `spec` says. "
                f"Received: shape {tuple(shape)}."
            )
        states = self._build_body(shape)
        pooled = (shape[0], self._pooled_width)
        self.intent_head.build(pooled)
        if self.bag_head is not None:
            self.bag_head.build(shape)
        for head, context in (
            (self.slot_head, self.context_head),
            (self.nested_head, self.nested_context_head),
        ):
            if head is not None:
                head.build(states)
            if context is not None:
                context.build(pooled)
        self.built = True

    @property
    def _pooled_width(self) -> int:
        """Width of what the intent is told by."""
        pooling = self.pooling
        return pooling.width if isinstance(pooling, SentencePooling) else self.encoder.width

    def _build_body(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Adds the weights that do not depend on labels; returns the shape of the states."""
        if not self.encoder.built:  # a loaded encoder is
            self.encoder.build(shape)
        states = (*shape[:-1], self.encoder.width)
        if not self.pooling.built:
            self.pooling.build(states)
        if self.entity_features is not None:
            own = (*shape[:-1], self.entity_features.width)
            for layer in (self.entity_map, self.entity_head):
                if layer is not None and not layer.built:
                    layer.build(own)
        return states

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls the model; texts become features first."""
        self._labels()
        if is_text(inputs) or (isinstance(inputs, (list, tuple)) and _is_empty(inputs)):
            self._check_takes_text()
            if isinstance(inputs, keras.KerasTensor):
                inputs = Projection(self.spec)(inputs)
                inputs = {name: inputs[name] for name in ("features", "lengths")}
            else:
                if not isinstance(inputs, tf.Tensor):
                    inputs = tf.constant(as_texts(inputs, "inputs"))
                inputs = projected_texts(tf.reshape(inputs, [-1]), self.spec)
        return super().__call__(inputs, *args, **kwargs)

    def _check_takes_text(self) -> None:
        if not self.takes_text:
            raise ValueError(
                "This model takes feature tensors, `{'features', 'lengths'}`, because it was made with "
                '`preprocessor=None`. Received: text. Make it with `preprocessor="auto"`.'
            )

    def call(self, inputs: dict[str, Any], training: bool | None = None) -> dict[str, Any]:
        """Returns the logits."""
        return self.heads(self.encode(inputs, training=training), training=training)

    def encode(self, inputs: dict[str, Any], training: bool | None = None) -> dict[str, Any]:
        """The encoder's states, `{"sequence", "hidden", "mask"}`, and inputs that a head sees."""
        features = inputs["features"]
        lengths = ops.cast(inputs["lengths"], "int32")
        mask = ops.arange(ops.shape(features)[1])[None, :] < lengths[:, None]
        extra, entities = None, None
        if self.entity_map is not None and "entities" in inputs:
            entities = ops.cast(inputs["entities"], self.compute_dtype)
            extra = self.entity_map(entities)
        states = self.encoder(features, mask=mask, training=training, extra=extra)
        states = {**states, "mask": mask}
        if entities is not None:
            states["entities"] = entities
        return states if self.bag_head is None else {**states, "features": features}

    def heads(self, states: dict[str, Any], training: bool | None = None) -> dict[str, Any]:
        """The logits of the encoder's states."""
        sequence = states["sequence"]
        pooled = self.pooling(sequence, mask=states["mask"])
        pooled = self.head_dropout(pooled, training=training)
        sequence = self.head_dropout(sequence, training=training)
        pooled, sequence = self.places("pooled", pooled), self.places("states", sequence)
        outputs = {"intent": self.places("intent", self.intent_head(pooled))}
        if self.bag_head is not None and not training:
            # In training it would leave to the encoder what it cannot explain itself, which is mostly noise.
            outputs["intent"] = self.bag_head(states["features"], states["mask"], outputs["intent"])
        for name, head, context in (
            ("slots", self.slot_head, self.context_head),
            ("nested", self.nested_head, self.nested_context_head),
        ):
            if head is not None:
                outputs[name] = self.places(name, head(sequence))
            if context is not None:
                given = self.places(f"{name}_context", context(pooled))
                outputs[name] = outputs[name] + given[:, None, :]
        if self.entity_head is not None and "entities" in states:
            outputs["slots"] = outputs["slots"] + self.entity_head(states["entities"])
        return outputs

    def set_bag_head(self, solution: BagSolution | None, *, encoder_weight: float = 1.0) -> None:
        """Gives the model a bag head, changes the one that it has, or takes it away.

        Args:
            solution: Weights of the head, as `solve_bag_head` finds them; `None` for a model without one.
            encoder_weight: Factor of the encoder's intent logits beside it.

        Raises:
            ValueError: if the model has no weights yet.
        """
        if not self.built:
            raise ValueError("The model must have weights: train it, or call it once on a text.")
        rank = None if solution is None or solution.down is None else solution.down.shape[1]
        if (solution is None) != (self.bag_head is None) or rank != self.bag_rank:
            before = self.bag_head
            self._tracker.unlock()  # as Keras' own layers do that gain weights when they are built
            if before is not None:
                self._tracker.untrack(before)
            self.bag_rank = rank
            self.bag_head = None
            if solution is not None:
                self.bag_head = BagHead(len(self.labels.intents), rank=rank, name="bag_head")
            self._tracker.lock()
            self.test_function = self.predict_function = None  # what they traced is no longer so
        if solution is not None and self.bag_head is not None:
            if not self.bag_head.built:
                self.bag_head.build((None, None, self.spec.features))
            self.bag_head.assign(solution, encoder_weight=encoder_weight)

    def with_entity_features(self, features: EntityFeatures) -> IntentSlotModel:
        """A copy of the model with a second input, which changes nothing until it is trained.

        Args:
            features: What the input tells.

        Raises:
            ValueError: if the model has no weights yet, or has the input already.
        """
        if not self.built or self.entity_features is not None:
            raise ValueError(
                "The model must have weights and no `entity_features`. Received: "
                f"built={self.built}, entity_features={self.entity_features!r}."
            )
        copy = type(self).from_config({**self.get_config(), "entity_features": features.to_dict()})
        copy.build_from_config(copy.get_build_config())
        own = copy._named_weights()
        for name, weight in self._named_weights().items():
            own[name].assign(weight)
        return copy

    def compile(
        self,
        optimizer: Any = AUTO,
        loss: Any = AUTO,
        loss_weights: Any = AUTO,
        metrics: Any = AUTO,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = AUTO,
        auto_scale_loss: bool = True,
        *,
        config: TrainingConfig | None = None,
    ) -> None:
        """Says how to train; without a call of it, `fit` does as `compile("auto")` says.

        Losses and metrics, also those of Keras, look only at positions with a label (targets of at least 0).

        Args:
            optimizer: `"auto"`: AdamW with warm-up, cosine decay and averaged weights, planned by each `fit` for its
                number of steps; or any optimizer of Keras.
            loss: `"auto"` or `None`: `LabelCrossentropy` with the measured label smoothing; or any of Keras, for all
                outputs or by output. The outputs are logits.
            loss_weights: `"auto"`: the measured ones for `loss="auto"`, else none; or weights by output.
            metrics: `"auto"`: accuracy of each output, and `exact_match`, the share of rows whose slot tags are all
                right; `None`, a metric or a list of metrics for all outputs, or either by output.
            weighted_metrics: Like `metrics`, with sample weights.
            run_eagerly, steps_per_execution, auto_scale_loss: As in Keras.
            jit_compile: As in Keras, but `"auto"` is `False`: XLA compiles anew for each length of a batch.
            config: Where the measured choices come from; `None` for what suits the number of rows.

        Raises:
            ValueError: if something is given for an output that the model does not have.
        """
        if not isinstance(optimizer, str) or optimizer != AUTO:
            optimizer = keras.optimizers.get(optimizer)
        self._compilation = _Compilation(
            optimizer=optimizer,
            loss=loss,
            loss_weights=loss_weights,
            metrics=metrics,
            weighted_metrics=weighted_metrics,
            config=config,
            arguments={
                "run_eagerly": run_eagerly,
                "steps_per_execution": steps_per_execution,
                "jit_compile": False if jit_compile == AUTO else jit_compile,
                "auto_scale_loss": auto_scale_loss,
            },
        )
        if self.labels is not None:
            self._compile(config or TrainingConfig(), steps=None)

    def _compile(self, config: TrainingConfig, *, steps: int | None) -> None:
        """Calls Keras' `compile` with what was asked for."""
        asked = self._compilation
        optimizer = asked.optimizer
        if isinstance(optimizer, str):
            optimizer = build_optimizer(config, steps)
        super().compile(
            optimizer=optimizer,
            **asked.of_outputs(self._outputs(), config),
            **{"jit_compile": False, **asked.arguments},
        )
        asked.done = True

    def _plan(self, config: TrainingConfig, *, steps: int | None, initial_epoch: int) -> None:
        """Compiles for a training of some steps, where that is not done yet or the plan is a new one."""
        asked = self._compilation
        ended = asked.done and plan_has_ended(self.optimizer)
        if ended:  # such as that of a model from a file
            asked.optimizer = AUTO
        automatic = isinstance(asked.optimizer, str)
        if not asked.done or ended or (automatic and not initial_epoch):
            self._compile(config, steps=steps)

    def make_training_variables(self) -> None:
        """Makes the variables of optimizer, losses and metrics of a compiled model, for targets of all outputs.

        Else Keras makes them while it traces the first step, which is then traced once more: half of the time that a
        training on few rows takes.
        """
        if not self.optimizer.built:
            self.optimizer.build(self.trainable_variables)
        labels = self._labels()
        sizes = {"intent": labels.intents, "slots": labels.tags, "nested": labels.nested}
        shapes = {name: (1,) if name == "intent" else (1, 1) for name in self._outputs()}
        targets = {name: tf.zeros(shape, tf.int32) for name, shape in shapes.items()}
        logits = {name: tf.zeros((*shape, len(sizes[name]))) for name, shape in shapes.items()}
        self.compute_loss(y=targets, y_pred=logits, training=False)
        self.compute_metrics(None, targets, logits)
        self.reset_metrics()

    def get_compile_config(self) -> dict[str, Any]:
        """What `compile` was asked for, and what was made of it."""
        config = super().get_compile_config()
        if not config:
            return {}
        asked = self._compilation
        automatic = [
            name
            for name in ("optimizer", "loss", "loss_weights", "metrics")
            if isinstance(getattr(asked, name), str) and getattr(asked, name) == AUTO
        ]
        of_rows = None if asked.config is None else asked.config.to_dict()
        return {**config, "automatic": automatic, "training_config": of_rows}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """The inverse of `get_compile_config`."""
        config = dict(config)
        automatic = config.pop("automatic", [])
        of_rows = config.pop("training_config", None)
        self.compile(
            **keras.saving.deserialize_keras_object(config),
            config=None if of_rows is None else TrainingConfig.from_dict(of_rows),
        )
        if self.built and self.compiled:
            self.optimizer.build(self.trainable_variables)
        for name in automatic:
            setattr(self._compilation, name, AUTO)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The weighted sum of the losses; see `keras.Model.compute_loss`."""
        sample_weight = self._by_output(sample_weight, y_pred)
        if training and self._class_weights is not None:
            intents = ops.cast(y["intent"], "int32")
            weights = ops.take(ops.convert_to_tensor(self._class_weights), ops.maximum(intents, 0))
            if not isinstance(sample_weight, Mapping):
                sample_weight = dict.fromkeys(y_pred, sample_weight)
            given = sample_weight["intent"]
            if given is not None:
                weights = weights * ops.reshape(ops.cast(given, weights.dtype), ops.shape(weights))
            sample_weight = {**sample_weight, "intent": weights}
        return super().compute_loss(
            x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training
        )

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The metrics; see `keras.Model.compute_metrics`."""
        return super().compute_metrics(x, y, y_pred, self._by_output(sample_weight, y_pred))

    @staticmethod
    def _by_output(sample_weight: Any, y_pred: Mapping[str, Any]) -> Any:
        """Weights of all outputs, `None` for those without."""
        if not isinstance(sample_weight, Mapping):
            return sample_weight
        if unknown := sorted(set(sample_weight) - set(y_pred)):
            raise ValueError(
                f"`sample_weight` must be for outputs of the model, {sorted(y_pred)}. Received: {unknown}."
            )
        return {name: sample_weight.get(name) for name in y_pred}

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int | None = None,
        verbose: int | str = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Mapping[Any, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
        *,
        augment: bool = True,
    ) -> keras.callbacks.History:
        """Trains the model on texts with labels, as a user of Keras knows it.

        Args:
            x: What to train on:

                *   a file or a folder, or several: the training rows of any format that `read_rows` knows;
                *   rows: `Example`s, or mappings with `text`, `intent` and `slots`;
                *   `(texts, intents)` or `(texts, intents, slots)`, or texts with `y`. The slots of a text are
                    `(name, start, end)` in code points, objects with these, or a BIO tag for each word;
                *   a finite `tf.data.Dataset` of `(text, intent)`, `(text, intent, weight)` or mappings;
                *   feature tensors `{"features", "lengths"}`, with targets `{"intent", "slots"}` as `y`, or a
                    dataset of them.
            y: Intents of the texts, `(intents, slots)`, or a mapping with both.
            batch_size: Rows a step; `None` for the measured size, or that of a batched dataset.
            epochs: Passes; `None` for as many as suit the number of rows, and 1 for feature tensors. On rows of
                intents only, a model without labels around a sentence encoder makes none, unless `batch_size`,
                `steps_per_epoch` or `compile` say how to train: its vectors are fitted to the rows (`tune_vectors`),
                and its intent head is found in closed form over them (`solve_intent_head`). With 0 the vectors stay as
                they are.
            verbose, initial_epoch, validation_steps, validation_batch_size, validation_freq: As in Keras.
            callbacks: As in Keras. Where weights are averaged, callbacks see the averaged ones at the end of an epoch.
            validation_split: Share of the rows to hold out, of each intent the same; of feature tensors the last ones.
            validation_data: Anything that `x` may be, or `(x, y)` or `(x, y, sample_weight)`. Of a folder, its
                development rows.
            shuffle: Whether each pass has another order.
            class_weight: Weights of intents in their loss, by name or place; others have 1.
            sample_weight: Weights of rows `(rows,)`, or a mapping from outputs to these or to weights of tokens
                `(rows, time)`.
            steps_per_epoch: Steps of an epoch; `None` for a pass.
            augment: Whether rows are changed anew in each pass as measured: values of slots are swapped, and words
                get typing errors; a model with entity features is told of names, then. Off where tokens have weights.

        Returns:
            Keras' history of losses and metrics.

        Raises:
            LabelError: if rows have labels that the model lacks.
            TypeError, ValueError: if the data or an argument is not valid.
        """
        require_tensorflow_backend()
        _check_counts(
            batch_size=batch_size,
            validation_batch_size=validation_batch_size,
            steps_per_epoch=steps_per_epoch,
            validation_steps=validation_steps,
            **(
                {}
                if isinstance(validation_freq, Sequence)
                else {"validation_freq": validation_freq}
            ),
        )
        _check_counts(least=0, epochs=epochs, initial_epoch=initial_epoch)
        with_bag_head = solved = tuned = False
        new_heads = self.labels is None or self._heads_are_new
        shared: dict[str, Any] = {
            "verbose": verbose,
            "initial_epoch": initial_epoch,
            "steps_per_epoch": steps_per_epoch,
            "validation_steps": validation_steps,
            "validation_batch_size": validation_batch_size,
            "validation_freq": validation_freq,
            "shuffle": False,  # of batches of texts, which come in another order anyway
        }
        # The model is left as it is until nothing that was given can be wrong any more.
        data: Any = None
        if self._is_features(x):
            labels, spec = self._labels(), self.spec
            config = self._compilation.config or TrainingConfig()
            epochs = 1 if epochs is None else epochs
            held_out = validation_split if validation_data is None else 0.0
            per_epoch = steps_per_epoch or _steps(x, batch_size, held_out)
            weights = _weights_of_all(sample_weight, y)
            shared |= {"y": y, "sample_weight": weights, "shuffle": shuffle}
            shared |= {"batch_size": batch_size, "validation_split": validation_split}
        else:
            data = self._labelled(x, y, sample_weight, splits=("train",))
            config = self._compilation.config or TrainingConfig.for_rows(len(data.rows))
            with_bag_head = self._wants_bag_head is True or (
                self._wants_bag_head == AUTO and config.bag_head
            )
            solved = new_heads and needs_no_steps(self, data.rows)
            tuned = solved and epochs is batch_size is steps_per_epoch is None
            tuned = tuned and self._compilation.leaves_steps_open(len(data.rows))
            if epochs is None:
                epochs = 0 if tuned else config.epochs
            batch_size = batch_size or data.batch_size or config.batch_size
            if self.labels is None:
                labels = labels_for(config, data.rows)
                spec = config.spec if "spec" in self._open_choices else self.spec
            else:
                labels, spec = self.labels, self.spec
                check_labels(data.rows, labels)
            if validation_split and validation_data is None:
                data, validation_data = _split(data, validation_split, config.seed)
            x = self._batches(
                data,
                config,
                batch_size,
                labels=labels,
                spec=spec,
                augment=augment,
                shuffle=shuffle,
                first_pass=initial_epoch,
            )
            per_epoch = steps_per_epoch or _steps(x, None)
            x = x.repeat() if steps_per_epoch else x
        validation_data, development = self._validation(
            validation_data, validation_batch_size or batch_size, labels=labels, spec=spec
        )
        steps = None if per_epoch is None else max(1, epochs - initial_epoch) * per_epoch
        of_intents = class_weights(class_weight, labels) if class_weight else None
        if self.labels is None:
            self._compilation.of_outputs(_outputs_of(labels), config)
            self._choose_sizes(config)
            self._add_heads(labels)
            self._heads_are_new = True
        if not self.built:
            self.build(self._input_shapes)
        self._plan(config, steps=steps, initial_epoch=initial_epoch)
        if isinstance(data, LabelledTexts):
            self.make_training_variables()
        if self._class_weights is not None or of_intents is not None:
            self.train_function = None  # the weights are constants in it
        self._class_weights = of_intents
        rows = data.rows if isinstance(data, LabelledTexts) else []
        weight = usual_weight(rows, solved=solved, configured=config.encoder_weight)
        if self._wants_bag_head == AUTO:
            with_bag_head = with_bag_head and bag_suits(self)
        with self._first_training():
            if tuned:
                tune_vectors(self, data.rows, config, weights=self._intent_weights(data))
            if data is not None and new_heads and has_vectors(self):
                head = solve_intent_head(self, data.rows, weights=self._intent_weights(data))
                assign_intent_head(self, head)
            if with_bag_head:
                solution = solve_bag_head(
                    data.rows,
                    self.labels,
                    self.spec,
                    seed=config.seed,
                    weights=self._intent_weights(data),
                    rank=bag_rank(self),
                )
                self.set_bag_head(solution, encoder_weight=weight)
            history = super().fit(
                x,
                epochs=epochs,
                callbacks=self._with_averages(callbacks),
                validation_data=validation_data,
                **shared,
            )
        if with_bag_head and development:
            weigh_bag_head(self, development, usual=weight)
        return history

    @contextlib.contextmanager
    def _first_training(self) -> Iterator[None]:
        """A training that may be the first of heads that `fit` added; if it fails before a step, the next one is it."""
        body = [*self.encoder.weights, *self.pooling.weights] if self._heads_are_new else []
        before = [weight.numpy() for weight in body]
        try:
            yield
        except BaseException:
            if int(self.optimizer.iterations):
                self._heads_are_new = False
            else:
                for weight, value in zip(body, before, strict=True):
                    weight.assign(value)
            raise
        self._heads_are_new = False

    def _is_features(self, x: Any) -> bool:
        """Whether Keras can be given something as it is; with `preprocessor=None` everything but text."""
        if not self.takes_text and is_text(x):
            self._check_takes_text()
        return not self.takes_text or is_features(x) or _is_generator(x)

    def _labelled(
        self, x: Any, y: Any, sample_weight: Any, *, splits: Sequence[str]
    ) -> LabelledTexts:
        return labelled_texts(x, y, sample_weight, labels=self.labels, splits=splits)

    def _batches(
        self,
        data: LabelledTexts,
        config: TrainingConfig,
        batch_size: int,
        *,
        labels: LabelSet,
        spec: ProjectionSpec,
        augment: bool = False,
        shuffle: bool = False,
        first_pass: int = 0,
    ) -> tf.data.Dataset:
        """Rows as batches of features, targets and, where there are some, sample weights."""
        weights = data.weights_by_output(_outputs_of(labels))
        of_tokens = any(isinstance(own, list) for own in weights.values())
        change, told = None, None
        if augment and not of_tokens:
            change = augmentation(config, data.rows)
            if self.entity_features is not None:
                change, told = told_of_names(
                    self.entity_features, data.rows, change, seed=config.seed
                )
        dataset = batches(
            data.rows,
            labels,
            spec,
            batch_size=batch_size,
            training=shuffle,
            seed=config.seed,
            augment=change,
            epoch=itertools.count(first_pass).__next__,
            with_rows=bool(weights),
            entities=told,
        )
        return weighted(dataset, data.rows, weights, spec) if weights else dataset

    def _choose_sizes(self, config: TrainingConfig) -> None:
        """Takes projection and encoder of a configuration, where the model was made without."""
        if "spec" in self._open_choices:
            self.spec = config.spec
        if "encoder" in self._open_choices and not self.encoder.built:
            for layer in (self.encoder, self.pooling, self.head_dropout, self.entity_map):
                if layer is not None:
                    self._tracker.untrack(layer)
            self._add_body(encoder_of(config, name="encoder", dtype=self.dtype_policy))

    def _intent_weights(self, data: LabelledTexts) -> np.ndarray | None:
        """Weights of rows in the intent's loss; `None` for 1."""
        weights = data.weights_by_output(self._outputs()).get("intent")
        if self._class_weights is None:
            return weights
        place_of = {name: place for place, name in enumerate(self.labels.intents)}
        of_class = self._class_weights[[place_of[row.intent] for row in data.rows]]
        return of_class if weights is None else of_class * weights

    def _validation(
        self, data: Any, batch_size: int | None, *, labels: LabelSet, spec: ProjectionSpec
    ) -> tuple[Any, Sequence[Example]]:
        """Validation data as Keras takes it, and its rows where they are known."""
        if data is None or self._is_features(data):
            return data, ()
        y = weights = None
        if isinstance(data, tuple) and data:
            if self._is_features(data[0]):
                return data, ()
            if len(data) == 3 and is_text(data[0]) and not is_path(data) and _are_weights(data[2]):
                data, y, weights = data
        labelled = labelled_texts(data, y, weights, labels=labels, splits=("dev", "test", "train"))
        check_shared_labels(labelled.rows, labels, "validation_data")
        dataset = self._batches(
            labelled, TrainingConfig(), batch_size or PREDICT_BATCH, labels=labels, spec=spec
        )
        return dataset, labelled.rows

    def _with_averages(self, callbacks: Any) -> Any:
        """Callbacks that see the averaged weights at the end of an epoch and in validation."""
        if not inner_optimizer(self.optimizer).use_ema or isinstance(
            callbacks, keras.callbacks.CallbackList
        ):
            return callbacks
        given = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]
        given = [callback for callback in given if callback is not None]
        if any(isinstance(callback, keras.callbacks.SwapEMAWeights) for callback in given):
            return given
        # What is restored after an interruption are the weights that are trained.
        exact = [c for c in given if isinstance(c, keras.callbacks.BackupAndRestore)]
        return [*exact, AveragedWeights(), *(c for c in given if c not in exact)]

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool | None = None,
        **kwargs: Any,
    ) -> Any:
        """Scores the parses of texts; of feature tensors, Keras' own loss and metrics.

        Args:
            x: Anything that `fit` takes. Of a folder, its test rows, else its development rows.
            y: As in `fit`.
            batch_size: Rows a forward pass.
            verbose, callbacks: As in Keras. Of texts, callbacks get the scores when the evaluation ends.
            steps: As in Keras, for feature tensors.
            sample_weight: Weights of rows `(rows,)`: one of weight 2 counts as two. A `tf.data.Dataset` of
                `(x, y, sample_weight)` holds them. For feature tensors, as in `fit`.
            return_dict: `True` for a dictionary, `False` for a list of its values. `None` is `True` for texts and, as
                in Keras, `False` for feature tensors.
            **kwargs: Arguments that only Keras knows.

        Returns:
            Of texts, the scores by name as `Scores.to_dict` gives them, in percent: `rows`, `intent_accuracy`,
            `flat_exact_match` and, where rows have them, `slot_f1` and others of slots and `tree_exact_match`.

        Raises:
            LabelError: if the rows share no intent with the model.
            TypeError, ValueError: if the data or an argument is not valid.
        """
        _check_counts(batch_size=batch_size)
        if kwargs or self._is_features(x):
            return super().evaluate(
                x,
                y,
                batch_size=batch_size,
                verbose=verbose,
                sample_weight=_weights_of_all(sample_weight, y),
                steps=steps,
                callbacks=callbacks,
                return_dict=bool(return_dict),
                **kwargs,
            )
        _check_no_steps(steps)
        labels = self._labels()
        data = self._labelled(x, y, sample_weight, splits=("test", "dev", "train"))
        if isinstance(data.weights, Mapping):
            raise ValueError(
                "`sample_weight` must be one weight per row where parses are scored, not weights by output. Received: "
                f"weights of {sorted(data.weights)}."
            )
        check_shared_labels(data.rows, labels, "x")
        size = batch_size or PREDICT_BATCH
        progress = self._progress(callbacks, verbose, -(-len(data.rows) // size))
        progress.on_test_begin()
        scores = score_model(
            self,
            data.rows,
            batch_size=size,
            weights=data.weights,
            hooks=BatchHooks(
                progress.on_test_batch_begin,
                lambda number, _: progress.on_test_batch_end(number),
            ),
        ).to_dict()
        progress.on_test_end(scores)
        return list(scores.values()) if return_dict is False else scores

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """Parses texts; of feature tensors, returns Keras' raw logits.

        Args:
            x: Texts, or a `tf.data.Dataset` of them; or feature tensors.
            batch_size: Texts a forward pass.
            verbose, callbacks: As in Keras.
            steps: As in Keras, for feature tensors.

        Returns:
            Of texts a list of `Parse`s, as `pqrnn_tf.load(…)` gives them; of one string its `Parse`.

        Raises:
            LabelError: if the model has no labels yet.
            TypeError: if an entry is no string.
            ValueError: if `steps` are given with texts.
        """
        _check_counts(batch_size=batch_size)
        if isinstance(x, tf.data.Dataset) and not is_features(x) and self.takes_text:
            x = texts_of_dataset(x)
        if not is_text(x) and (not self.takes_text or isinstance(x, Mapping) or not _is_empty(x)):
            if self.takes_text and not self._is_features(x):
                as_texts(x, "x")  # says what is wrong
            return super().predict(
                x, batch_size=batch_size, verbose=verbose, steps=steps, callbacks=callbacks
            )
        self._check_takes_text()
        _check_no_steps(steps)
        self._labels()
        if isinstance(x, (str, bytes)) or getattr(x, "ndim", None) == 0:
            return self.predict(as_texts(x, "x"), verbose=0, callbacks=callbacks)[0]
        if _is_empty(x):
            return []
        texts, size = as_texts(x, "x"), batch_size or PREDICT_BATCH
        progress = self._progress(callbacks, verbose, -(-len(texts) // size))
        progress.on_predict_begin()
        hooks = BatchHooks(progress.on_predict_batch_begin, progress.on_predict_batch_end)
        parses = predict_parses(self, texts, batch_size=size, hooks=hooks)
        progress.on_predict_end()
        return parses

    def _progress(
        self, callbacks: Any, verbose: int | str, steps: int
    ) -> keras.callbacks.CallbackList:
        """What Keras calls in a pass of so many batches, and its line of progress."""
        if isinstance(callbacks, keras.callbacks.CallbackList):
            return callbacks
        return keras.callbacks.CallbackList(
            callbacks,
            add_progbar=verbose != 0,
            verbose=verbose,
            epochs=1,
            steps=steps,
            model=self,
        )

    def export(
        self,
        path: str | os.PathLike[str],
        *,
        quantization: str = "int8_weights",
        calibration: Any = (),
        frontend: str = "code_points",
        licence: str = "",
        extra: dict[str, Any] | None = None,
    ) -> bytes:
        """Writes the model as one .tflite file: text in, logits and token spans out; see `tflite_export.convert`.

        Args:
            path: The file to write.
            quantization: `"int8_weights"`, `"int8"` (also activations) or `"none"`.
            calibration: Texts, or anything that `fit` takes, to measure the ranges of activations with, for `"int8"`. A
                list of strings is one of paths where all of them exist.
            frontend: `"code_points"` for any stock runtime, or `"string"` where the custom op is loaded.
            licence: Note on the terms of model and data, kept in the file.
            extra: Plain JSON values to keep in the file, such as scores.

        Returns:
            The bytes of the file.

        Raises:
            TypeError, ValueError: if an argument is not valid.
        """
        from tflite_export import convert

        if not str(path).endswith(".tflite"):
            raise ValueError(f"`path` must end in .tflite. Received: {str(path)!r}.")
        self._labels()
        several = isinstance(calibration, (list, tuple))
        paths = is_path(calibration) and not (
            several and not all(os.path.exists(path) for path in calibration)
        )
        if paths or not (is_text(calibration) or _is_empty(calibration)):
            rows = self._labelled(calibration, None, None, splits=("train",)).rows
            calibration = [row.text for row in rows]
        return convert(
            self,
            path=path,
            quantization=quantization,
            calibration=[] if _is_empty(calibration) else as_texts(calibration, "calibration"),
            licence=licence,
            extra=extra,
            frontend=frontend,
        )

    def save_to_preset(self, folder: str | os.PathLike[str], *, dtype: str = "float32") -> None:
        """Writes a folder that `from_preset` reads; other files in it, such as model.tflite, stay.

        Args:
            folder: The folder.
            dtype: `"float32"`, or `"float16"` for weights of half the size.

        Raises:
            ValueError: if `dtype` is another one, or the model has no weights yet.
        """
        if not self.encoder.built:
            raise ValueError("The model must have weights: train it, or call it once on a text.")
        weights = self._named_weights()
        if len(weights) != len(self.weights):
            raise ValueError(
                f"`encoder` must have its weights in its bottleneck and its layers. Received: {self.encoder!r}."
            )
        write_preset(folder, keras.saving.serialize_keras_object(self), weights, dtype)

    @classmethod
    def from_preset(
        cls, preset: str | os.PathLike[str], *, labels: LabelSet | str | None = "preset"
    ) -> IntentSlotModel:
        """A trained model to train on: one that comes with the package, or a folder of `save_to_preset`.

        Args:
            preset: A name in `pqrnn_tf.pretrained_models()`, or a folder.
            labels: `"preset"` for the labels and heads of the preset; `None` for a trained encoder without heads,
                which `fit` adds for the labels of its rows; or a `LabelSet`, for new heads. A sentence encoder has
                no heads, so that `"preset"` is as `None` there.

        Raises:
            FileNotFoundError: if there is no such preset.
            PresetError: if it has no weights to train on.

        Example:
        ```python
        model = IntentSlotModel.from_preset("mtop_en_2mb", labels=None)
        model.fit("phrases.yaml")
        ```
        """
        serialised, arrays = read_preset(preset_folder(preset))
        if preset_class(serialised) != cls.__name__:
            return cls._from_encoder(serialised, arrays, labels)
        config = dict(serialised["config"])
        if not isinstance(labels, str):
            config["labels"] = None if labels is None else labels.to_dict()
        model = cls.from_config(config)
        model.build_from_config({})
        weights = model._named_weights()
        if not isinstance(labels, str):
            weights = {k: v for k, v in weights.items() if not k.split("/")[0].endswith("_head")}
        assign(weights, arrays)
        return model

    @classmethod
    def _from_encoder(
        cls,
        serialised: Mapping[str, Any],
        arrays: Mapping[str, np.ndarray],
        labels: LabelSet | str | None,
    ) -> IntentSlotModel:
        """A model around the trained encoder of another kind of model, with new heads."""
        config = serialised["config"]
        encoder = dict(config["encoder"])
        # Of vectors of a teacher nothing needs to be left out; of a few rows it does.
        encoder["config"] = {**encoder["config"], "dropout": TrainingConfig.dropout}
        model = cls(
            labels=None if isinstance(labels, str) else labels,
            spec=ProjectionSpec.from_dict(config["spec"]),
            encoder=keras.saving.deserialize_keras_object(encoder),
            sentence_pooling={"width": config["width"], "pooling": config["pooling"]},
        )
        model._build_body(model._input_shapes["features"])
        layers = model.encoder.layers_with_weights()
        for layer in (model.pooling.attention, model.pooling.vector_head):
            if layer is not None:
                layers[layer.name] = layer
        assign(weights_of_layers(layers), arrays)
        return model

    def _named_weights(self) -> dict[str, keras.Variable]:
        layers = {**self.encoder.layers_with_weights(), "pooling": self.pooling}
        if self.entity_map is not None:
            layers["entity_map"] = self.entity_map
        if self.labels is not None:
            for head in (
                self.intent_head,
                self.slot_head,
                self.context_head,
                self.nested_head,
                self.nested_context_head,
                self.bag_head,
                self.entity_head,
            ):
                if head is not None:
                    layers[head.name] = head
        return weights_of_layers(layers)

    def losses_of(
        self, label_smoothing: float = TrainingConfig.label_smoothing
    ) -> dict[str, keras.losses.Loss]:
        """The losses of all outputs, for `compile(loss=...)`."""
        config = TrainingConfig(label_smoothing=label_smoothing)
        return compiling.losses(AUTO, self._outputs(), config)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments; labels and specification as plain values."""
        return {
            **super().get_config(),
            "labels": None if self.labels is None else self.labels.to_dict(),
            "spec": self.spec.to_dict(),
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "dropout": self.dropout_rate,
            "intent_context": self.intent_context,
            "preprocessor": AUTO if self.takes_text else None,
            "bag_head": self._wants_bag_head if self.labels is None else self.bag_head is not None,
            # Not written for a model without: readers from before know no such argument.
            **({} if self.bag_rank is None else {"bag_rank": self.bag_rank}),
            **(
                {} if self.sentence_pooling is None else {"sentence_pooling": self.sentence_pooling}
            ),
            **(
                {}
                if self.entity_features is None
                else {"entity_features": self.entity_features.to_dict()}
            ),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> IntentSlotModel:
        """The inverse of `get_config`.

        Raises:
            SpecError: if the model was made with a projection version that this package does not know.
        """
        config = dict(config)
        if config["labels"] is not None:
            config["labels"] = LabelSet.from_dict(config["labels"])
        config["spec"] = ProjectionSpec.from_dict(config["spec"])
        config["encoder"] = keras.saving.deserialize_keras_object(config["encoder"])
        config.setdefault("bag_head", False)  # older models have none
        if config.get("entity_features") is not None:
            config["entity_features"] = EntityFeatures.from_dict(config["entity_features"])
        return cls(**config)


def _outputs_of(labels: LabelSet) -> tuple[str, ...]:
    """Names of the outputs: `intent`, `slots` and, with nested tags, `nested`."""
    return ("intent", "slots", "nested") if labels.nested else ("intent", "slots")


def _steps(x: Any, batch_size: int | None, held_out: float = 0.0) -> int | None:
    """Steps of a pass over features, without a share that is held out, or batches; `None` if not known ahead."""
    if isinstance(x, tf.data.Dataset):
        steps = int(x.cardinality())
        return steps if steps > 0 else None
    if isinstance(x, keras.utils.PyDataset):
        return x.num_batches
    if isinstance(x, Mapping):
        rows = math.floor(len(x["features"]) * (1.0 - held_out))  # as Keras counts them
        return -(-rows // (batch_size or 32))  # Keras' own size
    return None


def _check_counts(*, least: int = 1, **counts: Any) -> None:
    """Refuses arguments that are neither whole numbers of at least `least` nor `None`."""
    for name, value in counts.items():
        is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
        if value is not None and not (is_whole and value >= least):
            raise ValueError(
                f"`{name}` must be a whole number of at least {least}, or None. Received: {value!r}."
            )


def _check_no_steps(steps: int | None) -> None:
    """Refuses a number of steps, which only feature tensors can have."""
    if steps is not None:
        raise ValueError(f"`steps` must be None for texts. Received: {steps!r}.")


def _is_generator(x: Any) -> bool:
    """Whether something yields batches for Keras."""
    return isinstance(x, keras.utils.PyDataset) or (
        hasattr(x, "__next__") and not hasattr(x, "__len__")
    )


def _is_empty(x: Any) -> bool:
    # An array of one text without an axis has no length.
    has_length = hasattr(x, "__len__") and getattr(x, "ndim", 1) != 0
    return has_length and not isinstance(x, (str, bytes)) and len(x) == 0


def _weights_of_all(sample_weight: Any, y: Any) -> Any:
    """Sample weights of arrays for every output, as Keras wants them: 1 for those without."""
    if not isinstance(sample_weight, Mapping) or not isinstance(y, Mapping):
        return sample_weight
    return {name: np.ones(len(own), np.float32) for name, own in y.items()} | dict(sample_weight)


def _are_weights(x: Any) -> bool:
    """Whether something is sample weights, and not slots."""
    return isinstance(x, Mapping) or (
        not _is_empty(x) and all(np.ndim(v) == 0 and not isinstance(v, str) for v in x)
    )


def _split(data: LabelledTexts, share: float, seed: int) -> tuple[LabelledTexts, LabelledTexts]:
    """Training rows and held-out rows, with their weights."""
    if isinstance(share, bool) or not isinstance(share, numbers.Real) or not 0 <= share <= 0.5:
        raise ValueError(
            f"`validation_split` must be from 0 to 0.5 for texts. Received: {share!r}. Give other rows to score as "
            "`validation_data`."
        )
    _, held = hold_out(data.rows, share=share, seed=seed)
    chosen = set(map(id, held))
    places: tuple[list[int], list[int]] = ([], [])
    for i, row in enumerate(data.rows):
        places[id(row) in chosen].append(i)
    if not all(places):
        raise ValueError(
            f"`validation_split` must leave rows to train on and to score. Received: {share} of {len(data.rows)} rows."
        )
    training, held_out = (data.taken(part) for part in places)
    return training, held_out
