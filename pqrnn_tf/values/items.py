"""What words and numbers say of times, one by one, before it is put together."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import TypeAlias

from pqrnn_tf.values.tokens import Token, parts_of_size

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
"""Units of one length."""
MONTHS = {"month": 1, "year": 12, "decade": 120}
"""Units of whole months."""
_ISO_UNITS = {
    "fortnight": ("week", 2),
    "quarter_year": ("month", 3),
    "decade": ("year", 10),
    "century": ("year", 100),
}
TWELVE_HOURS = ("en", "es", "hi", "th")
"""Languages in which an hour without more is one of a clock of twelve hours."""
_DOTTED = re.compile(r"(1?\d|2[0-3])\.([0-5]\d)")
_BEFORE_HOURS = {"at", "from", "between", "starting", "until", "before", "after"}
_TO_NUMBER = ("oclock", "ampm", "unit", "tail", "minus_minutes", "part", "degree")
"""What makes a number behind a day of the week an hour of it, or a length."""
_FIRST_LONE_BUDDHIST_YEAR = 2461
"""The digits of an earlier one may be a time of the clock."""
_FIRST_SHORT_YEAR = 25
"""Two digits behind a month from here on are no hour, but a year: `3. Mai 28`."""
_LAST_SHORT_YEAR = 69
_ARTICLES_OF_DAYS = {
    "es": ("el", "al", "del"),
    "fr": ("le", "au", "du"),
}
"""Words, or their ends, in front of the days of a month: `hasta el 25`, `jusqu'au 25`."""
_ROUND_MINUTES = (5, 10, 15, 20, 25)
_NEXT_BELOW = {"hour": "minute", "minute": "second"}
"""The unit of a bare number behind another one: `2 hours 30`."""


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
        mod: 0 for this, 1 for next, 2 for the one after it, −1 for last, −2 for the one before it.
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
            self._neighbour,
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
        if self._language in ("es", "fr") and token.number == 1 and token.spelled:
            following = self._tokens[at + 1] if at + 1 < len(self._tokens) else None
            if following is not None and not following.known:
                return [], at + 1  # "une alarme"
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
        token = self._tokens[at]
        if token.clock is not None and self._is_length_of(before, token.clock[0]):
            unit = self._sense(at + 1, "unit")
            end = at + 2 if unit in _NEXT_BELOW else at + 1
            if end > at + 1 or "h" in token.text:  # "1:30 minutes", "1h30"
                first = unit if unit in _NEXT_BELOW else "hour"
                high, low, _ = token.clock
                return [Length(((first, high), (_NEXT_BELOW[first], low)))], end
        if (
            self._sense(at + 1, "unit") == "minute"
            and self._is(at + 2, "minutes_to")
            and not self._is(at + 2, "before")
            and (past := self._minutes_past(at, before)) is not None
        ):
            return past  # "ten minutes to eight"
        while end < len(self._tokens):
            start = end
            while parts and self._is(start, "and") and not self._is(start, "or"):
                start += 1
            found = self._one_length(start)
            if found is None:
                break
            more, behind = found
            if parts and more[0][0] == parts[-1][0] != "minute":
                break  # "entre 9h et 11h"
            parts += more
            end = behind
        if not parts:
            return None
        if self._hours and self._is_clock_of(at, end, parts, before):
            return None
        if self._hours and self._is_beyond_day(at, before):
            return [Word({"impossible": ""})], end
        # "an hour and a half", "2 hours 30"
        part, behind = self._part_of_one(end)
        if part:
            parts.append((parts[-1][0], part))
            end = behind
        elif (
            (below := _NEXT_BELOW.get(parts[-1][0])) is not None
            and (rest := self._whole(end, 1, 59)) is not None
            and not self._tokens[end].ordinal
            and not self._is(end + 1, "unit", "ampm", "oclock", "month", "count")
        ):
            parts.append((below, rest))
            end += 1
        return [Length(tuple(parts))], end

    def _is_length_of(self, before: list[Item], hour: int) -> bool:
        """Whether `1h30` is a length: `in 1h30`."""
        previous = before[-1] if before else None
        return not self._hours or (
            isinstance(previous, Word)
            and "at" not in previous.senses
            and not ("until" in previous.senses and hour > 12)  # "d'ici 18h30"
            and bool({"in", "within", "ago", "whole"} & set(previous.senses))
        )

    def _is_beyond_day(self, at: int, before: list[Item]) -> bool:
        """Whether there is no such hour of a day: `à 25 heures`, `a las 25 horas`."""
        if self._language not in ("es", "fr") or not self._is(at + 1, "oclock", "unit"):
            return False
        hours, previous = self._number(at), before[-1] if before else None
        text = self._tokens[at].text
        if hours is None or hours <= 24 or len(text) > 2:
            return text.startswith("0") and len(text) == 4  # "0760 horas"
        return (
            self._sense(at + 1, "unit") == "hour"
            and isinstance(previous, Word)
            and {"at", "to"} <= set(previous.senses)
            and not (len(before) > 1 and isinstance(before[-2], (Number, Length, Clock)))
        )

    def _is_clock_of(self, at: int, end: int, parts, before: list[Item]) -> bool:  # type: ignore[no-untyped-def]
        """Whether the words for hours name an hour of the day: French, and Spanish `a las 7 horas`."""
        hour = self._whole(at, 0, 24)
        if parts[0][0] != "hour" or hour is None or at + 1 >= len(self._tokens):
            return False
        if not (self._is(at + 1, "oclock") or self._language == "es"):
            return False
        if self._tokens[at + 1].text == "h" and self._language in ("de", "es"):
            return not self._is_length_of(before, hour)
        if len(self._tokens[at + 1].text) == 1 and self._language == "en":
            return False
        previous = before[-1] if before else None
        if _is_second_length(before):
            return False  # "dans 2 à 3 heures"
        if _is_joint(previous) and len(before) > 1 and isinstance(before[-2], Clock):
            return True  # "à 9h et 11h"
        if _is_joint(previous) and len(before) > 2 and isinstance(before[-2], Number):
            previous = before[-3]  # "entre 9 et 11 heures"
        after_at = isinstance(previous, Word) and bool(_BEFORE_HOURS & set(previous.senses))
        if isinstance(previous, Word) and "for" in previous.senses and "at" not in previous.senses:
            after_at = False
        if isinstance(previous, Word) and {"in", "until"} <= set(previous.senses):
            after_at = hour > 12  # "d'ici 18h" and "d'ici 2 heures"
        if self._language == "es":  # "de las 7 horas"; "de 7 horas" is a length
            with_article = self._is(at - 1, "every") and self._tokens[at - 1].text == "las"
            if with_article and 12 < hour < 24 and not self._is(at - 2, "every"):
                return True  # "las 22 horas"
            without_article = self._is(at - 1, "of") and self._tokens[at - 1].text in ("de", "del")
            return (
                after_at
                and isinstance(previous, Word)
                and "for" not in previous.senses
                and (not without_article or self._is(end, "to"))
            )
        if self._language != "fr" or self._is(end, "fromnow"):
            return False
        is_all = end == len(self._tokens) or self._is(end, "zone")
        if not before and is_all and (hour == 0 or 12 < hour < 24):
            return True  # "18h"
        spoken = any(isinstance(item, (Day, Part)) for item in before)
        following = self._is(end, "part", "ampm", "day", "dow", "month") or (
            self._whole(at + 2, 1, 59) is not None and not self._is(at + 3, "unit")
        )
        minutes = self._is(at + 2, "tail") or (
            self._is(at + 2, "minus_minutes") and self._whole(at + 3, 1, 59) is not None
        )
        if not before and self._is(end, "to"):  # "14h-16h", "14h à 16h30"
            last = self._tokens[end + 1] if end + 1 < len(self._tokens) else None
            is_hour = last is not None and (
                last.clock is not None or self._sense(end + 2, "unit") == "hour"
            )
            following = following or is_hour
        return after_at or spoken or following or (minutes and not before)

    def _one_length(self, at: int) -> tuple[list[tuple[str, float]], int] | None:
        """`(parts, end)` of one number with its unit."""
        if at >= len(self._tokens):
            return None
        times = self._number(at)
        place = at if times is None else at + 1
        if (minutes := self._sense(place, "minutes_of_hour")) is not None:
            return [("minute", int(minutes) * (times or 1))], place + 1
        number, end = self._amount(at)
        alone = self._is(at - 1, "every") and (
            self._sense(at, "unit") in _ISO_UNITS
            or (self._is(at + 1, "and") and self._number(at + 2) and self._is(at + 3, "unit"))
        )
        if number is None and self._is(at, "unit") and (alone or self._part_of_one(at + 1)[0]):
            number, end = 1, at  # "hora y media", "every fortnight", "every hour and 15 minutes"
        if self._is_one_behind(at):
            return [(self._sense(at, "unit") or "", 1)], at + 2
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

    def _is_one_behind(self, at: int) -> bool:
        """Whether a Thai unit has the word for one behind it: `ชั่วโมงหนึ่ง`, `อาทิตย์นึง`."""
        if self._language != "th" or self._sense(at, "unit") in (None, "day"):
            return False
        return (
            self._whole(at + 1, 1, 1) is not None
            and self._tokens[at + 1].spelled
            and not self._is(at + 2, "unit", "count")
        )

    def _amount(self, at: int) -> tuple[float | None, int]:
        """`(number, end)` of how many there are."""
        number = self._number(at)
        if number is None and (word := self._sense(at, "num")) is not None:
            number = float(word)
        if number is not None:
            times = self._sense(at + 1, "times")
            if times is not None and self._is(at + 2, "unit") and not self._is(at + 1, "unit"):
                return number * float(times), at + 2  # "une vingtaine de minutes"
            if self._is(at + 1, "and_half"):
                return number + 0.5, at + 2
            # "a half hour"
            if number == 1 and self._is(at + 1, "half") and self._language != "th":
                return 0.5, at + 2
            if (quarters := self._sense(at + 1, "quarter")) is not None:
                # "three quarters", "ein viertel", "zwei dreiviertel"
                is_share = number == 1 or (number == 3 and quarters == "1")
                share = int(quarters) / 4
                return number * share if is_share else number + share, self._skip(at + 2)
            is_part = self._is(at + 2, "quarter", "num", "half") or self._number(at + 2) in (1, 3)
            if self._is(at + 1, "and") and is_part:
                part, end = self._amount(at + 2)
                if part is not None and 0 < part < 1 and self._is(end, "unit"):
                    return number + part, end  # "two and three quarters hours"
            return number, at + 1
        if self._is(at, "half"):
            end = at + 1
            if self._sense(end, "num") == "1":
                end += 1
            return 0.5, end
        if (quarters := self._sense(at, "quarter")) is not None:
            end = self._skip(at + 1)
            if self._sense(end, "num") == "1":
                end += 1
            return int(quarters) / 4, end
        if (lead := self._sense(at, "lead")) and self._language == "hi":  # "साढ़े तीन घंटे"
            number = self._number(at + 1)
            if number is not None:
                return parts_of_size(number, int(lead) / 60, "hi"), at + 2
            if self._is(at + 1, "unit"):  # "सवा घंटा"
                return 1 + int(lead) / 60, at + 1
        return None, at

    def _part_of_one(self, at: int) -> tuple[float, int]:
        """A half or quarter that is added to one behind it: `and a half`, `y cuarto`; `(0, at)` for none."""
        if self._is(at, "and_half") or (self._language == "th" and self._is(at, "half")):
            return 0.5, at + 1
        if (minutes := self._sense(at, "tail")) is not None:
            return int(minutes) / 60, at + 1
        place = at + 1
        if self._is(at, "and") and (
            self._is(place, "quarter")
            or self._sense(place, "num") == "1"
            or (self._whole(place, 1, 3) and self._is(place + 1, "quarter"))
        ):
            part, end = self._amount(place)
            if (
                part is not None
                and 0 < part < 1
                and not self._is(end, "unit", "past", "minutes_to")
            ):
                return part, end
        return 0, at

    def _neighbour(self, at: int, before: list[Item]) -> _Found:
        """`the day before christmas`, `le lendemain de Noël`; French `lundi en huit`, `un jour sur deux`."""
        previous = before[-1] if before else None
        if (
            self._language in ("es", "fr")
            and (count := self._whole(at, 8, 15)) in (8, 15)
            and isinstance(previous, Word)
            and "in" in previous.senses
            and len(before) > 1
            and isinstance(before[-2], Day)
            and not self._is(at + 1, "unit", "oclock", "tail", "month")
        ):
            return [Length((("day", count),))], at + 1
        if (one_in := self._sense(at + 2, "one_in")) is not None and self._whole(at, 1, 1):
            count, end = (int(one_in), at + 3) if one_in else (self._whole(at + 3, 2, 99), at + 4)
            if count and (unit := self._sense(at + 1, "unit")) is not None:  # "un jour sur deux"
                return [Word({"every": ""}), Length(((unit, count),))], end
            if count and (weekday := self._weekday(at + 1)) is not None:
                weeks = Length((("week", count),))
                return [Word({"every": ""}), weeks, Day(weekday=weekday[0])], end
            if count and (part := self._sense(at + 1, "part")) is not None:  # "un soir sur deux"
                return [Word({"every": ""}), Length((("day", count),)), Part(part)], end
        if (
            isinstance(previous, Word)
            and "every" in previous.senses
            and "filler" not in previous.senses
            and (count := self._whole(at, 2, 99))
            and (weekday := self._weekday(at + 1)) is not None
            and not self._is(at + 1, "unit")  # Thai has one word for a week and Sunday
        ):  # "cada dos martes"
            return [Length((("week", count),)), Day(weekday=weekday[0])], at + 2
        if (
            self._language == "en"
            and (unit := self._sense(at, "unit")) in ("week", "fortnight")
            and self._tokens[at].text == unit
            and isinstance(previous, Day)
            and (previous.weekday is not None or previous.offset is not None)
            and not previous.plural
        ):  # "monday week"
            length = _ISO_UNITS.get(unit, (unit, 1))
            return [Word({"in": ""}), Length((length,))], at + 1
        sign = self._sense(at, "neighbour")
        place, days = at + 1, 1
        if self._tokens[at].ordinal and (day := self._day_number(at)) is not None:
            place, days = at + 2, day  # "the 2nd day after christmas"
        if sign is None:
            if self._sense(place - 1, "unit") != "day" or not self._is(place, "before", "after"):
                return None
            sign = "-1" if self._is(place, "before") else "1"
            place += 1
        place = self._skip_to_day(place)
        is_date = self._day_number(place) is not None and (
            self._tokens[place].ordinal or self._is(self._skip_articles(place + 1), "month")
        )
        # "the day before", as "30 minutes before"
        alone = place == len(self._tokens) and not self._is(place - 1, "ago")
        if not (alone or is_date or self._is(place, "holiday", "dow", "day", "month")):
            return None
        word = Word({"before" if sign == "-1" else "after": ""})
        return [Length((("day", days),)), word], place

    def _skip_to_day(self, at: int) -> int:
        """The next place that is no article and no `of` or `in`."""
        while self._is(at, "of", "filler") and not self._is(at, "month", "unit", "every", "day"):
            at += 1
        return at

    def _lead(self, at: int, before: list[Item]) -> _Found:
        """`half past seven`, `halb acht`, also after minutes: `fünf vor halb acht`."""
        lead = self._sense(at, "lead")
        if lead is None and self._language == "en" and self._tokens[at].text == "half":
            lead = "30" if not self._is(at + 2, "unit") else None  # "half seven"
        place = self._skip_article(at + 1)
        if self._whole(at, 3, 3) and self._sense(place, "lead") == "-45":  # "drei viertel acht"
            lead, place = "-15", place + 1
        hour = self._hour_at(place)
        if lead is None or hour is None or self._is(place + 1, "unit"):
            return None
        return self._closed(hour * 60 + int(lead), place + 1, named=self._number(place) is None)

    def _minutes_past(self, at: int, before: list[Item]) -> _Found:
        minutes = self._whole(at, 1, 59)
        if minutes is None and self._is(at, "quarter"):
            minutes = 15
        if minutes is None:
            return None
        end = at + 1
        in_minutes = self._sense(end, "unit") == "minute"
        if in_minutes:
            end += 1
        back = self._is(end, "minutes_to")
        if not (back or self._is(end, "past")):
            return None
        base = 0
        if (lead := self._sense(end + 1, "lead")) is not None:
            base, end = int(lead), end + 1
        place = self._skip_article(end + 1)
        hour = self._hour_at(place)
        unit = self._sense(place + 1, "unit")
        if hour is None or (unit is not None and (in_minutes or unit != "hour")):
            return None  # "in ten to fifteen minutes"
        if back and self._is(end, "to", "for"):
            # "from 5 to 7" is no time of the clock; "ten to seven" is one.
            previous = before[-1] if before else None
            ranged = isinstance(previous, Word) and bool({"from", "between"} & set(previous.senses))
            if isinstance(previous, Word) and "for" in previous.senses and self._is(end, "to"):
                ranged = True  # "for 10 minutes till 8"
            said = self._tokens[at].spelled or place > end + 1
            if ranged or not (in_minutes or (minutes in _ROUND_MINUTES and said)):
                return None
        minutes = hour * 60 + base + (-minutes if back else minutes)
        return self._closed(minutes, place + 1, named=self._number(place) is None)

    def _hour_at(self, at: int) -> int | None:
        """The hour at a place, also `noon` and `midnight`."""
        if self._number(at) is None and self._is(at, "noon", "midnight"):
            return 12 if self._is(at, "noon") else 24
        return self._whole(at, 1, 24)

    def _skip_article(self, at: int) -> int:
        """The place of an hour behind an article: Spanish `las ocho`."""
        is_article = self._language == "es" and self._is(at, "filler")
        return at + 1 if is_article and self._whole(at + 1, 1, 24) is not None else at

    def _closed(self, minutes: int, end: int, *, named: bool = False) -> _Found:
        """The clock of so many minutes since midnight, with what stands behind it.

        Args:
            minutes: How many.
            end: The place behind the hour.
            named: Whether the hour is `noon` or `midnight`, which say the half of the day.
        """
        hour, minute = divmod(minutes, 60)
        if named:
            return [Clock(hour % 24, minute, half="24", midnight=hour == 24)], end
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
        if (
            self._language == "es"
            and (hour := self._whole(at, 1, 3)) is not None
            and self._is(at + 1, "noon")
            and self._tokens[at + 1].text.startswith("del ")
        ):
            return [Clock(hour, half="pm")], at + 2  # "las dos del mediodía"
        if self._language == "de" and self._is(at, "noon"):
            is_behind = bool(before) and isinstance(before[-1], Clock)
            if is_behind or self._is(at + 1, "at"):  # "halb eins mittags", "mittags um eins"
                return [Part("lunch")], at + 1
        start = at + 1 if self._whole(at, 12, 12) is not None else at
        if self._is(start, "noon", "midnight"):
            minute, end = 0, start + 1
            spoken = self._language == "fr" and not self._is(end + 1, "oclock", "month", "unit")
            if self._language == "th":  # "เที่ยงสิบห้า"
                behind = self._sense(end + 1, "unit")
                spoken = behind in (None, "minute") and not self._is(end + 1, "oclock", "month")
            if spoken or self._is(end, "tail", "half"):  # "midi et demi", "midi dix"
                minute, end = self._minutes(end)
            if self._is(start, "noon"):
                return [_clock(12, minute, "24")], end
            if minute < 0:
                return [Clock(23, 60 + minute, half="24")], end
            return [Clock(0, minute, half="24", midnight=True)], end
        if (add := self._sense(at, "after_hour")) is not None:  # Thai, the first of them
            is_one = self._whole(at + 1, 1, 1) is not None and not self._is(at + 2, "unit")
            minute, end = self._minutes(at + 2 if is_one else at + 1)  # "ทุ่มหนึ่ง" is no 19:01
            return [_clock(1 + int(add), minute, "24")], end
        if (half := self._sense(at, "before_hour")) is not None:  # Thai
            hour = self._whole(at + 1, 1, 12)
            end = at + 2
            if hour is None and (clock := self._clock_of(at + 1)) is not None and clock[0] <= 12:
                return [Clock(*clock, half=half)], end  # "ตี 4:30"
            if hour is None:
                if half == "pm" and self._is(at + 1, "oclock"):  # "บ่ายโมง"
                    minute, end = self._minutes(at + 2)
                    return [Clock(1, minute, half="pm")], end
                return None
            if self._is(end, "oclock"):
                end += 1
            minute, end = self._minutes(end)
            return [Clock(hour, minute, half=half)], end
        return None

    def _clock_of(self, at: int) -> tuple[int, int, int] | None:
        """The time of a token such as `4:30`."""
        return self._tokens[at].clock if at < len(self._tokens) else None

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
            if self._language == "hi" and self._is(end + 1, "ago", "fromnow"):
                return 0, at  # "5 बजे के 10 मिनट बाद"
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
            previous = before[-1] if before else None
            at_word = isinstance(previous, Word) and "at" in previous.senses
            if at_word and self._tokens[at].text.endswith("."):  # "um 7."
                return [Number(day, False, str(day))], at + 1
            # "the 3rd to the 5th of june" takes its month later.
            listed = self._is(at + 1, "and") and self._nth_weekday(at + 2, before)[0] is not None
            if self._tokens[at].ordinal and not (
                listed
                or self._is(
                    at + 1, "dow", "unit", "weekend", "dows", "from_end", "quarter", "half", "count"
                )
            ):
                return [Day(day=day)], at + 1
            if self._is(at + 1, "dom") and self._language == "hi":
                return [Day(day=day)], at + 2
            if self._is_day_of_weekday(at, day, before) or self._is_day_of_months(
                at, place, before
            ):
                return [Day(day=day)], at + 1
        if self._is_behind_article(at) and (day := self._day_number(at)) is not None:
            return [Day(day=day)], at + 1
        if self._is(at, "dom") and (day := self._day_number(at + 1)) is not None:
            if self._tokens[at + 1].ordinal and self._is(at + 2, "dow", "dows"):
                return None  # "le premier lundi du mois"
            in_month = self._sense(at + 2, "unit") == "month" and self._is(at + 3, "mod")
            if self._language == "th" and self._is(at + 2, "unit"):
                return ([Day(day=day)], at + 2) if in_month else None  # "วันที่ 5 เดือนหน้า"
            if self._is(at + 2, "unit", "oclock", "ampm"):
                return None
            place = self._skip_articles(at + 2)
            if self._is(place, "month"):
                return self._month_day(at + 1, before)
            return [Day(day=day)], at + 2
        return None

    def _is_behind_article(self, at: int) -> bool:
        """Whether a number has an article that hours have not: `del 20 al 25`, `jusqu'au 25`."""
        articles = _ARTICLES_OF_DAYS.get(self._language, ())
        if not at or not self._tokens[at - 1].text.endswith(articles) or not articles:
            return False
        return not self._tokens[at].ordinal and not self._is(
            at + 1, "unit", "oclock", "ampm", "tail", "minus_minutes", "degree", "quarter"
        )

    def _is_day_of_weekday(self, at: int, day: int, before: list[Item]) -> bool:
        """Whether a number behind a day of the week is its date, no hour: `lundi 21`, `lunes 8`, `friday 25`."""
        weekday = before[-1] if before else None
        if not isinstance(weekday, Day) or weekday.weekday is None or weekday.plural:
            return False
        is_european = self._language in ("es", "fr")
        if (weekday.mod is not None and not is_european) or any(
            isinstance(item, Word) and {"every", "every_other"} & set(item.senses)
            for item in before
        ):
            return False
        following = self._tokens[at + 1] if at + 1 < len(self._tokens) else None
        if following is not None and (
            following.number is not None or self._is(at + 1, *_TO_NUMBER)
        ):
            return False
        is_range = self._is(at + 1, "to", "and") and self._number(at + 2) is not None
        if is_range and not self._is(at + 3, "oclock") and " " not in self._tokens[at + 1].text:
            return day > 24  # "lunes 8 a 10"
        if is_european:
            return True
        return day > (12 if self._language in TWELVE_HOURS else 24)

    def _is_day_of_months(self, at: int, place: int, before: list[Item]) -> bool:
        """Whether a number is a day of every month: `tous les 15 du mois`, `15 de cada mes`.

        Args:
            at: The place of the number.
            place: The next place behind it that is no `of`.
            before: What stands before it.
        """
        if place == at + 1:
            return False
        if self._sense(place, "freq") == "MONTHLY":
            return True
        previous = before[-1] if before else None
        is_every = isinstance(previous, Word) and "every" in previous.senses
        return is_every and self._sense(place, "unit") == "month" and not self._is(place, "month")

    def _following_mod(self, at: int) -> tuple[int | None, int]:
        """`next` behind a name: `mois prochain`, `เดือนหน้า`."""
        mod = self._sense(at, "mod")
        if mod is None or mod == "coming":
            return None, at
        if self._language in ("es", "fr", "th") or (self._language == "en" and mod in ("2", "-2")):
            return int(mod), at + 1  # English "the week after next"
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
            short = self._whole(at, _FIRST_SHORT_YEAR, 99)
            if short is None or not self._tokens[at].text.isdigit() or self._is(at + 1, "unit"):
                return None, at
            return (1900 if short > _LAST_SHORT_YEAR else 2000) + short, at + 1
        return _common_year(year), place + 1

    def _hour(self, at: int, before: list[Item]) -> _Found:
        """An hour with something that says so: `7:30`, `7 pm`, `7 Uhr 30`, `sept heures et demie`, `7 30`."""
        token = self._tokens[at]
        if token.clock is not None:
            of_24 = self._sense(at + 1, "oclock") == "24"
            is_said = self._is(at + 1, "oclock") or self._sense(at + 1, "unit") == "hour"
            end = at + 2 if is_said else at + 1
            half, end = self._half(end)
            late = token.clock[0] > 12 or token.clock[0] == 0 or token.text.startswith("0")
            if half is None and (late or of_24 or self._language not in TWELVE_HOURS):
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
        if (clock := self._sense(end, "oclock")) is not None:
            end += 1
            minute, end = self._minutes(end)
            half, end = self._half(end)
            if half is None and (clock == "24" or self._language not in TWELVE_HOURS):
                half = "24"
            if half is None and self._language == "th":
                part, (minutes, stop) = self._sense(end, "part"), self._minutes(end + 1)
                hour, half = self._thai_hour(hour, end)
                is_length = self._is(stop, "unit") and not self._is(end + 1, "half")
                if part is not None and not minute and minutes and not is_length:
                    return [_clock(hour, minutes, half), Part(part)], stop  # "ห้าโมงเย็นสิบนาที"
            return [_clock(hour, minute, half or ("24" if hour > 12 or hour == 0 else None))], end
        if self._is(end, "to_hour") and (left := self._whole(end + 1, 1, 59)) is not None:
            end += 3 if self._sense(end + 2, "unit") == "minute" else 2  # "आठ बजने में दस मिनट"
            end += self._is(end, "rest")  # "बाकी"
            return [_clock(hour, -left, None)], end
        if self._is(end, "tail") or (
            self._is(end, "minus_minutes") and self._whole(end + 1, 1, 59) is not None
        ):
            minute, end = self._minutes(end)
            half, end = self._half(end)
            return [_clock(hour, minute, half)], end
        after_at = bool(before) and isinstance(before[-1], Word) and "at" in before[-1].senses
        with_article = (
            self._language == "es"
            and at > 0
            and (self._tokens[at - 1].text.split()[-1:] in (["la"], ["las"]))
        )
        if with_article and end < len(self._tokens) and self._tokens[end].text == "y":
            end += self._whole(end + 1, 1, 59) is not None
        elif self._language == "es" and after_at and self._is(end, "and"):
            end += 1
        further = self._whole(end, 0, 59)
        if further is None or hour == 0 or self._is(end + 1, "unit", "month"):
            return None
        in_words = with_article and token.spelled and self._tokens[end].spelled
        if further >= 10 or in_words or len(self._tokens[end].text) == 2:
            half, end = self._half(end + 1)
            return [_clock(hour, further, half or ("24" if hour > 12 else None))], end
        return None

    def _thai_hour(self, hour: int, end: int) -> tuple[int, str | None]:
        """The hour of so many `โมง` and its half: seven to eleven are in the morning, one to five behind noon."""
        if self._sense(end, "part") == "morning":
            return (hour + 6, "am") if 1 <= hour <= 5 else (hour, None)  # "สามโมงเช้า" is 9:00
        if 7 <= hour <= 11:
            return hour, "am"
        return hour, "pm" if 1 <= hour <= 5 else None

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
        if half is None and self._lone_year(at) is not None and end == at + 1:
            previous = before[-1] if before else None
            if not (isinstance(previous, Word) and {"at", "for"} & set(previous.senses)):
                return None  # a year
        if half is None and (hour > 12 or hour == 0 or text.startswith("0")):
            half = "24"
        return [Clock(hour, minute, half=half)], end

    def _mod(self, at: int, before: list[Item]) -> _Found:
        """`this`, `next`, `last` with what they belong to, before or behind it."""
        mod = self._sense(at, "mod")
        count = self._number(at)
        if (
            count is not None
            and self._sense(at + 1, "mod") in ("1", "-1")
            and self._is(at + 2, "unit")
        ):
            # "les trois prochains jours"
            unit, times = _ISO_UNITS.get(unit := self._sense(at + 2, "unit") or "", (unit, 1))
            return [Length(((unit, count * times),), int(self._sense(at + 1, "mod") or 0))], at + 3
        if mod is None or self._language == "th":  # there it stands behind
            return None
        place = at + 1
        if mod == "0" and self._is(place, "mod"):  # "this next friday"
            mod, place = self._sense(place, "mod"), place + 1
        if mod == "coming":  # "the coming week" is the next, "this coming friday" is this
            if (weekday := self._weekday(place)) is not None:  # on a friday, a week later
                return [Day(weekday=weekday[0])], place + 1
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
            if number >= 0 or part in ("night", "evening"):
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
        if self._language == "th" and self._is(at, "unit") and self._is(at + 1, "mod"):
            return None  # "อาทิตย์หน้า": the week
        if (name := self._sense(at, "dows")) is not None:
            return int(name), True
        if (name := self._sense(at, "dow")) is not None:
            return int(name), False
        return None

    def _nth(self, at: int, before: list[Item]) -> _Found:
        """`first tuesday of the month`, `the last friday in june`."""
        weekday, nth, end = self._nth_weekday(at, before)
        if (
            nth is not None
            and weekday is None
            and self._language != "th"
            and self._is(at + 1, "and")
        ):
            # "every second and fourth tuesday of the month"
            later = self._nth(at + 2, before)
            last = later[0][-1] if later else None
            if later and isinstance(last, Day) and last.nth is not None:
                every = [Word({"every": ""})] if self._is(at, "every_other") else []
                return [*every, *later[0][:-1], dataclasses.replace(last, nth=nth), last], later[1]
        if weekday is None or nth is None:
            return None
        number, plural = weekday
        place = self._skip_to_month(end)
        of_month = self._sense(place, "unit") == "month" or self._is(place, "month")
        if self._is(at, "every_other"):  # "every second tuesday of the month"
            day = Day(weekday=number, nth=nth, unit="month")
            if (month := self._sense(place, "month")) is not None:
                day = dataclasses.replace(day, unit=None, month=int(month))
            return ([Word({"every": ""}), day], place + 1) if of_month else None
        if self._sense(place, "freq") == "MONTHLY":  # "de cada mes"
            return [Word({"every": ""}), Day(weekday=number, nth=nth, unit="month")], place + 1
        if self._is(place, "every", "freq") and self._sense(place + 1, "unit") == "month":
            return [Word({"every": ""}), Day(weekday=number, nth=nth, unit="month")], place + 2
        if self._sense(place, "unit") == "month":
            mod, behind = self._following_mod(place + 1)
            day = Day(weekday=number, nth=nth, plural=plural, unit="month", mod=mod)
            return [day], behind
        if (month := self._sense(place, "month")) is not None:
            year, behind = self._year(place + 1)
            return [Day(weekday=number, nth=nth, month=int(month), year=year)], behind
        of_month = self._language == "th" and self._is(end, "of")
        if nth < 0 and not (of_month or any(map(_is_month, before))):
            return None
        return [Day(weekday=number, nth=nth, plural=plural, unit="month")], end

    def _nth_weekday(
        self, at: int, before: list[Item]
    ) -> tuple[tuple[int, bool] | None, int | None, int]:
        """`(weekday, which one, end)`: `first tuesday`; in Thai the ordinal stands behind, `วันจันทร์แรก`."""
        place = at + 1 if self._language == "th" else at
        nth = self._nth_of(place)
        if (
            self._language == "th"
            and self._is(place, "ordinal")
            and (
                (self._is(place + 2, "of") and self._tokens[place + 2].text.startswith("ของ"))
                or any(isinstance(item, Word) and "every" in item.senses for item in before)
            )
        ):  # "วันพุธที่สองของเดือน", "ทุกวันพุธที่สอง"; "วันพุธที่ 2" is a date
            nth, place = self._whole(place + 1, 1, 5), place + 1
        if self._language == "hi" and self._is(place, "nth") and not any(map(_is_month, before)):
            nth = None  # "पहले" is more often "before"
        if self._is(place + 1, "from_end") and nth is not None:
            nth, place = -nth, place + 1  # "second to last friday"
        weekday = self._weekday(at if self._language == "th" else place + 1)
        return weekday, nth, max(at, place) + (1 if self._language == "th" else 2)

    def _nth_of(self, at: int) -> int | None:
        """Which one an ordinal says; −1 for the last."""
        if at >= len(self._tokens):
            return None
        token = self._tokens[at]
        if token.ordinal and token.number is not None and 1 <= token.number <= 5:
            return int(token.number)
        nth = self._sense(at, "nth")
        if nth is None and self._language != "th" and self._sense(at, "mod") == "-1":
            nth = "-1"
        return None if nth is None else int(nth)

    def _skip_to_month(self, at: int) -> int:
        """The next place that is no article, `of` or `in`, where a month follows; else the place."""
        place = at
        while self._is(place, "of", "filler") and not self._is(place, "month", "every", "freq"):
            if self._sense(place, "unit") == "month" and not self._is(place + 1, "month"):
                break
            place += 1
        is_month = self._is(place, "month") or self._sense(place, "unit") == "month"
        return place if is_month or self._is(place, "every", "freq") else at

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
            behind = self._sense(end, "mod")
            if self._language == "th" and behind == "0":  # "เช้านี้"
                return [Day(offset=0), Part(part)], end + 1
            if self._language in ("es", "fr") and behind == "-1":  # "la nuit dernière"
                return [Day(offset=-1), Part(part)], end + 1
            if self._language == "en" and behind == "-2":  # "the night before last"
                return [Day(offset=-2), Part(part)], end + 1
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
        several = (
            self._language in ("en", "es", "fr")
            and token.text.endswith("s")
            and token.text not in ("mois", "mes")
        )
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
        year = self._whole(at, 1900, 2700)
        if year is None or token.spelled or len(token.text) != 4:
            return None
        if self._language == "th" and year >= _FIRST_LONE_BUDDHIST_YEAR:
            return _common_year(year)
        return year if year <= 2100 else None

    def _is_part_here(self, before: list[Item]) -> bool:
        """Whether a word that is `tomorrow` and `morning` is the morning: behind a day, an hour or `every`."""
        if before and isinstance(before[-1], Word) and "every" in before[-1].senses:
            return True
        joint = set(before[-1].senses) if before and isinstance(before[-1], Word) else set()
        if "and" in joint or ("to" in joint and "at" not in joint and self._language == "de"):
            return False  # "heute und morgen", "von heute bis morgen"
        return any(
            isinstance(item, Day)
            and (item.offset is not None or item.weekday is not None or item.day)
            for item in before
        )


def is_spread(items: Sequence[Item], language: str) -> bool:
    """Whether a length is one of two, or between two: `2-3 days`, `an hour or two`, `between 5 and 10 minutes`.

    Args:
        items: What words say, in their order.
        language: Their language; Hindi and Thai say two numbers without a word between them, `दो तीन दिन`.
    """
    between = any(isinstance(item, Word) and "between" in item.senses for item in items)
    joints = {"to", "or", "and"} if between else {"to", "or"}
    for i, item in enumerate(items):
        previous, first = (items[i - 1] if i else None), (items[i - 2] if i > 1 else None)
        if isinstance(item, Length) and isinstance(previous, Number):
            spelled = not any(character.isdigit() for character in previous.text)
            if language in ("hi", "th") and spelled and _is_less(previous, item):
                return True
        if not (isinstance(previous, Word) and joints & set(previous.senses)):
            continue
        if isinstance(item, Length) and (isinstance(first, Length) or _is_less(first, item)):
            return True
        if isinstance(item, Number) and isinstance(first, Length) and "or" in previous.senses:
            return True
    return False


def _is_less(item: Item | None, length: Length) -> bool:
    """Whether an item is a number below that of a length, `2` of `2 to 3 hours`."""
    return isinstance(item, Number) and not item.ordinal and item.number < length.parts[0][1]


def _is_second_length(before: Sequence[Item]) -> bool:
    """Whether the second of two numbers of one unit comes next, behind a word for lengths: `dans 2 à`."""
    if len(before) < 3 or not isinstance(before[-2], Number):
        return False
    lead, joint = before[-3], before[-1]
    return (
        isinstance(lead, Word)
        and isinstance(joint, Word)
        and bool({"to", "or"} & set(joint.senses))
        and bool({"in", "ago", "within", "for", "whole", "every"} & set(lead.senses))
        and not {"at", "from", "between"} & set(lead.senses)
    )


def _is_month(item: Item) -> bool:
    """Whether it names a month, or months, without a day."""
    if isinstance(item, Word):
        return item.senses.get("freq") == "MONTHLY"
    return (
        isinstance(item, Day)
        and item.day is None
        and (item.month is not None or item.unit == "month")
    )


def _common_year(year: int) -> int:
    """The year of the common era; from 2401 on it is one of the Buddhist era."""
    return year - 543 if year > 2400 else year


def _is_joint(item: Item | None) -> bool:
    """Whether it joins two of a kind and says no more: `et`, `,`."""
    return (
        isinstance(item, Word)
        and bool({"and", "to"} & set(item.senses))
        and not _BEFORE_HOURS & set(item.senses)
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
