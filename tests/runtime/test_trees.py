from __future__ import annotations

from random import Random

import pytest

from pqrnn_tf.runtime import Tree, TreeError, format_tree, parse_tree, root_intent, top_level_slots

NESTED = (
    "[IN:CREATE_REMINDER [SL:PERSON_REMINDED me ] [SL:TODO [IN:GET_TODO [SL:TODO follow up ] "
    "[SL:ATTENDEE Suzie ] [SL:TODO the newsletter ] ] ] ]"
)


def test_parse_builds_nodes_and_words_in_order() -> None:
    assert parse_tree("[IN:A [SL:B one two ] [SL:C [IN:D [SL:E three ] ] ] ]") == Tree(
        "IN:A",
        (
            Tree("SL:B", ("one", "two")),
            Tree("SL:C", (Tree("IN:D", (Tree("SL:E", ("three",)),)),)),
        ),
    )


@pytest.mark.parametrize("text", ["[IN:A ]", NESTED, "[IN:A [SL:B x ] y ]"])
def test_format_gives_back_the_text(text: str) -> None:
    assert format_tree(parse_tree(text)) == text


def test_white_space_around_brackets_is_free() -> None:
    assert format_tree(parse_tree(" [IN:A[SL:B x]  [SL:C y ]]\n")) == "[IN:A [SL:B x ] [SL:C y ] ]"


def test_brackets_and_backslashes_in_words_round_trip() -> None:
    tree = Tree("IN:A", (Tree("SL:B", ("[x]", "\\", "a\\[")),))
    assert parse_tree(format_tree(tree)) == tree


def random_tree(random: Random, depth: int = 0) -> Tree:
    """A tree whose names and words hold whatever Unicode has, and often what the form itself is made of."""

    def text() -> str:
        return "".join(
            random.choice("[]\\ u{}0:\t\u00a0\u2028\x85\x1c")
            if random.random() < 0.6
            else chr(random.randrange(0x110000))
            for _ in range(random.randint(1, 6))
        )

    kind = ("IN:", "SL:")[depth % 2]
    children: list[Tree | str] = [
        random_tree(random, depth + 1) if depth < 4 and random.random() < 0.4 else text()
        for _ in range(random.randint(0, 4))
    ]
    return Tree(kind + text(), tuple(children))


def test_whatever_stands_in_a_tree_is_read_back_equal() -> None:
    random = Random(7)
    for _ in range(2000):
        tree = random_tree(random)
        assert parse_tree(format_tree(tree)) == tree


def test_escapes_of_names_and_words() -> None:
    tree = Tree("IN:play music", (Tree("SL:a[b]", ("New\u00a0York", "\\u{20}")),))
    assert format_tree(tree) == r"[IN:play\u{20}music [SL:a\[b\] New\u{a0}York \\u{20} ] ]"


def test_a_backslash_before_anything_else_stands_for_itself() -> None:
    assert parse_tree(r"[IN:A\B c\d \u{} \u{110000} ]") == Tree(
        r"IN:A\B", (r"c\d", r"\u{}", r"\u{110000}")
    )


def test_root_intent_has_no_prefix() -> None:
    assert root_intent(parse_tree("[IN:GET_ALARM ]")) == "GET_ALARM"


def test_words_of_a_nested_slot_are_its_leaves_in_tree_order() -> None:
    slots = top_level_slots(parse_tree(NESTED))
    assert [(slot.name, slot.words()) for slot in slots] == [
        ("PERSON_REMINDED", ["me"]),
        ("TODO", ["follow", "up", "Suzie", "the", "newsletter"]),
    ]


def test_word_groups_keep_runs_of_one_parent_together() -> None:
    slot = top_level_slots(parse_tree(NESTED))[1]
    assert slot.word_groups() == [["follow", "up"], ["Suzie"], ["the", "newsletter"]]


def test_words_outside_slots_are_no_slots() -> None:
    tree = parse_tree("[IN:A tell [SL:B Ann ] now ]")
    assert [slot.name for slot in top_level_slots(tree)] == ["B"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[IN:A [SL:B x ]", r"`\[IN:A` at position 0 is never closed"),
        ("[IN:A [SL:B x", r"`\[SL:B` at position 6 is never closed \(2 `\]` missing"),
        ("[IN:A ] ]", "ends before position 8"),
        ("[IN:A ] tail", "ends before position 8.*'tail'"),
        ("]", "`]` at position 0 closes nothing"),
        ("[IN:A [B x ] ]", r"position 6 must be `IN:` or `SL:`.*Received: '\[B'"),
        ("[IN:A [ x ] ]", "position 6 must be"),
        ("[IN:A [SL: x ] ]", "position 6 must be"),
        ("[SL:A x ]", "root at position 0 must be an intent"),
        ("word", r"starts with `\[IN:`.*'word' at position 0"),
        ("", r"starts with `\[IN:`"),
        ("[IN:A " + "[SL:B " * 3000, "nested deeper than 100 at position 600"),
    ],
)
def test_malformed_trees_are_refused_with_the_position(text: str, message: str) -> None:
    with pytest.raises(TreeError, match=message):
        parse_tree(text)
