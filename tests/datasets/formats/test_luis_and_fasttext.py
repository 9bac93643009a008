"""Exports of LUIS and CLU, and fastText's lines."""

from __future__ import annotations

import json
import pathlib

import pytest

from pqrnn_tf.datasets import DataError, read_rows


def write(path: pathlib.Path, value: object) -> pathlib.Path:
    content = value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False)
    path.write_text(content, encoding="utf-8")
    return path


def slots(row) -> list[tuple[str, str]]:
    return [(slot.name, slot.text(row.text)) for slot in row.slots]


def luis(*utterances: dict, **others: object) -> dict:
    return {
        "luis_schema_version": "7.0.0",
        "culture": "en-us",
        **others,
        "utterances": list(utterances),
    }


def test_an_export_of_luis(tmp_path: pathlib.Path) -> None:
    city = {"entity": "city", "startPos": 7, "endPos": 10, "role": "to"}
    place = {"entity": "place", "startPos": 4, "endPos": 10}
    rows = read_rows(
        write(
            tmp_path / "app.json",
            luis(
                {"text": "fly to Rome", "intent": "fly", "entities": [place, city]},
                {"text": "stop", "intent": "None", "entities": []},
                closedLists=[{"name": "seat"}],
            ),
        )
    )
    assert [(row.intent, row.text, slots(row), row.locale) for row in rows.all] == [
        ("fly", "fly to Rome", [("city.to", "Rome")], "en-us"),
        ("None", "stop", [], "en-us"),
    ]
    assert any("closedLists" in note for note in rows.notes)


def test_offsets_behind_an_emoji_count_utf_16_units(tmp_path: pathlib.Path) -> None:
    entity = {"entity": "city", "startPos": 10, "endPos": 13}
    row = {"text": "🛫 fly to Rome", "intent": "fly", "entities": [entity]}
    assert row["text"].encode("utf-16-le")[20:28].decode("utf-16-le") == "Rome"
    rows = read_rows(write(tmp_path / "app.json", luis(row)))
    assert slots(rows.all[0]) == [("city", "Rome")]


def test_an_export_of_clu_with_its_parts_and_languages(tmp_path: pathlib.Path) -> None:
    entity = {"category": "city", "offset": 7, "length": 4}
    utterances = [
        {"text": "fly to Rome", "intent": "fly", "dataset": "Train", "entities": [entity]},
        {"text": "vola a Roma", "intent": "fly", "dataset": "Test", "language": "it"},
    ]
    project = {
        "projectFileVersion": "2022-05-01",
        "metadata": {"projectKind": "Conversation", "language": "en-us"},
        "assets": {"projectKind": "Conversation", "utterances": utterances},
    }
    rows = read_rows(write(tmp_path / "project.json", project))
    assert [(row.text, slots(row), row.locale) for row in rows.splits["train"]] == [
        ("fly to Rome", [("city", "Rome")], "en-us")
    ]
    assert [(row.text, row.locale) for row in rows.splits["test"]] == [("vola a Roma", "it")]


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        ({"entity": "city", "startPos": 7, "endPos": 11}, "11 UTF-16 units"),
        ({"entity": "city", "startPos": 7}, "must have `entity`"),
        ("city", "must be an object"),
    ],
)
def test_a_bad_entity_is_an_error_with_its_line(
    tmp_path: pathlib.Path, entity: object, words: str
) -> None:
    path = write(
        tmp_path / "app.json", luis({"text": "fly to Rome", "intent": "fly", "entities": [entity]})
    )
    with pytest.raises(DataError, match=words) as caught:
        read_rows(path)
    assert f"{path}:5" in str(caught.value)


def test_lines_of_fasttext(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path / "train.txt", "__label__fly fly to Rome\n\n__label__stop stop , please\n"
    )
    rows = read_rows(path)
    assert [(row.intent, row.text, row.slots, row.source) for row in rows.all] == [
        ("fly", "fly to Rome", (), f"{path}:1"),
        ("stop", "stop , please", (), f"{path}:3"),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("__label__a __label__b both", "one intent"),
        ("no label at all", "must begin with __label__"),
        ("__label__fly", "text is empty"),
    ],
)
def test_a_bad_line_of_fasttext_is_an_error_with_its_line(
    tmp_path: pathlib.Path, line: str, words: str
) -> None:
    path = write(tmp_path / "train.txt", f"__label__fly to Rome\n__label__fly home\n{line}\n")
    with pytest.raises(DataError, match=words) as caught:
        read_rows(path)
    assert f"{path}:3" in str(caught.value)


@pytest.mark.parametrize("entities", [5, "str", {"x": 1}, ["str"]])
def test_entities_of_another_form_are_bad_rows(tmp_path: pathlib.Path, entities: object) -> None:
    row = {"text": "hi", "intent": "a", "entities": entities}
    path = tmp_path / "app.json"
    content = {"luis_schema_version": "7.0.0", "utterances": [row]}
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError, match=r"app\.json:1: (`entities`|an entity) must be"):
        read_rows(path)


def test_declared_intents_without_utterances_were_not_told_of(tmp_path: pathlib.Path) -> None:
    luis = {
        "luis_schema_version": "7.0.0",
        "intents": [{"name": "None"}, {"name": "Go"}],
        "utterances": [{"text": "go", "intent": "Go", "entities": []}],
    }
    clu = {
        "projectFileVersion": "1",
        "assets": {
            "intents": [{"category": "None"}, {"category": "Go"}],
            "utterances": [{"text": "go", "intent": "Go"}],
        },
    }
    for content in (luis, clu):
        path = tmp_path / "app.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        assert read_rows(path).notes == (f"{path}: the intent 'None' has no phrases here",)
