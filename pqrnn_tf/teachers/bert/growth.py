"""A BERT that grows: a checkpoint becomes that of a deeper or wider BERT, to pretrain or fine-tune further."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
from collections.abc import Mapping
from typing import Any

import numpy as np

from pqrnn_tf.extras import require
from pqrnn_tf.files import atomic_folder, write_json

_CONFIG, _WEIGHTS = "config.json", "model.safetensors"
_LAYER = re.compile(r"^(.*encoder\.layer\.)(\d+)(\..+)$")
_WIDE = ("hidden_size", "num_attention_heads", "intermediate_size")
_HEAD_NORM = "cls.predictions.transform.LayerNorm."
_OF_PIECES = ("cls.predictions.bias", "cls.predictions.decoder.bias")
_OF_CLASSES = ("cls.seq_relationship.", "classifier.")
"""Heads whose outputs are classes, not channels: they read more, and make as much."""


def grow_bert(
    checkpoint: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    layers: int | None = None,
    factor: int = 1,
    overwrite: bool = False,
) -> None:
    """Writes the checkpoint of a larger BERT that starts from the weights of a small one.

    CompoundGrow (Gu et al. 2021, arXiv 2010.12562). A wider BERT has the outputs of the small one, each channel
    `factor` times; a deeper one has not.

    Args:
        checkpoint: Folder with `config.json`, `model.safetensors` in one file, and a vocabulary.
        folder: Folder to make; it appears when it is complete. `convert_bert` reads it.
        layers: Transformer layers of the larger one; `None` for as many as there are.
        factor: How many times wider it is, heads and feed-forward layers included; the size of a head stays.
        overwrite: Whether to replace a folder already there.

    Raises:
        FileExistsError: if `folder` exists and `overwrite` is false.
        FileNotFoundError: if a file of the checkpoint is missing.
        ImportError: if the extra `teachers` is not installed.
        ValueError: if it would shrink.
    """
    source = pathlib.Path(checkpoint)
    for name in (_CONFIG, _WEIGHTS):
        if not (source / name).is_file():
            raise FileNotFoundError(
                f"`checkpoint` must be a folder with {_CONFIG!r} and {_WEIGHTS!r}. Received: {str(source)!r}, which "
                f"has no {name!r}."
            )
    files = require("safetensors.numpy")
    settings: dict[str, Any] = json.loads((source / _CONFIG).read_text(encoding="utf-8"))
    small = settings["num_hidden_layers"]
    weights = grown_bert_weights(
        files.load_file(source / _WEIGHTS), layers=small, deeper=layers or small, factor=factor
    )
    settings |= {name: factor * settings[name] for name in _WIDE}
    settings["num_hidden_layers"] = layers or small
    with atomic_folder(folder, overwrite=overwrite) as fresh:
        for path in source.iterdir():
            if path.is_file() and path.name not in (_CONFIG, _WEIGHTS):
                shutil.copy2(path, fresh / path.name)
        files.save_file(weights, fresh / _WEIGHTS)
        write_json(fresh / _CONFIG, settings)


def grown_bert_weights(
    weights: Mapping[str, np.ndarray], *, layers: int, deeper: int, factor: int
) -> dict[str, np.ndarray]:
    """The weights of a larger BERT, by name.

    - **Width.** What a matrix makes is tiled; what it reads is tiled and divided by `factor`. Embeddings, biases and
      layer norms are tiled. So each head, and each unit of a feed-forward layer, is there `factor` times. The head for
      masked words reads its states with the table of word embeddings, which cannot be divided; the layer norm before
      it is divided instead. A head of classes only reads more.
    - **Depth.** Layer i begins as layer i modulo `layers`.

    Args:
        weights: By the names that the `transformers` library gives them; matrices are `(outputs, inputs)`.
        layers: Transformer layers of the small BERT.
        deeper: Those of the larger one.
        factor: How many times wider it is.

    Raises:
        ValueError: if it would shrink.
    """
    if deeper < layers or factor < 1:
        raise ValueError(
            f"`layers` must be at least {layers}, and `factor` at least 1, in a BERT that grows. Received: {deeper} "
            f"and {factor}."
        )
    grown: dict[str, np.ndarray] = {}
    for name, values in weights.items():
        wide = _widened(name, values, factor)
        found = _LAYER.match(name)
        if found is None:
            grown[name] = wide
            continue
        for number in range(int(found[2]), deeper, layers):
            grown[f"{found[1]}{number}{found[3]}"] = wide
    return {name: np.ascontiguousarray(values) for name, values in grown.items()}


def _widened(name: str, values: np.ndarray, factor: int) -> np.ndarray:
    if factor == 1 or name.endswith(_OF_PIECES) or not np.issubdtype(values.dtype, np.floating):
        return values
    if name.startswith(_OF_CLASSES):
        return np.tile(values / values.dtype.type(factor), factor) if values.ndim == 2 else values
    if values.ndim == 2:
        if "embeddings" in name or name.endswith("decoder.weight"):
            return np.tile(values, (1, factor))
        return np.tile(values / values.dtype.type(factor), (factor, factor))
    tiled = np.tile(values, factor)
    return tiled / values.dtype.type(factor) if _HEAD_NORM in name else tiled
