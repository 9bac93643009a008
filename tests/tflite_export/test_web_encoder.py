"""Vectors and added intents in a real browser are those of Python."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.tflite_export.make_encoder_golden import GOLDEN, INTENTS, MODEL
from tests.tflite_export.make_jvm_golden import RESOURCES
from tests.tflite_export.test_web import chromium, run_node
from tests.tflite_export.test_web import pytestmark as pytestmark

ROUNDING = 2e-4
"""Of vectors, between runtimes in floats."""


@pytest.fixture(scope="module")
def vectors() -> list[dict[str, Any]]:
    return json.loads(GOLDEN.read_text(encoding="utf-8"))["vectors"]


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    return json.loads(INTENTS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found(vectors, golden) -> dict[str, Any]:
    """What the browser computes."""
    return run_node(
        "encoder_page.js",
        MODEL,
        RESOURCES / "tiny.tflite",
        given={**golden, "texts": [row["text"] for row in vectors]},
        CHROMIUM=chromium(),
    )


def test_vectors_are_those_of_python(found, vectors):
    ours = [row["vector"] for row in found["vectors"]]
    np.testing.assert_allclose(ours, [row["vector"] for row in vectors], atol=ROUNDING)
    cuts = [row["truncated"] for row in found["vectors"]]
    assert cuts == [row["truncated"] for row in vectors] and True in cuts


def test_parses_by_added_intents_are_those_of_python(found, golden):
    for shown, row in zip(found["parses"], golden["parses"], strict=True):
        for name in ("text", "intent", "tree", "truncated"):
            assert shown[name] == row[name]
        assert shown["score"] == pytest.approx(row["score"], abs=20 * ROUNDING)
        assert shown["similarities"] == pytest.approx(row["similarities"], abs=ROUNDING)


def test_matches_beside_a_model_are_those_of_python(found, golden):
    for shown, rows in zip(
        [*found["beside"], found["loaded"]], [*golden["beside"], golden["loaded"]], strict=True
    ):
        for match, row in zip(shown, rows, strict=True):
            assert (match is None) == ("intent" not in row)
            if match is not None:
                assert (match["intent"], match["wins"]) == (row["intent"], row["wins"])
                assert match["similarity"] == pytest.approx(row["similarity"], abs=ROUNDING)
                assert match["lead"] == pytest.approx(row["lead"], abs=2 * ROUNDING)


def test_a_parser_takes_added_intents_beside_its_own(found):
    assert "must be set before intents are added" in found["without"]
    parsed = found["parsed"]
    assert (parsed["intent"], parsed["tree"]) == ("OPEN_GARAGE", "[IN:OPEN_GARAGE ]")
    assert parsed["alternatives"][0]["tree"] == found["before"]["tree"]
    assert len(parsed["alternatives"]) == 3 and found["own"] == "CREATE_ALARM"
    rest = 1.0 - parsed["score"]
    first = parsed["alternatives"][0]
    assert first["score"] == pytest.approx(rest * found["before"]["score"], abs=1e-5)
    assert [one["score"] for one in parsed["alternatives"]] == sorted(
        (one["score"] for one in parsed["alternatives"]), reverse=True
    )


def test_the_other_kind_of_model_is_refused(found):
    assert "Encoder.load opens it" in found["refused"][0]
    assert "Parser.load opens it" in found["refused"][1]
