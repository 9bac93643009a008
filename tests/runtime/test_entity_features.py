"""What a model is told of the names in a text."""

from __future__ import annotations

import dataclasses
import json
import pathlib

import pytest

from pqrnn_tf.projection.definition import tokenize
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_features import MAX_TYPES, EntityFeatures
from pqrnn_tf.runtime.folding import fold
from pqrnn_tf.runtime.linking import Linker
from pqrnn_tf.runtime.results import Slot
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.text import tokens_of

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"
FEATURES = EntityFeatures(("contact", "room"), (("CONTACT", "contact"),))
ENTITIES = Entities.from_rows(
    [
        {"name": "Anna", "type": "contact"},
        {"name": "Anna Maria", "type": "contact"},
        {"name": "Kitchen", "types": ["room", "contact"]},
        {"name": "Lamp", "type": "light"},
        "Sofa",
    ]
)


def told(text):
    tokens = tokens_of(text, ProjectionSpec())
    features = FEATURES.of(ENTITIES.match(text), tokens)
    assert features.shape == (len(tokens), FEATURES.width) == (len(tokens), 12)
    return {
        text[start:end]: row.reshape(3, 4).tolist()
        for (start, end), row in zip(tokens, features, strict=True)
        if row.any()
    }


def test_features_by_hand():
    none = [0, 0, 0, 0]
    assert told("call Anna, now") == {"Anna": [none, [1, 1, 1, 1], none]}
    assert told("call anna-maria") == {
        "anna": [none, [1, 1, 0, 1], none],
        "-": [none, [0, 1, 0, 1], none],
        "maria": [none, [0, 1, 1, 1], none],
    }
    assert told("kitchens") == {"kitchens": [none, [1, 1, 1, -1], [1, 1, 1, -1]]}
    assert told("lamp sofa") == {
        "lamp": [[1, 1, 1, 1], none, none],
        "sofa": [[1, 1, 1, 1], none, none],
    }
    assert told("") == {}


def test_fewer_tokens_than_the_text_has():
    text = "call anna maria now"
    matches = ENTITIES.match(text)
    assert FEATURES.of(matches, [(0, 4)]).any() == False  # noqa: E712
    assert FEATURES.of(matches, [(0, 4), (5, 9)]).reshape(2, 3, 4)[1, 1].tolist() == [1, 1, 1, 1]
    assert FEATURES.of(matches, []).shape == (0, 12)


@pytest.mark.parametrize("segmentation", ["unicode", "spaces", "words"])
@pytest.mark.parametrize("version", [1, 2])
def test_tokens_are_those_of_the_projection(segmentation, version):
    spec = ProjectionSpec(
        segmentation=segmentation, version=version, max_code_points=4096, max_tokens=4096
    )
    cases = json.loads((GOLDEN / "folding_v2.json").read_text(encoding="utf-8"))
    texts = ["a.b ḿ ้ก 7pm ١٢", *(case["text"] for case in cases if case["version"] == version)]
    for text in texts[:150]:
        text = fold(text, version=version).text  # what a model is fed
        assert tokens_of(text, spec) == tokenize(text, spec)[0], text
    if version == 2:
        for text in texts[:150]:
            assert tokens_of(text, spec) == tokenize(text, spec)[0], text


RELATED = EntityFeatures(("device", "contact"), (("DEVICE", "device"),), related=True)
HOUSE = Entities.from_rows(
    [
        {"name": "Kitchen", "id": "r1", "type": "room", "relations": {"on_floor": "f1"}},
        {"name": "Attic", "id": "r2", "type": "room", "relations": {"on_floor": "f2"}},
        {"name": "Downstairs", "id": "f1", "type": "floor"},
        {"name": "Upstairs", "id": "f2", "type": "floor"},
        {"name": "Lamp", "id": "d1", "type": "device", "relations": {"located_in": "r1"}},
        {"name": "Lamps", "id": "d2", "type": "device", "relations": {"located_in": "Attic"}},
        {"name": "Attic fan", "id": "d3", "type": "device", "relations": {"located_in": "Attic"}},
        {"name": "Fan", "id": "d4", "type": "device"},
        {"name": "Lamp", "id": "c1", "type": "contact", "relations": {"likes": "jazz"}},
        "Sofa",
    ]
)


def related(text, entities=HOUSE):
    """Of each token and type `(quality, related)`, of tokens that have some: others, devices, contacts."""
    tokens = tokens_of(text, ProjectionSpec())
    features = RELATED.of(entities.match(text), tokens, entities.relations)
    assert features.shape == (len(tokens), RELATED.width) == (len(tokens), 15)
    plain = dataclasses.replace(RELATED, related=False)
    same = plain.of(entities.match(text), tokens).reshape(-1, 3, 4)
    assert (features.reshape(-1, 3, 5)[:, :, :3] == same[:, :, :3]).all()
    return {
        text[start:end]: row.reshape(3, 5)[:, 3:].tolist()
        for (start, end), row in zip(tokens, features, strict=True)
        if row.any()
    }


NO = [0, 0]


def test_whether_a_name_has_to_do_with_another_one():
    # Directly, and against the direction.
    assert related("the lamp in the kitchen") == {
        "lamp": [NO, [1, 1], [1, -1]],
        "kitchen": [[1, 1], NO, NO],
    }
    # Over a third entity; what nothing names has relations nevertheless.
    assert related("lamp downstairs") == {
        "lamp": [NO, [1, 1], [1, -1]],
        "downstairs": [[1, -1], NO, NO],
    }
    # Nothing is named, and what has no relations.
    assert related("the lamp") == {"lamp": [NO, [1, -1], [1, -1]]}
    assert related("fan and sofa") == {"fan": [NO, [1, 0], NO], "sofa": [[1, 0], NO, NO]}
    assert related("downstairs") == {
        "downstairs": [[1, -1], NO, NO]
    }  # of which others say something


def test_a_name_is_not_related_to_its_own_words():
    """The room in `attic fan` is no other mention of it."""
    assert related("the attic fan") == {
        "attic": [[1, -1], [1, -1], NO],
        "fan": [NO, [1, -1], NO],
    }
    assert related("the attic fan in the attic") == {
        "attic": [[1, 1], NO, NO],
        "fan": [NO, [1, 1], NO],
    }


def test_of_names_on_the_same_words_a_related_one_counts_first():
    """`lamps` is that of the attic, though the words of the other one agree better; so it is in linking."""
    assert related("lamp in the attic")["lamp"] == [NO, [-1, 1], [1, -1]]
    assert related("lamp in the kitchen")["lamp"] == [NO, [1, 1], [1, -1]]
    assert related("lamp")["lamp"] == [NO, [1, -1], [1, -1]]


def test_a_list_without_relations_says_nothing_of_them():
    plain = Entities.from_rows([{"name": "Lamp", "type": "device"}, "Kitchen"])
    assert related("lamp in the kitchen", plain) == {
        "lamp": [NO, [1, 0], NO],
        "kitchen": [[1, 0], NO, NO],
    }


def test_linking_and_the_feature_say_the_same():
    """One rule: what keeps its score in linking has the feature."""
    text = "the lamp in the attic"
    slot = Slot("DEVICE", 4, 8, "lamp")
    linker = Linker(HOUSE, {"DEVICE": "device"})
    assert linker.candidates(text, slot, HOUSE.match(text))[0].id == "d2"
    matches = HOUSE.match(text)
    signs = HOUSE.relations.signs(matches)
    assert signs == HOUSE.relations.signs(HOUSE.relations.named(matches))
    told = {match.entity.id: sign for match, sign in zip(matches, signs, strict=True)}
    assert told == {"r2": 1, "d1": -1, "d2": 1, "c1": -1}


def test_plain_values_and_back():
    assert "related" not in FEATURES.to_dict() and FEATURES.related is False
    assert RELATED.to_dict()["related"] is True
    assert EntityFeatures.from_dict(json.loads(json.dumps(RELATED.to_dict()))) == RELATED
    assert EntityFeatures.of_slots({"A": "x"}, related=True).channels[-1] == "related"
    assert EntityFeatures.from_dict(json.loads(json.dumps(FEATURES.to_dict()))) == FEATURES
    slots = {"A": "x", "B": "y", "C": "x"}
    assert EntityFeatures.of_slots(slots) == EntityFeatures(("x", "y"), tuple(slots.items()))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: EntityFeatures(()), "`types` must be 1 to 64 distinct names"),
        (lambda: EntityFeatures(("a", "a")), "`types` must be 1 to 64 distinct names"),
        (lambda: EntityFeatures(tuple(map(str, range(MAX_TYPES + 1)))), "`types` must be 1 to 64"),
        (lambda: EntityFeatures(("a",), (("S", "b"),)), "`slots` must take types among"),
        (lambda: EntityFeatures.from_dict({"types": ["a"]}), "have `types`, `slots` and"),
        (
            lambda: EntityFeatures.from_dict({"types": ["a"], "slots": {}, "far": True}),
            "Received: .*'far'",
        ),
        (
            lambda: EntityFeatures.from_dict({"types": ["a"], "slots": {}, "related": 2}),
            "`related` must be true or false. Received: 2",
        ),
        (
            lambda: EntityFeatures(("a",), related=True).of([], []),
            "`relations` must be those of the list .* Give `entities.relations`",
        ),
    ],
)
def test_what_cannot_be(make, message):
    with pytest.raises(ValueError, match=message):
        make()
