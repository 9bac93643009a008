"""The benchmarks' own arithmetic, and that the page says what the results say."""

from __future__ import annotations

import json
import time

import numpy as np

from benchmarks.records import summary, time_in_turns
from benchmarks.render import PAGE, render


def test_the_page_is_what_the_results_render_to(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.pages.IMAGES", tmp_path)  # plots may differ in fonts
    assert render() == PAGE.read_text(encoding="utf-8")


def test_without_results_there_are_no_sections(tmp_path):
    assert "##" not in render(tmp_path)


def test_one_result_is_one_section(tmp_path):
    machine = {"processor": "P", "architecture": "A", "cores": 2, "load_before": 0.0}
    made = {"machine": machine, "versions": {"python": "3"}, "commit": "c0ffee", "time": "now"}
    times = {name: {"median_us": 10.0} for name in ("floor", "front", "encoder", "whole")}
    row = {
        "tokens": 8,
        "multiply_accumulates": 2_000_000,
        "times": times,
        "operations": {"whole": {"MUL": 3}},
        "encoder_over_floor": 1.0,
        "whole_over_floor": 1.25,
    }
    content = {"stamp": made, "parameters": 1_000_000, "rows": [row]}
    (tmp_path / "floor.json").write_text(json.dumps(content), encoding="utf-8")
    page = render(tmp_path)
    assert page.count("## ") == 1
    assert "| 8 | 2.0 M | 10 | 10 | 10 | 10 | 1.00 | 1.25 |" in page
    assert "commit `c0ffee`" in page


def test_summary_is_in_microseconds():
    assert summary(np.arange(11) * 1e-6) == {"median_us": 5.0, "p90_us": 9.0}


def test_the_slower_system_takes_longer():
    systems = {"fast": lambda _: None, "slow": lambda _: time.sleep(0.001)}
    seconds = time_in_turns(systems, [0, 1, 2], rounds=2, block=2)
    assert seconds["slow"].shape == (3,)
    assert seconds["slow"].min() >= 0.001 > seconds["fast"].min()
