"""Scope scores, computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.tasks.out_of_scope import ScopeRows, area_under_roc, choose_threshold, score_scope

LABELS = LabelSet(("A", "B", "oos"), ("O",))


def rows(inside: list[tuple[float, bool]], outside: list[float]) -> ScopeRows:
    """Rows in scope as (confidence, right), and confidences of rows out of scope."""
    confidence = [value for value, _ in inside] + outside
    right = [value for _, value in inside] + [False] * len(outside)
    kinds = [False] * len(inside) + [True] * len(outside)
    values = np.array(confidence), np.array(right), np.array(kinds)
    return ScopeRows(*values, answered_outside=np.zeros(len(confidence), bool))


def test_confidence_is_the_largest_probability_in_scope():
    examples = [Example("a", "A", ()), Example("b", "B", ()), Example("c", "oos", ())]
    probabilities = [[0.7, 0.1, 0.2], [0.3, 0.2, 0.5], [0.2, 0.2, 0.6]]
    logits = [np.log(row).astype(np.float32) + 5 for row in probabilities]
    found = ScopeRows.of(examples, logits, LABELS)
    np.testing.assert_allclose(found.confidence, [0.7, 0.3, 0.2], rtol=1e-6)
    assert found.right.tolist() == [True, False, False]
    assert found.outside.tolist() == [False, False, True]
    assert found.answered_outside.tolist() == [False, True, True]


def test_a_model_without_the_intent_has_confidence_too():
    found = ScopeRows.of([Example("x", "oos", ())], [np.zeros(2)], LabelSet(("A", "B"), ("O",)))
    assert (found.confidence.tolist(), found.answered_outside.tolist()) == ([0.5], [False])


def test_labels_without_an_intent_in_scope_are_refused():
    with pytest.raises(LabelError, match="must have another intent than 'oos'"):
        ScopeRows.of([], [], LabelSet(("oos",), ("O",)))


def test_lengths_of_rows_and_logits_must_agree():
    with pytest.raises(ValueError, match="same length"):
        ScopeRows.of([Example("x", "A", ())], [], LABELS)


def test_roc_counts_ties_half():
    # Pairs: 0.9 over both, 0.5 over 0.1 and level with 0.5: (2 + 1.5) of 4.
    assert area_under_roc(rows([(0.9, True), (0.5, True)], [0.1, 0.5])) == 3.5 / 4


def test_threshold_lies_between_the_kinds():
    assert choose_threshold(rows([(0.9, True), (0.6, True)], [0.2, 0.4])) == 0.5


def test_threshold_costs_nothing_where_the_intent_is_wrong_anyway():
    # Rejecting below 0.8 loses only a row that is wrong, and rejects the row at 0.7.
    assert choose_threshold(rows([(0.9, True), (0.6, False)], [0.7])) == pytest.approx(0.8)


def test_of_equal_thresholds_the_one_that_rejects_fewest():
    # Rejecting 0.3 gains a half of the recall; rejecting 0.6 as well, at the cost of 0.5, gains nothing.
    found = choose_threshold(rows([(0.9, True), (0.5, True)], [0.3, 0.6]))
    assert found == pytest.approx(0.4)


def test_the_threshold_does_not_depend_on_how_many_rows_are_out_of_scope():
    inside = [(0.9, True), (0.8, True), (0.5, True), (0.3, True)]
    few, many = [0.2, 0.4], [0.2, 0.4] * 50
    assert choose_threshold(rows(inside, few)) == choose_threshold(rows(inside, many))


def test_all_rows_may_be_rejected():
    found = choose_threshold(rows([(0.5, False)], [0.9]))
    assert math.nextafter(0.9, 1) == pytest.approx(found)
    assert found > 0.9


def test_scores_with_a_threshold_of_other_rows():
    development = rows([(0.9, True), (0.6, True)], [0.2, 0.4])
    scores = score_scope(rows([(0.9, True), (0.45, True)], [0.1, 0.7]), development=development)
    assert (scores.in_scope_accuracy, scores.out_of_scope_recall) == (50.0, 50.0)
    assert (scores.threshold, scores.auroc) == (0.5, 75.0)
    assert (scores.in_scope_rows, scores.out_of_scope_rows) == (2, 2)
    assert (scores.in_scope_accuracy_untuned, scores.out_of_scope_recall_untuned) == (100.0, 0.0)


def test_development_rows_are_scored_with_the_threshold_of_their_other_half():
    # First half: 0.9 and 0.1, so 0.5; second half: 0.4 and 0.3, so 0.35. Hence 0.4 is rejected, and both
    # rows out of scope are; one threshold for all rows would have kept 0.4.
    scored = rows([(0.9, True), (0.4, True)], [0.1, 0.3])
    scores = score_scope(scored)
    assert scores.threshold == pytest.approx(0.35)
    assert (scores.in_scope_accuracy, scores.out_of_scope_recall) == (50.0, 100.0)


@pytest.mark.parametrize(("inside", "outside"), [([(0.5, True)], []), ([], [0.5])])
def test_both_kinds_of_rows_are_needed(inside, outside):
    with pytest.raises(ValueError, match="must have rows in scope and rows with the intent 'oos'"):
        score_scope(rows(inside, outside))


def test_scores_are_rounded_for_json():
    scores = score_scope(
        rows([(0.9, True)] * 2 + [(0.8, False)], [0.1] * 3),
        development=rows([(1 / 3, True)], [0.1]),
    )
    assert scores.to_dict()["in_scope_accuracy"] == 66.67
    assert scores.to_dict()["threshold"] == 0.216667
