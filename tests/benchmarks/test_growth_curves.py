"""The curve of score against cost, of logs with and without stages."""

from __future__ import annotations

from benchmarks.growth import curve, plus, reached, teaching


def line(step, seconds, score=None, **more):
    dev = {} if score is None else {"dev": {"flat_exact_match": score}}
    return {"step": step, "seconds": seconds, **dev, **more}


def test_each_stage_costs_what_its_own_model_costs():
    lines = [
        line(5, 1.0, 0.2, stage="1-a"),
        line(10, 1.0, stage="1-a"),
        line(4, 2.0, 0.5, stage="2-b"),
    ]
    points = curve(lines, {"1-a": 10, "2-b": 100}, 2)
    assert points == [
        {"steps": 5, "multiply_accumulates": 3 * 10 * 2 * 5, "seconds": 1.0, "score": 0.2},
        {
            "steps": 14,
            "multiply_accumulates": 3 * 2 * (10 * 10 + 100 * 4),
            "seconds": 4.0,
            "score": 0.5,
        },
    ]
    assert reached(points, 0.5) is points[1]
    assert reached(points, 0.6) is None


def test_what_was_spent_before_and_on_a_teacher_counts():
    points = curve([line(5, 1.0, 0.2), line(10, 1.0, 0.4)], {"": 10}, 2)
    spent = {"steps": 3, "multiply_accumulates": 7.0, "seconds": 0.5}
    assert plus(points, spent)[0]["steps"] == 8
    taught = teaching(points, 4, 2, 6)
    more = [
        a["multiply_accumulates"] - b["multiply_accumulates"]
        for a, b in zip(taught, points, strict=True)
    ]
    assert more == [4 * 2 * 5, 4 * 2 * 6]
