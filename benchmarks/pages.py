"""What the rendered pages have in common: tables, plots, and where numbers come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.records import ROOT

IMAGES = ROOT / "docs" / "images"


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


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
