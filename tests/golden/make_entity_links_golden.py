"""Writes `entity_links_v1.json`: which entities slots mean, for every implementation of the linking.

    python tests/golden/make_entity_links_golden.py

Deterministic. `entities` are rows as `Entities.from_rows` takes them, `vectors` is what `EntityVectors.save` writes for
them (drawn, not trained), and `types` are values of `Parser.entity_types`. Each of `cases` has `text`, `types` (the
place of its own), `vectors` (whether the list has them) and `slots`: name, start, end and candidates, each
`[id, score, quality, start, end]`. Places are code points of `text`. A file that changes is a bug.
"""

from __future__ import annotations

import json
import pathlib
import tempfile
from typing import Any

import numpy as np

from pqrnn_tf.files import write_bytes
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_vectors import EntityVectors, fingerprint_of
from pqrnn_tf.runtime.linking import Linker
from pqrnn_tf.runtime.results import Slot
from pqrnn_tf.runtime.spec import ProjectionSpec, SplitMix64
from pqrnn_tf.runtime.text import tokens_of

PATH = pathlib.Path(__file__).with_name("entity_links_v1.json")
ROWS: tuple[dict[str, Any], ...] = (
    {"name": "Küche", "id": "r1", "types": ["room"], "synonyms": ["kitchen"]},
    {"name": "Attic", "id": "r2", "types": ["room"], "relations": {"on_floor": ["f1"]}},
    {"name": "Upstairs", "id": "f1", "types": ["floor"]},
    {"name": "Lamp", "id": "l1", "types": ["light"], "relations": {"located_in": ["kuche"]}},
    {"name": "Lamp", "id": "l2", "types": ["light", "device"], "relations": {"in": ["r2"]}},
    {"name": "Lamp", "id": "l3"},
    {"name": "Kitchen lamp", "id": "s1", "types": ["scene"]},
    {"name": "Attic fan", "id": "d1", "types": ["device"], "relations": {"in": ["Attic"]}},
    {"name": "Fan", "id": "d2", "types": ["device"], "relations": {"in": ["r1", "f1"]}},
    {"name": "Anna", "id": "c1", "types": ["contact"], "relations": {"sleeps_in": ["r2"]}},
    {"name": "Anna Berg", "id": "c2", "types": ["contact"], "relations": {"married_to": ["c3"]}},
    {"name": "Марта", "id": "c3", "types": ["contact"], "synonyms": ["my wife"]},
    {"name": "Anna", "id": "a1", "types": ["artist"]},
    {"name": "नीता राव", "id": "c4", "types": ["contact"]},
    {"name": "สมชาย", "id": "c5", "types": ["contact"], "relations": {"likes": ["青い部屋"]}},
    {"name": "김민준", "id": "c6", "types": ["contact"]},
    {"name": "محمد", "id": "c7", "types": ["contact"], "relations": {"likes": ["a1"]}},
    {"name": "青い部屋", "id": "p1", "types": ["playlist"]},
    {"name": "Οδυσσέας", "id": "c8", "types": ["contact", "music-artist"]},
    {"name": "X", "id": "x1", "types": ["contact"]},
    {"name": "!!!", "id": "a2", "types": ["artist"]},
    *({"name": "Neighbourhood", "id": f"n{number}", "types": ["place"]} for number in range(12)),
)
TYPES: tuple[dict[str, Any], ...] = (
    {},
    {"DEVICE": ["light", "device"], "CONTACT": "contact", "TODO": "contact"},
    {"DEVICE": "scene", "MUSIC_ARTIST_NAME": ["artist", "playlist"], "ROOM": []},
)
SLOTS = ("DEVICE", "CONTACT", "MUSIC_ARTIST_NAME", "TODO", "ROOM", "LIGHT-SCENE")
TEXTS = (
    "",
    "turn off the lamp",
    "turn off the lamp in the kitchen",
    "the kithcen lamps, the lamp upstairs",
    "🙂 die Lampe in der KU\u0308CHE und im attic",
    "the attic fan and the fan in the attic",
    "turn on the fan upstairs in the kitchen 🙂🙂",
    "call anna berg, my wife, from the attic",
    "ring anna; play anna for محمد",
    "remind me to call Марте about the lamp in annas attic",
    "नीता राव को और नीता को फ़ोन करो",
    "เปิดเพลง青い部屋ให้สมชาย",
    "김민준에게 전화해, 김민준 🎉",
    "𝐋𝐚𝐦𝐩 attic ＦＡＮ",
    "call ΟΔΥΣΣΕΑΣ and odysseas",
    "X, eight and twenty more letters there 🙂 1",  # of 32, which is a tie in the fourth decimal
    "the neighbourhood, the nieghbuorhood",
    "lamp lamp kitchen attic lamp upstairs",
    "!!! - (anna) ... ² Ⅷ ½",
)


def made_up_vectors(entities: Entities) -> EntityVectors:
    """Drawn vectors of a list."""
    draw = SplitMix64(9).below
    steps = (("in",), ("-in",), ("in", "on_floor"))
    values = [[draw(255) - 127 for _ in range(6)] for _ in range(len(entities) + len(steps))]
    numbers = np.array(values, np.int8)
    count = len(entities)
    return EntityVectors(
        fingerprint_of(entities), numbers[:count], steps, numbers[count:], 0.25, 0.75
    )


def golden_text() -> str:
    """The whole file."""
    entities = Entities.from_rows(ROWS)
    vectors = made_up_vectors(entities)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "vectors.json"
        vectors.save(path)
        file = json.loads(path.read_text(encoding="utf-8"))
    lists = (entities, entities.with_vectors(vectors))
    draw = SplitMix64(4).below
    cases = []
    for text in TEXTS:
        tokens = tokens_of(text, ProjectionSpec())
        for types in range(len(TYPES)):
            slots = {("TODO", tokens[0][0], tokens[-1][1]): None} if tokens else {}
            for _ in range(6 if tokens else 0):
                first = draw(len(tokens))
                last = min(len(tokens) - 1, first + draw(4))
                slots[SLOTS[draw(len(SLOTS))], tokens[first][0], tokens[last][1]] = None
            for with_vectors, own in enumerate(lists):
                linker = Linker(own, TYPES[types])
                matches = linker.match(text)
                found = []
                for name, start, end in slots:
                    slot = Slot(name, start, end, text[start:end])
                    found.append(
                        [
                            name,
                            start,
                            end,
                            [
                                [one.id, one.score, one.quality, one.start, one.end]
                                for one in linker.candidates(text, slot, matches)
                            ],
                        ]
                    )
                case = {"text": text, "types": types, "vectors": bool(with_vectors), "slots": found}
                cases.append(json.dumps(case, ensure_ascii=False, separators=(",", ":")))
    rows = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in ROWS)
    return (
        f'{{"entities": [\n{rows}\n],\n"vectors": {json.dumps(file)},\n"types": {json.dumps(TYPES)},\n'
        '"cases": [\n' + ",\n".join(cases) + "\n]}\n"
    )


def main() -> None:
    """Writes the file beside this script."""
    write_bytes(PATH, golden_text().encode("utf-8"))


if __name__ == "__main__":
    main()
