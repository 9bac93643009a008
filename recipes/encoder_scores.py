"""What sentence vectors are worth on development rows: similarity of sentences, and intents from few phrases."""

from __future__ import annotations

import csv
import pathlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pqrnn_tf.datasets.rows import Example

LANGUAGES = ("en", "de", "es", "fr", "it", "ja", "pt", "zh")
FEW_SHOT = {"banking77": "Banking77", "clinc150": "CLINC150", "hwu64": "HWU64"}
"""Corpora of intents with official rows for few-shot learning, and their titles."""
SHOTS = ("train_5", "train_10")
REGRESSION: dict[str, Any] = {"C": 30.0, "max_iter": 500}
"""Settings of scikit-learn's `LogisticRegression` over all vectors."""

Encode = Callable[[Sequence[str]], np.ndarray]
"""From texts to vectors `(texts, width)` of unit length."""


def similarity(encode: Encode, corpora: pathlib.Path, language: str) -> float:
    """Spearman's correlation, in percent, on the development rows of STS-B."""
    from scipy.stats import spearmanr

    path = corpora / "stsb" / f"{language}_dev.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row[0], row[1], float(row[2])) for row in csv.reader(file)]
    one, other = encode([row[0] for row in rows]), encode([row[1] for row in rows])
    cosines = (one * other).sum(axis=1)
    return round(100 * float(spearmanr(cosines, [row[2] for row in rows]).statistic), 2)


def rows_of(corpora: pathlib.Path, corpus: str, split: str) -> list[Example]:
    """The rows of an official split of a corpus of intents."""
    folder = corpora / "few_shot" / corpus / split
    texts, labels = (
        (folder / name).read_text(encoding="utf-8").splitlines() for name in ("seq.in", "label")
    )
    return [Example(text, label, ()) for text, label in zip(texts, labels, strict=True)]


def intents(encode: Encode, corpora: pathlib.Path, corpus: str) -> dict[str, float]:
    """Accuracy in percent of logistic regression over frozen vectors, by the rows that it is trained on."""
    development = rows_of(corpora, corpus, "valid")
    return {
        shots: accuracy(encode, rows_of(corpora, corpus, shots), development) for shots in SHOTS
    }


def accuracy(encode: Encode, rows: Sequence[Example], development: Sequence[Example]) -> float:
    """Intents in percent that logistic regression over frozen vectors of some rows names right."""
    from sklearn.linear_model import LogisticRegression

    head = LogisticRegression(**REGRESSION)
    head.fit(encode([row.text for row in rows]), [row.intent for row in rows])
    asked = head.predict(encode([row.text for row in development]))
    right = asked == np.array([row.intent for row in development])
    return round(100 * float(right.mean()), 2)


def scores(
    encode: Encode, corpora: pathlib.Path, languages: Sequence[str], *, with_intents: bool = True
) -> dict[str, Any]:
    """All of these, as results hold them; or the similarity only."""
    found: dict[str, Any] = {
        "width": int(encode(["one"]).shape[1]),
        "stsb": {language: similarity(encode, corpora, language) for language in languages},
    }
    if with_intents:
        found["few_shot"] = {corpus: intents(encode, corpora, corpus) for corpus in FEW_SHOT}
    return found
