"""Models that are told of relations: which requests are trained, and how answers are counted."""

from __future__ import annotations

import numpy as np

from benchmarks.entity_relations import (
    KINDS,
    LISTS,
    MODELS,
    NAME,
    TRAINING,
    figures,
    is_trained,
    judged,
    kind_of,
    lists_of,
    rows_of,
)
from benchmarks.houses import DEVELOPMENT, TEST, Request, house
from benchmarks.records import read_results
from benchmarks.tables.entity_relations import TABLES
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_matches import Candidate
from pqrnn_tf.runtime.results import Parse, Slot

TEXT = "turn off the lamp in the kitchen"
REQUEST = Request(TEXT, "DEVICE", 13, 17, "lamp.1", "1", False)
NEW = Request("switch the lamp on Upstairs", "DEVICE", 11, 15, "lamp.1", "2", False)


def slot(start, end, entity):
    (one,) = Entities.from_rows([{"name": "Lamp", "id": entity}])
    own = (Candidate(one, 1.0, "exact", start, end),)
    return Slot("DEVICE", start, end, TEXT[start:end], candidates=own)


def test_a_request_comes_from_the_longest_template_that_fits():
    assert kind_of(TEXT) == 0 and is_trained(REQUEST)
    assert kind_of("turn off the lamp in Anna's room") == 3
    assert kind_of("play the chill playlist of Anna when Tom calls") == 11
    assert kind_of("play the chill playlist of the spouse of Anna") == 14
    assert not is_trained(NEW)


def test_houses_that_are_trained_on_are_no_others():
    assert set(TRAINING).isdisjoint(TEST) and set(TRAINING).isdisjoint(DEVELOPMENT)
    own = house(TRAINING[0])
    rows = rows_of(own)
    assert 20 < len(rows) < 0.8 * len(own.requests)
    assert all(row.intent == f"ASK_{row.slots[0].name}" for row in rows)
    lists = lists_of(own)
    assert tuple(lists) == LISTS and lists["no_list"] is None
    assert [bool(lists[name].relations) for name in LISTS[1:]] == [False, True]


def test_what_is_right():
    def said(*slots):
        return judged(Parse(TEXT, "ASK_DEVICE", 1.0, slots, ""), REQUEST)

    assert said(slot(13, 17, "lamp.1")) == (True, True)
    assert said(slot(13, 17, "lamp.2")) == (True, False)
    assert said(slot(13, 17, "lamp.1"), slot(25, 32, "kitchen")) == (False, True)
    assert said(slot(13, 20, "lamp.1")) == (False, True)
    assert said() == (False, False)


def test_figures_are_means_of_seeds_by_kind():
    said = [
        {name: np.array([[True, False], [own, False]]) for name in LISTS} for own in (True, False)
    ]
    found = figures([REQUEST, NEW], said)["relations"]
    assert found["trained"] == {"slots": 100.0, "entity": 50.0, "each": [[100, 100], [100, 0]]}
    assert found["new"]["slots"] == 0.0


def test_what_was_measured_is_all_there():
    found = read_results(NAME)
    assert found["rows"]["trained"] + found["rows"]["new"] > 1000
    for own in found["models"].values():
        assert set(own) == set(LISTS)
        assert all(set(KINDS) == set(kinds) for kinds in own.values())
    assert set(found["models"]) == set(MODELS) and set(TABLES) == {NAME}
