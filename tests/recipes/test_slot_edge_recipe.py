"""Edges of slots in a model that was published before there were any."""

from __future__ import annotations

import io
import json
import shutil
import zipfile

import pytest

from pqrnn_tf.commands.arguments import UsageError
from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.runtime.metadata import read_metadata
from pqrnn_tf.runtime.parser import Parser
from recipes.slot_edges import write_edges
from tests.conftest import ROOT

SNIPS = ROOT / "pretrained" / "snips"
ROWS = [Example("rate dune 5", "RateBook", (SlotSpan("object_name", ((5, 9),)),))]


def flatbuffer(content: bytes) -> bytes:
    """What stands before the description."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return content[: archive.infolist()[0].header_offset]


def test_edges_are_written_and_the_model_stays_byte_for_byte(tmp_path):
    folder = shutil.copytree(SNIPS, tmp_path / "snips")
    before = {name: (folder / name).read_bytes() for name in ("model.tflite", "weights.npz")}
    preset = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    labels = write_edges(folder, ROWS)
    assert [name for name, _ in labels.edges] == ["object_name"]
    after = (folder / "model.tflite").read_bytes()
    assert flatbuffer(after) == flatbuffer(before["model.tflite"])
    assert (folder / "weights.npz").read_bytes() == before["weights.npz"]
    assert read_metadata(folder / "model.tflite").labels.edges == labels.edges
    assert json.loads((folder / "labels.json").read_text(encoding="utf-8"))["edges"] == {
        "object_name": {}
    }
    new = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    assert new["model"]["config"]["labels"].pop("edges") == {"object_name": {}}
    preset["model"]["config"]["labels"].pop("edges", None)
    assert new == preset
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    assert scores["bytes"] == len(after)
    assert f"{len(after):,} bytes" in (folder / "README.md").read_text(encoding="utf-8")
    parser = Parser(folder)
    for text in ("rate the current essay 2 out of 6.", "rate “dune”, 5 stars!"):
        parse = parser(text, alternatives=2)
        names = [slot for slot in parse.slots if slot.name == "object_name"]
        assert all(slot.text[0].isalnum() and slot.text[-1].isalnum() for slot in names)


def test_rows_of_another_corpus_are_refused(tmp_path):
    folder = shutil.copytree(SNIPS, tmp_path / "snips")
    with pytest.raises(UsageError, match="the corpus that the model was trained on"):
        write_edges(folder, [Example("hi", "HI", ())])
