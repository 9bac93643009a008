"""Confusions of models, told apart by kind and counted: what `benchmarks.confusions` writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

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
        example: The true row. Where its slots could not be found in the text, intents alone are compared.
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
        _Slot(slot.name, frozenset(t for piece in slot.pieces for t in range(*piece)))
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
