"""The optimizer and its schedule, planned for the steps of one training."""

from __future__ import annotations

from typing import Any

import keras

from pqrnn_tf.tasks.config import TrainingConfig

PLANNED = "planned_adamw"
"""Name of an optimizer whose schedule was planned for one training."""


def build_optimizer(config: TrainingConfig, steps: int | None) -> keras.optimizers.Optimizer:
    """AdamW with warm-up, cosine decay to 1 % and averaged weights, for `steps` steps in all.

    The average starts from the weights after the first step. In a short training its momentum is bounded by
    `1 − 10 / steps`, so that hardly anything of them (e⁻¹⁰) is left at the end; ten steps or fewer are not averaged.

    Args:
        config: Peak of the learning rate, warm-up, decay of the weights and momentum of their average.
        steps: Steps of the training; `None` where that is not known, for a constant learning rate.
    """
    rate: float | keras.optimizers.schedules.LearningRateSchedule = config.learning_rate
    momentum = config.average
    if steps is not None:
        warmup = max(1, int(config.warmup * steps))
        rate = keras.optimizers.schedules.CosineDecay(
            0.0,
            max(1, steps - warmup),
            alpha=0.01,
            warmup_target=config.learning_rate,
            warmup_steps=warmup,
        )
        momentum = min(momentum, max(0.0, 1.0 - 10.0 / steps))
    optimizer = keras.optimizers.AdamW(
        rate,
        weight_decay=config.weight_decay,
        clipnorm=1.0,
        use_ema=momentum > 0,
        ema_momentum=momentum or 0.99,
        name=PLANNED,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def inner_optimizer(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """The optimizer inside of the one that scales the losses of mixed precision."""
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return optimizer.inner_optimizer
    return optimizer


def plan_has_ended(optimizer: keras.optimizers.Optimizer) -> bool:
    """Whether an optimizer has made all steps that `build_optimizer` planned, so that it hardly learns any more."""
    optimizer = inner_optimizer(optimizer)
    if optimizer.name != PLANNED:
        return False
    schedule = optimizer.get_config()["learning_rate"]
    if not isinstance(schedule, dict):  # a constant rate
        return False
    steps = schedule["config"]["decay_steps"] + schedule["config"]["warmup_steps"]
    return int(optimizer.iterations) >= steps


class AveragedWeights(keras.callbacks.Callback):
    """Shows the averaged weights to what happens between epochs: validation, and callbacks that come after this one.

    Training continues with the weights that are trained; at its end Keras puts the averages into the model. Unlike
    `keras.callbacks.SwapEMAWeights` it may end at any epoch.
    """

    def __init__(self) -> None:
        super().__init__()
        self._trained: list[Any] | None = None

    def on_test_begin(self, logs: Any = None) -> None:
        """Puts the averages into the model."""
        self._show()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Puts the averages into the model."""
        self._show()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Puts the trained weights back."""
        self._restore()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Puts the trained weights back, where something was scored within an epoch."""
        self._restore()

    def on_train_end(self, logs: Any = None) -> None:
        """Leaves the averages, which Keras has put there, or what another callback has."""
        self._trained = None

    def _show(self) -> None:
        if self._trained is None:
            variables = self.model.trainable_variables
            self._trained = [keras.ops.copy(variable) for variable in variables]
            self.model.optimizer.finalize_variable_values(variables)

    def _restore(self) -> None:
        if self._trained is not None:
            for variable, value in zip(self.model.trainable_variables, self._trained, strict=True):
                variable.assign(value)
            self._trained = None
