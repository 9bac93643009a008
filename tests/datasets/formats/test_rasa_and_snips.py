"""Training data of Rasa and of Snips."""

from __future__ import annotations

import json
import pathlib

import pytest

from pqrnn_tf.datasets import DataError, SlotSpan, read_rows

pytest.importorskip("yaml")

NLU = """\
version: "3.1"
nlu:
- intent: fly
  examples: |
    - fly to [Rome](city)
    - from [Rome]{"entity": "city", "role": "from"} to [the big apple]{"entity": "city", "role": "to", "value": "NYC"}
    - [two]{"entity": "size", "group": "1"} and [five]{"entity": "size", "group": "2"}

- intent: yes
  examples: |
    # said by all
    - yes: of course
- intent: faq/opening_hours
  examples:
  - text: |
      when are you open
    metadata:
      sentiment: neutral
- synonym: NYC
  examples: |
    - the big apple
- lookup: city
  examples: |
    - Rome
- regex: zip
  examples: |
    - \\d{5}
responses:
  utter_faq/opening_hours:
  - text: always
"""


def write(path: pathlib.Path, content: str) -> pathlib.Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def slots(row) -> list[tuple[str, str]]:
    return [(slot.name, slot.text(row.text)) for slot in row.slots]


def test_a_nlu_file_of_rasa_3(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "nlu.yml", NLU)
    rows = read_rows(path)
    assert [(row.intent, row.text, slots(row), row.source) for row in rows.all] == [
        ("fly", "fly to Rome", [("city", "Rome")], f"{path}:5"),
        (
            "fly",
            "from Rome to the big apple",
            [("city.from", "Rome"), ("city.to", "the big apple")],
            f"{path}:6",
        ),
        ("fly", "two and five", [("size.1", "two"), ("size.2", "five")], f"{path}:7"),
        ("yes", "yes: of course", [], f"{path}:12"),
        ("faq/opening_hours", "when are you open", [], f"{path}:16"),
    ]
    notes = "\n".join(rows.notes)
    for words in ("1 synonyms", "1 lookup tables", "1 regular", "`responses`", "1 entities have"):
        assert words in notes


def test_a_whole_bot_is_read_and_its_other_files_are_named(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "data" / "nlu.yml", NLU)
    write(tmp_path / "data" / "stories.yml", "stories:\n- story: a\n  steps:\n  - intent: fly\n")
    write(tmp_path / "domain.yml", "intents:\n- fly\nresponses:\n  utter_hi:\n  - text: hi\n")
    write(tmp_path / "config.yml", "language: en\npipeline:\n- name: X\n")
    rows = read_rows(tmp_path)
    assert len(rows.splits["train"]) == 5
    assert "stories.yml" in rows.notes[0] and "domain.yml" in rows.notes[0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("- fly to [Rome](city", r"nlu\.yml:5: an entity is not closed"),
        ("- fly to [Rome]()", r"nlu\.yml:5: an entity must have a text and a name"),
        ("- fly to [Rome]{city}", r"nlu\.yml:5: the braces of an entity must hold JSON"),
        ("- ", r"nlu\.yml:5: the example is empty"),
        ("fly to Rome", r"nlu\.yml:5: an example must begin with `- `"),
    ],
)
def test_a_bad_example_has_its_line(tmp_path: pathlib.Path, line: str, message: str) -> None:
    content = f"nlu:\n- intent: fly\n  examples: |\n    - ok\n    {line}\n    - fine\n"
    path = write(tmp_path / "nlu.yml", content)
    with pytest.raises(DataError, match=message):
        read_rows(path)
    assert [row.text for row in read_rows(path, skip_bad_rows=True).all] == ["ok", "fine"]


def test_brackets_without_a_name_are_text(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "nlu.yml", "nlu:\n- intent: a\n  examples: |\n    - play [x] (live)\n")
    assert read_rows(path).all[0].text == "play [x] (live)"


def test_markdown_of_rasa_1(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path / "nlu.md",
        "## intent:fly\n- to [Rome](city:ROM)\n\n## synonym:ROM\n- Roma\n\n## intent:hi\n* hello\n",
    )
    rows = read_rows(path)
    assert [(row.intent, row.text, row.source) for row in rows.all] == [
        ("fly", "to Rome", f"{path}:2"),
        ("hi", "hello", f"{path}:8"),
    ]


def rasa_json(text: str, start: int, end: int, value: str) -> str:
    entity = {"entity": "city", "start": start, "end": end, "value": value}
    example = {"text": text, "intent": "fly", "entities": [entity]}
    return json.dumps({"rasa_nlu_data": {"common_examples": [example], "entity_synonyms": []}})


def test_json_of_rasa_1(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "data.json", rasa_json("fly to Roma", 7, 11, "rome"))
    (row,) = read_rows(path).all
    assert slots(row) == [("city", "Roma")]


def test_offsets_of_rasa_json_that_count_utf_16_are_an_error(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "data.json", rasa_json("✈️🎉 to Rome now", 8, 12, "Rome"))
    with pytest.raises(DataError, match=r"data\.json:1: .* only if offsets count UTF-16 units"):
        read_rows(path)


def test_json_of_snips(tmp_path: pathlib.Path) -> None:
    chunks = [{"text": " fly to "}, {"text": "Rome ", "entity": "city", "slot_name": "to"}]
    content = {
        "entities": {"city": {"use_synonyms": True, "data": []}},
        "intents": {"fly": {"utterances": [{"data": chunks}, {"data": [{"text": "fly"}]}]}},
        "language": "fr",
    }
    path = write(tmp_path / "dataset.json", json.dumps(content, indent=1))
    first, second = read_rows(path).all
    assert (first.text, first.intent, first.slots) == (
        "fly to Rome",
        "fly",
        (SlotSpan("to", ((7, 11),)),),
    )
    assert (second.locale, second.source) == ("fr", f"{path}:23")


def test_json_of_the_published_benchmark_of_snips(tmp_path: pathlib.Path) -> None:
    chunks = [{"text": "fly to "}, {"text": "Rome", "entity": "city"}]
    path = write(tmp_path / "train_fly.json", json.dumps({"fly": [{"data": chunks}]}))
    (row,) = read_rows(path).splits["train"]
    assert (row.intent, slots(row)) == ("fly", [("city", "Rome")])


def test_yaml_of_snips(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path / "dataset.yaml",
        "---\ntype: intent\nname: turnOn\nslots:\n  - name: room\n    entity: room_name\nutterances:\n"
        '  - turn on in [room:room_name](kitchen)\n  - "[room](hall): on"\n'
        "---\ntype: entity\nname: room_name\nvalues:\n- kitchen\n",
    )
    rows = read_rows(path)
    assert [(row.text, slots(row), row.source) for row in rows.all] == [
        ("turn on in kitchen", [("room", "kitchen")], f"{path}:8"),
        ("hall: on", [("room", "hall")], f"{path}:9"),
    ]
    assert "1 entities" in rows.notes[0]


def test_yaml_that_is_broken_names_the_line(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "nlu.yml", "nlu:\n- intent: a\n  examples: |\n    - b\n - c: [\n")
    with pytest.raises(DataError, match=r"nlu\.yml:5: the file is not YAML"):
        read_rows(path)
