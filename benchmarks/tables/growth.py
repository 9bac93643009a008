"""Tables of docs/growth.md: what growing and inheriting save."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import mean
from typing import Any

from benchmarks.growth import NAME
from benchmarks.measured import NOT_YET, Measured
from tflite_export.model_card import table

GROWTH = {
    "full": "whole size from the beginning",
    "grown": "grows twice on the way",
    "small": "the smaller model by itself",
    "from_small": "grown from the smaller model, whose training counts too",
}
INHERITANCE = {
    "full": "labels only",
    "inherited": "taught by the smaller model at the beginning",
}


def _measured(
    seeds: Sequence[Mapping[str, Any]], titles: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The ways that every seed has, with their titles."""
    return [(way, title) for way, title in titles.items() if all(way in seed for seed in seeds)]


def _rows(
    measured: Measured, titles: Mapping[str, str], cost: str, show: Callable[[float], str]
) -> list[list[str]]:
    seeds: Sequence[Mapping[str, Any]] = list(measured.read(NAME)["seeds"].values())
    rows = []
    for way, title in _measured(seeds, titles):
        curves = [seed[way]["curve"] for seed in seeds]
        last = mean(points[-1]["score"] for points in curves)
        pairs = [(seed[way]["reached"], seed["full"]["reached"]) for seed in seeds]
        found = [(own[cost], full[cost]) for own, full in pairs if own is not None]
        reached, saved = "never", ""
        if len(found) == len(seeds):
            reached = show(mean(own for own, _ in found))
            if way != "full":
                saved = f"{100 * (1 - mean(own / full for own, full in found)):+.0f} %"
        spent = mean(points[-1][cost] for points in curves)
        rows.append([title, f"{last:.2f}", show(spent), reached, saved])
    return rows


def growth(measured: Measured) -> str:
    """Last score and multiply-accumulates of each way, and those until the score is that of the whole size."""
    if not measured.has(NAME):
        return NOT_YET
    head = ["student", "exact match", "10¹² multiply-accumulates", "until equal", "saved"]
    return table(head, _rows(measured, GROWTH, "multiply_accumulates", lambda n: f"{n / 1e12:.2f}"))


def inheritance(measured: Measured) -> str:
    """Last score and steps with and without a smaller model that teaches."""
    if not measured.has(NAME):
        return NOT_YET
    head = ["student", "exact match", "steps", "until equal", "saved"]
    return table(head, _rows(measured, INHERITANCE, "steps", lambda n: f"{n:,.0f}"))


def curves(measured: Measured) -> str:
    """The score of each way after each part of its training."""
    if not measured.has(NAME):
        return NOT_YET
    seeds = list(measured.read(NAME)["seeds"].values())
    titles = {**GROWTH, **INHERITANCE, "full": GROWTH["full"]}
    rows = []
    for way, title in _measured(seeds, titles):
        own = [seed[way]["curve"] for seed in seeds]
        cells = [
            f"{mean(point['steps'] for point in points):,.0f}: {mean(p['score'] for p in points):.2f}"
            for points in zip(*own, strict=True)
        ]
        rows.append([title, " · ".join(cells)])
    return table(["student", "steps: exact match"], rows)


TABLES = {"growth": growth, "inheritance": inheritance, "growth_curves": curves}
