from __future__ import annotations

import numpy as np
import pytest

from pqrnn_tf.teachers.bert.safetensors_file import read_floats


def write(path, header, data=b"", *, length=None):
    text = header.encode()
    size = len(text) if length is None else length
    path.write_bytes(size.to_bytes(8, "little") + text + data)
    return path


def entry(kind, shape, first, last):
    return f'{{"dtype": "{kind}", "shape": {shape}, "data_offsets": [{first}, {last}]}}'


def test_values_by_hand(tmp_path):
    # 1.0 and -2.0 as float32; 0.5 as float16; 1.5 as bfloat16; 7 as int64.
    data = bytes.fromhex("0000803f000000c00038c03f0700000000000000")
    header = (
        f'{{"__metadata__": {{"format": "pt"}}, "a": {entry("F32", [2, 1], 0, 8)}, '
        f'"b": {entry("F16", [1], 8, 10)}, "c": {entry("BF16", [], 10, 12)}, '
        f'"d": {entry("I64", [1], 12, 20)}}}   '
    )
    tensors = read_floats(write(tmp_path / "x.safetensors", header, data))
    assert {name: values.tolist() for name, values in tensors.items()} == {
        "a": [[1.0], [-2.0]],
        "b": [0.5],
        "c": 1.5,
    }
    assert all(values.dtype == np.float32 for values in tensors.values())


def test_file_without_tensors(tmp_path):
    assert read_floats(write(tmp_path / "x.safetensors", "{}")) == {}


@pytest.mark.parametrize(
    ("header", "length", "message"),
    [
        ("{}", 99, "its header would have 99 of 10 bytes"),
        ("{]", None, "its header is not JSON"),
        ("[]", None, "its header is not a JSON object"),
        (f'{{"a": {entry("F32", [1], 0, 4)}}}', None, "'a' ends at byte 4 of 0; it is cut short"),
        (f'{{"a": {entry("F32", [1], 0, 0)}}}', None, r"'a' of shape \(1,\) has 0 bytes"),
        ('{"a": {"dtype": "F32"}}', None, "the entry of 'a' is incomplete"),
    ],
)
def test_broken_files(tmp_path, header, length, message):
    path = write(tmp_path / "x.safetensors", header, length=length)
    with pytest.raises(ValueError, match=message):
        read_floats(path)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_floats(tmp_path / "none.safetensors")
