"""Files that are whole or absent."""

from __future__ import annotations

import concurrent.futures
import json

import pytest

from pqrnn_tf.files import write_bytes, write_json


def test_writes_into_a_new_folder_and_over_a_file(tmp_path) -> None:
    path = tmp_path / "a" / "b.json"
    write_json(path, {"text": "größe"})
    write_json(path, [1])
    assert json.loads(path.read_text(encoding="utf-8")) == [1]
    assert [entry.name for entry in path.parent.iterdir()] == ["b.json"]


def test_after_an_error_the_old_file_stays_and_nothing_else(tmp_path, monkeypatch) -> None:
    path = tmp_path / "x"
    write_bytes(path, b"old")

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="disk full"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_many_writers_of_one_file(tmp_path) -> None:
    path = tmp_path / "x"
    contents = [bytes([number]) * 100_000 for number in range(8)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: write_bytes(path, content), contents * 8))
    assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]
