"""`evaluate`, `export` and `models`."""

from __future__ import annotations

import pytest

from pqrnn_tf.datasets.making.grammar import write_mtop_folder


def test_evaluate_in_several_languages(call, tiny, tmp_path):
    data = write_mtop_folder(tmp_path, languages=["en", "de"], train=1, dev=8, test=1, seed=1)
    record = call("evaluate", "--model", tiny[2], "--data", data, "--language", "all").json()
    rows = record["languages"]
    assert set(rows) == {"en", "de"} and {row["rows"] for row in rows.values()} == {8}
    exact = [row["flat_exact_match"] for row in rows.values()]
    assert record["mean"]["flat_exact_match"] == pytest.approx(sum(exact) / 2, abs=0.01)
    alone = call("evaluate", f"{data}:de", "--model", tiny[2]).json()
    assert (alone["language"], alone["flat_exact_match"]) == ("de", rows["de"]["flat_exact_match"])


def test_evaluate_of_a_missing_model(call, tmp_path):
    data = write_mtop_folder(tmp_path, languages=["en"], train=1, dev=1, test=1, seed=1)
    done = call("evaluate", data, "--model", tmp_path / "none.keras")
    assert done.code == 1
    assert "none.keras" in done.err


def test_export_of_a_missing_model(call, tmp_path):
    done = call("export", "--model", tmp_path / "no.keras", "--output", tmp_path / "x.tflite")
    assert done.code == 1
    assert "no.keras" in done.err
    assert list(tmp_path.iterdir()) == []


def test_models_lists_names_sizes_languages_and_scores(call):
    done = call("models")
    header, *rows = done.out.splitlines()
    assert header.split()[:3] == ["name", "bytes", "languages"]
    (row,) = [row.split() for row in rows if row.startswith("mtop_6_2mb")]
    assert row[1:8] == ["1,954,135", "en", "de", "es", "fr", "hi", "th"]
    records = call("models", "--json").json()
    assert list(records) == [row.split()[0] for row in rows]
    assert records["snips"]["scores"]["flat_exact_match"] > 80
    assert records["snips"]["intents"] == 7


def test_an_installation_without_models_says_so(call, monkeypatch):
    monkeypatch.setattr("pqrnn_tf.runtime.presets.FOLDERS", ())
    done = call("models")
    assert done.code == 1 and "no pretrained models in this installation" in done.err
