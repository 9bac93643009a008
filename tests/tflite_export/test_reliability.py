"""The reliability plot: only where there is something to draw and something to draw with."""

from __future__ import annotations

import importlib.util

import pytest

from tflite_export.reliability import draw_reliability

BINS = [[10, 45.0, 40.0], [90, 97.0, 98.5]]


def test_a_plot_is_a_png_and_always_the_same(tmp_path):
    pytest.importorskip("matplotlib")
    for name in ("a.png", "b.png"):
        assert draw_reliability(BINS, tmp_path / name)
    content = (tmp_path / "a.png").read_bytes()
    assert content.startswith(b"\x89PNG") and content == (tmp_path / "b.png").read_bytes()


def test_without_scores_there_is_no_plot(tmp_path):
    assert not draw_reliability([], tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


def test_without_matplotlib_there_is_no_plot(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert not draw_reliability(BINS, tmp_path / "a.png")
