"""Tables of docs/search.md: the fronts of evolution and random search, and what goes with robustness."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import mean
from typing import Any

from benchmarks.found_student import HAND_MADE
from benchmarks.found_student import NAME as FOUND
from benchmarks.measured import NOT_YET, Measured
from benchmarks.recorded_search import NAME as RECORDED
from pqrnn_tf.search.pareto import dominates
from tflite_export.model_card import table

NAME = "search"
TITLES = {"evolution": "evolution", "random": "random search"}
"""Strategies by their titles."""


def candidates(measured: Measured) -> dict[str, list[dict[str, Any]]]:
    """All candidates by the title of their strategy."""
    strategies = measured.read(NAME)["strategies"]
    return {TITLES[name]: own["candidates"] for name, own in strategies.items()}


def _row(title: str, record: Mapping[str, Any]) -> list[str]:
    return [
        title,
        f"`{record['name']}`",
        f"{record['flat_exact_match']:.1f}",
        f"{record['errors_exact_match']:.1f}",
        f"{record['attacked_exact_match']:.1f}",
        f"{record['latency']:.2f}",
        f"{record['bytes']:,}",
    ]


def front(measured: Measured) -> str:
    """The student that both start from, as evolution trained it, and the candidates of both fronts."""
    rows = []
    for title, records in candidates(measured).items():
        rows += [
            _row("the start, as it is", record) for record in records if record["how"] == "start"
        ]
        best = sorted((r for r in records if r["rank"] == 0), key=lambda r: r["latency"])
        rows += [_row(title, record) for record in best]
    header = ["search", "candidate", "flat exact match, %", "with errors, %", "under attack, %"]
    return table([*header, "latency, start = 1", "bytes"], rows)


def recorded(measured: Measured) -> str:
    """The start and the candidates that no other one is better than in exact match and latency, of any bytes."""
    if not measured.has(RECORDED):
        return NOT_YET
    records = measured.read(RECORDED)["candidates"]
    objectives = ("flat_exact_match", "latency")
    kept = [
        record
        for record in records
        if record["how"] == "start"
        or not any(dominates(other, record, objectives) for other in records)
    ]
    rows = [
        _row("the start" if record["how"] == "start" else record["how"], record)
        for record in sorted(kept, key=lambda record: -record["latency"])
    ]
    header = ["made", "candidate", "flat exact match, %", "with errors, %"]
    rows = [[*row[:4], *row[5:]] for row in rows]  # too few rows were attacked to tell
    return table([*header, "latency, start = 1", "bytes"], rows)


def budget(measured: Measured) -> str:
    """What each search has spent, and the best that it has found of each measure."""
    strategies = measured.read(NAME)["strategies"]
    rows = []
    for name, own in strategies.items():
        fitting = [record for record in own["candidates"] if record["fits"]]
        rows.append(
            [
                TITLES[name],
                str(own["evaluated"]),
                str(len(fitting)),
                f"{own['processor_seconds'] / 60:.1f}",
                *(
                    f"{max(_values(fitting, field)):.1f}"
                    for field in ("flat_exact_match", "robustness")
                ),
                f"{min(_values(fitting, 'latency')):.2f}",
            ]
        )
    return table(
        ["search", "candidates", "that fit", "core-minutes", "best exact match", "best robustness", "lowest latency"],
        rows,
    )  # fmt: skip


def _values(records: Sequence[Mapping[str, Any]], field: str) -> list[float]:
    return [record[field] for record in records]


def structure(measured: Measured) -> str:
    """Rank correlation of parts of the structure with exact match and robustness, over all candidates."""
    found = measured.read(NAME)["correlations"]
    names = list(next(iter(found.values())))

    def cell(value: float | None) -> str:
        return "" if value is None else f"{value:+.2f}"

    # What is the same in all candidates says nothing.
    varied = [part for part, own in found.items() if own["robustness"] is not None]
    order = sorted(varied, key=lambda part: -abs(found[part]["robustness"]))
    rows = [[part, *(cell(found[part][name]) for name in names)] for part in order]
    return table(
        ["part of the structure", "exact match", "robustness", "robustness ÷ exact match"], rows
    )


def found_student(measured: Measured) -> str:
    """Students of another structure, trained beside the one made by hand."""
    rows = []
    for title, results in measured.read(FOUND)["comparisons"].items():
        for name in dict.fromkeys(run["student"] for run in results["runs"]):
            runs = [run for run in results["runs"] if run["student"] == name]
            exact = [run["flat_exact_match"] for run in runs]
            times = results["latency"].get(name)
            rows.append(
                [
                    title,
                    name if name == HAND_MADE else f"`{name}`",
                    " / ".join(f"{value:.2f}" for value in exact),
                    f"{mean(exact):.2f}",
                    f"{mean(run['errors_exact_match'] for run in runs):.2f}",
                    f"{mean(run['attack']['attacked_exact_match'] for run in runs):.1f}",
                    "" if times is None else f"{times['times']:.2f}",
                    f"{runs[0]['bytes']:,}",
                ]
            )
    header = ["", "student", "flat exact match by seed, %", "mean", "with errors, %"]
    return table([*header, "under attack, %", f"latency, {HAND_MADE} = 1", "bytes"], rows)


TABLES: Mapping[str, Callable[[Measured], str]] = {
    "search_front": front,
    RECORDED: recorded,
    "search_budget": budget,
    "search_structure": structure,
    "found_student": found_student,
}
