"""The ablation in docs/results.md, from benchmarks/results/ablation.jsonl."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.ablation_rows import BASE, ROWS
from benchmarks.pages import made, table
from tflite_export.model_card import SCORES, mean_scores

_FIELDS = ("flat_exact_match", "tree_exact_match", "intent_accuracy", "slot_f1")


def section(records: Sequence[Mapping[str, Any]]) -> str:
    """The section; empty where the base was not measured.

    Args:
        records: Lines of the sweep.
    """
    of_row = {name: [record for record in records if record["row"] == name] for name in ROWS}
    if not of_row[BASE]:
        return ""
    base = _exact(of_row[BASE])
    first = of_row[BASE][0]
    header = ["part", "change", "bytes", SCORES[_FIELDS[0]], "over the base"]
    header += [SCORES[field] for field in _FIELDS[1:]]
    header += [f"lost by typos, {100 * noisy['share']:g} %" for noisy in first["scores"]["typos"]]
    rows = [
        [
            ROWS[name].part,
            ROWS[name].title,
            f"{runs[0]['bytes']:,}",
            f"{_exact(runs):.2f}",
            "" if name == BASE else f"{_exact(runs) - base:+.2f}",
            *_others(runs),
        ]
        for name, runs in of_row.items()
        if runs
    ]
    settings, student = first["settings"], first["settings"]["student"]
    bases = [run["scores"][_FIELDS[0]] for run in of_row[BASE]]
    spread = (
        f" {len(bases)} seeds of the base are from {min(bases):.2f} to {max(bases):.2f}; "
        "differences as small as that say nothing."
        if len(bases) > 1
        else ""
    )
    train = settings["rows"]["train"]
    return f"""### One change at a time

`python -m benchmarks.ablation`: {student["layers"]} layers of {student["units"]} units behind a bottleneck of
{student["bottleneck_units"]}, on the labels of {settings["corpus"]} alone,
{student["epochs"]} passes over {train:,} rows.
That is short: the same student after 9,000 steps is the first row of [distillation.md](distillation.md).{spread}
What some of the changes do to which confusion: [errors.md](errors.md).

{table(header, rows)}

Last run: {made(records[-1]["stamp"])}
"""


def _exact(runs: Sequence[Mapping[str, Any]]) -> float:
    return sum(run["scores"][_FIELDS[0]] for run in runs) / len(runs)


def _others(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The other scores, and what typing errors cost."""
    means = mean_scores([run["scores"] for run in runs])
    losses = [[noisy["lost"] for noisy in run["scores"]["typos"]] for run in runs]
    return [
        *(f"{means[field]:.2f}" if field in means else "" for field in _FIELDS[1:]),
        *(f"{sum(lost) / len(lost):.2f}" for lost in zip(*losses, strict=True)),
    ]
