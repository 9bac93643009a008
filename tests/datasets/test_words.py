"""Where words begin and end."""

from __future__ import annotations

import pytest

from pqrnn_tf.datasets.words import cuts_word
from pqrnn_tf.projection.definition import tokenize
from pqrnn_tf.runtime.spec import ProjectionSpec


@pytest.mark.parametrize(
    "text",
    [
        "wake me at 7pm",
        "Küchenwecker",
        "50%",
        "don't",
        "เปิดไฟ",
        "打开灯a",
        "e\u0301e \u0301ab",
        "\u0301a",
        "🎉a",
    ],
)
def test_a_word_is_cut_where_no_token_of_the_projection_begins_or_ends(text: str) -> None:
    spans, _ = tokenize(text, ProjectionSpec())
    inside = {at for start, end in spans for at in range(start + 1, end)}
    assert {at for at in range(len(text) + 1) if cuts_word(text, at)} == inside
