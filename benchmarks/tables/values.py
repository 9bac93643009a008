"""Table of docs/values.md: what each library reads of DATE_TIME slots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.measured import Measured
from benchmarks.values import NAME
from tflite_export.model_card import table

UNTOUCHED = "values_untouched"
_OURS = "pqrnn_tf"


def _cells(name: str, record: Mapping[str, Any], strict: bool) -> list[str]:
    field = "right" if strict else "lenient"
    halves = [record[half] for half in ("first", "second")]
    right, rows = sum(half[field] for half in halves), sum(half["rows"] for half in halves)
    return [
        name,
        *(f"{half[field]} of {half['rows']}" for half in halves),
        f"{100 * right / rows:.1f}",
        f"{record['median_us']:,.0f}",
        f"{record['p90_us']:,.0f}",
    ]


def values(measured: Measured) -> str:
    """Right values by library, and the time for one."""
    now, then = measured.read(NAME)["systems"], measured.read(UNTOUCHED)["systems"]
    rows = [
        _cells("`SlotValues`, the text exact, before the second half was seen", then[_OURS], True),
        _cells("`SlotValues`, the text exact", now[_OURS], True),
        _cells("`SlotValues`, lenient", now[_OURS], False),
    ]
    rows += [
        _cells(f"{name} {record['version']}, lenient", record, False)
        for name, record in sorted(now.items(), key=lambda item: -item[1]["second"]["lenient"])
        if name != _OURS
    ]
    header = ["", "first half", "second half", "%", "median µs", "90th percentile"]
    return table(header, rows)


TABLES: Mapping[str, Callable[[Measured], str]] = {"values": values}
