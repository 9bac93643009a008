"""Requests that belong to no intent: how well a model distinguishes them from the others.

A model is trained on the intent `OUT_OF_SCOPE` as on any other, where its rows have it. Such rows are few and of
every kind, so its own probability misses many; the confidence that a request is in scope is therefore the
largest probability of any *other* intent (Hendrycks and Gimpel 2017, arXiv 1610.02136), which falls both where the
model sees something out of scope and where it does not know. A request below a threshold is rejected, any
other gets the likeliest intent in scope (Larson et al. 2019, arXiv 1909.02027, section 4, has both parts apart).
A file may have a rejection with a better score (`pqrnn_tf.tasks.rejection`), which is scored here as well.

The threshold is the one with the largest sum of in-scope accuracy and out-of-scope recall on development rows, so
that it does not depend on how many rows of each kind these have. Needs numpy, and scikit-learn (extra
`train`) for the area under the ROC curve.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from pqrnn_tf.datasets.rows import OUT_OF_SCOPE, Example
from pqrnn_tf.extras import require
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.tasks.metrics import gold_intent


@dataclasses.dataclass(frozen=True)
class ScopeScores:
    """Scores of rows in and out of scope, in percent except for the threshold.

    Attributes:
        in_scope_rows: Rows with an intent.
        out_of_scope_rows: Rows without one.
        in_scope_accuracy: Share of the rows in scope with the right intent that are not rejected.
        out_of_scope_recall: Share of the rows out of scope that are rejected.
        auroc: How often a row in scope has more confidence than one out of scope (ties count half);
            the area under the receiver operating characteristic, which needs no threshold.
        threshold: Confidence below which a request is rejected.
        in_scope_accuracy_untuned: In-scope accuracy if nothing but the intent `OUT_OF_SCOPE` rejects.
        out_of_scope_recall_untuned: Out-of-scope recall if nothing but the intent `OUT_OF_SCOPE` rejects.
    """

    in_scope_rows: int
    out_of_scope_rows: int
    in_scope_accuracy: float
    out_of_scope_recall: float
    auroc: float
    threshold: float
    in_scope_accuracy_untuned: float
    out_of_scope_recall_untuned: float

    def to_dict(self) -> dict[str, Any]:
        """A dictionary of plain JSON values: percentages with two decimals, the threshold with six."""
        return {
            name: round(value, 6 if name == "threshold" else 2)
            for name, value in vars(self).items()
        }


@dataclasses.dataclass(frozen=True)
class ScopeRows:
    """What a model says of the scope of some rows.

    Attributes:
        confidence: Float64 `(rows,)`, the largest probability of an intent in scope.
        right: Bool `(rows,)`, whether that intent is the true one.
        outside: Bool `(rows,)`, whether the row is out of scope.
        answered_outside: Bool `(rows,)`, whether `OUT_OF_SCOPE` is the likeliest intent.
    """

    confidence: np.ndarray
    right: np.ndarray
    outside: np.ndarray
    answered_outside: np.ndarray

    @classmethod
    def of(
        cls, examples: Sequence[Example], intent_logits: Sequence[np.ndarray], labels: LabelSet
    ) -> ScopeRows:
        """The rows of a model.

        Args:
            examples: The true rows.
            intent_logits: For each its floats `(intents,)`.
            labels: Labels of the model.

        Raises:
            LabelError: If the model has no intent in scope.
            ValueError: If there are not as many logits as rows.
        """
        columns = [i for i, name in enumerate(labels.intents) if name != OUT_OF_SCOPE]
        if not columns:
            raise LabelError(
                f"`labels` must have another intent than {OUT_OF_SCOPE!r}. Received: none."
            )
        if len(examples) != len(intent_logits):
            raise ValueError(
                "`examples` and `intent_logits` must have the same length. "
                f"Received: {len(examples)} and {len(intent_logits)}."
            )
        logits = np.asarray(intent_logits, np.float64).reshape(-1, len(labels.intents))
        powers = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
        inside = powers[:, columns]
        gold = [gold_intent(example) for example in examples]
        guess = [labels.intents[columns[i]] for i in inside.argmax(axis=1)]
        return cls(
            confidence=inside.max(axis=1) / powers.sum(axis=1),
            right=np.array([a == b for a, b in zip(gold, guess, strict=True)], bool),
            outside=np.array([intent == OUT_OF_SCOPE for intent in gold], bool),
            answered_outside=np.array(
                [labels.intents[i] == OUT_OF_SCOPE for i in logits.argmax(axis=1)], bool
            ),
        )

    def part(self, rows: np.ndarray) -> ScopeRows:
        """Some of the rows, by a mask or numbers."""
        return ScopeRows(
            self.confidence[rows],
            self.right[rows],
            self.outside[rows],
            self.answered_outside[rows],
        )


def _check_both_kinds(name: str, rows: ScopeRows) -> None:
    outside = int(rows.outside.sum())
    if not 0 < outside < len(rows.outside):
        raise ValueError(
            f"`{name}` must have rows in scope and rows with the intent {OUT_OF_SCOPE!r}. "
            f"Received: {len(rows.outside) - outside} and {outside}."
        )


def choose_threshold(rows: ScopeRows) -> float:
    """The confidence to reject below, with the largest sum of in-scope accuracy and out-of-scope recall.

    It lies half-way between two rows; of equally good ones, it is the one that rejects the fewest.

    Raises:
        ValueError: If rows of either kind are missing.
    """
    _check_both_kinds("rows", rows)
    levels = np.unique(rows.confidence)
    thresholds = np.concatenate(
        [[0.0], (levels[:-1] + levels[1:]) / 2, [np.nextafter(levels[-1], 2)]]
    )
    kept = np.sort(rows.confidence[~rows.outside & rows.right])
    outside = np.sort(rows.confidence[rows.outside])
    accuracy = 1 - np.searchsorted(kept, thresholds) / max(1, len(kept))
    accuracy *= len(kept) / np.sum(~rows.outside)
    recall = np.searchsorted(outside, thresholds) / len(outside)
    return float(thresholds[np.argmax(accuracy + recall)])


def area_under_roc(rows: ScopeRows) -> float:
    """The probability that a row in scope has more confidence than one out of scope; ties count half.

    Raises:
        ValueError: If rows of either kind are missing.
        ImportError: If scikit-learn is not installed.
    """
    _check_both_kinds("rows", rows)
    metrics = require("sklearn.metrics")
    return float(metrics.roc_auc_score(~rows.outside, rows.confidence))


def score_scope(
    rows: ScopeRows, *, development: ScopeRows | None = None, threshold: float | None = None
) -> ScopeScores:
    """Scores rows with a threshold that was not chosen on them.

    Args:
        rows: The rows to score.
        development: Rows to choose the threshold on; `None` if `rows` are the development rows. These are
            then cut in two halves, every second row of either kind, and the threshold of each half decides
            the other one, so that the scores are not those of a threshold fitted to them. `threshold` is in
            either case that of all development rows.
        threshold: One that is known already; then nothing is chosen.

    Raises:
        ValueError: If rows of either kind are missing; without `development`, in either half.
    """
    _check_both_kinds("rows", rows)
    known = threshold is not None
    if threshold is None:
        threshold = choose_threshold(rows if development is None else development)
    if development is None and not known:
        second = np.zeros(len(rows.outside), bool)
        for kind in (rows.outside, ~rows.outside):
            second[np.flatnonzero(kind)[1::2]] = True
        # Each half is rejected by what was chosen on the other one.
        limits = np.where(
            second, choose_threshold(rows.part(~second)), choose_threshold(rows.part(second))
        )
    else:
        limits = np.full(len(rows.outside), threshold)
    rejected = rows.confidence < limits
    inside = ~rows.outside

    def percent(values: np.ndarray) -> float:
        return 100.0 * float(values.mean())

    return ScopeScores(
        in_scope_rows=int(inside.sum()),
        out_of_scope_rows=int(rows.outside.sum()),
        in_scope_accuracy=percent((rows.right & ~rejected)[inside]),
        out_of_scope_recall=percent(rejected[rows.outside]),
        auroc=100.0 * area_under_roc(rows),
        threshold=threshold,
        in_scope_accuracy_untuned=percent((rows.right & ~rows.answered_outside)[inside]),
        out_of_scope_recall_untuned=percent(rows.answered_outside[rows.outside]),
    )
