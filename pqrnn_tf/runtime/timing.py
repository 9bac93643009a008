"""Times of systems that take turns, so that a busy machine is unfair to none."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np


def time_in_turns(
    systems: Mapping[str, Callable[[Any], Any]],
    inputs: Sequence[Any],
    *,
    rounds: int = 3,
    block: int = 25,
    prepare: Mapping[str, Callable[[Any], object]] | None = None,
) -> dict[str, np.ndarray]:
    """Seconds that each system takes for each input, the best of `rounds` turns.

    The systems take turns by blocks of inputs, so that whatever else the machine does meets all of
    them, while each still runs with caches as warm as when it serves by itself.

    Args:
        systems: What is timed, by name.
        inputs: What each is called with.
        rounds: Turns.
        block: Inputs of a turn of one system.
        prepare: What a system does before each input, untimed; none by default.

    Returns:
        For each system the seconds, in the order of `inputs`.
    """
    seconds = {name: np.full(len(inputs), np.inf) for name in systems}
    for _ in range(rounds):
        for first in range(0, len(inputs), block):
            rows = range(first, min(first + block, len(inputs)))
            for name, run in systems.items():
                ready = (prepare or {}).get(name)
                if ready:
                    ready(inputs[rows[0]])
                run(inputs[rows[0]])
                for row in rows:
                    if ready:
                        ready(inputs[row])
                    begin = time.perf_counter()
                    run(inputs[row])
                    elapsed = time.perf_counter() - begin
                    seconds[name][row] = min(seconds[name][row], elapsed)
    return seconds
