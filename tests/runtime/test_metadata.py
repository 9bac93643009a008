"""The description behind the flatbuffer: whatever is damaged in it, the file says so."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from pqrnn_tf.runtime import Parser
from pqrnn_tf.runtime.metadata import (
    ENTRY,
    Metadata,
    ModelFileError,
    read_description,
    read_metadata,
    replace_metadata,
)
from tests.tflite_export.make_jvm_golden import RESOURCES

MODEL = RESOURCES / "tiny.tflite"
CONTENT = MODEL.read_bytes()
START = CONTENT.find(ENTRY.encode())


def described(text: str | bytes, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The model with another text in place of its description."""
    buffer = io.BytesIO(CONTENT[: START - 30])
    with zipfile.ZipFile(buffer, "a", packing) as archive:
        archive.writestr(ENTRY, text)
    return buffer.getvalue()


@pytest.mark.parametrize("behind", [40, 60, 200])
def test_a_flipped_byte_of_the_description_was_an_error_of_zlib(tmp_path, behind):
    content = bytearray(CONTENT)
    content[START + behind] ^= 0xFF
    path = tmp_path / "flipped.tflite"
    path.write_bytes(content)
    for reads in (read_description, Parser):
        with pytest.raises(ModelFileError, match=r"flipped.tflite.* damaged"):
            reads(path)


def test_each_byte_of_the_archive_may_be_damaged(tmp_path):
    path = tmp_path / "flipped.tflite"
    metadata = read_metadata(MODEL)
    places = {*range(START - 30, START + 60), *range(len(CONTENT) - 100, len(CONTENT))}
    for place in places:
        for bits in (0x01, 0x04, 0xFF):  # 8, deflated, with bit 4 is 12, which is bzip2
            content = bytearray(CONTENT)
            content[place] ^= bits
            path.write_bytes(content)
            try:
                read_description(path)
                replace_metadata(bytes(content), metadata)
            except ModelFileError as error:
                assert "complete .tflite" in str(error)


@pytest.mark.parametrize(
    "text", ["{", "[" * 100_000, "[]", "null", '"width"', "7", b"\xff", '{"format": NaN}']
)
@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_description_that_is_no_description_was_an_error_of_json(tmp_path, text, packing):
    path = tmp_path / "model.tflite"
    path.write_bytes(described(text, packing))
    with pytest.raises(ModelFileError):
        read_description(path)


@pytest.mark.parametrize(
    "change",
    [
        {"labels": None},
        {"labels": {"intents": ["A"]}},
        {"labels": {"intents": [1], "tags": ["O"]}},
        {"calibration": 3},
        {"calibration": {"parse": None, "intent": None}},
        {"rejection": []},
        {"entity_features": {"types": 3, "slots": {}}},
        {"entity_features": {"types": ["a"], "slots": 3}},
    ],
)
def test_a_damaged_value_of_the_description_is_an_error_of_the_file(change):
    with pytest.raises(ModelFileError, match="damaged"):
        Metadata.from_dict({**read_metadata(MODEL).to_dict(), **change})


def test_weights_that_the_runtime_first_reads_in_a_call_are_an_error_of_the_file(monkeypatch):
    parser = Parser(MODEL)
    opened = parser._interpreters._idle[0]

    def run(**inputs):
        raise RuntimeError("Input tensor 476 lacks data")

    for signature in opened.plain:
        monkeypatch.setitem(signature.__dict__, "run", run)
    with pytest.raises(ModelFileError, match=r"tiny.tflite.* refuses: Input tensor 476"):
        parser("wake me")


def test_the_description_is_json_of_the_file():
    with zipfile.ZipFile(MODEL) as archive:
        values = json.loads(archive.read(ENTRY))
    assert Metadata.from_dict(values) == read_metadata(MODEL)
