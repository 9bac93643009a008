"""The measured part of README.md: the published models, and how fast they are beside their peers."""

from __future__ import annotations

import pathlib
from typing import Any

from benchmarks.pages import PRETRAINED, read_published, read_results, table
from benchmarks.records import RESULTS, ROOT
from tflite_export.model_card import SCORES, part_titles

PAGE = ROOT / "README.md"
BEGIN = "<!-- measured: written by `python -m benchmarks.render`, do not edit -->\n"
END = "<!-- end of what is measured -->\n"
_FIELDS = ("flat_exact_match", "tree_exact_match", "intent_accuracy", "slot_f1")


def measured(pretrained: pathlib.Path, results: pathlib.Path) -> str:
    """The part between the marks.

    Args:
        pretrained: Folder of the published models.
        results: Folder of results; without `end_to_end.json` nothing is said of speed.
    """
    rows = []
    for name, record in read_published(pretrained).items():
        titles = part_titles(record["parts"])
        data = record["parts"][0]["corpus"]
        if len(titles) > 1:
            data += f", mean of {len(titles)} languages"
        scores = record["tflite"]
        cells = [f"{scores[field]:.2f}" if field in scores else "" for field in _FIELDS]
        rows.append(
            [
                f"[{name}](pretrained/{name}/README.md)",
                f"{record['bytes'] / 1e6:.2f} MB",
                data,
                *cells,
            ]
        )
    header = ["model", "file", "development rows of", *(SCORES[field] for field in _FIELDS)]
    return f"{table(header, rows)}\n{_speed(read_results('end_to_end', results))}"


def _speed(results: dict[str, Any] | None) -> str:
    if results is None:
        return ""
    ours = results["ours"]
    rows = []
    for system in sorted(results["systems"].values(), key=lambda of: of["parse"]["median_us"]):
        if "bytes" not in system:
            continue  # another way to run one that is there
        times, ratios = system["parse"], system["times"]["parse"]
        rows.append(
            [
                system["title"],
                f"{system['bytes'] / 1e6:.2f} MB",
                f"{times['median_us']:.0f} / {times['p90_us']:.0f}",
                *(f"{ratios[name]:.2f}" for name in ours),
            ]
        )
    header = ["text to parse, one thread", "file", "µs", *(f"× {name}" for name in ours)]
    processor = results["stamp"]["machine"]["processor"]
    return f"""
Latency of the same development utterances in the same runtime and run ({processor}), median / 90th percentile;
peers have random weights, which cost as much:

{table(header, rows)}

![Latency by the number of tokens](docs/images/latency_by_tokens.png)
"""


def render(
    pretrained: pathlib.Path = PRETRAINED,
    results: pathlib.Path = RESULTS,
    page: pathlib.Path = PAGE,
) -> str:
    """The whole README, with its measured part written anew.

    Raises:
        ValueError: if the page lacks the marks.
    """
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"`page` must have the marks {BEGIN!r} and {END!r}. Received: {page}.")
    return f"{before}{BEGIN}\n{measured(pretrained, results)}\n{END}{after}"
