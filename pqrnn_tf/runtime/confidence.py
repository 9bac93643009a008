"""How sure a model is: calibrated probabilities, and the threshold below which a request is rejected.

What the decoder knows of a parse are a few numbers, `FEATURES`. A weighted sum of them, put through a monotone
piecewise linear map, is the probability that the parse or its intent is right; another one, below a threshold, says
that the request belongs to no intent. `pqrnn_tf.tasks.calibration` fits both; they travel in the description of the
.tflite. Needs the standard library only.
"""

from __future__ import annotations

import bisect
import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

FEATURES = (
    "parse",
    "weakest",
    "intent",
    "margin",
    "tokens",
    "highest",
    "energy",
    "outside",
)
"""What is known of a decoded parse.

- `parse`: log-odds of the whole parse, the intent and all tags, by the model's own probabilities;
- `weakest`: log-odds of the tag of the token whose tag is least likely;
- `intent`: log-odds of the intent;
- `margin`: logit of the intent minus the largest one of another intent;
- `tokens`: number of tokens;
- `highest`: logit of the intent;
- `energy`: logarithm of the sum of the powers of all intents' logits (Liu et al. 2020, arXiv 2010.03759);
- `outside`: logit of the intent of requests out of scope, 0 in a model without it.
"""

CERTAIN = -1e-12
"""The logarithm of the largest probability that log-odds are made of: they stay finite."""

Evidence = Mapping[str, float]
"""Values of `FEATURES`, at least those that are needed."""


class ConfidenceError(ValueError):
    """A calibration or rejection that is malformed."""


def log_odds(log_probability: float) -> float:
    """The logarithm of p / (1 − p) for the logarithm of p, which is cut at `CERTAIN`."""
    log_probability = min(log_probability, CERTAIN)
    return log_probability - math.log(-math.expm1(log_probability))


def _numbers(name: str, values: Any) -> tuple[float, ...]:
    if not isinstance(values, list | tuple) or not all(
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        for value in values
    ):
        raise ConfidenceError(f"`{name}` must be a list of finite numbers. Received: {values!r}.")
    return tuple(float(value) for value in values)


def _check_weights(weights: Any) -> dict[str, float]:
    if not isinstance(weights, Mapping) or not weights or not set(weights) <= set(FEATURES):
        received = sorted(weights) if isinstance(weights, Mapping) else weights
        raise ConfidenceError(
            f"`weights` must name at least one of {FEATURES} and nothing else. Received: {received!r}."
        )
    return dict(zip(weights, _numbers("weights", [*weights.values()]), strict=True))


@dataclasses.dataclass(frozen=True)
class ScoreMap:
    """A calibrated probability: a weighted sum of features, then a monotone map.

    Args:
        weights: Weights of some of `FEATURES`.
        sums: Weighted sums at the knots, strictly ascending.
        probabilities: Probabilities at the knots, from 0 to 1, not descending. Between two knots the map is
            linear, beyond them constant.

    Raises:
        ConfidenceError: if a value is not as it must be.
    """

    weights: Mapping[str, float]
    sums: Sequence[float]
    probabilities: Sequence[float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", _check_weights(self.weights))
        for name in ("sums", "probabilities"):
            object.__setattr__(self, name, _numbers(name, self.__dict__[name]))
        x, y = self.sums, self.probabilities
        if not x or any(a >= b for a, b in zip(x, x[1:], strict=False)):
            raise ConfidenceError(
                f"`sums` must be strictly ascending, at least one. Received: {list(x)}."
            )
        if len(y) != len(x) or any(a > b for a, b in zip((0.0, *y), (*y, 1.0), strict=True)):
            raise ConfidenceError(
                f"`probabilities` must be {len(x)} numbers from 0 to 1, not descending. "
                f"Received: {list(y)}."
            )

    def __call__(self, evidence: Evidence) -> float:
        """The probability for the features of a parse."""
        total = 0.0
        for name, weight in self.weights.items():
            total += weight * evidence[name]
        x, y = self.sums, self.probabilities
        right = bisect.bisect_right(x, total)
        if right == 0:
            return y[0]
        if right == len(x):
            return y[-1]
        share = (total - x[right - 1]) / (x[right] - x[right - 1])
        return y[right - 1] + share * (y[right] - y[right - 1])

    def to_dict(self) -> dict[str, Any]:
        """A dictionary of plain JSON values."""
        return {
            "weights": dict(self.weights),
            "from": list(self.sums),
            "to": list(self.probabilities),
        }

    @classmethod
    def from_dict(cls, values: Any) -> ScoreMap:
        """The inverse of `to_dict`.

        Raises:
            ConfidenceError: if a field is missing or unknown, or a value is not as it must be.
        """
        _check_fields("A map of scores", values, ("weights", "from", "to"))
        return cls(values["weights"], values["from"], values["to"])


@dataclasses.dataclass(frozen=True)
class Calibration:
    """The maps of a model.

    Args:
        parse: Probability that the whole parse is right.
        intent: Probability that its intent is.
        notes: What there is to say about the fit, as plain JSON values.
    """

    parse: ScoreMap
    intent: ScoreMap
    notes: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """A dictionary of plain JSON values."""
        return {
            "parse": self.parse.to_dict(),
            "intent": self.intent.to_dict(),
            "notes": dict(self.notes),
        }

    @classmethod
    def from_dict(cls, values: Any) -> Calibration:
        """The inverse of `to_dict`.

        Raises:
            ConfidenceError: if a field is missing or unknown, or a value is not as it must be.
        """
        _check_fields("A calibration", values, ("parse", "intent"), ("notes",))
        return cls(
            ScoreMap.from_dict(values["parse"]),
            ScoreMap.from_dict(values["intent"]),
            values.get("notes", {}),
        )


@dataclasses.dataclass(frozen=True)
class Rejection:
    """What is rejected: requests that belong to no intent, by a weighted sum of features below a threshold.

    Args:
        weights: Weights of some of `FEATURES`.
        threshold: Sum below which a request is rejected.
        outside: Intent of requests out of scope, which is never an answer; `""` in a model without it.
        notes: What there is to say about the threshold, as plain JSON values.

    Raises:
        ConfidenceError: if a value is not as it must be.
    """

    weights: Mapping[str, float]
    threshold: float
    outside: str = ""
    notes: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", _check_weights(self.weights))
        object.__setattr__(self, "threshold", _numbers("threshold", [self.threshold])[0])
        if not isinstance(self.outside, str):
            raise ConfidenceError(
                f"`outside` must be the name of an intent. Received: {self.outside!r}."
            )

    def score(self, evidence: Evidence) -> float:
        """The weighted sum of the features of a parse: the higher, the surer it is in scope."""
        return sum(weight * evidence[name] for name, weight in self.weights.items())

    def __call__(self, evidence: Evidence) -> bool:
        """Whether a request with the features of a parse is rejected."""
        return self.score(evidence) < self.threshold

    def to_dict(self) -> dict[str, Any]:
        """A dictionary of plain JSON values."""
        return {
            "weights": dict(self.weights),
            "threshold": self.threshold,
            **({"outside": self.outside} if self.outside else {}),
            "notes": dict(self.notes),
        }

    @classmethod
    def from_dict(cls, values: Any) -> Rejection:
        """The inverse of `to_dict`.

        Raises:
            ConfidenceError: if a field is missing or unknown, or a value is not as it must be.
        """
        _check_fields("A rejection", values, ("weights", "threshold"), ("outside", "notes"))
        return cls(**values)


def _check_fields(
    what: str, values: Any, needed: Sequence[str], optional: Sequence[str] = ()
) -> None:
    if not isinstance(values, Mapping) or not (set(needed) <= set(values) <= {*needed, *optional}):
        received = sorted(values) if isinstance(values, Mapping) else values
        raise ConfidenceError(
            f"{what} has the fields {[*needed, *optional]}. Received: {received!r}."
        )


def shared_rest(best: float, log_best: float, log_others: Sequence[float]) -> list[float]:
    """Calibrated probabilities of other answers than the best: they share what it leaves.

    The shares are in proportion to the model's own probabilities, and no answer gets more than the best.

    Args:
        best: The calibrated probability of the best answer.
        log_best: The logarithm of the model's own probability of it.
        log_others: The same of the others.
    """
    own = [math.exp(log) for log in log_others]
    whole = max(-math.expm1(min(log_best, 0.0)), math.fsum(own))
    return [min(best, (1.0 - best) * value / whole) if whole > 0.0 else 0.0 for value in own]
