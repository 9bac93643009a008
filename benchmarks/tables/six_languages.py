"""Tables of docs/six_languages.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks import teacher_trials
from benchmarks.confusions import KINDS
from benchmarks.measured import Measured
from tflite_export.model_card import SCORES, language_name, mean_scores, table

NAME = "six_languages"
OURS = "pqrnn"
STUDENT = "mtop_6_2mb"
"""Published model that was distilled from teachers."""
TEACHER = "E5 and the first student together"
"""Its teacher."""
_EXACT = "flat_exact_match"


def _by_language(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(record["languages"].values())


def _header(languages: Sequence[str]) -> list[str]:
    return ["", *map(language_name, languages), "mean"]


def _exact_rows(lines: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[list[str]]:
    """Exact match by language, and the mean, from the scores by language of each line."""
    return [
        [title, *(f"{scores[_EXACT]:.2f}" for scores in own), f"**{mean_scores(own)[_EXACT]:.2f}**"]
        for title, own in lines.items()
    ]


def systems(measured: Measured) -> str:
    """Exact match of each system and language."""
    found = measured.read(NAME)["systems"].values()
    lines = {system["title"]: _by_language(system) for system in found}
    return table(_header(next(iter(found))["languages"]), _exact_rows(lines))


def sizes(measured: Measured) -> str:
    """Size, other scores and training of each system."""
    rows = []
    for system in measured.read(NAME)["systems"].values():
        size = f"{4 * system['parameters'] / 1e6:.2f} MB, floats"
        if "bytes" in system:
            size = f"{system['bytes'] / 1e6:.2f} MB, 8 bits"
        rows.append(
            [
                system["title"],
                f"{system['parameters']:,}",
                size,
                f"{system['mean']['intent_accuracy']:.2f}",
                f"{system['mean']['slot_f1']:.2f}",
                f"{system['steps']:,}",
                "" if system["seconds"] is None else f"{system['seconds'] / 60:.0f}",
            ]
        )
    header = ["", "parameters", "file", "intent accuracy, mean", "slot F1, mean"]
    return table([*header, "steps", "minutes"], rows)


def _taught(measured: Measured) -> dict[str, list[Mapping[str, Any]]]:
    """Scores by language of the teachers, of the published model, and of ours from labels."""
    content, student = measured.read(NAME), measured.published()[STUDENT]
    own = {part["language"]: part["tflite"] for part in student["parts"]}
    ours = content["systems"][OURS]
    return {
        **{
            f"teacher: {name}": _by_language(teacher)
            for name, teacher in content["teachers"].items()
        },
        f"`{STUDENT}`, a student": [own[name] for name in ours["languages"]],
        f"{ours['title']}, from labels only": _by_language(ours),
    }


def taught(measured: Measured) -> str:
    """The teachers, and the published model that was distilled from the last one."""
    languages = measured.read(NAME)["systems"][OURS]["languages"]
    return table(_header(languages), _exact_rows(_taught(measured)))


def _of_intents(languages: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Exact match and intent accuracy of each language, and their mean."""
    lines = []
    mean = mean_scores(languages)
    for score in (_EXACT, "intent_accuracy"):
        cells = [f"{scores[score]:.2f}" for scores in (*languages, mean)]
        lines.append([SCORES[score], *cells])
    return lines


def rows_by_labels(measured: Measured) -> str:
    """Scores of rows whose intent has labelled training rows in every language, and of the others."""
    languages = measured.read(NAME)["errors"]["languages"]
    rows = []
    for title, part in (
        ("intents with labelled rows in every language", "everywhere"),
        ("other intents: labelled in English, templates elsewhere", "elsewhere"),
    ):
        count = next(iter(languages.values()))[part]["rows"]
        for cells in _of_intents([scores[part] for scores in languages.values()]):
            rows.append([title, f"{count:,}", *cells])
    return table(["rows of", "per language", *_header(list(languages))], rows)


def kinds(measured: Measured) -> str:
    """Confusions by kind and language."""
    languages = measured.read(NAME)["errors"]["languages"]
    rows = [
        [what, *(str(scores["kinds"][kind]) for scores in languages.values())]
        for kind, what in KINDS.items()
    ]
    return table(_header(list(languages))[:-1], rows)


def carried_over(measured: Measured) -> str:
    """Teachers on rows whose intent has no labelled rows but in English."""
    rows = []
    for name, teacher in measured.read(NAME)["teachers"].items():
        if "elsewhere" in teacher:
            found = list(teacher["elsewhere"]["languages"].values())
            rows += [[name, *cells] for cells in _of_intents(found)]
    languages = list(measured.read(NAME)["systems"][OURS]["languages"])
    return table(["teacher", *_header(languages)], rows)


def trials(measured: Measured) -> str:
    """Short fine-tunings of a BERT, that differ in layers, rate and batch."""
    rows = [
        [
            *(
                f"{trial[name]:g}"
                for name in ("layers", "learning_rate", "head_factor", "batch_size")
            ),
            *(f"{trial['mean'][name]:.2f}" for name in teacher_trials.SCORES),
        ]
        for trial in measured.read(teacher_trials.NAME)["trials"]
    ]
    header = ["layers", "rate", "factor of the heads", "rows a step"]
    return table([*header, *(SCORES[name] for name in teacher_trials.SCORES)], rows)


def _ahead(measured: Measured, other: str) -> str:
    """Points of mean exact match that ours has over another system."""
    systems = measured.read(NAME)["systems"]
    return f"{systems[OURS]['mean'][_EXACT] - systems[other]['mean'][_EXACT]:+.2f}"


def _behind_english(measured: Measured, language: str) -> str:
    languages = measured.read(NAME)["systems"][OURS]["languages"]
    return f"{languages['en'][_EXACT] - languages[language][_EXACT]:.2f}"


def _more_errors(measured: Measured, language: str, *kinds: str) -> str:
    """Confusions that a language has beyond English, of some kinds."""
    languages = measured.read(NAME)["errors"]["languages"]
    counts = [sum(languages[code]["kinds"][kind] for kind in kinds) for code in (language, "en")]
    return str(counts[0] - counts[1])


def _kept(measured: Measured) -> str:
    lines = _taught(measured)
    teacher, student = (
        mean_scores(lines[title])[_EXACT]
        for title in (f"teacher: {TEACHER}", f"`{STUDENT}`, a student")
    )
    return f"{100 * student / teacher:.1f} %"


def _rows_per_language(measured: Measured) -> str:
    content = measured.read(NAME)
    count = len(next(iter(content["systems"].values()))["languages"])
    return str(content["asked"]["development"]["rows"] // count)


TABLES: Mapping[str, Callable[[Measured], str]] = {
    "six_languages": systems,
    "six_languages_sizes": sizes,
    "six_languages_taught": taught,
    "six_languages_labels": rows_by_labels,
    "six_languages_kinds": kinds,
    "six_languages_trials": trials,
    "six_languages_carried_over": carried_over,
}
VALUES: Mapping[str, Callable[[Measured], str]] = {
    "six_rows_per_language": _rows_per_language,
    "six_over_bilstm": lambda m: _ahead(m, "bilstm"),
    "six_over_transformer": lambda m: _ahead(m, "transformer"),
    "six_thai_behind_english": lambda m: _behind_english(m, "th"),
    "six_thai_more_errors": lambda m: _more_errors(m, "th", *KINDS),
    "six_thai_more_boundaries": lambda m: _more_errors(m, "th", "boundary"),
    "six_kept": _kept,
}
