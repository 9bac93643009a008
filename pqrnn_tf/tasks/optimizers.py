"""The optimizer and its schedule, planned for the steps of one training."""

from __future__ import annotations

import keras

from pqrnn_tf.tasks.config import TrainingConfig


def build_optimizer(config: TrainingConfig, steps: int) -> keras.optimizers.Optimizer:
    """AdamW with warm-up, cosine decay to 1 % and averaged weights, for `steps` steps in all.

    The average starts from the weights after the first step. In a short training its momentum is bounded by
    `1 − 10 / steps`, so that hardly anything of them (e⁻¹⁰) is left at the end.
    """
    warmup = max(1, int(config.warmup * steps))
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0,
        max(1, steps - warmup),
        alpha=0.01,
        warmup_target=config.learning_rate,
        warmup_steps=warmup,
    )
    optimizer = keras.optimizers.AdamW(
        schedule,
        weight_decay=config.weight_decay,
        clipnorm=1.0,
        use_ema=config.average > 0,
        ema_momentum=min(config.average, max(0.0, 1.0 - 10.0 / steps)) or 0.99,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer
