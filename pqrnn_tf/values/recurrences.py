"""Recurrences as rules of RFC 5545."""

from __future__ import annotations

from collections.abc import Sequence

from pqrnn_tf.values.calendar import MONTHS
from pqrnn_tf.values.durations import duration_value
from pqrnn_tf.values.items import Day, Item, Length, Number, Part, Word

_FREQUENCY = {
    "second": "SECONDLY",
    "minute": "MINUTELY",
    "hour": "HOURLY",
    "day": "DAILY",
    "week": "WEEKLY",
    "month": "MONTHLY",
    "year": "YEARLY",
}
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKEND = (5, 6)
_EDGES = (("end_of", -1), ("start_of", 1))
"""The day of a month that its end or start is."""


def rule_of(items: Sequence[Item], days: Sequence[Day]) -> str | None:
    """The rule of a recurrence, without times of the day.

    Args:
        items: What the words say.
        days: The days among them, with those that belong together as one.

    Returns:
        Such as `FREQ=WEEKLY;BYDAY=MO`; `None` where the items name none.
    """
    senses = {
        name: more for item in items if isinstance(item, Word) for name, more in item.senses.items()
    }
    other = "every_other" in senses
    for day in days:
        if day.nth is not None and day.weekday is not None:
            month = f";BYMONTH={day.month}" if day.month else ""
            frequency = "YEARLY" if day.month else "MONTHLY"
            return f"FREQ={frequency}{month};BYDAY={day.nth}{_WEEKDAYS[day.weekday]}"
    weekdays = weekdays_of(items, days)
    interval, unit = _interval(items, days, other)
    if weekdays:
        names = ",".join(_WEEKDAYS[number] for number in weekdays)
        step = f";INTERVAL={interval}" if interval > 1 and unit in (None, "week") else ""
        return f"FREQ=WEEKLY{step};BYDAY={names}"
    for day in days:
        if day.holiday is not None:
            return _yearly(day.holiday)
        if day.month is not None and day.day is not None:
            return f"FREQ=YEARLY;BYMONTH={day.month};BYMONTHDAY={day.day}"
        if day.day is not None:
            numbers = sorted({one.day for one in days if one.day is not None and not one.month})
            return f"FREQ=MONTHLY;BYMONTHDAY={','.join(map(str, numbers))}"
        if day.month is not None:
            return f"FREQ=YEARLY;BYMONTH={day.month}"
    rule = None
    if "freq" in senses:
        rule = f"FREQ={senses['freq']}"
    elif unit is not None:
        step = f";INTERVAL={interval}" if interval > 1 else ""
        rule = f"FREQ={_FREQUENCY[unit]}{step}"
    edge = next((day for name, day in _EDGES if name in senses), None)
    if rule == "FREQ=MONTHLY" and edge is not None:  # "the last day of every month"
        return f"{rule};BYMONTHDAY={edge}"
    if rule is not None:
        return rule
    if any(isinstance(item, Part) for item in items):
        return "FREQ=DAILY"
    return None


def _yearly(key: str) -> str | None:
    """The rule of a holiday; `None` for one that no rule of RFC 5545 gives."""
    if key.startswith("easter"):
        return None
    if "_" in key:
        month, nth, weekday = key.split("_")
        return f"FREQ=YEARLY;BYMONTH={MONTHS.index(month) + 1};BYDAY={nth}{weekday[:2].upper()}"
    month, _, day = key.partition("-")
    return f"FREQ=YEARLY;BYMONTH={int(month)};BYMONTHDAY={int(day)}"


def weekdays_of(items: Sequence[Item], days: Sequence[Day]) -> list[int]:
    """The days of the week that are named, those between two with `to` between them included."""
    found: set[int] = set()
    for day in days:
        if day.weekday is not None:
            found.add(day.weekday)
        elif day.unit == "weekend":
            found |= set(_WEEKEND)
        elif day.unit == "weekday":
            found |= set(range(5))
    for i, item in enumerate(items):
        if isinstance(item, Word) and "to" in item.senses and 0 < i < len(items) - 1:
            first, last = items[i - 1], items[i + 1]
            ends = [day.weekday for day in (first, last) if isinstance(day, Day)]
            if len(ends) == 2 and ends[0] is not None and ends[1] is not None:
                count = (ends[1] - ends[0]) % 7
                found |= {(ends[0] + step) % 7 for step in range(count + 1)}
    return sorted(found)


def _interval(items: Sequence[Item], days: Sequence[Day], other: bool) -> tuple[int, str | None]:
    """How many of which unit lie between two occurrences."""
    for item in items:
        if isinstance(item, Length) and item.mod is None:
            length = duration_value(item)
            if length.value is not None and length.value == int(length.value) >= 1:
                return int(length.value), length.unit
    unit = next((day.unit for day in days if day.unit in _FREQUENCY), None)
    number = next((item.number for item in items if isinstance(item, Number) and item.ordinal), 1)
    if other:
        return 2, unit
    return int(number), unit
