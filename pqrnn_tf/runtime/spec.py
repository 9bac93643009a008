"""The frozen, versioned description of a projection."""

from __future__ import annotations

import dataclasses
import functools
import json
from typing import Any

VERSIONS = (1, 2)
"""The projections that this package computes; a new specification has the last one."""

PRIMES = (32749, 32719, 32717, 32713)
"""The four largest primes below 2^15: a product of two residues stays below 2^30."""

NGRAM_PRIMES = 2
"""n-grams are hashed modulo the first two primes only: they share a few hundred buckets anyway."""

MODULUS = 4096
"""Residues are reduced to twelve bits and combined modulo this number."""

MAX_COEFFICIENT = 511
"""Odd coefficients up to here keep every sum below 2^23, exact in int32 and in float32."""

BEGIN, END = 2, 3
"""Values that stand for the two ends of a token in n-grams (control characters, never in a token)."""

SHAPE_FEATURES = (
    "initial_capital",
    "all_capitals",
    "inner_capital",
    "digit",
    "punctuation",
    "alone",
    "glued",
    "single",
)
SEGMENTATIONS = ("unicode", "spaces", "words")

MAX_NGRAM_ORDER = 8
LIMITS = {
    "word_features": (1, 8192),
    "ngram_features": (0, 2048),
    "ngram_hashes": (1, 16),
    "max_code_points": (1, 4096),
    "max_tokens": (1, 4096),
    "seed": (0, 2**63 - 1),
}
"""Smallest and largest value of each number of a specification."""


class SpecError(ValueError):
    """A projection specification that is not valid or not supported."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProjectionSpec:
    """What a projection computes. Equal specifications give equal bits on every platform.

    Args:
        segmentation: `"unicode"` for raw text; `"words"` for raw text in which languages written without
            spaces, such as Thai, have their words separated by spaces; `"spaces"` for text that is already
            split into tokens by white space.
        lowercase: Whether hashes are taken of the lower-cased token (shape features always see the
            caller's own capitals).
        word_features: Ternary features hashed from the whole token.
        ngram_features: Ternary features shared by the character n-grams of the token; 0 or a power
            of two of at most 2048.
        ngram_orders: Lengths of the n-grams, counting the marks for the ends of the token.
        ngram_hashes: Features that one n-gram sets.
        shape: Whether the shape features (`SHAPE_FEATURES`) are appended.
        max_code_points: Longer texts are cut at the last token that ends within it.
        max_tokens: Further tokens are cut.
        seed: Start of the generator of all hash coefficients.
        version: Version of the rules, one of `VERSIONS`: 2 computes what 1 does of the folded text
            (`runtime.folding`), so that forms of the same text have equal features.

    Raises:
        SpecError: if a value is out of range or the version is not supported.
    """

    segmentation: str = "unicode"
    lowercase: bool = True
    word_features: int = 512
    ngram_features: int = 512
    ngram_orders: tuple[int, ...] = (3, 4)
    ngram_hashes: int = 4
    shape: bool = True
    max_code_points: int = 256
    max_tokens: int = 64
    seed: int = 1
    version: int = VERSIONS[-1]

    def __post_init__(self) -> None:
        if not isinstance(self.ngram_orders, (list, tuple)):
            raise SpecError(
                f"`ngram_orders` must be whole numbers from 1 to {MAX_NGRAM_ORDER}. "
                f"Received: {self.ngram_orders!r}."
            )
        object.__setattr__(self, "ngram_orders", tuple(self.ngram_orders))
        for name in ("lowercase", "shape"):
            if not isinstance(getattr(self, name), bool):
                raise SpecError(
                    f"`{name}` must be true or false. Received: {getattr(self, name)!r}."
                )
        if type(self.version) is not int or self.version not in VERSIONS:
            raise SpecError(
                f"`version` must be one of {VERSIONS}, the projections that this package computes. "
                f"Received: version={self.version!r}. A model made with another version needs the "
                "package that made it, or to be trained again."
            )
        if self.segmentation not in SEGMENTATIONS:
            raise SpecError(
                f"`segmentation` must be one of {SEGMENTATIONS}. "
                f"Received: segmentation={self.segmentation!r}."
            )
        for name, (low, high) in LIMITS.items():
            self._check_range(name, low, high)
        if self.ngram_features & (self.ngram_features - 1):
            raise SpecError(
                "`ngram_features` must be 0 or a power of two. "
                f"Received: ngram_features={self.ngram_features}."
            )
        orders = self.ngram_orders
        if any(
            isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MAX_NGRAM_ORDER
            for n in orders
        ):
            raise SpecError(
                f"`ngram_orders` must be whole numbers from 1 to {MAX_NGRAM_ORDER}. "
                f"Received: {orders!r}."
            )
        if list(orders) != sorted(set(orders)) or bool(orders) != bool(self.ngram_features):
            raise SpecError(
                "`ngram_orders` must rise without repeats, and be empty exactly when "
                f"`ngram_features` is 0. Received: ngram_orders={orders!r}, "
                f"ngram_features={self.ngram_features}."
            )

    def _check_range(self, name: str, low: int, high: int) -> None:
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise SpecError(
                f"`{name}` must be a whole number from {low} to {high}. Received: {value!r}."
            )

    @property
    def features(self) -> int:
        """Width of the feature vector of one token."""
        shape = len(SHAPE_FEATURES) if self.shape else 0
        return self.word_features + self.ngram_features + shape

    def to_dict(self) -> dict[str, Any]:
        """A dictionary of plain JSON values."""
        return {**dataclasses.asdict(self), "ngram_orders": list(self.ngram_orders)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ProjectionSpec:
        """The inverse of `to_dict`.

        Raises:
            SpecError: if a name is unknown or missing, a value is out of range, or the version is
                none that this package computes.
        """
        names = {field.name for field in dataclasses.fields(cls)}
        if not isinstance(values, dict):
            raise SpecError(
                f"A projection specification must be a mapping. Received: {values!r:.60}."
            )
        if values.get("version") not in VERSIONS:  # before the names: another version has others
            return cls(version=values.get("version", 0))
        if set(values) != names:
            raise SpecError(
                f"A projection specification has the fields {sorted(names)}. "
                f"Unknown: {sorted(set(values) - names)}; missing: {sorted(names - set(values))}."
            )
        return cls(**values)

    def to_json(self) -> str:
        """The specification as one line of JSON."""
        return json.dumps(self.to_dict(), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> ProjectionSpec:
        """The inverse of `to_json`.

        Raises:
            SpecError: if the text is not JSON, or as `from_dict` does.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SpecError(f"A projection specification must be JSON ({error}).") from error
        return cls.from_dict(values)


class SplitMix64:
    """The generator of all coefficients (Steele, Lea and Flood 2014): 64-bit, defined by integers only."""

    def __init__(self, seed: int):
        self._state = seed

    def below(self, bound: int) -> int:
        """The next number in `[0, bound)`: the high 32 bits of the next output, modulo `bound`."""
        mask = 2**64 - 1
        self._state = (self._state + 0x9E3779B97F4A7C15) & mask
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return ((z ^ (z >> 31)) >> 32) % bound


@dataclasses.dataclass(frozen=True)
class Coefficients:
    """All constants that the seed of a specification determines.

    Attributes:
        bases: One base of the polynomial hash for each of `PRIMES`.
        word: For each word feature `(a_1, a_2, a_3, a_4, b)`.
        ngram: For each n-gram order, for each of `ngram_hashes`, `(a_1, a_2, b)`.
    """

    bases: tuple[int, ...]
    word: tuple[tuple[int, ...], ...]
    ngram: tuple[tuple[tuple[int, ...], ...], ...]


@functools.lru_cache(maxsize=16)
def coefficients(spec: ProjectionSpec) -> Coefficients:
    """Draws the coefficients of a specification, in the order that docs/projection.md gives."""
    draw = SplitMix64(spec.seed).below

    def row(width: int, offset_bound: int) -> tuple[int, ...]:
        odd = tuple(2 * draw((MAX_COEFFICIENT + 1) // 2) + 1 for _ in range(width))
        return (*odd, draw(offset_bound))

    bases = tuple(256 + draw(prime - 512) for prime in PRIMES)
    word = tuple(row(len(PRIMES), MODULUS) for _ in range(spec.word_features))
    ngram = tuple(
        tuple(row(NGRAM_PRIMES, 2 * spec.ngram_features) for _ in range(spec.ngram_hashes))
        for _ in spec.ngram_orders
    )
    return Coefficients(bases=bases, word=word, ngram=ngram)
