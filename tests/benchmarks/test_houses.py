"""Houses whose requests only relations resolve."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.entity_graphs import NAME, ShortestWays, linked, parts_of
from benchmarks.houses import DEVELOPMENT, SLOTS, TEST, House, house, with_gaps
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
    some, fewer = (with_gaps(HOUSE, 100, triples=share) for share in (0.1, 0.3))
    assert set(fewer.triples) < set(some.triples) < set(HOUSE.triples)
    assert 1 - len(fewer.triples) / len(HOUSE.triples) == pytest.approx(0.3, abs=0.08)
    assert (some.rows, some.requests) == (HOUSE.rows, HOUSE.requests)
    assert with_gaps(HOUSE, 100) == House(HOUSE.rows, HOUSE.triples, HOUSE.requests)


def test_lists_with_gaps_lack_some_entries_and_what_these_are_subjects_of():
    half = with_gaps(HOUSE, 100, entries=0.5)
    ids = {row["id"] for row in half.rows}
    assert 1 - len(half.rows) / len(HOUSE.rows) == pytest.approx(0.5, abs=0.15)
    assert half.triples == [triple for triple in HOUSE.triples if triple[0] in ids]
    Entities.from_rows(half.rows, triples=half.triples)  # no subject is unknown


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
