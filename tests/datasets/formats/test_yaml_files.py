"""YAML as people write it: what is wrong is an error with its line, and no document or key is lost."""

from __future__ import annotations

import pathlib

import pytest

from pqrnn_tf.datasets import DataError, read_rows
from pqrnn_tf.datasets.formats.found import HEAD_BYTES
from pqrnn_tf.datasets.formats.yaml_files import line_of, read_yaml_documents

pytest.importorskip("yaml")

INTENT = "- intent: {}\n  examples: |\n    - {}\n"
HASSIL = "intents:\n  {}:\n    data:\n      - sentences:\n          - {}\n"
TEST = "tests:\n- sentences:\n  - {1}\n  intent: {{name: {0}}}\n"


def write(path: pathlib.Path, content: str | bytes) -> pathlib.Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


@pytest.mark.parametrize("texts_only", [False, True])
@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "the key 'a' stands in line 1 already"),
        ("x:\n- {a: 1, a: 2}\n", 2, "the key 'a' stands in line 2 already"),
        (b"a: b\nc: gr\xfc\xdf\n", 2, "the file is not UTF-8"),
        ("a: b\nc: d\n\ne: \x01\n", 4, "control characters are not allowed"),
        ("a: b\nc: [\n", 3, "the file is not YAML"),
    ],
)
def test_what_is_wrong_has_its_line(
    tmp_path: pathlib.Path, content: str | bytes, line: int, message: str, texts_only: bool
) -> None:
    path = write(tmp_path / "a.yaml", content)
    with pytest.raises(DataError, match=rf"a\.yaml:{line}: .*{message}"):
        read_yaml_documents(path, texts_only=texts_only)


@pytest.mark.parametrize("value", ["9" * 5000, "!!int x", "!!bool x"])
def test_a_value_that_is_not_of_its_kind_has_its_line(tmp_path: pathlib.Path, value: str) -> None:
    path = write(tmp_path / "a.yaml", f"a:\n  b: {value}\n")
    with pytest.raises(DataError, match=r"a\.yaml:2: the file is not YAML"):
        read_yaml_documents(path)


def test_a_date_is_a_text_so_that_none_is_impossible(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.yaml", "metadata: {since: 2024-02-30}\n" + HASSIL.format("A", "hi"))
    assert [row.text for row in read_rows(path).all] == ["hi"]


def test_a_merged_key_may_be_written_again(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.yaml", "a: &a {x: 1, y: 2}\nb: {<<: *a, x: 3}\n")
    assert read_yaml_documents(path)[0]["b"] == {"x": 3, "y": 2}


def test_an_empty_document_is_none_and_a_value_knows_its_line(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "a.yaml", "---\n---\n- {a: 1}\n---\n")
    (document,) = read_yaml_documents(path, texts_only=True)
    assert line_of(document) == 3


@pytest.mark.parametrize("form", ["nlu:\n" + INTENT, HASSIL, TEST])
def test_every_document_of_a_file_is_read(tmp_path: pathlib.Path, form: str) -> None:
    parts = [form.format("a", "one"), form.format("b", "two"), form.format("c", "three")]
    path = write(tmp_path / "a.yml", "---\n".join(["", *parts, ""]))
    assert {(row.text, row.intent) for row in read_rows(path).all} == {
        *(("one", "a"), ("two", "b"), ("three", "c"))
    }


def test_a_key_that_stands_twice_loses_no_rows(tmp_path: pathlib.Path) -> None:
    content = "nlu:\n" + INTENT.format("a", "one") + "nlu:\n" + INTENT.format("b", "two")
    with pytest.raises(DataError, match=r"a\.yml:5: .*the key 'nlu' stands in line 1 already"):
        read_rows(write(tmp_path / "a.yml", content))


def test_rows_behind_many_stories_are_recognised(tmp_path: pathlib.Path) -> None:
    story = "- story: a\n  steps:\n  - intent: hi\n"
    stories = "stories:\n" + story * (HEAD_BYTES // len(story) + 1)
    path = write(tmp_path / "a.yml", stories + "nlu:\n" + INTENT.format("a", "one"))
    rows = read_rows(path)
    assert [row.text for row in rows.all] == ["one"]
    assert "`stories` are no examples" in rows.notes[0]
