"""Rows without the spaces that only corpora have."""

from __future__ import annotations

import pytest

from pqrnn_tf.datasets import Example, SlotSpan, without_spaces
from pqrnn_tf.datasets.making.augmentation import augmented_copy, rewritten_copy


def row(text, *parts):
    slots = []
    for name, part in parts:
        start = text.index(part)
        slots.append(SlotSpan(name, ((start, start + len(part)),)))
    return Example(text, "FLIGHT", tuple(slots))


@pytest.mark.parametrize(
    ("text", "parts", "bare"),
    [
        ("去 北京 的 航班", [("city", "北京")], "去北京的航班"),
        (
            "DL 83 航班 去 New York",
            [("number", "DL 83"), ("city", "New York")],
            "DL 83航班去New York",
        ),
        ("明日 の 朝 、 東京 へ", [("time", "明日 の 朝"), ("city", "東京")], "明日の朝、東京へ"),
        ("ไป ที่ กรุงเทพ 7 โมง", [("time", "7 โมง")], "ไปที่กรุงเทพ7โมง"),
    ],
)
def test_spaces_beside_such_characters_go_and_slots_stay_on_their_words(text, parts, bare):
    (copy,) = without_spaces([row(text, *parts)])
    assert copy.text == bare
    for slot, (name, part) in zip(copy.slots, parts, strict=True):
        ((start, end),) = slot.spans
        assert (slot.name, bare[start:end].replace(" ", "")) == (name, part.replace(" ", ""))


def test_rows_of_other_scripts_and_rows_without_spaces_have_no_copy():
    assert without_spaces([row("flights to Boston"), row("去北京"), row("कल सुबह")]) == []


def test_a_pass_writes_a_share_of_the_rows_without_spaces():
    rows = [row(f"去 北京 的 {number} 航班", ("city", "北京")) for number in range(200)]
    rows += [row("flights to Boston")] * 3
    passes = [[r.text for r in augmented_copy(rows, seed=s, unspaced=0.5)] for s in (1, 2)]
    for texts in passes:
        assert 70 < sum(" " not in text for text in texts) < 130
        assert texts[200:] == ["flights to Boston"] * 3
    assert passes[0] != passes[1]
    assert augmented_copy(rows, seed=1) == rows


def test_what_is_written_without_spaces_knows_where_its_characters_come_from():
    (copy,) = rewritten_copy([row("去 北京 的 航班", ("city", "北京"))], seed=1, unspaced=1.0)
    assert copy.text == "去北京的航班" and copy.origins == (0, 2, 3, 5, 7, 8)
    assert copy.example().slots == (SlotSpan("city", ((1, 3),)),)
