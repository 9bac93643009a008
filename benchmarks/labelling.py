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
import tempfile
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from absl import app, flags

from benchmarks.records import CORPORA, stamp, write_results
from benchmarks.tables.distillation import LABELLING

_TEACHER = flags.DEFINE_string("teacher", None, "Folder of a fine-tuned teacher.", required=True)
_ROWS = flags.DEFINE_integer("rows", 4096, "Rows of an epoch of distillation.", lower_bound=64)
_EPOCHS = flags.DEFINE_integer("epochs", 2, "Measured epochs of each system.", lower_bound=1)
_LABELLED = flags.DEFINE_integer("labelled_rows", 12288, "Rows that are labelled.", lower_bound=8)
_PER_SHARD = flags.DEFINE_integer("rows_per_shard", 256, "Rows of a shard.", lower_bound=1)
_ROUNDS = flags.DEFINE_integer("rounds", 1, "Runs of each number of workers.", lower_bound=1)
_STUDENT = flags.DEFINE_string("student_config", None, "JSON file with fields of TrainingConfig.")
_BATCHES = flags.DEFINE_multi_integer(
    "batch_size", [64, 256, 512], "Rows a step of distillation; may be repeated.", lower_bound=1
)

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
    teacher: Any, store: Any, examples: Sequence[Any], batch_size: int
) -> dict[str, Any]:
    """Seconds of epochs of distillation, live and cached in turns, after one that compiles."""
    from pqrnn_tf.distillation import Distiller, build_recipe
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.tasks.optimizers import build_optimizer
    from pqrnn_tf.tasks.training import build_model
    from pqrnn_tf.tasks.training_data import ExampleData
    from pqrnn_tf.teachers import CachedTeacher

    _use_cores(len(_ALLOWED))
    config = read_config(_STUDENT.value, [])
    stage = build_recipe("task_specific", layers=config.layers, latent=False)[0]
    config = dataclasses.replace(stage.configured(config), batch_size=batch_size)
    systems = {
        "live": (teacher, ExampleData(examples, with_text=True)),
        "cached": (CachedTeacher(store.labels), store),
    }
    epochs = 1 + _EPOCHS.value * len(CORES)
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
        for _ in range(_EPOCHS.value):
            for name, (distiller, batches) in fits.items():
                begin = time.perf_counter()
                distiller.fit(batches, verbose=0)
                seconds[name].append(round(time.perf_counter() - begin, 3))
        ratio = float(np.median(seconds["live"]) / np.median(seconds["cached"]))
        runs.append(
            {
                "batch_size": batch_size,
                "cores": cores,
                "seconds": seconds,
                "ratio": round(ratio, 2),
            }
        )
        print("epochs:", runs[-1], flush=True)
    return {"parameters": parameters, "runs": runs}


def _labelling(folder: pathlib.Path, examples: Sequence[Any], workers: int) -> dict[str, float]:
    """Seconds in all, and rows a second in the middle half of the shards."""
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.teachers import label_text

    begin = time.perf_counter()
    store = label_text(
        examples,
        _TEACHER.value,
        folder,
        spec=read_config(_STUDENT.value, []).spec,
        rows_per_shard=_PER_SHARD.value,
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


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    from pqrnn_tf.tasks.config import read_config
    from pqrnn_tf.teachers import label_text, load_teacher

    made = stamp()
    labelled = _examples(_LABELLED.value)
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        runs: dict[int, list[dict[str, float]]] = {workers: [] for workers in WORKERS}
        for number in range(_ROUNDS.value):
            for workers in WORKERS:
                run = _labelling(root / f"{workers}-{number}", labelled, workers)
                runs[workers].append(run)
                print(workers, "workers:", run)
        examples = _examples(_ROWS.value)
        spec = read_config(_STUDENT.value, []).spec
        store = label_text(examples, _TEACHER.value, root / "task", spec=spec, workers=0)
        size = sum(shard.bytes for shard in store.shards)
        teacher = load_teacher(_TEACHER.value)
        epochs = [_measure_epochs(teacher, store, examples, rows) for rows in _BATCHES.value]
    best = {workers: max(run["rows_per_second"] for run in runs[workers]) for workers in WORKERS}
    write_results(
        LABELLING,
        {
            "epoch": {
                "rows": len(examples),
                "parameters": epochs[0]["parameters"],
                "runs": [run for measured in epochs for run in measured["runs"]],
                "bytes_per_row": round(size / len(examples), 1),
            },
            "labelling": {
                "rows": len(labelled),
                "rows_per_shard": _PER_SHARD.value,
                "runs": {str(workers): runs[workers] for workers in WORKERS},
                "ratio": round(best[2] / best[1], 2),
                "ratio_with_start": round(
                    min(run["seconds"] for run in runs[1]) / min(run["seconds"] for run in runs[2]),
                    2,
                ),
            },
        },
        made,
    )


if __name__ == "__main__":
    app.run(main)
