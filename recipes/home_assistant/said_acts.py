"""Words for what is to be done, so that a request to pause a timer never deletes it, and one timer is not all.

Models mix up intents whose sentences differ by a word where something stands around a request or between its words.
Templates always say that word, so the request decides.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pqrnn_tf.runtime.entity_words import key_of_name
from recipes.home_assistant.said_kinds import NO_BLANKS

PAUSE, ALL, MUTE, UNMUTE, WARMTH = "pause", "all", "mute", "unmute", "warmth"
_WORDS = {
    "en": {
        PAUSE: "pause, pausing",
        ALL: "all, every, each, everything, timers",
        MUTE: "mute",
        UNMUTE: "unmute, off, on, stop, sound, volume",
        WARMTH: "temperature, temperatures",
    },
    "de": {
        PAUSE: "pausiere, pausieren, pausier, pause, anhalten",
        ALL: "alle, allen, aller, alles, sämtliche, sämtlichen, sämtlicher, jeden, jede, jeder, ganzen",
        MUTE: "mute, muten, stumm, stummschalten",
        UNMUTE: "entmuten, unmute, aufheben, aus, ausschalten, deaktivieren, nicht, ton, laut",
        WARMTH: "temperatur, temperaturen, raumtemperatur, zimmertemperatur",
    },
    "es": {
        PAUSE: "pausa, pausar, pausad, pause, pauses, pausando",
        WARMTH: "temperatura, temperaturas",
    },
    "fr": {PAUSE: "pause", WARMTH: "température, températures"},
    "it": {PAUSE: "pausa", WARMTH: "temperatura, temperature"},
    "nl": {
        PAUSE: "pauzeer, pauzeren, pauze",
        ALL: (
            "al, alle, alles, elk, elke, ieder, iedere, overal, allemaal, timers, wekkers, kookwekkers, eierwekkers"
        ),
        MUTE: "mute, demp, dempen",
        UNMUTE: "unmute, opheffen, uit, uitzetten, aan, aanzetten, geluid, weer, niet",
        WARMTH: "temperatuur, temperaturen",
    },
    "hi": {PAUSE: "पॉज, होल्ड", ALL: "सभी, सारे, सारी, सब, टाइमरों", WARMTH: "तापमान, टेम्परेचर, टेंपरेचर"},
    "th": {PAUSE: "ชั่วคราว, พัก", ALL: "ทั้งหมด, ทุก", WARMTH: "อุณหภูมิ"},
}
"""Words by language and act. A language has an act only where its templates always say it with few words."""


class _Rule(NamedTuple):
    """What an intent gives way to.

    Attributes:
        intent: The intent.
        said, unsaid: Acts that are said then, and acts that are not.
        instead: What is meant.
    """

    intent: str
    said: tuple[str, ...]
    unsaid: tuple[str, ...]
    instead: str


_RULES = (
    _Rule("HassCancelAllTimers", (PAUSE,), (), "HassPauseTimer"),
    _Rule("HassCancelTimer", (PAUSE,), (), "HassPauseTimer"),
    _Rule("HassCancelAllTimers", (), (ALL,), "HassCancelTimer"),
    _Rule("HassSetPosition", (WARMTH,), (), "HassClimateSetTemperature"),
    _Rule("HassMediaPlayerUnmute", (MUTE,), (UNMUTE,), "HassMediaPlayerMute"),
)


def intent_said(language: str, intent: str, text: str, taken: Iterable[Sequence[int]] = ()) -> str:
    """The intent that words of a request say instead of another one.

    Args:
        language: One of eight languages; for others nothing is known.
        intent: What the request is taken for.
        text: The request.
        taken: Half-open ranges whose words do not count: names, values.

    Returns:
        The intent of the first rule that holds; else `intent`.
    """
    known = _WORDS.get(language, {})
    rules = [
        rule
        for rule in _RULES
        if rule.intent == intent and known.keys() >= {*rule.said, *rule.unsaid}
    ]
    if not rules:
        return intent
    left = text
    for start, end in taken:
        left = f"{left[:start]}{' ' * (end - start)}{left[end:]}"
    left = _compared(left, language)
    for rule in rules:
        if all(_pattern(language, act).search(left) for act in rule.said) and not any(
            _pattern(language, act).search(left) for act in rule.unsaid
        ):
            return rule.instead
    return intent


def _compared(text: str, language: str) -> str:
    return text if language in NO_BLANKS else key_of_name(text)


@functools.cache
def _pattern(language: str, act: str) -> re.Pattern[str]:
    """The words of an act, also with two letters that changed places."""
    forms: dict[str, None] = {}
    for word in _WORDS[language][act].split(","):
        word = _compared(word.strip(), language)
        forms[word] = None
        for at in range(len(word) - 1):
            forms[word[:at] + word[at + 1] + word[at] + word[at + 2 :]] = None
    words = "|".join(map(re.escape, forms))
    return re.compile(words if language in NO_BLANKS else rf"(?<!\S)(?:{words})(?!\S)")
