"""Files of entities."""

from __future__ import annotations

import pytest

from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_files import Entity, EntityError

LAMP = Entity("Lamp", "l1", ("light",), ("Light", "Lights"), (("located_in", "Kitchen"),))
ANNA = Entity("Anna", "Anna", ("contact",))
GOOD = {
    "a.csv": "name,id,type,synonyms,located_in\nLamp,l1,light,Light | Lights,Kitchen\n\nAnna,,contact,,\n",
    "a.tsv": "name\tid\ttypes\tsynonyms\tlocated_in\r\nLamp\tl1\tlight\tLight|Lights\tKitchen\r\n"
    "Anna\t\tcontact\t\t\r\n",
    "b.csv": 'type;name;id;synonyms;located_in\nlight;"Lamp";l1;Light|Lights;Kitchen\ncontact;Anna;;;\n',
    "a.json": '\ufeff[{"name": "Lamp", "id": "l1", "type": "light", "synonyms": ["Light", "Lights"],\n"relations": '
    '{"located_in": "Kitchen"}},\n {"name": "Anna", "type": "contact"} ]\n',
    "b.json": '{"light": [{"name": "Lamp", "id": "l1", "synonyms": ["Light", "Lights"], "relations": [["located_in", '
    '"Kitchen"]]}], "contact": ["Anna"]}',
    "a.jsonl": '{"name": "Lamp", "id": "l1", "type": "light", "synonyms": ["Light", "Lights"], "relations": '
    '{"located_in": ["Kitchen"]}}\n\n{"name": "Anna", "type": "contact"}\n',
    "a.yaml": "- name: Lamp\n  id: l1\n  type: light\n  synonyms: [Light, Lights]\n  relations: {located_in: Kitchen}\n"
    "- {name: Anna, type: contact}\n",
    "b.yml": "light:\n- {name: Lamp, id: l1, synonyms: [Light, Lights], relations: {located_in: Kitchen}}\n"
    "contact: [Anna]\nroom:\n",
}


def written(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("name", GOOD)
def test_every_format_gives_the_same_entities(tmp_path, name):
    assert list(Entities.from_file(written(tmp_path, name, GOOD[name]))) == [LAMP, ANNA]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\f", "\v", "\x1c"])
def test_a_row_of_a_table_was_split_where_unicode_ends_a_line(tmp_path, separator):
    for end in ("\n", "\r\n", "\r"):
        content = f"name,id{end}A{separator}B,1{end}C,2{end}"
        entities = Entities.from_file(written(tmp_path, "a.csv", content))
        assert [(e.name, e.id) for e in entities] == [(f"A{separator}B", "1"), ("C", "2")]


def test_a_quoted_cell_may_have_several_lines_and_later_lines_keep_their_numbers(tmp_path):
    path = written(tmp_path, "a.csv", 'name,id\n"A\r\nB",1\n,2\n')
    with pytest.raises(EntityError, match=r"a.csv:4: `name`"):
        Entities.from_file(path)


def test_names_one_a_line_and_several_files(tmp_path):
    names = written(tmp_path, "names.txt", "\ufeffAnna\r\n\r\n  Nur für mich \nAnna\n")
    assert [e.name for e in Entities.from_file(names)] == ["Anna", "Nur für mich"]
    both = Entities.from_file([names, written(tmp_path, "a.json", GOOD["a.json"])], type="contact")
    assert [(e.name, e.type) for e in both] == [
        ("Anna", "contact"),
        ("Nur für mich", "contact"),
        ("Lamp", "light"),
    ]


def test_yaml_values_are_texts(tmp_path):
    path = written(tmp_path, "a.yaml", "- No\n- 7\n- {name: on, id: 0x10}\n")
    assert [(e.name, e.id) for e in Entities.from_file(path)] == [
        ("No", "No"),
        ("7", "7"),
        ("on", "0x10"),
    ]


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.tsv", "a.json", "a.jsonl", "a.yaml"])
@pytest.mark.parametrize("content", ["", "\ufeff", " \n\n"])
def test_a_file_without_content_has_no_entities(tmp_path, name, content):
    assert len(Entities.from_file(written(tmp_path, name, content))) == 0


def test_lists_without_entities(tmp_path):
    for name, content in (
        ("a.json", "[ ]\n"),
        ("b.json", "{}"),
        ("a.yaml", "[]"),
        ("a.csv", "name,type\n"),
    ):
        assert len(Entities.from_file(written(tmp_path, name, content))) == 0


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.ini", "x", "must end in one of .txt, .csv"),
        ("a.txt", b"Anna\nM\xfcller\n", r"a.txt:2: not UTF-8"),
        ("a.csv", "Anna\nBob\n", r"a.csv:1: the first line must name the columns"),
        ("a.csv", "name,name\nx,y\n", r"a.csv:1: the first line must name the columns, each once"),
        ("a.csv", "name,id\nAnna\n", r"a.csv:2: must have 2 cells. Received: 1"),
        ("a.csv", 'name,id\nBob,1\n"Anna,2\n', r"a.csv:3: not a row of a table"),
        ("a.csv", "name,id\nBob,1\n,2\n", r"a.csv:3: `name` must be a text that is not empty"),
        (
            "a.csv",
            "name,type\nBob,contact\nLamp,lihgt\n",
            r"a.csv:3: the type must be one of contact",
        ),
        ("a.csv", "name,id\nBob,1\nAnna,1\n", r"a.csv:3: an `id` must belong to one name"),
        ("a.json", '[{"name": "Anna"},\n{"name": }]', r"a.json:2: not JSON"),
        ("a.json", '[{"name": "Anna"}\n{"name": "x"}]', r"a.json:2: not JSON \(expected ','"),
        ("a.json", '["Anna",\n"Bob"', r"a.json:2: not JSON \(expected ','"),
        ("a.json", '["Anna"]\nx', r"a.json:2: not JSON \(more behind the end"),
        ("a.json", '[{"name": "Anna"},\n', r"a.json:2: not JSON \(Expecting value"),
        ("a.json", '["Anna",]', r"a.json:1: not JSON \(Expecting value|Illegal trailing comma"),
        ("a.json", "\n[ ", r"a.json:2: not JSON \(Expecting value"),
        ("a.json", "[]\n]", r"a.json:2: not JSON \(more behind the end"),
        (
            "a.json",
            '{"contact": ["Anna"]}\n{"contact": ["Bob"]}',
            r"a.json:2: not JSON \(more behind the end",
        ),
        ("a.json", '{"contact": ["Anna"],', r"a.json:1: not JSON"),
        ("a.json", "[" + "1" * 5000 + "]", r"a.json:1: "),
        ("a.jsonl", '"Anna"\n' + "1" * 5000, r"a.jsonl:2: "),
        ("a.json", '["Anna",\n\n 7]', r"a.json:3: an entity must be a name"),
        ("a.json", '"Anna"', r"a.json:1: must be a list of entities"),
        ("a.json", "[" * 100_000, r"a.json:1: "),
        ("a.jsonl", '"Anna"\n{"name": "x", "room": "y"}\n', r"a.jsonl:2: an entity has the fields"),
        ("a.jsonl", '"Anna"\n{\n', r"a.jsonl:2: not JSON"),
        ("a.yaml", "- Anna\n- name: x\n  tpye: y\n", r"a.yaml:2: an entity has the fields"),
        ("a.yaml", "- Anna\n- [x\n", r"a.yaml:\d: not YAML"),
        ("a.yaml", "contact: Anna\n", r"a.yaml:1: must be a list of entities"),
        ("a.yaml", "contact:\n- Anna\n- {name: ''}\n", r"a.yaml:3: `name` must be a text"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, name, content, message):
    with pytest.raises(EntityError, match=message):
        Entities.from_file(written(tmp_path, name, content), allowed_types=["contact"])


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(EntityError, match=r"none.csv: cannot be read \(No such file"):
        Entities.from_file(tmp_path / "none.csv")


def test_many_entities_load(tmp_path):
    lines = (f"Name{i % 997} Of{i}" for i in range(3000))
    entities = Entities.from_file(written(tmp_path, "many.txt", "\n".join(lines)), type="contact")
    assert len(entities) == 3000
    assert entities.match("call name5 of2996")[0].entity.name == "Name5 Of2996"


def test_lines_of_names_may_end_in_carriage_returns(tmp_path):
    path = tmp_path / "names.txt"
    path.write_bytes(b"Anna\rBob\r\nCarl\n")
    assert [entity.name for entity in Entities.from_file(path)] == ["Anna", "Bob", "Carl"]


@pytest.mark.parametrize("path", [None, 5, b"names.txt", {"a": 1}, [None]])
def test_what_is_no_path_is_named(path):
    with pytest.raises(TypeError, match=r"path.*Received: "):
        Entities.from_file(path)


def test_a_type_that_is_no_text_is_an_error():
    with pytest.raises(TypeError, match="`type` must be a str. Received: int 5"):
        Entities.from_rows(["Anna"], type=5)


def test_relations_that_are_said_twice_count_once_without_triples_too():
    rows = [{"name": "Lamp", "relations": [("in", "Kitchen"), ("in", "Kitchen")]}]
    assert Entities.from_rows(rows)[0].relations == (("in", "Kitchen"),)


def test_the_columns_of_a_table_may_begin_with_capitals(tmp_path):
    path = tmp_path / "contacts.csv"
    path.write_text(
        "Name,Type,Synonyms,Located_In\nAnna,contact,Annie|Ann,Kitchen\n", encoding="utf-8"
    )
    (anna,) = Entities.from_file(path)
    assert (anna.name, anna.types, anna.synonyms) == ("Anna", ("contact",), ("Annie", "Ann"))
    assert anna.relations == (("Located_In", "Kitchen"),)
    path.write_text("Name,name\nAnna,Ann\n", encoding="utf-8")
    with pytest.raises(EntityError, match=r"contacts\.csv:1: .*each once"):
        Entities.from_file(path)
