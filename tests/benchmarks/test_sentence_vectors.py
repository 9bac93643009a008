"""Scores of sentence vectors: the settings of a mirrored BERT, and rows without intents."""

from __future__ import annotations

import json

from benchmarks.measured import Measured
from benchmarks.sentence_vectors import NAME, configure, run, training_of
from benchmarks.tables.sentence_vectors import sentence_vectors
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.files import CLAIM


def test_the_settings_of_a_mirrored_bert_stand_beside_its_scores(tmp_path):
    (tmp_path / CLAIM).write_text('{"config": {"epochs": 1}, "data": "x"}')
    (tmp_path / "log.jsonl").write_text('{"step": 1}\n{"step": 2}\n')
    expected = {"training": {"config": {"epochs": 1}, "last_round": {"step": 2}}}
    assert training_of(str(tmp_path / "encoder")) == expected
    assert training_of(str(tmp_path / "bert")) == {}  # what it began as
    assert training_of(str(tmp_path / "other" / "encoder")) == {}


def test_a_row_without_intents_has_empty_cells(tmp_path):
    found = {"width": 8, "bytes": None, "stsb": {"en": 61.7}}
    (tmp_path / f"{NAME}.json").write_text(json.dumps({"systems": {"before": found}}))
    row = sentence_vectors(Measured(tmp_path)).splitlines()[-1]
    assert row.startswith("| before | 8 |  | 61.7 |  |")


def test_intents_are_not_asked_for_where_only_similarity_is(capfd):
    line = ["--stsb", "--tfidf"]
    assert run_command("x", "", configure, run, line) != 0
    assert "--stsb measures no intents" in capfd.readouterr().err
