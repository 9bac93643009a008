from __future__ import annotations

import importlib
import shutil
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.encoder import PQRNNEncoder
from pqrnn_tf.files import ResumeError
from pqrnn_tf.runtime import ProjectionSpec
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.tasks import IntentSlotModel
from pqrnn_tf.teachers import (
    EnsembleTeacher,
    KerasTeacher,
    SavedTeacher,
    TFHubBertTeacher,
    load_teacher,
    save_ensemble,
    saved_labels,
)
from tests.tiny_models import tiny_encoder

INPUTS = {
    "text": tf.constant(["set an alarm", "call mom"]),
    "spans": tf.constant([[[0, 3], [4, 6], [7, 12]], [[0, 4], [5, 8], [0, 0]]]),
    "lengths": tf.constant([3, 2]),
}


@pytest.fixture(scope="module")
def bert_teacher(bert, labels, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bert_teacher") / "teacher"
    TFHubBertTeacher(bert, labels=labels, max_word_pieces=12, seed=3).save(folder)
    return folder


def training(folder, labels, kind=IntentSlotModel):
    keras.utils.set_random_seed(1)
    encoder = PQRNNEncoder(bottleneck_units=4, units=3, layers=1, kernel_width=2)
    model = kind(labels=labels, spec=ProjectionSpec(max_tokens=8), encoder=encoder)
    model.build({"features": (None, None, model.spec.features), "lengths": (None,)})
    folder.mkdir(parents=True)
    model.save(folder / "model.keras")
    (folder / "log.jsonl").write_text("{}\n")
    return folder


@pytest.fixture(scope="module")
def trained(labels, tmp_path_factory):
    return training(tmp_path_factory.mktemp("trained") / "run", labels)


def test_output_of_a_training_is_a_teacher(trained, labels):
    assert saved_labels(trained) == labels
    teacher = load_teacher(trained, labels=labels)
    assert isinstance(teacher, KerasTeacher)
    assert teacher(INPUTS)["slots"].shape == (2, 3, 3)


def test_a_teacher_that_is_first_asked_while_a_graph_is_traced_has_its_weights(trained):
    expected = load_teacher(trained)(INPUTS)
    keras.utils.set_random_seed(2)  # new weights would be others
    traced = tf.function(SavedTeacher(trained))(INPUTS)
    for name in ("intent", "slots"):
        np.testing.assert_allclose(traced[name], expected[name], atol=1e-6)


def test_ensemble_answers_by_the_weighted_mean(bert_teacher, trained, labels, tmp_path):
    save_ensemble([bert_teacher, trained], tmp_path / "both", weights=[3, 1], mean="probabilities")
    assert saved_labels(tmp_path / "both") == labels
    assert sorted(p.name for p in (tmp_path / "both" / "member_1").iterdir()) == ["model.keras"]
    together = load_teacher(tmp_path / "both", labels=labels)
    assert isinstance(together, EnsembleTeacher)
    parts = [load_teacher(folder)(INPUTS) for folder in (bert_teacher, trained)]
    answer = together(INPUTS)
    for name in ("intent", "slots"):
        first, second = (tf.nn.softmax(part[name]).numpy() for part in parts)
        expected = 0.75 * first + 0.25 * second
        if name == "slots":
            expected, got = expected[0], np.exp(answer[name])[0]
        else:
            got = np.exp(answer[name])
        np.testing.assert_allclose(got, expected, atol=1e-5)
    # The first member that has hidden states gives them.
    np.testing.assert_array_equal(answer["hidden"], parts[0]["hidden"])


def test_same_ensemble_again_is_left_alone(bert_teacher, trained, tmp_path):
    save_ensemble([bert_teacher, trained], tmp_path / "both")
    before = (tmp_path / "both" / "ensemble.json").stat().st_mtime_ns
    (trained / "log.jsonl").write_text("{}\n{}\n")  # what lies beside the model does not count
    save_ensemble([bert_teacher, trained], tmp_path / "both")
    assert (tmp_path / "both" / "ensemble.json").stat().st_mtime_ns == before
    with pytest.raises(ResumeError, match=r"weights \(\[1.0, 1.0\] there, \[2.0, 1.0\] here\)"):
        save_ensemble([bert_teacher, trained], tmp_path / "both", weights=[2, 1])
    (tmp_path / "other").mkdir()
    with pytest.raises(ValueError, match="holds something else"):
        save_ensemble([bert_teacher, trained], tmp_path / "other")


def test_bad_members_are_refused_and_nothing_is_written(bert, bert_teacher, trained, tmp_path):
    other = training(tmp_path / "other", LabelSet(intents=("A",), tags=("O",)))
    target = tmp_path / "both"
    with pytest.raises(LabelError, match="same `intents`"):
        save_ensemble([trained, other], target)
    with pytest.raises(ValueError, match="two folders or more"):
        save_ensemble([trained], target)
    with pytest.raises(ValueError, match="must have heads"):
        save_ensemble([bert, trained], target)
    with pytest.raises(ValueError, match="2 positive numbers"):
        save_ensemble([bert_teacher, trained], target, weights=[1.0])
    with pytest.raises(FileNotFoundError, match=r"ensemble\.json"):
        save_ensemble([tmp_path, trained], target)
    assert not target.exists()


def test_teacher_with_other_labels_is_refused(trained):
    with pytest.raises(LabelError, match="same `intents`"):
        load_teacher(trained, labels=LabelSet(intents=("A", "B"), tags=("O", "B-TIME", "I-TIME")))


def test_a_folder_with_a_sentence_encoder_is_no_teacher(tmp_path):
    tiny_encoder().save(tmp_path / "model.keras")
    with pytest.raises(
        ValueError, match="must hold an IntentSlotModel. It holds a SentenceEncoder"
    ):
        SavedTeacher(tmp_path)
    (tmp_path / "model.keras").write_bytes(b"not a model")
    with pytest.raises(ValueError, match="is damaged or of another kind"):
        SavedTeacher(tmp_path)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("teacher.json", "teacher.json"),
        ("heads.npz", "heads.npz"),
        ("encoder/saved_model.pb", "encoder"),
        ("encoder/variables/variables.data-00000-of-00001", "encoder"),
        ("encoder/variables/variables.index", "encoder"),
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
def test_half_a_teacher_was_a_traceback_or_did_not_name_its_file(
    bert_teacher, tmp_path, name, told, streamed
):
    folder = tmp_path / "teacher"
    shutil.copytree(bert_teacher, folder)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=rf"{told}' must be whole.* is damaged"):
        load_teacher(folder, streamed=streamed)


def test_model_of_ones_own_class_needs_its_module(labels, tmp_path, monkeypatch):
    (tmp_path / "own_teacher.py").write_text(
        "import keras\n"
        "from pqrnn_tf.tasks import IntentSlotModel\n"
        "@keras.saving.register_keras_serializable(package='own')\n"
        "class OwnModel(IntentSlotModel):\n"
        "    pass\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = training(
        tmp_path / "run", labels, kind=importlib.import_module("own_teacher").OwnModel
    )
    # As in a process that has not imported it.
    keras.saving.get_custom_objects().pop("own>OwnModel")
    del sys.modules["own_teacher"]
    with pytest.raises(ImportError, match=r"`modules` must name the module.*Received: \[\]"):
        load_teacher(folder)
    teacher = load_teacher(folder, modules=["own_teacher"])
    assert type(teacher.model).__name__ == "OwnModel"
    assert teacher(INPUTS)["slots"].shape == (2, 3, 3)
    with pytest.raises(ImportError, match="no_such_module"):
        load_teacher(folder, modules=["no_such_module"])
