"""Words replaced by others that fit, after TinyBERT's data augmentation."""

from __future__ import annotations

import itertools
import os
import random
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import tensorflow as tf

from pqrnn_tf.datasets.rows import Example, unlabelled
from pqrnn_tf.runtime.text import to_bytes
from pqrnn_tf.teachers.bert.tfhub_bert import DEFAULT_HANDLE, TFHubBertTeacher
from pqrnn_tf.teachers.bert.word_pieces import SPECIAL_PIECES, read_vocabulary

_T = TypeVar("_T")

_MASK = SPECIAL_PIECES[4]
_APOSTROPHES = "'’"
# A longer run of letters is a clause in a script without spaces, and no one word can stand for it.
_LONGEST_WORD = 24
_SHORTEST_WORD = 2


class _Word(NamedTuple):
    """A word to replace.

    Attributes:
        row: Number of its example.
        start: Its first code point.
        end: One past its last code point.
        place: Place of its first word piece in the row, after `[CLS]`.
        pieces: Its word pieces.
        choice: Drawn from 0 to 1; which candidate it gets.
    """

    row: int
    start: int
    end: int
    place: int
    pieces: tuple[int, ...]
    choice: float


class MaskedWordReplacer:
    """Replaces words by ones that a BERT finds fitting (Jiao et al. 2020, arXiv 1909.10351, Algorithm 1).

    A word of one piece is masked and replaced by one of the `candidates` words that the BERT predicts in its
    place; a word of several pieces, by one of the words whose vectors are nearest to its own. The vectors are
    those of the BERT's own word embeddings (a word of several pieces has their mean), where the paper takes
    GloVe's. An encoder without a head for masked words, as sentence encoders and most fine-tuned models are,
    finds every word's candidates by nearest vectors: these are similar words, but they need not fit the
    sentence. `masked_lm` tells which it is.

    Only words of letters change, of 2 to 24 letters and not beside an apostrophe. A replacement is one whole
    piece of the vocabulary and takes over the capitals of the word.

    Args:
        handle: BERT in TF-Hub's format, URL or folder. A checkpoint in safetensors is made one by
            `convert_bert`, which keeps its head for masked words.
        candidates: How many of the best candidates are drawn from.
        max_word_pieces: Longest text in word pieces; words beyond stay.
        batch_size: Texts a step. The results do not depend on it, but where two candidates for the last place
            are equally good but for rounding.

    Raises:
        FileNotFoundError: if `handle` is no URL and no such folder exists.
        OSError: if a handle cannot be fetched.
        ValueError: if what is loaded is not a BERT encoder, its vocabulary has no whole words or, with a head
            for masked words, no `[MASK]`, or an argument is out of range.
        ImportError: if the extra `teachers` is not installed.

    Example:
        >>> replacer = MaskedWordReplacer("bert_with_mlm")
        >>> replacer.replace(rows, probability=0.4, seed=1)
    """

    def __init__(
        self,
        handle: str | os.PathLike[str] = DEFAULT_HANDLE,
        *,
        candidates: int = 15,
        max_word_pieces: int = 128,
        batch_size: int = 64,
    ) -> None:
        for name, value in (("candidates", candidates), ("batch_size", batch_size)):
            if value < 1:
                raise ValueError(f"`{name}` must be positive. Received: {value}.")
        bert = TFHubBertTeacher(handle, labels=None, max_word_pieces=max_word_pieces)
        encoder: Any = bert.encoder
        if getattr(encoder, "vocab_file", None) is None:
            raise ValueError(
                "`handle` must be a BERT with word pieces where words are replaced. Received: "
                f"{os.fspath(handle)!r}, which has sentence pieces."
            )
        self.candidates = candidates
        self.batch_size = batch_size
        self._room = max_word_pieces - 2
        self._tokenizer = bert.tokenizer
        self._vocabulary = read_vocabulary(encoder.vocab_file.asset_path.numpy().decode("utf-8"))
        self._continued = np.array([piece.startswith("##") for piece in self._vocabulary])
        self._unknown = self._vocabulary.index("[UNK]")
        self._words = np.array([i for i, piece in enumerate(self._vocabulary) if _is_word(piece)])
        if not len(self._words):
            raise ValueError(
                "`handle` must be a BERT whose vocabulary has whole words. Received: "
                f"{os.fspath(handle)!r}, which has none among {len(self._vocabulary)} pieces."
            )
        self._masked_lm: Any = getattr(encoder, "mlm", None)
        if self._masked_lm is not None:
            if _MASK not in self._vocabulary:
                raise ValueError(
                    f"`handle` must be a BERT with {_MASK!r} in its vocabulary. Received: "
                    f"{os.fspath(handle)!r}, which has a head for masked words but no such piece."
                )
            self._mask = self._vocabulary.index(_MASK)
        self._table = next(
            v.numpy()
            for v in encoder.variables
            if "word_embeddings" in v.name and v.shape.rank == 2
        )
        self._word_vectors = _unit(self._table[self._words])

    @property
    def masked_lm(self) -> bool:
        """Whether the BERT has a head for masked words; without one, nearest vectors do all."""
        return self._masked_lm is not None

    def replace(
        self, examples: Sequence[Example], *, probability: float = 0.4, seed: int = 0
    ) -> list[Example]:
        """Makes one copy of the examples with other words.

        Args:
            examples: The examples. What is drawn for one depends only on its text and `seed`.
            probability: How likely each word is to be replaced.
            seed: Any integer; another one for each copy.

        Returns:
            As many rows as given, in the same order, without labels: a teacher says what they mean now.

        Raises:
            ValueError: if `probability` is not from 0 to 1.
        """
        if not 0.0 <= probability <= 1.0:
            raise ValueError(f"`probability` must be from 0 to 1. Received: {probability!r}.")
        texts = [example.text for example in examples]
        rows = self._pieces(texts)
        words = [
            word
            for number, (text, (pieces, spans)) in enumerate(zip(texts, rows, strict=True))
            for word in self._drawn(number, text, pieces, spans, probability, seed)
        ]
        pieces_of = [pieces for pieces, _ in rows]
        masked = [w for w in words if self.masked_lm and len(w.pieces) == 1]
        other = [w for w in words if not (self.masked_lm and len(w.pieces) == 1)]
        changes: list[list[tuple[int, int, str]]] = [[] for _ in texts]
        for word, found in (*self._predicted(masked, pieces_of), *self._nearest(other)):
            old = texts[word.row][word.start : word.end]
            forms = [_with_capitals(self._vocabulary[piece], old) for piece in sorted(found)]
            forms = [form for form in forms if form.casefold() != old.casefold()]
            if forms:
                new = forms[int(word.choice * len(forms))]
                changes[word.row].append((word.start, word.end, new))
        return [
            unlabelled(
                _changed(example.text, edits),
                domain=example.domain,
                locale=example.locale,
                source=f"words replaced in {example.source}",
            )
            for example, edits in zip(examples, changes, strict=True)
        ]

    def _pieces(self, texts: Sequence[str]) -> list[tuple[np.ndarray, np.ndarray]]:
        """The word pieces of each text, `[CLS]` and `[SEP]` included, and their spans."""
        rows = []
        for part in _parts(texts, self.batch_size):
            inputs, spans = self._tokenizer(tf.constant([to_bytes(text) for text in part]))
            lengths = inputs["input_mask"].numpy().sum(-1)
            identifiers = inputs["input_word_ids"].numpy()
            for row, row_spans, length in zip(identifiers, spans.numpy(), lengths, strict=True):
                rows.append((row[:length], row_spans[:length]))
        return rows

    def _drawn(
        self,
        number: int,
        text: str,
        pieces: np.ndarray,
        spans: np.ndarray,
        probability: float,
        seed: int,
    ) -> Iterator[_Word]:
        """The words of one text that are to be replaced."""
        rng = random.Random(f"{seed} {text}")
        last = len(pieces) - 1
        starts = [i for i in range(1, last) if i == 1 or not self._continued[pieces[i]]]
        for first, following in itertools.pairwise([*starts, last]):
            hit, choice = rng.random() < probability, rng.random()
            # The last word may have been cut where the pieces ran out.
            cut = following == last and last - 1 == self._room
            start, end = int(spans[first, 0]), int(spans[following - 1, 1])
            if hit and not cut and pieces[first] != self._unknown and _may_change(text, start, end):
                word = tuple(int(piece) for piece in pieces[first:following])
                yield _Word(number, start, end, first, word, choice)

    def _predicted(
        self, words: Sequence[_Word], pieces: Sequence[np.ndarray]
    ) -> Iterator[tuple[_Word, list[int]]]:
        """Candidates by the head for masked words, one masked word a row."""
        in_order = sorted(words, key=lambda word: len(pieces[word.row]))
        for part in _parts(in_order, self.batch_size):
            longest = max(len(pieces[word.row]) for word in part)
            identifiers = np.zeros((len(part), longest), np.int32)
            mask = np.zeros_like(identifiers)
            for row, word in enumerate(part):
                length = len(pieces[word.row])
                identifiers[row, :length] = pieces[word.row]
                identifiers[row, word.place] = self._mask
                mask[row, :length] = 1
            inputs = {
                "input_word_ids": tf.constant(identifiers),
                "input_mask": tf.constant(mask),
                "input_type_ids": tf.zeros_like(identifiers),
                "masked_lm_positions": tf.constant([[word.place] for word in part], tf.int32),
            }
            logits = self._masked_lm(inputs, training=False)["mlm_logits"].numpy()[:, 0]
            yield from zip(part, self._best(logits[:, self._words], part), strict=True)

    def _nearest(self, words: Sequence[_Word]) -> Iterator[tuple[_Word, list[int]]]:
        """Candidates by the cosine of word vectors."""
        known: dict[tuple[int, ...], list[int]] = {}
        new = list({word.pieces: word for word in words}.values())
        for part in _parts(new, self.batch_size):
            vectors = np.stack([self._table[list(word.pieces)].mean(0) for word in part])
            scores = _unit(vectors) @ self._word_vectors.T
            known |= zip((word.pieces for word in part), self._best(scores, part), strict=True)
        for word in words:
            yield word, known[word.pieces]

    def _best(self, scores: np.ndarray, words: Sequence[_Word]) -> list[list[int]]:
        """The pieces with the highest of `scores` `(words, whole-word pieces)`, without the word itself."""
        own = np.array([word.pieces[0] if len(word.pieces) == 1 else -1 for word in words])
        scores = np.where(self._words == own[:, None], -np.inf, scores)
        _, order = tf.math.top_k(scores, min(self.candidates, len(self._words)))
        return [[int(piece) for piece in self._words[row]] for row in order.numpy()]


def _is_word(piece: str) -> bool:
    return len(piece) >= _SHORTEST_WORD and all(unicodedata.category(c)[0] in "LM" for c in piece)


def _may_change(text: str, start: int, end: int) -> bool:
    beside = text[max(0, start - 1) : start] + text[end : end + 1]
    return (
        end - start <= _LONGEST_WORD
        and _is_word(text[start:end])
        and not any(mark in beside for mark in _APOSTROPHES)
    )


def _with_capitals(new: str, old: str) -> str:
    """`new` with the capitals of `old`: none needed, at the start, or all."""
    if old.isupper():
        return new.upper()
    return new[0].upper() + new[1:] if old[0].isupper() else new


def _changed(text: str, edits: Sequence[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def _parts(values: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    for begin in range(0, len(values), size):
        yield values[begin : begin + size]
