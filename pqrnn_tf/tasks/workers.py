"""Work in parts that do not need each other: in this process, in several, or on a cluster as an Apache Beam pipeline.

What a part makes is written whole or not at all, so that a killed run, started again, does only what is missing.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import pathlib
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from pqrnn_tf.extras import require

_LOG = logging.getLogger(__name__)

_DASK = "apache_beam.runners.dask.dask_runner.DaskRunner"
"""A runner that Beam has but does not know by its short name."""
_DASK_SIZES = ("--dask_partition_size", "--dask_npartitions")
"""Options of how the work is dealt out; without them one worker would get up to 128 parts."""


_WATCH_SECONDS = 1.0
"""Between looks at whether all worker processes live."""


class Worker(Protocol):
    """Does parts of the work; it is copied to other processes before `setup`."""

    def setup(self) -> None:
        """Loads what all parts need."""

    def process(self, work: Any) -> Any:
        """Does one part and writes what it makes; what it returns is not looked at."""


def hold_to_one_thread() -> None:
    """Holds TensorFlow to one thread, in a process that is one of as many as there are cores.

    Raises:
        RuntimeError: if TensorFlow has begun to compute.
    """
    import tensorflow as tf  # other work needs none

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def run_works(
    works: Sequence[Any],
    worker: Worker,
    *,
    workers: int,
    runner: str | None = None,
    pipeline_args: Sequence[str] = (),
) -> None:
    """Has a worker do all parts.

    Args:
        works: The parts, which can be pickled.
        worker: Does them; it can be pickled.
        workers: Processes of Beam's local runner; 0 for this one, without Beam.
        runner: Name of another Beam runner, such as `"FlinkRunner"` or `"DaskRunner"`; `workers` is not used then.
        pipeline_args: Options of the runner, as on its command line.

    Raises:
        ImportError: if Beam is needed and not installed.
        RuntimeError: if a process of the local runner is killed.
        Exception: what the worker raises; of another process, Beam's error with its text.
    """
    if runner is None and not workers:
        worker.setup()
        for work in works:
            worker.process(work)
        return
    beam = require("apache_beam")
    options = require("apache_beam.options.pipeline_options").PipelineOptions
    if runner is not None:
        chosen, arguments = runner, list(pipeline_args)
        if runner == "DaskRunner":
            chosen = _DASK
        if chosen == _DASK and not any(text.startswith(_DASK_SIZES) for text in arguments):
            arguments.append(f"{_DASK_SIZES[0]}=1")
    else:
        # The runner itself, not Beam's "DirectRunner", which may fetch another one from the network.
        local = require("apache_beam.runners.portability.fn_api_runner")
        chosen = local.FnApiRunner()
        arguments = [
            "--direct_running_mode=multi_processing",
            f"--direct_num_workers={workers}",
            *pipeline_args,
        ]

    class Work(beam.DoFn):  # type: ignore[misc, name-defined]
        """The worker as Beam wants it; `place` is where its processes sign in."""

        def __init__(self, place: str | None) -> None:
            self._place = place

        def setup(self) -> None:
            if self._place is not None:
                sign_in(self._place)
            worker.setup()

        def process(self, work: Any) -> Iterator[Any]:
            yield worker.process(work)

    def run(place: str | None = None) -> None:
        pipeline = beam.Pipeline(runner=chosen, options=options(arguments))
        _ = (
            pipeline
            | "Parts" >> beam.Create(list(works), reshuffle=False)
            # Every part under a key of its own, so that they are dealt out to the workers evenly.
            | "Deal" >> beam.Reshuffle()
            | "Work" >> beam.ParDo(Work(place))
        )
        result = pipeline.run()
        try:
            result.wait_until_finish()
        finally:
            if chosen == _DASK:
                result.client.close()  # Beam leaves it open

    if runner is not None:
        run()
        return
    with tempfile.TemporaryDirectory(prefix="pqrnn_tf-workers-") as place:
        run_watched(lambda: run(place), pathlib.Path(place))


def sign_in(place: str) -> None:
    """Leaves the number of this process in a folder, until the process ends in order."""
    file = pathlib.Path(place) / str(os.getpid())
    file.touch()
    atexit.register(file.unlink, missing_ok=True)


def run_watched(run: Callable[[], None], place: pathlib.Path) -> None:
    """Runs something that waits for processes, and ends where one of them was killed: Beam would wait for ever.

    Args:
        run: What waits for them.
        place: The folder in which they signed in.

    Raises:
        RuntimeError: if one was killed; the others are ended.
        Exception: what `run` raises.
    """
    failed: list[BaseException] = []

    def call() -> None:
        try:
            run()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_WATCH_SECONDS)
        signed_in = [int(file.name) for file in place.iterdir()]
        alive = [number for number in signed_in if _is_alive(number)]
        if thread.is_alive() and len(alive) < len(signed_in):
            for number in alive:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGTERM)
            raise RuntimeError(
                "Every worker process must live until its parts are done. Received: one that was killed, as the system "
                "does where memory runs out. What is finished is kept: start again, with fewer `workers`."
            )
    if failed:
        raise failed[0]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@contextlib.contextmanager
def finished_works(
    folder: pathlib.Path, records: Sequence[pathlib.Path], what: str
) -> Iterator[None]:
    """Logs a line for every part that is finished meanwhile, whoever finishes it.

    Args:
        folder: What the line names.
        records: Files, each of which is there when its part is finished.
        what: What the parts are called.
    """
    over = threading.Event()

    def count() -> int:
        return sum(record.is_file() for record in records)

    before = count()

    def watch() -> None:
        seen, begin = before, time.monotonic()
        while True:
            last = over.wait(1)
            done = count()
            if done > seen:
                seconds = time.monotonic() - begin
                _LOG.info("%s: %d of %d %s, %.0f s", folder, done, len(records), what, seconds)
                seen = done
            if last:
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
