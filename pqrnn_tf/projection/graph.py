"""The projection as a graph of operations that every LiteRT runtime has built in.

The graph computes exactly what `pqrnn_tf.projection.definition` defines, in float32: every number in
it is a whole number below 2^24 (or such a number divided by a power of two), so sums and products are
exact in any order and on any processor. What looks like a small neural network is integer arithmetic:

*   A matrix product with a constant matrix is a table of hash coefficients.
*   `round` and a second product are a reduction modulo a prime: `x − p · round(x / p)`.
*   A code point enters products in signed base-128 digits, so that digit · residue < 2^20.

Floats because converted models run them vectorised, while remainders of int32 are slow everywhere.
Matrices are kept under 1,024 elements, which TensorFlow Lite's dynamic-range quantisation does not
round, so that a model converted with `tf.lite.Optimize.DEFAULT` keeps an exact projection.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from pqrnn_tf.runtime.spec import (
    BEGIN,
    END,
    MODULUS,
    NGRAM_PRIMES,
    PRIMES,
    SHAPE_FEATURES,
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
    SPACE,
    load_unicode_table,
)

_PAGE = 256
_DIGIT = 128
_DIGITS = 3  # signed base-128 digits of a code point: |d| <= 64, 64, 34
_QUANTIZED_FROM = 1024  # the converter's dynamic-range quantisation starts at this many elements
_FACTS = ("position", "length", "capitals", "first_capital", "kind", "glued")
_BEGIN, _END = -8, 8  # the two marks as elements of a window
_GRAPH_CODES = {SPACE: 0, LETTER: 1, DIGIT: 2, PUNCTUATION: 3, ALONE: 4}  # 3 and up: always a token
_CODES = 8.0
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
            U+FFFD for what is none (surrogates, ill-formed bytes). Of version 2 they are those of the folded
            text: whoever decodes the text folds it too (`runtime.folding.fold`). The last position is there to
            see whether the token before it continues: no token that reaches it is kept.
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
    single = code_points.shape[0] == 1  # the case of a deployed model: every shape is static
    batch = 1 if single else tf.shape(code_points)[0]
    n, rows = spec.max_code_points + 1, spec.max_tokens
    constants = _graph_constants(spec)
    points = tf.reshape(code_points, [batch * n])

    # Characters: a page table and a record table give each its class and what lower-casing adds,
    # packed into one number.
    page = tf.bitwise.right_shift(points, _PAGE.bit_length() - 1)
    record = tf.gather(constants.records, points + tf.gather(constants.pages, page))
    record = tf.reshape(tf.gather(constants.packed, tf.cast(record, tf.int32)), [batch, n])
    delta = tf.floor(record * (1.0 / _CODES))
    code = record - _CODES * delta  # 0 is a mark
    base = tf.minimum(code, 1.0)
    own = tf.maximum(code - 1.0, 0.0)
    # A mark takes the class of the nearest character before it that is none: classes are compacted
    # by a running count of such characters and spread again. The first mark after space is a letter.
    count = tf.cast(tf.cumsum(base, axis=1), tf.int32)
    if not single:
        count += (n + 1) * tf.range(batch)[:, None]
    count = tf.reshape(count, [batch * n, 1])
    compact = tf.scatter_nd(count, tf.reshape(own, [batch * n]), [batch * (n + 1)])
    inherited = tf.reshape(tf.gather(compact, tf.reshape(count, [batch * n])), [batch, n])

    kind = tf.maximum(inherited, 1.0 - base)  # space is 0, a letter is 1
    previous = tf.pad(kind[:, :-1], [[0, 0], [1, 0]])
    solid = tf.minimum(kind, 1.0)  # not space
    if spec.segmentation == "spaces":
        start = tf.maximum(solid - previous, 0.0)
    else:
        changed = tf.minimum(kind, tf.math.square(kind - previous))
        breaks = own - (_GRAPH_CODES[PUNCTUATION] - 1.0)  # punctuation, `alone`: always a token
        if spec.segmentation == "words":
            breaks *= _GRAPH_CODES[ALONE] - own  # punctuation only
        start = _clamp(tf.maximum(changed, breaks))
    token = tf.cumsum(start, axis=1)  # counted from one

    # A token that reaches the look-ahead position is the last one of the buffer, and is cut.
    total = token[:, n - 1 :]
    length = tf.minimum(total - solid[:, n - 1 :], float(rows))
    alive = solid * _clamp(length + 1.0 - token)
    start *= alive
    joined = alive - start  # follows a character of the same token
    row = _clamp(token - 1.0, high=rows - 1.0)
    row_index = tf.reshape(tf.cast(row, tf.int32), [batch * n, 1])
    text = None  # the number of each position's text, where there are several
    if not single:
        text = tf.repeat(tf.range(batch), n)[:, None]
        row_index += rows * text

    value = tf.cast(tf.reshape(points, [batch, n]), tf.float32) + 1.0
    if spec.lowercase:
        value += delta
    value = tf.reshape(value * alive, [batch * n, 1])
    rounded = tf.round(_affine(value, constants.digit_scales))

    # Sums over each token: four hash residues, and what spans and shape features need.
    residues = _affine(rounded, constants.word_digits)
    if single:
        residues *= constants.word_powers
    else:
        residues = tf.reshape(residues, [batch, n, -1]) * constants.word_powers
        residues = tf.reshape(residues, [batch * n, len(PRIMES) * _DIGITS])
    residues = _affine(tf.round(_affine(residues, constants.word_terms)), constants.word_residues)
    hashes = tf.scatter_nd(row_index, tf.cast(residues, tf.int32), [batch * rows, len(PRIMES)])
    capital = tf.minimum(tf.math.square(delta), alive)
    glued = start * tf.minimum(previous, 1.0)
    position = start * tf.constant(np.arange(n, dtype=np.float32)[None])
    facts = _columns([position, alive, capital, capital * start, kind * start, glued], batch * n)
    facts = tf.scatter_nd(row_index, facts, [batch * rows, len(_FACTS)])
    spans = tf.cast(_affine(facts, constants.spans), tf.int32)

    # Token hashes: the powers count from the text's start, so divide by the power of the token's.
    primes = tf.constant(np.tile(np.array([PRIMES], np.int32), (rows if single else 1, 1)))
    first = tf.reshape(tf.cast(_affine(facts, constants.spans[:, :1]), tf.int32), [-1])
    hashes = tf.math.floormod(hashes, primes) * tf.gather(constants.inverse_powers, first)
    hashes = tf.cast(tf.math.floormod(hashes, primes), tf.float32)
    hashes -= MODULUS * tf.round(hashes * (1.0 / MODULUS))
    exists = tf.minimum(_affine(facts, constants.lengths), 1.0)
    inputs = tf.concat([hashes, exists], axis=1)
    blocks = []
    for matrix in constants.word_blocks:
        scaled = _affine(inputs, matrix)  # Σ / 4096, and a half of that unit: never a tie below
        remainder = scaled - tf.round(scaled)
        blocks.append(tf.round(remainder + remainder))  # quarters 0 1 2 3 → 0 +1 −1 0

    if constants.ngrams is not None:
        counts = _ngram_counts(rounded, alive, joined, row, text, spec, constants.ngrams, batch)
        blocks.append(_clamp(counts, low=-1.0))
    if spec.shape:
        hidden = facts
        for matrix, bias in constants.shape_layers:
            hidden = tf.nn.relu(_affine(hidden, matrix, bias))
        blocks.append(_affine(hidden, constants.shape_output))
    features = tf.reshape(tf.concat(blocks, axis=1), [batch, rows, spec.features])
    if features.dtype != dtype:
        features = tf.cast(features, dtype)
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
    row: tf.Tensor,
    text: tf.Tensor | None,
    spec: ProjectionSpec,
    constants: _NgramConstants,
    batch: int | tf.Tensor,
) -> tf.Tensor:
    """Signed counts of all n-grams, float32 `(batch · max_tokens, ngram_features)`."""
    n = spec.max_code_points + 1
    size = batch * n
    windows = _windows(spec)

    def ahead(distance: int) -> tf.Tensor:
        distance = min(distance, n)
        return tf.pad(joined[:, distance:], [[0, 0], [0, distance]])

    # Which characters have a complete n-gram.
    joined_next = ahead(1)
    reaching = [alive]
    for distance in range(1, max(window.needs for window in windows) + 1):
        reaching.append(reaching[-1] * (joined_next if distance == 1 else ahead(distance)))
    valid = [reaching[window.needs] for window in windows if not window.at_end]
    if any(window.at_end for window in windows):
        valid += [alive - alive * joined_next] * sum(window.at_end for window in windows)

    # [digits, 1] ⊗ [1, joined, joined_next]: the first character of an n-gram that is not the
    # token's first, the last that is not beyond the token's last.
    gates = _columns([joined, joined_next, row, *valid], size)
    inputs = _affine(rounded, *constants.digits) * _affine(gates, *constants.gates)
    inputs = tf.reshape(inputs, [batch, 1, n, inputs.shape[-1]])
    taps = constants.kernels[0].shape[0]
    inputs = tf.pad(inputs, [[0, 0], [0, 0], [1, taps - 2], [0, 0]])
    residues = None
    for kernel in constants.kernels:
        terms = tf.reshape(_convolve(inputs, kernel), [size, kernel.shape[-1]])
        part = _affine(tf.round(terms), constants.after)
        residues = part if residues is None else residues + part
    if len(constants.kernels) > 1:
        residues = _affine(tf.round(_affine(residues, constants.before)), constants.after)
    # The residue is in (−p, p) now; the second half of the columns makes it one in [0, p).
    residues = tf.round(_affine(residues, *constants.canonical))
    total = _affine(residues, *constants.hashes)

    buckets = float(spec.ngram_features)
    quotient = tf.floor(total * (1.0 / buckets))
    odd = quotient - 2.0 * tf.floor(quotient * 0.5)
    updates = _affine(gates, constants.repeat_valid) * (1.0 - 2.0 * odd)
    index = total - buckets * quotient + _affine(gates, constants.repeat_row)
    index = tf.reshape(tf.cast(index, tf.int32), [size, -1])
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
        elements: Each `_BEGIN`, `_END` or the distance (−1, 0, 1, …) of a character. Distance −1 is
            the begin mark before a token's first character; the last distance, where positive, is
            the end mark where the token ends before it.
        needs: Distance up to which the token must continue.
        at_end: Whether only the token's last character has it.
    """

    order: int
    elements: tuple[int, ...]
    needs: int = 0
    at_end: bool = False


def _windows(spec: ProjectionSpec) -> list[_Window]:
    """All n-grams of a token, each said from the view of one of its characters."""
    inside, at_end = [], []
    for index, order in enumerate(spec.ngram_orders):
        if order == 1:
            inside.append(_Window(index, (0,)))
            at_end.append(_Window(index, (_BEGIN,), at_end=True))
            at_end.append(_Window(index, (_END,), at_end=True))
        elif order == 2:
            inside.append(_Window(index, (-1, 0)))
            at_end.append(_Window(index, (0, _END), at_end=True))
        else:
            inside.append(_Window(index, tuple(range(-1, order - 1)), needs=order - 3))
    return inside + at_end


def _columns(vectors: Sequence[tf.Tensor], size: int | tf.Tensor) -> tf.Tensor:
    """Vectors `(batch, positions)` as the columns of a matrix `(batch · positions, vectors)`.

    Joined as rows, then transposed: in the runtime that is several times faster than joining columns.
    """
    rows = [
        tf.expand_dims(vector, 1) for vector in vectors
    ]  # [:, None] leaves an idle slice behind
    while len(rows) > 1:  # XNNPACK joins up to five tensors, and leaves more to slower code
        rows = [
            tf.concat(rows[i : i + 5], axis=1) if len(rows) > i + 1 else rows[i]
            for i in range(0, len(rows), 5)
        ]
    return tf.reshape(tf.transpose(rows[0], [0, 2, 1]), [size, len(vectors)])


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
class _NgramConstants:
    """Constants of the n-gram features; pairs are a matrix and a bias."""

    digits: tuple[np.ndarray, np.ndarray]
    gates: tuple[np.ndarray, np.ndarray]
    kernels: tuple[np.ndarray, ...]
    before: np.ndarray
    after: np.ndarray
    canonical: tuple[np.ndarray, np.ndarray]
    hashes: tuple[np.ndarray, np.ndarray]
    repeat_valid: np.ndarray
    repeat_row: np.ndarray


@dataclasses.dataclass(frozen=True)
class _GraphConstants:
    """Every constant of the graph, as numpy arrays."""

    pages: np.ndarray
    records: np.ndarray
    packed: np.ndarray
    digit_scales: np.ndarray
    word_digits: np.ndarray
    word_powers: np.ndarray
    word_terms: np.ndarray
    word_residues: np.ndarray
    inverse_powers: np.ndarray
    word_blocks: tuple[np.ndarray, ...]
    ngrams: _NgramConstants | None
    shape_layers: tuple[tuple[np.ndarray, np.ndarray], ...]
    shape_output: np.ndarray
    spans: np.ndarray
    lengths: np.ndarray


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

    `records[point + pages[point // _PAGE]]` is the row of `properties`, `(class, lower-case − point)`.
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
    codes = [0 if kind == MARK else 1 + _GRAPH_CODES[int(kind)] for kind in properties[:, 0]]
    packed = (np.array(codes) + _CODES * properties[:, 1]).astype(np.float32)

    # x, round(x / 128), round(x / 128²) → the signed digits d0, d1, d2 of x.
    scales = np.array([[1.0, 1 / _DIGIT, 1 / _DIGIT**2]], np.float32)
    digits = np.array([[1, 0, 0], [-_DIGIT, 1, 0], [0, -_DIGIT, 1]], np.float32)

    n = spec.max_code_points + 1
    powers = np.zeros((n, len(PRIMES) * _DIGITS), np.float32)
    inverse = np.zeros((n, len(PRIMES)), np.int32)
    for k, (base, prime) in enumerate(zip(drawn.bases, PRIMES, strict=True)):
        power, down, back = base, 1, pow(base, -1, prime)
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

    spans = np.zeros((len(_FACTS), 2), np.float32)
    spans[_FACTS.index("position")] = 1
    spans[_FACTS.index("length"), 1] = 1
    shape_layers, shape_output = _shape_constants()
    return _GraphConstants(
        pages=pages,
        records=records,
        packed=packed,
        digit_scales=scales,
        word_digits=np.tile(digits, (1, len(PRIMES))),
        word_powers=powers,
        word_terms=terms.astype(np.float32),
        word_residues=after,
        inverse_powers=inverse,
        word_blocks=blocks,
        ngrams=_ngram_constants(spec, digits) if spec.ngram_features else None,
        shape_layers=shape_layers,
        shape_output=shape_output,
        spans=spans,
        lengths=spans[:, 1:] - spans[:, :1],
    )


def _ngram_constants(spec: ProjectionSpec, digits: np.ndarray) -> _NgramConstants:
    drawn = coefficients(spec)
    windows = _windows(spec)
    primes = PRIMES[:NGRAM_PRIMES]

    # Three groups of channels, each [d0, d1, d2, 1]: of every character, of those that are joined
    # to the one before, of those that the next one is joined to.
    wide, one = _DIGITS + 1, _DIGITS
    anyone, is_joined, has_next = 0, wide, 2 * wide
    channel_digits = np.tile(np.concatenate([digits, np.zeros((_DIGITS, 1))], axis=1), 3)
    channel_ones = np.tile([0.0] * _DIGITS + [1.0], 3)
    gates = np.zeros((3 + len(windows), 3 * wide))
    gates[0, is_joined:has_next] = 1
    gates[1, has_next:] = 1
    open_gates = np.zeros(3 * wide)
    open_gates[:is_joined] = 1

    here = 1  # tap of the character that a window is seen from
    taps = max(2, max(spec.ngram_orders))
    columns = len(windows) * NGRAM_PRIMES
    kernels = np.zeros((-(-max(spec.ngram_orders) // _MAX_TERMS), taps, 3 * wide, columns))
    for column in range(columns):
        window, k = windows[column // NGRAM_PRIMES], column % NGRAM_PRIMES
        for i, element in enumerate(window.elements):
            kernel = kernels[i // _MAX_TERMS, :, :, column]
            power = pow(drawn.bases[k], i + 1, primes[k])
            begin, end = (_signed((mark + 1) * power, primes[k]) for mark in (BEGIN, END))
            if element in (_BEGIN, _END):
                kernel[here, anyone + one] += begin if element == _BEGIN else end
                continue
            tap, group = here + element, anyone
            if element == -1:
                group = has_next
                kernel[here, anyone + one] += begin
                kernel[here, is_joined + one] -= begin
            elif element > 0:
                group = is_joined
                if i == len(window.elements) - 1:
                    kernel[here, anyone + one] += end
                    kernel[tap, is_joined + one] -= end
            for d in range(_DIGITS):
                kernel[tap, group + d] += _signed(power * _DIGIT**d, primes[k])
    before, after = _reduction(primes * len(windows))

    # round((r + 1/2) / p − 1/2) is floor(r / p) for −p < r < p.
    canonical_bias = np.zeros(2 * columns)
    canonical_bias[columns:] = [0.5 / prime - 0.5 for prime in primes * len(windows)]

    modulus = 2 * spec.ngram_features
    hashes = np.zeros((2 * columns, len(windows) * spec.ngram_hashes))
    offsets = np.zeros(hashes.shape[1])
    repeat = np.zeros((3 + len(windows), hashes.shape[1]))
    for out in range(hashes.shape[1]):
        w, h = divmod(out, spec.ngram_hashes)
        *factors, offsets[out] = drawn.ngram[windows[w].order][h]
        repeat[3 + w, out] = 1
        for k, (factor, prime) in enumerate(zip(factors, primes, strict=True)):
            hashes[w * NGRAM_PRIMES + k, out] = _signed(factor, modulus)
            hashes[columns + w * NGRAM_PRIMES + k, out] = _signed(-factor * prime, modulus)
    repeat_row = np.zeros_like(repeat)
    repeat_row[2] = spec.ngram_features

    def float32(x: np.ndarray) -> np.ndarray:
        return x.astype(np.float32)

    return _NgramConstants(
        digits=(float32(channel_digits), float32(channel_ones)),
        gates=(float32(gates), float32(open_gates)),
        kernels=tuple(float32(kernel @ before) for kernel in kernels),
        before=float32(before),
        after=float32(after),
        canonical=(float32(before), float32(canonical_bias)),
        hashes=(float32(hashes), float32(offsets)),
        repeat_valid=float32(repeat),
        repeat_row=float32(repeat_row),
    )


def _shape_constants() -> tuple[tuple[tuple[np.ndarray, np.ndarray], ...], np.ndarray]:
    """The shape features as two layers of rectifiers and a matrix: exact on whole numbers.

    For a whole number x, `[x = 0] = relu(x + 1) − 2 relu(x) + relu(x − 1)`.
    """
    first: dict[str, tuple[dict[str, float], float]] = {
        "first_capital": ({"first_capital": 1}, 0),
        "glued": ({"glued": 1}, 0),
        "small": ({"length": 1, "capitals": -1}, 0),
        "inner": ({"capitals": 1, "first_capital": -1}, 0),
        "inner-1": ({"capitals": 1, "first_capital": -1}, -1),
    }
    first |= {f"length-{i}": ({"length": 1}, -i) for i in range(3)}
    first |= {f"kind-{i}": ({"kind": 1}, -i) for i in range(1, 6)}

    def equals(name: str, value: int) -> dict[str, float]:
        return {f"{name}-{value - 1}": 1, f"{name}-{value}": -2, f"{name}-{value + 1}": 1}

    second: dict[str, dict[str, float]] = {
        "initial_capital": {"first_capital": 1},
        "all_capitals": {"length-1": 1, "length-2": -1, "small": -1},
        "inner_capital": {"inner": 1, "inner-1": -1},  # the last matrix takes all_capitals off
        "digit": equals("kind", _GRAPH_CODES[DIGIT]),
        "punctuation": equals("kind", _GRAPH_CODES[PUNCTUATION]),
        "alone": equals("kind", _GRAPH_CODES[ALONE]),
        "glued": {"glued": 1},
        "single": equals("length", 1),
    }
    names = list(first)
    matrix = np.zeros((len(_FACTS), len(names)), np.float32)
    bias = np.array([offset for _, offset in first.values()], np.float32)
    for j, (terms, _) in enumerate(first.values()):
        for name, factor in terms.items():
            matrix[_FACTS.index(name), j] = factor
    middle = np.zeros((len(names), len(SHAPE_FEATURES)), np.float32)
    for j, name in enumerate(SHAPE_FEATURES):
        for term, factor in second[name].items():
            middle[names.index(term), j] = factor
    output = np.eye(len(SHAPE_FEATURES), dtype=np.float32)
    output[SHAPE_FEATURES.index("all_capitals"), SHAPE_FEATURES.index("inner_capital")] = -1
    zero = np.zeros(len(SHAPE_FEATURES), np.float32)
    return ((matrix, bias), (middle, zero)), output
