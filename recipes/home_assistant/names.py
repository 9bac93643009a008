"""Values for what a household names itself: rooms, floors, devices, lists, songs, messages.

None of them comes from a household. They are words of the language, names of people, towns and companies (Faker),
sounds that are no word at all, and the invented values of `pqrnn_tf.datasets`, by themselves and joined as people join
them. A model that sees so many learns the place of a name and not the name.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from pqrnn_tf.datasets.formats.invented_values import invented_values, known_value
from pqrnn_tf.datasets.making.chance import pick, pick_weighted
from pqrnn_tf.datasets.making.forms.invented import invented_name
from pqrnn_tf.extras import require

LOCALES = {
    "de": "de_DE",
    "en": "en_US",
    "es": "es_ES",
    "fr": "fr_FR",
    "hi": "hi_IN",
    "it": "it_IT",
    "nl": "nl_NL",
    "th": "th_TH",
}
"""Locales of Faker, by language."""
NAMED = ("name", "area", "floor")
"""Lists that a household fills with names."""
WELL_KNOWN = 0.12
"""Share of the names that are the one that the model reads in the place of any of its kind."""
_JOINED: Mapping[str, tuple[str, ...]] = {
    "de": (
        "{device} {area}",
        "{area} {device}",
        "{person}s {device}",
        "{device} von {person}",
        "{device} im {area}",
    ),
    "en": (
        "{area} {device}",
        "{area} {device}",
        "{person}'s {device}",
        "{device} {area}",
        "the {device} of {person}",
    ),
    "es": (
        "{device} {area}",
        "{device} de {person}",
        "{device} del {area}",
        "{device} de la {area}",
    ),
    "fr": (
        "{device} {area}",
        "{device} de {person}",
        "{device} du {area}",
        "{device} de la {area}",
    ),
    "hi": ("{area} {device}", "{area} का {device}", "{person} का {device}", "{area} की {device}"),
    "it": (
        "{device} {area}",
        "{device} di {person}",
        "{device} del {area}",
        "{device} della {area}",
    ),
    "nl": ("{area} {device}", "{device} {area}", "{person}s {device}", "{device} van {person}"),
    "th": ("{device}{area}", "{device} {area}", "{device}ของ{person}", "{device}ใน{area}"),
}
_MARKED: Mapping[str, tuple[str, ...]] = {
    "de": (
        "{} links",
        "{} rechts",
        "großes {}",
        "{} oben",
        "{} hinten",
        "kleine {}",
        "{} klein",
        "neue {}",
    ),
    "en": (
        "left {}",
        "right {}",
        "{} left",
        "big {}",
        "front {}",
        "back {}",
        "upper {}",
        "old {}",
        "guest {}",
    ),
    "es": (
        "{} izquierda",
        "{} derecha",
        "{} grande",
        "{} pequeña",
        "{} nueva",
        "{} principal",
        "{} de arriba",
    ),
    "fr": (
        "{} gauche",
        "{} droite",
        "grande {}",
        "petit {}",
        "{} principal",
        "nouvelle {}",
        "{} du haut",
    ),
    "hi": ("बड़ा {}", "छोटी {}", "बायाँ {}", "नया {}", "{} बाएँ", "ऊपर का {}"),
    "it": (
        "{} sinistra",
        "{} destra",
        "{} grande",
        "{} piccola",
        "{} nuova",
        "{} principale",
        "{} di sopra",
    ),
    "nl": (
        "{} links",
        "linker {}",
        "rechter {}",
        "grote {}",
        "kleine {}",
        "{} boven",
        "nieuwe {}",
        "{} achter",
    ),
    "th": ("{}ซ้าย", "{}ขวา", "{}ใหญ่", "{}เล็ก", "{}ใหม่", "{}หลัก", "{}ด้านหลัง"),
}
_ARTICLES: Mapping[str, tuple[str, ...]] = {
    "de": ("der", "die", "das"),
    "en": ("the",),
    "es": ("el", "la", "los", "las"),
    "fr": ("le", "la", "les"),
    "hi": (),
    "it": ("il", "la", "i", "le"),
    "nl": ("de", "het"),
    "th": (),
}
"""What titles begin with."""
_LONG_WORD = 4
_INSIDE = "ะาำๅๆฯ" + "".join(map(chr, (0x0E31, *range(0x0E34, 0x0E3B), *range(0x0E47, 0x0E4F))))
"""Letters and marks of Thai that no word begins with."""
NEVER_LAST = "เแโใไ"
"""Vowels of Thai that no word ends with."""
_ENDS = ("1", "2", "3", "4", "a", "b", "x", "one", "2000", "tv", "hub", "pro", "mini")


class Names:
    """A source of values for one language.

    Args:
        language: The language.
        sentences: General sentences of the language, whose words make names; none where there are none.
        seed: Seed of the names of people, towns and companies.

    Raises:
        ValueError: If the language is none of `LOCALES`.
        ImportError: If Faker is not installed.
    """

    def __init__(self, language: str, sentences: Sequence[str] = (), *, seed: int = 0) -> None:
        if language not in LOCALES:
            raise ValueError(
                f"`language` must be one of {sorted(LOCALES)}. Received: {language!r}."
            )
        self.language = language
        faker = require("faker").Faker(LOCALES[language])
        faker.seed_instance(seed)
        makers = (faker.first_name, faker.city, faker.company, faker.street_name, faker.last_name)
        self._proper = [make() for make in makers for _ in range(400)]
        self._people = [faker.first_name() for _ in range(400)]
        self._words = sorted({word for _ in range(400) for word in faker.words(8)})
        self._sentences = [sentence.split() for sentence in sentences]

    def value(self, name: str, domains: tuple[str, ...], rng: random.Random) -> str:
        """A value of a list.

        Args:
            name: Name of the list.
            domains: Kinds of devices that `name` may be.
            rng: What decides.
        """
        known = pick(rng, invented_values(name, self.language, domains))
        if name in NAMED and rng.random() < WELL_KNOWN:
            kind = pick(rng, domains) if name == "name" and domains else name
            value = known_value(kind, self.language) or known
        elif name in NAMED:
            maker = pick_weighted(rng, _OF_NAMES, _HOW_OFTEN[name])
            value = maker(self, known, name, rng)
        elif rng.random() < 0.35:
            value = known
        else:
            value = self._free(rng, long=name in ("message", "search_query", "timer_command"))
        value = " ".join(value.split()).strip(" ,.;:!?¿¡\"'-")
        if rng.random() < 0.5:
            value = value.lower()
        return value or known

    def _free(self, rng: random.Random, *, long: bool) -> str:
        choice = rng.random()
        articles = _ARTICLES[self.language]
        if long and articles and choice > 0.85:
            return f"{pick(rng, articles)} {self._run(rng, 2)}"
        if choice < 0.12:
            return pick(rng, self._proper)
        if choice < 0.2:
            return invented_name(rng, self.language, capital=False)
        return self._run(rng, 6 if long else 3)

    def _run(self, rng: random.Random, most: int) -> str:
        """Some words that stand side by side in a sentence, or words in any order."""
        for _ in range(4):
            words = self._some_words(rng, 1 + int(rng.random() * most))
            if any(len(word) >= _LONG_WORD for word in words.split()):
                break
        return words

    def words(self, rng: random.Random, most: int) -> str:
        """Some words of the language, up to `most`."""
        return self._run(rng, most)

    def _some_words(self, rng: random.Random, count: int) -> str:
        if not self._sentences or rng.random() < 0.15:
            return " ".join(pick(rng, self._words) for _ in range(count))
        words = pick(rng, self._sentences)
        if len(words) == 1:  # a script without spaces
            first = int(rng.random() * max(1, len(words[0]) - 4 * count))
            return words[0][first : first + 3 + 3 * count].lstrip(_INSIDE).rstrip(NEVER_LAST)
        first = int(rng.random() * max(1, len(words) - count + 1))
        return " ".join(words[first : first + count])

    def _as_it_is(self, known: str, name: str, rng: random.Random) -> str:
        return known

    def _marked(self, known: str, name: str, rng: random.Random) -> str:
        return pick(rng, _MARKED[self.language]).format(known)

    def _counted(self, known: str, name: str, rng: random.Random) -> str:
        return f"{known} {pick(rng, _ENDS)}"

    def _joined(self, known: str, name: str, rng: random.Random) -> str:
        area = pick(rng, invented_values("area", self.language))
        if rng.random() < 0.3:
            area = self._run(rng, 1)
        person = pick(rng, self._people)
        return pick(rng, _JOINED[self.language]).format(device=known, area=area, person=person)

    def _of_text(self, known: str, name: str, rng: random.Random) -> str:
        return self._run(rng, 3)

    def _with_text(self, known: str, name: str, rng: random.Random) -> str:
        words = self._run(rng, 2)
        return f"{words} {known}" if rng.random() < 0.5 else f"{known} {words}"

    def _proper_name(self, known: str, name: str, rng: random.Random) -> str:
        return pick(rng, self._proper)

    def _no_word(self, known: str, name: str, rng: random.Random) -> str:
        return invented_name(rng, self.language, capital=False)


_Maker = Callable[[Names, str, str, random.Random], str]
_OF_NAMES: tuple[_Maker, ...] = (
    Names._as_it_is,
    Names._marked,
    Names._counted,
    Names._joined,
    Names._of_text,
    Names._with_text,
    Names._proper_name,
    Names._no_word,
)
_HOW_OFTEN = {
    "name": (0.22, 0.06, 0.06, 0.16, 0.22, 0.1, 0.1, 0.08),
    "area": (0.34, 0.08, 0.04, 0.04, 0.24, 0.08, 0.1, 0.08),
    "floor": (0.44, 0.06, 0.04, 0.02, 0.2, 0.1, 0.08, 0.06),
}
