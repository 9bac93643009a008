"""Table of docs/encoders.md: similarity and intents of frozen vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.measured import Measured
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


TABLES: Mapping[str, Callable[[Measured], str]] = {NAME: sentence_vectors}
