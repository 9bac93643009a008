"""Each fault known from other distillers has a test here that would fail on it."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.distillation import Distiller, logit_distance, soft_label_distance
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.tasks.losses import LabelCrossentropy
from pqrnn_tf.teachers import CachedTeacher, TFHubBertTeacher, build_bert

INTENTS, TAGS, FEATURES, TIME, ROWS = 2, 3, 4, 3, 8
LABELS = LabelSet(intents=("ALARM", "CALL"), tags=("O", "B-TIME", "I-TIME"))


class Passes(keras.layers.Layer):
    """Counts, inside the graph, how often it runs in training and in inference."""

    def build(self, input_shape):
        self.counts = self.add_weight(shape=(2,), initializer="zeros", trainable=False)

    def call(self, inputs, training=None):
        self.counts.assign_add([1.0, 0.0] if training else [0.0, 1.0])
        return inputs


def make_student(*, regularizer=None, batch_norm=False, dropout=0.0):
    features = keras.Input((None, FEATURES), dtype="int8", name="features")
    lengths = keras.Input((), dtype="int32", name="lengths")
    floats = keras.layers.Rescaling(1.0)(features)
    floats = Passes(name="passes")(floats)
    if batch_norm:
        floats = keras.layers.BatchNormalization(name="norm")(floats)
    floats = keras.layers.Dropout(dropout, seed=1)(floats)
    pooled = keras.layers.GlobalAveragePooling1D()(floats)
    dense = keras.layers.Dense
    return keras.Model(
        {"features": features, "lengths": lengths},
        {
            "intent": dense(INTENTS, kernel_regularizer=regularizer, name="intent_head")(pooled),
            "slots": dense(TAGS, name="slot_head")(floats),
        },
        name="student",
    )


@pytest.fixture
def student():
    keras.utils.set_random_seed(3)
    return make_student()


def make_data(seed=0):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, TIME + 1, ROWS).astype("int32")
    inputs = {
        "features": rng.integers(-1, 2, (ROWS, TIME, FEATURES)).astype("int8"),
        "lengths": lengths,
        "teacher_intent": 3 * rng.normal(size=(ROWS, INTENTS)).astype("float32"),
        "teacher_slots": 3 * rng.normal(size=(ROWS, TIME, TAGS)).astype("float32"),
    }
    padded = np.arange(TIME) >= lengths[:, None]
    slots = rng.integers(0, TAGS, (ROWS, TIME)).astype("int32")
    slots[padded] = -1
    return inputs, {"intent": rng.integers(0, INTENTS, ROWS).astype("int32"), "slots": slots}


def hard_losses():
    return {"intent": LabelCrossentropy(), "slots": LabelCrossentropy()}


def compiled(distiller, *, optimizer=None, loss="default", **options):
    loss = hard_losses() if loss == "default" else loss
    distiller.compile(optimizer or keras.optimizers.SGD(0.1), loss, **options)
    return distiller


def real_tokens(inputs):
    return np.arange(TIME) < inputs["lengths"][:, None]


def numbers(model, data, **options):
    return model.evaluate(*data, batch_size=ROWS, return_dict=True, verbose=0, **options)


def test_loss_is_the_weighted_sum_of_both_parts(student):
    inputs, targets = make_data()
    distiller = Distiller(student, CachedTeacher(), temperature=3.0, student_loss_weight=0.25)
    logs = numbers(compiled(distiller), (inputs, targets))
    outputs = student({key: inputs[key] for key in ("features", "lengths")})
    distance = soft_label_distance(
        inputs["teacher_intent"], outputs["intent"], temperature=3.0
    ) + soft_label_distance(
        inputs["teacher_slots"], outputs["slots"], temperature=3.0, mask=real_tokens(inputs)
    )
    assert logs["distillation_loss"] == pytest.approx(float(distance), rel=1e-5)
    expected = 0.25 * logs["student_loss"] + 0.75 * logs["distillation_loss"]
    assert logs["loss"] == pytest.approx(expected, rel=1e-5)


def test_student_loss_is_the_compiled_loss(student):
    data = make_data()
    logs = numbers(compiled(Distiller(student, CachedTeacher())), data)
    student.compile("sgd", hard_losses())
    inputs = {key: data[0][key] for key in ("features", "lengths")}
    alone = student.evaluate(inputs, data[1], batch_size=ROWS, verbose=0)
    assert logs["student_loss"] == pytest.approx(np.ravel(alone)[0], rel=1e-5)


def test_distance_function_can_be_chosen(student):
    inputs, targets = make_data()
    distiller = Distiller(
        student, CachedTeacher(), distance="logits", output_weights={"intent": 2.0}
    )
    logs = numbers(compiled(distiller), (inputs, targets))
    outputs = student({key: inputs[key] for key in ("features", "lengths")})
    expected = 2 * logit_distance(inputs["teacher_intent"], outputs["intent"])
    assert logs["distillation_loss"] == pytest.approx(float(expected), rel=1e-5)
    assert "slot_agreement" not in logs


def test_own_distance_function(student):
    def four(teacher_logits, student_logits, *, mask, sample_weight):
        return 4.0

    distiller = Distiller(student, CachedTeacher(), distance=four, output_weights={"intent": 1.0})
    assert numbers(compiled(distiller), make_data())["distillation_loss"] == 4.0


def test_agreement_with_the_teacher(student):
    inputs, targets = make_data()
    logs = numbers(compiled(Distiller(student, CachedTeacher())), (inputs, targets))
    outputs = student({key: inputs[key] for key in ("features", "lengths")})
    same = {
        key: np.argmax(inputs[f"teacher_{key}"], -1) == np.argmax(outputs[key], -1)
        for key in ("intent", "slots")
    }
    assert logs["intent_agreement"] == pytest.approx(same["intent"].mean())
    assert logs["slot_agreement"] == pytest.approx(same["slots"][real_tokens(inputs)].mean())


def test_metrics_of_the_student_are_reported(student):
    metrics = {"intent": [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]}
    distiller = compiled(Distiller(student, CachedTeacher()), metrics=metrics)
    inputs, targets = make_data()
    outputs = student({key: inputs[key] for key in ("features", "lengths")})
    expected = np.mean(np.argmax(outputs["intent"], -1) == targets["intent"])
    assert numbers(distiller, (inputs, targets))["intent_accuracy"] == pytest.approx(expected)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_student_learns_to_agree(student, jit_compile):
    inputs, targets = make_data()
    # A teacher that a linear student can follow.
    weights = np.random.default_rng(5).normal(size=(FEATURES, TAGS))
    inputs["teacher_slots"] = (inputs["features"] @ weights).astype("float32")
    distiller = Distiller(
        student, CachedTeacher(), student_loss_weight=0.0, output_weights={"slots": 1.0}
    )
    student.get_layer("intent_head").trainable = False
    compiled(distiller, optimizer=keras.optimizers.Adam(0.1), loss=None, jit_compile=jit_compile)
    before = numbers(distiller, (inputs, targets))
    distiller.fit(tf.data.Dataset.from_tensors((inputs, targets)).repeat(60), verbose=0)
    after = numbers(distiller, (inputs, targets))
    assert after["distillation_loss"] < 0.05 * before["distillation_loss"]
    assert after["slot_agreement"] > 0.95


def test_sample_weight_zero_removes_a_row_from_both_losses(student):
    inputs, targets = make_data()
    weight = np.array([1.0] * 4 + [0.0] * 4, "float32")
    distiller = compiled(Distiller(student, CachedTeacher()))
    before = numbers(distiller, (inputs, targets), sample_weight=weight)
    inputs["teacher_intent"][4:] *= -7
    inputs["teacher_slots"][4:] *= -7
    targets["intent"][4:] = 1 - targets["intent"][4:]
    after = numbers(distiller, (inputs, targets), sample_weight=weight)
    for key in ("loss", "student_loss", "distillation_loss"):
        assert after[key] == pytest.approx(before[key], rel=1e-5)
    unweighted = numbers(distiller, (inputs, targets))
    assert unweighted["distillation_loss"] > 1.5 * after["distillation_loss"]


def test_sample_weights_of_each_output(student):
    inputs, targets = make_data()
    weights = {"intent": np.zeros(ROWS, "float32"), "slots": np.full(ROWS, 0.5, "float32")}
    distiller = compiled(Distiller(student, CachedTeacher(), temperature=2.0))
    data = tf.data.Dataset.from_tensors((inputs, targets, weights))
    logs = distiller.evaluate(data, return_dict=True, verbose=0)
    outputs = student({key: inputs[key] for key in ("features", "lengths")})
    slots = soft_label_distance(
        inputs["teacher_slots"], outputs["slots"], temperature=2.0, mask=real_tokens(inputs)
    )
    assert logs["distillation_loss"] == pytest.approx(0.5 * float(slots), rel=1e-5)


def test_regularisation_of_the_student_is_kept_and_not_weighted():
    keras.utils.set_random_seed(3)
    student = make_student(regularizer=keras.regularizers.L2(10.0))
    distiller = compiled(Distiller(student, CachedTeacher(), student_loss_weight=0.25))
    logs = numbers(distiller, make_data())
    kernel = student.get_layer("intent_head").kernel.numpy()
    parts = 0.25 * logs["student_loss"] + 0.75 * logs["distillation_loss"]
    assert logs["loss"] - parts == pytest.approx(10 * np.sum(kernel**2), rel=1e-4)


def test_student_runs_once_a_step(student):
    distiller = compiled(Distiller(student, CachedTeacher()))
    distiller.fit(*make_data(), batch_size=4, epochs=1, verbose=0)
    assert student.get_layer("passes").counts.numpy().tolist() == [2.0, 0.0]


def test_evaluation_runs_the_student_once_in_inference_mode(student):
    distiller = compiled(Distiller(student, CachedTeacher()))
    numbers(distiller, make_data())
    assert student.get_layer("passes").counts.numpy().tolist() == [0.0, 1.0]


def test_evaluation_has_no_dropout():
    distiller = compiled(Distiller(make_student(dropout=0.5), CachedTeacher()))
    data = make_data()
    assert numbers(distiller, data) == numbers(distiller, data)


def test_batch_norm_learns_in_training_only():
    student = make_student(batch_norm=True)
    distiller = compiled(Distiller(student, CachedTeacher()))
    start = student.get_layer("norm").moving_mean.numpy()
    numbers(distiller, make_data())
    np.testing.assert_array_equal(student.get_layer("norm").moving_mean, start)
    distiller.fit(*make_data(), batch_size=ROWS, verbose=0)
    assert np.abs(student.get_layer("norm").moving_mean - start).max() > 1e-4


def test_padding_does_not_matter(student):
    inputs, targets = make_data()
    distiller = compiled(Distiller(student, CachedTeacher(), output_weights={"slots": 1.0}))
    before = numbers(distiller, (inputs, targets))
    inputs["teacher_slots"][~real_tokens(inputs)] = np.nan
    assert numbers(distiller, (inputs, targets)) == before


def test_tokens_without_an_answer_of_the_teacher_do_not_count(student):
    inputs, targets = make_data()
    inputs["teacher_mask"] = real_tokens(inputs).copy()
    inputs["teacher_mask"][:, 1:] = False
    distiller = compiled(
        Distiller(student, CachedTeacher(), temperature=2.0, output_weights={"slots": 1.0})
    )
    logs = numbers(distiller, (inputs, targets))
    outputs = student({key: inputs[key] for key in ("features", "lengths")})
    expected = soft_label_distance(
        inputs["teacher_slots"][:, 0], outputs["slots"][:, 0], temperature=2.0
    )
    assert logs["distillation_loss"] == pytest.approx(float(expected), rel=1e-5)


class KerasTeacher(keras.Model):
    """A teacher that is a Keras model with dropout."""

    def __init__(self):
        super().__init__()
        self.dropout = keras.layers.Dropout(0.5, seed=2)
        self.intent = keras.layers.Dense(INTENTS)
        self.slots = keras.layers.Dense(TAGS)

    def call(self, inputs, training=None):
        floats = self.dropout(keras.ops.cast(inputs["features"], "float32"), training=training)
        return {"intent": self.intent(floats[:, 0]), "slots": self.slots(floats)}


def test_keras_teacher_is_frozen_and_not_part_of_the_model(student, tmp_path):
    teacher = KerasTeacher()
    inputs, targets = make_data()
    teacher(inputs)
    start = [weight.numpy() for weight in teacher.weights]
    distiller = compiled(Distiller(student, teacher))
    distiller.fit(inputs, targets, batch_size=ROWS, epochs=2, verbose=0)
    for weight, before in zip(teacher.weights, start, strict=True):
        np.testing.assert_array_equal(weight, before)
    ours = {id(weight) for weight in distiller.weights}
    assert not ours & {id(weight) for weight in teacher.weights}
    assert len(distiller.trainable_weights) == len(student.trainable_weights)
    assert numbers(distiller, (inputs, targets)) == numbers(distiller, (inputs, targets))


def test_weights_file_holds_the_student_and_not_the_teacher(student, tmp_path):
    import h5py

    teacher = KerasTeacher()
    inputs, targets = make_data()
    distiller = compiled(Distiller(student, teacher))
    distiller.fit(inputs, targets, batch_size=ROWS, verbose=0)
    distiller.save_weights(tmp_path / "distiller.weights.h5")
    arrays = []

    def collect(_name, item):
        if isinstance(item, h5py.Dataset):
            arrays.append(item)

    with h5py.File(tmp_path / "distiller.weights.h5") as file:
        file["layers"].visititems(collect)
    assert len(arrays) == len(student.weights)

    other = compiled(Distiller(make_student(), teacher))
    other.fit(inputs, targets, batch_size=ROWS, verbose=0)
    other.load_weights(tmp_path / "distiller.weights.h5")
    for a, b in zip(other.student.weights, student.weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_saving_the_distiller_names_the_student(student, tmp_path):
    distiller = compiled(Distiller(student, CachedTeacher()))
    numbers(distiller, make_data())
    with pytest.raises(NotImplementedError, match="`distiller.student.save"):
        distiller.save(tmp_path / "distiller.keras")
    assert not list(tmp_path.iterdir())
    with pytest.raises(NotImplementedError, match="`distiller.student.save"):
        keras.saving.save_model(distiller, tmp_path / "distiller.keras")


def test_text_without_labels(student):
    inputs, _ = make_data()
    distiller = Distiller(student, CachedTeacher(), student_loss_weight=0.0)
    compiled(distiller, loss=None)
    history = distiller.fit(
        tf.data.Dataset.from_tensors((inputs,)).repeat(20), epochs=2, verbose=0
    ).history
    assert history["distillation_loss"][1] < history["distillation_loss"][0]


def test_predict_gives_the_students_outputs(student):
    inputs, _ = make_data()
    needed = {key: inputs[key] for key in ("features", "lengths")}
    distiller = Distiller(student, CachedTeacher())
    np.testing.assert_allclose(
        distiller.predict(needed, verbose=0)["slots"], student(needed)["slots"], atol=1e-6
    )


def test_runs_eagerly(student):
    distiller = compiled(Distiller(student, CachedTeacher()), run_eagerly=True)
    logs = distiller.fit(*make_data(), batch_size=4, epochs=1, verbose=0).history
    assert np.isfinite(logs["loss"]).all()


@pytest.fixture(scope="module")
def bert_teacher(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bert") / "tiny"
    build_bert(
        folder,
        ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "set", "alarm", "call", "mom", "now"),
        hidden_size=8,
        layers=1,
        heads=1,
        intermediate_size=8,
        max_positions=8,
        initializer_range=0.5,
    )
    return TFHubBertTeacher(folder, labels=LABELS, max_word_pieces=8)


def live_data():
    inputs, targets = make_data()
    texts = ["set alarm now", "call mom now"] * 4
    spans = [[(0, 3), (4, 9), (10, 13)], [(0, 4), (5, 8), (9, 12)]] * 4
    live = {
        "features": inputs["features"],
        "lengths": inputs["lengths"],
        "text": tf.constant(texts),
        "spans": tf.constant(spans, tf.int32),
    }
    return live, targets


def test_live_teacher_equals_its_cached_outputs(student, bert_teacher):
    live, targets = live_data()
    answers = bert_teacher(live)
    cached = {f"teacher_{key}": answers[key] for key in ("intent", "slots", "mask")}
    cached |= {key: live[key] for key in ("features", "lengths")}
    results = []
    for teacher, inputs in ((bert_teacher, live), (CachedTeacher(LABELS), cached)):
        distiller = compiled(Distiller(student, teacher))
        data = tf.data.Dataset.from_tensor_slices((inputs, targets)).batch(4)
        results.append(distiller.evaluate(data, return_dict=True, verbose=0))
    assert results[0] == pytest.approx(results[1], rel=1e-4)


def test_live_teacher_is_frozen(student, bert_teacher):
    start = [variable.numpy() for variable in bert_teacher.variables]
    data = tf.data.Dataset.from_tensor_slices(live_data()).batch(4)
    distiller = compiled(Distiller(student, bert_teacher))
    distiller.fit(data, verbose=0)
    for variable, before in zip(bert_teacher.variables, start, strict=True):
        np.testing.assert_array_equal(variable, before)
    assert len(distiller.trainable_weights) == len(student.trainable_weights)


def test_live_teacher_cannot_be_compiled(student, bert_teacher):
    with pytest.raises(ValueError, match="`jit_compile` must not be True with a live teacher"):
        compiled(Distiller(student, bert_teacher), jit_compile=True)


def test_strings_cannot_be_compiled(student):
    inputs, targets = make_data()
    data = tf.data.Dataset.from_tensors(({**inputs, "text": tf.constant(["a"] * ROWS)}, targets))
    distiller = compiled(Distiller(student, CachedTeacher()), jit_compile=True)
    with pytest.raises(ValueError, match=r"hold strings. Received: \['text'\]"):
        distiller.fit(data, verbose=0)


def test_teacher_with_other_labels(student):
    student.labels = LABELS
    other = LabelSet(intents=("CALL", "ALARM"), tags=LABELS.tags)
    with pytest.raises(LabelError, match="same `intents`.*their order differs"):
        Distiller(student, CachedTeacher(other))


def test_teacher_with_other_outputs(student):
    inputs, targets = make_data()
    inputs["teacher_intent"] = np.zeros((ROWS, INTENTS + 1), "float32")
    distiller = compiled(Distiller(student, CachedTeacher()))
    with pytest.raises(ValueError, match="must have the same shape"):
        distiller.fit(inputs, targets, batch_size=ROWS, verbose=0)


def test_cached_outputs_that_are_missing(student):
    inputs, targets = make_data()
    del inputs["teacher_slots"]
    distiller = compiled(Distiller(student, CachedTeacher()))
    with pytest.raises(ValueError, match="teacher must return 'slots'"):
        distiller.fit(inputs, targets, batch_size=ROWS, verbose=0)


def test_cached_outputs_that_are_all_missing(student):
    inputs, targets = make_data()
    del inputs["teacher_intent"], inputs["teacher_slots"]
    distiller = compiled(Distiller(student, CachedTeacher()))
    with pytest.raises(ValueError, match=r"must hold one of \['teacher_intent'"):
        distiller.fit(inputs, targets, batch_size=ROWS, verbose=0)


def test_inputs_of_the_student_that_are_missing(student):
    inputs, targets = make_data()
    del inputs["features"]
    distiller = compiled(Distiller(student, CachedTeacher()))
    with pytest.raises(ValueError, match=r"without \['features'\]"):
        distiller.fit(inputs, targets, batch_size=ROWS, verbose=0)


def test_data_without_labels_needs_no_weight_for_them(student):
    inputs, _ = make_data()
    distiller = compiled(Distiller(student, CachedTeacher()))
    with pytest.raises(ValueError, match="must hold labels"):
        distiller.fit(tf.data.Dataset.from_tensors((inputs,)), verbose=0)


def test_hard_labels_need_a_loss(student):
    with pytest.raises(ValueError, match="`loss` must be given"):
        compiled(Distiller(student, CachedTeacher()), loss=None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"temperature": 0.0}, "`temperature` must be positive, .* Received: 0.0"),
        ({"temperature": -2.0}, "`temperature` must be positive"),
        ({"student_loss_weight": 1.5}, "`student_loss_weight` must be from 0 to 1"),
        ({"output_weights": {}}, "`output_weights` must map at least one"),
        ({"output_weights": {"intent": -1.0}}, r"`output_weights\['intent'\]` must be at least 0"),
        ({"distance": "cosine"}, r"`distance` must be a function or one of \['logits', 'soft_l"),
    ],
)
def test_bad_arguments(student, change, message):
    with pytest.raises(ValueError, match=message):
        Distiller(student, CachedTeacher(), **change)


def test_teacher_must_be_callable(student):
    with pytest.raises(TypeError, match="`teacher` must be callable"):
        Distiller(student, None)


def test_output_that_the_teacher_lacks(student):
    distiller = compiled(Distiller(student, CachedTeacher(), output_weights={"tree": 1.0}))
    with pytest.raises(ValueError, match="The teacher must return 'tree'"):
        distiller.evaluate(*make_data(), verbose=0)
