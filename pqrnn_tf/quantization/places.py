"""Places of a layer where activations are rounded, or watched to know their range."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from keras import ops

from pqrnn_tf.quantization.fake_quantizers import FixedRangeQuantizer

Range = tuple[float, float]
"""Smallest and largest activation; 0 is never outside."""

Action = Callable[[Any], Any]


class Places:
    """Named places that activations of a layer pass; nothing happens there until an action is set.

    Actions are no part of a layer's configuration: they are set for a calibration, a training or an
    export, and taken away again.

    Args:
        *names: The places.

    Example:
    ```python
    places = Places("inputs")
    places.actions["inputs"] = rounding((0.0, 2.0))
    places("inputs", activations)
    ```
    """

    def __init__(self, *names: str) -> None:
        self.actions: dict[str, Action | None] = dict.fromkeys(names)

    def __call__(self, name: str, activations: Any) -> Any:
        """The activations after the action of a place."""
        action = self.actions[name]
        return activations if action is None else action(activations)


class RangeWatcher:
    """An action that notes the range of what passes, outside of graphs.

    Attributes:
        range: Range of all activations so far, and 0.
    """

    def __init__(self) -> None:
        self.range: Range = (0.0, 0.0)

    def __call__(self, activations: Any) -> Any:
        """Returns the activations unchanged."""
        low, high = self.range
        self.range = min(low, float(ops.min(activations))), max(high, float(ops.max(activations)))
        return activations


def rounding(limits: Range, *, bits: int = 8) -> Action:
    """An action that rounds to integers of some bits whose range holds `limits`, both of them and 0.

    Raises:
        ValueError: if both limits are 0.
    """
    low, high = limits
    # `FixedRangeQuantizer` leaves the upper end of its range out.
    end = low + (high - low) * 2**bits / (2**bits - 1)
    if not low < end:
        raise ValueError(
            f"`limits` must be the range of activations that are not all 0. Received: {limits}. Calibrate "
            "with other text."
        )
    return functools.partial(FixedRangeQuantizer(bits), minimum=low, maximum=end)
