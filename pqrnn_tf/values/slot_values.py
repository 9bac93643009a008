"""Which slots have values, and with which reference they are read."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping

from pqrnn_tf.extras import require
from pqrnn_tf.values.kinds import LANGUAGES, ValueSettingError, check_kind
from pqrnn_tf.values.value import Value


@dataclasses.dataclass(frozen=True)
class SlotValues:
    """Reads the values of slots.

    Args:
        kinds: For each slot name that has values their kind, one of `KINDS`.
        language: One of `LANGUAGES`; `None` to take, for each text, the one that knows most of its words.
        reference_time: What "now" is. With a time zone, or without one where `time_zone` says in which it is
            meant. `None` for the time at which a value is asked for.
        time_zone: Name in the IANA time zone database, such as `"Europe/Berlin"`; times are read and given in it.
            `None` for that of `reference_time`, else that of the machine.

    Raises:
        ValueSettingError: if one of them is unknown, or the reference time has no time zone.

    Example:
    ```python
    parser.values = SlotValues({"DATE_TIME": "datetime"}, language="de", time_zone="Europe/Berlin")
    parser("weck mich morgen um halb acht").slots[0].value.start
    ```
    """

    kinds: Mapping[str, str] = dataclasses.field(default_factory=dict)
    language: str | None = None
    reference_time: datetime.datetime | None = None
    time_zone: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.kinds, Mapping):
            raise ValueSettingError(
                "`kinds` must map names of slots to kinds of values. "
                f"Received: {type(self.kinds).__name__}."
            )
        for name, kind in self.kinds.items():
            check_kind(kind, f"kinds[{name!r}]")
        if self.language is not None and self.language not in LANGUAGES:
            raise ValueSettingError(
                f"`language` must be one of {LANGUAGES} or None. Received: {self.language!r}."
            )
        self.now()  # so that a wrong time or time zone is an error here

    def now(self) -> datetime.datetime:
        """The reference time, in the time zone that times are read in.

        Raises:
            ValueSettingError: if the time zone is unknown, or the reference time has none.
        """
        zone = None if self.time_zone is None else time_zone(self.time_zone)
        time = self.reference_time
        if time is None:
            return (
                datetime.datetime.now(datetime.timezone.utc).astimezone()
                if zone is None
                else datetime.datetime.now(zone)
            )
        if not isinstance(time, datetime.datetime):
            raise ValueSettingError(
                f"`reference_time` must be a datetime.datetime. Received: {time!r}."
            )
        if time.tzinfo is None:
            if zone is None:
                raise ValueSettingError(
                    f"`reference_time` must have a time zone. Received: {time.isoformat()} without one. "
                    'Give `time_zone` too, such as time_zone="Europe/Berlin", or a time with an offset.'
                )
            return time.replace(tzinfo=zone)
        return time if zone is None else time.astimezone(zone)

    def __call__(self, name: str, text: str) -> Value | None:
        """The value of a slot.

        Args:
            name: Name of the slot.
            text: Its words.

        Returns:
            What they mean; `None` where the slot has no kind, or no value is found.

        Raises:
            ImportError: naming the extra, where it is not installed.
        """
        kind = self.kinds.get(name)
        return None if kind is None else self.read(text, kind)

    def read(self, text: str, kind: str) -> Value | None:
        """What a text means, read as a kind of value.

        Args:
            text: The words.
            kind: One of `KINDS`.

        Returns:
            The value; `None` where none is found.

        Raises:
            TypeError: if `text` is no string.
            ValueSettingError: if there is no such kind.
            ImportError: naming the extra, where it is not installed.
        """
        if not isinstance(text, str):
            raise TypeError(f"`text` must be a str. Received: {type(text).__name__}.")
        check_kind(kind)
        require("babel")
        from pqrnn_tf.values.reading import read_value

        return read_value(text, kind, language=self.language, now=self.now())


def time_zone(name: str) -> datetime.tzinfo:
    """A time zone by its name.

    Raises:
        ValueSettingError: if there is none of that name.
    """
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError, TypeError) as error:
        raise ValueSettingError(
            "`time_zone` must be a name in the IANA time zone database, such as 'Europe/Berlin' or 'UTC'. "
            f"Received: {name!r}."
        ) from error
