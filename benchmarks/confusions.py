"""The most frequent confusions of some models on development rows, side by side: `results/confusions.json`.

    python -m benchmarks.confusions --data mtop --model mtop_en_1mb --model mtop_en_2mb \\
        --model "new one=runs/en/model.tflite"

What is compared are root intents and top-level slots. A slot is the tokens that it covers; those that are neither right
nor near anything are missed or invented. No text of the corpus is kept.
"""

from __future__ import annotations

import pathlib
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.records import stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import run_command
from recipes.development import add_development, read_parts

if TYPE_CHECKING:
    from pqrnn_tf.datasets.rows import Example
    from pqrnn_tf.tasks.metrics import Answer

NAME = "confusions"
KINDS = {
    "intent": "intent taken for another",
    "name": "slot taken for another on the same words",
    "boundary": "right name, too few or too many words",
    "both": "another slot, and too few or too many words",
    "missed": "slot where nothing was said",
    "invented": "slot said where there is none",
}
"""Kinds of confusions, and what they are."""


class Confusion(NamedTuple):
    """Something that was said for something else.

    Attributes:
        kind: One of `KINDS`.
        gold: Name of the true intent or slot; empty where a slot was invented.
        predicted: Name of what was said; empty where a slot was missed.
    """

    kind: str
    gold: str
    predicted: str


class _Slot(NamedTuple):
    name: str
    tokens: frozenset[int]


def confusions_of(example: Example, answer: Answer) -> Iterator[Confusion]:
    """The confusions in one answer.

    Args:
        example: The true row. Where its slots could not be found in the text, only intents are compared.
        answer: What a model says.
    """
    from pqrnn_tf.tasks.metrics import gold_intent

    if answer.parse.intent != gold_intent(example):
        yield Confusion("intent", gold_intent(example), answer.parse.intent)
    if example.slots is None:
        return
    gold = [
        _Slot(
            slot.name,
            frozenset(
                token
                for token, (start, end) in enumerate(answer.spans)
                if any(start < last and end > first for first, last in slot.spans)
            ),
        )
        for slot in example.slots
    ]
    predicted = [
        _Slot(slot.name, frozenset(t for first, last in slot.ranges for t in range(first, last)))
        for slot in answer.parse.slots
    ]
    for slot in list(gold):
        if slot in predicted:
            gold.remove(slot)
            predicted.remove(slot)
    for kind, fits in (
        ("name", lambda one, other: one.tokens == other.tokens),
        ("boundary", lambda one, other: one.name == other.name and one.tokens & other.tokens),
        ("both", lambda one, other: one.tokens & other.tokens),
    ):
        for slot in list(gold):
            others = [other for other in predicted if fits(slot, other)]
            if others:
                other = max(others, key=lambda other: len(other.tokens & slot.tokens))
                gold.remove(slot)
                predicted.remove(other)
                yield Confusion(kind, slot.name, other.name)
    yield from (Confusion("missed", slot.name, "") for slot in gold)
    yield from (Confusion("invented", "", slot.name) for slot in predicted)


def compare_models(
    examples: Sequence[Example], answers: Mapping[str, Sequence[Answer]], *, count: int = 20
) -> dict[str, Any]:
    """Counts the confusions of some models.

    Args:
        examples: The true rows.
        answers: For each model its answers to them, in order.
        count: Confusions to keep.

    Returns:
        `kinds`: for each model how many confusions of each kind it has; `confusions`: those that are most
        frequent in all models together, with `counts` by model.
    """
    found = {
        model: Counter(
            confusion
            for example, answer in zip(examples, given, strict=True)
            for confusion in confusions_of(example, answer)
        )
        for model, given in answers.items()
    }
    together = sum(found.values(), Counter[Confusion]())
    frequent = sorted(together, key=lambda confusion: (-together[confusion], confusion))[:count]
    return {
        "kinds": {
            model: {
                kind: sum(number for confusion, number in counts.items() if confusion.kind == kind)
                for kind in KINDS
            }
            for model, counts in found.items()
        },
        "confusions": [
            {
                **confusion._asdict(),
                "counts": {model: counts[confusion] for model, counts in found.items()},
            }
            for confusion in frequent
        ],
    }


def _named_files(models: Sequence[str]) -> dict[str, pathlib.Path]:
    from pqrnn_tf.runtime.presets import model_file

    files: dict[str, pathlib.Path] = {}
    for text in models:
        title, equals, file = text.rpartition("=")
        if not equals and pathlib.Path(file).is_file():
            title = pathlib.Path(file).resolve().parent.name
        path = pathlib.Path(file) if file.endswith(".keras") else model_file(file)
        if files.setdefault(title or file, path) != path:
            raise ValueError(f"`--model` must give different titles. Received twice: {title!r}.")
    return files


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    add_development(parser)
    parser.section("models")
    parser.flag(
        "model",
        "A .tflite or .keras file, or the name of a pretrained model. TITLE=FILE names it.",
        repeat=True,
        required=True,
        metavar="MODEL",
    )
    parser.flag("count", "Confusions to keep.", type=at_least(1), default=20)


def run(arguments: Arguments) -> None:
    """Runs the command."""
    from pqrnn_tf.tasks.scoring import open_model, score_answers

    made = stamp()
    parts = list(read_parts(arguments.data))
    examples = [row for part in parts for row in part.rows]
    files = _named_files(arguments.model)
    texts = [row.text for row in examples]
    answers = {title: open_model(path).answers(texts) for title, path in files.items()}
    models = {
        title: {"bytes": path.stat().st_size, **score_answers(examples, answers[title]).to_dict()}
        for title, path in files.items()
    }
    write_results(
        NAME,
        {
            "parts": [part.describe() for part in parts],
            "rows": len(examples),
            "models": models,
            **compare_models(examples, answers, count=arguments.count),
        },
        made,
    )


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.confusions", __doc__, configure, run, sys.argv[1:]))
