"""The threshold of what is rejected, with rows out of scope and without."""

from __future__ import annotations

import dataclasses
import types

import numpy as np
import pytest

from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.runtime.decoding import Decoder
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.tasks.metrics import Answer, answered_intent, score_parsed
from pqrnn_tf.tasks.rejection import (
    FEWEST_OUTSIDE,
    chose_rejection,
    fit_rejection,
    needs_general_texts,
    outside_intent,
    score_rejection,
    texts_of_drawn_words,
)
from pqrnn_tf.tasks.scoring import FileModel, measure

WITH = LabelSet(("A", "B", "C", "oos"), ("O",))
WITHOUT = LabelSet(("A", "B", "C"), ("O",))


def answers_of(labels: LabelSet, logits: np.ndarray, rejection=None) -> list[Answer]:
    decoder = Decoder(labels, rejection=rejection, keep_evidence=True)
    slots = np.zeros((1, 1))
    return [Answer([(0, 1)], decoder(own, slots, 1), own) for own in logits]


def data(labels: LabelSet, inside: int, outside: int, seed: int = 1):
    """Rows whose right intent has a large logit, and rows out of scope without one."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(inside + outside, len(labels.intents)))
    names = [labels.intents[i % 3] for i in range(inside)] + ["oos"] * outside
    for row, name in zip(logits, names, strict=True):
        if name != "oos":
            row[labels.intents.index(name)] += 6
        elif "oos" in labels.intents:
            row[3] += 4
    return [Example("x", name, ()) for name in names], logits


def test_rows_out_of_scope_weigh_their_intent_and_choose_the_threshold():
    rows, logits = data(WITH, 300, 30)
    answers = answers_of(WITH, logits, outside_intent(WITH))
    found = fit_rejection(rows, answers, WITH)
    assert found.outside == "oos"
    assert found.weights["highest"] > 0 > found.weights["outside"]
    others, logits = data(WITH, 300, 100, seed=2)
    scores = score_rejection(others, answers_of(WITH, logits, found), WITH, found, halves=False)
    assert scores.out_of_scope_recall > 90 and scores.in_scope_accuracy > 90
    assert scores.threshold == found.threshold
    assert fit_rejection(rows, answers, WITH) == found


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 1.0])
def test_no_more_requests_out_of_scope_are_accepted_than_wanted(rate):
    rows, logits = data(WITH, 100, 40)
    found = fit_rejection(rows, answers_of(WITH, logits, outside_intent(WITH)), WITH, rate=rate)
    accepted = [not answer.parse.rejected for answer in answers_of(WITH, logits, found)[100:]]
    assert sum(accepted) == int(rate * 40)
    assert found.notes["rate"] == rate


def test_a_model_without_the_intent_is_given_a_threshold_by_rows_out_of_scope():
    rows, logits = data(WITHOUT, 200, 20)
    found = fit_rejection(rows, answers_of(WITHOUT, logits), WITHOUT)
    assert (found.outside, set(found.weights)) == ("", {"highest"})
    both = score_rejection(rows, answers_of(WITHOUT, logits, found), WITHOUT, found, halves=True)
    assert both.out_of_scope_rows == 20 and both.auroc > 95


def test_without_rows_out_of_scope_nothing_is_rejected_unless_it_is_wanted():
    rows, logits = data(WITHOUT, 200, 0)
    assert fit_rejection(rows, answers_of(WITHOUT, logits), WITHOUT) is None


@pytest.mark.parametrize("rate", [0.05, 0.2])
def test_intents_that_are_left_out_choose_the_threshold(rate):
    rows, logits = data(WITHOUT, 1000, 0)
    found = fit_rejection(rows, answers_of(WITHOUT, logits), WITHOUT, rate=rate)
    _, strange = data(WITHOUT, 0, 1000, seed=3)
    accepted = np.mean([not own.parse.rejected for own in answers_of(WITHOUT, strange, found)])
    # A foreign request has three intents to be taken for, one whose intent is left out has two.
    assert rate <= accepted < 2 * rate
    kept = [not own.parse.rejected for own in answers_of(WITHOUT, logits, found)]
    assert np.mean(kept) > 0.95


def test_general_texts_raise_the_threshold():
    rows, logits = data(WITHOUT, 300, 0)
    answers = answers_of(WITHOUT, logits)
    general = answers_of(WITHOUT, np.random.default_rng(4).normal(size=(100, 3)) + 3)
    found = fit_rejection(rows, answers, WITHOUT, general=general, rate=0.1)
    assert found.threshold > fit_rejection(rows, answers, WITHOUT, rate=0.1).threshold
    accepted = [own.parse.evidence["highest"] >= found.threshold for own in general]
    assert sum(accepted) == 10


def test_a_rate_needs_rows_and_lies_between_0_and_1():
    with pytest.raises(ValueError, match="development rows"):
        fit_rejection([], [], WITHOUT, rate=0.1)
    with pytest.raises(ValueError, match="from 0 to 1"):
        fit_rejection([], [], WITHOUT, rate=1.5)


def metadata_of(rejection, calibration=None):
    return types.SimpleNamespace(rejection=rejection, calibration=calibration)


def test_few_rows_out_of_scope_were_scored_with_what_was_fitted_to_them():
    rows, logits = data(WITHOUT, 200, FEWEST_OUTSIDE + 2)
    found = fit_rejection(rows, answers_of(WITHOUT, logits), WITHOUT)
    wrong = dataclasses.replace(found, threshold=99.0)  # as no half of the rows would choose it
    answers = answers_of(WITHOUT, logits, wrong)
    both = score_rejection(rows, answers, WITHOUT, wrong, halves=True)
    assert both.threshold == 99.0 and both.in_scope_accuracy > 90


def test_few_development_rows_were_scored_with_a_rejection_that_was_fitted_to_them():
    rows, logits = data(WITHOUT, 20, 12)
    found = dataclasses.replace(
        fit_rejection(rows, answers_of(WITHOUT, logits), WITHOUT), threshold=99.0
    )
    answers = answers_of(WITHOUT, logits, found)
    model = FileModel(WITHOUT, lambda texts: answers, metadata_of(found))
    assert measure(model, rows)["out_of_scope"]["in_scope_accuracy"] > 80
    # Rows that have not chosen it are scored with the file's.
    assert measure(model, rows, development=list)["out_of_scope"]["in_scope_accuracy"] == 0


def test_a_threshold_of_general_texts_was_chosen_again_without_them():
    rows, logits = data(WITHOUT, 100, 4)
    general = answers_of(WITHOUT, np.full((10, 3), 50.0))
    found = fit_rejection(rows, answers_of(WITHOUT, logits), WITHOUT, general=general, rate=0.1)
    answers = answers_of(WITHOUT, logits, found)
    assert found.threshold > 40 and not chose_rejection(found, rows, answers)
    model = FileModel(WITHOUT, lambda texts: answers, metadata_of(found))
    scope = measure(model, rows)["out_of_scope"]
    assert (scope["in_scope_accuracy"], scope["out_of_scope_recall"]) == (0.0, 100.0)


def test_a_rejected_request_is_answered_out_of_scope():
    rows, logits = data(WITH, 100, 20)
    found = fit_rejection(rows, answers_of(WITH, logits, outside_intent(WITH)), WITH)
    answers = answers_of(WITH, logits, found)
    told = [answered_intent(own.parse) for own in answers]
    assert told.count("oos") >= 18
    scores = score_parsed(rows, [(own.spans, own.parse) for own in answers])
    right = sum(row.intent == name for row, name in zip(rows, told, strict=True))
    assert scores.intent_accuracy == scores.flat_exact_match == pytest.approx(100 * right / 120)


def test_texts_of_drawn_words_are_of_one_language_and_no_rows():
    of = {"en": ("wake me", "stop the music now"), "de": ("weck mich", "mach lauter bitte")}
    rows = [Example(text, "A", (), locale=code) for code, texts in of.items() for text in texts]
    strange = [
        Example("who knows", "oos", ()),
        Example("stop", "A", ()),
        Example("七点叫我", "A", ()),
    ]
    texts = texts_of_drawn_words([*rows, *strange])
    assert texts == texts_of_drawn_words([*rows, *strange]) and len(texts) > 50
    words = [set(text.split()) for text in texts]
    known = {code: {word for text in texts for word in text.split()} for code, texts in of.items()}
    assert all(any(own <= these for these in known.values()) for own in words)
    assert not {row.text for row in rows} & set(texts)
    assert {len(text.split()) for text in texts} == {2, 3, 4}
    assert texts_of_drawn_words(strange) == []


def test_drawn_words_stand_in_for_general_texts_only():
    rows, logits = data(WITHOUT, 300, 0)
    answers = answers_of(WITHOUT, logits)
    drawn = answers_of(WITHOUT, np.random.default_rng(4).normal(size=(100, 3)) + 3)
    found = fit_rejection(rows, answers, WITHOUT, drawn=drawn, rate=0.1)
    assert sum(own.parse.evidence["highest"] >= found.threshold for own in drawn) == 10
    assert found.notes["chosen_on"]["texts of drawn words"] == 100
    assert needs_general_texts(rows, 0.1) and not needs_general_texts(rows, None)
    outside, _ = data(WITH, 50, FEWEST_OUTSIDE)
    assert not needs_general_texts(outside, 0.1)
