"""A made-up corpus and a student for the sweeps."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.tiny_models import TINY_SPEC

LINES = (
    ("wake me at nine", "O O O B-time", "alarm"),
    ("play some jazz", "O O B-genre", "AddToPlaylist"),
    ("play the blues", "O O B-genre", "AddToPlaylist"),
)


@pytest.fixture(scope="module")
def snips(tmp_path_factory):
    """A folder of a made-up SNIPS."""
    root = tmp_path_factory.mktemp("snips")
    for split, times in (("train", 8), ("dev", 2)):
        (root / split).mkdir()
        for name, column in (("seq.in", 0), ("seq.out", 1), ("label", 2)):
            text = "".join(f"{line[column]}\n" for line in LINES) * times
            (root / split / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def student(tmp_path):
    spec = {**TINY_SPEC.to_dict(), "max_tokens": 8}
    values = {"spec": spec, "bottleneck_units": 8, "units": 8, "layers": 1, "epochs": 2}
    path = tmp_path / "student.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    return str(path)


@pytest.fixture
def trained_before(tiny, monkeypatch):
    """Trainings that end at once with the tiny model; gives the calls."""
    calls = []

    def train(config, examples, development, output, **options):
        calls.append((config, examples, development, output))
        shutil.copytree(tiny[1], output)
        return tiny[0]

    monkeypatch.setattr("pqrnn_tf.tasks.training.train", train)
    return calls
