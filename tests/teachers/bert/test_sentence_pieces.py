"""Sentence pieces: offsets of the text as it was, conversion against numpy, pruning that changes nothing."""

from __future__ import annotations

import io
import json
import os
import pathlib

import numpy as np
import pytest
import sentencepiece
import tensorflow as tf

from pqrnn_tf.teachers import MaskedWordReplacer, SavedTeacher, TFHubBertTeacher, convert_bert
from pqrnn_tf.teachers.bert import word_pieces
from pqrnn_tf.teachers.bert.conversion import TOLERANCE, tfhub_handle
from pqrnn_tf.teachers.bert.numpy_bert import numpy_bert
from pqrnn_tf.teachers.bert.sentence_pieces import (
    SentencePieceTokenizer,
    in_row_order,
    pruned,
    read_model,
)
from tests.teachers.bert.checkpoints import random_weights, write_safetensors

# Latin with full-width letters and a ligature, Thai, Devanagari, Han, Kana, Arabic: NFKC changes some of them.
TEXTS = (
    "wake me up at ７ in the ﬁrst café",
    "ตั้งปลุกพรุ่งนี้เจ็ดโมงค่ำ",
    "मुझे कल सुबह ७ बजे जगाओ",
    "请把闹钟设在明天早上七点",
    "明日の朝ｱﾗｰﾑを７時に",
    "أيقظني غدا الساعة السابعة",
)
OTHERS = ("put the kettle on 🙂 ☃", "снеговик стоит в саду и не тает")
WIDTH, LAYERS, HEADS, INNER, POSITIONS = 8, 2, 2, 12, 130
CONFIG = {
    "model_type": "xlm-roberta",
    "hidden_act": "gelu",
    "hidden_size": WIDTH,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "intermediate_size": INNER,
    "max_position_embeddings": POSITIONS,
    "type_vocab_size": 1,
    "layer_norm_eps": 1e-5,
    "pad_token_id": 1,
}


def learnt(**options):
    """A model of SentencePiece over the texts, in the order of XLM-R's files."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([*TEXTS, *OTHERS] * 4),
        model_writer=written,
        vocab_size=180,
        character_coverage=1.0,
        hard_vocab_limit=False,
        minloglevel=2,
        **options,
    )
    return written.getvalue()


@pytest.fixture(scope="module")
def model():
    return learnt()


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory, model):
    folder = tmp_path_factory.mktemp("xlmr")
    # <mask> has the last row, and rows of nothing follow it, as in published files.
    rows = len(read_model(model).pieces) + 5
    (folder / "config.json").write_text(json.dumps({**CONFIG, "vocab_size": rows}))
    (folder / "sentencepiece.bpe.model").write_bytes(model)
    weights = random_weights(
        pieces=rows, width=WIDTH, layers=LAYERS, inner=INNER, positions=POSITIONS, types=1
    )
    named = {f"roberta.{name}": values for name, values in weights.items()}
    write_safetensors(folder / "model.safetensors", named)
    return folder, weights


@pytest.fixture(scope="module")
def small(tmp_path_factory, checkpoint):
    folder = tmp_path_factory.mktemp("small") / "bert"
    convert_bert(checkpoint[0], folder, texts=TEXTS)
    return folder


def covered(tokenizer, text):
    """The part of the text that each piece says it stands for, start and end left out."""
    inputs, spans = tokenizer(tf.constant([text]))
    count = int(inputs["input_mask"].numpy().sum())
    return [text[start:end] for start, end in spans.numpy()[0, 1 : count - 1]]


@pytest.mark.parametrize("text", [*TEXTS, *OTHERS])
def test_spans_are_those_of_the_text_as_it_was(model, text):
    tokenizer = SentencePieceTokenizer(in_row_order(model, 1000))
    assert "".join("".join(covered(tokenizer, text)).split()) == "".join(text.split())


def test_full_width_letters_and_ligatures_keep_their_offsets(model):
    parts = covered(SentencePieceTokenizer(in_row_order(model, 1000)), TEXTS[0])
    seven = next(part for part in parts if "７" in part)
    assert seven.strip() == "７"
    assert any("ﬁ" in part for part in parts)


def test_rows_are_those_of_the_checkpoint(model):
    before = sentencepiece.SentencePieceProcessor(model_proto=model)
    inputs, _ = SentencePieceTokenizer(in_row_order(model, 1000))(tf.constant([*TEXTS]))
    for text, row in zip(TEXTS, inputs["input_word_ids"].numpy().tolist(), strict=True):
        pieces = [piece + 1 if piece else 3 for piece in before.encode(text)]
        assert row[: len(pieces) + 2] == [0, *pieces, 2]
        assert set(row[len(pieces) + 2 :]) <= {1}


@pytest.mark.parametrize("text", [b"", b"  ", b"\xff\xe2\x82 wake"])
def test_empty_and_broken_text(model, text):
    inputs, spans = SentencePieceTokenizer(in_row_order(model, 1000))(tf.constant([text]))
    decoded = text.decode("utf-8", "replace")
    assert inputs["input_word_ids"].numpy()[0, 0] == 0
    assert spans.numpy().max() == len(decoded.rstrip())


def test_text_is_cut_and_the_end_stays(model):
    tokenizer = SentencePieceTokenizer(in_row_order(model, 1000), max_word_pieces=5)
    rows = tokenizer(tf.constant(TEXTS))[0]["input_word_ids"].numpy()
    assert rows.shape == (len(TEXTS), 5) and set(rows[:, -1]) == {2}


def test_global_seed_does_not_take_the_tokenizer_away(model):
    """Setting it makes TensorFlow forget ops that ran outside of graphs, and the resources that they own."""
    tokenizer = SentencePieceTokenizer(in_row_order(model, 1000))
    traced = tf.function(tokenizer, input_signature=[tf.TensorSpec((None,), tf.string)])
    before = [call(tf.constant(TEXTS))[1].numpy() for call in (tokenizer, traced)]
    tf.random.set_seed(3)
    for call, spans in zip((tokenizer, traced), before, strict=True):
        np.testing.assert_array_equal(call(tf.constant(TEXTS))[1], spans)


def test_models_in_row_order_stay_and_others_are_refused(model):
    ordered = in_row_order(model, 1000)
    assert in_row_order(ordered, 1000) == ordered
    with pytest.raises(ValueError, match="must begin with"):
        in_row_order(learnt(bos_id=-1), 1000)
    with pytest.raises(ValueError, match="a row for each sentence piece. Received: .* 10 rows"):
        in_row_order(model, 10)
    with pytest.raises(ValueError, match="must be a model of SentencePiece"):
        in_row_order(b"none at all", 1000)
    with pytest.raises(ValueError, match="one pair of"):
        SentencePieceTokenizer(model)  # no padding


def test_outputs_equal_a_forward_pass_of_the_whole_checkpoint_in_numpy(small, checkpoint, model):
    teacher = TFHubBertTeacher(small, labels=None)
    check_against_numpy(teacher, checkpoint[1], model, CONFIG)
    assert teacher.encoder.trainable_variables[0].shape[0] < 0.95 * len(read_model(model).pieces)


@pytest.mark.large
def test_a_checkpoint_with_all_its_pieces(checkpoint, model, tmp_path):
    convert_bert(checkpoint[0], tmp_path / "bert")
    teacher = TFHubBertTeacher(tmp_path / "bert", labels=None)
    check_against_numpy(teacher, checkpoint[1], model, CONFIG, [*TEXTS, *OTHERS])
    assert teacher.encoder.trainable_variables[0].shape[0] == len(read_model(model).pieces) + 1


def check_against_numpy(teacher, weights, model, config, texts=TEXTS):
    """Compares a teacher with an independent tokenizer and forward pass, text by text."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    encoded = teacher.encoder(teacher.tokenizer(tf.constant(texts))[0])["sequence_output"].numpy()
    for number, text in enumerate(texts):
        rows = np.array([[0, *(p + 1 if p else 3 for p in processor.encode(text)), 2]])
        states = numpy_bert(
            weights,
            rows,
            np.ones_like(rows),
            np.zeros_like(rows),
            layers=config["num_hidden_layers"],
            heads=config["num_attention_heads"],
            epsilon=config["layer_norm_eps"],
            first_position=2 if config["model_type"] == "xlm-roberta" else 0,
        )
        difference = np.abs(encoded[number, : rows.shape[1]] - states[-1][0]).max()
        assert difference <= TOLERANCE, text


def test_pruned_models_spell_what_they_no_longer_know(model):
    ordered = in_row_order(model, 1000)
    smaller, kept = pruned(ordered, ["wake me at", "in the first cafe"])
    processor = sentencepiece.SentencePieceProcessor(model_proto=smaller)
    assert len(kept) == processor.get_piece_size() < 0.8 * len(read_model(ordered).pieces)
    # No letter of Thai is known any more; a snowman, being no letter, is.
    assert processor.encode("wake ต", out_type=str)[-1] == "ต" and processor.encode("ต")[-1] == 3
    assert 3 not in processor.encode("TEAM met him ☃".lower())


def test_the_same_pieces_in_another_vocabulary(model):
    ordered = in_row_order(model, 1000)
    for text in TEXTS:
        smaller, kept = pruned(ordered, [text])
        before = sentencepiece.SentencePieceProcessor(model_proto=ordered).encode(text)
        after = sentencepiece.SentencePieceProcessor(model_proto=smaller).encode(text)
        assert [kept[piece] for piece in after] == before


def test_what_cannot_be_pruned(model):
    with pytest.raises(ValueError, match="at least one text"):
        pruned(in_row_order(model, 1000), [])
    with pytest.raises(ValueError, match="must be a unigram model"):
        pruned(in_row_order(learnt(model_type="bpe"), 1000), TEXTS)


def test_word_pieces_are_pruned_too():
    vocabulary = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "wake", "##s", "me", "set", "##ting", "a")
    smaller, kept = word_pieces.pruned(vocabulary, ["wakes a"], lower_case=False)
    assert smaller == (*vocabulary[:6], "a")
    assert [vocabulary[number] for number in kept] == list(smaller)
    with pytest.raises(ValueError, match="at least one text"):
        word_pieces.pruned(vocabulary, [], lower_case=True)


def test_converted_folder_tells_its_pieces(small, checkpoint):
    assert tfhub_handle(checkpoint[0], small, texts=TEXTS) == str(small)
    with pytest.raises(ValueError, match="with the same pieces"):
        tfhub_handle(checkpoint[0], small)
    with pytest.raises(ValueError, match="must be a folder with a checkpoint"):
        tfhub_handle(small, small.with_name("again"), texts=TEXTS)


@pytest.mark.large
def test_replacing_words_by_a_bert_with_sentence_pieces_was_a_traceback(small):
    with pytest.raises(ValueError, match="with word pieces where words are replaced"):
        MaskedWordReplacer(small)


def test_teacher_is_saved_and_opened_again(small, labels, tmp_path):
    teacher = TFHubBertTeacher(small, labels=labels)
    teacher.save(tmp_path / "teacher")
    inputs = {"text": [TEXTS[3]], "spans": [[[0, 1], [2, 4]]], "lengths": [2]}
    again = SavedTeacher(tmp_path / "teacher")
    np.testing.assert_allclose(teacher(inputs)["slots"], again(inputs)["slots"], atol=1e-6)


E5 = "PQRNN_E5"
"""Variable of the environment that names a folder with multilingual-e5-small."""


@pytest.mark.large
def test_multilingual_e5(tmp_path):
    from safetensors.numpy import load_file

    if E5 not in os.environ:
        pytest.skip(f"{E5} must name a folder with a checkpoint of multilingual-e5-small")
    folder = pathlib.Path(os.environ[E5])
    convert_bert(folder, tmp_path / "bert", texts=TEXTS)
    teacher = TFHubBertTeacher(tmp_path / "bert", labels=None)
    assert teacher.encoder.trainable_variables[0].shape[0] < 5_000
    config = json.loads((folder / "config.json").read_text())
    model = (folder / "sentencepiece.bpe.model").read_bytes()
    check_against_numpy(teacher, load_file(folder / "model.safetensors"), model, config)
