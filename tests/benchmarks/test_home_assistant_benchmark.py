"""What is measured of a model for a house."""

from __future__ import annotations

import json
import random

import pytest

from benchmarks.home_assistant import (
    NAME,
    _kept,
    measure,
    outside_lines,
    rejected,
    rewritten,
    score,
)
from benchmarks.measured import Measured
from benchmarks.tables.home_assistant import TABLES
from pqrnn_tf.commands.arguments import CommandParser
from recipes.home_assistant.carriers import MEASURED, UNSEEN, swapped
from recipes.home_assistant.cases import Case

CASES = [
    Case("lamp on", "On", {"name": "Lamp"}, (), "x"),
    Case("lamp off", "Off", {"name": "Lamp"}, (), "x"),
    Case("dim", "Dim", {}, (), "x"),
]


def ask(text, house):
    """Understands `lamp on` and `lamp off`, finds a slot of the first only, and takes the rest for nothing."""
    if text == "lamp on":
        return "On", {"name": "lamp"}
    return ("Off", {}) if text == "lamp off" else None


def test_scores_count_intents_and_slots():
    assert score(ask, CASES) == {"intents": 66.67, "slots": 33.33}
    assert rejected(ask, ["lamp on", "x", "y", "z"], ()) == 75.0
    assert [case.text for case in rewritten(CASES[:1], str.upper)] == ["LAMP ON"]


@pytest.mark.parametrize("seed", range(20))
def test_one_letter_changes_places(seed):
    text = "turn on the lamp 22"
    changed = swapped(text, random.Random(seed))
    assert sorted(changed) == sorted(text) and changed != text
    places = [i for i, pair in enumerate(zip(text, changed, strict=True)) if len(set(pair)) > 1]
    assert places == [places[0], places[0] + 1]
    assert swapped("a b 11 oo", random.Random(seed)) == "a b 11 oo"


def test_lines_are_the_same_each_time(tmp_path):
    (tmp_path / "user.txt").write_text("\n".join(map(str, range(50))), encoding="utf-8")
    lines = outside_lines(tmp_path, "user.txt", 20)
    assert len(set(lines)) == 20
    assert lines == outside_lines(tmp_path, "user.txt", 20)
    with pytest.raises(FileNotFoundError, match=r"needs .*absent\.txt"):
        outside_lines(tmp_path, "absent.txt", 20)


def test_both_systems_have_all_figures_and_a_table(tmp_path):
    found = measure(ask, ask, CASES, "en", outside=["x"], general=["lamp on", "y"], most=2)
    assert (found["sentences"], found["compared"]) == (3, 2)
    for system in ("ours", "hassil"):
        own = found[system]
        assert list(own["carriers"]) == list(MEASURED["en"])
        assert own["carriers_seen"] == own["carriers_unseen"] == 0.0
        assert own["rejected"] == 100.0
        assert own["rejected_general"] == 50.0
    assert found["ours"]["as_written"] == {"intents": 66.67, "slots": 33.33}
    assert found["ours"]["nameless"] == 66.67
    assert found["hassil"]["as_written"]["intents"] in (50.0, 100.0)  # of two of them
    times = {"median_us": 250.0, "p90_us": 400.0}
    latency = {"ours": times, "hassil": times, "hassil_times_ours": 1.0, "load_before": 0.5}
    record = {"kind": "tests", "bytes": 900_000, **found, "latency": latency}
    other = {**record, "kind": "held-out templates"}
    results = {"languages": {"de": other, "en": record}}
    (tmp_path / f"{NAME}.json").write_text(json.dumps(results), encoding="utf-8")
    measured = Measured(tmp_path, tmp_path)
    figures = TABLES["home_assistant"](measured).splitlines()
    assert figures[2].startswith("| English (3 tests) | ours | 66.7 | 33.3 | 66.7 | ")
    assert figures[4].startswith("| German (3 held-out templates) | ours | ")
    assert "| German | 900 | 0.25 / 0.40 | 0.25 / 0.40 | 1.0 | 0.5 |" in TABLES[
        "home_assistant_latency"
    ](measured)
    phrases = TABLES["home_assistant_carriers"](measured)
    assert "| `could you … for me` | 0.0 | 0.0 |" in phrases
    assert UNSEEN < len(MEASURED["en"]) == phrases.count("`") // 2


def test_what_hassil_got_of_the_same_sentences_may_stay():
    before = measure(ask, ask, CASES, "en", outside=["x"], general=[], most=2)
    assert _kept(before, 3, 2) == {"hassil": before["hassil"]}
    assert "hassil" not in measure(ask, None, CASES, "en", outside=["x"], general=[], most=2)
    for results, sentences in ((None, 3), (before, 4)):
        with pytest.raises(ValueError, match="`ours` needs results of hassil"):
            _kept(results, sentences, 2)


def test_times_of_before_may_stay():
    from benchmarks import home_assistant

    parser = CommandParser("x", "")
    home_assistant.configure(parser)
    assert parser.parse(["--untimed"]).untimed and not parser.parse([]).untimed
