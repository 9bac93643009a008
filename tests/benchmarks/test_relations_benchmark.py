"""Relations from the text on, and lists with gaps: how answers are read and counted, and what was measured."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from benchmarks.houses import SLOTS, TEST, Request
from benchmarks.records import read_results
from benchmarks.relations import METHODS, NAME, SHARES, WAYS, figures, has_name, interval, said_in
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_matches import Candidate
from pqrnn_tf.runtime.results import NestedIntent, Parse, Slot

TEXT = "turn off the lamp in the kitchen"
REQUEST = Request(TEXT, "DEVICE", 13, 17, "lamp.1", "1", False)


def slot(name, start, end, entity=None, nested=None):
    candidates = ()
    if entity is not None:
        (one,) = Entities.from_rows([{"name": "Lamp", "id": entity}])
        candidates = (Candidate(one, 1.0, "exact", start, end),)
    return Slot(name, start, end, TEXT[start:end], nested=nested, candidates=candidates)


def parse(*slots, intent="TURN_OFF"):
    return Parse(TEXT, intent, 1.0, slots, "")


def test_what_is_said_is_the_entity_of_the_first_slot_with_the_name():
    lamp, kitchen = slot("name", 13, 17, "lamp.1"), slot("area", 25, 32, "kitchen")
    assert said_in(parse(lamp, kitchen), REQUEST) == "lamp.1"
    assert said_in(parse(kitchen), REQUEST) is None
    assert said_in(parse(slot("name", 13, 20, "lamp.2"), lamp), REQUEST) == "lamp.2"
    inner = NestedIntent("GET", (lamp,))
    assert said_in(parse(slot("name", 9, 17, nested=inner)), REQUEST) == "lamp.1"
    assert said_in(parse(lamp, intent=None), REQUEST) is None  # the request is rejected


def test_a_slot_has_the_name_where_it_has_all_of_it():
    assert has_name(parse(slot("name", 9, 17)), REQUEST)
    assert not has_name(parse(slot("name", 9, 16)), REQUEST)
    assert not has_name(parse(slot("name", 9, 17), intent=None), REQUEST)


def test_intervals_are_those_of_houses():
    assert interval(np.array([5, 5, 5]), np.array([10, 10, 10])) == [50.0, 50.0, 50.0]
    whole, low, high = interval(np.array([0, 10]), np.array([10, 10]))
    assert (whole, low, high) == (50.0, 0.0, 100.0)


def test_figures_count_what_is_right_wrong_gained_and_lost():
    requests = [
        [dataclasses.replace(REQUEST, answer=str(n), slot=slot)] * 2 for n, slot in enumerate(SLOTS)
    ]
    said = [{"no_relations": ["0", "1"], "rule": [None, str(n)]} for n in range(len(SLOTS))]
    found = figures(requests, [dict.fromkeys(WAYS, own) for own in said])["parsed"]
    assert found["no_relations"]["right"] == pytest.approx(33.3)
    assert found["no_relations"]["wrong"] == pytest.approx(66.7)
    assert (found["rule"]["right"], found["rule"]["wrong"]) == (50.0, 0.0)
    assert found["no_relations"]["slots"] == {"DEVICE": 50.0, "CONTACT": 50.0, "PLAYLIST": 0.0}
    assert found["rule"]["gain"][0] == pytest.approx(16.7)
    assert found["rule"]["lost"] == pytest.approx(16.7)


def test_what_was_measured_is_what_the_document_says_of_it():
    found = read_results(NAME)
    assert found["houses"] == len(TEST) and found["rows"]["all"] > 1000
    lists = found["lists"]
    complete = lists["complete"]
    assert set(complete["parsed"]) == set(METHODS)
    for way in WAYS:
        assert complete[way]["no_list"]["right"] == 0 < complete[way]["no_relations"]["right"]
        assert complete[way]["rule"]["gain"][1] > 20
    for method in METHODS[1:]:  # a parser loses some
        assert complete["parsed"][method]["right"] < complete["given"][method]["right"]
    for kind in ("triples", "entries"):
        right = [own["parsed"]["rule"]["right"] for own in lists[kind].values()]
        assert len(right) == len(SHARES) and right == sorted(right, reverse=True)
        assert all(own["parsed"]["rule"]["gain"][1] > 0 for own in lists[kind].values())
