"""Tables of docs/evaluation.md and docs/results.md: what other ways of writing cost, and nonsense."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.measured import Measured
from benchmarks.nonsense import KINDS, TOGETHER
from benchmarks.nonsense import NAME as NONSENSE
from benchmarks.surface import NAME as SURFACE
from pqrnn_tf.datasets import ERRORS, Example, SlotSpan
from pqrnn_tf.tasks.surface import Writing, writings
from tflite_export.model_card import losses_table, table

TARGETS: Mapping[float | None, tuple[str, float]] = {
    None: ("forms that cost more than 1.0", 1.0),
    0.1: ("kinds of errors in 10 % of the words that cost more than 4.0", 4.0),
    0.2: ("kinds of errors in 20 % of the words that cost more than 8.0", 8.0),
}
"""By share of words with errors (`None`: forms) what counts as too much, and the most points that may be lost."""
_SHOWN = Example(
    "play Café by Zoë at 7 pm - that's the song on NPR",
    "PLAY_MUSIC",
    (SlotSpan("MUSIC_TRACK_TITLE", ((5, 9),)), SlotSpan("MUSIC_ARTIST_NAME", ((13, 16),))),
    locale="en",
)
_SHOWN_SHARE = 0.2
_SEEDS = 40


def surface(measured: Measured) -> str:
    """What other ways of writing cost published models and former ones, and how many cost more than is allowed."""
    former = measured.read(SURFACE)["models"]
    scores = {
        **{name: record["tflite"] for name, record in measured.published().items()},
        **{title: record["scores"] for title, record in former.items()},
    }
    ways = {title: of["surface"] for title, of in sorted(scores.items()) if of.get("surface")}
    counts = [
        [f"**{title}**", *(str(len(too_dear(records, share))) for records in ways.values())]
        for share, (title, _) in TARGETS.items()
    ]
    return losses_table(ways, counts)


def too_dear(records: Sequence[Mapping[str, Any]], share: float | None) -> list[Mapping[str, Any]]:
    """Forms (`share` is `None`) or kinds of errors in a share of the words that cost more points than is allowed.

    Args:
        records: What `pqrnn_tf.tasks.surface.surface_losses` says of all.
        share: One of `TARGETS`.
    """
    _, most = TARGETS[share]
    return [record for record in records if record.get("share") == share and record["lost"] > most]


def nonsense(measured: Measured) -> str:
    """Requests with nonsense in them whose parse stays."""
    rows = [
        [
            name,
            title,
            *(counts[kind][key] for key in ("requests", "unchanged", "in_place", "unharmed")),
        ]
        for name, counts in measured.read(NONSENSE)["models"].items()
        for kind, title in (
            *((kind, of.title) for kind, of in KINDS.items()),
            (TOGETHER, "**together**"),
        )
    ]
    header = [
        "model",
        "nonsense",
        "requests",
        "rest of the parse unchanged",
        "nonsense in its place",
    ]
    return table([*header, "both"], rows)


def kinds_of_errors(measured: Measured) -> str:
    """A request with each kind of errors."""
    del measured
    rows = [
        [f"`{way.form}`", _said(way.form), _written(way)]
        for way in writings([_SHOWN_SHARE])
        if way.share
    ]
    return table(["kind", "what it is", "the request"], rows)


def _said(kind: str) -> str:
    return ERRORS[kind].says if kind in ERRORS else "all kinds mixed"


def _written(way: Writing) -> str:
    """The request as a way writes it: the first seed that changes it."""
    texts = (way.rows([_SHOWN], seed=seed)[0].text for seed in range(1, _SEEDS))
    return next((text for text in texts if text != _SHOWN.text), "as it is")


TABLES: Mapping[str, Callable[[Measured], str]] = {
    SURFACE: surface,
    NONSENSE: nonsense,
    "kinds_of_errors": kinds_of_errors,
}
