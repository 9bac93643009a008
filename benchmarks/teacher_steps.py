"""Times steps of the fine-tuning of a BERT: what frozen layers, rows of embeddings and bfloat16 save.

    python -m benchmarks.teacher_steps --teacher runs/e5/bert

The encoder is one in TF-Hub's format, such as `pqrnn finetune` leaves in OUTPUT/bert. Each way of training runs in a
process of its own, with one thread and with two; processor time is that of all threads, so that other work on the
machine counts little. Results go to benchmarks/results/teacher_steps.json.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from typing import Any

from benchmarks.records import ROOT, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import run_command

NAME = "teacher_steps"
ROWS = 32
WAYS: dict[str, dict[str, Any]] = {
    "all": {},
    "rows of embeddings": {"embeddings": "rows"},
    "embeddings frozen": {"embeddings": "frozen"},
    "4 layers frozen": {"frozen_layers": 4},
    "6 layers frozen": {"frozen_layers": 6},
    "rows of embeddings, bfloat16": {"embeddings": "rows", "bfloat16": True},
    "6 layers frozen, bfloat16": {"frozen_layers": 6, "bfloat16": True},
}
INTENTS, TAGS = 113, 151
"""Sizes of the heads: those of MTOP in six languages."""


def measure(handle: str, way: str, *, threads: int, pieces: int, steps: int) -> dict[str, Any]:
    """Times steps in this process, which has not used TensorFlow yet.

    Args:
        handle: The encoder.
        way: One of `WAYS`.
        threads: Threads of TensorFlow.
        pieces: Pieces of each row, those before and behind the text included.
        steps: Timed steps; two more come first.

    Returns:
        `cpu_seconds` and `wall_seconds` of a step (median), `rows_per_cpu_second`, `pieces`.
    """
    import numpy as np
    import tensorflow as tf

    options = dict(WAYS[way])
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    if options.pop("bfloat16", False):
        tf.config.optimizer.set_experimental_options({"auto_mixed_precision_onednn_bfloat16": True})
    from pqrnn_tf.runtime.labels import LabelSet
    from pqrnn_tf.teachers import TFHubBertTeacher
    from pqrnn_tf.teachers.bert.finetune import compiled_model

    names = [f"{place}-S{number}" for number in range(TAGS // 2) for place in "BI"]
    labels = LabelSet(tuple(f"I{number}" for number in range(INTENTS)), ("O", *names))
    teacher = TFHubBertTeacher(handle, labels=labels, max_word_pieces=pieces)
    model = compiled_model(teacher, learning_rate=1e-4, steps=1000, **options)
    model.optimizer.build(model.trainable_variables)
    # One character is one piece in any vocabulary that knows it.
    text = " ".join("a" * (pieces - 2))
    spans = np.array([[(2 * n, 2 * n + 1) for n in range(pieces - 2)]] * ROWS, np.int32)
    inputs = {
        "text": tf.constant([text] * ROWS),
        "spans": tf.constant(spans),
        "lengths": tf.fill([ROWS], pieces - 2),
    }
    targets = {
        "intent": tf.zeros(ROWS, tf.int32),
        "slots": tf.zeros((ROWS, pieces - 2), tf.int32),
    }
    step = tf.function(lambda one, other: model.train_step((one, other)))
    cpu, wall = [], []
    for _ in range(steps + 2):
        before = time.process_time(), time.perf_counter()
        step(inputs, targets)
        cpu.append(time.process_time() - before[0])
        wall.append(time.perf_counter() - before[1])
    seconds = statistics.median(cpu[2:])
    return {
        "way": way,
        "threads": threads,
        "pieces": int(teacher.tokenizer(inputs["text"])[0]["input_word_ids"].shape[1]),
        "cpu_seconds": round(seconds, 4),
        "wall_seconds": round(statistics.median(wall[2:]), 4),
        "rows_per_cpu_second": round(ROWS / seconds, 1),
    }


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("teacher", "The encoder.", required=True, metavar="HANDLE")
    parser.flag("way", "A way of training.", choices=list(WAYS), repeat=True, shown="all")
    parser.flag("threads", "Threads.", type=at_least(1), repeat=True, shown="1 and 2")
    parser.flag("pieces", "Pieces of a row.", type=at_least(3), default=16)
    parser.flag("steps", "Timed steps.", type=at_least(1), default=8)
    parser.switch("here", "Measure in this process, and print the record.")


def run(arguments: Arguments) -> None:
    """Runs the command."""
    ways, threads = arguments.way or list(WAYS), arguments.threads or [1, 2]
    sizes = {"pieces": arguments.pieces, "steps": arguments.steps}
    if arguments.here:
        print(json.dumps(measure(arguments.teacher, ways[0], threads=threads[0], **sizes)))
        return
    before = stamp()
    rows = []
    for way in ways:
        for count in threads:
            line = ["--teacher", arguments.teacher, "--way", way, "--threads", str(count), "--here"]
            line += [word for name, size in sizes.items() for word in (f"--{name}", str(size))]
            command = [sys.executable, "-m", "benchmarks.teacher_steps", *line]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            rows.append(json.loads(done.stdout.splitlines()[-1]))
            print(rows[-1], flush=True)
            write_results(NAME, {"rows_of_a_step": ROWS, "measured": rows}, before)


if __name__ == "__main__":
    sys.exit(
        run_command("python -m benchmarks.teacher_steps", __doc__, configure, run, sys.argv[1:])
    )
