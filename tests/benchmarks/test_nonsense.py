"""Nonsense goes into carriers so that everything else has a known parse."""

from __future__ import annotations

import json

import pytest

from benchmarks import nonsense
from benchmarks.nonsense import KINDS, OPEN_SLOTS, compare, make_requests, measure_requests
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.datasets import Example, SlotSpan, cut_words, generate, write_rows
from pqrnn_tf.runtime.results import Parse, Slot

ROWS = generate(300, language="en", seed=5)


@pytest.fixture(scope="module")
def requests():
    return make_requests(ROWS, ["the words of training rows"], count=60)


def test_each_kind_has_as_many_requests_and_the_seed_decides(requests):
    assert [request.kind for request in requests] == [kind for kind in KINDS for _ in range(10)]
    again = make_requests(ROWS, ["the words of training rows"], count=60)
    assert requests == again
    other = make_requests(ROWS, count=60, seed=2)
    assert [a.nonsense for a in requests] != [b.nonsense for b in other]


def test_nonsense_is_no_known_word(requests):
    known = {word for row in ROWS for word in row.text.lower().split()}
    assert not any(known & set(request.nonsense.lower().split()) for request in requests)


def test_labels_outside_of_the_nonsense_are_those_of_the_carrier(requests):
    for request in requests:
        assert not cut_words(request.row)
        before = {(slot.name, slot.text(request.carrier.text)) for slot in request.carrier.slots}
        after = {(slot.name, slot.text(request.row.text)) for slot in request.row.slots}
        if request.slot:
            assert request.slot in OPEN_SLOTS
            assert after - before == {(request.slot, request.nonsense)}
        else:
            assert after == before
            assert not any(
                slot.start < request.end and request.start < slot.end
                for slot in request.row.slots
                if len(slot.spans) == 1
            )


def test_words_outside_of_slots_stand_first_or_last(requests):
    for request in requests:
        if request.kind in ("words", "script"):
            assert request.start == 0 or request.end == len(request.row.text)


def parse(text: str, intent: str = "PLAY", *slots: tuple[str, str]) -> Parse:
    found = tuple(
        Slot(name, text.index(words), text.index(words) + len(words), words)
        for name, words in slots
    )
    return Parse(text, intent, 1.0, found, "")


CARRIER = Example("play jazz by Ann", "PLAY", (SlotSpan("artist", ((13, 16),)),))
BEFORE = parse("play jazz by Ann", "PLAY", ("genre", "jazz"), ("artist", "Ann"))


def request_of(text: str, nonsense_text: str, replaced: int = 0, slot: str = ""):
    row = Example(text, "PLAY", ())
    start = text.index(nonsense_text)
    return nonsense.Request(
        "words", CARRIER, row, start, start + len(nonsense_text), replaced, slot
    )


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        (("PLAY", ("genre", "jazz"), ("artist", "Ann")), (True, True)),
        (("PLAY", ("genre", "jazz"), ("artist", "Ann asdf")), (True, False)),
        (("PLAY", ("genre", "jazz"), ("artist", "by Ann")), (False, True)),
        (("STOP", ("genre", "jazz"), ("artist", "Ann")), (False, True)),
        (("PLAY", ("album", "jazz"), ("artist", "Ann")), (False, True)),
    ],
)
def test_nonsense_that_was_put_in_belongs_to_no_slot(after, outcome):
    text = "play jazz by Ann asdf"
    found = compare(request_of(text, " asdf"), BEFORE, parse(text, *after))
    assert (found.unchanged, found.in_place) == outcome


@pytest.mark.parametrize(
    ("artist", "outcome"),
    [("Zo Zi", (True, True)), ("Zo", (True, False)), ("by Zo Zi", (False, True))],
)
def test_nonsense_in_the_place_of_a_value_is_that_slot(artist, outcome):
    text = "play jazz by Zo Zi"
    request = request_of(text, "Zo Zi", replaced=3, slot="artist")
    found = compare(request, BEFORE, parse(text, "PLAY", ("genre", "jazz"), ("artist", artist)))
    assert (found.unchanged, found.in_place) == outcome


def test_counts_are_of_each_kind_and_of_all_together(requests):
    counts = measure_requests(requests, lambda text: parse(text, "PLAY"))
    assert list(counts) == [*KINDS, "together"]
    assert counts["together"] == {
        "requests": 60,
        "unchanged": 60,  # the parser says the same of all
        "in_place": 30,  # values are in no slot
        "unharmed": 30,
    }


def test_too_few_carriers_are_an_error():
    with pytest.raises(ValueError, match="at least 10 carriers for invented words outside"):
        make_requests(ROWS[:3], count=60)


def test_the_requests_can_be_looked_at(tiny, tmp_path, capsys):
    (tmp_path / "data").mkdir()
    write_rows(tmp_path / "data" / "dev.jsonl", ROWS)
    flags = ["--model", str(tiny[2]), "--data", str(tmp_path / "data"), "--count", "12"]
    flags += ["--output", str(tmp_path / "requests.jsonl")]
    assert run_command("n", "", nonsense.configure, nonsense.run, flags) == 0
    assert "'requests': 12" in capsys.readouterr().out
    lines = (tmp_path / "requests.jsonl").read_text(encoding="utf-8").splitlines()
    assert len([json.loads(line) for line in lines]) == 12


def test_data_need_their_model(capsys):
    assert run_command("n", "", nonsense.configure, nonsense.run, ["--data", "x"]) == 2
    assert "--data needs --model" in capsys.readouterr().err
