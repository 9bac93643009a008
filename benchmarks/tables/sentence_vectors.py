"""Tables of docs/encoders.md: similarity and intents of frozen vectors, and what a pretraining gains."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.measured import Measured
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
                    f"{found['few_shot'][corpus][shots]:.1f}"
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
    """A row per change of the pretraining."""
    rows = [
        [
            name,
            f"{own['texts']:,}",
            str(own["passes"]),
            f"{own['stsb']['en']:.1f}",
            *(f"{own['few_shot'][corpus]['train_10']:.1f}" for corpus in FEW_SHOT),
            f"{own['steadiness']:.1f}",
        ]
        for name, own in measured.read(PRETRAINING)["rows"].items()
    ]
    header = [
        "row",
        "texts",
        "passes",
        "STS-B en",
        *(f"{FEW_SHOT[corpus]}, 10" for corpus in FEW_SHOT),
    ]
    return table([*header, "cosine to itself with errors"], rows)


TABLES: Mapping[str, Callable[[Measured], str]] = {
    NAME: sentence_vectors,
    PRETRAINING: pretraining,
}
