"""What 8 bits cost is measured on files that are what they say."""

from __future__ import annotations

import dataclasses

import pytest

from benchmarks.quantization import BITS, measure_model
from pqrnn_tf.tasks.scoring import score_file
from tests.tiny_models import DEV, TINY, TRAIN
from tflite_export.converter import QUANTIZATIONS


def test_every_way_to_export_has_a_name():
    assert set(BITS) == set(QUANTIZATIONS)


def test_floats_and_files_are_scored_on_the_same_rows(tiny, monkeypatch, one_signature):
    monkeypatch.setattr("benchmarks.quantization.BITS", {"int8_weights": "8-bit weights"})
    floats, file = measure_model(tiny[1], TRAIN, DEV)
    assert (floats["variant"], file["variant"]) == ("keras", "int8_weights")
    assert floats["scores"] == score_file(tiny[1] / "model.keras", DEV).to_dict()
    assert file["scores"] == score_file(tiny[2], DEV).to_dict()
    assert file["scores"]["rows"] == len(DEV)
    assert 10_000 < file["bytes"] < 1_000_000
    assert file["same_parse"] > 0.9
    assert file["time"]["p90_us"] >= file["time"]["median_us"] > 0


@pytest.mark.large
def test_the_model_of_a_training_with_rounding_is_measured_too(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.quantization.BITS", {"int8": "8 bits"})
    aware = dataclasses.replace(TINY, epochs=1, learning_rate=1e-3), tmp_path
    rows = measure_model(tiny[1], TRAIN, DEV, aware=aware)
    assert [(row["training"], row["variant"]) for row in rows] == [
        ("floats", "keras"),
        ("floats", "int8"),
        ("quantisation-aware", "keras"),
        ("quantisation-aware", "int8"),
    ]
    assert rows[2]["scores"] == score_file(tmp_path / "model.keras", DEV).to_dict()
