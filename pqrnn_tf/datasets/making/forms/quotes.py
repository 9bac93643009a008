"""Quotation marks, brackets and stars round the values of slots, and round the whole request."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from pqrnn_tf.datasets.making.chance import pick
from pqrnn_tf.datasets.making.forms.places import around, chosen_spans
from pqrnn_tf.datasets.making.rewriting import Rewriting

STRAIGHT = (('"', '"'), ('"', '"'), ("'", "'"))
CURLY = (("“", "”"), ("‘", "’"), ("„", "“"), ("“", "“"), ("”", "”"), ("‚", "‘"), ("〝", "〞"))
ANGLE = (
    ("«", "»"),
    ("‹", "›"),
    ("»", "«"),
    ("« ", " »"),
    ("「", "」"),
    ("『", "』"),
    ("《", "》"),
    ("<", ">"),
)
BRACKETS = (
    ("(", ")"),
    ("[", "]"),
    ("{", "}"),
    ("*", "*"),
    ("**", "**"),
    ("_", "_"),
    ("`", "`"),
    ("``", "''"),
    ("~", "~"),
    ("<<", ">>"),
)

_ALL = 0.25


def quoted(
    pairs: Sequence[tuple[str, str]],
) -> Callable[[Rewriting, random.Random, str], Rewriting]:
    """A form that puts one of `pairs` round a slot, sometimes round all of them; the marks are outside."""

    def write(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
        spans = sorted(chosen_spans(rewriting))
        every, pair = rng.random() < _ALL, pick(rng, pairs)
        if not spans:
            return rewriting
        chosen = spans if every else [pick(rng, spans)]
        return rewriting.edited(
            [edit for start, end in chosen for edit in around(start, end, *pair)]
        )

    return write


def quoted_request(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Quotation marks or brackets round the whole request."""
    pair = pick(rng, (*STRAIGHT, *CURLY, *ANGLE, *BRACKETS))
    return rewriting.edited(around(0, len(rewriting.text), *pair))
