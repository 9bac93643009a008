"""Rows without the spaces that only corpora have."""

from __future__ import annotations

import pytest

from pqrnn_tf.datasets import Example, SlotSpan, without_spaces


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
