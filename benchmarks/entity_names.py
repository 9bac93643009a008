"""Names that no training ever saw, rare and invented, in six scripts: `benchmarks/entity_names.tsv`.

    python -m benchmarks.entity_names    # writes the file anew, the same each time

A line is `type<TAB>name`. The syllables and words are others than those of the made-up names that a training writes
(`datasets.making.forms.invented`). No name is in the training rows of MTOP, which
`tests/benchmarks/test_entity_lists.py` checks where the corpus is there.
"""

from __future__ import annotations

import pathlib
import random

from pqrnn_tf.files import write_bytes

FILE = pathlib.Path(__file__).with_name("entity_names.tsv")
SEED = 20
NAMES_OF_TYPE = 600
LATIN = 0.6
"""Share of names in Latin letters; the other five scripts share the rest."""

# Beginnings, middles and ends of names in the manner of several languages each.
_LATIN = (
    "Aoif Bryn Ceri Dagn Eilo Fionn Gwen Hjal Iker Jorun Ketev Llew Maai Nkem Oihan Perp Quil Rhian Sigr Tadhg Ulun "
    "Vaiv Wenc Xiom Yaret Zsof Abio Bjarn Chibu Dzhok Eneko Frod Gintar Huyn Isol Jacin Kwab Lubom Mbal Ngoz",
    "a e i o u ae wi ya el or in um ek as ol il ",
    "dh nwe ko ric bet lind mar tza gar wyn sson ova ite que dis ane uru vic mund rix lla nen dottir poulos "
    "ashvili enko",
)
_SCRIPTS = {
    "Cyrillic": (
        "Аг Бол Вел Гор Добр Жел Зар Ил Крес Люб Мил Неж Оль Прес Рад Свят Тих Ус Фе Яр",
        "а о е и у ы ",
        "слав мила бор гост рина вей дан тина ша ра жко чук ян дзе",
    ),
    "Greek": (
        "Αγ Βασ Γερ Δημ Ευ Ζην Ηλ Θεο Ιφ Κλε Λυκ Μελ Νικ Ξεν Ορ Πην Ρωξ Στα Τιμ Φιλ",
        "α ε ι ο υ η ω ",
        "νωρ κλης δωρος λαος γενης μαχος φαντος στρατη ρινα θεα",
    ),
    "Arabic": (
        "أب بد تم جل حس خل در رش زه سل شم صف ضح طر عب غس فر قم كر لي مر نج هب وس يق",
        "ا و ي ",
        "ان ين ير ود ام يل ار اء وان اس",
    ),
    "Devanagari": (
        "अन भव चि दे एक गो हे ईश जय कल लो मृ नि ओम पू ऋ सु तृ उज वै",
        "र ल न म त व ष्ण ",
        "ा ी श राज मती दीप वान काव्य तेश िका ेंद्र",
    ),
    "Hangul": (
        "강 곽 남 노 도 류 마 방 변 서 선 성 소 심 양 여 엄 연 왕 우",
        "가 나 다 란 린 민 별 빈 솔 슬 아 예 온 율 찬 하 희 ",
        "결 겸 담 람 래 솜 울 진 채 현",
    ),
}
_OF_ARTISTS = (
    "Quarrelsome Velvet Lopsided Amber Hollow Feral Paper Crooked Midnight Rusted Borrowed Gilded Drowsy Salted "
    "Electric",
    "Teapots Herons Lanterns Orchard Cartographers Pigeons Vestibule Zeppelin Marmots Cathedral Ferry Parade Sisters "
    "Moth",
)
_OF_PLAYLISTS = (
    "rainy sunday kitchen slow gym garage winter road autumn lazy beach focus porch tuesday commute",
    "vibes mix bangers chill session rotation grooves hits drive hour selection beats anthems party gold",
)
_OF_PLACES = (
    "Upper Lower Port Saint Mount New North Glen Lake Fort",
    "ville ton bury by mere thorpe stad grad abad ia",
)


def _word(rng: random.Random, parts: tuple[str, ...]) -> str:
    begin, middle, end = (rng.choice(part.split(" ")) for part in parts)
    return begin + middle + end


def _foreign(rng: random.Random) -> str:
    script = rng.choice(sorted(_SCRIPTS))
    count = 1 if script == "Hangul" else rng.choice((1, 2))
    return " ".join(_word(rng, _SCRIPTS[script]) for _ in range(count))


def contact(rng: random.Random) -> str:
    """One name or two."""
    if rng.random() > LATIN:
        return _foreign(rng)
    return " ".join(_word(rng, _LATIN) for _ in range(rng.choice((1, 1, 2))))


def artist(rng: random.Random) -> str:
    """A person or a band."""
    kind = rng.random()
    if kind > LATIN:
        return _foreign(rng)
    if kind < LATIN / 2:
        name = " ".join(rng.choice(words.split()) for words in _OF_ARTISTS)
        return f"The {name}" if rng.random() < 0.4 else name
    return " ".join(_word(rng, _LATIN) for _ in range(rng.choice((1, 2))))


def playlist(rng: random.Random) -> str:
    """Words in lower case, a made-up word among them or not."""
    if rng.random() > LATIN:
        return _foreign(rng)
    words = [rng.choice(part.split()) for part in _OF_PLAYLISTS]
    made_up = _word(rng, _LATIN).lower()
    kind = rng.randrange(3)
    return " ".join(((words[0], made_up, words[1]), (made_up, words[1]), (*words, made_up))[kind])


def location(rng: random.Random) -> str:
    """A town."""
    if rng.random() > LATIN:
        return _foreign(rng)
    name = _word(rng, _LATIN)
    before, behind = (rng.choice(part.split()) for part in _OF_PLACES)
    return rng.choice((name, f"{before} {name}", name + behind, f"{before} {name}{behind}"))


AMBIGUOUS = {
    "contact": "April August Autumn Art Bill Chase Chuck Cook Dawn Day Drew Faith Frank Friday Grace Hope Hunter Joy "
    "June Lane Mark May Miles Page Penny Price Read Rich Rob Rose Sky Star Stormy Sue Summer Sunday Sunny Will Young",
    "artist": "Bread Cake Cream Heat News Prince Queen Rain Snow Today Train Weather Wings Yes",
    "playlist": "alarms birthday breakfast chill dinner events favorite friends home morning party reminders school "
    "timer today weekend work workout",
    "location": "Avenue Bath Beach Center Home Mobile Nice Orange Park Phoenix Reading Street Temple Town Work",
}
"""Names that are words of requests too, such as those of months."""


def ambiguous_names() -> list[tuple[str, str]]:
    """`(type, name)` of `AMBIGUOUS`."""
    return [(kind, name) for kind, names in AMBIGUOUS.items() for name in names.split()]


MAKERS = {"contact": contact, "artist": artist, "playlist": playlist, "location": location}
SLOTS = {
    "CONTACT": "contact",
    "MUSIC_ARTIST_NAME": "artist",
    "MUSIC_PLAYLIST_TITLE": "playlist",
    "LOCATION": "location",
}
"""The slots of MTOP that hold names of these types."""


def made_names() -> list[tuple[str, str]]:
    """`(type, name)`, all names different."""
    found: dict[str, str] = {}
    for kind, make in MAKERS.items():
        rng = random.Random(f"{SEED} {kind}")
        before = len(found)
        while len(found) < before + NAMES_OF_TYPE:
            found.setdefault(make(rng), kind)
    return [(kind, name) for name, kind in found.items()]


def read_names() -> dict[str, list[str]]:
    """The names in the file, by type."""
    names: dict[str, list[str]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        kind, name = line.split("\t")
        names.setdefault(kind, []).append(name)
    return names


def content() -> str:
    """The whole file."""
    return "".join(f"{kind}\t{name}\n" for kind, name in made_names())


if __name__ == "__main__":
    write_bytes(FILE, content().encode("utf-8"))
