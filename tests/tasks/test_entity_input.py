"""The model's input for names that only the device knows."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.distillation.recipes import Stage
from pqrnn_tf.distillation.stages import check_no_entities
from pqrnn_tf.distillation.training import distill_with_text
from pqrnn_tf.encoder import PQRNNEncoder
from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.runtime import Parser, read_metadata
from pqrnn_tf.runtime.entities import Entities
from pqrnn_tf.runtime.entity_features import EntityFeatures
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.search.evolution import search
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.parsing import answer_texts
from pqrnn_tf.tasks.training import build_model, training_rows
from pqrnn_tf.teachers.keras_teacher import KerasTeacher
from tests.tiny_models import DEV, ROWS, tiny_parser
from tflite_export import convert

TEXTS = [row.text for row in DEV[:4]]


@pytest.fixture(scope="module")
def told(tiny):
    """The tiny model with an input that it trusts blindly: `(model, features, name of a slot)`."""
    slot = tiny[0].labels.slot_names[0]
    features = EntityFeatures.of_slots({slot: "thing"})
    model = tiny[0].with_entity_features(features)
    kernel = np.zeros((features.width, len(model.labels.tags)), np.float32)
    tags = list(model.labels.tags)
    kernel[4, tags.index(f"B-{slot}")] = 60.0  # a name of a thing begins
    kernel[5, tags.index(f"I-{slot}")] = 30.0  # and goes on
    model.entity_head.kernel.assign(kernel)
    return model, features, slot


def same(one, other):
    return all(np.array_equal(one[name], other[name]) for name in one)


def test_a_new_input_changes_nothing(tiny):
    model = tiny[0].with_entity_features(EntityFeatures(("a", "b")))
    entities = np.ones((1, 4, 12), np.int8)
    from pqrnn_tf.tasks.pipeline import projected_texts

    inputs = projected_texts(["wake me"], model.spec)
    assert same(tiny[0](inputs), model(inputs))
    assert same(model(inputs), model({**inputs, "entities": entities}))
    with pytest.raises(ValueError, match="must have weights and no `entity_features`"):
        model.with_entity_features(EntityFeatures(("a",)))
    assert "entity_features" not in tiny[0].get_config()


def test_the_input_is_saved_with_the_model(told, tmp_path):
    model, features, _ = told
    model.save(tmp_path / "model.keras")
    model.save_to_preset(tmp_path)
    entities = Entities.from_rows([{"name": TEXTS[0].split()[-1], "type": "thing"}])
    expected = answer_texts(model, TEXTS, entities=entities)
    for other in (
        keras.models.load_model(tmp_path / "model.keras", compile=False),
        IntentSlotModel.from_preset(tmp_path),
    ):
        assert other.entity_features == features
        answers = answer_texts(other, TEXTS, entities=entities)
        assert [a.parse for a in answers] == [a.parse for a in expected]


def test_a_file_is_told_of_names_or_of_nothing(told, tiny, tmp_path):
    model, features, slot = told
    convert(model, path=tmp_path / "told.tflite")
    assert read_metadata(tmp_path / "told.tflite").entity_features == features
    assert read_metadata(tiny[2]).entity_features is None
    parser, plain = Parser(tmp_path / "told.tflite"), Parser(tiny[2])
    assert parser.entity_types == {slot: "thing"}
    word = TEXTS[0].split()[-1]
    for text in (*TEXTS, " ".join(TEXTS)):  # also one that only the largest signature has room for
        assert same(parser.logits(text), plain.logits(text))
    parser.entities = [{"name": word, "type": "thing"}]
    begin = list(model.labels.tags).index(f"B-{slot}")
    for text in (TEXTS[0], " ".join([*TEXTS, word])):
        told_of, not_told = parser.logits(text), plain.logits(text)
        added = told_of["slots"][:, begin] - not_told["slots"][:, begin]
        for (start, end), more in zip(told_of["spans"].tolist(), added, strict=True):
            assert more == pytest.approx(60.0 if text[start:end] == word else 0.0, abs=0.5)
    parser.entities = [{"name": "xylophonist", "type": "thing"}]  # in no text
    assert same(parser.logits(TEXTS[0]), plain.logits(TEXTS[0]))
    parser.entities = None
    assert parser(TEXTS[0]) == plain(TEXTS[0])


def test_a_configuration_names_the_slots(eager):
    slots = sorted({slot.name for row in ROWS for slot in row.slots or ()})
    config = TrainingConfig(
        bottleneck_units=8, units=4, layers=1, entity_types={slots[0]: "thing"}, surface=0.0
    )
    assert TrainingConfig.from_dict(config.to_dict()) == config
    data = training_rows(config, ROWS)
    from pqrnn_tf.tasks.label_collection import labels_for

    model = build_model(config, labels_for(config, ROWS))
    assert model.entity_features == EntityFeatures.of_slots({slots[0]: "thing"})
    model.compile()
    inputs, targets = next(
        iter(data.batches(model.labels, config.spec, batch_size=8, seed=1, epoch=lambda: 0))
    )
    before = model.entity_map.kernel.numpy().copy()
    model.train_on_batch(inputs, targets)
    model.train_on_batch(inputs, targets)
    assert (model.entity_map.kernel.numpy() != before).any()
    with pytest.raises(ValueError, match="entity_types"):
        TrainingConfig(entity_types={"CONTACT": ""})


def test_fit_tells_rows_of_names(eager):
    slot = next(slot.name for row in ROWS for slot in row.slots or ())
    model = IntentSlotModel(
        encoder=PQRNNEncoder(bottleneck_units=8, units=4, layers=1, name="encoder"),
        bag_head=False,
        entity_features=EntityFeatures.of_slots({slot: "thing"}),
    )
    model.fit(ROWS[:32], epochs=2, batch_size=8, verbose=0)
    assert model.entity_map.kernel.numpy().any() and model.entity_head.kernel.numpy().any()


REFUSED = "`entity_types` must be empty in a distillation.* recipes.entity_input --start FOLDER"


def test_a_distillation_refuses_types():
    with pytest.raises(ValueError, match=REFUSED):
        check_no_entities(TrainingConfig(entity_types={"CONTACT": "contact"}))
    plain = tiny_parser(LabelSet(("a", "b"), ("O", "B-X", "I-X")))
    check_no_entities(TrainingConfig(), plain, None)
    model = plain.with_entity_features(EntityFeatures.of_slots({"X": "thing"}))
    with pytest.raises(ValueError, match="starts from a model told of thing"):
        check_no_entities(TrainingConfig(), None, model)


def test_types_are_refused_before_a_teacher_answers(tmp_path):
    """They were refused when the teacher had answered all the text, and a search trained an input that it never fed."""
    config = TrainingConfig(entity_types={"CONTACT": "contact"})
    stages, nobody = [Stage(name="s")], {"fine-tuned": tmp_path / "no teacher"}
    with pytest.raises(ValueError, match=REFUSED):
        distill_with_text(config, stages, nobody, ROWS, (), tmp_path / "run")
    with pytest.raises(ValueError, match=REFUSED):
        search(None, config, tmp_path / "no teacher", ROWS, ROWS, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_teacher_with_the_input_answers_as_without():
    """A student may be taught by a model that can be told of names, and is told of none."""
    plain = tiny_parser(LabelSet(("a", "b"), ("O", "B-X", "I-X")))
    model = plain.with_entity_features(EntityFeatures.of_slots({"X": "thing"}))
    model.entity_head.kernel.assign(np.ones_like(model.entity_head.kernel.numpy()))
    text = tf.constant(TEXTS)
    _, lengths, spans, _ = project_strings(text, model.spec)
    inputs = {"text": text, "spans": spans, "lengths": lengths}
    assert same(KerasTeacher(model)(inputs), KerasTeacher(plain)(inputs))


def test_names_need_slots_that_take_them():
    names = Entities.from_rows({"name": f"Zoltan {n}", "type": "thing"} for n in range(500))
    with pytest.raises(ValueError, match="`entity_types` must say which slots hold names"):
        training_rows(TrainingConfig(), ROWS, names)
    slot = next(slot.name for row in ROWS for slot in row.slots or ())
    config = TrainingConfig(entity_types={slot: "thing"}, surface=0.0, distortion=0.0)
    data = training_rows(config, ROWS, names)
    texts = {row.text for epoch in range(3) for row in data.augment(ROWS, epoch)}
    assert any("Zoltan" in text for text in texts)
