"""How far a student is from its teacher: one definition for loss and evaluation.

Every function returns a scalar, the mean over positions. `mask` chooses the positions that count;
`sample_weight` scales each position's distance and, as in Keras' losses, does not enter the
denominator. Masked positions may hold anything, also NaN, and receive no gradient.
"""

from __future__ import annotations

import math
from typing import Any

from keras import ops


def soft_label_distance(
    teacher_logits: Any,
    student_logits: Any,
    *,
    temperature: float = 1.0,
    mask: Any = None,
    sample_weight: Any = None,
) -> Any:
    r"""KL divergence of the softened distributions, times the squared temperature.

    `T² · Σ_c p_c (log p_c − log q_c)` with `p = softmax(teacher / T)`, `q = softmax(student / T)`.
    The factor T² keeps the size of the gradient when the temperature changes (Hinton, Vinyals, Dean
    2015, arXiv 1503.02531, section 2).

    Args:
        teacher_logits: `(..., classes)` floats.
        student_logits: `(..., classes)` floats.
        temperature: Positive; above 1 the distributions are flatter.
        mask: `(...)` bool, true where a position counts; `None` counts all.
        sample_weight: Floats of shape `(...)` or its leading dimensions.

    Returns:
        Scalar float32; 0 where no position counts.

    Raises:
        ValueError: if the numbers of classes or positions differ, or `temperature` is not positive.
    """
    check_temperature(temperature)
    teacher, student = _prepare(teacher_logits, student_logits, mask)
    log_p = ops.log_softmax(teacher / temperature, axis=-1)
    log_q = ops.log_softmax(student / temperature, axis=-1)
    divergence = ops.sum(ops.exp(log_p) * (log_p - log_q), axis=-1)
    return _masked_mean(divergence * temperature**2, mask, sample_weight)


def logit_distance(
    teacher_logits: Any, student_logits: Any, *, mask: Any = None, sample_weight: Any = None
) -> Any:
    """Mean squared difference of the logits (Ba and Caruana 2014, arXiv 1312.6184, section 2).

    Args:
        teacher_logits: `(..., classes)` floats.
        student_logits: `(..., classes)` floats.
        mask: `(...)` bool, true where a position counts; `None` counts all.
        sample_weight: Floats of shape `(...)` or its leading dimensions.

    Returns:
        Scalar float32; 0 where no position counts.

    Raises:
        ValueError: if the numbers of classes or positions differ.
    """
    teacher, student = _prepare(teacher_logits, student_logits, mask)
    return _masked_mean(ops.mean(ops.square(teacher - student), axis=-1), mask, sample_weight)


def hidden_distance(
    teacher_hidden: Any, student_hidden: Any, *, mask: Any = None, sample_weight: Any = None
) -> Any:
    """Mean squared difference of hidden states (Jiao et al. 2020, arXiv 1909.10351, equation 8).

    States of other widths have to be mapped first; `Distiller` trains a linear map for that.

    Args:
        teacher_hidden: `(batch, time, width)` floats.
        student_hidden: `(batch, time, width)` floats.
        mask: `(batch, time)` bool, true where a token counts; `None` counts all.
        sample_weight: Floats of shape `(batch,)` or `(batch, time)`.

    Returns:
        Scalar float32; 0 where no token counts.

    Raises:
        ValueError: if the widths or positions differ.
    """
    teacher, student = _prepare(teacher_hidden, student_hidden, mask)
    return _masked_mean(ops.mean(ops.square(teacher - student), axis=-1), mask, sample_weight)


def gram_distance(
    teacher_hidden: Any, student_hidden: Any, *, mask: Any = None, sample_weight: Any = None
) -> Any:
    r"""Mean squared difference of the cosines between the tokens of a text; widths may differ.

    A token i that counts has the distance `mean_j (cos(t_i, t_j) − cos(s_i, s_j))²` over the tokens j
    of its text that count. It compares how tokens relate to each other, as TinyBERT does through
    attention maps, which a pQRNN has not (Tung and Mori 2019, arXiv 1907.09682, compare the rows of a
    batch in this way).

    Args:
        teacher_hidden: `(batch, time, width)` floats.
        student_hidden: `(batch, time, other width)` floats.
        mask: `(batch, time)` bool, true where a token counts; `None` counts all.
        sample_weight: Floats of shape `(batch,)` or `(batch, time)`.

    Returns:
        Scalar float32 from 0 to 4; 0 where no token counts.

    Raises:
        ValueError: if the numbers of texts or tokens differ.
    """
    teacher, student = (
        _blank(ops.cast(ops.convert_to_tensor(states), "float32"), mask)
        for states in (teacher_hidden, student_hidden)
    )
    if len(teacher.shape) != 3 or _shapes_differ(teacher.shape[:-1], student.shape[:-1]):
        raise ValueError(
            "`teacher_hidden` and `student_hidden` must have the shape (batch, time, width) with the "
            f"same texts and tokens. Received: {tuple(teacher.shape)} and {tuple(student.shape)}."
        )
    squares = ops.square(_cosines(teacher) - _cosines(student))
    counted = ops.ones_like(squares[:, :1]) if mask is None else ops.cast(mask, "float32")[:, None]
    count = ops.maximum(ops.sum(counted, axis=-1), 1.0)
    return _masked_mean(ops.sum(squares * counted, axis=-1) / count, mask, sample_weight)


def attention_distance(teacher_scores: Any, student_scores: Any, *, mask: Any = None) -> Any:
    """Mean squared difference of attention scores before the softmax (Jiao et al. 2020, arXiv 1909.10351, equation 7).

    Where the student has fewer heads, each is compared with the mean of as many neighbouring heads of the teacher as
    come to it; the paper's students have as many heads as their teachers.

    Args:
        teacher_scores: `(batch, heads, pieces, pieces)` floats.
        student_scores: `(batch, fewer heads, pieces, pieces)` floats; their number divides the teacher's.
        mask: `(batch, pieces)` bool, true where a piece counts, as one that looks and as one that is looked at; `None`
            counts all.

    Returns:
        Scalar float32, the mean over heads and pairs of pieces; 0 where no pair counts.

    Raises:
        ValueError: if the student's number of heads does not divide the teacher's, or the pieces differ.
    """
    teacher = ops.cast(ops.convert_to_tensor(teacher_scores), "float32")
    student = ops.cast(ops.convert_to_tensor(student_scores), "float32")
    shapes = f"Received: {tuple(teacher.shape)} and {tuple(student.shape)}."
    if len(teacher.shape) != 4 or len(student.shape) != 4:
        raise ValueError(
            f"Attention scores must have the shape (batch, heads, pieces, pieces). {shapes}"
        )
    groups = check_heads(teacher.shape[1], student.shape[1])
    if _shapes_differ(teacher.shape[2:], student.shape[2:]):
        raise ValueError(f"Attention scores must be of the same pieces. {shapes}")
    if groups > 1:
        batch, pieces = ops.shape(teacher)[0], ops.shape(teacher)[2]
        grouped = ops.reshape(teacher, (batch, student.shape[1], groups, pieces, pieces))
        teacher = ops.mean(grouped, axis=2)
    pairs = None
    if mask is not None:
        real = ops.cast(mask, "bool")
        pairs = ops.logical_and(real[:, :, None], real[:, None, :])
        teacher, student = (ops.where(pairs[:, None], scores, 0.0) for scores in (teacher, student))
    return _masked_mean(ops.mean(ops.square(teacher - student), axis=1), pairs, None)


def check_heads(teacher_heads: int, student_heads: int) -> int:
    """How many of the teacher's heads come to one of the student's.

    Raises:
        ValueError: if they cannot be shared out evenly.
    """
    if teacher_heads % student_heads:
        raise ValueError(
            f"`heads` must divide the teacher's {teacher_heads} attention heads. Received: {student_heads}."
        )
    return teacher_heads // student_heads


def vector_distance(teacher_vectors: Any, student_vectors: Any) -> Any:
    """1 − cosine of the vectors of each text; vectors of other widths have to be mapped first.

    Args:
        teacher_vectors: `(batch, width)` floats.
        student_vectors: `(batch, width)` floats.

    Returns:
        Scalar float32 from 0 to 2; a vector 0 has the distance 1 from all.

    Raises:
        ValueError: if the widths or the numbers of texts differ.
    """
    teacher, student = _prepare(teacher_vectors, student_vectors, None)
    return ops.mean(1.0 - ops.sum(_unit(teacher) * _unit(student), axis=-1))


def similarity_distance(teacher_vectors: Any, student_vectors: Any, *, scale: float = 20.0) -> Any:
    r"""How differently the texts of a batch are similar to each other; widths may differ.

    A text i has the distance `KL(p_i ‖ q_i)` where `p_i = softmax over j ≠ i of scale · cos(t_i, t_j)` and q_i is the
    same of the student (relations between the rows of a batch as in Park et al. 2019, arXiv 1904.05068; as
    distributions in Fang et al. 2021, arXiv 2101.04731, section 3).

    Args:
        teacher_vectors: `(batch, width)` floats.
        student_vectors: `(batch, other width)` floats.
        scale: Factor of the cosines, the inverse of a temperature.

    Returns:
        Scalar float32; 0 of a batch of one text.

    Raises:
        ValueError: if the numbers of texts differ or `scale` is not positive.
    """
    if not scale > 0:
        raise ValueError(f"`scale` must be positive. Received: {scale}.")
    teacher, student = (
        ops.cast(ops.convert_to_tensor(vectors), "float32")
        for vectors in (teacher_vectors, student_vectors)
    )
    if _shapes_differ(teacher.shape[:-1], student.shape[:-1]):
        raise ValueError(
            "`teacher_vectors` and `student_vectors` must be of the same texts. Received: shapes "
            f"{tuple(teacher.shape)} and {tuple(student.shape)}."
        )
    log_p, log_q = (_log_shares(vectors, scale) for vectors in (teacher, student))
    return ops.mean(ops.sum(ops.exp(log_p) * (log_p - log_q), axis=-1))


def contrastive_distance(one: Any, other: Any, *, temperature: float = 0.04) -> Any:
    r"""NT-Xent: each vector should be nearest to the other vector of its text.

    All other vectors of the batch, of both kinds, are what it should be far from (Chen et al. 2020, arXiv 2002.05709,
    equation 1). Mirror-BERT (Liu et al. 2021, arXiv 2104.08027, equation 1) takes the same loss with the temperature
    0.04, and 0.2 for words.

    Args:
        one: `(batch, width)` floats.
        other: `(batch, width)` floats, the other vector of each text.
        temperature: Positive.

    Returns:
        Scalar float32; 0 of a batch of one text.

    Raises:
        ValueError: if the shapes differ or `temperature` is not positive.
    """
    check_temperature(temperature)
    one, other = _prepare(one, other, None)
    count = ops.shape(one)[0]
    log_shares = _log_shares(ops.concatenate([one, other], axis=0), 1.0 / temperature)
    # Row i of one kind belongs to row i of the other.
    pairs = ops.eye(2 * count, dtype="float32")
    pairs = ops.concatenate([pairs[count:], pairs[:count]], axis=0)
    return -ops.sum(log_shares * pairs) / ops.cast(2 * count, "float32")


def _unit(vectors: Any) -> Any:
    """Vectors of length 1; a vector 0 stays as it is."""
    squares = ops.sum(ops.square(vectors), axis=-1, keepdims=True)
    return vectors * ops.rsqrt(ops.maximum(squares, 1e-12))


def _log_shares(vectors: Any, scale: float) -> Any:
    """`(batch, batch)` log-softmax of the scaled cosines between vectors, without that of a vector to itself."""
    unit = _unit(vectors)
    cosines = scale * ops.matmul(unit, ops.transpose(unit))
    return ops.log_softmax(cosines - 1e9 * ops.eye(ops.shape(unit)[0], dtype="float32"), axis=-1)


def agreement(teacher_logits: Any, student_logits: Any, *, mask: Any = None) -> Any:
    """Share of positions at which teacher and student choose the same class.

    Args:
        teacher_logits: `(..., classes)` floats.
        student_logits: `(..., classes)` floats.
        mask: `(...)` bool, true where a position counts; `None` counts all.

    Returns:
        Scalar float32 in [0, 1]; 0 where no position counts.

    Raises:
        ValueError: if the numbers of classes or positions differ.
    """
    return _masked_mean(same_choice(teacher_logits, student_logits, mask=mask), mask, None)


def same_choice(teacher_logits: Any, student_logits: Any, *, mask: Any = None) -> Any:
    """1 where teacher and student choose the same class, 0 elsewhere, `(...)` float32."""
    teacher, student = _prepare(teacher_logits, student_logits, mask)
    return ops.cast(ops.argmax(teacher, axis=-1) == ops.argmax(student, axis=-1), "float32")


def check_temperature(temperature: float) -> None:
    """Raises `ValueError` unless the temperature is a positive number."""
    if not 0 < temperature < math.inf:
        raise ValueError(
            f"`temperature` must be positive, and no infinite number. Received: {temperature}."
        )


def _prepare(teacher: Any, student: Any, mask: Any) -> tuple[Any, Any]:
    """Casts to float32 and blanks what the mask excludes, so that no NaN leaks out of padding."""
    teacher = ops.cast(ops.convert_to_tensor(teacher), "float32")
    student = ops.cast(ops.convert_to_tensor(student), "float32")
    if _shapes_differ(teacher.shape, student.shape):
        raise ValueError(
            "The values of teacher and student must have the same shape. Received: "
            f"{tuple(teacher.shape)} and {tuple(student.shape)}. Teacher and student need the same "
            "labels and the same tokens."
        )
    return _blank(teacher, mask), _blank(student, mask)


def _shapes_differ(one: Any, other: Any) -> bool:
    """Whether two shapes cannot be equal; an unknown size equals any."""
    return len(one) != len(other) or any(
        a is not None and b is not None and a != b for a, b in zip(one, other, strict=True)
    )


def _blank(values: Any, mask: Any) -> Any:
    """Zero wherever the mask excludes."""
    return values if mask is None else ops.where(ops.cast(mask, "bool")[..., None], values, 0.0)


def _cosines(states: Any) -> Any:
    """`(batch, time, time)` cosines; 0 for a state of length 0."""
    unit = _unit(states)
    return ops.matmul(unit, ops.transpose(unit, (0, 2, 1)))


def _masked_mean(values: Any, mask: Any, sample_weight: Any) -> Any:
    counted = ops.ones_like(values) if mask is None else ops.cast(mask, "float32")
    total = values * counted
    if sample_weight is not None:
        weight = ops.cast(sample_weight, "float32")
        if len(weight.shape) == len(values.shape) + 1 and weight.shape[-1] == 1:
            weight = ops.squeeze(weight, -1)
        if len(weight.shape) > len(values.shape):
            raise ValueError(
                f"`sample_weight` must have at most the shape of the positions, {values.shape}. "
                f"Received: {tuple(weight.shape)}. Pass one weight an output, as a dictionary."
            )
        while len(weight.shape) < len(values.shape):
            weight = ops.expand_dims(weight, -1)
        total = total * weight
    return ops.sum(total) / ops.maximum(ops.sum(counted), 1.0)
