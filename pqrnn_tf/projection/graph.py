"""The projection as a graph of operations that every LiteRT runtime has built in.

The graph computes exactly what `pqrnn_tf.projection.definition` defines, in float32: every number in
it is a whole number below 2^24 (or such a number divided by a power of two), so sums and products are
exact in any order and on any processor. What looks like a small neural network is integer arithmetic:

*   A matrix product with a constant matrix is a table of hash coefficients.
*   `round` and a second product are a reduction modulo a prime: `x − p · round(x / p)`.
*   A code point enters products in signed base-128 digits, so that digit · residue < 2^20.

Floats because converted models run them vectorised, while remainders of int32 are slow everywhere.
Matrices are kept under 1,024 elements: TensorFlow Lite's dynamic-range quantisation leaves those
alone, so that a model converted with `tf.lite.Optimize.DEFAULT` keeps an exact projection.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from pqrnn_tf.projection.spec import (
    BEGIN,
    END,
    MODULUS,
    NGRAM_PRIMES,
    PRIMES,
    SHAPE_FEATURES,
    ProjectionSpec,
    coefficients,
)
from pqrnn_tf.projection.unicode_table import (
    ALONE,
    DIGIT,
    MARK,
    MAX_CODE_POINT,
    PUNCTUATION,
    load_unicode_table,
)

_PAGE = 128
_DIGIT = 128
_DIGITS = 3  # signed base-128 digits of a code point: |d| <= 64, 64, 34
_QUANTIZED_FROM = 1024  # the converter's dynamic-range quantisation starts at this many elements
_MAX_TERMS = 6  # code points whose hash terms fit together below 2^24: 6 · 162 · 16374


def project_code_points(
    code_points: tf.Tensor, spec: ProjectionSpec, *, dtype: tf.DType = tf.int8
) -> dict[str, tf.Tensor]:
    """Projects code points to the ternary features of their tokens.

    Only operations that are built into LiteRT are used. The result equals
    `pqrnn_tf.projection.definition.project` bit for bit.

    Args:
        code_points: int32 `(batch, max_code_points + 1)`: the text's first `max_code_points + 1` code
            points, then zeros. Each is a Unicode scalar value: whoever decodes the text writes
            U+FFFD for what is none (surrogates, ill-formed bytes). The last position is there to
            see whether the token before it goes on: no token that reaches it is kept.
        spec: What to compute.
        dtype: Type of the features. A graph that casts them to float32 anyway saves two casts by
            asking for float32 here.

    Returns:
        A dictionary with the keys

        *   `features`: `dtype` `(batch, max_tokens, features)`, −1, 0 or +1; padded tokens are 0.
        *   `lengths`: int32 `(batch,)`, tokens of each text.
        *   `spans`: int32 `(batch, max_tokens, 2)`, half-open, in code points; padded tokens are 0.
        *   `truncated`: bool `(batch,)`, whether tokens were cut, as far as the buffer shows it: for
            a text longer than the buffer the caller knows better, because only the text itself tells
            whether anything but space follows. It is then
            `truncated or any(character class of a cut code point != space)`.

    Raises:
        ValueError: if `code_points` has another type or shape.
    """
    code_points = tf.convert_to_tensor(code_points)
    positions = spec.max_code_points + 1
    if code_points.dtype != tf.int32 or code_points.shape.rank != 2:
        raise ValueError(
            "`code_points` must be int32 of shape (batch, max_code_points + 1). "
            f"Received: dtype={code_points.dtype.name}, shape={code_points.shape}."
        )
    if code_points.shape[1] not in (None, positions):
        raise ValueError(
            f"`code_points` must have max_code_points + 1 = {positions} columns (the last one is a "
            f"look-ahead). Received: shape={code_points.shape}. Cut or pad with zeros."
        )
    # Reduced-precision products of accelerators (TF32, bfloat16) would not be exact.
    with tf.device("/CPU:0"):
        return _project(code_points, spec, dtype)


def _project(code_points: tf.Tensor, spec: ProjectionSpec, dtype: tf.DType) -> dict[str, tf.Tensor]:
    batch = code_points.shape[0]
    if batch is None:
        batch = tf.shape(code_points)[0]
    n, rows = spec.max_code_points + 1, spec.max_tokens
    constants = _graph_constants(spec)
    points = tf.reshape(code_points, [batch * n])

    # Characters: a page table and a record table give each its class and what lower-casing adds.
    page = tf.bitwise.right_shift(points, _PAGE.bit_length() - 1)
    record = tf.gather(constants.records, points + tf.gather(constants.pages, page))
    record = tf.cast(record, tf.int32)
    # A mark takes the class of the nearest character before it that is none: classes are compacted
    # by a running count of such characters and spread again. The first mark after space is a letter.
    count = tf.cumsum(tf.reshape(tf.gather(constants.is_base, record), [batch, n]), axis=1)
    if isinstance(batch, tf.Tensor) or batch != 1:
        count += (n + 1) * tf.range(batch)[:, None]
    count = tf.reshape(count, [batch * n])
    compact = tf.scatter_nd(
        count[:, None], tf.gather(constants.base_class, record), [batch * (n + 1)]
    )
    inherited = tf.gather(compact, count)
    traits = tf.gather(constants.traits, record)  # (batch · n, 4)
    mark, breaks, capital, delta = (traits[:, i] for i in range(4))

    kind = tf.reshape(tf.maximum(inherited, mark), [batch, n])  # LETTER == 1 == mark, SPACE == 0
    previous = tf.pad(kind[:, :-1], [[0, 0], [1, 0]])
    solid = tf.minimum(kind, 1.0)  # not space
    if spec.segmentation == "spaces":
        start = tf.maximum(solid - previous, 0.0)
    else:
        changed = tf.minimum(kind, tf.math.square(kind - previous))
        start = tf.maximum(tf.minimum(changed, 1.0), tf.reshape(breaks, [batch, n]))
    token = tf.cumsum(start, axis=1)  # counted from one

    # A token that reaches the look-ahead position is the last one of the buffer, and is cut.
    total = token[:, n - 1 :]
    length = tf.minimum(total - solid[:, n - 1 :], float(rows))
    alive = solid * _clamp(length + 1.0 - token)
    start *= alive
    joined = alive - start  # follows a character of the same token
    joined_next = tf.pad(joined[:, 1:], [[0, 0], [0, 1]])
    row = _clamp(token - 1.0, high=rows - 1.0)

    def column(x: tf.Tensor) -> tf.Tensor:
        return tf.reshape(x, [batch * n, 1])

    value = tf.cast(points, tf.float32) + 1.0
    if spec.lowercase:
        value += delta
    value = column(tf.reshape(value, [batch, n]) * alive)
    rounded = tf.round(_affine(value, constants.digit_scales))
    row = column(row)
    text = None  # the number of each position's text, where there are several
    if isinstance(batch, tf.Tensor) or batch != 1:
        text = tf.repeat(tf.range(batch), n)[:, None]
    row_index = tf.cast(row, tf.int32)
    if text is not None:
        row_index += rows * text

    # Sums over each token: four hash residues, then what spans and shape features need.
    residues = _affine(rounded, constants.word_digits)
    residues = tf.reshape(residues, [batch, n, -1]) * constants.word_powers
    residues = tf.reshape(residues, [batch * n, len(PRIMES) * _DIGITS])
    residues = _affine(tf.round(_affine(residues, constants.word_terms)), constants.word_residues)
    glued = start * tf.minimum(previous, 1.0)
    capital = tf.reshape(capital, [batch, n]) * alive
    position = start * tf.constant(np.arange(n, dtype=np.float32)[None])
    parts = [position, alive, capital, capital * start, kind * start, glued]
    sums = tf.scatter_nd(
        row_index,
        tf.cast(tf.concat([residues, *map(column, parts)], axis=1), tf.int32),
        [batch * rows, len(PRIMES) + len(parts)],
    )
    facts = tf.cast(sums[:, len(PRIMES) :], tf.float32)  # (batch · rows, 6)

    # Token hashes: the powers count from the text's start, so divide by the power of the token's.
    primes = tf.constant(np.array([PRIMES], np.int32))
    inverse = tf.gather(constants.inverse_powers, sums[:, len(PRIMES)])
    hashes = tf.math.floormod(sums[:, : len(PRIMES)], primes)
    hashes = tf.cast(tf.math.floormod(hashes * inverse, primes), tf.float32)
    hashes -= MODULUS * tf.round(hashes * (1.0 / MODULUS))
    inputs = tf.concat([hashes, tf.minimum(facts[:, 1:2], 1.0)], axis=1)
    blocks = []
    for matrix in constants.word_blocks:
        scaled = _affine(inputs, matrix)  # Σ / 4096, and a half of that unit: never a tie below
        remainder = scaled - tf.round(scaled)
        blocks.append(tf.round(remainder + remainder))  # quarters 0 1 2 3 → 0 +1 −1 0

    if spec.ngram_features:
        counts = _ngram_counts(
            rounded, alive, joined, joined_next, row, text, spec, constants, batch
        )
        blocks.append(_clamp(counts, low=-1.0))
    if spec.shape:
        hidden = facts
        for matrix, bias in constants.shape_layers:
            hidden = tf.nn.relu(_affine(hidden, matrix, bias))
        blocks.append(_affine(hidden, constants.shape_output))
    features = tf.reshape(tf.concat(blocks, axis=1), [batch, rows, spec.features])
    if features.dtype != dtype:
        features = tf.cast(features, dtype)
    ends = sums[:, len(PRIMES) : len(PRIMES) + 1] + sums[:, len(PRIMES) + 1 : len(PRIMES) + 2]
    spans = tf.concat([sums[:, len(PRIMES) : len(PRIMES) + 1], ends], axis=1)
    return {
        "features": features,
        "lengths": tf.cast(tf.reshape(length, [batch]), tf.int32),
        "spans": tf.reshape(spans, [batch, rows, 2]),
        "truncated": tf.reshape(total > length, [batch]),
    }


def _ngram_counts(
    rounded: tf.Tensor,
    alive: tf.Tensor,
    joined: tf.Tensor,
    joined_next: tf.Tensor,
    row: tf.Tensor,
    text: tf.Tensor | None,
    spec: ProjectionSpec,
    constants: _GraphConstants,
    batch: int | tf.Tensor,
) -> tf.Tensor:
    """Signed counts of all n-grams, float32 `(batch · max_tokens, ngram_features)`."""
    n = spec.max_code_points + 1
    size = batch * n
    # [1, digits] ⊗ [1, joined, joined_next]: the first character of an n-gram that is not the
    # token's first, the last that is not beyond the token's last.
    gates = tf.stack([tf.reshape(x, [size]) for x in (joined, joined_next)], axis=1)
    inputs = _affine(rounded, *constants.window_digits) * _affine(gates, *constants.window_gates)
    inputs = tf.reshape(inputs, [batch, 1, n, inputs.shape[-1]])
    taps = constants.windows[0][0].shape[0]
    inputs = tf.pad(inputs, [[0, 0], [0, 0], [1, taps - 2], [0, 0]])
    residues = None
    for kernel, reduction in constants.windows:
        terms = tf.reshape(_convolve(inputs, kernel), [size, kernel.shape[-1]])
        part = _affine(tf.round(terms), reduction)
        residues = part if residues is None else residues + part
    if len(constants.windows) > 1:
        residues = _affine(tf.round(_affine(residues, constants.again[0])), constants.again[1])
    # The residue is in (−p, p) now; the second half of the columns makes it one in [0, p).
    residues = tf.round(_affine(residues, *constants.canonical))
    total = _affine(residues, *constants.ngram_hashes)

    buckets = float(spec.ngram_features)
    quotient = tf.floor(total * (1.0 / buckets))
    sign = quotient - 2.0 * tf.floor(quotient * 0.5)
    bucket = total - buckets * quotient
    valid = _window_validity(alive, joined, spec)
    valid = _affine(tf.reshape(tf.stack(valid, axis=2), [size, len(valid)]), constants.repeat)
    updates = valid - 2.0 * valid * sign
    index = tf.cast(row * buckets + bucket, tf.int32)
    if text is not None:
        index += (spec.max_tokens * spec.ngram_features) * text
    counts = tf.scatter_nd(
        tf.reshape(index, [-1, 1]),
        tf.reshape(updates, [-1]),
        [batch * spec.max_tokens * spec.ngram_features],
    )
    return tf.reshape(counts, [batch * spec.max_tokens, spec.ngram_features])


@dataclasses.dataclass(frozen=True)
class _Window:
    """One n-gram for each character: which characters around it, in the order they are hashed.

    Attributes:
        order: Index into `spec.ngram_orders`.
        elements: Each `"begin"`, `"end"` or the distance (−1, 0, 1, …) of a character. Distance −1
            is the begin mark before a token's first character; the last distance is the end mark
            where the token ends before it.
        needs: Distance up to which the token must go on.
        at: `"all"` characters, or only the token's `"last"` one.
    """

    order: int
    elements: tuple[str | int, ...]
    needs: int = 0
    at: str = "all"


def _windows(spec: ProjectionSpec) -> list[_Window]:
    """All n-grams of a token, each said from the view of one of its characters."""
    windows = []
    for index, order in enumerate(spec.ngram_orders):
        if order == 1:
            windows += [
                _Window(index, (0,)),
                _Window(index, ("begin",), at="last"),
                _Window(index, ("end",), at="last"),
            ]
        elif order == 2:
            windows += [_Window(index, (-1, 0)), _Window(index, (0, "end"), at="last")]
        else:
            windows.append(_Window(index, tuple(range(-1, order - 1)), needs=order - 3))
    return windows


def _window_validity(alive: tf.Tensor, joined: tf.Tensor, spec: ProjectionSpec) -> list[tf.Tensor]:
    """For each window float32 `(batch, positions)`: 1 where the token has that n-gram."""
    length = spec.max_code_points + 1

    def ahead(distance: int) -> tf.Tensor:
        return tf.pad(joined[:, min(distance, length) :], [[0, 0], [0, min(distance, length)]])

    reaching = [alive]
    for distance in range(1, max(window.needs for window in _windows(spec)) + 1):
        reaching.append(reaching[-1] * ahead(distance))
    last = alive * (1.0 - ahead(1))
    return [reaching[w.needs] if w.at == "all" else last for w in _windows(spec)]


def _clamp(x: tf.Tensor, low: float = 0.0, high: float = 1.0) -> tf.Tensor:
    return tf.minimum(tf.maximum(x, low), high)


def _affine(x: tf.Tensor, matrix: np.ndarray, bias: np.ndarray | None = None) -> tf.Tensor:
    """`x @ matrix + bias` in blocks of columns that the converter does not quantise."""
    blocks = []
    width = max(1, (_QUANTIZED_FROM - 1) // matrix.shape[0])
    for first in range(0, matrix.shape[1], width):
        block = tf.matmul(x, tf.constant(matrix[:, first : first + width]))
        if bias is not None:
            block += tf.constant(bias[first : first + width])
        blocks.append(block)
    return blocks[0] if len(blocks) == 1 else tf.concat(blocks, axis=1)


def _convolve(x: tf.Tensor, kernel: np.ndarray) -> tf.Tensor:
    """Convolution along the positions, in blocks of columns that the converter does not quantise."""
    blocks = []
    width = max(1, (_QUANTIZED_FROM - 1) // (kernel.shape[0] * kernel.shape[1]))
    for first in range(0, kernel.shape[2], width):
        block = tf.constant(kernel[None, :, :, first : first + width])
        blocks.append(tf.nn.conv2d(x, block, strides=1, padding="VALID"))
    return blocks[0] if len(blocks) == 1 else tf.concat(blocks, axis=3)


@dataclasses.dataclass(frozen=True)
class _GraphConstants:
    """Every constant of the graph, as numpy arrays."""

    pages: np.ndarray
    records: np.ndarray
    is_base: np.ndarray
    base_class: np.ndarray
    traits: np.ndarray
    digit_scales: np.ndarray
    word_digits: np.ndarray
    word_powers: np.ndarray
    word_terms: np.ndarray
    word_residues: np.ndarray
    inverse_powers: np.ndarray
    word_blocks: tuple[np.ndarray, ...]
    window_digits: tuple[np.ndarray, np.ndarray]
    window_gates: tuple[np.ndarray, np.ndarray]
    windows: tuple[tuple[np.ndarray, np.ndarray], ...]
    again: tuple[np.ndarray, np.ndarray]
    canonical: tuple[np.ndarray, np.ndarray]
    ngram_hashes: tuple[np.ndarray, np.ndarray]
    repeat: np.ndarray
    shape_layers: tuple[tuple[np.ndarray, np.ndarray], ...]
    shape_output: np.ndarray


def _signed(value: int, modulus: int) -> int:
    """The residue of `value` nearest to zero."""
    return (value + modulus // 2) % modulus - modulus // 2


def _reduction(primes: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """`(before, after)`: `round(x @ before) @ after` is `x` modulo the primes, in about ±p/2."""
    width = len(primes)
    scale = np.diag(1.0 / np.array(primes, np.float64))
    before = np.concatenate([np.eye(width), scale], axis=1)
    after = np.concatenate([np.eye(width), -np.diag(np.array(primes, np.float64))], axis=0)
    return before.astype(np.float32), after.astype(np.float32)


@functools.lru_cache(maxsize=4)
def _character_tables(version: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`(pages, records, properties)`.

    `records[point + pages[point // 128]]` is the row of `properties`, `(class, lower-case − point)`.
    """
    table = load_unicode_table(version)
    points = MAX_CODE_POINT + 1
    classes = np.zeros(points, np.int64)
    for first, last, kind in table.classes:
        classes[first : last + 1] = kind
    deltas = np.zeros(points, np.int64)
    for first, last, step, delta in table.lower:
        deltas[first : last + 1 : step] = delta
    properties, record = np.unique(np.stack([classes, deltas], 1), axis=0, return_inverse=True)
    pages, page = np.unique(
        record.reshape(points // _PAGE, _PAGE).astype(np.uint8), axis=0, return_inverse=True
    )
    offsets = _PAGE * (page.reshape(-1) - np.arange(points // _PAGE))
    return offsets.astype(np.int32), pages.reshape(-1), properties


@functools.lru_cache(maxsize=4)
def _graph_constants(spec: ProjectionSpec) -> _GraphConstants:
    drawn = coefficients(spec)
    pages, records, properties = _character_tables(spec.version)
    kinds, deltas = properties[:, 0], properties[:, 1]
    marks = kinds == MARK
    breaks = np.isin(kinds, (PUNCTUATION, ALONE))
    traits = np.stack([marks, breaks, deltas != 0, deltas], axis=1).astype(np.float32)

    # x, round(x / 128), round(x / 128²) → the signed digits d0, d1, d2 of x.
    scales = np.array([[1.0, 1 / _DIGIT, 1 / _DIGIT**2]], np.float32)
    digits = np.array([[1, 0, 0], [-_DIGIT, 1, 0], [0, -_DIGIT, 1]], np.float32)

    n = spec.max_code_points + 1
    powers = np.zeros((n, len(PRIMES) * _DIGITS), np.float32)
    inverse = np.zeros((n, len(PRIMES)), np.int32)
    for k, (base, prime) in enumerate(zip(drawn.bases, PRIMES, strict=True)):
        power, down, back = 1, 1, pow(base, -1, prime)
        for i in range(n):
            for d in range(_DIGITS):
                powers[i, k * _DIGITS + d] = _signed(power * _DIGIT**d, prime)
            inverse[i, k] = down
            power, down = power * base % prime, down * back % prime
    before, after = _reduction(PRIMES)
    terms = np.repeat(np.eye(len(PRIMES), dtype=np.float32), _DIGITS, axis=0) @ before

    word = np.array(drawn.word, np.float64)
    word[:, -1] += 0.5
    word = (word / MODULUS).T.astype(np.float32)  # (4 hashes and the offset, word_features)
    width = (_QUANTIZED_FROM - 1) // word.shape[0]
    count = -(-spec.word_features // width)
    blocks = tuple(np.array_split(word, count, axis=1))

    none = np.zeros((0, 0), np.float32)
    return _GraphConstants(
        pages=pages,
        records=records,
        is_base=(~marks).astype(np.int32),
        base_class=np.where(marks, 0, kinds).astype(np.float32),
        traits=traits,
        digit_scales=scales,
        word_digits=np.tile(digits, (1, len(PRIMES))),
        word_powers=powers,
        word_terms=terms.astype(np.float32),
        word_residues=after,
        inverse_powers=inverse,
        word_blocks=blocks,
        **(
            _ngram_constants(spec, digits)
            if spec.ngram_features
            else dict.fromkeys(
                (
                    "window_digits",
                    "window_gates",
                    "windows",
                    "again",
                    "canonical",
                    "ngram_hashes",
                    "repeat",
                ),
                none,
            )
        ),
        **_shape_constants(),
    )


def _ngram_constants(spec: ProjectionSpec, digits: np.ndarray) -> dict[str, object]:
    drawn = coefficients(spec)
    windows = _windows(spec)
    primes = PRIMES[:NGRAM_PRIMES]
    wide = _DIGITS + 1
    # Channels: [d0, d1, d2, 1] · [1, joined, joined_next].
    window_digits = np.zeros((_DIGITS, 3 * wide), np.float32)
    window_ones = np.zeros(3 * wide, np.float32)
    gates = np.zeros((2, 3 * wide), np.float32)
    open_gates = np.zeros(3 * wide, np.float32)
    open_gates[:wide] = 1
    for g in range(3):
        window_digits[:, g * wide : g * wide + _DIGITS] = digits
        window_ones[g * wide + _DIGITS] = 1
    gates[0, wide : 2 * wide] = 1
    gates[1, 2 * wide :] = 1

    taps = max(
        2, max(max((e for e in w.elements if isinstance(e, int)), default=0) for w in windows) + 2
    )
    columns = len(windows) * NGRAM_PRIMES
    chunks = -(-max(spec.ngram_orders) // _MAX_TERMS)
    kernels = np.zeros((chunks, taps, 3 * wide, columns), np.float64)
    for w, window in enumerate(windows):
        for k, prime in enumerate(primes):
            c = w * NGRAM_PRIMES + k
            for i, element in enumerate(window.elements):
                power = pow(drawn.bases[k], i, prime)
                kernel = kernels[i // _MAX_TERMS, :, :, c]
                last = i == len(window.elements) - 1
                if element in ("begin", "end"):
                    mark = (BEGIN if element == "begin" else END) + 1
                    kernel[1, _DIGITS] += _signed(mark * power, prime)
                    continue
                gate, tap = 0, int(element) + 1
                if element == -1:  # the character before, or the begin mark
                    gate = 2
                    kernel[1, _DIGITS] += _signed((BEGIN + 1) * power, prime)
                    kernel[1, wide + _DIGITS] -= _signed((BEGIN + 1) * power, prime)
                elif element >= 1:  # a character ahead, or the end mark
                    gate = 1
                    if last:
                        kernel[1, _DIGITS] += _signed((END + 1) * power, prime)
                        kernel[tap, wide + _DIGITS] -= _signed((END + 1) * power, prime)
                for d in range(_DIGITS):
                    kernel[tap, gate * wide + d] += _signed(power * _DIGIT**d, prime)
    before, after = _reduction(primes * len(windows))
    chunked = tuple(
        ((kernel @ before.astype(np.float64)).astype(np.float32), after) for kernel in kernels
    )
    # round((r + 1/2) / p − 1/2) is floor(r / p) for |r| < p.
    canonical_bias = np.zeros(2 * columns, np.float32)
    canonical_bias[columns:] = [0.5 / p - 0.5 for p in primes * len(windows)]

    hashes = np.zeros((2 * columns, len(windows) * spec.ngram_hashes), np.float32)
    offsets = np.zeros(len(windows) * spec.ngram_hashes, np.float32)
    repeat = np.zeros((len(windows), len(windows) * spec.ngram_hashes), np.float32)
    modulus = 2 * spec.ngram_features
    for w, window in enumerate(windows):
        for h, (*factors, offset) in enumerate(drawn.ngram[window.order]):
            out = w * spec.ngram_hashes + h
            offsets[out] = offset
            repeat[w, out] = 1
            for k, (factor, prime) in enumerate(zip(factors, primes, strict=True)):
                factor = _signed(factor, modulus) if modulus < MODULUS else factor
                hashes[w * NGRAM_PRIMES + k, out] = factor
                hashes[columns + w * NGRAM_PRIMES + k, out] = _signed(-factor * prime, modulus)
    return {
        "window_digits": (window_digits, window_ones),
        "window_gates": (gates, open_gates),
        "windows": chunked,
        "again": (before, after),
        "canonical": (before, canonical_bias),
        "ngram_hashes": (hashes, offsets),
        "repeat": repeat,
    }


def _shape_constants() -> dict[str, object]:
    """The shape features as two layers of rectifiers: exact on whole numbers."""
    facts = ("position", "length", "capitals", "first_capital", "kind", "glued")
    first: list[tuple[str, dict[str, float], float]] = [
        ("first_capital", {"first_capital": 1}, 0),
        ("glued", {"glued": 1}, 0),
        ("length-1", {"length": 1}, -1),
        ("length-2", {"length": 1}, -2),
        ("length", {"length": 1}, 0),
        ("small", {"length": 1, "capitals": -1}, 0),
        ("inner", {"capitals": 1, "first_capital": -1}, 0),
        ("inner-1", {"capitals": 1, "first_capital": -1}, -1),
    ]
    for kind in (DIGIT, PUNCTUATION, ALONE):
        for shift in (-1, 0, 1):
            first.append((f"kind{kind}{shift:+d}", {"kind": 1}, -kind - shift))

    def equals(kind: int) -> dict[str, float]:  # 1 where x is 0: |x + 1| − 2|x| + |x − 1|, halved
        return {f"kind{kind}-1": 1, f"kind{kind}+0": -2, f"kind{kind}+1": 1}

    second: dict[str, dict[str, float]] = {
        "initial_capital": {"first_capital": 1},
        "all_capitals": {"length-1": 1, "length-2": -1, "small": -1},
        "inner_capital": {"inner": 1, "inner-1": -1},
        "digit": equals(DIGIT),
        "punctuation": equals(PUNCTUATION),
        "alone": equals(ALONE),
        "glued": {"glued": 1},
        "single": {"length": 1, "length-1": -2, "length-2": 1},
    }
    names = [name for name, _, _ in first]
    matrix = np.zeros((len(facts), len(first)), np.float32)
    bias = np.zeros(len(first), np.float32)
    for j, (_, terms, offset) in enumerate(first):
        bias[j] = offset
        for name, factor in terms.items():
            matrix[facts.index(name), j] = factor
    middle = np.zeros((len(first), len(SHAPE_FEATURES)), np.float32)
    for j, name in enumerate(SHAPE_FEATURES):
        for term, factor in second[name].items():
            middle[names.index(term), j] = factor
    output = np.eye(len(SHAPE_FEATURES), dtype=np.float32)
    output[SHAPE_FEATURES.index("all_capitals"), SHAPE_FEATURES.index("inner_capital")] = -1
    zero = np.zeros(len(SHAPE_FEATURES), np.float32)
    return {"shape_layers": ((matrix, bias), (middle, zero)), "shape_output": output}
