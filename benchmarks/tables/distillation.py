"""Tables of docs/distillation.md."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.distillation import NAME
from benchmarks.distillation_rows import (
    ALL_TRANSFER,
    BASELINE,
    LARGE_ROWS,
    LONG_ROWS,
    RECIPE_ROWS,
    ROWS,
    TEACHER,
    TEACHER_LONGER,
    TEACHERS_TOGETHER,
    TEMPERATURE,
    TEMPERATURE_ROWS,
    TRANSFER_ANSWERS,
    TRANSFER_ROWS,
    Row,
)
from benchmarks.equal_steps import NAME as EQUAL_STEPS
from benchmarks.labelling import NAME as LABELLING
from benchmarks.measured import Measured
from benchmarks.shared_texts import NAME as SHARED_TEXTS
from benchmarks.teachers import NAME as TEACHERS
from tflite_export.model_card import score_cells, table

_HEADER = (
    "exact match",
    "seeds",
    "over labels",
    "of the teacher",
    "intent accuracy",
    "slot F1",
    "same parse as teacher",
)
_SCORES = ("flat_exact_match", "intent_accuracy", "slot_f1")
_TEACHER_TITLES = {
    TEACHER: "the MiniLM",
    TEACHER_LONGER: "the MiniLM fine-tuned longer",
    TEACHERS_TOGETHER: "the MiniLM and a student",
}

Record = Mapping[str, Any]


class Results:
    """The runs that can be compared: student, budget and corpus of the last one, and its kind's last teacher.

    Args:
        records: Lines of the file of results.
        rows: Rows that take part.

    Attributes:
        last: The last run.
        rows: The runs of each row, by seed.
    """

    def __init__(self, records: Sequence[Record], rows: Sequence[Row]) -> None:
        kinds = {row.name: row.teacher for row in rows}
        students = [record for record in records if record["row"] in kinds]
        self.last = students[-1]
        last_of_kind = {kinds[record["row"]]: record for record in students}
        self.rows: dict[str, list[Record]] = {}
        for record in sorted(students, key=lambda record: record["seed"]):
            name = record["row"]
            if self._shared(record) == self._shared(self.last) and (
                self._asked(record) == self._asked(last_of_kind[kinds[name]])
            ):
                self.rows.setdefault(name, []).append(record)
        self._teachers = [record for record in records if record["row"] in _TEACHER_TITLES]

    @staticmethod
    def _asked(record: Record) -> list[Any]:
        return [record["settings"][key] for key in ("teacher", "corpus")]

    @staticmethod
    def _shared(record: Record) -> list[Any]:
        return [record["settings"][key] for key in ("corpus", "student", "steps")]

    def teacher_of(self, row: str) -> Record | None:
        """The teacher whose answers a row's runs read, where it was scored."""
        runs = self.rows.get(row, [])
        asked = [t for t in self._teachers if runs and self._asked(t) == self._asked(runs[-1])]
        return asked[-1] if asked else None

    def mean(self, row: str, name: str = "flat_exact_match") -> float | None:
        """The mean of a score over a row's seeds; `None` without runs."""
        values = self.each(row, name)
        return sum(values) / len(values) if values else None

    def each(self, row: str, name: str = "flat_exact_match") -> list[float]:
        """A score for each seed of a row."""
        runs = self.rows.get(row, [])
        return [run[name] if name in run else run["scores"][name] for run in runs]

    def over(self, row: str, baseline: str = BASELINE) -> str:
        """Gain over labels only."""
        ours, theirs = self.mean(row), self.mean(baseline)
        if ours is None or theirs is None or row == baseline:
            return ""
        return f"{ours - theirs:+.2f}"

    def share(self, row: str) -> str:
        """Share of the teacher's exact match."""
        ours, teacher = self.mean(row), self.teacher_of(row)
        if ours is None or teacher is None:
            return ""
        return f"{100 * ours / teacher['scores']['flat_exact_match']:.1f} %"


def small_student(measured: Measured) -> Results:
    """All runs except those of the larger student."""
    large = set(LARGE_ROWS)
    return Results(measured.read(NAME), [row for row in ROWS.values() if row not in large])


def large_student(measured: Measured) -> Results:
    """The runs of the student of the size of `mtop_en_2mb`."""
    return Results(measured.read(NAME), LARGE_ROWS)


def _cells(results: Results, row: str, baseline: str = BASELINE) -> list[str]:
    seeds = " ".join(f"{value:.2f}" for value in results.each(row))
    scores = [f"{results.mean(row):.2f}", seeds, results.over(row, baseline), results.share(row)]
    for name in ("intent_accuracy", "slot_f1", "agreement"):
        scores.append(f"{results.mean(row, name):.2f}")
    return scores


def _compared(first: str, results: Results, rows: Sequence[Row], baseline: str = BASELINE) -> str:
    """A table of the rows that have runs, and behind them their teachers."""
    known = [row for row in rows if row.name in results.rows]
    lines = [[row.title, *_cells(results, row.name, baseline)] for row in known]
    teachers = {row.teacher: results.teacher_of(row.name) for row in known}
    for kind, title in _TEACHER_TITLES.items():
        record = teachers.get(kind)
        if record is not None:
            exact, *others = score_cells(record["scores"], _SCORES)
            lines.append([f"*{title}*", exact, "", "", "", *others, ""])
    return table([first, *_HEADER], lines)


def recipes(measured: Measured) -> str:
    """Each recipe, the same student and steps."""
    return _compared("recipe", small_student(measured), RECIPE_ROWS)


def longer(measured: Measured) -> str:
    """Labels only and the default recipe, trained longer."""
    return _compared("recipe", small_student(measured), LONG_ROWS, LONG_ROWS[0].name)


def larger(measured: Measured) -> str:
    """The default recipe with a larger student and other teachers."""
    return _compared("trained on", large_student(measured), LARGE_ROWS, LARGE_ROWS[0].name)


def temperatures(measured: Measured) -> str:
    """Temperatures of the soft labels."""
    results = small_student(measured)
    known = sorted(
        [(row.temperature, row.name) for row in TEMPERATURE_ROWS] + [(TEMPERATURE, ALL_TRANSFER)]
    )
    rows = [[f"{value:g}", *_cells(results, name)] for value, name in known if name in results.rows]
    return table(["temperature", *_HEADER], rows)


def transfer_points(results: Results) -> list[tuple[int, str]]:
    """Lines of transfer text and the row that reads so many, from none on."""
    names = [row.name for row in TRANSFER_ROWS] + [ALL_TRANSFER]
    points = sorted(
        (results.rows[name][-1]["settings"]["answers"][TRANSFER_ANSWERS]["rows"], name)
        for name in names
        if name in results.rows
    )
    return [(0, "soft"), *points] if "soft" in results.rows else points


def transfer(measured: Measured) -> str:
    """Amounts of transfer text."""
    results = small_student(measured)
    rows = [[f"{lines:,}", *_cells(results, name)] for lines, name in transfer_points(results)]
    return table(["lines", *_HEADER], rows)


def teachers(measured: Measured) -> str:
    """Teachers by themselves and together."""
    rows = [
        [row["title"], *score_cells(row["scores"], _SCORES)]
        for row in measured.read(TEACHERS)["rows"]
    ]
    return table(["teacher", "exact match", "intent accuracy", "slot F1"], rows)


def equal_steps(measured: Measured) -> str:
    """Published students beside labels only."""
    rows = []
    for student, runs in measured.read(EQUAL_STEPS)["students"].items():
        first = next(iter(runs.values()))
        for title, run in runs.items():
            exact, *others = score_cells(run["scores"], _SCORES)
            gain = run["scores"][_SCORES[0]] - first["scores"][_SCORES[0]]
            made = [run["stamp"]["commit"], run["stamp"]["time"].partition("T")[0]]
            sizes = [f"{run['steps']:,}", f"{run['bytes']:,}"]
            gained = "" if run is first else f"{gain:+.2f}"
            rows.append([f"`{student}`", title, *sizes, exact, gained, *others, *made])
    header = ["student", "trained on", "steps", "bytes", "exact match", "over the first"]
    return table([*header, "intent accuracy", "slot F1", "commit", "day"], rows)


def stored_answers(measured: Measured) -> str:
    """Epochs with the teacher and from its stored answers."""
    rows = []
    for run in measured.read(LABELLING)["epoch"]["runs"]:
        seconds = [
            f"{statistics.median(run['seconds'][name]):.1f} s" for name in ("live", "cached")
        ]
        rows.append([run["batch_size"], run["cores"], *seconds, f"{run['ratio']:.2f}"])
    header = ["rows per step", "cores", "an epoch with the teacher", "from its stored answers"]
    return table([*header, "times faster"], rows)


def _labelled_per_second(measured: Measured, workers: str) -> str:
    runs = measured.read(LABELLING)["labelling"]["runs"][workers]
    return f"{max(run['rows_per_second'] for run in runs):.0f}"


def shared_texts(measured: Measured) -> str:
    """Texts that two corpora share."""
    results = measured.read(SHARED_TEXTS)
    rows = []
    for split, counts in results["splits"].items():
        shared = counts["shared"]
        cells = [f"{shared:,} ({shared / counts['rows']:.0%})"]
        cells += [f"{counts[name] / shared:.1%}" for name in ("same_intent", "same_flat_parse")]
        rows.append([split, f"{counts['rows']:,}", *cells])
    header = ["split", "rows", f"text is in {results['other']} too", "the same intent there"]
    return table([*header, "the same flat parse"], rows)


def _recipe_runs(measured: Measured) -> list[Record]:
    results = small_student(measured)
    return [run for row in RECIPE_ROWS for run in results.rows.get(row.name, ())]


def _answered(measured: Measured, text: str) -> str:
    """Rows of one kind of text that the teacher answered, at most."""
    answers = [
        answer["rows"]
        for run in _recipe_runs(measured)
        for name, answer in run["settings"]["answers"].items()
        if name.partition("/")[0] == text
    ]
    return f"{max(answers):,}"


def _range(values: Sequence[float], form: str, joint: str = " to ") -> str:
    return joint.join(dict.fromkeys([format(min(values), form), format(max(values), form)]))


def _long_steps(measured: Measured) -> str:
    rows = small_student(measured).rows
    return _range(
        [run["steps"] for row in LONG_ROWS for run in rows.get(row.name, ())], ",", " or "
    )


TABLES: Mapping[str, Callable[[Measured], str]] = {
    "recipes": recipes,
    "longer": longer,
    "temperatures": temperatures,
    "transfer": transfer,
    "larger": larger,
    TEACHERS: teachers,
    EQUAL_STEPS: equal_steps,
    "stored_answers": stored_answers,
    SHARED_TEXTS: shared_texts,
}
VALUES: Mapping[str, Callable[[Measured], str]] = {
    "recipes_bytes": lambda m: _range([run["bytes"] for run in _recipe_runs(m)], ","),
    "recipes_minutes": lambda m: _range([run["seconds"] / 60 for run in _recipe_runs(m)], ".1f"),
    "recipes_rows_task": lambda m: _answered(m, "task"),
    "recipes_rows_transfer": lambda m: _answered(m, "transfer"),
    "recipes_rows_general": lambda m: _answered(m, "general"),
    "longer_steps": _long_steps,
    "labelled_by_1": lambda m: _labelled_per_second(m, "1"),
    "labelled_by_2": lambda m: _labelled_per_second(m, "2"),
}
