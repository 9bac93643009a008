"""Whole numbers in the words of six languages, as they are spoken."""

from __future__ import annotations

from collections.abc import Callable

LARGEST = 999_999
"""The largest number that has words here."""

_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ENGLISH_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_GERMAN = (
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn"
).split()
_GERMAN_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()
_SPANISH = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete "
    "veintiocho veintinueve"
).split()
_SPANISH_TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
_SPANISH_HUNDREDS = (
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
).split()
_FRENCH = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit "
    "dix-neuf"
).split()
_FRENCH_TENS = "vingt trente quarante cinquante soixante".split()
_HINDI = (
    "शून्य एक दो तीन चार पांच छह सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस "
    "बीस इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस "
    "अड़तीस उनतालीस चालीस इकतालीस बयालीस तैंतालीस चवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास पचास इक्यावन बावन तिरपन "
    "चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ साठ इकसठ बासठ तिरसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर सत्तर इकहत्तर बहत्तर "
    "तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर अठहत्तर उन्यासी अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी "
    "नवासी नब्बे इक्यानवे बानवे तिरानवे चौरानवे पंचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे"
).split()
_THAI = "ศูนย์ หนึ่ง สอง สาม สี่ ห้า หก เจ็ด แปด เก้า".split()
_THAI_POWERS = ((100_000, "แสน"), (10_000, "หมื่น"), (1_000, "พัน"), (100, "ร้อย"))


def _english(number: int) -> str:
    if number < 20:
        return _ENGLISH[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _ENGLISH_TENS[tens - 2] + (f" {_ENGLISH[ones]}" if ones else "")
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    count, rest = divmod(number, size)
    return f"{_english(count)} {name}" + (f" {_english(rest)}" if rest else "")


def _german(number: int) -> str:
    if number < 20:
        return _GERMAN[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return (f"{_german_one(ones)}und" if ones else "") + _GERMAN_TENS[tens - 2]
    size, name = (1000, "tausend") if number >= 1000 else (100, "hundert")
    count, rest = divmod(number, size)
    before = "ein" if count == 1 else _german(count)
    before = before[:-1] if before.endswith("eins") else before
    return before + name + (_german(rest) if rest else "")


def _german_one(ones: int) -> str:
    return "ein" if ones == 1 else _GERMAN[ones]


def _spanish(number: int) -> str:
    if number < 30:
        return _SPANISH[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _SPANISH_TENS[tens - 3] + (f" y {_SPANISH[ones]}" if ones else "")
    if number == 100:
        return "cien"
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return _SPANISH_HUNDREDS[hundreds - 1] + (f" {_spanish(rest)}" if rest else "")
    thousands, rest = divmod(number, 1000)
    before = "" if thousands == 1 else _spanish(thousands) + " "
    if before.endswith("uno "):
        before = before.removesuffix("uno ") + "un "
    return f"{before}mil" + (f" {_spanish(rest)}" if rest else "")


def _french(number: int) -> str:
    if number < 20:
        return _FRENCH[number]
    if number < 70:
        tens, ones = divmod(number, 10)
        name = _FRENCH_TENS[tens - 2]
        return name if not ones else f"{name} et un" if ones == 1 else f"{name}-{_FRENCH[ones]}"
    if number < 80:
        return "soixante et onze" if number == 71 else f"soixante-{_FRENCH[number - 60]}"
    if number < 100:
        return "quatre-vingts" if number == 80 else f"quatre-vingt-{_FRENCH[number - 80]}"
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        before = "cent" if hundreds == 1 else f"{_FRENCH[hundreds]} cent"
        return f"{before} {_french(rest)}" if rest else before + "s" * (hundreds > 1)
    thousands, rest = divmod(number, 1000)
    before = "mille" if thousands == 1 else f"{_french(thousands)} mille"
    return f"{before} {_french(rest)}" if rest else before


def _hindi(number: int) -> str:
    if number < 100:
        return _HINDI[number]
    sizes = ((100_000, "लाख"), (1000, "हज़ार"), (100, "सौ"))
    size, name = next(entry for entry in sizes if number >= entry[0])
    count, rest = divmod(number, size)
    return f"{_hindi(count)} {name}" + (f" {_hindi(rest)}" if rest else "")


def _thai(number: int) -> str:
    if number < 10:
        return _THAI[number]
    words = ""
    for size, name in _THAI_POWERS:
        count, number = divmod(number, size)
        words += _THAI[count] + name if count else ""
    tens, ones = divmod(number, 10)
    if tens:
        words += ("" if tens == 1 else "ยี่" if tens == 2 else _THAI[tens]) + "สิบ"
    if ones:
        words += "เอ็ด" if ones == 1 and words else _THAI[ones]
    return words


_WORDS: dict[str, Callable[[int], str]] = {
    "de": _german,
    "en": _english,
    "es": _spanish,
    "fr": _french,
    "hi": _hindi,
    "th": _thai,
}


def in_words(number: int, language: str) -> str | None:
    """A number in words; `None` in a language without words here, or beyond `LARGEST`."""
    words = _WORDS.get(language)
    return words(number) if words and 0 <= number <= LARGEST else None


def ordinal(number: int) -> str:
    """An English ordinal in words, such as `twenty first`."""
    *before, last = _english(number).split()
    if last in _ENGLISH_ORDINALS:
        last = _ENGLISH_ORDINALS[last]
    else:
        last = last[:-1] + "ieth" if last.endswith("y") else last + "th"
    return " ".join([*before, last])


def german_ordinal(number: int, ending: str) -> str:
    """A German ordinal from 1 to 99 in words, such as `fünften` with the ending `en`."""
    stems = {1: "erst", 3: "dritt", 7: "siebt", 8: "acht"}
    stem = stems.get(number) or _german(number) + ("t" if number < 20 else "st")
    return stem + ending


def year(number: int) -> str:
    """An English year in words, such as `nineteen eighty four`."""
    first, last = divmod(number, 100)
    if number % 1000 < 10:
        return _english(number)
    if not last:
        return f"{_english(first)} hundred"
    return f"{_english(first)} {'oh ' if last < 10 else ''}{_english(last)}"
