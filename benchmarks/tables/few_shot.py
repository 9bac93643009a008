"""Tables of docs/encoders.md: accuracy by the rows an intent, and what slots gain from an encoder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import mean
from typing import Any

from benchmarks.few_shot import INTENTS_ONLY, NAME, SIZES, SYSTEMS, TITLES
from benchmarks.measured import Measured
from tflite_export.model_card import table


def cells(measured: Measured) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """The runs of each corpus, size and system, which differ in their seeds."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for record in measured.read(NAME)["runs"]:
        key = (record["corpus"], record["size"], record["system"])
        found.setdefault(key, []).append(record)
    return found


def average(runs: list[dict[str, Any]], field: str) -> float | None:
    """The mean of a field; `None` where no run has it."""
    values = [record[field] for record in runs if field in record]
    return mean(values) if values else None


def few_shot(measured: Measured) -> str:
    """Intent accuracy by corpus and rows an intent."""
    known = cells(measured)
    rows = []
    for corpus in INTENTS_ONLY:
        for size in SIZES:
            of = {system: known.get((corpus, size, system), []) for system in SYSTEMS}
            if not any(of.values()):
                continue
            ours = of["ours"]
            some = next(runs for runs in of.values() if runs)
            rows.append(
                [
                    TITLES[corpus],
                    size,
                    f"{some[0]['rows']:,}",
                    *(
                        _cell(average(of[system], "intent_accuracy"), ".2f")
                        for system in ("ours", "tfidf", "teacher")
                    ),
                    _cell(average(ours, "cpu_seconds"), ".0f"),
                    _cell(average(ours, "bytes"), ",.0f"),
                    str(len(ours)),
                ]
            )
    head = ["corpus", "rows an intent", "rows"]
    head += [SYSTEMS[system] for system in ("ours", "tfidf", "teacher")]
    return table([*head, "CPU seconds", "bytes of the .tflite", "trainings"], rows)


def few_shot_slots(measured: Measured) -> str:
    """Scores of corpora with slots, from the encoder and from drawn weights."""
    rows = []
    for (corpus, size, system), runs in sorted(cells(measured).items()):
        if corpus in INTENTS_ONLY:
            continue
        rows.append(
            [
                TITLES[corpus],
                size,
                f"{runs[0]['rows']:,}",
                SYSTEMS[system],
                *(
                    _cell(average(runs, field), ".2f")
                    for field in ("intent_accuracy", "slot_f1", "flat_exact_match")
                ),
                _cell(average(runs, "cpu_seconds"), ".0f"),
                str(len(runs)),
            ]
        )
    head = ["corpus", "rows an intent", "rows", "trained", "intent accuracy", "slot F1"]
    return table([*head, "flat exact match", "CPU seconds", "trainings"], rows)


def _cell(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


TABLES: Mapping[str, Callable[[Measured], str]] = {
    "few_shot": few_shot,
    "few_shot_slots": few_shot_slots,
}
