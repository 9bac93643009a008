"""Writes `entity_features_v1.json`: what models are told of names in texts, for every implementation.

    python tests/golden/make_entity_features_golden.py

Deterministic. `entities` are rows as `Entities.from_rows` takes them, `described` are descriptions of two models as
`EntityFeatures.to_dict` makes them, one without and one with relations. Each of `cases` has `text`, `spans`, its tokens
in code points, `segmented`, those where white space separates tokens and where languages without spaces have their
words separated, `signs`, what `EntityRelations.signs` says of the matches in their order, and `features` of each model:
the place of each feature that is not 0 in its row-major `(tokens, width)`, from 1 on and with its sign. A file that
changes is a bug.
"""

from __future__ import annotations

import json
import pathlib
from typing import Any

import numpy as np

from pqrnn_tf.files import write_bytes
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_features import EntityFeatures
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.text import tokens_of

PATH = pathlib.Path(__file__).with_name("entity_features_v1.json")
ROWS: tuple[dict[str, Any], ...] = (
    {"name": "Küche", "id": "r1", "types": ["room"], "synonyms": ["kitchen"]},
    {
        "name": "Attic",
        "id": "r2",
        "types": ["room"],
        "relations": {"on_floor": ["f1"], "has": ["r3"]},
    },
    {"name": "Bedroom", "id": "r3", "types": ["room"], "relations": {"on_floor": ["UPSTAIRS"]}},
    {"name": "Upstairs", "id": "f1", "types": ["floor"]},
    {"name": "Lamp", "id": "l1", "types": ["light"], "relations": {"located_in": ["kuche"]}},
    {"name": "Lamps", "id": "l2", "types": ["light", "device"], "relations": {"in": ["r2"]}},
    {"name": "Lamp", "id": "l3", "relations": {"likes": ["jazz"]}},
    {"name": "Attic fan", "id": "d1", "types": ["device"], "relations": {"in": ["Attic"]}},
    {"name": "Fan", "id": "d2", "types": ["device"], "relations": {"in": ["r3", "Küche"]}},
    {"name": "Anna", "id": "c1", "types": ["contact"], "relations": {"sleeps_in": ["r3"]}},
    {"name": "Anna Berg", "id": "c2", "types": ["contact"], "relations": {"married_to": ["c3"]}},
    {"name": "Марта", "id": "c3", "types": ["contact"], "synonyms": ["my wife"]},
    {"name": "Sofa", "id": "s1"},
    {"name": "r1", "id": "x1", "types": ["contact"], "relations": {"in": ["r1"]}},
    {"name": "!!!", "id": "p1", "types": ["device"], "relations": {"in": ["r1"]}},
)
TYPES = {"DEVICE": "device", "LIGHT": "light", "CONTACT": "contact"}
TEXTS = (
    "",
    "🙂 !!!",
    "turn off the lamp",
    "turn off the lamp in the kitchen",
    "turn off the 💡 lamp in the attic, please",
    "Lampe in der KU\u0308CHE",
    "lamps upstairs",
    "the fan upstairs",
    "the attic fan",
    "the attic-fan in the attic",
    "the fan in the bedroom upstairs",
    "anna berg and марта",
    "call anna berg, my wife, from the bedroom",
    "anna in the bedroom 🙂🙂 and the lamp in annas kithcen",
    "sofa upstairs",
    "upstairs",
    "r1 in the kitchen",
    "lamp lamp kitchen attic lamp",
    "𝐋𝐚𝐦𝐩 attic",
    "เปิดไฟ ในครัว, 青い部屋 attic-fan!\u0301 e\u0301३\u0301\u200bकि 7pm",
)
SEGMENTED = [ProjectionSpec(segmentation=name) for name in ("spaces", "words")]


def golden_text() -> str:
    """The whole file."""
    entities = Entities.from_rows(ROWS)
    models = [EntityFeatures.of_slots(TYPES, related=related) for related in (False, True)]
    cases = []
    for text in TEXTS:
        spans, matches = tokens_of(text, ProjectionSpec()), entities.match(text)
        told = []
        for model in models:
            flat = model.of(matches, spans, entities.relations).reshape(-1)
            told.append([int((place + 1) * flat[place]) for place in np.flatnonzero(flat)])
        case = {
            "text": text,
            "spans": spans,
            "segmented": [tokens_of(text, spec) for spec in SEGMENTED],
            "signs": entities.relations.signs(matches),
            "features": told,
        }
        cases.append(json.dumps(case, ensure_ascii=False, separators=(",", ":")))
    rows = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in ROWS)
    described = json.dumps([model.to_dict() for model in models])
    return (
        f'{{"entities": [\n{rows}\n],\n"described": {described},\n"cases": [\n'
        + ",\n".join(cases)
        + "\n]}\n"
    )


def main() -> None:
    """Writes the file beside this script."""
    write_bytes(PATH, golden_text().encode("utf-8"))


if __name__ == "__main__":
    main()
