"""The threshold below which a request is rejected, because it belongs to no intent.

Where development rows are out of scope, a logistic regression that counts both kinds alike weighs the features, and
the threshold is chosen on the same rows: for a wanted share of accepted requests out of scope, or with the largest sum
of in-scope accuracy and out-of-scope recall. The intent of such rows is then no answer; its logit is one of the
features, as is the largest logit of another intent (Vaze et al. 2022, arXiv 2110.06207).

Without such rows the score is the largest logit, and a share must be wanted. What is out of scope is then played by
two kinds of requests: development rows of which the model lacks the intent, which is why the logit of the right intent
is left out, and general texts, or where none are given, texts of words that are drawn from many rows. Each must be
accepted no more often than is wanted. The model *was* trained on those intents, and it pushes other intents' logits
down with what it knows of them. So more requests that are really foreign may be accepted than of these; of drawn words
it knows each and their order tells it nothing, as with foreign requests.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from pqrnn_tf.datasets.folding import folded, folded_texts
from pqrnn_tf.datasets.rows import OUT_OF_SCOPE, Example
from pqrnn_tf.runtime.confidence import Rejection
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.tasks.calibration import alternating, logistic_regression
from pqrnn_tf.tasks.metrics import Answer, gold_intent
from pqrnn_tf.tasks.out_of_scope import ScopeRows, ScopeScores, choose_threshold, score_scope

FEATURES_WITH_ROWS = ("highest", "outside")
"""What the score is made of where rows are out of scope."""
FEATURE_WITHOUT_ROWS = "highest"
"""What the score is where none are."""
FEWEST_OUTSIDE = 10
"""Rows out of scope from which on they decide."""
OUTSIDE_ROWS = "rows out of scope"
"""What `chosen_on` in the notes of a rejection calls them where they have decided."""
FEWEST_DRAWN = 500
"""Texts of drawn words that are made at least."""
_NEVER = -1e9


def needs_general_texts(examples: Sequence[Example], rate: float | None) -> bool:
    """Whether texts that belong to no intent choose a threshold: too few rows do, and a rate is wanted."""
    outside = sum(gold_intent(row) == OUT_OF_SCOPE for row in examples)
    return rate is not None and (outside < FEWEST_OUTSIDE or outside == len(examples))


def texts_of_drawn_words(examples: Sequence[Example]) -> list[str]:
    """Texts as long as rows, each of words that are drawn from all rows of its language; always the same ones.

    Args:
        examples: Rows. Those of one word, of a script without spaces, or out of scope give none.

    Returns:
        About `FEWEST_DRAWN` texts or as many as there are rows; none of them is a row.
    """
    chance = random.Random(0)
    words: dict[str, list[str]] = {}
    lengths: list[tuple[str, int]] = []
    for row in examples:
        own = row.text.split()
        if gold_intent(row) != OUT_OF_SCOPE and len(own) > 1:
            words.setdefault(row.locale, []).extend(own)
            lengths.append((row.locale, len(own)))
    rounds = -(-FEWEST_DRAWN // len(lengths)) if lengths else 0
    drawn = [" ".join(chance.choices(words[of], k=count)) for of, count in lengths * rounds]
    known = folded_texts(examples)
    return [text for text in dict.fromkeys(drawn) if folded(text) not in known]


def outside_intent(labels: LabelSet) -> Rejection | None:
    """A rejection that rejects nothing, but never answers the intent of requests out of scope; `None` without it."""
    if OUT_OF_SCOPE not in labels.intents or len(labels.intents) < 2:
        return None
    return Rejection({FEATURE_WITHOUT_ROWS: 1.0}, _NEVER, OUT_OF_SCOPE)


def fit_rejection(
    examples: Sequence[Example],
    answers: Sequence[Answer],
    labels: LabelSet,
    *,
    general: Sequence[Answer] = (),
    drawn: Sequence[Answer] = (),
    rate: float | None = None,
    fewest: int = FEWEST_OUTSIDE,
) -> Rejection | None:
    """Weights and threshold of a rejection; the same rows give the same ones.

    Args:
        examples: Development rows.
        answers: What a decoder with `outside_intent` says of each, with evidence.
        labels: Labels of the model.
        general: Answers to texts that belong to no intent. They are of use only where fewer than `fewest` development
            rows are out of scope.
        drawn: Answers to `texts_of_drawn_words`, which stand in for general texts.
        rate: Wanted share of the requests out of scope that are accepted, from 0 to 1. `None` for the threshold that
            suits rows of both kinds best; without such rows for no rejection.
        fewest: Rows out of scope from which on they decide.

    Returns:
        The rejection, or `None` where nothing is to be rejected.

    Raises:
        ValueError: if `rate` is not from 0 to 1, or there is nothing to choose a threshold by.
    """
    if rate is not None and not 0.0 <= rate <= 1.0:
        raise ValueError(f"`rate` must be from 0 to 1. Received: {rate!r}.")
    nothing = outside_intent(labels)
    pairs = [(row, answer) for row, answer in zip(examples, answers, strict=True) if answer.spans]
    outside = np.array([gold_intent(row) == OUT_OF_SCOPE for row, _ in pairs], bool)
    if outside.sum() >= fewest and not outside.all():
        return _with_rows(pairs, outside, nothing, rate)
    if rate is None:
        return None
    strange = [
        ("development rows whose intent is left out", _without_own_intent(pairs, labels)),
        *(
            (name, np.array([_feature(own, FEATURE_WITHOUT_ROWS) for own in texts if own.spans]))
            for name, texts in (("general texts", general), ("texts of drawn words", drawn))
        ),
    ]
    known = [(name, scores) for name, scores in strange if len(scores)]
    if not known:
        raise ValueError(
            "`examples` or `general` must hold texts to choose a threshold by. Received none. Give development rows."
        )
    threshold = max(_threshold_for(scores, rate) for _, scores in known)
    return Rejection(
        {FEATURE_WITHOUT_ROWS: 1.0},
        threshold,
        "" if nothing is None else nothing.outside,
        {"rate": rate, "chosen_on": {name: len(scores) for name, scores in known}},
    )


def chose_rejection(
    rejection: Rejection, examples: Sequence[Example], answers: Sequence[Answer]
) -> bool:
    """Whether as many rows out of scope have chosen a rejection as there are here.

    A rejection that was chosen without such rows knows nothing of them: they are then scored as any others.

    Args:
        rejection: The rejection.
        examples: Rows.
        answers: What the model says of each.
    """
    outside = sum(
        gold_intent(row) == OUT_OF_SCOPE and bool(answer.spans)
        for row, answer in zip(examples, answers, strict=True)
    )
    return rejection.notes.get("chosen_on", {}).get(OUTSIDE_ROWS) == outside


def scope_rows(
    examples: Sequence[Example],
    answers: Sequence[Answer],
    labels: LabelSet,
    rejection: Rejection,
) -> ScopeRows:
    """What a rejection says of the scope of some rows.

    Args:
        examples: The true rows.
        answers: What a decoder with this rejection says of each, with evidence.
        labels: Labels of the model.
        rejection: The rejection, whose score is the confidence.
    """
    logits = [answer.intent_logits for answer in answers]
    plain = ScopeRows.of(examples, logits, labels)
    scores = [
        rejection.score(answer.parse.evidence) if answer.parse.evidence else -np.inf
        for answer in answers
    ]
    right = [
        own.parse.intent == gold_intent(row) for row, own in zip(examples, answers, strict=True)
    ]
    return dataclasses.replace(plain, confidence=np.array(scores), right=np.array(right, bool))


def score_rejection(
    examples: Sequence[Example],
    answers: Sequence[Answer],
    labels: LabelSet,
    rejection: Rejection,
    *,
    halves: bool,
) -> ScopeScores:
    """Scores of rows in and out of scope with the threshold that a file holds.

    Args:
        examples, answers, labels, rejection: As `scope_rows` takes them.
        halves: Whether these rows chose the rejection (`chose_rejection`). Then every second row of either kind makes
            a half, each half is scored with weights and threshold that were fitted to the other one, and the scores
            are the means of both. `threshold` is that of the file.

    Raises:
        ValueError: if rows of either kind are missing; with `halves`, in either half.
    """
    rows = scope_rows(examples, answers, labels, rejection)
    if not halves:
        return score_scope(rows, threshold=rejection.threshold)
    second = alternating(rows.outside)
    both = []
    for scored in (second, ~second):
        fitted = fit_rejection(
            *_part(examples, answers, ~scored),
            labels,
            rate=rejection.notes.get("rate"),
            fewest=1,
        )
        own = fitted or rejection
        part = scope_rows(*_part(examples, answers, scored), labels, own)
        both.append(score_scope(part, threshold=own.threshold))
    first, other = both
    return ScopeScores(
        in_scope_rows=first.in_scope_rows + other.in_scope_rows,
        out_of_scope_rows=first.out_of_scope_rows + other.out_of_scope_rows,
        threshold=rejection.threshold,
        **{
            name: (getattr(first, name) + getattr(other, name)) / 2
            for name in (
                "in_scope_accuracy",
                "out_of_scope_recall",
                "auroc",
                "in_scope_accuracy_untuned",
                "out_of_scope_recall_untuned",
            )
        },
    )


def _part(
    examples: Sequence[Example], answers: Sequence[Answer], rows: np.ndarray
) -> tuple[list[Example], list[Answer]]:
    places = np.flatnonzero(rows).tolist()
    return [examples[i] for i in places], [answers[i] for i in places]


def _with_rows(
    pairs: Sequence[tuple[Example, Answer]],
    outside: np.ndarray,
    nothing: Rejection | None,
    rate: float | None,
) -> Rejection:
    names = [name for name in FEATURES_WITH_ROWS if name != "outside" or nothing is not None]
    x = np.array([[_feature(answer, name) for name in names] for _, answer in pairs])
    spread = np.maximum(x.std(axis=0), 1e-9)
    # Rows of both kinds weigh alike, however few are out of scope.
    balance = np.where(outside, (~outside).sum() / outside.sum(), 1.0)
    weights = (
        logistic_regression((x - x.mean(axis=0)) / spread, ~outside, of_rows=balance)[:-1] / spread
    )
    chosen = {name: float(f"{weight:.6g}") for name, weight in zip(names, weights, strict=True)}
    scores = x @ np.array([chosen[name] for name in names])
    right = np.array([answer.parse.intent == gold_intent(row) for row, answer in pairs], bool)
    if rate is None:
        threshold = choose_threshold(ScopeRows(scores, right, outside, np.zeros(len(scores), bool)))
    else:
        threshold = _threshold_for(scores[outside], rate)
    notes: dict[str, Any] = {"chosen_on": {OUTSIDE_ROWS: int(outside.sum())}}
    if rate is not None:
        notes["rate"] = rate
    return Rejection(
        chosen, float(f"{threshold:.9g}"), "" if nothing is None else nothing.outside, notes
    )


def _without_own_intent(pairs: Sequence[tuple[Example, Answer]], labels: LabelSet) -> np.ndarray:
    """The largest logit of an intent in scope that is not the right one, for each row with a right one."""
    place_of = {name: place for place, name in enumerate(labels.intents)}
    found = []
    for row, answer in pairs:
        own = gold_intent(row)
        logits = np.array(answer.intent_logits, float)
        others = [place for name, place in place_of.items() if name not in (own, OUT_OF_SCOPE)]
        if own in place_of and own != OUT_OF_SCOPE and others:
            found.append(logits[others].max())
    return np.array(found)


def _feature(answer: Answer, name: str) -> float:
    return (answer.parse.evidence or {})[name]


def _threshold_for(scores: np.ndarray, rate: float) -> float:
    """The lowest threshold at which no larger share of some scores is accepted."""
    ordered = np.sort(scores)[::-1]
    accepted = int(np.floor(rate * len(ordered) + 1e-9))
    if accepted >= len(ordered):
        return _NEVER
    # Half-way to the next one, so that another processor's rounding changes nothing.
    above = ordered[accepted - 1] if accepted else ordered[0] + 1.0
    return float(f"{(above + ordered[accepted]) / 2:.9g}")
