"""Slots and trees follow the text of a row that is written again."""

from __future__ import annotations

import pathlib
import random
from collections.abc import Sequence

import pytest

from pqrnn_tf.datasets import Example, Rewriting, SlotSpan, load_split, unlabelled
from pqrnn_tf.datasets.corpora.mtop import example_from_tree
from pqrnn_tf.datasets.trees.nesting import nested_leaves
from pqrnn_tf.runtime.trees import Tree, format_tree, tree_words

CALL = Example("call Ann", "CALL", (SlotSpan("CONTACT", ((5, 8),)),))
NESTED = example_from_tree(
    "remind me to call Ann Lee at 7pm",
    "[IN:R [SL:WHO me ] [SL:TODO [IN:CALL [SL:CONTACT Ann Lee ] [SL:WHEN at 7 pm ] ] ] ]",
    source="test:1",
)


def slot_texts(example: Example) -> list[list[str]]:
    return [[example.text[a:b] for a, b in slot.spans] for slot in example.slots or ()]


def leaf_slots(tree: Tree) -> list[list[str]]:
    return [
        node.words()
        for node in tree.nodes()
        if node.is_slot and all(isinstance(child, str) for child in node.children)
    ]


def test_a_row_as_it_is_is_the_row() -> None:
    assert Rewriting.of(NESTED).example() is NESTED
    assert Rewriting.of(CALL).edited([]).example() is CALL
    assert Rewriting.of(CALL).edited([(0, 4, "call")]).example() is CALL


def test_what_is_inserted_at_the_edge_of_a_slot_is_outside() -> None:
    new = Rewriting.of(CALL).edited([(0, 0, "hey, "), (5, 5, '"'), (8, 8, '", please!')])
    assert new.text == 'hey, call "Ann", please!'
    assert new.origins == (-1,) * 5 + (0, 1, 2, 3, 4, -1, 5, 6, 7) + (-1,) * 10
    assert slot_texts(new.example()) == [["Ann"]]


def test_what_is_inserted_inside_of_a_slot_belongs_to_it() -> None:
    new = Rewriting.of(CALL).edited([(6, 6, "l")])
    assert new.text == "call Alnn" and slot_texts(new.example()) == [["Alnn"]]


def test_a_replacement_takes_the_origins_of_what_it_replaces_in_order() -> None:
    assert Rewriting.of(CALL).edited([(0, 4, "ph")]).origins == (0, 2, 4, 5, 6, 7)
    new = Rewriting.of(CALL).edited([(0, 4, "give a ring to")])
    assert new.origins[:14] == (0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3)
    assert slot_texts(new.example()) == [["Ann"]]


def test_edits_of_edits() -> None:
    new = Rewriting.of(CALL).edited([(8, 8, " 🎉")]).edited([(5, 8, "Anna Lena"), (9, 10, "🚀")])
    assert new.text == "call Anna Lena 🚀"
    assert slot_texts(new.example()) == [["Anna Lena"]]
    assert new.origins[-1] == -1


def test_the_words_of_the_tree_follow_as_trees_cut_them() -> None:
    new = Rewriting.of(NESTED).edited([(18, 25, "ANN-LEE'S"), (29, 32, "seven p m")])
    assert new.text == "remind me to call ANN-LEE'S at seven p m"
    assert format_tree(new.example().tree) == (
        "[IN:R [SL:WHO me ] [SL:TODO [IN:CALL [SL:CONTACT ANN - LEE 'S ] [SL:WHEN at seven p m ] ] ] ]"
    )
    assert slot_texts(new.example()) == [["me"], ["ANN-LEE'S at seven p m"]]


def test_what_stands_between_two_innermost_slots_belongs_to_neither() -> None:
    new = Rewriting.of(NESTED).edited([(26, 26, "uh ")])
    assert new.text == "remind me to call Ann Lee uh at 7pm"
    assert slot_texts(new.example()) == [["me"], ["Ann Lee", "at 7pm"]]
    assert new.example().tree == NESTED.tree


def test_spans_of_one_slot_move_each_by_itself() -> None:
    row = Example(
        "weck mich morgen auf", "A", (SlotSpan("B", ((0, 4), (17, 20))), SlotSpan("C", ((10, 16),)))
    )
    new = Rewriting.of(row).edited(
        [(4, 4, ","), (10, 10, "bitte "), (16, 16, " früh"), (17, 20, "hoch")]
    )
    assert new.text == "weck, mich bitte morgen früh hoch"
    assert slot_texts(new.example()) == [["weck", "hoch"], ["morgen"]]


@pytest.mark.parametrize(
    "edits",
    [
        [(5, 8, "")],  # no word is left
        [(5, 8, "  ")],
        [(4, 8, "")],
        [(5, 6, ""), (6, 8, "")],  # together they leave none
        [(3, 6, "xx")],  # over the edge of the slot
    ],
)
def test_an_edit_that_the_slot_could_not_follow_is_not_made(edits) -> None:
    assert Rewriting.of(CALL).edited(edits).example() is CALL
    polite = Rewriting.of(CALL).edited([*edits, (8, 8, "!")])
    assert polite.text == "call Ann!" and slot_texts(polite.example()) == [["Ann"]]


def test_characters_replaced_one_by_one_may_reach_over_edges() -> None:
    new = Rewriting.of(NESTED).edited([(0, len(NESTED.text), NESTED.text.upper())])
    assert slot_texts(new.example()) == [["ME"], ["ANN LEE AT 7PM"]]
    assert leaf_slots(new.example().tree) == [["ME"], ["ANN", "LEE"], ["AT", "7", "PM"]]


def test_a_slot_whose_words_are_others_in_the_tree_keeps_its_text() -> None:
    row = example_from_tree(
        "call ‘Ann’ now", "[IN:C [SL:CONTACT 'Ann' ] [SL:WHEN now ] ]", source="t"
    )
    assert slot_texts(row) == [["‘Ann’"], ["now"]]
    new = Rewriting.of(row).edited([(0, 14, "CALL ‘ANN’ NOW"), (14, 14, "!")])
    assert new.text == "CALL ‘Ann’ NOW!"
    assert format_tree(new.example().tree) == "[IN:C [SL:CONTACT 'Ann' ] [SL:WHEN NOW ] ]"
    assert Rewriting.of(row).edited([(6, 9, "Anna")]).text == "call ‘Ann’ now"
    assert Rewriting.of(row).edited([(7, 7, "x")]).text == "call ‘Ann’ now"


def test_white_space_at_the_edge_is_no_part_of_a_slot() -> None:
    assert slot_texts(Rewriting.of(CALL).edited([(5, 8, " A n ")]).example()) == [["A n"]]


def test_rows_without_slots() -> None:
    plain = unlabelled("hello there")
    new = Rewriting.of(plain).edited([(5, 5, ",")]).example()
    assert new.text == "hello, there" and new.slots is None and new.problem == plain.problem
    lost = example_from_tree("call Ann", "[IN:C [SL:CONTACT Bob ] ]", source="t")
    assert lost.slots is None
    assert Rewriting.of(lost).edited([(4, 4, ",")]).example() is lost


@pytest.mark.parametrize(
    "edits", [[(3, 2, "")], [(0, 9, "")], [(2, 4, ""), (3, 5, "")], [(-1, 0, "")]]
)
def test_edits_in_disorder(edits) -> None:
    with pytest.raises(ValueError, match="`edits`"):
        Rewriting.of(CALL).edited(edits)


def development_rows(corpora: pathlib.Path, name: str) -> list[Example]:
    path = corpora / name
    if not path.exists():
        pytest.skip(f"{name} is not there")
    return load_split(path, "dev")


def texts_of_leaves(example: Example) -> list[list[str]]:
    """The words of each innermost slot where it stands in the text."""
    found = nested_leaves(example)
    return [
        [word for start, end in leaf.spans for word in tree_words(example.text[start:end])]
        for leaves in found or ()
        for leaf in leaves or ()
    ]


def random_edits(example: Example, rng: random.Random) -> list[tuple[int, int, str]]:
    edges = {edge for slot in example.slots or () for span in slot.spans for edge in span}
    places = sorted(edges | {0, len(example.text)})
    return [(place, place, rng.choice([" 🎉 ", " , ", ' " ', "", " um "])) for place in places]


@pytest.mark.parametrize("name", ["mtop_en", "snips", "mtop_parallel"])
def test_insertions_at_the_edges_of_slots_change_no_slot_and_no_tree(
    corpora: pathlib.Path, name: str
) -> None:
    rng = random.Random(3)
    rows: Sequence[Example] = development_rows(corpora, name)
    assert rows
    for row in rows:
        if row.slots is None:
            continue
        assert Rewriting.of(row).example() is row
        new = Rewriting.of(row).edited(random_edits(row, rng)).example()
        assert [slot.name for slot in new.slots or ()] == [slot.name for slot in row.slots]
        if nested_leaves(row) is None or all(nested_leaves(row) or ()):
            assert slot_texts(new) == slot_texts(row), row
        assert new.tree == row.tree


@pytest.mark.parametrize("name", ["mtop_en", "mtop_parallel"])
def test_in_upper_case_the_leaves_of_trees_are_the_words_of_their_slots(
    corpora: pathlib.Path, name: str
) -> None:
    odd = 0
    rows = development_rows(corpora, name)
    for row in rows:
        if row.slots is None or row.tree is None or len(row.text.upper()) != len(row.text):
            continue
        new = Rewriting.of(row).edited([(0, len(row.text), row.text.upper())]).example()
        if new.text != row.text.upper():
            odd += 1
            continue
        if leaf_slots(row.tree) == texts_of_leaves(row):
            assert leaf_slots(new.tree) == texts_of_leaves(new), row
        assert [slot.spans for slot in new.slots] == [slot.spans for slot in row.slots], row
    assert odd < 0.02 * len(rows)
