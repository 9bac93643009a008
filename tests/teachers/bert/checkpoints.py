"""Checkpoints with random weights, as the `transformers` library writes them."""

from __future__ import annotations

import numpy as np
from safetensors.numpy import save_file


def random_weights(*, pieces, width, layers, inner, positions, types=2, pooler=False, seed=0):
    rng = np.random.default_rng(seed)
    shapes = {
        "embeddings.word_embeddings.weight": (pieces, width),
        "embeddings.position_embeddings.weight": (positions, width),
        "embeddings.token_type_embeddings.weight": (types, width),
        "embeddings.LayerNorm.weight": (width,),
        "embeddings.LayerNorm.bias": (width,),
    }
    if pooler:
        shapes |= {"pooler.dense.weight": (width, width), "pooler.dense.bias": (width,)}
    parts = {
        **{f"attention.self.{name}": (width, width) for name in ("query", "key", "value")},
        "attention.output.dense": (width, width),
        "attention.output.LayerNorm": (width,),
        "intermediate.dense": (inner, width),
        "output.dense": (width, inner),
        "output.LayerNorm": (width,),
    }
    for number in range(layers):
        for part, shape in parts.items():
            shapes[f"encoder.layer.{number}.{part}.weight"] = shape
            shapes[f"encoder.layer.{number}.{part}.bias"] = shape[:1]
    return {name: rng.normal(size=shape).astype("<f4") for name, shape in shapes.items()}


def write_safetensors(path, arrays):
    save_file({name: np.ascontiguousarray(values) for name, values in arrays.items()}, path)
