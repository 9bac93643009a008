from __future__ import annotations

import pathlib
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from layer_checks import run_layer_test

from pqrnn_tf.encoder import PQRNNEncoder
from pqrnn_tf.encoder.config import EncoderConfig
from pqrnn_tf.quantization import FixedRangeQuantizer, SymmetricWeightQuantizer

LENGTHS = [6, 1, 4]
MASK = np.arange(6) < np.array(LENGTHS)[:, None]


def ternary(time: int = 6) -> np.ndarray:
    return np.random.default_rng(3).integers(-1, 2, size=(3, time, 16)).astype("int8")


SMALL = {"bottleneck_units": 8, "units": 4, "layers": 2}
PLAIN = {"dropout": 0.0, "feature_dropout": 0.0, "residual": False}


def small(**arguments: Any) -> PQRNNEncoder:
    return PQRNNEncoder(**{**SMALL, **PLAIN, **arguments})


def test_defaults_are_those_of_the_table() -> None:
    config = PQRNNEncoder().get_config()
    for name, value in EncoderConfig().encoder_arguments().items():
        assert config[name] == value


def sequence(outputs: dict[str, Any]) -> Any:
    return outputs["sequence"]


def test_outputs_follow_the_seam() -> None:
    outputs = small(bottleneck_units=10)(ternary(), mask=MASK)
    assert sorted(outputs) == ["hidden", "sequence"]
    assert [tuple(h.shape) for h in outputs["hidden"]] == [(3, 6, 10), (3, 6, 8), (3, 6, 8)]
    assert outputs["hidden"][-1] is outputs["sequence"]
    assert all(h.dtype == "float32" for h in outputs["hidden"])
    assert not any(np.array(h)[~MASK].any() for h in outputs["hidden"])


def test_int8_and_float_features_give_the_same() -> None:
    encoder = small()
    np.testing.assert_array_equal(
        sequence(encoder(ternary())), sequence(encoder(ternary().astype("float32")))
    )


@pytest.mark.parametrize("bidirectional", [True, False])
def test_padded_batch_equals_single_examples(bidirectional: bool) -> None:
    encoder = small(bidirectional=bidirectional, residual=True)
    encoder(ternary(), mask=MASK, training=True)
    together = np.array(sequence(encoder(ternary(), mask=MASK)))
    for n, length in enumerate(LENGTHS):
        alone = sequence(encoder(ternary()[n : n + 1, :length]))[0]
        np.testing.assert_allclose(together[n, :length], alone, atol=1e-5)


def test_training_ignores_padding() -> None:
    tight, loose = small(seed=1), small(seed=1)
    loose.build((None, None, 16))
    tight.build((None, None, 16))
    loose.set_weights(tight.get_weights())
    longer = np.ones((3, 9, 16), "int8")
    longer[:, :6] = np.where(MASK[..., None], ternary(), -1)
    a = sequence(tight(ternary(), mask=MASK, training=True))
    b = sequence(loose(longer, mask=np.pad(MASK, [(0, 0), (0, 3)]), training=True))
    np.testing.assert_allclose(b[:, :6], a, atol=1e-5)
    for one, other in zip(tight.get_weights(), loose.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("bidirectional", [True, False])
def test_unidirectional_is_causal(bidirectional: bool) -> None:
    encoder = small(bidirectional=bidirectional)
    changed = ternary()
    changed[:, 4] = 1 - changed[:, 4]
    first, second = (np.array(sequence(encoder(x))) for x in (ternary(), changed))
    assert np.allclose(first[:, :4], second[:, :4], atol=1e-6) is not bidirectional


def test_residual_where_the_widths_agree() -> None:
    # Bottleneck 10 -> first layer 8: no residual; first layer 8 -> second layer 8: one.
    plain, residual = small(bottleneck_units=10), small(bottleneck_units=10, residual=True)
    plain.build((None, None, 16))
    residual.build((None, None, 16))
    residual.set_weights(plain.get_weights())
    a, b = plain(ternary())["hidden"], residual(ternary())["hidden"]
    np.testing.assert_array_equal(a[1], b[1])
    np.testing.assert_allclose(b[2], a[2] + a[1], atol=1e-6)


def test_zoneout_gets_the_place_of_the_layer() -> None:
    encoder = small(layers=3, zoneout=0.5)
    assert [layer.forward.layer_index for layer in encoder.qrnn_layers] == [1, 2, 3]
    assert [layer.backward.zoneout for layer in encoder.qrnn_layers] == [0.5, 0.5, 0.5]


def test_feature_dropout_drops_single_features_in_training_only() -> None:
    encoder = small(feature_dropout=0.5, normalization=None, seed=2)
    features = np.ones((1, 200, 16), "int8")
    encoder.build((None, None, 16))
    encoder.bottleneck.kernel.assign(np.eye(16, 8))
    kept = np.array(encoder(features, training=True)["hidden"][0])
    # Kept features are scaled by 1 / (1 - 0.5); 1,600 draws have a standard deviation of 0.0125.
    assert set(np.unique(kept)) == {0.0, 2.0}
    assert (kept == 0).mean() == pytest.approx(0.5, abs=0.06)
    np.testing.assert_array_equal(encoder(features, training=False)["hidden"][0], 1.0)


def test_dropout_is_on_the_input_of_each_layer_in_training_only() -> None:
    encoder, plain = small(dropout=0.5, seed=2), small()
    encoder.build((None, None, 16))
    plain.build((None, None, 16))
    plain.set_weights(encoder.get_weights())
    np.testing.assert_array_equal(sequence(encoder(ternary())), sequence(plain(ternary())))
    dropped, whole = (e(ternary(), training=True)["hidden"] for e in (encoder, plain))
    np.testing.assert_array_equal(dropped[0], whole[0])
    assert np.abs(dropped[1] - whole[1]).max() > 0.01


def test_layers_start_from_different_weights() -> None:
    encoder = small(kernel_initializer=keras.initializers.GlorotUniform(seed=3), layers=3)
    encoder.build((None, None, 16))
    kernels = [half.kernel.numpy() for q in encoder.qrnn_layers for half in (q.forward, q.backward)]
    assert len({kernel.tobytes() for kernel in kernels}) == 6


def test_quantizers_reach_every_kernel() -> None:
    encoder = small(
        kernel_quantizer=SymmetricWeightQuantizer(), activation_quantizer=FixedRangeQuantizer()
    )
    halves = [half for q in encoder.qrnn_layers for half in (q.forward, q.backward)]
    assert encoder.bottleneck.kernel_quantizer == SymmetricWeightQuantizer()
    assert all(half.kernel_quantizer == SymmetricWeightQuantizer() for half in halves)
    assert all(half.activation_quantizer == FixedRangeQuantizer() for half in halves)


def test_keras_masks_reach_every_output() -> None:
    source = keras.Input((None, 16))
    outputs = small()(keras.layers.Masking()(source))
    assert all(hasattr(h, "_keras_mask") for h in [outputs["sequence"], *outputs["hidden"]])


@pytest.mark.parametrize("jit_compile", [False, True])
def test_fits_batches_of_changing_length(jit_compile: bool) -> None:
    rng = np.random.default_rng(0)

    def batches() -> Any:
        for time in (3, 5, 3):
            yield (
                (
                    rng.integers(-1, 2, (4, time, 16)).astype("int8"),
                    np.arange(time) < rng.integers(1, time + 1, (4, 1)),
                ),
                rng.normal(size=(4, time, 8)).astype("float32"),
            )

    data = tf.data.Dataset.from_generator(
        batches,
        output_signature=(
            (tf.TensorSpec([None, None, 16], tf.int8), tf.TensorSpec([None, None], tf.bool)),
            tf.TensorSpec([None, None, 8]),
        ),
    )
    features, mask = keras.Input((None, 16), dtype="int8"), keras.Input((None,), dtype="bool")
    encoder = small(layers=1, zoneout=0.3, dropout=0.1)
    model = keras.Model([features, mask], encoder(features, mask=mask)["sequence"])
    model.compile("sgd", "mse", jit_compile=jit_compile)
    before = model.get_weights()
    history = model.fit(data, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert all((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize(
    ("arguments", "width", "trainable", "non_trainable"),
    [
        # Bottleneck 3, two layers of two halves of 3; 2 moving averages and 1 seed a half, 2 moving
        # averages of the bottleneck, and the seeds of the three dropout layers.
        (
            {
                "zoneout": 0.5,
                "dropout": 0.1,
                "feature_dropout": 0.1,
                "residual": True,
                "kernel_quantizer": SymmetricWeightQuantizer(),
                "activation_quantizer": FixedRangeQuantizer(),
                "kernel_regularizer": "l2",
                "seed": 7,
            },
            8,
            15,
            17,
        ),
        # Kernel and bias of the bottleneck and of two causal layers; their seeds.
        ({"bidirectional": False, "normalization": None, "pooling": "ifo"}, 4, 6, 2),
    ],
)
def test_layer_contract(
    arguments: dict[str, Any],
    width: int,
    trainable: int,
    non_trainable: int,
    tmp_path: pathlib.Path,
) -> None:
    run_layer_test(
        PQRNNEncoder,
        {**SMALL, **PLAIN, **arguments},
        inputs=ternary().astype("float32"),
        output_shape=(3, 6, width),
        trainable_weights=trainable,
        non_trainable_weights=non_trainable,
        folder=tmp_path,
        select=sequence,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layers": 0}, "`layers` must be a positive integer. Received: layers=0"),
        ({"dropout": 1.0}, r"`dropout` must be a rate in \[0, 1\). Received: dropout=1.0"),
        ({"feature_dropout": -0.1}, "`feature_dropout` must be a rate"),
        ({"units": "4"}, "`units` must be a positive integer"),
    ],
)
def test_bad_argument(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small(**arguments)
