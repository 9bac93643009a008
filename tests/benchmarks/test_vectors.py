"""Stages of sentence encoders: time from text to vector, and intents that are added without training."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from benchmarks import new_intents, records, vectors
from benchmarks.tables.vectors import TABLES
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.runtime import Encoder, Parser
from tests.tflite_export.make_encoder_golden import ADDED, DESCRIBED, MODEL
from tests.tflite_export.make_jvm_golden import RESOURCES, TEXTS

ROWS = [Example("open the garage", "open_garage", ()), Example("lights off", "lights_off", ())]


class Measured:
    """What was measured, for the tables."""

    def __init__(self, **results):
        self.results = results

    def read(self, name):
        return self.results[name]


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Where results are written, and texts for those of MTOP."""
    monkeypatch.setattr(records, "RESULTS", tmp_path)
    monkeypatch.setattr(vectors, "mtop_texts", lambda count, split="dev": [*TEXTS, *TEXTS][:count])
    monkeypatch.setattr(vectors, "LINES", 2000)
    return tmp_path


def test_a_vocabulary_has_the_words_and_the_size():
    pieces = vectors.potion_vocabulary(["wake me", "wake Zoë"], 60)
    assert len(set(pieces)) == len(pieces) == 60 and {"wake", "me", "zoë", "##k"} <= set(pieces)


def test_a_static_model_takes_the_mean_of_its_pieces():
    pytest.importorskip("model2vec")
    model = vectors.static_model(vectors.potion_vocabulary(["wake me at seven"], 80), 16)
    found = model.encode(["wake me", "me wake", "seven"])
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)
    assert found[0] @ found[2] < 0.99


def test_without_model2vec_it_is_left_out_and_that_is_said(results, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "model2vec", None)
    call = ["--model", str(MODEL), "--texts", "6", "--rounds", "1"]
    code = run_command("t", vectors.__doc__, vectors.configure, vectors.run, call)
    assert code == 0 and "model2vec is left out" in capsys.readouterr().err
    found = json.loads((results / "vectors.json").read_text(encoding="utf-8"))
    (system,) = found["systems"].values()
    assert system["width"] == 24 and system["one"]["median_us"] > 0 and system["many_us"] > 0
    assert found["search"]["ms"] > 0 and found["stamp"]["commit"]
    table = TABLES["vectors"](Measured(vectors=found))
    assert "0.27 MB" in table and table.count("\n") == 2


def test_scores_of_intents_that_are_added():
    encoder = new_intents.RememberingEncoder(MODEL)
    np.testing.assert_array_equal(encoder.encode(TEXTS), Encoder(MODEL).encode(TEXTS))
    scores = new_intents.alone(encoder, ADDED, ROWS, ["lunch"])
    assert scores == {
        "accuracy": 100.0,
        "accuracy_with_rejection": 100.0,
        "outside_rejected": 100.0,
    }
    parts = {"new": ROWS, "trained": [Example("Wake me at 7pm", "CREATE_ALARM", ())]}
    parser = Parser(RESOURCES / "tiny.tflite")
    before = new_intents.beside(parser, encoder, {}, {}, {"trained": parts["trained"]})
    assert before == {"trained": 100.0}
    told = {"CREATE_ALARM": DESCRIBED["CREATE_ALARM"]}
    after = new_intents.beside(parser, encoder, ADDED, told, parts)
    assert after == {"new": 100.0, "trained": 100.0}


def test_the_tables_of_added_intents():
    scores = {"untold": {"new": 80.0, "trained": 70.0}, "told": {"new": 85.0, "trained": 71.0}}
    only = {"accuracy": 83.0, "accuracy_with_rejection": 82.0, "outside_rejected": 73.0}
    results = {
        "new_intents": 15,
        "intents": 150,
        "before": {"trained": 72.0},
        "beside": {"5": scores, "10": scores},
        "alone": {"5": only, "10": only},
    }
    measured = Measured(new_intents=results)
    table = TABLES["new_intents"](measured)
    assert "15 intents added to 135" in table and table.count("85.0") == 2
    assert "83.0" in TABLES["only_phrases"](measured)
