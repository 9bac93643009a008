"""Tables of docs/encoders.md: microseconds from text to vector, and intents that are added without training."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.measured import Measured
from tflite_export.model_card import table

PARTS = ("new", "trained")
"""Parts of the development rows: of intents that were added, and of those that a model was trained on."""


def vectors(measured: Measured) -> str:
    """Time from text to vector of each system, one thread."""
    rows = [
        [
            name,
            f"{system['bytes'] / 1e6:.2f} MB",
            str(system["width"]),
            f"{system['one']['median_us']:.0f} / {system['one']['p90_us']:.0f}",
            f"{system['many_us']:.0f}",
        ]
        for name, system in measured.read("vectors")["systems"].items()
    ]
    return table(
        ["text to vector, one thread", "file", "width", "µs, one a call", "µs, many a call"], rows
    )


def new_intents(measured: Measured) -> str:
    """Accuracy of added and of trained intents beside a model."""
    results = measured.read("new_intents")
    rows = [["before", "", "", f"{results['before']['trained']:.1f}"]]
    for shots, ways in results["beside"].items():
        for way, told in (("untold", "no"), ("told", "yes")):
            scores = ways[way]
            rows.append([f"{shots} phrases each", told, *(f"{scores[p]:.1f}" for p in PARTS)])
    return table(
        [
            f"{results['new_intents']} intents added to {results['intents'] - results['new_intents']}",
            "training phrases told",
            "rows of the new intents",
            "rows of the others",
        ],
        rows,
    )


def only_phrases(measured: Measured) -> str:
    """Accuracy of all intents by their phrases only."""
    results = measured.read("new_intents")
    rows = [
        [
            f"{shots} phrases each",
            f"{scores['accuracy']:.1f}",
            f"{scores['accuracy_with_rejection']:.1f}",
            f"{scores['outside_rejected']:.0f}",
        ]
        for shots, scores in results["alone"].items()
    ]
    header = [f"{results['intents']} intents", "accuracy, nothing rejected", "accuracy"]
    return table([*header, "rejected of what belongs to none"], rows)


TABLES: Mapping[str, Callable[[Measured], str]] = {
    "vectors": vectors,
    "new_intents": new_intents,
    "only_phrases": only_phrases,
}
