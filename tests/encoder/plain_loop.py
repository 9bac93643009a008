"""The QRNN as plain float64 loops: what every faster form must equal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def plain_recurrence(a: Array, b: Array, reverse: bool) -> Array:
    """c[t] = a[t] c[t-1] + b[t] (or c[t+1] in reverse), one step after the other."""
    c = np.zeros_like(b, dtype=np.float64)
    state = np.zeros((b.shape[0], b.shape[2]))
    steps = range(b.shape[1])
    for t in reversed(steps) if reverse else steps:
        state = a[:, t] * state + b[:, t]
        c[:, t] = state
    return c


def plain_qrnn(
    inputs: Array,
    kernel: Array,
    bias: Array,
    *,
    units: int,
    kernel_width: int,
    pooling: str,
    direction: str,
    mask: NDArray[np.bool_] | None,
) -> Array:
    """A QRNN layer, one example, one step and one tap of the kernel at a time."""
    batch, time, channels = inputs.shape
    taps = kernel.reshape(kernel_width, channels, -1)
    outputs = np.zeros((batch, time, units))
    for n in range(batch):
        real = [True] * time if mask is None else [bool(m) for m in mask[n]]
        state = np.zeros(units)
        for t in range(time) if direction == "forward" else range(time - 1, -1, -1):
            if not real[t]:
                continue
            first = t - kernel_width + 1 if direction == "forward" else t
            gates = bias.copy()
            for tap in range(kernel_width):
                at = first + tap
                if 0 <= at < time and real[at]:
                    gates = gates + inputs[n, at] @ taps[tap]
            z = np.tanh(gates[:units])
            f, *others = (
                1.0 / (1.0 + np.exp(-gates[k : k + units])) for k in range(units, len(gates), units)
            )
            state = f * state + (others[1] if pooling == "ifo" else 1.0 - f) * z
            outputs[n, t] = state if pooling == "f" else others[0] * state
    return outputs
