"""The table of docs/scores.md: how far the scores of the published models are from what is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.measured import Measured
from tflite_export.model_card import SCORES, table


def calibrated(measured: Measured) -> dict[str, Mapping[str, Any]]:
    """Scores of the published models that are calibrated, by name."""
    return {
        name: record["tflite"]
        for name, record in measured.published().items()
        if "calibration_error" in record["tflite"]
    }


def calibration(measured: Measured) -> str:
    """Calibration errors in points."""
    rows = [
        [
            name,
            f"{scores['rows']:,}",
            f"{scores['flat_exact_match']:.2f}",
            *(
                f"{scores[field]:.2f}"
                for field in ("calibration_error", "intent_calibration_error")
            ),
        ]
        for name, scores in calibrated(measured).items()
    ]
    header = ["model", "development rows", SCORES["flat_exact_match"], "error of scores"]
    return table([*header, "error of intent scores"], rows)


TABLES: Mapping[str, Callable[[Measured], str]] = {"calibration": calibration}
