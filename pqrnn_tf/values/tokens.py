"""A phrase as words with senses and numbers."""

from __future__ import annotations

import dataclasses
import re
import unicodedata

from pqrnn_tf.extras import require
from pqrnn_tf.values.lexicon import Lexicon, Senses, fold, is_letter, lexicon

SPOKEN = ("en", "de", "es", "fr")
"""The languages whose numbers `text2num` reads; Hindi and Thai have tables here."""

_CLOCK = re.compile(r"(\d{1,2})\s?:\s?(\d{2})(?:\s?:\s?(\d{2}))?(?!\d)")
_CLOCK_H = re.compile(r"(\d{1,2})\s?h\s?(\d{2})(?!\d)")
_CLOCK_DOT = re.compile(r"(\d{1,2})\.(\d{2})(?![\d.])")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ]\s?(?=\d{1,2}:))?")
_DATE = re.compile(
    r"\d{1,2}\s?([/.-])\s?\d{1,2}\s?\1\s?(?:\d{4}|\d{2})(?!\d)|\d{1,2}\s?/\s?\d{1,2}(?![\d/])|\d{1,2}\.\s?\d{1,2}\.(?!\d)"
)
_ORDINALS = {
    language: re.compile(rf"(\d+)(?:{endings})(?![^\W\d_])")
    for language, endings in (
        ("en", "st|nd|rd|th"),
        ("de", "ste[nrms]?|te[nrms]?"),
        ("es", "\\.?[oa]s?|er"),
        ("fr", "ere?|re|ieme|eme|e|nde?"),
        ("hi", " ?(?:वां|वीं|वें|वा|वी|वे)"),
    )
}
_ORDINAL_DOT = re.compile(r"(\d{1,2})\.(?=\s*(?:[^\W\d]|$))")
_NUMBER = re.compile(r"\d+(?:[.,]\d{3})+(?!\d)|\d+(?:[.,]\d+)?")
_FRACTION = re.compile(r"(\d+)\s+(\d)\s?/\s?([2-9])(?!\d)")
_PART = re.compile(r"()([1-3])\s?/\s?([234])(?![\d/]|\s?/)")
"""A half, thirds and quarters are no days of January and February."""
_APART = re.compile(r"\s+('s|'clock)(?![a-z])")
"""Corpora write what belongs to the word before apart from it."""
_LETTER_OF_HALF = re.compile(r"(?<=\d)\s?([ap])(?![\w.])")
_HOURS_OF_DAY = re.compile(r"(?<!\d)([01]?\d|2[0-4])([0-5]\d)\s?(?:h|hrs|hours)(?![a-z])")
_DECADE = re.compile(r"((?:1\d|20)\d0)'?s(?![a-z])")
_SIGN = re.compile(r"[-−](?=\s?[\d.])")
_GLYPHS = {"½": 0.5, "¼": 0.25, "¾": 0.75}
_GLYPH = re.compile(r"(\d*)\s?([½¼¾])")
_MARKS = {",": "and", ";": "and"}


@dataclasses.dataclass(frozen=True)
class Token:
    """A word or number.

    Attributes:
        text: As it stands in the folded text.
        senses: What the word may mean; empty for one that the lexicon does not have.
        number: Value of a number.
        ordinal: Whether it is an ordinal.
        spelled: Whether the number was written in words.
        clock: `(hour, minute, second)` of a time such as `7:30`.
        date: `(year, month, day)` of a date in digits, 0 for a year that is not said.
    """

    text: str
    senses: Senses = dataclasses.field(default_factory=dict)
    number: float | None = None
    ordinal: bool = False
    spelled: bool = False
    clock: tuple[int, int, int] | None = None
    date: tuple[int, int, int] | None = None

    @property
    def known(self) -> bool:
        """Whether it is more than a word that the lexicon does not have."""
        return bool(self.senses) or any(x is not None for x in (self.number, self.clock, self.date))


def tokens_of(text: str, language: str) -> list[Token]:
    """The words and numbers of a text.

    Args:
        text: The text.
        language: One of `LANGUAGES`.
    """
    words = lexicon(language)
    plain = _APART.sub(r"\1", unicodedata.normalize("NFC", text).replace("’", "'"))
    folded = _digits(plain, language)
    tokens: list[Token] = []
    at = 0
    while at < len(folded):
        if folded[at].isspace():
            at += 1
            continue
        if _SIGN.match(folded, at) and not any(token.known for token in tokens):
            tokens.append(Token("-", {"minus": ""}))
            at += 1
            continue
        token, at = _token(folded, at, words, text)
        if token is not None:
            tokens.append(token)
    return _composed(tokens, language)


def _digits(text: str, language: str) -> str:
    """The folded text with numbers in digits, where `text2num` reads them."""
    if language in SPOKEN:
        text = require("text_to_num").alpha2digit(text.lower(), language, threshold=0)
    folded = fold(text.replace("º", "o").replace("ª", "a"))
    if language == "en":
        folded = _LETTER_OF_HALF.sub(r" \1m", folded)
    return _HOURS_OF_DAY.sub(r"\1:\2", folded)


def _token(text: str, at: int, words: Lexicon, raw: str) -> tuple[Token | None, int]:
    """The token at a place, and where the next may be."""
    character = text[at]
    if character.isdigit() or character in _GLYPHS:
        token, end = _number_token(text, at, words.language)
        digits = re.match(r"\d+", token.text)
        if token.number is not None and digits and digits.group() not in fold(raw):
            token = dataclasses.replace(token, spelled=True)
        return token, end
    found = words.match(text, at)
    if found is not None:
        phrase, senses = found
        return Token(phrase, senses), at + len(phrase)
    if is_letter(character):
        end = at + 1
        if words.blanks:
            while end < len(text) and is_letter(text[end]):
                end += 1
        else:
            while end < len(text) and is_letter(text[end]) and words.match(text, end) is None:
                end += 1
        return Token(text[at:end]), end
    if character in _MARKS:
        return Token(character, {_MARKS[character]: ""}), at + 1
    return None, at + 1


def _number_token(text: str, at: int, language: str) -> tuple[Token, int]:
    """The token of digits."""
    if found := _ISO_DATE.match(text, at):
        year, month, day = map(int, found.groups())
        return Token(found.group(), date=(year, month, day)), found.end()
    if (found := _PART.match(text, at)) or ((found := _FRACTION.match(text, at)) and found[1]):
        number = int(found[1] or 0) + int(found[2]) / int(found[3])
        return Token(found.group(), number=number), found.end()
    if (found := _DATE.match(text, at)) and (date := _date(found.group(), language)):
        return Token(found.group(), date=date), found.end()
    if found := _DECADE.match(text, at):
        return Token(found.group(), {"decade": found[1]}), found.end()
    if found := _CLOCK.match(text, at):
        hour, minute, second = (int(part or 0) for part in found.groups())
        if hour <= 24 and minute < 60 and second < 60:
            return Token(found.group(), clock=(hour, minute, second)), found.end()
    for pattern in (_CLOCK_H, *((_CLOCK_DOT,) if _is_clock_after_dot(text, at, language) else ())):
        if (found := pattern.match(text, at)) and int(found[1]) <= 24 and int(found[2]) < 60:
            return Token(found.group(), clock=(int(found[1]), int(found[2]), 0)), found.end()
    if found := _GLYPH.match(text, at):
        return Token(found.group(), number=int(found[1] or 0) + _GLYPHS[found[2]]), found.end()
    if language in _ORDINALS and (found := _ORDINALS[language].match(text, at)):
        return Token(
            found.group(), _second(found[1], language), int(found[1]), ordinal=True
        ), found.end()
    if language == "de" and (found := _ORDINAL_DOT.match(text, at)):
        return Token(found.group(), number=int(found[1]), ordinal=True), found.end()
    found = _NUMBER.match(text, at)
    if found is None:  # a digit of no decimal system, such as a superscript
        return Token(text[at]), at + 1
    digits = found.group()
    comma = language in ("de", "es", "fr")
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", digits):
        digits = digits.replace(",", "").replace(".", "")
    digits = digits.replace(",", ".") if comma or digits.count(",") == 1 else digits
    number = float(digits)
    return Token(found.group(), number=int(number) if number.is_integer() else number), found.end()


def _is_clock_after_dot(text: str, at: int, language: str) -> bool:
    """Whether `7.30` is a time: before a word that says so, or in a language that writes times so."""
    found = _CLOCK_DOT.match(text, at)
    if found is None:
        return False
    rest = text[found.end() :].lstrip()
    if language in ("de", "th"):
        return rest.startswith(("uhr", "น", "นาฬิกา"))
    return rest.startswith(("am", "pm", "a.m", "p.m", "a m", "p m", "h"))


def _second(number: str, language: str) -> Senses:
    """In three languages the unit and the ordinal are one word."""
    return {"unit": "second"} if number == "2" and language in ("en", "es", "fr") else {}


def _date(text: str, language: str) -> tuple[int, int, int] | None:
    """A date in digits, by `dateparser`, with the month first in English."""
    text = re.sub(r"\s", "", text)
    parts = [int(part) for part in re.split(r"[/.-]", text) if part]
    if len(parts) == 2:
        first, second = parts
        month, day = (first, second) if language == "en" and first <= 12 else (second, first)
        return (0, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None
    order = "MDY" if language == "en" and parts[0] <= 12 else "DMY"
    settings = {"DATE_ORDER": order, "PREFER_LOCALE_DATE_ORDER": False}
    if parts[2] > 2400:  # years of the Buddhist era
        text = text[: -len(str(parts[2]))] + str(parts[2] - 543)
    try:
        found = require("dateparser").parse(text, languages=["en"], settings=settings)
    except (ValueError, OverflowError):
        return None
    return None if found is None else (found.year, found.month, found.day)


def _composed(tokens: list[Token], language: str) -> list[Token]:
    """Hindi and Thai numbers in words as one number each."""
    if language not in ("hi", "th"):
        return tokens
    composed: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        senses = token.senses
        if "ord" in senses and language == "hi":
            number = float(senses["ord"])
            composed.append(Token(token.text, senses, int(number), ordinal=True, spelled=True))
            at += 1
            continue
        total, end = _number_in_words(tokens, at)
        if end == at:
            composed.append(token)
            at += 1
        else:
            text = " ".join(one.text for one in tokens[at:end])
            number = int(total) if float(total).is_integer() else total
            kept = senses if end == at + 1 else {}
            composed.append(Token(text, kept, number, spelled=True))
            at = end
    return composed


def _number_in_words(tokens: list[Token], at: int) -> tuple[float, int]:
    """The number that words spell from a place on, and where it ends; at the place itself if none does."""
    total, group, end = 0.0, None, at
    last = float("inf")
    while end < len(tokens):
        senses = tokens[end].senses
        word = senses.get("num", senses.get("thai_digit"))
        if word is not None and tokens[end].number is None and group is None:
            group = float(word)
        elif "size" in senses and (float(senses["size"]) < last):
            last = float(senses["size"])
            total += (1.0 if group is None else group) * last
            group = None
        else:
            break
        end += 1
    return total + (group or 0.0), end
