"""What the card of a teacher says of its languages."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from pqrnn_tf.commands import teacher_card
from pqrnn_tf.datasets import generate
from pqrnn_tf.datasets.making.mixture import Mixture
from pqrnn_tf.runtime.decoding import DecodedParse
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.tasks import parsing
from pqrnn_tf.tasks.metrics import Answer


@pytest.fixture
def rows():
    """Rows in two languages; of one intent German has templates only."""
    english, german = ([*generate(6, language=code, seed=3)] for code in ("en", "de"))
    assert len({row.intent for row in german}) > 1
    labelled = [row for row in german if row.intent != german[0].intent]
    templates = [row for row in german if row.intent == german[0].intent]
    return Mixture(
        [*english, *labelled, *templates], [*english, *german], from_templates=len(templates)
    )


@pytest.fixture
def measured(rows, monkeypatch):
    """Scores of a teacher that says one intent of everything."""
    said = rows.development[-1].intent
    parse = DecodedParse(said, 1.0, (), ("O",))
    monkeypatch.setattr(
        parsing,
        "answer_texts",
        lambda _, texts, **__: [Answer([(0, 1)], parse, np.zeros(1)) for _ in texts],
    )
    return said, teacher_card.measure_teacher(None, rows, ProjectionSpec())


def test_scores_by_language_and_of_intents_without_rows(rows, measured):
    said, record = measured
    foreign = rows.training[-1].intent
    for code, of in record["languages"].items():
        own = [row for row in rows.development if row.locale.startswith(code)]
        right = sum(row.intent == said for row in own)
        assert of["rows"] == len(own)
        assert of["intent_accuracy"] == pytest.approx(100 * right / len(own), abs=0.01)
        assert "tree_exact_match" not in of
    assert "unlabelled" not in record["languages"]["en"]
    unlabelled = record["languages"]["de"]["unlabelled"]
    assert unlabelled["rows"] == sum(row.intent == foreign for row in rows.training[-6:])


def test_one_language_has_no_table_of_languages(rows, measured):
    english = dataclasses.replace(rows, development=rows.development[:6])
    assert "languages" not in teacher_card.measure_teacher(None, english, ProjectionSpec())


def test_the_card_is_written_with_the_scores(measured, tmp_path):
    teacher_card.write_teacher_card(
        tmp_path, measured[1], data=["12 rows"], size=12_345_678, call="pqrnn finetune x"
    )
    card = (tmp_path / teacher_card.CARD).read_text(encoding="utf-8")
    for part in ("12.3 MB", "- 12 rows", "| German |", "mean of the languages", "pqrnn finetune x"):
        assert part in card
    assert "but for templates:" in card
    assert json.loads((tmp_path / teacher_card.SCORES_FILE).read_text()) == measured[1]


def test_the_card_without_development_rows(tmp_path):
    teacher_card.write_teacher_card(tmp_path, {}, data=["12 rows"], size=1, call="pqrnn finetune x")
    assert "nothing is known" in (tmp_path / teacher_card.CARD).read_text(encoding="utf-8")
