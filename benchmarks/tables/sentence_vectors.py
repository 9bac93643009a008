"""Tables of docs/encoders.md: similarity and intents of frozen vectors, and what losses and text add to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import mean
from typing import Any

from benchmarks.measured import NOT_YET, Measured
from benchmarks.pretraining import AS_CONFIGURED, CHANGES, DEFAULT, MIXED
from benchmarks.pretraining import NAME as PRETRAINING
from benchmarks.sentence_vectors import MTOP_LANGUAGES, NAME
from recipes.encoder_scores import FEW_SHOT, LANGUAGES, SHOTS
from tflite_export.model_card import language_name, table


def sentence_vectors(measured: Measured) -> str:
    """A row per system."""
    systems = measured.read(NAME)["systems"]
    languages = [
        language
        for language in LANGUAGES
        if any(language in found.get("stsb", {}) for found in systems.values())
    ]
    rows = []
    for title, found in systems.items():
        size, width = found.get("bytes"), found.get("width")
        of_language = [found.get("stsb", {}).get(language) for language in languages]
        rows.append(
            [
                title,
                "" if width is None else str(width),
                "" if size is None else f"{size:,}",
                *("" if value is None else f"{value:.1f}" for value in of_language),
                *(
                    f"{found['few_shot'][corpus][shots]:.1f}" if "few_shot" in found else ""
                    for corpus in FEW_SHOT
                    for shots in SHOTS
                ),
            ]
        )
    header = ["vectors", "width", "bytes", *(f"STS-B {language}" for language in languages)]
    header += [
        f"{FEW_SHOT[corpus]}, {shots.removeprefix('train_')}"
        for corpus in FEW_SHOT
        for shots in SHOTS
    ]
    return table(header, rows)


def in_languages(measured: Measured) -> str:
    """A row per system that was measured on intents in other languages."""
    systems = {
        title: found["mtop"]
        for title, found in measured.read(NAME)["systems"].items()
        if "mtop" in found
    }
    if not systems:
        return NOT_YET
    rows = [
        [
            title,
            *(f"{own[language]:.1f}" for language in MTOP_LANGUAGES),
            f"{mean(own.values()):.1f}",
        ]
        for title, own in systems.items()
    ]
    return table(
        ["vectors", *(language_name(language) for language in MTOP_LANGUAGES), "mean"], rows
    )


def pretraining(measured: Measured) -> str:
    """A row per combination of losses, and per kind of text."""
    if not measured.has(PRETRAINING):
        return NOT_YET
    rows = [
        [run["kind"], run["losses"], *_short_scores(run)]
        for run in measured.read(PRETRAINING)["runs"]
        if run["changed"] == AS_CONFIGURED
    ]
    return table(["text", "losses", *_SHORT_SCORES], rows)


def pretraining_steps(measured: Measured) -> str:
    """A row per change of rate, rows a step and the like."""
    if not measured.has(PRETRAINING):
        return NOT_YET
    runs = {
        run["changed"]: run
        for run in measured.read(PRETRAINING)["runs"]
        if (run["kind"], run["losses"]) == (MIXED, DEFAULT)
    }
    rows = [
        [changed, f"{runs[changed]['parameters']:,}", *_short_scores(runs[changed])]
        for changed in CHANGES
    ]
    return table(["trained", "parameters", *_SHORT_SCORES], rows)


_SHORT_SCORES = (
    "STS-B en",
    *(f"intents, {name.removeprefix('train_')} rows, mean" for name in SHOTS),
)


def _short_scores(run: Mapping[str, Any]) -> list[str]:
    """The scores of a short training, for `_SHORT_SCORES`."""
    means = (mean(run["few_shot"][corpus][shots] for corpus in FEW_SHOT) for shots in SHOTS)
    return [f"{run['stsb']['en']:.1f}", *(f"{value:.1f}" for value in means)]


TABLES: Mapping[str, Callable[[Measured], str]] = {
    NAME: sentence_vectors,
    f"{NAME}_languages": in_languages,
    PRETRAINING: pretraining,
    f"{PRETRAINING}_steps": pretraining_steps,
}
