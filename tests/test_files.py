"""Files that are whole or absent."""

from __future__ import annotations

import concurrent.futures
import json
import os
import pathlib
import resource
import subprocess
import sys
import threading

import pytest

from pqrnn_tf.files import (
    ResumeError,
    atomic_file,
    check_claim,
    check_folder,
    claim_folder,
    claimed_folder,
    folder_digest,
    json_line,
    only_one,
    write_bytes,
    write_json,
)


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


def test_a_file_that_cannot_be_made_was_told_by_the_name_of_a_temporary_one(tmp_path) -> None:
    path = tmp_path / ("x" * 250)  # with what the temporary one has more, too long a name
    with pytest.raises(OSError) as caught:
        write_bytes(path, b"")
    assert caught.value.filename == str(path)


def test_a_full_disc_was_told_without_the_name_of_the_file(tmp_path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
        with pytest.raises(OSError) as caught:
            write_bytes(tmp_path / "shard.npz", bytes(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.filename == str(tmp_path / "shard.npz")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("make", [pathlib.Path.mkdir, os.mkfifo])
def test_a_file_took_the_place_of_a_pipe_and_of_a_folder_only_failed_at_the_end(
    tmp_path, make
) -> None:
    path = tmp_path / "vectors.npy"
    make(path)
    begun = False
    with pytest.raises(OSError, match="directory|must be a file") as caught, atomic_file(path):
        begun = True
    assert not begun and caught.value.filename == str(path)
    assert not path.is_file() and list(tmp_path.iterdir()) == [path]


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


IDENTITY = {"config": {"epochs": 3, "units": 8}, "data": "a" * 60}


def test_a_folder_is_claimed_once_and_resumed_by_the_same_work(tmp_path) -> None:
    assert not check_claim(tmp_path / "x", IDENTITY)
    assert not (tmp_path / "x").exists()
    assert not claim_folder(tmp_path / "x", IDENTITY)
    assert claim_folder(tmp_path / "x", IDENTITY)


def test_other_work_is_refused_with_the_fields_that_differ(tmp_path) -> None:
    claim_folder(tmp_path, IDENTITY)
    other = {"config": {"epochs": 4, "units": 8}, "data": "a" * 59 + "b", "steps": 7}
    with pytest.raises(ResumeError) as caught:
        claim_folder(tmp_path, other)
    message = str(caught.value)
    assert "config.epochs (3 there, 4 here), data, steps (None there, 7 here)." in message
    assert "units" not in message and str(tmp_path) in message
    assert json.loads((tmp_path / "training.json").read_text(encoding="utf-8")) == IDENTITY


def test_results_in_the_file_of_a_claim_are_no_part_of_it(tmp_path) -> None:
    write_json(tmp_path / "training.json", {**IDENTITY, "rows": 5})
    assert check_claim(tmp_path, IDENTITY, results=("rows", "shards"))
    with pytest.raises(ResumeError, match="rows"):
        check_claim(tmp_path, IDENTITY)


def test_a_claim_is_replaced_on_demand(tmp_path) -> None:
    claim_folder(tmp_path, IDENTITY)
    assert not claim_folder(tmp_path, {"data": "b"}, overwrite=True)
    assert claim_folder(tmp_path, {"data": "b"})


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_broken_claim_is_named(tmp_path, content) -> None:
    (tmp_path / "training.json").write_text(content, encoding="utf-8")
    with pytest.raises(ResumeError, match="training.json' must be"):
        claim_folder(tmp_path, IDENTITY)


def test_a_failed_start_leaves_no_claimed_folder(tmp_path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        claimed_folder(tmp_path / "x", IDENTITY, begun=lambda: False),
    ):
        assert (tmp_path / "x" / "training.json").is_file()
        raise KeyboardInterrupt
    assert not (tmp_path / "x").exists()


def test_work_that_was_begun_keeps_its_claim_after_an_error(tmp_path) -> None:
    with pytest.raises(OSError), claimed_folder(tmp_path / "x", IDENTITY, begun=lambda: True):
        raise OSError
    assert check_claim(tmp_path / "x", IDENTITY)


def test_a_failed_start_leaves_the_files_of_others(tmp_path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OSError), claimed_folder(tmp_path / "x", IDENTITY, begun=lambda: False):
        raise OSError
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["notes.txt"]


def test_a_model_that_tensorflow_saves_again_has_the_same_digest(tmp_path):
    """Answers of two conversions of one checkpoint were refused as those of two teachers."""
    for name, identifier in (("one", b"1"), ("other", b"2")):
        (tmp_path / name / "variables").mkdir(parents=True)
        (tmp_path / name / "saved_model.pb").write_bytes(b"graph")
        (tmp_path / name / "fingerprint.pb").write_bytes(identifier)
    one, other = (folder_digest(tmp_path / name) for name in ("one", "other"))
    assert one == other
    (tmp_path / "other" / "variables" / "weights").write_bytes(b"0")
    assert folder_digest(tmp_path / "other") != one


def test_a_file_in_the_place_of_a_folder_was_told_of_as_the_system_does(tmp_path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for place in ("file", "file/inside/it"):
        with pytest.raises(NotADirectoryError, match="`output` must be a folder"):
            check_claim(tmp_path / place, IDENTITY)
    with pytest.raises(NotADirectoryError, match="`folder` must be a folder"):
        check_folder(tmp_path / "file", name="folder")
    check_folder(tmp_path / "new" / "folder")
    check_folder("new")
