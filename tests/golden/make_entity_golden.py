"""Writes `entity_matches_v1.json`: names of a list in texts, for every implementation of the matching.

    python tests/golden/make_entity_golden.py

Deterministic. `entities` are rows as `Entities.from_rows` takes them. Each of `cases` has `text` and `matches`, in the
order of `Entities.match`: `[start, end, id, quality, errors]`, the range in code points of `text`. A file that changes
is a bug.
"""

from __future__ import annotations

import json
import pathlib
import unicodedata
from collections.abc import Iterator
from typing import Any

from pqrnn_tf.files import write_bytes
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.spec import SplitMix64

PATH = pathlib.Path(__file__).with_name("entity_matches_v1.json")
ROWS: tuple[dict[str, Any], ...] = (
    {"name": "Anna", "id": "c1", "type": "contact", "synonyms": ["Annie", "my sister"]},
    {"name": "Anne", "id": "c2", "type": "contact"},
    {"name": "May", "id": "c3", "type": "contact"},
    {"name": "José Núñez", "id": "c4", "type": "contact"},
    {"name": "Müller-Lüdenscheidt", "id": "c5", "type": "contact"},
    {"name": "Марта", "id": "c6", "type": "contact"},
    {"name": "नीता", "id": "c7", "type": "contact"},
    {"name": "สมชาย", "id": "c8", "type": "contact"},
    {"name": "김민준", "id": "c9", "type": "contact"},
    {"name": "محمد", "id": "c10", "type": "contact"},
    {"name": "Tom", "id": "c11", "type": "contact"},
    {"name": "Kitchen", "id": "r1", "type": "room", "synonyms": ["Küche"]},
    {"name": "Living room", "id": "r2", "type": "room"},
    {"name": "Lamp", "id": "l1", "type": "light", "relations": {"located_in": "r1"}},
    {"name": "Lamp", "id": "l2", "type": "light", "relations": {"located_in": "r2"}},
    {"name": "Kitchen lamp", "id": "l3", "types": ["light", "switch"]},
    {"name": "AC/DC", "id": "m1", "type": "artist"},
    {"name": "Straße der Lieder", "id": "m2", "type": "playlist"},
    {"name": "Livingstone", "id": "m3", "type": "artist"},
    {"name": "青い部屋", "id": "m4", "type": "playlist"},
    {"name": "Level 42", "id": "m5", "type": "artist"},
    {"name": "!!!", "id": "m6", "type": "artist"},
    {"name": "The Neighbourhood", "id": "m7", "type": "artist"},
)
TEXTS = (
    "",
    "!!! 🙂",
    "call Anna",
    "call ANNA'S phone",
    "call annie and anne",
    "call my sister's husband",
    "remind me in may to ring Tom, toms, tome",
    "jose nunez",
    "ＪＯＳＥ　ＮＵＮＥＺ",
    "call josé nuñes",
    "schreib müller lüdenscheidt und muellerludenscheid",
    "turn off the kithcen lamps in the kitchen",
    "turn off the lamp in the livingroom",
    "living stone, the living stones",
    "Licht in der kuche, in den KÜCHEN",
    "позвони марте и Марта",
    "नीता को फ़ोन करो",
    "โทรหาสมชายหน่อย",
    "김민준에게 전화해 김민준",
    "اتصل بمحمد مُحَمَّد",
    "acdc songs by ac dc and AC-DC",
    "strasse der lieder strase der leider",
    "青い部屋をかけて",
    "level 42 and level 43, level42",
    "play the nieghbourhood, the neighborhood, neihgbuorhood",
    "kitchen kitchen lamp lamp",
    "x" * 40,
)


def texts() -> Iterator[str]:
    """The texts, their other forms, and names with errors."""
    for text in TEXTS:
        yield text
        for form in ("NFC", "NFD"):
            if (other := unicodedata.normalize(form, text)) != text:
                yield other
    draw = SplitMix64(3).below
    names = [name for row in ROWS for name in (row["name"], *row.get("synonyms", ()))]
    for _ in range(200):
        letters = list(names[draw(len(names))])
        for _ in range(1 + draw(3)):
            place = draw(len(letters) + 1)
            kind = draw(4)
            if kind == 0:
                letters.insert(place, "aenst "[draw(6)])
            elif place < len(letters) and kind == 1 and len(letters) > 1:
                del letters[place]
            elif place < len(letters) and kind == 2:
                letters[place] = "aeios"[draw(5)]
            elif place + 1 < len(letters):
                letters[place : place + 2] = letters[place + 1], letters[place]
        yield f"call {''.join(letters)} now"


def golden_text() -> str:
    """The whole file."""
    entities = Entities.from_rows(ROWS)
    cases = []
    for text in texts():
        matches = [[m.start, m.end, m.entity.id, m.quality, m.errors] for m in entities.match(text)]
        cases.append(json.dumps({"text": text, "matches": matches}, separators=(",", ":")))
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in ROWS)
    return f'{{"entities": [\n{rows}\n],\n"cases": [\n' + ",\n".join(cases) + "\n]}\n"


def main() -> None:
    """Writes the file beside this script."""
    write_bytes(PATH, golden_text().encode("utf-8"))


if __name__ == "__main__":
    main()
