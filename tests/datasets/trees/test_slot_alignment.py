from __future__ import annotations

import pathlib
import time

import pytest

from pqrnn_tf.datasets import align_slots, alignment_report, load_split
from pqrnn_tf.runtime import parse_tree


def pieces(text: str, tree: str) -> list[tuple[str, list[str]]]:
    found = align_slots(text, parse_tree(tree))
    assert found.slots is not None, found.problem
    return [(slot.name, [text[start:end] for start, end in slot.spans]) for slot in found.slots]


def starts(text: str, tree: str) -> list[list[int]]:
    found = align_slots(text, parse_tree(tree))
    assert found.slots is not None, found.problem
    return [[start for start, _ in slot.spans] for slot in found.slots]


@pytest.mark.parametrize(
    ("text", "tree", "expected"),
    [
        ("wake me at 7pm", "[IN:A [SL:T at 7 pm ] ]", [("T", ["at 7pm"])]),
        ("at 10:00, now", "[IN:A [SL:T at 10 : 00 ] ]", [("T", ["at 10:00"])]),
        ("Rob's mom called", "[IN:A [SL:R Rob 's ] [SL:K mom ] ]", [("R", ["Rob's"]), ("K", ["mom"])]),
        ("the doctor's bill", "[IN:A [SL:T doctor 's bill ] ]", [("T", ["doctor's bill"])]),
        ("the doctor ’s bill", "[IN:A [SL:T doctor's ] ]", [("T", ["doctor ’s"])]),
        ("play “Hey Jude” now", '[IN:A [SL:T " Hey Jude " ] ]', [("T", ["“Hey Jude”"])]),
        ("call  Ann\tLee", "[IN:A [SL:C Ann Lee ] ]", [("C", ["Ann\tLee"])]),
        ("Call MOM", "[IN:A [SL:C mom ] ]", [("C", ["MOM"])]),
        ("café com", "[IN:A [SL:C cafe\u0301 ] ]", [("C", ["café"])]),
        ("ส่งข้อความถึงแม่ว่าสวัสดี", "[IN:A [SL:R แม่ ] [SL:C สวัสดี ] ]", [("R", ["แม่"]), ("C", ["สวัสดี"])]),
        ("เตือนฉันพรุ่งนี้", "[IN:A [SL:P ฉัน ] [SL:D พรุ่ง นี้ ] ]", [("P", ["ฉัน"]), ("D", ["พรุ่งนี้"])]),
        ("मुझे कल सुबह 7बजे जगाना", "[IN:A [SL:D कल सुबह 7 बजे ] ]", [("D", ["कल सुबह 7बजे"])]),
        ("क़लम लाओ", "[IN:A [SL:T \u0958लम ] ]", [("T", ["क़लम"])]),
    ],
)  # fmt: skip
def test_tokenised_words_are_found_in_raw_text(
    text: str, tree: str, expected: list[tuple[str, list[str]]]
) -> None:
    assert pieces(text, tree) == expected


def test_no_slots_is_aligned() -> None:
    assert align_slots("pause", parse_tree("[IN:PAUSE ]")).slots == ()


def test_repeated_word_of_two_slots_goes_in_tree_order() -> None:
    text = "text Steve and Steve"
    assert starts(text, "[IN:A [SL:R Steve ] [SL:R Steve ] ]") == [[5], [15]]


def test_repeated_word_prefers_the_contiguous_place() -> None:
    text = "at home be at noon"
    assert starts(text, "[IN:A [SL:D at noon ] ]") == [[11]]


def test_later_slot_pushes_the_word_to_the_right_occurrence() -> None:
    # `me` also stands after TODO; tree order decides for the first.
    text = "remind me to call me"
    assert starts(text, "[IN:A [SL:P me ] [SL:T call me ] ]") == [[7], [13]]


def test_whole_word_is_preferred_to_the_inside_of_one() -> None:
    assert starts("some of me", "[IN:A [SL:P me ] ]") == [[8]]


def test_inside_of_a_word_is_used_where_nothing_else_is() -> None:
    assert starts("recuérdame llamar", "[IN:A [SL:P me ] ]") == [[8]]


def test_nested_slots_leave_holes() -> None:
    text = "follow up with Suzie about the newsletter"
    tree = (
        "[IN:A [SL:TODO [IN:GET_TODO [SL:TODO follow up ] [SL:ATTENDEE Suzie ] "
        "[SL:TODO the newsletter ] ] ] ]"
    )
    assert pieces(text, tree) == [("TODO", ["follow up", "Suzie", "the newsletter"])]


def test_german_verb_closes_around_another_slot() -> None:
    text = "Erinnere mich , die Blumen morgen zu gießen"
    tree = "[IN:A [SL:P mich ] [SL:TODO die Blumen gießen ] [SL:D morgen ] ]"
    assert pieces(text, tree) == [
        ("P", ["mich"]),
        ("TODO", ["die Blumen", "gießen"]),
        ("D", ["morgen"]),
    ]


def test_slots_may_stand_in_another_order_than_in_the_tree() -> None:
    text = "set timer for 5 hours"
    assert starts(text, "[IN:A [SL:D for 5 hours ] [SL:M timer ] ]") == [[10], [4]]


def test_runs_of_a_slot_may_stand_in_another_order_than_in_the_tree() -> None:
    text = "ดูการเตือนของลูกชายของฉัน"
    tree = "[IN:A [SL:P [IN:C [SL:R ของฉัน ] [SL:T ลูกชาย ] ] ] ]"
    assert pieces(text, tree) == [("P", ["ลูกชายของฉัน"])]


def test_two_slots_never_share_a_character() -> None:
    found = align_slots("call Ann", parse_tree("[IN:A [SL:C Ann ] [SL:R Ann ] ]"))
    assert found.slots is None
    assert "cannot all be placed" in (found.problem or "")


def test_missing_word_is_named() -> None:
    found = align_slots("call Ann", parse_tree("[IN:A [SL:C Bob ] ]"))
    assert found.problem == "the word 'Bob' of the slot C is not in the utterance"


def test_slot_without_words_is_named() -> None:
    found = align_slots("go home", parse_tree("[IN:A [SL:LOCATION [IN:GET_LOCATION ] ] ]"))
    assert found.problem == "the slot LOCATION has no words"


def test_a_code_point_is_not_cut() -> None:
    # The compatibility form of … is three dots; one of them alone is not there.
    assert align_slots("wait…", parse_tree("[IN:A [SL:T . . ] ]")).slots is None


def test_many_equal_words_stay_quick() -> None:
    tree = parse_tree("[IN:A [SL:B " + "a " * 60 + "] [SL:C b a ] [SL:D a b ] ]")
    begin = time.perf_counter()
    align_slots("a b " * 2000, tree)
    assert time.perf_counter() - begin < 5.0


def test_more_than_99_5_percent_of_mtop_english_is_aligned(corpora: pathlib.Path) -> None:
    report = alignment_report(load_split(corpora / "mtop_en", "train"))
    assert report.rows == 15667
    assert report.aligned >= 0.998 * report.rows
    # What is left are slots that the corpus itself gives no words.
    assert {problem.partition(" has ")[2] for _, problem in report.failures} == {"no words"}


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "hi", "th"])
def test_every_row_of_parallel_mtop_is_aligned(corpora: pathlib.Path, language: str) -> None:
    report = alignment_report(load_split(corpora / "mtop_parallel", "dev", language=language))
    assert (report.rows, report.aligned) == (859, 859)


def test_places_agree_with_the_tags_of_the_flat_corpus(corpora: pathlib.Path) -> None:
    # The flat copy was tagged by its makers from the original trees: an independent witness.
    def names_by_character(text: str, slots) -> dict[int, str]:
        index, places = 0, {}
        for place, character in enumerate(text):
            places[place] = index
            index += not character.isspace()
        return {
            places[place]: slot.name
            for slot in slots
            for start, end in slot.spans
            for place in range(start, end)
            if not text[place].isspace()
        }

    flat = {
        "".join(row.text.split()): row
        for row in load_split(corpora / "mtop_flat", "dev", language="en")
    }
    compared = wrong = 0
    for row in load_split(corpora / "mtop_en", "dev"):
        witness = flat.get("".join(row.text.split()))
        if witness is None or witness.intent != row.intent or row.slots is None:
            continue
        ours = names_by_character(row.text, row.slots)
        theirs = names_by_character(witness.text, witness.slots)
        compared += 1
        wrong += any(theirs.get(place) != name for place, name in ours.items())
    assert compared > 1500
    assert wrong <= 0.002 * compared
