"""A convolution behind trained layers: the student says what it said before, also with a narrower bottleneck."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pqrnn_tf.commands.arguments import UsageError
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.training import build_model
from recipes.convolution_start import CONVOLUTION, with_convolution

LABELS = LabelSet(("a", "b"), ("O", "B-X", "I-X"))
STACK = TrainingConfig(units=6, bottleneck_units=10, layers=2, kernel_width=2)


def config(bottleneck: int, units: int = 6) -> TrainingConfig:
    def qrnn(source: str) -> dict:
        own = {"units": units, "kernel_width": 2, "direction": "both", "pooling": "fo"}
        return {"from": source, "op": "qrnn", **own}

    states = [
        {"name": "layer1", "join": "sum", "edges": [qrnn("input")]},
        {"name": "layer2", "join": "sum", "edges": [qrnn("layer1"), {"from": "layer1", "op": "identity"}]},
        {
            "name": "smoothed",
            "join": "sum",
            "edges": [
                {"from": "layer2", "op": "depthwise", "kernel_width": 3},
                {"from": "layer2", "op": "identity"},
            ],
        },
    ]  # fmt: skip
    return TrainingConfig(graph={"bottleneck_units": bottleneck, "states": states})


@pytest.fixture
def former():
    model = build_model(STACK, LABELS)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if weight.dtype == "float32":
            weight.assign(np.abs(rng.normal(size=weight.shape)) + 0.1)
    return model


def logits(model) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    features = rng.choice([-1.0, 0.0, 1.0], (3, 5, model.spec.features)).astype(np.float32)
    outputs = model({"features": features, "lengths": np.array([5, 1, 3], np.int32)})
    assert {"intent", "slots"} <= set(outputs)
    return [np.asarray(outputs[name]) for name in ("intent", "slots")]


def test_the_new_student_says_what_the_old_one_says(former):
    student = build_model(config(10), LABELS)
    with_convolution(student, former)
    for own, theirs in zip(logits(student), logits(former), strict=True):
        np.testing.assert_allclose(own, theirs, rtol=1e-5, atol=1e-5)
    assert (
        np.ptp(student._named_weights()[f"{CONVOLUTION}/kernel"]) > 0
    )  # what training begins with


def test_channels_that_the_first_layer_does_not_hear_are_left_out(former):
    deaf = [3, 7]
    for way in ("forward", "backward"):
        kernel = former._named_weights()[f"qrnn_1/{way}/kernel"]
        values = kernel.numpy().reshape(2, 10, -1)
        values[:, deaf] = 0
        kernel.assign(values.reshape(kernel.shape))
    student = build_model(config(8), LABELS)
    with_convolution(student, former)
    for own, theirs in zip(logits(student), logits(former), strict=True):
        np.testing.assert_allclose(own, theirs, rtol=1e-5, atol=1e-5)


def test_students_that_do_not_fit_are_refused(former):
    with pytest.raises(UsageError, match="--config must have the sizes of --model"):
        with_convolution(build_model(config(10, units=5), LABELS), former)
    lacking = build_model(dataclasses.replace(STACK, layers=1), LABELS)
    with pytest.raises(UsageError, match="layers of --model and `smoothed`: no layer2"):
        with_convolution(build_model(config(10), LABELS), lacking)
