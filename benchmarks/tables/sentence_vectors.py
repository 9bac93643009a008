"""Tables of docs/encoders.md: similarity and intents of frozen vectors, and what losses and text add to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import mean

from benchmarks.measured import NOT_YET, Measured
from benchmarks.pretraining import NAME as PRETRAINING
from benchmarks.sentence_vectors import NAME
from recipes.encoder_scores import FEW_SHOT, LANGUAGES, SHOTS
from tflite_export.model_card import table


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


def pretraining(measured: Measured) -> str:
    """A row per combination of losses, and per kind of text."""
    if not measured.has(PRETRAINING):
        return NOT_YET
    rows = [
        [
            run["kind"],
            run["losses"],
            f"{run['stsb']['en']:.1f}",
            *(
                f"{mean(run['few_shot'][corpus][shots] for corpus in FEW_SHOT):.1f}"
                for shots in SHOTS
            ),
        ]
        for run in measured.read(PRETRAINING)["runs"]
    ]
    shots = [f"intents, {name.removeprefix('train_')} rows, mean" for name in SHOTS]
    return table(["text", "losses", "STS-B en", *shots], rows)


TABLES: Mapping[str, Callable[[Measured], str]] = {
    NAME: sentence_vectors,
    PRETRAINING: pretraining,
}
