"""The table of docs/tinybert.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.measured import NOT_YET, Measured
from benchmarks.tinybert import NAME
from tflite_export.model_card import table


def students(measured: Measured) -> str:
    """Transformers and our student: what they reach for what size and time."""
    if not measured.has(NAME):
        return NOT_YET
    results = measured.read(NAME)
    rows = []
    for system in results["systems"].values():
        scores, typos = system["scores"], system["typos"]
        timed = "parse" in system
        rows.append(
            [
                system["title"],
                f"{system['bytes']:,}" if "bytes" in system else "",
                f"{system['parameters']:,}" if "parameters" in system else "",
                f"{scores['flat_exact_match']:.2f}",
                f"{scores['intent_accuracy']:.2f}",
                f"{scores['slot_f1']:.2f}",
                f"{typos['flat_exact_match']:.2f}",
                f"{system['parse']['median_us']:.0f}" if timed else "",
                f"{system['times']:.2f}" if timed else "",
            ]
        )
    share = f"{results['typos']:.0%}"
    header = ["student", "bytes", "parameters", "exact match", "intent accuracy", "slot F1"]
    header += [f"exact match, typing errors in {share} of the words", "text to parse, µs"]
    return table([*header, "× ours"], rows)


TABLES: Mapping[str, Callable[[Measured], str]] = {NAME: students}
