"""What the words of a slot mean."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any


@dataclasses.dataclass(frozen=True)
class Value:
    """What the words of a slot mean.

    Attributes:
        kind: One of `KINDS`. A slot whose kind is `datetime` may hold a `duration`.
        text: The value as one string that other programs read. A point or stretch of time is in ISO 8601, as exact
            as its grain: `2026-09-17`, `2026-W38`, `2026-09-16T19:30-04:00`; an interval is `START/END` with `..`
            for an open side; a duration `PT1H30M`; a recurrence a rule of RFC 5545, `FREQ=WEEKLY;BYDAY=MO`; several
            are joined by commas, several rules by line ends. Numbers and quantities: `21`, `20.5 celsius`, `5 EUR`.
        value: The number of a number, ordinal, quantity, or duration of one unit; `None` for a point in time.
        unit: `celsius`, `fahrenheit`, `kelvin`, `degree` (scale unknown), `percent`, a currency of ISO 4217, or the
            unit of a duration.
        grain: How exact a point in time is: `second`, `minute`, `hour`, `day`, `week`, `month`, `year`; `part` for a
            part of a day; `None` for other kinds.
        start, end: The stretch of time, `end` not included; with the time zone of the reference. `None` for an open
            side and for what is no time. Of a recurrence the next occurrence; of several the first start and the last
            end.
        recurrence: The rule of RFC 5545, without `RRULE:`; `None` for what happens once.
        parts: The single values, where the words mean several.
    """

    kind: str
    text: str
    value: float | int | None = None
    unit: str | None = None
    grain: str | None = None
    start: datetime.datetime | None = None
    end: datetime.datetime | None = None
    recurrence: str | None = None
    parts: tuple[Value, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; what is `None` or empty is left out, times are ISO 8601."""
        values: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, datetime.datetime):
                value = value.isoformat()
            elif field.name == "parts":
                value = [part.to_dict() for part in value]
            if value is not None and value != []:
                values[field.name] = value
        return values
