"""Folders that hold several formats: what is claimed by one hides nothing of another, and what is not read is noted."""

from __future__ import annotations

import os
import pathlib

import pytest

from pqrnn_tf.datasets import DataError, read_rows
from tests.written_files import write_files

NLU = "nlu:\n- intent: greet\n  examples: |\n    - hi\n"
SNIPS = "type: intent\nname: leave\nutterances:\n- bye\n"
HASSIL = "language: en\nintents:\n  Stop:\n    data:\n      - sentences:\n          - stop\n"
LISTS = "lists:\n  area:\n    values: [hall]\n"
TESTS = "language: en\ntests:\n- sentences:\n  - dim it\n  intent:\n    name: Dim\n"
DOMAIN = "version: '3.1'\nintents:  # all\n  # of\n\n  # them\n- greet\nresponses:\n  utter_hi:\n  - text: hi\n"


def read(folder: pathlib.Path) -> tuple[list[str], str]:
    rows = read_rows(folder)
    return sorted(row.text for row in rows.all), "\n".join(rows.notes)


def test_sentences_of_home_assistant_do_not_hide_the_other_yaml_beside_them(
    tmp_path: pathlib.Path,
) -> None:
    files = {"nlu.yml": NLU, "dataset.yaml": SNIPS, "tests.yaml": TESTS, "sentences.yaml": HASSIL}
    texts, _ = read(write_files(tmp_path, {**files, "area.yaml": LISTS}))
    assert texts == ["bye", "dim it", "hi", "stop"]


def test_a_domain_of_rasa_beside_sentences_is_noted(tmp_path: pathlib.Path) -> None:
    texts, notes = read(write_files(tmp_path, {"domain.yml": DOMAIN, "sentences.yaml": HASSIL}))
    assert texts == ["stop"]
    assert "not read, as no rows were recognised: domain.yml" in notes


@pytest.mark.parametrize(
    ("files", "texts"),
    [
        (
            {
                "skill/locale/en-us/a.intent": "go\n",
                "skill/locale/en-us/extra.csv": "text,intent\nrun,go\n",
            },
            ["go", "run"],
        ),
        (
            {
                "skill/p.intent": "play <a>\n",
                "skill/vocab/a.voc": "it\n",
                "skill/vocab/more.jsonl": '{"text": "run", "intent": "go"}\n',
            },
            ["play it", "run"],
        ),
        (
            {
                "x/play.intent": "play\n",
                "x/data/a.list": "b\n",
                "x/data/rows.csv": "text,intent\nrun,go\n",
            },
            ["play", "run"],
        ),
        (
            {
                "x/sentences/nlu.yml": NLU,
                "x/sentences/en/ha.yaml": HASSIL,
                "x/sentences/en/a.csv": "text,intent\nrun,go\n",
                "x/tests/more.csv": "text,intent\nwalk,go\n",
            },
            ["hi", "run", "stop", "walk"],
        ),
    ],
)
def test_other_files_in_the_folders_of_a_format_are_read(
    tmp_path: pathlib.Path, files: dict[str, str], texts: list[str]
) -> None:
    assert read(write_files(tmp_path, files))[0] == texts


def test_every_file_in_the_folders_of_a_format_is_read_or_noted(tmp_path: pathlib.Path) -> None:
    files = {"sentences/en/ha.yaml": HASSIL, "sentences/en/stub.yaml": "language: en\n"}
    files |= {"sentences/en/read.me": "x", "lists/readme.txt": "x", "tests/en/t.yaml": TESTS}
    texts, notes = read(
        write_files(tmp_path, {**files, "skill/a.intent": "go\n", "skill/a.png": "x"})
    )
    assert texts == ["go", "stop"]
    for name in ("stub.yaml", "read.me", "readme.txt", "a.png", "tests: not read; rows are made"):
        assert name in notes


def test_a_copy_in_another_language_is_no_copy(tmp_path: pathlib.Path) -> None:
    write_files(tmp_path, {"lang/de/a.csv": "text,intent\nstop,stop\n"})
    write_files(tmp_path, {"lang/en/a.csv": "text,intent\nstop,stop\nhi,greet\n"})
    rows = read_rows(tmp_path)
    assert [(row.text, row.locale) for row in rows.all] == [
        ("stop", "de"),
        ("stop", "en"),
        ("hi", "en"),
    ]
    write_files(tmp_path, {"lang/copy.csv": "text,intent\nstop,stop\n"})
    rows = read_rows(tmp_path)
    assert len(rows.all) == 3
    assert "copy.csv: its 1 rows are all in" in rows.notes[0]


def test_rows_that_are_named_twice_are_read_once(tmp_path: pathlib.Path) -> None:
    path = write_files(tmp_path, {"nlu.yml": NLU}) / "nlu.yml"
    for data in ([path, path], [tmp_path, path], [path, tmp_path]):
        rows = read_rows(data)
        assert len(rows.all) == 1
        assert rows.notes == (f"{path}: named twice, and read once",)
    german = write_files(tmp_path / "de", {"a.csv": "text,intent\nhallo,greet\n"}) / "a.csv"
    assert len(read_rows([german, german], languages="de").all) == 1


def test_bad_rows_that_are_named_twice_are_listed_once(tmp_path: pathlib.Path) -> None:
    path = write_files(tmp_path, {"a.csv": "text,intent\nhi,\nyo,greet\n"}) / "a.csv"
    assert len(read_rows([path, path], skip_bad_rows=True).problems) == 1


def test_a_pipe_in_a_folder_is_noted_and_not_waited_for(tmp_path: pathlib.Path) -> None:
    write_files(tmp_path, {"a.csv": "text,intent\nhi,greet\n"})
    for name in ("b.csv", "x.yaml", "seq.in", "data_full.json"):
        os.mkfifo(tmp_path / name)
    texts, notes = read(tmp_path)
    assert texts == ["hi"]
    assert "b.csv (is no regular file)" in notes
    with pytest.raises(DataError, match=r"b\.csv is no regular file"):
        read_rows(tmp_path / "b.csv")


def test_a_folder_that_cannot_be_read_is_noted(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(
        tmp_path, {"a.csv": "text,intent\nhi,greet\n", "closed/b.csv": "text,intent\nyo,greet\n"}
    )
    listed = pathlib.Path.iterdir

    def iterdir(path: pathlib.Path):
        if path.name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(pathlib.Path, "iterdir", iterdir)
    texts, notes = read(tmp_path)
    assert texts == ["hi"]
    assert "closed/ (cannot be read: Permission denied)" in notes


def test_a_link_to_a_folder_above_is_noted_once(tmp_path: pathlib.Path) -> None:
    write_files(tmp_path, {"data/a.csv": "text,intent\nhi,greet\n"})
    (tmp_path / "data" / "again").symlink_to(tmp_path, target_is_directory=True)
    rows = read_rows(tmp_path)
    assert [row.text for row in rows.all] == ["hi"]
    assert [note.count("again/") for note in rows.notes] == [1]


def test_folders_that_are_not_looked_into_are_noted(tmp_path: pathlib.Path) -> None:
    write_files(tmp_path, {"a.csv": "text,intent\nhi,greet\n", ".git/b.csv": "x"})
    write_files(tmp_path, {"/".join("abcdefghij") + "/b.csv": "text,intent\nyo,greet\n"})
    texts, notes = read(tmp_path)
    assert texts == ["hi"]
    assert ".git/ (is not looked into)" in notes
    assert "i/ (lies too deep)" in notes


@pytest.mark.parametrize("name", ["x.intent", "x.entity", "train/seq.in"])
def test_one_of_several_files_names_its_folder(tmp_path: pathlib.Path, name: str) -> None:
    files = {"x.intent": "hi\n", "x.entity": "a\n", "train/seq.in": "hi\n", "train/label": "x\n"}
    path = write_files(tmp_path, files) / name
    with pytest.raises(DataError, match=f"read together.*Name its folder: {path.parent}"):
        read_rows(path)


@pytest.mark.parametrize("path", ["", ":de"])
def test_an_empty_path_is_not_the_current_folder(path: str) -> None:
    with pytest.raises(DataError, match="is empty|is missing"):
        read_rows(path)


def test_a_file_that_is_wrong_as_a_whole_is_listed_with_the_bad_rows(
    tmp_path: pathlib.Path,
) -> None:
    write_files(tmp_path, {"a.yml": NLU, "b.yml": "nlu:\n- [\n", "c.csv": "text,intent\nyo,\n"})
    with pytest.raises(DataError, match=r"(?s)2 rows cannot be read.*b\.yml:\d: .*c\.csv:2: "):
        read_rows(tmp_path)
    rows = read_rows(tmp_path, skip_bad_rows=True)
    assert ([row.text for row in rows.all], len(rows.problems)) == (["hi"], 2)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", '{"rasa_nlu_data": {"common_examples": {"a": 1}}}', "expected a list"),
        ("a.json", '{"luis_schema_version": "7", "utterances": {}}', "expected a list"),
        ("a.json", '{"intents": {"a": {"utterances": {"b": 1}}}}', "expected a list"),
        ("a.json", '{"intents": [{"utterances": []}]}', "expected an object"),
        ("a.csv", "text,intent\n", "has the form of CSV or TSV, but there is no row"),
    ],
)
def test_a_file_of_the_wrong_shape_is_not_called_empty(
    tmp_path: pathlib.Path, name: str, content: str, message: str
) -> None:
    with pytest.raises(DataError, match=message) as error:
        read_rows(write_files(tmp_path, {name: content}) / name)
    assert "empty" not in str(error.value)


@pytest.mark.parametrize("name", ["es-419", "es_419"])
def test_a_locale_may_end_in_digits(tmp_path: pathlib.Path, name: str) -> None:
    rows = read_rows(write_files(tmp_path, {f"locale/{name}/a.intent": "hola\n"}))
    assert [(row.text, row.locale) for row in rows.all] == [("hola", name)]
    rows = read_rows(write_files(tmp_path, {f"locale/{name}/a.csv": "text,intent\nvaya,b\n"}))
    assert list(rows.by_language("train")) == ["es"]
