"""What people hand to `fit` and `evaluate`, as rows."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.datasets.rows import DataError, Example, SlotSpan
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.runtime.results import Slot
from pqrnn_tf.tasks.labelled_texts import (
    check_labels,
    check_shared_labels,
    class_weights,
    is_features,
    is_path,
    is_text,
    labelled_texts,
    texts_of_dataset,
)

LABELS = LabelSet(("alarm", "music"), ("O", "B-time", "I-time"))
TEXTS, INTENTS = ["wake me at 7", "play rock"], ["alarm", "music"]
ROWS = [
    Example("wake me at 7", "alarm", (SlotSpan("time", ((11, 12),)),), source="row 0"),
    Example("play rock", "music", (), source="row 1"),
]


@pytest.mark.parametrize(
    "texts",
    [
        TEXTS,
        tuple(TEXTS),
        [text.encode() for text in TEXTS],
        np.array(TEXTS),
        np.array(TEXTS, object),
        np.array(TEXTS)[:, None],
        tf.constant(TEXTS),
        list(tf.constant(TEXTS)),
    ],
    ids=["list", "tuple", "bytes", "numpy", "object", "column", "tensor", "list of tensors"],
)
@pytest.mark.parametrize("as_y", [True, False])
def test_texts_and_intents_in_any_container(texts, as_y):
    assert is_text(texts)
    intents = np.array(INTENTS) if isinstance(texts, np.ndarray) else INTENTS
    data = labelled_texts(texts, intents) if as_y else labelled_texts((texts, intents))
    assert [(row.text, row.intent) for row in data.rows] == list(zip(TEXTS, INTENTS, strict=True))


@pytest.mark.parametrize(
    "slots",
    [
        [[("time", 11, 12)], []],
        [[{"name": "time", "start": 11, "end": 12}], None],
        [[Slot("time", 11, 12, "7")], ()],
        [[SlotSpan("time", ((11, 12),))], []],
        [["O", "O", "O", "B-time"], ["O", "O"]],
    ],
    ids=["triples", "mappings", "slots of a parse", "spans", "tags of words"],
)
def test_slots_in_any_form(slots):
    assert labelled_texts((TEXTS, INTENTS, slots)).rows == ROWS
    assert labelled_texts(TEXTS, (INTENTS, slots)).rows == ROWS
    assert labelled_texts(TEXTS, {"intent": INTENTS, "slots": slots}).rows == ROWS


def test_slots_of_columns_are_read_as_those_of_rows_are():
    slots = [{"entity": "time", "role": "to", "start": np.int64(11), "end": np.int64(12)}]
    expected = (SlotSpan("time.to", ((11, 12),)),)
    assert labelled_texts((TEXTS, INTENTS, [slots, []])).rows[0].slots == expected
    mapping = {"text": TEXTS[0], "intent": INTENTS[0], "slots": slots}
    assert labelled_texts([mapping]).rows[0].slots == expected
    with pytest.raises(ValueError, match="Row 0.*must be 'me'"):
        labelled_texts((TEXTS, INTENTS, [[{**slots[0], "text": "me"}], []]))


def test_rows_and_mappings():
    assert labelled_texts(ROWS).rows == ROWS
    mappings = [
        {
            "text": "wake me at 7",
            "intent": "alarm",
            "slots": [{"name": "time", "start": 11, "end": 12}],
        },
        {"text": "play rock", "intent": "music"},
    ]
    assert labelled_texts(mappings).rows == ROWS


def test_intents_that_are_numbers_are_places_in_the_labels():
    assert labelled_texts(TEXTS, [0, 1], labels=LABELS).rows[1].intent == "music"
    with pytest.raises(ValueError, match="`intents` must be below 2.*Received: 2"):
        labelled_texts(TEXTS, [0, 2], labels=LABELS)
    with pytest.raises(ValueError, match="`intents` must be names.*no labels"):
        labelled_texts(TEXTS, np.array([0, 1]))


TAGS = tf.ragged.constant([["O", "O", "O", "B-time"], ["O", "O"]])


@pytest.mark.parametrize(
    ("dataset", "size"),
    [
        (tf.data.Dataset.from_tensor_slices((TEXTS, INTENTS)), None),
        (tf.data.Dataset.from_tensor_slices((TEXTS, INTENTS)).batch(2), 2),
        (tf.data.Dataset.from_tensor_slices({"text": TEXTS, "intent": INTENTS}), None),
        (tf.data.Dataset.from_tensor_slices((TEXTS, {"intent": INTENTS, "slots": TAGS})), None),
    ],
    ids=["pairs", "batches", "mappings", "tags"],
)
def test_datasets_of_rows(dataset, size):
    data = labelled_texts(dataset)
    assert [(row.text, row.intent) for row in data.rows] == list(zip(TEXTS, INTENTS, strict=True))
    assert data.batch_size == size
    assert texts_of_dataset(dataset) == TEXTS


def test_weights_of_a_dataset():
    dataset = tf.data.Dataset.from_tensor_slices((TEXTS, INTENTS, [2.0, 0.5])).batch(2)
    assert labelled_texts(dataset).weights.tolist() == [2.0, 0.5]


def test_rows_of_files_are_those_of_the_split_that_is_meant(tmp_path):
    for split, intent in (("train", "alarm"), ("test", "music")):
        (tmp_path / f"{split}.csv").write_text(f"text,intent\nhello,{intent}\n", encoding="utf-8")
    assert labelled_texts(tmp_path).rows[0].intent == "alarm"
    assert labelled_texts(tmp_path, splits=("test", "train")).rows[0].intent == "music"
    assert labelled_texts(tmp_path / "test.csv").rows[0].intent == "music"  # the only one
    with pytest.raises(DataError, match=r"`x` must have rows of dev.*\['train', 'test'\]"):
        labelled_texts(tmp_path, splits=("dev",))
    with pytest.raises(DataError, match="missing"):
        labelled_texts(tmp_path / "none.csv")


def test_an_endless_dataset_is_an_error_and_not_a_hang():
    dataset = tf.data.Dataset.from_tensor_slices((TEXTS, INTENTS)).repeat()
    with pytest.raises(ValueError, match="finite"):
        labelled_texts(dataset)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (TEXTS, ["alarm"], "`intents` must have one entry per text. Received: 1 for 2"),
        ((TEXTS, INTENTS, [[]]), None, "`slots` must have one entry per text. Received: 1 for 2"),
        (
            ["a", None],
            INTENTS,
            "`texts` must be strings. Received: None of type NoneType at place 1",
        ),
        (
            np.array(["a", float("nan")], object),
            INTENTS,
            "`texts` must be strings. Received: nan of type float at place 1",
        ),
        (TEXTS, ["alarm", float("nan")], "`intents` must be strings. Received: nan .* place 1"),
        (TEXTS, ["alarm", ""], "`x` must have an intent for each text. Received: none in row 1"),
        ((TEXTS, INTENTS, [[("time", 11, 99)], []]), None, r"Row 0 \('wake me at 7'\)"),
        ((TEXTS, INTENTS, [[3], []]), None, r"Row 0 .*A slot must be \(name, start, end\)"),
        ([], None, "`x` must hold at least one row. Received: none"),
        (([], []), None, "`x` must hold at least one row. Received: none"),
        ((np.array([]), [], []), None, "`x` must hold at least one row. Received: none"),
        (np.array([]), [], "`x` must hold at least one row. Received: none"),
        ((TEXTS, INTENTS, [[("time", 11.7, 12)], []]), None, r"Row 0 .*whole numbers .*11\.7"),
        ((TEXTS, INTENTS, [[("time", "11", "12")], []]), None, "Row 0 .*whole numbers"),
        ((TEXTS, INTENTS, [[("", 11, 12)], []]), None, 'Row 0 .*must have a "name"'),
        ((TEXTS, INTENTS, [[{"name": "time", "start": 11}], []]), None, "Row 0 .*whole numbers"),
        ((TEXTS, INTENTS, [{"time": "7"}, {}]), None, "Row 0 .*must be a list.*{'time': '7'}"),
        ((TEXTS, INTENTS, ["O O O B-time", "O O"]), None, "Row 0 .*must be a list"),
        ((TEXTS, INTENTS, [3, 4]), None, "Row 0 .*must be a list.*Received: 3"),
        ((TEXTS, None), None, "`intents` must be a sequence of names. Received: None"),
        (["wake me", " "], INTENTS, "row 1: the text is empty"),
        (["wake me", "\ud83d"], INTENTS, "row 1: a character must be whole"),
        ([{"text": "", "intent": "a"}], None, "row 0: the text is empty"),
        (
            tf.data.Dataset.from_tensor_slices((["a", ""], INTENTS)),
            None,
            "row 1: the text is empty",
        ),
        (
            [("wake me", "alarm"), ("play", "music")],
            None,
            "Pairs become columns.*list of 2 .tuple.",
        ),
        (3, None, "Received: int"),
        ([{"text": "a"}], None, "`x` must have an intent for each text. Received: none in row 0"),
        ([{"text": 3, "intent": "a"}], None, "Row 0: expected an object with the texts"),
        (TEXTS, {"slots": []}, "`y` must have `intent`"),
    ],
)
def test_data_that_cannot_be_read_is_an_error_that_says_where(x, y, message):
    with pytest.raises((TypeError, ValueError), match=message):
        labelled_texts(x, y)


def test_paths_texts_and_features_are_told_apart(tmp_path):
    assert is_path("phrases.csv") and is_path(tmp_path) and is_path(["a.csv", tmp_path])
    assert not is_path([]) and not is_path(ROWS) and not is_path((TEXTS, INTENTS))
    assert not is_text(np.array([1, "a"], object))
    assert not is_text([1, 2]) and not is_text(np.zeros(2)) and not is_text([])
    assert is_features({"features": 0}) and not is_features({"text": 0})
    features = {"features": np.zeros((2, 3, 4)), "lengths": [3, 3]}
    assert is_features(tf.data.Dataset.from_tensor_slices((features, INTENTS)))
    assert not is_features(tf.data.Dataset.from_tensor_slices((TEXTS, INTENTS)))


def test_weights_must_be_as_many_as_rows():
    with pytest.raises(ValueError, match="one entry per row. Received: 3 for 2 rows"):
        labelled_texts(ROWS, sample_weight=[1, 2, 3])
    with pytest.raises(ValueError, match="mapping from outputs"):
        labelled_texts(ROWS, sample_weight=np.ones((2, 2)))
    data = labelled_texts(ROWS, sample_weight={"slots": [[1, 2, 3, 4], [5, 6]], "intent": [1, 2]})
    taken = data.taken([1])
    assert (taken.rows, taken.weights["intent"].tolist()) == (ROWS[1:], [2.0])
    assert taken.weights["slots"][0].tolist() == [5.0, 6.0]
    with pytest.raises(ValueError, match=r"outputs of the model.*\['slots'\]"):
        data.weights_by_output(("intent",))


@pytest.mark.parametrize("weights", [[1, -1], [1, float("nan")], {"slots": [[1, -2, 1], [1]]}])
def test_weights_below_zero_made_heads_of_no_sense(weights):
    with pytest.raises(ValueError, match="must be finite numbers of at least 0. Received: "):
        labelled_texts(ROWS, sample_weight=weights)


@pytest.mark.parametrize(
    "weights",
    [
        [None, 1],
        [float("nan"), 1],
        [float("inf"), 1],
        ["a", 1],
        1.0,
        "ab",
        np.array(1.0),
        (weight for weight in (1, 2)),
        {"intent": 1.0},
        {"intent": [None, 1]},
        {"slots": [[1, None, 1, 1], [1, 1]]},
    ],
)
def test_weights_that_are_no_numbers_are_an_error_and_not_a_loss_of_nan(weights):
    with pytest.raises((TypeError, ValueError), match="`sample_weight`.* must be "):
        labelled_texts(ROWS, sample_weight=weights)


def test_labels_that_the_model_lacks_are_an_error_that_names_a_row():
    check_labels(ROWS, LABELS)
    with pytest.raises(LabelError, match=r"\['weather'\].*in x.csv:3 \('is it raining'\)"):
        check_labels([*ROWS, Example("is it raining", "weather", (), source="x.csv:3")], LABELS)
    row = Example("play rock", "music", (SlotSpan("genre", ((5, 9),)),), source="x.csv:4")
    with pytest.raises(LabelError, match=r"slots that .*\['genre'\].*x.csv:4"):
        check_labels([row], LABELS)


def test_rows_of_other_intents_are_not_scored_silently_as_wrong():
    others = [Example("is it raining", "weather", ())]
    with pytest.raises(LabelError, match="`x` must share intents"):
        check_shared_labels(others, LABELS, "x")
    with pytest.warns(UserWarning, match=r"count as wrong: \['weather'\]"):
        check_shared_labels([*ROWS, *others], LABELS, "x")


def test_weights_of_intents_by_name_or_place():
    assert class_weights({"music": 3.0}, LABELS).tolist() == [1.0, 3.0]
    assert class_weights({0: 0.5, 1: 2}, LABELS).tolist() == [0.5, 2.0]
    assert class_weights({np.int64(1): np.float32(2)}, LABELS).tolist() == [1.0, 2.0]
    wrong_keys = [{"weather": 1.0}, {2: 1.0}, {0.5: 1.0}, {None: 1.0}, {(0,): 1.0}, {True: 1.0}]
    wrong_weights = [{"music": weight} for weight in (-1.0, None, "x", float("nan"), float("inf"))]
    for given in (*wrong_keys, *wrong_weights):
        with pytest.raises(ValueError, match="`class_weight` must"):
            class_weights(given, LABELS)
