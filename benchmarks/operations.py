"""Where the time of a parse goes, by kind of operation.

python -m benchmarks.operations

The wheel of the runtime has no profiler for Python. So the graph of a signature is cut: for each kind of operation a
file that holds all operations of that kind and nothing else, each fed with the values that it has in
a run of the whole graph, timed in the same runtime, in turns, less what running an empty graph
takes. What the kinds together take less or more than the whole graph is reported: kinds alone find
their inputs and weights in other places of the caches, and a delegate takes other groups of operations.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from absl import app, flags

from benchmarks.graph_parts import NOTHING, WHOLE, cut, record_values, runner
from benchmarks.records import ROOT, stamp, summary, time_in_turns, write_results
from pqrnn_tf.runtime.text import code_points_array

_MODEL = flags.DEFINE_string(
    "model",
    str(ROOT / "pretrained" / "mtop_en_2mb" / "model.tflite"),
    "The file to take apart; it must take code points.",
)
_SIGNATURE = flags.DEFINE_string("signature", "parse_8", "The signature to take apart.")
_TEXT = flags.DEFINE_string("text", "set an alarm for 7am tomorrow", "What it parses.")
_ROUNDS = flags.DEFINE_integer("rounds", 20, "Turns of each kind.")
RUNS = 50


def main(argv: Sequence[str]) -> None:
    """Runs the benchmark."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from ai_edge_litert.interpreter import Interpreter

    made = stamp()
    with open(_MODEL.value, "rb") as file:
        files, counts = cut(file.read(), _SIGNATURE.value)
    shape = Interpreter(model_content=files[WHOLE]).get_input_details()[0]["shape"]
    buffer = np.zeros(shape, np.int32)
    points = code_points_array(_TEXT.value)
    buffer[0, : len(points)] = points
    value_of = record_values(files[WHOLE], buffer)
    runners = {kind: runner(content, value_of) for kind, content in files.items()}
    seconds = time_in_turns(runners, range(RUNS), rounds=_ROUNDS.value, block=RUNS)
    times = {kind: summary(values)["median_us"] for kind, values in seconds.items()}
    nothing = times.pop(NOTHING)
    rows = [
        {"kind": kind, "operations": counts[kind], "us": round(time - nothing, 1)}
        for kind, time in sorted(times.items(), key=lambda item: -item[1])
        if kind != WHOLE
    ]
    write_results(
        "operations",
        {
            "model": _MODEL.value.rsplit("/", 2)[-2],
            "signature": _SIGNATURE.value,
            "text": _TEXT.value,
            "whole_us": round(times[WHOLE] - nothing, 1),
            "operations": counts[WHOLE],
            "empty_graph_us": nothing,
            "sum_of_kinds_us": round(sum(row["us"] for row in rows), 1),
            "kinds": rows,
        },
        made,
    )


if __name__ == "__main__":
    app.run(main)
