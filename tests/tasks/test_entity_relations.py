"""A model that is told which names have to do with something that the text names elsewhere."""

from __future__ import annotations

import dataclasses
import random

import keras
import numpy as np
import pytest

from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.encoder import PQRNNEncoder
from pqrnn_tf.runtime import Parser, read_metadata
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_features import EntityFeatures
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.label_collection import labels_for
from pqrnn_tf.tasks.parsing import answer_texts, predict_parses
from pqrnn_tf.tasks.training import build_model, training_rows
from tests.tiny_models import DEV, ROWS, TINY
from tflite_export import convert


def test_a_configuration_switches_it_on():
    slot = next(slot.name for row in ROWS for slot in row.slots or ())
    types = {slot: "thing"}
    with pytest.raises(ValueError, match="`entity_relations` must be false where `entity_types`"):
        TrainingConfig(entity_relations=True)
    with pytest.raises(ValueError, match="entity_relations"):
        TrainingConfig(entity_types=types, entity_relations="yes")
    plain = dataclasses.replace(TINY, entity_types=types, surface=0.0)
    config = dataclasses.replace(plain, entity_relations=True)
    assert "entity_relations" not in plain.to_dict()  # as records of older trainings
    assert TrainingConfig.from_dict(config.to_dict()) == config
    models = [build_model(own, labels_for(own, ROWS)) for own in (plain, config)]
    assert [model.entity_features.width for model in models] == [8, 10]
    assert training_rows(config, ROWS).entities.features == models[1].entity_features


def test_the_feature_goes_all_the_way(tiny, tmp_path):
    """Saved by Keras, and through a file."""
    slot = tiny[0].labels.slot_names[0]
    features = EntityFeatures.of_slots({slot: "thing"}, related=True)
    model = tiny[0].with_entity_features(features)
    begin = list(model.labels.tags).index(f"B-{slot}")
    kernel = np.zeros((10, len(model.labels.tags)), np.float32)
    kernel[9, begin] = 60.0  # the fifth feature of a thing
    model.entity_head.kernel.assign(kernel)
    text = " ".join(row.text for row in DEV[:2])
    first, *_, last = text.split()
    rows = [{"name": first, "type": "thing", "relations": {"near": last}}, last]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", compile=False)
    assert loaded.entity_features == features
    told = Entities.from_rows(rows)
    assert predict_parses(loaded, [text], entities=told) == predict_parses(
        model, [text], entities=told
    )
    convert(model, path=tmp_path / "told.tflite")
    assert read_metadata(tmp_path / "told.tflite").entity_features == features
    parser = Parser(tmp_path / "told.tflite")
    plain = parser.logits(text)["slots"][0, begin]
    for relations, more in (({"near": last}, 60.0), ({"near": "the moon"}, -60.0), ({}, 0.0)):
        parser.entities = [{**rows[0], "relations": relations}, last]
        assert parser.logits(text)["slots"][0, begin] - plain == pytest.approx(more, abs=0.5)
        assert parser(text).slots is not None


ROOMS = ("attic", "cellar", "garage", "kitchen", "library", "nursery")


def two_names(rng, names):
    """Two names and a room, of which nobody but a list knows whose it is: `(first, second, room, first is meant)`."""
    return *rng.sample(names, 2), rng.choice(ROOMS), rng.random() < 0.5


def row(first, second, room, is_first):
    start = 5 if is_first else 6 + len(first)
    end = start + len(first if is_first else second)
    return Example(f"ring {first} {second} {room}", "CALL", (SlotSpan("CONTACT", ((start, end),)),))


def test_only_the_relation_tells_which_of_two_names_is_meant():
    rng = random.Random(1)
    letters = ("bcdfghjklmnprstvz", "aeiou") * 3
    names = sorted({"".join(map(rng.choice, letters)) for _ in range(40)})
    rows = [row(*two_names(rng, names)) for _ in range(320)]
    unseen = [f"{name}q" for name in names[:20]]
    home = {name: ROOMS[place % len(ROOMS)] for place, name in enumerate(unseen)}
    asked = [two_names(rng, unseen) for _ in range(150)]
    asked = [
        (first, second, home[first if is_first else second], is_first)
        for first, second, _, is_first in asked
        if home[first] != home[second]
    ]
    texts = [row(*one).text for one in asked]
    contacts = [
        {"name": name, "type": "contact", "relations": {"in": home[name]}} for name in unseen
    ]
    entities = Entities.from_rows([*contacts, *ROOMS])
    right = {}
    for related in (True, False):
        keras.utils.set_random_seed(1)
        model = IntentSlotModel(
            encoder=PQRNNEncoder(bottleneck_units=16, units=8, layers=1, name="encoder"),
            bag_head=False,
            entity_features=EntityFeatures.of_slots({"CONTACT": "contact"}, related=related),
        )
        model.compile(optimizer=keras.optimizers.Adam(0.02))
        model.fit(rows, epochs=10, batch_size=32, verbose=0)
        found = [answer.parse.slots for answer in answer_texts(model, texts, entities=entities)]
        expected = [((1, 2),) if is_first else ((2, 3),) for *_, is_first in asked]
        pairs = zip(found, expected, strict=True)
        right[related] = sum([slot.ranges for slot in own] == [one] for own, one in pairs)
    assert right[True] >= 0.9 * len(asked) > 100
    assert right[False] <= 0.65 * len(asked)
