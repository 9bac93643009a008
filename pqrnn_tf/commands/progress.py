"""How far long work is: rows, time left and the development score, on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    import keras

SECONDS_BETWEEN_LINES = 10.0
"""On a terminal one line is written over and over; elsewhere a new line is written after so many seconds."""
SECONDS_BETWEEN_LOOKS = 0.2
SCORE = "dev_flat_exact_match"
"""The development score in the logs of an epoch."""


class ProgressLine:
    """A line that says how much of some work is done.

    Args:
        work: What it is, such as `"training"`.
        stream: Where the line goes.
        clock: Seconds that pass.
        unit: What is counted.
    """

    def __init__(
        self,
        work: str,
        stream: TextIO | None,
        clock: Callable[[], float] = time.monotonic,
        *,
        unit: str = "rows",
    ):
        self._work = work
        self._unit = unit
        self._stream = stream
        self._clock = clock
        self._terminal = stream is not None and stream.isatty()
        self._begin: tuple[float, int] | None = None
        self._next = clock() + (0.0 if self._terminal else SECONDS_BETWEEN_LINES)
        self._score: float | None = None

    def begin(self) -> None:
        """Begins other work of the same name, such as the next stage: its time is its own."""
        self._begin = None

    def score(self, value: float) -> None:
        """Takes the newest development score, in percent."""
        self._score = value

    def at(self, rows: int, total: int) -> None:
        """Takes the rows that are done, and writes the line if it is time for it.

        Args:
            rows: Rows that are done, those of a run before included.
            total: All rows.
        """
        now = self._clock()
        if self._begin is None:  # what comes before the first step's end is building, not work
            self._begin = (now, rows)
        last = rows >= total
        if self._stream is None or (now < self._next and not last):
            return
        self._next = now + (SECONDS_BETWEEN_LOOKS if self._terminal else SECONDS_BETWEEN_LINES)
        parts = [f"{self._work}: {rows:,} of {total:,} {self._unit}"]
        seconds, done = now - self._begin[0], rows - self._begin[1]
        if last:
            parts.append(f"{duration(seconds)}")
        elif done > 0:
            parts.append(f"{duration(seconds / done * (total - rows))} left")
        if self._score is not None:
            parts.append(f"development rows {self._score:.1f} % right")
        line = ", ".join(parts)
        if self._terminal:  # over the line before, and the rest of that is cleared
            self._stream.write(f"\r{line}\x1b[K" + ("\n" if last else ""))
        else:
            self._stream.write(line + "\n")
        self._stream.flush()


def duration(seconds: float) -> str:
    """A time as people say it: `8 s`, `1 min 20 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def progress_callbacks(
    work: str, rows_per_step: int, verbose: int, stream: TextIO | None = None
) -> list[keras.callbacks.Callback]:
    """Callbacks for a `fit` that say how far it is.

    Args:
        work: What it is, such as `"training"`.
        rows_per_step: Rows that a step takes.
        verbose: The flag of the commands: there are callbacks where it is 1.
        stream: Where the line goes; `None` for standard error.
    """
    if verbose != 1:
        return []
    import keras

    line = ProgressLine(work, stream or sys.stderr)
    steps = [0]

    def training_begins(logs: Any = None) -> None:
        line.begin()

    def round_begins(epoch: int, logs: Any = None) -> None:
        steps[0] = epoch * callback.params["steps"]

    def step_ends(batch: int, logs: Any = None) -> None:
        steps[0] += 1
        total = callback.params["epochs"] * callback.params["steps"]
        # The last one is said with its score, at the end of the round.
        if steps[0] < total:
            line.at(steps[0] * rows_per_step, total * rows_per_step)

    def round_ends(epoch: int, logs: Mapping[str, float] | None = None) -> None:
        if SCORE in (logs or {}):
            line.score(float((logs or {})[SCORE]))
        total = callback.params["epochs"] * callback.params["steps"]
        line.at(steps[0] * rows_per_step, total * rows_per_step)

    callback = keras.callbacks.LambdaCallback(
        on_train_begin=training_begins,
        on_epoch_begin=round_begins,
        on_epoch_end=round_ends,
        on_train_batch_end=step_ends,
    )
    return [callback]
