"""The same texts through Keras and through the .tflite: do they agree, and as closely as they should?"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.runtime.decoding import Decoder
from pqrnn_tf.runtime.parser import Parser
from pqrnn_tf.runtime.results import decode_outputs
from pqrnn_tf.runtime.text import fit_text, to_bytes
from pqrnn_tf.runtime.text_encoder import Encoder
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.sentence_encoder import SentenceEncoder

LEVELS = 127
"""Positive levels of a symmetric 8-bit number."""

PEAK_TO_RMS = 8.0
"""Largest over root-mean-square activation of a token, generously: what an 8-bit step is cut from."""

SAFETY = 6.0
"""Deviations that the largest of many thousand logits may be away."""


@dataclasses.dataclass(frozen=True)
class ParityReport:
    """How a .tflite agrees with the Keras model it was made from.

    Attributes:
        texts: Number of texts.
        same_spans: Share of texts with equal token spans.
        same_parse: Share of texts with equal intent, slots and nested slots.
        largest_difference: Largest difference of any logit of any text.
        tolerance: What the quantisation steps allow, see `logit_tolerance`; for a float file, the
            accuracy of float32.
    """

    texts: int
    same_spans: float
    same_parse: float
    largest_difference: float
    tolerance: float


@dataclasses.dataclass(frozen=True)
class VectorParity:
    """How the .tflite of an encoder agrees with the Keras model it was made from.

    Attributes:
        texts: Number of texts with a token.
        least_cosine: Smallest cosine of the two vectors of a text.
        tolerance: What the quantisation steps allow 1 − cosine to be; for a float file, the accuracy of float32.
    """

    texts: int
    least_cosine: float
    tolerance: float


def _noise_ratio(model: IntentSlotModel | SentenceEncoder) -> float:
    """The variance of rounding over that of the signal behind all layers, see `logit_tolerance`."""
    inputs = (PEAK_TO_RMS / LEVELS) ** 2 / 12.0
    ratio = 0.0
    for variable in model.trainable_variables:
        if len(variable.shape) < 2 or math.prod(variable.shape) < 1024:
            continue  # the converter leaves small tensors as floats
        weights = np.asarray(variable.value)
        steps = np.abs(weights).max(axis=0) / LEVELS
        ratio += float(np.mean(steps**2) / 12.0 / np.mean(weights**2)) + inputs
    return ratio


def logit_tolerance(model: IntentSlotModel, spread: float) -> float:
    """The largest difference of logits that 8-bit weights and dynamic 8-bit inputs explain.

    A weight is off by an error uniform in ± half a step, of variance step²/12, where the step of an
    output channel is its largest weight over 127; the inputs of each product likewise, where the step
    is `PEAK_TO_RMS` times their root mean square over 127. Relative to the product's own size both
    are a noise-to-signal ratio; the ratios of the layers that a signal passes add up as independent
    errors, and normalisation keeps the signal's own size at that of the logits.

    For a file with 8-bit activations too (`int8`), whose ranges were calibrated, this is what rounding
    explains; an activation beyond its range is cut, which no step bounds.

    Args:
        model: The model with its float weights.
        spread: Standard deviation of the logits.
    """
    return SAFETY * math.sqrt(_noise_ratio(model)) * spread


def compare(model: IntentSlotModel, parser: Parser, texts: Sequence[str]) -> ParityReport:
    """Runs the texts through both and compares logits, spans and parses.

    Args:
        model: The Keras model.
        parser: A parser of the file that was made from it.
        texts: At least one text with a token.

    Raises:
        ValueError: if no text has a token.
    """
    same_spans = same_parse = 0
    decoder = Decoder(model.labels)
    largest = 0.0
    values: list[np.ndarray] = []
    forward = tf.function(lambda inputs: model(inputs, training=False), reduce_retracing=True)
    for text in texts:
        fitted = fit_text(text, model.spec.max_code_points, version=model.spec.version)
        features, lengths, spans, _ = project_strings(
            tf.constant([to_bytes(fitted.text)]), model.spec, pad_to_max_tokens=True
        )
        length = int(lengths[0])
        outputs = forward({"features": features, "lengths": lengths})
        ours = {name: value.numpy()[0] for name, value in outputs.items()}
        theirs = parser.logits(text)
        own_spans = fitted.caller_spans(spans[0, :length].numpy())
        same_spans += np.array_equal(own_spans, theirs["spans"][: int(theirs["length"])])
        tokens = {"spans": own_spans, "length": np.array(length)}
        (_, first), (_, second) = (
            decode_outputs({**own, **tokens}, decoder, text=text) for own in (ours, theirs)
        )
        same_parse += (first.intent, first.slots) == (second.intent, second.slots)
        if length:
            logits, other = (
                np.concatenate(
                    [
                        own["intent"],
                        *(own[name][:length].ravel() for name in ours if name != "intent"),
                    ]
                )
                for own in (ours, theirs)
            )
            largest = max(largest, float(np.abs(logits - other).max()))
            values.append(logits)
    if not values:
        raise ValueError("`texts` must hold a text with a token. Received none.")
    spread = float(np.std(np.concatenate(values)))
    exact = parser.metadata.quantization == "none"
    return ParityReport(
        texts=len(texts),
        same_spans=same_spans / len(texts),
        same_parse=same_parse / len(texts),
        largest_difference=largest,
        tolerance=1e-3 * spread if exact else logit_tolerance(model, spread),
    )


def compare_vectors(model: SentenceEncoder, encoder: Encoder, texts: Sequence[str]) -> VectorParity:
    """Runs texts through both and compares their vectors.

    Args:
        model: The Keras model.
        encoder: An encoder of the file that was made from it.
        texts: At least one text with a token.

    Raises:
        ValueError: if no text has a token.
    """
    ours, theirs = model.encode(texts), encoder.encode(texts)
    cosines = np.sum(ours * theirs, axis=1)[np.any(ours != 0.0, axis=1)]
    if not len(cosines):
        raise ValueError("`texts` must hold a text with a token. Received none.")
    exact = encoder.metadata.quantization == "none"
    return VectorParity(
        texts=len(cosines),
        least_cosine=float(cosines.min()),
        # Noise of the ratio r turns a vector by an angle whose square is r.
        tolerance=1e-5 if exact else SAFETY**2 * _noise_ratio(model) / 2.0,
    )
