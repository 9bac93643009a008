"""Tables of docs/errors.md: the confusions of models side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.confusions import KINDS, NAME
from benchmarks.measured import Measured
from tflite_export.model_card import SCORES, score_cells, score_fields, table


def _counts(counts: Mapping[str, int]) -> list[str]:
    """Counts of the models, behind the first one the differences from it."""
    first = next(iter(counts.values()))
    return [
        f"{count}" if count == first else f"{count} ({count - first:+d})"
        for count in counts.values()
    ]


def models(measured: Measured) -> str:
    """The scores of the models."""
    found = measured.read(NAME)["models"]
    fields = score_fields(found.values())
    rows = [[name, *score_cells(model, fields)] for name, model in found.items()]
    return table(["model", *(SCORES[field] for field in fields)], rows)


def kinds(measured: Measured) -> str:
    """Confusions by kind."""
    results = measured.read(NAME)
    by_model = results["kinds"]
    rows = [
        [f"{kind}: {what}", *_counts({name: counts[kind] for name, counts in by_model.items()})]
        for kind, what in KINDS.items()
    ]
    together = {name: sum(counts.values()) for name, counts in by_model.items()}
    return table(["", *results["models"]], [*rows, ["**together**", *_counts(together)]])


def frequent(measured: Measured) -> str:
    """The most frequent confusions."""
    results = measured.read(NAME)
    rows = []
    for entry in results["confusions"]:
        gold, predicted = entry["gold"], entry["predicted"]
        name = f"{gold} → {predicted}" if entry["kind"] in ("intent", "name", "both") else ""
        rows.append([entry["kind"], name or gold or predicted, *_counts(entry["counts"])])
    return table(["kind", "true → said", *results["models"]], rows)


TABLES: Mapping[str, Callable[[Measured], str]] = {
    "confusion_models": models,
    "confusion_kinds": kinds,
    "confusions": frequent,
}
