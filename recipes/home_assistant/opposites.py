"""Which of two opposite intents a request means for a kind of device: to switch on, or off.

`HassTurnOn` opens a cover and locks a lock, `HassTurnOff` closes the one and unlocks the other, so that `close` is off
for a blind, and `close … with the key` on for a lock. A model that reads the text does not know the kind of the device.
What decides are the words of the templates for that kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pqrnn_tf.runtime.entity_words import key_of

OPPOSITES = {"HassTurnOn": "HassTurnOff", "HassTurnOff": "HassTurnOn"}
"""Intents of which each undoes what the other does."""
LOCK = "lock"
"""The kind of device that is closed when it is on; all others are open or run then."""
Sentences = Mapping[str, Sequence[frozenset[str]]]
"""For each of two opposite intents the words of its sentences, without names and what decides nothing."""


class Meant(NamedTuple):
    """Which intent words mean.

    Attributes:
        intent: The intent; empty where the words decide nothing.
        words: How many words of a whole sentence decide; 0 where only single words do.
    """

    intent: str
    words: int = 0


def meant_by(words: Iterable[str], sentences: Sentences) -> Meant:
    """The intent whose sentence has the most of some words; else the only one that some words are of.

    Args:
        words: Words of a request outside of its slots.
        sentences: The sentences of a kind of device.
    """
    said = {key_of(word) for word in words}
    whole = {
        intent: max((len(own) for own in known if own <= said), default=0)
        for intent, known in sentences.items()
    }
    best = max(whole.values(), default=0)
    if best:
        winners = [intent for intent, count in whole.items() if count == best]
        return Meant(winners[0], best) if len(winners) == 1 else Meant("")
    every = {intent: frozenset().union(*known) for intent, known in sentences.items()}
    winners = [
        intent for intent, own in every.items() if said & own - every.get(OPPOSITES[intent], own)
    ]
    return Meant(winners[0]) if len(winners) == 1 else Meant("")


def decide(intent: str, domain: str, words: Iterable[str], known: Mapping[str, Sentences]) -> str:
    """Which of two opposite intents a request to a device means.

    A whole sentence for the kind of device decides. Of a lock single words have to say what the model says; of others
    it counts what the model says, but where it is what more words say to a lock: that is the opposite of what is meant.

    Args:
        intent: What the model takes the request for.
        domain: The kind of the device; empty where it is not known, so that the model's intent counts.
        words: Words of the request outside of its slots.
        known: Sentences by kind of device.

    Returns:
        The intent; empty where the request is in doubt.
    """
    if not domain:
        return intent
    words = set(words)
    own = meant_by(words, known.get(domain, {}))
    if domain == LOCK:
        return own.intent if own.words or own.intent == intent else ""
    meant = own.intent if own.words else intent
    lock = meant_by(words, known.get(LOCK, {}))
    others = (meant_by(words, known[kind]).words for kind in known if kind != LOCK)
    return "" if lock.intent == meant and lock.words > max(others, default=0) else meant


def sentences_that_decide(own: Mapping[str, Iterable[Iterable[str]]]) -> dict[str, list[str]]:
    """The shortest sentences of opposite intents, each as its words in order of the alphabet.

    A longer one is left out where both intents have what it has more, such as articles, and none of that is by itself
    a sentence of the other intent: `lock up` stays beside `up`, where `lock` means the opposite.

    Args:
        own: For each of two intents the words of its sentences for a kind of device.
    """
    known = {
        intent: {frozenset(map(key_of, words)) for words in every} for intent, every in own.items()
    }
    shared = frozenset.intersection(*(frozenset().union(*every) for every in known.values()))
    alone = {
        intent: {word for words in _shortest(every, shared) if len(words) == 1 for word in words}
        for intent, every in known.items()
    }
    return {
        intent: sorted(
            " ".join(sorted(words))
            for words in _shortest(every, shared - alone[OPPOSITES[intent]])
            if words
        )
        for intent, every in sorted(known.items())
    }


def _shortest(every: set[frozenset[str]], optional: frozenset[str]) -> list[frozenset[str]]:
    """The sentences, without those that have only such words more than another one."""
    return [
        words
        for words in every
        if not any(other < words and words - other <= optional for other in every)
    ]


def sentences_by_kind(knowledge: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, Sentences]:
    """What a file knows of kinds of devices, as `decide` takes it."""
    return {
        kind: {
            intent: tuple(frozenset(words.split()) for words in sentences)
            for intent, sentences in own.items()
        }
        for kind, own in knowledge.items()
    }
