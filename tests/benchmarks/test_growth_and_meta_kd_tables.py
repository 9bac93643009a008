"""Tables of what growing, inheriting and Meta-KD give."""

from __future__ import annotations

import json

import pytest

from benchmarks.measured import Measured
from benchmarks.meta_kd import by_language
from benchmarks.pretraining import AS_CONFIGURED, CHANGES, DEFAULT, MIXED
from benchmarks.render import TABLES
from pqrnn_tf.datasets.rows import Example


@pytest.fixture
def filled(tmp_path):
    """The lines of a table of given results."""

    def lines(table, name, results):
        (tmp_path / f"{name}.json").write_text(json.dumps(results), encoding="utf-8")
        return TABLES[table](Measured(tmp_path, tmp_path)).splitlines()[2:]

    return lines


def way(*points, reached=None):
    curve = [
        {"steps": steps, "multiply_accumulates": cost * 1e12, "score": score}
        for steps, cost, score in points
    ]
    return {"curve": curve, "reached": None if reached is None else curve[reached]}


SEED = {
    "full": way((10, 4, 50.0), (20, 8, 60.0), reached=1),
    "grown": way((10, 1, 40.0), (20, 2, 61.0), reached=1),
    "small": way((20, 1, 50.0)),
    "from_small": way((30, 5, 59.8), (40, 9, 60.0), reached=0),
    "inherited": way((15, 4, 60.5), (20, 8, 61.0), reached=0),
}


def test_what_growing_saves(filled):
    lines = filled("growth_short", "growth", {"short": {"seeds": {"1": SEED}}})
    assert [line.split(" | ")[1:] for line in lines] == [
        ["60.00", "8.00", "8.00", " |"],
        ["61.00", "2.00", "2.00", "+75 % |"],
        ["50.00", "1.00", "never", " |"],
        ["60.00", "9.00", "5.00", "+38 % |"],
    ]


def test_what_inheriting_saves(filled):
    lines = filled("inheritance_short", "growth", {"short": {"seeds": {"1": SEED, "2": SEED}}})
    assert [line.split(" | ")[1:] for line in lines] == [
        ["60.00", "20", "20", " |"],
        ["61.00", "20", "15", "+25 % |"],
    ]


def test_ways_that_were_not_measured_are_left_out(filled):
    seed = {name: SEED[name] for name in ("full", "grown")}
    assert len(filled("growth_short", "growth", {"short": {"seeds": {"1": seed}}})) == 2
    assert len(filled("inheritance_short", "growth", {"short": {"seeds": {"1": seed}}})) == 1


@pytest.mark.parametrize(
    "name",
    [
        "growth_short",
        "inheritance_published",
        "growth_curves_short",
        "prompts",
        "prompt_rates",
        "pretraining",
        "meta_kd",
        "meta_kd_weights",
    ],
)
def test_a_benchmark_that_has_not_run_is_said_to_be_missing(name, tmp_path):
    assert TABLES[name](Measured(tmp_path, tmp_path)) == "Not measured yet."


def test_curves_are_means_over_seeds(filled):
    other = {**SEED, "small": way((20, 1, 52.0))}
    lines = filled(
        "growth_curves_published", "growth", {"published": {"seeds": {"1": SEED, "2": other}}}
    )
    assert lines[2] == "| the smaller model by itself | 20: 51.00 |"
    assert len(lines) == 5


def test_scores_by_language_and_weights(filled):
    weights = {"en": {"mean": 0.7, "deviation": 0.1}, "de": {"mean": 0.6, "deviation": 0.2}}
    kinds = {
        "preset": {
            "teacher": {"en": 80.0, "de": 70.0},
            "weights": weights,
            "ways": {
                "plain": [{"en": 60.0, "de": 50.0}, {"en": 62.0, "de": 54.0}],
                "weighted": [{"en": 60.0, "de": 51.0}],
            },
        },
        "bert": {
            "teachers": {"plain": {"en": 50.0, "de": 40.0}, "meta": {"en": 51.0, "de": 41.0}},
            "weights": {"plain": {}, "meta": weights},
            "ways": {"plain": [{"en": 45.0, "de": 35.0}], "meta": [{"en": 46.0, "de": 36.0}]},
        },
    }
    lines = filled("meta_kd", "meta_kd", {"kinds": kinds})
    assert lines[1] == "| student, rows count alike | 61.00 | 52.00 | **56.50** | 55.00 58.00 |"
    assert len(lines) == 7 and lines[-1].endswith("| 46.00 | 36.00 | **41.00** |  |")
    lines = filled("meta_kd_weights", "meta_kd", {"kinds": kinds})
    assert lines[0].endswith("| 0.70 ± 0.10 | 0.60 ± 0.20 |") and len(lines) == 2


def test_rows_are_told_apart_by_language():
    rows = [Example(text, "A", (), locale=text[0]) for text in ("ax", "by", "az")]
    assert {k: [r.text for r in v] for k, v in by_language(rows).items()} == {
        "a": ["ax", "az"],
        "b": ["by"],
    }


def test_a_long_curve_has_some_of_its_points_the_last_among_them(filled):
    long = way(*((10 * place, place, float(place)) for place in range(1, 31)))
    (line,) = filled("growth_curves_short", "growth", {"short": {"seeds": {"1": {"full": long}}}})
    points = line.split("| ")[2].split(" · ")
    assert len(points) == 10 and points[-1].startswith("300: 30.00")


def test_what_prompts_reach_and_cost(filled):
    scores = {"flat_exact_match": 40.0, "intent_accuracy": 80.0, "slot_f1": 60.0}
    found = {**scores, "bytes": 592_870, "seconds": 731.3, "curve": [40.0]}
    results = {
        "tasks": {"snips": {"ways": {"prompts": found}}},
        "rates": {"prompts": {"0.001": 1.2, "0.02": 40.6}},
    }
    assert filled("prompts", "prompts", results) == [
        "| SNIPS | 100 prompts and the heads | 40.00 | 80.00 | 60.00 | 592,870 | 731 |"
    ]
    assert filled("prompt_rates", "prompts", results) == [
        "| 100 prompts and the heads | 1.20 | 40.60 |"
    ]


FEW_SHOT = {
    name: {"train_5": 60.0, "train_10": 70.0} for name in ("banking77", "clinc150", "hwu64")
}
SHORT_RUN = {"stsb": {"en": 50.0}, "few_shot": FEW_SHOT, "changed": AS_CONFIGURED}


def test_what_losses_and_text_add(filled):
    run = {**SHORT_RUN, "kind": "requests", "losses": "vector"}
    assert filled("pretraining", "pretraining", {"runs": [run]}) == [
        "| requests | vector | 50.0 | 60.0 | 70.0 |"
    ]


def test_what_other_steps_add(filled):
    runs = [
        {**SHORT_RUN, "kind": MIXED, "losses": DEFAULT, "changed": changed, "parameters": 1000 + n}
        for n, changed in enumerate(CHANGES)
    ]
    rows = filled("pretraining_steps", "pretraining", {"runs": runs})
    assert rows[0] == f"| {AS_CONFIGURED} | 1,000 | 50.0 | 60.0 | 70.0 |"
    assert len(rows) == len(CHANGES)
