"""Tables of docs/results.md and README.md: the published models, models of other tasks, and quantisation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.measured import Measured
from benchmarks.quantization import BITS
from benchmarks.quantization import NAME as QUANTIZATION
from benchmarks.tables.six_languages import OURS
from benchmarks.tasks import NAME as TASKS
from pqrnn_tf.tasks.surface import KEYBOARD
from tflite_export.model_card import (
    SCORES,
    language_name,
    mean_scores,
    part_titles,
    score_cells,
    score_fields,
    table,
)

LANGUAGES = ("en", "es", "fr", "de", "hi", "th")
"""In the order of the published tables."""
MTOP = "MTOP"
PAPERS = "published_mtop"
"""File with the tables of papers."""
EXACT = ("tree_exact_match", "flat_exact_match")
_SCOPE = {
    "in_scope_accuracy": "in-scope accuracy",
    "out_of_scope_recall": "out-of-scope recall",
    "auroc": "area under ROC",
    "in_scope_accuracy_untuned": "in-scope accuracy, by the intent only",
    "out_of_scope_recall_untuned": "out-of-scope recall, by the intent only",
}


def models(measured: Measured) -> str:
    """For README.md: the published models and their scores."""
    fields = (EXACT[1], EXACT[0], "intent_accuracy", "slot_f1")
    rows = []
    for name, record in measured.published().items():
        data = record["parts"][0]["corpus"]
        languages = len(part_titles(record["parts"]))
        if languages > 1:
            data += f", mean of {languages} languages"
        scores = _cells(record["tflite"], fields)
        link = f"[{name}](pretrained/{name}/README.md)"
        rows.append([link, f"{record['bytes'] / 1e6:.2f} MB", data, *scores])
    header = ["model", "file", "development rows of", *(SCORES[field] for field in fields)]
    return table(header, rows)


def _cells(scores: Mapping[str, Any], fields: Sequence[str]) -> list[str]:
    """The cells of some scores; exact match of a model with intents only is intent accuracy, and is left out."""
    shown = score_fields([scores])
    return score_cells({name: scores[name] for name in shown}, fields)


def multilingual(measured: Measured) -> dict[str, tuple[int, dict[str, Any]]]:
    """Bytes, and scores by language, of each model of MTOP, by title."""
    found: dict[str, tuple[int, dict[str, Any]]] = {}
    for name, record in measured.published().items():
        parts = record["parts"]
        if {part["corpus"] for part in parts} == {MTOP}:
            scores = {part["language"]: part.get("tflite", record["tflite"]) for part in parts}
            found[name] = record["bytes"], scores
    ours = measured.read("six_languages")["systems"][OURS]
    title = f"{ours['title']}, six languages from labels"
    return {**found, title: (ours["bytes"], ours["languages"])}


def mtop(measured: Measured) -> str:
    """Ours on development rows, and published ones on test rows."""
    rows: list[list[Any]] = []
    for name, (size, scores) in multilingual(measured).items():
        for field in EXACT:
            own = [scores.get(code, {}) for code in LANGUAGES]
            if any(field in one for one in own):
                mean = mean_scores(own).get(field)
                cells = [f"{one[field]:.2f}" if field in one else "" for one in own]
                megabytes = f"{size / 1e6:.1f} MB"
                average = "" if mean is None else f"{mean:.2f}"
                rows.append([f"**{name}**", megabytes, SCORES[field], *cells, average])
    for row in measured.read(PAPERS)["rows"]:
        note = f", {row['note']}" if "note" in row else ""
        size_text = f"{row['parameters'] / 1e6:g}M × {row['bits']} bits"
        cells = [f"{row['exact_match'][code]:.1f}" for code in LANGUAGES]
        title = f"*{row['name']}*{note} ({row['source']})"
        rows.append([title, size_text, "published, test rows", *cells, f"{row['mean']:.1f}"])
    return table(["model", "size", "exact match", *LANGUAGES, "mean"], rows)


def by_language(measured: Measured) -> str:
    """Each score of the models of several languages, by language."""
    ours = {name: of for name, (_, of) in multilingual(measured).items() if len(of) > 1}
    fields = score_fields(scores for of in ours.values() for scores in of.values())
    rows = []
    for name, of in ours.items():
        rows += [
            [name, language_name(code), *score_cells(of[code], fields)]
            for code in LANGUAGES
            if code in of
        ]
        rows.append([name, "**mean**", *score_cells(mean_scores(list(of.values())), fields)])
    return table(["model", "", *(SCORES[field] for field in fields)], rows)


def _scored(measured: Measured) -> dict[str, tuple[Mapping[str, Any], int, str]]:
    """Everything with scores except MTOP's models: by title its scores, its bytes and where it is from."""
    found: dict[str, tuple[Mapping[str, Any], int, str]] = {}
    for name, record in measured.published().items():
        if {part["corpus"] for part in record["parts"]} != {MTOP}:
            source = f"[pretrained/{name}](../pretrained/{name}/README.md)"
            title = " + ".join(part_titles(record["parts"])).strip() or record["parts"][0]["corpus"]
            found[f"{title} ({name})"] = record["tflite"], record["bytes"], source
    for record in measured.read(TASKS):
        title = record["settings"]["corpus"]
        if record["seed"] != 1:
            title += f", seed {record['seed']}"
        found[title] = record["scores"], record["bytes"], "`benchmarks.tasks`"
    return found


def tasks(measured: Measured) -> str:
    """Models of other corpora than MTOP."""
    found = _scored(measured)
    fields = score_fields([scores for scores, _, _ in found.values()])
    rows = [
        [
            title,
            f"{scores['rows']:,}",
            *_cells(scores, fields),
            f"{size:,}",
            source,
        ]
        for title, (scores, size, source) in found.items()
    ]
    header = ["corpus", "rows", *(SCORES[field] for field in fields), "bytes", "made by"]
    return table(header, rows)


def out_of_scope(measured: Measured) -> str:
    """Rows that belong to no intent."""
    rows = [
        [title, *(f"{scores['out_of_scope'][name]:.2f}" for name in _SCOPE)]
        for title, (scores, _, _) in _scored(measured).items()
        if "out_of_scope" in scores
    ]
    return table(["", *_SCOPE.values()], rows)


def typing_errors(measured: Measured) -> str:
    """What keyboard errors cost each model."""
    scores = {name: record["tflite"] for name, record in measured.published().items()}
    scores |= {r["settings"]["corpus"]: r["scores"] for r in measured.read(TASKS) if r["seed"] == 1}
    noisy = {title: _keyboard_errors(of) for title, of in scores.items() if _keyboard_errors(of)}
    shares = sorted({record["share"] for records in noisy.values() for record in records})
    rows = []
    for title, records in noisy.items():
        of = scores[title]
        field = EXACT[1] if "slot_f1" in of else "intent_accuracy"
        under = {record["share"]: record[field] for record in records}
        cells = [
            f"{under[share]:.2f} (−{of[field] - under[share]:.2f})" if share in under else ""
            for share in shares
        ]
        rows.append([title, SCORES[field], f"{of[field]:.2f}", *cells])
    header = ["model", "score", "as written", *(f"{100 * s:g} % of the words" for s in shares)]
    return table(header, rows)


def _keyboard_errors(scores: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The scores under keyboard errors, whichever flag measured them."""
    ways = [*scores.get("surface", ()), *scores.get("typos", ())]
    return [record for record in ways if record.get("form", KEYBOARD) == KEYBOARD]


def published_bits(measured: Measured) -> str:
    """What 8 bits cost the published models, but for those that reject rows: floats have no threshold."""
    rows = []
    for name, record in measured.published().items():
        if "keras" not in record or "out_of_scope" in record["tflite"]:
            continue
        ours, floats = record["tflite"], record["keras"]
        gains = [
            f"{ours[field] - floats[field]:+.2f}" if field in ours else ""
            for field in (EXACT[1], EXACT[0], "intent_accuracy", "slot_f1")
        ]
        both = [f"{scores[EXACT[1]]:.2f}" for scores in (floats, ours)]
        rows.append([name, *both, *gains, f"{100 * record['parity']['same_parse']:.2f} %"])
    header = ["model", "floats, in Keras", "8-bit weights", "difference", "of tree exact match"]
    return table([*header, "of intent accuracy", "of slot F1", "same parse"], rows)


def quantization(measured: Measured) -> str:
    """One training in several formats."""
    rows = []
    for title, entry in measured.read(QUANTIZATION)["models"].items():
        floats = entry["rows"][0]["scores"][EXACT[1]]
        for row in entry["rows"]:
            scores = row["scores"]
            variant, cells = "floats, in Keras", ["", "", ""]
            if row["variant"] != "keras":
                variant = BITS[row["variant"]]
                cells = [
                    f"{row['bytes']:,}",
                    f"{100 * row['same_parse']:.2f} %",
                    f"{row['time']['median_us']:.0f} / {row['time']['p90_us']:.0f}",
                ]
            exact = [f"{scores[EXACT[1]]:.2f}", f"{scores[EXACT[1]] - floats:+.2f}"]
            others = score_cells(scores, ("intent_accuracy", "slot_f1"))
            rows.append([title, row["training"], variant, *exact, *others, *cells])
    header = ["model", "trained with", "what runs", SCORES[EXACT[1]], "over floats"]
    header += ["intent accuracy", "slot F1", "bytes", "same parse as Keras", "logits, µs"]
    return table(header, rows)


TABLES: Mapping[str, Callable[[Measured], str]] = {
    "models": models,
    "mtop": mtop,
    "by_language": by_language,
    "tasks": tasks,
    "out_of_scope": out_of_scope,
    "typing_errors": typing_errors,
    "published_bits": published_bits,
    "quantization": quantization,
}
