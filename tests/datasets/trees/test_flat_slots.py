"""Flat rows of MTOP get the slots that the trees have."""

from __future__ import annotations

import pathlib

import pytest

from pqrnn_tf.datasets import SlotSpan, opened_calls, read_mtop
from pqrnn_tf.datasets.trees.alignment import align_slots
from pqrnn_tf.runtime.trees import parse_tree


@pytest.mark.parametrize(
    ("language", "todo", "leaves"),
    [
        ("en", "call my mom", "my mom"),
        ("de", "meine Mama anzurufen", "meine Mama"),
        ("es", "llamar a papá", "papá"),
        ("es", "Llamar al banco", "banco"),
        ("fr", "appeler le plombier", "le plombier"),
        ("hi", "मेरे पापा को कॉल करने", "मेरे पापा"),
        ("th", "โทร หา แม่ ของ ฉัน", "แม่ ของ ฉัน"),
        # More than a call, nobody called, another language.
        ("en", "call mom and ask for the recipe", None),
        ("es", "llamar a Ann para felicitar la", None),
        ("de", "anzurufen", None),
        ("fr", "rappeler maman", None),
        ("pt", "call mom", None),
    ],
)
def test_of_a_call_only_who_is_called_is_left(language: str, todo: str, leaves: str | None) -> None:
    text = f"x {todo} y"
    slots = (SlotSpan("TODO", ((2, 2 + len(todo)),)), SlotSpan("DATE_TIME", ((0, 1),)))
    todo_slot, other = opened_calls(text, slots, language)
    assert todo_slot.text(text) == (leaves or todo)
    assert len(todo_slot.spans) == 1
    assert other == slots[1]


def test_a_call_with_a_gap() -> None:
    text = "Erinnere mich , Papa heute Abend anzurufen"
    todo = SlotSpan("TODO", ((16, 20), (32, 42)))
    assert opened_calls(text, [todo], "de") == (SlotSpan("TODO", ((16, 20),)),)
    # Two spans of who is called stay two.
    text = "meinen lieben heute Papa anzurufen"
    todo = SlotSpan("TODO", ((0, 13), (20, 34)))
    assert opened_calls(text, [todo], "de") == (SlotSpan("TODO", ((0, 13), (20, 24))),)


def test_only_a_todo_is_opened() -> None:
    slots = (SlotSpan("CONTENT_EXACT", ((0, 8),)),)
    assert opened_calls("call mom", slots, "en") == slots


def test_a_flat_row_and_its_tree_have_the_same_slots(tmp_path: pathlib.Path) -> None:
    text = "Remind me to call mom at 5"
    path = tmp_path / "en_train.tsv"
    tags = "O B-PERSON O B-TODO I-TODO B-DATE_TIME I-DATE_TIME"
    path.write_text(f"0\tCREATE_REMINDER\t{text}\t{tags}\n", encoding="utf-8")
    (example,) = read_mtop(path)
    tree = parse_tree(
        "[IN:CREATE_REMINDER [SL:PERSON me ] [SL:TODO [IN:CREATE_CALL [SL:CONTACT mom ] ] ] [SL:DATE_TIME at 5 ] ]"
    )
    assert example.slots == align_slots(text, tree).slots
