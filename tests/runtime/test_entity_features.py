"""What a model is told of the names in a text."""

from __future__ import annotations

import json
import pathlib

import pytest

from pqrnn_tf.projection.definition import tokenize
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_features import MAX_TYPES, EntityFeatures
from pqrnn_tf.runtime.folding import fold
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


def test_plain_values_and_back():
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
        (lambda: EntityFeatures.from_dict({"types": ["a"]}), "have `types` and `slots`"),
    ],
)
def test_what_cannot_be(make, message):
    with pytest.raises(ValueError, match=message):
        make()
