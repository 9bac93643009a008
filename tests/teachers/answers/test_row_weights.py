"""Weights of rows beside the answers: stored, streamed, carried along, left out, and missed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pqrnn_tf.datasets.making.rewriting import Rewriting
from pqrnn_tf.datasets.rows import Example, SlotSpan, unlabelled
from pqrnn_tf.files import ResumeError
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.teachers import TFHubBertTeacher, domain_prototypes, label_text
from pqrnn_tf.teachers.answers import prototypes as module
from pqrnn_tf.teachers.answers.prototypes import row_vectors, weighted_rows
from pqrnn_tf.teachers.answers.shard_files import ShardError
from pqrnn_tf.teachers.answers.shards import LabelledText, MixedText
from pqrnn_tf.teachers.domain_weights import DomainPrototypes, expertise, student_weights

SPEC = ProjectionSpec(
    max_tokens=16, word_features=8, ngram_features=0, ngram_orders=(), shape=False
)
TIME = (SlotSpan("TIME", ((12, 15),)),)
ROWS = [
    Example("set alarms", "ALARM", (), domain="a"),
    Example("call mom at 7pm", "CALL", TIME, domain="b"),
    Example("set an alarm", "ALARM", (), domain="a"),
    Example("call mom", "CALL", (), domain="b"),
    unlabelled("set eine alarm for mom"),
]


@pytest.fixture(scope="module")
def teacher(bert, labels, tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights") / "teacher"
    TFHubBertTeacher(bert, labels=labels, max_word_pieces=12, seed=3).save(folder)
    return folder


@pytest.fixture(scope="module")
def prototypes(teacher, tmp_path_factory) -> DomainPrototypes:
    live = TFHubBertTeacher.load(teacher)
    folder = tmp_path_factory.mktemp("prototypes")
    return domain_prototypes(live, ROWS[:4], folder, spec=SPEC, identity={})


def label(teacher, folder, prototypes, rows=ROWS, **options) -> LabelledText:
    return label_text(
        rows,
        teacher,
        folder,
        spec=SPEC,
        rows_per_shard=3,
        batch_size=2,
        workers=0,
        prototypes=prototypes,
        **options,
    )


@pytest.fixture(scope="module")
def weighted(teacher, prototypes, tmp_path_factory) -> LabelledText:
    return label(teacher, tmp_path_factory.mktemp("weighted"), prototypes)


def batches(data, labels, batch_size=5):
    return list(data.batches(labels, SPEC, batch_size=batch_size, seed=1, epoch=lambda: 0))


def test_a_prototype_is_the_mean_over_rows_of_the_mean_over_tokens(teacher, prototypes):
    vectors = row_vectors(TFHubBertTeacher.load(teacher), ROWS, spec=SPEC, batch_size=2)
    assert prototypes.names == ("a", "b")
    np.testing.assert_allclose(prototypes.centroids[0], (vectors[0] + vectors[2]) / 2, rtol=1e-3)


def test_stored_weights_are_those_of_the_formulas(weighted, teacher, prototypes):
    vectors = row_vectors(TFHubBertTeacher.load(teacher), ROWS, spec=SPEC)
    typical = prototypes.weights(vectors, [row.domain for row in ROWS])
    begin = 0
    for number in range(2):
        shard = weighted.shard(number)
        of = (
            getattr(shard, n) for n in ("intent_logits", "intents", "slot_logits", "tags", "mask")
        )
        own = typical[begin : begin + len(shard.texts)]
        expected = student_weights(own, expertise(*of, shard.ends))
        np.testing.assert_allclose(shard.weights, expected, rtol=1e-4)
        assert shard.hidden is None and shard.weights.dtype == np.float32
        begin += len(shard.texts)


def test_batches_have_the_weight_of_each_row_for_each_output(weighted, labels):
    stored = {t: w for n in range(2) for t, w in zip(*_texts(weighted.shard(n)), strict=True)}
    ((inputs, targets, weights),) = batches(weighted, labels)
    assert set(weights) == set(targets) == {"intent", "slots"}
    np.testing.assert_allclose(sorted(weights["intent"].numpy()), sorted(stored.values()))
    assert inputs["features"].shape[0] == 5
    # In more than one window, and with rows carried over from one to the next.
    small = LabelledText(weighted.folder, memory_mib=1)
    small.memory_mib = 0
    found = [w for *_, own in batches(small, labels, 2) for w in own["slots"].numpy()]
    np.testing.assert_allclose(sorted(found), sorted(stored.values()))


def _texts(shard):
    return shard.texts, shard.weights.tolist()


def test_without_weights_the_data_are_those_of_plain_answers(weighted, teacher, labels, tmp_path):
    plain, without = label(teacher, tmp_path, None), weighted.without_weights()
    assert not plain.weighted and not without.weighted and weighted.weighted
    assert without.fingerprint != weighted.fingerprint
    for (one, gold), (other, own_gold) in zip(
        batches(plain, labels), batches(without, labels), strict=True
    ):
        assert set(one) == set(other)
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])
        for name in gold:
            np.testing.assert_array_equal(gold[name], own_gold[name])
    with pytest.raises(ShardError, match="must all have weights of rows, or none"):
        MixedText([plain, weighted])
    assert MixedText([weighted, weighted]).weighted


def test_rows_written_again_keep_their_weights(weighted, labels):
    def rewrite(rows, seed):
        return [Rewriting(row, row.text, tuple(range(len(row.text)))) for row in rows]

    ((_, _, weights),) = batches(weighted.rewritten(rewrite), labels)
    ((_, _, plain),) = batches(weighted, labels)
    np.testing.assert_array_equal(np.sort(weights["intent"]), np.sort(plain["intent"]))


def test_answers_with_other_prototypes_are_other_answers(weighted, teacher, prototypes):
    other = dataclasses.replace(prototypes, centroids=2 * prototypes.centroids)
    for own in (None, other):
        with pytest.raises(ResumeError, match=r"options.prototypes"):
            label(teacher, weighted.folder, own)
    assert label(teacher, weighted.folder, prototypes).fingerprint == weighted.fingerprint


def test_what_cannot_be_weighed_is_named(teacher, bert, prototypes, tmp_path):
    rows = [*ROWS, Example("call", "CALL", (), domain="c")]
    with pytest.raises(ValueError, match=r"a prototype, \['a', 'b'\]. Received: \['c'\]"):
        label(teacher, tmp_path / "a", prototypes, rows)
    with pytest.raises(
        ValueError, match="`prototypes` must be None where the teacher has no heads"
    ):
        label(bert, tmp_path / "b", prototypes, hidden=True)


class Blind:
    """A teacher without hidden states."""

    labels, supports_jit = None, False

    def __init__(self, teacher):
        self._teacher = teacher

    def __call__(self, inputs, training=False):
        return {k: v for k, v in self._teacher(inputs).items() if k != "hidden"}


def test_a_teacher_without_hidden_states_is_named(teacher):
    with pytest.raises(ValueError, match="must return 'hidden' where domains have prototypes"):
        row_vectors(Blind(TFHubBertTeacher.load(teacher)), ROWS, spec=SPEC)
    with pytest.raises(ValueError, match="`rows` must hold at least one row"):
        row_vectors(Blind(None), [], spec=SPEC)


def test_prototypes_are_made_once_and_only_for_the_same_rows(teacher, tmp_path, monkeypatch):
    live = TFHubBertTeacher.load(teacher)

    def made(rows, **identity):
        return weighted_rows(live, rows, tmp_path / "x", spec=SPEC, identity=identity)

    first, weights = made(ROWS[:4], digest="d")
    assert weights.shape == (4,) and weights.dtype == np.float32
    monkeypatch.setattr(module, "row_vectors", lambda *_, **__: pytest.fail("asked again"))
    again, same = made(ROWS[:4], digest="d")
    assert again.digest == first.digest
    np.testing.assert_array_equal(weights, same)
    with pytest.raises(ResumeError, match=r"differs in rows"):
        made(ROWS[:3], digest="d")
    with pytest.raises(ResumeError, match=r"teacher.digest \('d' there, 'e' here\)"):
        made(ROWS[:4], digest="e")


def test_a_prototype_is_of_rows_from_all_over_a_domain(monkeypatch):
    monkeypatch.setattr(module, "ROWS_PER_DOMAIN", 2)
    rows = [unlabelled(str(i), domain="a" if i < 6 else "b") for i in range(7)]
    assert [row.text for row in module._spread(rows)] == ["0", "3", "6"]
