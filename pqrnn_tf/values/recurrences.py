"""Recurrences as rules of RFC 5545."""

from __future__ import annotations

import calendar
from collections.abc import Sequence

from pqrnn_tf.values.calendar import MONTHS
from pqrnn_tf.values.durations import in_whole_units
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
_LEAP_YEAR = 2028
_EDGES = (
    {
        "WEEKLY": "FREQ=WEEKLY;BYDAY=MO",
        "MONTHLY": "FREQ=MONTHLY;BYMONTHDAY=1",
        "YEARLY": "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1",
    },
    {
        "WEEKLY": "FREQ=WEEKLY;BYDAY=SU",
        "MONTHLY": "FREQ=MONTHLY;BYMONTHDAY=-1",
        "YEARLY": "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31",
    },
)
"""The first and the last day of each week, month and year."""


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
    counted = [day for day in days if day.nth is not None and day.weekday is not None]
    if counted:
        if len({day.month for day in counted}) > 1:
            return None
        month = counted[0].month
        start = f"FREQ=YEARLY;BYMONTH={month}" if month else "FREQ=MONTHLY"
        return f"{start};BYDAY={','.join(f'{day.nth}{_WEEKDAYS[day.weekday or 0]}' for day in counted)}"
    fixed = [day for day in days if day.day is not None and day.weekday is not None]
    if fixed and fixed[0].month is None:  # "every friday the 13th"
        weekday, date = fixed[0].weekday or 0, fixed[0].day
        return (
            f"FREQ=MONTHLY;BYDAY={_WEEKDAYS[weekday]};BYMONTHDAY={date}" if not fixed[1:] else None
        )
    weekdays = weekdays_of(items, days)
    found = _interval(items, days, other)
    if found is None:
        return None
    interval, unit = found
    if weekdays:
        names = ",".join(_WEEKDAYS[number] for number in weekdays)
        step = f";INTERVAL={interval}" if interval > 1 and (other or unit in (None, "week")) else ""
        return f"FREQ=WEEKLY{step};BYDAY={names}"
    for day in days:
        if day.holiday is not None:
            return _yearly(day.holiday)
    dates = [day for day in days if day.day is not None or day.month is not None]
    if dates:
        return _dated(dates)
    frequency = senses.get("freq") or _FREQUENCY.get(unit or "")
    edge = _EDGES["end_of" in senses].get(frequency or "")
    if edge is not None and {"start_of", "end_of"} & set(senses):
        return edge if interval == 1 else None
    if "freq" in senses:
        return f"FREQ={senses['freq']}"
    if unit is not None:
        step = f";INTERVAL={interval}" if interval > 1 else ""
        return f"FREQ={_FREQUENCY[unit]}{step}"
    if any(isinstance(item, Part) for item in items):
        return "FREQ=DAILY"
    return None


def without_days(rule: str, excepted: Sequence[int]) -> str | None:
    """A rule without some days of the week: `every day except sunday`.

    Args:
        rule: Every day, or days of each week.
        excepted: The days that are left out, 0 for Monday.

    Returns:
        The rule of the days that are left; `None` where none are, and for another rule.
    """
    start, _, names = rule.partition(";BYDAY=")
    if rule == "FREQ=DAILY":
        start, names = "FREQ=WEEKLY", ",".join(_WEEKDAYS)
    elif not names or not rule.startswith("FREQ=WEEKLY"):
        return None
    left = [name for name in names.split(",") if _WEEKDAYS.index(name) not in excepted]
    return f"{start};BYDAY={','.join(left)}" if left else None


def _dated(days: Sequence[Day]) -> str | None:
    """The rule of days of months, or of whole months; `None` for what one rule does not say, and 30 February."""
    months = sorted({day.month for day in days if day.month is not None})
    dates = sorted({day.day for day in days if day.day is not None})
    by_month = f"BYMONTH={','.join(map(str, months))}"
    if not dates:
        return f"FREQ=YEARLY;{by_month}"
    by_date = f"BYMONTHDAY={','.join(map(str, dates))}"
    if not months:
        return f"FREQ=MONTHLY;{by_date}"
    if len(months) > 1 or dates[-1] > calendar.monthrange(_LEAP_YEAR, months[0])[1]:
        return None
    return f"FREQ=YEARLY;{by_month};{by_date}"


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


def _interval(
    items: Sequence[Item], days: Sequence[Day], other: bool
) -> tuple[int, str | None] | None:
    """How many of which unit lie between two occurrences; `None` where no whole number does."""
    for item in items:
        if isinstance(item, Length) and item.mod is None:
            return in_whole_units(item)
    unit = next((day.unit for day in days if day.unit in _FREQUENCY), None)
    number = next((item.number for item in items if isinstance(item, Number) and item.ordinal), 1)
    if other:
        return 2, unit
    return int(number), unit
