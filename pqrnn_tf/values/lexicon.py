"""The words of a language and their senses: names of CLDR and what `words` adds."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import re
import unicodedata
from collections.abc import Callable
from typing import Literal

from pqrnn_tf.extras import require
from pqrnn_tf.values.spoken_numbers import in_words

Senses = dict[str, str]
"""What a word may mean: names of senses with what they say more, such as `{"day": "1", "part": "morning"}`."""

UNITS = ("second", "minute", "hour", "day", "week", "month", "year")
"""Units of durations that CLDR has names of."""
_FORMS: tuple[Literal["long", "short"], ...] = ("long", "short")
_DEVANAGARI_SIGNS = {0x093C: None, 0x0901: 0x0902}
"""The dot of borrowed sounds is often left out, and either sign of a nasal vowel is written."""
_APOSTROPHES = str.maketrans("’‘`´", "''''")
_WITHOUT_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_BLANKS = re.compile(r"\s+")
_MOST_HINDI_NUMBERS = 100


def fold(text: str) -> str:
    """The text as words are looked up: without casing and accents, digits as ASCII."""
    text = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES).casefold())
    text = text.translate(_DEVANAGARI_SIGNS)
    kept = []
    for character in text:
        if character.isascii():
            kept.append(character)
        elif "\u0300" <= character <= "\u036f":  # accents of Latin letters
            continue
        elif character.isdecimal():
            kept.append(str(unicodedata.decimal(character)))
        else:
            kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))


@dataclasses.dataclass(frozen=True)
class Lexicon:
    """The words of a language.

    Attributes:
        language: One of `LANGUAGES`.
        blanks: Whether words are written apart.
        phrases: For the first two characters the phrases that begin with them, the longest first, with their
            senses, and for one character the phrase that is only it; all folded.
    """

    language: str
    blanks: bool
    phrases: dict[str, tuple[tuple[str, Senses], ...]]

    def match(self, text: str, at: int) -> tuple[str, Senses] | None:
        """The longest phrase that stands at a place of a folded text."""
        phrases = self.phrases.get(text[at : at + 2], ()) if at + 1 < len(text) else ()
        for phrase, senses in (*phrases, *self.phrases.get(text[at], ())):
            if text.startswith(phrase, at):
                end = at + len(phrase)
                if end == len(text):
                    return phrase, senses
                is_within = any(
                    check(text[end]) and check(text[end - 1])
                    for check in ((is_letter, str.isdigit) if self.blanks else (str.isdigit,))
                )
                if not is_within:
                    return phrase, senses
        return None


def is_letter(character: str) -> bool:
    """Whether a character is part of a word: a letter or a sign that stands on one."""
    return character.isalpha() or unicodedata.category(character) in ("Mn", "Mc")


@functools.cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of a language, made once.

    Args:
        language: One of `LANGUAGES`.

    Raises:
        ImportError: where the extra `values` is not installed.
    """
    senses: dict[str, Senses] = {}

    def add(name: str, phrases: str | list[str]) -> None:
        sense, _, more = name.partition(":")
        for phrase in phrases.split(",") if isinstance(phrases, str) else phrases:
            for spelled in _spellings(phrase, language):
                folded = _BLANKS.sub(" ", fold(spelled)).strip()
                if folded:
                    senses.setdefault(folded, {}).setdefault(sense, more)

    words = importlib.import_module(f"pqrnn_tf.values.words.{language}")
    for name, phrases in words.WORDS.items():
        add(name, phrases)
    _add_cldr(language, add)
    if language == "hi":
        for number in range(_MOST_HINDI_NUMBERS):
            word = in_words(number, "hi") or ""
            add(f"num:{number}", word)
            add(f"num:{number}", words.NUMBERS.get(number, ""))
            add(f"ord:{number}", [word + ending for ending in words.ENDINGS])
        for number, forms in words.ORDINALS.items():
            add(f"ord:{number}", forms)
        for size, word in (
            (100, "सौ"),
            (1000, "हज़ार"),
            (10**5, "लाख"),
            (10**7, "करोड़"),
            (10**9, "अरब"),
        ):
            add(f"size:{size}", word)
    if language == "th":
        for number in range(10):
            add(f"thai_digit:{number}", in_words(number, "th") or "")
        add("thai_digit:1", "เอ็ด")
        add("thai_digit:1", "นึง")
        add("thai_digit:2", "ยี่")
        for size in (10, 100, 1000, 10_000, 100_000):
            add(f"size:{size}", (in_words(size, "th") or "").removeprefix("หนึ่ง"))
        add(f"size:{10**6}", "ล้าน")
    first: dict[str, list[tuple[str, Senses]]] = {}
    for phrase in sorted(senses, key=len, reverse=True):
        first.setdefault(phrase[:2], []).append((phrase, senses[phrase]))
    return Lexicon(language, language != "th", {key: tuple(found) for key, found in first.items()})


def _spellings(phrase: str, language: str) -> tuple[str, ...]:
    """A phrase as it is written, and in German also with `ue` for `ü`."""
    without = phrase.translate(_WITHOUT_UMLAUTS) if language == "de" else phrase
    return (phrase,) if without == phrase else (phrase, without)


def _add_cldr(language: str, add: Callable[[str, str | list[str]], None]) -> None:
    """Adds names of months, days of the week, units and currencies."""
    locale = require("babel").Locale(language)
    format_unit = require("babel.units").format_unit
    for number, name in locale.months["format"]["wide"].items():
        add(f"month:{number}", [name])
        short = locale.months["format"]["abbreviated"][number]
        add(f"month:{number}", [short, short.rstrip(".")])
    for number, name in locale.days["format"]["wide"].items():
        add(f"dow:{number}", [name])
        short = locale.days["format"]["abbreviated"][number].rstrip(".")
        if language != "en" or short.casefold() not in ("sun", "sat"):  # words of their own
            add(f"dow:{number}", [short, short + "."])
    for unit in UNITS:
        for form in _FORMS:
            for count in (1, 2):
                text = format_unit(count, f"duration-{unit}", form, locale=locale)
                name = text.replace(str(count), "").strip()
                if len(name) > 1:  # one letter is more often another word
                    add(f"unit:{unit}", [name])
    name_of = require("babel.numbers").get_currency_name
    for code, name in locale.currencies.items():
        add(f"money:{code}", [name, code, name_of(code, 2, locale)])
    for code, symbol in locale.currency_symbols.items():
        add(f"money:{code}", [symbol])
    for code, symbol in (
        ("USD", "$"),
        ("EUR", "€"),
        ("GBP", "£"),
        ("JPY", "¥"),
        ("INR", "₹"),
        ("THB", "฿"),
    ):
        add(f"money:{code}", [symbol])
