"""Greetings, polite words and other phrases before and after a request; see `making.carriers` for what is said."""

from __future__ import annotations

import random
import re

from pqrnn_tf.datasets.making.carriers.tables import phrases_of
from pqrnn_tf.datasets.making.chance import pick
from pqrnn_tf.datasets.making.forms.invented import invented_name
from pqrnn_tf.datasets.making.forms.places import tail_start
from pqrnn_tf.datasets.making.rewriting import Edit, Rewriting

_FIRST_WORD = re.compile(r"\w+")
_AFTER_GREETING = (", ", ", ", " ", " ", "! ", ". ", "... ", " - ")
_AFTER_OPENER = (" ", " ", ", ", ", ", "... ", ". ", " - ", ": ")
_BEFORE_CLOSER = (", ", ", ", " ", " ", ". ", "! ", " - ", "... ")
_AFTER_SLOT = (", ", ", ", ". ", "! ", " - ")
_LONG_SLOT = 3
_LOWERED = 0.85
_STAYS_BEFORE_MARK = 0.7


def prefixed(
    rewriting: Rewriting, phrase: str, rng: random.Random, *, separator: str = " "
) -> Rewriting:
    """The row with a phrase before it, in the case that the row had.

    The first letter of the row becomes small where it stands in no slot and only began the sentence.
    """
    text = rewriting.text
    edits: list[Edit] = []
    lower = rng.random() < _LOWERED
    first = _FIRST_WORD.match(text)
    if first and len(first.group()) > 1 and text[0].isupper() and text[1].islower():
        phrase = phrase[:1].upper() + phrase[1:]
        outside = not any(start < first.end() for start, _ in rewriting.parts)
        sentence_goes_on = separator.strip() in ("", ",", "-", ":")
        if outside and lower and sentence_goes_on:
            edits.append((0, 1, text[0].lower()))
    elif text.isupper() and len(text) > 3:
        phrase = phrase.upper()
    return rewriting.edited([(0, 0, phrase + separator), *edits])


def _spoken(rewriting: Rewriting, phrase: str, rng: random.Random) -> str:
    """The phrase, now and then with a capital where the row is not in lower case."""
    return (
        phrase
        if rewriting.text.islower() or rng.random() < 0.9
        else phrase[:1].upper() + phrase[1:]
    )


def greeting_before(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`hey, …`"""
    greetings = phrases_of(language).greetings
    if not greetings:
        return rewriting
    return prefixed(rewriting, pick(rng, greetings), rng, separator=pick(rng, _AFTER_GREETING))


def opener_before(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`listen, …`, `sorry to bother you, …`"""
    openers = phrases_of(language).openers
    if not openers:
        return rewriting
    return prefixed(rewriting, pick(rng, openers), rng, separator=pick(rng, _AFTER_OPENER))


def please_before(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`please …`"""
    before = phrases_of(language).before
    if not before:
        return rewriting
    separator = ", " if rng.random() < 0.15 else " "
    return prefixed(rewriting, pick(rng, before), rng, separator=separator)


def ask_before(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`could you …`, before an imperative; before anything else what `please_before` does."""
    phrases = phrases_of(language)
    first = _FIRST_WORD.match(rewriting.text)
    if not phrases.asks or not first or first.group().lower() not in phrases.imperatives:
        return please_before(rewriting, rng, language)
    asked = prefixed(rewriting, pick(rng, phrases.asks), rng)
    if rng.random() < 0.3:
        end = tail_start(asked)
        asked = asked.edited([(end, len(asked.text), "?")])
    return asked


def named_before(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`hey Zorblax, …`: somebody or something is called by a name that nobody has heard."""
    name = invented_name(rng, language, capital=rng.random() < 0.6)
    greetings = phrases_of(language).greetings
    phrase = f"{pick(rng, greetings)} {name}" if greetings and rng.random() < 0.75 else name
    return prefixed(rewriting, phrase, rng, separator=pick(rng, (", ", ", ", "! ", ": ", " - ")))


def closer_after(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`…, thanks`"""
    closers = phrases_of(language).closers
    return appended(rewriting, pick(rng, closers), rng) if closers else rewriting


def please_after(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`…, please`: the first of the language's closing words."""
    closers = phrases_of(language).closers
    return appended(rewriting, closers[0], rng) if closers else rewriting


def named_after(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`…, Zorblax`: always behind a comma or the like, since it would be the end of the last slot without."""
    name = invented_name(rng, language, capital=rng.random() < 0.6)
    closers = phrases_of(language).closers
    if closers and rng.random() < 0.5:
        name = f"{pick(rng, closers)} {name}"
    return appended(rewriting, name, rng, apart=True)


def appended(
    rewriting: Rewriting, phrase: str, rng: random.Random, *, apart: bool = False
) -> Rewriting:
    """The row with a phrase behind it, before or behind its final mark.

    Where a slot of several words ends the row, such as a message to send, or `apart` says so, the phrase stands
    behind a comma or another mark.
    """
    text = rewriting.text
    start, end = tail_start(rewriting), len(text.rstrip())
    marks = text[start:end].strip()
    last = [span for span in rewriting.slot_spans if span[1] == start]
    long_slot = bool(last) and len(text[last[-1][0] : last[-1][1]].split()) >= _LONG_SLOT
    separator = pick(rng, _AFTER_SLOT if long_slot or apart else _BEFORE_CLOSER)
    before_mark = rng.random() < _STAYS_BEFORE_MARK
    phrase = _spoken(rewriting, phrase, rng)
    if text.isupper() and len(text) > 3:
        phrase = phrase.upper()
    mark = pick(rng, ("", "", "", ".", "!", "!!", "?"))
    if marks and not before_mark:
        return rewriting.edited([(end, end, f" {phrase}{mark}")])
    if marks:
        return rewriting.edited([(start, start, separator + phrase)])
    return rewriting.edited([(end, end, separator + phrase + mark)])
