"""Renders the pages of results in docs/, the measured part of README and the plots, from all that was measured.

python -m benchmarks.render
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Sequence
from typing import Any

from absl import app

from benchmarks import (
    distillation_page,
    errors_page,
    readme_page,
    results_page,
    six_languages_page,
)
from benchmarks.pages import axes_of, made, read_results, save_plot, table
from benchmarks.peers import MULTILINGUAL, PEERS
from benchmarks.records import RESULTS, ROOT

PAGE = ROOT / "docs" / "benchmarks.md"


def _end_to_end(results: dict[str, Any]) -> str:
    systems = sorted(results["systems"].items(), key=lambda item: item[1]["parse"]["median_us"])
    ours = results["ours"]
    rows = []
    for _, system in systems:
        row = [
            system["title"],
            f"{system['bytes'] / 1e6:.2f} MB" if "bytes" in system else "",
            f"{system['memory_kib'] / 1024:.0f} MiB" if "memory_kib" in system else "",
        ]
        for key in ("logits", "parse"):
            times = system.get(key)
            row.append(f"{times['median_us']:.0f} / {times['p90_us']:.0f}" if times else "")
            row += [f"{system['times'][key][name]:.2f}" if times else "" for name in ours]
        rows.append(row)
    times_ours = [f"× {name}" for name in ours]
    header = ["system", "file", "memory", "logits, µs", *times_ours, "parse, µs", *times_ours]
    figure, axes = axes_of(
        "Text in, logits out, one thread", "tokens of the utterance", "µs, median"
    )
    for name, curve in results["curve_us_by_tokens"].items():
        points = sorted((int(tokens), value) for tokens, value in curve.items())
        axes.plot(*zip(*points, strict=True), marker=".", label=results["systems"][name]["title"])
    axes.set_ylim(bottom=0)
    figure.legend(loc="outside lower center", ncols=2, fontsize="small")
    failed = "".join(
        f"\n{entry['title']} did not load: `{entry['error']}`.\n"
        for entry in results["failed"].values()
    )
    fixed = results["fixed_length"]
    resized = ""
    if fixed:
        resized = (
            f"{fixed['title']} converted for exactly {fixed['word_pieces']} word pieces takes "
            f"{fixed['fixed']['median_us']:.0f} µs, resized to as many "
            f"{fixed['resized']['median_us']:.0f} µs (model alone)."
        )
    tokens, pieces = results["tokens"], results["word_pieces"]
    counts = (
        f"median {tokens['median']:.0f} tokens, 90th percentile {tokens['p90']:.0f}; "
        f"{pieces['median']:.0f} and {pieces['p90']:.0f} word pieces, "
        f"vocabulary: {pieces['vocabulary']}"
    )
    tail = f"{results['decode_and_render']['median_us']:.0f} µs"
    front = f"{results['front_end_word_pieces']['median_us']:.0f} µs"
    return f"""{results["texts"]} development utterances of MTOP English ({counts}),
one at a time, in ai-edge-litert with one thread. Microseconds are median / 90th percentile. *Logits* is
tokenisation and network; *parse* also decodes and renders in Python, the same code for all, which takes
{tail} by itself. Peers have random weights, 8-bit where not said otherwise, sequences as long as the
utterance with an interpreter for each length (or padded to one of a few), and FastBertTokenizer inside
the same runtime in front ({front}). Memory is what a process needs on top of its imports: peers after
two lengths, ours after all.
{resized}

{table(header, rows)}
{failed}
{save_plot(figure, "latency_by_tokens")}
"""


def _multilingual(results: dict[str, Any]) -> str:
    rows = [
        [
            system["title"],
            f"{system['bytes'] / 1e6:.1f} MB",
            f"{system['memory_kib'] / 1024:.0f} MiB",
            f"{system['parse']['median_us'] / 1e3:.2f} / {system['parse']['p90_us'] / 1e3:.2f}",
            *(f"{system['times']['parse'][ours]:.1f}" for ours in results["ours"]),
        ]
        for name, system in sorted(results["systems"].items(), reverse=True)
        if name in results["ours"] or name.startswith("mbert")
    ]
    times_ours = [f"× {name}" for name in results["ours"]]
    failed = "".join(
        f"\n{entry['title']} did not load: `{entry['error']}`.\n"
        for entry in results["failed"].values()
    )
    count = min(system.get("texts", results["texts"]) for system in results["systems"].values())
    return f"""As above, on the first
{count} utterances (`--multilingual`); the ratios are those of the medians on these. Word pieces are of
the English vocabulary.

{table(["system", "file", "memory", "parse, ms", *times_ours], rows)}
{failed}"""


def _floor(results: dict[str, Any]) -> str:
    rows = []
    for row in results["rows"]:
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
    operations = results["rows"][0]["operations"]["whole"]
    kinds = ", ".join(f"{count} {name}" for name, count in list(operations.items())[:10])
    header = ["tokens", "multiply-accumulates", "floor, µs", "front end, µs", "encoder, µs"]
    parameters = f"{results['parameters'] / 1e6:.2f} M"
    graph = f"{results['rows'][0]['tokens']} tokens has {sum(operations.values())} operations"
    return f"""The floor is one chain of dynamic-range int8 FULLY_CONNECTED with the multiply-accumulates of the model
({parameters} parameters). What is above it: the front end from code points to features, and the
elementwise operations of gates and scans. The graph for {graph}:
{kinds}.

{table([*header, "whole, µs", "encoder / floor", "whole / floor"], rows)}

{_products(results["rows"][0])}
"""


def _products(row: dict[str, Any]) -> str:
    """How far the peers' sizes alone are from ours."""
    ours = row["multiply_accumulates"] / row["tokens"]
    peers = (*PEERS.values(), MULTILINGUAL["mbert_float"])
    sizes = "; ".join(
        f"{peer.title} {peer.products / 1e6:.1f} M, {peer.products / ours:.1f} times"
        for peer in peers
    )
    return f"""What size alone allows against the peers, in multiply-accumulates of the kernels:
ours {ours / 1e6:.1f} M a token; a word piece takes {sizes}.
An utterance has more word pieces than tokens, two marks among them, but ours is padded to the next signature."""


MOST_KINDS = 12
"""Rows of the table of operations; the rest is one row."""


def _operations(results: dict[str, Any]) -> str:
    kinds, total = results["kinds"], results["sum_of_kinds_us"]
    entries = [(kind["kind"], kind["operations"], kind["us"]) for kind in kinds[:MOST_KINDS]]
    if rest := kinds[MOST_KINDS:]:
        operations = sum(kind["operations"] for kind in rest)
        entries.append((f"{len(rest)} other kinds", operations, sum(kind["us"] for kind in rest)))
    rows = [[name, count, f"{us:.1f}", f"{us / total:.0%}"] for name, count, us in entries]
    graph = f"{results['operations']} operations in {results['whole_us']:.0f} µs"
    return f"""Signature `{results["signature"]}` of {results["model"]}, on “{results["text"]}”: {graph}.
Each kind of operation was cut out of the graph and run alone on the values that it has there, in turns
with the whole graph, because the runtime's wheel has no profiler for Python. The kinds add up to
{total:.0f} µs, {total / results["whole_us"]:.2f} times the whole.

{table(["kind", "operations", "µs", "share"], rows)}
"""


def _intent(results: dict[str, Any]) -> str:
    ours = results["ours"]
    systems = sorted(results["systems"].values(), key=lambda system: system["intent"]["median_us"])
    rows = [
        [
            system["title"],
            f"{system['bytes'] / 1e6:.2f} MB",
            f"{system['intent_accuracy']:.2f}",
            f"{system['intent']['median_us']:.0f} / {system['intent']['p90_us']:.0f}",
            *(f"{system['times'][name]:.2f}" for name in ours),
        ]
        for system in systems
    ]
    settings = ", ".join(f"{name} {value}" for name, value in results["settings"].items())
    if results["missing"]:
        peer = f"{results['missing']}."
    else:
        peer = f"fastText ({settings}) was trained on MTOP's training rows; it finds no slots."
    header = ["system", "file", "intent accuracy", "text to intent, µs", *(f"× {x}" for x in ours)]
    return f"""{peer}
Accuracy is that of all {results["rows"]:,} development rows of MTOP English; microseconds are median /
90th percentile of {results["texts"]} of them, one at a time, one thread.

{table(header, rows)}
"""


def _projection(results: dict[str, Any]) -> str:
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
    memset = results["memset_bytes_a_second"]
    counts = f"{results['words']:,} words between spaces, {results['tokens']:,} tokens"
    memory, cache = memset["in_memory"] / 1e9, memset["in_cache"] / 1e9
    return f"""{results["texts"]:,} utterances of MTOP's training rows ({counts}) in
batches of {results["batch"]} through `tf.data`, one core. memset writes {memory:.0f} GB/s to memory and
{cache:.0f} GB/s to a buffer of a batch's size in cache.

{table(["op", "words/s", "without reading", "features written/s", "of memset (memory / cache)"], rows)}
"""


def _export(results: dict[str, Any]) -> str:
    file = results["file"]
    conversions = [
        [name, f"{seconds:.1f}", f"{results['bytes'][name]:,}"]
        for name, seconds in results["seconds"].items()
    ]
    parts = [
        *([f"constants, {name}", f"{size:,}"] for name, size in file["constants_by_type"].items()),
        ["scales of kernels", f"{file['scales']:,}"],
        [
            "graphs of all signatures, labels, description",
            f"{file['structure_and_description']:,}",
        ],
        ["**whole file**", f"**{file['bytes']:,}**"],
    ]
    largest = [[entry["tensor"], f"{entry['bytes']:,}"] for entry in file["largest_constants"]]
    signatures = ", ".join(f"`{name}` {count}" for name, count in file["signatures"].items())
    return f"""{table(["conversion", "seconds", "bytes"], conversions)}

The published file (operations of its signatures: {signatures}):

{table(["part", "bytes"], parts)}

{table(["largest constants", "bytes"], largest)}
"""


def _training(results: dict[str, Any]) -> str:
    names = list(results["parameters"])
    speed = [
        [
            name,
            f"{results['parameters'][name] / 1e6:.2f} M",
            f"{results['examples_per_second'][name]:,.0f}",
            f"{results['times_floor'][name]:.2f}" if "times_floor" in results else "",
        ]
        for name in names
    ]
    curve = [
        [
            row["length"],
            *(f"{1e3 * row['seconds'][name]:.0f}" for name in names),
            *(f"{row['memory_mib'][name]:.0f}" for name in names),
        ]
        for row in results["curve"]
    ]
    figure, axes = axes_of("A training step", "tokens", "milliseconds")
    for name in names:
        axes.plot(
            [row["length"] for row in results["curve"]],
            [1e3 * row["seconds"][name] for row in results["curve"]],
            marker="o",
            label=name,
        )
    axes.set(xscale="log", yscale="log")
    axes.legend()
    picture = save_plot(figure, "training_by_length")
    ratio = results["ratio"]
    header = ["tokens"]
    header += [f"{name}, ms" for name in names] + [f"{name}, MiB" for name in names]
    return f"""Training steps of a tagger with a pQRNN encoder and of one with Keras' bidirectional LSTM of equal
parameters, batches of {results["batch"]} rows of {results["length"]} tokens, in turns. The LSTM's step takes
**{ratio["median"]:.2f}** times ours (10th and 90th percentile of the pairs: {ratio["p10"]:.2f} and {ratio["p90"]:.2f}).

{table(["encoder", "parameters", "examples/s", "step over products"], speed)}

*Products*: a training step of the matrix products of our encoder and head alone, without gates, recurrence and
normalisation. It bounds what any recurrence of this size can gain over the LSTM on this processor.

Batches of {results["long_batch"]} rows; memory is the peak above that before the first step:

{table(header, curve)}

{picture}
"""


def _run_all(results: dict[str, Any]) -> str:
    rows = [[f"`{name}`", f"{seconds:.0f}"] for name, seconds in results["seconds"].items()]
    rows.append(["**together**", f"**{sum(results['seconds'].values()):.0f}**"])
    failed = "".join(
        f"\n`{name}` was not measured in this run: {why}.\n"
        for name, why in results["failed"].items()
    )
    return f"""What `make bench` took, of {results["minutes"]:.0f} minutes that it may take.

{table(["stage", "seconds"], rows)}
{failed}"""


SECTIONS: tuple[tuple[str, str, Callable[[dict[str, Any]], str]], ...] = (
    ("end_to_end", "End to end", _end_to_end),
    ("end_to_end_multilingual", "Multilingual BERT base", _multilingual),
    ("intent", "Intent alone, against fastText", _intent),
    ("floor", "Against the floor", _floor),
    ("operations", "Where the time goes", _operations),
    ("projection", "Projection", _projection),
    ("training", "Training", _training),
    ("export", "Export", _export),
    ("run_all", "The run", _run_all),
)


def render(results: pathlib.Path = RESULTS) -> str:
    """The page; sections without a result are left out."""
    parts = [
        "# Benchmarks\n\nWritten by `python -m benchmarks.render` from `benchmarks/results/`; do not edit. "
        "Machines differ: compare what was measured in the same run.\n"
    ]
    for name, title, section in SECTIONS:
        content = read_results(name, results)
        if content is not None:
            parts.append(f"## {title}\n\n{section(content)}\n{made(content['stamp'])}\n")
    return "\n".join(parts)


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    PAGE.write_text(render(), encoding="utf-8")
    pages = (distillation_page, errors_page, readme_page, results_page, six_languages_page)
    for page in pages:
        page.PAGE.write_text(page.render(), encoding="utf-8")


if __name__ == "__main__":
    app.run(main)
