"""docs/errors.md, rendered from benchmarks/results/confusions.json; `benchmarks.render` writes it."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import Any

from benchmarks.confusion_counts import KINDS, NAME
from benchmarks.pages import made, read_results, table
from benchmarks.records import RESULTS, ROOT
from tflite_export.model_card import SCORES, join_names, language_name, score_cells, score_fields

PAGE = ROOT / "docs" / "errors.md"

_HEAD = """# Errors

What the models get wrong on development rows, side by side, so that it shows what a change did to which
confusion. Written by `python -m benchmarks.render` from `benchmarks/results/confusions.json`; do not edit.

```bash
python -m benchmarks.confusions --data mtop --model mtop_en_1mb --model mtop_en_2mb --model "TITLE=model.tflite"
python -m benchmarks.render
```
"""

_READ = """
## What is behind them

Read in the development rows that `mtop_en_2mb` gets wrong. Many of the frequent ones are not words that the model does
not know, but choices that are made in one way in some rows and in another way in others; the table above tells which of
them nevertheless become fewer from one model to the next.

- **DATE_TIME, boundary and invented.** Whether the preposition belongs to it: `calls from today` has it outside in some
  rows and inside in others. Whether `3 hours and 30 minutes from now` ends before `from now`. Whether two times in a
  row are one slot (`May 10th alarm for 5am`) or two. And quantities: `more minutes`, `many years ago`.
- **TODO, boundary.** Where the task ends and a time or place begins (`get a workout in tomorrow`), whether `my` and
  `our` belong to it or are the PERSON_REMINDED, and tasks around a hole (`stop to … my mom's`).
- **PERSON_REMINDED, missed.** `show me`, `tell me` and `I want to` have it in some rows and not in others.
- **RECIPES_DISH and RECIPES_INCLUDED_INGREDIENT.** `chicken`, `rice` or `fish` alone are either, in questions of one
  form. **RECIPES_ATTRIBUTE** is missing from `how long` in rows that ask for just that.
- **NEWS_TOPIC, boundary.** A topic that is a whole clause (`Korea still threatening the US`) is cut into its names.
"""


def _cell(count: int, first: int) -> str:
    return f"{count}" if count == first else f"{count} ({count - first:+d})"


def _counts(counts: Mapping[str, int]) -> list[str]:
    """Counts of the models, behind the first one the differences from it."""
    first = next(iter(counts.values()))
    return [_cell(count, first) for count in counts.values()]


def _name(kind: str, gold: str, predicted: str) -> str:
    if kind in ("intent", "name", "both"):
        return f"{gold} → {predicted}"
    return gold or predicted


def _sections(results: Mapping[str, Any]) -> str:
    models, parts = results["models"], results["parts"]
    fields = score_fields(models.values())
    scores = [[name, *score_cells(model, fields)] for name, model in models.items()]
    kinds = [
        [
            f"{kind}: {what}",
            *_counts({name: counts[kind] for name, counts in results["kinds"].items()}),
        ]
        for kind, what in KINDS.items()
    ]
    kinds.append(
        [
            "**together**",
            *_counts({name: sum(counts.values()) for name, counts in results["kinds"].items()}),
        ]
    )
    most = [
        [
            entry["kind"],
            _name(*(entry[key] for key in ("kind", "gold", "predicted"))),
            *_counts(entry["counts"]),
        ]
        for entry in results["confusions"]
    ]
    corpora = join_names(part["corpus"] for part in parts)
    languages = join_names(language_name(part["language"]) for part in parts)
    return f"""## The models

{results["rows"]:,} development rows of {corpora}, {languages}.

{table(["model", *(SCORES[field] for field in fields)], scores)}

## By kind

Root intents and top-level slots; a slot is the words that it covers. In brackets: the difference from the first model.

{table(["", *models], kinds)}

## The most frequent

The {len(most)} that are most frequent in all models together.

{table(["kind", "true → said", *models], most)}

{made(results["stamp"])}
"""


def render(results: pathlib.Path = RESULTS) -> str:
    """The page; without a result its head alone."""
    found = read_results(NAME, results)
    return _HEAD if found is None else f"{_HEAD}\n{_sections(found)}{_READ}"
