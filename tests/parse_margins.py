"""By how much a parse is better than the next one: what rounding of another runtime may turn round.

Runtimes agree on integers and differ in the last bits of floats; where activations are rounded to 8 bits on the way,
such a bit decides now and then between two integers, and logits differ by a step of them.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from pqrnn_tf.runtime import Parser
from pqrnn_tf.runtime.decoding import Decoder
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.nested_decoding import NestedDecoder
from pqrnn_tf.runtime.results import decode_outputs

ROUNDING = 0.2
"""Under this margin another runtime or processor may say something else: twice as much as margins differ by between
the kernels of XNNPACK and the reference kernels on 300 texts (0.099), see `test_margins.py`."""

ROUNDING_OF_FLOATS = 1e-4
"""The same for a model without 8-bit integers; between those kernels 4e-6 on the texts of the tiny models."""

FORBIDDEN = -1e9


def parse_margin(parser: Parser, text: str) -> float:
    """How much more the sum of logits of a parse is than that of the best other parse.

    Any other parse differs in the intent or in the tag of a token. So each of these is forbidden in turn, and what is
    best then is the runner-up. What is nested in the slots of the parse is looked at in the same way.

    Returns:
        The smaller of both margins; infinity for a text without a token.
    """
    outputs = {name: np.asarray(value) for name, value in parser.logits(text).items()}
    length = int(outputs["length"])
    if not length:
        return np.inf
    # What is left out of slots changes no sum.
    labels: LabelSet = dataclasses.replace(parser.labels, edges=())
    intent, slots = outputs["intent"].astype(float), outputs["slots"][:length].astype(float)
    decoder = Decoder(labels)
    best = decoder(intent, slots, length)

    def total(parse: Any) -> float:
        tags = [labels.tags.index(tag) for tag in parse.tags]
        return intent[labels.intents.index(parse.intent)] + slots[np.arange(length), tags].sum()

    others = [decoder(without(intent, labels.intents.index(best.intent)), slots, length)]
    others += [
        decoder(intent, without(slots, (t, labels.tags.index(tag))), length)
        for t, tag in enumerate(best.tags)
    ]
    # Where there is one intent, or O alone, forbidding it leaves nothing else.
    sums = [total(one) for one in others if (one.intent, one.tags) != (best.intent, best.tags)]
    margin = total(best) - max(sums, default=-np.inf)
    if "nested" in outputs:
        margin = min(margin, nested_margin(labels, best.slots, outputs["nested"][:length]))
    return float(margin)


def rejection_margin(parser: Parser, text: str) -> float:
    """How far the sum that decides of a rejection is from its threshold; infinity where nothing is decided."""
    rejection = parser.decoder.rejection
    outputs = parser.logits(text)
    if rejection is None or not int(outputs["length"]):
        return np.inf
    decoder = Decoder(parser.labels, rejection=rejection, keep_evidence=True)
    _, parse = decode_outputs(outputs, decoder, text=text)
    return abs(rejection.score(parse.evidence) - rejection.threshold)


def nested_margin(labels: LabelSet, slots: Any, given: np.ndarray) -> float:
    """The margin of what is nested in slots."""
    decode, logits = NestedDecoder(labels), given.astype(float)
    inside = [t for slot in slots for first, last in slot.ranges for t in range(first, last)]
    found, best = decode(slots, logits)
    margin = np.inf
    for t in inside:
        column = labels.nested.index(best[t])
        other_slots, other = decode(slots, without(logits, (t, column)))
        if other_slots == found:  # no other sequence stands in the slot in training data
            continue
        sums = [
            logits[inside, [labels.nested.index(tags[t]) for t in inside]].sum()
            for tags in (best, other)
        ]
        margin = min(margin, sums[0] - sums[1])
    return margin


def without(logits: np.ndarray, place: Any) -> np.ndarray:
    changed = logits.copy()
    changed[place] = FORBIDDEN
    return changed
