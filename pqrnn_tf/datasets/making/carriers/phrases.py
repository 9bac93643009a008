"""The table of one language: phrases around a request, pauses, abbreviations."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Phrases:
    """Words and phrases of one language that change nothing of what a request asks for.

    None of them says a time, a person or a number of the request or negates it, so that none can be (part of) a slot.
    An opener is whole by itself, since any mark may follow it.

    Attributes:
        greetings: Stand before any request, also before a name (`hey Zorblax, …`).
        openers: Stand before any request.
        before: Polite words before a request, of any form.
        asks: Turn an imperative into a question or wish; only before one of `imperatives`.
        imperatives: First words, in lower case, of requests that `asks` may stand before.
        closers: Stand after any request.
        pauses: Sounds and words of somebody who thinks.
        negations: Words that stay wherever others are repeated or changed.
        abbreviations: Short forms of a word (lower case), right wherever it stands.
        loose_abbreviations: Short forms that are right only outside of slots, since a name may hold the word.
    """

    greetings: tuple[str, ...] = ()
    openers: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    imperatives: frozenset[str] = frozenset()
    closers: tuple[str, ...] = ()
    pauses: tuple[str, ...] = ()
    negations: frozenset[str] = frozenset()
    abbreviations: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    loose_abbreviations: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
