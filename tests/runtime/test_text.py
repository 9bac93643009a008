"""Strings at the border: what a buffer of code points takes of a text that is too long for it."""

from __future__ import annotations

from random import Random

import pytest

from pqrnn_tf.projection.definition import project, tokenize
from pqrnn_tf.runtime import ProjectionSpec
from pqrnn_tf.runtime.text import fit_text


def test_a_text_that_fits_is_left_as_it_is():
    text = "  a   b  " + " " * 11
    fitted = fit_text(text, 20)
    assert (fitted.text, fitted.offsets, fitted.more) == (text, None, False)


def test_white_space_of_a_text_that_is_too_long_takes_one_code_point_a_run():
    text = " " * 30 + "wake\t \u200b me" + " " * 30
    fitted = fit_text(text, 20)
    assert fitted.text == "wake\tme "
    assert fitted.offsets.tolist() == [30, 31, 32, 33, 34, 38, 39, 40, 41]
    assert not fitted.more


def test_what_is_behind_the_buffer_is_reported_only_where_it_is_a_word():
    assert fit_text("a" * 30, 20).more
    assert len(fit_text("a" * 30, 20).text) == 21
    assert not fit_text("a" * 20 + " " * 30, 20).more
    assert fit_text("a" * 20 + " " * 30 + "x", 20).more
    assert not fit_text(" \u200b" * 30, 20).more


def test_a_text_of_white_space_alone_has_no_code_points():
    fitted = fit_text("\u3000" * 30, 20)
    assert (fitted.text, fitted.offsets.tolist(), fitted.more) == ("", [0], False)


@pytest.mark.parametrize("segmentation", ["unicode", "spaces", "words"])
def test_tokens_and_features_are_those_of_the_callers_text(segmentation):
    random = Random(3)
    spec = ProjectionSpec(
        segmentation=segmentation,
        max_code_points=400,
        word_features=4,
        ngram_features=0,
        ngram_orders=(),
    )
    for _ in range(300):
        text = "".join(
            random.choice("ab7é \t\u200b\u3000\u0301.ไมก\U0001f600\ufeff\x85")
            for _ in range(random.randint(21, 60))
        )
        fitted = fit_text(text, 20)
        whole, part = project(text, spec), project(fitted.text, spec)
        count = len(part.spans) - bool(part.spans and part.spans[-1][1] == len(fitted.text))
        assert part.features[:count] == whole.features[:count]
        moved = [(int(fitted.offsets[a]), int(fitted.offsets[b])) for a, b in part.spans[:count]]
        assert moved == whole.spans[:count]
        assert fitted.more == (tokenize(text[fitted.offsets[-1] :], spec)[0] != [])
