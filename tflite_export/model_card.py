"""The card of a published model, rendered from what was measured. Needs no TensorFlow."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pqrnn_tf.datasets.corpora.registry import CORPORA, Corpus
from pqrnn_tf.runtime.confidence import Rejection
from pqrnn_tf.runtime.metadata import Metadata
from tflite_export.reliability import PLOT

LANGUAGE_NAMES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "nl": "Dutch",
    "pt": "Portuguese",
    "th": "Thai",
    "tr": "Turkish",
    "zh": "Chinese",
}

SCORES = {
    "tree_exact_match": "tree exact match",
    "flat_exact_match": "flat exact match",
    "intent_accuracy": "intent accuracy",
    "slot_f1": "slot F1",
    "tag_f1": "slot F1 of BIO tags (conlleval)",
}
"""Columns of a table of scores: fields of `pqrnn_tf.tasks.metrics.Scores` and their headings."""

_SHARES_OF_ROWS = ("tree_exact_match", "flat_exact_match", "intent_accuracy")
_ROUNDED = 0.006
"""A score that is rounded to two digits is nearer than this to what it was."""

_EXPLANATIONS = {
    "tree_exact_match": "Tree exact match: the whole tree right, with everything that is nested in it.",
    "flat_exact_match": (
        "Flat exact match: root intent and every top-level slot (name and words) right; the words of "
        "a nested slot are its leaves."
    ),
    "tag_f1": (
        "Slot F1 counts name and words; that of BIO tags counts name and place, as conlleval does, and "
        "is what papers report."
    ),
}

_OF_WAYS = {"flat_exact_match": "lost", "intent_accuracy": "lost_intents"}
"""Scores of rows that were written in other ways, and what is lost of each."""
SHOWN_WAYS = 15
"""Ways of writing that a card shows, those that cost most."""

_TEMPLATE = """# {name}

{what} of {languages} utterances in {label_set}, from raw text: one .tflite for any stock LiteRT runtime.

| | |
|---|---|
| file | `model.tflite`, {size:,} bytes, quantization: {quantization} |
| projection | version {projection}, up to {max_code_points} code points and {max_tokens} tokens |
| labels | {labels} (`labels.json`) |
| data | {data} |
| licence | {licence} |
| made with | {versions} |

## Scores on the development set

From raw text; all {rows:,} rows count.

{scores}

{explanations}{parity}The numbers are those of `scores.json`, which the last command below writes.
Development rows were not trained on; {selection}.
{parts}{plot}{surface}
## Made by

```bash
{commands}
```

Training configuration: `config.json`.

## Limits

{limits}
"""


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def score_fields(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """The fields of `SCORES` that some records of scores have.

    Exact match of a corpus with intents only is intent accuracy, and is left out.
    """
    held = {name for record in records for name in record}
    if "slot_f1" not in held:
        held -= {"tree_exact_match", "flat_exact_match"}
    return [name for name in SCORES if name in held]


def score_cells(record: Mapping[str, Any], fields: Sequence[str]) -> list[str]:
    """The scores of a record in the order of `fields`; what it lacks is empty."""
    return [f"{record[name]:.2f}" if record.get(name) is not None else "" for name in fields]


def confidence_lines(record: Mapping[str, Any]) -> list[str]:
    """Sentences about scores and rejection of a record; none where it has nothing of them."""
    lines = []
    if "calibration_error" in record:
        lines.append(
            f"Calibration error of the scores: {record['calibration_error']:.2f} points, of intent scores "
            f"{record['intent_calibration_error']:.2f}."
        )
    scope = record.get("out_of_scope")
    if scope is not None:
        lines.append(
            f"Out of scope: {scope['out_of_scope_recall']:.2f} % are rejected, {scope['in_scope_accuracy']:.2f} % of "
            f"the others are right and not rejected; area under the ROC curve {scope['auroc']:.2f}."
        )
    return lines


def rejection_line(rejection: Rejection | None) -> str:
    """A sentence about the threshold of a file, and what chose it; empty without one."""
    if rejection is None:
        return ""
    chosen = rejection.notes.get("chosen_on", {})
    by = join_names(f"{rows:,} {what}" for what, rows in chosen.items())
    rate = rejection.notes.get("rate")
    wanted = "" if rate is None else f", so that at most {100 * rate:g} % of these get one"
    return "Below a threshold requests get no intent" + (f"; {by} chose it{wanted}." if by else ".")


def way_title(record: Mapping[str, Any]) -> str:
    """The name of a way of writing in a table.

    Args:
        record: What `pqrnn_tf.tasks.surface.surface_losses` says of it; only `form` and `share` are read.
    """
    title = record["form"].replace("_", " ")
    if "share" in record:
        title = f"errors, {title}, {100 * record['share']:g} % of the words"
    return title


def surface_table(records: Iterable[Mapping[str, Any]], clean: Mapping[str, Any]) -> str:
    """What each way of writing costs one model; of one with intents only, in intent accuracy.

    Args:
        records: What `pqrnn_tf.tasks.surface.surface_losses` says of each.
        clean: Scores of the rows as they are.
    """
    field, *others = [name for name in score_fields([clean]) if name in _OF_WAYS]
    lost = [_OF_WAYS[name] for name in (field, *others)]
    rows = [
        [
            way_title(record),
            f"{record['changed']:,}",
            f"{record[field]:.2f}",
            *(f"{record[name]:+.2f}" for name in lost),
        ]
        for record in records
    ]
    first = ["as it is", "0", f"{clean[field]:.2f}", *[""] * len(lost)]
    header = ["written", "rows changed", SCORES[field], "points lost"]
    return table([*header, *(f"{SCORES[name]} lost" for name in others)], [first, *rows])


def losses_table(
    columns: Mapping[str, Sequence[Mapping[str, Any]]], last: Iterable[Sequence[Any]] = ()
) -> str:
    """The points that each way of writing costs, for several models or languages side by side.

    Args:
        columns: Their titles, and what `pqrnn_tf.tasks.surface.surface_losses` says of each.
        last: More rows, below the others.
    """
    lost = {
        title: {way_title(record): f"{record['lost']:+.2f}" for record in records}
        for title, records in columns.items()
    }
    ways = dict.fromkeys(way for of in lost.values() for way in of)
    rows = [[way, *(of.get(way, "") for of in lost.values())] for way in ways]
    return table(["points lost", *lost], [*rows, *last])


def part_titles(parts: Sequence[Mapping[str, str]]) -> list[str]:
    """Names of the parts of a development set, by what distinguishes them.

    Args:
        parts: For each part `corpus`, `language` and `data`.
    """
    several = {key: len({part[key] for part in parts}) > 1 for key in ("corpus", "language")}
    titles = [
        " ".join(
            name
            for key, name in (
                ("corpus", part["corpus"]),
                ("language", language_name(part["language"])),
            )
            if several[key]
        )
        for part in parts
    ]
    return titles if len(set(titles)) == len(parts) else [part["data"] for part in parts]


def mean_scores(records: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The mean of each score that all records have, each record counting once."""
    shared = [name for name in SCORES if all(name in record for record in records)]
    return {
        name: sum(_unrounded(record, name) for record in records) / len(records) for name in shared
    }


def _unrounded(record: Mapping[str, Any], name: str) -> float:
    """A score as it was before it was rounded, where it is a share of the rows."""
    value, rows = float(record[name]), record.get("rows")
    if not rows or name not in _SHARES_OF_ROWS:
        return value
    exact = 100 * round(value * rows / 100) / rows
    return exact if abs(exact - value) < _ROUNDED else value


def language_name(code: str) -> str:
    """The English name of a language, or the code where it has none here."""
    return LANGUAGE_NAMES.get(code, code)


def join_names(names: Iterable[str]) -> str:
    """Names as a list in a sentence, each once: `a, b and c`."""
    distinct = list(dict.fromkeys(names))
    return " and ".join(filter(None, (", ".join(distinct[:-1]), distinct[-1])))


def render_card(name: str, record: Mapping[str, Any], metadata: Metadata) -> str:
    """The card as Markdown.

    Args:
        name: Name of the model.
        record: Content of its `scores.json`, as `recipes.publish` writes it.
        metadata: The description inside its file.

    Raises:
        KeyError: if the record lacks a value.
        ValueError: if a corpus is not one of `pqrnn_tf.datasets.CORPORA`.
    """
    labels, spec, parts = metadata.labels, metadata.spec, record["parts"]
    corpora = [_corpus(part["corpus"]) for part in parts]
    names = join_names(corpus.name for corpus in corpora)
    languages = join_names(language_name(part["language"]) for part in parts)
    slots = len(labels.slot_names)
    fields = score_fields([record["tflite"]])
    return _TEMPLATE.format(
        name=name,
        what="Intent and slots" if slots else "Intent",
        languages=languages,
        label_set=f"the label set{'s' if len(set(corpora)) > 1 else ''} of {names}",
        size=record["bytes"],
        quantization=metadata.quantization,
        projection=spec.version,
        max_code_points=spec.max_code_points,
        max_tokens=spec.max_tokens,
        labels=f"{len(labels.intents)} intents" + (f", {slots} slots" if slots else ""),
        data="; ".join(
            [
                *(
                    f"{corpus.name} ({corpus.citation}), training rows, {corpus.licence}"
                    for corpus in dict.fromkeys(corpora)
                ),
                *record["other_data"],
            ]
        ),
        licence=metadata.licence,
        versions=", ".join(f"{key} {value}" for key, value in record["versions"].items()),
        rows=record["tflite"]["rows"],
        scores=_scores(record, fields, "floats" if metadata.quantization == "none" else "8 bits"),
        explanations="".join(f"{_EXPLANATIONS[f]}\n" for f in fields if f in _EXPLANATIONS),
        parity=_parity(record, metadata.quantization)
        + _calibration(record["tflite"], metadata)
        + _scope(record["tflite"], metadata),
        selection=record["selection"],
        parts=_parts(parts),
        plot=f"\n![How often a score is right]({PLOT})\n"
        if shows_reliability(record, metadata)
        else "",
        surface=_surface(record["tflite"].get("surface", ()), record["tflite"]),
        commands="\n".join([*record["commands"], record["published_by"]]),
        limits="\n".join(f"- {limit}" for limit in _limits(record, metadata, languages, names)),
    )


def _corpus(name: str) -> Corpus:
    known = {corpus.name: corpus for corpus in CORPORA}
    if name not in known:
        raise ValueError(
            f"`record` must name corpora of {sorted(known)}. Received: {name!r}. Publish the model again."
        )
    return known[name]


def _scores(record: Mapping[str, Any], fields: Sequence[str], weights: str) -> str:
    ours = score_cells(record["tflite"], fields)
    rows = [[f"{weights}, on the stock runtime", f"**{ours[0]}**", *ours[1:]]]
    if "keras" in record:
        rows.append(["floats, in Keras", *score_cells(record["keras"], fields)])
    return table(["", *(SCORES[field] for field in fields)], rows)


def _parity(record: Mapping[str, Any], quantization: str) -> str:
    parity = record["parity"]
    cut = (
        ", and activations beyond their calibrated ranges are cut" if quantization == "int8" else ""
    )
    return (
        f"{100 * parity['same_parse']:.2f} % of the parses are the same in the .tflite and in Keras, and no "
        f"logit differs by\nmore than {parity['largest_difference']:.3f} (the quantisation step explains "
        f"up to {parity['tolerance']:.3f}{cut}).\n"
    )


def shows_reliability(record: Mapping[str, Any], metadata: Metadata) -> bool:
    """Whether the card of a published model shows how often its scores are right, in the file `PLOT` beside it.

    Args:
        record, metadata: As `render_card` takes them.
    """
    return bool(record["tflite"].get("reliability")) and metadata.calibration is not None


def _calibration(scores: Mapping[str, Any], metadata: Metadata) -> str:
    if "calibration_error" not in scores or metadata.calibration is None:
        return ""
    return (
        f"Scores are calibrated: the expected calibration error (15 bins of equal width) is "
        f"{scores['calibration_error']:.2f} points,\nof intent scores "
        f"{scores['intent_calibration_error']:.2f}; each half of the rows scored by what was fitted on the other one; "
        "the file has\nwhat was fitted on all (`docs/scores.md`).\n"
    )


def _scope(scores: Mapping[str, Any], metadata: Metadata) -> str:
    scope = scores.get("out_of_scope")
    if scope is None:
        line = rejection_line(metadata.rejection)
        return f"{textwrap.fill(line, 120)}\n" if line else ""
    if metadata.rejection is not None:
        return (
            f"Out of scope: the threshold in the file rejects {scope['out_of_scope_recall']:.2f} % of the requests "
            f"that belong to no intent;\n{scope['in_scope_accuracy']:.2f} % of the others are right and not rejected "
            f"(area under the ROC curve {scope['auroc']:.2f}).\n"
        )
    return (
        f"Out of scope: {scope['in_scope_accuracy']:.2f} in-scope accuracy and "
        f"{scope['out_of_scope_recall']:.2f} out-of-scope recall with the threshold\nof the other half of "
        f"the rows, area under the ROC curve {scope['auroc']:.2f}; by the intent only "
        f"{scope['in_scope_accuracy_untuned']:.2f} and\n{scope['out_of_scope_recall_untuned']:.2f}.\n"
    )


def _parts(parts: Sequence[Mapping[str, Any]]) -> str:
    if len(parts) == 1:
        return ""
    scores = [part["tflite"] for part in parts]
    fields = score_fields(scores)
    rows: list[list[Any]] = [
        [title, part["tflite"]["rows"], *score_cells(part["tflite"], fields)]
        for title, part in zip(part_titles(parts), parts, strict=True)
    ]
    mean = score_cells(mean_scores(scores), fields)
    rows.append(["mean", "", *(f"**{cell}**" if cell else "" for cell in mean)])
    return f"\n{table(['', 'rows', *(SCORES[field] for field in fields)], rows)}\n"


def _surface(records: Sequence[Mapping[str, Any]], clean: Mapping[str, Any]) -> str:
    if not records:
        return ""
    ordered = sorted(records, key=lambda record: -record["lost"])
    shown, others = ordered[:SHOWN_WAYS], ordered[SHOWN_WAYS:]
    rest = f"\nThe {len(others)} others lose {others[0]['lost']:.2f} at most.\n" if others else ""
    errors = sum("share" in record for record in records)
    return (
        f"\n## Written in other ways\n\nThe same rows in {len(records) - errors} other forms, and with {errors} kinds "
        f"and shares of errors (`pqrnn evaluate\n--surface`); those that cost most:\n\n"
        f"{surface_table(shown, clean)}\n{rest}"
    )


def _limits(
    record: Mapping[str, Any], metadata: Metadata, languages: str, corpora: str
) -> Iterable[str]:
    labels = metadata.labels
    if labels.nested:
        yield (
            "Nested intents inside a slot are opened where training rows have such a path more than "
            "once;\n  rarer ones are not."
        )
    elif "tree_exact_match" in record["tflite"]:
        yield "One pass, flat: nested intents inside a slot are not opened."
    if any(tag.startswith("G-") for tag in labels.tags):
        yield (
            "A slot with a gap is found; its offsets are those of its hull, its words in the tree are "
            "its own."
        )
    yield (
        f"{languages} only; other languages give some parse with a low score. "
        + (
            "The score is the model's own\n  probability and was not calibrated."
            if metadata.calibration is None
            else "Scores are calibrated on the\n  development rows, which are more like training rows than requests "
            "of users."
        )
    )
    yield (
        "Our parsers compose letters and leave out invisible characters. Other characters count as they are."
        if metadata.spec.version == 1
        else "Our parsers fold what a text can be written with (docs/projection.md). Whoever feeds the graph itself "
        "folds first."
    )
    yield (
        f"Names, places and dates are those of {corpora}'s annotators. Do not use it where a wrong parse "
        "does harm."
    )
