"""Strings at the border: what a buffer of code points takes of a text that is too long for it."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from pqrnn_tf.projection.definition import project, tokenize
from pqrnn_tf.runtime import ProjectionSpec
from pqrnn_tf.runtime.text import fit_text


def test_a_text_that_fits_is_left_as_it_is():
    text = "  a   b  " + " " * 11
    fitted = fit_text(text, 20, version=1)
    assert (fitted.text, fitted.starts, fitted.ends, fitted.more) == (text, None, None, False)


def test_white_space_of_a_text_that_is_too_long_takes_one_code_point_a_run():
    text = " " * 30 + "wake\t \u200b me" + " " * 30
    fitted = fit_text(text, 20, version=1)
    assert fitted.text == "wake\tme "
    assert fitted.starts.tolist() == [30, 31, 32, 33, 34, 38, 39, 40]
    assert fitted.ends.tolist() == [31, 32, 33, 34, 35, 39, 40, 41]
    assert not fitted.more


def test_what_is_behind_the_buffer_is_reported_only_where_it_is_a_word():
    assert fit_text("a" * 30, 20, version=1).more
    assert len(fit_text("a" * 30, 20, version=1).text) == 21
    assert not fit_text("a" * 20 + " " * 30, 20, version=1).more
    assert fit_text("a" * 20 + " " * 30 + "x", 20, version=1).more
    assert not fit_text(" \u200b" * 30, 20, version=1).more


def test_a_text_of_white_space_alone_has_no_code_points():
    fitted = fit_text("\u3000" * 30, 20, version=1)
    assert (fitted.text, fitted.starts.tolist(), fitted.more) == ("", [], False)
    assert fitted.caller_spans(np.zeros((0, 2), np.int32)).shape == (0, 2)


@pytest.mark.parametrize("segmentation", ["unicode", "spaces", "words"])
@pytest.mark.parametrize(
    ("version", "alphabet"),
    [
        (1, "ab7é \t\u3000.ไมก\U0001f600\x85"),  # version 1 projects what `fold` leaves as it is
        (2, "ab7é \t\u200b\u3000\u0301\u0323.“ไมก\U0001f600\ufeff\x85ｆ\u200d"),
    ],
)
def test_tokens_and_features_are_those_of_the_callers_text(segmentation, version, alphabet):
    random = Random(3)
    spec = ProjectionSpec(
        segmentation=segmentation,
        max_code_points=400,
        word_features=4,
        ngram_features=0,
        ngram_orders=(),
        version=version,
    )
    for _ in range(300):
        text = "".join(random.choice(alphabet) for _ in range(random.randint(30, 80)))
        fitted = fit_text(text, 20, version=version)
        whole, part = project(text, spec), project(fitted.text, spec)
        count = len(part.spans) - bool(part.spans and part.spans[-1][1] == len(fitted.text))
        assert part.features[:count] == whole.features[:count]
        moved = fitted.caller_spans(np.array(part.spans[:count], np.int32).reshape(-1, 2))
        assert [tuple(span) for span in moved] == whole.spans[:count]
        if fitted.ends is not None and len(fitted.ends):
            assert fitted.more == (tokenize(text[fitted.ends[-1] :], spec)[0] != [])


def test_invisible_characters_do_not_use_up_the_buffer():
    fitted = fit_text("\u200b" * 300 + "wake\u200e me", 20, version=2)
    assert (fitted.text, fitted.more) == ("wake me", False)
    assert fitted.caller_spans(np.array([[0, 4], [5, 7]])).tolist() == [[300, 304], [306, 308]]


def test_spans_of_a_folded_text_are_those_of_the_callers_string():
    fitted = fit_text("An\u0303ade ｘ\u200e", 20, version=2)
    assert fitted.text == "Añade x"
    assert fitted.caller_spans(np.array([[0, 5], [6, 7]])).tolist() == [[0, 6], [7, 8]]
