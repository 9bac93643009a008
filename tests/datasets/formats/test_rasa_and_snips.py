"""Training data of Rasa and of Snips."""

from __future__ import annotations

import json
import pathlib

import pytest

from pqrnn_tf.datasets import DataError, SlotSpan, read_rows
from pqrnn_tf.datasets.formats.found import Findings
from pqrnn_tf.datasets.formats.rasa import RASA_YAML

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


def test_the_lines_of_a_comment_in_markdown_are_no_rows(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path / "nlu.md",
        "## intent:hi <!-- a greeting -->\n- hello <!-- said by\n- all -->\n<!-- ## intent:no\n- no -->\n- hey\n",
    )
    assert [(row.intent, row.text, row.source) for row in read_rows(path).all] == [
        ("hi", "hello", f"{path}:2"),
        ("hi", "hey", f"{path}:6"),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("nlu.md", "## intent:a\n-one\n- -5 degrees\n*two\n---\n"),
        ("nlu.yml", "nlu:\n- intent: a\n  examples: |\n    -one\n    - -5 degrees\n    *two\n"),
    ],
)
def test_an_item_needs_no_blank_behind_its_dash(
    tmp_path: pathlib.Path, name: str, content: str
) -> None:
    rows = read_rows(write(tmp_path / name, content))
    assert [row.text for row in rows.all] == ["one", "-5 degrees", "two"]


def test_other_lines_of_markdown_are_bad_rows_or_noted(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path / "nlu.md",
        "# Bot\n\nText.\n\n## intent:a\n- one\ntwo\n- x <!-- y\n## Chapter\n- three\n- four\n",
    )
    rows = read_rows(path, skip_bad_rows=True)
    assert [row.text for row in rows.all] == ["one"]
    assert [(problem.line, problem.message[:26]) for problem in rows.problems] == [
        (7, "an example must begin with"),
        (8, "the comment is not closed "),
    ]
    assert rows.notes == (
        f"{path}:10: items that no heading `## intent:name` is above are not read",
    )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"entities": 5}, "`entities` must be a list"),
        ({"entities": ["str"]}, "an entity must have `entity`"),
        ({"entities": {"x": 1}}, "`entities` must be a list"),
    ],
)
def test_entities_of_rasa_json_of_another_form_are_bad_rows(
    tmp_path: pathlib.Path, more: dict, message: str
) -> None:
    data = {"common_examples": [{"text": "hi", "intent": "a", **more}]}
    path = write(tmp_path / "a.json", json.dumps({"rasa_nlu_data": data}))
    with pytest.raises(DataError, match=rf"a\.json:1: {message}"):
        read_rows(path)


def test_other_parts_of_rasa_json_of_another_form_are_errors(tmp_path: pathlib.Path) -> None:
    data = {"common_examples": [{"text": "hi", "intent": "a"}], "regex_features": 5}
    path = write(tmp_path / "a.json", json.dumps({"rasa_nlu_data": data}))
    with pytest.raises(DataError, match=r"a\.json:1: expected a list. Received: 5"):
        read_rows(path)


def test_an_empty_file_of_a_bot_does_not_stop_the_others(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "a.yml", "version: '3.1'\nnlu:\n")
    write(tmp_path / "b.yml", "nlu:\n- intent: a\n  examples: |\n    - hi\n")
    rows = read_rows(tmp_path)
    assert [row.text for row in rows.all] == ["hi"]
    assert rows.notes == (f"{tmp_path / 'a.yml'}:2: no examples, as `nlu:` is empty or missing",)


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("nlu: &a\n  intent: b\n", 2, "`nlu:` must be a list"),
        ("nlu:\n- intent: b\n", 2, "the intent 'b' has no `examples"),
        ("nlu:\n- [c]\n", 2, "expected `- intent: name`"),
        ("nlu:\n- intent: b\n  examples:\n  - {c: d}\n", 4, "an example must be a text"),
    ],
)
def test_yaml_of_rasa_of_another_form_is_a_bad_row_with_its_line(
    tmp_path: pathlib.Path, content: str, line: int, message: str
) -> None:
    found = Findings()
    RASA_YAML.read(write(tmp_path / "nlu.yml", content), found)
    assert [(problem.line, message in problem.message) for problem in found.problems] == [
        (line, True)
    ]


IMPLICIT = """\
type: intent
name: turnOn
slots:
- name: room
  entity: house_room
utterances:
- light in the [room]
- light in the [room:house_room] now
- "[room](hall) and [shade:colour]"
- "[room] please"
---
type: entity
name: house_room
values:
- kitchen
- [garden, outside]
---
type: entity
name: colour
values: [red]
"""


def test_slots_of_snips_without_a_value_take_those_of_their_entity(tmp_path: pathlib.Path) -> None:
    rows = read_rows(write(tmp_path / "a.yaml", IMPLICIT)).all
    assert [(row.text, slots(row)) for row in rows] == [
        ("light in the kitchen", [("room", "kitchen")]),
        ("light in the garden now", [("room", "garden")]),
        ("hall and red", [("room", "hall"), ("shade", "red")]),
        ("outside please", [("room", "outside")]),
    ]


@pytest.mark.parametrize(
    ("utterances", "line", "message"),
    [
        ("\n- light in the [room]", 4, r"no entity 'room' with values"),
        ("\n- light in the [room](hall", 4, "a slot is not closed"),
        (" hello", 3, "must have a list `utterances:`"),
        ("\n  light: on", 4, "must have a list `utterances:`"),
        ("", 3, "must have a list `utterances:`"),
        ("\n- hi\n- play this: now", 5, "an utterance must be a text; put it in quotes"),
    ],
)
def test_yaml_of_snips_of_another_form_is_a_bad_row_with_its_line(
    tmp_path: pathlib.Path, utterances: str, line: int, message: str
) -> None:
    path = write(tmp_path / "a.yaml", f"type: intent\nname: a\nutterances:{utterances}\n")
    with pytest.raises(DataError, match=rf"a\.yaml:{line}: .*{message}"):
        read_rows(path)


def test_an_empty_document_of_snips_is_no_bad_row(tmp_path: pathlib.Path) -> None:
    intent = "---\ntype: intent\nname: a\nutterances:\n- hi\n"
    assert len(read_rows(write(tmp_path / "a.yaml", f"---\n{intent}---\n")).all) == 1
    path = write(tmp_path / "b.yaml", f"{intent}---\nname: b\n")
    with pytest.raises(DataError, match=r"b\.yaml:7: expected `type: intent`"):
        read_rows(path)


ENTITY = "type: entity\nname: room\nvalues:\n- [kitchen, galley]\n- hall\n"
INTENT = "type: intent\nname: light\nutterances:\n- light in the [room]\n- and the [room]\n"


def test_entities_of_snips_in_files_of_their_own_had_no_values(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "a_broken.yaml", "type: entity\nname: [")
    write(tmp_path / "b_other.yml", "nlu: []\n")
    write(tmp_path / "room.yaml", ENTITY)
    for path in (write(tmp_path / "light.yaml", INTENT), tmp_path):
        rows = read_rows(path, skip_bad_rows=True)
        assert [row.text for row in rows.all] == ["light in the kitchen", "and the galley"]
        assert any("take values of room.yaml too" in note for note in rows.notes)


@pytest.mark.parametrize(
    ("name", "content", "lines"),
    [
        (
            "nlu.yml",
            "nlu:\n- intent: a\n  examples: |\n    - hi\n- intent: b\n  examples: |\n",
            [5],
        ),
        (
            "list.yml",
            "nlu:\n- intent: a\n  examples: [hi]\n- intent: b\n  examples: []\n",
            [4],
        ),
        (
            "nlu.md",
            "## intent:b\n\n## intent:a\n- hi\n\n## intent:c\n\n## synonym:d\n- e\n",
            [1, 6],
        ),
        (
            "snips.yaml",
            "type: intent\nname: b\nutterances: []\n---\ntype: intent\nname: a\nutterances:\n- hi\n",
            [2],
        ),
        (
            "snips.json",
            '{"intents":\n{"a": {"utterances": [{"data": [{"text": "hi"}]}]},\n"b": {"utterances": []}}}',
            [3],
        ),
    ],
)
def test_intents_without_phrases_were_not_told_of(
    tmp_path: pathlib.Path, name: str, content: str, lines: list[int]
) -> None:
    path = write(tmp_path / name, content)
    rows = read_rows(path)
    assert [(row.text, row.intent) for row in rows.all] == [("hi", "a")]
    said = [note for note in rows.notes if note.endswith("has no phrases here")]
    assert [note.partition(": the intent")[0] for note in said] == [f"{path}:{n}" for n in lines]
