"""Training a student on a teacher's answers and on labels."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import keras
from keras import ops

from pqrnn_tf.distillation.distances import (
    check_temperature,
    logit_distance,
    same_choice,
    soft_label_distance,
)
from pqrnn_tf.distillation.latent import LatentLoss, LatentMatching
from pqrnn_tf.distillation.recipes import Stage
from pqrnn_tf.distillation.weights import Weight, check_weight, is_zero, weight_at
from pqrnn_tf.teachers.adaptor import check_same_labels

Distance = Callable[..., Any]
"""`distance(teacher_logits, student_logits, *, mask, sample_weight)` → scalar."""

_HIDDEN = "hidden"

_METRIC_OF_OUTPUT = {"intent": "intent_agreement", "slots": "slot_agreement"}


class FrozenTeacher:
    """A teacher in inference mode, without gradients, invisible to Keras' saving and training.

    Args:
        source: The teacher: any callable of the contract `pqrnn_tf.teachers.Teacher`, a Keras model
            included.
    """

    def __init__(self, source: Any) -> None:
        if not callable(source):
            raise TypeError(
                f"`teacher` must be callable: a `Teacher` or a Keras model. Received: {source!r}."
            )
        self.source = source
        self.labels = getattr(source, "labels", None)
        self.supports_jit = bool(getattr(source, "supports_jit", False))

    def __call__(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The teacher's outputs for one batch, as constants."""
        outputs = self.source(inputs, training=False)
        return {k: v if k == "mask" else ops.stop_gradient(v) for k, v in outputs.items()}


class Distiller(keras.Model):
    r"""Trains a student on a teacher's soft labels and on hard labels.

    The loss is

    `student_loss_weight · student_loss + (1 − student_loss_weight) · distillation_loss + L + R`

    where `student_loss` is the loss given to `compile`, `distillation_loss` is
    `Σ_o output_weights[o] · distance_o(teacher, student)` over the outputs o, L is
    `Σ_k weight_k · distance_k` over the latent losses k, which compare hidden states, and R are the
    student's own regularisation losses, unweighted (Hinton, Vinyals, Dean 2015, arXiv 1503.02531,
    section 2; Jiao et al. 2020, arXiv 1909.10351, for L). Every weight may be a schedule: a function of
    the optimizer's step, such as a `keras.optimizers.schedules.LearningRateSchedule`.

    Each step runs student and teacher once. The teacher runs in inference mode, receives no gradient
    and is not part of the distiller's weights. Its `"mask"` and the tokens below `"lengths"` limit
    the distance of the slots. `sample_weight` scales both losses. Without labels in the data only
    the distance and R count, which needs `student_loss_weight=0`.

    `save` and `get_config` raise: what is worth keeping is the student, `distiller.student`.
    `save_weights` and `load_weights` work and hold the student, the linear maps of the latent losses and
    the optimizer; the student by itself knows nothing of the maps.

    Args:
        student: `keras.Model` from `{"features", "lengths"}` to `{"intent", "slots"}` logits. If it
            has an attribute `labels`, the teacher's labels are compared with it.
        teacher: A `pqrnn_tf.teachers.Teacher`, for example `TFHubBertTeacher` (live, needs `"text"`
            and `"spans"` in the inputs) or `CachedTeacher` (needs `"teacher_intent"` and
            `"teacher_slots"` there).
        temperature: Temperature of `"soft_labels"`.
        student_loss_weight: Share of the hard labels, from 0 to 1, or a schedule of it.
        output_weights: Weight of each output's distance, or a schedule of it; an output that is not
            named is not distilled. `None` gives each of `"intent"` and `"slots"` the weight 1. May be
            empty where there are latent losses.
        latent: `LatentLoss`es. The student then needs `encode` and `heads`, as `IntentSlotModel` has,
            and the teacher returns `"hidden"`.
        teacher_width: Width of the teacher's `"hidden"`; `None` asks the teacher for its `width`.
        distance: `"soft_labels"` (KL divergence at `temperature` times T²), `"logits"` (mean squared
            difference) or a function `f(teacher_logits, student_logits, *, mask, sample_weight)`.
        student_inputs: Keys of the inputs that the student takes.
        name: Name of the model.

    Call arguments:
        inputs: Mapping that holds what the student takes and what the teacher takes.
        training: Whether the student runs in training mode.

    Returns of a call:
        The student's outputs; with latent losses also `"hidden"`, which `predict` leaves out.

    Raises:
        LabelError: if teacher and student have other labels.
        TypeError: if `teacher` is not callable, or the student of a latent loss has no `encode` and
            `heads`.
        ValueError: if an argument is out of range.

    Example:
        >>> distiller = Distiller(student, teacher, temperature=2.0, student_loss_weight=0.3)
        >>> distiller.compile("adam", loss={"intent": intent_loss, "slots": slot_loss})
        >>> distiller.fit(train, validation_data=dev, epochs=10)
        >>> distiller.student.save("student.keras")
    """

    def __init__(
        self,
        student: keras.Model,
        teacher: Any,
        *,
        temperature: float = Stage.temperature,
        student_loss_weight: Weight = Stage.student_loss_weight,
        output_weights: Mapping[str, Weight] | None = None,
        distance: str | Distance = "soft_labels",
        latent: Sequence[LatentLoss] = (),
        teacher_width: int | None = None,
        student_inputs: Sequence[str] = ("features", "lengths"),
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        check_temperature(temperature)
        if not callable(student_loss_weight) and not 0 <= student_loss_weight <= 1:
            raise ValueError(
                f"`student_loss_weight` must be from 0 to 1. Received: {student_loss_weight}."
            )
        weights = (
            dict.fromkeys(_METRIC_OF_OUTPUT, 1.0) if output_weights is None else output_weights
        )
        if not weights and not latent:
            raise ValueError(
                "`output_weights` must map at least one output to a weight, unless there are latent "
                f"losses. Received: {output_weights!r}."
            )
        for output, weight in weights.items():
            check_weight(f"output_weights[{output!r}]", weight)
        distances: dict[str, Distance] = {
            "soft_labels": functools.partial(soft_label_distance, temperature=temperature),
            "logits": logit_distance,
        }
        if isinstance(distance, str) and distance not in distances:
            raise ValueError(
                f"`distance` must be a function or one of {sorted(distances)}. Received: "
                f"{distance!r}."
            )
        frozen = FrozenTeacher(teacher)
        check_same_labels(frozen.labels, getattr(student, "labels", None))
        self.student = student
        self.teacher = frozen
        self.temperature = temperature
        self.student_loss_weight = student_loss_weight
        self.output_weights = dict(weights)
        self.student_inputs = tuple(student_inputs)
        self._distance = distances[distance] if isinstance(distance, str) else distance
        # A teacher of string ops must not be compiled; Keras asks this of every layer.
        self.supports_jit = frozen.supports_jit
        self._latent = (
            LatentMatching(student, latent, _width_of(teacher, teacher_width)) if latent else None
        )
        # All weights are there already; Keras' checkpoint callback asks before the first step.
        self.built = bool(student.built)
        self._student_loss = keras.metrics.Mean(name="student_loss")
        self._distillation_loss = keras.metrics.Mean(name="distillation_loss")
        self._agreements = {
            output: keras.metrics.Mean(name=_METRIC_OF_OUTPUT.get(output, f"{output}_agreement"))
            for output in weights
        }

    def compile(  # type: ignore[override]
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        *,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: str | bool = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Configures the training; arguments as in `keras.Model.compile`.

        `loss` and `metrics` are the student's, usually dictionaries over its outputs.

        Raises:
            ValueError: if `loss` is missing although hard labels have a weight, or `jit_compile` is
                true although the teacher cannot be compiled.
        """
        if loss is None and not is_zero(self.student_loss_weight):
            raise ValueError(
                "`loss` must be given where hard labels have a weight. Received: loss=None and "
                f"student_loss_weight={self.student_loss_weight}. Pass a loss for each output, or "
                "student_loss_weight=0."
            )
        if jit_compile is True and not self.supports_jit:
            raise ValueError(
                "`jit_compile` must not be True with a live teacher that reads text. Received: "
                "jit_compile=True. Cache the teacher's outputs (`CachedTeacher`) or leave it off."
            )
        super().compile(
            optimizer=optimizer,
            loss=loss,
            loss_weights=loss_weights,
            metrics=metrics,
            weighted_metrics=weighted_metrics,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            auto_scale_loss=auto_scale_loss,
        )

    def call(self, inputs: Mapping[str, Any], training: bool | None = None) -> dict[str, Any]:
        """Runs only the student."""
        missing = [key for key in self.student_inputs if key not in inputs]
        if missing:
            raise ValueError(
                f"`inputs` must hold the student's inputs {list(self.student_inputs)}. Received the "
                f"keys {sorted(inputs)}, without {missing}."
            )
        own = {key: inputs[key] for key in self.student_inputs}
        if self._latent is None:
            return self.student(own, training=training)
        # What the student's own call does, in two steps, so that one pass serves all losses.
        states = self.student.encode(own, training=training)
        return {**self.student.heads(states, training=training), _HIDDEN: states["hidden"]}

    def predict_step(self, data: Any) -> Any:
        """Returns only the student's outputs."""
        return _without_hidden(super().predict_step(data))

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Updates the compiled metrics of the student's outputs."""
        return super().compute_metrics(x, y, _without_hidden(y_pred), sample_weight)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Returns the loss of one batch and updates the distiller's metrics."""
        if y is None and not is_zero(self.student_loss_weight):
            raise ValueError(
                "The data must hold labels where hard labels have a weight. Received: no labels and "
                f"student_loss_weight={self.student_loss_weight}. Pass student_loss_weight=0 to "
                "train on the teacher only."
            )
        strings = [key for key in x if keras.backend.standardize_dtype(x[key].dtype) == "string"]
        if strings and self.jit_compile:
            raise ValueError(
                f"XLA cannot compile a step whose inputs hold strings. Received: {strings} and "
                f"jit_compile={self.jit_compile}. Drop them from the data, or compile with "
                "jit_compile=False."
            )
        hidden, y_pred = y_pred.get(_HIDDEN), _without_hidden(y_pred)
        rows = ops.shape(ops.convert_to_tensor(next(iter(y_pred.values()))))[0]
        extra = self.losses
        regularisation = ops.sum(ops.stack([ops.sum(loss) for loss in extra])) if extra else 0.0
        total = self._distill(x, y_pred, hidden, sample_weight, rows) + regularisation
        if y is None or self.loss is None:
            return total
        both = super().compute_loss(x, y, y_pred, sample_weight, training=training)
        # Keras adds the regularisation to the compiled loss; only the compiled loss is weighted.
        student_loss = both - regularisation
        self._student_loss.update_state(student_loss, sample_weight=rows)
        return total + self._at_step(self.student_loss_weight) * student_loss

    @property
    def _step(self) -> Any:
        return 0 if self.optimizer is None else self.optimizer.iterations

    def _at_step(self, weight: Weight) -> Any:
        return weight_at(weight, self._step)

    def _distill(self, x: Any, y_pred: Any, hidden: Any, sample_weight: Any, rows: Any) -> Any:
        """The weighted distillation loss and latent losses."""
        share = 1.0 - self._at_step(self.student_loss_weight)
        answers, asked = self._asked(x, y_pred, share)
        distance = ops.convert_to_tensor(0.0)
        for output, weight in self.output_weights.items():
            for origin, values in (("teacher", answers), ("student", y_pred)):
                if output not in values:
                    raise ValueError(
                        f"The {origin} must return {output!r}, which `output_weights` names. "
                        f"Received: {sorted(values)}."
                    )
            theirs, ours = answers[output], y_pred[output]
            mask = self._mask(x, answers, ops.shape(theirs)[1]) if len(ours.shape) == 3 else None
            own_weight = (
                sample_weight.get(output) if isinstance(sample_weight, Mapping) else sample_weight
            )
            apart = self._distance(theirs, ours, mask=mask, sample_weight=own_weight)
            distance += self._at_step(weight) * apart
            same = same_choice(theirs, ours, mask=mask)
            counted = asked if mask is None else ops.cast(mask, "float32") * asked
            self._agreements[output].update_state(
                same, sample_weight=ops.broadcast_to(counted, ops.shape(same))
            )
        self._distillation_loss.update_state(
            distance, sample_weight=ops.cast(rows, "float32") * asked
        )
        total = share * distance
        if self._latent is None:
            return total
        if "hidden" not in answers:
            raise ValueError(
                "The teacher must return 'hidden', which the latent losses compare. Received: "
                f"{sorted(answers)}. With cached outputs, cache the hidden states too."
            )
        mask = self._mask(x, answers, ops.shape(answers["hidden"])[1])
        if isinstance(sample_weight, Mapping):
            sample_weight = sample_weight.get("slots")
        return total + self._latent.total(
            answers["hidden"],
            hidden,
            mask=mask,
            sample_weight=sample_weight,
            step=self._step,
            rows=rows,
        )

    def _asked(self, x: Any, y_pred: Any, share: Any) -> tuple[dict[str, Any], Any]:
        """The teacher's answers, and 1.0; zeros and 0.0 once its share has fallen to 0 on a schedule."""
        if not callable(self.student_loss_weight) or self._latent is not None:
            return self.teacher(x), 1.0
        names = [output for output in self.output_weights if output in y_pred]

        def ask() -> tuple[Any, ...]:
            answers = self.teacher(x)
            if missing := [name for name in names if name not in answers]:
                raise ValueError(
                    f"The teacher must return {missing[0]!r}, which `output_weights` names. Received: "
                    f"{sorted(answers)}."
                )
            mask = answers.get("mask")
            if mask is None:
                mask = ops.ones_like(masked, dtype="bool")
            return (
                *(ops.cast(answers[name], "float32") for name in names),
                ops.cast(mask, "bool"),
                ops.ones(()),
            )

        def skip() -> tuple[Any, ...]:
            blank = [ops.zeros_like(y_pred[name], dtype="float32") for name in names]
            return *blank, ops.zeros_like(masked, dtype="bool"), ops.zeros(())

        slots = y_pred.get("slots")
        masked = x["lengths"] if slots is None else slots[..., 0]
        *found, mask, asked = ops.cond(share > 0.0, ask, skip)
        return {**dict(zip(names, found, strict=True)), "mask": mask}, asked

    def _mask(self, x: Mapping[str, Any], answers: Mapping[str, Any], time: Any) -> Any:
        """Tokens that are real and that the teacher has an answer for; `None` if all are."""
        mask = ops.cast(answers["mask"], "bool") if "mask" in answers else None
        if "lengths" in x:
            lengths = ops.cast(x["lengths"], "int32")
            real = ops.arange(time, dtype="int32")[None, :] < lengths[:, None]
            mask = real if mask is None else ops.logical_and(mask, real)
        return mask

    def save(self, filepath: Any, overwrite: bool = True, zipped: bool | None = None) -> NoReturn:  # type: ignore[override]
        """Raises `NotImplementedError`: save `distiller.student`."""
        self.get_config()

    def get_config(self) -> NoReturn:
        """Raises `NotImplementedError`: the teacher is not part of what is saved."""
        raise NotImplementedError(
            "A distiller is not saved, because its teacher would have to be. Save the student "
            "(`distiller.student.save(...)`), or use `distiller.save_weights(...)` and, in "
            "`keras.callbacks.ModelCheckpoint`, `save_weights_only=True`."
        )


def _without_hidden(outputs: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in outputs.items() if key != _HIDDEN}


def _width_of(teacher: Any, given: int | None) -> int | None:
    own = getattr(teacher, "width", None)
    if given is not None and own is not None and given != own:
        raise ValueError(
            f"`teacher_width` must be the teacher's width, {own}, where it has one. Received: {given}."
        )
    return own if given is None else given
