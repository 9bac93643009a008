"""Models of one custom op, written by hand: what a converter would write, and what none would."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import flatbuffers
import implementations
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.tflite_op import OP_NAME

STRINGS, INT8, INT32, BOOL, FLOAT = 5, 9, 2, 6, 0  # numbers of the schema
OUTPUT_TYPES = (INT8, INT32, INT32, BOOL)


def attributes(spec: ProjectionSpec) -> dict[str, Any]:
    """The attributes of the TensorFlow op for a specification."""
    return {**spec.to_dict(), "pad_to_max_tokens": True}


def options(values: dict[str, Any]) -> bytes:
    """A FlexBuffers map of whole numbers, truth values, strings and lists of whole numbers."""
    builder = flexbuffers.Builder()
    with builder.Map():
        for name, value in values.items():
            if isinstance(value, bool):
                builder.Bool(name, value)
            elif isinstance(value, int):
                builder.Int(name, value)
            elif isinstance(value, float):
                builder.Float(name, value)
            elif isinstance(value, str):
                builder.String(name, value)
            elif value:  # as TensorFlow's converter, which leaves empty lists out
                with builder.TypedVector(name):
                    for element in value:
                        builder.Int(element)
    return bytes(builder.Finish())


def model(
    custom_options: bytes,
    *,
    input_type: int = STRINGS,
    input_shape: Sequence[int] = (1,),
    output_types: Sequence[int] = OUTPUT_TYPES,
    constant: bytes | None = None,
) -> bytes:
    """A .tflite of one op, with one signature.

    Args:
        custom_options: Options of the op.
        input_type: Type of the only input.
        input_shape: Its shape.
        output_types: Types of the outputs; their shapes are the op's business.
        constant: Bytes of the input where it is a constant of the model.
    """

    def tensor(name: str, kind: int, shape: Sequence[int], buffer: int = 0) -> schema.TensorT:
        made = schema.TensorT()
        made.name, made.type, made.shape, made.buffer = name, kind, list(shape), buffer
        return made

    def named(name: str, index: int) -> schema.TensorMapT:
        entry = schema.TensorMapT()
        entry.name, entry.tensorIndex = name, index
        return entry

    outputs = list(range(1, len(output_types) + 1))
    empty, content = schema.BufferT(), schema.BufferT()
    content.data = None if constant is None else list(constant)
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode, code.version = OP_NAME, 1
    operator = schema.OperatorT()
    operator.inputs, operator.outputs = [0], outputs
    operator.customOptions = list(custom_options)
    graph = schema.SubGraphT()
    graph.tensors = [
        tensor("texts", input_type, input_shape, 0 if constant is None else 1),
        *(tensor(f"output_{i}", kind, ()) for i, kind in zip(outputs, output_types, strict=True)),
    ]
    graph.inputs, graph.outputs = ([0] if constant is None else []), outputs
    graph.operators = [operator]
    signature = schema.SignatureDefT()
    signature.signatureKey, signature.subgraphIndex = "project", 0
    signature.inputs = [named("texts", 0)] if constant is None else []
    signature.outputs = [
        named(name, i) for name, i in zip(implementations.NAMES, outputs, strict=False)
    ]
    whole = schema.ModelT()
    whole.version, whole.operatorCodes, whole.subgraphs = 3, [code], [graph]
    whole.buffers, whole.signatureDefs = [empty, content], [signature]
    builder = flatbuffers.Builder()
    builder.Finish(whole.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def run(
    interpreter_class: Callable[..., Any],
    registerer: Callable[[int], None],
    texts: Sequence[bytes],
    spec: ProjectionSpec,
) -> implementations.Outputs:
    """Projects texts by the op in a runtime, one text a run."""
    interpreter = interpreter_class(
        custom_op_registerers=[registerer], model_content=model(options(attributes(spec)))
    )
    runner = interpreter.get_signature_runner("project")
    rows = [runner(texts=np.array([text], object)) for text in texts]
    outputs = [np.concatenate([row[name] for row in rows]) for name in implementations.NAMES]
    return tuple(outputs)  # type: ignore[return-value]
