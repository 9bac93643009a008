"""Where the time of a parse goes, by kind of operation.

    python -m benchmarks.operations

The wheel of the runtime has no profiler for Python. So the graph of a signature is cut: for each kind of operation a
file that holds all operations of that kind and nothing else. Each is fed with the values that it has in a run of the
whole graph and timed in the same runtime, in turns, less what running an empty graph takes. What the kinds together
take less or more than the whole graph is reported: by itself a kind finds its inputs and weights in other places of the
caches, and a delegate takes other groups of operations.
"""

from __future__ import annotations

import collections
import copy
import sys
from collections.abc import Callable
from typing import Any

import flatbuffers
import numpy as np

from benchmarks.records import ROOT, stamp, summary, time_in_turns, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.runtime.text import code_points_array
from tflite_export.packing import pack

RUNS = 50
WHOLE, NOTHING = "whole graph", "nothing"


def _file(model: Any, signature: Any, graph: Any) -> bytes:
    """A model with one graph and no named inputs and outputs."""
    from ai_edge_litert import schema_py_generated as schema

    alone = copy.copy(model)
    entry = schema.SignatureDefT()
    entry.signatureKey, entry.inputs, entry.outputs = signature.signatureKey, [], []
    entry.subgraphIndex = 0
    alone.subgraphs, alone.signatureDefs, alone.metadata = [graph], [entry], []
    builder = flatbuffers.Builder(1 << 22)
    builder.Finish(alone.Pack(builder), file_identifier=b"TFL3")
    # Packed once more: the generated code does not align the contents of buffers.
    return pack(bytes(builder.Output()), order=[signature.signatureKey.decode()])


def cut(content: bytes, name: str) -> tuple[dict[str, bytes], dict[str, int]]:
    """Takes a signature apart.

    Args:
        content: A .tflite file.
        name: Name of the signature.

    Returns:
        A file for each kind of operation, for the whole graph and for an empty one, whose inputs keep
        the numbers of the graph's tensors as their names; and how many operations each has.

    Raises:
        ValueError: if the file has no such signature.
    """
    from ai_edge_litert import schema_py_generated as schema

    kinds = {value: kind for kind, value in vars(schema.BuiltinOperator).items()}
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    signatures = {entry.signatureKey.decode(): entry for entry in model.signatureDefs}
    if name not in signatures:
        raise ValueError(f"`name` must be one of {sorted(signatures)}. Received: {name!r}.")
    signature = signatures[name]
    graph = model.subgraphs[signature.subgraphIndex]
    for number, tensor in enumerate(graph.tensors):
        tensor.name = str(number).encode()
    constant = {
        number
        for number, tensor in enumerate(graph.tensors)
        if model.buffers[tensor.buffer].data is not None
    }
    by_kind: dict[str, list[Any]] = collections.defaultdict(list)
    for operator in graph.operators:
        by_kind[kinds[model.operatorCodes[operator.opcodeIndex].builtinCode]].append(operator)
    files = {WHOLE: _file(model, signature, graph)}
    for kind, operators in by_kind.items():
        made = {int(number) for operator in operators for number in operator.outputs}
        read = {int(number) for operator in operators for number in operator.inputs}
        part = copy.copy(graph)
        part.operators = operators
        part.inputs = sorted(read - made - constant - {-1})
        part.outputs = sorted(made)
        files[kind] = _file(model, signature, part)
    empty = copy.copy(graph)
    empty.operators, empty.outputs = [], graph.inputs
    files[NOTHING] = _file(model, signature, empty)
    counts = {kind: len(operators) for kind, operators in by_kind.items()}
    return files, {WHOLE: len(graph.operators), **counts, NOTHING: 0}


def record_values(content: bytes, buffer: np.ndarray) -> Callable[[str], np.ndarray]:
    """Runs a whole graph; returns what looks up the value of one of its tensors."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    # A delegate would keep the values between its own operations to itself.
    interpreter = Interpreter(
        model_content=content,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], buffer)
    interpreter.invoke()
    return lambda name: interpreter.get_tensor(int(name))


def runner(content: bytes, value_of: Callable[[str], np.ndarray]) -> Callable[[Any], None]:
    """What runs a part on recorded values, once they are set."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    for detail in interpreter.get_input_details():
        interpreter.set_tensor(detail["index"], value_of(detail["name"]))
    return lambda _: interpreter.invoke()


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag(
        "model",
        "The file to take apart; it must take code points.",
        default=str(ROOT / "pretrained" / "mtop_en_2mb" / "model.tflite"),
        metavar="FILE",
    )
    parser.flag("signature", "The signature to take apart.", default="parse_8")
    parser.flag("text", "What it parses.", default="set an alarm for 7am tomorrow")
    parser.flag("rounds", "Turns of each kind.", type=int, default=20)


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    from ai_edge_litert.interpreter import Interpreter

    made = stamp()
    with open(arguments.model, "rb") as file:
        files, counts = cut(file.read(), arguments.signature)
    shape = Interpreter(model_content=files[WHOLE]).get_input_details()[0]["shape"]
    buffer = np.zeros(shape, np.int32)
    points = code_points_array(arguments.text)
    buffer[0, : len(points)] = points
    value_of = record_values(files[WHOLE], buffer)
    runners = {kind: runner(content, value_of) for kind, content in files.items()}
    seconds = time_in_turns(runners, range(RUNS), rounds=arguments.rounds, block=RUNS)
    times = {kind: summary(values)["median_us"] for kind, values in seconds.items()}
    nothing = times.pop(NOTHING)
    rows: list[dict[str, Any]] = [
        {"kind": kind, "operations": counts[kind], "us": round(time - nothing, 1)}
        for kind, time in sorted(times.items(), key=lambda item: -item[1])
        if kind != WHOLE
    ]
    write_results(
        "operations",
        {
            "model": arguments.model.rsplit("/", 2)[-2],
            "signature": arguments.signature,
            "text": arguments.text,
            "whole_us": round(times[WHOLE] - nothing, 1),
            "operations": counts[WHOLE],
            "empty_graph_us": nothing,
            "sum_of_kinds_us": round(sum(row["us"] for row in rows), 1),
            "kinds": rows,
        },
        made,
    )


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.operations", __doc__, configure, run, sys.argv[1:]))
