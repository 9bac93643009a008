"""Times: what the items of a phrase say together."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from pqrnn_tf.extras import require
from pqrnn_tf.values.calendar import PARTS, SEASONS, Calendar, Stretch, day_stretch, hours_of
from pqrnn_tf.values.durations import add_length, duration_value, has_hours, time_between
from pqrnn_tf.values.items import (
    Clock,
    Day,
    Item,
    Length,
    Number,
    Part,
    Unknown,
    Word,
    is_spread,
    items_of,
)
from pqrnn_tf.values.recurrences import rule_of, weekdays_of, without_days
from pqrnn_tf.values.tokens import Token
from pqrnn_tf.values.value import Value
from pqrnn_tf.values.zones import zone_of

_CONTENT = (Clock, Day, Part, Number)
_DIRECTIONS = ("before", "after", "until", "since", "starting")
_MINUTE = timedelta(minutes=1)
_UNITS = ("minute", "hour", "day", "week", "month", "year")
_DAYS = ("day", "week", "weekend", "month", "year")
_SORTS_OF_DAYS = ("weekday", "weekend")
_AGO_IN_FRONT = ("de", "es", "fr")
_HOURS = {"ampm", "oclock", "noon", "midnight", "part", "tail"}
"""Senses of words with which a time of day ends."""
_COUNT_BOTH_ENDS = ("de", "es", "fr")
"""Languages in which a week from a day is eight days: `heute in acht Tagen`, `lundi en huit`."""
_BOTH_ENDS: dict[float, float] = {8: 7, 15: 14}
"""How many days from a day such numbers of days are there."""


def read_times(tokens: Sequence[Token], language: str, now: datetime.datetime) -> Value | None:
    """What a phrase says of time.

    Args:
        tokens: Its words.
        language: Their language.
        now: The reference time, with a time zone.

    Raises:
        OverflowError, ValueError: beyond the years that Python's calendar knows.
    """
    items = items_of(tokens, language)
    if "impossible" in _senses(items):
        return None
    names = next(
        (names for i in range(len(tokens)) if (names := _zone_at(tokens, i)) is not None), None
    )
    zone = now.tzinfo if names is None else zone_of(names, now)
    if zone is None:
        return None
    return _Times(language, now.astimezone(zone), now.tzinfo).value(items)


def _zone_at(tokens: Sequence[Token], at: int) -> str | None:
    """The name of the time zone at a place; some words name one only right behind a time of day: `9 am ist`."""
    senses, previous = tokens[at].senses, tokens[at - 1] if at else None
    if "zone_of_hour" not in senses or previous is None:
        return senses.get("zone")
    is_hour = previous.clock is not None or (previous.number is not None and not previous.ordinal)
    return senses["zone_of_hour"] if is_hour or _HOURS & set(previous.senses) else None


class _Times:
    """Puts items together.

    Args:
        language: One of `LANGUAGES`.
        now: The reference time, in the time zone that the words mean.
        zone: The time zone that times are given in.
    """

    def __init__(self, language: str, now: datetime.datetime, zone: datetime.tzinfo | None):
        self._language = language
        self._zoned = now
        self._given_in = zone
        self._now = now.replace(tzinfo=None)
        self._calendar = Calendar(self._now, now.tzinfo)

    def value(self, items: list[Item]) -> Value | None:
        items = _without_idle_every(items)
        excepted: list[int] = []
        if (at := _place_of_exception(items)) is not None:
            items, excepted = _without_excepted(items, at, self._language)
            if not excepted:
                return None
        items = _with_listed_days(items)
        if _is_cut_off(items) or is_spread(items, self._language):
            return None
        facts = [item for item in items if isinstance(item, (Clock, Day, Part, Length))]
        if not facts and not _senses(items) & {"now", "freq"}:
            numbers = [item for item in items if isinstance(item, Number)]
            if not numbers or any(isinstance(item, Unknown) for item in items):
                return None
        if _is_mostly_unknown(items, facts, self._language) or _happens_often(items):
            return None
        items = _without_once(items)
        if _recurs(items):
            return self._recurrence(items, excepted)
        if excepted or _counts_units(items):
            return None
        lengths = [item for item in items if isinstance(item, Length)]
        if lengths:
            return self._with_length(items, lengths[0])
        if "now" in _senses(items) and not facts:
            start = self._now.replace(microsecond=0)
            if "starting" in _senses(items):
                return self._told(Stretch(start, None, "moments"))
            if "until" in _senses(items):
                return self._told(Stretch(None, start, "moments"))
            return self._told(Stretch(start, self._after(start, "second"), "second"))
        return self._plain(items)

    # What stands without a length

    def _plain(self, items: list[Item]) -> Value | None:
        if "sofar" in _senses(items) and (passed := self._passed(items)) is not None:
            return self._told(passed)
        if (beside := self._beside(items)) is not None:
            return self._told(beside)
        ranged = self._range(items)
        if ranged is not None:
            return self._told(ranged)
        direction = self._direction(items)
        if direction is not None:
            return self._open(direction, items)
        if "rest" in _senses(items) and (whole := self._single(items)) is not None:
            if whole.end is None or whole.end <= self._now:
                return None
            return self._told(Stretch(self._now.replace(microsecond=0), whole.end, "interval"))
        if (edge := self._edge(items)) is not None:
            return self._told(edge)
        found = self._several(items)
        if not found:
            return None
        if len(found) == 1:
            return self._told(found[0])
        parts = tuple(self._told(one) for one in found)
        return Value(
            "datetime",
            ",".join(part.text for part in parts),
            grain=parts[0].grain,
            start=min((part.start for part in parts if part.start is not None), default=None),
            end=max((part.end for part in parts if part.end is not None), default=None),
            parts=parts,
        )

    def _beside(self, items: list[Item]) -> Stretch | None:
        """The day of the week next to another day: `the friday before christmas`."""
        facts = _facts(items)
        if len(facts) < 2 or not all(isinstance(fact, Day) for fact in facts):
            return None
        first = facts[0]
        at = items.index(first)
        word = items[at + 1] if at + 2 < len(items) else None
        sides = {"before", "after"} & set(word.senses if isinstance(word, Word) else ())
        if not isinstance(first, Day) or first != Day(weekday=first.weekday) or len(sides) != 1:
            return None
        other = self._single(items[at + 2 :])
        if first.weekday is None or other is None or other.start is None or other.grain != "day":
            return None
        date, step = other.start.date(), -1 if "before" in sides else 1
        days = (step * (first.weekday - date.weekday()) - 1) % 7 + 1
        return day_stretch(date + timedelta(days=step * days))

    def _passed(self, items: list[Item]) -> Stretch | None:
        """What has passed of a stretch that is not over: `earlier today`."""
        whole, now = self._single(items), self._now.replace(microsecond=0)
        if whole is None or whole.start is None or whole.end is None:
            return None
        return Stretch(whole.start, now, "moments") if whole.start < now < whole.end else None

    def _edge(self, items: list[Item]) -> Stretch | None:
        """The first or last day of a week, month or year."""
        senses = _senses(items)
        long = [item for item in items if isinstance(item, Day) and _is_long(item)]
        if not long or not senses & {"end_of", "start_of"}:
            return None
        whole = self._single(long)
        if whole is None or whole.start is None or whole.end is None:
            return None
        date = whole.end - timedelta(days=1) if "end_of" in senses else whole.start
        return day_stretch(date.date())

    def _direction(self, items: list[Item]) -> str | None:
        """The side on which a time is open."""
        content = [i for i, item in enumerate(items) if isinstance(item, _CONTENT)]
        for i, item in enumerate(items):
            if not isinstance(item, Word) or not content:
                continue
            in_front = i < content[0] or (
                i + 1 < len(items)
                and isinstance(items[i + 1], (Clock, Number, Part))
                and all(isinstance(items[j], (Day, Part)) for j in content if j < i)
                and ("ago" not in item.senses or self._language == "th")
            )
            behind = i > content[-1] and (self._language == "hi" or "starting" in item.senses)
            if not (in_front or behind):
                continue
            for name in _DIRECTIONS:
                if name in item.senses and self._is_direction(name, item, items, i):
                    return name
        return None

    def _is_direction(self, name: str, item: Word, items: list[Item], at: int) -> bool:
        following = items[at + 1] if at + 1 < len(items) else None
        if name == "before" and "ago" in item.senses and self._language == "th":
            return following is not None
        return not (name == "starting" and "from" in item.senses)

    def _open(self, direction: str, items: list[Item]) -> Value | None:
        if direction == "since":
            self._calendar = Calendar(self._now, self._zoned.tzinfo, past=True)
        found = self._edge(items) or self._single(items)
        if found is None or found.start is None or found.end is None:
            return None
        long = found.grain in (*_DAYS, "part", "interval")
        grain = "interval" if long else "moments"
        if direction == "before":
            return self._told(Stretch(None, found.start, grain))
        if direction == "until":
            return self._told(Stretch(None, found.end if long else found.start, grain))
        start = found.end if direction == "after" and long else found.start
        return self._told(Stretch(start, None, grain))

    def _range(self, items: list[Item]) -> Stretch | None:
        """An interval of two ends."""
        bounded = any(
            isinstance(item, Word) and {"from", "between", "since"} & set(item.senses)
            for item in items
        )
        between = "between" in _senses(items)
        joining = [
            i
            for i, item in enumerate(items)
            if isinstance(item, Word)
            and bool({"to", "until"} & set(item.senses))
            and _has_content(items[:i])
            and _has_content(items[i + 1 :])
        ]
        # Of "de lunes a las 9 a martes a las 17" the one between two of a sort.
        sure = [i for i in joining if "at" not in _senses(items[i : i + 1])] or [
            i for i in joining if _kinds_of(items[:i]) == _kinds_of(items[i + 1 :])
        ]
        for i, item in enumerate(items):
            if not isinstance(item, Word) or (sure and i in joining and i not in sure):
                continue
            left, right = items[:i], items[i + 1 :]
            joints = {"to", "until", "and"} if between else {"to", "until"}
            if "now" in _senses(left) and not _has_content(left) and joints & set(item.senses):
                return self._from_now(right)
            if not (_has_content(left) and _has_content(right)):
                continue
            if self._is_time_of_day(item, left, right):
                continue
            sorts = (_is_weekday, _is_bare_month, _is_clock, _is_one_day)
            joins = any(_joins(is_one, items, i) for is_one in sorts)
            is_sign = "to" in item.senses and ("at" not in item.senses or bounded or joins)
            if "to" in item.senses and "at" in item.senses and bounded:
                is_sign = any(
                    isinstance(one, Word) and {"from", "between", "since"} & set(one.senses)
                    for one in left
                ) and self._is_alike(left, right)
            if not (is_sign or ("and" in item.senses and between)):
                continue
            found = self._between(left, right)
            if found is not None:
                return found
        return None

    def _is_time_of_day(self, joint: Word, left: list[Item], right: list[Item]) -> bool:
        """Whether what a word joins to a day is an hour or part of it: `del 25 a las 9`, `le 25 au soir`."""
        day, time = _facts(left)[-1], _facts(right)[0]
        if not isinstance(day, Day) or "until" in joint.senses:
            return False
        is_hour = "at" in joint.senses and isinstance(time, (Clock, Number))
        return is_hour or (self._language == "fr" and isinstance(time, Part))

    def _from_now(self, items: list[Item]) -> Stretch | None:
        """The interval from now to what items name: `now until 5 pm`."""
        now, end = self._now.replace(microsecond=0), self._single(items)
        if end is None or end.start is None or end.end is None:
            return None
        stop = end.end if end.grain in (*_DAYS, "part") else end.start
        return Stretch(now, stop, "interval") if stop > now else None

    def _is_alike(self, left: list[Item], right: list[Item]) -> bool:
        """Whether both sides name hours, or both days."""
        return any(all(one) for one in zip(_kinds_of(left), _kinds_of(right), strict=True))

    def _between(self, left: list[Item], right: list[Item]) -> Stretch | None:
        first, last = _facts(left), _facts(right)
        first, last = _shared(first, last)
        days = [[item for item in side if isinstance(item, Day)] for side in (first, last)]
        clocks = [any(isinstance(item, (Clock, Part)) for item in side) for side in (first, last)]
        if days[1] and not days[0] and clocks[0]:
            first = [*first, *days[1]]
        start = self._single(first)
        if start is None or start.start is None:
            return None
        timed = bool(_clocks([item for item in last if not isinstance(item, Day)]))
        if days[0] and not days[1] and not timed:
            end = self._single(last, date=start.start.date())
        else:
            if days[1] and not days[0] and timed:
                last = [item for item in last if not isinstance(item, Day)]
                days[1] = []
            # An hour without a day of its own is the next one behind the start.
            after = self._calendar if days[1] else Calendar(start.start, self._zoned.tzinfo)
            calendar, self._calendar = self._calendar, after
            end = self._single(last)
            self._calendar = calendar
        if end is None or end.start is None or end.end is None:
            return None
        stop = end.end if end.grain in (*_DAYS, "part") else end.start
        if (
            stop <= start.start
            and end.grain == "day"
            and any(d.weekday is not None for d in days[1])
        ):
            stop += timedelta(days=7)
        return Stretch(start.start, stop, "interval") if stop > start.start else None

    def _several(self, items: list[Item]) -> list[Stretch]:
        """The single times of a list; one where there is no list."""
        segments: list[list[Item]] = [[]]
        for item in items:
            if isinstance(item, Word) and "and" in item.senses:
                segments.append([])
            elif isinstance(item, _CONTENT) or (isinstance(item, Word) and "at" in item.senses):
                segments[-1].append(item)
        segments = [segment for segment in segments if _has_content(segment)]
        if not segments:
            return []
        whole = [
            any(isinstance(item, Day) for item in segment)
            and any(isinstance(item, (Clock, Number, Part)) for item in segment)
            for segment in segments
        ]
        if len(segments) > 1 and all(whole):
            found = [self._single(segment) for segment in segments]
            return [one for one in found if one is not None]
        facts = [item for segment in segments for item in segment]
        days = _merged([item for item in facts if isinstance(item, Day)])
        clocks = _clocks([item for item in facts if not isinstance(item, Day)])
        parts = [item for item in facts if isinstance(item, Part)]
        every_day: list[Day | None] = [*days] or [None]
        if not clocks and len(parts) > 1:
            found = [self._one(day, None, part) for day in every_day for part in parts]
        else:
            every_clock: list[Clock | None] = [*clocks] or [None]
            part = parts[0] if parts else None
            found = [self._one(day, clock, part) for day in every_day for clock in every_clock]
        stretches = list(dict.fromkeys(one for one in found if one is not None))
        # Days that are no list and say no day together are not understood.
        return stretches if len({one.grain for one in stretches}) == 1 else []

    def _single(self, items: Iterable[Item], date: datetime.date | None = None) -> Stretch | None:
        """The one time that items name.

        Args:
            items: The items.
            date: The day, where the items name none.
        """
        facts = [item for item in items if isinstance(item, _CONTENT)]
        days = _merged([item for item in facts if isinstance(item, Day)])
        clocks = _clocks([item for item in facts if not isinstance(item, Day)])
        parts = [item for item in facts if isinstance(item, Part)]
        if not days and date is not None:
            days = [Day(year=date.year, month=date.month, day=date.day)]
        return self._one(
            days[0] if days else None, clocks[0] if clocks else None, parts[0] if parts else None
        )

    def _one(self, day: Day | None, clock: Clock | None, part: Part | None) -> Stretch | None:
        whole = None
        if day is not None:
            whole = self._calendar.day(day)
            if whole is None or whole.start is None:
                return None
        date = whole.start.date() if whole is not None and whole.start is not None else None
        if clock is not None:
            if whole is not None and whole.grain in ("month", "year"):
                return None  # an hour of no day
            return self._calendar.clock(clock, date, part.name if part else None)
        if part is not None and (whole is None or whole.grain == "day"):
            return self._calendar.part(part.name, date)
        return whole

    # Lengths

    def _with_length(self, items: list[Item], length: Length) -> Value | None:
        at = items.index(length)
        before, behind = items[:at], items[at + 1 :]
        senses = _senses(items)
        front, back = _senses(before), _senses(behind)
        sign = self._sign(front, back, behind)
        now = self._now.replace(microsecond=0)
        if length.mod is not None:
            if any(isinstance(item, Day) and item.month is not None for item in items):
                return None  # "the last two weeks of december"
            start, end = (
                (now, self._later(now, length, 1))
                if length.mod > 0
                else (self._later(now, length, -1), now)
            )
            return self._told(Stretch(start, end, "interval"))
        if any(isinstance(item, (Clock, Day, Part)) for item in items) or _has_hour(items):
            return self._anchored(before, length, behind)
        if "within" in senses:
            return self._told(Stretch(now, self._later(now, length, 1), "interval"))
        if sign:
            return self._shifted(now, length, sign)
        is_before = "before" in back or ("before" in front and "ago" not in front)
        return duration_value(length, sign=-1 if is_before else 1)

    def _sign(self, front: set[str], back: set[str], behind: list[Item]) -> int:
        """1 for a length from now, −1 for one ago, 0 for another.

        Args:
            front, back: Senses of the words before and behind the length.
            behind: What stands behind it.
        """
        if self._language in _AGO_IN_FRONT and "ago" in front:
            return -1
        if "ago" in back and ("before" not in back or self._language in ("hi", "th")):
            return -1
        if "before" in back or ("before" in front and "ago" not in front):
            return 0
        ahead = (
            "in" in front
            or ("in" in back and self._language == "hi")
            or ("fromnow" in back or ("after" in front and not _has_content(behind)))
        )
        return 1 if ahead else 0

    def _anchored(self, before: list[Item], length: Length, behind: list[Item]) -> Value | None:
        """A length that stands with a day or hour."""
        front, back = _words_at_end(before[::-1]), _words_at_end(behind)
        content = [*before, *behind]
        sign = self._sign(front, back, behind)
        fine = any(unit not in _DAYS or count % 1 for unit, count in length.parts)
        if sign and fine and all(item == Day(offset=0) for item in _facts(content)):
            return self._shifted(self._now.replace(microsecond=0), length, sign)  # "today"
        anchor = None
        if self._language == "hi" and _is_anchor(before) and back & {"before", "after"}:
            anchor = self._single(before)  # "क्रिसमस के एक दिन बाद"
        elif (
            _has_content(behind)
            and back & {"before", "after", "from"}
            and not (back & {"fromnow", "ago"} and (self._language == "hi" or _is_shift(behind)))
        ):
            anchor = self._edge(behind) or self._single(behind)
        if anchor is not None and anchor.start is not None:
            if "for" in front and "from" in back and anchor.grain in ("minute", "second"):
                end = self._later(anchor.start, length, 1)  # "for two hours from 3 pm"
                return self._told(Stretch(anchor.start, end, "interval"))
            sign = -1 if "before" in back and "from" not in back else 1
            return self._shifted(anchor.start, length, sign, grain=anchor.grain)
        if sign and fine:  # "in 2 hours at 5 pm" is a time where both say the same
            named = self._single(content)
            time = self._later(self._now.replace(microsecond=0), length, sign)
            if named is None or named.start is None or named.end is None:
                return None
            is_same = named.start <= time < named.end
            return (
                self._shifted(self._now.replace(microsecond=0), length, sign) if is_same else None
            )
        if not sign and not fine and self._language == "en" and _is_week_on(before, behind):
            moved = self._moved(behind, length, [], 1)
            if moved is not None:
                return self._told(moved)
        if sign and not fine:
            moved = self._moved(before, length, behind, sign)
            if moved is not None:
                return self._told(moved)
        found = self._single(content)
        if found is None or found.start is None:
            return None
        if found.grain in ("minute", "second"):
            return self._told(Stretch(found.start, self._later(found.start, length, 1), "interval"))
        if _senses(before) & {"in"} and not _has_content(before):
            return self._shifted(self._now.replace(microsecond=0), length, 1)
        begins = "starting" in back or ("for" in front and _has_content(before))
        if found.grain == "day" and begins and not fine and not sign:
            end = self._later(found.start, length, 1)  # "for 3 days starting tomorrow"
            return self._told(Stretch(found.start, end, "interval"))
        return self._told(found)

    def _moved(
        self, before: list[Item], length: Length, behind: list[Item], sign: int
    ) -> Stretch | None:
        """What `in 3 days at 5 pm`, `two days ago at noon`, `montag in einer Woche` name together.

        Args:
            before, behind: What stands on either side of the length.
            length: How long it is, in days or longer units.
            sign: 1 for later, −1 for ago.
        """
        facts = _facts([*before, *behind])
        days = _merged([item for item in facts if isinstance(item, Day)])
        if len(days) > 1:
            return None
        start = datetime.datetime.combine(self._calendar.today, datetime.time())
        day = days[0] if days else Day(offset=0)
        in_front = any(isinstance(item, Day) for item in before)
        units = {unit for unit, _ in length.parts}
        if day.weekday is None and day.offset is None:
            if units != {"year"} or day.year is not None:
                return None
            date = dataclasses.replace(day, year=self._later(start, length, sign).year)
        elif day.weekday is not None and (sign < 0 or not in_front):
            # "in 2 weeks on monday": of the week that is meant
            moved = self._later(start, length, sign)
            if units == {"day"} and moved.weekday() != day.weekday:
                return None
            moved += timedelta(days=day.weekday - moved.weekday())
            date = _on(moved)
        else:
            whole = self._calendar.day(day)
            if whole is None or whole.start is None:
                return None
            if in_front and self._language in _COUNT_BOTH_ENDS:
                length = Length(
                    tuple(
                        (unit, _BOTH_ENDS.get(count, count) if unit == "day" else count)
                        for unit, count in length.parts
                    )
                )
            date = _on(self._later(whole.start, length, sign))
        clocks = _clocks([item for item in facts if not isinstance(item, Day)])
        parts = [item for item in facts if isinstance(item, Part)]
        return self._one(date, clocks[0] if clocks else None, parts[0] if parts else None)

    def _shifted(
        self, start: datetime.datetime, length: Length, sign: int, *, grain: str = ""
    ) -> Value:
        """A time that is a length away from another."""
        time = self._later(start, length, sign)
        if has_hours(length):
            units = {unit for unit, _ in length.parts}
            fine = "second" if "second" in units or time.second != start.second else "minute"
            return self._told(Stretch(time, self._after(time, fine), fine))
        if grain in ("minute", "second"):
            return self._told(Stretch(time, self._after(time, grain), grain))
        return self._told(day_stretch(time.date()))

    def _later(self, start: datetime.datetime, length: Length, sign: int) -> datetime.datetime:
        return add_length(start, length, sign, self._zoned.tzinfo)

    def _after(self, time: datetime.datetime, unit: str) -> datetime.datetime:
        """The time one unit later."""
        return self._later(time, Length(((unit, 1),)), 1)

    # Recurrences

    def _recurrence(self, items: list[Item], excepted: Sequence[int] = ()) -> Value | None:
        """What recurs.

        Args:
            items: What is said of it.
            excepted: Days of the week on which it does not.
        """
        lengths = [item for item in items if isinstance(item, Length)]
        until = None
        for length in lengths:
            at = items.index(length)
            if length.mod == 1 or "for" in _senses(items[max(0, at - 1) : at]):
                until = self._later(self._now, length, 1)
                items = [item for item in items if item is not length]
        for item in items:
            # "every five minutes for the next hour"
            if isinstance(item, Day) and item.mod == 1 and lengths and item.unit in _UNITS:
                until = self._later(self._now, Length(((item.unit, 1),)), 1)
                items = [one for one in items if one is not item]
        if not lengths and (each := _each_with_its_hour(items)):
            found = [self._recurrence(one, excepted) for one in each]
            return _together_told([one for one in found if one is not None])
        last = self._last_day(items)
        if last is not None:
            until, items = last
        facts = [item for item in items if isinstance(item, _CONTENT)]
        clocks = _clocks([item for item in facts if not isinstance(item, Day)])
        parts = [item for item in facts if isinstance(item, Part)]
        days = _merged([item for item in facts if isinstance(item, Day)])
        rule = rule_of(items, days)
        if rule is not None and excepted:
            rule = without_days(rule, excepted)
        if rule is None:
            is_dated = any(day.day is not None or day.month is not None for day in days)
            return self._plain(items) if not (lengths or is_dated or excepted) else None
        if _is_short(rule):
            if (span := _daily_span(items)) is not None:
                return self._within(rule, *span) if until is None else None
            if until is not None:
                rule = self._counted(rule, until)
            first = self._single([*clocks, *parts]) if clocks else None
            return self._next(rule, _MINUTE, timed=False, origin=first.start if first else None)
        if until is not None:
            frequency, _, rest = rule.partition(";")
            rule = f"{frequency};UNTIL={until:%Y%m%d}" + (f";{rest}" if rest else "")
        if not clocks:
            if not parts:
                return self._next(rule, timedelta(days=1), timed=False)
            spans = [PARTS[name] for name in dict.fromkeys(part.name for part in parts)]
            return _together_told(
                [
                    self._next(
                        f"{rule};BYHOUR={begin};BYMINUTE=0",
                        timedelta(hours=end - begin),
                        timed=True,
                    )
                    for begin, end in spans
                ]
            )
        if (span := _daily_span(items)) is not None:
            begin, end = span
            rule += f";BYHOUR={begin // 60};BYMINUTE={begin % 60}"
            return self._next(rule, (end - begin) * _MINUTE, timed=True)
        hours_at: dict[int, list[int]] = {}
        for clock in clocks:
            options = hours_of(clock, parts[0].name if parts else None)
            hours_at.setdefault(clock.minute, []).append(_usual_hour(options))
        rules = [
            self._next(f"{rule};BYHOUR={_joined(hours)};BYMINUTE={minute}", _MINUTE, timed=True)
            for minute, hours in sorted(hours_at.items())
        ]
        return _together_told(rules)

    def _last_day(self, items: list[Item]) -> tuple[datetime.datetime, list[Item]] | None:
        """The last day of a recurrence, and the items without it: `every day until friday`."""
        for i, item in enumerate(items):
            if not (isinstance(item, Word) and "until" in item.senses):
                continue
            behind = self._language == "hi"  # "शुक्रवार तक"
            stop = next((j for j in range(i + 1, len(items)) if _is_hour_at(items, j)), len(items))
            said = items[max(0, i - 1) : i] if behind else items[i + 1 : stop]
            rest = items[: max(0, i - 1)] + items[i + 1 :] if behind else items[:i] + items[stop:]
            facts = _facts(said)
            if not facts or not all(isinstance(fact, Day) and not fact.plural for fact in facts):
                continue
            named = [day for day in items[:i] if isinstance(day, Day) and day.unit != "day"]
            if not behind and named and all(_names_weekday(day) for day in (named[-1], *facts)):
                continue  # "every monday until friday"
            if _senses(said) & {"every", "freq"} or (behind and "from" in _senses(rest)):
                continue
            end = self._edge(said) or self._single(said)
            if end is not None and end.end is not None and _recurs(rest):
                return end.end - timedelta(days=1), rest
        return None

    def _within(self, rule: str, begin: int, end: int) -> Value | None:
        """A rule of hours or less in some hours of each day: `every 15 minutes from 9 to 5`.

        Args:
            rule: The rule.
            begin, end: First minute of the day, and the minute after the last; `None` is told where one of them is no
                full hour.
        """
        if begin % 60 or end % 60 or end - begin > 1440:
            return None
        hours = [hour % 24 for hour in range(begin // 60, end // 60)]
        first = datetime.datetime.combine(self._now, datetime.time(begin // 60))
        return self._next(f"{rule};BYHOUR={_joined(hours)}", _MINUTE, timed=True, since=first)

    def _counted(self, rule: str, until: datetime.datetime) -> str:
        """A rule of hours or less with how often it happens until a time."""
        step = (
            require("dateutil.rrule").rrulestr(rule, dtstart=self._now).after(self._now) - self._now
        )
        time = time_between(self._now, until, self._zoned.tzinfo)
        return f"{rule};COUNT={max(1, int(time / step))}"

    def _next(
        self,
        rule: str,
        length: timedelta,
        *,
        timed: bool,
        origin: datetime.datetime | None = None,
        since: datetime.datetime | None = None,
    ) -> Value:
        """A recurrence with its next occurrence, which is `origin` where that is given, counted from `since`."""
        short = _is_short(rule)
        if origin is not None:
            found = origin
        else:
            start = self._now.replace(second=0, microsecond=0)
            if not short:
                start = start.replace(hour=0, minute=0)
            start = since or start
            inclusive = not (timed or short)
            found = (
                require("dateutil.rrule")
                .rrulestr(rule, dtstart=start)
                .after(start if inclusive else self._now, inc=inclusive)
            )
            if short and found is not None and since is None:
                seconds = (found - start).total_seconds()
                found = self._later(start, Length((("second", seconds),)), 1)
        value = Value("datetime", rule, recurrence=rule)
        if found is None:
            return value
        end = self._after(found, "minute") if short else found + length
        return dataclasses.replace(value, start=self._zone(found), end=self._zone(end))

    # Telling

    def _zone(self, time: datetime.datetime | None) -> datetime.datetime | None:
        if time is None:
            return None
        zoned = time.replace(tzinfo=self._zoned.tzinfo)
        return zoned if self._zoned.tzinfo is self._given_in else zoned.astimezone(self._given_in)

    def _told(self, stretch: Stretch) -> Value:
        start, end = self._zone(stretch.start), self._zone(stretch.end)
        grain: str | None = stretch.grain
        if start is not None and stretch.grain in ("second", "minute", "hour"):
            text = _moment(start)
        elif start is not None and stretch.grain == "day":
            text = start.date().isoformat()
        elif start is not None and stretch.grain == "week":
            year, week, _ = start.isocalendar()
            text = f"{year:04d}-W{week:02d}"
        elif start is not None and stretch.grain == "month":
            text = f"{start.year:04d}-{start.month:02d}"
        elif start is not None and stretch.grain == "year":
            text = f"{start.year:04d}"
        else:
            days = all(
                time is None or (time.hour, time.minute, time.second) == (0, 0, 0)
                for time in (start, end)
            ) and stretch.grain not in ("part", "moments")
            text = "/".join(
                ".." if time is None else time.date().isoformat() if days else _moment(time)
                for time in (start, end)
            )
            if stretch.grain in ("interval", "moments"):
                grain = "day" if days else "minute"
        return Value("datetime", text, grain=grain, start=start, end=end)


def _names_weekday(item: Item) -> bool:
    return isinstance(item, Day) and (item.weekday is not None or item.unit == "day")


def _is_hour_at(items: Sequence[Item], at: int) -> bool:
    """Whether an hour begins at a place, with the word in front of it: `at 9`."""
    item, following = items[at], items[at + 1] if at + 1 < len(items) else None
    is_word = isinstance(item, Word) and "at" in item.senses
    return isinstance(item, (Clock, Part)) or (is_word and isinstance(following, (Clock, Number)))


def _together_told(rules: Sequence[Value]) -> Value:
    """Several recurrences as one value, with the next occurrence of any."""
    if len(rules) == 1:
        return rules[0]
    next_one = min((one for one in rules if one.start is not None), key=_start_of, default=None)
    return Value(
        "datetime",
        "\n".join(one.text for one in rules),
        start=None if next_one is None else next_one.start,
        end=None if next_one is None else next_one.end,
        parts=tuple(rules),
    )


def _start_of(value: Value) -> float:
    return value.start.timestamp() if value.start is not None else 0.0


def _moment(time: datetime.datetime) -> str:
    """A point in time in ISO 8601, to the second where it has seconds."""
    return time.isoformat(timespec="seconds" if time.second else "minutes")


def _joined(numbers: Iterable[int]) -> str:
    return ",".join(str(number) for number in sorted(set(numbers)))


def _is_short(rule: str) -> bool:
    """Whether a rule has occurrences within a day."""
    return any(f"FREQ={name}" in rule for name in ("HOURLY", "MINUTELY", "SECONDLY"))


def _usual_hour(options: tuple[int, ...]) -> int:
    """The hour of a recurrence: of two the one in the day."""
    return next((hour for hour in options if hour >= 7), options[0]) % 24


def _daily_span(items: list[Item]) -> tuple[int, int] | None:
    """First minute and minute after the last of each day in `every day from 9 to 5`; `None` for other words."""
    joints = {"to", "and"} if "between" in _senses(items) else {"to"}
    for i, item in enumerate(items):
        if not (isinstance(item, Word) and joints & set(item.senses)):
            continue
        if not i or not isinstance(items[i - 1], (Clock, Number)):
            continue
        sides = (items[:i], items[i + 1 :])
        first, last = ([one for one in _facts(side) if not isinstance(one, Day)] for side in sides)
        if not (_clocks(first) and _clocks(last)):
            continue
        first, last = _shared(first, last)
        start, stop = _clocks(first)[0], _clocks(last)[0]
        begin = _usual_hour(hours_of(start, None)) * 60 + start.minute
        ends = [hour * 60 + stop.minute for hour in hours_of(stop, None)]
        return begin, min(end + day for end in ends for day in (0, 1440) if end + day > begin)
    return None


def _senses(items: Iterable[Item]) -> set[str]:
    """The senses of all words."""
    return {name for item in items if isinstance(item, Word) for name in item.senses}


def _kinds_of(items: Sequence[Item]) -> tuple[bool, bool]:
    """Whether items name an hour, and a day; a number may be either."""
    hours = any(isinstance(item, (Clock, Number)) for item in items)
    return hours, any(isinstance(item, (Day, Number)) for item in items)


def _facts(items: Iterable[Item]) -> list[Item]:
    return [item for item in items if isinstance(item, _CONTENT)]


def _has_content(items: Iterable[Item]) -> bool:
    return any(isinstance(item, _CONTENT) for item in items)


def _has_hour(items: Sequence[Item]) -> bool:
    """Whether a number stands behind a word that makes it an hour: `at 9`, `10 minutes after 5`."""
    return any(
        isinstance(item, Number)
        and bool(_clocks([item]))
        and isinstance(word, Word)
        and (
            "at" in word.senses
            or (isinstance(first, Length) and {"before", "after"} & set(word.senses))
        )
        for first, word, item in zip([None, *items], items, items[1:], strict=False)
    )


def _words_at_end(items: Sequence[Item]) -> set[str]:
    """The senses of the words that stand before all else."""
    return _senses(
        itertools.takewhile(lambda item: not isinstance(item, (*_CONTENT, Length)), items)
    )


def _is_shift(behind: Sequence[Item]) -> bool:
    """Whether `3 days later`, `3 วันก่อน ตอน…` counts from now, though it has a day or hour behind it, not directly."""
    first, following = behind[0], behind[1] if len(behind) > 1 else None
    is_ago = isinstance(first, Word) and "ago" in first.senses
    return not is_ago or isinstance(following, Word)


def _is_anchor(before: Sequence[Item]) -> bool:
    """Whether a Hindi length counts from what stands before it: with `से` or `के`, or directly."""
    word = (
        bool(before)
        and isinstance(before[-1], Word)
        and bool({"from", "of"} & set(before[-1].senses))
    )
    last = before[-2:-1] if word else before[-1:]
    return any(isinstance(item, (Clock, Day)) for item in last)


def _is_week_on(before: Sequence[Item], behind: Sequence[Item]) -> bool:
    """Whether a length counts from the day behind it: `a week on monday`, `two weeks tomorrow`."""
    if not _senses(before) <= {"filler"} or _facts(before):
        return False
    rest = list(behind)
    if rest and isinstance(rest[0], Word) and set(rest[0].senses) == {"filler"}:
        rest = rest[1:]
    first = rest[0] if rest else None
    return isinstance(first, Day) and (first.weekday is not None or first.offset is not None)


def _on(time: datetime.datetime) -> Day:
    """The day of a time."""
    return Day(year=time.year, month=time.month, day=time.day)


def _without_idle_every(items: list[Item]) -> list[Item]:
    """Articles of the plural say that something recurs only before days: Spanish `los lunes`, French `les lundis`."""
    kept: list[Item] = []
    for i, item in enumerate(items):
        if isinstance(item, Word) and {"every", "filler"} <= set(item.senses):
            following = items[i + 1] if i + 1 < len(items) else None
            if not (
                isinstance(following, Day)
                and (following.weekday is not None or following.unit in ("weekend", "weekday"))
            ):
                item = Word({name: more for name, more in item.senses.items() if name != "every"})
        kept.append(item)
    return kept


def _with_listed_days(items: list[Item]) -> list[Item]:
    """The days of a list that says once of which month they are, or that they are days: `1 और 15 तारीख`."""
    listed = list(items)
    joints = [
        i
        for i, item in enumerate(items[1:-1], start=1)
        if isinstance(item, Word) and "and" in item.senses
    ]
    for i in reversed(joints):
        item, last = listed[i - 1], listed[i + 1]
        if not isinstance(last, Day) or last.day is None or last.weekday is not None:
            continue
        number = None if "at" in _senses(items[max(0, i - 2) : i - 1]) else _day_of_month(item)
        if number is not None:
            listed[i - 1] = Day(month=last.month, day=number, year=last.year)
        elif isinstance(item, Day) and item == Day(day=item.day) and item.day is not None:
            listed[i - 1] = dataclasses.replace(item, month=last.month, year=last.year)
    for i in joints:  # "los días 1 y 15"
        day, number = listed[i - 1], _day_of_month(listed[i + 1])
        if number is not None and isinstance(day, Day) and day.day and day == Day(day=day.day):
            listed[i + 1] = Day(day=number)
    return listed


def _day_of_month(item: Item) -> int | None:
    """The day that a number may be."""
    if not isinstance(item, Number) or item.number not in range(1, 32):
        return None
    return int(item.number)


def _counts_units(items: Sequence[Item]) -> bool:
    """Whether an ordinal says which day, week or half it is of something: `the third week of june`, `first half`."""
    return any(
        isinstance(item, Number)
        and item.ordinal
        and (
            (isinstance(following, Day) and following.unit in _DAYS and following.nth is None)
            or (isinstance(following, Word) and bool({"half", "quarter"} & set(following.senses)))
        )
        for item, following in zip(items, items[1:], strict=False)
    )


def _is_cut_off(items: Sequence[Item]) -> bool:
    """Whether the hour is missing behind minutes: `ten past`, `zehn vor`."""
    last = items[-1] if len(items) > 1 else None
    return (
        isinstance(last, Word)
        and bool({"past", "minutes_to"} & set(last.senses))
        and "for" not in last.senses
        and isinstance(items[-2], Number)
    )


def _is_mostly_unknown(items: Sequence[Item], facts: Sequence[Item], language: str) -> bool:
    """Whether more words say nothing of time than say something, or all is said of a word that is not known."""
    unknown = sum(isinstance(item, Unknown) for item in items)
    vague = all(isinstance(item, Day) and item.unit not in (None, "decade") for item in facts)
    for item, following in zip(items, items[1:], strict=False):
        if language == "th":  # "เพลงที่สาม"
            item, following = following, item
        if isinstance(item, Day) and item == Day(day=item.day) and isinstance(following, Unknown):
            return True  # "the first song"
    return unknown > len(facts) or (unknown > 0 and vague)


def _happens_often(items: Sequence[Item]) -> bool:
    """Whether something happens so many times, which no rule says: `twice a day`, `the next two fridays`."""
    for i, item in enumerate(items):
        if _is_weekday(item) and i and isinstance(count := items[i - 1], Number):
            is_ahead = "in" in _senses(items[max(0, i - 2) : i - 1])
            is_shift = is_ahead or bool(_senses(items[i + 1 : i + 2]) & {"ago", "fromnow"})
            if is_shift and count.number > 1 and not count.ordinal:
                return True  # "dentro de dos lunes", "दो सोमवार बाद"
        several = isinstance(item, Day) and (
            item.plural or (item.unit == "weekend" and item.mod is not None)
        )
        if isinstance(item, Day) and several and item.nth is None and i:
            number, word = items[i - 1], items[i - 2] if i > 1 else None
            is_hour = isinstance(word, Word) and "at" in word.senses
            if isinstance(number, Number) and not number.ordinal and not is_hour:
                return True
        if isinstance(item, Word) and (times := item.senses.get("count")) is not None:
            around = items[max(0, i - 1) : i + 2]
            numbers = [one.number for one in around if isinstance(one, Number) and not one.ordinal]
            if (int(times) if times else max(numbers, default=1)) > 1:
                return True
    return False


def _each_with_its_hour(items: Sequence[Item]) -> list[list[Item]]:
    """The days of the week of a recurrence that have hours of their own: `tuesdays at 7 and thursdays at 8`."""
    clocks = iter(_clocks([item for item in items if not isinstance(item, Day)]))
    segments: list[list[Item]] = [[]]
    for item in items:
        if isinstance(item, Word) and "and" in item.senses:
            segments.append([])
        else:  # "um 5 und … um 6 Uhr": one clock says of how many hours both are
            segments[-1].append(next(clocks) if _clocks([item]) else item)
    for segment in segments:
        days = [item for item in segment if isinstance(item, Day)]
        hours = _clocks([item for item in segment if not isinstance(item, Day)])
        if not hours or not any(_is_weekday(day) or day.unit in _SORTS_OF_DAYS for day in days):
            return []
        if not _senses(segment) & {"every", "every_other", "freq"}:
            segment.insert(0, Word({"every": ""}))
    return segments if len(segments) > 1 else []


def _is_unit(item: Item | None) -> bool:
    """Whether it names a day, week, month or year, and does not say which."""
    return isinstance(item, Day) and item.unit in _UNITS and item == Day(unit=item.unit)


def _without_once(items: list[Item]) -> list[Item]:
    """`une fois par jour` as `par jour`, `una vez al día` as each day."""
    kept: list[Item] = []
    for i, item in enumerate(items):
        if not (isinstance(item, Word) and "count" in item.senses):
            kept.append(item)
            continue
        if kept and isinstance(kept[-1], Number):
            kept.pop()
        if (
            len(kept) > 1
            and isinstance(kept[-1], Word)
            and "in" in kept[-1].senses
            and _is_unit(kept[-2])
        ):
            kept.append(Word({"every": ""}))  # "दिन में एक बार"
        following = items[i + 1] if i + 1 < len(items) else None
        if _is_unit(following):
            kept.append(Word({"every": ""}))
    return kept


def _place_of_exception(items: Sequence[Item]) -> int | None:
    """Where a word stands behind which are exceptions; `None` for Spanish `menos` before no day."""
    for i, item in enumerate(items):
        if isinstance(item, Word) and "except" in item.senses:
            following = next((one for one in items[i + 1 :] if not isinstance(one, Word)), None)
            if "minus" not in item.senses or isinstance(following, Day):
                return i
    return None


def _without_excepted(items: list[Item], at: int, language: str) -> tuple[list[Item], list[int]]:
    """What stands beside an exception, and the days of the week that are excepted; none where not all are such.

    Args:
        items: All items.
        at: The place of `except`.
        language: Their language; in Hindi the exceptions stand before it.
    """
    in_front, behind = items[:at], items[at + 1 :]
    if language == "hi":  # "रविवार को छोड़कर हर दिन"
        in_front, behind = behind, in_front[::-1]
    end = next((i for i in range(len(behind)) if _is_no_exception(behind, i)), len(behind))
    named = [one for one in behind[:end] if isinstance(one, Day)]
    alike = all(
        dataclasses.replace(day, plural=False) in (Day(weekday=day.weekday), Day(unit=day.unit))
        for day in named
    )
    if not alike or (end < len(behind) and isinstance(behind[end], Part)):
        return items, []  # "except next monday", "except sunday mornings"
    return [*in_front, *behind[end:]], weekdays_of(behind[:end], named)


def _is_no_exception(items: Sequence[Item], at: int) -> bool:
    """Whether no more exceptions stand from a place on: `at 9`, `until friday`."""
    item = items[at]
    if not isinstance(item, Word):
        return not isinstance(item, Day)
    is_limit = bool({"at", "until", "for", "starting"} & set(item.senses))
    return is_limit and not _joins(_is_weekday, items, at)


def _recurs(items: list[Item]) -> bool:
    if _senses(items) & {"every", "every_other", "freq"}:
        return True
    if any(isinstance(item, (Day, Part)) and item.plural for item in items):
        return True
    timed = any(isinstance(item, (Clock, Part)) for item in items)
    if timed and any(isinstance(item, Day) and item.unit == "weekday" for item in items):
        return True
    # "7 am monday through friday", "monday to friday at 7"
    timed = timed or bool(_clocks([item for item in items if not isinstance(item, Day)]))
    return timed and any(
        isinstance(item, Word) and "to" in item.senses and _joins(_is_weekday, items, i)
        for i, item in enumerate(items)
    )


def _joins(is_one: Callable[[Item], bool], items: Sequence[Item], at: int) -> bool:
    """Whether an item stands between two of a sort."""
    return 0 < at < len(items) - 1 and is_one(items[at - 1]) and is_one(items[at + 1])


def _is_weekday(item: Item) -> bool:
    return isinstance(item, Day) and item.weekday is not None


def _is_one_day(item: Item) -> bool:
    if not isinstance(item, Day) or item.plural or item.unit is not None:
        return False
    return any(one is not None for one in (item.offset, item.weekday, item.day))


def _is_clock(item: Item) -> bool:
    return isinstance(item, Clock)


def _shared(first: list[Item], last: list[Item]) -> tuple[list[Item], list[Item]]:
    """Both ends of an interval with what only one of them says: the month, the half of the day."""

    def days(items: list[Item]) -> list[Day]:
        return [item for item in items if isinstance(item, Day) and (item.day or item.month)]

    ends = [first, last]
    for this, other in ((0, 1), (1, 0)):
        dated = [day for day in days(ends[other]) if day.month is not None]
        dated = dated or [day for day in days(ends[other]) if day == Day(day=day.day)]
        if not dated:
            continue
        hours = any(isinstance(item, (Clock, Number)) for item in ends[other])
        changed: list[Item] = []
        for item in ends[this]:
            if hours:
                pass  # "on 17 september from 9 to 11"
            elif isinstance(item, Number) and not any(isinstance(one, Clock) for one in ends[this]):
                if dated[0].month is None and any(isinstance(one, Day) for one in ends[this]):
                    continue
                item = Day(month=dated[0].month, day=int(item.number), year=dated[0].year)
            elif isinstance(item, Day) and item.day is not None and item.month is None:
                item = dataclasses.replace(item, month=dated[0].month, year=dated[0].year)
            if this and isinstance(item, Day) and item.month and _is_before(item, dated[0]):
                year = item.year and item.year + item.month // 12
                item = dataclasses.replace(item, month=item.month % 12 + 1, year=year)
            changed.append(item)
        ends[this] = changed
    clocks = [_clocks([item for item in side if not isinstance(item, Day)]) for side in ends]
    if clocks[0] and clocks[1]:
        parts = [[item for item in side if isinstance(item, Part)] for side in ends]
        start, stop = clocks[0][0], clocks[1][0]
        if start.half is None and not parts[0] and (stop.half in ("am", "pm") or parts[1]):
            part = parts[1][0].name if parts[1] else None
            later = hours_of(stop, part)[0] * 60 + stop.minute
            options = [
                dataclasses.replace(start, half=half)
                for half in ("am", "pm")
                if (hours_of(dataclasses.replace(start, half=half), None)[0] * 60 + start.minute)
                < later
            ]
            same = [one for one in options if one.half == stop.half]
            if options:
                start = (same or options[-1:])[0]
        elif start.half is None and not parts[0] and stop.half == "24" and not stop.midnight:
            start = dataclasses.replace(start, half="24")  # "von 9 bis 17 Uhr"
        ends[0] = [*(x for x in ends[0] if not isinstance(x, (Clock, Number))), start]
        ends[1] = [*(x for x in ends[1] if not isinstance(x, (Clock, Number))), stop]
    return ends[0], ends[1]


def _is_before(day: Day, other: Day) -> bool:
    """Whether a date stands in front of another one of the same month: `from 28 september to the 3rd`."""
    same = (day.month, day.year) == (other.month, other.year)
    return same and (day.day or 0) < (other.day or 0) and day.day is not None


def _clocks(items: Sequence[Item]) -> list[Clock]:
    """The times of the clock, with numbers that are hours; an open one takes the half of the next, or its 24 hours."""
    found: list[Clock] = []
    for item in items:
        if isinstance(item, Clock):
            found.append(item)
        elif isinstance(item, Number) and not item.ordinal:
            hour = item.number
            if hour == int(hour) and 0 <= hour <= 24:
                found.append(Clock(int(hour), half="24" if hour > 12 or hour == 0 else None))
    halves: list[Clock] = []
    half = None
    for clock in reversed(found):
        if clock.half is not None and not clock.midnight:
            half = clock.half
        elif clock.half is None and half is not None:
            clock = dataclasses.replace(clock, half=half)
        halves.append(clock)
    return halves[::-1]


def _merged(days: Sequence[Day]) -> list[Day]:
    """Days that say one day together, as one: `friday next week`, `may next year`, `monday june 3rd`."""
    merged: list[Day] = []
    for day in days:
        both = _together(merged[-1], day) or _together(day, merged[-1]) if merged else None
        if both is None:
            merged.append(day)
        else:
            merged[-1] = both
    week = merged[-1] if merged else None
    if week is None or week.weekday is None or week.unit != "week":
        return merged
    # "monday, tuesday and wednesday of this week"
    return [
        dataclasses.replace(day, unit="week", mod=week.mod)
        if day.weekday is not None and day.unit is None and day.mod is None and day.nth is None
        else day
        for day in merged
    ]


def _is_long(day: Day) -> bool:
    """Whether it names a week, month or year as a whole."""
    if day.unit in ("week", "month", "year"):
        return True
    is_year = day.year is not None and day.unit is None
    return day.day is None and day.nth is None and (_is_bare_month(day) or is_year)


def _is_bare_month(item: Item) -> bool:
    return (
        isinstance(item, Day)
        and item.month is not None
        and item.day is None
        and item.weekday is None
    )


def _together(day: Day, other: Day) -> Day | None:
    is_date = other.month is not None and other.day is not None
    if day.weekday is not None and day.nth is None:
        if is_date or other.offset is not None:
            return other
        if other.unit == "week" and day.mod is None and not day.plural:
            return dataclasses.replace(day, unit="week", mod=other.mod)
        if other.day is not None and other.weekday is None:
            return dataclasses.replace(other, weekday=day.weekday)
        if day.mod == -1 and other.unit == "month":
            return dataclasses.replace(day, mod=other.mod, nth=-1, unit="month")
    if day.unit == "day" and day.mod is None and (other.unit is None or other.nth is not None):
        return other
    if day.unit == "month" and day.mod is None and day.nth is None and other.month is not None:
        return other
    if day.unit == "year" and day.mod is None and other.year is not None and other.month is None:
        return other
    if day.nth is not None and other.unit == "month" and other.weekday is None:
        return dataclasses.replace(day, mod=other.mod)
    if day.nth is not None and day.month is None and _is_bare_month(other):
        return dataclasses.replace(day, month=other.month, year=other.year)
    if day.month is not None and day.year is None:
        if other.year is not None and other.month is None:
            return dataclasses.replace(day, year=other.year)
        if other.unit == "year":
            return dataclasses.replace(day, in_year=other.mod or 0)
    if day.unit in SEASONS and day.mod is None and other.day is None and other.month is None:
        if other.unit == "year":
            return dataclasses.replace(day, in_year=other.mod or 0)
        if other.year is not None and other.unit is None:
            return dataclasses.replace(day, year=other.year)
    if day.holiday is not None and other.unit == "year":
        return dataclasses.replace(day, in_year=other.mod or 0)
    if day.holiday is not None and other.year is not None:
        return dataclasses.replace(day, year=other.year)
    if day.day is not None and day.month is None and other.unit == "month" and other.day is None:
        return dataclasses.replace(day, unit="month", mod=other.mod)
    if day.day is not None and day.month is None and other.month is not None and other.day is None:
        return dataclasses.replace(other, day=day.day)
    return None
