"""Days, weeks, months and parts of days, seen from a reference time."""

from __future__ import annotations

import dataclasses
import datetime
from datetime import timedelta

from pqrnn_tf.extras import require
from pqrnn_tf.values.durations import add_length
from pqrnn_tf.values.items import Clock, Day, Length

PARTS = {
    "early": (0, 6),
    "morning": (6, 12),
    "lunch": (12, 14),
    "afternoon": (12, 18),
    "evening": (18, 24),
    "night": (18, 24),
}
"""First hour and hour after the last of each part of a day."""
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
"""First month of each season, of three months, north of the equator."""
FIRST_HOUR_OF_DAY = 7
"""An hour of a clock of twelve hours that stands with a day is the first one from here on."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""Months in keys of holidays."""
_LAST_HOUR_OF_LUNCH, _FIRST_HOUR_OF_LUNCH = 5, 10
"""An hour up to the one is behind noon where it is said with noon, one from the other on before it."""
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_YEARS_TO_TRY = 9
"""So that 29 February is found from any year."""


@dataclasses.dataclass(frozen=True)
class Stretch:
    """A stretch of local time.

    Attributes:
        start, end: Without a time zone; `end` is not included; `None` for an open side.
        grain: As in `Value`.
    """

    start: datetime.datetime | None
    end: datetime.datetime | None
    grain: str


def midnight(date: datetime.date) -> datetime.datetime:
    """The start of a day."""
    return datetime.datetime(date.year, date.month, date.day)


def day_stretch(date: datetime.date) -> Stretch:
    """A whole day."""
    return Stretch(midnight(date), midnight(date) + timedelta(days=1), "day")


def month_stretch(year: int, month: int) -> Stretch:
    """A whole month; months beyond the year count on."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    start = datetime.datetime(year, month, 1)
    end = datetime.datetime(year + month // 12, month % 12 + 1, 1)
    return Stretch(start, end, "month")


def nth_weekday(year: int, month: int, nth: int, weekday: int) -> datetime.date | None:
    """The nth such day of the week in a month, −1 for the last, −2 for the one before; `None` if there is none."""
    whole = month_stretch(year, month)
    if whole.start is None or whole.end is None:
        return None
    if nth < 0:
        last = (whole.end - timedelta(days=1)).date()
        found = last - timedelta(days=(last.weekday() - weekday) % 7 - 7 * (nth + 1))
        return found if found.month == last.month else None
    first = whole.start.date()
    found = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    return found if found.month == first.month else None


class Calendar:
    """Finds days from a reference time.

    Args:
        now: The reference time, local, without a time zone.
        zone: Its time zone.
        past: Whether days that come again are those that were, not those to come.
    """

    def __init__(self, now: datetime.datetime, zone: datetime.tzinfo | None, *, past: bool = False):
        self.now = now
        self._zone = zone
        self.today = now.date()
        self._past = past

    def day(self, day: Day) -> Stretch | None:
        """The stretch that a day names; `None` where there is none."""
        if day.in_year is not None:
            day = dataclasses.replace(day, year=self.today.year + day.in_year, in_year=None)
        if day.holiday is not None:
            return self._of_years(day, lambda year: holiday(day.holiday or "", year))
        if day.nth is not None and day.weekday is not None:
            return self._nth(day)
        if day.month is not None and day.day is not None:
            return self._of_years(day, lambda year: _date(year, day.month or 1, day.day or 1))
        if day.month is not None:
            return self._month(day)
        if day.day is not None:
            return self._day_of_month(day)
        if day.weekday is not None:
            return self._weekday(day)
        if day.offset is not None:
            return day_stretch(self.today + timedelta(days=day.offset))
        if day.year is not None and day.unit in SEASONS:
            return _season_of(day.year, SEASONS[day.unit])
        if day.year is not None:
            years, year = (10 if day.unit == "decade" else 1), day.year
            if year < 100:  # "the 90s": the latest that have begun
                year += self.today.year // 100 * 100
                year -= 100 if year > self.today.year else 0
            start = datetime.datetime(year, 1, 1)
            end = datetime.datetime(year + years, 1, 1)
            return Stretch(start, end, "interval" if years > 1 else "year")
        if day.unit is not None:
            return self._unit(day.unit, day.mod)
        return None

    def _of_years(self, day: Day, of_year) -> Stretch | None:  # type: ignore[no-untyped-def]
        """The next day of a rule that gives one a year, or the last."""
        if day.year is not None:
            date = of_year(day.year)
            return None if date is None else day_stretch(date)
        past = self._past or day.mod == -1
        years = range(self.today.year, self.today.year + _YEARS_TO_TRY)
        for year in years:
            date = of_year(2 * self.today.year - year if past else year)
            if date is not None and (date < self.today if past else date >= self.today):
                return day_stretch(date)
        return None

    def _nth(self, day: Day) -> Stretch | None:
        nth, weekday = day.nth or 1, day.weekday or 0
        if day.month is not None:
            return self._of_years(day, lambda year: nth_weekday(year, day.month or 1, nth, weekday))
        months = [self.today.month + (day.mod or 0)]
        if day.mod is None:
            months = list(range(self.today.month, self.today.month + 13))
        for month in months:
            date = nth_weekday(self.today.year, month, nth, weekday)
            if date is not None and (day.mod is not None or date >= self.today):
                return day_stretch(date)
        return None

    def _month(self, day: Day) -> Stretch:
        month = day.month or 1
        if day.year is not None:
            return month_stretch(day.year, month)
        year = self.today.year
        if self._past or day.mod == -1:
            return month_stretch(year - (month >= self.today.month), month)
        if day.mod == -2:
            return month_stretch(year - 1 - (month >= self.today.month), month)
        if day.mod == 1 and month == self.today.month:
            year += 1
        return month_stretch(year + (month < self.today.month), month)

    def _day_of_month(self, day: Day) -> Stretch | None:
        if day.mod is not None and day.unit == "month":
            whole = month_stretch(self.today.year, self.today.month + day.mod)
            date = _date(whole.start.year, whole.start.month, day.day or 1) if whole.start else None
            return None if date is None else day_stretch(date)
        step = timedelta(days=-1 if self._past else 1)
        date = self.today + step if self._past else self.today
        for _ in range(366 * _YEARS_TO_TRY):
            if date.day == day.day and day.weekday in (None, date.weekday()):
                return day_stretch(date)
            date += step
        return None

    def _weekday(self, day: Day) -> Stretch:
        weekday, mod = day.weekday or 0, day.mod
        monday = self.today - timedelta(days=self.today.weekday())
        if day.unit == "week":
            return day_stretch(monday + timedelta(days=weekday + 7 * (mod or 0)))
        if mod in (1, 2):
            return day_stretch(monday + timedelta(days=weekday + 7 * mod))
        if mod in (-1, -2) or (mod is None and self._past):
            back = (self.today.weekday() - weekday - 1) % 7 + (8 if mod == -2 else 1)
            return day_stretch(self.today - timedelta(days=back))
        ahead = (weekday - self.today.weekday()) % 7
        if ahead == 0 and mod is None:
            ahead = 7
        return day_stretch(self.today + timedelta(days=ahead))

    def _unit(self, unit: str, mod: int | None) -> Stretch | None:
        shift = mod or 0
        monday = self.today - timedelta(days=self.today.weekday())
        if unit == "day":
            return day_stretch(self.today + timedelta(days=shift))
        if unit == "week":
            start = midnight(monday + timedelta(days=7 * shift))
            return Stretch(start, start + timedelta(days=7), "week")
        if unit == "weekend":
            start = midnight(monday + timedelta(days=5 + 7 * shift))
            return Stretch(start, start + timedelta(days=2), "weekend")
        if unit == "month":
            return month_stretch(self.today.year, self.today.month + shift)
        if unit == "year":
            year = self.today.year + shift
            return Stretch(datetime.datetime(year, 1, 1), datetime.datetime(year + 1, 1, 1), "year")
        if unit in SEASONS:
            return self._season(SEASONS[unit], mod)
        if unit in ("hour", "minute") and mod is not None:
            length = Length(((unit, 1),))
            start = self.now.replace(microsecond=0)
            if mod == 0:
                start = start.replace(minute=0 if unit == "hour" else start.minute, second=0)
            elif mod < 0:
                start = add_length(start, length, -1, self._zone)
            end = add_length(start, length, 1, self._zone)
            return Stretch(start, end, unit if mod == 0 else "interval")
        return None

    def _season(self, month: int, mod: int | None) -> Stretch:
        """The season that begins in a month: the present one or the next to come, or the last that is over."""
        seasons = []
        for year in range(self.today.year - 2, self.today.year + 3):
            seasons.append(_season_of(year, month))
        if mod == -1 or self._past:
            return [one for one in seasons if one.end is not None and one.end <= self.now][-1]
        ahead = [one for one in seasons if one.end is not None and one.end > self.now]
        running = ahead[0].start is not None and ahead[0].start <= self.now
        return ahead[1 if mod == 1 and running else 0]

    def part(self, name: str, date: datetime.date | None) -> Stretch:
        """A part of a day; without a date the next that has not begun."""
        first, last = PARTS[name]
        if date is None:
            date = self.today
            begun = midnight(date) + timedelta(hours=first) <= self.now
            if begun != self._past:
                date += timedelta(days=-1 if self._past else 1)
        start = midnight(date)
        return Stretch(start + timedelta(hours=first), start + timedelta(hours=last), "part")

    def clock(self, clock: Clock, date: datetime.date | None, part: str | None) -> Stretch | None:
        """A time of the clock on a day, or the next time that the clock shows it.

        Args:
            clock: The time.
            date: The day; `None` where none is named.
            part: Part of the day that is named with it.
        """
        times = hours_of(clock, part)
        if date is not None:
            starts = [_at(date, clock, hour) for hour in times]
            if len(starts) > 1:
                ahead = [start for start in starts if start > self.now]
                first = [start for start in starts if start.hour >= FIRST_HOUR_OF_DAY]
                starts = ahead if date == self.today and ahead else first
            start = starts[0]
        else:
            both = [
                _at(self.today + timedelta(days=day), clock, hour)
                for day in (-1, 0, 1, 2)
                for hour in times
            ]
            if self._past:
                start = max(one for one in both if one < self.now)
            else:
                start = min(one for one in both if one > self.now)
        grain = "second" if clock.second else "minute"
        return Stretch(start, start + timedelta(**{f"{grain}s": 1}), grain)


def hours_of(clock: Clock, part: str | None) -> tuple[int, ...]:
    """The hours of the day that a time of the clock may mean; 24 and more are those of the next day."""
    hour = clock.hour
    if clock.half == "am":
        return (hour % 12,)
    if clock.half == "pm":
        return (hour % 12 + 12,)
    if clock.midnight:
        return (24,)
    if clock.half == "24" and hour == 12 and part == "night":
        return (24,)  # "zwölf Uhr nachts"
    if clock.half == "24" or hour > 12 or hour == 0:
        late = part in ("afternoon", "evening") or (part == "night" and hour >= 5)
        late = late or (part == "lunch" and hour <= _LAST_HOUR_OF_LUNCH)
        return (hour + 12,) if late and 0 < hour < 12 else (hour,)
    hour %= 12
    if part in ("morning", "early"):
        return (hour,) if hour or part == "early" else (12,)
    if part in ("afternoon", "evening") or (part == "lunch" and hour <= _LAST_HOUR_OF_LUNCH):
        return (hour + 12,)
    if part == "lunch" and hour >= _FIRST_HOUR_OF_LUNCH:
        return (hour,)  # "halb zwölf mittags"
    if part == "night":
        return (hour + 12,) if hour >= 5 else (hour + 24,)
    return (hour, hour + 12)


def _at(date: datetime.date, clock: Clock, hour: int) -> datetime.datetime:
    return midnight(date) + timedelta(hours=hour, minutes=clock.minute, seconds=clock.second)


def _date(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def _season_of(year: int, month: int) -> Stretch:
    """The season that begins in a month of a year."""
    start = datetime.datetime(year, month, 1)
    return Stretch(start, month_stretch(year, month + 2).end, "interval")


def holiday(key: str, year: int) -> datetime.date | None:
    """A holiday in a year: `12-25`, `nov_4_thu` for the fourth Thursday of November, or `easter`.

    The last two may have the number of days after it: `easter_-2`, `nov_4_thu_1`.
    """
    if key.startswith("easter"):
        return require("dateutil.easter").easter(year) + timedelta(
            days=int(key.partition("_")[2] or 0)
        )
    if "_" not in key:
        month, _, day = key.partition("-")
        return _date(year, int(month), int(day))
    month, nth, weekday, *after = key.split("_")
    date = nth_weekday(year, MONTHS.index(month) + 1, int(nth), _WEEKDAYS.index(weekday))
    return date + timedelta(days=int(after[0])) if date is not None and after else date
