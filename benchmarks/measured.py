"""What was measured, as tables and plots read it: files of results, and the scores of the published models."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
import textwrap
from collections.abc import Mapping
from typing import Any

from benchmarks.records import RESULTS, ROOT
from benchmarks.sweep import read_records

PRETRAINED = ROOT / "pretrained"
PUBLISHED = "pretrained"
"""First step of a path to the scores of a published model."""

NOT_YET = "Not measured yet."
"""What stands in the place of a table whose benchmark is ready and has not run."""


@dataclasses.dataclass(frozen=True)
class Measured:
    """The two folders that hold all numbers of the documents.

    Attributes:
        results: Folder of `NAME.json` and, of sweeps, `NAME.jsonl`.
        pretrained: Folder of the published models, each with its `scores.json`.
    """

    results: pathlib.Path = RESULTS
    pretrained: pathlib.Path = PRETRAINED

    @functools.cache  # noqa: B019  (a handful of objects, alive as long as the program)
    def read(self, name: str) -> Any:
        """The content of `NAME.json`, or the last line of each run in `NAME.jsonl`.

        Raises:
            FileNotFoundError: if there is neither.
        """
        path = self.results / f"{name}.json"
        if path.is_file():
            return json.loads(path.read_text(encoding="utf-8"))
        lines = path.with_suffix(".jsonl")
        if lines.is_file():
            return list(read_records(lines).values())
        raise FileNotFoundError(f"There are no results {name!r} in {self.results}.")

    def has(self, name: str) -> bool:
        """Whether there are results of a name; a table says `NOT_YET` where there are none."""
        return any((self.results / f"{name}.{kind}").is_file() for kind in ("json", "jsonl"))

    @functools.cache  # noqa: B019
    def published(self) -> dict[str, dict[str, Any]]:
        """`scores.json` of each published model that parses, by name."""
        return {name: own for name, own in self._recorded().items() if "kind" not in own}

    def encoders(self) -> dict[str, dict[str, Any]]:
        """`scores.json` of each published sentence encoder, by name."""
        return {name: own for name, own in self._recorded().items() if "kind" in own}

    def _recorded(self) -> dict[str, dict[str, Any]]:
        return {
            path.parent.name: json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(self.pretrained.glob("*/scores.json"))
        }

    def find(self, path: str) -> Any:
        """A value inside the results.

        Args:
            path: Name of the results and the keys or indices to follow, with `/` between: `floor/rows/0/tokens`,
                of a sweep the name of a run (`tasks/snips_seed1/bytes`); `pretrained/NAME/…` for the scores of a
                published model.

        Raises:
            KeyError: if the path leads nowhere.
        """
        first, *steps = path.split("/")
        value: Any = self.published() if first == PUBLISHED else self.read(first)
        for step in steps:
            if isinstance(value, list):
                value = {record.get("name", str(i)): record for i, record in enumerate(value)}
            if not isinstance(value, Mapping) or step not in value:
                raise KeyError(f"{path!r} leads nowhere: there is no {step!r}")
            value = value[step]
        return value


def stamp_text(stamp: Mapping[str, Any]) -> str:
    """When, where and with what something was measured, from `records.stamp`, in lines of 120 columns at most."""
    machine, versions = stamp["machine"], stamp["versions"]
    day, _, clock = stamp["time"].partition("T")
    head = (
        f"{day} {clock[:5]} UTC, commit `{stamp['commit']}`, {machine['processor']} "
        f"({machine['architecture']}, {machine['cores']} cores, load before {machine['load_before']:.1f});"
    )
    packages = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"{head}\n{textwrap.fill(packages, 118, break_on_hyphens=False)}"
