"""A value of another kind than expected, at any place of a file of any format, is an error with its file."""

from __future__ import annotations

import copy
import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from pqrnn_tf.datasets import DataError, read_rows

yaml = pytest.importorskip("yaml")

SLOT = {"name": "time", "start": 0, "end": 2}
FILES: dict[str, Any] = {
    "rows.jsonl": {
        "text": "at seven",
        "intent": "A",
        "slots": [SLOT],
        "tree": "[IN:A [SL:TIME at ] ]",
    },
    "rows.json": [
        {"text": "at", "intent": "a", "entities": [{**SLOT, "role": "x", "spans": [[0, 2]]}]}
    ],
    "rasa.json": {
        "rasa_nlu_data": {
            "common_examples": [
                {
                    "text": "at",
                    "intent": "a",
                    "entities": [{"entity": "time", "value": "at", "start": 0, "end": 2}],
                }
            ],
            "entity_synonyms": [{"value": "a", "synonyms": ["b"]}],
            "lookup_tables": [{"name": "a"}],
            "regex_features": [{"name": "a"}],
        }
    },
    "luis.json": {
        "luis_schema_version": "7.0.0",
        "culture": "en-us",
        "closedLists": [],
        "utterances": [
            {
                "text": "at",
                "intent": "a",
                "entities": [{"entity": "time", "startPos": 0, "endPos": 1}],
            }
        ],
    },
    "clu.json": {
        "projectFileVersion": "1",
        "metadata": {"language": "en"},
        "assets": {
            "utterances": [
                {
                    "text": "at",
                    "intent": "a",
                    "dataset": "Train",
                    "entities": [{"category": "time", "offset": 0, "length": 2}],
                }
            ]
        },
    },
    "snips.json": {
        "intents": {
            "a": {"utterances": [{"data": [{"text": "at", "slot_name": "t", "entity": "t"}]}]}
        },
        "language": "en",
    },
    "clinc.json": {"train": [["at", "a"]], "oos_train": [["b", "oos"]]},
    "massive.jsonl": {
        "utt": "at",
        "annot_utt": "[t : at]",
        "intent": "a",
        "locale": "en-US",
        "partition": "train",
        "scenario": "b",
    },
    "mtop.json": [{"question": {"en": "at"}, "mr": {"slot_intent": {"en": "[IN:A at ]"}}}],
    "mtop.jsonl": {"question": "at", "logical_form": "[IN:A at ]"},
    "rasa.yml": {
        "version": "3.1",
        "nlu": [
            {"intent": "a", "examples": "- at [seven](time)\n"},
            {"intent": "b", "examples": [{"text": "at", "metadata": {"x": "y"}}]},
            {"synonym": "c", "examples": "- d\n"},
        ],
        "responses": {"utter": [{"text": "x"}]},
    },
    "snips.yaml": {
        "type": "intent",
        "name": "a",
        "slots": [{"name": "t", "entity": "t"}],
        "utterances": ["at [t](seven)"],
    },
    "hassil.yaml": {
        "language": "en",
        "skip_words": ["please"],
        "intents": {
            "A": {
                "data": [
                    {
                        "sentences": ["at {t} <r> {1..3:n}"],
                        "lists": {"u": {"values": ["x"]}},
                        "expansion_rules": {"s": "x"},
                        "requires_context": {"domain": {"value": "lock", "slot": True}},
                        "slots": {"domain": "lock"},
                        "name_domains": ["lock"],
                        "inferred_domain": "lock",
                    }
                ]
            }
        },
        "lists": {
            "t": {"values": ["noon", {"in": "ten", "out": 10}]},
            "v": {"range": {"from": 1, "to": 3, "step": 1}},
            "w": {"wildcard": True},
        },
        "expansion_rules": {"r": "(now|then)"},
    },
    "tests.yaml": {
        "language": "en",
        "tests": [
            {
                "sentences": ["at seven"],
                "intent": {"name": "A", "slots": {"t": {"value": "seven"}, "u": ["x"]}},
            }
        ],
    },
}
WRONG = (5, None, "str", [], ["str"], [[]], {"x": 1})


def places(value: Any) -> Iterator[tuple[Any, ...]]:
    """Every place in a value."""
    yield ()
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, part in inside:
        for place in places(part):
            yield key, *place


def changed(value: Any, place: tuple[Any, ...], wrong: Any) -> Any:
    if not place:
        return wrong
    whole = copy.deepcopy(value)
    part = whole
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = wrong
    return whole


def write(path: pathlib.Path, value: Any) -> pathlib.Path:
    in_yaml = path.suffix in (".yaml", ".yml")
    written = yaml.safe_dump(value, sort_keys=False) if in_yaml else json.dumps(value)
    path.write_text(written + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", FILES)
def test_a_value_of_another_kind_is_an_error_that_names_the_file(
    tmp_path: pathlib.Path, name: str
) -> None:
    path = write(tmp_path / name, FILES[name])
    assert read_rows(path).all
    for place in places(FILES[name]):
        for wrong in WRONG:
            write(path, changed(FILES[name], place, wrong))
            try:
                rows = read_rows(path, skip_bad_rows=True)
            except DataError as error:
                assert str(path) in str(error), (place, wrong)
            else:
                assert all(problem.file == str(path) for problem in rows.problems)
                assert not any(row.intent[:1] in ("[", "{") for row in rows.all), (place, wrong)
