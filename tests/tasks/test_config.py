"""The one table of defaults: what a configuration may hold, and how it is read."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from pqrnn_tf.runtime.spec import ProjectionSpec, SpecError
from pqrnn_tf.tasks.config import TrainingConfig, read_config, read_settings

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def test_config_from_file_and_assignments(tmp_path):
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"epochs": 3, "spec": {"word_features": 32}}), encoding="utf-8")
    config = read_config(path, ["units=64", "pooling=f", "spec.max_tokens=20"])
    assert (config.epochs, config.units, config.pooling) == (3, 64, "f")
    assert (config.spec.word_features, config.spec.max_tokens) == (32, 20)
    assert TrainingConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    ("assignment", "message"), [("epochs", "name=value"), ("epoch=3", "unknown names.*epoch")]
)
def test_bad_assignments_are_refused(assignment, message):
    with pytest.raises(ValueError, match=message):
        read_config(None, [assignment])


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("epochs=0", "`epochs` must be a whole number of at least 1. Received: 0"),
        ("epochs=2.5", "`epochs` must be a whole number"),
        ("epochs=true", "`epochs` must be a whole number"),
        ("batch_size=-1", "`batch_size` must be a whole number of at least 1"),
        ("learning_rate=abc", "`learning_rate` must be a number above 0. Received: 'abc'"),
        ("learning_rate=0", "`learning_rate` must be a number above 0"),
        ("learning_rate=NaN", "`learning_rate` must be a number above 0. Received: nan"),
        ("weight_decay=Infinity", "`weight_decay` must be a number of at least 0. Received: inf"),
        ("warmup=1", "`warmup` must be a number of at least 0 and below 1"),
        ("dropout=1.0", "`dropout` must be a number of at least 0 and below 1"),
        ("substitution=1.1", "`substitution` must be a number from 0 to 1"),
        ("surface=-0.1", "`surface` must be a number from 0 to 1"),
        ("surface_weights=3", "`surface_weights` must be numbers of at least 0 by the names"),
        ('surface_weights={"vowel": -1}', "`surface_weights` must be numbers of at least 0"),
        ('surface_weights={"vowels": 1}', "`surface_weights` has the unknown name 'vowels'"),
        ("slot_weight=null", "`slot_weight` must be a number of at least 0. Received: None"),
        ("pooling=fop", "`pooling` must be one of .'f', 'fo', 'ifo'.. Received: 'fop'"),
        ("normalization=[]", "`normalization` must be one of"),
        ("residual=1", "`residual` must be true or false. Received: 1"),
        ("seed=-1", "`seed` must be a whole number from 0"),
        ("spec=3", "`spec` must be a ProjectionSpec"),
        ("spec.ngram_orders=3", "`ngram_orders` must be whole numbers from 1 to 8. Received: 3"),
        ("spec.lowercase=no", "`lowercase` must be true or false. Received: 'no'"),
    ],
)
def test_a_value_that_cannot_be_is_an_error_that_names_its_field(assignment, message):
    with pytest.raises(ValueError, match=message):
        read_config(None, [assignment])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{\n oops", r"config.json:2: must be JSON"),
        (b"[1]", r"config.json: must be a JSON object"),
        (b"\xff", r"config.json: must be UTF-8"),
        (b'{"spec": 1}', "`spec` must be an object"),
    ],
)
def test_a_file_that_is_no_configuration_is_an_error_that_names_it(tmp_path, content, message):
    path = tmp_path / "config.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_config(path, [])


def test_numbers_of_numpy_are_kept_as_plain_ones():
    config = TrainingConfig(epochs=np.int64(3), learning_rate=np.float32(0.5), dropout=0)
    assert json.loads(json.dumps(config.to_dict()))["learning_rate"] == 0.5
    assert (type(config.epochs), type(config.dropout)) == (int, float)


def test_a_bad_specification_keeps_its_own_error():
    with pytest.raises(SpecError, match="max_tokens"):
        read_config(None, ["spec.max_tokens=0"])


def test_what_the_caller_has_chosen_stays_for_any_number_of_rows():
    config = TrainingConfig.for_rows(50, epochs=3, units=64)
    assert (config.epochs, config.units) == (3, 64)
    with pytest.raises(ValueError, match="`rows` must be a whole number of at least 1"):
        TrainingConfig.for_rows(0)


def test_more_rows_take_more_steps():
    rows = [1, 50, 100, 150, 350, 1500, 4999, 9999, 10_000, 15_000, 100_000]
    configs = [TrainingConfig.for_rows(count) for count in rows]
    steps = [c.epochs * -(-n // c.batch_size) for n, c in zip(rows, configs, strict=True)]
    assert steps == sorted(steps)
    assert [config.bag_head for config in configs] == [True] * 10 + [False]


def test_many_rows_are_trained_with_the_defaults():
    assert TrainingConfig.for_rows(100_000) == TrainingConfig()
    spec = TrainingConfig.for_rows(15_000).spec
    assert TrainingConfig.for_rows(15_000) == TrainingConfig(bag_head=True, spec=spec)


def test_a_chosen_field_of_the_projection_leaves_the_others_as_they_suit():
    suited = TrainingConfig.for_rows(100).spec
    chosen = TrainingConfig.for_rows(100, **read_settings(None, ["spec.max_tokens=20"])).spec
    assert chosen == dataclasses.replace(suited, max_tokens=20)


def test_epochs_follow_a_chosen_batch_size():
    usual, doubled = TrainingConfig.for_rows(2000), TrainingConfig.for_rows(2000, batch_size=64)
    assert doubled.batch_size == 2 * usual.batch_size
    assert abs(2 * usual.epochs - doubled.epochs) <= 2


def test_the_table_of_defaults_is_read_without_keras():
    code = "import sys, pqrnn_tf.tasks.config; sys.exit('keras' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["code_switching", "unspaced"])
def test_records_of_trainings_without_it_do_not_have_it(name):
    assert name not in TrainingConfig().to_dict()
    config = TrainingConfig(**{name: 0.5})
    assert config.to_dict()[name] == 0.5
    assert TrainingConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_weights_of_errors_are_read_and_written():
    config = read_config(None, ['surface_weights={"vowel": 2}', "surface=0.25"])
    assert config.surface_weights == {"vowel": 2.0} and config.surface == 0.25
    assert TrainingConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert hash(config) == hash(TrainingConfig(surface=0.25))


@pytest.mark.parametrize("path", sorted(ROOT.glob("pretrained/*/config.json")), ids=str)
def test_whole_configurations_of_earlier_versions_have_no_other_forms(path):
    values = json.loads(path.read_text(encoding="utf-8"))
    config = read_config(path, [])
    assert config.surface == values.get("surface", 0.0)
    assert config.distortion == values["distortion"]
    assert read_config(path, ["surface=0.4"]).surface == 0.4
    assert TrainingConfig.for_rows(300, **values).surface == values.get("surface", 0.0)


def test_a_file_with_some_fields_has_the_defaults_for_the_others(tmp_path):
    path = tmp_path / "config.json"
    path.write_text('{"distortion": 0.1, "epochs": 3, "spec": {}}', encoding="utf-8")
    assert read_config(path, []).surface == TrainingConfig().surface > 0


@pytest.mark.parametrize("segmentation", ["words", "spaces"])
def test_rows_cannot_lose_the_spaces_that_make_their_tokens(segmentation):
    spec = ProjectionSpec(segmentation=segmentation)
    assert TrainingConfig(spec=spec).unspaced == 0
    with pytest.raises(ValueError, match="`unspaced` must be 0 where"):
        TrainingConfig(spec=spec, unspaced=0.5)
