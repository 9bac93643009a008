"""Models that grow: what they answer stays the same where it can, exactly."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest

from pqrnn_tf.encoder import PQRNNEncoder
from pqrnn_tf.runtime import ProjectionSpec
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.slot_edges import SlotEdges
from pqrnn_tf.tasks import IntentSlotModel
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.growth import (
    GrowthStage,
    changed_outputs,
    check_growth,
    grow,
    multiply_accumulates,
    start_grown,
)
from pqrnn_tf.tasks.training import build_model

pytestmark = pytest.mark.usefixtures("eager")
SPEC = ProjectionSpec(word_features=16, ngram_features=0, ngram_orders=(), max_tokens=8)
SMALL = TrainingConfig(spec=SPEC, bottleneck_units=8, units=4, layers=2, kernel_width=2)
LABELS = LabelSet(
    intents=("a", "b", "c"),
    tags=("O", "B-X", "I-X"),
    nested=("O", "B-P/Q"),
    slots_of_nested=(("X",), ("X",)),
)


def model_of(config, *, labels=LABELS, bag_head=False, dtype="float32", **arguments):
    """A model whose every weight and statistic is drawn, none at its initial value."""
    keras.utils.set_random_seed(1)
    encoder = PQRNNEncoder(**config.encoder_arguments(), name="encoder", dtype=dtype)
    arguments = {"spec": config.spec, "encoder": encoder, "dtype": dtype, **arguments}
    model = IntentSlotModel(labels=labels, bag_head=bag_head, **arguments)
    model.build_from_config(model.get_build_config())
    rng = np.random.default_rng(2)
    for name, variable in model._named_weights().items():
        low, high = (0.5, 1.5) if name.endswith(("gamma", "variance")) else (-0.7, 0.7)
        variable.assign(rng.uniform(low, high, variable.shape))
    return model


def inputs(spec=SPEC, new=0):
    """Ternary features; those of n-grams stand behind those of words."""
    rng = np.random.default_rng(3)
    values = rng.integers(-1, 2, (3, 6, SPEC.features)).astype(np.int8)
    ngrams = rng.integers(-1, 2, (3, 6, new)).astype(np.int8)
    place = SPEC.word_features
    features = np.concatenate([values[..., :place], ngrams, values[..., place:]], -1)
    assert features.shape[-1] == spec.features
    return {"features": features, "lengths": np.array([6, 4, 1], np.int32)}


def outputs(model, given):
    return {name: np.asarray(value) for name, value in model(given, training=False).items()}


def largest_difference(small, large, new=0):
    ours, theirs = outputs(small, inputs()), outputs(large, inputs(large.spec, new))
    assert sorted(ours) == sorted(theirs)
    return max(float(np.abs(ours[name] - theirs[name]).max()) for name in ours)


@pytest.mark.parametrize("normalization", ["batch", "layer", None])
@pytest.mark.parametrize("pooling", ["f", "fo", "ifo"])
def test_twice_the_width_keeps_the_outputs(normalization, pooling):
    config = dataclasses.replace(SMALL, normalization=normalization, pooling=pooling)
    wide = dataclasses.replace(config, units=8, bottleneck_units=16)
    small = model_of(config)
    assert changed_outputs(config, wide) == ()
    assert largest_difference(small, grow(small, wide)) < 1e-5


@pytest.mark.parametrize(
    "sizes",
    [
        {"units": 12, "bottleneck_units": 24},
        {"units": 7, "bottleneck_units": 14},  # some channels have two copies, others one
        {"bottleneck_units": 8, "units": 4},
    ],
)
@pytest.mark.parametrize("residual", [True, False])
def test_any_width_keeps_the_outputs_of_batch_normalisation(sizes, residual):
    config = dataclasses.replace(SMALL, residual=residual)
    small, wide = model_of(config), dataclasses.replace(config, **sizes)
    assert changed_outputs(config, wide) == ()
    assert largest_difference(small, grow(small, wide)) < 1e-5
    assert largest_difference(small, grow(small, wide, seed=5)) < 1e-5


def test_without_a_residual_at_the_first_layer_each_width_grows_by_itself():
    config = dataclasses.replace(SMALL, bottleneck_units=6)
    small = model_of(config)
    for sizes in ({"units": 9}, {"bottleneck_units": 17}):
        wide = dataclasses.replace(config, **sizes)
        assert largest_difference(small, grow(small, wide)) < 1e-5


def test_copies_of_bottleneck_channels_are_equal_to_the_bit():
    small, wide = model_of(SMALL), dataclasses.replace(SMALL, units=8, bottleneck_units=16)
    before = np.asarray(small.encode(inputs())["hidden"][0])
    after = np.asarray(grow(small, wide).encode(inputs())["hidden"][0])
    halves = [before[..., :4], before[..., 4:]]  # the residual adds the states of each direction
    np.testing.assert_array_equal(after, np.concatenate([h for h in halves for _ in (0, 1)], -1))


def test_twice_the_width_is_equal_to_the_bit_where_sums_are_exact():
    """Weights of few bits make every product and sum of the first layer's gates exact."""
    small = model_of(dataclasses.replace(SMALL, normalization=None))
    for variable in small._named_weights().values():
        variable.assign(np.round(np.asarray(variable) * 8) / 8)
    wide = dataclasses.replace(SMALL, normalization=None, units=8, bottleneck_units=16)
    large = grow(small, wide)
    ours, theirs = (
        np.asarray(model.encoder.qrnn_layers[0].forward(model.encode(inputs())["hidden"][0]))
        for model in (small, large)
    )
    np.testing.assert_array_equal(theirs, np.concatenate([ours, ours], -1))


@pytest.mark.parametrize("normalization", ["batch", "layer", None])
def test_layers_that_add_nothing_keep_the_outputs_to_the_bit(normalization):
    config = dataclasses.replace(SMALL, normalization=normalization)
    deep = dataclasses.replace(config, layers=5)
    small = model_of(config)
    assert changed_outputs(config, deep, depth="identity") == ()
    assert largest_difference(small, grow(small, deep, depth="identity")) == 0


def test_gradients_reach_a_layer_that_adds_nothing_yet():
    import tensorflow as tf

    large = grow(model_of(SMALL), dataclasses.replace(SMALL, layers=3), depth="identity")
    new = large.encoder.qrnn_layers[2].forward.normalization_layer.gamma
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(large(inputs(), training=True)["intent"][:, 0])
    gradient = np.asarray(tape.gradient(loss, new.value))
    assert np.abs(gradient[:4]).max() > 0


def test_stacked_layers_are_copies_in_turn_and_change_the_outputs():
    deep = dataclasses.replace(SMALL, layers=5)
    small = model_of(SMALL)
    large = grow(small, deep)
    assert changed_outputs(SMALL, deep) == ("a copy of a layer changes what it is given",)
    assert largest_difference(small, large) > 1e-3
    before, after = small._named_weights(), large._named_weights()
    for number in range(1, 6):
        source = (number - 1) % 2 + 1
        np.testing.assert_array_equal(
            after[f"qrnn_{number}/backward/kernel"], before[f"qrnn_{source}/backward/kernel"]
        )


def test_a_first_layer_that_is_stacked_reads_states_of_another_width():
    config = dataclasses.replace(SMALL, bottleneck_units=6)
    large = grow(model_of(config), dataclasses.replace(config, layers=3))
    assert large.encoder.qrnn_layers[2].forward.kernel.shape == (2 * 8, 3 * 4)


def test_new_ngrams_and_longer_texts_keep_the_outputs():
    spec = dataclasses.replace(SPEC, ngram_features=8, ngram_orders=(3,), max_tokens=16)
    small = model_of(SMALL, bag_head=True)
    large = grow(small, dataclasses.replace(SMALL, spec=spec))
    assert largest_difference(small, large, new=8) == 0


def test_all_dimensions_grow_together():
    spec = dataclasses.replace(SPEC, ngram_features=8, ngram_orders=(3,), max_tokens=16)
    config = dataclasses.replace(SMALL, spec=spec, units=8, bottleneck_units=16, layers=4)
    small = model_of(SMALL)
    assert largest_difference(small, grow(small, config, depth="identity"), new=8) < 1e-5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"units": 2}, "`units` must not shrink"),
        ({"layers": 1}, "`layers` must not shrink"),
        ({"kernel_width": 3}, "`kernel_width` must be the same"),
        ({"spec": dataclasses.replace(SPEC, max_tokens=4)}, "`spec.max_tokens` must not shrink"),
        ({"spec": dataclasses.replace(SPEC, word_features=32)}, "the features of words"),
    ],
)
def test_what_cannot_grow_is_named(changes, message):
    with pytest.raises(ValueError, match=message):
        check_growth(SMALL, dataclasses.replace(SMALL, **changes))


def test_growth_that_changes_outputs_says_why():
    wider = dataclasses.replace(SMALL, units=8)
    assert changed_outputs(SMALL, wider) == ("the first layer gains or loses its residual",)
    uneven = dataclasses.replace(SMALL, normalization="layer", units=6, bottleneck_units=12)
    assert (
        "more often"
        in changed_outputs(dataclasses.replace(SMALL, normalization="layer"), uneven)[0]
    )
    plain = dataclasses.replace(SMALL, residual=False)
    deep = dataclasses.replace(plain, layers=3)
    assert changed_outputs(plain, deep, depth="identity")
    with pytest.raises(ValueError, match="`depth` must be one of"):
        grow(model_of(SMALL), SMALL, depth="up")


def test_products_of_a_forward_pass_are_counted():
    model = model_of(SMALL)
    features = SPEC.features
    token = features * 8 + 2 * 2 * (2 * 8 * 12) + 8 * 1 + 8 * 3 + 8 * 2
    text = 8 * 3 + 8 * 3 + 8 * 2
    assert multiply_accumulates(model, 5) == 5 * token + text


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"units": 4}, "with a `share`"),
        ({"share": 1.0}, "`share` must be between"),
        ({"share": 0.5, "width": 3}, "`sizes` must be some of"),
        ({"share": 0.5, "units": 0}, "`units` must be a whole number"),
        ({"share": 0.5, "learning_rate": 0}, "`learning_rate` must be"),
    ],
)
def test_bad_stages_of_growth_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        GrowthStage.from_dict(values)


def test_a_stage_of_growth_configures_its_part():
    stage = GrowthStage.from_dict(
        {"share": 0.5, "units": 2, "bottleneck_units": 4, "max_tokens": 4, "learning_rate": 1e-3}
    )
    own = stage.configured(SMALL)
    assert (own.units, own.bottleneck_units, own.layers) == (2, 4, 2)
    assert (own.spec.max_tokens, own.learning_rate) == (4, 1e-3)
    with pytest.raises(ValueError, match="must not shrink"):
        GrowthStage(0.5, {"units": 99}).configured(SMALL)


def test_a_bag_head_of_less_than_full_rank_grows_with_the_ngrams():
    spec = dataclasses.replace(SPEC, ngram_features=8, ngram_orders=(3,))
    small = model_of(SMALL, bag_head=True, bag_rank=2)
    large = grow(small, dataclasses.replace(SMALL, spec=spec))
    assert large.bag_head.rank == 2
    assert largest_difference(small, large, new=8) == 0


def test_a_grown_model_has_the_dtype_and_takes_the_inputs_of_the_small_one():
    small = model_of(SMALL, preprocessor=None, dtype="mixed_bfloat16")
    large = grow(small, dataclasses.replace(SMALL, layers=3))
    assert large.dtype_policy.name == large.encoder.dtype_policy.name == "mixed_bfloat16"
    assert not large.takes_text


def test_a_model_with_the_vectors_of_a_sentence_encoder_is_refused():
    """A training on few rows starts from one, and `--grow_from` of it ended in a KeyError."""
    small = model_of(SMALL, sentence_pooling={"width": 4, "pooling": ["mean"]})
    with pytest.raises(ValueError, match="`model` must pool states by attention to grow"):
        grow(small, dataclasses.replace(SMALL, layers=3))


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"edges": (("X", SlotEdges(ends={"word": "."})),)}, True),
        ({"values": (("X", "number"),)}, True),
        ({"intents": ("b", "a", "c")}, False),
    ],
)
def test_heads_of_a_smaller_model_were_lost_where_labels_say_more_of_slots(changes, kept):
    small = model_of(SMALL, labels=dataclasses.replace(LABELS, **changes))
    large = build_model(SMALL, LABELS)
    start_grown(large, small, SMALL, depth="stack")
    same = np.array_equal(large.intent_head.kernel, small.intent_head.kernel)
    assert same is kept
