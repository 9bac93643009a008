"""Where nested slots stand, also after augmentation."""

from __future__ import annotations

import pytest

from pqrnn_tf.datasets.corpora.mtop import example_from_tree
from pqrnn_tf.datasets.making.augmentation import augmented_copy
from pqrnn_tf.datasets.making.text_errors import distort_examples
from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.datasets.trees.nesting import Leaf, nested_leaves
from pqrnn_tf.runtime.trees import Tree, parse_tree


def row(text: str, tree: str) -> Example:
    return example_from_tree(text, tree, source="test:1")


def leaf_texts(example: Example) -> list[list[tuple[str, list[str]]] | None]:
    """Path and spans of text of each leaf of each slot."""
    found = nested_leaves(example)
    assert found is not None
    return [
        None
        if leaves is None
        else [
            (
                " ".join(f"{name}:{number}" for name, number in leaf.path),
                [example.text[start:end] for start, end in leaf.spans],
            )
            for leaf in leaves
        ]
        for leaves in found
    ]


def words_of_leaves(tree: Tree) -> list[str]:
    """The words of each innermost slot without white space, in tree order."""
    return [
        "".join(node.words())
        for node in tree.nodes()
        if node.is_slot and all(isinstance(child, str) for child in node.children)
    ]


DEEP = row(
    "remind Zoe to call my mom and dad at noon",
    "[IN:R [SL:WHO Zoe ] [SL:TODO [IN:TODO [SL:TODO [IN:CALL [SL:CONTACT [IN:GET [SL:OF my ] [SL:TYPE mom ] ] ] "
    "[SL:CONTACT [IN:GET [SL:TYPE dad ] ] ] ] ] [SL:WHEN at noon ] ] ] ]",
)


def test_leaves_of_three_levels_below_a_slot():
    first = "TODO/TODO:0 CALL/CONTACT:0"
    assert leaf_texts(DEEP) == [
        [("", ["Zoe"])],
        [
            (f"{first} GET/OF:0", ["my"]),
            (f"{first} GET/TYPE:1", ["mom"]),
            ("TODO/TODO:0 CALL/CONTACT:1 GET/TYPE:0", ["dad"]),
            ("TODO/WHEN:1", ["at noon"]),
        ],
    ]


def test_a_nested_slot_with_a_hole():
    german = row(
        "erinnere mich daran, meine Mutter am Montag wegen des Autos anzurufen",
        "[IN:R [SL:TODO [IN:GET_TODO [SL:TODO meine Mutter anzurufen ] [SL:WHEN am Montag ] "
        "[SL:ABOUT wegen des Autos ] ] ] ]",
    )
    assert leaf_texts(german) == [
        [
            ("GET_TODO/TODO:0", ["meine Mutter", "anzurufen"]),
            ("GET_TODO/WHEN:1", ["am Montag"]),
            ("GET_TODO/ABOUT:2", ["wegen des Autos"]),
        ]
    ]


def test_leaves_stay_inside_their_slot_where_words_stand_twice():
    twice = row(
        "about my car call my mom",
        "[IN:CALL [SL:TOPIC my car ] [SL:WHO [IN:GET [SL:OF my ] [SL:TYPE mom ] ] ] ]",
    )
    assert leaf_texts(twice)[1] == [("GET/OF:0", ["my"]), ("GET/TYPE:1", ["mom"])]
    assert nested_leaves(twice)[1][0] == Leaf((("GET/OF", 0),), ((18, 20),))


def test_words_that_a_nested_slot_lacks_belong_to_no_leaf():
    hole = row("text the mom of mine", "[IN:S [SL:WHO [IN:GET [SL:TYPE mom ] [SL:OF mine ] ] ] ]")
    assert hole.slots[0].spans == ((9, 12), (16, 20))
    assert leaf_texts(hole) == [[("GET/TYPE:0", ["mom"]), ("GET/OF:1", ["mine"])]]


@pytest.mark.parametrize(
    "slot",
    [
        "[SL:X to [IN:A [SL:Y you ] ] ]",
        "[SL:X [IN:A [SL:Y to ] ] [IN:B [SL:Y you ] ] ]",
        "[SL:X [IN:A to [SL:Y you ] ] ]",
        "[SL:X [IN:A [SL:Y to you ] [SL:Z [IN:B ] ] ] ]",
    ],
)
def test_what_cannot_be_said_is_unknown(slot):
    example = Example("to you", "A", (SlotSpan("X", ((0, 6),)),), parse_tree(f"[IN:A {slot} ]"))
    assert nested_leaves(example) == [None]


def test_rows_without_a_tree_or_slots_are_unknown():
    assert nested_leaves(Example("a", "A", (SlotSpan("X", ((0, 1),)),))) is None
    tree = parse_tree("[IN:A [SL:X b ] ]")
    assert nested_leaves(Example("a", "A", None, tree, problem="lost")) is None
    assert nested_leaves(Example("a", "A", (), parse_tree("[IN:A ]"))) == []


def test_augmentation_takes_what_is_nested_along():
    others = [
        row("phone my sister", "[IN:P [SL:WHO [IN:GET [SL:OF my ] [SL:TYPE sister ] ] ] ]"),
        row("phone our aunt Ann", "[IN:P [SL:WHO [IN:GET [SL:OF our ] [SL:TYPE aunt Ann ] ] ] ]"),
    ] + [DEEP]
    changed = 0
    for seed in range(20):
        for new in augmented_copy(others, seed=seed, substitution=0.9, distortion=0.3):
            found = [leaf for leaves in nested_leaves(new) for leaf in leaves]
            texts = [
                "".join("".join(new.text[a:b] for a, b in leaf.spans).split()) for leaf in found
            ]
            assert texts == words_of_leaves(new.tree)
            changed += new not in others
    assert changed > 20


def test_typing_errors_inside_a_hole_keep_its_edges():
    for new in distort_examples([DEEP] * 30, seed=4, probability=0.8):
        assert leaf_texts(new)[1][0][1] == ["my"]
        assert [path for path, _ in leaf_texts(new)[1]] == [p for p, _ in leaf_texts(DEEP)[1]]


def test_almost_all_nested_trees_of_mtop_are_placed(corpora):
    from pqrnn_tf.datasets.corpora.mtop import read_mtop

    rows = [r for r in read_mtop(corpora / "mtop_en" / "dev.jsonl") if r.slots is not None]
    nested = unknown = 0
    for example in rows:
        leaves = nested_leaves(example)
        unknown += None in leaves
        nested += any(leaf.path for group in leaves for leaf in group or ())
    assert nested > 150 and unknown <= 0.005 * len(rows)
