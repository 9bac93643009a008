"""Recovers the weights of a published .tflite, so that it can be trained further.

The trained floats of the first models were not kept. A .tflite has all of them but two things: kernels are
rounded to 8 bits, and batch normalisation is folded into kernel and bias. So each kernel is read back with its
scales, and the normalisation is set anew: its moving statistics are measured on texts, its scale and offset are
those that undo them. The recovered model computes what the file computes, and its batch statistics fit when it
is trained further.

    python -m recipes.recovered_weights --model snips --data snips
    python -m recipes.recovered_weights --model mtop_6_2mb --data mtop_flat:all --development mtop_parallel:all

writes `weights.npz` and `model.json` beside `pretrained/<model>/model.tflite`, once the weights in half precision,
exported again, parse the development rows as the file does.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.datasets import load_mixture
from pqrnn_tf.projection.op import project_strings
from pqrnn_tf.runtime import Parser, model_file
from pqrnn_tf.runtime.metadata import read_model
from pqrnn_tf.runtime.text import to_bytes
from pqrnn_tf.tasks.config import TrainingConfig, read_config
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.pipeline import token_spans
from pqrnn_tf.tasks.training import build_model
from tflite_export.converter import SIGNATURE, convert

MIN_COLUMNS = 16
"""Matrix products of the projection have fewer columns; those of the model have at least so many."""

MIN_EQUAL = 0.995
"""Share of the development rows that must be parsed as before; two runtimes' roundings differ in a few."""

BATCH = 64
"""Texts of a forward pass."""

SAME = 0.999
"""A kernel and its 8-bit copy correlate at least so much; two random kernels do not correlate."""


@dataclasses.dataclass(frozen=True)
class Product:
    """A matrix product of a .tflite.

    Attributes:
        kernel: Float32 `(inputs, outputs)`, as Keras has it.
        bias: Float32 `(outputs,)`; `None` where there is none.
    """

    kernel: np.ndarray
    bias: np.ndarray | None


def read_products(content: bytes) -> list[Product]:
    """The matrix products of a file's largest signature with their 8-bit kernels as floats, in order."""
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(content, 0)
    signature = next(s for s in model.signatureDefs if s.signatureKey == SIGNATURE.encode())
    graph = model.subgraphs[signature.subgraphIndex]

    def values(number: int) -> np.ndarray:
        tensor = graph.tensors[number]
        raw = np.asarray(model.buffers[tensor.buffer].data, np.uint8)
        if tensor.type == schema.TensorType.INT8:
            scale = np.asarray(tensor.quantization.scale, np.float32)
            return raw.view(np.int8).reshape(tensor.shape) * scale[:, None]
        return raw.view(np.float32).reshape(tensor.shape)

    products = []
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        if max(code.builtinCode, code.deprecatedBuiltinCode) != (
            schema.BuiltinOperator.FULLY_CONNECTED
        ):
            continue
        _, kernel, *rest = operator.inputs
        if graph.tensors[kernel].shape[1] < MIN_COLUMNS:
            continue
        bias = values(rest[0]) if rest and rest[0] >= 0 else None
        products.append(Product(values(kernel).T, bias))
    return products


def recover(
    path: str | pathlib.Path, config: TrainingConfig, texts: Sequence[str]
) -> IntentSlotModel:
    """A Keras model that computes what a published .tflite computes.

    Args:
        path: A file of `convert(..., quantization="int8_weights")`.
        config: The configuration that it was trained with.
        texts: Texts to measure the statistics of batch normalisation on, such as training rows.

    Raises:
        ValueError: if the file has other matrix products than a model of this configuration.
    """
    content, metadata = read_model(path)
    model = build_model(config, metadata.labels)
    # A model of random kernels, converted in the same way, says which product has which kernel.
    order = _kernel_order(model, read_products(convert(model, short_texts=())))
    products = read_products(content)
    if [product.kernel.shape for product in products] != [tuple(k.shape) for _, k in order]:
        raise ValueError(
            f"`path` must be a model of this configuration. Received: {str(path)!r} with kernels of "
            f"shapes {[p.kernel.shape for p in products]}, not {[tuple(k.shape) for _, k in order]}."
        )
    names = {id(layer): name for name, layer in model.encoder.layers_with_kernels().items()}
    biases = {}
    for (layer, kernel), product in zip(order, products, strict=True):
        kernel.assign(product.kernel)
        if product.bias is None:
            continue
        if getattr(layer, "normalization_layer", None) is None:
            layer.bias.assign(product.bias)
        else:
            biases[names[id(layer)]] = product.bias
    _set_normalization(model, biases, texts)
    return model


def _kernel_order(model: IntentSlotModel, products: Sequence[Product]) -> list[tuple[Any, Any]]:
    """The layer and the kernel of each product."""
    layers = [
        *model.encoder.layers_with_kernels().values(),
        *(layer for layer in model.layers if layer is not model.encoder),
    ]
    kernels = [
        (layer, weight)
        for layer in layers
        for weight in layer.trainable_weights
        if len(weight.shape) == 2
    ]
    order = []
    for product in products:
        found = [
            (layer, kernel)
            for layer, kernel in kernels
            if tuple(kernel.shape) == product.kernel.shape
            and np.corrcoef(np.ravel(kernel), np.ravel(product.kernel))[0, 1] > SAME
        ]
        if len(found) != 1:
            names = [kernel.path for _, kernel in found]
            raise ValueError(
                f"A product of shape {product.kernel.shape} must have one kernel. Received: {names}."
            )
        order += found
    return order


class _Moments:
    """Mean and variance of each channel of what passes."""

    def __init__(self) -> None:
        self._count = 0
        self._sum: Any = 0.0
        self._squares: Any = 0.0

    def __call__(self, values: Any) -> Any:
        """Takes values `(batch, time, channels)` in and returns them."""
        rows = np.asarray(values, np.float64).reshape(-1, values.shape[-1])
        self._count += len(rows)
        self._sum = self._sum + rows.sum(axis=0)
        self._squares = self._squares + (rows**2).sum(axis=0)
        return values

    @property
    def mean(self) -> np.ndarray:
        return self._sum / self._count

    @property
    def variance(self) -> np.ndarray:
        return self._squares / self._count - self.mean**2


def _set_normalization(
    model: IntentSlotModel, biases: Mapping[str, np.ndarray], texts: Sequence[str]
) -> None:
    """Measures the statistics of each normalised product, and undoes them by scale and offset.

    Args:
        model: The model, its kernels those of the file.
        biases: What the file adds to each product, by the name of its layer.
        texts: Texts to measure on; texts of one length go together, so that nothing is padding.
    """
    layers: dict[str, Any] = {
        name: layer
        for name, layer in model.encoder.layers_with_kernels().items()
        if layer.normalization_layer is not None
    }
    for name, layer in layers.items():
        norm = layer.normalization_layer
        ones = np.ones_like(biases[name])
        norm.set_weights([ones, biases[name], 0 * ones, ones - norm.epsilon])
    moments = {name: _Moments() for name in layers}
    bottleneck = next(name for name, layer in layers.items() if "gates" not in layer.places.actions)

    def watch_features(features: Any) -> Any:
        moments[bottleneck](features @ layers[bottleneck].kernel)
        return features

    for name, layer in layers.items():
        if name == bottleneck:
            layer.places.actions["inputs"] = watch_features
        else:
            layer.places.actions["gates"] = moments[name]
    by_length: dict[int, list[str]] = {}
    for text, spans in zip(texts, token_spans(texts, model.spec), strict=True):
        if spans:
            by_length.setdefault(len(spans), []).append(text)
    for group in by_length.values():
        for begin in range(0, len(group), BATCH):
            part = tf.constant([to_bytes(text) for text in group[begin : begin + BATCH]])
            features, lengths, *_ = project_strings(part, model.spec)
            model({"features": features, "lengths": lengths}, training=False)
    for name, layer in layers.items():
        layer.places.actions["inputs" if name == bottleneck else "gates"] = None
        # Gates were seen with the bias that the identity had added.
        mean = moments[name].mean - (0.0 if name == bottleneck else biases[name])
        norm, variance = layer.normalization_layer, moments[name].variance
        norm.set_weights([np.sqrt(variance + norm.epsilon), biases[name] + mean, mean, variance])


def equal_parses(
    model: IntentSlotModel, path: str | pathlib.Path, texts: Sequence[str]
) -> tuple[int, int]:
    """How many texts a model, exported again, parses as a file does, and how many texts there are."""
    with tempfile.TemporaryDirectory() as folder:
        again = pathlib.Path(folder) / "model.tflite"
        convert(model, path=again)
        ours, theirs = Parser(again), Parser(path)
        equal = sum(ours(text).tree == theirs(text).tree for text in texts)
    return equal, len(texts)


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("model", "Name of the published model.", required=True)
    parser.flag("data", "Training rows, to measure statistics on.", required=True, repeat=True)
    parser.flag("development", "Rows to compare on, if not those of --data.", repeat=True)
    parser.flag("rows", "Rows to measure on.", type=at_least(1), default=2000)


def run(arguments: Arguments) -> None:
    """Runs the command.

    Raises:
        ValueError: if fewer than `MIN_EQUAL` of the development rows are parsed as the file parses them.
    """
    path = model_file(arguments.model)
    mixture = load_mixture(arguments.data, development=arguments.development or ())
    step = max(1, len(mixture.training) // arguments.rows)
    config = read_config(path.with_name("config.json"), [])
    model = recover(path, config, [row.text for row in mixture.training[::step]])
    with tempfile.TemporaryDirectory() as folder:
        model.save_to_preset(folder, dtype="float16")
        half = IntentSlotModel.from_preset(folder)
    equal, rows = equal_parses(half, path, [row.text for row in mixture.development])
    if equal < MIN_EQUAL * rows:
        raise ValueError(
            f"`--model` must be parsed again as it was, but for {1 - MIN_EQUAL:.1%} of the rows. "
            f"Received: {equal} of {rows} development rows equal."
        )
    model.save_to_preset(path.parent, dtype="float16")
    print(json.dumps({"model": arguments.model, "rows": rows, "equal": equal}))


if __name__ == "__main__":
    sys.exit(
        run_command("python -m recipes.recovered_weights", __doc__, configure, run, sys.argv[1:])
    )
