"""What a recogniser of speech writes: lower case, no punctuation, numbers in words, pauses, repeated words."""

from __future__ import annotations

import functools
import random
import re
import unicodedata

from pqrnn_tf.datasets.making.carriers.tables import phrases_of
from pqrnn_tf.datasets.making.chance import number, pick
from pqrnn_tf.datasets.making.forms.casing import lower_case, mapped
from pqrnn_tf.datasets.making.forms.places import carrier_words, gaps
from pqrnn_tf.datasets.making.rewriting import Edit, Rewriting
from pqrnn_tf.values.spoken_numbers import in_words, ordinal, year

_TIME = r"(?P<hour>[01]?\d|2[0-4])(?:[:.](?P<minute>[0-5]\d))?"
_ENGLISH_NUMBER = re.compile(
    rf"(?<![\w.,:/$-]){_TIME}\s*(?P<half>[ap])\.?\s?m\b\.?(?!\w)"
    r"|(?<![\w.,:/$-])(?P<clock>[01]?\d|2[0-4]):(?P<past>[0-5]\d)(?![\w:/-])"
    r"|(?<![\w.,:/$-])(?P<ordinal>\d{1,2})(?:st|nd|rd|th)(?!\w)"
    r"|(?P<money>\$)?(?<![\w.,:/-])(?P<whole>\d{1,12})(?:\.(?P<decimals>\d{1,3}))?(?P<sign>\s?%|°)?(?![\w:/-]|[.,]\d)",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?<![\w.,:/$-])(?P<clock>[01]?\d|2[0-4])(?P<between>\s?[:h]\s?)(?P<past>[0-5]\d)(?![\w:/-])"
    r"|(?<![\w.,:/$-])(?P<whole>\d{1,12})(?P<hours>\s?h)?(?![\w:/-]|[.,]\d|\s?:\s?\d)",
    re.IGNORECASE,
)
_CLOCKS = {
    "de": "{hour} Uhr {minute}",
    "es": "{hour} y {minute}",
    "fr": "{hour} heures {minute}",
    "hi": "{hour} बजकर {minute} मिनट",
    "th": "{hour}นาฬิกา{minute}นาที",
}
_HOUR = re.compile(r"(?<!\w)(?:at|by|until|till|around|before|after|from) $", re.IGNORECASE)
_UNITS = {"%": "percent", "°": "degrees"}
_ACRONYM = re.compile(r"(?<![\w.'’-])[A-Z]{2,4}(?![\w.'’-])")
_NO_LETTERS = frozenset({"I", "AM", "PM", "OK", "TO", "ME", "MY"})
_SPOKEN_WORD = re.compile(r"[^\s\d.,;:!?-]+")
_KEPT = "'’$%&@#+°"


def spoken_numbers(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Numbers and times in words: `7pm` as `seven p m`, `7:00` as `seven o'clock`."""
    text = rewriting.text
    edits: list[Edit] = []
    pattern = _ENGLISH_NUMBER if language == "en" else _NUMBER
    for match in pattern.finditer(text):
        write = _english_number if language == "en" else _other_number
        if words := write(match, rng, language):
            edits.append((match.start(), match.end(), words))
    return rewriting.edited(edits)


def _english_number(match: re.Match[str], rng: random.Random, language: str) -> str | None:
    if match["half"]:
        half = pick(rng, ("{} m", "{} m", "{}m", "{}.m.")).format(match["half"].lower())
        return f"{_hour(int(match['hour']), match['minute'], rng)} {half}"
    if match["clock"]:
        if match["past"] == "00":
            return f"{in_words(int(match['clock']), 'en')} o'clock"
        return _hour(int(match["clock"]), match["past"], rng)
    if match["ordinal"]:
        return ordinal(int(match["ordinal"]))
    digits = match["whole"]
    if len(digits) > 1 and digits[0] == "0" or len(digits) > 4 and match["decimals"] is None:
        words = " ".join(in_words(int(digit), "en") or "" for digit in digits)
    elif len(digits) == 4 and 1100 <= int(digits) < 2100 and not match["decimals"]:
        words = year(int(digits))
    else:
        words = in_words(int(digits), "en") or ""
    if match["decimals"]:
        words += " point " + " ".join(
            in_words(int(digit), "en") or "" for digit in match["decimals"]
        )
    elif (
        int(digits) in range(1, 13)
        and _HOUR.search(match.string, 0, match.start())
        and match.string[match.end() :].strip(" .?!") == ""
        and not match["money"]
        and not match["sign"]
        and rng.random() < 0.3
    ):
        words += " o'clock"
    if match["money"]:
        words += " dollar" if digits == "1" else " dollars"
    if match["sign"]:
        words += " " + _UNITS[match["sign"].strip()]
    return words


def _hour(hour: int, minute: str | None, rng: random.Random) -> str:
    words = in_words(hour, "en") or ""
    if minute is None or minute == "00":
        return words
    if minute[0] == "0":
        return f"{words} {pick(rng, ('oh', 'o'))} {in_words(int(minute), 'en')}"
    return f"{words} {in_words(int(minute), 'en')}"


def _other_number(match: re.Match[str], rng: random.Random, language: str) -> str | None:
    if match["clock"]:
        template = _CLOCKS.get(language)
        hour, minute = (in_words(int(match[name]), language) for name in ("clock", "past"))
        if template is None or hour is None or minute is None:
            return None
        after = match.string[match.end() :].lstrip()
        if match["past"] == "00":
            hour_alone = {"de": "{} Uhr", "fr": "{} heures"}.get(language, "{}")
            words = hour_alone.format(hour)
            return hour if after[:3].lower() in ("uhr", "heu") else words
        words = template.format(hour=hour, minute=minute)
        return f"{hour} {minute}" if after[:3].lower() in ("uhr", "heu") else words
    digits = match["whole"]
    if len(digits) > 1 and digits[0] == "0" or len(digits) > 4:
        spoken = [in_words(int(digit), language) for digit in digits]
        words = " ".join(word for word in spoken if word)
    else:
        words = in_words(int(digits), language) or ""
    if words and match["hours"]:
        words += {"fr": " heures", "es": " horas", "de": " Uhr"}.get(language, match["hours"])
    if (
        language == "de"
        and words == "eins"
        and re.match(r"\s*uhr", match.string[match.end() :], re.I)
    ):
        words = "ein"
    return words or None


@functools.cache
def _numbers_of(language: str) -> dict[str, int]:
    """The numbers from 2 to 99 by their words; 0 and 1 are left out, since their words have other meanings too."""
    words = ((in_words(number, language), number) for number in range(2, 100))
    return {word.replace("-", " "): number for word, number in words if word}


def digits(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Digits in the place of numbers in words, inside slots: `for ten minutes` as `for 10 minutes`.

    Numbers that stand side by side (`seven thirty`) stay, since only together they say what they mean.
    """
    numbers = _numbers_of(language)
    edits: list[Edit] = []
    for first, last in rewriting.parts:
        found = [
            (match.start(), match.end())
            for match in _SPOKEN_WORD.finditer(rewriting.text, first, last)
        ]
        words = [rewriting.text[start:end].lower() for start, end in found]
        index = 0
        while index < len(words):
            pair = " ".join(words[index : index + 2])
            size = 2 if index + 1 < len(words) and pair in numbers else 1
            number = numbers.get(" ".join(words[index : index + size]))
            by_itself = (index == 0 or words[index - 1] not in numbers) and (
                index + size >= len(words) or words[index + size] not in numbers
            )
            if number is not None and by_itself:
                edits.append((found[index][0], found[index + size - 1][1], str(number)))
            index += size if number is not None else 1
    return rewriting.edited(sorted(edits))


def no_punctuation(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Without punctuation, inside of slots too; `7:30` and `3.5` keep theirs, and a hyphen becomes a space."""
    text = rewriting.text
    edges = rewriting.edges
    edits: list[Edit] = []
    for place, character in enumerate(text):
        if character.isalnum() or character.isspace() or character in _KEPT:
            continue
        if unicodedata.category(character)[0] != "P":
            continue
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if before.isdigit() and after.isdigit():
            continue
        joins = before.isalnum() and after.isalnum()
        apart = character in "-–—/_.·" or place in edges or place + 1 in edges
        edits.append((place, place + 1, " " if joins and apart else ""))
    return one_space(rewriting.edited(edits))


_SPACES = re.compile(r"\s{2,}")


def one_space(rewriting: Rewriting) -> Rewriting:
    """The row with one space where there are several, and none at the ends."""
    text = rewriting.text
    edits: list[Edit] = []
    stripped = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    if stripped:
        edits.append((0, stripped, ""))
    edits += [
        (match.start() + 1, match.end(), "")
        for match in _SPACES.finditer(text, stripped, max(end, stripped))
    ]
    if end < len(text) and end > stripped:
        edits.append((end, len(text), ""))
    return rewriting.edited(edits)


def lower_case_no_punctuation(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Lower case without punctuation, with digits."""
    return lower_case(no_punctuation(rewriting, rng, language), rng, language)


def spoken(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Lower case without punctuation, with numbers and times in words."""
    return lower_case_no_punctuation(spoken_numbers(rewriting, rng, language), rng, language)


def spoken_with_pauses(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """As `spoken`, with pauses or a repeated word, as people who think while they speak."""
    text = spoken(rewriting, rng, language)
    if rng.random() < 0.35:
        return repeated_words(text, rng, language)
    return _paused(text, rng, language, commas=False)


def filled_pauses(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`uh`, `um` before a request or between two of its words."""
    return _paused(rewriting, rng, language, commas=True)


def _paused(rewriting: Rewriting, rng: random.Random, language: str, *, commas: bool) -> Rewriting:
    pauses = phrases_of(language).pauses
    if not pauses:
        return rewriting
    places = [0, *(end for _, end in gaps(rewriting))]
    chosen = sorted({pick(rng, places) for _ in range(number(rng, 1, 2))})
    edits = []
    for place in chosen:
        pause = pick(rng, pauses)
        after = pick(rng, (", ", " ", " ", "... ")) if commas else " "
        edits.append((place, place, pause + after))
    return rewriting.edited(edits)


def repeated_words(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """A word outside of slots, or its beginning, said twice: `set set an alarm`, `se- set an alarm`."""
    text = rewriting.text
    negations = phrases_of(language).negations
    places = [
        place
        for place in carrier_words(rewriting)
        if text[place[0] : place[1]].lower() not in negations
    ]
    if not places:
        return rewriting
    start, end = pick(rng, places)
    word = text[start:end]
    kind = rng.random()
    if kind < 0.65 or len(word) < 3:
        return rewriting.edited([(start, start, word + pick(rng, (" ", " ", " ", ", ", "... ")))])
    if kind < 0.85:
        begin = word[: number(rng, 1, 2)]
        return rewriting.edited([(start, start, begin + pick(rng, ("- ", " ", "... ", "-")))])
    before = [place for place in places if place[1] + 1 == start]
    first = before[0][0] if before else start
    return rewriting.edited([(first, first, text[first:end] + " ")])


def spelled_letters(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`NPR` as `n p r`, `N.P.R.` or `N P R`."""
    found = [
        match for match in _ACRONYM.finditer(rewriting.text) if match.group() not in _NO_LETTERS
    ]
    if not found or rewriting.text.isupper():
        return rewriting
    match = pick(rng, found)
    between, lower = pick(
        rng, ((" ", True), (" ", True), (" ", False), (".", False), (". ", False))
    )
    letters = mapped(match.group(), str.lower) if lower else match.group()
    return rewriting.edited([(match.start(), match.end(), between.join(letters))])
