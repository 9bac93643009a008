"""The parses that decoders in other languages are tested against are those of today's decoder."""

from __future__ import annotations

import json

import pytest

from pqrnn_tf.runtime import nested_decoding
from pqrnn_tf.runtime.confidence import FEATURES
from pqrnn_tf.runtime.folding import fold
from pqrnn_tf.runtime.labels import nested_steps
from pqrnn_tf.runtime.trees import format_tree, parse_tree
from tests.golden.make_parse_golden import PATH, content, crowded_case


@pytest.fixture(scope="module")
def written():
    return json.loads(PATH.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def nested(written):
    """The parses of models with nested tags, and those tags."""
    return [
        (parse, written["label_sets"][parse["labels"]]["nested"])
        for parse in written["parses"]
        if "nested" in parse
    ]


def test_the_file_is_what_the_script_writes(written):
    assert json.loads(json.dumps(content())) == written


def test_it_stays_small():
    assert PATH.stat().st_size < 620_000


def test_it_has_plain_slots_and_trees_of_two_and_three_levels(written, nested):
    assert len(written["parses"]) - len(nested) >= 100
    levels = [
        max((len(nested_steps(tag)) for tag in parse["expected"]["nested"]), default=0)
        for parse, _ in nested
    ]
    assert all(levels.count(level) >= 5 for level in (0, 1, 2, 3))
    assert any(tag[0] == "I" and " B-" in tag for p, _ in nested for tag in p["expected"]["nested"])


def test_it_has_nested_slots_with_holes_and_behind_astral_characters(nested):
    holes = [
        slot
        for parse, _ in nested
        for slot, pieces in zip(
            parse["expected"]["slots"], parse["expected"]["pieces"], strict=True
        )
        if len(pieces) > 1
    ]
    assert len(holes) >= 10
    assert any(slot["start_utf16"] > slot["start"] for slot in holes)


def test_it_has_names_and_words_that_a_tree_must_escape(written):
    """And white space before a text that is longer than the buffer."""
    escaped = [p["expected"]["tree"] for p in written["parses"] if "\\" in p["expected"]["tree"]]
    assert len(escaped) >= 10
    for tree in escaped:
        assert format_tree(parse_tree(tree)) == tree
    assert any(
        not parse["text"][: written["spec"]["max_code_points"]].strip()
        and parse["expected"]["slots"]
        for parse in written["parses"]
    )


def test_it_has_trees_that_are_not_simply_the_largest_logits(nested):
    searched = 0
    for parse, tags in nested:
        best = [tags[max(range(1, len(row)), key=row.__getitem__)] for row in parse["nested"]]
        found = parse["expected"]["nested"]
        searched += any(b not in ("O", a) for a, b in zip(best, found, strict=True))
    assert searched >= 20


def test_it_has_scores_and_rejections_of_every_kind(written):
    """All features, with and without a calibration, a rejection and an intent that is never an answer."""
    used = {parse["confidence"] for parse in written["parses"] if "confidence" in parse}
    assert used == set(range(len(written["confidences"])))
    parts = [(set(one), set(one.get("rejection", {}))) for one in written["confidences"]]
    assert any("calibration" not in names for names, _ in parts)
    assert any("outside" in names for _, names in parts)
    weights = [
        map_["weights"]
        for one in written["confidences"]
        for map_ in (*one.get("calibration", {}).values(), one.get("rejection", {}))
        if "weights" in map_
    ]
    assert {name for one in weights for name in one} == set(FEATURES)
    rejected = [p["expected"]["intent"] is None for p in written["parses"] if "confidence" in p]
    assert 10 <= sum(rejected) <= len(rejected) - 10


def test_it_has_models_without_slots_whose_scores_are_those_of_their_intents(written):
    plain = [p for p in written["parses"] if written["label_sets"][p["labels"]]["tags"] == ["O"]]
    parses = [
        one
        for parse in plain
        for one in (parse["expected"], *parse["expected"].get("alternatives", ()))
    ]
    calibrated = [
        p for p in plain if "calibration" in written["confidences"][p.get("confidence", 1)]
    ]
    assert len(calibrated) >= 8 and len(parses) >= 40
    assert [one["score"] for one in parses] == [one["intent_score"] for one in parses]


def test_it_has_alternatives_with_nested_slots_and_all_that_there_are(written):
    asked = [parse for parse in written["parses"] if parse.get("alternatives")]
    found = [parse["expected"].get("alternatives", []) for parse in asked]
    assert sum(map(len, found)) >= 60
    assert any(0 < len(f) < p["alternatives"] for p, f in zip(asked, found, strict=True))
    assert any(slot.get("nested") for f in found for one in f for slot in one["slots"])
    for parse, others in zip(asked, found, strict=True):
        scores = [one["score"] for one in (parse["expected"], *others)]
        assert scores == sorted(scores, reverse=True)


def test_it_has_punctuation_that_is_left_out_of_slots_and_some_that_stays(written):
    """At the top and inside, so that slots vanish, begin anew, and leave tags of no inner slot behind."""
    (index,) = [i for i, labels in enumerate(written["label_sets"]) if "edges" in labels]
    parses = [parse for parse in written["parses"] if parse["labels"] == index]
    assert len(parses) >= 30
    texts = [slot["text"] for parse in parses for slot in parse["expected"]["slots"]]
    assert {"shattered image", "thriller", "help!", "at 7 p.m.", "-5%", "mary t., tomorrow"} <= {
        *texts
    }
    inner = [
        (tag, below)
        for parse in parses
        for tag, below in zip(parse["expected"]["tags"], parse["expected"]["nested"], strict=True)
    ]
    assert ("I-TODO", "O") in inner
    for parse in parses:
        found = (parse["expected"], *parse["expected"].get("alternatives", ()))
        trees = [one["tree"] for one in found]
        assert len({*trees}) == len(trees)
        for one in found:
            begun = [tag for tag in one["tags"] if tag[0] == "B"]
            assert begun == [f"B-{slot['name']}" for slot in one["slots"]]


def test_it_has_texts_that_folding_changes_in_both_versions(written):
    for version in (1, 2):
        texts = {p["text"] for p in written["parses"] if p.get("version", 1) == version}
        assert sum(fold(text, version=version).text != text for text in texts) >= 4


def test_it_fixes_how_many_partial_trees_a_search_keeps(monkeypatch):
    expected = crowded_case()["expected"]
    for candidates in (31, 33):
        monkeypatch.setattr(nested_decoding, "NESTED_CANDIDATES", candidates)
        assert crowded_case()["expected"] != expected
