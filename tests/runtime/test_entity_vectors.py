"""Vectors of the entities of a list: their file, how near two are, and what that does to linking."""

from __future__ import annotations

import base64
import json
import math
import pathlib

import numpy as np
import pytest

from pqrnn_tf.runtime import Entities, EntityError, EntityVectors, Parse, Slot
from pqrnn_tf.runtime.entity_matches import FOLDED
from pqrnn_tf.runtime.entity_vectors import fingerprint_of
from pqrnn_tf.runtime.linking import AGREEMENT, BY_VECTORS, UNRELATED, Linker
from tests.golden.make_entity_vectors_golden import golden_text

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "entity_vectors_v1.json"
ROWS = [
    {"name": "Lamp", "id": "l1", "type": "light"},
    {"name": "Lamp", "id": "l2", "type": "light"},
    {"name": "Television", "id": "tv", "relations": {"located_in": "Attic"}},
]
LIST = Entities.from_rows(ROWS)


def vectors(**changes):
    """The second lamp is one step from the television; the first one is across from it."""
    values = {
        "fingerprint": fingerprint_of(LIST),
        "vectors": np.array([[0, 100], [90, 10], [100, 0]], np.int8),
        "steps": (("near",), ("in", "-in")),
        "step_vectors": np.array([[10, -10], [0, 0]], np.int8),
        "floor": 0.2,
        "ceiling": 1.0,
    }
    return EntityVectors(**{**values, **changes})


def linked(entities, text="the lamp by the television", words="lamp"):
    start = text.index(words)
    slot = Slot("DEVICE", start, start + len(words), words)
    return Linker(entities)(Parse(text, "X", 1.0, (slot,), "")).slots[0]


def test_relatedness_by_hand():
    own = vectors()
    # The best of (90 + 10, 10 − 10) after one step and 0.95 of (90, 10) after two, to (100, 0).
    assert own.cosines(1, [2])[0] == 1.0
    assert own.relatedness(1, 2) == 1.0
    # (10, 90) after one step: 10 / √8200; (0, 100) after two: 0.
    cosine = 10 / math.sqrt(100 + 8100)
    assert own.cosines(0, [2, 1])[0] == pytest.approx(cosine, abs=1e-12)
    assert own.relatedness(0, 2) == 0.0
    two = 0.95 * 90 / math.sqrt(8200)
    assert vectors(step_vectors=np.array([[0, 90], [0, 0]], np.int8)).cosines(1, [2])[
        0
    ] == pytest.approx(two, abs=1e-12)


def test_without_steps_nothing_is_related():
    own = vectors(steps=(), step_vectors=np.zeros((0, 2), np.int8))
    assert own.relatedness(1, 2) == 0.0


def test_a_file_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "vectors.json"
    vectors().save(path)
    again = EntityVectors.read(path)
    assert again.steps == vectors().steps and again.width == 2
    assert np.array_equal(again.vectors, vectors().vectors)
    assert again.relatedness(0, 1) == vectors().relatedness(0, 1)
    assert Entities.from_rows(ROWS).with_vectors(path).vectors.fingerprint == again.fingerprint


def test_what_is_near_is_preferred():
    assert [candidate.id for candidate in linked(LIST).candidates] == ["l1", "l2"]
    with_vectors = LIST.with_vectors(vectors())
    assert LIST.vectors is None and with_vectors.vectors is not None
    first, second = linked(with_vectors).candidates
    assert (first.id, second.id) == ("l2", "l1")
    assert second.score / first.score == pytest.approx(
        1 - (1 - UNRELATED) * BY_VECTORS * AGREEMENT[FOLDED], abs=1e-3
    )
    assert first.score == linked(LIST).candidates[0].score


def test_a_text_that_names_nothing_else_changes_no_score():
    text = "the lamp"
    assert linked(LIST.with_vectors(vectors()), text) == linked(LIST, text)


def test_a_triple_is_surer_than_vectors():
    rows = [dict(ROWS[0], relations={"near": "tv"}), *ROWS[1:]]
    told = Entities.from_rows(rows)
    told = told.with_vectors(vectors(fingerprint=fingerprint_of(told)))
    assert linked(told).entity.id == "l1"


@pytest.mark.parametrize(
    "rows",
    [
        ROWS[:2],
        [*ROWS, "Kitchen"],
        [*ROWS[:2], {"name": "Television", "id": "tv", "relations": {"located_in": "Cellar"}}],
        [*ROWS[:2], {"name": "Television", "id": "tv", "type": "x"}],
    ],
)
def test_vectors_of_another_or_a_changed_list_are_refused(rows):
    with pytest.raises(EntityError, match="must have the vectors of this list.*`pqrnn graph`"):
        Entities.from_rows(rows).with_vectors(vectors())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"width": 3}, "must have vectors of the width 3"),
        ({"width": 0}, "must have vectors of the width 0"),
        ({"step_vectors": ""}, "must have vectors of the width 2, one for each of 2 steps"),
        ({"format": 2}, "must have format 1. Received: 2"),
        ({"vectors": "!"}, "is damaged"),
        ({"vectors": 3}, "is damaged"),
        ({"steps": [["a", "b", "c"], ["a"]]}, "is damaged"),
        ({"floor": 2.0}, "is damaged"),
        ({"floor": float("-inf")}, "is damaged"),
        ({"width": float("inf")}, "is damaged"),
        ({"steps": ["ab", "a"]}, "is damaged"),
    ],
)
def test_a_damaged_file_is_an_error(tmp_path, change, message):
    path = tmp_path / "vectors.json"
    vectors().save(path)
    values = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**values, **change}), encoding="utf-8")
    with pytest.raises(EntityError, match=message):
        LIST.with_vectors(path)


@pytest.mark.parametrize("content", [b"", b"\xff", b"[1]", b'{"format": 1}', b"[" * 100_000])
def test_a_file_of_something_else_is_an_error(tmp_path, content):
    path = tmp_path / "vectors.json"
    path.write_bytes(content)
    with pytest.raises(EntityError, match=r"vectors\.json: must be a file that `pqrnn graph` made"):
        EntityVectors.read(path)
    with pytest.raises(EntityError, match="cannot be read"):
        EntityVectors.read(tmp_path / "none.json")


def test_numbers_are_bytes_in_the_file(tmp_path):
    path = tmp_path / "vectors.json"
    vectors().save(path)
    text = json.loads(path.read_text(encoding="utf-8"))["vectors"]
    assert base64.b64decode(text) == bytes([0, 100, 90, 10, 100, 0])


def test_the_fingerprint_of_a_list_whose_texts_are_said_twice_or_alone():
    """The tests of Java and JavaScript have the same digits."""
    rows = [
        {
            "name": "Lamp",
            "type": "light",
            "types": ["light", "switch"],
            "synonyms": "Lampe",
            "relations": {"in": ["Kitchen", "Kitchen"]},
        },
        {"name": "Anna", "synonyms": ["Annie", "Annie"], "relations": None},
        "Kitchen",
    ]
    assert fingerprint_of(Entities.from_rows(rows)) == "0539c012"


def test_the_golden_file_is_what_the_script_makes():
    assert GOLDEN.read_text(encoding="utf-8") == golden_text()
    golden = json.loads(golden_text())
    values = [value for *_, value in golden["relatedness"]]
    assert {0.0, 1.0} < set(values) and len(set(values)) > 5


def test_the_order_of_relations_is_no_change():
    one = {"name": "Lamp", "relations": {"b": ["x", "y"], "a": "z"}}
    other = {"name": "Lamp", "relations": {"a": "z", "b": ["x", "y"]}}
    third = {"name": "Lamp", "relations": {"a": "z", "b": ["y", "x"]}}
    prints = [fingerprint_of(Entities.from_rows([row])) for row in (one, other, third)]
    assert prints[0] == prints[1] != prints[2]
