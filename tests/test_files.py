"""Files that are whole or absent."""

from __future__ import annotations

import concurrent.futures
import json
import pathlib
import subprocess
import sys
import threading

import pytest

from pqrnn_tf.files import json_line, only_one, write_bytes, write_json


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


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\u0085", "\x0b", "\x1c", "\ud83c", "\r\n"])
def test_a_line_end_of_unicode_splits_a_json_line(mark) -> None:
    line = json_line({"text": f"größe{mark}सुबह"})
    assert len(line.splitlines()) == 1 and "größe" in line and "सुबह" in line
    assert json.loads(line.encode("utf-8")) == {"text": f"größe{mark}सुबह"}


def test_many_writers_of_one_file(tmp_path) -> None:
    path = tmp_path / "x"
    contents = [bytes([number]) * 100_000 for number in range(8)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: write_bytes(path, content), contents * 8))
    assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]


def test_one_process_at_a_time_works_on_a_folder(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "answers"
    order: list[str] = []
    inside, leave = threading.Event(), threading.Event()

    def first() -> None:
        with only_one(folder):
            inside.set()
            leave.wait(10)
            order.append("first")

    def second() -> None:
        with only_one(tmp_path / "." / "answers"):
            order.append("second")

    threads = [threading.Thread(target=target) for target in (first, second)]
    threads[0].start()
    assert inside.wait(10)
    with only_one(tmp_path / "another"):
        threads[1].start()
    threads[1].join(0.3)
    assert threads[1].is_alive() and order == []
    leave.set()
    for thread in threads:
        thread.join(10)
    assert order == ["first", "second"]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_free_again_when_its_process_was_killed(tmp_path: pathlib.Path) -> None:
    code = (
        "import sys, time\n"
        "from pqrnn_tf.files import only_one\n"
        "with only_one(sys.argv[1]):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"held\n"
        process.kill()
    with only_one(tmp_path):
        pass
