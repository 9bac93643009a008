"""Houses whose requests only relations resolve."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.entity_graphs import NAME, ShortestWays, linked, parts_of
from benchmarks.houses import DEVELOPMENT, GAPS, SLOTS, TEST, house, with_gaps
from benchmarks.records import read_results
from pqrnn_tf.runtime import Entities

HOUSE = house(100)


def test_a_house_is_decided_by_its_number():
    assert house(100) == HOUSE != house(101)
    assert not set(DEVELOPMENT) & set(TEST)


def test_what_is_meant_has_a_name_that_several_have():
    called = Counter(name for row in HOUSE.rows for name in {row["name"], *row["synonyms"]})
    rows = {row["id"]: row for row in HOUSE.rows}
    for request in HOUSE.requests:
        words = request.text[request.start : request.end]
        row = rows[request.answer]
        assert row["type"] == SLOTS[request.slot]
        names = {name.lower(): name for name in (row["name"], *row["synonyms"])}
        assert called[names[words.lower()]] > 1


def test_there_are_requests_of_every_way():
    ways = Counter(part for request in HOUSE.requests for part in parts_of(request))
    assert set(ways) == {
        "all", "1", "2", "2 there and back", "3", "further name", "no further name"
    }  # fmt: skip
    assert sum(len(house(number).requests) for number in TEST) > 250


def test_lists_with_gaps_lack_some_triples():
    kept = with_gaps(HOUSE.triples, 100)
    assert set(kept) < set(HOUSE.triples)
    assert 1 - len(kept) / len(HOUSE.triples) == pytest.approx(GAPS, abs=0.08)


def test_relations_resolve_what_names_do_not():
    told = Entities.from_rows(HOUSE.rows, triples=HOUSE.triples)
    lists = [Entities(), Entities.from_rows(HOUSE.rows), told]
    right = [linked(one, HOUSE.requests)[0]["all"] for one in lists]
    assert right[0] == 0 < right[1] < right[2]
    ways = told.with_vectors(ShortestWays.of(told))
    assert linked(ways, HOUSE.requests)[0]["all"] > right[2]


def test_what_was_measured_is_what_the_document_says_of_it():
    found = read_results(NAME)["complete"]
    order = ("no_list", "no_relations", "rule", "transe", "vectors")
    right = [found[name]["all"] for name in order]
    assert right == sorted(right) and right[0] == 0
    for part in ("2 there and back", "3"):
        assert found["vectors"][part] > found["rule"][part] + 20
    assert found["vectors"]["all"] - found["shortest_ways"]["all"] < 3
