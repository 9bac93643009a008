"""Houses with rooms, devices, people and playlists of equal names, and requests that only relations resolve.

A house and its requests are decided by its number. A request names a device, a contact or a playlist by a name that
several have, and something else that only one of them has to do with. What is meant follows from the complete triples;
`with_gaps` leaves entries or triples out, as lists that people write do.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterator
from typing import Any

DEVELOPMENT, TEST = range(0, 2), range(100, 112)
"""Numbers of the houses that settings were chosen on, and of those that are reported."""
FURTHER = 0.25
"""Share of the requests that name somebody who has nothing to do with what is meant."""
MOST_OF_KIND = 12
"""Requests of a kind in a house."""

_ROOMS = [
    "Kitchen",
    "Bedroom",
    "Bathroom",
    "Office",
    "Attic",
    "Garage",
    "Cellar",
    "Nursery",
    "Library",
    "Hallway",
]
_FLOORS = ["Downstairs", "Upstairs", "Basement"]
_DEVICES = [
    "Lamp",
    "Fan",
    "Heater",
    "Speaker",
    "Blinds",
    "Radio",
    "Television",
    "Plug",
    "Camera",
    "Humidifier",
]
_FIRST = ["Anna", "Tom", "Mia", "Ben", "Clara", "Jonas", "Emma", "Paul", "Lena", "Max"]
_LAST = [
    "Berg",
    "Klein",
    "Sommer",
    "Vogel",
    "Lindner",
    "Krause",
    "Winkler",
    "Hartmann",
    "Seidel",
    "Brandt",
    "Pohl",
    "Arnold",
]
_COMPANIES = ["Nordbahn", "Helix Labs", "Bluebird", "Stonegate", "Ferrolux"]
_TOWNS = ["Hamburg", "Lyon", "Porto", "Leeds", "Turin"]
_PLAYLISTS = ["Workout", "Party", "Chill", "Roadtrip", "Dinner", "Focus"]
_ARTISTS = [
    "Velvet Herons",
    "Paper Lanterns",
    "Salted Moth",
    "Crooked Parade",
    "Gilded Ferry",
    "Amber Zeppelin",
]
_GENRES = ["jazz", "techno", "folk", "punk"]

Triple = tuple[str, str, str]


@dataclasses.dataclass(frozen=True)
class Request:
    """A request and what it means.

    Attributes:
        text: The request.
        slot, start, end: The slot that is to be linked, and its code points.
        answer: Id of the entity that is meant.
        way: How what is meant hangs together with what the text names: `"1"`, `"2"` and `"3"` relations between them;
            `"2 there and back"`: two that end in the same.
        further: Whether the text names somebody else too.
    """

    text: str
    slot: str
    start: int
    end: int
    answer: str
    way: str
    further: bool


@dataclasses.dataclass(frozen=True)
class House:
    """Entities as `Entities.from_rows` takes them, triples of their ids, and requests."""

    rows: list[dict[str, Any]]
    triples: list[Triple]
    requests: list[Request]


def house(number: int) -> House:
    """A house by its number."""
    rng = random.Random(f"house {number}")
    rows: list[dict[str, Any]] = []
    triples: list[Triple] = []

    def add(name: str, kind: str, *synonyms: str) -> str:
        own = f"{kind}.{len(rows)}"
        rows.append({"name": name, "id": own, "type": kind, "synonyms": list(synonyms)})
        return own

    floors = [add(name, "floor") for name in _FLOORS[: rng.choice((2, 3))]]
    rooms = [add(name, "room") for name in rng.sample(_ROOMS, rng.randint(6, 8))]
    for room in rooms:
        triples.append((room, "on_floor", rng.choice(floors)))
        bridge = f"bridge of {room}"
        for name in rng.sample(_DEVICES, rng.randint(3, 5)):
            device = add(name, "device")
            triples += [(device, "located_in", room), (device, "connected_to", bridge)]
    towns = [add(name, "town") for name in rng.sample(_TOWNS, 4)]
    companies = [add(name, "company") for name in rng.sample(_COMPANIES, 4)]
    triples += [(company, "located_in", rng.choice(towns)) for company in companies]
    people = []
    for first in rng.sample(_FIRST, 6):
        for last in rng.sample(_LAST, rng.choice((1, 2, 3))):
            person = add(f"{first} {last}", "contact", first)
            people.append(person)
            triples += [
                (person, "works_at", rng.choice(companies)),
                (person, "lives_in", rng.choice(towns)),
            ]
    married = rng.sample(people, 6)
    triples += [(a, "married_to", b) for a, b in zip(married[:3], married[3:], strict=True)]
    for person, room in zip(rng.sample(people, 4), rng.sample(rooms, 4), strict=True):
        triples.append((person, "sleeps_in", room))
    genres = [add(name, "genre") for name in _GENRES]
    artists = [add(name, "artist") for name in _ARTISTS]
    triples += [(artist, "plays", rng.choice(genres)) for artist in artists]
    for name in rng.sample(_PLAYLISTS, 4):
        for maker in rng.sample(people, 3):
            playlist = add(name, "playlist")
            triples.append((playlist, "made_by", maker))
            triples += [(playlist, "has_artist", artist) for artist in rng.sample(artists, 2)]
    rng.shuffle(rows)  # the first of equal names is one by chance
    return House(rows, triples, list(_requests(rng, rows, triples)))


def with_gaps(own: House, number: int, *, entries: float = 0.0, triples: float = 0.0) -> House:
    """A house whose list lacks shares of its entries and triples, drawn by its number; the requests stay.

    What lacks with a share lacks with a larger one too. With an entry go the triples of which it is the subject; where
    it is the object, its id stays as a text that names nothing.
    """
    rng = random.Random(f"gaps {number}")
    kept = [triple for triple in own.triples if rng.random() >= triples]
    rows = [row for row in own.rows if rng.random() >= entries]
    known = {row["id"] for row in rows}
    return House(rows, [triple for triple in kept if triple[0] in known], own.requests)


class _Knowledge:
    """What has to do with what, by complete triples."""

    def __init__(self, rows: list[dict[str, Any]], triples: list[Triple]) -> None:
        self.kind = {row["id"]: row["type"] for row in rows}
        self.called = {row["id"]: [*row["synonyms"], row["name"]][0] for row in rows}
        self._triples = triples

    def along(self, ids: set[str], relation: str) -> set[str]:
        """The objects of a relation."""
        return {o for s, r, o in self._triples if r == relation and s in ids}

    def against(self, ids: set[str], relation: str) -> set[str]:
        """The subjects of a relation."""
        return {s for s, r, o in self._triples if r == relation and o in ids}

    def spouses(self, ids: set[str]) -> set[str]:
        """Who is married to whom, either way."""
        return self.along(ids, "married_to") | self.against(ids, "married_to")

    def beside(self, ids: set[str]) -> set[str]:
        """What stands in a triple with one of them."""
        return {s for s, _, o in self._triples if o in ids} | {
            o for s, _, o in self._triples if s in ids
        }

    def named(self, kind: str, name: str) -> set[str]:
        """Those of a kind that are called so."""
        return {
            own for own, called in self.called.items() if called == name and self.kind[own] == kind
        }


Find = Callable[[_Knowledge, set[str]], set[str]]

KINDS: tuple[tuple[str, str, str, str, Find], ...] = (
    # what is meant, what names it, the request, the way, what the second has to do with
    ("device", "room", "turn off the {0} in the {1}", "1", lambda k, x: k.against(x, "located_in")),
    (
        "device",
        "floor",
        "switch the {0} on {1}",
        "2",
        lambda k, x: k.against(k.against(x, "on_floor"), "located_in"),
    ),
    (
        "device",
        "device",
        "turn on the {0} next to the {1}",
        "2 there and back",
        lambda k, x: k.against(k.along(x, "located_in"), "located_in") - x,
    ),
    (
        "device",
        "contact",
        "turn off the {0} in {1}'s room",
        "2 there and back",
        lambda k, x: k.against(k.along(x, "sleeps_in"), "located_in"),
    ),
    (
        "device",
        "room",
        "turn off the {0} on the same floor as the {1}",
        "3",
        lambda k, x: k.against(k.against(k.along(x, "on_floor"), "on_floor"), "located_in"),
    ),
    (
        "device",
        "contact",
        "switch off the {0} in the room of {1}'s spouse",
        "3",
        lambda k, x: k.against(k.along(k.spouses(x), "sleeps_in"), "located_in"),
    ),
    ("contact", "company", "call {0} from {1}", "1", lambda k, x: k.against(x, "works_at")),
    (
        "contact",
        "town",
        "call {0} who works in {1}",
        "2",
        lambda k, x: k.against(k.against(x, "located_in"), "works_at"),
    ),
    ("contact", "contact", "text {0} the spouse of {1}", "1", lambda k, x: k.spouses(x)),
    (
        "contact",
        "contact",
        "call {0} the colleague of {1}",
        "2 there and back",
        lambda k, x: k.against(k.along(x, "works_at"), "works_at") - x,
    ),
    (
        "contact",
        "contact",
        "message {0} who works with the spouse of {1}",
        "3",
        lambda k, x: k.against(k.along(k.spouses(x), "works_at"), "works_at") - k.spouses(x),
    ),
    (
        "playlist",
        "contact",
        "play the {0} playlist of {1}",
        "1",
        lambda k, x: k.against(x, "made_by"),
    ),
    (
        "playlist",
        "artist",
        "play the {0} playlist with {1}",
        "1",
        lambda k, x: k.against(x, "has_artist"),
    ),
    (
        "playlist",
        "genre",
        "play the {0} playlist with {1} music",
        "2",
        lambda k, x: k.against(k.against(x, "plays"), "has_artist"),
    ),
    (
        "playlist",
        "contact",
        "play the {0} playlist of the spouse of {1}",
        "2",
        lambda k, x: k.against(k.spouses(x), "made_by"),
    ),
    (
        "playlist",
        "company",
        "play the {0} playlist of our friend at {1}",
        "2",
        lambda k, x: k.against(k.against(x, "works_at"), "made_by"),
    ),
)
SLOTS = {"DEVICE": "device", "CONTACT": "contact", "PLAYLIST": "playlist"}
"""The type of the entities that each slot takes."""


def _requests(
    rng: random.Random, rows: list[dict[str, Any]], triples: list[Triple]
) -> Iterator[Request]:
    known = _Knowledge(rows, triples)
    people = sorted({name for own, name in known.called.items() if known.kind[own] == "contact"})
    for kind, of, template, way, find in KINDS:
        names, others = (
            sorted({name for own, name in known.called.items() if known.kind[own] == one})
            for one in (kind, of)
        )
        pairs = [(name, other) for name in names for other in others if name != other]
        rng.shuffle(pairs)
        made = 0
        for name, other in pairs:
            alike, hints = known.named(kind, name), known.named(of, other)
            meant = alike & find(known, hints)
            # Only the words of the relation would tell the two from each other.
            nearer = (alike & known.beside(hints)) - meant
            if len(alike) < 2 or len(meant) != 1 or (way != "1" and nearer):
                continue
            text = template.format(name.lower() if kind != "contact" else name, other)
            start = text.lower().index(name.lower())
            further = rng.random() < FURTHER
            if further:
                text += (
                    f" when {rng.choice([one for one in people if one not in (name, other)])} calls"
                )
            slot = kind.upper()
            yield Request(text, slot, start, start + len(name), meant.pop(), way, further)
            made += 1
            if made == MOST_OF_KIND:
                break
