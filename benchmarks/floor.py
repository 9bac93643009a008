"""How far a parse is from the floor: the same multiply-accumulates as one chain of matrix products.

    python -m benchmarks.floor

For each number of tokens that a signature has room for: the time of the whole graph, of its front end
(code points to features), of its encoder and heads, and of a chain of dynamic-range int8
FULLY_CONNECTED with exactly as many multiply-accumulates, all in ai-edge-litert with one thread.
The model has random weights, which do not change its speed.
"""

from __future__ import annotations

import collections
import dataclasses
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.records import stamp, summary, time_in_turns, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.projection.graph import project_code_points
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.text import code_points_array
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.intent_slots import IntentSlotModel
from pqrnn_tf.tasks.training import build_model
from tflite_export.converter import CODE_POINTS_PER_TOKEN, SHORT_TEXTS

CONFIG = TrainingConfig(
    units=120, bottleneck_units=240, layers=4, kernel_width=2, spec=ProjectionSpec(max_tokens=48)
)
INTENTS, SLOTS = 117, 78
TEXT = "set an alarm for 7am tomorrow"
RUNS = 50


def _labels() -> LabelSet:
    slots = [f"S{i}" for i in range(SLOTS)]
    tags = ("O", *(f"{kind}-{slot}" for slot in slots for kind in "BI"))
    return LabelSet(tuple(f"I{i}" for i in range(INTENTS)), tags)


def _convert(function: Any, variables: Sequence[tf.Variable]) -> bytes:
    module = tf.Module()
    module.weights, module.function = list(variables), function
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures={"parse": function})
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=["parse"])
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        return converter.convert()


def _chain(model: IntentSlotModel, tokens: int) -> tuple[bytes, int]:
    """A chain of products with as many elements in its matrices as the model's kernels have.

    Kernels are reshaped so that the output of one is the input of the next; the two products of the
    pooled state, one row each, are left out.
    """
    encoder = model.encoder
    width = encoder.width
    kernels = [encoder.bottleneck.kernel]
    for layer in encoder.qrnn_layers:
        kernels += [layer.forward.kernel, layer.backward.kernel]
    matrices: list[tf.Variable] = []
    inner = 0
    for kernel in kernels:
        size = int(np.prod(kernel.shape))
        shape = (inner or size // width, width) if inner or not matrices else (width, size // width)
        matrices.append(tf.Variable(np.reshape(np.asarray(kernel), shape)))
        inner = 0 if shape[1] == width else shape[1]
    slot_head: Any = model.slot_head
    matrices.append(slot_head.kernel.value)

    @tf.function(input_signature=[tf.TensorSpec((tokens, matrices[0].shape[0]), tf.float32)])
    def chain(features: tf.Tensor) -> tf.Tensor:
        x = features
        for matrix in matrices:
            x = tf.matmul(x, matrix)
        return x

    count = tokens * sum(int(np.prod(matrix.shape)) for matrix in matrices)
    return _convert(chain, matrices), count


def _graphs(model: IntentSlotModel, tokens: int) -> dict[str, bytes]:
    points = min(CODE_POINTS_PER_TOKEN * tokens, model.spec.max_code_points)
    spec = dataclasses.replace(model.spec, max_tokens=tokens, max_code_points=points)
    signature = [tf.TensorSpec((1, points + 1), tf.int32)]

    @tf.function(input_signature=signature)
    def front(code_points: tf.Tensor) -> dict[str, tf.Tensor]:
        return project_code_points(code_points, spec, dtype=tf.float32)

    @tf.function(input_signature=[tf.TensorSpec((1, tokens, spec.features), tf.float32)])
    def encoder(features: tf.Tensor) -> dict[str, tf.Tensor]:
        return model({"features": features, "lengths": tf.constant([min(7, tokens)])})

    @tf.function(input_signature=signature)
    def whole(code_points: tf.Tensor) -> dict[str, tf.Tensor]:
        projected = project_code_points(code_points, spec, dtype=tf.float32)
        return model({"features": projected["features"], "lengths": projected["lengths"]})

    variables = [variable.value for variable in model.variables]
    return {
        "whole": _convert(whole, variables),
        "front": _convert(front, []),
        "encoder": _convert(encoder, variables),
    }


def _runner(content: bytes) -> tuple[Callable[[Any], None], dict[str, int]]:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    detail = interpreter.get_input_details()[0]
    if detail["dtype"] == np.int32:
        value = np.zeros(detail["shape"], np.int32)
        points = code_points_array(TEXT)[: value.shape[1]]
        value[0, : len(points)] = points
    else:
        value = np.random.default_rng(0).integers(-1, 2, detail["shape"]).astype(np.float32)
    interpreter.set_tensor(detail["index"], value)
    return lambda _: interpreter.invoke(), _operations(content)


def _operations(content: bytes) -> dict[str, int]:
    from ai_edge_litert import schema_py_generated as schema

    names = {value: name for name, value in vars(schema.BuiltinOperator).items()}
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    codes = model.operatorCodes
    return dict(
        collections.Counter(
            names[codes[operator.opcodeIndex].builtinCode]
            for operator in model.subgraphs[0].operators
        ).most_common()
    )


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag(
        "tokens",
        "Tokens that the graphs have room for, with commas between them.",
        default=",".join(map(str, (*SHORT_TEXTS, 48))),
        metavar="NUMBERS",
    )
    parser.flag("rounds", "Turns of each graph.", type=int, default=8)


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    made = stamp()
    model = build_model(CONFIG, _labels())
    rows = []
    for tokens in map(int, arguments.tokens.split(",")):
        chain, count = _chain(model, tokens)
        runners, operations = {}, {}
        for name, content in {**_graphs(model, tokens), "floor": chain}.items():
            runners[name], operations[name] = _runner(content)
        seconds = time_in_turns(runners, range(RUNS), rounds=arguments.rounds, block=RUNS)
        times = {name: summary(values) for name, values in seconds.items()}
        floor = times["floor"]["median_us"]
        rows.append(
            {
                "tokens": tokens,
                "multiply_accumulates": count,
                "times": times,
                "operations": operations,
                "whole_over_floor": round(times["whole"]["median_us"] / floor, 2),
                "encoder_over_floor": round(times["encoder"]["median_us"] / floor, 2),
            }
        )
    write_results("floor", {"parameters": model.count_params(), "rows": rows}, made)


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.floor", __doc__, configure, run, sys.argv[1:]))
