"""Texts that two corpora share are counted, and whether their labels agree."""

from __future__ import annotations

import json

from benchmarks.distillation_page import render
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


def test_the_page_says_how_much_is_shared(tmp_path):
    counts = {"rows": 2000, "shared": 500, "same_intent": 495, "same_flat_parse": 450}
    stamp = {
        "machine": {"processor": "P", "architecture": "A", "cores": 2, "load_before": 0.0},
        "versions": {"python": "3"},
        "commit": "c0ffee",
        "time": "now",
    }
    content = {"stamp": stamp, "corpus": "MTOP", "other": "TOPv2", "splits": {"dev": counts}}
    path = tmp_path / "shared_texts.json"
    records = tmp_path / "distillation.jsonl"
    records.write_text("", encoding="utf-8")
    assert "similar corpus" not in render(records)
    path.write_text(json.dumps(content), encoding="utf-8")
    assert "| dev | 2,000 | 500 (25%) | 99.0% | 90.0% |" in render(records)
