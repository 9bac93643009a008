"""Reads a text as a kind of value."""

from __future__ import annotations

import datetime
import unicodedata

from pqrnn_tf.values.datetimes import read_times
from pqrnn_tf.values.kinds import LANGUAGES
from pqrnn_tf.values.quantities import read_duration, read_quantity
from pqrnn_tf.values.tokens import Token, tokens_of
from pqrnn_tf.values.value import Value

LONGEST = 200
"""Code points of a text that are read; no value is so long."""
_SCRIPTS = (("\u0900", "\u097f", "hi"), ("\u0e00", "\u0e7f", "th"))
_LATIN = tuple(language for language in LANGUAGES if language not in ("hi", "th"))


def read_value(
    text: str, kind: str, *, language: str | None, now: datetime.datetime
) -> Value | None:
    """What a text means, read as a kind of value.

    Args:
        text: The words.
        kind: One of `KINDS`.
        language: One of `LANGUAGES`, or `None` for the one that knows most words.
        now: The reference time, with a time zone.
    """
    try:
        language, tokens = words_of(text, language)
        if any("indefinite" in token.senses for token in tokens):
            return None  # "a few", "not today"
        if kind == "datetime":
            return read_times(tokens, language, now)
        if kind == "duration":
            return read_duration(tokens, language)
        return read_quantity(tokens, kind, language)
    except (OverflowError, ValueError):  # beyond the numbers and years that Python knows
        return None


def words_of(text: str, language: str | None) -> tuple[str, list[Token]]:
    """The language of a text and its words.

    Args:
        text: The text; only its first `LONGEST` code points are read.
        language: One of `LANGUAGES`, or `None` for the one that knows most words.
    """
    text = text[:LONGEST].encode(errors="replace").decode()  # lone surrogates are no text
    return _guessed(text) if language is None else (language, tokens_of(text, language))


def _guessed(text: str) -> tuple[str, list[Token]]:
    """The language that knows most words of a text, and the words in it."""
    for first, last, language in _SCRIPTS:
        if any(first <= character <= last for character in text):
            return language, tokens_of(text, language)
    best = None
    accents = any(
        letter.isalpha() and not letter.isascii() for letter in unicodedata.normalize("NFKC", text)
    )
    for language in _LATIN:
        tokens = tokens_of(text, language)
        unknown = 2 * sum(not token.known or _is_code(token) for token in tokens)
        unknown += accents and language == "en"  # "à 12h" is no "a 12h"
        if best is None or unknown < best[0]:
            best = (unknown, language, tokens)
        if not unknown:
            break
    _, language, tokens = best or (0, _LATIN[0], [])
    return language, tokens


def _is_code(token: Token) -> bool:
    """Whether it is known as the code of a currency only, such as `sek`, which is a German word too."""
    return set(token.senses) == {"money"} and len(token.text) == 3 and token.text.isalpha()
