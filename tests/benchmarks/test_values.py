"""Values of DATE_TIME slots are compared with what was written down by hand."""

from __future__ import annotations

import datetime
import json

import pytest

from benchmarks.values import (
    EXPECTED,
    HALVES,
    adaptor,
    is_close,
    kind_of,
    points_of,
    same,
    seconds_of,
    stretch_of,
)

NOW = datetime.datetime(2026, 9, 16, 10)


def test_there_are_two_halves_of_150_and_no_text():
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    assert [len(expected[half]) for half in HALVES] == [150, 150]
    assert not set(expected["first"]) & set(expected["second"])
    for half in HALVES:
        for key, value in expected[half].items():
            assert key.replace(".", "").isdigit()
            assert value is None or kind_of(value)


@pytest.mark.parametrize(
    ("text", "value", "is_same"),
    [
        ("tomorrow at 7 pm", "2026-09-17T19:00", True),
        ("tomorrow at 7 pm", "2026-09-17", False),
        ("at 4 and 3 pm", "2026-09-16T15:00,2026-09-16T16:00", True),
        ("recent", None, True),
        ("tomorrow", None, False),
    ],
)
def test_the_adaptor_is_measured_by_its_text(text, value, is_same):
    assert same(adaptor(NOW, "America/New_York")(text), value) == is_same


@pytest.mark.parametrize(
    ("found", "value", "close"),
    [
        ([datetime.datetime(2026, 9, 17, 12)], "2026-09-17", True),
        ([datetime.datetime(2026, 9, 18)], "2026-09-17", False),
        ([datetime.datetime(2026, 9, 20, 23)], "2026-W38", True),
        ([datetime.datetime(2026, 9, 16, 18)], "2026-09-16T18:00/2026-09-17T00:00", True),
        ([datetime.datetime(2026, 9, 18)], "../2026-09-18", True),
        ([datetime.timedelta(minutes=95)], "PT1H35M", True),
        ([datetime.timedelta(minutes=30)], "-PT30M", True),
        (["recurrence"], "FREQ=DAILY", True),
        ([], "FREQ=DAILY", False),
        ([], None, True),
        ([datetime.datetime(2026, 9, 18)], None, False),
    ],
)
def test_libraries_are_measured_by_points_and_lengths(found, value, close):
    assert is_close(found, value) == close


def test_stretches_and_lengths_of_texts():
    assert stretch_of("2026-09")[0] == datetime.datetime(2026, 9, 1)
    assert seconds_of("P1DT2H") == 26 * 3600
    assert seconds_of("tomorrow") is None
    assert points_of(None) == []
