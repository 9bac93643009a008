"""The values of slots that a command tells."""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING

from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError
from pqrnn_tf.values.kinds import KINDS, LANGUAGES

if TYPE_CHECKING:
    from pqrnn_tf.runtime.parser import Parser


def declare(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.switch(
        "values",
        "Tell what the words of slots mean as `value`: times, lengths, numbers, quantities (docs/values.md). "
        "Needs the extra `values`.",
    )
    parser.flag(
        "value_kinds",
        f"Kinds of values of slots, beside those that the model knows; one of {', '.join(KINDS)}.",
        repeat=True,
        metavar="SLOT=KIND",
    )
    parser.flag(
        "reference_time",
        "What `now` is, in ISO 8601, such as 2026-09-16T10:00+02:00, or without an offset and with --time_zone. "
        "Without it the time of the machine.",
        metavar="TIME",
    )
    parser.flag(
        "time_zone",
        "The time zone that times are meant and told in, such as Europe/Berlin. Without it that of the machine.",
        metavar="ZONE",
    )
    parser.flag(
        "language",
        "The language of the words. Without it, for each slot, the one that knows most of its words.",
        choices=LANGUAGES,
    )


def give(parser: Parser, arguments: Arguments) -> None:
    """Tells a parser with which reference values are read.

    Raises:
        UsageError: if a kind or time is not written as the help says, or a flag has no use.
        ValueSettingError: if a kind or time zone is unknown, or the time has no time zone.
        ImportError: naming the extra `values`, where it is not installed.
    """
    from pqrnn_tf.runtime.linking import nested_slot_names

    if not arguments.values:
        arguments.refuse(
            ["value_kinds", "reference_time", "time_zone", "language"], "without --values"
        )
        return
    kinds = dict(parser.values.kinds)
    for given in arguments.value_kinds:
        slot, sign, kind = given.partition("=")
        if not slot or not sign:
            raise UsageError(
                f"--value_kinds must be SLOT=KIND, such as DATE_TIME=datetime. Received: {given!r}"
            )
        kinds[slot] = kind
    if not kinds:
        raise UsageError(
            "--values: the model names no slot with a kind of value; say --value_kinds SLOT=KIND, "
            "such as DATE_TIME=datetime"
        )
    values = dataclasses.replace(
        parser.values,
        kinds=kinds,
        language=arguments.language,
        reference_time=_time(arguments.reference_time),
        time_zone=arguments.time_zone,
    )
    values.read("1", "number")  # so that a missing extra is an error now
    slots = {*parser.labels.slot_names, *nested_slot_names(parser.labels)}
    if unknown := [slot for slot in kinds if slot not in slots]:
        raise UsageError(
            f"--value_kinds must name slots of the model, {', '.join(sorted(slots))}. Received: {unknown[0]!r}"
        )
    parser.values = values


def _time(text: str | None) -> datetime.datetime | None:
    """A time in ISO 8601."""
    if text is None:
        return None
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--reference_time must be a time in ISO 8601, such as 2026-09-16T10:00. Received: {text!r}"
        ) from error
