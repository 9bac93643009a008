"""docs/six_languages.md, rendered from benchmarks/results/six_languages.json; `benchmarks.render` writes it."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import Any

from benchmarks.confusion_counts import KINDS
from benchmarks.pages import axes_of, made, read_published, read_results, save_plot, table
from benchmarks.records import RESULTS, ROOT
from tflite_export.model_card import SCORES, language_name

PAGE = ROOT / "docs" / "six_languages.md"
OURS = "pqrnn"
STUDENT = "mtop_6_2mb"
"""Published model that learned from the systems together."""

_HEAD = """# Six languages, one model

Written by `python -m benchmarks.render` from `benchmarks/results/six_languages.json`; do not edit the tables
here, and the prose in `benchmarks/six_languages_page.py`.

One model for English, German, Spanish, French, Hindi and Thai, and two baselines of two million parameters with
learned embeddings, a BiLSTM and a Transformer (`recipes/baselines`): the same rows, batches, heads, losses,
decoder, steps, schedule and seed, from labels alone.
"""

_DATA = """## Data

English rows are those of MTOP with trees and all intents. The other languages have MTOP's flat rows of the most
frequent intents, about three quarters of the corpus; the rest comes from templates that were written for this
project (`recipes/mtop_templates`). Development rows are MTOP's parallel ones, the same utterances in every
language; training rows with the text of one of them are left out. Where the two layouts differ:

- BIO tags cannot say that a slot has a gap. A TODO around a DATE_TIME, or around German `zu`, has several tags
  `B-TODO` in the flat rows and is one slot in the trees; the reader joins them (`datasets.joined_spans`).
- A nested slot is its leaves in a tree (`remind me to [TODO call [CONTACT Ann]]` is the TODO `Ann`) and all its words
  in a flat row (`call Ann`). The reader opens a TODO that is nothing but a call (`datasets.opened_calls`). Other
  nested slots cannot be told from plain ones, such as `dinner with Ann`, of which the trees leave `with` out: of
  the development rows, less than one in a hundred.
- Thai has its words separated by spaces, in both layouts. The projection keeps them (`segmentation: "words"`).

## The baselines

A token's vector is the sum of the embeddings of its word pieces, learned from the training rows, and of a
projection of its shape (capitals, digits, punctuation). So no word is unknown, and frequent words have an embedding
of their own. The BiLSTM has two layers of 128 units a direction, the Transformer four layers 128 wide with four
heads, normalised first. The peak of the learning rate is the configuration's; that of the Transformer is half of it,
that of ours twice. Rate and features of ours were chosen by four short runs, of at most two passes over an earlier
form of the training rows, scored on the development rows; the baselines were not tuned so.
"""

_RUNNING = """## Running it

```bash
python -m benchmarks.six_languages --data mtop_en --data mtop_flat:de,es,fr,hi,th --development mtop_parallel:all \\
    --templates recipes/mtop_templates --template_rows 6000 --config recipes/students/six_languages.json \\
    --output runs/six
python -m benchmarks.six_languages … --model pretrained/mtop_6_2mb/model.tflite  # the same flags: where it errs
python -m benchmarks.render
```

A killed run goes on when it is started again, `--only bilstm` does a part. `python -m pqrnn_tf.train` with the same
flags makes the model alone.
"""


def render(
    results: pathlib.Path = RESULTS, *, models: Mapping[str, Mapping[str, Any]] | None = None
) -> str:
    """The page; without results, without tables.

    Args:
        results: Folder of the results.
        models: `scores.json` of each published model, by name; `None` for those under `pretrained/`.
    """
    content = read_results("six_languages", results) or {}
    measured = _measured(content) if content.get("systems") else ""
    errors = _errors(content["errors"]) if "errors" in content else ""
    models = read_published() if models is None else models
    taught = _taught(content, models[STUDENT]) if "teacher" in content and STUDENT in models else ""
    return "\n".join(filter(None, (_HEAD, measured, taught, errors, _DATA, _RUNNING)))


def _taught(content: Mapping[str, Any], student: Mapping[str, Any]) -> str:
    """The systems together as a teacher, and the published model that has learned from them."""
    score = "flat_exact_match"
    languages = list(content["teacher"]["languages"])
    own = {part["language"]: part["tflite"][score] for part in student["parts"]}
    lines = {
        "teacher: the systems together": _exact(content["teacher"]),
        f"`{STUDENT}`, which learned from it": [own[language] for language in languages],
    }
    if OURS in content["systems"]:
        lines[f"{content['systems'][OURS]['title']}, from labels alone"] = _exact(
            content["systems"][OURS]
        )
    means = {title: sum(values) / len(values) for title, values in lines.items()}
    rows = [
        [title, *(f"{value:.2f}" for value in values), f"**{means[title]:.2f}**"]
        for title, values in lines.items()
    ]
    teacher, taught = list(means.values())[:2]
    weights = ", ".join(f"{weight:.2f}" for weight in content["teacher"]["weights"])
    return f"""## With a teacher

Systems that err in different places are together a better teacher than each of them: the mean of
their logits, with weights of {weights}, answers the training rows, copies of these with other slot values and
typing errors, and English text without labels.
The published model learned from these answers (its card has the commands, and says which systems taught). Flat exact
match, the same rows:

{table(["", *map(language_name, languages), "mean"], rows)}

`{STUDENT}`, {student["bytes"]:,} bytes, keeps {100 * taught / teacher:.1f} % of its teacher's exact match.
"""


def _exact(record: Mapping[str, Any]) -> list[float]:
    return [scores["flat_exact_match"] for scores in record["languages"].values()]


def _measured(content: Mapping[str, Any]) -> str:
    systems = [content["systems"][name] for name in content["systems"]]
    languages = list(systems[0]["languages"])
    exact = [
        [
            system["title"],
            *(f"{system['languages'][name]['flat_exact_match']:.2f}" for name in languages),
            f"**{system['mean']['flat_exact_match']:.2f}**",
        ]
        for system in systems
    ]
    sizes = [
        [
            system["title"],
            f"{system['parameters']:,}",
            _file_size(system),
            f"{system['mean']['intent_accuracy']:.2f}",
            f"{system['mean']['slot_f1']:.2f}",
            f"{system['steps']:,}",
            "" if system["seconds"] is None else f"{system['seconds'] / 60:.0f}",
        ]
        for system in systems
    ]
    asked = content["asked"]
    rows = asked["development"]["rows"] // len(languages)
    return f"""## Flat exact match

Root intent and every top-level slot (name and words) right; {rows} development rows a language.

{table(["", *map(language_name, languages), "mean"], exact)}

{_distances(content["systems"])}
{_picture(systems, languages)}

{table(["", "parameters", "file", "intent accuracy, mean", "slot F1, mean", "steps", "minutes"], sizes)}

{asked["training"]["rows"]:,} rows a pass, {asked["batch_size"]} a step. Ours is scored as it ships, through the 8-bit
.tflite on the stock runtime; the baselines as they were trained, with floats. No system learned from a teacher. The
machine did other work too, so that minutes do not compare.

{made(content["stamp"])}
"""


def _errors(measured: Mapping[str, Any]) -> str:
    """Where one model errs, and how."""
    languages = measured["languages"]
    names = [language_name(language) for language in languages]
    rows = []
    for title, part in (
        ("intents with labelled rows in every language", "everywhere"),
        ("other intents: labelled in English, templates elsewhere", "elsewhere"),
    ):
        count = next(iter(languages.values()))[part]["rows"]
        for score in ("flat_exact_match", "intent_accuracy"):
            values = [scores[part][score] for scores in languages.values()]
            cells = [f"{value:.2f}" for value in (*values, sum(values) / len(values))]
            rows.append([title, f"{count:,}", SCORES[score], *cells])
    kinds = [
        [what, *(str(scores["kinds"][kind]) for scores in languages.values())]
        for kind, what in KINDS.items()
    ]
    return f"""## Where it errs

The development rows are the same utterances in each language, so that what differs is the training rows, the language
and the annotation. `{measured["model"]}`:

{table(["rows of", "a language", "", *names, "mean"], rows)}

Rows without labelled training rows are behind in intents; rows with them are not, and still far apart in exact match.
What is said for something else, and how often:

{table(["", *names], kinds)}

{_excess(languages)}"""


def _excess(languages: Mapping[str, Any]) -> str:
    """How much of what the language with most confusions has beyond English are boundaries of slots."""
    counts = {language: scores["kinds"] for language, scores in languages.items()}
    if "en" not in counts:
        return ""
    worst = max(counts, key=lambda language: sum(counts[language].values()))
    more = sum(counts[worst].values()) - sum(counts["en"].values())
    boundaries = counts[worst]["boundary"] - counts["en"]["boundary"]
    return (
        f"{language_name(worst)} has {more} more of them than English; {boundaries} of these are slots with the right "
        "name and other boundaries.\n"
    )


def _file_size(system: Mapping[str, Any]) -> str:
    if "bytes" in system:
        return f"{system['bytes'] / 1e6:.2f} MB, 8 bits"
    return f"{4 * system['parameters'] / 1e6:.2f} MB, floats"


def _distances(systems: Mapping[str, Mapping[str, Any]]) -> str:
    """How far ours is ahead of each baseline, and its worst language behind English."""
    if OURS not in systems:
        return ""
    ours = systems[OURS]
    sentences = []
    for name, system in systems.items():
        if name != OURS:
            ahead = ours["mean"]["flat_exact_match"] - system["mean"]["flat_exact_match"]
            sentences.append(
                f"{ours['title']} is {abs(ahead):.2f} points of mean exact match "
                f"{'ahead of' if ahead >= 0 else 'behind'} the {system['title']}."
            )
    exact = {language: scores["flat_exact_match"] for language, scores in ours["languages"].items()}
    if "en" in exact and len(exact) > 1:
        worst = min((language for language in exact if language != "en"), key=exact.__getitem__)
        sentences.append(
            f"Of its languages {language_name(worst)} is farthest from English: "
            f"{exact['en'] - exact[worst]:.2f} points."
        )
    return " ".join(sentences) + "\n"


def _picture(systems: list[Mapping[str, Any]], languages: list[str]) -> str:
    figure, axes = axes_of("Development rows of MTOP", "", "flat exact match, %")
    width = 0.8 / len(systems)
    for number, system in enumerate(systems):
        places = [
            place + (number - (len(systems) - 1) / 2) * width for place in range(len(languages))
        ]
        values = [system["languages"][language]["flat_exact_match"] for language in languages]
        axes.bar(places, values, width, label=system["title"])
    axes.set_xticks(range(len(languages)), [language_name(language) for language in languages])
    axes.set_ylim(0, 100)
    figure.legend(loc="outside lower center", ncols=len(systems))
    return save_plot(figure, "six_languages")
