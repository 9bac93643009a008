"""Packs a converted model: the same signatures in a smaller flatbuffer, everything equal stored once.

A flatbuffer may refer to one table from many places. The converter does not use that: it writes an
empty buffer and a name for each tensor between two operations, and a vector of zeros for the zero
points of each symmetric kernel. Here every table and vector is written once, and names are kept only
where a model is entered and left. A second signature over the same weights then costs little more
than the list of its operations.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

_IDENTIFIER = b"TFL3"
_ALIGNMENT = 16  # of the contents of buffers, as the schema asks
_PLACEHOLDER_MAX = 127  # the old one-byte field of an operator code


class _Writer:
    """A flatbuffer builder that writes equal parts once."""

    def __init__(self) -> None:
        self.builder = flatbuffers.Builder(1 << 21)
        self._written: dict[Hashable, int] = {}

    def once(self, key: Hashable, write: Callable[[], int]) -> int:
        if key not in self._written:
            self._written[key] = write()
        return self._written[key]

    def string(self, text: bytes) -> int:
        return self.once(("string", text), lambda: self.builder.CreateString(text))

    def numbers(self, values: Any, dtype: type) -> int:
        array: np.ndarray = np.asarray(values, dtype)
        key = ("numbers", array.dtype.str, array.tobytes())
        return self.once(key, lambda: self.builder.CreateNumpyVector(array))

    def blob(self, data: bytes) -> int:
        def write() -> int:
            self.builder.StartVector(1, len(data), _ALIGNMENT)
            self.builder.head -= len(data)
            self.builder.Bytes[self.builder.head : self.builder.head + len(data)] = data
            return self.builder.EndVector()

        return self.once(("blob", data), write)

    def offsets(self, offsets: list[int]) -> int:
        def write() -> int:
            self.builder.StartVector(4, len(offsets), 4)
            for offset in reversed(offsets):
                self.builder.PrependUOffsetTRelative(offset)
            return self.builder.EndVector()

        return self.once(("offsets", tuple(offsets)), write)


def _quantization(writer: _Writer, quantization: Any) -> int | None:
    """The table of a quantised tensor; nothing for the empty ones that the converter writes."""
    if quantization is None or quantization.scale is None or not len(quantization.scale):
        return None
    scale = writer.numbers(quantization.scale, np.float32)
    zero_point = writer.numbers(quantization.zeroPoint, np.int64)
    axis = quantization.quantizedDimension

    def write() -> int:
        builder = writer.builder
        schema.QuantizationParametersStart(builder)
        schema.QuantizationParametersAddScale(builder, scale)
        schema.QuantizationParametersAddZeroPoint(builder, zero_point)
        schema.QuantizationParametersAddQuantizedDimension(builder, axis)
        return schema.QuantizationParametersEnd(builder)

    return writer.once(("quantization", scale, zero_point, axis), write)


def _tensor(writer: _Writer, tensor: Any, buffer: int, *, named: bool) -> int:
    shape = writer.numbers([] if tensor.shape is None else tensor.shape, np.int32)
    name = writer.string(tensor.name) if named else None
    quantization = _quantization(writer, tensor.quantization)

    def write() -> int:
        builder = writer.builder
        schema.TensorStart(builder)
        schema.TensorAddShape(builder, shape)
        schema.TensorAddBuffer(builder, buffer)
        if name is not None:
            schema.TensorAddName(builder, name)
        if quantization is not None:
            schema.TensorAddQuantization(builder, quantization)
        schema.TensorAddType(builder, tensor.type)
        schema.TensorAddHasRank(builder, True)
        return schema.TensorEnd(builder)

    return writer.once(("tensor", shape, buffer, name, quantization, tensor.type), write)


def _operator(writer: _Writer, operator: Any, code: int) -> int:
    inputs = writer.numbers(operator.inputs, np.int32)
    outputs = writer.numbers(operator.outputs, np.int32)
    options = operator.builtinOptions
    options_offset = None
    if options is not None:
        fields = tuple(
            (name, value.tobytes() if isinstance(value, np.ndarray) else value)
            for name, value in vars(options).items()
        )
        options_offset = writer.once(
            (type(options).__name__, fields), lambda: options.Pack(writer.builder)
        )
    custom = None
    if operator.customOptions is not None and len(operator.customOptions):
        custom = writer.blob(np.asarray(operator.customOptions, np.uint8).tobytes())

    def write() -> int:
        builder = writer.builder
        schema.OperatorStart(builder)
        schema.OperatorAddInputs(builder, inputs)
        schema.OperatorAddOutputs(builder, outputs)
        if options_offset is not None:
            schema.OperatorAddBuiltinOptions(builder, options_offset)
        if custom is not None:
            schema.OperatorAddCustomOptions(builder, custom)
        schema.OperatorAddOpcodeIndex(builder, code)
        if options_offset is not None:
            schema.OperatorAddBuiltinOptionsType(builder, operator.builtinOptionsType)
        return schema.OperatorEnd(builder)

    key = ("operator", inputs, outputs, options_offset, operator.builtinOptionsType, custom, code)
    return writer.once(key, write)


class _Tables:
    """The tables that all signatures share: buffers by content, kinds of operations by meaning."""

    def __init__(self, writer: _Writer) -> None:
        self.writer = writer
        self.buffers: dict[bytes, int] = {b"": 0}  # the format reserves number 0 for "no content"
        self.codes: dict[tuple[int, bytes, int], int] = {}

    def buffer(self, model: Any, index: int) -> int:
        data = model.buffers[index].data
        content = b"" if data is None else np.asarray(data, np.uint8).tobytes()
        return self.buffers.setdefault(content, len(self.buffers))

    def code(self, model: Any, index: int) -> int:
        code = model.operatorCodes[index]
        number = max(code.builtinCode, code.deprecatedBuiltinCode)
        key = (number, code.customCode or b"", code.version)
        return self.codes.setdefault(key, len(self.codes))

    def write_buffers(self) -> int:
        builder = self.writer.builder
        offsets = []
        for content in self.buffers:
            data = self.writer.blob(content) if content else None
            schema.BufferStart(builder)
            if data is not None:
                schema.BufferAddData(builder, data)
            offsets.append(schema.BufferEnd(builder))
        return self.writer.offsets(offsets)

    def write_codes(self) -> int:
        builder = self.writer.builder
        offsets = []
        for code, custom, version in self.codes:
            name = self.writer.string(custom) if custom else None
            schema.OperatorCodeStart(builder)
            schema.OperatorCodeAddDeprecatedBuiltinCode(builder, min(code, _PLACEHOLDER_MAX))
            if name is not None:
                schema.OperatorCodeAddCustomCode(builder, name)
            schema.OperatorCodeAddVersion(builder, version)
            schema.OperatorCodeAddBuiltinCode(builder, code)
            offsets.append(schema.OperatorCodeEnd(builder))
        return self.writer.offsets(offsets)


def _subgraph(writer: _Writer, tables: _Tables, model: Any, graph: Any, name: bytes) -> int:
    ends = {int(i) for i in (*graph.inputs, *graph.outputs)}
    tensors = writer.offsets(
        [
            _tensor(writer, tensor, tables.buffer(model, tensor.buffer), named=i in ends)
            for i, tensor in enumerate(graph.tensors)
        ]
    )
    operators = writer.offsets(
        [
            _operator(writer, operator, tables.code(model, operator.opcodeIndex))
            for operator in graph.operators
        ]
    )
    inputs = writer.numbers(graph.inputs, np.int32)
    outputs = writer.numbers(graph.outputs, np.int32)
    name_offset = writer.string(name)
    builder = writer.builder
    schema.SubGraphStart(builder)
    schema.SubGraphAddTensors(builder, tensors)
    schema.SubGraphAddInputs(builder, inputs)
    schema.SubGraphAddOutputs(builder, outputs)
    schema.SubGraphAddOperators(builder, operators)
    schema.SubGraphAddName(builder, name_offset)
    return schema.SubGraphEnd(builder)


def _signature(writer: _Writer, signature: Any, subgraph: int) -> int:
    builder = writer.builder
    ends = []
    for maps in (signature.inputs, signature.outputs):
        offsets = []
        for entry in maps:
            text = writer.string(entry.name)
            schema.TensorMapStart(builder)
            schema.TensorMapAddName(builder, text)
            schema.TensorMapAddTensorIndex(builder, entry.tensorIndex)
            offsets.append(schema.TensorMapEnd(builder))
        ends.append(writer.offsets(offsets))
    key = writer.string(signature.signatureKey)
    schema.SignatureDefStart(builder)
    schema.SignatureDefAddInputs(builder, ends[0])
    schema.SignatureDefAddOutputs(builder, ends[1])
    schema.SignatureDefAddSignatureKey(builder, key)
    schema.SignatureDefAddSubgraphIndex(builder, subgraph)
    return schema.SignatureDefEnd(builder)


def _metadata(writer: _Writer, tables: _Tables, model: Any) -> list[int]:
    builder = writer.builder
    offsets = []
    for entry in model.metadata or []:
        name = writer.string(entry.name)
        buffer = tables.buffer(model, entry.buffer)
        schema.MetadataStart(builder)
        schema.MetadataAddName(builder, name)
        schema.MetadataAddBuffer(builder, buffer)
        offsets.append(schema.MetadataEnd(builder))
    return offsets


def pack(model: bytes, *, order: Sequence[str], custom_ops: Sequence[str] = ()) -> bytes:
    """Writes a model again, smaller.

    Args:
        model: A converted model: a subgraph for each signature, no operations but the built-in ones
            and `custom_ops`.
        order: Names of all signatures. The subgraph of the first one becomes the model's first,
            which is what a caller gets who does not name a signature.
        custom_ops: Names of the operations of others that the model may use.

    Returns:
        The flatbuffer. Equal inputs give equal bytes.

    Raises:
        ValueError: if `order` does not name the model's signatures, or the model is not as described.
    """
    parsed = schema.ModelT.InitFromPackedBuf(model, 0)
    by_name = {
        signature.signatureKey.decode(): signature for signature in parsed.signatureDefs or []
    }
    if sorted(order) != sorted(by_name):
        raise ValueError(
            f"`order` must name all signatures, each once: {sorted(by_name)}. "
            f"Received: {list(order)}."
        )
    signatures = [by_name[name] for name in order]
    graphs = {signature.subgraphIndex for signature in signatures}
    if graphs != set(range(len(parsed.subgraphs))) or len(graphs) != len(signatures):
        raise ValueError(
            "`model` must have one subgraph for each signature. Received: "
            f"{len(parsed.subgraphs)} subgraphs for {list(order)}."
        )
    custom = {code.customCode.decode() for code in parsed.operatorCodes if code.customCode}
    if unknown := sorted(custom - set(custom_ops)):
        raise ValueError(
            f"`model` must use no operations but the built-in ones and {list(custom_ops)}. "
            f"Received: {unknown}."
        )

    writer = _Writer()
    tables = _Tables(writer)
    subgraphs = writer.offsets(
        [
            _subgraph(
                writer,
                tables,
                parsed,
                parsed.subgraphs[signature.subgraphIndex],
                signature.signatureKey,
            )
            for signature in signatures
        ]
    )
    signature_defs = writer.offsets(
        [_signature(writer, signature, index) for index, signature in enumerate(signatures)]
    )
    metadata = writer.offsets(_metadata(writer, tables, parsed))
    description = writer.string(parsed.description or b"")
    codes = tables.write_codes()
    buffers = tables.write_buffers()
    builder = writer.builder
    schema.ModelStart(builder)
    schema.ModelAddVersion(builder, parsed.version)
    schema.ModelAddOperatorCodes(builder, codes)
    schema.ModelAddSubgraphs(builder, subgraphs)
    schema.ModelAddDescription(builder, description)
    schema.ModelAddBuffers(builder, buffers)
    schema.ModelAddMetadata(builder, metadata)
    schema.ModelAddSignatureDefs(builder, signature_defs)
    builder.Finish(schema.ModelEnd(builder), file_identifier=_IDENTIFIER)
    return bytes(builder.Output())
