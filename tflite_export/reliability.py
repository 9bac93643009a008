"""The reliability plot: how often parses with a score are right. Needs matplotlib (extra `plots`)."""

from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Sequence
from typing import Any

from pqrnn_tf.extras import require

_LOG = logging.getLogger(__name__)

PLOT = "reliability.png"
"""The plot beside a card."""
FEWEST = 0.01
"""Share of the rows from which on a bin counts as more than chance: the line goes through such bins only."""

Bins = Sequence[Sequence[float]]
"""Rows, mean score and share that is right of each bin, the latter two in percent: `reliability` of a record."""


def plot_reliability(axes: Any, curves: dict[str, Bins]) -> None:
    """Draws the share of right parses against their score.

    Args:
        axes: Those of matplotlib.
        curves: Titles and bins; marks are the larger the more rows a bin has, and lines leave out bins of very few.
    """
    axes.plot([0, 100], [0, 100], color="gray", linewidth=1, linestyle="--")
    for title, bins in curves.items():
        rows, scores, right = zip(*bins, strict=True)
        all_rows = sum(rows)
        drawn = [(score, share) for own, score, share in bins if own >= FEWEST * all_rows]
        (line,) = axes.plot(*zip(*drawn, strict=True), linewidth=1, label=title)
        sizes = [8 + 200 * own / all_rows for own in rows]
        axes.scatter(scores, right, s=sizes, color=line.get_color())
    axes.set(xlim=(0, 100), ylim=(0, 100), xlabel="score, %", ylabel="right, %")
    axes.grid(alpha=0.3)


def draw_reliability(bins: Bins, path: str | os.PathLike[str]) -> bool:
    """Writes the plot of one model as PNG, where matplotlib is installed.

    Args:
        bins: Its bins; without any there is no plot.
        path: The file.

    Returns:
        Whether the file was written.
    """
    if not bins:
        return False
    if importlib.util.find_spec("matplotlib") is None:
        _LOG.info('no reliability plot: it needs matplotlib (pip install "pqrnn-tf[plots]")')
        return False
    figure = require("matplotlib.figure").Figure(figsize=(4.5, 4.5), layout="constrained")
    axes = figure.add_subplot()
    plot_reliability(axes, {"parses": bins})
    axes.set_title("How often a score is right")
    figure.savefig(path, dpi=100, metadata={"Software": None})
    return True
