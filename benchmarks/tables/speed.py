"""Tables of docs/benchmarks.md, and the one of README.md on speed."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.measured import Measured
from benchmarks.peers import MULTILINGUAL, PEERS
from tflite_export.model_card import table

END_TO_END = "end_to_end"
MOST_KINDS = 12
"""Rows of the table of operations; the rest is one row."""


def _times(summary: Mapping[str, float], factor: float = 1.0, form: str = ".0f") -> str:
    return " / ".join(f"{summary[name] * factor:{form}}" for name in ("median_us", "p90_us"))


def _failed(results: Mapping[str, Any], width: int) -> list[list[str]]:
    """A row for each system that did not load."""
    return [
        [entry["title"], f"did not load: `{entry['error']}`", *[""] * (width - 2)]
        for entry in results["failed"].values()
    ]


def end_to_end(measured: Measured) -> str:
    """All systems: size, memory, time to logits and to parses."""
    results = measured.read(END_TO_END)
    ours = results["ours"]
    rows = []
    for system in sorted(results["systems"].values(), key=lambda of: of["parse"]["median_us"]):
        row = [
            system["title"],
            f"{system['bytes'] / 1e6:.2f} MB" if "bytes" in system else "",
            f"{system['memory_kib'] / 1024:.0f} MiB" if "memory_kib" in system else "",
        ]
        for key in ("logits", "parse"):
            times = system.get(key)
            row.append(_times(times) if times else "")
            row += [f"{system['times'][key][name]:.2f}" if times else "" for name in ours]
        rows.append(row)
    ratios = [f"× {name}" for name in ours]
    header = ["system", "file", "memory", "logits, µs", *ratios, "parse, µs", *ratios]
    return table(header, [*rows, *_failed(results, len(header))])


def latency(measured: Measured) -> str:
    """For README.md: text to parse."""
    results = measured.read(END_TO_END)
    ours = results["ours"]
    rows = [
        [
            system["title"],
            f"{system['bytes'] / 1e6:.2f} MB",
            _times(system["parse"]),
            *(f"{system['times']['parse'][name]:.2f}" for name in ours),
        ]
        for system in sorted(results["systems"].values(), key=lambda of: of["parse"]["median_us"])
        if "bytes" in system  # the others are other ways to run one that is there
    ]
    header = ["text to parse, one thread", "file", "µs", *(f"× {name}" for name in ours)]
    return table(header, rows)


def threads(measured: Measured) -> str:
    """Threads that share a parser."""
    results = measured.read("threads")
    rows = []
    for name, found in results["models"].items():
        first, *_ = found["texts_per_second"].values()
        rows += [
            [name, count, f"{median:,.0f}", f"{median / first:.2f}"]
            for count, median in found["texts_per_second"].items()
        ]
    return table(["model", "threads", "texts per second", "× one thread"], rows)


def multilingual(measured: Measured) -> str:
    """Multilingual BERT base beside ours."""
    results = measured.read("end_to_end_multilingual")
    ours = results["ours"]
    rows = [
        [
            system["title"],
            f"{system['bytes'] / 1e6:.1f} MB",
            f"{system['memory_kib'] / 1024:.0f} MiB",
            _times(system["parse"], 1e-3, ".2f"),
            *(f"{system['times']['parse'][name]:.1f}" for name in ours),
        ]
        for name, system in sorted(results["systems"].items(), reverse=True)
        if name in ours or name.startswith("mbert")
    ]
    header = ["system", "file", "memory", "parse, ms", *(f"× {name}" for name in ours)]
    return table(header, [*rows, *_failed(results, len(header))])


def intents(measured: Measured) -> str:
    """Intents against fastText."""
    results = measured.read("intent")
    ours = results["ours"]
    rows = [
        [
            system["title"],
            f"{system['bytes'] / 1e6:.2f} MB",
            f"{system['intent_accuracy']:.2f}",
            _times(system["intent"]),
            *(f"{system['times'][name]:.2f}" for name in ours),
        ]
        for system in sorted(results["systems"].values(), key=lambda of: of["intent"]["median_us"])
    ]
    if results["missing"]:
        rows.append([results["missing"], *[""] * (3 + len(ours))])
    header = ["system", "file", "intent accuracy", "text to intent, µs"]
    return table([*header, *(f"× {name}" for name in ours)], rows)


def floor(measured: Measured) -> str:
    """The whole graph and its parts against one chain of matrix products."""
    rows = []
    for row in measured.read("floor")["rows"]:
        times = {name: value["median_us"] for name, value in row["times"].items()}
        rows.append(
            [
                row["tokens"],
                f"{row['multiply_accumulates'] / 1e6:.1f} M",
                *(f"{times[name]:.0f}" for name in ("floor", "front", "encoder", "whole")),
                f"{row['encoder_over_floor']:.2f}",
                f"{row['whole_over_floor']:.2f}",
            ]
        )
    header = ["tokens", "multiply-accumulates", "floor, µs", "front end, µs", "encoder, µs"]
    return table([*header, "whole, µs", "encoder / floor", "whole / floor"], rows)


def products(measured: Measured) -> str:
    """Multiply-accumulates of the kernels, ours and the peers'."""
    row = measured.read("floor")["rows"][0]
    ours = row["multiply_accumulates"] / row["tokens"]
    rows = [["pQRNN", "token", f"{ours / 1e6:.1f} M", ""]]
    rows += [
        [peer.title, "word piece", f"{peer.products / 1e6:.1f} M", f"{peer.products / ours:.1f}"]
        for peer in (*PEERS.values(), MULTILINGUAL["mbert_float"])
    ]
    return table(["system", "unit", "multiply-accumulates", "times ours"], rows)


def _graph(measured: Measured) -> Mapping[str, int]:
    return measured.read("floor")["rows"][0]["operations"]["whole"]


def operations(measured: Measured) -> str:
    """Time by kind of operation."""
    results = measured.read("operations")
    kinds, total = results["kinds"], results["sum_of_kinds_us"]
    entries = [(kind["kind"], kind["operations"], kind["us"]) for kind in kinds[:MOST_KINDS]]
    if rest := kinds[MOST_KINDS:]:
        count = sum(kind["operations"] for kind in rest)
        entries.append((f"{len(rest)} other kinds", count, sum(kind["us"] for kind in rest)))
    rows = [[name, count, f"{us:.1f}", f"{us / total:.0%}"] for name, count, us in entries]
    return table(["kind", "operations", "µs", "share"], rows)


def projection(measured: Measured) -> str:
    """Words per second of the projection and of tokenizers."""
    results = measured.read("projection")
    titles = {
        "projection_default": f"projection, {results['features']['default']} features",
        "projection_words_only_512": "projection, 512 word features",
        "fast_bert_tokenizer": "FastBertTokenizer (ids only)",
        "split_and_hash": "split + to_hash_bucket_fast (ids only)",
    }
    rows = []
    for name, title in titles.items():
        system = results["systems"][name]
        share = system.get("share_of_memset")
        rows.append(
            [
                title,
                f"{system['words_a_second'] / 1e6:.2f} M",
                f"{system['words_a_second_without_reading'] / 1e6:.2f} M",
                f"{system['bytes_written_a_second'] / 1e9:.1f} GB" if share else "",
                f"{share['in_memory']:.0%} / {share['in_cache']:.0%}" if share else "",
            ]
        )
    header = ["op", "words/s", "without reading", "features written/s"]
    return table([*header, "of memset (memory / cache)"], rows)


def export_conversions(measured: Measured) -> str:
    """Seconds and bytes of conversions."""
    results = measured.read("export")
    rows = [
        [name, f"{seconds:.1f}", f"{results['bytes'][name]:,}"]
        for name, seconds in results["seconds"].items()
    ]
    return table(["conversion", "seconds", "bytes"], rows)


def export_parts(measured: Measured) -> str:
    """What the bytes of a published file are."""
    file = measured.read("export")["file"]
    rows = [
        *([f"constants, {name}", f"{size:,}"] for name, size in file["constants_by_type"].items()),
        ["scales of kernels", f"{file['scales']:,}"],
        [
            "graphs of all signatures, labels, description",
            f"{file['structure_and_description']:,}",
        ],
        ["**whole file**", f"**{file['bytes']:,}**"],
    ]
    return table(["part", "bytes"], rows)


def export_constants(measured: Measured) -> str:
    """The largest constants of a published file."""
    constants = measured.read("export")["file"]["largest_constants"]
    rows = [[entry["tensor"], f"{entry['bytes']:,}"] for entry in constants]
    return table(["largest constants", "bytes"], rows)


def training_speed(measured: Measured) -> str:
    """Rows per second of training steps."""
    results = measured.read("training")
    rows = [
        [
            name,
            f"{results['parameters'][name] / 1e6:.2f} M",
            f"{results['examples_per_second'][name]:,.0f}",
            f"{results['times_floor'][name]:.2f}",
        ]
        for name in results["parameters"]
    ]
    return table(["encoder", "parameters", "examples/s", "step over products"], rows)


def training_curve(measured: Measured) -> str:
    """Time and memory of training steps by length."""
    results = measured.read("training")
    names = list(results["parameters"])
    rows = [
        [
            row["length"],
            *(f"{1e3 * row['seconds'][name]:.0f}" for name in names),
            *(f"{row['memory_mib'][name]:.0f}" for name in names),
        ]
        for row in results["curve"]
    ]
    header = [f"{name}, ms" for name in names] + [f"{name}, MiB" for name in names]
    return table(["tokens", *header], rows)


def run_all(measured: Measured) -> str:
    """Seconds of each stage of `make bench`."""
    results = measured.read("run_all")
    rows = [[f"`{name}`", f"{seconds:.0f}"] for name, seconds in results["seconds"].items()]
    rows.append(["**together**", f"**{sum(results['seconds'].values()):.0f}**"])
    rows += [[f"`{name}`", f"not measured: {why}"] for name, why in results["failed"].items()]
    return table(["stage", "seconds"], rows)


def _joined(counts: Mapping[str, Any], form: str) -> str:
    """Entries with commas between them, in lines of 120 columns at most."""
    entries = (form.format(name=name, count=count) for name, count in counts.items())
    return textwrap.fill(", ".join(entries), 118, break_long_words=False)


TABLES: Mapping[str, Callable[[Measured], str]] = {
    END_TO_END: end_to_end,
    "latency": latency,
    "threads": threads,
    "end_to_end_multilingual": multilingual,
    "intent": intents,
    "floor": floor,
    "products": products,
    "operations": operations,
    "projection": projection,
    "export_conversions": export_conversions,
    "export_parts": export_parts,
    "export_constants": export_constants,
    "training_speed": training_speed,
    "training_curve": training_curve,
    "run_all": run_all,
}
VALUES: Mapping[str, Callable[[Measured], str]] = {
    "fasttext_settings": lambda m: _joined(m.read("intent")["settings"], "{name} {count}"),
    "floor_operations": lambda m: str(sum(_graph(m).values())),
    "floor_kinds": lambda m: _joined(dict(list(_graph(m).items())[:10]), "{count} {name}"),
    "operations_ratio": lambda m: (
        f"{m.find('operations/sum_of_kinds_us') / m.find('operations/whole_us'):.2f}"
    ),
    "export_signatures": lambda m: _joined(m.find("export/file/signatures"), "`{name}` {count}"),
}
