"""A published model gets signatures for texts of other lengths, and says what it said."""

from __future__ import annotations

import json
import pathlib
import shutil

import pytest

from pqrnn_tf.commands.arguments import UsageError
from pqrnn_tf.runtime import load
from pqrnn_tf.runtime.metadata import read_model
from recipes.other_signatures import rewrite_signatures
from tests.tiny_models import DEV, TINY, TRAIN

TEXTS = [row.text for row in TRAIN[:60]]


@pytest.fixture
def folder(tiny, tmp_path):
    shutil.copy(tiny[2], tmp_path / "model.tflite")
    size = pathlib.Path(tiny[2]).stat().st_size
    (tmp_path / "config.json").write_text(json.dumps(TINY.to_dict()))
    (tmp_path / "scores.json").write_text(json.dumps({"bytes": size, "kept": 1}))
    (tmp_path / "README.md").write_text(f"`model.tflite`, {size:,} bytes.")
    return tmp_path


def test_the_new_file_says_the_same_in_other_signatures(folder):
    path = folder / "model.tflite"
    before, description = read_model(path)
    parser = load(path)
    theirs = [parser(row.text).tree for row in DEV]
    assert rewrite_signatures(folder, TEXTS, (10,)) == (len(before), path.stat().st_size)
    after, kept = read_model(path)
    assert kept == description and b"parse_10" in after and b"parse_14" not in after
    assert b"parse_14" in before
    parser = load(path)
    assert [parser(row.text).tree for row in DEV] == theirs
    assert json.loads((folder / "scores.json").read_text()) == {"bytes": len(after), "kept": 1}
    assert f"{len(after):,} bytes" in (folder / "README.md").read_text()


def test_a_file_that_would_say_something_else_is_not_written(folder, monkeypatch):
    path = folder / "model.tflite"
    before = path.read_bytes()
    monkeypatch.setattr("recipes.other_signatures.CLOSE", -1.0)
    with pytest.raises(UsageError, match="says something else of"):
        rewrite_signatures(folder, TEXTS, (10,))
    with pytest.raises(UsageError, match="--texts must hold a text"):
        rewrite_signatures(folder, [], (10,))
    assert path.read_bytes() == before
