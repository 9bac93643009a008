from __future__ import annotations

import pathlib

import pytest

from pqrnn_tf.datasets import Example, align_slots, generate, keyboard_typos, read_mtop, unlabelled
from pqrnn_tf.runtime import parse_tree

TEN = "alpha bravo charlie delta eagle foxtrot gamma hotel india juliet"


def plain(text: str) -> Example:
    return Example(text, "A", ())


def changed(old: str, new: str) -> int:
    return sum(a != b for a, b in zip(old.split(), new.split(), strict=True))


@pytest.mark.parametrize(("share", "words"), [(0.1, 1), (0.2, 2), (0.25, 3), (0.94, 9), (1.0, 10)])
def test_exactly_so_many_words_change(share: float, words: int) -> None:
    for seed in range(30):
        (new,) = keyboard_typos([plain(TEN)], share=share, seed=seed)
        assert changed(TEN, new.text) == words


def test_words_that_cannot_change_count_but_others_change() -> None:
    for seed in range(30):
        (new,) = keyboard_typos([plain("at it charlie foxtrot")], share=0.5, seed=seed)
        assert new.text.startswith("at it ") and changed("at it charlie foxtrot", new.text) == 2


def test_all_four_kinds_of_errors() -> None:
    results = {
        keyboard_typos([plain("abcdef")], share=1.0, seed=seed)[0].text for seed in range(300)
    }
    assert "acdef" in results  # left out
    assert "acbdef" in results  # swapped
    assert "abxdef" in results  # x is beside c
    assert "abxcdef" in results  # one more
    assert all(result[0] == "a" and abs(len(result) - 6) <= 1 for result in results)


def test_a_word_of_equal_letters_changes_too() -> None:
    for seed in range(50):
        assert keyboard_typos([plain("aaa")], share=1.0, seed=seed)[0].text != "aaa"


def test_errors_of_a_text_do_not_depend_on_its_neighbours() -> None:
    rows = generate(40)
    together = keyboard_typos(rows, share=0.3, seed=4)
    assert together == [keyboard_typos([row], share=0.3, seed=4)[0] for row in rows]
    assert together != keyboard_typos(rows, share=0.3, seed=5)


def test_errors_of_a_smaller_share_are_kept() -> None:
    few = keyboard_typos([plain(TEN)], share=0.2, seed=1)[0].text.split()
    many = keyboard_typos([plain(TEN)], share=0.6, seed=1)[0].text.split()
    words = TEN.split()
    assert all(m == f for w, f, m in zip(words, few, many, strict=True) if f != w)


def test_slots_and_tree_follow() -> None:
    text = "please call Leonard tomorrow"
    tree = parse_tree("[IN:CALL [SL:CONTACT Leonard ] [SL:DATE tomorrow ] ]")
    slots = align_slots(text, tree).slots
    row = Example(text, "CALL", slots, tree)
    for seed in range(30):
        (new,) = keyboard_typos([row], share=1.0, seed=seed)
        assert new.slots is not None and new.tree is not None
        assert [slot.text(new.text) for slot in new.slots] == new.text.split()[2:]
        assert new.tree.words() == new.text.split()[2:]
        assert changed(text, new.text) == 4


def test_a_slot_that_its_tree_cannot_follow_stays() -> None:
    # The tree says "three" where the text says "third".
    tree = parse_tree("[IN:A [SL:ORDINAL three ] ]")
    slots = align_slots("wake third", parse_tree("[IN:A [SL:ORDINAL third ] ]")).slots
    row = Example("wake third", "A", slots, tree)
    for seed in range(30):
        (new,) = keyboard_typos([row], share=0.5, seed=seed)
        assert new.text.endswith(" third") and new.text != row.text


def test_rows_without_slots_found_and_share_zero_stay() -> None:
    assert keyboard_typos([unlabelled(TEN)], share=0.5, seed=0) == [unlabelled(TEN)]
    assert keyboard_typos([plain(TEN)], share=0.0, seed=0) == [plain(TEN)]


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_share_out_of_range(share: float) -> None:
    with pytest.raises(ValueError, match="`share` must be from 0 to 1. Received: "):
        keyboard_typos([], share=share, seed=0)


@pytest.mark.parametrize("share", [0.1, 0.2])
def test_share_of_the_words_of_a_real_corpus(corpora: pathlib.Path, share: float) -> None:
    rows = read_mtop(corpora / "mtop_en" / "dev.jsonl")
    noisy = keyboard_typos(rows, share=share, seed=1)
    words = sum(len(row.text.split()) for row in rows)
    hit = sum(
        changed(old.text, new.text)
        for old, new in zip(rows, noisy, strict=True)
        if len(old.text.split()) == len(new.text.split())
    )
    assert share - 0.02 < hit / words < share + 0.02
