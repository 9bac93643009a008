"""What the rendered pages have in common: tables, plots, and where numbers come from."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping
from typing import Any

from benchmarks.records import RESULTS, ROOT
from tflite_export.model_card import table as table  # pages and cards have the same tables

IMAGES = ROOT / "docs" / "images"
PRETRAINED = ROOT / "pretrained"


def read_published(folder: pathlib.Path = PRETRAINED) -> dict[str, dict[str, Any]]:
    """`scores.json` of each published model, by name."""
    return {
        path.parent.name: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*/scores.json"))
    }


def read_results(name: str, folder: pathlib.Path = RESULTS) -> Any:
    """The content of a file of results; `None` where there is none yet."""
    path = folder / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def made(stamp: Mapping[str, Any]) -> str:
    """A sentence about a `records.stamp`."""
    machine, versions = stamp["machine"], stamp["versions"]
    packages = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"Measured {stamp['time']} at commit `{stamp['commit']}` on {machine['processor']} "
        f"({machine['architecture']}, {machine['cores']} cores, load {machine['load_before']:.1f} "
        f"before); {packages}."
    )


def axes_of(title: str, x: str, y: str) -> Any:
    """Figure and axes of a new plot."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.8), layout="constrained")
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.grid(alpha=0.3)
    return figure, axes


def save_plot(figure: Any, name: str) -> str:
    """Writes `docs/images/<name>.png`; returns the Markdown that shows it."""
    from matplotlib import pyplot

    IMAGES.mkdir(parents=True, exist_ok=True)
    figure.savefig(IMAGES / f"{name}.png", dpi=120, metadata={"Software": None})
    pyplot.close(figure)
    return f"![{name}](images/{name}.png)"
