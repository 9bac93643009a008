"""Writes `entity_vectors_v1.json`: a list, a file of vectors for it, and how near its entities are.

    python tests/golden/make_entity_vectors_golden.py

Deterministic; the vectors are drawn, not trained. `entities` are rows as `Entities.from_rows` takes them, `file` is
what `EntityVectors.save` writes, and `relatedness` has `[start, end, value]`, numbers of entities and what
`EntityVectors.relatedness` says. A file that changes is a bug.
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
from pqrnn_tf.runtime.spec import SplitMix64

PATH = pathlib.Path(__file__).with_name("entity_vectors_v1.json")
ROWS: tuple[dict[str, Any], ...] = (
    {"name": "Lamp", "id": "l1", "types": ["light"], "relations": {"located_in": ["r1"]}},
    {
        "name": "Lamp",
        "id": "l2",
        "types": ["light", "switch"],
        "synonyms": ["Licht"],
        "relations": {"owner": ["Änne", "محمد"], "located_in": ["r2"]},
    },
    {"name": "Küche", "id": "r1", "types": ["room"], "synonyms": ["kitchen"]},
    {"name": "Living room", "id": "r2", "relations": {"on_floor": ["Upstairs 🙂"]}},
    {"name": "Änne", "id": "Änne"},
)
STEPS = (("located_in",), ("-located_in",), ("located_in", "on_floor"), ("owner", "-owner"))
WIDTH = 6


def golden_text() -> str:
    """The whole file."""
    entities = Entities.from_rows(ROWS)
    draw = SplitMix64(5).below

    def drawn(count: int) -> np.ndarray:
        values = [[draw(255) - 127 for _ in range(WIDTH)] for _ in range(count)]
        return np.array(values, np.int8)

    drawn_vectors = drawn(len(ROWS))
    drawn_vectors[4] = 0  # nothing is known of it
    steps = drawn(len(STEPS))
    vectors = EntityVectors(fingerprint_of(entities), drawn_vectors, STEPS, steps, 0.125, 0.75)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "vectors.json"
        vectors.save(path)
        file = json.loads(path.read_text(encoding="utf-8"))
    numbers = range(len(ROWS))
    values = {
        "entities": list(ROWS),
        "file": file,
        "relatedness": [[a, b, vectors.relatedness(a, b)] for a in numbers for b in numbers],
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"


def main() -> None:
    """Writes the file beside this script."""
    write_bytes(PATH, golden_text().encode("utf-8"))


if __name__ == "__main__":
    main()
