"""What words and numbers say of times, one by one, before it is put together."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import TypeAlias

from pqrnn_tf.values.tokens import Token

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
"""Units of one length."""
MONTHS = {"month": 1, "year": 12, "decade": 120}
"""Units of whole months."""
_ISO_UNITS = {"fortnight": ("week", 2), "decade": ("year", 10)}
TWELVE_HOURS = ("en", "es", "hi", "th")
"""Languages in which an hour without more is one of a clock of twelve hours."""
_DOTTED = re.compile(r"(1?\d|2[0-3])\.([0-5]\d)")
_BEFORE_HOURS = {"at", "from", "between", "starting", "until", "before", "after"}
_ROUND_MINUTES = (5, 10, 15, 20, 25)


@dataclasses.dataclass(frozen=True)
class Item:
    """Something that words say."""


@dataclasses.dataclass(frozen=True)
class Clock(Item):
    """A time of a clock.

    Attributes:
        hour, minute, second: As they are said.
        half: `"am"`, `"pm"`, `"24"` for a clock of 24 hours; `None` where it is open.
        midnight: Whether it is the end of the day that is named with it.
    """

    hour: int
    minute: int = 0
    second: int = 0
    half: str | None = None
    midnight: bool = False


@dataclasses.dataclass(frozen=True)
class Part(Item):
    """A part of a day by its name, and whether it stands in the plural."""

    name: str
    plural: bool = False


@dataclasses.dataclass(frozen=True)
class Day(Item):
    """A day, or a week, month or year; what is `None` is not said.

    Attributes:
        offset: Days from today.
        weekday: 0 for Monday.
        plural: Whether the day of the week stands in the plural.
        mod: 0 for this, 1 for next, −1 for last.
        month, day, year: What a date says.
        unit: `"week"`, `"month"`, `"year"`, `"day"`, `"weekend"`, `"weekday"`; `mod` says which.
        nth: Which one of the weekday in its month; −1 for the last.
        holiday: Its key.
        in_year: 0 for this year, 1 for the next, −1 for the last.
    """

    offset: int | None = None
    weekday: int | None = None
    plural: bool = False
    mod: int | None = None
    month: int | None = None
    day: int | None = None
    year: int | None = None
    unit: str | None = None
    nth: int | None = None
    holiday: str | None = None
    in_year: int | None = None


@dataclasses.dataclass(frozen=True)
class Length(Item):
    """A stretch of time: `(unit, number)` in the order of the words."""

    parts: tuple[tuple[str, float], ...]
    mod: int | None = None


@dataclasses.dataclass(frozen=True)
class Number(Item):
    """A number that may be an hour or a day."""

    number: float
    ordinal: bool
    text: str


@dataclasses.dataclass(frozen=True)
class Word(Item):
    """A word with a role in what is said: names of senses."""

    senses: dict[str, str]


@dataclasses.dataclass(frozen=True)
class Unknown(Item):
    """A word that says nothing of time."""

    text: str


_Found: TypeAlias = "tuple[list[Item], int] | None"
"""Items and the place behind them; `None` where a rule does not apply."""


def items_of(tokens: Sequence[Token], language: str, *, hours: bool = True) -> list[Item]:
    """What the tokens say, in their order.

    Args:
        tokens: The words.
        language: Their language.
        hours: Whether words for hours may name an hour of the day, as in French; else they are lengths.
    """
    reader = _Reader(list(tokens), language, hours=hours)
    items: list[Item] = []
    at = 0
    while at < len(tokens):
        found, at = reader.read(at, items)
        items += found
    return items


class _Reader:
    """Reads items off tokens."""

    def __init__(self, tokens: list[Token], language: str, *, hours: bool):
        self._tokens = tokens
        self._hours = hours
        self._language = language
        self._rules = (
            self._date,
            self._length,
            self._lead,
            self._minutes_past,
            self._named_hour,
            self._month_day,
            self._hour,
            self._nth,
            self._mod,
            self._named_day,
        )

    def read(self, at: int, before: list[Item]) -> tuple[list[Item], int]:
        for rule in self._rules:
            found = rule(at, before)
            if found is not None:
                return found
        token = self._tokens[at]
        if token.number == 1 and token.spelled and self._is(at + 1, "at", "for"):
            return [], at + 1  # "and one at 10"
        if token.number is not None:
            return [Number(token.number, token.ordinal, token.text)], at + 1
        if token.senses:
            return [Word(token.senses)], at + 1
        return [Unknown(token.text)], at + 1

    def _sense(self, at: int, name: str) -> str | None:
        """What the token at a place says more of a sense; `None` without the sense."""
        return self._tokens[at].senses.get(name) if 0 <= at < len(self._tokens) else None

    def _is(self, at: int, *names: str) -> bool:
        return any(self._sense(at, name) is not None for name in names)

    def _number(self, at: int) -> float | None:
        """The number at a place, no ordinal."""
        if 0 <= at < len(self._tokens) and not self._tokens[at].ordinal:
            return self._tokens[at].number
        return None

    def _whole(self, at: int, least: int, most: int) -> int | None:
        number = self._number(at)
        if number is None or number != int(number) or not least <= number <= most:
            return None
        return int(number)

    def _skip(self, at: int) -> int:
        """The next place that is not only a filler."""
        while at < len(self._tokens) and set(self._tokens[at].senses) == {"filler"}:
            at += 1
        return at

    def _date(self, at: int, before: list[Item]) -> _Found:
        date = self._tokens[at].date
        if date is None:
            return None
        year, month, day = date
        return [Day(year=year or None, month=month, day=day)], at + 1

    def _length(self, at: int, before: list[Item]) -> _Found:
        parts: list[tuple[str, float]] = []
        end = at
        while end < len(self._tokens):
            start = end
            while parts and self._is(start, "and"):
                start += 1
            found = self._one_length(start)
            if found is None:
                break
            more, end = found
            parts += more
        if not parts:
            return None
        if self._hours and self._is_clock_of(at, end, parts, before):
            return None
        # "an hour and a half", "2 hours 30"
        half = self._is(end, "and_half") or self._sense(end, "tail") == "30"
        if half or (self._language == "th" and self._is(end, "half")):
            parts.append((parts[-1][0], 0.5))
            end += 1
        elif (
            parts[-1][0] == "hour"
            and (minutes := self._whole(end, 1, 59)) is not None
            and not self._is(end + 1, "unit", "ampm", "oclock", "month")
        ):
            parts.append(("minute", minutes))
            end += 1
        return [Length(tuple(parts))], end

    def _is_clock_of(self, at: int, end: int, parts, before: list[Item]) -> bool:  # type: ignore[no-untyped-def]
        """Whether the words for hours name an hour of the day: French, and Spanish `a las 7 horas`."""
        if parts[0][0] != "hour" or self._whole(at, 0, 24) is None or at + 1 >= len(self._tokens):
            return False
        if not (self._is(at + 1, "oclock") or self._language == "es"):
            return False
        if len(self._tokens[at + 1].text) == 1 and self._language == "en":
            return False
        previous = before[-1] if before else None
        after_at = isinstance(previous, Word) and bool(_BEFORE_HOURS & set(previous.senses))
        if isinstance(previous, Word) and "for" in previous.senses and "at" not in previous.senses:
            after_at = False
        if self._language == "es":
            return after_at and isinstance(previous, Word) and "for" not in previous.senses
        if self._language != "fr":
            return False
        spoken = any(isinstance(item, (Day, Part)) for item in before)
        following = self._is(end, "part", "ampm", "day", "dow", "month") or (
            self._whole(at + 2, 1, 59) is not None and not self._is(at + 3, "unit")
        )
        return after_at or spoken or following or (self._is(at + 2, "tail") and not before)

    def _one_length(self, at: int) -> tuple[list[tuple[str, float]], int] | None:
        """`(parts, end)` of one number with its unit."""
        if at >= len(self._tokens):
            return None
        if self._is(at, "halfhour"):
            return [("minute", 30.0)], at + 1
        if self._is(at, "quarterhour"):
            return [("minute", 15.0)], at + 1
        number, end = self._amount(at)
        if number is None or end >= len(self._tokens):
            return None
        unit = self._sense(end, "unit")
        if unit is None and self._is(end, "filler") and self._is(end + 1, "unit") and number < 1:
            end, unit = end + 1, self._sense(end + 1, "unit")
        if unit is None:
            while self._is(end, "more") or (self._tokens[end].text in ("-", "–")):
                end += 1
                if end == len(self._tokens):
                    return None
            unit = self._sense(end, "unit")
        if unit is None:
            return None
        if (
            unit == "second"
            and self._tokens[end].ordinal
            and self._is(end + 1, "dow", "unit", "month")
        ):
            return None
        if number == int(number):
            number = int(number)
        unit, times = _ISO_UNITS.get(unit, (unit, 1))
        return [(unit, number * times)], end + 1

    def _amount(self, at: int) -> tuple[float | None, int]:
        """`(number, end)` of how many there are."""
        number = self._number(at)
        if number is None and (word := self._sense(at, "num")) is not None:
            number = float(word)
        if number is not None:
            if self._is(at + 1, "and_half"):
                return number + 0.5, at + 2
            # "a half hour"
            if number == 1 and self._is(at + 1, "half") and self._language != "th":
                return 0.5, at + 2
            if number == 1 and self._is(at + 1, "quarter"):
                return 0.25, self._skip(at + 2)
            return number, at + 1
        if self._is(at, "half"):
            end = at + 1
            if self._sense(end, "num") == "1":
                end += 1
            return 0.5, end
        if self._is(at, "quarter"):
            end = self._skip(at + 1)
            if self._sense(end, "num") == "1":
                end += 1
            return 0.25, end
        if (lead := self._sense(at, "lead")) and self._language == "hi":  # "साढ़े तीन घंटे"
            number = self._number(at + 1)
            if number is not None:
                return number + int(lead) / 60, at + 2
        return None, at

    def _lead(self, at: int, before: list[Item]) -> _Found:
        """`half past seven`, `halb acht`, also after minutes: `fünf vor halb acht`."""
        lead = self._sense(at, "lead")
        hour = self._whole(at + 1, 1, 24)
        if lead is None or hour is None:
            return None
        return self._closed(hour * 60 + int(lead), at + 2)

    def _minutes_past(self, at: int, before: list[Item]) -> _Found:
        minutes = self._whole(at, 1, 59)
        if minutes is None and self._is(at, "quarter"):
            minutes = 15
        if minutes is None:
            return None
        end = at + 1
        if self._sense(end, "unit") == "minute":
            end += 1
        back = self._is(end, "minutes_to")
        if not (back or self._is(end, "past")):
            return None
        base = 0
        if (lead := self._sense(end + 1, "lead")) is not None:
            base, end = int(lead), end + 1
        hour = self._whole(end + 1, 1, 24)
        if hour is None:
            return None
        if back and self._is(end, "to"):
            # "from 5 to 7" is no time of the clock; "ten to seven" is one.
            previous = before[-1] if before else None
            ranged = isinstance(previous, Word) and bool({"from", "between"} & set(previous.senses))
            if ranged or minutes not in _ROUND_MINUTES or not self._tokens[at].spelled:
                return None
        return self._closed(hour * 60 + base + (-minutes if back else minutes), end + 2)

    def _closed(self, minutes: int, end: int) -> _Found:
        """The clock of so many minutes since midnight, with what stands behind it."""
        hour, minute = divmod(minutes, 60)
        if self._is(end, "oclock"):
            end += 1
        half, end = self._half(end)
        return [Clock(hour % 24 or 12, minute, half=half)], end

    def _half(self, at: int) -> tuple[str | None, int]:
        """`am` or `pm` at a place."""
        half = self._sense(at, "ampm")
        return (half, at + 1) if half is not None else (None, at)

    def _named_hour(self, at: int, before: list[Item]) -> _Found:
        """Noon and midnight, with an hour in front: `12 noon`."""
        start = at + 1 if self._whole(at, 12, 12) is not None else at
        if self._is(start, "noon"):
            return [Clock(12, half="24")], start + 1
        if self._is(start, "midnight"):
            return [Clock(0, half="24", midnight=True)], start + 1
        if (add := self._sense(at, "after_hour")) is not None:  # Thai, the first of them
            minute, end = self._minutes(at + 1)
            return [_clock(1 + int(add), minute, "24")], end
        if (half := self._sense(at, "before_hour")) is not None:  # Thai
            hour = self._whole(at + 1, 1, 12)
            end = at + 2
            if hour is None:
                if half == "pm" and self._is(at + 1, "oclock"):  # "บ่ายโมง"
                    return [Clock(1, half="pm")], at + 2
                return None
            if self._is(end, "oclock"):
                end += 1
            minute, end = self._minutes(end)
            return [Clock(hour, minute, half=half)], end
        return None

    def _minutes(self, at: int) -> tuple[int, int]:
        """Minutes behind an hour: `y media`, `et quart`, `30`, `30 minutes`, `ครึ่ง`, `y diez`, `moins dix`."""
        if (tail := self._sense(at, "tail")) is not None:
            return int(tail), at + 1
        if self._language == "th" and self._is(at, "half"):
            return 30, at + 1
        sign, start = 1, at
        if self._is(start, "minus_minutes"):
            sign, start = -1, start + 1
        elif self._language == "es" and self._is(start, "and"):
            start += 1
        minute = self._whole(start, 1, 59)
        if minute is None:
            return 0, at
        end = start + 1
        if self._is(end, "unit") and self._sense(end, "unit") == "minute":
            end += 1
        elif start > at and sign > 0:
            # "a las 5 y 6 pm": another hour
            another = minute < 13 and self._is(end, "oclock")
            if another or self._is(end, "unit", "ampm", "month"):
                return 0, at
        return sign * minute, end

    def _month_day(self, at: int, before: list[Item]) -> _Found:
        month = self._sense(at, "month")
        if month is not None and not (self._is(at, "mod")):
            mod, end = self._following_mod(at + 1)
            place = self._skip_articles(end)
            day = self._day_number(place)
            if day is not None and not self._is(place + 1, "oclock", "ampm", "unit", "month"):
                end = place + 1
                year, end = self._year(end)
                return [Day(month=int(month), day=day, year=year)], end
            year, end = self._year(end)
            return [Day(month=int(month), year=year, mod=mod)], end
        day = self._day_number(at)
        if day is not None:
            place = self._skip_articles(at + 1)
            if (month := self._sense(place, "month")) is not None:
                year, end = self._year(place + 1)
                return [Day(month=int(month), day=day, year=year)], end
            # "the 3rd to the 5th of june" takes its month later.
            if self._tokens[at].ordinal and not self._is(at + 1, "dow", "unit", "weekend", "dows"):
                return [Day(day=day)], at + 1
            if self._is(at + 1, "dom") and self._language == "hi":
                return [Day(day=day)], at + 2
        if self._is(at, "dom") and (day := self._day_number(at + 1)) is not None:
            if self._language == "th" and self._is(at + 2, "unit"):
                return None
            if self._is(at + 2, "unit", "oclock", "ampm"):
                return None
            place = self._skip_articles(at + 2)
            if self._is(place, "month"):
                return self._month_day(at + 1, before)
            return [Day(day=day)], at + 2
        return None

    def _following_mod(self, at: int) -> tuple[int | None, int]:
        """`next` behind a name: `mois prochain`, `เดือนหน้า`."""
        mod = self._sense(at, "mod")
        if self._language in ("es", "fr", "th") and mod is not None and mod != "coming":
            return int(mod), at + 1
        return None, at

    def _skip_articles(self, at: int) -> int:
        """The next place that is no article and no `of`."""
        while self._is(at, "of") and not self._is(at, "month"):
            at += 1
        return at

    def _day_number(self, at: int) -> int | None:
        if not 0 <= at < len(self._tokens):
            return None
        number = self._tokens[at].number
        if number is None or number != int(number) or not 1 <= number <= 31:
            return None
        return int(number)

    def _year(self, at: int) -> tuple[int | None, int]:
        """A year behind a month or day."""
        place = self._skip_articles(at)
        if self._is(place, "and") and self._whole(place + 1, 1900, 2700):
            place += 1
        year = self._whole(place, 1900, 2700)
        if year is None:
            first, last = self._whole(place, 19, 20), self._whole(place + 1, 10, 99)
            if first is not None and last is not None and self._tokens[place].spelled:
                return first * 100 + last, place + 2
            return None, at
        return year - 543 if year > 2400 else year, place + 1

    def _hour(self, at: int, before: list[Item]) -> _Found:
        """An hour with something that says so: `7:30`, `7 pm`, `7 Uhr 30`, `sept heures et demie`, `7 30`."""
        token = self._tokens[at]
        if token.clock is not None:
            end = at + 2 if self._is(at + 1, "oclock") else at + 1
            half, end = self._half(end)
            late = token.clock[0] > 12 or token.clock[0] == 0 or token.text.startswith("0")
            if half is None and (late or self._language not in TWELVE_HOURS):
                half = "24"
            return [Clock(*token.clock, half=half)], end
        hour = self._whole(at, 0, 24)
        if hour is None:
            number = self._number(at)
            if (found := _DOTTED.fullmatch(token.text)) and not self._is(at + 1, "unit", "degree"):
                half, end = self._half(at + 1)
                return [_clock(int(found[1]), int(found[2]), half)], end
            if number in (1.5, 2.5) and self._is(at + 1, "oclock"):  # Hindi
                return [Clock(int(number), 30)], at + 2
            return self._digits(at, before)
        end = at + 1
        if (add := self._sense(end, "after_hour")) is not None and hour <= 6:
            minute, end = self._minutes(end + 1)
            return [_clock(hour + int(add), minute, "24")], end
        half, end = self._half(end)
        if half is not None:
            return [_clock(hour, 0, half)], end
        if self._is(end, "oclock"):
            end += 1
            minute, end = self._minutes(end)
            half, end = self._half(end)
            if half is None and self._language not in TWELVE_HOURS:
                half = "24"
            return [_clock(hour, minute, half or ("24" if hour > 12 or hour == 0 else None))], end
        if self._is(end, "tail") or (
            self._is(end, "minus_minutes") and self._whole(end + 1, 1, 59) is not None
        ):
            minute, end = self._minutes(end)
            half, end = self._half(end)
            return [_clock(hour, minute, half)], end
        after_at = bool(before) and isinstance(before[-1], Word) and "at" in before[-1].senses
        if self._language == "es" and after_at and self._is(end, "and"):
            end += 1
        behind = self._whole(end, 0, 59)
        if behind is None or hour == 0 or self._is(end + 1, "unit", "month"):
            return None
        if behind >= 10 or len(self._tokens[end].text) == 2:
            half, end = self._half(end + 1)
            return [_clock(hour, behind, half or ("24" if hour > 12 else None))], end
        return None

    def _digits(self, at: int, before: list[Item]) -> _Found:
        """`500`, `1250`, `0730 hours` as times of a clock, where they can be."""
        token = self._tokens[at]
        text = token.text
        if not (text.isdigit() and len(text) in (3, 4)) or token.ordinal:
            return None
        hour, minute = int(text[:-2]), int(text[-2:])
        if hour > 24 or minute > 59 or self._is(at + 1, "unit"):
            return None
        end = at + 1
        if self._is(end, "oclock"):
            end += 1
        half, end = self._half(end)
        if half is None and len(text) == 4 and 1900 <= int(text) <= 2100 and end == at + 1:
            previous = before[-1] if before else None
            if not (isinstance(previous, Word) and {"at", "for"} & set(previous.senses)):
                return None  # a year
        if half is None and (hour > 12 or hour == 0 or text.startswith("0")):
            half = "24"
        return [Clock(hour, minute, half=half)], end

    def _mod(self, at: int, before: list[Item]) -> _Found:
        """`this`, `next`, `last` with what they belong to, before or behind it."""
        mod = self._sense(at, "mod")
        if mod is None or self._language == "th":  # there it stands behind
            return None
        place = at + 1
        if mod == "0" and self._is(place, "mod"):  # "this next friday"
            mod, place = self._sense(place, "mod"), place + 1
        if mod == "coming":  # "the coming week" is the next, "this coming friday" is this
            mod = "1" if self._sense(place, "unit") in ("week", "month", "year") else "0"
        number = int(mod or 0)
        # "the next 3 days", "the last hour"
        amount, end = self._amount(place)
        if amount is not None and number != 0 and self._is(end, "unit"):
            found = self._length(place, [])
            if found is not None and isinstance(length := found[0][0], Length):
                return [Length(length.parts, number)], found[1]
        target = self._target(place, number)
        if target is not None:
            day, end = target
            if self._sense(end, "mod") == "2":
                return [dataclasses.replace(day, mod=2)], end + 1
            return [day], end
        if self._is(place, "part", "parts") and not self._is(place, "day"):
            part = self._sense(place, "part") or self._sense(place, "parts") or ""
            if number != -1 or part in ("night", "evening"):
                return [Day(offset=number), Part(part)], place + 1
        if self._is(place, "holiday"):
            return [Day(holiday=self._sense(place, "holiday"), mod=number)], place + 1
        return None

    def _target(self, at: int, mod: int) -> tuple[Day, int] | None:
        """What `next` may belong to."""
        if (weekday := self._weekday(at)) is not None:
            return Day(weekday=weekday[0], mod=mod), at + 1
        if self._is(at, "weekend", "weekends"):
            return Day(unit="weekend", mod=mod), at + 1
        if (season := self._sense(at, "season")) is not None:
            return Day(unit=season, mod=mod), at + 1
        if (month := self._sense(at, "month")) is not None:
            return Day(month=int(month), mod=mod), at + 1
        unit = self._sense(at, "unit")
        if unit in ("day", "week", "month", "year", "hour", "minute"):
            return Day(unit=unit, mod=mod), at + 1
        return None

    def _weekday(self, at: int) -> tuple[int, bool] | None:
        """`(weekday, whether it stands in the plural)`."""
        if (name := self._sense(at, "dows")) is not None:
            return int(name), True
        if (name := self._sense(at, "dow")) is not None:
            return int(name), False
        return None

    def _nth(self, at: int, before: list[Item]) -> _Found:
        """`first tuesday of the month`, `the last friday in june`."""
        token = self._tokens[at]
        if token.ordinal and token.number is not None and 1 <= token.number <= 5:
            nth = int(token.number)
        elif self._sense(at, "mod") == "-1":
            nth = -1
        else:
            return None
        weekday = self._weekday(at + 1)
        if weekday is None:
            return None
        place = self._skip_articles(at + 2)
        if nth < 0 and not (self._is(place, "month") or self._sense(place, "unit") == "month"):
            return None
        if self._sense(place, "unit") == "month":
            return [Day(weekday=weekday[0], nth=nth, plural=weekday[1], unit="month")], place + 1
        if self._is(place, "every", "freq") and self._is(place + 1, "unit"):
            return [Word({"every": ""}), Day(weekday=weekday[0], nth=nth, unit="month")], place + 2
        if (month := self._sense(place, "month")) is not None:
            return [Day(weekday=weekday[0], nth=nth, month=int(month))], place + 1
        return [Day(weekday=weekday[0], nth=nth, plural=weekday[1], unit="month")], at + 2

    def _named_day(self, at: int, before: list[Item]) -> _Found:
        token = self._tokens[at]
        senses = token.senses
        if "tonight" in senses:
            return [Day(offset=0), Part("night")], at + 1
        if "lastnight" in senses:
            return [Day(offset=-1), Part("night")], at + 1
        if "day" in senses and not ("part" in senses and self._is_part_here(before)):
            return [Day(offset=int(senses["day"]))], at + 1
        if "parts" in senses:
            return [Part(senses["parts"], plural=True)], at + 1
        if "decade" in senses:
            return [Day(year=int(senses["decade"]), unit="decade")], at + 1
        if "season" in senses:
            mod, end = self._following_mod(at + 1)
            return [Day(unit=senses["season"], mod=mod)], end
        if (year := self._lone_year(at)) is not None:
            return [Day(year=year)], at + 1
        if "part" in senses:
            end = at + 1
            part = senses["part"]
            if self._sense(end, "part") is not None and self._language != "th":
                # "morgen früh": one part
                end += 1
            if self._language == "th" and self._sense(end, "mod") == "0":  # "เช้านี้"
                return [Day(offset=0), Part(part)], end + 1
            return [Part(part)], end
        weekday = self._weekday(at)
        if weekday is not None:
            mod, end = self._following_mod(at + 1)
            number, plural = weekday
            return [Day(weekday=number, mod=mod, plural=plural)], end
        if "weekends" in senses:
            return [Day(unit="weekend", plural=True)], at + 1
        if "weekend" in senses:
            mod, end = self._following_mod(at + 1)
            return [Day(unit="weekend", mod=mod)], end
        if "weekdays" in senses or "weekday" in senses:
            return [Day(unit="weekday", plural="weekdays" in senses)], at + 1
        if "holiday" in senses:
            return [Day(holiday=senses["holiday"])], at + 1
        several = token.text.endswith("s") and token.text not in ("mois", "mes")
        if "unit" in senses and token.number is None and not several:
            unit = senses["unit"]
            mod, end = self._following_mod(at + 1)
            if unit in ("week", "month", "year", "day", "hour", "minute", "second"):
                if mod is None and self._language in ("es", "fr") and self._is(end, "mod"):
                    mod, end = int(self._sense(end, "mod") or 0), end + 1
                return [Day(unit=unit, mod=mod)], end
        return None

    def _lone_year(self, at: int) -> int | None:
        """A year without a month."""
        token = self._tokens[at]
        year = self._whole(at, 1900, 2100)
        if year is None or token.spelled or len(token.text) != 4:
            return None
        return year

    def _is_part_here(self, before: list[Item]) -> bool:
        """Whether a word that is `tomorrow` and `morning` is the morning: behind a day or an hour."""
        return any(
            isinstance(item, Day)
            and (item.offset is not None or item.weekday is not None or item.day)
            for item in before
        )


def _clock(hour: int, minute: int, half: str | None) -> Clock:
    """A clock whose minutes may be before the hour."""
    if minute < 0:
        hour, minute = (hour - 1) % 24 or 12, minute + 60
    if hour > 12 and half in ("am", "pm"):
        half = "24"
    if hour >= 24:
        return Clock(0, minute, half="24", midnight=True)
    return Clock(hour, minute, half=half)
