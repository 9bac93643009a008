"""The baselines: words in pieces, masks, size."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.datasets import generate
from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.tasks.parsing import parse_texts
from pqrnn_tf.teachers import KerasTeacher
from recipes.baselines import bilstm, transformer
from recipes.baselines.words import (
    SizeError,
    WordModel,
    learn_pieces,
    learn_vocabulary,
    word_spec,
)

pytest.importorskip("tensorflow_text")

VOCABULARY = ("[UNK]", "stop", "wake", "##s", "größe", "w", "##a", "##k", "##e", "?")
SPEC = word_spec(ProjectionSpec(max_tokens=16))
LABELS = LabelSet(intents=("A", "B"), tags=("O", "B-X", "I-X"))
ENCODERS = {
    "bilstm": lambda: bilstm.BiLSTMEncoder(
        len(VOCABULARY), embedding_width=8, units=4, layers=2, dropout=0.5
    ),
    "transformer": lambda: transformer.TransformerEncoder(
        len(VOCABULARY), width=8, heads=2, feed_forward=16, layers=2, max_tokens=16, dropout=0.5
    ),
}


def word_model(name: str) -> WordModel:
    keras.utils.set_random_seed(1)
    model = WordModel(vocabulary=VOCABULARY, encoder=ENCODERS[name](), labels=LABELS, spec=SPEC)
    model.build_from_config({})
    return model


def inputs(*texts: str, padding: int = 0) -> dict[str, tf.Tensor]:
    features, lengths, spans, _ = project_strings(tf.constant(texts), SPEC)
    more = [[0, 0], [0, padding], [0, 0]]
    return {
        "text": tf.constant(texts),
        "spans": tf.pad(spans, more),
        "lengths": lengths,
        "features": tf.pad(features, more),
    }


def test_words_are_cut_into_pieces() -> None:
    asked = inputs("Wakes GRÖSSE stop?", "Größe x")
    pieces = word_model("bilstm").pieces(asked["text"], asked["spans"]).numpy()
    number = {piece: i for i, piece in enumerate(VOCABULARY, start=1)}
    assert [[p for p in token if p] for token in pieces[0].tolist()] == [
        [number["wake"], number["##s"]],
        [number["[UNK]"]],  # lower-cased it is `grösse`
        [number["stop"]],
        [number["?"]],
    ]
    assert [[p for p in token if p] for token in pieces[1].tolist()] == [
        [number["größe"]],
        [number["[UNK]"]],
        [],
        [],
    ]


@pytest.mark.parametrize("name", ENCODERS)
def test_padding_changes_nothing(name: str) -> None:
    model = word_model(name)
    alone = model(inputs("wake stop"), training=False)
    padded = model(inputs("wake stop", "stop wakes stop ? stop", padding=3), training=False)
    np.testing.assert_allclose(padded["intent"][0], alone["intent"][0], atol=1e-5)
    np.testing.assert_allclose(padded["slots"][0, :2], alone["slots"][0], atol=1e-5)
    assert alone["intent"].shape == (1, 2) and padded["slots"].shape == (2, 8, 3)


@pytest.mark.parametrize("name", ENCODERS)
def test_order_of_words_matters_and_dropout_is_for_training(name: str) -> None:
    model = word_model(name)
    first, second = (
        model(inputs(text), training=False)["intent"].numpy() for text in ("wake stop", "stop wake")
    )
    assert np.abs(first - second).max() > 1e-5
    asked = inputs("wake stop")
    np.testing.assert_array_equal(model(asked, training=False)["intent"], first)
    assert np.abs(model(asked, training=True)["intent"] - first).max() > 1e-5


@pytest.mark.parametrize("name", ENCODERS)
def test_a_saved_model_answers_the_same(name: str, tmp_path) -> None:
    model = word_model(name)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", compile=False)
    asked = inputs("wakes größe")
    for output, value in model(asked, training=False).items():
        np.testing.assert_allclose(again(asked, training=False)[output], value, atol=1e-6)
    assert parse_texts(again, ["stop ?"]) == parse_texts(model, ["stop ?"])


@pytest.mark.parametrize("baseline", [bilstm, transformer])
def test_size_is_that_of_the_comparison(baseline) -> None:
    encoder = bilstm.BiLSTMEncoder if baseline is bilstm else transformer.TransformerEncoder
    slots = [f"S{number}" for number in range(76)]
    labels = LabelSet(
        intents=tuple(f"I{number}" for number in range(113)),
        tags=("O", *(f"{prefix}-{slot}" for slot in slots for prefix in "BI")),
    )

    def of(pieces: int) -> WordModel:
        vocabulary = ("[UNK]", *map(str, range(pieces - 1)))
        model = WordModel(vocabulary=vocabulary, encoder=encoder(pieces), labels=labels, spec=SPEC)
        model.build_from_config({})
        return model

    of(baseline.PIECES).check_size()
    with pytest.raises(SizeError, match="2,000,000 parameters within 5 %"):
        of(baseline.PIECES // 2).check_size()


def test_pieces_are_merged_by_frequency() -> None:
    # `ab` occurs 5 times, then `ab` + `c` 3 times, then `x` + `y` twice; nothing else occurs twice.
    counts = {"abc": 3, "ab": 2, "xy": 2, "z": 1, "qa": 1}
    characters = ["##a", "##b", "##c", "##y", "a", "q", "x", "z"]
    assert learn_pieces(counts, 100) == ("[UNK]", *characters, "ab", "abc", "xy")
    assert learn_pieces(counts, 10) == ("[UNK]", *characters, "ab")


def test_a_pair_that_repeats_in_a_word_is_merged_from_the_left() -> None:
    assert learn_pieces({"aaaa": 5}, 100)[1:] == ("##a", "a", "##aa", "##aaa", "aaaa")


def test_vocabulary_of_training_rows() -> None:
    rows = generate(60, language="en", seed=0)
    vocabulary = learn_vocabulary(rows, SPEC, 150)
    assert len(vocabulary) == len(set(vocabulary)) == 150
    words = {word.lower() for row in rows for word in row.text.split()}
    assert len(words & set(vocabulary)) > 20
    assert all(piece == piece.lower() for piece in vocabulary[1:])


@pytest.mark.parametrize("name", ENCODERS)
def test_a_baseline_can_teach(name: str) -> None:
    model = word_model(name)
    asked = inputs("wake größe", "stop")
    # The student's features must not matter.
    outputs = KerasTeacher(model)({**asked, "features": asked["features"][..., :0]})
    expected = model(asked)
    np.testing.assert_allclose(outputs["intent"], expected["intent"], atol=1e-6)
    real = outputs["mask"].numpy()
    assert real.tolist() == [[True, True], [True, False]]
    np.testing.assert_allclose(
        outputs["slots"].numpy()[real], expected["slots"].numpy()[real], atol=1e-6
    )
