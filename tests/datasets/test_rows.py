from __future__ import annotations

import pytest

from pqrnn_tf.datasets import Example, SlotSpan, alignment_report


def test_slot_text_joins_its_pieces() -> None:
    slot = SlotSpan("T", ((0, 1), (4, 6)))
    assert (slot.text("a xxbc"), slot.start, slot.end) == ("a bc", 0, 6)


@pytest.mark.parametrize(
    "spans", [(), ((2, 2),), ((3, 4), (0, 1)), ((0, 2), (1, 3)), ((0, 1), (1, 2))]
)
def test_pieces_must_be_spans_in_order(spans: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match="`spans` must"):
        SlotSpan("T", spans)


def test_a_row_without_slots_needs_a_problem() -> None:
    with pytest.raises(ValueError, match="`problem` must be given exactly when"):
        Example("a", "X", None)


def test_a_row_with_slots_has_no_problem() -> None:
    with pytest.raises(ValueError, match="`problem` must be given exactly when"):
        Example("a", "X", (), problem="why")


def test_report_counts_every_row() -> None:
    report = alignment_report(
        [
            Example("a b", "X", ()),
            Example("a b c", "X", (SlotSpan("T", ((0, 1), (4, 5))),)),
            Example("a", "X", None, source="f:3", problem="lost"),
            Example("a", "X", (SlotSpan("T", ((0, 1),)),)),
        ]
    )
    assert (report.rows, report.aligned, report.discontinuous) == (4, 3, 1)
    assert report.failures == (("f:3", "lost"),)
    assert str(report) == (
        "4 rows: 3 aligned (75.00 %), 1 with a discontinuous slot (25.00 %), 1 not aligned"
    )


def test_report_of_nothing_is_empty() -> None:
    assert str(alignment_report([])).startswith("0 rows: 0 aligned (0.00 %)")
