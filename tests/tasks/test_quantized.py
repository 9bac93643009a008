"""Calibration and rounding of a trained model's activations."""

from __future__ import annotations

import numpy as np
import pytest

from pqrnn_tf.quantization import FixedRangeQuantizer
from pqrnn_tf.tasks.parsing import answer_texts, score_model
from pqrnn_tf.tasks.quantized import (
    TERNARY,
    activation_places,
    calibrate,
    rounded_activations,
)
from tests.tiny_models import DEV, TRAIN

TEXTS = [row.text for row in TRAIN[:100]]


@pytest.fixture(scope="module")
def ranges(tiny):
    return calibrate(tiny[0], TEXTS)


def intent_logits(model):
    return np.array([answer.intent_logits for answer in answer_texts(model, TEXTS[:20])])


def test_every_input_and_output_of_a_product_is_a_place(tiny, ranges):
    halves = [f"qrnn_{layer}/{way}" for layer in (1, 2) for way in ("forward", "backward")]
    expected = {"bottleneck/inputs", "bottleneck/outputs"}
    expected |= {f"{half}/{name}" for half in halves for name in ("inputs", "gates")}
    heads = {"states", "pooled", "intent", "slots", "slots_context"}
    if tiny[0].labels.nested:
        heads |= {"nested", "nested_context"}
    expected |= {f"heads/{name}" for name in heads}
    assert set(ranges) == set(activation_places(tiny[0])) == expected


def test_ranges_are_those_of_the_activations(tiny, ranges):
    logits = intent_logits(tiny[0])
    low, high = ranges["heads/intent"]
    assert low <= logits.min() < 0 < logits.max() <= high
    assert ranges["bottleneck/outputs"][0] == 0.0  # after a ReLU
    assert ranges[TERNARY] == (-128 / 127, 1.0)


def test_calibration_leaves_nothing_behind(tiny, ranges):
    assert all(places.actions[name] is None for places, name in activation_places(tiny[0]).values())


def test_many_texts_are_thinned_out(tiny):
    again = calibrate(tiny[0], [text for text in TEXTS for _ in range(6)])
    first = calibrate(tiny[0], TEXTS)
    for name, limits in first.items():
        np.testing.assert_allclose(again[name], limits, rtol=1e-4, atol=1e-5)


def test_rounded_logits_are_few_near_the_exact_ones_and_gone_afterwards(tiny, ranges):
    model = tiny[0]
    exact = intent_logits(model)
    with rounded_activations(model, ranges):
        rounded = intent_logits(model)
        scores = score_model(model, DEV)
    low, high = ranges["heads/intent"]
    step = (high - low) / 255
    np.testing.assert_allclose(rounded / step, np.round(rounded / step), atol=1e-2)
    assert 0 < np.abs(rounded - exact).max() < 0.1 * (high - low)
    np.testing.assert_array_equal(intent_logits(model), exact)
    assert scores.flat_exact_match > score_model(model, DEV).flat_exact_match - 4


def test_kernels_are_rounded_on_demand(tiny, ranges):
    layers = tiny[0].encoder.layers_with_kernels().values()
    with rounded_activations(tiny[0], ranges):
        assert all(layer.kernel_quantizer is None for layer in layers)
    with rounded_activations(tiny[0], ranges, kernels=True):
        assert all(layer.kernel_quantizer is not None for layer in layers)
    assert all(layer.kernel_quantizer is None for layer in layers)


def test_without_ranges_the_gates_are_not_rounded_either(tiny):
    half = tiny[0].encoder.layers_with_kernels()["qrnn_1/forward"]
    half.activation_quantizer = FixedRangeQuantizer()
    try:
        with rounded_activations(tiny[0], None):
            assert half.activation_quantizer is None
        assert half.activation_quantizer == FixedRangeQuantizer()
    finally:
        half.activation_quantizer = None


def test_ranges_of_another_model_are_refused(tiny, ranges):
    other = {name: limits for name, limits in ranges.items() if name != TERNARY}
    with pytest.raises(ValueError, match=TERNARY), rounded_activations(tiny[0], other):
        pass


def test_calibration_needs_text(tiny):
    with pytest.raises(ValueError, match="at least one text"):
        calibrate(tiny[0], [])
