"""Domains of rows: by language, by the column, by the file."""

from __future__ import annotations

import pytest

from pqrnn_tf.datasets.making.domains import DOMAINS, in_domains, in_known_domains, spread
from pqrnn_tf.datasets.rows import DataError, Example, unlabelled

ROWS = [
    Example("wake me", "ALARM", (), domain="alarm", locale="en_US", source="a/en.csv:3"),
    Example("weck mich", "ALARM", (), domain="alarm", locale="de", source="a/de.csv:4"),
    Example("play", "MUSIC", (), domain="music", locale="en-GB", source="a/en.csv:5"),
]


@pytest.mark.parametrize(
    ("by", "domains"),
    [
        ("language", ["en", "de", "en"]),
        ("domain", ["alarm", "alarm", "music"]),
        ("corpus", ["a/en.csv", "a/de.csv", "a/en.csv"]),
    ],
)
def test_rows_get_the_domain_that_is_asked_for(by, domains):
    found = in_domains(ROWS, by)
    assert [row.domain for row in found] == domains
    assert [row.text for row in found] == [row.text for row in ROWS]
    assert by in DOMAINS


def test_a_source_without_a_line_is_a_file_too():
    rows = [Example("a", "A", (), source="C:/x"), Example("b", "A", (), source="y")]
    assert [row.domain for row in in_domains(rows, "corpus")] == ["C:/x", "y"]


def test_rows_without_a_domain_are_listed():
    rows = [*ROWS, Example("stop", "STOP", (), source="b.csv:7")]
    with pytest.raises(DataError, match=r"1 of 4 rows without one, such as b.csv:7"):
        in_domains(rows, "language")


def test_one_domain_is_an_error_that_names_it():
    with pytest.raises(
        DataError, match=r"two domains or more where 'domain'.*Received: \['alarm'\]"
    ):
        in_domains(ROWS[:2], "domain")


def test_an_unknown_way_to_tell_domains_is_an_error():
    with pytest.raises(
        ValueError, match=r"one of \['language', 'domain', 'corpus'\]. Received: 'x'"
    ):
        in_domains(ROWS, "x")


def test_text_of_other_domains_belongs_to_none():
    rows = [unlabelled("a", locale="de"), unlabelled("b", locale="it"), unlabelled("c")]
    assert [row.domain for row in in_known_domains(rows, "language", {"de", "en"})] == [
        "de",
        "",
        "",
    ]


def test_rows_are_evenly_spread():
    assert spread([1, 2, 3, 4, 5, 6, 7], 3) == [1, 3, 5]
    assert spread([1, 2], None) == spread([1, 2], 9) == [1, 2]
    assert spread([], 4) == []
