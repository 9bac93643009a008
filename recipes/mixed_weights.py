"""Mixes the weights of models of one configuration, of which one was trained further from another.

A model that is trained further on text as people write it loses a part of what it knew of clean text. Between both
lie models that have most of either (Wortsman et al. 2022, *Robust fine-tuning of zero-shot models*, arXiv 2109.01903,
section 3). Kernels and biases are mixed as they stand in the files, with batch normalisation folded in.

    python -m recipes.mixed_weights --data snips --config recipes/students/snips.json --model runs/a/model.tflite \
      --model runs/b/model.tflite --output runs/mixed

writes `model.keras`, from which `pqrnn distill --start` trains further, and `training.json` with the configuration, so
that `recipes.publish --run` takes the folder.
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Sequence

import numpy as np

from pqrnn_tf.commands import config_flags
from pqrnn_tf.commands.arguments import Arguments, CommandParser, UsageError, at_least
from pqrnn_tf.commands.running import run_command
from recipes.recovered_weights import Product, model_of, read_products


def mix(models: Sequence[Sequence[Product]], weights: Sequence[float]) -> list[Product]:
    """The weighted mean of the matrix products of some models.

    Args:
        models: For each model its products, as `read_products` returns them.
        weights: One for each model; they need not add up to 1.

    Raises:
        ValueError: if there is not a weight for each model, their sum is not positive, or the models have products of
            different shapes.
    """
    if len(models) != len(weights) or sum(weights) <= 0:
        raise ValueError(
            "`weights` must be one number per model, with a positive sum. "
            f"Received: {list(weights)} for {len(models)} models."
        )
    shapes = [
        [(p.kernel.shape, None if p.bias is None else p.bias.shape) for p in products]
        for products in models
    ]
    if any(own != shapes[0] for own in shapes):
        raise ValueError(
            f"`models` must be of one configuration. Received products of the shapes {shapes}."
        )
    shares = np.asarray(weights, np.float32) / np.float32(sum(weights))

    def mean(arrays: Sequence[np.ndarray | None]) -> np.ndarray | None:
        known = [array for array in arrays if array is not None]
        return (
            sum(share * array for share, array in zip(shares, known, strict=True))
            if known
            else None
        )

    mixed = []
    for same in zip(*models, strict=True):
        kernel = mean([product.kernel for product in same])
        if kernel is not None:
            mixed.append(Product(kernel, mean([product.bias for product in same])))
    return mixed


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("model", "A .tflite with weights of 8 bits.", required=True, repeat=True)
    parser.flag(
        "weight", "Weight of each --model; all alike if not given.", type=float, repeat=True
    )
    parser.flag("data", "Training rows, to measure statistics on.", required=True, repeat=True)
    parser.flag("rows", "Rows to measure on.", type=at_least(1), default=2000)
    parser.flag("output", "Folder for model.keras.", required=True, metavar="FOLDER")
    config_flags.add_config(parser)


def run(arguments: Arguments) -> None:
    """Runs the command."""
    from pqrnn_tf.datasets import load_mixture
    from pqrnn_tf.files import write_json
    from pqrnn_tf.runtime.metadata import read_model

    weights = arguments.weight or [1.0] * len(arguments.model)
    if len(weights) != len(arguments.model):
        raise UsageError("--weight must be given once per --model, or not at all")
    files = [read_model(path) for path in arguments.model]
    rows = load_mixture(arguments.data).training
    step = max(1, len(rows) // arguments.rows)
    config = config_flags.read_configuration(arguments)
    model = model_of(
        mix([read_products(content) for content, _ in files], weights),
        config,
        files[-1][1].labels,
        [row.text for row in rows[::step]],
    )
    output = pathlib.Path(arguments.output)
    output.mkdir(parents=True, exist_ok=True)
    model.save(output / "model.keras")
    write_json(output / "training.json", {"config": config.to_dict()})


if __name__ == "__main__":
    sys.exit(run_command("python -m recipes.mixed_weights", __doc__, configure, run, sys.argv[1:]))
