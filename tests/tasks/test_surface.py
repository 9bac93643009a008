"""What other ways of writing cost: counted by hand, each text parsed once."""

from __future__ import annotations

import numpy as np
import pytest

from pqrnn_tf.datasets import ALL_ERRORS, ERRORS, SURFACE_FORMS, Example, SlotSpan, keyboard_typos
from pqrnn_tf.runtime.decoding import DecodedParse
from pqrnn_tf.runtime.nested_decoding import DecodedSlot
from pqrnn_tf.tasks.metrics import Answer
from pqrnn_tf.tasks.scoring import FileModel, measure
from pqrnn_tf.tasks.surface import (
    SHARES,
    Verdicts,
    Writing,
    mean_losses,
    surface_losses,
    writings,
)

ROWS = [
    Example("call Rob", "CALL", (SlotSpan("WHO", ((5, 8),)),)),
    Example("call Ann now", "CALL", (SlotSpan("WHO", ((5, 8),)),)),
    Example("stop it.", "STOP", ()),
    Example("stop this song", "STOP", ()),
]


class Caller:
    """A model that takes the rest of the text behind "call" up to a blank for the slot, a full stop too."""

    def __init__(self):
        self.asked: list[str] = []

    def __call__(self, texts):
        self.asked += texts
        return [self.answer(text) for text in texts]

    @staticmethod
    def answer(text: str) -> Answer:
        if not text.startswith("call "):
            return Answer([(0, 4)], DecodedParse("STOP", 1.0, (), ("O",)), np.zeros(2))
        end = 5 + len(text[5:].split(" ")[0])
        slot = DecodedSlot("WHO", ((1, 2),))
        parse = DecodedParse("CALL", 1.0, (slot,), ("O", "B-WHO"))
        return Answer([(0, 4), (5, end)], parse, np.zeros(2))


def test_a_full_stop_that_becomes_part_of_a_slot_is_a_loss():
    (record,) = surface_losses(Verdicts(Caller()), ROWS, [Writing("full_stop")])
    assert record == {
        "form": "full_stop",
        "seed": 1,
        "changed": 3,  # "stop it." has one
        "flat_exact_match": 75.0,  # "Rob." is wrong
        "intent_accuracy": 100.0,
        "lost": 25.0,
        "lost_intents": 0.0,
    }


def test_a_lost_intent_counts_and_a_gain_is_negative():
    (record,) = surface_losses(Verdicts(Caller()), ROWS, [Writing("upper_case")])
    assert (record["lost"], record["lost_intents"]) == (50.0, 50.0)  # "CALL" is no "call"
    shout = [Example("CALL ROB", "CALL", (SlotSpan("WHO", ((5, 8),)),)), ROWS[3]]
    (record,) = surface_losses(Verdicts(Caller()), shout, [Writing("lower_case")])
    assert (record["lost"], record["lost_intents"]) == (-50.0, -50.0)


def test_each_text_is_asked_for_once():
    model = Caller()
    ways = [Writing("full_stop"), Writing("extra_spaces"), Writing("full_stop")]
    surface_losses(Verdicts(model), [*ROWS, *ROWS], ways)
    assert len(model.asked) == len(set(model.asked))
    known = {row.text: Caller.answer(row.text) for row in ROWS}
    model = Caller()
    records = surface_losses(Verdicts(model, known), ROWS, [Writing("composed")])
    assert records[0]["changed"] == 0 and model.asked == []


def test_all_forms_and_kinds_are_measured_at_the_usual_shares():
    ways = writings()
    kinds = [*ERRORS, ALL_ERRORS]
    assert [way.form for way in ways if way.share is None] == list(SURFACE_FORMS)
    assert [(way.share, way.form) for way in ways if way.share is not None] == [
        (share, kind) for share in SHARES for kind in kinds
    ]
    chosen = writings([0.3], only=["keyboard", "full_stop"])
    assert chosen == [Writing("full_stop"), Writing("keyboard", 0.3)]


def test_a_form_that_there_is_not_is_named():
    with pytest.raises(ValueError, match="Received: \\['shouting'\\]"):
        writings(only=["full_stop", "shouting"])
    with pytest.raises(ValueError, match="shouting"):
        Writing("shouting").rows(ROWS, seed=1)


def test_no_rows_are_an_error():
    with pytest.raises(ValueError, match="`examples` must have at least one row"):
        surface_losses(Verdicts(Caller()), [], [Writing("full_stop")])


def test_keyboard_errors_are_the_texts_that_typos_always_had():
    for share in SHARES:
        rows = Writing("keyboard", share).rows(ROWS, seed=1)
        assert rows == keyboard_typos(ROWS, share=share, seed=1)


def test_the_mean_counts_each_language_alike():
    german = {"form": "full_stop", "seed": 1, "changed": 2, "flat_exact_match": 50.0}
    german |= {"intent_accuracy": 90.0, "lost": 3.0, "lost_intents": -1.0}
    french = {**german, "changed": 5, "flat_exact_match": 60.0, "lost": 0.5}
    assert mean_losses([[german], [french]]) == [
        {**german, "changed": 7, "flat_exact_match": 55.0, "lost": 1.75}
    ]


def test_measure_keeps_both_and_parses_the_rows_once():
    model = Caller()
    record = measure(
        FileModel(None, model), ROWS, typos=[0.5], surface=[Writing("keyboard", 0.5)], seed=2
    )
    (typed,), (written,) = record["typos"], record["surface"]
    assert typed["lost"] == written["lost"] and typed["share"] == written["share"] == 0.5
    assert model.asked.count(ROWS[0].text) == 1
    assert "surface" not in measure(FileModel(None, model), ROWS)
