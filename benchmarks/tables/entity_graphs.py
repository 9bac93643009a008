"""Table of docs/entities.md: what relations and vectors add to linking."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.entity_graphs import NAME
from benchmarks.measured import Measured
from tflite_export.model_card import table

METHODS = {
    "no_list": "no list",
    "no_relations": "a list without relations",
    "rule": "relations, by the rule",
    "transe": "relations, by the rule and vectors of TransE only",
    "vectors": "relations, by the rule and the vectors of `pqrnn graph`",
    "shortest_ways": "relations, by the rule and the shortest way in the graph, nothing trained",
}
_PARTS = {
    "1": "one relation",
    "2": "two, one behind the other",
    "2 there and back": "two that meet",
    "3": "three",
    "further name": "with a further name",
}


def entity_graphs(measured: Measured) -> str:
    """Percent of requests whose slot is linked to what is meant."""
    found = measured.read(NAME)
    counts = found["rows"]
    rows = [
        [title, *(f"{found['complete'][name][part]:.1f}" for part in ("all", *_PARTS))]
        for name, title in METHODS.items()
    ]
    heads = [f"{title} ({counts[part]})" for part, title in _PARTS.items()]
    return table(["list", f"all ({counts['all']})", *heads], rows)


TABLES: Mapping[str, Callable[[Measured], str]] = {"entity_graphs": entity_graphs}
