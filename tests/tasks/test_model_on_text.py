"""The model as a user of Keras meets it: text in, parses out."""

from __future__ import annotations

import hashlib
import json
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import pqrnn_tf
from pqrnn_tf._keras_classes import register_with_keras
from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.runtime import ProjectionSpec
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.labelled_texts import labelled_texts
from pqrnn_tf.tasks.parsing import score_model
from pqrnn_tf.tasks.preset_folders import PresetError, read_preset
from tests.tiny_models import DEV

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SPEC = ProjectionSpec(word_features=16, ngram_features=16, max_code_points=64, max_tokens=8)
TEXTS = ["wake me at 7", "play rock", "wake us at nine", "play some jazz"]
INTENTS = ["alarm", "music", "alarm", "music"]
SLOTS = [[("time", 11, 12)], [("genre", 5, 9)], [("time", 11, 15)], [("genre", 10, 14)]]
LABELS = LabelSet(
    ("alarm", "music"),
    ("O", "B-genre", "I-genre", "B-time", "I-time"),
    (("time",), ("genre",)),
)


def small(**arguments) -> pqrnn_tf.IntentSlotModel:
    """A model whose outputs are the same in training and out of it."""
    keras.utils.set_random_seed(0)
    plain = {"dropout": 0.0, "feature_dropout": 0.0, "normalization": None}
    encoder = pqrnn_tf.PQRNNEncoder(8, 6, 1, kernel_width=2, **plain)
    return pqrnn_tf.IntentSlotModel(spec=SPEC, encoder=encoder, dropout=0.0, **arguments)


def eager(model, optimizer="auto", **arguments):
    """Compiles so that nothing is traced, which takes longer than these trainings."""
    model.compile(optimizer, run_eagerly=True, **arguments)
    return model


def still() -> keras.optimizers.Optimizer:
    """An optimizer that changes nothing, so that a step's loss can be computed by hand."""
    return keras.optimizers.SGD(0.0)


def batch_of(model, data):
    """The only batch of four rows: inputs and targets."""
    (batch,) = model._batches(labelled_texts(data), TrainingConfig(), 4, labels=LABELS, spec=SPEC)
    return batch


def losses_by_hand(model):
    """Cross-entropies of the rows' intents `(4,)` and of their tokens' tags, 0 behind the end `(4, 4)`."""
    inputs, targets = batch_of(model, (TEXTS, INTENTS, SLOTS))
    outputs, result = model(inputs), {}
    for name in ("intent", "slots"):
        log_p = tf.nn.log_softmax(outputs[name]).numpy()
        labels = targets[name].numpy()
        chosen = np.take_along_axis(log_p, np.maximum(labels, 0)[..., None], -1)[..., 0]
        result[name] = np.where(labels >= 0, -chosen, 0.0)
    return result["intent"], result["slots"]


@pytest.fixture(scope="module")
def trained():
    """A model without labels after its first `fit`, and what Keras says of it."""
    model = eager(small(), config=TrainingConfig(epochs=3, label_smoothing=0.0))
    history = model.fit(
        (TEXTS, INTENTS, SLOTS),
        verbose=0,
        batch_size=2,
        validation_data=(TEXTS, {"intent": INTENTS, "slots": SLOTS}),
    )
    return model, history.history


def test_labels_come_from_the_rows_of_the_first_training(trained):
    model, history = trained
    assert model.labels == LABELS
    assert len(history["loss"]) == 3  # of the configuration
    expected = {"intent_accuracy", "slots_accuracy", "slots_exact_match", "intent_loss"}
    assert expected <= set(history)
    assert {f"val_{name}" for name in expected} <= set(history)


def test_a_model_that_has_no_labels_says_so_and_how_to_get_them(tmp_path):
    model = small()
    for call in (
        lambda: model("wake me"),
        lambda: model.predict(["wake me"]),
        lambda: model.evaluate((TEXTS, INTENTS)),
        lambda: model.export(tmp_path / "m.tflite"),
    ):
        with pytest.raises(LabelError, match="no labels yet. Train it with `fit`"):
            call()
    with pytest.raises(ValueError, match="must have weights"):
        model.save_to_preset(tmp_path / "preset")


def test_rows_with_other_labels_are_refused_later(trained):
    with pytest.raises(LabelError, match="'weather'.*is it raining"):
        trained[0].fit(["is it raining"], ["weather"], verbose=0)


def test_texts_in_every_form_are_called_and_predicted(trained):
    model = trained[0]
    one = model("wake me at 7")
    assert {name: tuple(value.shape) for name, value in one.items()} == {
        "intent": (1, 2),
        "slots": (1, 4, 5),
    }
    for texts in (TEXTS, np.array(TEXTS), tf.constant(TEXTS)):
        assert model(texts)["intent"].shape == (4, 2)
        parses = model.predict(texts, verbose=0)
        assert [parse.text for parse in parses] == TEXTS
        assert all(isinstance(parse, pqrnn_tf.Parse) for parse in parses)
    datasets = tf.data.Dataset.from_tensor_slices(TEXTS)
    assert model.predict(datasets.batch(3), verbose=0) == parses
    for text in ("wake me at 7", tf.constant("wake me at 7"), np.array("wake me at 7")):
        assert model.predict(text) == parses[0]
        assert model(text)["intent"].shape == (1, 2)
    assert model.predict([], verbose=0) == []
    with pytest.raises(ValueError, match="`inputs` must hold at least one string"):
        model([])


def test_texts_inside_of_a_keras_graph(trained):
    text = keras.Input((), dtype="string")
    whole = keras.Model(text, trained[0](text))
    expected = trained[0](TEXTS)["intent"]
    np.testing.assert_allclose(whole(tf.constant(TEXTS))["intent"], expected, atol=1e-5)


def test_features_give_raw_logits(trained):
    model = trained[0]
    projected = model.preprocessor(TEXTS)
    features = {name: projected[name] for name in ("features", "lengths")}
    logits = model.predict(features, verbose=0)
    np.testing.assert_allclose(logits["intent"], model(TEXTS)["intent"], atol=1e-5)


@pytest.mark.parametrize("bad", [3, [1, 2], ["a", None], {"text": "a"}])
def test_what_is_no_text_is_a_clear_error(trained, bad):
    with pytest.raises((TypeError, ValueError), match="must be"):
        trained[0].predict(bad, verbose=0)


def test_a_model_without_a_preprocessor_takes_features_only():
    model = small(labels=LABELS, preprocessor=None)
    assert model.preprocessor is None
    for call in (model, model.predict, lambda texts: model.fit(texts, INTENTS)):
        with pytest.raises(ValueError, match="`preprocessor=None`. Received: text"):
            call(TEXTS)
    again = type(model).from_config(model.get_config())
    assert again.preprocessor is None


def test_a_preprocessor_brings_its_specification():
    projection = pqrnn_tf.Projection(SPEC)
    assert pqrnn_tf.IntentSlotModel(preprocessor=projection).spec == SPEC
    with pytest.raises(ValueError, match="`spec` must be that of `preprocessor`"):
        pqrnn_tf.IntentSlotModel(preprocessor=projection, spec=ProjectionSpec())
    with pytest.raises(ValueError, match="`preprocessor` must be"):
        pqrnn_tf.IntentSlotModel(preprocessor="words")


TOKEN_WEIGHTS = [[1.0, 0.5, 2.0, 0.0], [3.0, 1.0], [1.0, 1.0, 1.0, 4.0], [0.25, 1.0, 1.0]]


def padded(weights):
    return np.array([row + [0.0] * (4 - len(row)) for row in weights])


@pytest.mark.parametrize(
    ("weights", "of_intents", "of_tokens"),
    [
        ([1.0, 0.0, 2.0, 1.0], np.array([1.0, 0.0, 2.0, 1.0]), np.array([[1], [0], [2], [1.0]])),
        ({"slots": [1.0, 0.0, 2.0, 1.0]}, np.ones(4), np.array([[1], [0], [2], [1.0]])),
        ({"intent": np.array([2.0, 1.0, 1.0, 0.0])}, np.array([2.0, 1, 1, 0]), np.ones((4, 1))),
        ({"slots": TOKEN_WEIGHTS}, np.ones(4), padded(TOKEN_WEIGHTS)),
        ({"slots": padded(TOKEN_WEIGHTS)}, np.ones(4), padded(TOKEN_WEIGHTS)),
    ],
    ids=["rows", "rows of slots", "rows of intents", "tokens", "tokens where batch = time"],
)
def test_sample_weights_of_rows_and_of_tokens(weights, of_intents, of_tokens):
    model = eager(small(labels=LABELS), still(), config=TrainingConfig(label_smoothing=0.0))
    history = model.fit(
        (TEXTS, INTENTS, SLOTS),
        sample_weight=weights,
        batch_size=4,
        epochs=1,
        augment=False,
        verbose=0,
    ).history
    intent, slots = losses_by_hand(model)
    assert history["intent_loss"][0] == pytest.approx((intent * of_intents).sum() / 4, rel=1e-4)
    # 13 tokens in 4 rows
    assert history["slots_loss"][0] == pytest.approx((slots * of_tokens).sum() / 13, rel=1e-4)


def test_sample_weights_of_features_name_one_output_only():
    model = eager(small(labels=LABELS), still(), config=TrainingConfig(label_smoothing=0.0))
    inputs, targets = batch_of(model, (TEXTS, INTENTS, SLOTS))
    weights = padded(TOKEN_WEIGHTS)
    scores = model.evaluate(
        inputs, targets, sample_weight={"slots": weights}, return_dict=True, verbose=0
    )
    dataset = tf.data.Dataset.from_tensors((inputs, targets, {"slots": weights}))
    assert model.evaluate(dataset, return_dict=True, verbose=0) == pytest.approx(scores)
    intent, slots = losses_by_hand(model)
    assert scores["slots_loss"] == pytest.approx((slots * weights).sum() / 13, rel=1e-4)
    assert scores["intent_loss"] == pytest.approx(intent.mean(), rel=1e-4)
    with pytest.raises(ValueError, match="sample_weight"):
        model.evaluate(inputs, targets, sample_weight={"tags": weights}, verbose=0)


def test_a_row_with_fewer_weights_than_tokens_is_an_error():
    model = eager(small(labels=LABELS))
    with pytest.raises(ValueError, match=r"Received: 3 for the 4 tokens of row 0 \('wake me"):
        model.fit((TEXTS, INTENTS), sample_weight={"slots": [[1.0] * 3] * 4}, verbose=0)


@pytest.mark.parametrize("weights", [{"music": 3.0}, {1: 3.0}])
def test_weights_of_intents_count_in_training_only(weights):
    model = eager(small(labels=LABELS), still(), config=TrainingConfig(label_smoothing=0.0))
    data = (TEXTS, INTENTS, SLOTS)
    history = model.fit(
        data,
        class_weight=weights,
        sample_weight={"intent": [1.0, 2.0, 1.0, 1.0]},
        validation_data=data,
        batch_size=4,
        epochs=1,
        augment=False,
        verbose=0,
    ).history
    intent, slots = losses_by_hand(model)
    expected = (intent * [1.0, 6.0, 1.0, 3.0]).mean()
    assert history["intent_loss"][0] == pytest.approx(expected, rel=1e-4)
    assert history["slots_loss"][0] == pytest.approx(slots.sum() / 13, rel=1e-4)
    assert history["val_intent_loss"][0] == pytest.approx(intent.mean(), rel=1e-4)
    again = model.fit(data, batch_size=4, epochs=1, augment=False, verbose=0).history
    assert again["intent_loss"][0] == pytest.approx(intent.mean(), rel=1e-4)


def test_keras_own_metrics_do_not_count_padding():
    model = eager(small(labels=LABELS), still(), metrics={"slots": "sparse_categorical_accuracy"})
    data = (TEXTS, INTENTS, SLOTS)
    history = model.fit(data, epochs=1, batch_size=4, augment=False, verbose=0).history
    inputs, targets = batch_of(model, data)
    labels = targets["slots"].numpy()
    right = (model(inputs)["slots"].numpy().argmax(-1) == labels)[labels >= 0]
    assert history["slots_sparse_categorical_accuracy"][0] == pytest.approx(right.mean())


def test_a_model_without_intent_context_trains():
    model = eager(small(intent_context=False))
    history = model.fit((TEXTS, INTENTS, SLOTS), epochs=1, verbose=0).history
    assert np.isfinite(history["loss"]).all()


def test_any_optimizer_and_loss_of_keras():
    model = eager(small(labels=LABELS), "adam", loss="sparse_categorical_crossentropy")
    data = tf.data.Dataset.from_tensor_slices((TEXTS, INTENTS)).batch(2)
    history = model.fit(data, epochs=2, steps_per_epoch=3, verbose=0).history
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert int(model.optimizer.iterations) == 6
    assert np.isfinite(history["loss"]).all()


def test_each_training_plans_its_own_schedule_unless_it_goes_on(trained):
    model = eager(small(labels=LABELS))
    data = (TEXTS, INTENTS, SLOTS)
    model.fit(data, epochs=2, batch_size=2, verbose=0)
    first = model.optimizer
    schedule = first.get_config()["learning_rate"]["config"]
    assert schedule["warmup_steps"] + schedule["decay_steps"] == 4
    model.fit(data, epochs=3, initial_epoch=2, batch_size=2, verbose=0)
    assert model.optimizer is not first  # whose plan had ended
    second = model.optimizer
    model.fit(data, epochs=1, batch_size=4, verbose=0)
    assert model.optimizer is not second


def test_no_variable_is_left_to_make_in_the_first_step():
    model = eager(small(labels=LABELS))
    model.build_from_config({})
    model.make_training_variables()
    before = [variable.path for variable in (*model.metrics_variables, *model.optimizer.variables)]
    model.train_on_batch(*batch_of(model, (TEXTS, INTENTS, SLOTS)))
    after = [variable.path for variable in (*model.metrics_variables, *model.optimizer.variables)]
    assert after == before
    assert len(before) > len(model.trainable_variables)


def test_held_out_rows_are_not_trained_on():
    model = eager(small())
    texts = [f"{text} {i}" for i in range(5) for text in TEXTS]
    history = model.fit((texts, INTENTS * 5), validation_split=0.2, epochs=1, verbose=0).history
    assert "val_intent_accuracy" in history
    with pytest.raises(ValueError, match="`validation_split` must leave rows"):
        model.fit((TEXTS[:2], INTENTS[:2]), validation_split=0.1, epochs=1, verbose=0)


@pytest.mark.parametrize(
    ("wrong", "compiled", "message"),
    [
        ({"class_weight": {"typo": 2.0}}, {}, "`class_weight` must have intents"),
        ({"validation_split": 0.01}, {}, "`validation_split` must leave rows"),
        ({"validation_data": (["a"], ["typo"])}, {}, "`validation_data` must share intents"),
        ({"sample_weight": {"typo": [1.0] * 4}}, {}, "`sample_weight` must be for outputs"),
        ({"sample_weight": {"slots": [[1.0]] * 4}}, {}, "Received: 1 for the 4 tokens"),
        ({"validation_data": (["a"], [7])}, {}, "`intents` must be below 2"),
        ({"epochs": "3"}, {}, "`epochs` must be a whole number of at least 0"),
        ({}, {"loss": {"typo": "mse"}}, "`loss` must be given for outputs"),
        ({}, {"metrics": {"typo": "accuracy"}}, "`metrics` must be given for outputs"),
    ],
)
def test_a_failed_fit_leaves_a_model_without_labels_as_it_was(wrong, compiled, message):
    model = eager(pqrnn_tf.IntentSlotModel(), **compiled)
    before = (model.spec, model.encoder, model.pooling)
    with pytest.raises((ValueError, TypeError), match=message):
        model.fit((TEXTS, INTENTS, SLOTS), verbose=0, **wrong)
    assert model.labels is None and not model.built and not model.encoder.built
    assert (model.spec, model.encoder, model.pooling) == before


def test_the_schedule_is_for_the_feature_rows_that_are_not_held_out():
    model = eager(small(labels=LABELS))
    inputs, targets = batch_of(model, (TEXTS, INTENTS, SLOTS))
    model.fit(inputs, targets, validation_split=0.5, epochs=1, batch_size=1, verbose=0)
    schedule = model.optimizer.get_config()["learning_rate"]["config"]
    steps = schedule["warmup_steps"] + schedule["decay_steps"]
    assert steps == int(model.optimizer.iterations) == 2


def test_files_are_read(tmp_path, trained):
    folder = tmp_path / "snips"
    for split in ("train", "valid", "test"):
        part = folder / split
        part.mkdir(parents=True)
        (part / "seq.in").write_text("".join(f"{text}\n" for text in TEXTS), encoding="utf-8")
        (part / "label").write_text("".join(f"{name}\n" for name in INTENTS), encoding="utf-8")
        tags = ["O O O B-time", "O B-genre", "O O O B-time", "O O B-genre"]
        (part / "seq.out").write_text("".join(f"{row}\n" for row in tags), encoding="utf-8")
    model = eager(small())
    history = model.fit(folder, epochs=1, validation_data=folder, verbose=0).history
    assert model.labels.intents == LABELS.intents
    assert "val_loss" in history
    assert model.evaluate(folder)["rows"] == 4


def test_scores_of_parses_by_name(tiny):
    model = tiny[0]
    scores = model.evaluate(DEV)
    assert scores == score_model(model, DEV).to_dict()
    assert {"rows", "intent_accuracy", "slot_f1", "flat_exact_match"} <= set(scores)
    assert model.evaluate(DEV, return_dict=False) == list(scores.values())
    with pytest.raises(LabelError, match="`x` must share intents"):
        model.evaluate(["is it raining"], ["GET_WEATHER_OF_ELSEWHERE"])
    for call in (model.evaluate, lambda rows, steps: model.predict([rows[0].text], steps=steps)):
        with pytest.raises(ValueError, match="`steps` must be None for texts"):
            call(DEV, steps=3)


def test_scores_count_rows_by_their_weights(tiny):
    model = tiny[0]
    weights = np.where(np.arange(len(DEV)) % 3, 0.0, 2.0)
    scores = model.evaluate(DEV, sample_weight=weights)
    assert {**scores, "rows": len(DEV[::3])} == model.evaluate(DEV[::3])
    with pytest.raises(ValueError, match="`sample_weight` must have one entry per row"):
        model.evaluate(DEV, sample_weight=[1.0])
    with pytest.raises(
        ValueError, match=r"`sample_weight` must be one weight per row .*\['intent'\]"
    ):
        model.evaluate(DEV, sample_weight={"intent": weights})
    texts, intents = [row.text for row in DEV], [row.intent for row in DEV]
    data = tf.data.Dataset.from_tensor_slices((texts, intents, weights.astype(np.float32)))
    assert model.evaluate(data.batch(8)) == model.evaluate(texts, intents, sample_weight=weights)


def test_predictions_are_those_of_the_exported_file(tiny):
    model, _, path = tiny
    texts = [row.text for row in DEV[:40]] + ["", "   ", " " * 300 + DEV[0].text, "so " * 200]
    parser = pqrnn_tf.load(path)
    expected = [parser(text) for text in texts]
    parses = model.predict(texts, batch_size=16, verbose=0)
    assert [parse.intent for parse in parses] == [parse.intent for parse in expected]
    same = sum(a.slots == b.slots for a, b in zip(parses, expected, strict=True))
    assert same >= len(texts) - 1  # 8-bit weights may change one
    assert parses[42].slots == parses[0].slots[:0] or parses[42].slots[0].start >= 300
    assert [parse.truncated for parse in parses] == [parse.truncated for parse in expected]


def test_a_saved_model_is_loaded_in_another_process(tiny):
    path = str(tiny[1] / "model.keras")
    code = (
        "import pqrnn_tf, sys\nassert 'keras' not in sys.modules\nimport keras\n"
        f"print(keras.models.load_model({path!r}).labels.intents[0])"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.stdout.split() == [tiny[0].labels.intents[0]], result.stderr[-800:]


def test_classes_are_registered_where_keras_was_imported_first():
    known = keras.saving.get_custom_objects()
    real = known.pop("pqrnn_tf>QRNN")
    try:
        register_with_keras()
        assert known["pqrnn_tf>QRNN"] is not real
        saved = keras.saving.serialize_keras_object(pqrnn_tf.QRNN(4))
        assert isinstance(keras.saving.deserialize_keras_object(saved), pqrnn_tf.QRNN)
    finally:
        known["pqrnn_tf>QRNN"] = real


def test_what_was_automatic_still_is_after_loading(trained, tmp_path):
    trained[0].save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.predict(TEXTS, verbose=0) == trained[0].predict(TEXTS, verbose=0)
    before = loaded.optimizer
    loaded.fit((TEXTS, INTENTS), epochs=1, verbose=0)
    assert loaded.optimizer is not before
    assert loaded.losses_of()["slots"].label_smoothing == TrainingConfig().label_smoothing


def test_a_model_without_labels_is_saved_and_loaded(trained, tmp_path):
    small().save(tmp_path / "fresh.keras")
    assert keras.models.load_model(tmp_path / "fresh.keras").labels is None
    trained[0].save_to_preset(tmp_path)
    encoder = pqrnn_tf.IntentSlotModel.from_preset(tmp_path, labels=None)
    encoder.save(tmp_path / "encoder.keras")
    loaded = keras.models.load_model(tmp_path / "encoder.keras")
    np.testing.assert_array_equal(loaded.pooling.kernel, trained[0].pooling.kernel)
    eager(loaded).fit(["is it raining"], ["weather"], epochs=1, verbose=0)
    assert loaded.predict("is it raining").intent == "weather"


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 0.0), ("float16", 1e-3)])
def test_a_preset_is_read_back(trained, tmp_path, dtype, tolerance):
    folder = tmp_path / "preset"
    folder.mkdir()
    (folder / "model.tflite").write_bytes(b"stays")
    trained[0].save_to_preset(folder, dtype=dtype)
    assert (folder / "model.tflite").read_bytes() == b"stays"
    again = pqrnn_tf.IntentSlotModel.from_preset(folder)
    assert (again.labels, again.spec) == (trained[0].labels, trained[0].spec)
    for a, b in zip(again.get_weights(), trained[0].get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)
    assert eager(again).fit((TEXTS, INTENTS), epochs=1, verbose=0)


def test_an_encoder_is_taken_on_to_other_labels(trained, tmp_path):
    trained[0].save_to_preset(tmp_path)
    encoder = pqrnn_tf.IntentSlotModel.from_preset(tmp_path, labels=None)
    assert encoder.labels is None
    kernel = trained[0].encoder.bottleneck.kernel
    np.testing.assert_array_equal(encoder.encoder.bottleneck.kernel, kernel)
    np.testing.assert_array_equal(encoder.pooling.kernel, trained[0].pooling.kernel)
    eager(encoder, still()).fit(["is it raining"], ["weather"], epochs=1, verbose=0)
    assert encoder.labels.intents == ("weather",)
    np.testing.assert_array_equal(encoder.encoder.bottleneck.kernel, kernel)
    others = pqrnn_tf.IntentSlotModel.from_preset(tmp_path, labels=LabelSet(("x",), ("O",)))
    assert others("hello")["intent"].shape == (1, 1)
    encoder.save_to_preset(tmp_path / "again")
    assert pqrnn_tf.IntentSlotModel.from_preset(tmp_path / "again").labels.intents == ("weather",)


def test_a_preset_that_is_damaged_or_cannot_be_trained_on_is_an_error(trained, tmp_path):
    with pytest.raises(PresetError, match="must hold model.json and weights.npz"):
        pqrnn_tf.IntentSlotModel.from_preset(tmp_path)
    with pytest.raises(FileNotFoundError, match="pretrained model"):
        pqrnn_tf.IntentSlotModel.from_preset("no_such_preset")
    trained[0].save_to_preset(tmp_path)
    weights = tmp_path / "weights.npz"
    content = weights.read_bytes()
    weights.write_bytes(content[:-1])
    with pytest.raises(PresetError, match="must be the file that model.json names"):
        pqrnn_tf.IntentSlotModel.from_preset(tmp_path)
    weights.write_bytes(content)
    described = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    (tmp_path / "model.json").write_text(json.dumps({**described, "format": 9}), encoding="utf-8")
    with pytest.raises(PresetError, match="must have format 1. Received: 9"):
        pqrnn_tf.IntentSlotModel.from_preset(tmp_path)
    with pytest.raises(ValueError, match="`dtype` must be one of"):
        trained[0].save_to_preset(tmp_path, dtype="int8")


@pytest.mark.parametrize("text", ["{", "[]", "[" * 100_000, "", None])
def test_a_preset_that_does_not_say_what_the_model_is_is_an_error(tmp_path, text):
    np.savez(tmp_path / "weights.npz", a=np.zeros(1))
    digest = hashlib.sha256((tmp_path / "weights.npz").read_bytes()).hexdigest()
    described = json.dumps({"format": 1, "weights": digest}) if text is None else text
    (tmp_path / "model.json").write_text(described, encoding="utf-8")
    with pytest.raises(PresetError, match=r"model\.json: must "):
        read_preset(tmp_path)


def test_export_hands_over_to_the_converter(trained, tmp_path, monkeypatch):
    import tflite_export

    calls = []
    monkeypatch.setattr(
        tflite_export, "convert", lambda model, **how: calls.append(how) or b"", raising=False
    )
    trained[0].export(tmp_path / "m.tflite", licence="none")
    rows = [Example("play rock", "music", (SlotSpan("genre", ((5, 9),)),))]
    trained[0].export(tmp_path / "m.tflite", quantization="int8", calibration=rows)
    trained[0].export(tmp_path / "m.tflite", quantization="int8", calibration=["play jazz"])
    assert calls[0]["calibration"] == [] and calls[0]["licence"] == "none"
    assert (calls[1]["calibration"], calls[1]["quantization"]) == (["play rock"], "int8")
    assert calls[2]["calibration"] == ["play jazz"]
    with pytest.raises(ValueError, match="`path` must end in .tflite"):
        trained[0].export(tmp_path / "m")


@pytest.fixture
def policy():
    before = keras.config.dtype_policy()
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy(before)


@pytest.mark.parametrize(
    "name",
    [
        "mixed_float16",
        *(
            pytest.param(name, marks=pytest.mark.large)
            for name in ("mixed_bfloat16", "float16", "bfloat16", "float64")
        ),
    ],
)
def test_a_model_of_another_dtype_policy_trains_and_is_exported(name, policy, tmp_path):
    policy(name)
    model = eager(small())
    history = model.fit((TEXTS, INTENTS, SLOTS), epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    from tflite_export import convert

    convert(model, path=tmp_path / "m.tflite", quantization="none", short_texts=())
    parse = pqrnn_tf.load(tmp_path / "m.tflite")("play some jazz")
    assert parse.score == pytest.approx(model.predict("play some jazz").score, abs=0.02)


class Seen(keras.callbacks.Callback):
    """Notes what it is called with."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def on_test_begin(self, logs=None):
        self.calls.append("begin")

    def on_test_batch_begin(self, batch, logs=None):
        self.calls.append(("before", batch))

    def on_test_batch_end(self, batch, logs=None):
        self.calls.append(("after", batch))

    def on_test_end(self, logs=None):
        self.calls.append(logs)

    on_predict_begin, on_predict_batch_begin = on_test_begin, on_test_batch_begin

    def on_predict_batch_end(self, batch, logs=None):
        self.calls.append(("after", batch, logs["intent"].shape))

    on_predict_end = on_test_end


def test_callbacks_and_progress_of_evaluate_and_predict_are_those_of_keras(capsys):
    model = eager(small(labels=LABELS))
    model.build_from_config({})
    seen = Seen()
    scores = model.evaluate(TEXTS[:3], INTENTS[:3], batch_size=2, callbacks=[seen], verbose=0)
    around = [("before", 0), ("after", 0), ("before", 1), ("after", 1)]
    assert seen.calls == ["begin", *around, scores]
    assert seen.model is model and not capsys.readouterr().out
    model.evaluate(TEXTS, INTENTS, batch_size=2, verbose=1)
    assert "2/2" in (shown := capsys.readouterr().out) and "intent_accuracy" in shown
    seen = Seen()
    model.predict(TEXTS[:3], batch_size=2, callbacks=[seen], verbose=0)
    shapes = [("after", 0, (2, 2)), ("after", 1, (1, 2))]
    assert seen.calls == ["begin", ("before", 0), shapes[0], ("before", 1), shapes[1], {}]
    seen = Seen()
    model.predict(TEXTS[0], callbacks=[seen])
    assert seen.calls[0] == "begin"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"batch_size": -1}, "`batch_size` must be a whole number of at least 1"),  # never ended
        ({"batch_size": 0}, "`batch_size` must be a whole number of at least 1"),
        ({"validation_batch_size": 2.5}, "`validation_batch_size` must be a whole number"),
        ({"steps_per_epoch": 0}, "`steps_per_epoch` must be a whole number of at least 1"),
        ({"validation_freq": 0}, "`validation_freq` must be a whole number of at least 1"),
        ({"initial_epoch": -1}, "`initial_epoch` must be a whole number of at least 0"),
        ({"validation_split": 0.9}, "`validation_split` must be from 0 to 0.5"),
        ({"class_weight": [1.0, 2.0]}, "`class_weight` must map intents"),
    ],
)
def test_arguments_of_fit_that_cannot_be_are_refused(wrong, message):
    model = eager(small(labels=LABELS))
    with pytest.raises(ValueError, match=message):
        model.fit(TEXTS, INTENTS, epochs=1, verbose=0, **wrong)


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_a_batch_size_below_one_is_refused(method):
    model = small(labels=LABELS)
    with pytest.raises(ValueError, match="`batch_size` must be a whole number of at least 1"):
        getattr(model, method)(TEXTS, batch_size=0)
