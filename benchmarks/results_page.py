"""docs/results.md, rendered from pretrained/*/scores.json and benchmarks/results/; `benchmarks.render` writes it.

What was not measured yet is left out.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.ablation_page import section as ablation_section
from benchmarks.ablation_rows import NAME as ABLATION
from benchmarks.distillation_page import RECORDS as DISTILLATION
from benchmarks.pages import (
    PRETRAINED,
    axes_of,
    made,
    read_published,
    read_results,
    save_plot,
    table,
)
from benchmarks.quantized_variants import BITS
from benchmarks.records import RESULTS, ROOT
from benchmarks.six_languages_page import OURS
from benchmarks.sweep import read_records
from benchmarks.task_runs import NAME as TASKS
from tflite_export.model_card import (
    SCORES,
    language_name,
    mean_scores,
    part_titles,
    score_cells,
    score_fields,
)

PAGE = ROOT / "docs" / "results.md"
LANGUAGES = ("en", "es", "fr", "de", "hi", "th")
"""In the order of the published tables."""
MTOP = "MTOP"
EXACT = ("tree_exact_match", "flat_exact_match")

_HEAD = """# Results

Written by `python -m benchmarks.render` from `pretrained/*/scores.json` and `benchmarks/results/`; do not edit.
Unless marked as published, every number is measured by a committed command on development rows, through the .tflite on
the stock runtime, from raw text, and every row counts. Speed: [benchmarks.md](benchmarks.md). Which confusions are
behind the numbers: [errors.md](errors.md).
"""


class _Page:
    """What the sections read.

    Attributes:
        models: `scores.json` of each published model, by name.
        results: Folder of results.
        multilingual: For each model that was scored in several languages, scores by language, and its bytes.
    """

    def __init__(self, pretrained: pathlib.Path, results: pathlib.Path) -> None:
        self.results = results
        self.models = read_published(pretrained)
        self.multilingual: dict[str, tuple[int, dict[str, Any]]] = {}
        for name, record in self.models.items():
            if {part["corpus"] for part in record["parts"]} == {MTOP}:
                self.multilingual[name] = record["bytes"], _by_language(record)
        systems = (self.read("six_languages") or {"systems": {}})["systems"]
        if OURS in systems:  # the baselines beside it have a page of their own
            title = f"{systems[OURS]['title']}, six languages from labels"
            self.multilingual[title] = systems[OURS]["bytes"], systems[OURS]["languages"]

    def read(self, name: str) -> Any:
        return read_results(name, self.results)

    def records(self, name: str) -> list[dict[str, Any]]:
        return list(read_records(self.results / f"{name}.jsonl").values())


def _by_language(record: Mapping[str, Any]) -> dict[str, Any]:
    parts = record["parts"]
    if len(parts) == 1:
        return {parts[0]["language"]: record["tflite"]}
    return {part["language"]: part["tflite"] for part in parts}


def _megabytes(size: float) -> str:
    return f"{size / 1e6:.1f} MB"


def _published_bytes(row: Mapping[str, Any]) -> float:
    return row["parameters"] * row["bits"] / 8


def _mtop(page: _Page) -> str:
    published = page.read("published_mtop") or {"rows": []}
    if not page.multilingual and not published["rows"]:
        return ""
    rows: list[list[Any]] = []
    for name, (size, scores) in page.multilingual.items():
        for field in EXACT:
            values = {code: of.get(field) for code, of in scores.items()}
            if not any(value is not None for value in values.values()):
                continue
            known = [values[code] for code in LANGUAGES if values.get(code) is not None]
            mean = f"{sum(known) / len(known):.2f}" if len(known) == len(LANGUAGES) else ""
            cells = [
                f"{value:.2f}" if (value := values.get(c)) is not None else "" for c in LANGUAGES
            ]
            rows.append([f"**{name}**", _megabytes(size), SCORES[field], *cells, mean])
    for row in published["rows"]:
        note = f", {row['note']}" if "note" in row else ""
        size = f"{row['parameters'] / 1e6:g}M × {row['bits']} bits"
        cells = [f"{row['exact_match'][code]:.1f}" for code in LANGUAGES]
        title = f"*{row['name']}*{note} ({row['source']})"
        rows.append([title, size, "published, test rows", *cells, f"{row['mean']:.1f}"])
    header = ["model", "size", "exact match", *LANGUAGES, "mean"]
    return f"""## MTOP

Ours, in bold, on development rows. Rows in italics are *published*: copied from the tables of the papers that they name
(`benchmarks/results/published_mtop.json`), on **test** rows, not measured here. The rows differ, so a point between
a published score and ours says little. *Tree*: the whole tree right; *flat*: root intent and every top-level slot.

{table(header, rows)}

{_by_size(page, published["rows"])}
"""


def _by_size(page: _Page, published: Sequence[Mapping[str, Any]]) -> str:
    figure, axes = axes_of(
        "MTOP English: ours on development rows, published ones on test rows",
        "megabytes",
        "exact match, %",
    )
    for field, marker in zip(EXACT, ("s", "o"), strict=True):
        points = [
            (size / 1e6, scores["en"][field])
            for size, scores in page.multilingual.values()
            if field in scores.get("en", {})
        ]
        if points:
            axes.scatter(*zip(*points, strict=True), marker=marker, label=f"ours, {SCORES[field]}")
    for number, row in enumerate(published, start=1):
        axes.scatter(
            [_published_bytes(row) / 1e6],
            [row["exact_match"]["en"]],
            marker=f"${number}$",
            color="black",
            label=f"{row['name']}, published",
        )
    axes.set_xscale("log")
    figure.legend(loc="outside lower center", ncols=2, fontsize="x-small")
    return save_plot(figure, "exact_match_by_size")


def _languages(page: _Page) -> str:
    ours = {name: of for name, (_, of) in page.multilingual.items() if len(of) > 1}
    if not ours:
        return ""
    published = {
        row["name"]: row["exact_match"]
        for row in (page.read("published_mtop") or {"rows": []})["rows"]
        if row["name"] in ("mBERT", "pQRNN, distilled")
    }
    bars = {
        f"{name}, flat": {c: s.get("flat_exact_match") for c, s in of.items()}
        for name, of in ours.items()
    }
    bars |= {f"{name}, published, test rows": values for name, values in published.items()}
    figure, axes = axes_of("MTOP by language", "", "exact match, %")
    width = 0.8 / len(bars)
    for number, (title, values) in enumerate(bars.items()):
        places = [
            place + number * width for place, code in enumerate(LANGUAGES) if values.get(code)
        ]
        heights = [values[code] for code in LANGUAGES if values.get(code)]
        axes.bar(places, heights, width, label=title)
    middle = 0.4 - width / 2
    axes.set_xticks([place + middle for place in range(len(LANGUAGES))])
    axes.set_xticklabels([language_name(code) for code in LANGUAGES])
    axes.set_ylim(bottom=40)
    axes.legend(fontsize="x-small", loc="lower left")
    picture = save_plot(figure, "exact_match_by_language")
    parts = []
    for name, of in ours.items():
        fields = score_fields(of.values())
        rows = [
            [language_name(code), *score_cells(of[code], fields)]
            for code in LANGUAGES
            if code in of
        ]
        rows.append(["**mean**", *score_cells(mean_scores(list(of.values())), fields)])
        parts.append(f"**{name}**\n\n{table(['', *(SCORES[f] for f in fields)], rows)}")
    if page.read("six_languages") is not None:
        parts.append(
            "What was trained on which rows, and a BiLSTM and a Transformer on the same: "
            "[six_languages.md](six_languages.md)."
        )
    return "## By language\n\n" + "\n\n".join([*parts, picture]) + "\n"


def _scored(page: _Page) -> dict[str, tuple[Mapping[str, Any], int, str]]:
    """Everything with scores but MTOP's models: by title its scores, its bytes and where it is from."""
    found: dict[str, tuple[Mapping[str, Any], int, str]] = {}
    for name, record in page.models.items():
        if name not in page.multilingual:
            source = f"[pretrained/{name}](../pretrained/{name}/README.md)"
            title = " + ".join(part_titles(record["parts"])).strip() or record["parts"][0]["corpus"]
            found[f"{title} ({name})"] = record["tflite"], record["bytes"], source
    for record in page.records(TASKS):
        title = record["settings"]["corpus"]
        if record["seed"] != 1:
            title += f", seed {record['seed']}"
        found[title] = record["scores"], record["bytes"], "`benchmarks.tasks`"
    return found


def _tasks(page: _Page) -> str:
    found = _scored(page)
    if not found:
        return ""
    fields = score_fields([scores for scores, _, _ in found.values()])
    rows = [
        [
            title,
            f"{scores['rows']:,}",
            *(
                cell if "slot_f1" in scores or field == "intent_accuracy" else ""
                for cell, field in zip(score_cells(scores, fields), fields, strict=True)
            ),
            f"{size:,}",
            source,
        ]
        for title, (scores, size, source) in found.items()
    ]
    header = ["corpus", "rows", *(SCORES[field] for field in fields), "bytes", "made by"]
    scopes = [
        [
            title,
            *(
                f"{scores['out_of_scope'][name]:.2f}"
                for name in (
                    "in_scope_accuracy",
                    "out_of_scope_recall",
                    "auroc",
                    "in_scope_accuracy_untuned",
                    "out_of_scope_recall_untuned",
                )
            ),
        ]
        for title, (scores, _, _) in found.items()
        if "out_of_scope" in scores
    ]
    scope_header = ["", "in-scope accuracy", "out-of-scope recall", "area under ROC"]
    scope_header += ["in-scope accuracy, intent alone", "out-of-scope recall, intent alone"]
    out_of_scope = (
        "\nOut of scope, with the threshold of the other half of the rows and by the intent alone "
        f"([corpora.md](corpora.md)):\n\n{table(scope_header, scopes)}\n"
        if scopes
        else ""
    )
    return f"""## Other tasks

Small models trained on the labels of one corpus, 8-bit weights. Those of `benchmarks.tasks` share one
configuration. Slot F1 counts a slot by its name and words; the F1 of BIO tags counts it by name and place, as
conlleval does: that is the slot F1 of papers on SNIPS.

{table(header, rows)}
{out_of_scope}"""


def _noise(page: _Page) -> str:
    scores = {name: record["tflite"] for name, record in page.models.items()}
    scores |= {
        title: of for title, (of, _, source) in _scored(page).items() if source.startswith("`")
    }
    scores = {title: of for title, of in scores.items() if of.get("typos")}
    if not scores:
        return ""
    shares = sorted({noisy["share"] for of in scores.values() for noisy in of["typos"]})
    rows = []
    for title, of in scores.items():
        field = "flat_exact_match" if "slot_f1" in of else "intent_accuracy"
        under = {noisy["share"]: noisy for noisy in of["typos"]}
        cells = [
            f"{under[share][field]:.2f} (−{of[field] - under[share][field]:.2f})"
            if share in under
            else ""
            for share in shares
        ]
        rows.append([title, SCORES[field], f"{of[field]:.2f}", *cells])
    header = ["model", "score", "as written", *(f"{100 * s:g} % of the words" for s in shares)]
    return f"""## Typing errors

The same rows with keyboard errors in a share of the words of each (`evaluate --typos`, [corpora.md](corpora.md)).

{table(header, rows)}
"""


def _published_bits(page: _Page) -> str:
    rows = []
    for name, record in page.models.items():
        if "keras" not in record:
            continue
        field = EXACT[0] if EXACT[0] in record["tflite"] else EXACT[1]
        ours, floats = record["tflite"], record["keras"]
        rows.append(
            [
                name,
                *(f"{scores[EXACT[1]]:.2f}" for scores in (floats, ours)),
                f"{ours[EXACT[1]] - floats[EXACT[1]]:+.2f}",
                f"{ours[field] - floats[field]:+.2f}" if field == EXACT[0] else "",
                f"{ours['intent_accuracy'] - floats['intent_accuracy']:+.2f}",
                f"{ours['slot_f1'] - floats['slot_f1']:+.2f}",
                f"{100 * record['parity']['same_parse']:.2f} %",
            ]
        )
    if not rows:
        return ""
    header = ["model", "floats, in Keras", "8-bit weights", "difference", "of tree exact match"]
    header += ["of intent accuracy", "of slot F1", "same parse"]
    return f"""## What 8 bits cost

The published models, flat exact match of the training's own floats and of the 8-bit .tflite on the stock runtime:

{table(header, rows)}
"""


def _bits(page: _Page) -> str:
    found = page.read("quantization")
    if found is None:
        return ""
    rows = []
    for title, entry in found["models"].items():
        floats = entry["rows"][0]["scores"]["flat_exact_match"]
        for row in entry["rows"]:
            scores = row["scores"]
            if row["variant"] == "keras":
                variant = "floats, in Keras"
                cells = ["", "", ""]
            else:
                variant = BITS[row["variant"]]
                cells = [
                    f"{row['bytes']:,}",
                    f"{100 * row['same_parse']:.2f} %",
                    f"{row['time']['median_us']:.0f} / {row['time']['p90_us']:.0f}",
                ]
            exact = scores["flat_exact_match"]
            rows.append(
                [
                    title,
                    row["training"],
                    variant,
                    f"{exact:.2f}",
                    f"{exact - floats:+.2f}",
                    f"{scores['intent_accuracy']:.2f}",
                    f"{scores['slot_f1']:.2f}" if "slot_f1" in scores else "",
                    *cells,
                ]
            )
    header = ["model", "trained with", "what runs", "flat exact match", "over floats"]
    header += ["intent accuracy", "slot F1", "bytes", "same parse as Keras", "logits, µs"]
    stamps = "\n".join(
        f"- {title}: {made(entry['stamp'])}" for title, entry in found["models"].items()
    )
    return f"""## Kinds of quantisation

One training, in several formats (`python -m benchmarks.quantization`). *8-bit weights* (`--quantization
int8_weights`, the default) rounds what goes into a matrix product anew for each utterance; *8-bit weights and
activations* (`--quantization int8`) also rounds what comes out and the gates, in ranges that were calibrated on
training rows. The projection is exact in all of them. *Quantisation-aware*: trained on for a few epochs with this
rounding (`train --quantized_from`).
Microseconds are median / 90th percentile, one thread, all files of a training in turns.

{table(header, rows)}

{stamps}
"""


def _ablations(page: _Page) -> str:
    parts = [
        "## Ablations\n\nTeacher, recipes, temperature and transfer text: [distillation.md](distillation.md).\n"
    ]
    if one_at_a_time := ablation_section(page.records(ABLATION)):
        parts.append(one_at_a_time)
    known = {TASKS, DISTILLATION.stem, ABLATION}
    for path in sorted(page.results.glob("*.jsonl")):
        if path.stem in known:
            continue
        of_row: dict[str, list[Mapping[str, Any]]] = {}
        for record in page.records(path.stem):
            of_row.setdefault(record["row"], []).append(record)
        fields = score_fields(run["scores"] for runs in of_row.values() for run in runs)
        rows = [
            [row, len(runs), *score_cells(mean_scores([run["scores"] for run in runs]), fields)]
            for row, runs in of_row.items()
        ]
        title = path.stem.replace("_", " ").capitalize()
        parts.append(
            f"### {title}\n\nMeans over the seeds.\n\n"
            f"{table(['', 'seeds', *(SCORES[field] for field in fields)], rows)}\n"
        )
    return "\n".join(parts)


SECTIONS: tuple[Callable[[_Page], str], ...] = (
    _mtop,
    _languages,
    _tasks,
    _noise,
    _published_bits,
    _bits,
    _ablations,
)


def render(pretrained: pathlib.Path = PRETRAINED, results: pathlib.Path = RESULTS) -> str:
    """The page; sections without a result are left out.

    Args:
        pretrained: Folder of the published models.
        results: Folder of results.

    Raises:
        ValueError: if a file of results is damaged.
    """
    page = _Page(pretrained, results)
    return "\n".join([_HEAD, *filter(None, (section(page) for section in SECTIONS))])
