"""Tables of docs/entities.md: what relations add from the text on, and with lists that lack triples or entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.measured import Measured
from benchmarks.relations import METHODS, NAME
from benchmarks.tables.entity_graphs import METHODS as TITLES
from tflite_export.model_card import table

_SLOTS = {"DEVICE": "devices", "CONTACT": "contacts", "PLAYLIST": "playlists"}
_LISTS = {"complete": "nothing", "triples": "{} of the triples", "entries": "{} of the entries"}
_NOT_MEASURED = "–"


def _with_interval(value: float, interval: list[float]) -> str:
    low, high = interval
    return f"{value:.1f} ({low:.1f} to {high:.1f})"


def relations(measured: Measured) -> str:
    """Percent of requests that are linked to what is meant, of complete lists."""
    found = measured.read(NAME)
    counts = found["rows"]
    given, parsed = (found["lists"]["complete"][way] for way in ("given", "parsed"))
    rows = [
        [
            TITLES[name],
            _with_interval(given[name]["right"], given[name]["interval"]),
            _with_interval(parsed[name]["right"], parsed[name]["interval"]),
            *(f"{parsed[name]['slots'][slot]:.1f}" for slot in _SLOTS),
        ]
        for name in METHODS
        if name in parsed
    ]
    heads = [f"from the text, {title} ({counts[slot]})" for slot, title in _SLOTS.items()]
    both = [f"{way}, all ({counts['all']:,})" for way in ("slot given", "from the text")]
    return table(["list", *both, *heads], rows)


def relation_gaps(measured: Measured) -> str:
    """Percent of requests that are linked to what is meant from their text, by what lists lack."""
    lists = measured.read(NAME)["lists"]
    cases: list[tuple[str, Any]] = [(_LISTS["complete"], lists["complete"])]
    for kind in ("triples", "entries"):
        cases += [(_LISTS[kind].format(share), own) for share, own in lists[kind].items()]
    rows = []
    for title, own in cases:
        parsed = own["parsed"]
        gain, low, high = parsed["rule"]["gain"]
        rows.append(
            [
                title,
                f"{parsed['no_relations']['right']:.1f}",
                f"{parsed['rule']['right']:.1f}",
                _with_interval(gain, [low, high]),
                *(
                    f"{parsed[name]['right']:.1f}" if name in parsed else _NOT_MEASURED
                    for name in ("vectors", "shortest_ways")
                ),
                f"{parsed['no_relations']['wrong']:.1f}",
                f"{parsed['rule']['wrong']:.1f}",
            ]
        )
    return table(
        [
            "the list lacks",
            "right, without relations",
            "right, by the rule",
            "points that the rule adds",
            "right, rule and vectors",
            "right, rule and shortest way",
            "another entity, without relations",
            "another entity, by the rule",
        ],
        rows,
    )


TABLES: Mapping[str, Callable[[Measured], str]] = {
    "relations": relations,
    "relation_gaps": relation_gaps,
}
