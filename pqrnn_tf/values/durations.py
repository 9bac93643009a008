"""Stretches of time by their length."""

from __future__ import annotations

import datetime
from datetime import timedelta

from pqrnn_tf.extras import require
from pqrnn_tf.values.items import MONTHS, SECONDS, Length
from pqrnn_tf.values.value import Value

_ORDER = ("year", "month", "week", "day", "hour", "minute", "second")
_BELOW = {
    "year": ("month", 12),
    "week": ("day", 7),
    "day": ("hour", 24),
    "hour": ("minute", 60),
    "minute": ("second", 60),
}
"""The next smaller unit, where a fraction is a whole number of them."""
_LETTERS = {
    "year": "Y",
    "month": "M",
    "week": "W",
    "day": "D",
    "hour": "H",
    "minute": "M",
    "second": "S",
}
_CARRIES = (("second", 60, "minute"), ("minute", 60, "hour"))


def _totals(length: Length) -> dict[str, float]:
    """The number of each unit, fractions carried to the unit below."""
    totals = dict.fromkeys(_ORDER, 0.0)
    for unit, number in length.parts:
        totals[unit] += number
    for unit in _ORDER:
        fraction = totals[unit] % 1
        if fraction and unit in _BELOW:
            below, times = _BELOW[unit]
            totals[unit] -= fraction
            totals[below] += round(fraction * times, 6)
    return totals


def duration_value(length: Length, *, sign: int = 1) -> Value:
    """A length as a value.

    Args:
        length: The length.
        sign: −1 for one that lies before something else, as in `30 minutes before`.
    """
    totals = _totals(length)
    number, unit = _in_one_unit(totals)
    for small, times, large in _CARRIES:
        if totals[small] >= times and totals[small] == int(totals[small]):
            totals[large] += totals[small] // times
            totals[small] %= times
    date = "".join(_part(totals, unit) for unit in _ORDER[:4])
    time = "".join(_part(totals, unit) for unit in _ORDER[4:])
    text = "P" + date + (f"T{time}" if time else "") if date or time else "PT0S"
    return Value(
        "duration",
        "-" + text if sign < 0 else text,
        None if number is None else sign * number,
        unit,
    )


def _part(totals: dict[str, float], unit: str) -> str:
    number = totals[unit]
    return f"{number:.10g}{_LETTERS[unit]}" if number else ""


def _in_one_unit(totals: dict[str, float]) -> tuple[float | None, str | None]:
    """The whole length in its smallest unit; `(None, None)` where months and days mix."""
    used = [unit for unit in _ORDER if totals[unit]]
    if not used:
        return 0, "second"
    smallest = used[-1]
    for table in (SECONDS, MONTHS):
        if all(unit in table for unit in used):
            number = sum(totals[unit] * table[unit] for unit in used) / table[smallest]
            return (int(number) if number == int(number) else number), smallest
    return None, None


def add_length(
    start: datetime.datetime, length: Length, sign: int, zone: datetime.tzinfo | None
) -> datetime.datetime:
    """A local time a length later: days and more by the calendar, hours and less by the clock's own seconds.

    Args:
        start: Local, without a time zone; its fold says which of two hours of the same name it is in.
        length: How much.
        sign: 1 for later, −1 for earlier.
        zone: The time zone, which may change its offset in between.

    Raises:
        OverflowError: if Python's calendar does not reach so far, or the length has a part of a month.
    """
    totals = _totals(length)
    if totals["month"] % 1:
        raise OverflowError(f"{totals['month']} months have no length.")
    try:
        days = require("dateutil.relativedelta").relativedelta(
            years=sign * int(totals["year"]),
            months=sign * int(totals["month"]),
            days=sign * int(totals["day"] + 7 * totals["week"]),
        )
        moved = start + days if days else start  # a sum forgets the fold
        seconds = sum(totals[unit] * SECONDS[unit] for unit in ("hour", "minute", "second"))
        if not seconds:
            return moved
        universal = _universal(moved, zone) + timedelta(seconds=sign * seconds)
        return universal.astimezone(zone).replace(tzinfo=None)
    except ValueError as error:
        raise OverflowError(str(error)) from error


def in_whole_units(length: Length) -> tuple[int, str] | None:
    """A length as a whole number of its smallest unit, `an hour and a half` as 90 minutes; `None` where it is none."""
    number, unit = _in_one_unit(_totals(length))
    if number is None or unit is None or number < 1 or number != int(number):
        return None
    return int(number), unit


def has_hours(length: Length) -> bool:
    """Whether a length is told in hours or less, its fractions carried to the unit below."""
    totals = _totals(length)
    return any(totals[unit] for unit in ("hour", "minute", "second"))


def time_between(
    start: datetime.datetime, end: datetime.datetime, zone: datetime.tzinfo | None
) -> timedelta:
    """The time that passes between two local times.

    Args:
        start, end: Local, without a time zone.
        zone: The time zone, which may change its offset in between.
    """
    return _universal(end, zone) - _universal(start, zone)


def _universal(time: datetime.datetime, zone: datetime.tzinfo | None) -> datetime.datetime:
    return time.replace(tzinfo=zone).astimezone(datetime.timezone.utc)
