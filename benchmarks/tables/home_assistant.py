"""Tables of docs/home_assistant.md: requests to a house, by language, beside hassil."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.home_assistant import NAME
from benchmarks.measured import Measured
from tflite_export.model_card import LANGUAGE_NAMES, table

_SYSTEMS = ("ours", "hassil")


def languages(measured: Measured) -> dict[str, dict[str, Any]]:
    """What was measured of each language; those with tests first."""
    found = measured.read(NAME)["languages"]
    return dict(sorted(found.items(), key=lambda item: (item[1]["kind"] != "tests", item[0])))


def figures(measured: Measured) -> str:
    """Percentages by language, ours and hassil's."""
    rows = []
    for language, own in languages(measured).items():
        for system in _SYSTEMS:
            found = own[system]
            rows.append(
                [
                    f"{LANGUAGE_NAMES[language]} ({own['sentences']:,} {own['kind']})"
                    if system == "ours"
                    else "",
                    system,
                    f"{found['as_written']['intents']:.1f}",
                    f"{found['as_written']['slots']:.1f}",
                    f"{found['nameless']:.1f}",
                    f"{found['swapped']['intents']:.1f}",
                    f"{found['carriers_seen']:.1f}",
                    f"{found['carriers_unseen']:.1f}",
                    f"{found['rejected']:.1f}",
                    f"{found['rejected_general']:.1f}" if "rejected_general" in found else "",
                ]
            )
    header = ["sentences", "", "intents", "and slots", "without names", "one letter swapped"]
    header += ["in known phrases", "in other phrases", "SGD rejected", "general rejected"]
    return table(header, rows)


def latency(measured: Measured) -> str:
    """Bytes and milliseconds by language."""
    rows = [
        [
            LANGUAGE_NAMES[language],
            f"{own['bytes'] / 1000:,.0f}",
            _milliseconds(own["latency"]["ours"]),
            _milliseconds(own["latency"]["hassil"]),
            f"{own['latency']['hassil_times_ours']:.1f}",
            f"{own['latency']['load_before']:.1f}",
        ]
        for language, own in sorted(languages(measured).items())
    ]
    header = ["language", "file, kB", "ours, ms", "hassil, ms", "times as long", "load before"]
    return table(header, rows)


def carriers(measured: Measured) -> str:
    """Percentages of intents in each phrase, English."""
    own = languages(measured)["en"]
    rows = [
        [
            f"`{phrase.replace('{}', '…')}`",
            f"{ours:.1f}",
            f"{own['hassil']['carriers'][phrase]:.1f}",
        ]
        for phrase, ours in own["ours"]["carriers"].items()
    ]
    return table(["phrase", "ours", "hassil"], rows)


def _milliseconds(found: Mapping[str, float]) -> str:
    return f"{found['median_us'] / 1000:.2f} / {found['p90_us'] / 1000:.2f}"


TABLES: Mapping[str, Callable[[Measured], str]] = {
    "home_assistant": figures,
    "home_assistant_latency": latency,
    "home_assistant_carriers": carriers,
}
