"""docs/distillation.md, rendered from benchmarks/results/distillation.jsonl; `benchmarks.render` writes it."""

from __future__ import annotations

import pathlib
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

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
from benchmarks.pages import axes_of, made, read_results, save_plot, table
from benchmarks.records import RESULTS, ROOT
from benchmarks.sweep import read_records

PAGE = ROOT / "docs" / "distillation.md"
RECORDS = RESULTS / "distillation.jsonl"
TEACHERS = "teachers"
"""File of results of `benchmarks.teachers`."""
EQUAL_STEPS = "equal_steps"
"""File of results of `benchmarks.equal_steps`."""
LABELLING = "labelling"
"""File of results of `benchmarks.labelling`."""
SHARED_TEXTS = "shared_texts"
"""File of results of `benchmarks.shared_texts`."""

DEFAULT_RECIPE = """\
`distill` takes soft and hard labels together, in one stage, on the training rows and on the transfer
text, at temperature 1 (`--recipe task_specific`), with a fifth of the configuration's dropout and zoneout. Recipes that
compare hidden states too, in one stage or in several, are not ahead of it, and it needs no hidden states, no general
text and no pretrained teacher. What counts more than the recipe is transfer text, little regularisation where there
is much of it, and a teacher that was fine-tuned for long enough on the task's own rows: the small student gains more
from that than the recipes differ by. With labels alone, less regularisation makes no larger difference than another
seed. Temperature 1, because with a
hundred intents and a hundred and fifty tags the teacher's answer at temperature 2 is mostly about tags that
nobody considers."""
"""Which recipe is the default of `distill` and why; the page has no such section while this is empty."""

_HEAD = """# Distillation

Written by `python -m benchmarks.render` from `benchmarks/results/distillation.jsonl`; do not edit the tables
here, and the prose in `benchmarks/distillation_page.py`.

A recipe is a plain list of stages (`pqrnn_tf/distillation/recipes.py`). Each stage names its text, its teacher, its
losses and how long it lasts; a killed training goes on in the stage and step where it was. The teacher is
asked once for each text, before the training: its answers are stored and streamed from there.

## The recipes
"""

_RUNNING = """## Running it

```bash
python -m recipes.template_text --templates recipes/mtop_transfer/en.tsv --data mtop --output en.txt
python -m recipes.distillation_answers --data mtop --teacher runs/teacher --bert runs/bert \\
    --transfer topv2 --transfer en.txt --general commonvoice/en.txt --general_lines 12000 \\
    --output answers --workers 2 --student_config recipes/students/distillation.json
python -m recipes.distillation_answers --data mtop --teacher runs/teacher --teacher runs/labels \\
    --teacher_weight 1 --teacher_weight 0.7 --transfer topv2 --transfer en.txt \\
    --output together --workers 2 --student_config recipes/students/distillation.json
python -m recipes.distillation_answers --data mtop --teacher runs/longer/teacher --transfer topv2 \\
    --transfer en.txt --output longer --workers 2 --student_config recipes/students/distillation.json
python -m benchmarks.distillation --data mtop --teacher runs/teacher --task_shards answers/task-fine-tuned \\
    --transfer_shards answers/transfer-fine-tuned --general_shards answers/general-fine-tuned \\
    --general_shards_pretrained answers/general-pretrained \\
    --student_config recipes/students/distillation.json --steps 6000 --seeds 2 --workers 2 \\
    --teachers_together together/teacher --answers_together together \\
    --teacher_longer runs/longer/teacher --answers_longer longer
python -m benchmarks.render
```

The teacher is the MiniLM of the card of [mtop_en_2mb](../pretrained/mtop_en_2mb/README.md), made by the three commands
`finetune` there, and `runs/labels` the student of labels alone there. The four folders in `answers` are stored with
hidden states. The MiniLM that was fine-tuned longer is a second one, made by the same three commands with
`--set seed=2`, and went on with MTOP's rows after them:

```bash
python -m pqrnn_tf.finetune --data mtop --config pretrained/mtop_en_2mb/config.json --set seed=3 \\
    --set nested_weight=0 --set distortion=0.04 --teacher runs/second_minilm/teacher --epochs 7 \\
    --learning_rate 1e-4 --batch_size 32 --output runs/longer
```

Rows that need a folder that is not given are left out. A sweep that was killed goes on when it is
started again; `--list` shows what is done, `--only 'soft*'` does a part.
"""

Record = Mapping[str, Any]


class _Results:
    """The runs that can be compared: student, budget and corpus of the last one, and its kind's last teacher.

    Args:
        records: Lines of the file of results.
        rows: Rows that take part.
    """

    def __init__(self, records: Sequence[Record], rows: Sequence[Row]) -> None:
        kinds = {row.name: row.teacher for row in rows}
        students = [record for record in records if record["row"] in kinds]
        self.last = students[-1] if students else None
        last_of_kind = {kinds[record["row"]]: record for record in students}
        self.rows: dict[str, list[Record]] = {}
        for record in sorted(students, key=lambda record: record["seed"]):
            name = record["row"]
            if self._shared(record) == self._shared(students[-1]) and (
                self._asked(record) == self._asked(last_of_kind[kinds[name]])
            ):
                self.rows.setdefault(name, []).append(record)
        self._teachers = [r for r in records if r["row"] in _TEACHER_TITLES]

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
        ours = self.mean(row)
        teacher = self.teacher_of(row)
        if ours is None or teacher is None:
            return ""
        return f"{100 * ours / teacher['scores']['flat_exact_match']:.1f} %"


def _cells(results: _Results, row: str, baseline: str = BASELINE) -> list[str]:
    seeds = " ".join(f"{value:.2f}" for value in results.each(row))
    mean = results.mean(row)
    scores = [f"{mean:.2f}", seeds, results.over(row, baseline), results.share(row)]
    for name in ("intent_accuracy", "slot_f1", "agreement"):
        scores.append(f"{results.mean(row, name):.2f}")
    return scores


_HEADER = (
    "exact match",
    "seeds",
    "over labels",
    "of the teacher",
    "intent accuracy",
    "slot F1",
    "same parse as teacher",
)


_TEACHER_TITLES = {
    TEACHER: "the MiniLM",
    TEACHER_LONGER: "the MiniLM fine-tuned longer",
    TEACHERS_TOGETHER: "the MiniLM and a student",
}


def _rows(results: _Results, rows: Sequence[Row], baseline: str = BASELINE) -> list[list[str]]:
    """Lines of a table: the rows that have runs, and behind them their teachers."""
    known = [row for row in rows if row.name in results.rows]
    lines = [[row.title, *_cells(results, row.name, baseline)] for row in known]
    teachers = {row.teacher: results.teacher_of(row.name) for row in known}
    for kind, title in _TEACHER_TITLES.items():
        record = teachers.get(kind)
        if record is not None:
            names = ("flat_exact_match", "intent_accuracy", "slot_f1")
            exact, intent, slot = (f"{record['scores'][name]:.2f}" for name in names)
            lines.append([f"*{title}*", exact, "", "", "", intent, slot, ""])
    return lines


def _recipes(results: _Results, last: Record) -> str:
    settings = last["settings"]
    student = settings["student"]
    runs = [run for row in RECIPE_ROWS for run in results.rows.get(row.name, ())]
    sizes, seconds = sorted({run["bytes"] for run in runs}), [run["seconds"] for run in runs]
    size = f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes[0]:,} to {sizes[-1]:,}"
    layers = f"{student['layers']} layers of {student['units']} units"
    parameters = f"{last['parameters']:,} parameters, {size} bytes"
    budget = f"{settings['steps']:,} optimizer steps of {student['batch_size']} rows"
    minutes = f"{min(seconds) / 60:.1f} to {max(seconds) / 60:.1f} minutes"
    read: dict[str, int] = {}
    for run in runs:
        for name, answers in run["settings"]["answers"].items():
            text = name.partition("/")[0]
            read[text] = max(answers["rows"], read.get(text, 0))
    sources = ", ".join(f"{text} {read[text]:,}" for text in sorted(read))
    rows_read = f" Rows that the teacher answered: {sources}." if read else ""
    return f"""## What each gives

MTOP English, {last["scores"]["rows"]:,} development rows, from raw text through the 8-bit .tflite on the stock
runtime, averaged weights after the last step. Every row trains the same student ({layers} behind a bottleneck
of {student["bottleneck_units"]}; {parameters}) for the same {budget},
so that only the recipe and its regularisation differ, and the teacher where the row says so.{rows_read}
A run took {minutes}.
*Exact match* is flat, and the mean over the seeds that stand beside it; *of the teacher* is the share of the
teacher's own.

{table(["recipe", *_HEADER], _rows(results, RECIPE_ROWS))}
"""


def _long(results: _Results) -> str:
    baseline, *_ = (row.name for row in LONG_ROWS)
    known = [row for row in LONG_ROWS if row.name in results.rows]
    steps = " or ".join(
        sorted({f"{run['steps']:,}" for row in known for run in results.rows[row.name]})
    )
    return f"""## Trained longer

The same student, teachers and text, {steps} steps.

{table(["recipe", *_HEADER], _rows(results, LONG_ROWS, baseline))}
"""


def _large(results: _Results, last: Record) -> str:
    baseline, *_ = (row.name for row in LARGE_ROWS)
    student = last["settings"]["student"]
    return f"""## A larger student, and other teachers

{student["layers"]} layers of {student["units"]} units behind a bottleneck of {student["bottleneck_units"]}, the sizes
of `mtop_en_2mb`: {last["parameters"]:,} parameters, {last["bytes"]:,} bytes. The other settings, the text and the
{last["settings"]["steps"]:,} steps are those of the recipes above. The second teacher is a student of labels alone (the
second one of the card of [mtop_en_2mb](../pretrained/mtop_en_2mb/README.md)), with weight 0.7; *of the teacher* is of
both together then. As teachers the two are better than the MiniLM alone, and so is the MiniLM fine-tuned longer, but
this student gains less from either than its seeds differ by.

{table(["learned from", *_HEADER], _rows(results, LARGE_ROWS, baseline))}
"""


def _temperatures(results: _Results) -> str:
    known: Sequence[tuple[float, str]] = sorted(
        [(row.temperature, row.name) for row in TEMPERATURE_ROWS] + [(TEMPERATURE, ALL_TRANSFER)]
    )
    rows = [[f"{value:g}", *_cells(results, name)] for value, name in known if name in results.rows]
    return f"""## Temperature

Soft labels and transfer text, at other temperatures of the soft labels.

{table(["temperature", *_HEADER], rows)}
"""


def _lines(results: _Results, row: str) -> int:
    """Lines of transfer text that a row reads."""
    return results.rows[row][-1]["settings"]["answers"][TRANSFER_ANSWERS]["rows"]


def _transfer(results: _Results) -> str:
    names = [row.name for row in TRANSFER_ROWS] + [ALL_TRANSFER]
    points = sorted((_lines(results, name), name) for name in names if name in results.rows)
    if "soft" in results.rows:
        points.insert(0, (0, "soft"))
    figure, axes = axes_of(
        "Soft labels and transfer text", "lines of transfer text", "flat exact match, %"
    )
    places = [lines for lines, _ in points]
    axes.plot(places, [results.mean(name) for _, name in points], marker="o", label="mean")
    for lines, name in points:
        values = results.each(name)
        axes.plot([lines] * len(values), values, ".", color="gray")
    teacher = results.teacher_of(points[-1][1])
    exact = teacher["scores"]["flat_exact_match"] if teacher is not None else None
    for label, value, style in (
        ("labels only", results.mean(BASELINE), "--"),
        ("the teacher", exact, ":"),
    ):
        if value is not None:
            axes.axhline(value, linestyle=style, color="black", linewidth=1, label=label)
    # Linear below a thousand lines, so that none at all has a place too.
    axes.set_xscale("symlog", linthresh=1000)
    axes.legend()
    rows = [[f"{lines:,}", *_cells(results, name)] for lines, name in points]
    return f"""## Transfer text

Soft labels at temperature {TEMPERATURE:g}, with the first lines of the transfer text.

{table(["lines", *_HEADER], rows)}

{save_plot(figure, "exact_match_by_transfer_lines")}
"""


def _teachers(measured: Record) -> str:
    names = ("flat_exact_match", "intent_accuracy", "slot_f1")
    rows = [
        [row["title"], *(f"{row['scores'][name]:.2f}" for name in names)]
        for row in measured["rows"]
    ]
    return f"""## Teachers together

Several teachers answer as one by the weighted mean of their logits (`distill --fine_tuned A --fine_tuned B
--teacher_weight 1 --teacher_weight 0.7`). Good companions err in different places: they are of another kind, or have
learned from other rows. A Keras model of a class of one's own can teach too, as long as it is an `IntentSlotModel`:
`--module` names the module that registers it. In six languages two small models taught a third
([six_languages.md](six_languages.md)). The same development rows (`python -m benchmarks.teachers`):

{table(["teacher", "exact match", "intent accuracy", "slot F1"], rows)}

{made(measured["stamp"])}
"""


def _equal_steps(measured: Record) -> str:
    parts = ""
    for student, runs in measured["students"].items():
        parts += f"### `{student}`\n\n{_equal_steps_of(runs)}\n\n"
    return f"""## At the size of the published models

A student on labels alone and the same student with teachers, each with the regularisation that suits it. MTOP
English, 8-bit .tflite on the stock runtime, steps with those of the training it started from (`python -m
benchmarks.equal_steps`); gains are over the first row. A file of fewer bytes has no head for what is nested in slots:

{parts}Last run: {made(measured["stamp"])}
"""


def _equal_steps_of(runs: Mapping[str, Record]) -> str:
    """The table of one student, from its runs by title."""
    names = ("flat_exact_match", "intent_accuracy", "slot_f1")
    first, *_ = runs.values()
    rows = []
    for title, run in runs.items():
        cells = [f"{run['scores'][name]:.2f}" for name in names]
        gain = run["scores"]["flat_exact_match"] - first["scores"]["flat_exact_match"]
        cells.insert(1, "" if run is first else f"{gain:+.2f}")
        day = run["stamp"]["time"].partition("T")[0]
        rows.append(
            [title, f"{run['steps']:,}", f"{run['bytes']:,}", *cells, run["stamp"]["commit"], day]
        )
    batches = sorted({size for run in runs.values() for size in run["batch_sizes"]})
    header = ["learned from", "steps", "bytes", "exact match", "", "intent accuracy", "slot F1"]
    return (
        f"{table([*header, 'commit', 'day'], rows)}\n\n{first['scores']['rows']:,} rows; "
        f"{' or '.join(map(str, batches))} training rows a step."
    )


def _labelling(measured: Record) -> str:
    epoch, labelling = measured["epoch"], measured["labelling"]
    rows = []
    for run in epoch["runs"]:
        live, cached = (
            f"{statistics.median(run['seconds'][name]):.1f} s" for name in ("live", "cached")
        )
        rows.append([run["batch_size"], run["cores"], live, cached, f"{run['ratio']:.2f}"])
    header = ["rows a step", "cores", "an epoch with the teacher", "from its stored answers"]
    rates = ", ".join(
        f"{max(run['rows_per_second'] for run in runs):.0f} by {workers}"
        for workers, runs in labelling["runs"].items()
    )
    size, start = f"{epoch['bytes_per_row']:,.0f} bytes", f"{labelling['ratio_with_start']:.2f}"
    return f"""## What stored answers save

{epoch["rows"]:,} training rows of MTOP English, a student of {epoch["parameters"]:,} parameters, a MiniLM of six
layers, in turns in one process (`python -m benchmarks.labelling`):

{table([*header, "times faster"], rows)}

The answers to a row, without hidden states, take {size}. Rows a second that the teacher answers in worker
processes of one core: {rates}; two are {labelling["ratio"]:.2f} times as fast as one, {start} times with their start.

{made(measured["stamp"])}
"""


def _shared(measured: Record) -> str:
    corpus, other = measured["corpus"], measured["other"]
    rows = []
    for split, counts in measured["splits"].items():
        shared = counts["shared"]
        cells = [f"{shared:,} ({shared / counts['rows']:.0%})"]
        cells += [f"{counts[name] / shared:.1%}" for name in ("same_intent", "same_flat_parse")]
        rows.append([split, f"{counts['rows']:,}", *cells])
    header = ["rows", "", f"text is in {other} too", "the same intent there", "the same flat parse"]
    return f"""## Rows of a similar corpus

{corpus} English and {other} share texts, and label them nearly alike (`python -m benchmarks.shared_texts`):

{table(header, rows)}

So {other} is more than transfer text: `--similar` adds its rows that have only labels of {corpus}
([corpora.md](corpora.md)). Rows with the text of a development row, but for case, white space and punctuation, are
left out, as they are from transfer text; the copy that the published models learned from has no text of a test row
either, which {other} as published has. No teacher and no student of this page saw a development text.

{made(measured["stamp"])}
"""


def _latest(records: Sequence[Record | None]) -> Mapping[str, Any]:
    """The stamp of the last of some runs."""
    return max(
        (record["stamp"] for record in records if record is not None), key=lambda s: s["time"]
    )


def _has(results: _Results, rows: Sequence[Row]) -> bool:
    return any(row.name in results.rows for row in rows)


def render(
    path: pathlib.Path = RECORDS, *, default: str = DEFAULT_RECIPE, teachers: Record | None = None
) -> str:
    """The page; rows without a run, and sections without a row, are left out.

    Args:
        path: File of results.
        default: Text of the section on the default recipe.
        teachers: What `benchmarks.teachers` measured; `None` for its file beside `path`.

    Raises:
        ValueError: if a line of the file is damaged.
    """
    records = list(read_records(path).values())
    large = set(LARGE_ROWS)
    results = _Results(records, [row for row in ROWS.values() if row not in large])
    larger = _Results(records, LARGE_ROWS)
    parts = [_HEAD + "".join(f"\n- **{row.title}**: {row.what}" for row in RECIPE_ROWS) + "\n"]
    if default:
        parts.append(f"## The default\n\n{default}\n")
    if results.last is not None:
        if _has(results, RECIPE_ROWS):
            parts.append(_recipes(results, results.last))
        if _has(results, LONG_ROWS):
            parts.append(_long(results))
        if _has(results, TEMPERATURE_ROWS):
            parts.append(_temperatures(results))
        if _has(results, TRANSFER_ROWS):
            parts.append(_transfer(results))
        if larger.last is not None:
            parts.append(_large(larger, larger.last))
        parts.append(f"Last run: {made(_latest([results.last, larger.last]))}\n")
    teachers = read_results(TEACHERS, path.parent) if teachers is None else teachers
    if teachers:
        parts.append(_teachers(teachers))
    equal = read_results(EQUAL_STEPS, path.parent)
    if equal:
        parts.append(_equal_steps(equal))
    labelling = read_results(LABELLING, path.parent)
    if labelling:
        parts.append(_labelling(labelling))
    shared = read_results(SHARED_TEXTS, path.parent)
    if shared:
        parts.append(_shared(shared))
    parts.append(_RUNNING)
    return "\n".join(parts)
