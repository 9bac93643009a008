"""Weights of a `BagHead`, in closed form, and how much the encoder weighs beside it.

On few rows TF-IDF and logistic regression over words and the character n-grams inside words beats an encoder that is
trained from scratch. Its logits are sums over tokens: every word has a vector of logits. A ridge regression from a
word's projection features to that vector moves the whole classifier, with its IDF weights, into one kernel over
projection features. No vocabulary is left, and a word that was never seen gets what its n-grams say.
"""

from __future__ import annotations

import logging
import random
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from pqrnn_tf.datasets.making.text_errors import distort_word
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.extras import require
from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.text import to_bytes
from pqrnn_tf.tasks.bag_head import BagSolution
from pqrnn_tf.tasks.parsing import answer_texts
from pqrnn_tf.tasks.pipeline import token_spans

_LOG = logging.getLogger(__name__)

ORDERS = (2, 3, 4, 5)
"""Lengths of the character n-grams inside words that the logistic regression sees."""
INVERSE_PENALTY = 30.0
"""C of the logistic regression."""
RIDGE = 3.0
"""Penalty of the regression from features to logits."""
INVENTED_WORDS = 3000
"""Words that no row has, such as halves of words put together. With the logistic regression's own answers to them the
ridge regression does not fit accidents of hashing; they must outnumber what the vocabulary lacks to the features."""
INVENTED_WEIGHT = 0.1
"""Weight of an invented word beside one occurrence of a real word."""
SHARPNESS = 4.0
"""Factor of the logistic regression's logits from `SURE_ROWS` on. Fitted to few rows they are less sure of an intent
than they are right, and a parse is decided by intent and tags together."""
SURE_ROWS = 200
"""Rows below which tags are hardly trained: of fewer the factor grows as 1/sqrt(rows), so that the intent decides."""
NEVER_SEEN_MARGIN = 3.0
"""How far the bias of an intent without rows is below all others, before the factor."""
MAX_ROWS = 20_000
"""Rows that the logistic regression sees at most; of more, a part is drawn by chance."""

MAX_WEIGHTS = 6_000_000
"""Weights of the logistic regression at most; of more n-grams the most frequent ones are taken. Its solver holds some
twenty times as many numbers."""
ENCODER_WEIGHTS = (0.4, 0.8, 1.6, 3.2, 6.4, 12.8)
"""Weights of the encoder that are tried on development rows."""
EVIDENCE = 2.0
"""How much likelier, in nats, development rows must be with another weight: a likelihood ratio at the usual 5 %."""
WEIGHT_OF_ROW = 0.4
"""Weight of an encoder that saw one row of each intent. Over 350 to 15,000 rows of SNIPS, CLINC150 and Banking77 the
weight that made development rows likeliest grew about as the square root of the rows of an intent: an encoder keeps
learning where a linear classifier has learnt what it can."""
MOST_WEIGHT = 6.4
"""The most that an encoder weighs: that of a hundred rows an intent and more was about this."""
_TEMPERATURES = tuple(np.geomspace(0.3, 30.0, 24).tolist())

_CHUNK = 2048


def solve_bag_head(
    rows: Sequence[Example],
    labels: LabelSet,
    spec: ProjectionSpec,
    *,
    seed: int = 1,
    weights: np.ndarray | None = None,
    rank: int | None = None,
) -> BagSolution:
    """Kernel and bias of a `BagHead` from training rows; the same rows and seed give the same weights.

    A logistic regression over TF-IDF of words and of character n-grams is fitted to the rows and to one further row
    per intent, the words of the intent's name. Its logits of each word are then regressed on the word's features.

    Args:
        rows: Training rows; those with an intent that `labels` lacks are left out.
        labels: Order of the intents. One without rows gets a bias below all others.
        spec: Projection that makes the features.
        seed: Seed of the invented words, and of the rows that are drawn where there are more than `MAX_ROWS`.
        weights: Weights of the rows `(rows,)`; `None` for 1.
        rank: Rank of the kernel, where that is less than the number of intents: of the words' logits, less their mean
            over the intents, only the first principal components are left. `None` for all.

    Returns:
        The weights; all 0 where the rows have fewer than two intents or no token.

    Raises:
        ImportError: if scikit-learn is not installed.

    Reference: Hoerl and Kennard 1970, *Ridge Regression*, for the closed form; what it is solved for is ours.
    """
    place_of = {name: place for place, name in enumerate(labels.intents)}
    known = [i for i, row in enumerate(rows) if row.intent in place_of]
    if len(known) > MAX_ROWS:
        known = random.Random(f"{seed}-rows").sample(known, MAX_ROWS)
    tokens = tokens_of([rows[i].text for i in known], spec)
    intents = [place_of[rows[i].intent] for i in known]
    seen = sorted(set(intents))
    names = tokens_of([" ".join(words_of_name(labels.intents[place])) for place in seen], spec)
    named = [(own, place) for own, place in zip(names, seen, strict=True) if own]
    tokens += [own for own, _ in named]
    intents += [place for _, place in named]
    counts = Counter(token for row in tokens for token in row)
    classes = len(labels.intents)
    rank = None if rank is None or rank >= classes else rank
    if len(seen) < 2 or not counts:
        inner = spec.features if rank is None else rank
        return BagSolution(
            np.zeros((inner, classes), np.float32),
            np.zeros(classes, np.float32),
            None if rank is None else np.zeros((spec.features, rank), np.float32),
        )
    of_rows = None
    if weights is not None:
        of_rows = np.concatenate([np.asarray(weights, np.float64)[known], np.ones(len(named))])
    teacher = _TokenTfidf(tokens, np.array(intents), classes, of_rows)
    words = sorted(counts)
    invented = _invented_words(words, random.Random(f"{seed}-words"))
    importance = [float(counts[word]) for word in words] + [INVENTED_WEIGHT] * len(invented)
    words += invented
    logits = teacher.logits_of_words(words)
    factor = SHARPNESS * max(1.0, SURE_ROWS / len(known)) ** 0.5
    bias = (factor * teacher.bias).astype(np.float32)
    if rank is None:
        kernel = _ridge(words, logits, np.sqrt(importance), spec)
        return BagSolution((factor * kernel).astype(np.float32), bias)
    logits -= logits.mean(axis=1, keepdims=True)
    _, components = np.linalg.eigh(logits.T @ (logits * np.asarray(importance)[:, None]))
    up = components[:, ::-1][:, :rank]
    down = _ridge(words, logits @ up, np.sqrt(importance), spec)
    return BagSolution((factor * up.T).astype(np.float32), bias, down.astype(np.float32))


def weight_by_rows(rows: Sequence[Example]) -> float:
    """The encoder's weight beside a bag head, from the rows that an intent has in the mean.

    Example:
    ```python
    weight_by_rows(ten_rows_of_each_intent)  # 0.4 · sqrt(10)
    ```
    """
    intents = {row.intent for row in rows}
    return float(min(MOST_WEIGHT, WEIGHT_OF_ROW * (len(rows) / max(1, len(intents))) ** 0.5))


def choose_encoder_weight(
    encoder: np.ndarray, bag: np.ndarray, intents: np.ndarray, *, usual: float
) -> float | None:
    """The weight of the encoder's logits beside a bag head, by how likely development rows are with it.

    For each weight the sum of both is divided by the temperature with which the rows are likeliest, so that only the
    proportion of the two counts. The usual weight stays unless another one makes the rows more than e^`EVIDENCE` times
    as likely; a few rows hardly ever do. Likelihoods distinguish weights with far fewer rows than numbers of right
    answers do.

    Args:
        encoder: `(rows, intents)`, the encoder's logits.
        bag: `(rows, intents)`, the bag's logits.
        intents: Integers `(rows,)`; negative where a row has none that the model knows.
        usual: The weight without any rows.

    Returns:
        The weight, or `None` where the encoder is better without the head.
    """
    known = intents >= 0
    encoder, bag, intents = encoder[known].astype(np.float64), bag[known], intents[known]
    if not len(intents):
        return usual
    found: dict[float | None, float] = {
        weight: _surprise(weight * encoder + bag, intents) for weight in (*ENCODER_WEIGHTS, usual)
    }
    found[None] = _surprise(encoder, intents)
    best = min(found, key=found.__getitem__)
    return best if found[usual] - found[best] > EVIDENCE else usual


def evidence_for_encoder(
    encoder: np.ndarray, bag: np.ndarray, intents: np.ndarray, *, weight: float
) -> float:
    """By how many nats development rows are likelier with the encoder beside the bag than without.

    Args:
        encoder, bag, intents: As in `choose_encoder_weight`.
        weight: The weight of the encoder.
    """
    known = intents >= 0
    encoder, bag, intents = encoder[known].astype(np.float64), bag[known], intents[known]
    if not len(intents):
        return 0.0
    return _surprise(bag, intents) - _surprise(weight * encoder + bag, intents)


def _surprise(logits: np.ndarray, intents: np.ndarray) -> float:
    """The negative logarithm of the likelihood of intents, in nats, with the best of some temperatures."""
    logits = logits - logits.max(axis=1, keepdims=True)
    own = logits[np.arange(len(intents)), intents]
    return min(
        float(np.sum(np.log(np.exp(logits / t).sum(axis=1)) - own / t)) for t in _TEMPERATURES
    )


def weigh_bag_head(model: Any, development: Sequence[Example], *, usual: float) -> float | None:
    """Chooses the encoder's weight beside a model's bag head; a head that does not help is taken away.

    Args:
        model: A trained `IntentSlotModel` with a bag head that was solved without the development rows.
        development: Rows to choose on; may be empty.
        usual: The weight where they do not tell another one to be better.

    Returns:
        The weight, or `None` where the head is gone.
    """
    head = model.bag_head
    weight: float | None = usual
    if head is None:
        return None
    if development:
        texts = [row.text for row in development]
        place_of = {name: place for place, name in enumerate(model.labels.intents)}
        intents = np.array([place_of.get(row.intent, -1) for row in development])
        encoder, bag = logits_beside(model, texts)
        weight = choose_encoder_weight(encoder, bag, intents, usual=usual)
        _LOG.info("bag head: weight %.4g for the encoder, by %d rows", weight, len(development))
    if weight is None:
        model.set_bag_head(None)
    else:
        head.encoder_weight.assign(weight)
    return weight


def logits_beside(model: Any, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The intent logits of a model's encoder and those of its bag head, each float32 `(texts, intents)`.

    The weight of the encoder is 1 then.
    """
    logits = []
    for own in (0.0, 1.0):
        model.bag_head.encoder_weight.assign(own)
        logits.append(np.stack([row.intent_logits for row in answer_texts(model, texts)]))
    bag, both = logits
    return both - bag, bag


def tokens_of(texts: Sequence[str], spec: ProjectionSpec) -> list[list[str]]:
    """The lower-cased tokens of each text, cut as the projection cuts them."""
    return [
        [text[start:end].lower() for start, end in own]
        for text, own in zip(texts, token_spans(texts, spec), strict=True)
    ]


def words_of_name(name: str) -> list[str]:
    """The words in an intent's name, in lower case.

    Example:
    ```python
    words_of_name("PlayMusic")  # ["play", "music"], like "play_music" and "play/music"
    ```
    """
    name = re.sub(r"([^\W\d_])(?=[A-Z][a-z])|([a-z])(?=[A-Z])", r"\g<0> ", name)
    words = re.split(r"[\W_]+", name.lower())
    return [word for word in words if any(map(str.isalpha, word))]


def logistic_regression(
    features: Any,
    intents: np.ndarray,
    classes: int,
    *,
    inverse_penalty: float,
    weights: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Multinomial logistic regression with a bias for every intent, also for those without rows.

    Args:
        features: `(rows, features)`, sparse or not.
        intents: Integers `(rows,)`, at least two different ones.
        classes: Number of intents.
        inverse_penalty: C.
        weights: Weights of the rows; `None` for 1.

    Returns:
        Float32 kernel `(classes, features)`, 0 for intents without rows, and float64 bias `(classes,)`, which is
        `NEVER_SEEN_MARGIN` below all others for them.

    Raises:
        ImportError: if scikit-learn is not installed.
    """
    model = require("sklearn.linear_model").LogisticRegression(C=inverse_penalty, max_iter=200)
    model.fit(features, intents, sample_weight=weights)
    kernel, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two classes
        kernel, bias = np.concatenate([-kernel, kernel]) / 2, np.concatenate([-bias, bias]) / 2
    whole = np.zeros((classes, kernel.shape[1]), np.float32)
    whole[model.classes_] = kernel
    of_all = np.full(classes, bias.min() - NEVER_SEEN_MARGIN)
    of_all[model.classes_] = bias
    return whole, of_all


class _TokenTfidf:
    """TF-IDF and multinomial logistic regression, whose logits are sums over tokens.

    Words and character n-grams are two blocks of TF-IDF, each of length 1 per row.

    Args:
        rows: Tokens of each row.
        intents: Integers `(rows,)`, at least two different ones.
        classes: Number of intents.
        weights: Float `(rows,)`; `None` for 1.

    Attributes:
        bias: Float `(classes,)`.
    """

    def __init__(
        self,
        rows: Sequence[Sequence[str]],
        intents: np.ndarray,
        classes: int,
        weights: np.ndarray | None = None,
    ):
        text = require("sklearn.feature_extraction.text")
        pipeline = require("sklearn.pipeline")
        self._blocks = [
            text.TfidfVectorizer(analyzer=analyzer, dtype=np.float32)
            for analyzer in (list, _ngrams_of_row)
        ]
        self._blocks[1].max_features = max(1, MAX_WEIGHTS // classes)
        both = pipeline.make_union(*self._blocks)
        features = both.fit_transform(rows)
        whole, self.bias = logistic_regression(
            features, intents, classes, inverse_penalty=INVERSE_PENALTY, weights=weights
        )
        self._kernels = np.split(whole, [len(self._blocks[0].vocabulary_)], axis=1)
        self._norms = self._norms_of(rows)

    def logits_of_words(self, words: Sequence[str]) -> np.ndarray:
        """What each word adds to the logits of a row, times the square root of the row's tokens."""
        logits = np.zeros((len(words), len(self.bias)))
        for block, kernel, norm in zip(self._blocks, self._kernels, self._norms, strict=True):
            logits += _weighed(block, words) @ kernel.T / max(norm, 1e-6)
        return logits

    def _norms_of(self, rows: Sequence[Sequence[str]]) -> list[float]:
        """For each block the usual norm of a row, divided by the square root of its tokens."""
        vocabulary = sorted({token for row in rows for token in row})
        place_of = {token: place for place, token in enumerate(vocabulary)}
        places = [[place_of[token] for token in row] for row in rows if row]
        norms = []
        for block in self._blocks:
            weighed = _weighed(block, vocabulary)
            squares = np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel()
            norms.append(float(np.median([squares[own].mean() ** 0.5 for own in places])))
        return norms


def _weighed(block: Any, words: Sequence[str]) -> Any:
    """Counts times IDF of texts of one word each, without a norm."""
    counts = super(type(block), block).transform([[word] for word in words])
    return counts.multiply(block.idf_).tocsr()


def _ngrams_of_row(row: Sequence[str]) -> list[str]:
    """The character n-grams of each token, whose ends are marked by spaces."""
    marked = [f" {token} " for token in row]
    return [
        token[begin : begin + order]
        for token in marked
        for order in ORDERS
        for begin in range(len(token) - order + 1)
    ]


def _invented_words(vocabulary: Sequence[str], rng: random.Random) -> list[str]:
    """Words that look like those of a vocabulary but are not in it: halves put together, typing errors."""
    known, made = set(vocabulary), []
    for _ in range(INVENTED_WORDS):
        first, second = rng.choice(vocabulary), rng.choice(vocabulary)
        if rng.random() < 0.5:
            word = first[: max(1, 2 * len(first) // 3)] + second[len(second) // 2 :]
        else:
            word = distort_word(first, rng)
        if word not in known and any(map(str.isalpha, word)):
            made.append(word)
    return made


def _ridge(
    words: Sequence[str], target: np.ndarray, weights: np.ndarray, spec: ProjectionSpec
) -> np.ndarray:
    """Weighted ridge regression from the features of words to a target; float64 `(features, classes)`.

    Args:
        words: Texts of one word each.
        target: `(words, classes)`.
        weights: `(words,)`; each factor of a row of both sides.
        spec: Projection.
    """
    gram = np.zeros((spec.features, spec.features))
    right = np.zeros((spec.features, target.shape[1]))
    for begin in range(0, len(words), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        features, *_ = project_strings(tf.constant([to_bytes(word) for word in words[part]]), spec)
        x = features[:, 0].numpy().astype(np.float32) * weights[part, None].astype(np.float32)
        gram += x.T @ x
        right += x.T @ (target[part] * weights[part, None]).astype(np.float32)
    gram[np.diag_indices_from(gram)] += RIDGE
    return np.linalg.solve(gram, right)
