"""Calibrated scores: probabilities that a parse and its intent are right, fitted on rows that were not trained on.

A model's own probabilities are no such thing: label smoothing and long texts make them too small, a bag head too
large. A logistic regression of a few features of the decoded parse (Platt 1999, *Probabilistic Outputs for Support
Vector Machines*) gives one number that rises with the probability, and isotonic regression (Zadrozny and Elkan 2002,
*Transforming Classifier Scores into Accurate Multiclass Probability Estimates*) makes a probability of it. Neighbouring
steps of the latter are joined where the logarithm of the likelihood loses less than that of the number of rows: half
of it for each of the two numbers that a step has, its place and its height (Schwarz 1978, *Estimating the Dimension of
a Model*). What is finer is chance. Inside a step the score still rises by a point, so that it ranks parses as the
features do.

The measure is the expected calibration error (Guo et al. 2017, arXiv 1706.04599): scores in `BINS` bins of equal
width, and the mean distance of a bin's mean score from the share of its rows that are right. Needs numpy only.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.runtime.confidence import Calibration, Evidence, ScoreMap, log_odds
from pqrnn_tf.tasks.metrics import Answer, gold_intent, is_right_parse

BINS = 15
"""Bins of the expected calibration error."""
FEWEST_ROWS = 40
"""Rows below which nothing is fitted."""
DIVISIONS = 10
"""Ways to cut rows into halves of which a fitted calibration is measured; their mean depends less on chance."""
RISE = 0.005
"""By how much the score falls and rises from the middle of a step to its ends."""
RIDGE = 0.1
"""Penalty of the logistic regression, of features with variance 1."""
STEPS_OF_NEWTON = 50

PARSE_FEATURES = ("parse", "weakest")
"""What the score of a parse is made of."""
INTENT_FEATURES = ("margin",)
"""What the score of an intent is made of."""


@dataclasses.dataclass(frozen=True)
class ScoredRows:
    """Scores of the parses of some rows, and whether these are right. Texts without a token are left out.

    Attributes:
        evidence: Features of each parse; empty where the decoder did not keep them.
        parse_scores, intent_scores: Floats `(rows,)`, what the parses say of themselves.
        parse_right: Bool `(rows,)`, whether everything is right, see `is_right_parse`.
        intent_right: Bool `(rows,)`, whether the intent is.
    """

    evidence: Sequence[Evidence]
    parse_scores: np.ndarray
    intent_scores: np.ndarray
    parse_right: np.ndarray
    intent_right: np.ndarray

    @classmethod
    def of(cls, examples: Sequence[Example], answers: Sequence[Answer]) -> ScoredRows:
        """The rows of a model.

        Args:
            examples: The true rows.
            answers: What the model says of each.

        Raises:
            ValueError: if there are not as many answers as rows.
        """
        if len(examples) != len(answers):
            raise ValueError(
                "`examples` and `answers` must have the same length. "
                f"Received: {len(examples)} and {len(answers)}."
            )
        pairs = [
            (row, answer) for row, answer in zip(examples, answers, strict=True) if answer.spans
        ]
        parses = [answer.parse for _, answer in pairs]
        return cls(
            [parse.evidence for parse in parses if parse.evidence is not None],
            np.array([parse.score for parse in parses], float),
            np.array([parse.intent_score for parse in parses], float),
            np.array([is_right_parse(row, own.spans, own.parse) for row, own in pairs], bool),
            np.array([own.parse.intent == gold_intent(row) for row, own in pairs], bool),
        )

    def part(self, rows: np.ndarray) -> ScoredRows:
        """Some of the rows, by a mask."""
        evidence = [own for own, kept in zip(self.evidence, rows, strict=True) if kept]
        return ScoredRows(
            evidence,
            *(
                getattr(self, name)[rows]
                for name in ("parse_scores", "intent_scores", "parse_right", "intent_right")
            ),
        )


@dataclasses.dataclass(frozen=True)
class Bin:
    """Rows with scores of about the same size.

    Attributes:
        rows: How many.
        score: Their mean score, from 0 to 1.
        right: Share of them that are right.
    """

    rows: int
    score: float
    right: float


def reliability(scores: np.ndarray, right: np.ndarray, *, bins: int = BINS) -> list[Bin]:
    """The rows by their scores, in bins of equal width; bins without rows are left out.

    Args:
        scores: Floats `(rows,)` from 0 to 1.
        right: Bool `(rows,)`.
        bins: Number of bins.
    """
    # A score at the edge of two bins is in the lower one.
    place = np.clip(np.ceil(np.asarray(scores) * bins) - 1, 0, bins - 1).astype(int)
    return [
        Bin(int(own.sum()), float(scores[own].mean()), float(right[own].mean()))
        for own in (place == i for i in range(bins))
        if own.any()
    ]


def calibration_error(scores: np.ndarray, right: np.ndarray, *, bins: int = BINS) -> float:
    """The expected calibration error, in points: 0 where scores are as they must be; 0 without rows.

    Args:
        scores: Floats `(rows,)` from 0 to 1.
        right: Bool `(rows,)`.
        bins: Number of bins of equal width.

    Example:
    ```python
    calibration_error(np.array([0.8, 0.8]), np.array([True, False]))  # 30.0
    ```
    """
    found = reliability(scores, right, bins=bins)
    whole = sum(own.rows for own in found)
    return 100.0 * sum(own.rows * abs(own.score - own.right) for own in found) / max(1, whole)


def fit_map(evidence: Sequence[Evidence], right: np.ndarray, features: Sequence[str]) -> ScoreMap:
    """The map from features to the probability that something is right; the same rows give the same map.

    Args:
        evidence: Features of each row.
        right: Bool `(rows,)`.
        features: Names of those that the map may use. A feature with which the probability would fall is left out, as
            long as there is another one.

    Raises:
        ValueError: if there are no rows.
    """
    if not evidence or len(evidence) != len(right):
        raise ValueError(
            "`evidence` and `right` must have the same length, at least one. "
            f"Received: {len(evidence)} and {len(right)}."
        )
    right = np.asarray(right, bool)
    weights = _weights(evidence, right, features)
    sums = sum(
        weight * np.array([own[name] for own in evidence]) for name, weight in weights.items()
    )
    return ScoreMap(weights, *_knots(_steps(np.asarray(sums), right)))


def fit_calibration(rows: ScoredRows) -> Calibration | None:
    """The calibration of a model; `None` where there are fewer than `FEWEST_ROWS` rows.

    A model without slots, whose tags are certain in all rows, has one map, that of its intents: two of them would say
    two probabilities of one thing.

    Args:
        rows: Rows that the model was not trained on, with evidence.
    """
    return None if len(rows.evidence) < FEWEST_ROWS else _fitted(rows)


def _fitted(rows: ScoredRows) -> Calibration:
    intent = fit_map(rows.evidence, rows.intent_right, INTENT_FEATURES)
    certain = log_odds(0.0)
    without_slots = all(own["weakest"] >= certain for own in rows.evidence)
    return Calibration(
        parse=intent if without_slots else fit_map(rows.evidence, rows.parse_right, PARSE_FEATURES),
        intent=intent,
        notes={"rows": len(rows.evidence)},
    )


def alternating(kind: np.ndarray) -> np.ndarray:
    """A mask of every second row of either kind, by a bool `(rows,)`: a half as like the other as can be."""
    second = np.zeros(len(kind), bool)
    for own in (kind, ~kind):
        second[np.flatnonzero(own)[1::2]] = True
    return second


def divided(kind: np.ndarray, division: int) -> np.ndarray:
    """A mask of a random half of either kind, by a bool `(rows,)`; that of `alternating` for `division` 0."""
    if not division:
        return alternating(kind)
    rng = np.random.default_rng(division)
    second = np.zeros(len(kind), bool)
    for own in (kind, ~kind):
        second[rng.permutation(np.flatnonzero(own))[1::2]] = True
    return second


def scored_by_halves(rows: ScoredRows, division: int = 0) -> ScoredRows | None:
    """The rows with scores of maps that were not fitted to them; `None` for fewer than `2 · FEWEST_ROWS`.

    Half of the rows that are right, and half of those that are wrong, make a half; the map of each half scores the
    other one. (A file has the map of all rows.)

    Args:
        rows: Rows with evidence.
        division: Which rows make a half, see `divided`.
    """
    if len(rows.evidence) < 2 * FEWEST_ROWS:
        return None
    second = divided(rows.parse_right, division)
    parse, intent = np.zeros(len(second)), np.zeros(len(second))
    for scored in (second, ~second):
        calibration = _fitted(rows.part(~scored))  # of an odd number of rows a half has one less
        others = rows.part(scored).evidence
        parse[scored] = [calibration.parse(own) for own in others]
        intent[scored] = [calibration.intent(own) for own in others]
    return dataclasses.replace(rows, parse_scores=parse, intent_scores=intent)


def measure_scores(rows: ScoredRows, *, halves: bool) -> dict[str, Any]:
    """How far scores are from the share of the rows that are right.

    Args:
        rows: The rows.
        halves: Whether a calibration is to be measured that was fitted to them. Then they are scored as
            `scored_by_halves` does. The errors are those of all rows, each scored by what was fitted to the other
            half: of each half by itself chance makes a larger one. One division into halves gives an error by chance
            that another one does not, so that it is the mean of `DIVISIONS`.

    Returns:
        Nothing where there are too few rows for halves; else `calibration_error` and `intent_calibration_error`, in
        points; `reliability`, a list of `[rows, score, right]` for each bin that has rows, the latter two in percent,
        of the first division.
    """
    each = [scored_by_halves(rows, division) for division in range(DIVISIONS)] if halves else []
    scored = [own for own in each if own is not None] if halves else [rows]
    if not scored:
        return {}
    errors = {
        "calibration_error": [
            calibration_error(own.parse_scores, own.parse_right) for own in scored
        ],
        "intent_calibration_error": [
            calibration_error(own.intent_scores, own.intent_right) for own in scored
        ],
    }
    rows = scored[0]
    return {
        **{name: round(sum(values) / len(values), 2) for name, values in errors.items()},
        "reliability": [
            [own.rows, round(100.0 * own.score, 2), round(100.0 * own.right, 2)]
            for own in reliability(rows.parse_scores, rows.parse_right)
        ],
    }


def _weights(
    evidence: Sequence[Evidence], right: np.ndarray, features: Sequence[str]
) -> dict[str, float]:
    """Positive weights of features, of a logistic regression; the first feature only where nothing can be fitted."""
    left = list(features)
    while len(left) > 1 and right.any() and not right.all():
        x = np.array([[own[name] for name in left] for own in evidence], float)
        spread = x.std(axis=0)
        if (spread < 1e-9).any():
            left = [name for name, own in zip(left, spread, strict=True) if own >= 1e-9]
            continue
        weights = logistic_regression((x - x.mean(axis=0)) / spread, right)[:-1] / spread
        if (weights > 0).all():
            return {
                name: float(f"{weight:.6g}") for name, weight in zip(left, weights, strict=True)
            }
        del left[int(np.argmin(weights * spread))]
    return {(left or list(features))[0]: 1.0}


def logistic_regression(
    x: np.ndarray,
    right: np.ndarray,
    *,
    of_rows: np.ndarray | float = 1.0,
    ridge: float = RIDGE,
) -> np.ndarray:
    """Weights and, last, the bias of a logistic regression, by Newton's method.

    Args:
        x: Floats `(rows, features)`, of mean 0 and variance 1.
        right: Bool `(rows,)`.
        of_rows: How much each row weighs, `(rows,)`, or all.
        ridge: Penalty of the squared weights.

    Returns:
        Floats `(features + 1,)`.
    """
    x = np.column_stack([x, np.ones(len(x))])
    penalty = np.diag([*[ridge] * (x.shape[1] - 1), 1e-6])
    weights = np.zeros(x.shape[1])

    def loss(weights: np.ndarray) -> float:
        logits = x @ weights
        each = np.logaddexp(0, logits) - right * logits
        return float((of_rows * each).sum() + weights @ penalty @ weights / 2)

    now = loss(weights)
    for _ in range(STEPS_OF_NEWTON):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -50, 50)))
        gradient = x.T @ (of_rows * (p - right)) + penalty @ weights
        step = np.linalg.solve((x.T * (of_rows * p * (1 - p))) @ x + penalty, gradient)
        size = 1.0
        while size > 1e-6 and loss(weights - size * step) > now:
            size /= 2
        before, weights = now, weights - size * step
        now = loss(weights)
        if before - now < 1e-9:
            break
    return weights


@dataclasses.dataclass
class _Step:
    """Rows with neighbouring sums.

    Attributes:
        rows, right: How many, and how many of them are right.
        low, high: Their smallest and largest sum.
    """

    rows: int
    right: int
    low: float
    high: float

    def join(self, other: _Step) -> None:
        """Takes the rows of the next step in."""
        self.rows, self.right, self.high = (
            self.rows + other.rows,
            self.right + other.right,
            other.high,
        )

    def with_(self, other: _Step) -> _Step:
        """Both as one step."""
        return _Step(self.rows + other.rows, self.right + other.right, self.low, other.high)

    @property
    def log_likelihood(self) -> float:
        """That of its rows, of which a share is right."""
        counts = (self.right, self.rows - self.right)
        return sum(count * math.log(count / self.rows) for count in counts if count)


def _steps(sums: np.ndarray, right: np.ndarray) -> list[_Step]:
    """Isotonic regression by pooling adjacent violators, of which only steps are left that rows enough tell of."""
    steps: list[_Step] = []
    sums = np.array([float(f"{value:.9g}") for value in sums])  # knots have no more digits
    for place in np.argsort(sums, kind="stable").tolist():
        value = float(sums[place])
        steps.append(_Step(1, int(right[place]), value, value))
        while len(steps) > 1 and (
            steps[-2].high >= steps[-1].low
            or steps[-2].right * steps[-1].rows >= steps[-1].right * steps[-2].rows
        ):
            steps[-2].join(steps.pop())
    while len(steps) > 1:
        losses = [
            first.log_likelihood + second.log_likelihood - first.with_(second).log_likelihood
            for first, second in itertools.pairwise(steps)
        ]
        i = losses.index(min(losses))
        if losses[i] >= math.log(len(sums)):
            break
        steps[i].join(steps.pop(i + 1))
    return steps


def _knots(steps: Sequence[_Step]) -> tuple[list[float], list[float]]:
    """Sums and probabilities of the map's knots: two for a step, one where its rows have one sum."""
    # Half a row more of either kind: no probability is 0 or 1.
    levels = [(step.right + 0.5) / (step.rows + 1) for step in steps]
    edges = [0.0, *((a + b) / 2 for a, b in zip(levels, levels[1:], strict=False)), 1.0]
    sums, probabilities = [], []
    for i, (step, level) in enumerate(zip(steps, levels, strict=True)):
        ends = [
            (step.low, max(level - RISE, edges[i])),
            (step.high, min(level + RISE, edges[i + 1])),
        ]
        for value, probability in ends if step.low < step.high else [(step.low, level)]:
            sums.append(value)
            probabilities.append(round(probability, 6))
    return sums, [float(p) for p in np.maximum.accumulate(probabilities)]
