"""The table of the ablation in docs/results.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.ablation import BASE, NAME, ROWS
from benchmarks.measured import Measured
from tflite_export.model_card import SCORES, mean_scores, table

_FIELDS = ("flat_exact_match", "tree_exact_match", "intent_accuracy", "slot_f1")


def _by_row(measured: Measured) -> dict[str, list[dict[str, Any]]]:
    records = measured.read(NAME)
    found = {name: [record for record in records if record["row"] == name] for name in ROWS}
    return {name: runs for name, runs in found.items() if runs}


def _exact(runs: Sequence[Mapping[str, Any]]) -> list[float]:
    return [run["scores"][_FIELDS[0]] for run in runs]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def ablation(measured: Measured) -> str:
    """One change per row, and what it gains over the base."""
    found = _by_row(measured)
    base = _mean(_exact(found[BASE]))
    rows = []
    for name, runs in found.items():
        mean = _mean(_exact(runs))
        others = mean_scores([run["scores"] for run in runs])
        losses = [[noisy["lost"] for noisy in run["scores"]["typos"]] for run in runs]
        rows.append(
            [
                ROWS[name].part,
                ROWS[name].title,
                f"{runs[0]['bytes']:,}",
                f"{mean:.2f}",
                "" if name == BASE else f"{mean - base:+.2f}",
                *(f"{others[field]:.2f}" if field in others else "" for field in _FIELDS[1:]),
                *(f"{_mean(lost):.2f}" for lost in zip(*losses, strict=True)),
            ]
        )
    shares = [noisy["share"] for noisy in found[BASE][0]["scores"]["typos"]]
    header = ["part", "change", "bytes", SCORES[_FIELDS[0]], "over the base"]
    header += [SCORES[field] for field in _FIELDS[1:]]
    return table([*header, *(f"lost by typos, {100 * share:g} %" for share in shares)], rows)


TABLES: Mapping[str, Callable[[Measured], str]] = {NAME: ablation}
VALUES: Mapping[str, Callable[[Measured], str]] = {
    "ablation_base_seeds": lambda m: str(len(_by_row(m)[BASE])),
    "ablation_base_lowest": lambda m: f"{min(_exact(_by_row(m)[BASE])):.2f}",
    "ablation_base_highest": lambda m: f"{max(_exact(_by_row(m)[BASE])):.2f}",
}
