from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.teachers import Teacher, TFHubBertTeacher


@pytest.fixture(scope="module")
def teacher(bert, labels):
    return TFHubBertTeacher(bert, labels=labels, max_word_pieces=12)


@pytest.fixture(scope="module")
def saved(teacher, tmp_path_factory):
    """A saved teacher that tests only read."""
    folder = tmp_path_factory.mktemp("saved") / "teacher"
    teacher.save(folder)
    return folder


@pytest.fixture
def copied(saved, tmp_path):
    """A copy of a saved teacher that a test may break."""
    return shutil.copytree(saved, tmp_path / "teacher")


def batch_of(*rows):
    """Inputs of rows `(text, spans)`, padded."""
    time = max(len(spans) for _, spans in rows)
    padded = [[*spans, *[(0, 0)] * (time - len(spans))] for _, spans in rows]
    return {
        "text": tf.constant([text for text, _ in rows]),
        "spans": tf.constant(padded, tf.int32),
        "lengths": tf.constant([len(spans) for _, spans in rows], tf.int32),
    }


LONG = ("set an alarm", [(0, 3), (4, 6), (7, 12)])
SHORT = ("call", [(0, 4)])


def test_contract_of_the_outputs(teacher):
    outputs = teacher(batch_of(LONG, SHORT))
    shapes = {key: tuple(value.shape) for key, value in outputs.items()}
    assert shapes == {"intent": (2, 2), "slots": (2, 3, 3), "hidden": (2, 3, 16), "mask": (2, 3)}
    assert outputs["mask"].numpy().tolist() == [[True] * 3, [True, False, False]]


def test_is_a_teacher(teacher):
    assert isinstance(teacher, Teacher) and not teacher.supports_jit


def test_padded_batch_equals_the_single_example(teacher):
    both, alone = teacher(batch_of(LONG, SHORT)), teacher(batch_of(SHORT))
    np.testing.assert_allclose(both["intent"][1:], alone["intent"], atol=1e-5)
    np.testing.assert_allclose(both["slots"][1:, :1], alone["slots"], atol=1e-5)


def test_words_are_means_of_the_encoders_own_states(teacher):
    # [CLS] set alarm ##s [SEP], computed with the encoder directly.
    inputs = {
        "input_word_ids": tf.constant([[2, 5, 7, 8, 3]]),
        "input_mask": tf.ones((1, 5), tf.int32),
        "input_type_ids": tf.zeros((1, 5), tf.int32),
    }
    states = teacher.encoder(inputs, training=False)["sequence_output"].numpy()[0]
    hidden = teacher(batch_of(("set alarms", [(0, 3), (4, 10)])))["hidden"].numpy()[0]
    np.testing.assert_allclose(hidden, [states[1], (states[2] + states[3]) / 2], atol=1e-6)


ONE_PIECE = ("สวัส call", [(0, 1), (1, 2), (2, 3), (3, 4), (5, 9)])  # each letter a token


def test_only_the_first_character_of_a_piece_may_begin_a_slot(teacher):
    """Regression: where a piece is several tokens, as in Chinese, all of them got the same tags."""
    slots = teacher(batch_of(ONE_PIECE))["slots"].numpy()[0]
    expected = [[0.0, -8.0, 0.0]] * 3  # O, B-TIME, I-TIME
    np.testing.assert_allclose(slots[1:4] - slots[0], expected, atol=1e-5)


def test_a_teacher_of_an_earlier_version_answers_as_it_did(copied):
    with np.load(copied / "heads.npz") as heads:
        old = {name: heads[name] for name in heads if name != "slot_head/inner"}
    np.savez(copied / "heads.npz", **old)
    slots = TFHubBertTeacher.load(copied)(batch_of(ONE_PIECE))["slots"].numpy()[0]
    np.testing.assert_array_equal(slots[1:4], slots[:3])


def test_hidden_layer_is_chosen(bert_of_two_layers, labels):
    teacher = TFHubBertTeacher(
        bert_of_two_layers, labels=labels, max_word_pieces=12, hidden_layer=0
    )
    ids = tf.constant([[2, 12, 3]])
    inputs = {"input_word_ids": ids, "input_mask": tf.ones_like(ids), "input_type_ids": 0 * ids}
    first, last = teacher.encoder(inputs, training=False)["encoder_outputs"]
    outputs = teacher(batch_of(SHORT))
    np.testing.assert_allclose(outputs["hidden"][0, 0], first[0, 1], atol=1e-6)
    # The slot head reads the last layer all the same (its bias is zero at the start).
    kernel = teacher.trainable_variables[-3]
    np.testing.assert_allclose(outputs["slots"][0], last[0, 1:2] @ kernel, atol=1e-6)


def test_tokens_beyond_the_word_pieces_are_masked(teacher):
    text = "set " * 12
    outputs = teacher(batch_of((text, [(4 * i, 4 * i + 3) for i in range(12)])))
    assert outputs["mask"].numpy()[0].tolist() == [True] * 10 + [False] * 2
    assert not outputs["hidden"].numpy()[0, 10:].any()


def test_invalid_utf8_has_an_answer(teacher):
    outputs = teacher(batch_of((b"\xff\xfe set", [(0, 1), (3, 6)])))
    assert np.isfinite(outputs["slots"].numpy()).all()
    assert outputs["mask"].numpy().tolist() == [[True, True]]


def test_empty_text_has_an_answer(teacher):
    outputs = teacher({"text": [""], "spans": np.zeros((1, 0, 2), np.int32), "lengths": [0]})
    assert np.isfinite(outputs["intent"].numpy()).all() and outputs["slots"].shape == (1, 0, 3)


def test_runs_inside_tf_data(teacher):
    data = tf.data.Dataset.from_tensors(batch_of(LONG)).map(teacher)
    eager = teacher(batch_of(LONG))
    np.testing.assert_allclose(next(iter(data))["slots"], eager["slots"], atol=1e-5)


def test_dropout_only_in_training(teacher):
    inputs = batch_of(LONG)
    a, b = teacher(inputs), teacher(inputs)
    np.testing.assert_array_equal(a["intent"], b["intent"])
    c, d = teacher(inputs, training=True), teacher(inputs, training=True)
    assert np.abs(c["slots"] - d["slots"]).max() > 0


def test_gradients_reach_encoder_and_heads(teacher):
    with tf.GradientTape() as tape:
        outputs = teacher(batch_of(LONG))
        loss = tf.reduce_sum(outputs["intent"] ** 2) + tf.reduce_sum(outputs["slots"] ** 2)
    gradients = tape.gradient(loss, teacher.trainable_variables)
    assert len(gradients) == 23 + 5 and all(g is not None for g in gradients)


def test_save_and_load_keep_the_answers(teacher, bert, labels, tmp_path):
    trained = TFHubBertTeacher(bert, labels=labels, max_word_pieces=12, seed=1)
    for variable in trained.trainable_variables:
        variable.assign_add(0.05 * tf.ones_like(variable) * tf.sign(variable + 0.01))
    trained.save(tmp_path / "teacher")
    loaded = TFHubBertTeacher.load(tmp_path / "teacher", labels=labels)
    expected, received = trained(batch_of(LONG)), loaded(batch_of(LONG))
    for key in ("intent", "slots", "hidden"):
        np.testing.assert_allclose(received[key], expected[key], atol=1e-6)
    assert np.abs(expected["slots"] - teacher(batch_of(LONG))["slots"]).max() > 0.01
    assert (loaded.max_word_pieces, loaded.lower_case) == (12, False)
    assert [p.name for p in tmp_path.iterdir()] == ["teacher"]


def test_loaded_teacher_can_be_trained_and_saved_again(copied):
    loaded = TFHubBertTeacher.load(copied)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(loaded(batch_of(LONG), training=True)["slots"] ** 2)
    variables = loaded.encoder.trainable_variables
    for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
        variable.assign_sub(0.01 * tf.convert_to_tensor(gradient))
    loaded.save(copied, overwrite=True)
    again = TFHubBertTeacher.load(copied)
    np.testing.assert_allclose(
        again(batch_of(LONG))["slots"], loaded(batch_of(LONG))["slots"], atol=1e-6
    )


def test_save_does_not_overwrite_unasked(teacher, tmp_path):
    (tmp_path / "teacher").mkdir()
    with pytest.raises(FileExistsError, match="`folder` must not exist yet"):
        teacher.save(tmp_path / "teacher")


def test_failed_save_leaves_nothing(teacher, tmp_path, monkeypatch):
    def fail(*_args, **_options):
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="disk full"):
        teacher.save(tmp_path / "teacher")
    assert not list(tmp_path.iterdir())


def test_folder_that_is_missing(labels, tmp_path):
    with pytest.raises(FileNotFoundError, match="`handle` must be the URL"):
        TFHubBertTeacher(tmp_path / "nothing", labels=labels)


def test_folder_without_a_saved_model(labels, tmp_path):
    with pytest.raises(ValueError, match="'saved_model.pb'"):
        TFHubBertTeacher(tmp_path, labels=labels)


def test_folder_of_a_saved_teacher_names_the_right_door(saved, labels):
    with pytest.raises(ValueError, match="use `TFHubBertTeacher.load`"):
        TFHubBertTeacher(saved, labels=labels)


def test_handle_that_cannot_be_fetched(labels, monkeypatch):
    import tensorflow_hub as hub

    def fail(handle):
        raise OSError("no route to host")

    monkeypatch.setattr(hub, "load", fail)
    with pytest.raises(OSError, match="`handle` could not be loaded.*no route to host"):
        TFHubBertTeacher("https://tfhub.dev/nobody/nothing/1", labels=labels)


def test_saved_model_that_cannot_be_called(labels, tmp_path):
    tf.saved_model.save(tf.Module(), str(tmp_path / "model"))
    with pytest.raises(ValueError, match="BERT encoder in TF-Hub's format.*cannot be called"):
        TFHubBertTeacher(tmp_path / "model", labels=labels)


class Encoder(tf.Module):
    """Something that is called like a BERT but returns only a part of it."""

    @tf.function
    def __call__(self, inputs, training=False):
        states = tf.cast(inputs["input_word_ids"], tf.float32)[..., None]
        return {"pooled_output": states[:, 0], "sequence_output": states}


def save_encoder(encoder, folder):
    spec = tf.TensorSpec((None, None), tf.int32)
    inputs = dict.fromkeys(("input_word_ids", "input_mask", "input_type_ids"), spec)
    encoder.__call__.get_concrete_function(inputs, training=False)
    tf.saved_model.save(encoder, str(folder))


def test_saved_model_with_missing_outputs(labels, tmp_path):
    save_encoder(Encoder(), tmp_path / "model")
    with pytest.raises(ValueError, match=r"returns \['pooled_output', 'sequence_output'\]"):
        TFHubBertTeacher(tmp_path / "model", labels=labels)


def test_saved_model_with_other_inputs(labels, tmp_path):
    class Sentence(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
        def __call__(self, text):
            return {"default": tf.strings.length(text)}

    tf.saved_model.save(Sentence(), str(tmp_path / "model"))
    with pytest.raises(ValueError, match="does not take these inputs"):
        TFHubBertTeacher(tmp_path / "model", labels=labels)


def test_saved_model_without_a_vocabulary(labels, tmp_path):
    class Complete(Encoder):
        @tf.function
        def __call__(self, inputs, training=False):
            states = tf.cast(inputs["input_word_ids"], tf.float32)[..., None]
            return {
                "pooled_output": states[:, 0],
                "sequence_output": states,
                "encoder_outputs": [states],
            }

    save_encoder(Complete(), tmp_path / "model")
    with pytest.raises(ValueError, match=r"carries its vocabulary, as one of \[.vocab_file."):
        TFHubBertTeacher(tmp_path / "model", labels=labels)


def test_vocabulary_that_does_not_fit(bert, labels, tmp_path):
    shutil.copytree(bert, tmp_path / "model")
    with open(tmp_path / "model" / "assets" / "vocab.txt", "a", encoding="utf-8") as file:
        file.write("one\nmore\n")
    with pytest.raises(ValueError, match="does not fit the encoder.*rows, 22. Received: 24"):
        TFHubBertTeacher(tmp_path / "model", labels=labels, max_word_pieces=12)


def test_more_word_pieces_than_positions(bert, labels):
    with pytest.raises(ValueError, match="`max_word_pieces` must be at most 24"):
        TFHubBertTeacher(bert, labels=labels, max_word_pieces=25)


def test_hidden_layer_out_of_range(bert, labels):
    with pytest.raises(ValueError, match="`hidden_layer` must be from -1 to 0"):
        TFHubBertTeacher(bert, labels=labels, max_word_pieces=12, hidden_layer=1)


def test_inputs_without_text(teacher):
    with pytest.raises(ValueError, match=r"without \['text', 'spans'\]"):
        teacher({"features": tf.zeros((1, 2, 4)), "lengths": [1]})


def test_load_with_other_labels(saved):
    other = LabelSet(intents=("ALARM", "REMINDER"), tags=("O", "B-TIME", "I-TIME"))
    with pytest.raises(LabelError, match=r"only the teacher has \['CALL'\]"):
        TFHubBertTeacher.load(saved, labels=other)


def test_load_of_an_incomplete_folder(copied):
    (copied / "heads.npz").unlink()
    with pytest.raises(FileNotFoundError, match="has no 'heads.npz'"):
        TFHubBertTeacher.load(copied)


def test_load_of_another_format(copied):
    file = copied / "teacher.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "format": 2}))
    with pytest.raises(ValueError, match="format 1. Received: format 2"):
        TFHubBertTeacher.load(copied)


def test_missing_package_names_the_pip_line():
    from pqrnn_tf.extras import require

    with pytest.raises(ImportError, match=r'pip install "pqrnn-tf\[teachers\]"'):
        require("tensorflow_text.that_is_not_there")
