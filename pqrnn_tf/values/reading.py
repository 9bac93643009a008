"""Reads a text as a kind of value."""

from __future__ import annotations

import datetime

from pqrnn_tf.values.value import Value


def read_value(
    text: str, kind: str, *, language: str | None, now: datetime.datetime
) -> Value | None:
    """What a text means, read as a kind of value.

    Args:
        text: The words.
        kind: One of `KINDS`.
        language: One of `LANGUAGES`, or `None`.
        now: The reference time, with a time zone.
    """
    return None
