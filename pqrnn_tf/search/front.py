"""The front of a search as a plot. Needs matplotlib (extra `plots`)."""

from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any

from pqrnn_tf.extras import require

_LOG = logging.getLogger(__name__)


def plot_front(axes: Any, groups: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Draws exact match against latency; the larger a mark, the more robust a candidate.

    Args:
        axes: Those of matplotlib.
        groups: Candidates by the title of their search; those on its front have `rank` 0 and are joined by a line.
    """
    for title, records in groups.items():
        front = sorted(
            (record for record in records if record.get("rank") == 0), key=lambda r: r["latency"]
        )
        (line,) = axes.plot(
            [record["latency"] for record in front],
            [record["flat_exact_match"] for record in front],
            linewidth=1,
            label=title,
        )
        axes.scatter(
            [record["latency"] for record in records],
            [record["flat_exact_match"] for record in records],
            s=[5 + 3 * record["robustness"] for record in records],
            color=line.get_color(),
            alpha=0.5,
        )
    axes.set(xlabel="latency, reference = 1", ylabel="flat exact match, %")
    axes.grid(alpha=0.3)


def draw_front(records: Sequence[Mapping[str, Any]], path: str | os.PathLike[str]) -> bool:
    """Writes the plot of one search as PNG, where matplotlib is installed.

    Args:
        records: Its candidates with their `rank`.
        path: The file.

    Returns:
        Whether the file was written.
    """
    if importlib.util.find_spec("matplotlib") is None:
        _LOG.info('no plot of the front: it needs matplotlib (pip install "pqrnn-tf[plots]")')
        return False
    figure = require("matplotlib.figure").Figure(figsize=(6, 4.5), layout="constrained")
    axes = figure.add_subplot()
    plot_front(axes, {"front": records})
    axes.set_title(f"{len(records)} candidates; larger marks are more robust")
    figure.savefig(path, dpi=100, metadata={"Software": None})
    return True
