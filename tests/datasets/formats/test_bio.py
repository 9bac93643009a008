from __future__ import annotations

import pytest

from pqrnn_tf.datasets import BioError, SlotSpan, slots_from_bio


def spans(text: str, tags: str) -> list[tuple[str, str]]:
    slots = slots_from_bio(text, text.split(" "), tags.split(" "))
    return [(slot.name, slot.text(text)) for slot in slots]


def test_a_slot_runs_from_b_over_its_i() -> None:
    assert spans("play hey jude on radio", "O B-TRACK I-TRACK O B-APP") == [
        ("TRACK", "hey jude"),
        ("APP", "radio"),
    ]


def test_b_begins_a_new_slot_of_the_same_name() -> None:
    assert spans("Ann Bob", "B-R B-R") == [("R", "Ann"), ("R", "Bob")]


def test_i_of_another_name_begins_a_slot() -> None:
    assert spans("Ann Bob now", "B-R I-S O") == [("R", "Ann"), ("S", "Bob")]


def test_i_after_o_begins_a_slot() -> None:
    assert spans("Ann and Bob", "B-R O I-R") == [("R", "Ann"), ("R", "Bob")]


def test_spans_count_code_points() -> None:
    assert slots_from_bio("नमस्ते राम", ["नमस्ते", "राम"], ["O", "B-R"]) == (SlotSpan("R", ((7, 10),)),)


def test_repeated_words_are_taken_in_order() -> None:
    assert slots_from_bio("a a", ["a", "a"], ["O", "B-X"]) == (SlotSpan("X", ((2, 3),)),)


@pytest.mark.parametrize(
    ("words", "tags", "message"),
    [
        (["a"], ["O", "O"], "1 words, 2 tags"),
        (["a"], ["X-B"], "must be `O`, `B-X` or `I-X`"),
        (["a"], ["B-"], "must be `O`"),
        (["z"], ["O"], "'z' is not in the utterance after position 0"),
    ],
)
def test_bad_tags_are_refused(words: list[str], tags: list[str], message: str) -> None:
    with pytest.raises(BioError, match=message):
        slots_from_bio("a b", words, tags)
