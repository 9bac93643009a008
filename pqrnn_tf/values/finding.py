"""Which kind of value a slot has, found from the words that training rows have in it."""

from __future__ import annotations

import datetime
import random
from collections import Counter
from collections.abc import Mapping, Sequence

from pqrnn_tf.values.reading import read_value, words_of

LEAST = 5
"""A slot with fewer values gets no kind."""
MOST = 40
"""How many values of a slot are looked at, drawn by a fixed seed."""
FIRST = 10
"""A slot of whose first values, so many, fewer than half say a kind has none."""
SHARE = 0.75
"""The least share of a slot's values that read as its kind."""
SHARE_OF_TIMES = 0.25
"""The least share of points in time in a slot of times and lengths that is more than lengths."""
_NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
_ARTICLES = {"filler", "of", "dom"}
_SAID = (
    ("money", "currency"),
    ("cent", "currency"),
    ("percent", "percentage"),
    ("degree", "temperature"),
)


def kind_of_words(text: str, language: str | None = None) -> str | None:
    """The one kind that words say by themselves; a bare number is a `number` only.

    Args:
        text: The words.
        language: One of `LANGUAGES`, or `None` for the one that knows most words.

    Returns:
        One of `KINDS`; `None` for other words.
    """
    language, tokens = words_of(text, language)
    numbers = [token for token in tokens if token.number is not None]
    if numbers and all(token.known for token in tokens):
        for sense, kind in (*_SAID, ("scale", "temperature")):
            if any(sense in token.senses for token in tokens):
                return kind
    said = [token for token in tokens if set(token.senses) - _ARTICLES or token.number is not None]
    if len(said) == 1 and len(tokens) - len(said) <= 1:
        only = said[0]
        if only.ordinal:
            return "ordinal"
        if only.number is not None and not set(only.senses) - {"num", "thai_digit"}:
            return "number"
        if only.senses.get("mod") in ("1", "-1"):
            return "ordinal"
    value = read_value(text, "datetime", language=language, now=_NOW)
    return None if value is None else value.kind


def kinds_of_slots(words: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The kinds of slots by a fixed rule: what at least `SHARE` of their values say.

    Args:
        words: For each slot the words that rows have in it, as often as they have them.

    Returns:
        The kind of each slot that has one, by name in alphabetical order.

    Raises:
        ImportError: naming the extra, where it is not installed.
    """
    found = {}
    for name in sorted(words):
        values = list(words[name])
        if len(values) < LEAST:
            continue
        if len(values) > MOST:
            values = random.Random(0).sample(values, MOST)
        kinds = [kind_of_words(value) for value in values[:FIRST]]
        if sum(kind is not None for kind in kinds) * 2 < len(kinds):
            continue
        kinds += [kind_of_words(value) for value in values[FIRST:]]
        counts = Counter(kind for kind in kinds if kind is not None)
        times = counts["datetime"] + counts["duration"]
        if counts["datetime"] >= SHARE_OF_TIMES * times:
            counts["datetime"], counts["duration"] = times, 0
        kind, count = counts.most_common(1)[0]
        if count >= SHARE * len(values):
            found[name] = kind
    return found
