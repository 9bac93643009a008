"""First-order linear recurrence as a scan of logarithmic depth.

The pairs `(a, b)` that stand for `c -> a * c + b` compose associatively,
`(a1, b1) then (a2, b2) = (a1 * a2, a2 * b1 + b2)`, so all prefixes come out of ceil(log2(time))
steps of shifted multiplications and additions (Hillis and Steele 1986, *Data Parallel Algorithms*).
Every step is made of operations that each LiteRT runtime has; no loop over time remains in an
exported graph.
"""

from __future__ import annotations

from typing import Any

from keras import ops


def linear_recurrence(a: Any, b: Any, *, reverse: bool = False) -> Any:
    """Solves `c[t] = a[t] * c[t-1] + b[t]` along axis 1, with `c[-1] = 0`.

    With `reverse=True` time runs backwards: `c[t] = a[t] * c[t+1] + b[t]`.

    The gradient is written out instead of being traced through the scan, since it is a recurrence
    of the same kind in the other direction. For upstream gradients `g` (forward case):

        db[t] = g[t] + a[t+1] * db[t+1]
        da[t] = db[t] * c[t-1]

    This needs the inputs and `c` only, and measured several times faster than the traced gradient.

    Where the length of the time axis is known when the graph is made, the steps are unrolled. Where
    it is not (a padded batch inside `tf.function`), a `while_loop` makes exactly as many steps as
    the batch at hand needs, whatever its length.

    Args:
        a: Float tensor `(batch, time, units)`, the factors.
        b: Float tensor of the same shape and dtype, the additions.
        reverse: Whether the recurrence runs from the last step to the first.

    Returns:
        Tensor `c` of the same shape and dtype.

    Raises:
        ValueError: if `a` or `b` does not have three axes.
    """
    a, b = ops.convert_to_tensor(a), ops.convert_to_tensor(b)
    for name, tensor in (("a", a), ("b", b)):
        if len(tensor.shape) != 3:
            raise ValueError(
                f"Argument `{name}` must have shape (batch, time, units). "
                f"Received: shape={tuple(tensor.shape)}."
            )

    @ops.custom_gradient
    def recurrence(a: Any, b: Any) -> Any:
        c = _scan(a, b, reverse)

        def gradient(*args: Any, upstream: Any = None) -> tuple[Any, Any]:
            g = args[0] if upstream is None else upstream
            db = _scan(_shift(a, 1, not reverse), g, not reverse)
            return db * _shift(c, 1, reverse), db

        return c, gradient

    return recurrence(a, b)


def _shift(x: Any, steps: int, reverse: bool) -> Any:
    """Moves `x` later in time (earlier if `reverse`), zeros first; any number of steps."""
    if reverse:
        return ops.pad(x, [[0, 0], [0, steps], [0, 0]])[:, steps:]
    return ops.pad(x, [[0, 0], [steps, 0], [0, 0]])[:, :-steps]


def _scan(a: Any, b: Any, reverse: bool) -> Any:
    time = b.shape[1] if b.shape[1] is not None else a.shape[1]
    if time is None:
        return _dynamic_scan(a, b, reverse)
    steps = 1
    while steps < time:
        # Zeros are shifted into `a` too: their product only ever multiplies zeros shifted into `b`.
        b = a * _shift(b, steps, reverse) + b
        if 2 * steps < time:
            a = a * _shift(a, steps, reverse)
        steps *= 2
    return b


def _dynamic_scan(a: Any, b: Any, reverse: bool) -> Any:
    time = ops.shape(b)[1]
    zeros = ops.zeros_like(b)

    def shift(x: Any, steps: Any) -> Any:
        # A slice whose start varies but whose size does not: XLA refuses any other inside a loop.
        padded = ops.concatenate([x, zeros] if reverse else [zeros, x], axis=1)
        return ops.slice(padded, [0, steps if reverse else time - steps, 0], ops.shape(x))

    def unfinished(steps: Any, a: Any, b: Any) -> Any:
        return steps < time

    def step(steps: Any, a: Any, b: Any) -> tuple[Any, Any, Any]:
        return steps * 2, a * shift(a, steps), a * shift(b, steps) + b

    return ops.while_loop(unfinished, step, (ops.ones((), dtype="int32"), a, b))[2]
