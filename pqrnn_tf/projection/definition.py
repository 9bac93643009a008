"""The projection's definition in plain Python: slow, short, and right by decree.

docs/projection.md explains it; the C++ core, the TensorFlow op and the graph of built-in ops give the
same numbers, which `tests/projection` checks.
"""

from __future__ import annotations

import dataclasses

from pqrnn_tf.runtime.folding import FOLDED, fold_code_points
from pqrnn_tf.runtime.spec import (
    BEGIN,
    END,
    MODULUS,
    NGRAM_PRIMES,
    PRIMES,
    ProjectionSpec,
    coefficients,
)
from pqrnn_tf.runtime.unicode_table import (
    ALONE,
    DIGIT,
    LETTER,
    MARK,
    MAX_CODE_POINT,
    PUNCTUATION,
    REPLACEMENT,
    SPACE,
    load_unicode_table,
)


@dataclasses.dataclass(frozen=True)
class Projected:
    """A projected text.

    Attributes:
        features: For each token its `spec.features` values, each −1, 0 or +1.
        spans: For each token `(start, end)`, half open, in code points of the text.
        truncated: Whether tokens were cut.
    """

    features: list[list[int]]
    spans: list[tuple[int, int]]
    truncated: bool


def code_points(text: str | bytes) -> list[int]:
    """The code points of a text.

    Bytes are UTF-8; each ill-formed sequence (maximal subpart, Unicode 14.0 section 3.9) is one
    U+FFFD. In a `str` a lone surrogate is one U+FFFD.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", errors="replace")
    return [clean_code_point(ord(character)) for character in text]


def clean_code_point(value: int) -> int:
    """The value itself, or U+FFFD where it is a surrogate or no code point."""
    valid = 0 <= value <= MAX_CODE_POINT and not 0xD800 <= value < 0xE000
    return value if valid else REPLACEMENT


def read(text: str | bytes, spec: ProjectionSpec) -> tuple[list[int], list[int], list[int]]:
    """The code points that a projection computes from, and where they come from.

    Returns:
        `(points, starts, ends)`: the code points of the text, folded where the version says so, and for each the
        half-open range of code points of the text that it was made from.
    """
    points = code_points(text)
    if spec.version == FOLDED:
        return fold_code_points(points, version=spec.version)
    return points, list(range(len(points))), list(range(1, len(points) + 1))


def tokenize(text: str | bytes, spec: ProjectionSpec) -> tuple[list[tuple[int, int]], bool]:
    """Splits a text into tokens.

    Returns:
        `(spans, truncated)`: half-open spans in order, in code points of the text, and whether tokens were cut by
        `max_code_points`, which counts folded text, or `max_tokens`.
    """
    points, starts, ends = read(text, spec)
    spans, _ = _segment(points, spec)
    kept = _kept(spans, spec)
    return [(starts[start], ends[end - 1]) for start, end in kept], len(kept) < len(spans)


def _kept(spans: list[tuple[int, int]], spec: ProjectionSpec) -> list[tuple[int, int]]:
    """The tokens that the limits leave."""
    return [span for span in spans if span[1] <= spec.max_code_points][: spec.max_tokens]


def _segment(points: list[int], spec: ProjectionSpec) -> tuple[list[tuple[int, int]], list[int]]:
    """All spans, and the class of the first code point of each token."""
    table = load_unicode_table(spec.version)
    spans: list[tuple[int, int]] = []
    classes: list[int] = []
    previous = SPACE
    for i, point in enumerate(points):
        kind = table.character_class(point)
        if kind == MARK:  # stays with what it follows; after a space it begins a word
            kind = LETTER if previous == SPACE else previous
            starts = previous == SPACE
        elif spec.segmentation == "spaces":
            starts = kind != SPACE and previous == SPACE
        else:
            single = (PUNCTUATION,) if spec.segmentation == "words" else (PUNCTUATION, ALONE)
            starts = kind != SPACE and (kind != previous or kind in single)
        if starts:
            spans.append((i, i + 1))
            classes.append(kind)
        elif kind != SPACE:
            spans[-1] = (spans[-1][0], i + 1)
        previous = kind
    return spans, classes


def project(text: str | bytes, spec: ProjectionSpec) -> Projected:
    """Projects a text to the ternary features of its tokens.

    Args:
        text: A string, or UTF-8 bytes.
        spec: What to compute.

    Returns:
        The features and span of each token. Text without a token gives empty lists.
    """
    points, starts, ends = read(text, spec)
    spans, classes = _segment(points, spec)
    kept = _kept(spans, spec)
    table = load_unicode_table(spec.version)
    features = []
    for (start, end), kind in zip(kept, classes, strict=False):  # cut tokens are the last ones
        characters = points[start:end]
        lowered = [table.lower_case(point) for point in characters]
        values = lowered if spec.lowercase else characters
        row = _word_features(values, spec) + _ngram_features(values, spec)
        if spec.shape:
            glued = start > 0 and table.character_class(points[start - 1]) != SPACE
            row += _shape_features(characters, lowered, kind, glued)
        features.append(row)
    return Projected(
        features=features,
        spans=[(starts[start], ends[end - 1]) for start, end in kept],
        truncated=len(kept) < len(spans),
    )


def polynomial_hash(values: list[int], base: int, prime: int) -> int:
    """Σ (v_i + 1) · base^(i + 1) modulo `prime`, i from 0.

    Not base^i: a single character would then have the same residue for every prime.
    """
    return sum((value + 1) * pow(base, i, prime) for i, value in enumerate(values, 1)) % prime


def _word_features(values: list[int], spec: ProjectionSpec) -> list[int]:
    constants = coefficients(spec)
    hashes = [
        polynomial_hash(values, base, prime) % MODULUS
        for base, prime in zip(constants.bases, PRIMES, strict=True)
    ]
    row = []
    for *factors, offset in constants.word:
        total = offset + sum(a * x for a, x in zip(factors, hashes, strict=True))
        row.append((0, 1, -1, 0)[total % MODULUS // (MODULUS // 4)])
    return row


def _ngram_features(values: list[int], spec: ProjectionSpec) -> list[int]:
    if not spec.ngram_features:
        return []
    constants = coefficients(spec)
    counts = [0] * spec.ngram_features
    marked = [BEGIN, *values, END]
    for order, hashes in zip(spec.ngram_orders, constants.ngram, strict=True):
        for i in range(len(marked) - order + 1):
            window = marked[i : i + order]
            residues = [
                polynomial_hash(window, constants.bases[k], PRIMES[k]) % MODULUS
                for k in range(NGRAM_PRIMES)
            ]
            for *factors, offset in hashes:
                total = offset + sum(a * x for a, x in zip(factors, residues, strict=True))
                sign, bucket = divmod(total % (2 * spec.ngram_features), spec.ngram_features)
                counts[bucket] += 1 - 2 * sign
    return [max(-1, min(1, count)) for count in counts]


def _shape_features(characters: list[int], lowered: list[int], kind: int, glued: bool) -> list[int]:
    capitals = [c != v for c, v in zip(characters, lowered, strict=True)]
    many = sum(capitals)
    all_capitals = many == len(characters) > 1
    return [
        int(capitals[0]),
        int(all_capitals),
        int(many > int(capitals[0]) and not all_capitals),
        int(kind == DIGIT),
        int(kind == PUNCTUATION),
        int(kind == ALONE),
        int(glued),
        int(len(characters) == 1),
    ]
