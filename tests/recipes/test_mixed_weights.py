"""Mixed weights are the weighted mean of what the files hold."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from pqrnn_tf.commands.running import run_command
from pqrnn_tf.datasets import write_rows
from pqrnn_tf.files import write_json
from pqrnn_tf.runtime import load
from recipes import mixed_weights
from recipes.mixed_weights import mix
from recipes.recovered_weights import Product
from tests.tiny_models import DEV, TINY, TRAIN


def products(*values: float) -> list[Product]:
    return [Product(np.full((2, 3), value, np.float32), np.full(3, -value)) for value in values]


def test_weights_need_not_add_up_to_one():
    first, second = mix([products(1, 2), products(5, 6)], [1, 3])
    assert (first.kernel == 4).all() and (first.bias == -4).all()
    assert (second.kernel == 5).all()


def test_a_product_without_bias_stays_without():
    plain = [Product(np.ones((2, 3), np.float32), None)]
    (found,) = mix([plain, plain], [1, 1])
    assert found.bias is None and (found.kernel == 1).all()


def test_models_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match="must be of one configuration"):
        mix([products(1), products(1, 2)], [1, 1])
    with pytest.raises(ValueError, match="one number per model"):
        mix([products(1)], [1, 1])


def test_a_model_mixed_with_itself_parses_as_it_does(tiny, tmp_path):
    rows, config = tmp_path / "rows.jsonl", tmp_path / "config.json"
    write_rows(rows, TRAIN[:60])
    write_json(config, TINY.to_dict())
    flags = ["--data", str(rows), "--config", str(config), "--output", str(tmp_path / "mixed")]
    for _ in range(2):
        flags += ["--model", str(tiny[2])]
    module = mixed_weights
    assert run_command("mixed_weights", module.__doc__, module.configure, module.run, flags) == 0
    mixed = keras.models.load_model(tmp_path / "mixed" / "model.keras", compile=False)
    texts = [row.text for row in DEV[:40]]
    assert [parse.tree for parse in mixed.predict(texts)] == [load(tiny[2])(t).tree for t in texts]
