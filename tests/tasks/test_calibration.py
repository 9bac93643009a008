"""Calibrated scores: the measure by hand, the fit on rows whose probabilities are known."""

from __future__ import annotations

import numpy as np
import pytest

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.runtime.confidence import Calibration, log_odds
from pqrnn_tf.runtime.decoding import NO_PARSE, DecodedParse
from pqrnn_tf.tasks.calibration import (
    DIVISIONS,
    FEWEST_ROWS,
    Bin,
    ScoredRows,
    alternating,
    calibration_error,
    divided,
    fit_calibration,
    fit_map,
    logistic_regression,
    measure_scores,
    reliability,
    scored_by_halves,
)
from pqrnn_tf.tasks.metrics import Answer


def scored(evidence: list[dict[str, float]], right: np.ndarray, scores: np.ndarray) -> ScoredRows:
    return ScoredRows(evidence, scores, scores, right, right)


def over_sure(rows: int, seed: int = 1) -> ScoredRows:
    """Rows of a model that says 3 in log-odds where 1 is true: what a bag head does."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(1.0, 1.5, rows)
    right = rng.random(rows) < 1 / (1 + np.exp(-odds))
    said = 1 / (1 + np.exp(-3 * odds))
    evidence = [{"parse": 3 * x, "weakest": 3 * x + 1, "margin": 3 * x} for x in odds.tolist()]
    return scored(evidence, right, said)


def test_the_error_of_bins_by_hand():
    scores = np.array([0.0, 0.5, 0.5, 1.0])
    right = np.array([False, True, True, True])
    assert reliability(scores, right, bins=2) == [Bin(3, 1 / 3, 2 / 3), Bin(1, 1.0, 1.0)]
    assert calibration_error(scores, right, bins=2) == pytest.approx(100 * 3 / 4 / 3)
    assert calibration_error(np.zeros(0), np.zeros(0, bool)) == 0.0


def test_scores_that_are_too_sure_are_mended():
    rows = over_sure(4000)
    assert calibration_error(rows.parse_scores, rows.parse_right) > 8
    calibration = fit_calibration(rows)
    fresh = over_sure(4000, seed=2)
    for fitted in (calibration.parse, calibration.intent):
        scores = np.array([fitted(own) for own in fresh.evidence])
        assert calibration_error(scores, fresh.parse_right) < 3


def test_scores_that_are_not_sure_enough_are_mended():
    rng = np.random.default_rng(3)
    odds = rng.normal(2.0, 1.0, 2000)
    right = rng.random(2000) < 1 / (1 + np.exp(-odds))
    evidence = [{"parse": x - 3, "weakest": x} for x in odds.tolist()]
    fitted = fit_map(evidence, right, ("parse", "weakest"))
    scores = np.array([fitted(own) for own in evidence])
    assert calibration_error(scores, right) < 2
    assert abs(scores.mean() - right.mean()) < 0.01


def test_the_map_is_small_and_keeps_the_order_of_the_rows():
    rows = over_sure(5000)
    fitted = fit_map(rows.evidence, rows.parse_right, ("parse",))
    assert len(fitted.sums) <= 20
    order = np.argsort([own["parse"] for own in rows.evidence])
    scores = np.array([fitted(own) for own in rows.evidence])[order]
    assert (np.diff(scores) >= 0).all()
    assert len(set(scores.tolist())) > 4900  # steps rise inside too


def test_the_same_rows_give_the_same_calibration():
    assert fit_calibration(over_sure(300)) == fit_calibration(over_sure(300))


def test_rows_that_are_all_right_keep_their_order():
    evidence = [{"parse": float(i)} for i in range(50)]
    fitted = fit_map(evidence, np.ones(50, bool), ("parse",))
    scores = [fitted(own) for own in evidence]
    assert scores == sorted(scores) and 0.97 < scores[0] < scores[-1] <= 1.0


def test_equal_rows_are_one_step():
    right = np.array([True, False] * 25)
    fitted = fit_map([{"parse": 1.0}] * 50, right, ("parse",))
    assert (list(fitted.sums), list(fitted.probabilities)) == ([1.0], [0.5])


def test_a_feature_that_falls_with_the_probability_is_left_out():
    rows = over_sure(500)
    wrong = (~rows.parse_right).tolist()
    evidence = [{**own, "weakest": float(w)} for own, w in zip(rows.evidence, wrong, strict=True)]
    assert set(fit_map(evidence, rows.parse_right, ("parse", "weakest")).weights) == {"parse"}


def test_a_constant_feature_is_left_out():
    rows = over_sure(500)
    evidence = [{**own, "weakest": 27.6} for own in rows.evidence]
    assert set(fit_map(evidence, rows.parse_right, ("parse", "weakest")).weights) == {"parse"}


def test_a_model_without_slots_had_two_probabilities_of_one_thing():
    rng = np.random.default_rng(3)
    margin = rng.uniform(0.0, 4.0, 400)
    right = rng.uniform(size=400) < margin / 4.0
    evidence = [
        {"parse": float(m) ** 2 - 3.0, "weakest": log_odds(0.0), "margin": float(m)} for m in margin
    ]
    calibration = fit_calibration(scored(evidence, right, margin / 4.0))
    assert calibration.parse == calibration.intent
    assert list(calibration.parse.weights) == ["margin"]
    of_slots = [{**own, "weakest": log_odds(-0.5 - i / 400)} for i, own in enumerate(evidence)]
    calibration = fit_calibration(scored(of_slots, right, margin / 4.0))
    assert calibration.parse != calibration.intent


def test_few_rows_are_not_calibrated():
    assert fit_calibration(over_sure(FEWEST_ROWS - 1)) is None
    assert isinstance(fit_calibration(over_sure(FEWEST_ROWS)), Calibration)


def test_halves_take_every_second_row_of_either_kind():
    kind = np.array([True, True, False, True, False])
    assert alternating(kind).tolist() == [False, True, False, False, True]


@pytest.mark.parametrize("division", range(4))
def test_every_division_halves_both_kinds_and_is_another_one(division):
    kind = np.arange(100) % 5 > 0
    second = divided(kind, division)
    assert (second[kind].sum(), second[~kind].sum()) == (40, 10)
    assert second.tolist() == divided(kind, division).tolist()
    assert second.tolist() != divided(kind, division + 1).tolist()


def test_the_error_is_the_mean_over_divisions_not_that_of_a_lucky_one():
    rows = over_sure(600)
    each = [scored_by_halves(rows, division) for division in range(DIVISIONS)]
    errors = [calibration_error(own.parse_scores, own.parse_right) for own in each]
    assert max(errors) - min(errors) > 0.5
    found = measure_scores(rows, halves=True)["calibration_error"]
    assert found == pytest.approx(np.mean(errors), abs=0.006)


def test_rows_are_measured_with_what_was_fitted_on_the_others():
    rows = over_sure(3000)
    halves, second = scored_by_halves(rows), alternating(rows.parse_right)
    fitted = fit_calibration(rows.part(~second)).parse
    assert halves.parse_scores[second].tolist() == [
        fitted(own) for own, mine in zip(rows.evidence, second, strict=True) if mine
    ]
    record = measure_scores(rows, halves=True)
    assert 0 < record["calibration_error"] < 5
    assert sum(count for count, *_ in record["reliability"]) == 3000
    assert measure_scores(rows, halves=False)["calibration_error"] > 8


def test_scores_that_were_fitted_to_the_rows_themselves_were_measured_as_if_they_were_not():
    rows = over_sure(2 * FEWEST_ROWS - 1)
    assert fit_calibration(rows) is not None
    assert measure_scores(rows, halves=True) == {}


def test_just_enough_rows_had_no_halves_where_an_odd_number_of_them_is_right():
    rows = over_sure(2 * FEWEST_ROWS)
    right = np.arange(2 * FEWEST_ROWS) > 2
    rows = scored(rows.evidence, right, rows.parse_scores)
    assert len(scored_by_halves(rows).parse_scores) == 2 * FEWEST_ROWS
    assert "calibration_error" in measure_scores(rows, halves=True)


def test_a_text_without_a_token_is_left_out():
    rows = [Example("", "A", ()), Example("hi", "A", ()), Example("ho", "B", ())]
    parse = DecodedParse("A", 0.75, (), ("O",), intent_score=0.5, evidence={"parse": 1.0})
    answers = [
        Answer([], NO_PARSE, np.zeros(1)),
        Answer([(0, 2)], parse, np.zeros(1)),
        Answer([(0, 2)], parse, np.zeros(1)),
    ]
    found = ScoredRows.of(rows, answers)
    assert found.parse_right.tolist() == found.intent_right.tolist() == [True, False]
    assert (found.parse_scores.tolist(), found.intent_scores.tolist()) == ([0.75] * 2, [0.5] * 2)
    with pytest.raises(ValueError, match="same length"):
        ScoredRows.of(rows, answers[:2])


def test_logistic_regression_equals_scikit_learn():
    linear = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, 2))
    right = rng.random(300) < 1 / (1 + np.exp(-x @ [1.0, -2.0]))
    theirs = linear.LogisticRegression(C=10.0, tol=1e-8).fit(x, right)
    np.testing.assert_allclose(
        logistic_regression(x, right), [*theirs.coef_[0], *theirs.intercept_], atol=1e-3
    )
