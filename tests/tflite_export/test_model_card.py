"""The card says what was measured."""

from __future__ import annotations

import dataclasses

import pytest

from pqrnn_tf.datasets import CORPORA
from pqrnn_tf.runtime import ProjectionSpec
from pqrnn_tf.runtime.confidence import Calibration, Rejection, ScoreMap
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.metadata import Metadata
from tflite_export.model_card import (
    LANGUAGE_NAMES,
    join_names,
    losses_table,
    mean_scores,
    part_titles,
    render_card,
    score_fields,
)
from tflite_export.reliability import PLOT

SLOTS = LabelSet(intents=("a", "b"), tags=("O", "B-x", "I-x"))
HOLES = LabelSet(intents=("a", "b"), tags=("O", "B-x", "I-x", "G-x"))
INTENTS = LabelSet(intents=("a", "b", "oos"), tags=("O",))
NESTED = LabelSet(
    intents=("a", "b"),
    tags=("O", "B-x", "I-x"),
    nested=("O", "B-b/x"),
    slots_of_nested=((), ("x",)),
)
SCORES = {"rows": 2000, "intent_accuracy": 97.5, "slot_f1": 90.25, "tag_f1": 91.0}
SCORES |= {"flat_exact_match": 80.5}
PART = {"corpus": "SNIPS", "language": "en", "data": "snips"}


def metadata(labels: LabelSet = SLOTS) -> Metadata:
    return Metadata(
        spec=ProjectionSpec(max_tokens=24),
        labels=labels,
        quantization="int8_weights",
        versions={"keras": "3"},
        licence="Terms.",
    )


def test_the_card_shows_how_often_scores_are_right_and_says_what_is_rejected():
    scores = {**SCORES, "reliability": [[10, 45.0, 40.0]], "calibration_error": 1.0}
    content = record(tflite={**scores, "intent_calibration_error": 1.0})
    assert PLOT not in render_card("m", content, metadata())  # its scores are not calibrated
    line = ScoreMap({"parse": 1.0}, (0.0, 1.0), (0.1, 0.9))
    calibrated = dataclasses.replace(
        metadata(),
        calibration=Calibration(line, ScoreMap({"margin": 1.0}, (0.0, 1.0), (0.1, 0.9))),
        rejection=Rejection({"highest": 1.0}, 2.5, notes={"chosen_on": {"general texts": 9}}),
    )
    card = render_card("m", content, calibrated)
    assert "\n\n![How often a score is right](reliability.png)\n\n" in card
    assert "\nBelow a threshold requests get no intent; 9 general texts chose it.\n" in card


def record(**values: object) -> dict:
    return {
        "parts": [PART],
        "bytes": 1_234_567,
        "tflite": SCORES,
        "keras": {**SCORES, "flat_exact_match": 80.75},
        "parity": {"same_parse": 0.995, "largest_difference": 0.1, "tolerance": 0.4},
        "versions": {"keras": "3"},
        "other_data": [],
        "selection": "S",
        "commands": ["train", "distil"],
        "published_by": "publish",
        **values,
    }


def test_a_corpus_of_slots():
    card = render_card("snips", record(), metadata())
    assert card.startswith(
        "# snips\n\nIntent and slots of English utterances in the label set of SNIPS,"
    )
    assert "| file | `model.tflite`, 1,234,567 bytes, quantization: int8_weights |" in card
    assert "| labels | 2 intents, 1 slots (`labels.json`) |" in card
    assert "SNIPS (Coucke et al. 2018, arXiv 1805.10190), training rows, CC0 1.0 |" in card
    assert (
        "|  | flat exact match | intent accuracy | slot F1 | slot F1 of BIO tags (conlleval) |"
        in card
    )
    assert "| 8 bits, on the stock runtime | **80.50** | 97.50 | 90.25 | 91.00 |" in card
    assert "| floats, in Keras | 80.75 | 97.50 | 90.25 | 91.00 |" in card
    assert "99.50 % of the parses are the same" in card
    assert "train\ndistil\npublish\n```" in card
    assert "nested" not in card.split("## Limits")[1]
    assert "{" not in card


def test_a_corpus_of_intents_alone():
    scores = {"rows": 3100, "intent_accuracy": 93.0, "flat_exact_match": 93.0}
    scope = {"in_scope_accuracy": 90.5, "out_of_scope_recall": 70.25, "auroc": 95.0}
    scope |= {"in_scope_accuracy_untuned": 92.0, "out_of_scope_recall_untuned": 40.0}
    part = {"corpus": "CLINC150", "language": "en", "data": "clinc150"}
    content = record(parts=[part], tflite={**scores, "out_of_scope": scope}, keras=scores)
    card = render_card("clinc", content, metadata(INTENTS))
    assert "\nIntent of English utterances" in card
    assert "| labels | 3 intents (`labels.json`) |" in card
    assert "|  | intent accuracy |\n" in card
    assert "| 8 bits, on the stock runtime | **93.00** |" in card
    assert "90.50 in-scope accuracy and 70.25 out-of-scope recall" in card
    assert "slot" not in card


def test_whole_trees_have_a_column():
    content = record(tflite={**SCORES, "tree_exact_match": 78.5})
    card = render_card("m", content, metadata())
    assert "|  | tree exact match | flat exact match |" in card
    assert "| **78.50** | 80.50 |" in card
    assert "| floats, in Keras |  | 80.75 |" in card
    assert "nested intents inside a slot are not opened" in card


def way(form: str, lost: float, **more: object) -> dict:
    scores = {"flat_exact_match": 80.5 - lost, "intent_accuracy": 97.0, "lost_intents": 0.5}
    return {"form": form, "seed": 1, "changed": 1900, "lost": lost, **scores, **more}


def test_the_ways_of_writing_that_cost_most_stand_first():
    ways = [way("full_stop", 0.25), way("emoji_after", 1.5), way("tabs", -0.25)]
    ways += [way("homophone", 4.0, share=0.1)]
    card = render_card("m", record(tflite={**SCORES, "surface": ways}), metadata())
    section = card.split("## Written in other ways\n")[1].split("\n## ")[0]
    assert "in 3 other forms, and with 1 kinds and shares of errors" in section
    assert [line for line in section.splitlines() if line.startswith("|")][2:] == [
        "| as it is | 0 | 80.50 |  |  |",
        "| errors, homophone, 10 % of the words | 1,900 | 76.50 | +4.00 | +0.50 |",
        "| emoji after | 1,900 | 79.00 | +1.50 | +0.50 |",
        "| full stop | 1,900 | 80.25 | +0.25 | +0.50 |",
        "| tabs | 1,900 | 80.75 | -0.25 | +0.50 |",
    ]
    assert "others lose" not in card
    many = [way(f"form_{i}", i) for i in range(20)]
    card = render_card("m", record(tflite={**SCORES, "surface": many}), metadata())
    assert "| form 19 |" in card and "| form 4 |" not in card
    assert "The 5 others lose 4.00 at most." in card


def test_without_them_there_is_no_section():
    assert "Written in other ways" not in render_card("m", record(), metadata())


def test_losses_of_several_models_stand_side_by_side():
    lines = losses_table(
        {"a": [way("tabs", 1.0), way("vowel", 2.0, share=0.2)], "b": [way("tabs", -0.5)]},
        [["**forms**", "1", "0"]],
    )
    assert lines.splitlines() == [
        "| points lost | a | b |",
        "| --- | --- | --- |",
        "| tabs | +1.00 | -0.50 |",
        "| errors, vowel, 20 % of the words | +2.00 |  |",
        "| **forms** | 1 | 0 |",
    ]


@pytest.mark.parametrize(
    ("labels", "limit"),
    [(NESTED, "are opened where training rows"), (HOLES, "A slot with a gap is found")],
)
def test_limits_are_those_of_the_labels(labels, limit):
    assert limit not in render_card("m", record(), metadata(SLOTS))
    assert limit in render_card("m", record(), metadata(labels))


def test_corpora_of_several_languages_have_a_row_each_and_a_mean():
    first = {**PART, "corpus": "MTOP", "data": "mtop:en", "tflite": SCORES}
    second = {**first, "language": "hi", "tflite": {**SCORES, "slot_f1": 80.0, "rows": 5}}
    card = render_card("m", record(parts=[first, second]), metadata())
    assert "English and Hindi utterances in the label set of MTOP" in card
    assert "| English | 2000 | 80.50 | 97.50 | 90.25 | 91.00 |" in card
    assert "| Hindi | 5 | 80.50 | 97.50 | 80.00 | 91.00 |" in card
    assert "| mean |  | **80.50** | **97.50** | **85.12** | **91.00** |" in card


def test_parts_are_called_by_what_tells_them_apart():
    other = {"corpus": "MTOP", "language": "en", "data": "mtop"}
    assert part_titles([PART, other]) == ["SNIPS", "MTOP"]
    german = {**other, "language": "de"}
    assert part_titles([PART, other, german]) == ["SNIPS English", "MTOP English", "MTOP German"]
    assert part_titles([other, {**other, "data": "mtop_2"}]) == ["mtop", "mtop_2"]


def test_the_mean_is_over_what_all_have():
    assert mean_scores([{"slot_f1": 1.0, "tag_f1": 5.0}, {"slot_f1": 2.0}]) == {"slot_f1": 1.5}


def test_names_are_listed_once():
    assert join_names(["a"]) == "a"
    assert join_names(["a", "b", "a"]) == "a and b"
    assert join_names("abc") == "a, b and c"


def test_fields_stand_in_one_order():
    assert score_fields([{"tag_f1": 1, "slot_f1": 1}, {"intent_accuracy": 1}]) == [
        "intent_accuracy",
        "slot_f1",
        "tag_f1",
    ]


def test_every_language_of_a_corpus_has_a_name():
    assert {code for corpus in CORPORA for code in corpus.languages} <= set(LANGUAGE_NAMES)


def test_an_unknown_corpus_is_named():
    with pytest.raises(ValueError, match="Received: 'ATIS'"):
        render_card("m", record(parts=[{**PART, "corpus": "ATIS"}]), metadata())


def test_a_mean_is_that_of_the_scores_before_they_were_rounded():
    rows = {"rows": 859, "slot_f1": 50.0}
    records = [{**rows, "flat_exact_match": round(100 * n / 859, 2)} for n in (740, 601, 653, 679)]
    mean = mean_scores(records)
    assert mean["flat_exact_match"] == pytest.approx(100 * (740 + 601 + 653 + 679) / (4 * 859))
    assert mean["slot_f1"] == 50
    assert mean_scores([{"rows": 3, "flat_exact_match": 40.0}]) == {"flat_exact_match": 40.0}
