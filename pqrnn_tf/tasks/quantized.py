"""Models whose activations are rounded to 8 bits: calibration, quantisation-aware training, export.

Every input and output of a matrix product of the encoder and the heads is rounded, with a range that is the same
for all utterances, and so are the gates. What is left in floating point is elementwise: the recurrence's state,
residuals and attention pooling. Rounding is there only while `rounded_activations` is; a model stays what it is.

Reference: Jacob et al. 2018, section 3 (arXiv 1712.05877).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tensorflow as tf

from pqrnn_tf.encoder.qrnn import QRNN
from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.quantization.fake_quantizers import FixedRangeQuantizer, SymmetricWeightQuantizer
from pqrnn_tf.quantization.places import Places, Range, RangeWatcher, rounding
from pqrnn_tf.runtime.text import to_bytes
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.sentence_encoder import SentenceEncoder
from pqrnn_tf.tasks.sentence_pooling import SentencePooling

Model = IntentSlotModel | SentenceEncoder

CALIBRATION_TEXTS = 512
"""Texts that are enough to know the ranges of activations."""

TERNARY = "bottleneck/inputs"
"""The place that projection features pass, whose range is known: -1, 0 and +1 are exact."""

Ranges = Mapping[str, Range]
"""Ranges by places, as `calibrate` returns them."""


def activation_places(model: Model) -> dict[str, tuple[Places, str]]:
    """The places of a model by name, each as the layer's places and the name there."""
    holders = {
        **{name: layer.places for name, layer in model.encoder.layers_with_kernels().items()},
        "heads": model.places,
    }
    if isinstance(model, IntentSlotModel) and model.bag_head is not None:
        holders["bag_head"] = model.bag_head.places
    if isinstance(model, IntentSlotModel) and isinstance(model.pooling, SentencePooling):
        holders["pooling"] = model.pooling.places
    return {
        f"{holder}/{name}": (places, name)
        for holder, places in holders.items()
        for name in places.actions
    }


def calibrate(model: Model, texts: Sequence[str], *, batch_size: int = 64) -> dict[str, Range]:
    """Measures the range of the activations at each place.

    Args:
        model: A trained model.
        texts: Texts as the model will meet them, such as training rows; `CALIBRATION_TEXTS` of them are taken
            at even distances where there are more.
        batch_size: Texts a forward pass.

    Returns:
        Smallest and largest activation by place; 0 is never outside.

    Raises:
        ValueError: if there is no text.
    """
    if not texts:
        raise ValueError("`texts` must hold at least one text to calibrate with. Received: none.")
    step = max(1, -(-len(texts) // CALIBRATION_TEXTS))
    chosen = sorted(texts[::step], key=len)
    places = activation_places(model)
    watchers = {name: RangeWatcher() for name in places}
    with _actions(model, watchers):
        for begin in range(0, len(chosen), batch_size):
            part = tf.constant([to_bytes(text) for text in chosen[begin : begin + batch_size]])
            features, lengths, *_ = project_strings(part, model.spec)
            model({"features": features, "lengths": lengths}, training=False)
    ranges = {
        # Where there was nothing but 0, any range holds it.
        name: watcher.range if any(watcher.range) else (0.0, 1.0)
        for name, watcher in watchers.items()
    }
    return {**ranges, TERNARY: (-128 / 127, 1.0)}  # steps of 1/127, of which ±1 are multiples


@contextlib.contextmanager
def rounded_activations(
    model: Model, ranges: Ranges | None, *, kernels: bool = False
) -> Iterator[None]:
    """Rounds activations to 8 bits as long as the context lasts.

    Functions that were traced before it do not see it.

    Args:
        model: The model.
        ranges: What `calibrate` returned; `None` for no rounding, also of gates that the model has
            quantizers for.
        kernels: Whether kernels of the encoder are rounded too, for a training that is to get used to it.

    Raises:
        ValueError: if `ranges` are not those of the model.
    """
    if ranges is not None and set(ranges) != set(activation_places(model)):
        differing = sorted(set(ranges) ^ set(activation_places(model)))
        raise ValueError(
            f"`ranges` must be those of the model; these are in one of them only: {differing}. Calibrate "
            "this model."
        )
    layers = model.encoder.layers_with_kernels().values()
    quantizers: list[tuple[Any, str, Any]] = [
        (layer, "activation_quantizer", None if ranges is None else FixedRangeQuantizer())
        for layer in layers
        if isinstance(layer, QRNN)
    ]
    if kernels:
        quantizers += [(layer, "kernel_quantizer", SymmetricWeightQuantizer()) for layer in layers]
    before = [(layer, name, getattr(layer, name)) for layer, name, _ in quantizers]
    actions = {name: rounding(limits) for name, limits in (ranges or {}).items()}
    with _actions(model, actions):
        for layer, name, value in quantizers:
            setattr(layer, name, value)
        try:
            yield
        finally:
            for layer, name, value in before:
                setattr(layer, name, value)


@contextlib.contextmanager
def _actions(model: Model, actions: Mapping[str, Any]) -> Iterator[None]:
    """Sets actions at places, and takes them away again."""
    places = activation_places(model)
    for name, action in actions.items():
        holder, place = places[name]
        holder.actions[place] = action
    try:
        yield
    finally:
        for name in actions:
            holder, place = places[name]
            holder.actions[place] = None
