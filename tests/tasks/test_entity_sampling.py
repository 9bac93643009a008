"""What training rows are told of names."""

from __future__ import annotations

import numpy as np
import pytest

from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.runtime.entity_features import EntityFeatures
from pqrnn_tf.runtime.entity_files import Entity
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.text import tokens_of
from pqrnn_tf.tasks.entity_sampling import EntitySampling
from pqrnn_tf.tasks.label_collection import collect_labels
from pqrnn_tf.tasks.training_data import ExampleData

NAMES = ["Anna", "Bob", "Claire", "Dmitri", "Egon", "Fatima", "me"]


def row(name, before="please call ", behind=" at noon"):
    start = len(before)
    return Example(
        before + name + behind, "CALL", (SlotSpan("CONTACT", ((start, start + len(name)),)),)
    )


ROWS = [row(name) for name in NAMES] * 8 + [Example("tell me the time", "TIME", ())] * 8
FEATURES = EntityFeatures.of_slots({"CONTACT": "contact"})


@pytest.fixture(scope="module")
def sampling():
    return EntitySampling(FEATURES, ROWS, seed=1)


def features_of(sampling, example, epoch):
    return sampling(example, tokens_of(example.text, ProjectionSpec()), epoch)


def test_draws_are_decided_by_seed_pass_and_row(sampling):
    again = EntitySampling(FEATURES, ROWS, seed=1)
    other = EntitySampling(FEATURES, ROWS, seed=2)
    assert sampling.replaced(ROWS, 3) == again.replaced(ROWS, 3) != sampling.replaced(ROWS, 4)
    assert sampling.replaced(ROWS, 3) != other.replaced(ROWS, 3)
    told = [features_of(sampling, ROWS[0], epoch) for epoch in range(20)]
    for epoch, features in enumerate(told):
        assert (features == features_of(again, ROWS[0], epoch)).all()
    assert len({features.tobytes() for features in told}) > 3


def test_names_are_replaced_and_slots_follow(sampling):
    new = sampling.replaced(ROWS, 0)
    values = {slot.text(example.text) for example in new for slot in example.slots}
    assert len(values) > 20 and "Anna" in values
    for example, old in zip(new, ROWS, strict=True):
        assert (example.intent, len(example.slots)) == (old.intent, len(old.slots))


def test_rows_are_told_of_all_of_some_and_of_nothing(sampling):
    of_name, elsewhere, nothing, rounds = 0, 0, 0, 400
    for epoch in range(rounds):
        features = features_of(sampling, ROWS[0], epoch).reshape(5, 2, 4)
        of_name += features[2, :, 1].any()
        elsewhere += features[[0, 1, 3, 4], :, 1].any()
        nothing += not features.any()
    assert 0.55 < of_name / rounds < 0.85
    assert 0.2 < elsewhere / rounds < 0.7
    assert 0.15 < nothing / rounds < 0.45


def test_common_words_are_no_names(sampling):
    assert "me" not in [entity.name for entity in sampling._entities if entity.name == "me"][
        :1
    ] or (not features_of(sampling, row("me"), 0).any())


def test_batches_hold_what_is_told(sampling):
    data = ExampleData(ROWS, sampling.replaced, entities=sampling)
    labels = collect_labels(ROWS)
    batches = data.batches(labels, ProjectionSpec(), batch_size=16, seed=1, epoch=lambda: 0)
    seen = 0
    for inputs, targets in batches:
        entities = inputs["entities"].numpy()
        assert entities.dtype == np.int8
        assert entities.shape == (*inputs["features"].shape[:2], FEATURES.width)
        assert "entities" not in targets
        seen += entities.any()
    assert seen
    plain = next(iter(ExampleData(ROWS).batches(
        labels, ProjectionSpec(), batch_size=16, seed=1, epoch=lambda: 0
    )))  # fmt: skip
    assert set(plain[0]) == {"features", "lengths"}


def test_rows_without_names_cannot_be_drawn_from():
    with pytest.raises(ValueError, match="Rows must have slots of names, .'CONTACT'."):
        EntitySampling(FEATURES, ROWS[-4:], seed=1)


def test_names_of_a_list_stand_in_slots_of_their_type():
    names = [Entity(f"Zoltan {n}", f"z{n}", ("contact",), (f"Zoli {n}",)) for n in range(300)]
    names += [Entity(f"Room {n}", f"r{n}", ("room",)) for n in range(300)]
    sampling = EntitySampling(FEATURES, ROWS, seed=1, names=names)
    words = {
        slot.text(example.text).split()[0]
        for epoch in range(8)
        for example in sampling.replaced(ROWS, epoch)
        for slot in example.slots
    }
    assert {"Zoltan", "Zoli"} <= words and "Room" not in words


def test_names_of_no_type_of_the_model_are_an_error():
    with pytest.raises(ValueError, match="`names` must have entities of the types .'contact'."):
        EntitySampling(FEATURES, ROWS, seed=1, names=[Entity("Kitchen", "k", ("room",))])


# Relations.
RELATED = EntityFeatures.of_slots({"CONTACT": "contact"}, related=True)
CHANNEL = RELATED.channels.index("related")


@pytest.fixture(scope="module")
def with_relations():
    return EntitySampling(RELATED, ROWS, seed=1)


def test_relations_change_nothing_else(sampling, with_relations):
    """Where names are is what a model without the fifth feature is told, but for entries of no type."""
    again = EntitySampling(RELATED, ROWS, seed=1)
    for epoch in range(60):
        for example in ROWS[:3]:
            plain = features_of(sampling, example, epoch).reshape(-1, 2, 4)
            own = features_of(with_relations, example, epoch)
            assert (own == features_of(again, example, epoch)).all()
            assert (own.reshape(-1, 2, 5)[:, 1, :3] == plain[:, 1, :3]).all()


def test_names_that_a_row_means_have_to_do_with_something_more_often(with_relations):
    rounds = 600
    meant, false, others = [], [], 0
    for epoch in range(rounds):
        features = features_of(with_relations, ROWS[0], epoch).reshape(5, 2, 5)
        if features[2, 1, 1]:
            meant.append(int(features[2, 1, CHANNEL]))
        false += [int(own[1, CHANNEL]) for own in features[[0, 1, 3, 4]] if own[1, 1]]
        others += features[[0, 1, 3, 4], 0, CHANNEL].any()
    shares = {sign: sum(own == sign for own in meant) / len(meant) for sign in (1, 0, -1)}
    assert 0.2 < shares[1] < 0.5 and 0.1 < shares[-1] < 0.4 and 0.3 < shares[0] < 0.6, shares
    shares = {sign: sum(own == sign for own in false) / len(false) for sign in (1, 0, -1)}
    assert shares[1] < 0.15 and 0.3 < shares[-1] < 0.6 and 0.2 < shares[0] < 0.6, shares
    assert 0.05 < others / rounds < 0.5  # entries of no type, which are related to


def test_two_names_of_a_row_have_to_do_with_each_other():
    text = "call Anna or Bob"
    slots = (SlotSpan("CONTACT", ((5, 9),)), SlotSpan("CONTACT", ((13, 16),)))
    sampling = EntitySampling(RELATED, ROWS, seed=1)
    told = [
        features_of(sampling, Example(text, "CALL", slots), epoch).reshape(4, 2, 5)
        for epoch in range(200)
    ]
    both = sum(own[1, 1, CHANNEL] == own[3, 1, CHANNEL] == 1 for own in told)
    assert 30 < both < 150
