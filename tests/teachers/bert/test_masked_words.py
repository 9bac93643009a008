from __future__ import annotations

import copy
import json
import shutil

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.datasets import Example, StudentText, build_student_text
from pqrnn_tf.teachers import MaskedWordReplacer, TFHubBertTeacher, convert_bert
from pqrnn_tf.teachers.bert import conversion
from pqrnn_tf.teachers.bert.conversion import TOLERANCE
from pqrnn_tf.teachers.bert.masked_words import _unit, _with_capitals
from pqrnn_tf.teachers.bert.numpy_bert import numpy_bert, numpy_masked_lm
from pqrnn_tf.teachers.bert.word_pieces import WordPieceTokenizer
from tests.teachers.bert.test_bert_conversion import (
    CONFIG,
    WIDTH,
    random_weights,
    write_safetensors,
)

PIECES = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *("set", "alarm", "##s", "call", "mom", "Ann", "wake", "12", "what", "s", "'", "?"),
)
WORDS = {"set", "alarm", "call", "mom", "Ann", "wake", "what"}


def weights_with_head(seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    weights = random_weights(seed)
    table = rng.normal(size=(len(PIECES), WIDTH)).astype("<f4")
    return {
        **{f"bert.{name}": values for name, values in weights.items()},
        "bert.embeddings.word_embeddings.weight": table,
        "cls.predictions.transform.dense.weight": rng.normal(size=(WIDTH, WIDTH)).astype("<f4"),
        "cls.predictions.transform.dense.bias": rng.normal(size=WIDTH).astype("<f4"),
        "cls.predictions.transform.LayerNorm.weight": rng.normal(size=WIDTH).astype("<f4"),
        "cls.predictions.transform.LayerNorm.bias": rng.normal(size=WIDTH).astype("<f4"),
        "cls.predictions.bias": rng.normal(size=len(PIECES)).astype("<f4"),
        "cls.predictions.decoder.weight": table,
        "cls.predictions.decoder.bias": rng.normal(size=len(PIECES)).astype("<f4"),
    }


def convert(folder):
    """Writes a checkpoint of `PIECES` with a head and converts it."""
    checkpoint = folder / "checkpoint"
    checkpoint.mkdir()
    config = {**CONFIG, "vocab_size": len(PIECES)}
    (checkpoint / "config.json").write_text(json.dumps(config))
    (checkpoint / "vocab.txt").write_text("".join(f"{piece}\n" for piece in PIECES))
    write_safetensors(checkpoint / "model.safetensors", weights_with_head())
    assert convert_bert(checkpoint, folder / "bert", lower_case=False) < TOLERANCE
    return folder / "bert"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A BERT with a head for masked words, of random weights."""
    return convert(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def replacer(folder):
    return MaskedWordReplacer(folder, candidates=1, max_word_pieces=12)


@pytest.fixture(scope="module")
def rigged(replacer):
    """Its head predicts no word best, then "wake", then "mom", whatever the sentence."""

    def predict(inputs, training):
        logits = np.zeros((len(inputs["masked_lm_positions"]), 1, len(PIECES)), "float32")
        for piece, value in {"##s": 9, "12": 9, "[UNK]": 9, "s": 9, "wake": 3, "mom": 2}.items():
            logits[..., PIECES.index(piece)] = value
        return {"mlm_logits": tf.constant(logits)}

    return like(replacer, _masked_lm=predict)


@pytest.fixture(scope="module")
def without_head(replacer):
    """Has no head; "call" is nearest to "mom", and "alarm##s" to "Ann"."""
    table = np.random.default_rng(1).normal(size=(len(PIECES), WIDTH))
    table[PIECES.index("mom")] = 3 * table[PIECES.index("call")] + 0.01
    alarms = (table[PIECES.index("alarm")] + table[PIECES.index("##s")]) / 2
    table[PIECES.index("Ann")] = 2 * alarms
    vectors = _unit(table[replacer._words])
    return like(replacer, _masked_lm=None, _table=table, _word_vectors=vectors)


def like(replacer: MaskedWordReplacer, **attributes) -> MaskedWordReplacer:
    """A replacer with some attributes changed, so that the BERT is loaded once."""
    other = copy.copy(replacer)
    vars(other).update(attributes)
    return other


def row(text: str) -> Example:
    return Example(text, "A", (), domain="d", locale="en", source="file:1")


def replaced(replacer: MaskedWordReplacer, text: str, *, seed: int = 0) -> str:
    (new,) = replacer.replace([row(text)], probability=1.0, seed=seed)
    return new.text


def logits_of(folder, ids, place):
    import tensorflow_hub as hub

    ids = tf.constant([ids])
    inputs = {"input_word_ids": ids, "input_mask": ids * 0 + 1, "input_type_ids": ids * 0}
    model = hub.load(str(folder))
    return model.mlm({**inputs, "masked_lm_positions": tf.constant([[place]])})["mlm_logits"][0, 0]


def test_one_word_is_masked_at_a_time_and_the_rest_is_read(folder, replacer):
    assert replacer.masked_lm
    set_, mask, call = (PIECES.index(piece) for piece in ("set", "[MASK]", "call"))
    expected = []
    for own, ids, place in ((set_, [2, mask, call, 3], 1), (call, [2, set_, mask, 3], 2)):
        logits = logits_of(folder, ids, place).numpy()
        others = [i for i, piece in enumerate(PIECES) if piece in WORDS and i != own]
        expected.append(PIECES[max(others, key=lambda i, scores=logits: scores[i])].casefold())
    assert replaced(replacer, "set call").casefold().split() == expected


def test_converted_head_equals_the_forward_pass_in_numpy(folder):
    weights = {name.removeprefix("bert."): v for name, v in weights_with_head().items()}
    ids = [2, 5, 4, 3]
    options = {"layers": 2, "heads": 2}
    zeros = np.zeros((1, 4), int)
    states = numpy_bert(weights, np.array([ids]), zeros + 1, zeros, **options)[-1]
    expected = numpy_masked_lm(weights, states[0, 2])
    np.testing.assert_allclose(logits_of(folder, ids, 2), expected, atol=TOLERANCE)


def test_head_in_numpy_by_hand():
    weights = {
        "cls.predictions.transform.dense.weight": np.eye(2),
        "cls.predictions.transform.dense.bias": np.array([0.0, 1.0]),
        "cls.predictions.transform.LayerNorm.weight": np.array([1.0, 2.0]),
        "cls.predictions.transform.LayerNorm.bias": np.array([0.0, 0.5]),
        "embeddings.word_embeddings.weight": np.array([[1.0, 1.0], [0.0, 1.0]]),
        "cls.predictions.bias": np.array([0.0, 10.0]),
    }
    # [1, 2 + 1], normalised to [-1, 1], scaled and shifted to [-1, 2.5].
    logits = numpy_masked_lm(weights, np.array([1.0, 2.0]), activation="relu")
    np.testing.assert_allclose(logits, [1.5, 12.5])


def test_a_bert_with_a_head_is_a_teacher_like_any_other(folder, labels, tmp_path):
    teacher = TFHubBertTeacher(folder, labels=labels, max_word_pieces=12)
    assert not any("cls/" in variable.name for variable in teacher.trainable_variables)
    inputs = {"text": ["set alarms"], "spans": [[[0, 3], [4, 10]]], "lengths": [2]}
    with tf.GradientTape() as tape:
        outputs = teacher(inputs, training=True)
        loss = tf.reduce_sum(outputs["intent"] ** 2) + tf.reduce_sum(outputs["slots"] ** 2)
    assert all(g is not None for g in tape.gradient(loss, teacher.trainable_variables))
    teacher.save(tmp_path / "teacher")
    again = TFHubBertTeacher.load(tmp_path / "teacher")(inputs)
    np.testing.assert_allclose(again["slots"], teacher(inputs)["slots"], atol=1e-6)


@pytest.mark.parametrize("lacks", ["cls.predictions.bias", "an output matrix that is tied"])
def test_head_that_cannot_be_expressed_is_left_out(tmp_path, lacks):
    weights = {name.removeprefix("bert."): v for name, v in weights_with_head().items()}
    if lacks in weights:
        del weights[lacks]
    else:
        weights["cls.predictions.decoder.weight"] = weights["cls.predictions.decoder.weight"] + 1
    assert conversion._masked_lm(None, "relu", weights, tmp_path) is None


def test_word_of_one_piece_gets_the_best_prediction_that_is_a_word(rigged):
    assert replaced(rigged, "set call") == "wake wake"


def test_a_word_is_not_replaced_by_itself(rigged):
    assert replaced(rigged, "wake set") == "mom wake"


def test_all_candidates_are_drawn(rigged):
    two = like(rigged, candidates=2)
    assert {replaced(two, "set", seed=seed) for seed in range(20)} == {"wake", "mom"}


def test_word_of_several_pieces_gets_its_nearest_neighbour(without_head):
    assert replaced(without_head, "alarms") == "Ann"


def test_without_a_head_every_word_gets_its_nearest_neighbour(without_head):
    assert not without_head.masked_lm
    assert replaced(without_head, "call mom") == "mom call"


def test_word_of_several_pieces_goes_by_vectors_beside_a_head(rigged, without_head):
    vectors = {"_table": without_head._table, "_word_vectors": without_head._word_vectors}
    assert replaced(like(rigged, **vectors), "alarms set") == "Ann wake"


def test_more_candidates_than_words(rigged):
    many = like(rigged, candidates=20)
    assert {replaced(many, "set", seed=seed) for seed in range(80)} == WORDS - {"set"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 ?", "12 ?"),  # digits and punctuation
        ("what's", "what's"),  # beside an apostrophe
        ("unheard", "unheard"),  # a word that the vocabulary cannot spell
        ("", ""),
        ("  set,  12", "  wake,  12"),  # the rest is as it was
    ],
)
def test_what_changes_and_what_stays(rigged, text, expected):
    # The comma is unknown to the vocabulary.
    assert replaced(rigged, text) == expected


@pytest.mark.parametrize(("old", "new"), [("call", "mom"), ("Call", "Mom"), ("CALL", "MOM")])
def test_capitals_are_carried_over(old, new):
    assert _with_capitals("mom", old) == new


def test_word_cut_where_the_pieces_run_out_stays(rigged):
    # Room for three pieces beside [CLS] and [SEP]: "set", "call" and "alarm" of "alarms".
    short = like(
        rigged, _room=3, _tokenizer=WordPieceTokenizer(rigged._vocabulary, max_word_pieces=5)
    )
    assert replaced(short, "set call alarms mom") == "wake wake alarms mom"


def test_rows_come_back_unlabelled_and_in_order(rigged):
    new = rigged.replace([row("set mom"), row("12")], probability=1.0)
    assert [r.text for r in new] == ["wake wake", "12"]
    assert all((r.intent, r.slots, r.problem) == ("", None, "no labels") for r in new)
    assert (new[0].domain, new[0].locale, new[0].source) == ("d", "en", "words replaced in file:1")


def test_probability_and_seed_decide(rigged):
    rows = [row(f"{a} {b} {c}") for a in WORDS for b in WORDS for c in ("set", "call")]
    assert [r.text for r in rigged.replace(rows, probability=0.0)] == [r.text for r in rows]
    new = rigged.replace(rows, probability=0.4, seed=1)
    assert new == rigged.replace(rows, probability=0.4, seed=1)
    assert new != rigged.replace(rows, probability=0.4, seed=2)
    changed = [
        old != word
        for before, after in zip(rows, new, strict=True)
        for old, word in zip(before.text.split(), after.text.split(), strict=True)
    ]
    assert 0.3 < np.mean(changed) < 0.5


def test_batch_size_changes_nothing(replacer):
    rows = [row(text) for text in ("set call", "mom", "call alarms what Ann", "wake mom set", "12")]
    results = [
        like(replacer, candidates=3, batch_size=size).replace(rows, probability=0.7, seed=3)
        for size in (1, 2, 64)
    ]
    assert results[0] == results[1] == results[2] != rows


def test_is_the_replacer_of_a_recipe(rigged):
    text = build_student_text([row("set")], StudentText(masked=1.0, copies=2), replacer=rigged)
    assert [r.text for r in text["masked"]] == ["wake", "wake"]


@pytest.mark.parametrize("option", ["candidates", "batch_size"])
def test_options_must_be_positive(option):
    with pytest.raises(ValueError, match=f"`{option}` must be positive. Received: 0"):
        MaskedWordReplacer("nowhere", **{option: 0})


def test_probability_out_of_range(rigged):
    with pytest.raises(ValueError, match="`probability` must be from 0 to 1. Received: 1.5"):
        rigged.replace([], probability=1.5)


def test_unknown_handle(tmp_path):
    with pytest.raises(FileNotFoundError, match="`handle` must be the URL"):
        MaskedWordReplacer(tmp_path / "nothing")


def renamed(source, target, change):
    """A copy of a BERT with the pieces of its vocabulary called otherwise."""
    shutil.copytree(source, target)
    path = target / "assets" / "vocab.txt"
    pieces = path.read_text(encoding="utf-8").split()
    path.write_text("".join(f"{change(piece)}\n" for piece in pieces), encoding="utf-8")
    return target


def test_head_without_a_mask_in_the_vocabulary(folder, tmp_path):
    bert = renamed(folder, tmp_path / "bert", lambda piece: piece.replace("[MASK]", "hole"))
    with pytest.raises(ValueError, match=r"must be a BERT with '\[MASK\]' in its vocabulary"):
        MaskedWordReplacer(bert, max_word_pieces=12)


def test_vocabulary_without_words(bert, tmp_path):
    bare = renamed(bert, tmp_path / "bert", lambda p: p if p.startswith(("[", "##")) else p + "0")
    with pytest.raises(ValueError, match="whose vocabulary has whole words.*none among 22 pieces"):
        MaskedWordReplacer(bare, max_word_pieces=12)


def test_bert_without_a_head(bert):
    replacer = MaskedWordReplacer(bert, candidates=3, max_word_pieces=12)
    assert not replacer.masked_lm
    assert replaced(replacer, "call mom") not in ("call mom", "")
