"""A signature of a .tflite file cut into files, one for each kind of operation."""

from __future__ import annotations

import collections
import copy
from collections.abc import Callable
from typing import Any

import flatbuffers
import numpy as np

from tflite_export.packing import pack

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
