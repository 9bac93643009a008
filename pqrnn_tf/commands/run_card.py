"""The card of a model that was trained on data of one's own: what it is, how good, what it confuses, how to use it."""

from __future__ import annotations

import dataclasses
import pathlib
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pqrnn_tf.runtime.presets import FILE
from tflite_export.model_card import (
    SCORES,
    confidence_lines,
    rejection_line,
    score_cells,
    score_fields,
    table,
)

if TYPE_CHECKING:
    from pqrnn_tf.datasets.rows import Example
    from pqrnn_tf.runtime.metadata import Metadata
    from pqrnn_tf.tasks.metrics import Answer

SHOWN_CONFUSIONS = 30
SHOWN_CHARACTERS = 60
"""Longer examples are cut."""


@dataclasses.dataclass(frozen=True)
class Count:
    """How often a label was right and wrong.

    Attributes:
        name: The intent or slot.
        rows: How often it is true.
        said: How often the model says it.
        right: How often both.
    """

    name: str
    rows: int
    said: int
    right: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, in percent."""
        return 200.0 * self.right / max(1, self.rows + self.said)


@dataclasses.dataclass(frozen=True)
class Confusion:
    """An intent that was taken for another.

    Attributes:
        true, said: The two intents.
        times: How often.
        example: The text of one such row.
        source: Where that row stands.
    """

    true: str
    said: str
    times: int
    example: str
    source: str


def count_intents(
    rows: Sequence[Example], answers: Sequence[Answer]
) -> tuple[list[Count], list[Confusion]]:
    """Counts intents and what they are taken for.

    Args:
        rows: The true rows.
        answers: What the model says of each.

    Returns:
        Counts of all intents, those with most errors first, and confusions, the most frequent first.
    """
    from pqrnn_tf.tasks.metrics import answered_intent, gold_intent

    pairs = [
        (gold_intent(row), answered_intent(answer.parse))
        for row, answer in zip(rows, answers, strict=True)
    ]
    wrong = Counter(pair for pair in pairs if pair[0] != pair[1])
    first: dict[tuple[str, str], Example] = {}
    for pair, row in zip(pairs, rows, strict=True):
        first.setdefault(pair, row)
    confusions = [
        Confusion(*pair, times, first[pair].text, first[pair].source)
        for pair, times in sorted(wrong.items(), key=lambda item: (-item[1], item[0]))
    ]
    return _counts([true for true, _ in pairs], [said for _, said in pairs], pairs), confusions


def count_slots(rows: Sequence[Example], answers: Sequence[Answer]) -> list[Count]:
    """Counts slots by name; one is right if name and words are. Those with most errors come first."""
    from pqrnn_tf.tasks.metrics import gold_slots, predicted_slots

    true: list[str] = []
    said: list[str] = []
    right: list[tuple[str, str]] = []
    for row, answer in zip(rows, answers, strict=True):
        gold = Counter(gold_slots(row))
        guess = Counter(predicted_slots(row.text, answer.spans, answer.parse))
        true += [name for name, _ in gold.elements()]
        said += [name for name, _ in guess.elements()]
        right += [(name, name) for name, _ in (gold & guess).elements()]
    return _counts(true, said, right)


def _counts(true: list[str], said: list[str], pairs: list[tuple[str, str]]) -> list[Count]:
    all_true, all_said = Counter(true), Counter(said)
    right = Counter(name for name, other in pairs if name == other)
    counts = [
        Count(name, all_true[name], all_said[name], right[name]) for name in all_true | all_said
    ]
    return sorted(counts, key=lambda c: (2 * c.right - c.rows - c.said, c.name))


def render_run_card(
    folder: pathlib.Path,
    metadata: Metadata,
    *,
    size: int,
    data: Sequence[str],
    scores: Mapping[str, Mapping[str, Any]],
    intents: Sequence[Count],
    confusions: Sequence[Confusion],
    slots: Sequence[Count],
    example: str,
    call: str,
    plot: str = "",
) -> str:
    """The card as Markdown.

    Args:
        folder: Where model.tflite is.
        metadata: The description inside it.
        size: Its bytes.
        data: What it was trained and scored on, a sentence a line.
        scores: Titles of what was scored on the development rows, and their scores; empty without such rows.
        intents, confusions, slots: What `count_intents` and `count_slots` say.
        example: An utterance to try.
        call: The command line that made it.
        plot: File in the folder with the reliability plot; `""` without one.
    """
    labels = metadata.labels
    name = folder.resolve().name
    place = shlex.quote(str(folder))
    facts = [
        ["file", f"`model.tflite`, {size:,} bytes, quantization: {metadata.quantization}"],
        ["labels", f"{len(labels.intents)} intents, {len(labels.slot_names)} slots (`labels.json`)"],
        ["made with", ", ".join(f"{key} {value}" for key, value in metadata.versions.items())],
        *([["licence", metadata.licence]] if metadata.licence else []),
    ]  # fmt: skip
    parts = [
        f"# {name}",
        table(["", ""], facts),
        "## Data",
        "\n".join(f"- {line}" for line in data),
    ]
    parts += ["## Scores on the development rows"]
    if scores:
        fields = score_fields(scores.values())
        rows = [[title, *score_cells(record, fields)] for title, record in scores.items()]
        parts += [table(["", *(SCORES[field] for field in fields)], rows)]
        parts += ["From raw text, in percent; the model was not trained on these rows."]
        parts += _confidence(scores[FILE], metadata, plot) if FILE in scores else []
    else:
        parts += ["There are no development rows, so nothing is known of how good the model is."]
    if intents:
        parts += ["## Intents", _count_table("intent", intents)]
    if confusions:
        cells = [
            [_cell(c.true), _cell(c.said), c.times, _cell(c.example), _cell(c.source)]
            for c in confusions[:SHOWN_CONFUSIONS]
        ]
        head = ["intent", "taken for", "times", "such as", "where"]
        parts += ["## Intents that are taken for others", table(head, cells)]
        if len(confusions) > SHOWN_CONFUSIONS:
            parts += [f"And {len(confusions) - SHOWN_CONFUSIONS} more pairs."]
    if slots:
        parts += ["## Slots", "A slot is found where name and words are right."]
        parts += [_count_table("slot", slots)]
    use = [
        f"echo {shlex.quote(example)} | pqrnn parse --model {place}",
        f"pqrnn evaluate more.csv --model {place}",
        call,
    ]
    python = [
        "import pqrnn_tf",
        f"parser = pqrnn_tf.load({str(folder)!r})",
        f"parser({example!r}).intent",
    ]
    parts += [
        "## Use it, score it on other rows, make it again",
        "\n".join(["```bash", *use, "```"]),
        "\n".join(["```python", *python, "```"]),
    ]
    return "\n\n".join(parts) + "\n"


def _confidence(scores: Mapping[str, Any], metadata: Metadata, plot: str) -> list[str]:
    lines = confidence_lines(scores)
    if metadata.calibration is None and "calibration_error" in scores:
        lines.append(
            "The scores are the model's own probabilities: there are too few rows to calibrate them."
        )
    elif "calibration_error" in scores:
        lines.append("Each half of the rows was scored with what was fitted on the other half.")
    elif metadata.calibration is not None:
        lines.append(
            "The scores are calibrated, but there are too few rows to measure on a half of them what was fitted on the "
            "other half."
        )
    if metadata.rejection is not None:
        lines.append(rejection_line(metadata.rejection))
    elif "out_of_scope" in scores:
        lines.append(
            "That is with a threshold of the other half of the rows. The file has none: too few of them are out of "
            "scope, and no --reject_at was given."
        )
    parts = ["## Scores as probabilities", " ".join(lines)] if lines else []
    return [*parts, f"![How often a score is right]({plot})"] if plot else parts


def _count_table(kind: str, counts: Sequence[Count]) -> str:
    rows = [
        [
            _cell(count.name),
            count.rows,
            _percent(count.right, count.rows),
            _percent(count.right, count.said),
            f"{count.f1:.1f}",
        ]
        for count in counts
    ]
    return table([kind, "rows", "found (recall)", "right when said (precision)", "F1"], rows)


def _percent(part: int, whole: int) -> str:
    return f"{100.0 * part / whole:.1f}" if whole else ""


def _cell(text: str) -> str:
    """Text inside a cell of a table: short, in one line, without what Markdown reads as something else."""
    line = " ".join(text.split())
    line = line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1] + "…"
    return "".join(f"\\{c}" if c in "\\|`*_[]<>" else c for c in line)
