from __future__ import annotations

import pathlib
from collections.abc import Sequence

import pytest

from pqrnn_tf.datasets import (
    Example,
    SlotSpan,
    SlotValues,
    StudentText,
    TransferReport,
    augmented_copy,
    build_student_text,
    generate,
    rewritten_copy,
    substitute_slot_values,
    unlabelled,
)

ROWS = generate(60, seed=2)


class Backwards:
    """A replacer whose results show what it was asked for."""

    def replace(
        self, examples: Sequence[Example], *, probability: float, seed: int
    ) -> list[Example]:
        return [unlabelled(f"{row.text[::-1]} {probability} {seed}") for row in examples]


@pytest.fixture
def transfer(tmp_path: pathlib.Path) -> str:
    path = tmp_path / "transfer.txt"
    path.write_text("".join(f"line {i}\n" for i in range(50)) + f"{ROWS[0].text}\nleak\n")
    return str(path)


@pytest.fixture
def paraphrases(tmp_path: pathlib.Path) -> str:
    path = tmp_path / "paraphrases.tsv"
    path.write_text(f"{ROWS[0].text}\tsomething else\tleak\n")
    return str(path)


def test_nothing_switched_on_gives_the_rows() -> None:
    assert build_student_text(ROWS, StudentText()) == {"task": ROWS}


def test_copies_stand_after_the_rows_and_have_gold_labels() -> None:
    text = build_student_text(ROWS, StudentText(substitution=0.8, copies=2))
    assert list(text) == ["task"] and len(text["task"]) == 180
    assert text["task"][:60] == ROWS
    first, second = text["task"][60:120], text["task"][120:]
    assert first != second and first != ROWS
    for copy in (first, second):
        assert [row.intent for row in copy] == [row.intent for row in ROWS]
        for new, old in zip(copy, ROWS, strict=True):
            assert [s.name for s in new.slots or ()] == [s.name for s in old.slots or ()]


def test_no_copies_were_refused_although_the_flag_takes_0() -> None:
    text = build_student_text(ROWS, StudentText(substitution=0.8, copies=0))
    assert text == {"task": ROWS}


def test_masked_copies_have_streams_of_their_own() -> None:
    text = build_student_text(ROWS[:2], StudentText(masked=0.4, copies=2), replacer=Backwards())
    assert text["task"] == ROWS[:2]
    seeds = [row.text.split()[-1] for row in text["masked"]]
    assert seeds[0] == seeds[1] and seeds[2] == seeds[3] and seeds[0] != seeds[2]
    assert text["masked"][0].text.startswith(f"{ROWS[0].text[::-1]} 0.4 ")


def test_paraphrases_alone(paraphrases: str) -> None:
    recipe = StudentText(paraphrases=paraphrases)
    text = build_student_text(ROWS, recipe, exclude=["leak"])
    assert list(text) == ["task", "paraphrases"] and text["task"] == ROWS
    assert [(row.text, row.intent) for row in text["paraphrases"]] == [
        ("something else", ROWS[0].intent)
    ]


def test_transfer_alone_without_task_rows_and_excluded_ones(transfer: str) -> None:
    reports: list[object] = []
    recipe = StudentText(transfer=(transfer,))
    text = build_student_text(ROWS, recipe, exclude=["leak"], report=reports.append)
    assert list(text) == ["task", "transfer"] and text["task"] == ROWS
    assert sorted(row.text for row in text["transfer"]) == sorted(f"line {i}" for i in range(50))
    assert reports == [TransferReport(1, 52, 0, 2, 0, 50, 50)]


def test_transfer_limit_takes_the_start(transfer: str) -> None:
    whole = build_student_text(ROWS, StudentText(transfer=(transfer,)))
    part = build_student_text(ROWS, StudentText(transfer=(transfer,), transfer_limit=7))
    assert part["transfer"] == whole["transfer"][:7]


def test_parts_do_not_change_each_other(transfer: str, paraphrases: str) -> None:
    together = StudentText(
        substitution=0.5, masked=0.2, paraphrases=paraphrases, transfer=(transfer,)
    )
    text = build_student_text(ROWS, together, replacer=Backwards())
    alone = {
        "task": StudentText(substitution=0.5),
        "masked": StudentText(masked=0.2),
        "paraphrases": StudentText(paraphrases=paraphrases),
        "transfer": StudentText(transfer=(transfer,)),
    }
    assert list(text) == list(alone)
    for part, recipe in alone.items():
        assert text[part] == build_student_text(ROWS, recipe, replacer=Backwards())[part]


def test_more_copies_keep_the_first_ones() -> None:
    few = build_student_text(ROWS, StudentText(substitution=0.5, copies=1))["task"]
    many = build_student_text(ROWS, StudentText(substitution=0.5, copies=3))["task"]
    assert many[:120] == few


def test_copies_may_have_values_of_other_languages() -> None:
    rows = [Example("call Ann", "A", (SlotSpan("C", ((5, 8),)),), locale="en")] * 9
    rows += [Example("ruf Bernd", "A", (SlotSpan("C", ((4, 9),)),), locale="de")]
    text = build_student_text(rows, StudentText(code_switching=1.0))["task"]
    assert [row.text for row in text[10:]] == ["call Bernd"] * 9 + ["ruf Ann"]


@pytest.mark.parametrize("option", ["substitution", "masked", "transfer"])
def test_seed_decides(option: str, transfer: str) -> None:
    def built(seed: int) -> dict[str, list[Example]]:
        value = (transfer,) if option == "transfer" else 0.5
        recipe = StudentText(**{option: value}, seed=seed)  # type: ignore[arg-type]
        return build_student_text(ROWS, recipe, replacer=Backwards())

    assert built(1) == built(1) != built(2)


def test_masked_words_need_a_replacer() -> None:
    with pytest.raises(ValueError, match="`replacer` must be given.*masked=0.4"):
        build_student_text(ROWS, StudentText(masked=0.4))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"substitution": 1.1}, "`substitution` must be from 0 to 1. Received: 1.1"),
        ({"code_switching": 2}, "`code_switching` must be from 0 to 1. Received: 2"),
        ({"masked": -1.0}, "`masked` must be from 0 to 1"),
        ({"copies": -1}, "`copies` must be at least 0. Received: -1"),
        ({"copies": 0, "masked": 0.4}, "`copies` must be at least 1 where words are replaced"),
        ({"transfer_limit": 0}, "`transfer_limit` must be positive. Received: 0"),
        ({"transfer": "logs.txt"}, "`transfer` must be a sequence of paths. Received: 'logs.txt'"),
    ],
)
def test_bad_recipes(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        StudentText(**options)  # type: ignore[arg-type]


def test_a_copy_is_substitution_then_errors() -> None:
    values = SlotValues(ROWS)
    step = substitute_slot_values(ROWS, seed=3, probability=0.5, values=values)
    expected = rewritten_copy(step, seed=3, distortion=0.2)
    copy = augmented_copy(ROWS, seed=3, substitution=0.5, distortion=0.2, values=values)
    assert copy == [row.example() for row in expected] != step != ROWS
    assert [row.source for row in expected] == step
    assert augmented_copy(ROWS, seed=3) == ROWS
