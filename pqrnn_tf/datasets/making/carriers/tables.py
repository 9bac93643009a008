"""The tables of all languages."""

from __future__ import annotations

from pqrnn_tf.datasets.making.carriers import de, en, es, fr, hi, it, nl, th
from pqrnn_tf.datasets.making.carriers.phrases import Phrases

PHRASES = {
    "de": de.PHRASES,
    "en": en.PHRASES,
    "es": es.PHRASES,
    "fr": fr.PHRASES,
    "hi": hi.PHRASES,
    "it": it.PHRASES,
    "nl": nl.PHRASES,
    "th": th.PHRASES,
}

_NONE = Phrases()


def phrases_of(language: str) -> Phrases:
    """The table of a language, which is empty for one that has none."""
    return PHRASES.get(language, _NONE)
