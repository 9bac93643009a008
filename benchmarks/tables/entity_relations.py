"""Table of docs/entities.md: what models that are told of names, or of relations too, say of requests of houses."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.entity_relations import KINDS, LISTS, MODELS, NAME
from benchmarks.measured import Measured
from tflite_export.model_card import table

_MODELS = {"names": "names", "names_and_relations": "names and relations"}
_LISTS = {
    "no_list": "no list",
    "no_relations": "a list without relations",
    "relations": "a list with relations",
}
_KINDS = {"trained": "trained kinds", "new": "new kinds"}
_PARTS = ("slots", "entity")


def entity_relations(measured: Measured) -> str:
    """Percent of requests with the right slots and the right entity, by model and list."""
    models = measured.read(NAME)["models"]
    rows = []
    for name in LISTS:
        for model in MODELS:
            cells = []
            for kind in KINDS:
                cells += [f"{models[model][name][kind][part]:.1f}" for part in _PARTS]
            rows.append([_LISTS[name], _MODELS[model], *cells])
    heads = [f"{part}, {kind}" for kind in _KINDS.values() for part in _PARTS]
    return table(["list", "the model is told of", *heads], rows)


TABLES: Mapping[str, Callable[[Measured], str]] = {"entity_relations": entity_relations}
