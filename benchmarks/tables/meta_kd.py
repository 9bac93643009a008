"""Tables of docs/distillation.md: Meta-KD against plain distillation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from benchmarks.measured import NOT_YET, Measured
from benchmarks.meta_kd import NAME
from tflite_export.model_card import language_name, table

TITLES = {
    "preset": {
        "teacher": "*teacher: `mtop_6_2mb`*",
        "plain": "student, rows count alike",
        "weighted": "student, rows weighted",
    },
    "bert": {
        "teacher plain": "*teacher: small BERT, fine-tuned*",
        "teacher meta": "*teacher: small BERT, meta-teacher*",
        "plain": "student of the first, rows count alike",
        "meta": "student of the second, rows weighted",
    },
}


def _line(title: str, scores: Sequence[Mapping[str, float]]) -> list[str]:
    languages = list(scores[0])
    values = [mean(one[language] for one in scores) for language in languages]
    seeds = " ".join(f"{mean(one.values()):.2f}" for one in scores) if len(scores) > 1 else ""
    return [title, *(f"{value:.2f}" for value in values), f"**{mean(values):.2f}**", seeds]


def meta_kd(measured: Measured) -> str:
    """Exact match by language of teachers and students."""
    if not measured.has(NAME):
        return NOT_YET
    kinds: Mapping[str, Any] = measured.read(NAME)["kinds"]
    rows, languages = [], list[str]()
    for kind, titles in TITLES.items():
        if kind not in kinds:
            continue
        found = kinds[kind]
        teachers = found.get("teachers") or {"": found["teacher"]}
        for way, scores in teachers.items():
            rows.append(_line(titles[f"teacher {way}".strip()], [scores]))
            languages = list(scores)
        rows += [_line(titles[way], scores) for way, scores in found["ways"].items()]
    return table(["", *map(language_name, languages), "mean", "seeds"], rows)


def meta_kd_weights(measured: Measured) -> str:
    """Weights of the rows by language."""
    if not measured.has(NAME):
        return NOT_YET
    kinds: Mapping[str, Any] = measured.read(NAME)["kinds"]
    rows, languages = [], list[str]()
    for kind, titles in TITLES.items():
        if kind not in kinds:
            continue
        weights = kinds[kind]["weights"]
        own = weights.get("meta", weights)
        title = titles["teacher meta" if "meta" in weights else "teacher"]
        languages = list(own)
        cells = [f"{own[name]['mean']:.2f} ± {own[name]['deviation']:.2f}" for name in languages]
        rows.append([title, *cells])
    return table(["weights of", *map(language_name, languages)], rows)


TABLES = {"meta_kd": meta_kd, "meta_kd_weights": meta_kd_weights}
