"""Hash quality on words: balance of the features, and collisions, language by language.

Words are distinct after lower-casing; real ones come from the corpora where those are there.
"""

from __future__ import annotations

import functools
import math
import pathlib
import random
import re
from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
from random_texts import generated_words

from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.unicode_table import ALONE, SPACE, load_unicode_table

COUNT = 100_000
WORDS_PER_TEXT = 60
LIMITS = {
    **{"segmentation": "spaces", "max_tokens": WORDS_PER_TEXT, "max_code_points": 1024},
    "version": 1,  # so that no two words are forms of the same one
}
# Letters of each language as (first code point, how many), for generated words.
ALPHABETS = {
    "hi": (0x915, 37),
    "ru": (0x430, 32),
    "th": (0xE01, 46),
    "de": (0x61, 26),
    "el": (0x3B1, 25),
    "hy": (0x561, 38),
}
CORPORA = ("hi", "th", "de", "tr", "zh")
LONGEST = 16


def project_words(words: list[str], **changes: object) -> np.ndarray:
    """Features of words, int8 `(words, features)`."""
    spec = ProjectionSpec(**{**LIMITS, **changes})  # type: ignore[arg-type]
    groups = [words[i : i + WORDS_PER_TEXT] for i in range(0, len(words), WORDS_PER_TEXT)]
    texts = [" ".join(group) for group in groups]
    rows = []
    for i in range(0, len(texts), 64):
        features, lengths, _, truncated = project_strings(tf.constant(texts[i : i + 64]), spec)
        assert lengths.numpy().tolist() == [len(group) for group in groups[i : i + 64]]
        assert not truncated.numpy().any()
        mask = tf.sequence_mask(lengths, features.shape[1])
        rows.append(tf.boolean_mask(features, mask).numpy())
    return np.concatenate(rows)


def russian_words(count: int) -> list[str]:
    """Words of Cyrillic syllables: there is no Russian corpus."""
    generator = random.Random(1)
    words: dict[str, None] = {}
    while len(words) < count:
        syllables = generator.randrange(1, 5)
        word = "".join(
            generator.choice("бвгджзклмнпрстфхцчшщ") + generator.choice("аеёиоуыэюя")
            for _ in range(syllables)
        )
        words[word + generator.choice(["", "", "т", "й", "ть", "ов", "ами"])] = None
    return list(words)


@functools.cache
def corpus_words(folder: pathlib.Path, language: str) -> list[str]:
    """Distinct words of a language: split at the table's spaces, and its characters written alone."""
    table = load_unicode_table()

    def pattern(kind: int) -> str:
        return "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b, k in table.classes if k == kind)

    split = re.compile(f"[{pattern(SPACE)}]+").split
    alone = re.compile(f"[{pattern(ALONE)}]").findall
    lower = {p: p + d for a, b, step, d in table.lower for p in range(a, b + 1, step)}
    name = {"zh": "zh-CN"}.get(language, language)
    files = [folder / "commonvoice" / f"{name}.txt", folder / "ntrex" / f"{name}.txt"]
    files.append(folder / "mtop_flat" / f"{name}_train.tsv")
    words: dict[str, None] = {}
    for file in files:
        if file.exists():
            text = file.read_text(encoding="utf-8").translate(lower)
            words |= dict.fromkeys(word for word in split(text) if 0 < len(word) <= LONGEST)
            words |= dict.fromkeys(alone(text))
    return list(words)


@functools.cache
def features_of(language: str) -> np.ndarray:
    """Of 20,000 words."""
    if language == "ru":
        return project_words(russian_words(20_000))
    return project_words(generated_words(*ALPHABETS[language], 20_000))


@pytest.mark.parametrize("language", ["hi", "ru", "th", "de"])
def test_word_features_are_balanced(language: str) -> None:
    words = features_of(language)[:, :512]
    count = len(words)
    for value, probability in ((0, 0.5), (1, 0.25), (-1, 0.25)):
        share = (words == value).mean(axis=0)
        # 5 standard deviations of a binomial: one of 6,000 fair sets of 3 · 512 shares exceeds it.
        bound = 5 * math.sqrt(probability * (1 - probability) / count)
        assert np.abs(share - probability).max() < bound, (value, share.min(), share.max())


def agreeing_pairs(rows: np.ndarray) -> int:
    """Pairs of equal rows."""
    _, counts = np.unique(np.ascontiguousarray(rows).view(f"V{rows.shape[1]}"), return_counts=True)
    return int((counts * (counts - 1) // 2).sum())


@pytest.mark.parametrize("language", ["hi", "ru", "th", "de"])
def test_pairs_of_words_collide_as_rarely_as_chance_allows(
    language: str, record_property: Callable[[str, object], None]
) -> None:
    words = features_of(language)[:, :512]
    pairs = len(words) * (len(words) - 1) / 2
    for first in range(0, 512, 128):
        block = words[:, first : first + 16]
        expected = pairs * 0.375**16  # two fair ternary values agree with 1/4 + 1/16 + 1/16
        found = agreeing_pairs(block)
        record_property(f"{language} features {first}–{first + 15}", f"{found} of {expected:.0f}")
        assert abs(found - expected) < 6 * math.sqrt(expected) + 1, (first, found, expected)
    assert agreeing_pairs(words) == 0


def test_no_two_of_100000_generated_words_share_all_features() -> None:
    per_script = COUNT // len(ALPHABETS)
    words = [
        word for alphabet in ALPHABETS.values() for word in generated_words(*alphabet, per_script)
    ]
    words += russian_words(COUNT - len(words) + 5000)
    words = list(dict.fromkeys(words))[:COUNT]
    assert len(words) == COUNT
    rows = project_words(words, word_features=128, ngram_features=0, ngram_orders=(), shape=False)
    assert agreeing_pairs(rows) == 0


@pytest.mark.parametrize("language", CORPORA)
def test_words_of_a_corpus_collide_as_rarely_as_chance_allows(
    corpora: pathlib.Path, language: str, record_property: Callable[[str, object], None]
) -> None:
    words = corpus_words(corpora, language)
    assert len(words) > 10_000
    rows = project_words(words, word_features=128, ngram_features=0, ngram_orders=(), shape=False)
    expected = len(words) * (len(words) - 1) / 2 * 0.375**16
    found = agreeing_pairs(rows[:, :16])
    record_property(language, f"{len(words)} words, 16 features: {found} of {expected:.0f} pairs")
    assert abs(found - expected) < 6 * math.sqrt(expected) + 1


def test_no_two_of_100000_words_of_corpora_share_all_features(corpora: pathlib.Path) -> None:
    words = list(dict.fromkeys(w for language in CORPORA for w in corpus_words(corpora, language)))
    assert len(words) >= COUNT
    words = random.Random(0).sample(words, COUNT)
    rows = project_words(words, word_features=128, ngram_features=0, ngram_orders=(), shape=False)
    assert agreeing_pairs(rows) == 0


def test_words_that_differ_in_one_mark_differ() -> None:
    # Reading bytes as signed characters once made most non-ASCII words equal.
    words = ["कल", "काल", "कील", "कूल", "मама", "мамы", "маме", "größe", "grosse", "กา", "กำ", "ก่า"]
    rows = project_words(words, word_features=128, ngram_features=0, ngram_orders=(), shape=False)
    agreement = (rows[:, None] == rows[None]).mean(axis=2)
    assert agreement[~np.eye(len(words), dtype=bool)].max() < 0.6  # 0.375 by chance


@pytest.mark.parametrize(
    ("first", "last"), [(0x4E00, 0x9FFF), (0x3041, 0x30FE), (0x0E01, 0x0E5B), (0x21, 0x7E)]
)
def test_single_characters_do_not_collide(first: int, last: int) -> None:
    # A hash that starts at base^0 has the same residue for all primes: 20,992 Han → 4,132 rows.
    words = [chr(c) for c in range(first, last + 1) if not "A" <= chr(c) <= "Z"]
    rows = project_words(words, word_features=128, ngram_features=0, ngram_orders=(), shape=False)
    assert agreeing_pairs(rows) == 0
    assert np.abs((rows == 0).mean() - 0.5) < 0.02
