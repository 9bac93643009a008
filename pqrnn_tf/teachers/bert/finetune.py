"""Fine-tuning a BERT teacher on intents and slots."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.tasks import engine
from pqrnn_tf.tasks.training_data import TrainingData
from pqrnn_tf.teachers.bert.defaults import (
    BATCH_SIZE,
    EMBEDDINGS,
    EPOCHS,
    HEAD_FACTOR,
    LAYER_DECAY,
    learning_rate_for,
)
from pqrnn_tf.teachers.bert.domain_head import DOMAIN, DOMAIN_LOSS_WEIGHT, WEIGHT, DomainHead
from pqrnn_tf.teachers.bert.optimizer import (
    WORD_EMBEDDINGS,
    BertAdamW,
    is_head,
    layer_of,
    without_repetition,
)
from pqrnn_tf.teachers.bert.tfhub_bert import TFHubBertTeacher


def finetune_teacher(
    teacher: TFHubBertTeacher,
    data: TrainingData,
    folder: pathlib.Path,
    *,
    spec: ProjectionSpec,
    epochs: int = EPOCHS,
    learning_rate: float | None = None,
    batch_size: int = BATCH_SIZE,
    warmup: float = 0.1,
    weight_decay: float = 0.01,
    slot_loss_weight: float = 1.0,
    embeddings: str = "all",
    frozen_layers: int = 0,
    head_factor: float = HEAD_FACTOR,
    layer_decay: float = LAYER_DECAY,
    domains: int | None = None,
    score: Callable[[], Mapping[str, float]] | None = None,
    scored: int = 0,
    patience: int | None = None,
    seed: int = 0,
    identity: Mapping[str, Any] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int | str = "auto",
) -> engine.Report:
    """Trains encoder and heads on labelled rows; the teacher is changed in place.

    Cross-entropy of the intent plus `slot_loss_weight` times the mean cross-entropy of the labelled
    tokens, AdamW with linear warm-up and linear decay to zero, gradients clipped to norm 1, no weight
    decay on biases and layer norms: Devlin et al. 2019 (arXiv 1810.04805), appendix A.3.

    A killed training resumes in `folder`, and comes to the same result if the encoder's dropout ops carry seeds
    (those of `build_bert` do; a published SavedModel's draw anew). Sets TensorFlow's global seed at the start of
    every round, because that is what rewinds those ops.

    Args:
        teacher: Teacher to train; it has heads.
        data: Training data whose batches have `"text"` and `"spans"`.
        folder: Folder of the training, as in `engine.run`.
        spec: Decides the tokens.
        epochs: Passes over the data.
        learning_rate: Its peak; `None` for `learning_rate_for` the encoder's width.
        batch_size: Rows of a step.
        warmup: Share of all steps in which the learning rate rises.
        weight_decay: Decoupled weight decay.
        slot_loss_weight: Weight of the slots beside the intent.
        embeddings: One of `EMBEDDINGS`: what of the embeddings a step trains. A multilingual BERT has more embeddings
            than everything else, so that it costs much time to move them all.
        frozen_layers: Lowest layers that stay as they are, the embeddings with them.
        head_factor: Factor on the learning rate of the heads, which begin from nothing, and of the pooler.
        layer_decay: Factor on the learning rate from one layer to the one below, down to the embeddings (Clark et al.
            2020, arXiv 2003.10555, appendix B, has 0.8).
        domains: Number of domains of a meta-teacher (Pan et al. 2020, *Meta-KD*, arXiv 2012.01266): the loss is then
            the mean over rows of `w · (cross-entropy + 0.5 · loss of a DomainHead)`. Batches of `data` have `"domain"`,
            int32 `(batch,)`, and the weights w as `"weight"`, float32 `(batch,)`. `None` weighs all rows alike.
        score: Development scores of the teacher, `engine.SCORE` among them; the teacher ends with the weights of
            the best round. Without it, with those of the last.
        scored: Rows that `score` goes through, see `engine.Rounds.of`.
        patience: Stops after so many rounds (`engine.Rounds`) without a better score; `None` never stops.
        seed: Seed of the order and of dropout.
        identity: What decides the result beside the other arguments, such as where the teacher comes from.
        callbacks, verbose: As in `keras.Model.fit`.

    Returns:
        What the training did.

    Raises:
        FloatingPointError: if the loss of a round is not finite.
        ResumeError: if `folder` holds another training.
        ValueError: if an argument is out of range, the teacher has no heads, or there are no rows.
    """
    if teacher.labels is None:
        raise ValueError("`teacher` must have heads to train. Received: a teacher without labels.")
    settings = finetuning_identity(
        teacher.labels,
        data,
        spec=spec,
        epochs=epochs,
        learning_rate=learning_rate,
        batch_size=batch_size,
        warmup=warmup,
        weight_decay=weight_decay,
        slot_loss_weight=slot_loss_weight,
        embeddings=embeddings,
        frozen_layers=frozen_layers,
        head_factor=head_factor,
        layer_decay=layer_decay,
        patience=patience,
        seed=seed,
    )
    rounds = engine.Rounds.of(data, batch_size, epochs=epochs, steps=None, scored=scored)
    model = compiled_model(
        teacher,
        learning_rate=learning_rate or learning_rate_for(teacher.width),
        steps=rounds.total,
        warmup=warmup,
        weight_decay=weight_decay,
        slot_loss_weight=slot_loss_weight,
        embeddings=embeddings,
        frozen_layers=frozen_layers,
        head_factor=head_factor,
        layer_decay=layer_decay,
        domain_head=None if domains is None else DomainHead(domains, teacher.width, seed=seed),
    )
    return engine.run(
        model,
        model,
        data,
        rounds,
        folder,
        identity={
            **settings,
            "max_word_pieces": teacher.max_word_pieces,
            **({} if domains is None else {"number_of_domains": domains}),
            **(identity or {}),
        },
        labels=teacher.labels,
        spec=spec,
        batch_size=batch_size,
        seed=seed,
        score=score,
        keep_best=score is not None,
        patience=patience or 0,
        callbacks=[GlobalSeed(seed), *callbacks],
        verbose=verbose,
    )


def compiled_model(
    teacher: TFHubBertTeacher,
    *,
    learning_rate: float,
    steps: int,
    warmup: float = 0.1,
    weight_decay: float = 0.01,
    slot_loss_weight: float = 1.0,
    embeddings: str = "all",
    frozen_layers: int = 0,
    head_factor: float = HEAD_FACTOR,
    layer_decay: float = LAYER_DECAY,
    domain_head: DomainHead | None = None,
) -> TeacherModel:
    """A teacher as a model with its optimizer; `steps` are those of the whole training.

    `domain_head` is that of a meta-teacher; the other arguments are those of `finetune_teacher`.

    Raises:
        ValueError: if no layer is left to train.
    """
    depth = teacher.layers
    if frozen_layers >= depth:
        raise ValueError(
            f"`frozen_layers` must be below {depth}, the encoder's layers. Received: {frozen_layers}."
        )
    trained = [
        variable
        for variable in teacher.trainable_variables
        if layer_of(variable.name, depth) > frozen_layers
        or (not frozen_layers and embeddings != "frozen")
    ]
    heads = () if domain_head is None else domain_head.trainable_variables
    factors = {
        variable.name: (head_factor if is_head(variable.name) else 1.0)
        * layer_decay ** max(0, depth - layer_of(variable.name, depth))
        for variable in (*trained, *heads)
    }
    by_rows = embeddings == "rows"
    model = TeacherModel(
        teacher,
        trained,
        slot_loss_weight=slot_loss_weight,
        by_rows=by_rows,
        **(
            {}
            if domain_head is None
            else meta_training(teacher, domain_head, slot_loss_weight=slot_loss_weight)
        ),
    )
    model.compile(
        optimizer=adamw(learning_rate, steps, warmup, weight_decay, factors, by_rows=by_rows),
        jit_compile=False,
    )
    return model


def finetuning_identity(
    labels: LabelSet,
    data: TrainingData,
    *,
    spec: ProjectionSpec,
    epochs: int = EPOCHS,
    learning_rate: float | None = None,
    batch_size: int = BATCH_SIZE,
    warmup: float = 0.1,
    weight_decay: float = 0.01,
    slot_loss_weight: float = 1.0,
    embeddings: str = "all",
    frozen_layers: int = 0,
    head_factor: float = HEAD_FACTOR,
    layer_decay: float = LAYER_DECAY,
    patience: int | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """What a fine-tuning is told from another by; the arguments are those of `finetune_teacher`.

    Raises:
        ValueError: if an argument is out of range.
    """
    checks = {
        "epochs": (epochs >= 1, "at least 1", epochs),
        "learning_rate": (learning_rate is None or learning_rate > 0, "positive", learning_rate),
        "batch_size": (batch_size >= 1, "at least 1", batch_size),
        "warmup": (0 <= warmup < 1, "a share of all steps, in [0, 1)", warmup),
        "weight_decay": (weight_decay >= 0, "at least 0", weight_decay),
        "slot_loss_weight": (slot_loss_weight >= 0, "at least 0", slot_loss_weight),
        "embeddings": (embeddings in EMBEDDINGS, f"one of {list(EMBEDDINGS)}", embeddings),
        "frozen_layers": (frozen_layers >= 0, "at least 0", frozen_layers),
        "head_factor": (head_factor > 0, "positive", head_factor),
        "layer_decay": (0 < layer_decay <= 1, "above 0 and at most 1", layer_decay),
        "patience": (patience is None or patience >= 1, "None or at least 1", patience),
    }
    for name, (valid, expected, received) in checks.items():
        if not valid:
            raise ValueError(f"`{name}` must be {expected}. Received: {received}.")
    # Left out where they are as always, so that the records of older trainings stay true.
    usual = {"embeddings": "all", "frozen_layers": 0, "head_factor": 1.0, "layer_decay": 1.0}
    return {
        "data": data.fingerprint,
        "labels": labels.to_dict(),
        "spec": spec.to_dict(),
        **{
            name: received
            for name, (_, _, received) in checks.items()
            if name not in usual or received != usual[name]
        },
        "seed": seed,
    }


CLIP_NORM = 1.0
"""Largest norm of all gradients together."""

Losses = Callable[[Mapping[str, Any], Mapping[str, Any]], Sequence[tf.Tensor]]
"""From the inputs and targets of a batch to scalars, the whole loss first."""

TEXT_SIGNATURE = {
    "text": tf.TensorSpec((None,), tf.string),
    "spans": tf.TensorSpec((None, None, 2), tf.int32),
    "lengths": tf.TensorSpec((None,), tf.int32),
}
"""What a live teacher reads. Batches of every size and length, so that it is traced once."""

LABEL_SIGNATURE = {
    "intent": tf.TensorSpec((None,), tf.int32),
    "slots": tf.TensorSpec((None, None), tf.int32),
}
"""Targets of labelled rows."""

_META_INPUTS = {
    **TEXT_SIGNATURE,
    DOMAIN: tf.TensorSpec((None,), tf.int32),
    WEIGHT: tf.TensorSpec((None,), tf.float32),
}
"""What a meta-teacher reads."""


def meta_training(
    teacher: TFHubBertTeacher, head: DomainHead, *, slot_loss_weight: float = 1.0
) -> dict[str, Any]:
    """What makes a `TeacherModel` train a meta-teacher: its losses, their names, and what trains along.

    The loss is the mean over rows of `w · (intent + slot_loss_weight · slots + 0.5 · domain)`; batches have `DOMAIN`
    and the weights w as `WEIGHT`.
    """

    def losses(inputs: Mapping[str, Any], targets: Mapping[str, Any]) -> list[tf.Tensor]:
        outputs = teacher(inputs, training=True)
        intent, slots = _losses(outputs, dict(targets), inputs["lengths"], inputs[WEIGHT])
        real = tf.sequence_mask(inputs["lengths"], tf.shape(outputs["mask"])[1])
        domain = head.loss(outputs, inputs, real & outputs["mask"])
        whole = intent + slot_loss_weight * slots + DOMAIN_LOSS_WEIGHT * domain
        return [whole, intent, slots, domain]

    return {
        "losses": losses,
        "names": ("loss", "intent_loss", "slot_loss", "domain_loss"),
        "inputs": _META_INPUTS,
        "extra": head.trainable_variables,
        "counters": head.counters,
    }


class TeacherModel(keras.Model):
    """A teacher as a model that Keras trains, checkpoints and restores.

    Its variables are plain `tf.Variable`s of a SavedModel, which Keras does not find by itself.

    Args:
        teacher: The teacher.
        trained: Which of its variables are trained; `None` for all that can be.
        slot_loss_weight: Weight of the slots beside the intent.
        by_rows: Whether only those rows of the word embeddings are updated that a batch has.
        losses: What is trained on in the place of the cross-entropy of intents and slots.
        names: Names of what `losses` returns.
        inputs: What `losses` reads, by name.
        targets: What it reads of the targets; empty for data that have none.
        extra: Further variables that train along, such as maps between teacher and student.
        counters: Variables that a checkpoint has too, and that no gradient trains.
    """

    def __init__(
        self,
        teacher: TFHubBertTeacher,
        trained: Sequence[tf.Variable] | None = None,
        *,
        slot_loss_weight: float = 1.0,
        by_rows: bool = False,
        losses: Losses | None = None,
        names: Sequence[str] = ("loss", "intent_loss", "slot_loss"),
        inputs: Mapping[str, tf.TensorSpec] = TEXT_SIGNATURE,
        targets: Mapping[str, tf.TensorSpec] = LABEL_SIGNATURE,
        extra: Sequence[tf.Variable] = (),
        counters: Sequence[tf.Variable] = (),
    ) -> None:
        super().__init__(name="teacher_model")
        self._teacher = teacher
        own = teacher.trainable_variables if trained is None else trained
        self._extra = [*extra, *counters]
        self._trained = [*own, *extra]
        self._means = [keras.metrics.Mean(name=name) for name in names]
        self._signature = (dict(inputs), dict(targets))
        self.built = True

        def of_labels(inputs: Mapping[str, Any], targets: Mapping[str, Any]) -> list[tf.Tensor]:
            outputs = teacher(inputs, training=True)
            intent, slots = _losses(outputs, dict(targets), inputs["lengths"])
            return [intent + slot_loss_weight * slots, intent, slots]

        compute = of_labels if losses is None else losses

        def step(inputs: Any, targets: Any) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(self._trained)
                found = list(compute(inputs, targets))
            # A SavedModel may carry variables of heads that are not used here.
            gradients = tape.gradient(found[0], self._trained, unconnected_gradients="zero")
            gradients = [
                gradient
                if by_rows and WORD_EMBEDDINGS in variable.name
                else tf.convert_to_tensor(gradient)
                for variable, gradient in zip(self._trained, gradients, strict=True)
            ]
            gradients = [
                without_repetition(g) if isinstance(g, tf.IndexedSlices) else g for g in gradients
            ]
            return found, tf.clip_by_global_norm(gradients, CLIP_NORM)[0]

        self._losses = tf.function(step, input_signature=self._signature)

    @property
    def variables(self) -> list[Any]:
        """All variables of the teacher, then those that train along."""
        return [*self._teacher.variables, *self._extra]

    @property
    def trainable_variables(self) -> list[Any]:
        """What is trained of these."""
        return list(self._trained)

    trainable_weights = trainable_variables
    weights = variables

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """Means of the losses over a round."""
        return self._means

    def train_step(self, data: Any) -> dict[str, Any]:
        """Makes one step of the optimizer; returns the means so far."""
        picked = [
            {name: batch[name] for name in names}
            for batch, names in zip((*data, {})[:2], self._signature, strict=True)
        ]
        losses, gradients = self._losses(*picked)
        self.optimizer.apply(gradients, self.trainable_variables)
        for mean, loss in zip(self._means, losses, strict=True):
            mean.update_state(loss)
        return {mean.name: mean.result() for mean in self._means}

    def trace(self) -> None:
        """Makes the graph of a step now.

        Its random ops take their seeds from TensorFlow's global one as it is then, and not as it is in the round that
        a resumed training begins with.
        """
        self._losses.get_concrete_function()

    def get_weights(self) -> list[Any]:
        """Values of all variables of the teacher."""
        return [variable.numpy() for variable in self.variables]

    def save_own_variables(self, store: Any) -> None:
        """Puts the teacher's variables into a checkpoint of Keras."""
        for number, variable in enumerate(self.variables):
            store[str(number)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Takes the teacher's variables from a checkpoint of Keras."""
        for number, variable in enumerate(self.variables):
            variable.assign(store[str(number)][()])


class GlobalSeed(keras.callbacks.Callback):
    """Rewinds TensorFlow's own random ops in each round.

    Args:
        seed: Seed of the training.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Sets the global seed."""
        tf.random.set_seed(self._seed + epoch)


class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that rises linearly from 0, and falls on the line from `peak` at step 0 to 0 at step `steps`.

    Args:
        peak: The rate that the warm-up aims at.
        steps: Steps in all.
        warmup_steps: Steps of the warm-up.

    Reference: Devlin et al. 2019 (arXiv 1810.04805), appendix A.2.
    """

    def __init__(self, peak: float, steps: int, warmup_steps: int) -> None:
        self.peak = peak
        self.steps = steps
        self.warmup_steps = warmup_steps

    def __call__(self, step: Any) -> Any:
        """The rate at a step."""
        step = keras.ops.cast(step, "float32")
        falling = 1.0 - keras.ops.minimum(step, self.steps) / self.steps
        rising = step / max(1, self.warmup_steps)
        return self.peak * keras.ops.where(step < self.warmup_steps, rising, falling)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {"peak": self.peak, "steps": self.steps, "warmup_steps": self.warmup_steps}


def adamw(
    learning_rate: float,
    steps: int | None,
    warmup: float,
    weight_decay: float,
    factors: Mapping[str, float] | None = None,
    *,
    by_rows: bool = False,
) -> keras.optimizers.Optimizer:
    """AdamW with linear warm-up and decay over `steps`, or with a constant rate where `steps` is `None`.

    `factors` as in `BertAdamW`, `by_rows` as in `TeacherModel`.
    """
    optimizer = BertAdamW(
        learning_rate
        if steps is None
        else LinearDecay(learning_rate, steps, round(warmup * steps)),
        factors=factors,
        weight_decay=weight_decay,
        epsilon=1e-6,
    )
    # A decay would move the rows that a batch does not have.
    rows = [WORD_EMBEDDINGS] if by_rows else []
    optimizer.exclude_from_weight_decay(var_names=["LayerNorm", "layer_norm", "bias", *rows])
    return optimizer


def _losses(
    outputs: dict[str, tf.Tensor],
    targets: dict[str, tf.Tensor],
    lengths: tf.Tensor,
    row_weights: tf.Tensor | None = None,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Mean cross-entropy of the labelled intents and of the labelled tokens with a word piece.

    Weights of rows scale the losses and, as in Keras, do not enter the denominator.
    """
    intent, slots = tf.cast(targets["intent"], tf.int32), tf.cast(targets["slots"], tf.int32)
    real = tf.sequence_mask(lengths, tf.shape(slots)[1])

    def mean(
        labels: tf.Tensor, logits: tf.Tensor, keep: tf.Tensor, weights: tf.Tensor | None
    ) -> tf.Tensor:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=tf.where(keep, labels, 0), logits=logits
        )
        counted = tf.cast(keep, losses.dtype)
        total = losses * counted if weights is None else losses * counted * weights
        return tf.reduce_sum(total) / tf.maximum(tf.reduce_sum(counted), 1)

    of_tokens = None if row_weights is None else row_weights[:, tf.newaxis]
    return (
        mean(intent, outputs["intent"], intent >= 0, row_weights),
        mean(slots, outputs["slots"], (slots >= 0) & real & outputs["mask"], of_tokens),
    )
