"""A teacher on disk: the answers of the one in memory, bit for bit, with the memory of one layer."""

from __future__ import annotations

import json
import subprocess
import sys
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.datasets.rows import unlabelled
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.tasks import parsing
from pqrnn_tf.tasks.pipeline import token_spans
from pqrnn_tf.teachers import SavedTeacher, StreamedTeacher, TFHubBertTeacher, label_text
from pqrnn_tf.teachers.bert import parts
from pqrnn_tf.teachers.bert.parts import SavedBert
from tests.teachers.bert.test_bert_conversion import write_checkpoint

SPEC = ProjectionSpec()
TEXTS = ["set an alarm", "call mom at 7pm", "", "สวัสดี ? set", "set eine alarm for 7 at 7"]
ROWS = [unlabelled(text) for text in TEXTS]


@pytest.fixture(scope="module")
def folder(bert_of_two_layers, labels, tmp_path_factory):
    folder = tmp_path_factory.mktemp("streaming") / "teacher"
    teacher = TFHubBertTeacher(bert_of_two_layers, labels=labels, max_word_pieces=12, seed=3)
    teacher.save(folder)
    return folder


def inputs_of(texts):
    spans = token_spans(texts, SPEC)
    padded = np.zeros((len(texts), max(map(len, spans)), 2), np.int32)
    for row, own in zip(padded, spans, strict=True):
        row[: len(own)] = np.reshape(own, (-1, 2))
    return {
        "text": tf.constant(texts),
        "spans": tf.constant(padded),
        "lengths": tf.constant([len(own) for own in spans]),
    }


def traced(teacher):
    """The forward pass as labelling and scoring trace it."""
    return tf.function(
        teacher,
        input_signature=[
            {
                "text": tf.TensorSpec((None,), tf.string),
                "spans": tf.TensorSpec((None, None, 2), tf.int32),
                "lengths": tf.TensorSpec((None,), tf.int32),
            }
        ],
    )


def equal(one, other):
    assert sorted(one) == sorted(other)
    return all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("hidden_layer", [-1, 0])
def test_streamed_answers_are_those_of_the_teacher_in_memory(folder, hidden_layer):
    memory, streamed = TFHubBertTeacher.load(folder), StreamedTeacher.load(folder)
    memory.hidden_layer = streamed.hidden_layer = hidden_layer
    whole = traced(memory)
    given = [inputs_of(TEXTS[:2]), inputs_of(TEXTS[2:])]
    for inputs, answers in zip(given, streamed.answers(given), strict=True):
        assert equal(whole(inputs), answers)
    assert equal(whole(given[1]), streamed(given[1]))


def test_an_encoder_without_heads_is_streamed_too(bert_of_two_layers):
    inputs = inputs_of(TEXTS)
    streamed = StreamedTeacher(bert_of_two_layers, labels=None, max_word_pieces=12)
    whole = TFHubBertTeacher(bert_of_two_layers, labels=None, max_word_pieces=12)
    assert equal(traced(whole)(inputs), streamed(inputs))


@pytest.mark.large
def test_a_converted_checkpoint_is_streamed_with_its_own_activation(tmp_path):
    from pqrnn_tf.teachers import convert_bert

    convert_bert(write_checkpoint(tmp_path / "checkpoint", hidden_act="gelu"), tmp_path / "bert")
    whole, streamed = (
        kind(tmp_path / "bert", labels=None, max_word_pieces=12)
        for kind in (TFHubBertTeacher, StreamedTeacher)
    )
    assert streamed._saved.sizes.activation in ("Erf", "Erfc")
    inputs = inputs_of(["set alarms", "call mom"])
    assert equal(traced(whole)(inputs), streamed(inputs))


def test_shards_of_a_streamed_teacher_have_the_same_digest_and_resume_each_other(folder, tmp_path):
    options = {"spec": SPEC, "rows_per_shard": 3, "hidden": True, "batch_size": 2, "workers": 0}
    whole = label_text(ROWS, folder, tmp_path / "whole", **options)
    streamed = SavedTeacher(folder, streamed=True)
    stored = label_text(ROWS, streamed, tmp_path / "streamed", **options)
    assert [shard.sha256 for shard in stored.shards] == [shard.sha256 for shard in whole.shards]
    assert stored.manifest["fingerprint"] == whole.manifest["fingerprint"]


def test_the_weights_of_two_layers_are_in_memory_at_a_time():
    alive, most = 0, 0

    def forget():
        nonlocal alive
        alive -= 1

    class Saved:
        sizes = SimpleNamespace(layers=12)

        def read_layer(self, number):
            nonlocal alive, most
            weights = np.full(4, number)
            weakref.finalize(weights, forget)
            alive += 1
            most = max(most, alive)
            return {"weights": weights}

    seen = []
    parts = SimpleNamespace(load_layer=lambda _, weights: seen.append(int(weights["weights"][0])))
    for number in StreamedTeacher._layers(SimpleNamespace(_saved=Saved(), _parts=parts)):
        assert seen[-1] == number
    assert seen == list(range(12))
    assert most == 1  # beside those of the layer that was loaded
    assert alive == 0


def test_weights_are_read_once_for_all_batches(folder, monkeypatch):
    teacher = StreamedTeacher.load(folder)
    read = []
    original = teacher._saved.read_layer
    monkeypatch.setattr(
        teacher._saved, "read_layer", lambda number: read.append(number) or original(number)
    )
    assert len(list(teacher.answers([inputs_of([text]) for text in TEXTS]))) == len(TEXTS)
    assert read == [0, 1]


def test_scores_ask_a_streamed_teacher_for_all_batches_at_once(folder, monkeypatch):
    teacher = SavedTeacher(folder, streamed=True)
    asked = []
    original = StreamedTeacher.answers
    monkeypatch.setattr(
        StreamedTeacher,
        "answers",
        lambda self, given: asked.append(len(given)) or original(self, given),
    )
    parses = parsing.parse_texts(teacher, TEXTS, spec=SPEC, batch_size=2)
    assert asked == [3]
    expected = parsing.parse_texts(TFHubBertTeacher.load(folder), TEXTS, spec=SPEC)
    assert [(parse.intent, parse.tags) for _, parse in parses] == [
        (parse.intent, parse.tags) for _, parse in expected
    ]


def test_what_a_streamed_teacher_cannot_do_is_named(folder, tmp_path):
    teacher = StreamedTeacher.load(folder)
    assert teacher.trainable_variables == ()
    with pytest.raises(ValueError, match="Received: a call in training"):
        teacher(inputs_of(TEXTS), training=True)
    with pytest.raises(ValueError, match="Received: a call in a graph"):
        tf.function(teacher)(inputs_of(TEXTS))
    with pytest.raises(ValueError, match="on disk already"):
        teacher.save(tmp_path / "copy")


def test_a_bert_with_another_graph_is_refused(bert, monkeypatch):
    monkeypatch.setattr(parts, "_ACTIVATIONS", {})
    with pytest.raises(ValueError, match="one activation and one epsilon"):
        SavedBert(bert)


SCRIPT = """
import json, pathlib, sys
import numpy as np, tensorflow as tf
from pqrnn_tf.teachers import StreamedTeacher, TFHubBertTeacher

def memory(name):
    status = pathlib.Path("/proc/self/status").read_text()
    return 1024 * int(status.split(name + ":")[1].split()[0])

kind, folder, output = sys.argv[1:]
texts = ["set an alarm for 7pm", "call mom"] * 16
spans = np.array([[[0, 3], [4, 6]], [[0, 4], [5, 8]]] * 16, np.int32)
inputs = {"text": tf.constant(texts), "spans": tf.constant(spans), "lengths": tf.fill((32,), 2)}
tf.linalg.matmul(tf.ones((64, 64)), tf.ones((64, 64)))
before = memory("VmRSS")
teacher = {"streamed": StreamedTeacher, "whole": TFHubBertTeacher}[kind](
    folder, labels=None, max_word_pieces=24
)
if kind == "whole":  # as labelling traces it
    shapes = {"text": (None,), "spans": (None, None, 2), "lengths": (None,)}
    names = {name: tf.TensorSpec(shape, inputs[name].dtype) for name, shape in shapes.items()}
    teacher = tf.function(teacher, input_signature=[names])
answers = teacher(inputs)
np.savez(output, **{name: value.numpy() for name, value in answers.items()})
print(json.dumps({"before": before, "peak": memory("VmHWM")}))
"""


def peak_memory(kind, folder, output):
    """Peak of the resident size of a process that asks a teacher, and what it had before that, in bytes."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, kind, str(folder), str(output)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def stored(path):
    with np.load(path) as arrays:
        return {name: arrays[name] for name in arrays.files}


def build(folder, **sizes):
    from pqrnn_tf.teachers import build_bert
    from tests.teachers.conftest import VOCABULARY

    build_bert(folder, VOCABULARY, max_positions=24, seed=7, **sizes)
    checkpoint = folder / "variables" / "variables.data-00000-of-00001"
    return checkpoint.stat().st_size


@pytest.mark.large
@pytest.mark.parametrize(("width", "layers"), [(1024, 24), (1024, 72)])
def test_a_teacher_of_more_than_a_gigabyte_is_answered_in_a_third_of_it(
    width, layers, tmp_path, record_property
):
    size = build(
        tmp_path / "bert",
        hidden_size=width,
        layers=layers,
        heads=width // 64,
        intermediate_size=4 * width,
    )
    assert size > 1.2e9
    used = peak_memory("streamed", tmp_path / "bert", tmp_path / "streamed.npz")
    record_property("streamed", {"weights": size, **used})
    assert used["peak"] - used["before"] < size / 3
    if (
        size > 3e9
    ):  # of the whole process, in which TensorFlow takes 0.83 GB whatever the teacher's size
        assert used["peak"] < size / 3
    whole = peak_memory("whole", tmp_path / "bert", tmp_path / "whole.npz")
    record_property("in_memory", whole)
    assert whole["peak"] - whole["before"] > size
    assert equal(stored(tmp_path / "whole.npz"), stored(tmp_path / "streamed.npz"))
