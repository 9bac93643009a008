"""How long an export takes, and what the bytes of the file are.

python -m benchmarks.export
"""

from __future__ import annotations

import collections
import sys
import time
from typing import Any

import numpy as np

from benchmarks.records import ROOT, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser
from pqrnn_tf.commands.running import run_command
from pqrnn_tf.runtime.metadata import read_model
from pqrnn_tf.tasks.training import build_model
from tflite_export import convert

LARGEST = 24


def _parts(content: bytes) -> dict[str, Any]:
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(content, 0)
    names = {value: name for name, value in vars(schema.TensorType).items()}
    sizes: dict[int, int] = {
        index: len(buffer.data)
        for index, buffer in enumerate(model.buffers)
        if buffer.data is not None
    }
    described: dict[int, str] = {}
    for graph in model.subgraphs:
        for tensor in graph.tensors:
            shape = " × ".join(map(str, tensor.shape if tensor.shape is not None else []))
            described.setdefault(tensor.buffer, f"{names[tensor.type]} {shape or 'scalar'}")
    kinds: collections.Counter[str] = collections.Counter()
    tensors = []
    for index, size in sizes.items():
        text = described.get(index, "metadata")
        kinds[text.split()[0]] += size
        tensors.append((size, text))
    scales = {
        np.asarray(tensor.quantization.scale).tobytes()
        for graph in model.subgraphs
        for tensor in graph.tensors
        if tensor.quantization is not None and tensor.quantization.scale is not None
    }
    return {
        "constants_by_type": dict(kinds.most_common()),
        "scales": sum(map(len, scales)),
        "largest_constants": [
            {"bytes": size, "tensor": text}
            for size, text in sorted(tensors, reverse=True)[:LARGEST]
        ],
        "signatures": {
            signature.signatureKey.decode(): len(model.subgraphs[signature.subgraphIndex].operators)
            for signature in model.signatureDefs
        },
        "constants": sum(sizes.values()),
    }


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag(
        "model",
        "The file to take apart.",
        default=str(ROOT / "pretrained" / "mtop_en_2mb" / "model.tflite"),
        metavar="FILE",
    )


def run(arguments: Arguments) -> None:
    """Runs the benchmark."""
    from benchmarks.floor import CONFIG

    made = stamp()
    content, metadata = read_model(arguments.model)
    model = build_model(CONFIG, metadata.labels)
    seconds = {}
    sizes = {}
    variants: dict[str, dict[str, Any]] = {
        "int8_weights": {},
        "int8_weights, one signature": {"short_texts": ()},
        "floats": {"quantization": "none"},
    }
    for name, options in variants.items():
        begin = time.perf_counter()
        sizes[name] = len(convert(model, **options))
        seconds[name] = round(time.perf_counter() - begin, 1)
    parts = _parts(content)
    parts["structure_and_description"] = len(content) - parts["constants"] - parts["scales"]
    write_results(
        "export",
        {"seconds": seconds, "bytes": sizes, "file": {"bytes": len(content), **parts}},
        made,
    )


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.export", __doc__, configure, run, sys.argv[1:]))
