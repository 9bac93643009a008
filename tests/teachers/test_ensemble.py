from __future__ import annotations

import keras
import numpy as np
import pytest

from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.teachers import CachedTeacher, EnsembleTeacher, Teacher

HALF = np.log([[0.5, 0.5]]).astype("float32")
SURE = np.log([[0.9, 0.1]]).astype("float32")


class Fixed:
    supports_jit = True
    width = 7

    def __init__(self, intent, *, mask=(True, True), labels=None, hidden=None):
        self.labels = labels
        self.training = None
        self.answer = {
            "intent": intent,
            "slots": np.stack([intent, 2 * intent], axis=1),
            "mask": np.array([mask]),
        }
        if hidden is not None:
            self.answer["hidden"] = np.full((1, 2, 7), hidden, "float32")

    def __call__(self, inputs, training=False):
        self.training = training
        return self.answer


def answer(*teachers, **options):
    outputs = EnsembleTeacher(teachers, **options)({})
    return {key: keras.ops.convert_to_numpy(value) for key, value in outputs.items()}


def test_is_a_teacher():
    assert isinstance(EnsembleTeacher([Fixed(HALF)]), Teacher)


def test_mean_of_logits_by_hand():
    outputs = answer(Fixed(np.float32([[1, 2]])), Fixed(np.float32([[3, -2]])))
    np.testing.assert_allclose(outputs["intent"], [[2, 0]])
    np.testing.assert_allclose(outputs["slots"], [[[2, 0], [4, 0]]])


def test_mean_of_probabilities_by_hand():
    # (0.5 + 0.9) / 2; adding 5 to the logits of one teacher changes nothing.
    outputs = answer(Fixed(HALF), Fixed(SURE + 5), mean="probabilities")
    np.testing.assert_allclose(np.exp(outputs["intent"]), [[0.7, 0.3]], rtol=1e-5)


def test_mean_of_tiny_probabilities_is_finite():
    far = np.float32([[0, -500]])
    outputs = answer(Fixed(far), Fixed(far), mean="probabilities")
    np.testing.assert_allclose(outputs["intent"], far, atol=1e-4)


@pytest.mark.parametrize(("mean", "expected"), [("logits", [[2.5, -1]]), ("probabilities", None)])
def test_weights_by_hand(mean, expected):
    if expected is not None:
        pair = (Fixed(np.float32([[1, 2]])), Fixed(np.float32([[3, -2]])))
        np.testing.assert_allclose(answer(*pair, weights=[1, 3])["intent"], expected)
    else:
        # 0.25 · 0.5 + 0.75 · 0.9
        outputs = answer(Fixed(HALF), Fixed(SURE), mean=mean, weights=[1, 3])
        np.testing.assert_allclose(np.exp(outputs["intent"])[0, 0], 0.8, rtol=1e-5)


def test_token_needs_an_answer_of_every_teacher():
    outputs = answer(Fixed(HALF, mask=(True, True)), Fixed(SURE, mask=(True, False)))
    assert outputs["mask"].tolist() == [[True, False]]


def test_hidden_states_of_the_chosen_teacher():
    pair = (Fixed(HALF, hidden=1), Fixed(HALF, hidden=2))
    assert "hidden" not in answer(*pair)
    assert answer(*pair, hidden_of=1)["hidden"].min() == 2
    assert EnsembleTeacher(pair, hidden_of=1).width == 7
    assert EnsembleTeacher(pair).width is None


def test_chosen_teacher_without_hidden_states():
    with pytest.raises(ValueError, match="`hidden_of` must name a teacher that returns 'hidden'"):
        answer(Fixed(HALF), hidden_of=0)


def test_training_mode_is_passed_on():
    teacher = Fixed(HALF)
    EnsembleTeacher([teacher])({}, training=True)
    assert teacher.training is True


def test_compiles_only_if_all_can():
    slow = Fixed(HALF)
    slow.supports_jit = False
    assert EnsembleTeacher([Fixed(HALF)]).supports_jit
    assert not EnsembleTeacher([Fixed(HALF), slow]).supports_jit


LABELS = LabelSet(intents=("A", "B"), tags=("O",))


def test_labels_are_those_of_any_teacher_that_has_some():
    assert EnsembleTeacher([Fixed(HALF), Fixed(HALF, labels=LABELS)]).labels == LABELS
    assert EnsembleTeacher([Fixed(HALF)]).labels is None


@pytest.mark.parametrize("first", [None, LABELS])
def test_other_labels_are_refused(first):
    other = LabelSet(intents=("B", "A"), tags=("O",))
    teachers = [Fixed(HALF, labels=labels) for labels in (first, LABELS, other)]
    with pytest.raises(LabelError, match="same `intents`"):
        EnsembleTeacher(teachers)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mean": "median"}, "`mean` must be one of"),
        ({"weights": [1.0]}, "`weights` must hold 2 positive numbers"),
        ({"weights": [1.0, 0.0]}, "`weights` must hold 2 positive numbers"),
        ({"hidden_of": 2}, "`hidden_of` must be from 0 to 1"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        EnsembleTeacher([CachedTeacher(), CachedTeacher()], **options)


def test_no_teachers():
    with pytest.raises(ValueError, match="at least one teacher"):
        EnsembleTeacher([])


def test_something_that_is_no_teacher():
    with pytest.raises(TypeError, match="`teachers` must be callable"):
        EnsembleTeacher([len])
