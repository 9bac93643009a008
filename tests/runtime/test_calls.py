"""Calling a parser: one text or several, from one thread or many. On a model of the package; no TensorFlow."""

from __future__ import annotations

import threading

import pytest

from pqrnn_tf.runtime import Parser, load

WORDS = [
    "wake",
    "me",
    "at",
    "7",
    "pm",
    "tomorrow",
    "play",
    "some",
    "jazz",
    "remind",
    "Zoë",
    "to",
    "call",
]
TEXTS = [" ".join(WORDS[i % 5 : 2 + i % 11]) + f" {i}" for i in range(150)]


@pytest.fixture(scope="module")
def parser() -> Parser:
    return load("mtop_en_1mb")


def test_a_text_gives_a_parse_and_a_list_a_list(parser):
    one = parser("play some jazz")
    assert one == parser.parse("play some jazz") and one.intent == "PLAY_MUSIC"
    assert parser(["play some jazz", ""]) == [one, parser.parse("")]
    assert parser(iter(["play some jazz"])) == [one]
    assert parser([]) == []


@pytest.mark.parametrize("text", [b"play", 7, None, [b"play"]])
def test_what_is_no_text_is_refused(parser, text):
    with pytest.raises(TypeError, match="`text` must be a str"):
        parser(text)


def test_a_parser_shared_by_threads_gave_wrong_parses_and_runtime_errors(parser):
    expected = parser(TEXTS)
    found: dict[int, object] = {}
    start = threading.Barrier(4)

    def work(number: int) -> None:
        start.wait()
        try:
            found[number] = parser(TEXTS if number % 2 else TEXTS[::-1])
        except BaseException as error:  # reported below, in the test's own thread
            found[number] = error

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, parses in found.items():
        assert parses == (expected if number % 2 else expected[::-1])
    assert len(found) == 4


def test_300_blanks_before_a_request_used_up_the_buffer(parser):
    text = "play some jazz"
    plain = parser(text)
    for before, between, behind in (
        (" " * 300, " ", ""),
        ("\u200b\t" * 200, " ", " " * 300),
        ("", " " * 300, ""),
    ):
        long = before + text.replace(" ", between) + behind
        parsed = parser(long)
        assert (parsed.intent, parsed.score, parsed.tree) == (
            plain.intent,
            plain.score,
            plain.tree,
        )
        assert not parsed.truncated and parsed.text == long
        for slot, other in zip(parsed.slots, plain.slots, strict=True):
            assert long[slot.start : slot.end] == slot.text
            assert slot.text.split() == other.text.split()


def test_what_does_not_fit_even_so_is_reported(parser):
    assert parser("play some jazz" + " " * 300 + "x " * 200).truncated
