"""By how much a parse is better than the next one, and that rounding stays under the tolerance of the tests."""

from __future__ import annotations

import types

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from pqrnn_tf.datasets.making.grammar import generate
from pqrnn_tf.runtime import LabelSet, load
from pqrnn_tf.runtime.presets import model_file
from pqrnn_tf.runtime.text import code_points_array
from tests.parse_margins import ROUNDING, parse_margin

LABELS = LabelSet(
    intents=("A", "B"),
    tags=("O", "B-X", "I-X"),
    nested=("O", "B-N/S", "I-N/S"),
)


def parser(**outputs: object) -> types.SimpleNamespace:
    """What gives these outputs for every text."""
    return types.SimpleNamespace(labels=LABELS, logits=lambda text: outputs)


@pytest.mark.parametrize(
    ("intent", "slots", "margin"),
    [
        ([5.0, 3.0], [[9.0, 0.0, 0.0]], 2.0),  # the other intent
        ([9.0, 0.0], [[4.0, 3.0, 0.0]], 1.0),  # the other tag
        ([9.0, 0.0], [[0.0, 9.0, 0.0], [5.0, 0.0, 4.5]], 0.5),
        # I-X cannot begin a slot, however large its logit is.
        ([9.0, 0.0], [[4.0, 1.0, 3.9]], 3.0),
    ],
)
def test_the_margin_is_that_to_the_best_other_parse(intent, slots, margin):
    model = parser(intent=np.array(intent), slots=np.array(slots), length=len(slots))
    assert parse_margin(model, "") == pytest.approx(margin)


def test_what_is_nested_counts():
    model = parser(
        intent=np.array([9.0, 0.0]),
        slots=np.array([[0.0, 9.0, 0.0], [0.0, 0.0, 9.0]]),
        nested=np.array([[0.0, 3.0, 0.0], [0.0, 0.0, 1.0]]),
        length=2,
    )
    # One slot of both words (4), and one of each word (3 + 0), are nested; words alone have 0.
    assert parse_margin(model, "") == pytest.approx(1.0)


def test_a_text_without_a_token_cannot_be_parsed_otherwise():
    model = parser(intent=np.zeros(2), slots=np.zeros((0, 3)), length=0)
    assert parse_margin(model, "") == np.inf


def test_rounding_of_other_kernels_stays_under_the_tolerance():
    """The reference kernels in place of XNNPACK's: what another processor would do."""
    ours = load("mtop_en_2mb")
    interpreter = Interpreter(
        model_path=str(model_file("mtop_en_2mb")),
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    run = interpreter.get_signature_runner("parse")
    room = run.get_input_details()["code_points"]["shape"][1]

    def logits(text: str) -> dict[str, np.ndarray]:
        points = np.zeros((1, room), np.int32)
        points[0, : len(text)] = code_points_array(text)
        return {name: value[0] for name, value in run(code_points=points).items()}

    theirs = types.SimpleNamespace(labels=ours.labels, logits=logits)
    texts = [row.text for row in generate(40, language="en", seed=8)]
    changes = [abs(parse_margin(ours, text) - parse_margin(theirs, text)) for text in texts]
    assert 0 < max(changes) < ROUNDING
