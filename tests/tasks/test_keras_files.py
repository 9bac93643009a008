"""What a `.keras` file holds, and files that hold something else than what is wanted."""

from __future__ import annotations

import zipfile

import keras
import pytest

from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.tasks.keras_files import keras_description, load_keras_model, parser_labels
from tests.tiny_models import tiny_encoder, tiny_parser

LABELS = LabelSet(("alarm", "music"), ("O", "B-time", "I-time"))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    models = {"parser": tiny_parser(LABELS), "fresh": tiny_parser(None), "encoder": tiny_encoder()}
    models["dense"] = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    for name, model in models.items():
        model.save(folder / f"{name}.keras")
    return folder


def test_labels_are_read_without_the_weights(saved):
    assert parser_labels(saved / "parser.keras") == LABELS
    assert load_keras_model(saved / "parser.keras").labels == LABELS


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("encoder", "an IntentSlotModel. It holds a SentenceEncoder, which gives vectors"),
        ("fresh", "a trained IntentSlotModel. It holds a IntentSlotModel without labels"),
        ("dense", "an IntentSlotModel. It holds a Sequential, which does not parse"),
    ],
)
def test_a_model_that_does_not_parse_is_named(saved, name, holds):
    with pytest.raises(ValueError, match=f"{name}.keras must hold {holds}"):
        parser_labels(saved / f"{name}.keras")


@pytest.mark.parametrize(
    "config", [None, b"{", b"\xff", b"3", b"[]", b"{}"],
    ids=["none", "cut", "not UTF-8", "a number", "a list", "an empty object"],
)  # fmt: skip
def test_an_archive_that_describes_no_model_is_damaged(tmp_path, config):
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("other.txt", "text")
        if config is not None:
            archive.writestr("config.json", config)
    with pytest.raises(ValueError, match="model.keras must be the .keras file of a trained model"):
        keras_description(path)


@pytest.mark.parametrize("damage", ["empty", "cut", "a byte of the weights"])
def test_a_damaged_file_is_named(saved, tmp_path, damage):
    path, content = tmp_path / "model.keras", (saved / "parser.keras").read_bytes()
    with zipfile.ZipFile(saved / "parser.keras") as archive:
        place = archive.getinfo("model.weights.h5").header_offset + 200
    altered = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    path.write_bytes({"empty": b"", "cut": content[:-50]}.get(damage, altered))
    with pytest.raises(ValueError, match="model.keras must be the .keras file .* damaged"):
        load_keras_model(path)
