"""The specification: its limits, its serialised form, and the constants it determines."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pqrnn_tf.runtime.spec import (
    MAX_COEFFICIENT,
    MODULUS,
    PRIMES,
    ProjectionSpec,
    SpecError,
    SplitMix64,
    coefficients,
)


@pytest.mark.parametrize(
    "changes",
    [
        {"segmentation": "letters"},
        {"word_features": 0},
        {"word_features": 16.0},
        {"ngram_features": 100},
        {"ngram_features": 4096},
        {"ngram_features": 0},
        {"ngram_orders": ()},
        {"ngram_orders": (4, 3)},
        {"ngram_orders": (3, 3)},
        {"ngram_orders": (9,)},
        {"ngram_hashes": 0},
        {"max_code_points": 5000},
        {"max_tokens": True},
        {"seed": -1},
        {"version": 3},
        {"version": 1.0},
        {"version": True},
    ],
    ids=str,
)
def test_values_out_of_range_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match="Received: "):
        ProjectionSpec(**changes)


def test_json_round_trip() -> None:
    spec = ProjectionSpec(word_features=64, ngram_orders=(2, 5), seed=2**63 - 1)
    assert ProjectionSpec.from_json(spec.to_json()) == spec


def test_unknown_and_missing_fields_are_refused() -> None:
    values = ProjectionSpec().to_dict()
    with pytest.raises(SpecError, match=r"Unknown: \['extra'\]"):
        ProjectionSpec.from_dict({**values, "extra": 1})
    del values["seed"]
    with pytest.raises(SpecError, match=r"missing: \['seed'\]"):
        ProjectionSpec.from_dict(values)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000])
def test_a_text_that_is_no_specification_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match="A projection specification must be"):
        ProjectionSpec.from_json(text)


def test_a_dictionary_of_another_version_names_the_version() -> None:
    with pytest.raises(SpecError, match=r"`version` must be one of \(1, 2\).*Received: version=7"):
        ProjectionSpec.from_dict({"version": 7, "something": "new"})


def test_number_of_features() -> None:
    assert ProjectionSpec().features == 512 + 512 + 8
    bare = ProjectionSpec(word_features=3, ngram_features=0, ngram_orders=(), shape=False)
    assert bare.features == 3


def test_generator_is_splitmix64() -> None:
    # First output for the seed 1234567, from the published test vector of the algorithm.
    assert SplitMix64(1234567).below(2**32) == 6457827717110365317 >> 32


def test_primes_are_the_largest_below_two_to_the_fifteenth() -> None:
    def is_prime(n: int) -> bool:
        return all(n % d for d in range(2, math.isqrt(n) + 1))

    assert [n for n in range(2**15 - 1, 32712, -1) if is_prime(n)] == list(PRIMES)


def test_sums_are_exact_in_float32() -> None:
    worst = MODULUS + len(PRIMES) * MAX_COEFFICIENT * (MODULUS - 1)
    assert worst + 0.5 < 2**23
    spec = ProjectionSpec(seed=12)
    drawn = coefficients(spec)
    assert all(a % 2 and 0 < a <= MAX_COEFFICIENT for *row, _ in drawn.word for a in row)
    assert all(256 <= base < prime - 256 for base, prime in zip(drawn.bases, PRIMES, strict=True))
    assert len(drawn.word) == spec.word_features
    assert [len(hashes) for hashes in drawn.ngram] == [spec.ngram_hashes] * 2
