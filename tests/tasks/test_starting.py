"""Trainings that start from a sentence encoder: heads in closed form, and whether to start from it."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest

import pqrnn_tf
from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.files import ResumeError
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.tasks import (
    bag_solution,
    intent_slots,
    intent_solution,
    starting,
    training,
    vector_tuning,
)
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.intent_solution import (
    needs_no_steps,
    sentence_vectors,
    solve_intent_head,
)
from pqrnn_tf.tasks.sentence_encoder import SentenceEncoder
from pqrnn_tf.tasks.starting import choose_start
from pqrnn_tf.tasks.training import train
from tests.tasks.test_sentence_encoder import tiny_encoder

ROWS = [
    Example(f"{verb} {rest}", intent, ())
    for intent, verb in (("alarm", "wake me"), ("music", "play"), ("weather", "will it rain"))
    for rest in ("please", "in the morning", "now", "for once", "and be quick")
]
TEXTS = [row.text for row in ROWS]


@pytest.fixture(scope="module", autouse=True)
def short():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bag_solution, "INVENTED_WORDS", 300)
        patch.setattr(vector_tuning, "STEPS", 30)
        patch.setattr(vector_tuning, "LEARNING_RATE", 1e-2)  # the encoder is small
        yield


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    model = tiny_encoder()
    model.build_from_config({})
    return model


@pytest.fixture(scope="module")
def preset(encoder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("preset")
    encoder.save_to_preset(folder)
    return folder


@pytest.fixture(scope="module")
def fitted(one_signature, preset):
    model = IntentSlotModel.from_preset(preset)
    model.fit(ROWS, verbose=0)
    return model


def test_the_intent_head_sees_the_vectors_of_the_encoder(encoder, preset):
    model = IntentSlotModel.from_preset(preset)
    np.testing.assert_allclose(sentence_vectors(model, TEXTS), encoder.encode(TEXTS), atol=1e-5)


def test_rows_of_intents_only_bring_the_vectors_of_an_intent_together(encoder, fitted):
    before, after = encoder.encode(TEXTS), sentence_vectors(fitted, TEXTS)
    same = np.array([[a.intent == b.intent for a in ROWS] for b in ROWS])
    margins = [(v @ v.T)[same].mean() - (v @ v.T)[~same].mean() for v in (before, after)]
    assert margins[1] > margins[0] + 0.01
    assert (before * after).sum(axis=1).min() > 0.7  # not far from where they were
    assert [parse.intent for parse in fitted.predict(TEXTS, verbose=0)] == [r.intent for r in ROWS]


def test_without_passes_no_weight_of_the_encoder_moves(encoder, preset):
    model = IntentSlotModel.from_preset(preset)
    model.fit(ROWS, epochs=0, verbose=0)
    for own, other in zip(model.encoder.get_weights(), encoder.encoder.get_weights(), strict=True):
        np.testing.assert_array_equal(own, other)
    assert [parse.intent for parse in model.predict(TEXTS, verbose=0)] == [r.intent for r in ROWS]


def test_the_same_rows_give_the_same_vectors(preset, fitted):
    again = IntentSlotModel.from_preset(preset)
    again.fit(ROWS, verbose=0)
    np.testing.assert_array_equal(sentence_vectors(again, TEXTS), sentence_vectors(fitted, TEXTS))


def test_a_training_that_was_interrupted_before_its_first_step_begins_anew(preset, monkeypatch):
    model, begun = IntentSlotModel.from_preset(preset), []
    kernel = model.pooling.vector_head.kernel

    def tune(*_, **__):
        begun.append(kernel.numpy())
        kernel.assign_add(np.ones_like(begun[0]))
        if len(begun) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(intent_slots, "tune_vectors", tune)
    monkeypatch.setattr(intent_slots, "solve_bag_head", lambda *_, **__: None)
    with pytest.raises(KeyboardInterrupt):
        model.fit(ROWS, verbose=0)
    history = model.fit(ROWS, verbose=0).history
    np.testing.assert_array_equal(*begun)
    assert not history  # no steps: the head is solved
    solution = solve_intent_head(model, ROWS)
    np.testing.assert_allclose(model.intent_head.kernel, solution.kernel, atol=1e-4)


def test_rows_of_no_weight_move_nothing(preset, encoder):
    model = IntentSlotModel.from_preset(preset)
    weights = np.array([float(row.intent == "alarm") for row in ROWS])
    model.fit(TEXTS, [row.intent for row in ROWS], sample_weight=weights, verbose=0)
    np.testing.assert_allclose(sentence_vectors(model, TEXTS), encoder.encode(TEXTS), atol=1e-5)


def test_the_loss_of_vectors_is_the_papers():
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(5, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels, total = [0, 1, 0, 1, 2], 0.0  # the last text has no partner
    for i in range(5):
        others = [j for j in range(5) if j != i]
        whole = sum(np.exp(vectors[i] @ vectors[j] / 0.5) for j in others)
        partners = [j for j in others if labels[j] == labels[i]]
        for j in partners:
            total -= np.log(np.exp(vectors[i] @ vectors[j] / 0.5) / whole) / len(partners)
    found = vector_tuning.supervised_contrastive_loss(vectors, np.array(labels), temperature=0.5)
    assert float(found) == pytest.approx(total / 5, abs=1e-5)


def test_a_bag_head_without_room_is_left_out(preset, monkeypatch):
    monkeypatch.setattr(intent_solution, "FILE_BYTES", 0)
    monkeypatch.setattr(intent_solution, "MIN_RANK", 1)
    model = IntentSlotModel.from_preset(preset)
    model.fit(ROWS, verbose=0)
    assert model.bag_head is None
    assert model.predict(TEXTS[0], verbose=0).intent == "alarm"


def test_the_head_is_the_logistic_regression_of_the_vectors(fitted):
    solution = solve_intent_head(fitted, ROWS)
    expected = sentence_vectors(fitted, TEXTS) @ solution.kernel + solution.bias
    fitted.bag_head.encoder_weight.assign(1.0)
    both = np.asarray(fitted(TEXTS)["intent"])
    fitted.bag_head.encoder_weight.assign(0.0)
    np.testing.assert_allclose(both - np.asarray(fitted(TEXTS)["intent"]), expected, atol=1e-3)
    fitted.bag_head.encoder_weight.assign(5.0)


def test_rows_with_slots_are_trained(preset, encoder):
    rows = [
        dataclasses.replace(row, slots=(SlotSpan("when", ((0, 4),)),)) if i % 2 else row
        for i, row in enumerate(ROWS)
    ]
    model = IntentSlotModel.from_preset(preset)
    assert not needs_no_steps(model, rows) and needs_no_steps(model, ROWS)
    history = model.fit(rows, epochs=3, verbose=0)
    assert len(history.history["loss"]) == 3
    before = encoder.encoder.bottleneck.get_weights()[0]
    assert np.abs(model.encoder.bottleneck.get_weights()[0] - before).max() > 0
    assert model.predict(TEXTS[0], verbose=0).intent == "alarm"


def test_it_is_saved_in_both_ways(fitted, tmp_path):
    expected = fitted(TEXTS)["intent"]
    fitted.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(again(TEXTS)["intent"], expected, atol=1e-4)
    fitted.save_to_preset(tmp_path / "preset")
    again = IntentSlotModel.from_preset(tmp_path / "preset")
    np.testing.assert_allclose(again(TEXTS)["intent"], expected, atol=1e-4)
    body = IntentSlotModel.from_preset(tmp_path / "preset", labels=None)
    np.testing.assert_allclose(
        sentence_vectors(body, TEXTS), sentence_vectors(fitted, TEXTS), atol=1e-5
    )


def test_the_exported_file_says_the_same(fitted, tmp_path):
    fitted.export(tmp_path / "model.tflite", quantization="none")
    parser = pqrnn_tf.load(tmp_path / "model.tflite")
    own = fitted.predict([*TEXTS, ""], verbose=0)
    for text, parse in zip([*TEXTS, ""], own, strict=True):
        assert parser(text).intent == parse.intent


def test_one_row_a_class_is_enough(preset):
    model = IntentSlotModel.from_preset(preset)
    model.fit(ROWS[::5], verbose=0)
    assert [parse.intent for parse in model.predict(TEXTS[::5], verbose=0)] == [
        "alarm",
        "music",
        "weather",
    ]


def test_one_class_is_always_named(preset):
    model = IntentSlotModel.from_preset(preset)
    model.fit(ROWS[:3], verbose=0)
    assert model.predict("play", verbose=0).intent == "alarm"


def test_a_class_without_rows_is_below_all_others(preset):
    labels = LabelSet(("alarm", "empty", "music", "weather"), ("O",))
    model = IntentSlotModel.from_preset(preset, labels=labels)
    model.build_from_config({})
    solution = solve_intent_head(model, ROWS)
    assert np.isfinite(solution.kernel).all() and not solution.kernel[:, 1].any()
    assert solution.bias.argmin() == 1


def test_a_text_with_two_labels_is_no_trouble(preset):
    model = IntentSlotModel.from_preset(preset)
    model.fit([*ROWS, dataclasses.replace(ROWS[0], intent="music")], verbose=0)
    assert model.predict(TEXTS[0], verbose=0).intent in ("alarm", "music")


def test_two_equal_labels_are_an_error(preset):
    with pytest.raises(LabelError):
        IntentSlotModel.from_preset(preset, labels=LabelSet(("alarm", "alarm"), ("O",)))


def test_train_writes_a_folder_and_knows_what_it_started_from(preset, tmp_path):
    config = TrainingConfig.for_rows(len(ROWS))
    model = train(config, ROWS, ROWS[:3], tmp_path, start=preset)
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(again(TEXTS)["intent"], model(TEXTS)["intent"], atol=1e-4)
    train(config, ROWS, ROWS[:3], tmp_path, start=preset)
    with pytest.raises(ResumeError):
        train(config, ROWS[1:], ROWS[:3], tmp_path, start=preset)


def test_a_folder_of_other_work_was_refused_only_after_the_training(preset, tmp_path, monkeypatch):
    config = TrainingConfig.for_rows(len(ROWS), bag_head=False)
    monkeypatch.setattr(training, "tune_vectors", lambda *_: None)
    train(config, ROWS, (), tmp_path, start=preset)
    monkeypatch.setattr(training, "tune_vectors", lambda *_: pytest.fail("it was trained"))
    with pytest.raises(ResumeError):
        train(config, ROWS[1:], (), tmp_path, start=preset)
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        train(config, ROWS, (), tmp_path / "file", start=preset)


def test_epochs_were_not_counted_on_rows_of_intents_only(preset, tmp_path, monkeypatch):
    fitted = []
    monkeypatch.setattr(training, "tune_vectors", lambda *_: fitted.append("vectors"))
    monkeypatch.setattr(training, "fit_resumable", lambda *_, **__: fitted.append("passes"))
    config = TrainingConfig.for_rows(len(ROWS), epochs=2, bag_head=False)
    train(config, ROWS, (), tmp_path / "solved", start=preset)
    train(config, ROWS, (), tmp_path / "trained", start=preset, with_passes=True)
    assert fitted == ["vectors", "passes"]


def test_a_start_without_place_for_entities_is_refused(preset, tmp_path):
    config = TrainingConfig.for_rows(len(ROWS), entity_types={"when": "time"})
    with pytest.raises(ValueError, match="`entity_types` must be empty where a training starts"):
        train(config, ROWS, (), tmp_path, start=preset)


def _solutions(monkeypatch, *, right: float) -> None:
    """Makes vectors that name the intents of so many of the held-out rows, beside words that name half of them."""

    def logits(model, texts):
        known = [model.labels.intents.index(ROWS[TEXTS.index(text)].intent) for text in texts]
        width = len(model.labels.intents)

        def named(share):
            places = np.array(known)
            places[int(share * len(places)) :] += 1
            return 4.0 * np.eye(width, dtype=np.float32)[places % width]

        return named(right), named(0.5)

    monkeypatch.setattr(starting, "logits_beside", logits)


@pytest.mark.parametrize(("right", "chosen"), [(1.0, True), (0.1, False)])
def test_held_out_rows_decide_the_start(preset, monkeypatch, right, chosen):
    _solutions(monkeypatch, right=right)
    for development in (ROWS, ()):
        choice = choose_start(ROWS, development, preset=preset)
        if development:
            assert (choice.preset == str(preset)) is chosen
        assert "held-out rows its vectors name" in choice.reason


def test_rows_with_slots_are_judged_by_their_intents_too(preset, monkeypatch):
    _solutions(monkeypatch, right=1.0)
    rows = [dataclasses.replace(row, slots=(SlotSpan("when", ((0, 4),)),)) for row in ROWS]
    choice = choose_start(rows, rows, preset=preset)
    assert choice.preset == str(preset) and "held-out rows its vectors name" in choice.reason


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (ROWS * 300, "3,000 training rows or more"),
        (ROWS[:5], "one intent only"),
    ],
)
def test_rows_that_are_trained_from_drawn_weights(preset, rows, reason):
    choice = choose_start(rows, (), preset=preset)
    assert choice.preset is None and reason in choice.reason


@pytest.mark.parametrize("development", [(), ROWS[:1]])
def test_one_of_two_rows_of_an_intent_tells(preset, monkeypatch, development):
    _solutions(monkeypatch, right=1.0)
    rows = [row for begin in (0, 5, 10) for row in ROWS[begin : begin + 2]]
    told = choose_start(rows, development, preset=preset).reason
    assert f"of {3 + len(development)} held-out rows" in told


def test_a_few_easy_rows_decided_the_start(monkeypatch):
    """Ten rows of each of four intents: the words named the one held-out row of each as well as the vectors did."""
    monkeypatch.setattr(starting, "_installed", lambda name: True)
    seen = []

    def judge(name, rows, development):
        seen.append((rows, development))
        return starting.Choice(name, "It helps.")

    monkeypatch.setattr(starting, "_judged", judge)
    rows = [Example(f"say {word} {place}", word, ()) for word in "abcd" for place in range(9)]
    easy = [Example(f"say {word} once more", word, ()) for word in "abcd"]
    choose_start(rows, easy)
    known, held = seen.pop()
    assert len(known) == 20 and len(held) == 16 + 4 and not set(known) & set(held)
    many = [Example(f"{row.text} {copy}", row.intent, ()) for row in easy for copy in range(25)]
    choose_start(rows, many)
    assert seen.pop() == (rows, many)


@pytest.mark.parametrize("locale", ["", "en_US", "de"])
def test_one_row_an_intent_was_trained_from_drawn_weights(monkeypatch, locale):
    monkeypatch.setattr(starting, "_installed", lambda name: True)
    monkeypatch.setattr(starting, "_judged", lambda *_: pytest.fail("nothing can be compared"))
    rows = [dataclasses.replace(row, locale=locale) for row in ROWS[::5]]
    choice = choose_start(rows, ())
    assert choice.preset == (starting.MULTILINGUAL if locale == "de" else starting.ENCODER)
    assert "With 3 rows of 3 intents too few can be held out" in choice.reason
    assert ("--start" in choice.reason) is (locale == "")


def test_one_held_out_row_of_twenty_intents_decided_the_start(monkeypatch):
    monkeypatch.setattr(starting, "_installed", lambda name: True)
    monkeypatch.setattr(starting, "_judged", lambda *_: pytest.fail("one row tells nothing"))
    others = [Example(f"do {number}", f"do_{number}", ()) for number in range(20)]
    assert choose_start(ROWS[:5] + others, ROWS[5:6]).preset == starting.ENCODER


def test_chosen_sizes_are_not_those_of_the_preset(preset):
    choice = choose_start(ROWS, (), preset=preset, settings=["units", "seed"])
    assert choice.preset is None and choice.reason.endswith("would: units.")


GERMAN = [dataclasses.replace(row, locale="de_DE") for row in ROWS]


def test_without_the_presets_nothing_changes(monkeypatch):
    monkeypatch.setattr(starting, "ENCODER", "no_such_preset")
    monkeypatch.setattr(starting, "MULTILINGUAL", "none_of_this_name")
    choice = choose_start(ROWS, ())
    assert choice.preset is None
    assert "not installed: no_such_preset, none_of_this_name" in choice.reason


def test_rows_of_other_languages_start_from_the_encoder_of_many(preset, monkeypatch):
    monkeypatch.setattr(starting, "_installed", lambda name: name == str(preset))
    monkeypatch.setattr(starting, "MULTILINGUAL", str(preset))
    _solutions(monkeypatch, right=1.0)
    assert choose_start(GERMAN, GERMAN).preset == str(preset)
    monkeypatch.setattr(starting, "MULTILINGUAL", "none_of_this_name")
    monkeypatch.setattr(starting, "ENCODER", str(preset))
    german = choose_start(GERMAN, GERMAN)
    assert german.preset is None and german.reason.endswith("not installed: none_of_this_name.")
    assert choose_start(ROWS, ROWS).preset == str(preset)


def test_the_encoder_of_many_languages_is_tried_where_the_english_one_does_not_help(
    monkeypatch,
):
    monkeypatch.setattr(starting, "_installed", lambda name: True)
    judged = []

    def judge(name, rows, development):
        judged.append(name)
        return starting.Choice(name if len(judged) == 2 else None, "Tried.")

    monkeypatch.setattr(starting, "_judged", judge)
    assert choose_start(ROWS, ()).preset == starting.MULTILINGUAL
    assert judged == [starting.ENCODER, starting.MULTILINGUAL]


def test_only_the_last_preset_that_was_tried_was_told_of(monkeypatch):
    monkeypatch.setattr(starting, "_installed", lambda name: True)
    judge = lambda name, *_: starting.Choice(None, f"{name} does not.")  # noqa: E731
    monkeypatch.setattr(starting, "_judged", judge)
    choice = choose_start(ROWS, ())
    told = f"{starting.ENCODER} does not. {starting.MULTILINGUAL} does not."
    assert choice == starting.Choice(None, told)
    monkeypatch.setattr(starting, "_judged", lambda *_: starting.Choice(None, "None does."))
    assert choose_start(ROWS, ()).reason == "None does."


@pytest.mark.parametrize("locale", ["en", "en-US", "en_US", "EN", ""])
def test_english_with_a_country_was_another_language(locale):
    rows = [dataclasses.replace(row, locale=locale) for row in ROWS]
    assert starting.encoders_for(rows)[0] == starting.ENCODER


@pytest.mark.parametrize(
    ("asked", "compiled"),
    [
        ({"batch_size": 4}, {}),
        ({"steps_per_epoch": 2}, {}),
        ({}, {"optimizer": "adam"}),
        ({}, {"config": TrainingConfig.for_rows(len(ROWS), learning_rate=1e-4)}),
        ({}, {"config": TrainingConfig.for_rows(len(ROWS), seed=7)}),
    ],
)
def test_what_only_a_training_in_steps_heeds_makes_one(preset, monkeypatch, asked, compiled):
    tuned, epochs = [], []
    monkeypatch.setattr(intent_slots, "tune_vectors", lambda *_, **__: tuned.append(True))
    monkeypatch.setattr(keras.Model, "fit", lambda *_, **given: epochs.append(given["epochs"]))
    model = IntentSlotModel.from_preset(preset)
    if compiled:
        model.compile(**compiled)
    model.fit(ROWS, verbose=0, **asked)
    config = compiled.get("config")
    heeded = config is None or config.learning_rate != TrainingConfig.learning_rate
    suited = TrainingConfig.for_rows(len(ROWS)).epochs
    assert (tuned, epochs) == (([], [suited]) if heeded else ([True], [0]))
