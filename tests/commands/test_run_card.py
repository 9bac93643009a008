"""The card of a run counts intents, slots and confusions."""

from __future__ import annotations

import pathlib
import types

import numpy as np

from pqrnn_tf.commands import run_card
from pqrnn_tf.commands.run_card import (
    Confusion,
    Count,
    count_intents,
    count_slots,
    render_run_card,
)
from pqrnn_tf.datasets import Example, SlotSpan
from pqrnn_tf.runtime import DecodedParse, DecodedSlot, LabelSet, ProjectionSpec
from pqrnn_tf.runtime.confidence import Rejection
from pqrnn_tf.runtime.metadata import Metadata
from pqrnn_tf.tasks import Answer

TEXT = "play it"
SPANS = [(0, 4), (5, 7)]


def row(intent: str, *slots: SlotSpan, text: str = TEXT) -> Example:
    return Example(text=text, intent=intent, slots=slots, source=f"a.csv:{len(text)}")


def answer(intent: str, *slots: tuple[str, int, int]) -> Answer:
    found = tuple(DecodedSlot(name, ((first, last),)) for name, first, last in slots)
    return Answer(SPANS, DecodedParse(intent, 1.0, found, ("O", "O")), np.zeros(1))


def test_intents_are_counted_and_those_with_most_errors_come_first():
    rows = [row("A"), row("A"), row("B"), row("C")]
    counts, confusions = count_intents(rows, [answer(name) for name in "ABBC"])
    assert counts == [Count("A", 2, 1, 1), Count("B", 1, 2, 1), Count("C", 1, 1, 1)]
    assert counts[0].f1 == 200 / 3
    assert confusions == [Confusion("A", "B", 1, TEXT, "a.csv:7")]


def test_confusions_count_with_the_first_text_as_example():
    rows = [row("A", text="play me"), row("A", text="play it"), row("B", text="play us")]
    _, confusions = count_intents(rows, [answer("B"), answer("B"), answer("A")])
    assert [(c.true, c.said, c.times, c.example) for c in confusions] == [
        ("A", "B", 2, "play me"),
        ("B", "A", 1, "play us"),
    ]


def test_a_slot_of_the_right_name_on_other_words_is_not_found():
    it = SlotSpan("WHAT", ((5, 7),))
    rows = [row("A", it), row("A", it), row("A")]
    said = [answer("A", ("WHAT", 1, 2)), answer("A", ("WHAT", 0, 1)), answer("A", ("WHO", 0, 1))]
    assert count_slots(rows, said) == [Count("WHAT", 2, 2, 1), Count("WHO", 0, 1, 0)]


def test_the_card_keeps_markdown_and_shell_apart_from_texts():
    metadata = Metadata(
        spec=ProjectionSpec(), labels=LabelSet(("A",), ("O",)), quantization="none", versions={}
    )
    card = render_run_card(
        pathlib.Path("my run"),
        metadata,
        size=1,
        data=["Two rows."],
        scores={},
        intents=[Count("a|b", 1, 0, 0)],
        confusions=[Confusion("a|b", "", 1, "it's | *this*\nhere", "x.csv:1")],
        slots=[],
        example="it's here",
        call="pqrnn train x.csv --output 'my run'",
    )
    assert r"| a\|b | 1 | 0.0 |  | 0.0 |" in card
    assert r"| a\|b |  | 1 | it's \| \*this\* here | x.csv:1 |" in card
    assert "echo 'it'\"'\"'s here' | pqrnn parse --model 'my run'\n" in card
    assert "nothing is known of how good the model is" in card and "## Slots" not in card


def test_the_card_says_how_good_the_scores_are_and_shows_the_plot():
    metadata = Metadata(
        spec=ProjectionSpec(), labels=LabelSet(("A",), ("O",)), quantization="none", versions={}
    )
    scores = {"intent_accuracy": 90.0, "calibration_error": 1.5, "intent_calibration_error": 0.25}
    scope = {"out_of_scope_recall": 91.0, "in_scope_accuracy": 89.5, "auroc": 98.0}
    card = render_run_card(
        pathlib.Path("run"),
        metadata,
        size=1,
        data=[],
        scores={"model.tflite": {**scores, "out_of_scope": scope}},
        intents=[],
        confusions=[],
        slots=[],
        example="x",
        call="pqrnn train x.csv --output run",
        plot="reliability.png",
    )
    assert "Calibration error of the scores: 1.50 points, of intent scores 0.25." in card
    assert "91.00 % are rejected, 89.50 % of the others are right and not rejected" in card
    assert "there are too few rows to calibrate them" in card
    assert "![How often a score is right](reliability.png)" in card


def test_the_card_said_of_a_few_rows_that_each_half_was_scored_by_the_other():
    calibration = types.SimpleNamespace(notes={"rows": 50})
    metadata = types.SimpleNamespace(calibration=calibration, rejection=None)
    few = run_card._confidence({}, metadata, "")
    assert "too few rows to measure" in few[1] and "Each half" not in few[1]
    measured = {"calibration_error": 1.0, "intent_calibration_error": 1.0}
    many = run_card._confidence(measured, metadata, "")
    assert "Each half of the rows" in many[1]


def test_the_card_said_nothing_of_a_threshold_that_no_rows_out_of_scope_had_chosen():
    chosen = {"development rows whose intent is left out": 1200, "general texts": 55}
    rejection = Rejection({"highest": 1.0}, 2.5, notes={"chosen_on": chosen, "rate": 0.1})
    metadata = types.SimpleNamespace(calibration=None, rejection=rejection)
    (_, told) = run_card._confidence({}, metadata, "")
    assert told == (
        "Below a threshold requests get no intent; 1,200 development rows whose intent is left out and 55 general "
        "texts chose it, so that at most 10 % of these get one."
    )


def test_the_card_said_that_requests_are_rejected_by_a_file_without_a_threshold():
    scope = {"out_of_scope_recall": 50.0, "in_scope_accuracy": 75.0, "auroc": 80.0}
    metadata = types.SimpleNamespace(calibration=None, rejection=None)
    (_, told) = run_card._confidence({"out_of_scope": scope}, metadata, "")
    assert "50.00 % are rejected" in told and "The file has none" in told
