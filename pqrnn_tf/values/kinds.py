"""The kinds of values, and the languages that they are read in."""

from __future__ import annotations

KINDS = (
    "number",
    "ordinal",
    "datetime",
    "duration",
    "temperature",
    "percentage",
    "currency",
)
"""Kinds of values. The words of a `datetime` may also mean a stretch of time, an interval or a recurrence."""

LANGUAGES = ("en", "de", "es", "fr", "hi", "th")
"""The languages whose words are read."""


class ValueSettingError(ValueError):
    """A kind, language, time or time zone that there is not."""


def check_kind(kind: str, name: str = "kind") -> str:
    """The kind, if there is one of that name.

    Args:
        kind: Its name.
        name: What the argument is called in the error.

    Raises:
        ValueSettingError: if there is none.
    """
    if kind not in KINDS:
        raise ValueSettingError(f"`{name}` must be one of {KINDS}. Received: {kind!r}.")
    return kind
