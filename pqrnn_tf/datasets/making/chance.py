"""Draws that are the same on every platform and in every version of Python: `random()` is all they use."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")


def pick(rng: random.Random, options: Sequence[_T]) -> _T:
    """One of `options`, each as likely."""
    return options[int(rng.random() * len(options))]


def pick_weighted(rng: random.Random, options: Sequence[_T], weights: Sequence[float]) -> _T:
    """One of `options`, as likely as its weight says; at least one weight is more than 0."""
    choice = rng.random() * sum(weights)
    for option, weight in zip(options, weights, strict=True):
        choice -= weight
        if choice < 0.0:
            return option
    return next(option for option, weight in zip(options, weights, strict=True) if weight > 0.0)


def number(rng: random.Random, first: int, last: int) -> int:
    """A whole number from `first` to `last`."""
    return first + int(rng.random() * (last - first + 1))
