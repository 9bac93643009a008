"""What cached answers of a teacher save: an epoch of distillation, and labelling by one worker and by two.

A student (of the default configuration unless `--student_config` names another) is distilled on MTOP English
with the live teacher and from cached shards, in turns, in the same process and on the same rows, on one core and on
two, with each of some batch sizes. The same text is labelled by one worker process and by two, each on one core. The
rate of a run is that of the middle half of its shards, when all workers are at work: loading the teacher takes the
same time however much text there is. The time with the start stands beside.

    python -m benchmarks.labelling --teacher runs/minilm/teacher --student_config recipes/students/distillation.json
    python -m benchmarks.render
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.records import CORPORA, stamp, write_results
from pqrnn_tf.commands.arguments import Arguments, CommandParser, at_least
from pqrnn_tf.commands.running import run_command

if TYPE_CHECKING:
    from pqrnn_tf.runtime.spec import ProjectionSpec
    from pqrnn_tf.tasks.config import TrainingConfig

NAME = "labelling"
WORKERS = (1, 2)
CORES = (1, 2)
"""Cores that epochs are measured on."""
MIN_SHARDS = 8
_ALLOWED = os.sched_getaffinity(0)


def _examples(count: int) -> list[Any]:
    from pqrnn_tf.datasets import load_split

    rows = load_split(CORPORA / "mtop_en", "train", language="en")
    if count > len(rows):
        raise ValueError(f"MTOP English has {len(rows)} training rows. Received: {count}.")
    return rows[:count]


def _use_cores(count: int) -> None:
    """Confines all threads of this process to the first cores that it may use, or to fewer."""
    cores = sorted(_ALLOWED)[:count]
    for thread in pathlib.Path("/proc/self/task").iterdir():
        os.sched_setaffinity(int(thread.name), cores)


def _measure_epochs(
    teacher: Any,
    store: Any,
    examples: Sequence[Any],
    config: TrainingConfig,
    *,
    measured: int,
) -> dict[str, Any]:
    """Seconds of `measured` epochs of distillation, live and cached in turns, after one that compiles."""
    from pqrnn_tf.distillation import Distiller, build_recipe
    from pqrnn_tf.tasks.optimizers import build_optimizer
    from pqrnn_tf.tasks.training import build_model
    from pqrnn_tf.tasks.training_data import ExampleData
    from pqrnn_tf.teachers import CachedTeacher

    _use_cores(len(_ALLOWED))
    stage = build_recipe("task_specific", layers=config.layers, latent=False)[0]
    config = stage.configured(config)
    systems = {
        "live": (teacher, ExampleData(examples, with_text=True)),
        "cached": (CachedTeacher(store.labels), store),
    }
    epochs = 1 + measured * len(CORES)
    steps = -(-len(examples) // config.batch_size)
    fits = {}
    parameters = 0
    for name, (answering, data) in systems.items():
        student = build_model(config, teacher.labels)
        parameters = student.count_params()
        distiller = Distiller(
            student,
            answering,
            temperature=stage.temperature,
            student_loss_weight=stage.student_loss_weight,
        )
        distiller.compile(
            optimizer=build_optimizer(config, steps * epochs),
            loss=student.losses_of(config.label_smoothing),
            loss_weights={"intent": 1.0, "slots": config.slot_weight},
            jit_compile=False,
        )
        batches = data.batches(
            teacher.labels, config.spec, batch_size=config.batch_size, seed=0, epoch=lambda: 0
        )
        fits[name] = (distiller, batches)
        distiller.fit(batches, verbose=0)
    runs = []
    for cores in CORES:
        _use_cores(cores)
        seconds: dict[str, list[float]] = {name: [] for name in systems}
        for _ in range(measured):
            for name, (distiller, batches) in fits.items():
                begin = time.perf_counter()
                distiller.fit(batches, verbose=0)
                seconds[name].append(round(time.perf_counter() - begin, 3))
        ratio = float(np.median(seconds["live"]) / np.median(seconds["cached"]))
        runs.append(
            {
                "batch_size": config.batch_size,
                "cores": cores,
                "seconds": seconds,
                "ratio": round(ratio, 2),
            }
        )
        print("epochs:", runs[-1], flush=True)
    return {"parameters": parameters, "runs": runs}


def _labelling(
    teacher: str,
    folder: pathlib.Path,
    examples: Sequence[Any],
    *,
    spec: ProjectionSpec,
    rows_per_shard: int,
    workers: int,
) -> dict[str, float]:
    """Seconds in all, and rows per second in the middle half of the shards."""
    from pqrnn_tf.teachers import label_text

    begin = time.perf_counter()
    store = label_text(
        examples,
        teacher,
        folder,
        spec=spec,
        rows_per_shard=rows_per_shard,
        workers=workers,
    )
    seconds = time.perf_counter() - begin
    finished = sorted(((folder / shard.file).stat().st_mtime, shard.rows) for shard in store.shards)
    if len(finished) < MIN_SHARDS:
        raise ValueError(
            f"There must be at least {MIN_SHARDS} shards to measure a rate. Received: "
            f"{len(finished)}. Lower --rows_per_shard."
        )
    quarter = len(finished) // 4
    counted = finished[quarter : len(finished) - quarter]
    rows = sum(rows for _, rows in counted[1:])
    return {
        "seconds": round(seconds, 2),
        "rows_per_second": round(rows / (counted[-1][0] - counted[0][0]), 2),
    }


def configure(parser: CommandParser) -> None:
    """Declares the flags."""
    parser.flag("teacher", "Folder of a fine-tuned teacher.", required=True, metavar="FOLDER")
    parser.flag("student_config", "JSON file with fields of TrainingConfig.", metavar="FILE")
    parser.section("epochs")
    parser.flag("rows", "Rows of an epoch of distillation.", type=at_least(64), default=4096)
    parser.flag("epochs", "Measured epochs of each system.", type=at_least(1), default=2)
    parser.flag(
        "batch_size",
        "Rows per step of distillation.",
        type=at_least(1),
        repeat=True,
        shown="64, 256 and 512",
    )
    parser.section("labelling")
    parser.flag("labelled_rows", "Rows that are labelled.", type=at_least(8), default=12288)
    parser.flag("rows_per_shard", "Rows of a shard.", type=at_least(1), default=256)
    parser.flag("rounds", "Runs of each number of workers.", type=at_least(1), default=1)


def run(arguments: Arguments) -> None:
    """Runs the command."""
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.teachers import label_text, load_teacher

    made = stamp()
    config = read_config(arguments.student_config, [])
    labelled = _examples(arguments.labelled_rows)
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        runs: dict[int, list[dict[str, float]]] = {workers: [] for workers in WORKERS}
        for number in range(arguments.rounds):
            for workers in WORKERS:
                measured = _labelling(
                    arguments.teacher,
                    root / f"{workers}-{number}",
                    labelled,
                    spec=config.spec,
                    rows_per_shard=arguments.rows_per_shard,
                    workers=workers,
                )
                runs[workers].append(measured)
                print(workers, "workers:", measured)
        examples = _examples(arguments.rows)
        store = label_text(examples, arguments.teacher, root / "task", spec=config.spec, workers=0)
        size = sum(shard.bytes for shard in store.shards)
        teacher = load_teacher(arguments.teacher)
        epochs = [
            _measure_epochs(
                teacher,
                store,
                examples,
                dataclasses.replace(config, batch_size=rows),
                measured=arguments.epochs,
            )
            for rows in arguments.batch_size or (64, 256, 512)
        ]
    best = {workers: max(one["rows_per_second"] for one in runs[workers]) for workers in WORKERS}
    write_results(
        NAME,
        {
            "epoch": {
                "rows": len(examples),
                "parameters": epochs[0]["parameters"],
                "runs": [one for measured in epochs for one in measured["runs"]],
                "bytes_per_row": round(size / len(examples), 1),
            },
            "labelling": {
                "rows": len(labelled),
                "rows_per_shard": arguments.rows_per_shard,
                "runs": {str(workers): runs[workers] for workers in WORKERS},
                "ratio": round(best[2] / best[1], 2),
                "ratio_with_start": round(
                    min(one["seconds"] for one in runs[1]) / min(one["seconds"] for one in runs[2]),
                    2,
                ),
            },
        },
        made,
    )


if __name__ == "__main__":
    sys.exit(run_command("python -m benchmarks.labelling", __doc__, configure, run, sys.argv[1:]))
