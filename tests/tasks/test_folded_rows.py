"""Training rows in forms that are folded: spans, tags and scores are those of the row's own text."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.datasets.words import cuts_word
from pqrnn_tf.runtime.decoding import DecodedParse
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.nested_decoding import DecodedSlot
from pqrnn_tf.tasks.config import BAG_SPEC, TrainingConfig
from pqrnn_tf.tasks.metrics import score_parsed
from pqrnn_tf.tasks.pipeline import batches, narrow, token_spans
from pqrnn_tf.tasks.tagging import tag_names
from tests.tiny_models import TINY_SPEC

LABELS = LabelSet(("ALARM",), ("O", "B-TIME", "I-TIME"))


def example(before: str, slot: str, after: str) -> Example:
    """A row with one slot between two texts."""
    span = (len(before), len(before) + len(slot))
    return Example(before + slot + after, "ALARM", (SlotSpan("TIME", (span,)),))


@pytest.mark.parametrize(
    ("before", "slot", "after"),
    [
        ("wake me at ", "7pm", ""),
        ("wake me at ", "7pm", "\u200e"),
        ("wake me at ", "7pm\u200e", ""),
        ("wake me at \u200f", "\u200e7pm", "\u200e please"),
        ("wa\u200bke me at ", "７ｐｍ", ""),
        ("“wake me” at ", "7pm", "”"),
        ("re\u0301veille\u200d ", "sie\u0301 7pm", " ã\u0303"),
        ("e\u0301", " 7pm", ""),
    ],
)
def test_slots_are_the_tokens_of_their_visible_words(before, slot, after):
    row = example(before, slot, after)
    spans = token_spans([row.text], TINY_SPEC)[0]
    tags = tag_names(spans, row.slots)
    words = [
        row.text[start:end] for (start, end), tag in zip(spans, tags, strict=True) if tag != "O"
    ]
    plain = token_spans([slot], TINY_SPEC)[0]
    assert words == [slot[start:end] for start, end in plain]
    _, targets = next(iter(batches([row], LABELS, TINY_SPEC)))
    assert int(np.sum(targets["slots"].numpy() > 0)) == len(plain)


def test_a_slot_that_ends_before_an_accent_has_the_whole_letter():
    row = example("", "cafe", "\u0301 please")
    spans = token_spans([row.text], TINY_SPEC)[0]
    assert spans[0] == (0, 5)
    assert tag_names(spans, row.slots) == ["B-TIME", "O"]


@pytest.mark.parametrize("version", [1, 2])
def test_spans_without_features_are_of_the_same_version(version):
    spec = dataclasses.replace(TINY_SPEC, version=version)
    assert narrow(spec).version == version
    text = "wa\u200bke\u200e ｍｅ"
    expected = {1: [(0, 2), (3, 6), (7, 9)], 2: [(0, 5), (7, 9)]}
    assert token_spans([text], spec) == [expected[version]]


@pytest.mark.parametrize("slot", ["7pm\u200e", "\ufeff7pm", "7\u00adpm", "7p\u200bm"])
def test_a_right_slot_is_scored_right_whatever_stands_unseen_at_its_edges(slot):
    row = example("wake me at ", slot, "\u200e")
    spans = token_spans([row.text], TINY_SPEC)[0]
    count = len(spans)
    parse = DecodedParse(
        "ALARM", 1.0, (DecodedSlot("TIME", ((3, count),), None),), tag_names(spans, row.slots)
    )
    assert score_parsed([row], [(spans, parse)]).flat_exact_match == 100.0


@pytest.mark.parametrize(
    ("text", "offset", "cuts"),
    [
        ("7pm\u200e", 3, False),
        ("7pm\u200e please", 3, False),
        ("7pm\u200e please", 4, False),
        ("\u200fwake", 1, False),
        ("wa\u200bke", 2, True),
        ("wa\u200bke", 3, True),
        ("cafe\u0301", 4, True),
        ("cafe\u0301 at", 5, False),
        ("“a”", 1, False),
        ("ｗａｋｅ", 2, True),
    ],
)
def test_ends_of_words_are_found_in_all_forms(text, offset, cuts):
    assert cuts_word(text, offset) is cuts


def test_new_trainings_have_version_2_and_written_configurations_keep_theirs():
    assert BAG_SPEC.version == TrainingConfig().spec.version == 2
    assert TrainingConfig.for_rows(100).spec.version == 2
    old = TrainingConfig(spec=dataclasses.replace(TINY_SPEC, version=1)).to_dict()
    assert TrainingConfig.from_dict(old).spec.version == 1
    assert TrainingConfig.for_rows(100, spec={"version": 1}).spec.version == 1
