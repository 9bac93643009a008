"""Parsers in Java and JavaScript that know names say what Python's says."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import pathlib
import subprocess
from typing import Any

import pytest

from pqrnn_tf.datasets.making.grammar import generate
from pqrnn_tf.runtime.metadata import ModelFileError, read_metadata, read_model, replace_metadata
from pqrnn_tf.runtime.parser import Parser
from tests.conftest import ROOT
from tests.odd_texts import odd_texts
from tests.parse_margins import ROUNDING
from tests.tflite_export.make_entity_parses_golden import (
    ENTITY_TYPES,
    LISTS,
    MODEL,
    NAMES,
    PATH,
    PLAIN,
    TEXTS,
    as_text,
    content,
    parses,
)
from tests.tflite_export.test_jvm import run_maven
from tests.tflite_export.test_web import WEB
from tests.tflite_export.test_web import pytestmark as node_marks

PUBLISHED = ROOT / "pretrained" / "mtop_en_2mb_entities" / "model.tflite"


@pytest.fixture(scope="module")
def committed() -> dict[str, Any]:
    return json.loads(PATH.read_text(encoding="utf-8"))


def test_golden_parses_are_those_of_python_but_for_near_ties(committed):
    now = json.loads(as_text(content()))
    rounding = committed["rounding"]
    assert now["lists"] == committed["lists"] and now["rounding"] == rounding
    for own, expected in zip(now["models"], committed["models"], strict=True):
        assert own["file"] == expected["file"]
        for parse, row in zip(own["parses"], expected["parses"], strict=True):
            # Another processor may round the last bits differently.
            for name in ("margin", "score", "intent_score"):
                assert parse.get(name) == pytest.approx(row.get(name), abs=rounding)
            if row.get("margin", math.inf) >= rounding:
                for name in ("text", "list", "types", "tree", "truncated", "slots", "linked"):
                    assert parse[name] == row[name]


def test_the_golden_model_is_told_and_the_other_one_is_not(committed):
    """Of the first one many parses are others where it is told of names; those of the second one never."""
    assert read_metadata(PLAIN).entity_features is None
    features = read_metadata(MODEL).entity_features
    assert features.related and dict(features.slots) == ENTITY_TYPES
    changed = []
    for model in committed["models"]:
        rows = model["parses"]
        untold = {row["text"]: row["tree"] for row in rows if row["list"] in (None, 1)}
        told = [row for row in rows if row["list"] == 0 and row["text"] in untold]
        changed.append(sum(row["tree"] != untold[row["text"]] for row in told))
    assert changed[0] >= 8 and changed[1] == 0


def test_golden_parses_have_entities_in_slots_of_every_kind(committed):
    for model in committed["models"]:
        rows = model["parses"]
        slots = [slot for row in rows for slot in row["linked"]]
        assert sum(bool(slot[3]) for slot in slots) >= 20
        assert any(slot[3] is None for slot in slots) and any(slot[3] == [] for slot in slots)
        assert {one[2] for slot in slots for one in slot[3] or ()} >= {"exact", "folded", "typing"}
        others = [slot for row in rows for other in row["alternatives"] for slot in other[2]]
        assert sum(bool(slot[3]) for slot in others) >= 20
        assert any(row["truncated"] for row in rows) and any(not row["intent"] for row in rows)
        assert any(len(row["linked"]) > len(row["slots"]) for row in rows)  # intents in slots


def test_a_description_of_features_that_the_file_does_not_take_is_an_error_of_the_file(tmp_path):
    """A parse failed with an UnboundLocalError, and with one of numpy's."""
    features = read_metadata(MODEL).entity_features
    for model, other in (
        (PLAIN, features),
        (MODEL, dataclasses.replace(features, types=(*features.types, "more"))),
    ):
        file, metadata = read_model(model)
        path = tmp_path / model.name
        path.write_bytes(
            replace_metadata(file, dataclasses.replace(metadata, entity_features=other))
        )
        parser = Parser(path)
        parser.parse(TEXTS[0])
        parser.entities = NAMES
        with pytest.raises(ModelFileError, match="must be a complete .tflite of this package"):
            parser.parse(TEXTS[0])


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> pathlib.Path:
    """Python's parses with a published model that is told of names: requests, odd texts, names in other scripts."""
    folder = tmp_path_factory.mktemp("published")
    model = folder / "model.tflite"
    # A calibration has steps, at which a small difference of logits is a large one of scores.
    raw = dataclasses.replace(read_metadata(PUBLISHED), calibration=None, rejection=None)
    model.write_bytes(replace_metadata(PUBLISHED.read_bytes(), raw))
    rows = generate(120, language="en", seed=5)
    values = [row.text[slot.start : slot.end] for row in rows for slot in row.slots or ()]
    names = [{"name": value, "id": f"v{n}"} for n, value in enumerate(dict.fromkeys(values))]
    types = ["contact", "artist", "playlist", "location", "other"]
    for number, row in enumerate(names):
        row["types"] = [types[number % len(types)]] if number % 6 else []
        row["relations"] = {"near": [names[number // 2]["id"]]} if number % 3 else {}
    lists = [*LISTS, [*NAMES, *names]]
    texts = [*TEXTS, *odd_texts(60), *(row.text for row in rows)]
    asked = [(text, place, None) for text in texts for place in (3, number_of(text))]
    expected = folder / "expected.json"
    found = list(parses(model, lists, asked, alternatives=0))
    assert sum(row.get("margin", math.inf) < ROUNDING for row in found) < 0.3 * len(found)
    own = {"rounding": ROUNDING, "lists": lists, "models": [{"file": str(model), "parses": found}]}
    expected.write_text(as_text(own), encoding="utf-8")
    return expected


def number_of(text: str) -> int | None:
    """The place of a list for a text, or none."""
    return (None, 0, 1, 2)[len(text) % 4]


@pytest.mark.large
def test_java_parses_of_a_published_model_equal_python_but_for_near_ties(published):
    run_maven("-Dtest=EntityParsesTest", f"-Dpqrnn.expected={published}")


@pytest.mark.large
@node_marks[1]
@node_marks[2]
def test_parses_of_a_published_model_in_javascript_equal_python_but_for_near_ties(published):
    done = subprocess.run(
        ["node", "--test", "test/entity_parses.test.js"],
        cwd=WEB,
        env={**os.environ, "ENTITY_PARSES": str(published)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
