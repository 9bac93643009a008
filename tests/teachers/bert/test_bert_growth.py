"""A BERT that grows: wider with the same outputs, exactly where the factor is a power of two; deeper by stacking."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from pqrnn_tf.teachers.bert.growth import grow_bert, grown_bert_weights
from pqrnn_tf.teachers.bert.numpy_bert import numpy_bert, numpy_masked_lm

WIDTH, LAYERS, HEADS, INNER, WORDS = 8, 2, 2, 12, 10
IDENTIFIERS = np.array([[1, 2, 3, 4], [5, 6, 0, 0]])
MASK = np.array([[1, 1, 1, 1], [1, 1, 0, 0]])


def small_weights():
    rng = np.random.default_rng(0)
    shapes = {
        "embeddings.word_embeddings.weight": (WORDS, WIDTH),
        "embeddings.position_embeddings.weight": (6, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
        "embeddings.LayerNorm.weight": (WIDTH,),
        "embeddings.LayerNorm.bias": (WIDTH,),
        "pooler.dense.weight": (WIDTH, WIDTH),
        "pooler.dense.bias": (WIDTH,),
        "cls.predictions.bias": (WORDS,),
        "cls.predictions.transform.dense.weight": (WIDTH, WIDTH),
        "cls.predictions.transform.dense.bias": (WIDTH,),
        "cls.predictions.transform.LayerNorm.weight": (WIDTH,),
        "cls.predictions.transform.LayerNorm.bias": (WIDTH,),
    }
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}."
        for part in ("query", "key", "value"):
            shapes[f"{layer}attention.self.{part}.weight"] = (WIDTH, WIDTH)
        shapes[f"{layer}attention.output.dense.weight"] = (WIDTH, WIDTH)
        shapes[f"{layer}intermediate.dense.weight"] = (INNER, WIDTH)
        shapes[f"{layer}output.dense.weight"] = (WIDTH, INNER)
        for name in [n for n in shapes if n.startswith(layer) and n.endswith("weight")]:
            shapes[name.replace("weight", "bias")] = shapes[name][:1]
        for norm in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[f"{layer}{norm}.weight"] = shapes[f"{layer}{norm}.bias"] = (WIDTH,)
    return {name: rng.normal(size=shape).astype("<f4") for name, shape in shapes.items()}


def outputs(weights, *, factor=1, layers=LAYERS):
    """States of all layers, pooled output and logits of masked words."""
    states = numpy_bert(
        weights, IDENTIFIERS, MASK, 0 * IDENTIFIERS, layers=layers, heads=factor * HEADS
    )
    pooled = states[-1][:, 0] @ weights["pooler.dense.weight"].T.astype(np.float64)
    pooled = np.tanh(pooled + weights["pooler.dense.bias"])
    return states, pooled, numpy_masked_lm(weights, states[-1])


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_a_wider_bert_has_each_channel_of_the_small_one_so_many_times(factor):
    small = small_weights()
    large = grown_bert_weights(small, layers=LAYERS, deeper=LAYERS, factor=factor)
    ours, theirs = outputs(small), outputs(large, factor=factor)
    # Weights are stored in single precision: a third is not exact there.
    close = 1e-9 if factor in (2, 4) else 1e-5
    for before, after in zip(ours[0], theirs[0], strict=True):
        np.testing.assert_allclose(after, np.tile(before, factor), atol=close)
    np.testing.assert_allclose(theirs[1], np.tile(ours[1], factor), atol=close)
    np.testing.assert_allclose(theirs[2], ours[2], atol=10 * close)


def test_a_head_of_classes_makes_as_many_as_before():
    """That for the next sentence, which BERT's own checkpoints have, got twice its two classes."""
    head = {"weight": np.arange(6.0).reshape(2, 3), "bias": np.ones(2)}
    for name in ("cls.seq_relationship", "classifier"):
        small = {f"{name}.{part}": values for part, values in head.items()}
        large = grown_bert_weights(small, layers=1, deeper=1, factor=2)
        assert large[f"{name}.weight"].shape == (2, 6) and large[f"{name}.bias"].shape == (2,)
        pooled = np.array([0.5, -1.0, 2.0])
        np.testing.assert_allclose(
            large[f"{name}.weight"] @ np.tile(pooled, 2), head["weight"] @ pooled
        )


def test_a_factor_of_two_divides_weights_without_rounding():
    small = small_weights()
    large = grown_bert_weights(small, layers=LAYERS, deeper=LAYERS, factor=2)
    name = "encoder.layer.1.intermediate.dense.weight"
    np.testing.assert_array_equal(large[name][:INNER, :WIDTH] * 2, small[name])
    np.testing.assert_array_equal(large[name][INNER:, WIDTH:] * 2, small[name])


def test_layers_are_stacked_in_turn():
    small = small_weights()
    large = grown_bert_weights(small, layers=LAYERS, deeper=5, factor=1)
    for number in range(5):
        name = "encoder.layer.{}.output.dense.weight"
        np.testing.assert_array_equal(large[name.format(number)], small[name.format(number % 2)])
    np.testing.assert_array_equal(outputs(large, layers=5)[0][1], outputs(small)[0][1])
    with pytest.raises(ValueError, match="in a BERT that grows"):
        grown_bert_weights(small, layers=LAYERS, deeper=1, factor=1)


def test_a_checkpoint_grows_with_its_settings_and_keeps_its_other_files(tmp_path):
    source = tmp_path / "small"
    source.mkdir()
    names = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size")
    sizes = dict(zip(names, (WIDTH, LAYERS, HEADS, INNER), strict=True))
    (source / "config.json").write_text(json.dumps({"model_type": "bert", **sizes}))
    (source / "vocab.txt").write_text("[PAD]\n")
    save_file(small_weights(), source / "model.safetensors")
    grow_bert(source, tmp_path / "large", layers=4, factor=2)
    told = json.loads((tmp_path / "large" / "config.json").read_text())
    assert [told[name] for name in names] == [16, 4, 4, 24]
    assert (tmp_path / "large" / "vocab.txt").read_text() == "[PAD]\n"
    weights = load_file(tmp_path / "large" / "model.safetensors")
    assert weights["encoder.layer.3.output.dense.weight"].shape == (16, 24)
    with pytest.raises(FileExistsError):
        grow_bert(source, tmp_path / "large")
    (source / "config.json").unlink()
    with pytest.raises(FileNotFoundError, match="has no 'config.json'"):
        grow_bert(source, tmp_path / "other")
