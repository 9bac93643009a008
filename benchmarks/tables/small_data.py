"""Table of docs/results.md: scores and seconds by the number of training rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import mean
from typing import Any

from benchmarks.measured import Measured
from benchmarks.small_data import NAME, PER_INTENT, TITLES
from tflite_export.model_card import table

SYSTEMS = {"ours": "ours", "baseline": "TF-IDF and logistic regression"}
"""The two systems of a run, with their titles."""


def groups(measured: Measured) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """The runs of each corpus and number of rows, which differ in their seeds."""
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for record in measured.read(NAME)["runs"]:
        found.setdefault((record["corpus"], record["rows"]), []).append(record)
    return dict(
        sorted(found.items(), key=lambda item: (list(TITLES).index(item[0][0]), item[0][1]))
    )


def average(runs: list[dict[str, Any]], system: str, field: str) -> float | None:
    """The mean of a field; `None` where the runs do not have it."""
    values = [record[system][field] for record in runs if field in record[system]]
    return mean(values) if values else None


def small_data(measured: Measured) -> str:
    """Scores and seconds by the number of rows."""
    rows = []
    for (corpus, count), runs in groups(measured).items():
        per_intent = any(record["size"] == PER_INTENT for record in runs)
        cells = [
            f"{count:,}{f' ({PER_INTENT})' if per_intent else ''}",
            *(_cell(runs, system, "intent_accuracy", ".2f") for system in SYSTEMS),
            _cell(runs, "ours", "slot_f1", ".2f"),
            _cell(runs, "ours", "flat_exact_match", ".2f")
            if average(runs, "ours", "slot_f1") is not None
            else "",
            _cell(runs, "ours", "seconds", ".0f"),
            _cell(runs, "ours", "cpu_seconds", ".0f"),
            _cell(runs, "baseline", "seconds", ".1f"),
            f"{max(record['load_before'] for record in runs):.1f}",
        ]
        rows.append([TITLES[corpus], *cells])
    header = ["corpus", "rows", *(f"intent accuracy, {title}" for title in SYSTEMS.values())]
    header += ["slot F1", "flat exact match", "seconds", "CPU seconds"]
    return table([*header, f"seconds, {SYSTEMS['baseline']}", "load before"], rows)


def _cell(runs: list[dict[str, Any]], system: str, field: str, form: str) -> str:
    value = average(runs, system, field)
    return "" if value is None else format(value, form)


TABLES: Mapping[str, Callable[[Measured], str]] = {"small_data": small_data}
