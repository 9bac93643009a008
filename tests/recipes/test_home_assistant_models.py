"""A model for a house: rows, cases, what a file knows, and the recogniser, on a small house of our own."""

from __future__ import annotations

import json
import pathlib
import random
import shutil
import types

import numpy as np
import pytest

from pqrnn_tf.commands.arguments import UsageError
from pqrnn_tf.datasets.formats.home_assistant import read_home_assistant
from pqrnn_tf.datasets.rows import OUT_OF_SCOPE, DataError, Example, SlotSpan
from pqrnn_tf.runtime.confidence import Rejection
from pqrnn_tf.runtime.decoding import Decoder
from pqrnn_tf.runtime.entity_files import EntityError
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.metadata import read_metadata
from pqrnn_tf.runtime.presets import model_file
from recipes.home_assistant import development, recognizer
from recipes.home_assistant import rows as rows_module
from recipes.home_assistant.carriers import AFTER, BEFORE, MEASURED, UNSEEN, carried
from recipes.home_assistant.cases import Named, is_right, read_cases
from recipes.home_assistant.development import (
    TEMPLATES,
    TESTS,
    development_cases,
    labelled_cases,
    training_templates,
)
from recipes.home_assistant.knowledge import KEY, knowledge_of
from recipes.home_assistant.make import add_to_description, write_rows_of
from recipes.home_assistant.names import LOCALES, Names
from recipes.home_assistant.outside import outside_texts
from recipes.home_assistant.published_knowledge import write_knowledge
from recipes.home_assistant.rows import draw_rows, foreign_requests, held_out_templates
from recipes.home_assistant.strict import Matcher

FILES = {
    "sentences/en/_common.yaml": "language: en\nskip_words: [please]\n",
    "sentences/en/HassTurnOn/name_only.yaml": """\
language: en
data:
  - sentences: ["(turn|switch) on [<the>] {name}", "activate {name}"]
    name_domains: default
  - sentences: ["open [<the>] {name}"]
    name_domains: [cover]
""",
    "sentences/en/HassTurnOn/area_domain.yaml": """\
language: en
data:
  - sentences: ["turn on [<the>] (light|lamp)[s] in [<the>] {area}", "[<the>] {area} (light|lamp)[s] on"]
    inferred_domain: light
  - sentences: ["turn on [<the>] fan[s] in [<the>] {area}"]
    inferred_domain: fan
""",
    "sentences/en/HassLightSet/name_brightness.yaml": """\
language: en
data:
  - sentences: ["set [<the>] {name} to {brightness}[%| percent]", "{name} {brightness_level:brightness}"]
    name_domains: [light]
""",
    "sentences/en/HassSetPosition/name_position.yaml": """\
language: en
data:
  - sentences: ["set [<the>] {name} to {position}[%| percent]"]
    name_domains: [cover]
""",
    "sentences/en/HassNevermind/default.yaml": 'language: en\ndata:\n  - sentences: ["never mind"]\n',
    "lists/en/lights.yaml": """\
lists:
  brightness: {range: {type: percentage, from: 0, to: 100}}
  position: {range: {type: percentage, from: 0, to: 100}}
  brightness_level:
    values: [{in: "(max|maximum)", out: 100}, {in: "minimum", out: 1}]
""",
    "rules/en/common.yaml": "language: en\nexpansion_rules: {the: (the|my)}\n",
    "intents.yaml": """\
HassTurnOn:
  slot_combinations:
    name_only:
      name_domain_groups: {default: [light, switch]}
""",
    "tests/en/_fixtures.yaml": """\
areas: [{name: Attic, id: attic_id}]
entities: [{name: Reading Lamp, id: light.reading}]
""",
    "tests/en/HassTurnOn/name_only.yaml": """\
language: en
entities: [{name: Desk Lamp, domain: light, area: Attic}, {name: Left Blind, domain: cover}]
tests:
  - sentences: ["turn on the desk lamp", "activate desk lamp"]
    slots: {name: Desk Lamp}
  - sentences: ["open my left blind"]
    slots: {name: Left Blind}
""",
    "tests/en/HassTurnOn/area_domain.yaml": """\
language: en
tests:
  - sentences: ["turn on the lamps in the attic"]
    slots: {area: Attic, domain: light}
""",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> pathlib.Path:
    root = tmp_path_factory.mktemp("house")
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def read(folder):
    return read_home_assistant(folder, "en")


@pytest.fixture(scope="module")
def names():
    pytest.importorskip("faker")
    return Names("en", ["the quick brown fox jumped", "nobody expected rain"], seed=2)


def test_templates_say_their_facts_and_kinds_of_devices(read):
    facts = {tuple(template.facts.items()) for template in read.templates}
    assert facts == {(), (("domain", "light"),), (("domain", "fan"),)}
    assert {template.domains for template in read.templates} == {
        (),
        ("default",),
        ("cover",),
        ("light",),
    }
    assert read.skip_words == ("please",)


def test_a_language_without_sentences_is_an_error(folder):
    with pytest.raises(DataError, match="must hold sentences/it"):
        read_home_assistant(folder, "it")


def test_a_broken_template_is_named_with_its_line(tmp_path):
    path = tmp_path / "sentences/en/HassTurnOn/x.yaml"
    path.parent.mkdir(parents=True)
    path.write_text('language: en\ndata:\n  - sentences: ["turn (on {name}"]\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"x\.yaml:3"):
        read_home_assistant(tmp_path, "en")


def test_rows_are_different_and_the_same_each_time(read, names):
    rows = draw_rows(read.templates, names, rows=200, seed=1)
    assert [row.text for row in rows] == [
        row.text for row in draw_rows(read.templates, names, rows=200, seed=1)
    ]
    plain = draw_rows(read.templates, names, rows=200, seed=1, around=0.0)
    assert len({row.text for row in plain}) == len(plain)
    assert {row.intent for row in rows} == {
        "HassTurnOn",
        "HassLightSet",
        "HassSetPosition",
        "HassNevermind",
    }
    assert len({slot.text(row.text) for row in plain for slot in row.slots}) > 150


def test_an_intent_with_free_words_has_its_share_of_the_rows(tmp_path, monkeypatch):
    file = tmp_path / "sentences/de/HassMediaSearchAndPlay/default.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(
        'language: de\ndata:\n  - sentences: ["spiel {query}[ |-]{kind}"]\n'
        "lists: {query: {wildcard: true}, kind: {values: [playlist, podcast]}}\n"
    )
    pytest.importorskip("faker")
    templates = read_home_assistant(tmp_path, "de").templates
    monkeypatch.setattr(rows_module, "FEWEST_OF_OPEN", 4.0)
    rows = draw_rows(templates, Names("de", seed=2), rows=100, seed=3, around=0.0)
    # A text in which both slots are of one word is no row, and ends nothing.
    assert len(rows) == 400
    assert all(len(row.slots) == 2 for row in rows)


def test_names_are_often_those_that_the_model_reads_for_any(names):
    rng = random.Random(1)
    drawn = [names.value("name", ("todo",), rng).lower() for _ in range(500)]
    assert drawn.count("chores") > 40


def test_of_an_intent_with_one_sentence_there_are_rows_with_phrases_around_it(read, names):
    rows = [
        row
        for row in draw_rows(read.templates, names, rows=50, seed=1)
        if row.intent == "HassNevermind"
    ]
    assert len({row.text for row in rows}) > 40
    assert all("never mind" in row.text for row in rows)
    # Most have a phrase around them, and a fair share is what people say most often.
    assert 0.25 < sum(row.text == "never mind" for row in rows) / len(rows) < 0.5


def test_a_template_with_few_sentences_has_its_share_of_an_intent_with_many(tmp_path):
    file = tmp_path / "sentences/en/HassRespond/default.yaml"
    file.parent.mkdir(parents=True)
    many = " ".join(f"(a|b|c|d)[{one}]" for one in "uvwxyz")
    file.write_text(f'language: en\ndata:\n  - sentences: ["hello"]\n  - sentences: ["{many}"]\n')
    pytest.importorskip("faker")
    templates = read_home_assistant(tmp_path, "en").templates
    rows = draw_rows(templates, Names("en", seed=2), rows=300, seed=3)
    greeted = [row.text for row in rows if row.template == templates[0].source]
    assert len(greeted) == 75
    assert all("hello" in text for text in greeted)
    assert 20 < greeted.count("hello") < 40


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_phrases_of_every_language_leave_slots_where_they_are(language):
    row = Example("abc Lampe xyz", "X", (SlotSpan("name", ((4, 9),)),), locale=language)
    for seed in range(40):
        said = carried(row, random.Random(seed))
        assert said.slots[0].text(said.text) == "Lampe"
        assert said.text != row.text
    assert BEFORE[language] and AFTER[language] and len(MEASURED[language]) > UNSEEN
    assert all(phrase.count("{}") == 1 for phrase in MEASURED[language])


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_names_of_every_language_are_many(language):
    pytest.importorskip("faker")
    source = Names(language, seed=1)
    rng = random.Random(1)
    for name in ("name", "area", "floor", "todo_list_item"):
        values = {source.value(name, ("light",), rng) for _ in range(100)}
        assert len(values) > 40
        assert all(value.strip() == value != "" for value in values)


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_requests_to_others_have_templates_in_every_language(language):
    values = {name: ("eins", "zwei", "drei") for name in ("words", "place", "person", "number")}
    texts = outside_texts(language, values, rows=60, seed=1)
    assert len(texts) == len(set(texts)) > 40
    assert not any("{" in text for text in texts)


def test_requests_of_other_corpora_that_a_house_understands_are_left_out():
    rows = [Example("play jazz", "play_music", ()), Example("pay my bill", "pay_bill", ())]
    assert foreign_requests(rows) == ["pay my bill"]


def test_cases_have_the_house_of_their_file_or_of_the_fixtures(folder):
    cases = read_cases(folder, "en")
    assert [case.text for case in cases] == [
        "turn on the lamps in the attic",
        "turn on the desk lamp",
        "activate desk lamp",
        "open my left blind",
    ]
    assert cases[0].house == (
        Named("area", "attic_id", "Attic"),
        Named("name", "light.reading", "Reading Lamp", "light"),
    )
    assert Named("name", "light.desk_lamp", "Desk Lamp", "light", "Attic") in cases[1].house
    assert cases[1].slots == {"name": "Desk Lamp"}
    assert read_cases(folder, "de") == []


@pytest.mark.parametrize(
    ("found", "expected", "right"),
    [
        ({"name": "desk  lamp"}, {"name": "Desk Lamp"}, True),
        ({"name": "Desk Lamp", "domain": "light"}, {"name": "Desk Lamp"}, True),
        ({"name": "Desk Lamp"}, {"name": "Desk Lamp", "domain": "light"}, False),
        ({"name": "Desk Lamp", "area": "x"}, {"name": "Desk Lamp"}, False),
        ({"name": "Smith, Jones and Co."}, {"name": "smith jones and co"}, True),
        ({"brightness": 50}, {"brightness": 50}, True),
        ({"brightness": "50"}, {"brightness": 50}, False),
        ({"name": "b"}, {"name": ["a", "b"]}, True),
        ({"device_class": ["a", "b"]}, {"device_class": ["a", "b"]}, True),
        ({}, {"name": "a"}, False),
    ],
)
def test_what_is_right(found, expected, right):
    assert is_right(found, expected) is right


def test_hassil_understands_the_cases(folder):
    matcher = Matcher(folder, "en")
    for case in read_cases(folder, "en"):
        found = matcher.recognize(case.text, case.house)
        assert found.intent.name == case.intent
        assert is_right(matcher.values(found), case.slots)
    assert matcher.recognize("set the desk lamp to 5%", case.house).intent.name == "HassLightSet"
    assert matcher.recognize("set left blind to 5%", case.house).intent.name == "HassSetPosition"
    assert matcher.recognize("sing a song", case.house) is None


def test_development_rows_have_the_places_of_the_slots(folder):
    cases, kind = development_cases(folder, "en")
    assert kind == TESTS
    rows = labelled_cases(folder, "en", cases)
    assert not any(row.problem for row in rows)
    assert [[slot.text(row.text) for slot in row.slots] for row in rows] == [
        ["attic"],
        ["desk lamp"],
        ["desk lamp"],
        ["left blind"],
    ]


def test_without_tests_whole_templates_are_held_out(folder, tmp_path, names, read):
    other = shutil.copytree(folder, tmp_path / "other")
    shutil.rmtree(other / "tests")
    cases, kind = development_cases(other, "en")
    assert (cases, kind) == ([], TEMPLATES)  # of so few templates a share of 8 % is none
    held = held_out_templates(read.templates, share=0.5)
    assert held and held < {template.source for template in read.templates}
    elsewhere = read_home_assistant(other, "en").templates
    assert {pathlib.Path(source).name for source in held} == {
        pathlib.Path(source).name for source in held_out_templates(elsewhere, share=0.5)
    }
    of_one = [t for t in read.templates if t.intent in ("HassNevermind", "HassSetPosition")]
    assert not held_out_templates(of_one, share=0.5)
    assert training_templates(read.templates, tested=True) == list(read.templates)


def test_held_out_sentences_are_what_hassil_understands(folder, tmp_path, names, monkeypatch):
    other = shutil.copytree(folder, tmp_path / "other")
    shutil.rmtree(other / "tests")
    monkeypatch.setattr(development, "SHARE", 0.5)
    cases, _ = development_cases(other, "en")
    assert len(cases) > 20
    matcher = Matcher(other, "en")
    for case in cases[:20]:
        assert matcher.recognize(case.text, case.house).intent.name == case.intent
        assert len(case.house) > len(case.slots)


def test_names_in_compounds_and_signs_of_numbers_in_words_are_right(tmp_path, monkeypatch):
    pytest.importorskip("faker")
    file = tmp_path / "sentences/nl/HassSetVolumeRelative/area_only.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(
        "language: nl\ndata:\n"
        '  - sentences:\n      - "{area}volume {up:step} hoger"\n      - "{area}volume {down:step} lager"\n'
        "lists:\n  up: {range: {from: 0, to: 90, type: percentage}}\n"
        "  down: {range: {from: 0, to: 90, type: percentage, multiplier: -1}}\n"
    )
    monkeypatch.setattr(
        development, "held_out_templates", lambda some, share: {one.source for one in some}
    )
    monkeypatch.setattr(development, "_SENTENCES", 60)
    cases, _ = development_cases(tmp_path, "nl")
    assert any(not any(map(str.isdigit, case.text)) for case in cases)
    for case in cases:
        assert (case.slots["step"] < 0) == (case.slots["step"] != 0 and case.text.endswith("lager"))
        assert not case.slots["area"].endswith("volume")


def test_rows_and_knowledge_are_written(folder, tmp_path):
    pytest.importorskip("faker")
    write_rows_of(folder, "en", tmp_path, general=None, rows=60)
    training = [json.loads(line) for line in (tmp_path / "train.jsonl").open(encoding="utf-8")]
    development = [json.loads(line) for line in (tmp_path / "dev.jsonl").open(encoding="utf-8")]
    assert {row["intent"] for row in training} >= {"HassTurnOn", OUT_OF_SCOPE}
    tested = {row["text"] for row in development}
    assert "turn on the desk lamp" in tested
    assert not tested & {row["text"] for row in training}
    assert json.loads((tmp_path / "knowledge.json").read_text())[KEY]["language"] == "en"


def test_a_file_knows_lists_devices_and_facts(folder, read):
    known = knowledge_of(folder, "en", read)
    assert known["lists"]["brightness"] == {"range": [0, 100, 1]}
    assert known["lists"]["brightness_level"]["values"] == {
        "max": 100,
        "maximum": 100,
        "minimum": 1,
    }
    devices = {use["intent"]: use["domains"] for use in known["uses"] if use["list"] == "name"}
    assert devices == {
        "HassLightSet": ["light"],
        "HassSetPosition": ["cover"],
        "HassTurnOn": ["cover", "light", "switch"],
    }
    weights = known["facts"]["HassTurnOn"]["domain"]["area"]
    assert weights["light"]["lamp"] > 1 > -1 > weights["fan"]["lamp"]
    assert json.loads(json.dumps(known)) == known


class Said:
    """A parser that says what a test wants of the words that it reads."""

    def __init__(self, knowledge, slots, intents, strength=9.0):
        self._strength = strength
        tags = ("O", *(f"{kind}-{name}" for name in sorted(set(slots.values())) for kind in "BI"))
        self.labels = LabelSet(intents=tuple(intents), tags=tags)
        self.metadata = types.SimpleNamespace(extra={KEY: knowledge})
        self.decoder = Decoder(self.labels, rejection=Rejection({"highest": 1.0}, -5.0, "", {}))
        self.read = ""
        self._slots, self._intents, self._tags = slots, intents, tags

    def logits(self, text):
        self.read = text
        words = []
        at = 0
        for word in text.split():
            at = text.index(word, at)
            words.append((at, at + len(word)))
            at += len(word)
        slots = np.full((len(words), len(self._tags)), -9.0)
        slots[:, 0] = 0.0
        for own, name in self._slots.items():
            first = text.find(own)
            for place, (start, _) in enumerate(words):
                if first >= 0 and first <= start < first + len(own):
                    tag = f"{'B' if start == first else 'I'}-{name}"
                    slots[place, self._tags.index(tag)] = self._strength
        return {
            "intent": np.array(list(self._intents.values()), float),
            "slots": slots,
            "spans": np.array(words),
            "length": np.array(len(words)),
            "truncated": np.array(False),
        }


HOUSE = (
    Named("name", "light.desk", "Desk Lamp", "light"),
    Named("name", "cover.blind", "Left Blind", "cover"),
    Named("area", "attic_id", "Attic"),
    Named("area", "desk_id", "Desk"),
)


@pytest.fixture
def recognised(monkeypatch, folder, read):
    """Calls the recogniser with what the model says: slots by the words that it reads, and logits of intents."""

    def recognise(text, slots, intents, house=HOUSE, sentences=(), strength=9.0):
        said = Said(knowledge_of(folder, "en", read, sentences), slots, intents, strength)
        monkeypatch.setattr(recognizer, "Parser", lambda model: said)
        found = recognizer.Recognizer("x", recognizer.house_of(house)).recognize(text)
        return found, said.read

    return recognise


def test_a_name_is_the_device_of_the_house(recognised):
    house = (Named("name", "light.x7", "Quizzical Zebra", "light"),)
    text = "turn on the quizzical zebra now"
    found, model_read = recognised(text, {"desk lamp": "name"}, {"HassTurnOn": 5}, house)
    assert model_read == "turn on the desk lamp now"
    assert found.intent == "HassTurnOn"
    assert found.slots["name"].value == "Quizzical Zebra"
    assert found.slots["name"].text == "quizzical zebra"
    assert text[found.slots["name"].start : found.slots["name"].end] == "quizzical zebra"
    assert found.to_dict()["entities"]["name"] == {"id": "light.x7", "domain": "light"}


def test_the_longest_name_counts(recognised):
    found, _ = recognised("turn on desk lamp", {"desk lamp": "name"}, {"HassTurnOn": 5})
    assert {name: one.value for name, one in found.slots.items()} == {"name": "Desk Lamp"}


def test_a_name_with_a_typing_error(recognised):
    found, model_read = recognised("open left bilnd", {"left curtain": "name"}, {"HassTurnOn": 5})
    assert model_read == "open left curtain"
    assert found.slots["name"].value == "Left Blind"


def test_a_name_of_common_words_counts_where_the_model_says_so(recognised):
    house = (Named("name", "light.l", "Light", "light"), Named("area", "a", "Attic"))
    text = "turn on the light in the attic"
    scores = {"HassTurnOn": 5}
    found, _ = recognised(text, {"kitchen": "area"}, scores, house)
    assert {name: one.value for name, one in found.slots.items()} == {
        "area": "Attic",
        "domain": "light",
    }
    found, _ = recognised("turn on the light", {"light": "name"}, scores, house)
    assert found.slots["name"].value == "Light"


@pytest.mark.parametrize(
    ("name", "known", "intent", "slot"),
    [
        ("desk lamp", "desk lamp", "HassLightSet", "brightness"),
        ("left blind", "left curtain", "HassSetPosition", "position"),
    ],
)
def test_the_device_decides_what_words_leave_open(recognised, name, known, intent, slot):
    scores = {"HassLightSet": 3.0, "HassSetPosition": 2.0, "HassTurnOn": -4.0}
    found, _ = recognised(f"set {name} to 50 %", {known: "name", "50": slot}, scores)
    assert found.intent == intent
    assert found.slots[slot].value == 50


@pytest.mark.parametrize(
    ("words", "value"),
    [("fifty-two", 52), ("7", 7), ("maximum", 100), ("maximun", 100), ("sixpercent", 6)],
)
def test_values_of_numbers_and_lists(recognised, words, value):
    slots = {"desk lamp": "name", words: "brightness"}
    found, _ = recognised(f"set desk lamp to {words}", slots, {"HassLightSet": 3})
    assert found.slots["brightness"].value == value


def test_words_that_no_list_has_are_no_value(recognised):
    slots = {"desk lamp": "name", "purple": "brightness"}
    found, _ = recognised("set desk lamp to purple", slots, {"HassLightSet": 3})
    assert set(found.slots) == {"name"}


@pytest.mark.parametrize(
    ("text", "slots", "intent", "expected"),
    [
        # All words are a value of a list of another slot.
        ("put on desk lamp to maximum", {"maximum": "name"}, "HassLightSet", {"brightness": 100}),
        # A device of the house is what it is.
        ("put on desk lamp", {"desk lamp": "name"}, "HassTurnOn", {}),
    ],
)
def test_words_of_another_slots_list_are_of_that_slot(recognised, text, slots, intent, expected):
    found, _ = recognised(text, slots, {intent: 3})
    assert {name: one.value for name, one in found.slots.items()} == {
        "name": "Desk Lamp",
        **expected,
    }


def test_a_value_of_a_list_at_the_end_of_free_words_is_cut_off(folder, read, monkeypatch):
    knowledge = knowledge_of(folder, "en", read)
    intent = "HassMediaSearchAndPlay"
    knowledge["uses"] += [
        {"intent": intent, "slot": "query", "list": "query", "domains": []},
        {"intent": intent, "slot": "class", "list": "class", "domains": []},
    ]
    knowledge["lists"] |= {"query": {}, "class": {"values": {"playlist": "list", "film": "movie"}}}
    knowledge["said"][intent] = ["query", "class,query"]
    for text, words, expected in (
        ("play summer hits playlist", "summer hits playlist", ("summer hits", "list")),
        ("play playlist summer", "playlist summer", ("summer", "list")),
        ("play my playlist summer", "my playlist summer", ("my playlist summer", None)),
        ("play playlist", "playlist", ("playlist", None)),
    ):
        said = Said(knowledge, {words: "query"}, {intent: 3})
        monkeypatch.setattr(recognizer, "Parser", lambda model, said=said: said)
        slots = recognizer.Recognizer("x").recognize(text).slots
        assert (slots["query"].text, slots["class"].value if "class" in slots else None) == expected


def test_an_area_begins_a_compound(recognised):
    house = (Named("area", "a", "Attic"), Named("area", "g", "Garden"))
    found, model_read = recognised(
        "turn on atticlamp", {"kitchen": "area"}, {"HassTurnOn": 3}, house
    )
    assert model_read == "turn on kitchen lamp"
    assert found.slots["area"].value == "Attic"
    assert found.slots["area"].text == "attic"
    found, model_read = recognised("turn on atticzzzqqqvvv", {"turn": "area"}, {"HassTurnOn": 3})
    assert model_read == "turn on atticzzzqqqvvv"


def test_the_last_word_of_an_area_begins_a_compound(recognised):
    house = (Named("area", "a", "Attic"), Named("area", "x", "Attic of Jo"))
    for text, name in (("turn on attic of jolamp", "Attic of Jo"), ("turn on atticlamp", "Attic")):
        found, model_read = recognised(text, {"kitchen": "area"}, {"HassTurnOn": 3}, house)
        assert model_read == "turn on kitchen lamp"
        assert found.slots["area"].value == name
    _, model_read = recognised("turn on chromattic of jolamp", {}, {"HassTurnOn": 3}, house)
    assert model_read == "turn on chromattic of jolamp"


def test_a_word_of_templates_is_no_misspelled_name(recognised):
    house = (Named("area", "o", "Oden"),)
    _, model_read = recognised("open desk lamp", {}, {"HassTurnOn": 3}, house)
    assert model_read == "open desk lamp"
    _, model_read = recognised("turn on odem", {}, {"HassTurnOn": 3}, house)
    assert model_read == "turn on kitchen"


def test_a_word_of_templates_is_no_inflected_name(recognised):
    house = (Named("name", "mower.a", "Activa", "lawn_mower"), HOUSE[0])
    found, model_read = recognised(
        "activate desk lamp", {"desk lamp": "name"}, {"HassTurnOn": 3}, house
    )
    assert model_read == "activate desk lamp"
    assert found.slots["name"].entity.id == "light.desk"


def test_a_word_of_the_language_is_no_misspelled_name(folder, read, monkeypatch):
    knowledge = knowledge_of(folder, "en", read)
    knowledge["other_words"] = ["night"]
    monkeypatch.setattr(recognizer, "Parser", lambda model: Said(knowledge, {}, {"HassTurnOn": 3}))
    house = recognizer.house_of([Named("name", "light.m", "Might", "light")])
    asked = recognizer.Recognizer("x", house)
    assert not asked._names_in("turn on blue night")
    assert asked._names_in("turn on blue mgiht")


def test_a_name_as_it_is_written_counts_before_words_that_are_nearly_another(recognised):
    house = (Named("area", "near", "onattic"), Named("area", "attic_id", "Attic"))
    found, _ = recognised("turn the lamps on attic", {"kitchen": "area"}, {"HassTurnOn": 3}, house)
    assert found.slots["area"].entity.id == "attic_id"


def test_a_name_in_a_longer_value_of_a_list_is_none(folder, read, monkeypatch):
    knowledge = knowledge_of(folder, "en", read)
    knowledge["lists"]["classes"] = {"values": {"garage door": "garage", "door": "door"}}
    use = {"intent": "HassTurnOn", "slot": "device_class", "list": "classes", "domains": ["cover"]}
    knowledge["uses"].append(use)
    knowledge["said"]["HassTurnOn"] += ["device_class", "area,device_class"]
    house = recognizer.house_of([Named("area", "g", "Garage"), Named("area", "a", "Attic")])
    said = Said(knowledge, {"garage door": "device_class", "kitchen": "area"}, {"HassTurnOn": 3})
    monkeypatch.setattr(recognizer, "Parser", lambda model: said)
    asked = recognizer.Recognizer("x", house)
    slots = asked.recognize("open the garage door in the attic").slots
    assert (slots["device_class"].value, slots["area"].value) == ("garage", "Attic")
    assert [own.start for own in asked._names_in("turn on the lamp in the garage")] == [24]


def test_rare_words_of_a_template_say_what_is_meant(tmp_path):
    lamps = "|".join(f"lamp{letter}" for letter in "abcdefghijklmnopqrstuvwxyz" for _ in range(3))
    content = f"""\
language: en
data:
  - sentences: ["(turn|switch) on (light|rareness|{lamps}|{lamps})"]
    inferred_domain: light
  - sentences: ["(turn|switch) on (the|my|our|this) fan"]
    inferred_domain: fan
"""
    path = tmp_path / "sentences/en/HassTurnOn/domain.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    known = knowledge_of(tmp_path, "en", read_home_assistant(tmp_path, "en"))
    weights = known["facts"]["HassTurnOn"]["domain"][""]["fan"]
    assert weights["rareness"] < 0


TIMES = {
    "sentences/en/HassStartTimer/time.yaml": """\
language: en
data:
  - sentences:
      - "timer for {timer_hours:hours}[ |-]hour[s] [[and] {timer_minutes:minutes}[ |-]minute[s]]"
      - "timer for {timer_minutes:minutes}[ |-]minute[s]"
      - "timer for {timer_seconds:seconds}[ |-]second[s]"
      - "timer for {timer_half:minutes} an hour"
      - "timer for {timer_half:seconds} a minute"
      - "timer for {timer_hours:hours} and [a] {timer_half:minutes} hour[s]"
      - "timer for {timer_minutes:minutes} and [a] {timer_half:seconds} minute[s]"
""",
    "lists/en/times.yaml": """\
lists:
  timer_hours: {range: {from: 1, to: 100}}
  timer_minutes: {range: {from: 1, to: 100}}
  timer_seconds: {range: {from: 1, to: 100}}
  timer_half: {values: [{in: half, out: 30}]}
""",
}


@pytest.fixture(scope="module")
def times(tmp_path_factory):
    """What a file knows of timers."""
    root = tmp_path_factory.mktemp("times")
    for name, content in TIMES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    return knowledge_of(root, "en", read_home_assistant(root, "en"))


def test_units_are_the_words_after_numbers(times):
    assert times["units"] == {
        "words": {
            word: base
            for base in ("hours", "minutes", "seconds")
            for word in (base.removesuffix("s"), base)
        },
        "parts": {"timer_half": {"hours": "minutes", "minutes": "seconds"}},
    }


@pytest.mark.parametrize(
    ("text", "slots", "expected"),
    [
        ("timer for ninety hours", {"ninety": "minutes"}, {"hours": 90}),
        ("timer for half a minute", {"half": "minutes"}, {"seconds": 30}),
        ("timer for half an hour", {"half": "seconds"}, {"minutes": 30}),
        ("timer for an hour and a half", {"half": "seconds"}, {"hours": 1, "minutes": 30}),
        (
            "timer for two and a half hours",
            {"two": "minutes", "half": "minutes"},
            {"hours": 2, "minutes": 30},
        ),
        (
            "timer for 2 hours and 5 minutes",
            {"2": "minutes", "5": "minutes"},
            {"hours": 2, "minutes": 5},
        ),
        ("timer for 5", {"5": "minutes"}, {"minutes": 5}),
        (
            "timer for 1 and a hlaf hours",
            {"1": "hours", "half": "minutes"},
            {"hours": 1, "minutes": 30},
        ),
    ],
)
def test_the_word_after_a_number_says_what_it_counts(times, monkeypatch, text, slots, expected):
    said = Said(times, slots, {"HassStartTimer": 3})
    monkeypatch.setattr(recognizer, "Parser", lambda model: said)
    found = recognizer.Recognizer("x").recognize(text)
    assert {name: own.value for name, own in found.slots.items()} == expected


def test_a_file_without_units_says_what_the_model_says(times, monkeypatch):
    old = {name: own for name, own in times.items() if name != "units"}
    said = Said(old, {"ninety": "minutes"}, {"HassStartTimer": 3})
    monkeypatch.setattr(recognizer, "Parser", lambda model: said)
    found = recognizer.Recognizer("x").recognize("timer for ninety hours")
    assert found.slots["minutes"].value == 90


def test_a_number_that_no_word_calls_up_or_down_is_no_step(folder, read, monkeypatch):
    knowledge = knowledge_of(folder, "en", read)
    knowledge["lists"] |= {"up": {"range": [0, 100, 1]}, "down": {"range": [0, 100, 1]}}
    knowledge["lists"]["down"]["multiplier"] = -1
    knowledge["uses"] += [
        {"intent": "Step", "slot": "volume", "list": "up", "domains": []},
        {"intent": "Step", "slot": "volume", "list": "down", "domains": []},
        {"intent": "Level", "slot": "volume", "list": "up", "domains": []},
    ]
    knowledge["said"] |= {"Step": ["volume"], "Level": ["volume"]}
    knowledge["facts"]["Step"] = {
        "volume:list": {"volume": {"up": {"raise": 3.0}, "down": {"lower": 3.0, "": 0.1}}}
    }
    said = Said(knowledge, {"20": "volume"}, {"Step": 3, "Level": 2.5}, strength=0.5)
    monkeypatch.setattr(recognizer, "Parser", lambda model: said)
    for text, intent, value in (
        ("volume 20", "Level", 20),
        ("raise volume 20", "Step", 20),
        ("lower volume 20", "Step", -20),
    ):
        found = recognizer.Recognizer("x").recognize(text)
        assert (found.intent, found.slots["volume"].value) == (intent, value)


def test_a_list_of_the_house_begins_a_compound(folder, read, monkeypatch):
    knowledge = knowledge_of(folder, "en", read)
    knowledge |= {"endings": {"todo": ["list"]}, "names": {"todo": "chores", "light": "desk lamp"}}
    house = recognizer.house_of(
        [Named("name", "todo.h", "Household", "todo"), Named("name", "light.d", "Desk", "light")]
    )
    for text, expected in (
        ("activate householdslist", "activate chores list"),
        ("activate household", "activate chores"),
        ("activate desklist", "activate desklist"),
    ):
        said = Said(knowledge, {}, {"HassTurnOn": 3})
        monkeypatch.setattr(recognizer, "Parser", lambda model, said=said: said)
        recognizer.Recognizer("x", house).recognize(text)
        assert said.read == expected


def test_a_value_at_the_end_of_a_compound_is_cut_off(folder, read, monkeypatch):
    knowledge = knowledge_of(folder, "en", read)
    intent = "HassMediaSearchAndPlay"
    knowledge["uses"] += [
        {"intent": intent, "slot": slot, "list": slot, "domains": []} for slot in ("query", "class")
    ]
    knowledge["lists"] |= {"query": {}, "class": {"values": {"playlist": "list"}}}
    knowledge["said"][intent] = ["query", "class,query"]
    knowledge["endings"] = {"query": ["playlist"]}
    said = Said(knowledge, {"summerplaylist": "query"}, {intent: 3})
    monkeypatch.setattr(recognizer, "Parser", lambda model: said)
    slots = recognizer.Recognizer("x").recognize("play summerplaylist").slots
    assert {name: one.text for name, one in slots.items()} == {
        "query": "summer",
        "class": "playlist",
    }


def test_words_that_templates_write_at_the_end_of_a_name(tmp_path):
    file = tmp_path / "sentences/de/HassListAddItem/name_item.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(
        'language: de\ndata:\n  - sentences: ["{item} auf die {name}[([ ]|s[ ]|-)Liste]"]\n'
        "    name_domains: [todo]\nlists: {item: {wildcard: true}}\n"
    )
    known = knowledge_of(tmp_path, "de", read_home_assistant(tmp_path, "de"))
    assert known["endings"] == {"todo": ["liste"]}


def test_a_number_that_the_model_overlooks_is_found(recognised):
    found, _ = recognised("set desk lamp to 41 %", {"desk lamp": "name"}, {"HassLightSet": 3})
    assert found.slots["brightness"].value == 41


def test_a_number_that_the_model_overlooks_is_found_where_there_may_be_none(
    folder, read, monkeypatch
):
    knowledge = knowledge_of(folder, "en", read)
    knowledge["said"]["HassLightSet"].append("name")
    said = Said(knowledge, {"desk lamp": "name"}, {"HassLightSet": 3})
    monkeypatch.setattr(recognizer, "Parser", lambda model: said)
    asked = recognizer.Recognizer("x", recognizer.house_of(HOUSE))
    assert asked.recognize("set desk lamp 41") is None  # there are words for it too
    knowledge["uses"] = [use for use in knowledge["uses"] if use["list"] != "brightness_level"]
    asked = recognizer.Recognizer("x", recognizer.house_of(HOUSE))
    assert asked.recognize("set desk lamp 41").slots["brightness"].value == 41


def test_of_a_value_of_several_lists_that_of_the_device_counts(folder, read, monkeypatch):
    knowledge = knowledge_of(folder, "en", read)
    knowledge["lists"] |= {"a": {"values": {"off": "closed"}}, "b": {"values": {"off": "off"}}}
    knowledge["uses"] += [
        {"intent": "HassTurnOn", "slot": "state", "list": "a", "domains": ["cover"]},
        {"intent": "HassTurnOn", "slot": "state", "list": "b", "domains": ["light"]},
    ]
    knowledge["said"]["HassTurnOn"].append("name,state")
    for name, known, value in (
        ("desk lamp", "desk lamp", "off"),
        ("left blind", "left curtain", "closed"),
    ):
        # The model sees a word too many.
        said = Said(knowledge, {known: "name", "is off": "state"}, {"HassTurnOn": 3})
        monkeypatch.setattr(recognizer, "Parser", lambda model, said=said: said)
        found = recognizer.Recognizer("x", recognizer.house_of(HOUSE)).recognize(f"{name} is off")
        assert found.slots["state"].value == value


def test_values_end_where_words_of_thai_and_numbers_end(folder, read, monkeypatch):
    knowledge = knowledge_of(folder, "en", read)
    knowledge["uses"] += [{"intent": "Start", "slot": "item", "list": "item", "domains": []}]
    knowledge["uses"] += [{"intent": "Start", "slot": "part", "list": "brightness", "domains": []}]
    knowledge["lists"]["item"] = {}
    knowledge["said"] = {}
    monkeypatch.setattr(
        recognizer, "Parser", lambda model: Said(knowledge, {"x": "item"}, {"Start": 1})
    )
    asked = recognizer.Recognizer("x")
    for text, slot, words, whole in (
        ("แจ่มใส", "item", "แจ่มใ", "แจ่มใส"),
        ("แต่ ก", "item", "แ", "แต่"),
        ("เป็น 26.5", "part", "26", 26.5),
    ):
        start = text.index(words)
        value, *_ = asked._value(text, "Start", slot, start, start + len(words), "", {})
        assert value == whole


@pytest.mark.parametrize(
    ("text", "sentences", "expected"),
    [
        ("trun on the desk lamp", (), "turn on the desk lamp"),
        ("tern on the desk lamp", (), "tern on the desk lamp"),
        ("turm on the desk lamp", ["a tern is a bird"] * 3, "turn on the desk lamp"),
        ("tern on the desk lamp", ["a tern is a bird"] * 3, "tern on the desk lamp"),
    ],
)
def test_words_with_a_typing_error_are_read_as_words_of_templates(
    recognised, text, sentences, expected
):
    slots = {"desk lamp": "name"}
    found, model_read = recognised(text, slots, {"HassTurnOn": 5}, sentences=sentences)
    assert model_read == expected
    assert found.slots["name"].text == "desk lamp"
    assert text[found.slots["name"].start : found.slots["name"].end] == "desk lamp"


def test_words_of_a_slot_that_may_be_anything_are_no_misspelled_ones(folder, read, monkeypatch):
    knowledge = knowledge_of(folder, "en", read, ["no such word"])
    knowledge["uses"] += [{"intent": "Start", "slot": "timer", "list": "timer", "domains": []}]
    knowledge["lists"]["timer"] = {}
    for slots, expected in (({"lapm": "timer"}, "start lapm timer"), ({}, "start lamp timer")):
        said = Said(knowledge, {**slots, "nothing": "timer"}, {"Start": 3})
        monkeypatch.setattr(recognizer, "Parser", lambda model, said=said: said)
        found = recognizer.Recognizer("x").recognize("start lapm timer")
        assert said.read == expected
        assert [one.text for one in found.slots.values()] == list(slots)


def test_tags_of_names_count_less_where_the_house_has_no_such_name(folder, read, monkeypatch):
    said = Said(
        knowledge_of(folder, "en", read), {"hall": "area", "50": "brightness"}, {"HassTurnOn": 3}
    )
    monkeypatch.setattr(recognizer, "Parser", lambda model: said)
    house = recognizer.house_of([Named("area", "h", "Hall")])
    text = "turn on hall zone 50"
    for own, expected in ((house, [3, 3, 0, 3, 3]), ((), [0, 0, 0, 0, 0])):
        asked = recognizer.Recognizer("x", own)
        before = said.logits(text)
        less = before["slots"] - asked._with_names(before, [], asked._names_in(text))["slots"]
        tags = said.labels.tags
        assert less[:, tags.index("B-area")].tolist() == expected
        assert not less[:, tags.index("B-brightness")].any()


def test_punctuation_alone_is_no_slot(recognised):
    found, _ = recognised("set desk lamp to 7 , ,", {", ,": "brightness"}, {"HassLightSet": 3})
    assert found.slots["brightness"].value == 7


def test_slots_that_no_sentence_has_together_give_way_to_the_next_parse(recognised):
    # No sentence has an area and a brightness; the model is nearly as sure of another.
    slots = {"kitchen": "area", "maximum": "brightness"}
    scores = {"HassLightSet": 3.0, "HassTurnOn": 2.9}
    found, _ = recognised("lamps maximum attic", slots, scores, strength=0.5)
    assert found.intent == "HassTurnOn"
    assert set(found.slots) == {"area", "domain"}


def test_words_of_templates_and_those_like_them(folder, read):
    known = knowledge_of(folder, "en", read, ["a tern is a bird", "one tern", "two tern bird"])
    assert set(known["words"]) >= {"turn", "lamp", "open"}
    assert known["other_words"] == ["tern"]


def test_what_is_meant_and_not_said(recognised):
    for word, domain in (("lamps", "light"), ("fans", "fan")):
        text = f"turn on the {word} in the attic"
        found, _ = recognised(text, {"kitchen": "area"}, {"HassTurnOn": 3})
        assert found.slots["domain"].value == domain
        assert found.slots["area"].entity.id == "attic_id"


def test_a_rejected_request_is_nothing(recognised):
    assert recognised("sing a song", {}, {"HassTurnOn": -9.0})[0] is None


class Distracted(Said):
    """Says something else of a text that has a word of no template, and is less sure of it."""

    surely = 0.0

    def logits(self, text):
        outputs = super().logits(text)
        distracted = "kindly" in text or "leave" in text
        at = self.labels.intents.index("HassNevermind")
        outputs["intent"][at] = self.surely if distracted else -9.0
        return outputs


def test_a_phrase_that_no_template_has_is_left_out_where_the_model_is_surer_then(
    folder, read, monkeypatch
):
    knowledge = knowledge_of(folder, "en", read)
    intents = {"HassTurnOn": 5.0, "HassNevermind": 0.0}

    def asked(text, surely):
        said = Distracted(knowledge, {"desk lamp": "name"}, intents)
        said.surely = surely
        monkeypatch.setattr(recognizer, "Parser", lambda model: said)
        return recognizer.Recognizer("x", recognizer.house_of(HOUSE)).recognize(text), said.read

    text = "would you kindly turn on the desk lamp before i leave"
    found, model_read = asked(text, 5.5)
    assert model_read == "turn on the desk lamp"
    assert found.intent == "HassTurnOn" and found.text == text
    place = found.slots["name"]
    assert text[place.start : place.end] == place.text == "desk lamp"
    assert asked(text, 12.0)[1] == text  # it is sure of the whole request
    knowledge.pop("short_words")  # a file of before
    assert asked(text, 5.5)[1] == text


@pytest.mark.parametrize(
    ("known", "left"),
    [
        ("yyyy", []),
        ("nnnn", []),
        ("nnyy", ["yy"]),
        ("nynyy", ["yy"]),
        ("nyynyn", ["yynyn", "nyy", "yy"]),
        ("yyyn", ["yyy"]),
        ("nyyn", ["yyn", "nyy", "yy"]),
        ("yyyyyyyynyyyyyyyyyyyyyyy", []),
        ("yyyyyyyyynyyyyyy", ["yyyyyyyyy"]),
        ("nyyyyyyyyyyyyy", ["yyyyyyyyyyyyy"]),
    ],
)
def test_phrases_around_a_request_reach_to_words_that_are_unknown(known, left):
    words = [(2 * i, 2 * i + 1, one == "y") for i, one in enumerate(known)]
    text = " ".join(known)
    read = []
    for cuts in recognizer._phrases_around(words):
        kept = [one for i, one in enumerate(text) if not any(a <= i < b for a, b, _ in cuts)]
        read.append("".join(kept).replace(" ", ""))
    assert read == left


@pytest.mark.parametrize(
    ("edits", "place", "moved"),
    [
        ([], (2, 5), (2, 5)),
        ([(4, 10, 4, 6)], (0, 3), (0, 3)),
        ([(4, 10, 4, 6)], (4, 6), (4, 10)),
        ([(4, 10, 4, 6)], (7, 9), (11, 13)),
        ([(4, 10, 4, 6)], (2, 5), (2, 10)),
        ([(4, 6, 4, 10)], (8, 12), (4, 8)),
        ([(4, 6, 4, 10), (8, 9, 12, 14)], (12, 15), (8, 10)),
    ],
)
def test_places_in_what_the_model_reads_are_those_of_the_request(edits, place, moved):
    assert recognizer._moved_back(edits, *place) == moved


def test_a_house_without_kinds_is_refused(recognised, folder, read, monkeypatch):
    said = Said(knowledge_of(folder, "en", read), {}, {"HassTurnOn": 3})
    monkeypatch.setattr(recognizer, "Parser", lambda model: said)
    asked = recognizer.Recognizer("x", [{"name": "Attic", "type": "area"}])
    for row in ("Attic", {"name": "Attic", "type": "room"}):
        with pytest.raises(EntityError, match="first type is one of name, area, floor.*'Attic'"):
            asked.house = [row]
    assert [entity.type for entity in asked.house] == ["area"]


def test_a_number_that_nothing_has_is_not_passed_over(recognised):
    for text, slots in (
        ("open left blind at 7", {"left curtain": "name"}),
        ("turn on lamp 7 in the attic", {"kitchen": "area"}),
    ):
        assert recognised(text, slots, {"HassTurnOn": 3})[0] is None
    house = (*HOUSE, Named("name", "light.7", "Lamp 7", "light"))
    assert recognised("turn on lamp 7", {"desk lamp": "name"}, {"HassTurnOn": 3}, house)[0]


@pytest.mark.parametrize("number", ["400", "-5", "\u22125", "101"])
def test_a_number_out_of_range_is_no_value(recognised, number):
    slots = {"desk lamp": "name", number: "brightness"}
    assert recognised(f"set desk lamp to {number} %", slots, {"HassLightSet": 3})[0] is None


def test_a_timer_may_be_longer_than_its_list(folder, read, monkeypatch):
    knowledge = knowledge_of(folder, "en", read)
    knowledge["uses"].append(
        {"intent": "Start", "slot": "minutes", "list": "minutes", "domains": []}
    )
    knowledge["lists"]["minutes"] = {"range": [1, 100, 1]}
    said = Said(knowledge, {"120": "minutes"}, {"Start": 3})
    monkeypatch.setattr(recognizer, "Parser", lambda model: said)
    found = recognizer.Recognizer("x").recognize("timer for 120 minutes")
    assert found.slots["minutes"].value == 120


def test_an_unlikely_intent_does_not_win_by_its_slots(recognised):
    # No sentence has an area and a brightness, but the model is far from sure of any other intent.
    slots = {"kitchen": "area", "maximum": "brightness"}
    scores = {"HassLightSet": 3.0, "HassTurnOn": 0.0}
    found, _ = recognised("lamps maximum attic", slots, scores, strength=0.5)
    assert found.intent == "HassLightSet"


def test_a_kind_of_device_is_the_one_that_is_called_so(folder, read, monkeypatch):
    knowledge = knowledge_of(folder, "en", read)
    house = recognizer.house_of(
        [Named("name", "light.l", "Lamp", "light"), Named("area", "a", "Attic")]
    )
    said = Said(knowledge, {"50": "brightness"}, {"HassLightSet": 3})
    monkeypatch.setattr(recognizer, "Parser", lambda model: said)
    slots = recognizer.Recognizer("x", house).recognize("set lamp to 50 %").slots
    assert slots["name"].entity.id == "light.l"
    said = Said(knowledge, {"kitchen": "area"}, {"HassTurnOn": 3})
    monkeypatch.setattr(recognizer, "Parser", lambda model: said)
    slots = recognizer.Recognizer("x", house).recognize("turn on lamp in the attic").slots
    assert set(slots) == {"area", "domain"}
    # No sentence means all switches of a place, so that it is the one of that name.
    house = recognizer.house_of(
        [Named("name", "switch.l", "Lamp", "switch"), Named("area", "a", "Attic")]
    )
    knowledge["said"]["HassTurnOn"].append("area,name")
    slots = recognizer.Recognizer("x", house).recognize("turn on lamp in the attic").slots
    assert slots["name"].entity.id == "switch.l"


def test_the_name_of_a_device_is_no_area(folder, read, monkeypatch):
    knowledge = knowledge_of(folder, "en", read)
    knowledge["uses"].append({"intent": "Heat", "slot": "area", "list": "area", "domains": []})
    said = Said(knowledge, {"quiz": "area"}, {"Heat": 3})
    monkeypatch.setattr(recognizer, "Parser", lambda model: said)
    assert recognizer.Recognizer("x").recognize("heat quiz").slots["area"].text == "quiz"
    house = recognizer.house_of([Named("name", "camera.q", "Quiz", "camera")])
    assert "area" not in recognizer.Recognizer("x", house).recognize("heat quiz").slots


def test_the_rest_of_a_compound_says_what_is_meant(recognised):
    house = (Named("area", "a", "Attic"),)
    for text, domain in (("turn on atticfans", "fan"), ("turn on atticlamps", "light")):
        found, _ = recognised(text, {"kitchen": "area"}, {"HassTurnOn": 3}, house)
        assert found.slots["domain"].value == domain


@pytest.mark.parametrize("written", ["Außenküchelamp", "AUSSENKUECHELAMP", "aussenkuechelamp"])
def test_an_area_with_umlauts_begins_a_compound(recognised, written):
    house = (Named("area", "a", "Außenküche"),)
    found, model_read = recognised(
        f"turn on {written}", {"kitchen": "area"}, {"HassTurnOn": 3}, house
    )
    assert model_read.lower() == "turn on kitchen lamp"
    assert found.slots["area"].text == written[:-4]


def test_of_a_floor_is_said_what_is_said_of_an_area(folder, read, monkeypatch):
    knowledge = knowledge_of(folder, "en", read)
    floors = {"intent": "HassTurnOn", "slot": "floor", "list": "floor", "domains": []}
    knowledge["uses"].append(floors)
    house = recognizer.house_of([Named("floor", "u", "Upstairs")])
    said = Said(knowledge, {"ground floor": "floor"}, {"HassTurnOn": 3})
    monkeypatch.setattr(recognizer, "Parser", lambda model: said)
    for text, domain in (("turn on the fans upstairs", "fan"), ("turn on what is upstairs", None)):
        slots = recognizer.Recognizer("x", house).recognize(text).slots
        assert slots["floor"].entity.id == "u"
        assert (slots["domain"].value if "domain" in slots else None) == domain


def test_a_model_of_something_else_is_refused():
    with pytest.raises(ValueError, match=r"made by recipes\.home_assistant\. Received: 'snips'"):
        recognizer.Recognizer("snips")


def test_a_description_gets_what_a_file_must_know(tmp_path):
    path = tmp_path / "model.tflite"
    shutil.copy(model_file("mtop_en_500kb"), path)
    before = read_metadata(path)
    add_to_description(path, {KEY: {"language": "en"}})
    after = read_metadata(path)
    assert after.extra == {**before.extra, KEY: {"language": "en"}}
    assert after.labels == before.labels


def test_names_of_one_thing_are_synonyms_and_ids_of_two_kinds_differ():
    house = recognizer.house_of(
        [
            Named("area", "attic", "Attic"),
            Named("area", "attic", "Loft"),
            Named("floor", "attic", "Top"),
        ]
    )
    assert [(one.name, one.id, one.synonyms) for one in house] == [
        ("Attic", "attic", ("Loft",)),
        ("Top", "floor.attic", ()),
    ]


SWITCHED = {
    "sentences/de/HassTurnOn/name_only.yaml": """\
language: de
data:
  - sentences: ["öffne [(die|das)] {name}", "[(die|das)] {name} auf"]
    name_domains: [cover]
  - sentences: ["(schließ|sperr) [(die|das)] {name}[ (zu|ab)]", "verriegel [(die|das)] {name}"]
    name_domains: [lock]
  - sentences: ["schalte [(die|das)] {name} an", "[(die|das)] {name}"]
    name_domains: [light]
""",
    "sentences/de/HassTurnOff/name_only.yaml": """\
language: de
data:
  - sentences: ["schließ [(die|das)] {name}"]
    name_domains: [cover]
  - sentences: ["(schließ|sperr) [(die|das)] {name} auf", "[(die|das)] {name} auf", "öffne [(die|das)] {name}"]
    name_domains: [lock]
  - sentences: ["schalte [(die|das)] {name} aus"]
    name_domains: [light]
""",
    "sentences/de/HassTurnOff/name_area.yaml": """\
language: de
data:
  - sentences: ["entriegel {name} [auf dem|im] {area}"]
    name_domains: [lock]
""",
}


@pytest.fixture(scope="module")
def switched(tmp_path_factory):
    """Templates in which the same verb locks a door and shuts a blind: a folder, and what a file knows of it."""
    root = tmp_path_factory.mktemp("switched")
    for name, content in SWITCHED.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    return root, knowledge_of(root, "de", read_home_assistant(root, "de"))


def test_words_of_opposite_intents_are_those_of_the_kind_of_device(switched):
    _, knowledge = switched
    assert knowledge["opposites"]["lock"] == {
        "HassTurnOff": ["auf", "auf schliess", "auf sperr", "offne"],
        "HassTurnOn": [
            *("ab schliess", "ab sperr", "schliess", "schliess zu", "sperr", "sperr zu"),
            "verriegel",
        ],
    }
    lights = {"HassTurnOff": ["aus schalte"], "HassTurnOn": ["an schalte"]}
    assert knowledge["opposites"]["light"] == lights
    assert knowledge["before_places"] == ["auf dem", "im"]


ON, OFF = "HassTurnOn", "HassTurnOff"


@pytest.mark.parametrize(
    ("domain", "text", "said", "meant"),
    [
        # `schließ die Haustür ab` was answered with what unlocks it.
        ("lock", "schließ die tür ab", OFF, ON),
        ("lock", "schließ die tür", OFF, ON),
        ("lock", "Schliess die Tür", OFF, ON),
        ("lock", "schließ die tür auf", ON, OFF),
        ("lock", "öffne die tür", ON, OFF),
        # `auf` before an area opens nothing.
        ("lock", "schließ die tür auf dem balkon ab", OFF, ON),
        ("lock", "schließ die tür auf dem balkon", OFF, ON),
        ("lock", "schließ die tür auf im garten", ON, OFF),
        ("cover", "schließ die tür auf dem balkon", ON, OFF),
        ("cover", "öffne die tür", OFF, ON),
        ("cover", "schließ die tür ab", ON, OFF),
        ("light", "schalte die tür aus", ON, OFF),
        # A lock is left alone where its templates say nothing, or single words say not what the model says.
        ("lock", "schalte die tür an", ON, None),
        ("lock", "bitte die tür", OFF, None),
        ("lock", "mach die tür ab", ON, ON),
        ("lock", "mach die tür ab", OFF, None),
        # Of a cover it is opened by what locks a lock.
        ("cover", "verriegel die tür", ON, None),
        ("cover", "verriegel die tür", OFF, OFF),
        # What the templates leave open is what the model says.
        ("light", "die tür", ON, ON),
        ("light", "die tür", OFF, OFF),
        ("light", "mach das tür hell", ON, ON),
    ],
)
def test_the_kind_of_device_decides_between_opposites(
    switched, monkeypatch, domain, text, said, meant
):
    _, knowledge = switched
    model = Said(knowledge, {"tür": "name", "Tür": "name"}, {ON: 3 if said == ON else 2, OFF: 2.5})
    monkeypatch.setattr(recognizer, "Parser", lambda name: model)
    house = recognizer.house_of([Named("name", "x.door", "Tür", domain)])
    found = recognizer.Recognizer("x", house).recognize(text)
    assert (None if found is None else found.intent) == meant
    if found is not None:
        assert found.slots["name"].entity.id == "x.door"


def test_of_devices_with_one_name_the_words_say_which(switched, monkeypatch):
    _, knowledge = switched
    monkeypatch.setattr(recognizer, "Parser", lambda name: Said(knowledge, {}, {OFF: 3, ON: 2}))
    house = recognizer.house_of(
        [Named("name", "cover.door", "Tür", "cover"), Named("name", "lock.door", "Tür", "lock")]
    )
    found = recognizer.Recognizer("x", house).recognize("schließ die tür ab")
    assert (found.intent, found.slots["name"].entity.id) == (ON, "lock.door")


def test_without_a_device_it_counts_what_the_model_says(switched, monkeypatch):
    _, knowledge = switched
    monkeypatch.setattr(recognizer, "Parser", lambda name: Said(knowledge, {}, {OFF: 2, ON: 3}))
    assert recognizer.Recognizer("x").recognize("verriegel die tür").intent == ON


def test_a_file_of_before_answers_as_before(switched, monkeypatch):
    _, knowledge = switched
    old = {name: own for name, own in knowledge.items() if name != "opposites"}
    monkeypatch.setattr(recognizer, "Parser", lambda name: Said(old, {}, {OFF: 3, ON: 2}))
    house = recognizer.house_of([Named("name", "lock.door", "Tür", "lock")])
    assert recognizer.Recognizer("x", house).recognize("schließ die tür ab").intent == OFF


def test_opposites_are_written_into_a_published_model(switched, tmp_path):
    folder, knowledge = switched
    model = shutil.copytree(model_file("home_assistant_de").parent, tmp_path / "home_assistant_de")
    before = read_metadata(model / "model.tflite")
    assert write_knowledge(model, folder) == ["cover", "light", "lock"]
    after = read_metadata(model / "model.tflite")
    names = ("opposites", "before_places", "units")
    expected = {**before.extra[KEY], **{name: knowledge[name] for name in names}}
    assert after.extra == {**before.extra, KEY: expected}
    size = (model / "model.tflite").stat().st_size
    assert json.loads((model / "scores.json").read_text(encoding="utf-8"))["bytes"] == size
    other = shutil.copytree(model_file("snips").parent, tmp_path / "snips")
    with pytest.raises(UsageError, match="has no 'home_assistant'"):
        write_knowledge(other, folder)


@pytest.mark.parametrize(
    ("language", "name", "locks"),
    [
        ("de", "Haustür", "schließ die Haustür ab"),
        ("es", "Puerta Principal", "cierra con llave la puerta principal"),
        ("it", "Porta d'ingresso", "chiudi a chiave la porta d'ingresso"),
        ("nl", "Voordeur", "doe de voordeur op slot"),
    ],
)
def test_a_published_model_locks_a_lock(language, name, locks):
    house = recognizer.house_of([Named("name", "lock.front", name, "lock")])
    assert recognizer.Recognizer(f"home_assistant_{language}", house).recognize(locks).intent == ON
