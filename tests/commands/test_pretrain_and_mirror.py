"""`pretrain` and `mirror`: what they leave, and calls that are refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.commands.arguments import UsageError
from pqrnn_tf.commands.mirror import CONTRAST_ONLY, encoder_config
from pqrnn_tf.tasks.sentence_encoder import SentenceEncoder
from pqrnn_tf.teachers import LabelledText
from tests.distillation.test_transformer_students import bert_folder
from tests.teachers.answers.test_shards import make_store
from tests.tiny_models import tiny_encoder

SMALL = [
    "epochs=1", "units=8", "bottleneck_units=16", "layers=1", "batch_size=16", "width=8",
    "spec.word_features=32", "spec.ngram_features=32", "spec.max_tokens=24",
]  # fmt: skip
SETTINGS = ["--verbose", 0, *(part for value in SMALL for part in ("--set", value))]


def stopped(*_, **__):
    """Stands for a training that must not begin, or only begin."""
    raise ValueError("the training began")


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("\n".join(f"say {i} and {i + 1}" for i in range(24)), encoding="utf-8")
    return path


def test_mirror_leaves_a_preset(call, text, tmp_path, eager):
    output = tmp_path / "mirrored"
    done = call("mirror", text, "--span", "words", "--size", 1, "--output", output, *SETTINGS)
    told = done.json()
    assert told["width"] == 8 and told["contrastive_loss"] > 0
    assert SentenceEncoder.from_preset(output).encode(["say 3"]).shape == (1, 8)
    assert json.loads((output / "training.json").read_text())["config"]["contrastive_weight"] == 1.0


def test_mirror_keeps_what_its_flags_leave_open(tmp_path):
    path = tmp_path / "config.json"
    path.write_text('{"contrastive_temperature": 0.3, "erased": 0.5, "vector_weight": 0}')
    config = encoder_config(str(path), ["width=8"], span="features", temperature=None)
    assert (config.contrastive_temperature, config.erased, config.width) == (0.3, 0.5, 8)
    assert (config.contrastive_weight, config.vector_weight, config.similarity_weight) == (1, 0, 0)
    config = encoder_config(None, ["contrastive_temperature=0.3"], span="words", temperature=0.2)
    assert (config.contrastive_temperature, config.erased) == (0.2, 0.0)
    assert encoder_config(None, [], span="words", temperature=None).contrastive_temperature == 0.04


@pytest.mark.parametrize(
    ("given", "span"),
    [
        *((f"{name}=0.5", "features") for name in CONTRAST_ONLY),
        ("erased=0.5", "words"),
    ],
)
def test_mirror_refuses_what_it_sets_itself(given, span):
    with pytest.raises(UsageError, match=f"{given} has no use here"):
        encoder_config(None, [given], span=span, temperature=None)


def test_mirror_of_a_bert_takes_the_temperature_of_the_configuration(
    call, text, tmp_path, monkeypatch
):
    configs = []

    def mirror(bert, data, output, config, **_):
        configs.append(config)
        raise ValueError("seen")

    monkeypatch.setattr("pqrnn_tf.distillation.mirroring.mirror_bert", mirror)
    line = ["mirror", text, "--teacher", tmp_path, "--output", tmp_path / "out"]
    for more in ([], ["--set", "temperature=0.2"], ["--temperature", 0.3]):
        assert "seen" in call(*line, *more).err
    assert [config.temperature for config in configs] == [0.04, 0.2, 0.3]


@pytest.mark.parametrize(
    ("store", "settings", "told"),
    [
        ({}, ["spec.max_tokens=15"], "were made with"),
        ({}, ["token_weight=1"], "Label the text again with hidden=True"),
        ({"vectors": False, "hidden": True}, [], "has no sentence vectors: label its text"),
        ({"teacher": "1" * 64}, [], "has the answers of another teacher"),
    ],
)
def test_pretrain_refuses_answers_that_do_not_fit_before_the_teacher_answers(
    call, text, tmp_path, monkeypatch, store, settings, told
):
    class Teacher:
        digest = store.pop("teacher", "0" * 64)

    monkeypatch.setattr("pqrnn_tf.teachers.SavedTeacher", lambda _: Teacher)
    monkeypatch.setattr("pqrnn_tf.teachers.bert.conversion.tfhub_handle", lambda handle, _: handle)
    monkeypatch.setattr("pqrnn_tf.teachers.label_text", lambda *_, **__: pytest.fail("asked"))
    folder = make_store(tmp_path, labels=None, **{"vectors": True, "hidden": False, **store})
    line = ["pretrain", text, "--teacher", "bert", "--answers", folder]
    changes = ["spec.max_tokens=16", *settings]
    line += [part for value in changes for part in ("--set", value)]
    done = call(*line, "--output", tmp_path / "out")
    assert done.code and told in done.err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--set", "vector_weight=0", "--set", "similarity_weight=0"], "at least one loss"),
        (["--start", "START"], "must have the sizes and the projection"),
    ],
)
def test_pretrain_found_what_cannot_work_after_the_teacher_had_answered(
    call, text, tmp_path, monkeypatch, more, told
):
    monkeypatch.setattr("pqrnn_tf.teachers.bert.conversion.tfhub_handle", lambda handle, _: handle)
    monkeypatch.setattr("pqrnn_tf.teachers.SavedTeacher", lambda _: pytest.fail("asked"))
    tiny_encoder().save_to_preset(tmp_path / "start")
    more = [tmp_path / "start" if word == "START" else word for word in more]
    line = ["pretrain", text, "--teacher", "bert", "--output", tmp_path / "out", *SETTINGS]
    done = call(*line, *more)
    assert done.code == 1 and told in done.err
    assert not (tmp_path / "out").exists()


def test_mirror_leaves_a_bert_whose_vectors_are_stored(call, text, tmp_path, eager):
    bert, output = bert_folder(tmp_path / "bert", layers=1), tmp_path / "mirrored"
    settings = ["--set", "batch_size=12", "--set", "learning_rate=0.01", "--verbose", 0]
    told = call("mirror", text, "--teacher", bert, "--output", output, *settings).json()
    assert told["width"] == 16 and told["passes"] == 1 and told["loss"] > 0
    claim = json.loads((output / "training.json").read_text())
    assert (claim["config"]["temperature"], claim["config"]["dropout"]) == (0.04, 0.1)
    found = []
    for teacher in (bert, output / "encoder"):
        answers = tmp_path / f"answers of {teacher.name}"
        line = ["label", text, "--vectors", "--teacher", teacher, "--workers", 0]
        assert call(*line, "--output", answers).json()["rows"] == 24
        found.append(LabelledText(answers).shard(0).vectors)
    assert np.abs(found[0] - found[1]).max() > 0.01


def test_bfloat16_reaches_tensorflow_and_is_part_of_the_training(
    call, text, tmp_path, eager, monkeypatch
):
    set_to: list[dict[str, bool]] = []
    monkeypatch.setattr(tf.config.optimizer, "set_experimental_options", set_to.append)
    line = ["mirror", text, "--output", tmp_path / "out", *SETTINGS]
    call(*line, "--bfloat16").json()
    assert set_to == [{"auto_mixed_precision_onednn_bfloat16": True}]
    again = call(*line)  # in floats it is another training, which does not continue this one
    assert again.code and "bfloat16" in again.err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["pretrain"], "give files with text and --teacher, or --answers"),
        (["pretrain", "TEXT"], "text needs --teacher"),
        (["pretrain", "--answers", "x", "--teacher", "y"], "--teacher has no use here"),
        (["mirror"], "give files with text"),
        (["mirror", "TEXT", "--size", "3"], "--size has no use here"),
        (["mirror", "TEXT", "--set", "width=0"], "`width` must be a whole number of at least 1"),
        (["mirror", "TEXT", "--start", "nowhere"], "nowhere"),
        (["mirror", "missing.txt"], "missing.txt"),
        (["mirror", "TEXT", "--shortest", "3"], "--shortest has no use here"),
        (["mirror", "TEXT", "--teacher", "x", "--start", "y"], "--start has no use here"),
        (["mirror", "TEXT", "--teacher", "x", "--span", "features"], "--span features has no use"),
        (["mirror", "TEXT", "--teacher", "x", "--set", "width=3"], "width"),
        (["mirror", "TEXT", "--teacher", "nowhere"], "a TF-Hub model or a folder"),
    ],
)
def test_calls_that_cannot_work_are_refused(call, text, tmp_path, line, told):
    words = [text if word == "TEXT" else word for word in line]
    done = call(*words, "--output", tmp_path / "out")
    assert done.code and told in done.err
    assert not (tmp_path / "out").exists()


def test_an_encoder_was_trained_on_one_text_that_differs_from_no_other(call, tmp_path):
    one = tmp_path / "one.txt"
    one.write_text("say it\nSay it!\n", encoding="utf-8")
    done = call("mirror", one, "--output", tmp_path / "out", *SETTINGS)
    assert done.code == 1 and "at least two texts" in done.err
    assert not (tmp_path / "out").exists()


def test_texts_were_dropped_without_a_word(call, text, tmp_path, monkeypatch):
    monkeypatch.setattr("pqrnn_tf.distillation.pretraining.pretrain", stopped)
    text.write_text(text.read_text() + "\nSay 1 and 2!\n" + 300 * "long ", encoding="utf-8")
    done = call("mirror", text, "--output", tmp_path / "out", *SETTINGS)
    assert "26 texts in 1 files: 1 too long, 0 excluded, 1 repeated, 24 kept" in done.err


def test_a_damaged_shard_among_answers_was_a_traceback_in_the_midst_of_training(
    call, tmp_path, monkeypatch
):
    monkeypatch.setattr("pqrnn_tf.distillation.pretraining.pretrain", stopped)
    folders = [tmp_path / "whole", tmp_path / "damaged"]
    for folder in folders:
        folder.mkdir()
        make_store(folder, labels=None, vectors=True, hidden=False)
    shard = folders[1] / "shard-00002.npz"
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    line = ["pretrain", *(part for folder in folders for part in ("--answers", folder))]
    done = call(*line, "--set", "spec.max_tokens=16", "--output", tmp_path / "out")
    assert done.code == 1 and "shard-00002.npz' must have the SHA-256" in done.err


def test_text_without_a_line_is_refused(call, tmp_path):
    empty = tmp_path / "empty.txt"
    empty.write_text("\n\n", encoding="utf-8")
    done = call("mirror", empty, "--output", tmp_path / "out")
    assert done.code and "holds no text" in done.err
