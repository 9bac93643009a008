"""Answers to clean text, carried to text that is written again."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Sequence

import numpy as np
import pytest

from pqrnn_tf.datasets.making.rewriting import Rewriting
from pqrnn_tf.datasets.rows import Example
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.teachers.answers.rewritten import Rewriter, rewritten_shard
from pqrnn_tf.teachers.answers.shard_files import Shard, write_shard
from pqrnn_tf.teachers.answers.shards import FORMAT, MANIFEST, LabelledText, token_settings

TAGS = ("O", "B-TIME", "I-TIME", "B-WHO", "I-WHO")
LABELS = LabelSet(intents=("ALARM", "CALL"), tags=TAGS)
SPEC = ProjectionSpec(
    max_tokens=16, word_features=1, ngram_features=0, ngram_orders=(), shape=False
)
TEXT = "wake me at half past seven"
SPANS = [(0, 4), (5, 7), (8, 10), (11, 15), (16, 20), (21, 26)]
GOLD = [0, 0, 0, 1, 2, 2]
TEACHER = [0, 3, 0, 1, 2, 2]


def answers(
    gold: Sequence[int] = GOLD, *, texts: Sequence[str] = (TEXT,), nested: Sequence[int] = ()
) -> Shard:
    """A shard of equal rows; the teacher's best tags are `TEACHER` with a logit of 5."""
    rows = len(texts)
    logits = np.eye(len(TAGS), dtype=np.float16)[list(TEACHER) * rows] * 5
    return Shard(
        texts=[text.encode() for text in texts],
        ends=np.arange(1, rows + 1) * len(SPANS),
        spans=np.array(SPANS * rows, np.int32),
        intents=np.zeros(rows, np.int32),
        tags=np.array(list(gold) * rows, np.int32),
        mask=np.ones(rows * len(SPANS), bool),
        nested=np.array(list(nested or [-1] * len(SPANS)) * rows, np.int32),
        nested_tags=("B-GET/X", "I-GET/X"),
        intent_logits=np.ones((rows, 2), np.float16),
        slot_logits=logits,
        hidden=np.arange(rows * len(SPANS), dtype=np.float16)[:, None],
    )


def writes(*edits: tuple[int, int, str]) -> Rewriter:
    """Makes the same edits in every row."""
    return lambda rows, seed: [Rewriting.of(row).edited(edits) for row in rows]


def carried(rewrite: Rewriter, shard: Shard | None = None) -> Shard:
    return rewritten_shard(shard or answers(), rewrite, seed=1, labels=LABELS, spec=SPEC)


def test_a_row_as_it_is_keeps_everything() -> None:
    before, after = answers(), carried(writes())
    for name in ("ends", "spans", "intents", "tags", "mask", "nested", "slot_logits", "hidden"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name), name)
    assert after.texts == before.texts


def test_a_full_stop_is_outside_for_labels_and_teacher() -> None:
    after = carried(writes((26, 26, ".")))
    assert after.tags.tolist() == [*GOLD, 0]
    assert after.slot_logits is not None
    assert after.slot_logits.argmax(axis=1).tolist() == [*TEACHER, 0]
    assert after.mask.all()
    assert after.spans[-1].tolist() == [26, 27]


def test_words_in_front_move_all_others() -> None:
    after = carried(writes((0, 0, "hey, please ")))
    assert after.tags.tolist() == [0, 0, 0, *GOLD]
    assert after.hidden is not None
    assert after.hidden[3:, 0].tolist() == [0, 1, 2, 3, 4, 5]


def test_a_word_inside_a_slot_belongs_to_it() -> None:
    after = carried(writes((15, 15, " uh")))
    assert after.tags.tolist() == [0, 0, 0, 1, 2, 2, 2]
    assert after.slot_logits is not None
    assert after.slot_logits.argmax(axis=1).tolist() == [0, 3, 0, 1, 2, 2, 2]


def test_a_word_that_is_split_begins_a_slot_once() -> None:
    after = carried(writes((13, 13, " ")), answers(nested=[-1, -1, -1, 0, 1, 1]))
    assert after.tags.tolist() == [0, 0, 0, 1, 2, 2, 2]
    assert after.slot_logits is not None
    assert after.slot_logits.argmax(axis=1).tolist() == [0, 3, 0, 1, 2, 2, 2]
    assert after.nested.tolist() == [-1, -1, -1, 0, 1, 1, 1]


def test_words_that_run_together_are_one_token_of_the_slot() -> None:
    after = carried(writes((15, 16, "")))
    assert after.tags.tolist() == [0, 0, 0, 1, 2]
    assert after.hidden is not None
    assert after.hidden[:, 0].tolist() == [0, 1, 2, 3.5, 5]


def test_a_slot_that_loses_its_first_word_begins_with_the_next() -> None:
    after = carried(writes((11, 16, "")))
    assert after.tags.tolist() == [0, 0, 0, 1, 2]
    assert after.slot_logits is not None
    assert after.slot_logits.argmax(axis=1).tolist() == [0, 3, 0, 1, 2]


def test_rows_without_gold_labels_get_none() -> None:
    seen: list[Example] = []

    def rewrite(rows: Sequence[Example], seed: int) -> list[Rewriting]:
        seen.extend(rows)
        return [Rewriting.of(row).edited([(26, 26, " 🎉")]) for row in rows]

    after = carried(rewrite, answers([-1] * len(SPANS)))
    assert after.tags.tolist() == [-1] * 7
    assert after.slot_logits is not None
    assert after.slot_logits.argmax(axis=1).tolist() == [*TEACHER, 0]
    # Whatever writes the row sees the teacher's slots.
    assert [(slot.name, slot.text(TEXT)) for slot in seen[0].slots or ()] == [
        ("WHO", "me"),
        ("TIME", "half past seven"),
    ]


def test_rows_do_not_reach_into_each_other() -> None:
    def rewrite(rows: Sequence[Example], seed: int) -> list[Rewriting]:
        edits = [[(26, 26, "!")], [(0, 0, "uh ")], []]
        return [Rewriting.of(row).edited(own) for row, own in zip(rows, edits, strict=True)]

    after = carried(rewrite, answers(texts=(TEXT, TEXT, TEXT)))
    assert after.ends.tolist() == [7, 14, 20]
    assert after.tags.tolist() == [*GOLD, 0, 0, *GOLD, *GOLD]


@pytest.mark.parametrize("text", ["", "🎉 ?"])
def test_a_text_of_new_tokens_only_has_no_gold_slots(text: str) -> None:
    shard = answers([0] * 6)
    after = carried(
        lambda rows, seed: [Rewriting(row, text, (-1,) * len(text)) for row in rows], shard
    )
    assert len(after.tags) == int(after.ends[-1]) == (2 if text else 0)
    assert (after.tags == -1).all()


def test_each_pass_writes_the_rows_anew(tmp_path: pathlib.Path) -> None:
    shard = answers(texts=(TEXT,) * 4)
    record = write_shard(tmp_path / "shard-00000.npz", shard)
    manifest = {
        "format": FORMAT,
        "fingerprint": "f",
        "labels": LABELS.to_dict(),
        "tokens": token_settings(SPEC),
        "width": record.width,
        "rows": 4,
        "shards": [dataclasses.asdict(record)],
    }
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    seeds: list[int] = []

    def rewrite(rows: Sequence[Example], seed: int) -> list[Rewriting]:
        seeds.append(seed)
        return [Rewriting.of(row).edited([(0, 0, "uh " * (seed % 7 + 1))]) for row in rows]

    stored = LabelledText(tmp_path)
    data = stored.rewritten(rewrite)

    def lengths(data: LabelledText, epoch: int) -> list[int]:
        batches = data.batches(LABELS, SPEC, batch_size=4, seed=1, epoch=lambda: epoch)
        return [int(n) for inputs, _ in batches for n in inputs["lengths"]]

    for epoch in (0, 1, 0):
        assert lengths(data, epoch) == [len(SPANS) + seeds[-1] % 7 + 1] * 4
    assert seeds[0] == seeds[2] != seeds[1]
    assert lengths(stored, 0) == [len(SPANS)] * 4  # the view changes nothing in the store
