"""The optimizer of a training: its plan, and the averaged weights between epochs."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.optimizers import AveragedWeights, build_optimizer, plan_has_ended

CONFIG = TrainingConfig(average=0.9, learning_rate=0.1, weight_decay=0.0)


def rate(optimizer, step):
    schedule = keras.optimizers.schedules.deserialize(optimizer.get_config()["learning_rate"])
    return float(schedule(step))


def test_warm_up_and_cosine_decay_to_a_hundredth():
    optimizer = build_optimizer(CONFIG, 100)
    assert rate(optimizer, 0) == 0.0
    assert rate(optimizer, 5) == pytest.approx(0.1)
    assert rate(optimizer, 100) == pytest.approx(0.001)


def test_a_training_of_unknown_length_has_a_constant_rate():
    optimizer = build_optimizer(CONFIG, None)
    assert float(optimizer.learning_rate) == pytest.approx(0.1)
    assert optimizer.use_ema
    assert not plan_has_ended(optimizer)


@pytest.mark.parametrize(("steps", "momentum"), [(20, 0.5), (200, 0.9), (10, None), (1, None)])
def test_a_short_training_is_averaged_less_and_a_very_short_one_not(steps, momentum):
    optimizer = build_optimizer(CONFIG, steps)
    assert (optimizer.ema_momentum if optimizer.use_ema else None) == momentum


def test_only_a_plan_that_was_carried_out_has_ended():
    optimizer = build_optimizer(CONFIG, 3)
    optimizer.build([])
    assert not plan_has_ended(optimizer)
    optimizer.iterations.assign(3)
    assert plan_has_ended(optimizer)
    assert plan_has_ended(keras.optimizers.LossScaleOptimizer(optimizer))
    own = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, 3))
    own.build([])
    own.iterations.assign(9)
    assert not plan_has_ended(own)


class Notes(keras.callbacks.Callback):
    """Notes the weights at the end of each epoch, and stops after some."""

    def __init__(self, epochs):
        super().__init__()
        self.epochs, self.weights = epochs, []

    def on_epoch_end(self, epoch, logs=None):
        self.weights.append(self.model.get_weights()[0].copy())
        self.model.stop_training = epoch + 1 == self.epochs


def fit(epochs, callbacks):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(build_optimizer(CONFIG, 40), "mse", run_eagerly=True)
    x, y = np.ones((4, 2), np.float32), np.full((4, 1), 3.0, np.float32)
    model.fit(x, y, epochs=epochs, validation_data=(x, y), callbacks=callbacks, verbose=0)
    return model


def test_callbacks_see_averages_and_the_training_does_not():
    notes = Notes(epochs=3)
    model = fit(9, [AveragedWeights(), notes])
    plain = fit(3, None)
    # Stopped early: the averages are what stays, and they are those of a training without the callback.
    np.testing.assert_allclose(model.get_weights()[0], plain.get_weights()[0], rtol=1e-5)
    np.testing.assert_allclose(notes.weights[-1], model.get_weights()[0], rtol=1e-5)
