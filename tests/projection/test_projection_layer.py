"""The Keras layer: everywhere the same values, and the specification travels with the model."""

from __future__ import annotations

import pathlib
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from pqrnn_tf.projection.definition import project
from pqrnn_tf.projection.layer import Projection
from pqrnn_tf.runtime.spec import ProjectionSpec, SpecError

SPEC = ProjectionSpec(word_features=12, ngram_features=8, max_tokens=6, seed=5)
TEXTS = ["Wake me at 7pm", "नमस्ते दुनिया", ""]


def check_row(text: str, outputs: dict[str, Any], row: int) -> None:
    expected = project(text, SPEC)
    count = len(expected.spans)
    assert int(outputs["lengths"][row]) == count
    assert np.asarray(outputs["features"])[row, :count].tolist() == expected.features
    assert not np.asarray(outputs["features"])[row, count:].any()
    assert np.asarray(outputs["spans"])[row, :count].tolist() == list(map(list, expected.spans))
    assert bool(outputs["truncated"][row]) == expected.truncated


def test_batch_of_strings_gives_the_definition() -> None:
    outputs = Projection(SPEC)(TEXTS)
    assert outputs["features"].shape == (3, 5, SPEC.features)
    assert outputs["features"].dtype == tf.int8
    for row, text in enumerate(TEXTS):
        check_row(text, outputs, row)


def test_scalar_has_no_batch_axis() -> None:
    outputs = Projection(SPEC)("Wake me at 7pm")
    assert outputs["features"].shape == (5, SPEC.features)
    assert outputs["lengths"].shape == ()
    assert outputs["features"].numpy().tolist() == project("Wake me at 7pm", SPEC).features


def test_time_can_have_a_fixed_length() -> None:
    outputs = Projection(SPEC, pad_to_max_tokens=True)(TEXTS)
    assert outputs["features"].shape == (3, SPEC.max_tokens, SPEC.features)
    assert outputs["spans"].shape == (3, SPEC.max_tokens, 2)
    check_row(TEXTS[1], outputs, 1)


@pytest.mark.parametrize("batched", [False, True])
def test_inside_tf_data(batched: bool) -> None:
    dataset = tf.data.Dataset.from_tensor_slices(TEXTS)
    dataset = dataset.batch(3).map(Projection(SPEC)) if batched else dataset.map(Projection(SPEC))
    assert dataset.element_spec["features"].shape[-1] == SPEC.features
    if batched:
        check_row(TEXTS[0], next(iter(dataset)), 0)
    else:
        first = next(iter(dataset))
        assert first["spans"].numpy().tolist() == [[0, 4], [5, 7], [8, 10], [11, 12], [12, 14]]


def functional_model() -> keras.Model:
    inputs = keras.Input((), dtype="string", name="text")
    outputs = Projection(SPEC, pad_to_max_tokens=True, name="projection")(inputs)
    assert outputs["features"].shape == (None, SPEC.max_tokens, SPEC.features)
    assert outputs["features"].dtype == "int8"
    floats = keras.ops.cast(outputs["features"], "float32")
    return keras.Model(inputs, {"dense": keras.layers.Dense(3)(floats), **outputs})


def test_inside_a_model_that_is_saved_and_loaded(tmp_path: pathlib.Path) -> None:
    model = functional_model()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.get_layer("projection").spec == SPEC
    before, after = (m.predict(tf.constant(TEXTS), verbose=0) for m in (model, loaded))
    check_row(TEXTS[0], after, 0)
    np.testing.assert_array_equal(before["dense"], after["dense"])


def test_config_round_trip_carries_the_version() -> None:
    layer = Projection(SPEC, pad_to_max_tokens=True, name="p")
    config = layer.get_config()
    assert config["spec"]["version"] == SPEC.version == 2
    again = Projection.from_config(config)
    assert (again.spec, again.pad_to_max_tokens, again.name) == (SPEC, True, "p")


def test_another_version_is_refused() -> None:
    config = Projection(SPEC).get_config()
    config["spec"]["version"] = 3
    with pytest.raises(SpecError, match=r"`version` must be one of .*Received: version=3"):
        Projection.from_config(config)


def test_compute_output_spec_agrees_with_the_outputs() -> None:
    layer = Projection(SPEC, pad_to_max_tokens=True)
    specs = layer.compute_output_spec(keras.KerasTensor((3,), "string"))
    outputs = layer(TEXTS)
    assert specs.keys() == outputs.keys()
    for name, value in outputs.items():
        assert tuple(specs[name].shape) == tuple(value.shape), name
        assert specs[name].dtype == value.dtype.name, name


def test_default_specification() -> None:
    assert Projection().spec == ProjectionSpec()


def test_wrong_specification_is_refused() -> None:
    with pytest.raises(TypeError, match=r"`spec` must be a ProjectionSpec.*Received: 3"):
        Projection(3)  # type: ignore[arg-type]


def test_matrix_of_strings_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must be strings of shape"):
        Projection(SPEC)([["a"], ["b"]])


def test_xla_is_not_asked_for() -> None:
    assert not Projection(SPEC).supports_jit
