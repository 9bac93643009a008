"""Home Assistant's sentences: which folders and files are taken for them, and the rows made from them."""

from __future__ import annotations

import pathlib

import pytest

from pqrnn_tf.datasets.formats.found import Findings, sample_of
from pqrnn_tf.datasets.formats.home_assistant import HASSIL, HOME_ASSISTANT
from pqrnn_tf.datasets.formats.home_assistant_tests import HASSIL_TESTS
from pqrnn_tf.datasets.recognition import format_of
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.datasets.words import cuts_word


def write(path: pathlib.Path, content: str) -> pathlib.Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


LIGHT = """\
language: en
data:
  - sentences:
      - "dim <the> {area} lights to {level:brightness} percent"
      - "[<the>] {color} lights"
    slots:
      domain: light
"""
LISTS = """\
lists:
  level:
    range: {from: 10, to: 30, step: 10, words: false}
  color:
    values:
      - red
      - in: "(navy|dark) blue"
        out: blue
  area:
    values: [hall, attic]
"""


@pytest.fixture
def house(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder with a file per intent, as Home Assistant has them."""
    write(tmp_path / "sentences/en/LightSet/area.yaml", LIGHT)
    write(
        tmp_path / "sentences/de/_common.yaml",
        "language: de\nintents:\n  Stop:\n    data:\n      - sentences: [stopp]\n",
    )
    write(tmp_path / "lists/lights.yaml", LISTS)
    write(tmp_path / "rules/en/common.yaml", "language: en\nexpansion_rules: {the: (the|my)}\n")
    write(tmp_path / "tests/en/area.yaml", "tests: []\n")
    write(tmp_path / "notes.txt", "not ours")
    return tmp_path


def read(folder: pathlib.Path, **asked: object) -> Findings:
    found = Findings(**asked)
    HOME_ASSISTANT.read(folder, found)
    return found


def read_file(path: pathlib.Path) -> Findings:
    found = Findings()
    HASSIL.read(path, found)
    return found


def slots(row: Example) -> dict[str, str]:
    return {slot.name: slot.text(row.text) for slot in row.slots or ()}


def test_a_folder_is_claimed_with_lists_rules_and_tests_but_no_stranger(
    house: pathlib.Path,
) -> None:
    claimed = [str(path.relative_to(house)) for path in HOME_ASSISTANT.claims(house)]
    assert claimed == [
        "sentences/de/_common.yaml",
        "sentences/en/LightSet/area.yaml",
        "lists/lights.yaml",
        "rules/en/common.yaml",
        "tests/en/area.yaml",
    ]
    assert len(HOME_ASSISTANT.claims(house / "sentences")) == 2
    assert not HOME_ASSISTANT.claims(house / "lists")


def test_rows_of_a_folder_have_every_text_of_its_templates(house: pathlib.Path) -> None:
    found = read(house)
    assert not found.problems
    rows = found.rows["train"]
    english = {row.text: slots(row) for row in rows if row.locale == "en"}
    assert english == {
        **{
            f"dim {the} {area} lights to {level} percent": {"area": area, "brightness": level}
            for the in ("the", "my")
            for area in ("hall", "attic")
            for level in ("10", "20", "30")
        },
        **{
            f"{the}{color} lights": {"color": color}
            for the in ("the ", "my ", "")
            for color in ("red", "navy blue", "dark blue")
        },
    }
    assert [(row.text, row.intent, row.slots) for row in rows if row.locale == "de"] == [
        ("stopp", "Stop", ())
    ]
    assert {row.intent for row in rows} == {"LightSet", "Stop"}


def test_rows_of_a_template_say_which_one(house: pathlib.Path) -> None:
    file = house / "sentences/en/LightSet/area.yaml"
    rows = read(house, languages={"en"}).rows["train"]
    assert {row.template for row in rows} == {f"{file}:4", f"{file}:5"}
    assert all(row.source == row.template for row in rows)
    assert all((row.text.startswith("dim")) == row.template.endswith(":4") for row in rows)


def test_rows_are_the_same_each_time_and_only_of_the_languages_wanted(house: pathlib.Path) -> None:
    assert read(house).rows == read(house).rows
    assert {row.locale for row in read(house, languages={"de"}).rows["train"]} == {"de"}


def test_the_folder_of_sentences_finds_lists_and_rules_beside_it(house: pathlib.Path) -> None:
    found = read(house / "sentences")
    assert (found.problems, len(found.rows["train"])) == ([], 22)


def test_a_file_is_read_with_its_own_rules_lists_and_words_to_skip(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path / "mine.yaml",
        "language: en\n"
        "skip_words: [please]\n"
        "intents:\n"
        "  Feed:\n"
        "    data:\n"
        "      - sentences: ['feed the {animal:pet}']\n"
        "        lists: {animal: {values: [cat, 'guinea pig[s]']}}\n"
        "      - sentences: ['<call> {2..3:times} times']\n"
        "        expansion_rules: {call: '(call|ring)'}\n"
        "expansion_rules: {call: never}\n",
    )
    assert HASSIL.recognises(sample_of(path))
    rows = read_file(path).rows["train"]
    assert {row.text.removeprefix("please ") for row in rows} == {
        *("feed the cat", "feed the guinea pig", "feed the guinea pigs"),
        *(f"{c} {n} times" for c in ("call", "ring") for n in ("2", "3", "two", "three")),
    }
    assert any(row.text.startswith("please ") for row in rows)
    assert {row.text[slot.start : slot.end] for row in rows for slot in row.slots or ()} == {
        *("cat", "guinea pig", "guinea pigs", "2", "3", "two", "three")
    }


def test_names_and_free_text_take_invented_values_of_the_language_and_kind(
    tmp_path: pathlib.Path,
) -> None:
    path = write(
        tmp_path / "mine.yaml",
        "language: de\n"
        "intents:\n"
        "  Unlock:\n"
        "    data:\n"
        "      - sentences: ['entsperre {name}']\n"
        "        requires_context: {domain: lock}\n"
        "  Say:\n"
        "    data:\n"
        "      - sentences: ['sag {text}']\n"
        "lists: {text: {wildcard: true}}\n",
    )
    found = read_file(path)
    rows = found.rows["train"]
    assert {row.text for row in rows if row.intent == "Unlock"} == {
        f"entsperre {name}" for name in ("Haustür", "Hintertür", "Schuppenschloss", "Gartentor")
    }
    said = {row.text for row in rows if row.intent == "Say"}
    assert "sag blauer Fluss" in said
    assert len(said) == 60
    assert found.notes == ["de: invented values fill {name}, {text}."]


def test_a_slot_inside_a_word_becomes_the_whole_word_and_says_so(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path / "mine.yaml",
        "language: de\nintents: {A: {data: [{sentences: \n['das {room}licht',\n'des {room}s']}]}}\n"
        "lists: {room: {values: [Flur]}}\n",
    )
    found = read_file(path)
    rows = found.rows["train"]
    assert {slots(row)["room"] for row in rows} == {"Flurlicht", "Flurs"}
    assert not any(cuts_word(row.text, slot.end) for row in rows for slot in row.slots or ())
    assert any("in 2 templates a slot is part of a longer word" in note for note in found.notes)


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("intents: {A: {data: [{sentences: [\n'a <b>']}]}}", 2, "there is no rule <b>"),
        ("intents: {A: {data: [{sentences: [\n'a {b}']}]}}", 2, "there is no list {b}"),
        ("intents: {A: {data: [{sentences: [\n'a (b']}]}}", 2, "expected a template"),
        ("intents:\n  A:\n    data:\n    - sentences: [yes]", 4, "sentences must be texts"),
        ("intents:\n  A: [b]", 2, "expected `intents:`"),
        (
            "intents:\n  on:\n    data:\n    - sentences: [a]",
            3,
            "the name of an intent must be a text, not True",
        ),
        ("intents:\nlists:\n  b: {values: [yes]}", 3, "the list {b} must have `values:`"),
        ("intents:\nexpansion_rules:\n  b: 5", 3, "the rule <b> must be a text"),
        ("intents: [}", 1, "the file is not YAML"),
    ],
)
def test_what_cannot_be_read_is_a_bad_row_with_its_line(
    tmp_path: pathlib.Path, content: str, line: int, message: str
) -> None:
    path = write(tmp_path / "mine.yaml", content + "\n")
    (problem,) = read_file(path).problems
    assert (problem.file, problem.line) == (str(path), line)
    assert problem.message.startswith(message) or message in problem.message


def test_other_yaml_is_not_taken_for_sentences(tmp_path: pathlib.Path) -> None:
    for content in (
        "version: '3.1'\nnlu:\n- intent: greet\n  examples: |\n    - hi\n",
        "type: intent\nname: greet\nutterances:\n  - hi\n",
        "intents:\n  - greet\n  - bye\n",
    ):
        assert not HASSIL.recognises(sample_of(write(tmp_path / "other.yml", content)))
    assert not HOME_ASSISTANT.claims(tmp_path)


def test_a_folder_named_like_a_language_does_not_hide_the_language_of_its_file(
    tmp_path: pathlib.Path,
) -> None:
    path = write(
        tmp_path / "tv/mine.yaml", "language: en\nintents: {A: {data: [{sentences: [hi]}]}}\n"
    )
    found = Findings(languages={"en"})
    HASSIL.read(path, found)
    assert [row.locale for row in found.rows["train"]] == ["en"]


TESTS = """\
language: en
entities:
  - name: Trader Joes
tests:
  - sentences:
      - "add oat milk to my trader  joes list"
      - "put Oat Milk, please, on Trader Joes"
    slots:
      item: oat milk
      name: [shop, Trader Joes]
      domain: todo
  - sentences: ["dim the oat lamp to 50%"]
    intent:
      name: LightSet
      slots: {brightness: 50, name: {value: lamp, text: the lamp}, area: oat lamp to}
"""


def read_tests(path: pathlib.Path, **asked: object) -> Findings:
    found = Findings(**asked)
    HASSIL_TESTS.read(path, found)
    return found


def test_tests_are_recognised_and_are_no_sentences(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "AddItem/name.yaml", TESTS)
    assert format_of(sample_of(path)) is HASSIL_TESTS
    assert format_of(sample_of(write(tmp_path / "light.yaml", LIGHT))) is HASSIL
    assert not HASSIL_TESTS.recognises(sample_of(write(tmp_path / "_fixtures.yaml", "areas: []\n")))


def test_rows_of_tests_have_slots_where_the_words_of_their_values_stand(
    tmp_path: pathlib.Path,
) -> None:
    path = write(tmp_path / "AddItem/name.yaml", TESTS)
    found = read_tests(path)
    assert not found.problems
    rows = found.rows["train"]
    assert [(row.intent, slots(row), row.locale) for row in rows] == [
        ("AddItem", {"item": "oat milk", "name": "trader  joes"}, "en"),
        ("AddItem", {"item": "Oat Milk", "name": "Trader Joes"}, "en"),
        # Of two slots that share words the longer one has them.
        ("LightSet", {"area": "oat lamp to", "brightness": "50"}, "en"),
    ]
    assert [row.source for row in rows] == [f"{path}:{line}" for line in (6, 7, 12)]
    assert found.notes == [
        f"{path}: the intent of tests that name none is that of the folder, AddItem.",
        f"{path}: slots whose values have no words in the text are no slots of the row: domain, name.",
    ]
    assert read_tests(path, languages=["de"]).rows == {}


@pytest.mark.parametrize(
    ("folder", "content", "line", "message"),
    [
        ("AddItem", "tests:\n  - sentences: hello\n    slots: {}\n", 2, "sentences must be a list"),
        ("AddItem", "tests:\n  - slots: {}\n", 2, "KeyError 'sentences'"),
        ("AddItem", "tests:\n  - sentences:\n      - ''\n    slots: {}\n", 3, "the text is empty"),
        ("en", "tests:\n  - sentences:\n      - stop\n", 3, "the test names no intent"),
        ("AddItem", "tests: [}\n", 1, "the file is not YAML"),
    ],
)
def test_tests_of_another_form_are_bad_rows_with_their_line(
    tmp_path: pathlib.Path, folder: str, content: str, line: int, message: str
) -> None:
    path = write(tmp_path / folder / "some.yaml", content)
    (problem,) = read_tests(path).problems
    assert (problem.file, problem.line) == (str(path), line)
    assert message in problem.message


def test_sequences_need_no_indentation(tmp_path: pathlib.Path) -> None:
    sentences = write(
        tmp_path / "A/mine.yaml", "language: en\ndata:\n- sentences:\n  - stop\n  - halt\n"
    )
    assert format_of(sample_of(sentences)) is HASSIL
    assert {row.text for row in read_file(sentences).rows["train"]} == {"stop", "halt"}
    tests = write(tmp_path / "B/mine.yaml", "tests:\n- sentences:\n  - stop\n  intent: {name: A}\n")
    assert format_of(sample_of(tests)) is HASSIL_TESTS
    assert [row.text for row in read_tests(tests).rows["train"]] == ["stop"]


def test_a_test_that_says_yes_is_no_truth_value(tmp_path: pathlib.Path) -> None:
    content = "tests:\n  - sentences: [yes, 12:30]\n    intent: {name: A, slots: {answer: yes}}\n"
    rows = read_tests(write(tmp_path / "a.yaml", content)).rows["train"]
    assert [(row.text, slots(row)) for row in rows] == [("yes", {"answer": "yes"}), ("12:30", {})]


@pytest.mark.parametrize(
    ("context", "names"),
    [
        ("requires_context: {domain: {slot: true}}\n        slots: {domain: lock}", True),
        ("requires_context: {domain: {value: lock, slot: true}}", True),
        ("requires_context: {domain: [{value: lock}]}", True),
        ("requires_context: {domain: {slot: true}}", False),
    ],
)
def test_a_context_that_fills_a_slot_names_no_domain(
    tmp_path: pathlib.Path, context: str, names: bool
) -> None:
    path = write(
        tmp_path / "mine.yaml",
        "language: de\nintents:\n  Unlock:\n    data:\n      - sentences: ['entsperre {name}']\n"
        f"        {context}\n",
    )
    found = read_file(path)
    assert not found.problems
    locks = {
        f"entsperre {name}" for name in ("Haustür", "Hintertür", "Schuppenschloss", "Gartentor")
    }
    assert ({row.text for row in found.rows["train"]} == locks) is names


WRONG_PARTS = """\
language: en
expansion_rules:
  a: 5
  the: (the|my)
lists:
  level: none
  color: {values: [red]}
intents:
  Broken: [b]
  Light:
    data:
      - [sentences]
      - sentences: dim it
      - sentences:
          - yes
          - "dim <the> {color} light"
      - requires_context: [x]
        sentences: ["ignored"]
  Stop:
    data:
      - sentences: ["stop"]
---
intents:
  Go:
    data:
      - sentences: ["go"]
"""


def test_a_part_of_a_wrong_shape_does_not_hide_those_behind_it(tmp_path: pathlib.Path) -> None:
    found = read_file(write(tmp_path / "light.yaml", WRONG_PARTS))
    rows = [row for rows in found.rows.values() for row in rows]
    assert {(row.text, row.intent) for row in rows} == {
        ("dim the red light", "Light"),
        ("dim my red light", "Light"),
        ("stop", "Stop"),
        ("go", "Go"),
    }
    assert [problem.line for problem in found.problems] == [3, 6, 9, 12, 13, 14, 17]


def test_a_test_of_a_wrong_shape_does_not_hide_those_behind_it(tmp_path: pathlib.Path) -> None:
    content = """\
tests:
  - sentences: hello
    intent: {name: A}
  - nothing
  - sentences: ["stop"]
    intent: {name: Stop}
"""
    found = Findings()
    HASSIL_TESTS.read(write(tmp_path / "x" / "tests.yaml", content), found)
    assert [row.text for rows in found.rows.values() for row in rows] == ["stop"]
    assert [problem.line for problem in found.problems] == [2, 4]


def test_sentences_without_a_language_are_read_beside_those_that_have_one(
    tmp_path: pathlib.Path,
) -> None:
    for name, language in (("a", "language: en\n"), ("b", "language: de\n"), ("c", "")):
        content = f"{language}intents:\n  Go:\n    data:\n      - sentences: [go {name}]\n"
        write(tmp_path / "sentences" / f"{name}.yaml", content)
    rows = [row for rows in read(tmp_path).rows.values() for row in rows]
    assert {(row.text, row.locale) for row in rows} == {
        ("go a", "en"),
        ("go b", "de"),
        ("go c", ""),
    }


def test_intents_without_sentences_were_not_told_of(tmp_path: pathlib.Path) -> None:
    content = "language: en\nintents:\n  A:\n    data: []\n  B:\n    data:\n      - sentences: []\n"
    path = write(tmp_path / "a.yaml", f"{content}  C:\n    data:\n      - sentences: [go]\n")
    found = Findings()
    HASSIL.read(path, found)
    assert found.notes == [
        f"{path}:{n}: the intent {i!r} has no phrases here" for n, i in ((3, "A"), (5, "B"))
    ]
