"""Tables of docs/entities.md: exact match with names that training never saw, and what lists take."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.entities import NAME
from benchmarks.measured import Measured
from tflite_export.model_card import table

_LISTS = {
    ("original", "none"): "rows as they are, no list",
    ("original", "distractors"): "rows as they are, 1,000 names that no row means",
    ("replaced", "none"): "other names, no list",
    ("replaced", "names"): "other names, a list of them",
    ("replaced", "names_and_distractors"): "other names, a list of them and of 1,000 more",
}


def entities(measured: Measured) -> str:
    """Exact match by rows and list."""
    found = measured.read(NAME)
    parts = ("all", "rows_of_names")
    rows = []
    for (kind, name), title in _LISTS.items():
        scores = [found[part][kind][name] for part in parts]
        rows.append(
            [
                title,
                *(f"{own['flat_exact_match']:.2f}" for own in scores),
                *(f"{own['slot_f1']:.2f}" for own in scores),
            ]
        )
    counts = [found[part]["original"]["none"]["rows"] for part in parts]
    heads = [f"all {counts[0]:,} rows", f"{counts[1]:,} rows of names"]
    return table(
        [
            "rows and list",
            *(f"flat exact match, {head}" for head in heads),
            *(f"slot F1, {head}" for head in heads),
        ],
        rows,
    )


def entity_lists(measured: Measured) -> str:
    """Seconds and memory of lists."""
    rows = [
        [
            f"{own['entities']:,}",
            f"{own['cpu_seconds']:.1f}",
            f"{own['memory_mib']:,}",
            f"{own['match_cpu_us']:.0f}",
        ]
        for own in measured.read(NAME)["loading"]
    ]
    return table(["entities", "CPU seconds to load", "MiB", "µs a request, mean"], rows)


TABLES: Mapping[str, Callable[[Measured], str]] = {
    "entities": entities,
    "entity_lists": entity_lists,
}
