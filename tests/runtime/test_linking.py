"""Which entity a slot means."""

from __future__ import annotations

import dataclasses
import json
import time
import unicodedata

import pytest

from pqrnn_tf.runtime import Entities, EntityError, NestedIntent, Parse, Parser, Slot
from pqrnn_tf.runtime.entity_matches import QUALITIES
from pqrnn_tf.runtime.linking import MOST, Linker, _is_letter_or_digit
from tests.golden.make_entity_links_golden import PATH, TEXTS, golden_text
from tests.tiny_models import DEV

HOME = Entities.from_rows(
    [
        {"name": "Lamp", "id": "l1", "type": "light", "relations": {"located_in": "r1"}},
        {"name": "Lamp", "id": "l2", "type": "light", "relations": {"located_in": "Living room"}},
        {"name": "Kitchen lamp", "id": "s1", "type": "scene"},
        {"name": "Kitchen", "id": "r1", "type": "room", "relations": {"on_floor": "Downstairs"}},
        {"name": "Living room", "id": "r2", "type": "room"},
        {"name": "Downstairs", "type": "floor"},
        {"name": "Anna", "type": "contact"},
        {"name": "Anna", "id": "a2", "type": "artist"},
    ]
)


def slot(text, name, words, nested=None):
    start = text.index(words)
    return Slot(name, start, start + len(words), words, nested)


def linked(text, *slots, types=None):
    parse = Parse(text, "X", 1.0, tuple(slot(text, *s) for s in slots), "")
    return Linker(HOME, types)(parse).slots


def ids(slot):
    return [candidate.id for candidate in slot.candidates]


def test_the_golden_file_is_what_the_script_makes():
    assert golden_text() == PATH.read_text(encoding="utf-8")
    cases = json.loads(PATH.read_text(encoding="utf-8"))["cases"]
    assert len(cases) == 6 * len(TEXTS)
    slots = [slot for case in cases for slot in case["slots"]]
    assert sum(bool(slot[3]) for slot in slots) > 250
    assert {one[2] for slot in slots for one in slot[3]} == {*QUALITIES}
    # Exactly between two scores of four decimals, so that rounding matters.
    assert any(one[:2] == ["x1", 0.0312] for slot in slots for one in slot[3])
    differ = sum(
        one["slots"] != other["slots"] for one, other in zip(cases[::2], cases[1::2], strict=True)
    )
    assert differ >= 10  # by vectors


def test_letters_and_digits_are_those_of_the_matcher():
    """By the frozen table: a character counts alike in every version of Python, in Java and in JavaScript."""
    known = [chr(point) for point in range(0x3000) if unicodedata.category(chr(point)) != "Cn"]
    assert [c for c in known if _is_letter_or_digit(c) != c.isalnum()] == []
    assert _is_letter_or_digit("\ue000") and not _is_letter_or_digit("\ud800")


def test_the_nearest_names_come_first():
    (one,) = linked("turn off the kithcen lamp", ("DEVICE", "kithcen lamp"))
    assert ids(one)[0] == "s1" and one.entity.quality == "typing"
    assert one.entity.score >= one.candidates[1].score
    assert (one.entity.name, one.entity.type) == ("Kitchen lamp", "scene")
    assert one.to_dict()["entity"] == {
        "id": "s1", "name": "Kitchen lamp", "type": "scene", "score": one.entity.score
    }  # fmt: skip


def test_equal_names_stay_in_the_order_of_the_list():
    (one,) = linked("turn off the lamp", ("DEVICE", "lamp"))
    assert ids(one) == ["l1", "l2"] and one.candidates[0].score == one.candidates[1].score


@pytest.mark.parametrize(
    ("room", "first"),
    [("in the kitchen", "l1"), ("in the livingroom", "l2"), ("downstairs", "l1")],
)
def test_relations_to_what_the_text_names_decide(room, first):
    text = f"turn off the lamp {room}"
    (one,) = linked(text, ("DEVICE", "lamp"))
    assert ids(one)[0] == first and one.candidates[0].score > one.candidates[1].score


def test_a_slot_that_names_an_entity_with_its_place_means_the_entity():
    (one,) = linked("turn off the lamp in the kitchen", ("DEVICE", "the lamp in the kitchen"))
    assert ids(one)[0] == "l1"


def test_types_of_slots():
    text = "call anna"
    assert ids(linked(text, ("CONTACT", "anna"))[0]) == ["Anna", "a2"]
    assert ids(linked(text, ("MUSIC_ARTIST_NAME", "anna"))[0]) == ["a2", "Anna"]
    (given,) = linked(text, ("WHO", "anna"), types={"WHO": ["artist", "band"]})
    assert ids(given) == ["a2"] and given.entity.score == 0.98
    (none,) = linked(text, ("WHO", "anna"), types={"WHO": "room"})
    assert (none.candidates, none.entity, none.to_dict()["entity"]) == ((), None, None)


def test_a_name_that_is_little_of_a_slot_is_none_of_it():
    text = "remind me to buy presents for all of the children of anna"
    assert linked(text, ("TODO", text[13:]))[0].candidates == ()
    assert ids(linked(text, ("TODO", text[13:]), types={"TODO": "contact"})[0]) == ["Anna"]


def test_slots_of_intents_in_slots_and_of_alternatives():
    text = "remind me to call anna"
    inside = NestedIntent("CREATE_CALL", (slot(text, "CONTACT", "anna"),))
    parse = Parse(text, "X", 1.0, (slot(text, "TODO", "call anna", inside),), "")
    parse = Linker(HOME)(dataclasses.replace(parse, alternatives=(parse,)))
    for one in (parse, *parse.alternatives):
        assert one.slots[0].nested.slots[0].entity.id == "Anna"


def test_there_are_so_many_candidates_at_most():
    many = Entities.from_rows({"name": "Anna", "id": str(i)} for i in range(40))
    parse = Parse("call anna", "X", 1.0, (slot("call anna", "CONTACT", "anna"),), "")
    assert ids(Linker(many)(parse).slots[0]) == [str(i) for i in range(MOST)]


def test_a_parser_knows_entities_from_when_it_is_given_them(tiny):
    parser = Parser(tiny[2])
    text = next(row.text for row in DEV if parser(row.text).slots)
    before = parser(text)
    assert parser.entities is None and before.slots[0].candidates is None
    assert "entity" not in before.to_dict()["slots"][0]
    name = before.slots[0].text
    parser.entities = [{"name": name, "id": "x", "type": "thing"}, "Something else"]
    after = parser(text)
    assert len(parser.entities) == 2 and after.slots[0].entity.id == "x"
    assert after.to_dict()["slots"][0]["entity"]["score"] == after.slots[0].entity.score
    parser.entity_types = {before.slots[0].name: "other"}
    assert parser(text).slots[0].entity is None
    parser.entities = None
    assert parser(text) == before


@pytest.mark.parametrize(
    "types", [5, None, ["contact", 3], [""], "", {"contact": 1}, b"contact", iter(["contact"])]
)
def test_types_that_are_no_texts_were_an_error_only_of_the_next_entities(tiny, types):
    parser = Parser(tiny[2])
    slot = parser.labels.slot_names[0]
    for entities in (None, ["Anna"]):
        parser.entities = entities
        with pytest.raises(TypeError, match=f"`entity_types` must give .* for '{slot}'"):
            parser.entity_types = {slot: types}
        assert parser.entity_types == {}
    with pytest.raises(TypeError, match="`entity_types` must be a mapping"):
        parser.entity_types = slot


def test_types_must_be_for_slots_of_the_model(tiny):
    parser = Parser(tiny[2])
    with pytest.raises(ValueError, match="`entity_types` must name slots.* Received: 'NONE'"):
        parser.entity_types = {"NONE": "contact"}
    with pytest.raises(EntityError, match="row 1: an entity must be a name"):
        parser.entities = [7]


def test_many_equal_names_were_compared_pair_by_pair():
    rows = [
        {"name": "Lamp", "id": f"l{i}", "type": "light", "relations": {"in": f"r{i}"}}
        for i in range(2000)
    ] + [{"name": f"Room {i}", "id": f"r{i}", "type": "room"} for i in range(2000)]
    text = "the lamp, the lamp, the lamp in room 17"
    linker = Linker(Entities.from_rows(rows), {"X": "light"})
    parse = Parse(text, "I", 1.0, (Slot("X", 4, 8, "lamp"),), "")
    before = time.process_time()
    assert linker(parse).slots[0].entity.id == "l17"
    assert time.process_time() - before < 2.0
