"""What a recogniser of speech writes: lower case, no punctuation, numbers in words, pauses, repeated words."""

from __future__ import annotations

import functools
import random
import re
import unicodedata
from collections.abc import Mapping, Sequence

from pqrnn_tf.datasets.making.carriers.tables import phrases_of
from pqrnn_tf.datasets.making.chance import number, pick
from pqrnn_tf.datasets.making.forms.casing import lower_case, mapped
from pqrnn_tf.datasets.making.forms.places import beginning, carrier_words, gaps, is_of_word
from pqrnn_tf.datasets.making.rewriting import Edit, Rewriting
from pqrnn_tf.values.spoken_numbers import german_ordinal, in_words, ordinal, year

_BETWEEN_NUMBERS = ":/~–—-"
"""What between two numbers says how they belong together: `5 - 7`, `1/2`, `7 : 30`."""
_BEFORE = (
    rf"(?<![\w.,−{_BETWEEN_NUMBERS}])(?<!\d\s)(?<![–—-]\s)"
    rf"(?<!\d\s[{_BETWEEN_NUMBERS}]\s)(?<!\d[{_BETWEEN_NUMBERS}]\s)"
)
_AFTER = rf"(?![\w\ufe0f\u20e3{_BETWEEN_NUMBERS}]|[.,]\d|\s\d|\s[{_BETWEEN_NUMBERS}]\s?\d)"
_CLOCK_HOUR, _CLOCK_MINUTE = r"[01]?\d|2[0-4]", r"[0-5]\d"
_ENGLISH_NUMBER = re.compile(
    rf"(?<!\$){_BEFORE}(?P<hour>{_CLOCK_HOUR})(?:(?:\s?:\s?|\.)(?P<minute>{_CLOCK_MINUTE}))?"
    r"\s*(?P<half>[ap])(?:\s?\.\s?m\b(?:\s?\.)?|\s?m\b)(?!\w)"
    rf"|(?<!\$){_BEFORE}(?P<clock>{_CLOCK_HOUR})\s?:\s?(?P<past>{_CLOCK_MINUTE}){_AFTER}"
    rf"|(?<!\$){_BEFORE}(?P<ordinal>\d{{1,2}})(?:st|nd|rd|th)(?!\w)"
    rf"|(?P<money>\$)?{_BEFORE}(?P<whole>\d{{1,12}})(?:\.(?P<decimals>\d{{1,3}}))?(?P<sign>\s?%|°)?{_AFTER}",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    rf"(?<!\$){_BEFORE}(?P<clock>{_CLOCK_HOUR})\s?[:h]\s?(?P<past>{_CLOCK_MINUTE}){_AFTER}"
    rf"|(?<!\$){_BEFORE}(?P<whole>\d{{1,12}})(?P<sign>\s?[h%]|°)?{_AFTER}",
    re.IGNORECASE,
)
_OCLOCK = {
    "de": re.compile(r"\s?Uhr\b", re.IGNORECASE),
    "fr": re.compile(r"\s?heures?\b", re.IGNORECASE),
    "hi": re.compile(r"\s?बजे(?!\w)"),
    "th": re.compile(r"\s?(?:นาฬิกา|น(?![\u0e00-\u0e7f])(?:\s?\.)?)"),
}
"""What stands behind `7:30` and is said with the hour, or not at all."""
_HALF_PAST = {1: "डेढ़", 2: "ढाई"}
_THAI_HOURS = re.compile(r"\s?(?:โมง|ทุ่ม)")
_HOUR = re.compile(r"(?<!\w)(?:at|by|until|till|around|before|after|from) $", re.IGNORECASE)
_GERMAN_CLOCK = re.compile(r"(?<!\w)(?:um|ab|bis|gegen|vor|nach|von) $", re.IGNORECASE)
_GERMAN_DAY = re.compile(
    r"(?<!\w)(?:(?P<en>den|dem|am|vom|zum|beim|des|jeden|diesen|nächsten)|(?P<e>der|die|das|jede)) $",
    re.IGNORECASE,
)
_DOT = re.compile(r"\s?\.(?!\d)")
_SIGNS = {
    "de": {"%": "Prozent", "°": "Grad", "h": "Stunden"},
    "en": {"%": "percent", "°": "degrees"},
    "es": {"%": "por ciento", "°": "grados", "h": "horas"},
    "fr": {"%": "pour cent", "°": "degrés", "h": "heures"},
    "hi": {"%": "प्रतिशत", "°": "डिग्री"},
    "th": {"%": "เปอร์เซ็นต์", "°": "องศา"},
}
_ONES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "de": (
        "eins",
        {"ein": "Uhr|Prozent|Grad|Mal", "eine": "(?:Stunde|Minute|Sekunde|Woche|Nachricht)n?"},
    ),
    "es": (
        "uno",
        {
            "una": "horas?|semanas?|personas?|veces|vez|noches?",
            "un": "minutos?|segundos?|días?|mes|meses|años?|grados?",
        },
    ),
    "fr": ("un", {"une": "heures?|minutes?|secondes?|semaines?|fois|personnes?"}),
}
"""How a number that ends in one is said before some words."""
_SPANISH_HOUR = re.compile(r"(?<!\w)las? $", re.IGNORECASE)
_ACRONYM = re.compile(r"(?<![\w.'’-])[A-Z]{2,4}(?![\w.'’-])")
_ROMAN_NUMBER = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")
_NO_LETTERS = frozenset({"I", "AM", "PM", "OK", "TO", "ME", "MY"})
_SPOKEN_WORD = re.compile(r"[^\s\d.,;:!?-]+")
_KEPT = "'’$%&@#+°"
_OF_KEYCAPS = ("\ufe0f", "\u20e3")
_NUMBERS_TOGETHER = re.compile(rf"(?<=\d)\s?(?P<mark>[{_BETWEEN_NUMBERS}])(?=\s?\d)")
_DOTTED_WORD = re.compile(r"(?<!\S)(?P<word>[^\W\d]+)\s?(?P<dot>\.)\s?(?=(?P<next>\d+|\w+))")
_OTHER_MEANING = {"fr": frozenset({"neuf"}), "hi": frozenset({"दो"})}
"""Numbers whose word often is another one, too: `un vélo neuf`, `बता दो`."""


def spoken_numbers(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Numbers and times in words: `7pm` as `seven p m`, `7:00` as `seven o'clock`.

    Numbers that belong together stay (`5 - 7`, `10 000`), since words would not say how.
    """
    edits: list[Edit] = []
    pattern = _ENGLISH_NUMBER if language == "en" else _NUMBER
    for match in pattern.finditer(rewriting.text):
        if language == "en":
            end, words = match.end(), _english_number(match, rng, rewriting.parts)
        else:
            end, words = _other_number(match, language)
        stop = _within(rewriting, match.start(), end)
        if words and stop is not None:
            if rewriting.text.startswith(".", stop):
                words = words.removesuffix(".")
            edits.append((match.start(), stop, words))
    return rewriting.edited(edits)


def _within(rewriting: Rewriting, start: int, end: int) -> int | None:
    """Where a number ends that begins at `start`: before a final mark that is outside of its slot.

    `None` where a slot begins or ends inside of the number itself.
    """
    inner = min((edge for edge in rewriting.edges if start < edge < end), default=end)
    return None if rewriting.text[inner:end].strip(" .") else inner


def _english_number(
    match: re.Match[str], rng: random.Random, parts: Sequence[tuple[int, int]]
) -> str | None:
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
        and not match["money"]
        and not match["sign"]
        and _is_hour(match, parts)
        and rng.random() < 0.3
    ):
        words += " o'clock"
    if match["money"]:
        words += " dollar" if digits == "1" else " dollars"
    if match["sign"]:
        words += " " + _SIGNS["en"][match["sign"].strip()]
    return words


def _is_hour(match: re.Match[str], parts: Sequence[tuple[int, int]]) -> bool:
    """Whether a number is an hour: the last word of a request, in one slot with `at` or the like before it."""
    before = _HOUR.search(match.string, 0, match.start())
    return (
        before is not None
        and not match.string[match.end() :].strip(" .?!")
        and any(first <= before.start() and match.end() <= last for first, last in parts)
    )


def _hour(hour: int, minute: str | None, rng: random.Random) -> str:
    words = in_words(hour, "en") or ""
    if minute is None or minute == "00":
        return words
    if minute[0] == "0":
        return f"{words} {pick(rng, ('oh', 'o'))} {in_words(int(minute), 'en')}"
    return f"{words} {in_words(int(minute), 'en')}"


def _other_number(match: re.Match[str], language: str) -> tuple[int, str | None]:
    """Where a number or time ends with what is said with it, and its words."""
    text, end = match.string, match.end()
    if match["clock"]:
        said = language in _OCLOCK and _OCLOCK[language].match(text, end)
        return said.end() if said else end, _clock(match, language)
    digits = match["whole"]
    if len(digits) > 1 and digits[0] == "0" or len(digits) > 4:
        spoken = [in_words(int(digit), language) for digit in digits]
        words = " ".join(word for word in spoken if word)
    else:
        words = in_words(int(digits), language) or ""
    if not words:
        return end, None
    if language == "de" and not match["sign"] and (dot := _DOT.match(text, end)):
        day = _GERMAN_DAY.search(text, 0, match.start())
        touched = text[dot.end() : dot.end() + 1]
        apart = not touched.isalpha() and touched not in (*_BETWEEN_NUMBERS,)
        if day and int(digits) in range(1, 32) and apart:
            return dot.end(), german_ordinal(int(digits), "en" if day["en"] else "e")
        # `3. Wecker`, `3.-5. Mai`: what ending it has depends on words that nothing is known of.
        return end, None if text[dot.end() :].strip() else words
    sign = (match["sign"] or "").strip().lower()
    if sign == "h" and language == "de" and _GERMAN_CLOCK.search(text, 0, match.start()):
        unit = "Uhr"
    else:
        unit = _SIGNS.get(language, {}).get(sign, sign)
        if sign == "h" and digits == "1":
            unit = unit.removesuffix("n" if language == "de" else "s")
    following = f" {unit}" if unit else text[end:]
    if language == "es" and _SPANISH_HOUR.search(text, 0, match.start()):
        following = " horas"
    agreed = _agreed(words, language, following)
    return end, f"{agreed} {unit}" if agreed and unit else agreed


def _agreed(words: str, language: str, following: str) -> str | None:
    """A number as it is said before other words; `None` where that is not known."""
    one, forms = _ONES.get(language, ("", {}))
    ends_in_one = words in (one, "veintiuno") or words.endswith(f" {one}")
    if not one or not ends_in_one:
        return words
    for form, before in forms.items():
        if re.match(rf"\s?(?:{before})\b", following, re.IGNORECASE):
            agreed = words.removesuffix(one) + form
            return "veintiún" if agreed == "veintiun" else agreed
    noun = language == "de" and following[:1].isspace() and following[1:2].isupper()
    return None if noun else words


def _clock(match: re.Match[str], language: str) -> str | None:
    """A time such as `7:30` in words."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    number = int(match["clock"])
    hour, minute = in_words(number, language), in_words(int(match["past"]), language)
    if hour is None or minute is None:
        return None
    full = match["past"] == "00"
    if language == "de":
        hour = f"{_agreed(hour, 'de', ' Uhr')} Uhr"
        return hour if full else f"{hour} {minute}"
    if language == "es":
        hour = _agreed(hour, "es", " horas") or hour
        return hour if full else f"{hour} y {minute}"
    if language == "fr":
        hour = f"{_agreed(hour, 'fr', ' heures')} heure{'s' * (number > 1)}"
        return hour if full else f"{hour} {minute}"
    if language == "hi":
        return _hindi_clock(number, int(match["past"]))
    if _THAI_HOURS.match(after):
        return None
    hour += "" if before.rstrip().endswith("ตี") else "นาฬิกา"
    return hour if full else f"{hour}{minute}นาที"


def _hindi_clock(hour: int, minute: int) -> str:
    quarters = {15: "सवा", 30: "साढ़े", 45: "पौने"}
    if minute == 30 and hour in _HALF_PAST:
        return f"{_HALF_PAST[hour]} बजे"
    if minute in quarters and hour in range(1, 13):
        said = hour % 12 + 1 if minute == 45 else hour
        return f"{quarters[minute]} {in_words(said, 'hi')} बजे"
    words = in_words(hour, "hi")
    return f"{words} बजकर {in_words(minute, 'hi')} मिनट" if minute else f"{words} बजे"


@functools.cache
def _numbers_of(language: str) -> dict[str, int]:
    """The numbers from 2 to 99 by their words; 0 and 1 are left out, since their words have other meanings too."""
    words = ((in_words(number, language), number) for number in range(2, 100))
    return {word.replace("-", " "): number for word, number in words if word}


@functools.cache
def parts_of_numbers(language: str) -> frozenset[str]:
    """Words that say a number only together with one beside them."""
    found = {word for words in _numbers_of(language) for word in words.split()} - {"et", "y"}
    for size in (0, 1, 100, 1000):
        found |= {*(in_words(size, language) or "").split()}
    if language == "en":
        found |= {"oh", "o", "point"}
        found |= {word for place in range(1, 100) for word in ordinal(place).split()}
    return frozenset(found)


def digits(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Digits in the place of numbers in words, inside slots: `for ten minutes` as `for 10 minutes`.

    Numbers that stand side by side (`seven thirty`) stay, since only together they say what they mean; so do words
    that often are no number.
    """
    numbers, beside = _numbers_of(language), parts_of_numbers(language)
    no_number = _OTHER_MEANING.get(language, frozenset())
    most = max((len(words.split()) for words in numbers), default=0)
    text = rewriting.text
    edits: list[Edit] = []
    for first, last in rewriting.parts:
        found = [(match.start(), match.end()) for match in _SPOKEN_WORD.finditer(text, first, last)]
        words = [text[start:end].lower() for start, end in found]
        index = 0
        while index < len(words):
            size, number = next(
                (
                    (size, numbers[said])
                    for size in range(min(most, len(words) - index), 0, -1)
                    if (said := " ".join(words[index : index + size])) in numbers
                ),
                (1, None),
            )
            start, end = found[index][0], found[index + size - 1][1]
            neighbours = words[max(0, index - 1) : index] + words[index + size : index + size + 1]
            digit = text[:start].rstrip()[-1:].isdigit() or text[end:].lstrip()[:1].isdigit()
            known = number is not None and " ".join(words[index : index + size]) not in no_number
            if known and not digit and not beside.intersection(neighbours):
                edits.append((start, end, str(number)))
            index += size
    return rewriting.edited(sorted(edits))


def no_punctuation(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """Without punctuation, inside of slots too; `7:30`, `3.5`, `-5` and `5 - 7` keep theirs, a hyphen becomes a space.

    The dot of `no. 5`, which would be a negation without, is kept too.
    """
    text = rewriting.text
    edges = rewriting.edges
    kept = {match.start("mark") for match in _NUMBERS_TOGETHER.finditer(text)}
    kept |= _dots_of_numbers(text, language)
    edits: list[Edit] = []
    for place, character in enumerate(text):
        if character.isalnum() or character.isspace() or character in _KEPT:
            continue
        if unicodedata.category(character)[0] != "P":
            continue
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if before.isdigit() and after.isdigit() or after in _OF_KEYCAPS:
            continue
        if place in kept:
            continue
        joins = is_of_word(before) and is_of_word(after)
        number_follows = text[place + 1 : place + 3].lstrip()[:1].isdigit()
        if character in "-–—" and number_follows and not is_of_word(before):
            continue  # of a number below zero
        apart = character in "-–—/_.·" or place in edges or place + 1 in edges
        edits.append((place, place + 1, " " if joins and apart else ""))
    return one_space(rewriting.edited(edits))


def _dots_of_numbers(text: str, language: str) -> set[int]:
    """Where a dot stands between the word of a negation and a number, in digits or words: `no. 5`."""
    negations, numbers = phrases_of(language).negations, parts_of_numbers(language)
    return {
        match.start("dot")
        for match in _DOTTED_WORD.finditer(text)
        if match["word"].lower() in negations
        and (match["next"].isdigit() or match["next"].lower() in numbers)
    }


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
    """A word outside of slots, or its beginning, said twice: `set set an alarm`, `se- set an alarm`; no number."""
    text = rewriting.text
    kept = phrases_of(language).negations | parts_of_numbers(language)
    places = [
        place for place in carrier_words(rewriting) if text[place[0] : place[1]].lower() not in kept
    ]
    if not places:
        return rewriting
    start, end = pick(rng, places)
    word = text[start:end]
    kind = rng.random()
    if kind < 0.65 or len(word) < 3:
        return rewriting.edited([(start, start, word + pick(rng, (" ", " ", " ", ", ", "... ")))])
    if kind < 0.85:
        begin = beginning(word, number(rng, 1, 2))
        return rewriting.edited([(start, start, begin + pick(rng, ("- ", " ", "... ", "-")))])
    before = [place for place in places if place[1] + 1 == start]
    first = before[0][0] if before else start
    return rewriting.edited([(first, first, text[first:end] + " ")])


def spelled_letters(rewriting: Rewriting, rng: random.Random, language: str) -> Rewriting:
    """`NPR` as `n p r`, `N.P.R.` or `N P R`; not the `VII` of `Final Fantasy VII`."""
    negations = phrases_of(language).negations
    found = [
        match
        for match in _ACRONYM.finditer(rewriting.text)
        if match.group() not in _NO_LETTERS
        and match.group().lower() not in negations
        and not _ROMAN_NUMBER.fullmatch(match.group())
    ]
    if not found or rewriting.text.isupper():
        return rewriting
    match = pick(rng, found)
    between, lower = pick(
        rng, ((" ", True), (" ", True), (" ", False), (".", False), (". ", False))
    )
    letters = mapped(match.group(), str.lower) if lower else match.group()
    return rewriting.edited([(match.start(), match.end(), between.join(letters))])
