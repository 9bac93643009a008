"""The table of docs/search.md on published models under attack."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.attack import NAME
from benchmarks.measured import Measured
from tflite_export.model_card import table


def attack(measured: Measured) -> str:
    """Exact match as it is, with errors by chance, and under attack."""
    found = measured.read(NAME)
    rows = [
        [
            f"`{name}`",
            f"{own['bytes'] / 1e6:.2f} MB",
            f"{own['flat_exact_match']:.1f}",
            f"{own['errors_exact_match']:.1f}",
            f"{own['attacked_exact_match']:.1f}",
            f"{own['queries_a_row']:.1f}",
        ]
        for name, own in found["models"].items()
    ]
    share = f"{100 * found['settings']['share']:g} %"
    header = ["model", "file", "flat exact match, %", f"errors in {share} of the words, by chance"]
    return table([*header, "under attack", "queries a row"], rows)


TABLES: Mapping[str, Callable[[Measured], str]] = {NAME: attack}
