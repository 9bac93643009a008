"""Raw text as pairs of views."""

from __future__ import annotations

import random

import numpy as np
import pytest

from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.tasks.mirrored_text import MirroredText
from tests.tiny_models import TINY_SPEC

LABELS = LabelSet(("text",), ("O",))


def passes(data: MirroredText, epoch: int):
    batches = data.batches(LABELS, TINY_SPEC, batch_size=2, seed=1, epoch=lambda: epoch)
    return [{name: values.numpy() for name, values in batch.items()} for (batch,) in batches]


def test_a_span_is_left_out_and_the_rest_stays():
    rng = random.Random(0)
    words = MirroredText(["x"], span="words", size=2)
    assert words._shortened("a b c d", rng) in {"c d", "a d", "a b"}
    assert words._shortened("a b", rng) == "a b"
    characters = MirroredText(["x"], span="characters", size=3)
    assert len(characters._shortened("abcdef", rng)) == 3


def test_a_pass_depends_on_its_number_only():
    data = MirroredText([f"say {i} words" for i in range(6)], span="words", size=1)
    for one, other in zip(passes(data, 3), passes(data, 3), strict=True):
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])
    lengths = [batch["other_lengths"].tolist() for batch in passes(data, 3)]
    assert lengths == [[2, 2]] * 3


def test_without_a_span_of_text_there_is_one_view():
    (batch,) = passes(MirroredText(["a b", "c d"]), 0)
    assert set(batch) == {"features", "lengths"}


def test_short_texts_stay_whole_and_are_told_by_the_fingerprint():
    rng = random.Random(0)
    data = MirroredText(["x"], span="characters", size=3, shortest=6)
    assert data._shortened("abcde", rng) == "abcde"
    assert len(data._shortened("abcdef", rng)) == 3
    assert data.fingerprint != MirroredText(["x"], span="characters", size=3).fingerprint


def test_batches_with_text_have_both_views_and_no_features():
    data = MirroredText(["one two", "ab cd"], span="characters", size=2, with_text=True)
    (batch,) = passes(data, 0)
    assert set(batch) == {"text", "other_text"}
    pairs = [(len(one), len(other)) for one, other in zip(*batch.values(), strict=True)]
    assert sorted(pairs) == [(5, 3), (7, 5)]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"texts": []}, "`texts` must hold at least one text"),
        ({"texts": ["a"], "span": "letters"}, "`span` must be one of"),
        ({"texts": ["a"], "size": 0}, "`size` must be positive"),
        ({"texts": ["a"], "shortest": -1}, "`shortest` must be at least 0"),
        (
            {"texts": ["a"], "with_text": True},
            "where batches have no features. Received: 'features'",
        ),
    ],
)
def test_wrong_arguments_are_named(arguments, told):
    with pytest.raises(ValueError, match=told):
        MirroredText(**arguments)


def test_one_text_has_no_other_to_be_told_from():
    with pytest.raises(ValueError, match="at least two texts, .* Received: 1"):
        passes(MirroredText(["say it"]), 0)
