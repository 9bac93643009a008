"""Names of a list in texts."""

from __future__ import annotations

import json
import random
import threading
import unicodedata

import pytest

from pqrnn_tf.runtime.entities import LARGE, Entities
from pqrnn_tf.runtime.entity_files import Entity, EntityError
from pqrnn_tf.runtime.entity_words import (
    allowed_errors,
    is_inflected,
    is_of_letters,
    key_of,
    typing_errors,
    words_of,
)
from pqrnn_tf.runtime.parser import Parser
from tests.golden.make_entity_golden import PATH, golden_text
from tests.tflite_export.make_jvm_golden import RESOURCES


def found(entities, text):
    return [
        (text[m.start : m.end], m.entity.name, m.quality, m.errors) for m in entities.match(text)
    ]


def test_the_golden_file_is_what_the_script_makes():
    assert golden_text() == PATH.read_text(encoding="utf-8")
    cases = json.loads(PATH.read_text(encoding="utf-8"))["cases"]
    assert {m[3] for case in cases for m in case["matches"]} == {
        "exact",
        "folded",
        "inflected",
        "typing",
    }


@pytest.mark.parametrize(
    ("name", "text", "part", "quality", "errors"),
    [
        ("Anna", "call Anna", "Anna", "exact", 0),
        ("Anna", "call ANNA's phone", "ANNA", "folded", 0),
        ("Anna", "ring Ａｎｎａ up", "Ａｎｎａ", "exact", 0),
        ("José", "call jose", "jose", "folded", 0),
        ("Jose", "call JOSÉ", "JOSÉ", "folded", 0),
        ("Straße", "STRASSE 7", "STRASSE", "folded", 0),
        ("lamp", "the lamps", "lamps", "inflected", 0),
        ("Марта", "позвони марте", "марте", "inflected", 0),
        ("Kitchen lamp", "the kithcen lamps", "kithcen lamps", "typing", 1),
        ("Neighbourhood", "play nieghborhood", "nieghborhood", "typing", 2),
        ("Living room", "the livingroom", "livingroom", "typing", 1),
        ("Livingroom", "the living  room", "living  room", "typing", 1),
        ("AC/DC", "play ac dc", "ac dc", "folded", 0),
        ("Level 42", "Level  42!", "Level  42", "exact", 0),
        ("青い部屋", "青い部屋を", "青い部屋", "exact", 0),
        ("สมชาย", "โทรหาสมชาย", "สมชาย", "exact", 0),
    ],
)
def test_a_name_is_found(name, text, part, quality, errors):
    assert (part, name, quality, errors) in found(Entities.from_rows([name]), text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Anna", "call ana"),  # three letters have no errors
        ("Level 42", "level 43"),  # numbers neither
        ("Anna", "annabelle"),
        ("Living room", "living"),
        ("!!!", "play !!!"),
        ("Anna", ""),
        ("Mandeville", "mnadveilel x"),  # three errors
    ],
)
def test_a_name_is_not_found(name, text):
    assert found(Entities.from_rows([name]), text) == []


def test_composed_and_decomposed_forms_match_alike():
    entities = Entities.from_rows(["José Núñez", "नीता क़", "각도", "Ｍüller"])
    for name in ("José Núñez", "नीता क़", "각도", "Müller"):
        for form in ("NFC", "NFD", "NFKC"):
            text = unicodedata.normalize(form, f"call {name} now")
            (match,) = entities.match(text)
            assert text[match.start : match.end] == unicodedata.normalize(form, name)
            assert match.quality == "exact"


def test_longer_matches_come_first_and_overlapping_ones_are_kept():
    entities = Entities.from_rows(["lamp", "kitchen lamp", "kitchen", "lamp two"])
    assert [entry[0] for entry in found(entities, "kitchen lamp two")] == [
        "kitchen lamp",
        "lamp two",
        "kitchen",
        "lamp",
    ]


def test_a_word_that_is_a_name_is_no_typing_error_of_another():
    entities = Entities.from_rows(["Marie", "Maria", "Mario"])
    assert [m[1:3] for m in found(entities, "marie")] == [
        ("Marie", "folded"),
        ("Maria", "inflected"),
        ("Mario", "inflected"),
    ]
    assert [m[1:] for m in found(Entities.from_rows(["Stella", "Sheila"]), "stella")] == [
        ("Stella", "folded", 0)
    ]


def test_a_single_letter_is_not_joined_with_the_next_word():
    assert found(Entities.from_rows(["Марта"]), "и Марта") == [("Марта", "Марта", "exact", 0)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Living room lamp", "livingroom lamp"),
        ("Living room lamp", "living roomlamp"),
        ("Living room 2", "livingroom 2"),
        ("Bathroom lamp", "bath room lamp"),
        ("Big bathroom lamp", "big bath room lamp"),
        ("O'Brien", "obrien"),
        ("Plan B", "planb"),
    ],
)
def test_a_space_too_few_or_too_many_anywhere_in_a_name_is_one_error(name, text):
    entities = Entities.from_rows([name])
    assert found(entities, f"the {text} please") == [(text, name, "typing", 1)]


def test_an_ending_is_no_word_that_is_missing():
    entities = Entities.from_rows(["Kitchen TV", "Plan B", "Kitchen TV lamp"])
    assert not found(entities, "the kitchen lamp, the plan")


def test_the_capital_of_a_final_sigma_is_that_of_any():
    assert found(Entities.from_rows(["Κως"]), "στην ΚΩΣ") == [("ΚΩΣ", "Κως", "folded", 0)]


def test_synonyms_name_the_same_entity_once():
    entities = Entities.from_rows([{"name": "Anna", "synonyms": ["anna", "Annas"]}])
    assert found(entities, "anna") == [("anna", "Anna", "exact", 0)]


def test_random_words_are_found_as_the_rules_say():
    """The index finds what comparing with each name finds."""
    rng = random.Random(2)
    names = sorted({"".join(rng.choices("abc", k=rng.randint(2, 13))) for _ in range(200)})
    entities = Entities.from_rows(names)
    for _ in range(400):
        letters = list(rng.choice(names))
        for _ in range(rng.randint(0, 3)):
            place = rng.randrange(len(letters) + 1)
            letters[place : place + rng.randint(0, 2)] = rng.choices("abc", k=rng.randint(0, 2))
        text = "".join(letters)
        if len(text) < 2:
            continue
        expected = {n: ("exact", 0) for n in names if n == text}
        expected |= {n: ("inflected", 0) for n in names if n != text and is_inflected(text, n)}
        if not expected:
            errors = {n: typing_errors(text, n, allowed_errors(text, n)) for n in names}
            least = min((e for e in errors.values() if e is not None), default=0)
            expected = {n: ("typing", e) for n, e in errors.items() if e == least > 0}
        assert {m.entity.name: (m.quality, m.errors) for m in entities.match(text)} == expected


@pytest.mark.parametrize(
    ("a", "b", "limit", "errors"),
    [
        ("same", "same", 0, 0),
        ("form", "from", 1, 1),
        ("form", "from", 0, None),
        ("kitchen", "kithcne", 2, 2),
        ("abcd", "acbxd", 2, 2),
        ("abc", "cab", 1, None),
        ("abc", "cab", 2, 2),
        ("abcdef", "abc", 2, None),
        ("", "a", 1, 1),
    ],
)
def test_typing_errors(a, b, limit, errors):
    assert typing_errors(a, b, limit) == typing_errors(b, a, limit) == errors


def test_words_and_their_keys():
    words, _ = words_of(" Anna-Lena’s 7pm…ＯＫ")
    assert [word.text for word in words] == ["Anna", "Lena", "s", "7", "pm", "OK"]
    assert [(word.start, word.end) for word in words][-1] == (17, 19)
    assert [key_of(w) for w in ("ÀÉ", "Øre", "İz", "क़", "กำ", "هُوَ", "がぎ")] == [
        "ae",
        "ore",
        "iz",
        "क",
        "กำ",
        "هو",
        "がぎ",
    ]
    assert is_of_letters("ab") and not is_of_letters("42") and not is_of_letters("a")


def test_rows_of_all_kinds():
    entities = Entities.from_rows(
        [
            "Anna",
            {"name": " Bob ", "id": 7, "type": "contact", "synonyms": "Bobby"},
            {"name": "Lamp", "types": ["light", "switch"], "relations": {"in": ["Kitchen", "r1"]}},
            Entity("Tom", "t", ("contact",)),
            {"name": "Ada", "relations": [["knows", "Bob"]]},
        ],
        type="other",
    )
    assert list(entities) == [
        Entity("Anna", "Anna", ("other",)),
        Entity("Bob", "7", ("contact",), ("Bobby",)),
        Entity("Lamp", "Lamp", ("light", "switch"), (), (("in", "Kitchen"), ("in", "r1"))),
        Entity("Tom", "t", ("contact",)),
        Entity("Ada", "Ada", ("other",), (), (("knows", "Bob"),)),
    ]
    assert entities.types == ("contact", "light", "other", "switch")
    assert list(Entities.from_rows(e.to_dict() for e in entities)) == list(entities)
    assert (len(entities), entities[2].type, Entity("a", "a").type) == (5, "light", "")


def test_what_is_said_twice_is_joined():
    entities = Entities.from_rows(
        [
            {"name": "Anna", "id": "1", "synonyms": ["Annie"]},
            {"name": "Anna", "id": "1", "synonyms": ["Nan", "Annie"], "type": "contact"},
            {"name": "May", "type": "contact"},
            {"name": "May", "type": "month"},
            {"name": "May", "type": "month"},
        ]
    )
    assert [(e.name, e.types, e.synonyms) for e in entities] == [
        ("Anna", ("contact",), ("Annie", "Nan")),
        ("May", ("contact",), ()),
        ("May", ("month",), ()),
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (7, "row 2: an entity must be a name or a mapping"),
        ("  ", "row 2: `name` must be a text that is not empty. Received: '  '"),
        ({"id": "x"}, "row 2: `name` must be a text"),
        ({"name": "x", "room": "y"}, "row 2: an entity has the fields .* Received: 'room'"),
        ({"name": "x", "synonyms": 3}, "row 2: `synonyms` must be a text or several"),
        ({"name": "x", "synonyms": [""]}, "row 2: `synonyms` must be a text that is not empty"),
        ({"name": "x", "relations": "y"}, "row 2: `relations` must be a mapping"),
        ({"name": "x", "relations": [["a"]]}, "row 2: each of `relations` must be"),
        (
            {"name": "x", "type": "y"},
            "row 2: the type must be one of contact. Received: 'y' of 'x'",
        ),
        ({"name": "x", "id": "a1"}, "row 2: an `id` must belong to one name.* 'a1' of 'x'"),
    ],
)
def test_a_row_that_is_none_is_told(row, message):
    rows = [{"name": "Anna", "id": "a1", "type": "contact"}, row]
    with pytest.raises(EntityError, match=message):
        Entities.from_rows(rows, allowed_types=["contact"])


@pytest.mark.parametrize(
    "rows", ["house.yaml", b"house.yaml", {"contact": ["Anna"]}, bytearray(b"A"), 7, None]
)
def test_a_text_or_a_mapping_became_letters_or_keys(rows):
    with pytest.raises(
        TypeError, match=r"`rows` must be a list; `Entities\.from_file` reads a file"
    ):
        Entities.from_rows(rows)
    with pytest.raises(TypeError, match="`triples` must be a list"):
        Entities.from_rows(["Anna"], triples=rows)
    if rows is not None:
        parser = Parser(RESOURCES / "tiny.tflite")
        with pytest.raises(TypeError, match="from_file"):
            parser.entities = rows
        with pytest.raises(TypeError, match="`allowed_types` must be a list"):
            Entities.from_rows(["Anna"], allowed_types=rows)


def test_what_is_looked_for_in_less_time_is_what_a_whole_search_finds():
    rng = random.Random(3)
    letters = "aåbßce"

    def words(most):
        return " ".join(
            "".join(rng.choice(letters) for _ in range(rng.randint(1, 6)))
            for _ in range(rng.randint(1, most))
        )

    def misspelled(name):
        place = rng.randrange(len(name))
        return name[:place] + rng.choice(letters) + name[place + 1 :]

    with_errors = without = written = 0
    for number in range(60):
        entities = Entities.from_rows([words(3) for _ in range(2 + number % 12)] + ["明 天", "ไฟ"])
        names = [entity.name for entity in entities]
        for _ in range(12):
            name = rng.choice(names)
            ways = [words(2), name, rng.choice(names).upper(), misspelled(name), "明天 ไฟ"]
            text = " ".join(rng.choice(ways) for _ in range(2))
            found = entities.match(text)
            as_written = [match for match in found if match.quality in ("exact", "folded")]
            assert entities.match(text, as_written=True) == as_written, (names, text)
            typing = any(match.quality == "typing" for match in found)
            assert entities.may_have_errors(text) or not typing, (names, text)
            with_errors += typing
            without += not entities.may_have_errors(text)
            written += bool(as_written)
    assert min(with_errors, without, written) > 30
    assert not Entities.from_rows(["明天", "ไฟ"]).may_have_errors("明 天 tomorrow")


def test_no_entities_match_nothing():
    assert Entities().match("call Anna") == Entities.from_rows([]).match("x") == []
    with pytest.raises(TypeError, match="`text` must be a str. Received: bytes"):
        Entities().match(b"x")


def test_threads_share_a_list():
    entities = Entities.from_rows(["Anna", "Kitchen lamp"])
    texts = [f"call {'an' * (i % 7)}na in the kitchne lamp {i}" for i in range(300)]
    expected = [entities.match(text) for text in texts]
    shared, results = Entities.from_rows(["Anna", "Kitchen lamp"]), {}

    def work(number):
        results[number] = [shared.match(text) for text in texts]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(result == expected for result in results.values()) and len(results) == 4


def test_a_large_list_is_searched_for_fewer_errors(monkeypatch):
    assert LARGE == 100_000
    monkeypatch.setattr("pqrnn_tf.runtime.entities.LARGE", 1)
    entities = Entities.from_rows(["Neighbourhood", "Living room"])
    assert found(entities, "nieghborhood livingroom") == []
    assert [m[1:] for m in found(entities, "nieghbourhood living room")] == [
        ("Neighbourhood", "typing", 1),
        ("Living room", "folded", 0),
    ]
