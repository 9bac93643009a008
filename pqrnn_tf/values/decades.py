"""Decades: `the 90s`, `die achtziger Jahre`, `los noventa`, `les années 1980`."""

from __future__ import annotations

import re

_NAMES = {
    "en": "twenties thirties forties fifties sixties seventies eighties nineties",
    "de": "zwanziger dreißiger vierziger fünfziger sechziger siebziger achtziger neunziger",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "fr": "vingt trente quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix",
    "hi": "बीस तीस चालीस पचास साठ सत्तर अस्सी नब्बे",
    "th": "ยี่สิบ สามสิบ สี่สิบ ห้าสิบ หกสิบ เจ็ดสิบ แปดสิบ เก้าสิบ",
}
"""The twenties to the nineties of a century, by language."""
_SPELLED = {
    language: {name: f"{tens}0" for tens, name in enumerate(names.split(), start=2)}
    for language, names in _NAMES.items()
}
_SPELLED["de"]["dreissiger"] = "30"
_SPELLED["fr"]["quatre-vingt"] = "80"
_PATTERNS = {
    "en": (
        r"\bnineteen[ -](?P<century>NAME)\b",
        r"(?<=\bthe )(?P<part>(?:early|mid|late)[ -])?'?(?:(?P<tens>[1-9]0)'?s|(?P<name>NAME))\b",
        r"^(?P<part>\W*(?:(?:early|mid|late)[ -])?)(?P<name>NAME)\b",
        r"^(?P<part>\W*(?:early|mid|late)[ -])'?(?P<tens>[1-9]0)'?s\b",
    ),
    "de": (
        r"\b(?:(?P<year>(?:1[89]|20)\d0)er|(?P<tens>[1-9]0)er|(?P<name>NAME))n?(?:[ -]?jahren?)?\b",
    ),
    "es": (
        r"\b(?:d[ée]cada de (?:los )?(?:a[ñn]os )?|a[ñn]os )"
        r"(?:(?P<year>(?:1[89]|20)\d0)|(?P<tens>[1-9]0)|(?P<name>NAME))(?:'?s)?\b",
        r"(?<=\blos )(?<!\btodos los )(?:(?P<tens>[2-9]0)(?:'?s)?|(?P<name>NAME))(?=\W*$)",
    ),
    "fr": (
        r"\b(?:ann[ée]es|d[ée]cennie) (?:(?P<year>(?:1[89]|20)\d0)|(?P<tens>[1-9]0)|(?P<name>NAME))\b(?!-)",
    ),
    "hi": (
        r"(?:(?P<year>(?:[1१][89८९]|[2२][0०])\d[0०])|(?P<tens>\d[0०])|(?P<name>NAME))\s*(?:के|का|वाले|वें)\s+दशक",
    ),
    "th": (
        r"(?:ทศวรรษ(?:ที่)?|ยุค|ช่วงปี)\s?(?:ค\.ศ\.\s?|พ\.ศ\.\s?)?"
        r"(?:(?P<year>(?:1[89]|20|2[45])\d0)|(?P<tens>\d0)|(?P<name>NAME))(?:'?s)?(?!\d)",
    ),
}
"""How decades are said, by language; `NAME` stands for any of `_NAMES`."""
_DECADES = {
    language: tuple(
        re.compile(
            pattern.replace("NAME", "|".join(sorted(_SPELLED[language], key=len, reverse=True))),
            re.IGNORECASE,
        )
        for pattern in patterns
    )
    for language, patterns in _PATTERNS.items()
}
_FIRST_BUDDHIST_YEAR = 2401


def with_decades(text: str, language: str) -> str:
    """The text with its decades as `1990s`, and as `0090s` where the century is not said.

    Args:
        text: The text.
        language: One of `LANGUAGES`.
    """
    for pattern in _DECADES.get(language, ()):
        text = pattern.sub(lambda found: _told(found, language), text)
    return text


def _told(found: re.Match[str], language: str) -> str:
    said = {name: part for name, part in found.groupdict().items() if part}
    spelled = _SPELLED[language]
    if "century" in said:
        year = int(f"19{spelled[said['century'].lower()]}")
    elif "year" in said:
        year = int(said["year"])
    else:
        year = int(said["tens"] if "tens" in said else spelled[said["name"].lower()])
    if year >= _FIRST_BUDDHIST_YEAR:
        year -= 543
    return f"{said.get('part', '')}{year:04d}s "
