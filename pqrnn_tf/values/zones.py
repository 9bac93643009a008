"""Time zones that a phrase names by a place: `5 pm tokyo time`, `17 Uhr Londoner Zeit`, `hora de Madrid`."""

from __future__ import annotations

import datetime
import functools
import re
import zoneinfo
from collections.abc import Sequence

from pqrnn_tf.extras import require
from pqrnn_tf.values.lexicon import Lexicon, fold

_MOST_WORDS = 4
"""Words of the name of a place at most."""
_LEAST = 2
"""Letters of the name of a place at least."""
_PRIMARY = {
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "MH": "Pacific/Majuro",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
}
"""Zones that CLDR takes for the time of a country with others besides."""
_NO_PLACES = ("ZZ", "001", "AQ", "UM")
_CITIES = {
    "Asia/Kolkata": (
        "delhi, new delhi, nueva delhi, mumbai, bombay, bangalore, chennai, hyderabad, दिल्ली, मुंबई, เดลี, มุมไบ"
    ),
    "America/Los_Angeles": (
        "la, l.a., san francisco, seattle, las vegas, san diego, california, kalifornien, californie"
    ),
    "America/New_York": "nyc, boston, washington, washington dc, washington d.c., miami, atlanta, philadelphia",
    "America/Chicago": "houston, dallas",
    "Asia/Shanghai": "beijing, peking, pekin, बीजिंग, ปักกิ่ง",
    "Asia/Tokyo": "osaka",
    "Australia/Sydney": "canberra",
    "Asia/Dubai": "abu dhabi",
    "Asia/Hong_Kong": "hong kong, hongkong, हांगकांग, ฮ่องกง",
    "Asia/Singapore": "singapore, singapur, singapour",
    "Europe/Berlin": "munich, münchen, múnich, frankfurt, hamburg, cologne, köln",
    "Europe/London": "uk, u.k., england, inglaterra, angleterre, britain, great britain, scotland, edinburgh, british",
    "Europe/Madrid": "barcelona, barcelone",
    "Europe/Istanbul": "ankara",
    "Europe/Zurich": "geneva, genf, ginebra, genève, zürcher",
    "Asia/Ho_Chi_Minh": "hanoi",
    "America/Sao_Paulo": "rio, rio de janeiro, brasilia",
}
"""Names of places that CLDR has no time zone of: large cities, and short names."""
_COUNTRIES = {"US": "us, u.s., usa, u.s.a., america, american, amerika"}
"""Short names of countries."""
_HERE = {
    "local",
    "my",
    "our",
    "lokaler",
    "meiner",
    "unserer",
    "hiesiger",
    "स्थानीय",
    "अपने",
    "हमारे",
}
"""Words beside the one for time that mean the time zone of the reference."""
_IN_FRONT = {
    "en": re.compile(r" (?:standard |daylight |summer |local )?time\b(?! zone)"),
    "de": re.compile(r"[ -](?:orts|normal|sommer)?zeit\b"),
    "hi": re.compile(r" (?:के |की |का )?(?:मानक |स्थानीय )?समय"),
}
"""The word behind the name of a place that makes it a time zone, by language."""
_BEHIND = {
    "de": re.compile(r"\bortszeit (?:in |von )?(?=[^\W\d])"),
    "es": re.compile(
        r"(?<!\b1 )\bhora(?: (?:local|estandar|oficial|de verano))?(?: de la| del| de los| de| en)? (?=[^\W\d])"
    ),
    "fr": re.compile(
        r"(?<!\b1 )(?<!')\b(?:l')?heure(?: (?:locale|normale|d'ete))?"
        r"(?: de la| de l'| du| des| de| d'| a| en)[ ']?(?=[^\W\d])"
    ),
    "th": re.compile(r"เวลา(?:ท้องถิ่น|มาตรฐาน)?(?:ของ|ใน|ที่)?(?:ประเทศ|กรุง|เมือง)?\s?(?=[ก-๛a-z])"),
}
"""What stands in front of the name of a place that makes it a time zone, by language."""
_HERE_BEHIND = {
    "es": re.compile(r"\bhora local\b(?! de)"),
    "fr": re.compile(r"\b(?:l')?heure locale\b(?! d[e'u])"),
    "th": re.compile(r"เวลาท้องถิ่น(?=\s|$)"),
}
_HOUR = re.compile(
    r"(?:\d|\b[ap]\.?\s?m\.?|uhr|noon|midnight|o'clock|\dh|heures?|बजे|น\.|โมง\w*)\s*$"
)
"""The end of a time of day."""
_ENDINGS = {"de": ((r"ische[nr]?$", "isch"), (r"er$", ""), (r"ter$", ""))}
"""Endings of adjectives of places, and what is there in the name: `tokioter`, `japanischer`."""


def zone_phrases(text: str, words: Lexicon) -> dict[int, tuple[int, str | None]]:
    """Where a folded text names a time zone by a place.

    Args:
        text: The folded text.
        words: The lexicon of its language.

    Returns:
        For each place in the text where such a phrase begins the place behind it and the names of the time zones that
        it may be in, joined by commas; no name for a place that is not known, `None` for the zone of the reference.
    """
    found: dict[int, tuple[int, str | None]] = {}
    language = words.language
    if (here := _HERE_BEHIND.get(language)) is not None:
        for match in here.finditer(text):
            found[match.start()] = (match.end(), None)
    if (marker := _IN_FRONT.get(language)) is not None:
        for match in marker.finditer(text):
            _name_in_front(text, match, words, found)
    if (marker := _BEHIND.get(language)) is not None:
        for match in marker.finditer(text):
            if match.start() not in found:
                _name_behind(text, match, words, found)
    return found


def _name_in_front(
    text: str, marker: re.Match[str], words: Lexicon, found: dict[int, tuple[int, str | None]]
) -> None:
    """Adds the phrase that ends with the word for time, if a place stands before it."""
    starts = [one.start() for one in re.finditer(r"\S+", text[: marker.start()])][-_MOST_WORDS:]
    if any(_is_known(text, start, marker.end(), words) for start in starts):
        return  # "pacific time"
    for start in starts:
        name = text[start : marker.start()].removeprefix("the ")
        if not name[:1].isalpha() or _is_known(text, start, marker.start(), words):
            continue
        zones = _zones_of(name, words.language)
        if zones is not None:
            found[start] = (marker.end(), zones)
            return
    unknown = None
    for start in reversed(starts):
        if not text[start].isalpha() or words.match(text, start) is not None:
            break
        unknown = start
    if unknown is None or not _HOUR.search(text[:unknown]):
        return
    is_here = set(text[unknown : marker.start()].split()) <= _HERE
    found[unknown] = (marker.end(), None if is_here else "")


def _name_behind(
    text: str, marker: re.Match[str], words: Lexicon, found: dict[int, tuple[int, str | None]]
) -> None:
    """Adds the phrase that begins with the word for time, if a place stands behind it."""
    rest = text[marker.end() :]
    if _is_known(text, marker.start(), marker.end() + 1, words):
        return  # "hora del este"
    if words.blanks:
        ends = [one.end() for one in re.finditer(r"[^\s,;]+", rest)][:_MOST_WORDS]
    else:
        ends = list(range(_LEAST, min(len(rest), 30) + 1))
    for end in reversed(ends):
        zones = _zones_of(rest[:end], words.language)
        if zones is not None:
            found[marker.start()] = (marker.end() + end, zones)
            return
    if (
        words.blanks
        and ends
        and words.match(text, marker.end()) is None
        and _HOUR.search(text[: marker.start()])
    ):
        found[marker.start()] = (marker.end() + ends[0], "")


def _is_known(text: str, start: int, end: int, words: Lexicon) -> bool:
    """Whether a phrase that the lexicon has, such as `lunch time`, reaches from a place to another and further."""
    known = words.match(text, start)
    return known is not None and start + len(known[0]) >= end


def _zones_of(name: str, language: str) -> str | None:
    """The time zones of a place by its folded name, joined by commas; `None` for no place."""
    if len(name) < _LEAST:
        return None
    places = _places(language)
    name = name.replace("-", " ").strip()
    if (zones := places.get(name)) is not None:
        return zones
    for ending, rest in _ENDINGS.get(language, ()):
        cut = re.sub(ending, rest, name)
        if cut != name and (zones := places.get(cut)) is not None:
            return zones
    return None


@functools.cache
def _places(language: str) -> dict[str, str]:
    """The names of places in a language, folded, with their time zones joined by commas."""
    core, known = require("babel.core"), zoneinfo.available_timezones()
    locale = core.Locale(language)
    places: dict[str, str] = {}

    def add(name: str, zones: Sequence[str]) -> None:
        folded = fold(name).replace("-", " ").strip()
        kept = [zone for zone in zones if zone in known]
        if len(folded) >= _LEAST and kept:
            places.setdefault(folded, ",".join(kept))

    of_territory = {
        territory: [_PRIMARY[territory]] if territory in _PRIMARY else zones
        for territory, zones in core.get_global("territory_zones").items()
        if territory not in _NO_PLACES
    }
    for zone, names in _CITIES.items():
        for name in names.split(","):
            add(name, [zone])
    for territory, names in _COUNTRIES.items():
        for name in names.split(","):
            add(name, of_territory[territory])
    for zone in (zone for zones in core.get_global("territory_zones").values() for zone in zones):
        if "/" in zone and not zone.startswith(("Etc/", "Antarctica/")):
            city = dict(locale.time_zones.get(zone, {})).get("city")
            for name_of_city in (city, zone.rpartition("/")[2].replace("_", " ")):
                if name_of_city:
                    add(name_of_city, [zone])
    for territory, zones in of_territory.items():
        if (name := locale.territories.get(territory)) is not None:
            add(re.sub(r"\s*\(.*", "", name), zones)
    of_meta: dict[str, list[str]] = {}
    for zone, meta in core.get_global("meta_zones").items():
        of_meta.setdefault(meta, []).append(zone)
    marker = _IN_FRONT.get(language)
    for meta, zones in of_meta.items():  # "Japanische Zeit", "भारतीय मानक समय"
        for name in dict(dict(locale.meta_zones.get(meta, {})).get("long", {})).values():
            folded = fold(name)
            if marker is not None and (found := marker.search(folded)) is not None:
                add(re.sub(r"ische$", "isch", folded[: found.start()]), zones)
    return places


def zone_of(names: str, now: datetime.datetime) -> datetime.tzinfo | None:
    """A time zone by its name in the IANA database, or by its offset from UTC, such as `+02:00`.

    Args:
        names: The name; several, joined by commas, where a place has more than one.
        now: The reference time, with a time zone.

    Returns:
        The time zone; `None` for no name, and for several whose times differ.
    """
    if not names:
        return None
    if names[0] in "+-":
        offset = datetime.timedelta(hours=int(names[1:3]), minutes=int(names[4:]))
        return datetime.timezone(-offset if names[0] == "-" else offset)
    zones = [zoneinfo.ZoneInfo(name) for name in names.split(",")]
    halves = (now, now + datetime.timedelta(days=182))  # summer and winter
    offsets = {tuple(time.astimezone(zone).utcoffset() for time in halves) for zone in zones}
    return zones[0] if len(offsets) == 1 else None
