"""Calibrated scores and rejection: formulas, and what a file may hold."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pqrnn_tf.runtime.confidence import (
    FEATURES,
    Calibration,
    ConfidenceError,
    Rejection,
    ScoreMap,
    log_odds,
    shared_rest,
)
from pqrnn_tf.runtime.decoding import Decoder
from pqrnn_tf.runtime.labels import LabelError, LabelSet

MAP = ScoreMap({"parse": 2.0, "tokens": -1.0}, [0.0, 1.0, 3.0], [0.25, 0.5, 0.75])


@pytest.mark.parametrize(
    ("parse", "tokens", "probability"),
    [(0, 9, 0.25), (0, 0, 0.25), (1, 1, 0.5), (1, 0, 0.625), (1.25, 2, 0.375), (9, 0, 0.75)],
)
def test_a_map_is_linear_between_its_knots_and_constant_beyond(parse, tokens, probability):
    assert MAP({"parse": parse, "tokens": tokens}) == probability


def test_a_map_with_one_knot_is_a_constant():
    assert ScoreMap({"parse": 1.0}, [2.0], [0.5])({"parse": -7.0}) == 0.5


def test_a_file_without_slots_whose_maps_contradict_has_one_score():
    low = ScoreMap({"margin": 1.0}, [0.0], [0.25])
    calibration = Calibration(parse=ScoreMap({"parse": 1.0}, [0.0], [0.75]), intent=low)
    logits, tags = np.array([2.0, 1.0, 0.0], np.float32), np.zeros((2, 1), np.float32)
    decoder = Decoder(LabelSet(("A", "B", "C"), ("O",)), calibration=calibration)
    best = decoder(logits, tags, 2, alternatives=2)
    for parse in (best, *best.alternatives):
        assert parse.score == pytest.approx(parse.intent_score, abs=1e-6)
    assert best.score == 0.25 and len(best.alternatives) == 2
    of_slots = Decoder(LabelSet(("A", "B", "C"), ("O", "B-X", "I-X")), calibration=calibration)
    parse = of_slots(logits, np.zeros((2, 3), np.float32), 2)
    assert (parse.score, parse.intent_score) == (0.75, 0.25)


def test_log_odds_stay_finite():
    assert log_odds(math.log(0.8)) == pytest.approx(math.log(4.0))
    assert log_odds(0.0) == pytest.approx(12 * math.log(10), abs=1e-3)
    assert log_odds(-2000.0) == pytest.approx(-2000.0)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (({"parse": 1.0}, [1.0, 1.0], [0.1, 0.2]), "strictly ascending"),
        (({"parse": 1.0}, [], []), "strictly ascending"),
        (({"parse": 1.0}, [1.0, 2.0], [0.2, 0.1]), "not descending"),
        (({"parse": 1.0}, [1.0, 2.0], [0.2, 1.1]), "from 0 to 1"),
        (({"parse": 1.0}, [1.0, 2.0], [0.2]), "2 numbers"),
        (({"luck": 1.0}, [1.0], [0.5]), "luck"),
        (({}, [1.0], [0.5]), "at least one"),
        (({"parse": math.nan}, [1.0], [0.5]), "finite"),
        (({"parse": 1.0}, [math.inf], [0.5]), "finite"),
        (({"parse": 1.0}, "12", [0.5]), "list"),
    ],
)
def test_a_map_that_is_none_is_refused(values, message):
    with pytest.raises(ConfidenceError, match=message):
        ScoreMap(*values)


def test_what_travels_in_a_file_comes_back():
    calibration = Calibration(MAP, ScoreMap({"margin": 1.0}, [0.0], [0.5]), {"rows": 7})
    assert Calibration.from_dict(calibration.to_dict()) == calibration
    for rejection in (
        Rejection({"highest": 1.0}, 2.5),
        Rejection({"outside": -1.0}, 0.0, "oos", {"rate": 0.1}),
    ):
        assert Rejection.from_dict(rejection.to_dict()) == rejection
    with pytest.raises(ConfidenceError, match="fields"):
        Rejection.from_dict({"weights": {"highest": 1.0}})
    with pytest.raises(ConfidenceError, match="fields"):
        Calibration.from_dict({"parse": MAP.to_dict()})


def test_alternatives_share_what_the_best_answer_leaves():
    logs = [math.log(value) for value in (0.2, 0.1)]
    assert shared_rest(0.7, math.log(0.6), logs) == pytest.approx([0.15, 0.075])
    # An over-sure model: the others are as likely as the calibration says, in the model's own order.
    assert shared_rest(0.6, -1e-9, [-21.0, -23.0]) == pytest.approx(
        [0.4 * math.exp(-21) / 1e-9, 0.4 * math.exp(-23) / 1e-9], rel=1e-3
    )
    assert shared_rest(0.1, math.log(0.4), [math.log(0.3)]) == [0.1]  # not more than the best one
    assert shared_rest(0.9, 0.0, [-800.0]) == [0.0]


LABELS = LabelSet(
    intents=("CALL", "oos", "WAKE"),
    tags=("O", "B-X", "I-X"),
    slots_of_intent=(("X",), (), ()),
)
INTENTS = np.array([1.5, 3.0, 1.0], np.float32)
TAGS = np.array([[0.0, 2.0, 0.0], [1.0, 0.0, 3.0], [0.0, 0.0, 0.0]], np.float32)


def log_softmax(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, float)
    return values - np.log(np.exp(values).sum(-1, keepdims=True))


def test_features_are_those_of_the_definition():
    reject = Rejection({"outside": 1.0}, -1.0, "oos")
    parse = Decoder(LABELS, rejection=reject, keep_evidence=True)(INTENTS, TAGS, 2)
    assert (parse.intent, parse.tags) == ("CALL", ("B-X", "I-X"))
    intents, tags = log_softmax(INTENTS), log_softmax(TAGS)
    path = [tags[0, 1], tags[1, 2]]

    def odds(log: float) -> float:
        return math.log(math.exp(log) / (1 - math.exp(log)))

    expected = {
        "parse": odds(intents[0] + sum(path)),
        "weakest": odds(min(path)),
        "intent": odds(intents[0]),
        "margin": 0.5,  # to the best intent in scope
        "tokens": 2.0,
        "highest": 1.5,
        "energy": math.log(np.exp(INTENTS.astype(float)).sum()),
        "outside": 3.0,
    }
    assert parse.evidence == pytest.approx(expected, rel=1e-6)
    assert set(expected) == set(FEATURES)


def test_features_of_the_best_tags_equal_those_of_a_search():
    """The quick way and the search take other routes to the same numbers."""
    decoder = Decoder(LABELS, keep_evidence=True)
    quick = decoder(np.array([3.0, 1.5, 1.0]), TAGS, 2)
    searched = decoder(np.array([3.0, 3.0 + 1e-9, 1.0]), TAGS, 2)  # the likelier intent has no X
    assert searched.intent == quick.intent == "CALL"
    again = Decoder(LABELS, keep_evidence=True)(np.array([3.0, 3.0 - 1e-9, 1.0]), TAGS, 2)
    assert searched.evidence == pytest.approx(again.evidence, abs=1e-6)


def test_an_only_intent_has_the_margin_0():
    labels = LabelSet(intents=("A",), tags=("O",))
    evidence = Decoder(labels, keep_evidence=True)(np.array([2.0]), np.zeros((1, 1)), 1).evidence
    assert (evidence["margin"], evidence["outside"]) == (0.0, 0.0)


def test_without_calibration_the_scores_are_the_models_own():
    parse = Decoder(LABELS)(np.array([3.0, 1.5, 1.0]), TAGS, 2)
    intent = log_softmax([3.0, 1.5, 1.0])[0]
    tags = log_softmax(TAGS)
    assert parse.intent_score == pytest.approx(math.exp(intent), rel=1e-6)
    assert parse.score == pytest.approx(math.exp(intent + tags[0, 1] + tags[1, 2]), rel=1e-6)
    assert parse.evidence is None


def test_calibrated_scores_are_those_of_the_maps():
    calibration = Calibration(
        ScoreMap({"tokens": 1.0}, [0.0, 4.0], [0.0, 1.0]),
        ScoreMap({"margin": 1.0}, [0.0, 2.0], [0.2, 0.8]),
    )
    intents = np.array([3.0, 1.5, 2.0])
    parse = Decoder(LABELS, calibration=calibration)(intents, TAGS, 2, alternatives=2)
    assert parse.score == pytest.approx(0.5)
    assert parse.intent_score == pytest.approx(0.5)
    plain = Decoder(LABELS)(intents, TAGS, 2, alternatives=2)
    for other, own in zip(parse.alternatives, plain.alternatives, strict=True):
        assert other.tags == own.tags
        assert other.score == pytest.approx(0.5 * own.score / (1 - plain.score))
        wanted = 0.5
        if other.intent != parse.intent:
            wanted = 0.5 * own.intent_score / (1 - plain.intent_score)
        assert other.intent_score == pytest.approx(wanted)


@pytest.mark.parametrize(("threshold", "rejected"), [(1.4, False), (1.5, False), (1.6, True)])
def test_what_is_below_the_threshold_is_rejected(threshold, rejected):
    decoder = Decoder(LABELS, rejection=Rejection({"highest": 1.0}, threshold, "oos"))
    assert decoder(INTENTS, TAGS, 2).rejected is rejected


def test_out_of_scope_is_no_answer_of_a_model_that_rejects():
    decoder = Decoder(LABELS, rejection=Rejection({"highest": 1.0}, -9.0, "oos"))
    tags = np.zeros((2, 3))
    parse = decoder(INTENTS, tags, 2, alternatives=20)
    assert parse.intent == "CALL"
    assert "oos" not in {other.intent for other in parse.alternatives}
    assert decoder(INTENTS, tags, 0).intent == "CALL"
    assert Decoder(LABELS)(INTENTS, tags, 2).intent == "oos"


def test_an_intent_of_out_of_scope_that_labels_lack_is_refused():
    with pytest.raises(LabelError, match="'none'"):
        Decoder(LABELS, rejection=Rejection({"highest": 1.0}, 0.0, "none"))
