"""Cached answers: what is written is read back, streamed whole and in an order by seed, and damage is named."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import json
import pathlib
import random
import shutil
import weakref
import zipfile

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.teachers.answers import shards
from pqrnn_tf.teachers.answers.shard_files import Shard, ShardError, parse_shard, write_shard
from pqrnn_tf.teachers.answers.shards import (
    LabelledText,
    MixedText,
    _shuffled,
    digest_of,
    token_settings,
)

SPEC = ProjectionSpec(
    max_tokens=16, word_features=8, ngram_features=0, ngram_orders=(), shape=False
)
LABELS = LabelSet(intents=("ALARM", "CALL"), tags=("O", "B-TIME", "I-TIME"))
WIDTH = 4
NESTED = ("B-GET/X", "O")


def length_of(row: int) -> int:
    return 1 + row % 7


def answers(
    numbers: range, *, heads: bool = True, hidden: bool = True, vectors: bool = False
) -> Shard:
    """Rows whose every value says which row (and which token) it belongs to."""
    lengths = [length_of(i) for i in numbers]
    ends = np.cumsum(lengths)
    rows = np.repeat(list(numbers), lengths)
    tokens = np.concatenate([np.arange(n) for n in lengths])
    each = np.array(numbers)
    return Shard(
        texts=[" ".join(["word"] * n).encode() for n in lengths],
        ends=ends,
        spans=np.zeros((len(rows), 2), np.int32),
        intents=(each % 2).astype(np.int32),
        tags=(tokens % 3).astype(np.int32),
        mask=tokens < 5,
        nested=(tokens % 3 - 1).astype(np.int32),
        nested_tags=NESTED,
        intent_logits=np.stack([each, -each], 1).astype(np.float16) if heads else None,
        slot_logits=np.stack([rows, tokens, rows], 1).astype(np.float16) if heads else None,
        hidden=np.repeat(rows[:, None], WIDTH, 1).astype(np.float16) if hidden else None,
        vectors=np.repeat(each[:, None], WIDTH, 1).astype(np.float16) if vectors else None,
    )


def make_store(
    folder: pathlib.Path,
    *,
    rows: int = 50,
    first: int = 0,
    rows_per_shard: int = 8,
    labels: LabelSet | None = LABELS,
    hidden: bool = True,
    vectors: bool = False,
    spec: ProjectionSpec = SPEC,
) -> pathlib.Path:
    records = []
    for number, begin in enumerate(range(first, first + rows, rows_per_shard)):
        shard = answers(
            range(begin, min(begin + rows_per_shard, first + rows)),
            heads=labels is not None,
            hidden=hidden,
            vectors=vectors,
        )
        records.append(dataclasses.asdict(write_shard(folder / f"shard-{number:05d}.npz", shard)))
    manifest = {
        "format": 1,
        "fingerprint": digest_of([rows, first]),
        "teacher": "0" * 64,
        "labels": labels.to_dict() if labels else None,
        "tokens": token_settings(spec),
        "width": WIDTH if hidden else None,
        "rows": rows,
        "shards": records,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> pathlib.Path:
    return make_store(tmp_path_factory.mktemp("shards") / "store")


@pytest.fixture
def own_copy(folder, tmp_path) -> pathlib.Path:
    return pathlib.Path(shutil.copytree(folder, tmp_path / "store"))


def one_pass(data, *, epoch: int = 0, seed: int = 3, batch_size: int = 6, labels=LABELS):
    batches = data.batches(labels, SPEC, batch_size=batch_size, seed=seed, epoch=lambda: epoch)
    return list(batches.as_numpy_iterator())


def row_numbers(batches) -> list[int]:
    return [int(i) for x, _ in batches for i in x["teacher_intent"][:, 0]]


def test_a_shard_is_read_back_bit_for_bit(tmp_path):
    shard = dataclasses.replace(
        answers(range(20)),
        hidden=np.random.default_rng(0).normal(size=(77, 5)).astype(np.float16),
    )
    assert len(shard.tags) == 77
    write_shard(tmp_path / "one.npz", shard)
    again = parse_shard((tmp_path / "one.npz").read_bytes(), hidden=True)
    for field in dataclasses.fields(Shard):
        ours, theirs = getattr(shard, field.name), getattr(again, field.name)
        np.testing.assert_array_equal(theirs, ours)
        assert getattr(theirs, "dtype", None) == getattr(ours, "dtype", None)


def without_nested(path: pathlib.Path) -> None:
    """Leaves out of a shard what shards had not before there were nested tags."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            if not name.startswith("nested"):
                archive.writestr(name, content)


def test_a_shard_from_before_there_were_nested_tags_has_none(tmp_path):
    write_shard(tmp_path / "one.npz", answers(range(3)))
    without_nested(tmp_path / "one.npz")
    shard = parse_shard((tmp_path / "one.npz").read_bytes(), hidden=True)
    assert (shard.nested.tolist(), shard.nested_tags) == ([-1] * len(shard.tags), ())


@pytest.mark.parametrize("memory", [0, 512])
def test_nested_tags_are_those_of_the_student(folder, memory):
    student = dataclasses.replace(LABELS, nested=("O", "B-OTHER/X", "B-GET/X"))
    store = LabelledText(folder)
    store.memory_mib = memory  # with 0, rows are carried from one shard to the next
    for inputs, targets in one_pass(store, labels=student):
        for k, n in enumerate(inputs["lengths"]):
            expected = [(-1, 2, 0)[t % 3] for t in range(n)]  # none, the second name, O
            assert targets["nested"][k, :n].tolist() == expected
            assert set(targets["nested"][k, n:].tolist()) <= {-1}
    lacking = dataclasses.replace(LABELS, nested=("O", "B-OTHER/X"))
    found = {int(i) for _, y in one_pass(store, labels=lacking) for i in y["nested"].ravel()}
    assert found == {-1, 0}
    assert "nested" not in one_pass(store)[0][1]


def test_equal_shards_are_equal_files(tmp_path):
    first, second = (write_shard(tmp_path / n, answers(range(3))) for n in ("a.npz", "b.npz"))
    assert first.sha256 == second.sha256


def test_a_pass_has_every_row_once(folder):
    assert sorted(row_numbers(one_pass(LabelledText(folder)))) == list(range(50))


def test_a_batch_holds_each_rows_own_values_and_padding(folder):
    for inputs, targets in one_pass(LabelledText(folder)):
        time = inputs["features"].shape[1]
        assert time == -(-max(inputs["lengths"]) // 4) * 4
        for k, number in enumerate(inputs["teacher_intent"][:, 0].astype(int)):
            n = length_of(number)
            assert inputs["lengths"][k] == n
            assert targets["intent"][k] == number % 2
            tags = [t % 3 for t in range(n)] + [-1] * (time - n)
            assert targets["slots"][k].tolist() == tags
            assert inputs["teacher_mask"][k].tolist() == [t < min(n, 5) for t in range(time)]
            assert inputs["teacher_slots"][k, :n].tolist() == [
                [number, t, number] for t in range(n)
            ]
            assert (inputs["teacher_hidden"][k, :n] == number).all()
            assert not inputs["teacher_slots"][k, n:].any()
            assert inputs["features"][k, :n].any(-1).all() and not inputs["features"][k, n:].any()


def test_only_the_last_batch_of_a_pass_is_short_however_little_memory(folder):
    small = LabelledText(folder)
    small.memory_mib = 0  # a window is then one shard of 8 rows
    sizes = [len(y["intent"]) for _, y in one_pass(small, batch_size=7)]
    assert sorted(sizes) == [1] + [7] * 7
    assert sorted(row_numbers(one_pass(small, batch_size=7))) == list(range(50))


def test_windows_of_shards_stay_within_the_memory(folder, monkeypatch):
    store = LabelledText(folder)
    per_shard = max(part.memory for part in store._parts())
    alive = collections.Counter()
    original = LabelledText.shard

    def counted(self, number):
        shard = original(self, number)
        alive["now"] += 1
        alive["most"] = max(alive["most"], alive["now"])
        weakref.finalize(shard, lambda: alive.update(now=-1))
        return shard

    monkeypatch.setattr(LabelledText, "shard", counted)
    limit = 2 * per_shard
    batches = _shuffled(store._parts(), SPEC, limit=limit, batch_size=6, rng=random.Random(0))
    assert sum(len(batch["text"]) for batch in batches) == 50
    assert alive["most"] == 2


def test_reading_that_takes_long_is_told(folder, monkeypatch, caplog):
    monkeypatch.setattr(shards, "REPORT_SECONDS", -1.0)
    with caplog.at_level("INFO", "pqrnn_tf"):
        one_pass(LabelledText(folder), seed=3, epoch=5)
    assert caplog.messages[-1] == "read the answers to 50 of 50 rows"


def test_order_is_decided_by_seed_and_epoch(folder):
    store = LabelledText(folder)
    order = row_numbers(one_pass(store, seed=3, epoch=5))
    assert order == row_numbers(one_pass(LabelledText(folder), seed=3, epoch=5))
    assert order != row_numbers(one_pass(store, seed=3, epoch=6))
    assert order != row_numbers(one_pass(store, seed=4, epoch=5))


def test_each_pass_of_one_dataset_asks_for_its_epoch(folder):
    numbers = itertools.count().__next__
    data = LabelledText(folder).batches(LABELS, SPEC, batch_size=6, seed=3, epoch=numbers)
    first, second = (row_numbers(data.as_numpy_iterator()) for _ in range(2))
    assert first != second and sorted(first) == sorted(second)
    assert second == row_numbers(one_pass(LabelledText(folder), epoch=1))


def test_cardinality_is_known(folder):
    data = LabelledText(folder).batches(LABELS, SPEC, batch_size=6, seed=3, epoch=lambda: 0)
    assert int(data.cardinality()) == 9


def test_take_has_the_first_rows_in_the_order_given(folder):
    store = LabelledText(folder).take(19)
    assert store.rows == 19
    assert sorted(row_numbers(one_pass(store))) == list(range(19))
    assert len(one_pass(store)) == 4


@pytest.mark.parametrize("rows", [0, 51])
def test_take_of_rows_that_are_not_there(folder, rows):
    with pytest.raises(ValueError, match=f"from 1 to 50.*Received: {rows}"):
        LabelledText(folder).take(rows)


def test_fingerprint_tells_rows_and_hidden_states(folder):
    store = LabelledText(folder)
    different = [store, store.take(19), store.without_hidden()]
    assert len({data.fingerprint for data in different}) == 3
    assert store.fingerprint == LabelledText(folder).fingerprint


def test_without_hidden_leaves_them_out(folder):
    for store in (LabelledText(folder).without_hidden(), LabelledText(folder, hidden=False)):
        assert store.width is None
        assert "teacher_hidden" not in one_pass(store)[0][0]


def test_a_teacher_without_heads_has_hidden_states_alone(tmp_path):
    store = LabelledText(make_store(tmp_path / "s", labels=None))
    inputs, _ = one_pass(store)[0]
    assert set(inputs) == {"features", "lengths", "teacher_mask", "teacher_hidden"}


def test_mixed_stores_are_one_shuffle_over_all_rows(folder, tmp_path):
    other = make_store(tmp_path / "other", rows=30, first=100, rows_per_shard=4)
    mixed = MixedText([LabelledText(folder), LabelledText(other).take(10)])
    assert mixed.rows == 60
    batches = one_pass(mixed)
    assert sorted(row_numbers(batches)) == [*range(50), *range(100, 110)]
    both = [b for b in batches if 0 < sum(row_numbers([b])[k] < 100 for k in range(6)) < 6]
    assert both
    assert [len(y["intent"]) for _, y in batches] == [6] * 10


def test_mixing_stores_of_other_labels(folder, tmp_path):
    labels = LabelSet(intents=("ALARM",), tags=LABELS.tags)
    other = make_store(tmp_path / "other", labels=labels)
    with pytest.raises(LabelError, match="same `intents`"):
        MixedText([LabelledText(folder), LabelledText(other)])


def test_mixing_a_store_without_labels(folder, tmp_path):
    other = make_store(tmp_path / "other", labels=None)
    with pytest.raises(ShardError, match="must all have labels.*other"):
        MixedText([LabelledText(folder), LabelledText(other)])


def test_mixing_stores_with_and_without_hidden_states(folder, tmp_path):
    other = make_store(tmp_path / "other", hidden=False)
    with pytest.raises(ShardError, match="same width"):
        MixedText([LabelledText(folder), LabelledText(other)])
    assert MixedText([LabelledText(folder).without_hidden(), LabelledText(other)]).rows == 100


def test_mixing_nothing():
    with pytest.raises(ShardError, match="at least one"):
        MixedText([])


def test_other_labels(folder):
    labels = LabelSet(intents=LABELS.intents[::-1], tags=LABELS.tags)
    with pytest.raises(LabelError, match="order differs"):
        one_pass(LabelledText(folder), labels=labels)


def test_other_token_settings(folder):
    spec = dataclasses.replace(SPEC, max_tokens=12)
    with pytest.raises(ShardError, match=r"'max_tokens': 16.*Received.*'max_tokens': 12"):
        LabelledText(folder).batches(LABELS, spec, batch_size=4, seed=0, epoch=lambda: 0)


def test_features_may_differ(folder):
    spec = dataclasses.replace(SPEC, word_features=20)
    data = LabelledText(folder).batches(LABELS, spec, batch_size=4, seed=0, epoch=lambda: 0)
    assert next(iter(data))[0]["features"].shape[-1] == 20


def test_other_format(own_copy):
    manifest = json.loads((own_copy / "manifest.json").read_text())
    (own_copy / "manifest.json").write_text(json.dumps({**manifest, "format": 9}))
    with pytest.raises(ShardError, match="format 1. Received: format 9"):
        LabelledText(own_copy)


def test_manifest_that_is_not_json(own_copy):
    (own_copy / "manifest.json").write_text("{")
    with pytest.raises(ShardError, match="manifest.json' must be JSON"):
        LabelledText(own_copy)


def test_empty_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="has no 'manifest.json'"):
        LabelledText(tmp_path)


def test_unfinished_folder(tmp_path):
    (tmp_path / "manifest.json").write_text('{"format": 1}')
    with pytest.raises(FileNotFoundError, match="has not finished. Run"):
        LabelledText(tmp_path)


def test_hidden_states_that_are_not_stored(tmp_path):
    store = make_store(tmp_path / "s", hidden=False)
    with pytest.raises(ShardError, match="no hidden states are stored"):
        LabelledText(store, hidden=True)


def test_cache_of_another_teacher(folder, tmp_path):
    (tmp_path / "teacher.json").write_text("{}")
    with pytest.raises(ShardError, match=f"Received: '{tmp_path}'.*Label the text again"):
        LabelledText(folder).check_teacher(tmp_path)


def test_missing_shard_is_named_at_once(own_copy):
    (own_copy / "shard-00002.npz").unlink()
    with pytest.raises(ShardError, match="'shard-00002.npz' is missing.*Run"):
        LabelledText(own_copy)


def test_truncated_shard_is_named_at_once(own_copy):
    path = own_copy / "shard-00001.npz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ShardError, match="shard-00001.npz.*truncated or altered. Run"):
        LabelledText(own_copy)


def alter(path: pathlib.Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_verify_names_every_damaged_shard(own_copy):
    store = LabelledText(own_copy)
    store.verify()
    store = LabelledText(own_copy)
    alter(own_copy / "shard-00003.npz")
    (own_copy / "shard-00005.npz").unlink()
    with pytest.raises(ShardError, match="shard-00003.npz.*altered.*shard-00005.npz.*missing.*Run"):
        store.verify()


def test_altered_shard_is_named_in_training(own_copy):
    alter(own_copy / "shard-00003.npz")
    with pytest.raises(tf.errors.OpError, match="shard-00003.npz.*altered"):
        one_pass(LabelledText(own_copy))


def test_answers_beyond_half_precision_are_refused(tmp_path):
    shard = dataclasses.replace(answers(range(2)), intent_logits=np.array([[1.0, np.inf]] * 2))
    with pytest.raises(ShardError, match="'intent_logits' must be finite"):
        write_shard(tmp_path / "one.npz", shard)
    assert not list(tmp_path.iterdir())
