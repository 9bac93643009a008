"""Tables of docs/growth.md: what growing and inheriting save, and what prompts reach."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from statistics import mean
from typing import Any

from benchmarks.growth import NAME, SETTINGS
from benchmarks.measured import NOT_YET, Measured
from benchmarks.prompts import NAME as PROMPTS
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
WAYS = {
    "full": "all of the BERT",
    "prompts": "100 prompts and the heads",
    "top": "the highest layer and the heads",
}
CORPORA = {"mtop_en": "MTOP English", "snips": "SNIPS"}


def _seeds(measured: Measured, setting: str) -> list[Mapping[str, Any]]:
    """What each seed of a setting measured; empty where it was not."""
    results = measured.read(NAME) if measured.has(NAME) else {}
    return list(results[setting]["seeds"].values()) if setting in results else []


def _measured(
    seeds: Sequence[Mapping[str, Any]], titles: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The ways that every seed has, with their titles."""
    return [(way, title) for way, title in titles.items() if all(way in seed for seed in seeds)]


def _costs(
    seeds: Sequence[Mapping[str, Any]],
    titles: Mapping[str, str],
    cost: str,
    head: str,
    show: Callable[[float], str],
) -> str:
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
    return table(["student", "exact match", head, "until equal", "saved"], rows)


def growth(measured: Measured, *, setting: str) -> str:
    """Last score and multiply-accumulates of each way, and those until the score is that of the whole size."""
    seeds = _seeds(measured, setting)
    if not seeds:
        return NOT_YET
    head = "10¹² multiply-accumulates"
    return _costs(seeds, GROWTH, "multiply_accumulates", head, lambda n: f"{n / 1e12:.2f}")


def inheritance(measured: Measured, *, setting: str) -> str:
    """Last score and steps with and without a smaller model that teaches."""
    seeds = _seeds(measured, setting)
    return _costs(seeds, INHERITANCE, "steps", "steps", lambda n: f"{n:,.0f}") if seeds else NOT_YET


def curves(measured: Measured, *, setting: str) -> str:
    """The score of each way after each part of its training."""
    seeds = _seeds(measured, setting)
    if not seeds:
        return NOT_YET
    titles = {**GROWTH, **INHERITANCE, "full": GROWTH["full"]}
    rows = []
    for way, title in _measured(seeds, titles):
        own = [seed[way]["curve"] for seed in seeds]
        every = -(-max(len(points) for points in own) // POINTS)
        cells = [
            f"{mean(point['steps'] for point in points):,.0f}: {mean(p['score'] for p in points):.2f}"
            for points in list(zip(*own, strict=True))[::-every][::-1]
        ]
        rows.append([title, " · ".join(cells)])
    return table(["student", "steps: exact match"], rows)


POINTS = 13
"""Points of a curve that a table has room for."""


def prompts(measured: Measured) -> str:
    """What a BERT reaches with prompts, as a whole and with its heads only, and what a task costs."""
    if not measured.has(PROMPTS):
        return NOT_YET
    head = [
        "task",
        "trained",
        "exact match",
        "intent accuracy",
        "slot F1",
        "bytes a task",
        "seconds",
    ]
    rows = []
    for corpus, task in measured.read(PROMPTS)["tasks"].items():
        for way, title in WAYS.items():
            if way in task["ways"]:
                found = task["ways"][way]
                scores = ("flat_exact_match", "intent_accuracy", "slot_f1")
                rows.append(
                    [
                        CORPORA.get(corpus, corpus),
                        title,
                        *(f"{found[name]:.2f}" for name in scores),
                        f"{found['bytes']:,}",
                        f"{found['seconds']:.0f}",
                    ]
                )
    return table(head, rows)


def prompt_rates(measured: Measured) -> str:
    """Exact match after one pass by learning rate."""
    if not measured.has(PROMPTS):
        return NOT_YET
    found = measured.read(PROMPTS)["rates"]
    rates = list(next(iter(found.values()), {}))
    rows = [
        [WAYS[way], *(f"{scores[rate]:.2f}" for rate in rates)] for way, scores in found.items()
    ]
    return table(["trained", *(f"rate {rate}" for rate in rates)], rows)


TABLES = {
    **{
        f"{name}_{setting}": functools.partial(show, setting=setting)
        for setting in SETTINGS
        for name, show in (
            ("growth", growth),
            ("inheritance", inheritance),
            ("growth_curves", curves),
        )
    },
    "prompts": prompts,
    "prompt_rates": prompt_rates,
}
