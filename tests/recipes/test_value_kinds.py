"""Kinds of values in a model that was published before there were any."""

from __future__ import annotations

import io
import json
import shutil
import zipfile

from pqrnn_tf.runtime.metadata import read_metadata
from pqrnn_tf.runtime.parser import Parser
from recipes.value_kinds import write_kinds
from tests.conftest import ROOT

SNIPS = ROOT / "pretrained" / "snips"


def flatbuffer(content: bytes) -> bytes:
    """What stands before the description."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return content[: archive.infolist()[0].header_offset]


def test_kinds_are_written_and_the_model_stays_byte_for_byte(tmp_path):
    folder = shutil.copytree(SNIPS, tmp_path / "snips")
    before = (folder / "model.tflite").read_bytes()
    write_kinds(folder, {"timeRange": "datetime", "best_rating": "ordinal", "none": "number"})
    after = (folder / "model.tflite").read_bytes()
    assert flatbuffer(after) == flatbuffer(before)
    kinds = {"best_rating": "ordinal", "timeRange": "datetime"}
    assert dict(read_metadata(folder / "model.tflite").labels.values) == kinds
    assert json.loads((folder / "labels.json").read_text(encoding="utf-8"))["values"] == kinds
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    assert scores["bytes"] == len(after)
    assert f"{len(after):,} bytes" in (folder / "README.md").read_text(encoding="utf-8")


def test_a_published_model_knows_its_kinds():
    parser = Parser("snips")
    assert parser.values.kinds["timeRange"] == "datetime"
    (value,) = [
        slot.value
        for slot in parser("weather in berlin tomorrow").slots
        if slot.name == "timeRange"
    ]
    assert value.grain == "day"
