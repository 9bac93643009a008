"""Triples beside lists of entities."""

from __future__ import annotations

import pytest

from pqrnn_tf.runtime import Entities, EntityError

ROWS = [
    {"name": "Kitchen lamp", "id": "l1", "type": "light", "relations": {"wattage": "7"}},
    {"name": "Lamp", "id": "l2"},
    {"name": "Lamp", "id": "l3"},
    "Kitchen",
    {"name": "Anna", "synonyms": ["my sister"]},
]
TRIPLES = [
    ("Kitchen lamp", "located_in", "Kitchen"),
    ("l2", "located_in", "Cellar"),
    ("my sister", "is_a", "contact"),
]
FILES = {
    "house.csv": "relation,subject,object\nlocated_in,kitchen LAMP,Kitchen\n\nlocated_in,l2,Cellar\n"
    "is_a,my sister,contact\n",
    "house.tsv": "subject\trelation\tobject\nKitchen lamp\tlocated_in\tKitchen\nl2\tlocated_in\tCellar\n"
    "my sister\tis_a\tcontact\n",
    "house.yaml": "- [Kitchen lamp, located_in, Kitchen]\n- [l2, located_in, Cellar]\n"
    "- {subject: Anna, relation: is_a, object: contact}\n",
    "house.json": '[["l1", "located_in", "Kitchen"], ["l2", "located_in", "Cellar"], ["Anna", "is_a", "contact"]]',
    "house.jsonl": '["l1", "located_in", "Kitchen"]\n["l2", "located_in", "Cellar"]\n["Anna", "is_a", "contact"]\n',
}


def test_triples_are_relations_and_types():
    lamp, second, third, _, anna = Entities.from_rows(ROWS, triples=[*TRIPLES, *TRIPLES])
    assert lamp.relations == (("wattage", "7"), ("located_in", "Kitchen"))
    assert (second.relations, third.relations) == ((("located_in", "Cellar"),), ())
    assert (anna.types, anna.relations) == (("contact",), ())


@pytest.mark.parametrize("name", FILES)
def test_files_of_triples(tmp_path, name):
    (tmp_path / name).write_text(FILES[name], encoding="utf-8")
    (tmp_path / "list.json").write_text(
        '[{"name": "Kitchen lamp", "id": "l1", "type": "light", "relations": {"wattage": "7"}}, '
        '{"name": "Lamp", "id": "l2"}, {"name": "Lamp", "id": "l3"}, "Kitchen", '
        '{"name": "Anna", "synonyms": ["my sister"]}]',
        encoding="utf-8",
    )
    found = Entities.from_file(tmp_path / "list.json", triples=tmp_path / name)
    assert list(found) == list(Entities.from_rows(ROWS, triples=TRIPLES))


@pytest.mark.parametrize(
    ("triple", "message"),
    [
        (("Fan", "located_in", "Kitchen"), "triple 1: the subject.* 'Fan', which is in no list"),
        (("Lamp", "located_in", "Kitchen"), "'Lamp', the name of 2. Write the id"),
        (("l1", "located_in"), "must be a subject, a relation and an object"),
        ({"subject": "l1", "relation": "x"}, "must be a subject, a relation and an object"),
        (("l1", " ", "Kitchen"), "`relation` must be a text that is not empty"),
        (("l1", "x", 7), "`object` must be a text"),
    ],
)
def test_triples_that_cannot_be_used(triple, message):
    with pytest.raises(EntityError, match=message):
        Entities.from_rows(ROWS, triples=[triple])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", "subject,object\nl1,x\n", "t.csv:1: the first line must name the columns"),
        ("t.csv", "subject,relation,object\nl1,in,Kitchen\nl9,in,Cellar\n", "t.csv:3: the subject"),
        ("t.csv", "subject,relation,object\nl1,in\n", "t.csv:2: must have 3 cells"),
        ("t.yaml", "- [l1, in, Kitchen]\n- [l1, in]\n", "t.yaml:2: a triple must be"),
        ("t.txt", "l1 in Kitchen\n", "A file of triples must end in one of"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_line(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    (tmp_path / "list.json").write_text('[{"name": "Lamp", "id": "l1"}]', encoding="utf-8")
    with pytest.raises(EntityError, match=message):
        Entities.from_file(tmp_path / "list.json", triples=path)


def test_a_type_that_a_triple_gives_must_be_allowed():
    with pytest.raises(EntityError, match="triples: the type must be one of light"):
        Entities.from_rows(ROWS, allowed_types=["light"], triples=[("Anna", "is_a", "contact")])


def test_circles_are_allowed():
    circle = [("Anna", "knows", "l1"), ("l1", "knows", "Anna"), ("Anna", "knows", "Anna")]
    anna = Entities.from_rows(ROWS, triples=circle)[4]
    assert anna.relations == (("knows", "l1"), ("knows", "Anna"))
