"""Texts that two corpora share are counted, and whether their labels agree."""

from __future__ import annotations

from benchmarks.shared_texts import shared_texts
from pqrnn_tf.datasets.rows import Example, SlotSpan


def row(text, intent, **slots):
    return Example(
        text,
        intent,
        tuple(
            SlotSpan(name, ((text.index(words), text.index(words) + len(words)),))
            for name, words in slots.items()
        ),
    )


def test_texts_are_compared_without_case_and_punctuation_and_labels_as_flat_parses():
    rows = [
        row("wake me at 7", "ALARM", TIME="at 7"),
        row("wake me at 8", "ALARM", TIME="at 8"),
        row("stop", "STOP"),
        row("play rock", "PLAY"),
    ]
    others = [
        row("Wake me At 7!", "ALARM", TIME="At 7"),
        row("wake me at 7", "STOP"),  # the first one counts
        row("wake me at 8", "ALARM", TIME="8"),
        row("Stop.", "PAUSE"),
    ]
    assert shared_texts(rows, others) == {
        "rows": 4,
        "shared": 3,
        "same_intent": 2,
        "same_flat_parse": 1,
    }
    assert shared_texts(rows, [])["shared"] == 0
